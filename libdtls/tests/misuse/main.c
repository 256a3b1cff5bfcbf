/* SPDX-License-Identifier: MIT
 *
 * The rows of wrong use, and the test that no public function is without one.
 */
#include "misuse/misuse.h"

#include "connection/pair.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_FUNCTIONS 256

static const char *noted[MAX_FUNCTIONS];
static size_t num_noted;

static bool is_noted(const char *function) {
    for (size_t i = 0; i < num_noted; i++) {
        if (strcmp(noted[i], function) == 0)
            return true;
    }
    return false;
}

void misuse_note(const char *function) {
    if (is_noted(function))
        return;
    assert_true(num_noted < MAX_FUNCTIONS);
    noted[num_noted++] = function;
}

void misuse_cannot(const char *function, const char *why) {
    assert_true(strlen(why) > 0);
    misuse_note(function);
}

static char *read_text(const char *folder, const char *name) {
    char path[1024];
    assert_true((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) < sizeof path);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = calloc(1, 1u << 17);
    assert_non_null(text);
    assert_true(fread(text, 1, (1u << 17) - 1, file) < (1u << 17) - 1);
    fclose(file);
    return text;
}

/* Comments and preprocessor lines become blanks. */
static void blank(char *text, char *end) {
    for (; text < end && *text != '\0'; text++) {
        if (*text != '\n')
            *text = ' ';
    }
}

static void strip(char *text) {
    for (char *at = strstr(text, "/*"); at != NULL; at = strstr(at, "/*"))
        blank(at, strstr(at, "*/") + 2);
    for (char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        while (*line == '#') {
            char *end = strchr(line, '\n');
            const bool goes_on = end != NULL && end[-1] == '\\';
            blank(line, end);
            line = goes_on ? end + 1 : line;
            if (goes_on)
                *line = '#';
        }
    }
}

/* Every `dtls_name(` that is left declares a function. Returns how many have no row. */
static unsigned check_header(const char *folder, const char *header) {
    char *text = read_text(folder, header);
    unsigned missing = 0;
    strip(text);
    for (char *at = strstr(text, "dtls_"); at != NULL; at = strstr(at, "dtls_")) {
        char *end = at;
        while (isalnum((unsigned char)*end) || *end == '_')
            end++;
        const bool begins = at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '_');
        const bool declares = begins && *end == '(';
        *end = declares ? '\0' : *end;
        if (declares && !is_noted(at)) {
            print_message("%s: no wrong use of %s is tested; tests/misuse/ wants a row\n", header, at);
            missing++;
        }
        at = declares ? end + 1 : end;
    }
    free(text);
    return missing;
}

static bool is_header(const char *name) {
    const size_t len = strlen(name);
    return len > 2 && strcmp(name + len - 2, ".h") == 0;
}

#ifdef DTLS_TEST_POSIX
static bool is_optional(const char *name) {
    (void)name;
    return false;
}
#else
static bool is_optional(const char *name) {
    return strcmp(name, "posix.h") == 0 || strcmp(name, "uv.h") == 0;
}
#endif

void every_function_has_a_row(void **state) {
    (void)state;
    DIR *folder = opendir(DTLS_TEST_HEADERS);
    assert_non_null(folder);
    unsigned missing = 0;
    unsigned num_headers = 0;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (!is_header(entry->d_name) || is_optional(entry->d_name))
            continue;
        missing += check_header(DTLS_TEST_HEADERS, entry->d_name);
        num_headers++;
    }
    closedir(folder);
    assert_true(num_headers > 10);
    assert_int_equal(missing, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(misuse_of_objects),
        cmocka_unit_test(misuse_of_configurations),
        cmocka_unit_test(misuse_of_libcrypto),
        cmocka_unit_test(misuse_of_opening),
        cmocka_unit_test(misuse_before_the_start),
        cmocka_unit_test(misuse_during_the_handshake),
        cmocka_unit_test(misuse_of_a_connection),
        cmocka_unit_test(misuse_of_a_dead_connection),
        cmocka_unit_test(misuse_of_a_wiped_connection),
        cmocka_unit_test(misuse_of_sessions),
        cmocka_unit_test(misuse_of_cookies),
        cmocka_unit_test(misuse_of_servers),
#ifdef DTLS_TEST_POSIX
        cmocka_unit_test(misuse_of_sockets),
        cmocka_unit_test(misuse_of_loops),
#endif
        cmocka_unit_test(every_function_has_a_row),
    };
    return cmocka_run_group_tests(tests, credentials_make, credentials_free);
}
