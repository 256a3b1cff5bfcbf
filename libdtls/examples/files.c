/* SPDX-License-Identifier: MIT
 *
 * Whole files.
 */
#include "files.h"
#include "both_sides.h"

#include <stdio.h>
#include <stdlib.h>

#define LONGEST 65536

struct example_file example_file_read(const char *name) {
    struct example_file read = {.bytes = malloc(LONGEST)};
    FILE *file = fopen(name, "rb");
    example_expect(file != NULL && read.bytes != NULL, name);
    read.len = fread(read.bytes, 1, LONGEST, file);
    fclose(file);
    return read;
}

void example_file_free(struct example_file *file) {
    dtls_libcrypto.wipe(file->bytes, file->len);
    free(file->bytes);
    *file = (struct example_file){.bytes = NULL};
}
