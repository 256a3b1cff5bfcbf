/* SPDX-License-Identifier: MIT
 *
 * What a fuzz target is: libFuzzer's entry point, and the checks that end the
 * program where libFuzzer sees it.
 */
#ifndef DTLS_FUZZ_FUZZ_H
#define DTLS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Inputs that were what they are said to be. A target whose inputs have a format that may change counts them,
 * so that a replay tells when its corpus is worth nothing any more. */
extern unsigned fuzz_taken;

/* Ends the program unless `good`, in every build type, and says which promise was broken. */
#define fuzz_check(good) ((good) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #good))

static inline _Noreturn void fuzz_fail(const char *file, int line, const char *promise) {
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, promise);
    abort();
}

#endif
