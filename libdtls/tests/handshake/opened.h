/* SPDX-License-Identifier: MIT
 *
 * A connection that was opened and has met nobody, to call its parts one by one.
 */
#ifndef DTLS_TESTS_HANDSHAKE_OPENED_H
#define DTLS_TESTS_HANDSHAKE_OPENED_H

#include "support/check.h"

#include "dtls/libcrypto.h"
#include "handshake/connection.h"

struct opened {
    dtls_config config;
    const dtls_protocol *protocols[2];
    dtls_connection *connection;
    struct dtls_handshake *handshake;
    _Alignas(16) uint8_t session_memory[DTLS_SESSION_SIZE];
    _Alignas(16) uint8_t handshake_memory[DTLS_HANDSHAKE_SIZE(4000, 0)];
};

static inline void open_connection(struct opened *opened, const dtls_protocol *protocol) {
    opened->protocols[0] = protocol;
    opened->protocols[1] = NULL;
    opened->config = (dtls_config){
        .crypto = &dtls_libcrypto,
        .protocols = opened->protocols,
        .cipher_suites = dtls_default_cipher_suites,
        .groups = dtls_default_groups,
        .signature_schemes = dtls_default_signature_schemes,
        .extensions = dtls_default_extensions,
        .verification = DTLS_VERIFY_NOTHING,
        .peer_name = "host.test",
        .key_log = true,
    };
    assert_int_equal(dtls_connection_open(&opened->config, opened->session_memory,
                                          sizeof opened->session_memory, opened->handshake_memory,
                                          sizeof opened->handshake_memory, &opened->connection),
                     DTLS_OK);
    opened->handshake = opened->connection->handshake;
}

#endif
