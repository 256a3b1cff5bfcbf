/* SPDX-License-Identifier: MIT
 *
 * Certificates of the server, judged by the client: docs/how-to/certificates.md.
 *
 *     libdtls-certificates CHAIN KEY ANCHORS NAME
 */
#include "both_sides.h"
#include "files.h"

#include <time.h>

static const dtls_protocol *const client_protocols[] = {&dtls_client_1_2, NULL};
static const dtls_protocol *const server_protocols[] = {&dtls_server_1_2, NULL};
static const dtls_cipher_suite *const suites[] = {
    &dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256, /* for ECDSA and Ed25519 keys */
    &dtls_suite_ecdhe_rsa_aes_128_gcm_sha256,   /* for RSA keys */
    NULL,
};

/* The application's own judgement: here, of nothing but how many there are. */
static void on_client_event(dtls_connection *connection, const dtls_event *event) {
    if (event->kind == DTLS_EVENT_VERIFY_CERTIFICATE)
        (void)dtls_answer_certificate(connection, example_time,
                                      event->chain_len == 1 ? DTLS_OK : DTLS_ERROR_CERTIFICATE_REFUSED);
}

/* True if they connect. */
static bool try(const dtls_config *client_config, const dtls_config *server_config) {
    struct example_side client = {.path = 1};
    struct example_side server = {.path = 2};
    example_open(&client, client_config, on_client_event);
    example_open(&server, server_config, NULL);
    const bool connected = example_connect(&client, &server);
    example_close(&client);
    example_close(&server);
    return connected;
}

int main(int argc, char **argv) {
    example_expect(argc == 5, "arguments CHAIN KEY ANCHORS NAME");
    example_time.calendar_s = (int64_t)time(NULL); /* certificates have dates */
    struct example_file chain_pem = example_file_read(argv[1]);
    struct example_file key_pem = example_file_read(argv[2]);
    struct example_file anchors_pem = example_file_read(argv[3]);

    static uint8_t der[8192];
    static dtls_span chain[DTLS_MAX_CHAIN];
    size_t chain_len = DTLS_MAX_CHAIN;
    dtls_private_key *private_key = NULL;
    dtls_key_type key_type;
    example_expect(dtls_libcrypto_chain_read(chain_pem.bytes, chain_pem.len, der, sizeof der, chain,
                                             &chain_len) == DTLS_OK,
                   "a chain");
    example_expect(dtls_libcrypto_private_key_read(key_pem.bytes, key_pem.len, &private_key, &key_type) ==
                       DTLS_OK,
                   "its key");
    const dtls_credential credential = {
        .chain = chain, .chain_len = chain_len, .key_type = key_type, .private_key = private_key};
    const dtls_config server_config = {
        .crypto = &dtls_libcrypto,
        .protocols = server_protocols,
        .cipher_suites = suites,
        .groups = dtls_default_groups,
        .signature_schemes = dtls_default_signature_schemes,
        .extensions = dtls_default_extensions,
        .credentials = &credential,
        .num_credentials = 1,
    };

    dtls_trust_anchors *anchors = NULL;
    example_expect(dtls_libcrypto_trust_anchors_read(anchors_pem.bytes, anchors_pem.len, &anchors) == DTLS_OK,
                   "trust anchors");
    dtls_config client_config = {
        .crypto = &dtls_libcrypto,
        .protocols = client_protocols,
        .cipher_suites = suites,
        .groups = dtls_default_groups,
        .signature_schemes = dtls_default_signature_schemes,
        .extensions = dtls_default_extensions,
        .verification = DTLS_VERIFY_ANCHORS,
        .trust_anchors = anchors,
        .peer_name = argv[4], /* the name to be found in the certificate, and SNI */
    };
    example_expect(try(&client_config, &server_config), "the certificate is good");

    client_config.peer_name = "elsewhere.example";
    example_expect(!try(&client_config, &server_config), "a certificate for another name is refused");

    client_config.verification = DTLS_VERIFY_APPLICATION;
    example_expect(try(&client_config, &server_config), "the application judges as it likes");

    dtls_libcrypto_private_key_free(private_key);
    dtls_libcrypto_trust_anchors_free(anchors);
    example_file_free(&key_pem);
    example_file_free(&chain_pem);
    example_file_free(&anchors_pem);
    return 0;
}
