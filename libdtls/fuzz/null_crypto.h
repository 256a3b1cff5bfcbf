/* SPDX-License-Identifier: MIT
 *
 * A provider without cryptography, for fuzzing only: everything that ought to
 * verify can be made by anybody, so that a fuzzer gets past it. It is a
 * function of its inputs and of a counter.
 */
#ifndef DTLS_FUZZ_NULL_CRYPTO_H
#define DTLS_FUZZ_NULL_CRYPTO_H

#include "dtls/crypto.h"

extern const dtls_crypto null_crypto;

/* Starts the counter behind `random` anew. */
void null_crypto_reset(void);

#endif
