/* SPDX-License-Identifier: MIT
 *
 * A client that makes many connections: what is the same for all of them is
 * done once, docs/how-to/fast-handshakes.md.
 *
 *     libdtls-fast-handshakes CHAIN KEY ANCHORS NAME
 */
#include "both_sides.h"
#include "files.h"

#include <stdlib.h>
#include <time.h>

#define NUM_CONNECTIONS 100

static const dtls_protocol *const client_protocols[] = {&dtls_client_1_2, NULL};
static const dtls_protocol *const server_protocols[] = {&dtls_server_1_2, NULL};
static const dtls_cipher_suite *const suites[] = {&dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256, NULL};

/* For the whole program; threads may share it. */
static dtls_libcrypto_provider provider;
static dtls_libcrypto_known_chain known_chains[16];

/* A server, as elsewhere. */
static void serve(const dtls_config *config, struct example_side *client) {
    struct example_side server = {.path = 2};
    example_open(&server, config, NULL);
    example_expect(example_connect(client, &server), "the handshake finishes");
    example_expect(example_send(client, &server, "hello"), "text goes over");
    example_close(&server);
}

static void connect_many(const dtls_checked_config *checked, const dtls_config *server_config) {
    struct example_side client = {.path = 1};
    client.session_memory = malloc(checked->session_size);
    client.handshake_memory = malloc(checked->handshake_size);
    example_expect(client.session_memory != NULL && client.handshake_memory != NULL, "memory");
    for (int i = 0; i < NUM_CONNECTIONS; i++) {
        example_expect(dtls_connection_open_checked(checked, client.session_memory, checked->session_size,
                                                    client.handshake_memory, checked->handshake_size,
                                                    &client.connection) == DTLS_OK,
                       "a connection is made");
        serve(server_config, &client);
        dtls_connection_wipe(client.connection);
    }
    free(client.session_memory);
    free(client.handshake_memory);
}

int main(int argc, char **argv) {
    example_expect(argc == 5, "arguments CHAIN KEY ANCHORS NAME");
    example_time.calendar_s = (int64_t)time(NULL); /* without it, no chain is remembered */
    example_expect(dtls_libcrypto_open(&provider) == DTLS_OK, "libcrypto works");
    example_expect(dtls_libcrypto_remember_chains(&provider, known_chains, 16, 600) == DTLS_OK,
                   "chains are remembered for ten minutes");
    struct example_file chain_pem = example_file_read(argv[1]);
    struct example_file key_pem = example_file_read(argv[2]);
    struct example_file anchors_pem = example_file_read(argv[3]);

    static uint8_t der[8192];
    static dtls_span chain[DTLS_MAX_CHAIN];
    dtls_credential credential = {.chain = chain, .chain_len = DTLS_MAX_CHAIN};
    dtls_private_key *private_key = NULL;
    dtls_trust_anchors *anchors = NULL;
    example_expect(
        dtls_libcrypto_chain_read(chain_pem.bytes, chain_pem.len, der, sizeof der, chain,
                                  &credential.chain_len) == DTLS_OK &&
            dtls_libcrypto_private_key_read(key_pem.bytes, key_pem.len, &private_key, &credential.key_type) ==
                DTLS_OK &&
            dtls_libcrypto_trust_anchors_read(anchors_pem.bytes, anchors_pem.len, &anchors) == DTLS_OK,
        "a chain, its key and an anchor");
    credential.private_key = private_key;
    dtls_config config = {
        .crypto = &provider.crypto,
        .cipher_suites = suites,
        .groups = dtls_default_groups,
        .signature_schemes = dtls_default_signature_schemes,
        .extensions = dtls_default_extensions,
    };
    dtls_config server_config = config;
    server_config.protocols = server_protocols;
    server_config.credentials = &credential;
    server_config.num_credentials = 1;

    config.protocols = client_protocols;
    config.trust_anchors = anchors;
    config.peer_name = argv[4];
    dtls_checked_config checked;
    dtls_config_problem problem = {.field = NULL};
    example_expect(dtls_checked_config_make(&config, &checked, &problem) == DTLS_OK, problem.field);
    connect_many(&checked, &server_config);

    dtls_libcrypto_close(&provider);
    dtls_libcrypto_private_key_free(private_key);
    dtls_libcrypto_trust_anchors_free(anchors);
    example_file_free(&key_pem);
    example_file_free(&chain_pem);
    example_file_free(&anchors_pem);
    return 0;
}
