/* SPDX-License-Identifier: MIT
 *
 * Clients that show certificates: docs/how-to/client-authentication.md.
 *
 *     libdtls-client-authentication SERVER.pem SERVER.key CLIENT.pem CLIENT.key ANCHORS
 */
#include "both_sides.h"
#include "files.h"

#include <string.h>
#include <time.h>

static const dtls_protocol *const client_protocols[] = {&dtls_client_1_2, NULL};
static const dtls_protocol *const server_protocols[] = {&dtls_server_1_2, NULL};
static const dtls_cipher_suite *const suites[] = {&dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256,
                                                  &dtls_suite_ecdhe_rsa_aes_128_gcm_sha256, NULL};

/* A certificate with its key, from two files. */
struct identity {
    dtls_credential credential;
    uint8_t der[8192];
    dtls_span chain[DTLS_MAX_CHAIN];
    dtls_private_key *private_key;
};

static void identity_read(struct identity *identity, const char *chain_name, const char *key_name) {
    struct example_file chain = example_file_read(chain_name);
    struct example_file key = example_file_read(key_name);
    dtls_credential *credential = &identity->credential;
    credential->chain_len = DTLS_MAX_CHAIN;
    example_expect(dtls_libcrypto_chain_read(chain.bytes, chain.len, identity->der, sizeof identity->der,
                                             identity->chain, &credential->chain_len) == DTLS_OK &&
                       dtls_libcrypto_private_key_read(key.bytes, key.len, &identity->private_key,
                                                       &credential->key_type) == DTLS_OK,
                   chain_name);
    credential->chain = identity->chain;
    credential->private_key = identity->private_key;
    example_file_free(&chain);
    example_file_free(&key);
}

/* Who the peer is, from its certificate, while it is at hand. */
static uint8_t last_leaf[4096];
static size_t last_leaf_len;

static void on_server_event(dtls_connection *connection, const dtls_event *event) {
    if (event->kind != DTLS_EVENT_VERIFY_CERTIFICATE)
        return;
    const bool fits = event->chain_len > 0 && event->chain[0].len <= sizeof last_leaf;
    if (fits) {
        last_leaf_len = event->chain[0].len;
        memcpy(last_leaf, event->chain[0].data, last_leaf_len);
    }
    (void)dtls_answer_certificate(connection, example_time, fits ? DTLS_OK : DTLS_ERROR_CERTIFICATE_REFUSED);
}

/* True if they connect; `*out_authenticated`: the server knows who the client is. */
static bool try(const dtls_config *client_config, const dtls_config *server_config, bool *out_authenticated) {
    struct example_side client = {.path = 1};
    struct example_side server = {.path = 2};
    example_open(&client, client_config, NULL);
    example_open(&server, server_config, on_server_event);
    const bool connected = example_connect(&client, &server);
    *out_authenticated = dtls_connection_get_info(server.connection)->peer_authenticated;
    example_close(&client);
    example_close(&server);
    return connected;
}

int main(int argc, char **argv) {
    static struct identity server_identity;
    static struct identity client_identity;
    dtls_trust_anchors *anchors = NULL;
    bool authenticated;
    example_expect(argc == 6, "arguments SERVER.pem SERVER.key CLIENT.pem CLIENT.key ANCHORS");
    example_time.calendar_s = (int64_t)time(NULL); /* certificates have dates */
    identity_read(&server_identity, argv[1], argv[2]);
    identity_read(&client_identity, argv[3], argv[4]);
    struct example_file pem = example_file_read(argv[5]);
    example_expect(dtls_libcrypto_trust_anchors_read(pem.bytes, pem.len, &anchors) == DTLS_OK, "anchors");
    example_file_free(&pem);

    dtls_config server_config = {
        .crypto = &dtls_libcrypto,
        .protocols = server_protocols,
        .cipher_suites = suites,
        .groups = dtls_default_groups,
        .signature_schemes = dtls_default_signature_schemes,
        .extensions = dtls_default_extensions,
        .credentials = &server_identity.credential,
        .num_credentials = 1,
        .client_auth = DTLS_CLIENT_AUTH_REQUIRE,
        .verification = DTLS_VERIFY_ANCHORS,
        .trust_anchors = anchors,
    };
    dtls_config client_config = {
        .crypto = &dtls_libcrypto,
        .protocols = client_protocols,
        .cipher_suites = suites,
        .groups = dtls_default_groups,
        .signature_schemes = dtls_default_signature_schemes,
        .extensions = dtls_default_extensions,
        .credentials = &client_identity.credential,
        .num_credentials = 1,
        .verification = DTLS_VERIFY_ANCHORS,
        .trust_anchors = anchors,
    };
    example_expect(try(&client_config, &server_config, &authenticated) && authenticated, "a known client");

    client_config.num_credentials = 0;
    example_expect(!try(&client_config, &server_config, &authenticated), "one without is refused");

    server_config.client_auth = DTLS_CLIENT_AUTH_REQUEST;
    example_expect(try(&client_config, &server_config, &authenticated) && !authenticated,
                   "or welcome, unknown as he is");

    client_config.num_credentials = 1;
    server_config.verification = DTLS_VERIFY_APPLICATION;
    example_expect(try(&client_config, &server_config, &authenticated) && last_leaf_len > 0,
                   "the application may judge, and keep the certificate");

    dtls_libcrypto_private_key_free(server_identity.private_key);
    dtls_libcrypto_private_key_free(client_identity.private_key);
    dtls_libcrypto_trust_anchors_free(anchors);
    return 0;
}
