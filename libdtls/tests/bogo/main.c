/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bogo/shim.h"

static bool has_flag(int argc, char **argv, const char *flag) {
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], flag) == 0)
            return true;
    }
    return false;
}

/* Leaves a sign beside the transcript instead of running the test. */
static void list_test(int argc, char **argv) {
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], "-write-settings") != 0)
            continue;
        char name[4096];
        snprintf(name, sizeof name, "%slisted", argv[i + 1]);
        FILE *file = fopen(name, "w");
        if (file != NULL)
            fclose(file);
    }
}

int main(int argc, char **argv) {
    static shim_options initial;
    static shim_options resume;
    if (has_flag(argc, argv, "-list-not-applicable")) {
        shim_print_reasons();
        return 0;
    }
    if (has_flag(argc, argv, "-is-handshaker-supported")) {
        puts("No");
        return 0;
    }
    if (has_flag(argc, argv, "-list-test")) {
        list_test(argc, argv);
        return SHIM_NOT_APPLICABLE;
    }
    shim_read_flags(argc, argv, &initial, &resume);
    for (int i = 0; i <= initial.resume_count; i++)
        shim_run(i == 0 ? &initial : &resume, i > 0);
    return 0;
}
