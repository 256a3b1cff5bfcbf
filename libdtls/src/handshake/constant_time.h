/* SPDX-License-Identifier: MIT
 *
 * Comparison whose duration tells nothing about the bytes.
 */
#ifndef DTLS_HANDSHAKE_CONSTANT_TIME_H
#define DTLS_HANDSHAKE_CONSTANT_TIME_H

#include "dtls/types.h"

bool dtls_ct_equal(const uint8_t *a, const uint8_t *b, size_t len);

#endif
