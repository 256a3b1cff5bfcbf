/* SPDX-License-Identifier: MIT
 *
 * RSA key transport (RFC 5246 section 7.4.7.1).
 */
#ifndef DTLS_HANDSHAKE_RSA_H
#define DTLS_HANDSHAKE_RSA_H

#include "handshake/connection.h"

extern const struct dtls_key_exchange dtls_key_exchange_rsa;

#endif
