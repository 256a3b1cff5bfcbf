/* SPDX-License-Identifier: MIT
 *
 * A server that shows an OCSP response with its certificate:
 * docs/how-to/ocsp-stapling.md.
 *
 *     libdtls-ocsp-stapling SERVER.pem SERVER.key ANCHORS NAME RESPONSE
 */
#include "both_sides.h"
#include "files.h"

#include <time.h>

static const dtls_protocol *const client_protocols[] = {&dtls_client_1_2, NULL};
static const dtls_protocol *const server_protocols[] = {&dtls_server_1_2, NULL};
static const dtls_cipher_suite *const suites[] = {&dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256, NULL};

static const dtls_extension *const extensions[] = {
    &dtls_extension_server_name,
    &dtls_extension_extended_master_secret,
    &dtls_extension_renegotiation_info,
    &dtls_extension_status_request,
    NULL,
};

/* Stands for what judges a response: whether it is for this certificate, by its authority, fresh, and good.
 */
static dtls_error judge(const dtls_event *event) {
    if (event->ocsp_response.len == 0)
        return DTLS_ERROR_CERTIFICATE_STATUS; /* here a response must be there */
    return event->ocsp_response.data[0] == 0x30 ? DTLS_OK : DTLS_ERROR_CERTIFICATE_STATUS;
}

static void on_client_event(dtls_connection *connection, const dtls_event *event) {
    if (event->kind == DTLS_EVENT_VERIFY_CERTIFICATE) /* the chain has been found good */
        (void)dtls_answer_certificate(connection, example_time, judge(event));
}

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
    example_expect(argc == 6, "arguments SERVER.pem SERVER.key ANCHORS NAME RESPONSE");
    example_time.calendar_s = (int64_t)time(NULL);
    static uint8_t der[8192];
    static dtls_span chain[DTLS_MAX_CHAIN];
    dtls_credential credential = {.chain = chain, .chain_len = DTLS_MAX_CHAIN};
    dtls_private_key *private_key = NULL;
    dtls_trust_anchors *anchors = NULL;
    struct example_file pem = example_file_read(argv[1]);
    struct example_file key = example_file_read(argv[2]);
    struct example_file roots = example_file_read(argv[3]);
    struct example_file response = example_file_read(argv[5]);
    example_expect(dtls_libcrypto_chain_read(pem.bytes, pem.len, der, sizeof der, chain,
                                             &credential.chain_len) == DTLS_OK,
                   argv[1]);
    example_expect(dtls_libcrypto_private_key_read(key.bytes, key.len, &private_key, &credential.key_type) ==
                       DTLS_OK,
                   argv[2]);
    example_expect(dtls_libcrypto_trust_anchors_read(roots.bytes, roots.len, &anchors) == DTLS_OK, argv[3]);
    credential.private_key = private_key;
    credential.ocsp_response = (dtls_span){.data = response.bytes, .len = response.len};
    const dtls_config server_config = {
        .crypto = &dtls_libcrypto,
        .protocols = server_protocols,
        .cipher_suites = suites,
        .groups = dtls_default_groups,
        .signature_schemes = dtls_default_signature_schemes,
        .extensions = extensions,
        .credentials = &credential,
        .num_credentials = 1,
    };
    const dtls_config client_config = {
        .crypto = &dtls_libcrypto,
        .protocols = client_protocols,
        .cipher_suites = suites,
        .groups = dtls_default_groups,
        .signature_schemes = dtls_default_signature_schemes,
        .extensions = extensions,
        .verification = DTLS_VERIFY_ANCHORS,
        .trust_anchors = anchors,
        .peer_name = argv[4],
    };
    example_expect(try(&client_config, &server_config), "a response that is good");
    response.bytes[0] ^= 1;
    example_expect(!try(&client_config, &server_config), "one that is not");
    credential.ocsp_response.len = 0;
    example_expect(!try(&client_config, &server_config), "none at all");

    dtls_libcrypto_private_key_free(private_key);
    dtls_libcrypto_trust_anchors_free(anchors);
    example_file_free(&pem);
    example_file_free(&key);
    example_file_free(&roots);
    example_file_free(&response);
    return 0;
}
