/* SPDX-License-Identifier: MIT
 *
 * Runs a fuzz target over files, for builds without libFuzzer: each argument
 * is a file.
 */
#include <stdio.h>

#include "fuzz.h"

#pragma weak fuzz_taken

static int replay(const char *name) {
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        perror(name);
        return 1;
    }
    static uint8_t bytes[1 << 20];
    size_t len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    /* In a block of its own size, so that a sanitizer sees every byte too far. */
    uint8_t *exact = malloc(len == 0 ? 1 : len);
    if (exact == NULL)
        return 1;
    for (size_t i = 0; i < len; i++)
        exact[i] = bytes[i];
    LLVMFuzzerTestOneInput(exact, len);
    free(exact);
    return 0;
}

int main(int argc, char **argv) {
    int failed = argc < 2;
    for (int i = 1; i < argc; i++)
        failed |= replay(argv[i]);
    if (&fuzz_taken != NULL && argc > 1 && fuzz_taken == 0) {
        fputs("no input is taken: make the corpus anew (seeds.c)\n", stderr);
        failed = 1;
    }
    printf("%d files\n", argc - 1);
    return failed;
}
