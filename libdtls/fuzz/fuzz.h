/* SPDX-License-Identifier: MIT
 *
 * What a fuzz target is: libFuzzer's entry point, and the checks that end the
 * program where libFuzzer sees it.
 */
#ifndef DTLS_FUZZ_FUZZ_H
#define DTLS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Ends the program unless `good`, in every build type. */
static inline void fuzz_check(int good) {
    if (!good)
        abort();
}

#endif
