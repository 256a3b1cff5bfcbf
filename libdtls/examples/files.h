/* SPDX-License-Identifier: MIT
 *
 * Whole files, for the examples that read certificates and keys.
 */
#ifndef DTLS_EXAMPLES_FILES_H
#define DTLS_EXAMPLES_FILES_H

#include <stddef.h>
#include <stdint.h>

struct example_file {
    uint8_t *bytes;
    size_t len;
};

/* Reads a file, or ends the program with its name. */
struct example_file example_file_read(const char *name);

/* Wipes and frees what was read. */
void example_file_free(struct example_file *file);

#endif
