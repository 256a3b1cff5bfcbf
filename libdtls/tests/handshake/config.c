/* SPDX-License-Identifier: MIT
 *
 * What is wrong with a configuration is found, and the field is named.
 */
#include "support/check.h"

#include "dtls/libcrypto.h"
#include "handshake/config.h"

static const dtls_protocol *const client[] = {&dtls_client_1_2, NULL};
static const dtls_protocol *const server[] = {&dtls_server_1_2, NULL};
static const dtls_protocol *const both[] = {&dtls_client_1_2, &dtls_server_1_2, NULL};
static const dtls_protocol *const no_protocol[] = {NULL};
static const dtls_cipher_suite *const psk[] = {&dtls_suite_psk_aes_128_ccm_8, NULL};
static const dtls_cipher_suite *const twice[] = {&dtls_suite_psk_aes_128_ccm_8, &dtls_suite_psk_aes_128_ccm_8,
                                                 NULL};
static const dtls_cipher_suite *const no_suite[] = {NULL};
static const dtls_group *const no_group[] = {NULL};
static const dtls_group *const groups_twice[] = {&dtls_group_p256, &dtls_group_p256, NULL};
static const dtls_signature_scheme *const no_scheme[] = {NULL};
static const dtls_signature_scheme *const schemes_twice[] = {&dtls_scheme_rsa_pkcs1_sha256,
                                                             &dtls_scheme_rsa_pkcs1_sha256, NULL};
static const dtls_extension *const extensions_twice[] = {&dtls_extension_server_name,
                                                         &dtls_extension_server_name, NULL};

static const uint8_t bytes[300] = {1};
static const dtls_span chain[] = {{bytes, 100}, {bytes, 200}};
static const dtls_credential credential = {.chain = chain, .chain_len = 2, .key_type = DTLS_KEY_ECDSA};

static dtls_config certificates(const dtls_protocol *const *protocols) {
    return (dtls_config){
        .crypto = &dtls_libcrypto,
        .protocols = protocols,
        .cipher_suites = dtls_default_cipher_suites,
        .groups = dtls_default_groups,
        .signature_schemes = dtls_default_signature_schemes,
        .extensions = dtls_default_extensions,
        .credentials = &credential,
        .num_credentials = 1,
        .trust_anchors = (const dtls_trust_anchors *)(const void *)bytes,
    };
}

