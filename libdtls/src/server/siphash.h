/* SPDX-License-Identifier: MIT
 *
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash for tables that
 * strangers put things into, so that nobody can choose what collides.
 */
#ifndef DTLS_SERVER_SIPHASH_H
#define DTLS_SERVER_SIPHASH_H

#include "dtls/types.h"

uint64_t dtls_siphash(const uint8_t key[16], const uint8_t *data, size_t len);

#endif
