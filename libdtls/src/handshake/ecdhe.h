/* SPDX-License-Identifier: MIT
 *
 * Ephemeral key agreement on elliptic curves, signed with a certificate's key
 * (RFC 8422).
 */
#ifndef DTLS_HANDSHAKE_ECDHE_H
#define DTLS_HANDSHAKE_ECDHE_H

#include "handshake/connection.h"

extern const struct dtls_key_exchange dtls_key_exchange_ecdhe;

extern const dtls_extension dtls_extension_supported_groups;
extern const dtls_extension dtls_extension_ec_point_formats;
extern const dtls_extension dtls_extension_signature_algorithms;

#endif
