/* SPDX-License-Identifier: MIT
 *
 * The pre-shared key exchange (RFC 4279).
 */
#ifndef DTLS_HANDSHAKE_PSK_H
#define DTLS_HANDSHAKE_PSK_H

#include "handshake/connection.h"

extern const struct dtls_key_exchange dtls_key_exchange_psk;

/* Client: keeps the hint for the application. It is for those that know what to do with it; one longer than
 * any identity is passed over. */
void dtls_psk_take_hint(struct dtls_handshake *handshake, dtls_span hint);

/* The application has answered: ends the premaster secret, of which `premaster` has written other_secret,
 * with the key. */
dtls_error dtls_psk_take_key(struct dtls_connection *connection, struct dtls_writer *premaster,
                             dtls_span identity, dtls_span key);

#endif