static void expect(const dtls_config *config, const char *field) {
    dtls_config_problem problem = {0};
    assert_int_equal(dtls_config_check(config, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, field);
    assert_true(strlen(problem.expected) > 0);
    assert_int_equal(dtls_config_check(config, NULL), DTLS_ERROR_CONFIG);
    assert_int_equal(dtls_session_size(config), 0);
    assert_int_equal(dtls_handshake_size(config), 0);
}

static void good_ones(void **state) {
    (void)state;
    dtls_config config = certificates(client);
    assert_int_equal(dtls_config_check(&config, NULL), DTLS_OK);
    config = certificates(server);
    assert_int_equal(dtls_config_check(&config, NULL), DTLS_OK);
    config = (dtls_config){.crypto = &dtls_libcrypto, .protocols = client, .cipher_suites = psk};
    assert_int_equal(dtls_config_check(&config, NULL), DTLS_OK);
    config.protocols = server;
    assert_int_equal(dtls_config_check(&config, NULL), DTLS_OK);
    assert_int_equal(dtls_config_check(NULL, NULL), DTLS_ERROR_CONFIG);
}

#define EXPECT_WRONG(protocol, field, value, name)                                                           \
    do {                                                                                                     \
        dtls_config config = certificates(protocol);                                                         \
        config.field = value;                                                                                \
        expect(&config, name);                                                                               \
    } while (0)

static void missing_and_wrong_lists(void **state) {
    (void)state;
    EXPECT_WRONG(client, crypto, NULL, "crypto");
    EXPECT_WRONG(client, protocols, NULL, "protocols");
    EXPECT_WRONG(client, protocols, no_protocol, "protocols");
    EXPECT_WRONG(client, protocols, both, "protocols");
    EXPECT_WRONG(client, cipher_suites, NULL, "cipher_suites");
    EXPECT_WRONG(client, cipher_suites, no_suite, "cipher_suites");
    EXPECT_WRONG(client, cipher_suites, twice, "cipher_suites");
    EXPECT_WRONG(client, groups, NULL, "groups");
    EXPECT_WRONG(client, groups, no_group, "groups");
    EXPECT_WRONG(client, groups, groups_twice, "groups");
    EXPECT_WRONG(client, signature_schemes, NULL, "signature_schemes");
    EXPECT_WRONG(client, signature_schemes, no_scheme, "signature_schemes");
    EXPECT_WRONG(client, signature_schemes, schemes_twice, "signature_schemes");
    EXPECT_WRONG(client, extensions, extensions_twice, "extensions");
}

static void wrong_values(void **state) {
    (void)state;
    static char long_name[300];
    memset(long_name, 'a', sizeof long_name - 1);
    EXPECT_WRONG(client, mtu, 127, "mtu");
    EXPECT_WRONG(client, mtu, 70000, "mtu");
    EXPECT_WRONG(client, max_message, 255, "max_message");
    EXPECT_WRONG(client, max_message, (size_t)1 << 24, "max_message");
    EXPECT_WRONG(client, initial_timeout_ns, UINT64_C(61000000000), "max_timeout_ns");
    EXPECT_WRONG(client, max_timeout_ns, 1, "max_timeout_ns");
    EXPECT_WRONG(client, peer_name, long_name, "peer_name");
    EXPECT_WRONG(client, trust_anchors, NULL, "trust_anchors");
    EXPECT_WRONG(client, verification, (dtls_verification)4, "verification");
    EXPECT_WRONG(client, client_auth, (dtls_client_auth)3, "client_auth");
    EXPECT_WRONG(server, psk_identity_hint, ((dtls_span){bytes, 129}), "psk_identity_hint");
    EXPECT_WRONG(server, psk_identity_hint, ((dtls_span){NULL, 1}), "psk_identity_hint");
}

static void anchors_are_needed_by_those_who_verify(void **state) {
    (void)state;
    dtls_config config = certificates(server);
    config.trust_anchors = NULL;
    assert_int_equal(dtls_config_check(&config, NULL), DTLS_OK);
    config.client_auth = DTLS_CLIENT_AUTH_REQUEST;
    expect(&config, "trust_anchors");
    config.verification = DTLS_VERIFY_APPLICATION;
    assert_int_equal(dtls_config_check(&config, NULL), DTLS_OK);
}

static void wrong_credentials(void **state) {
    (void)state;
    static const dtls_span hole[] = {{bytes, 100}, {bytes, 0}};
    static const dtls_credential wrong[] = {
        {.chain = NULL, .chain_len = 1, .key_type = DTLS_KEY_ECDSA},
        {.chain = chain, .chain_len = 0, .key_type = DTLS_KEY_ECDSA},
        {.chain = chain, .chain_len = 11, .key_type = DTLS_KEY_ECDSA},
        {.chain = hole, .chain_len = 2, .key_type = DTLS_KEY_ECDSA},
        {.chain = chain, .chain_len = 2, .key_type = (dtls_key_type)0},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        EXPECT_WRONG(client, credentials, &wrong[i], "credentials");
    EXPECT_WRONG(client, credentials, NULL, "credentials");
    EXPECT_WRONG(client, max_certificate_chain, 100, "max_certificate_chain");
    dtls_config config = certificates(client);
    assert_int_equal(dtls_config_certificate_message(&config), 12 + 3 + 3 + 100 + 3 + 200);
    config.max_certificate_chain = 321;
    assert_int_equal(dtls_config_check(&config, NULL), DTLS_OK);
    config.max_certificate_chain = 320;
    expect(&config, "max_certificate_chain");
}

/* A server that has a certificate for none of its suites could never answer. */
static void server_without_certificates(void **state) {
    (void)state;
    static const dtls_cipher_suite *const suites[] = {&dtls_suite_ecdhe_rsa_aes_128_gcm_sha256, NULL};
    EXPECT_WRONG(server, cipher_suites, suites, "credentials");
    dtls_config config = certificates(server);
    config.num_credentials = 0;
    assert_int_equal(dtls_config_check(&config, NULL), DTLS_OK); /* it has PSK suites */
}

static void broken_providers(void **state) {
    (void)state;
    dtls_crypto crypto = dtls_libcrypto;
    crypto.prf = NULL;
    EXPECT_WRONG(client, crypto, &crypto, "crypto");
    crypto = dtls_libcrypto;
    crypto.aead_slot = 12;
    EXPECT_WRONG(client, crypto, &crypto, "crypto");
}

static void defaults(void **state) {
    (void)state;
    const dtls_config config = {0};
    assert_int_equal(dtls_config_mtu(&config), 1200);
    assert_int_equal(dtls_config_max_message(&config), 4000);
    assert_int_equal(dtls_config_initial_timeout(&config), UINT64_C(1000000000));
    assert_int_equal(dtls_config_max_timeout(&config), UINT64_C(60000000000));
    assert_int_equal(dtls_config_handshake_timeout(&config), UINT64_C(180000000000));
    assert_int_equal(dtls_config_last_flight_kept(&config), UINT64_C(240000000000));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_ones),         cmocka_unit_test(missing_and_wrong_lists),
        cmocka_unit_test(wrong_values),      cmocka_unit_test(anchors_are_needed_by_those_who_verify),
        cmocka_unit_test(wrong_credentials), cmocka_unit_test(server_without_certificates),
        cmocka_unit_test(broken_providers),  cmocka_unit_test(defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
