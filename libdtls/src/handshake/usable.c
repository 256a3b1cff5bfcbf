/* SPDX-License-Identifier: MIT
 *
 * What the version that was agreed on makes of suites and hashes.
 */
#include "handshake/connection.h"

bool dtls_protocol_takes(const dtls_protocol *protocol, const dtls_cipher_suite *suite) {
    return protocol->mac == 0 ||
           (suite->protection->encrypt_then_mac != NULL && suite->protection->cbc.hash == protocol->mac);
}

/* libcrypto's constant-time HMAC takes the 13 bytes of RFC 5246 section 6.2.3.1 and no others, so a MAC
 * inside the ciphertext and connection IDs do not go together. */
bool dtls_suite_usable(const struct dtls_connection *connection, const dtls_cipher_suite *suite) {
    const bool inner = suite->protection->inner_len > 0 && !connection->handshake->encrypt_then_mac;
    return dtls_protocol_takes(connection->protocol, suite) && !(inner && connection->ids_agreed);
}

dtls_hash dtls_connection_hash(const struct dtls_connection *connection) {
    return connection->protocol->hash != 0 ? connection->protocol->hash : connection->handshake->suite->hash;
}
