/* SPDX-License-Identifier: MIT
 *
 * The pre-shared key exchange (RFC 4279).
 */
#ifndef DTLS_HANDSHAKE_PSK_H
#define DTLS_HANDSHAKE_PSK_H

#include "handshake/connection.h"

extern const struct dtls_key_exchange dtls_key_exchange_psk;

#endif
