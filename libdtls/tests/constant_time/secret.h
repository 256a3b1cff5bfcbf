/* SPDX-License-Identifier: MIT
 *
 * Secrets, as valgrind's memcheck understands them: memory that must not decide
 * a branch or an address. It reports every such use, by which a secret could be
 * told from the time that something takes.
 */
#ifndef DTLS_TESTS_CONSTANT_TIME_SECRET_H
#define DTLS_TESTS_CONSTANT_TIME_SECRET_H

#include <string.h>
#include <valgrind/memcheck.h>

#include "dtls/crypto.h"

static inline void make_secret(const void *data, size_t len) {
    VALGRIND_MAKE_MEM_UNDEFINED(data, len);
}

static inline void make_public(const void *data, size_t len) {
    VALGRIND_MAKE_MEM_DEFINED(data, len);
}

/* dtls_libcrypto behind a border: what goes in becomes public there, so that libcrypto is not judged, and
 * what comes out becomes secret if it is. Only the library's own code is left to be looked at. */
extern const dtls_crypto bordered_crypto;

#endif
