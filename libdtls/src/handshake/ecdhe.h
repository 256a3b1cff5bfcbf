/* SPDX-License-Identifier: MIT
 *
 * Ephemeral key agreement on elliptic curves, signed with a certificate's key
 * (RFC 8422) or together with a pre-shared key (RFC 5489).
 */
#ifndef DTLS_HANDSHAKE_ECDHE_H
#define DTLS_HANDSHAKE_ECDHE_H

#include "handshake/connection.h"

extern const struct dtls_key_exchange dtls_key_exchange_ecdhe;
extern const struct dtls_key_exchange dtls_key_exchange_ecdhe_psk;

/* What is common to those signed with certificates and those with PSKs. */

/* Server: the group for this client. DTLS_ERROR_NO_SHARED_GROUP. */
dtls_error dtls_ecdhe_choose_group(struct dtls_connection *connection);

/* Makes our key in the chosen group, and its public value. */
dtls_error dtls_ecdhe_start(struct dtls_connection *connection);

/* ServerECDHParams. */
struct dtls_ecdhe_params {
    bool other_form; /* the curve is not a named one: what follows has another form */
    unsigned named_curve;
    dtls_span public_value;
    dtls_span bytes; /* all of it */
};

void dtls_ecdhe_params_write(const struct dtls_handshake *handshake, struct dtls_writer *writer);
void dtls_ecdhe_params_read(struct dtls_reader *reader, struct dtls_ecdhe_params *out);

/* Client: takes the server's choice of a group. `whole`: the message around the parameters was read. */
dtls_error dtls_ecdhe_params_check(struct dtls_connection *connection, const struct dtls_ecdhe_params *params,
                                   bool whole);

/* Agrees with the peer's public value. `out_secret` has DTLS_MAX_SHARED_SECRET bytes; `field` is the public
 * value's name. */
dtls_error dtls_ecdhe_agree(struct dtls_connection *connection, dtls_span public_value, const char *field,
                            uint8_t *out_secret, size_t *out_len);

extern const dtls_extension dtls_extension_supported_groups;
extern const dtls_extension dtls_extension_ec_point_formats;
extern const dtls_extension dtls_extension_signature_algorithms;

#endif
