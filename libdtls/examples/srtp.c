/* SPDX-License-Identifier: MIT
 *
 * Keys for SRTP: docs/how-to/srtp.md.
 */
#include "both_sides.h"

#include <string.h>

static const dtls_cipher_suite *const suites[] = {&dtls_suite_ecdhe_psk_aes_128_gcm_sha256, NULL};
static const dtls_extension *const extensions[] = {&dtls_extension_extended_master_secret,
                                                   &dtls_extension_renegotiation_info,
                                                   &dtls_extension_use_srtp, NULL};
static const uint16_t profiles[] = {DTLS_SRTP_AEAD_AES_128_GCM, DTLS_SRTP_AES128_CM_SHA1_80};
static const dtls_srtp srtp = {.profiles = profiles, .num_profiles = 2};

static const dtls_protocol *const client_protocols[] = {&dtls_client_1_2, NULL};
static const dtls_config client_config = {
    .crypto = &dtls_libcrypto,
    .protocols = client_protocols,
    .cipher_suites = suites,
    .groups = dtls_default_groups,
    .extensions = extensions,
    .srtp = &srtp,
    .keep_secrets = true, /* the keys are made of the master secret */
};

static const dtls_protocol *const server_protocols[] = {&dtls_server_1_2, NULL};
static const dtls_config server_config = {
    .crypto = &dtls_libcrypto,
    .protocols = server_protocols,
    .cipher_suites = suites,
    .groups = dtls_default_groups,
    .extensions = extensions,
    .srtp = &srtp,
    .keep_secrets = true,
};

int main(void) {
    struct example_side client = {.path = 1};
    struct example_side server = {.path = 2};
    example_open(&client, &client_config, example_answer_psk);
    example_open(&server, &server_config, example_answer_psk);
    example_expect(example_connect(&client, &server), "the handshake finishes");

    dtls_srtp_keys keys;
    example_expect(dtls_srtp_export_keys(client.connection, &keys) == DTLS_OK &&
                       keys.profile == DTLS_SRTP_AEAD_AES_128_GCM,
                   "a profile was agreed on");
    /* The client protects what it sends with keys.client_key and keys.client_salt, key_len and salt_len
     * bytes; what it gets was protected with the server's. */

    dtls_srtp_keys servers_keys;
    example_expect(dtls_srtp_export_keys(server.connection, &servers_keys) == DTLS_OK &&
                       memcmp(keys.client_key, servers_keys.client_key, keys.key_len) == 0 &&
                       memcmp(keys.server_salt, servers_keys.server_salt, keys.salt_len) == 0,
                   "both have the same keys");
    dtls_libcrypto.wipe(&keys, sizeof keys);
    dtls_libcrypto.wipe(&servers_keys, sizeof servers_keys);
    example_close(&client);
    example_close(&server);
    return 0;
}
