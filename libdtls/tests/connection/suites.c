/* SPDX-License-Identifier: MIT
 *
 * Every cipher suite, every group with every way of using it, every signature
 * scheme with both ends' certificates.
 */
#include "connection/pair.h"

#include "dtls/connection_id.h"
#include "handshake/connection.h"

#include <stdlib.h>

static const dtls_connection_info *info(const struct pair *pair, int end) {
    return dtls_connection_get_info(pair->ends[end].connection);
}

static void init_for(struct pair *pair, const dtls_cipher_suite *const *suites) {
    if (dtls_cipher_suite_uses_certificates(suites[0])) {
        pair_init_certificates(pair);
    } else {
        pair_init_psk(pair);
        for (int i = 0; i < 2; i++)
            pair->ends[i].config.groups = dtls_default_groups;
    }
    for (int i = 0; i < 2; i++) {
        pair->ends[i].config.cipher_suites = suites;
        pair->ends[i].config.allow_legacy = true;
    }
}

static void run(struct pair *pair) {
    pair_open(pair);
    pair_run(pair, pair->now.monotonic_ns + 60 * SECOND);
}

static void check_suite(const dtls_cipher_suite *const *suites, const dtls_extension *const *extensions) {
    struct pair pair;
    init_for(&pair, suites);
    for (int i = 0; i < 2; i++)
        pair.ends[i].config.extensions = extensions;
    run(&pair);
    pair_check_connected(&pair);
    assert_int_equal(info(&pair, SERVER_END)->cipher_suite, dtls_cipher_suite_code(suites[0]));
    pair_free(&pair);
}

static void every_suite(void **state) {
    (void)state;
    for (size_t i = 0; dtls_all_cipher_suites[i] != NULL; i++) {
        const dtls_cipher_suite *const suites[] = {dtls_all_cipher_suites[i], NULL};
        print_message("%s\n", dtls_cipher_suite_name(suites[0]));
        check_suite(suites, dtls_default_extensions);
        check_suite(suites, NULL);
    }
}

/* RFC 7366 is used when both have it and the suite is CBC, and not otherwise. */
static void encrypt_then_mac(void **state) {
    (void)state;
    static const dtls_extension *const with[] = {&dtls_extension_encrypt_then_mac, NULL};
    static const dtls_cipher_suite *const cbc[] = {&dtls_suite_psk_aes_128_cbc_sha256, NULL};
    static const dtls_cipher_suite *const both[] = {&dtls_suite_psk_aes_128_gcm_sha256,
                                                    &dtls_suite_psk_aes_128_cbc_sha256, NULL};
    for (unsigned has = 0; has < 8; has++) {
        struct pair pair;
        init_for(&pair, (has & 4) != 0 ? both : cbc);
        for (int i = 0; i < 2; i++)
            pair.ends[i].config.extensions = (has >> i & 1) != 0 ? with : NULL;
        run(&pair);
        pair_check_connected(&pair);
        const struct dtls_protection *protection =
            pair.ends[SERVER_END].connection->records.write[1].protection;
        assert_int_equal(protection->cbc.encrypt_then_mac, has == 3);
        assert_int_equal(protection->cbc.key_len, has < 4 ? 16 : 0);
        pair_free(&pair);
    }
}

static bool answer_etm(struct pair *pair, int from, uint8_t *bytes, size_t *len) {
    (void)pair;
    /* ServerHello, alone in its record: renegotiation_info becomes encrypt_then_mac. */
    if (from == SERVER_END && bytes[13] == 2) {
        const size_t hello = 12U + bytes[13 + 3];
        uint8_t *last = bytes + 13 + hello - 4;
        assert_memory_equal(last, "\0\x17\0\0", 4);
        last[1] = DTLS_CODE_ENCRYPT_THEN_MAC;
    }
    (void)len;
    return true;
}

/* An AEAD suite has no MAC to move. */
static void encrypt_then_mac_answered_for_aead(void **state) {
    (void)state;
    static const dtls_extension *const server[] = {&dtls_extension_extended_master_secret, NULL};
    static const dtls_extension *const client[] = {&dtls_extension_extended_master_secret,
                                                   &dtls_extension_encrypt_then_mac, NULL};
    static const dtls_cipher_suite *const both[] = {&dtls_suite_psk_aes_128_gcm_sha256,
                                                    &dtls_suite_psk_aes_128_cbc_sha256, NULL};
    struct pair pair;
    init_for(&pair, both);
    pair.ends[CLIENT_END].config.extensions = client;
    pair.ends[SERVER_END].config.extensions = server;
    pair.hook = answer_etm;
    run(&pair);
    const dtls_failure *failure = dtls_connection_get_failure(pair.ends[CLIENT_END].connection);
    assert_non_null(failure);
    assert_int_equal(failure->error, DTLS_ERROR_ILLEGAL_PARAMETER);
    assert_string_equal(failure->field, "encrypt_then_mac");
    pair_free(&pair);
}

/* Where the MAC would be inside the ciphertext of records with connection IDs, the suite is not taken. */
static void connection_ids_and_inner_macs(void **state) {
    (void)state;
    static const dtls_extension *const ids[] = {&dtls_extension_connection_id, NULL};
    static const dtls_extension *const both[] = {&dtls_extension_connection_id,
                                                 &dtls_extension_encrypt_then_mac, NULL};
    static const dtls_cipher_suite *const cbc[] = {&dtls_suite_psk_aes_128_cbc_sha256, NULL};
    static const dtls_cipher_suite *const more[] = {&dtls_suite_psk_aes_128_cbc_sha256,
                                                    &dtls_suite_psk_aes_128_gcm_sha256, NULL};
    struct pair pair;
    for (int outer = 0; outer < 2; outer++) {
        init_for(&pair, more);
        for (int i = 0; i < 2; i++)
            pair.ends[i].config.extensions = outer ? both : ids;
        run(&pair);
        pair_check_connected(&pair);
        assert_int_equal(info(&pair, CLIENT_END)->cipher_suite, dtls_cipher_suite_code(more[!outer]));
        pair_free(&pair);
    }
    init_for(&pair, cbc);
    for (int i = 0; i < 2; i++)
        pair.ends[i].config.extensions = ids;
    run(&pair);
    const dtls_failure *failure = dtls_connection_get_failure(pair.ends[SERVER_END].connection);
    assert_non_null(failure);
    assert_int_equal(failure->error, DTLS_ERROR_NO_SHARED_SUITE);
    pair_free(&pair);
}

static void groups(void **state) {
    (void)state;
    static const dtls_cipher_suite *const suites[][2] = {{&dtls_suite_ecdhe_rsa_aes_128_gcm_sha256, NULL},
                                                         {&dtls_suite_ecdhe_psk_aes_128_gcm_sha256, NULL}};
    for (size_t suite = 0; suite < 2; suite++) {
        for (size_t i = 0; dtls_default_groups[i] != NULL; i++) {
            const dtls_group *const list[] = {dtls_default_groups[i], NULL};
            struct pair pair;
            init_for(&pair, suites[suite]);
            for (int end = 0; end < 2; end++)
                pair.ends[end].config.groups = list;
            run(&pair);
            pair_check_connected(&pair);
            assert_int_equal(info(&pair, CLIENT_END)->group, dtls_group_code(list[0]));
            pair_free(&pair);
        }
    }
}

/* ECDHE_PSK has a hint too, and its ServerKeyExchange cannot be left out. */
static void ecdhe_psk_hint(void **state) {
    (void)state;
    static const dtls_cipher_suite *const suites[] = {&dtls_suite_ecdhe_psk_chacha20_poly1305_sha256, NULL};
    struct pair pair;
    init_for(&pair, suites);
    pair.ends[SERVER_END].config.psk_identity_hint = (dtls_span){(const uint8_t *)"who are you", 11};
    run(&pair);
    pair_check_connected(&pair);
    assert_memory_equal(pair.ends[CLIENT_END].question_bytes, "who are you", 11);
    pair_free(&pair);
}

static const struct key {
    const char *type;
    const char *curve;
    dtls_key_type key_type;
    const dtls_cipher_suite *suites[2];
    const dtls_signature_scheme *schemes[3];
} keys[] = {
    {"EC",
     "P-256",
     DTLS_KEY_ECDSA,
     {&dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256, &dtls_suite_ecdhe_ecdsa_aes_256_gcm_sha384},
     {&dtls_scheme_ecdsa_secp256r1_sha256, &dtls_scheme_ecdsa_secp384r1_sha384,
      &dtls_scheme_ecdsa_secp521r1_sha512}},
    {"EC",
     "P-384",
     DTLS_KEY_ECDSA,
     {&dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256, &dtls_suite_ecdhe_ecdsa_aes_256_gcm_sha384},
     {&dtls_scheme_ecdsa_secp256r1_sha256, &dtls_scheme_ecdsa_secp384r1_sha384,
      &dtls_scheme_ecdsa_secp521r1_sha512}},
    {"EC",
     "P-521",
     DTLS_KEY_ECDSA,
     {&dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256, &dtls_suite_ecdhe_ecdsa_aes_256_gcm_sha384},
     {&dtls_scheme_ecdsa_secp256r1_sha256, &dtls_scheme_ecdsa_secp384r1_sha384,
      &dtls_scheme_ecdsa_secp521r1_sha512}},
    {"ED25519",
     NULL,
     DTLS_KEY_ED25519,
     {&dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256, &dtls_suite_ecdhe_ecdsa_aes_256_gcm_sha384},
     {&dtls_scheme_ed25519, NULL, NULL}},
    {"RSA",
     NULL,
     DTLS_KEY_RSA,
     {&dtls_suite_ecdhe_rsa_aes_128_gcm_sha256, &dtls_suite_ecdhe_rsa_aes_256_gcm_sha384},
     {&dtls_scheme_rsa_pkcs1_sha256, &dtls_scheme_rsa_pkcs1_sha384, &dtls_scheme_rsa_pkcs1_sha512}},
    {"RSA",
     NULL,
     DTLS_KEY_RSA,
     {&dtls_suite_ecdhe_rsa_aes_128_gcm_sha256, &dtls_suite_ecdhe_rsa_aes_256_gcm_sha384},
     {&dtls_scheme_rsa_pss_rsae_sha256, &dtls_scheme_rsa_pss_rsae_sha384, &dtls_scheme_rsa_pss_rsae_sha512}},
    {"RSA-PSS",
     NULL,
     DTLS_KEY_RSA_PSS,
     {&dtls_suite_ecdhe_rsa_aes_128_gcm_sha256, &dtls_suite_ecdhe_rsa_aes_256_gcm_sha384},
     {&dtls_scheme_rsa_pss_pss_sha256, &dtls_scheme_rsa_pss_pss_sha384, &dtls_scheme_rsa_pss_pss_sha512}},
};

static void check_scheme(const struct key *key, const dtls_credential *server, const dtls_credential *client,
                         const dtls_cipher_suite *suite, const dtls_signature_scheme *scheme) {
    const dtls_cipher_suite *const suites[] = {suite, NULL};
    const dtls_signature_scheme *const schemes[] = {scheme, NULL};
    struct pair pair;
    init_for(&pair, suites);
    for (int i = 0; i < 2; i++) {
        dtls_config *config = &pair.ends[i].config;
        config->signature_schemes = schemes;
        config->credentials = i == CLIENT_END ? client : server;
        config->num_credentials = 1;
        config->kept_transcript = key->key_type == DTLS_KEY_ED25519 ? 6000 : 0;
    }
    pair.ends[SERVER_END].config.client_auth = DTLS_CLIENT_AUTH_REQUIRE;
    run(&pair);
    pair_check_connected(&pair);
    assert_int_equal(info(&pair, CLIENT_END)->signature_scheme, dtls_signature_scheme_code(scheme));
    assert_int_equal(info(&pair, SERVER_END)->peer_signature_scheme, dtls_signature_scheme_code(scheme));
    assert_true(info(&pair, SERVER_END)->peer_authenticated);
    pair_free(&pair);
}

/* Each signs ServerKeyExchange and CertificateVerify, by its own hash and not by the suite's. */
static void schemes(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        dtls_span chains[2][2];
        dtls_credential owned[2];
        struct test_identity identities[2];
        for (int end = 0; end < 2; end++) {
            identities[end] =
                test_issue(&(struct test_request){.common_name = "end",
                                                  .dns_name = end == CLIENT_END ? NULL : "server.test",
                                                  .key_usage = "critical,digitalSignature",
                                                  .issuer = &credentials.authority,
                                                  .key_type = keys[i].type,
                                                  .curve = keys[i].curve});
            chains[end][0] = test_certificate_der(&identities[end]);
            owned[end] = (dtls_credential){.chain = chains[end], .chain_len = 1};
            owned[end].private_key = test_private_key(&identities[end], &owned[end].key_type);
            owned[end].curve = dtls_libcrypto_private_key_curve(owned[end].private_key);
            assert_int_equal(owned[end].key_type, keys[i].key_type);
        }
        for (size_t s = 0; s < 3 && keys[i].schemes[s] != NULL; s++) {
            for (size_t suite = 0; suite < 2; suite++) {
                print_message("%s %s\n", dtls_signature_scheme_name(keys[i].schemes[s]),
                              dtls_cipher_suite_name(keys[i].suites[suite]));
                check_scheme(&keys[i], &owned[SERVER_END], &owned[CLIENT_END], keys[i].suites[suite],
                             keys[i].schemes[s]);
            }
        }
        for (int end = 0; end < 2; end++) {
            dtls_libcrypto_private_key_free((dtls_private_key *)(uintptr_t)owned[end].private_key);
            free((void *)(uintptr_t)chains[end][0].data);
            test_identity_free(&identities[end]);
        }
    }
}

static const dtls_protocol *const client_1_0[] = {&dtls_client_1_0, NULL};
static const dtls_protocol *const server_1_0[] = {&dtls_server_1_0, NULL};
static const dtls_protocol *const client_both[] = {&dtls_client_1_2, &dtls_client_1_0, NULL};
static const dtls_protocol *const server_both[] = {&dtls_server_1_2, &dtls_server_1_0, NULL};

/* DTLS 1.0 with each key exchange, with client certificates; and what both fall back to. */
static void version_1_0(void **state) {
    (void)state;
    static const struct {
        const dtls_cipher_suite *suite;
        const dtls_protocol *const *client;
        const dtls_protocol *const *server;
        unsigned version;
    } rows_1_0[] = {
        {&dtls_suite_ecdhe_ecdsa_aes_128_cbc_sha, client_1_0, server_1_0, DTLS_VERSION_1_0},
        {&dtls_suite_ecdhe_rsa_aes_256_cbc_sha, client_1_0, server_both, DTLS_VERSION_1_0},
        {&dtls_suite_rsa_aes_128_cbc_sha, client_both, server_1_0, DTLS_VERSION_1_0},
        {&dtls_suite_psk_aes_128_cbc_sha, client_1_0, server_both, DTLS_VERSION_1_0},
        {&dtls_suite_ecdhe_psk_aes_256_cbc_sha, client_both, server_both, DTLS_VERSION_1_2},
    };
    for (size_t i = 0; i < sizeof rows_1_0 / sizeof *rows_1_0; i++) {
        for (int extended = 0; extended < 2; extended++) {
            const dtls_cipher_suite *const suites[] = {rows_1_0[i].suite, NULL};
            struct pair pair;
            init_for(&pair, suites);
            for (int end = 0; end < 2; end++) {
                pair.ends[end].config.protocols = end == CLIENT_END ? rows_1_0[i].client : rows_1_0[i].server;
                pair.ends[end].config.extensions = extended ? dtls_default_extensions : NULL;
            }
            if (dtls_cipher_suite_uses_certificates(suites[0]))
                pair.ends[SERVER_END].config.client_auth = DTLS_CLIENT_AUTH_REQUIRE;
            run(&pair);
            pair_check_connected(&pair);
            assert_int_equal(info(&pair, CLIENT_END)->version, rows_1_0[i].version);
            pair_free(&pair);
        }
    }
}

/* Who has not named DTLS 1.0 does not speak it. */
static void version_1_0_refused(void **state) {
    (void)state;
    static const dtls_cipher_suite *const suites[] = {&dtls_suite_psk_aes_128_cbc_sha, NULL};
    struct pair pair;
    init_for(&pair, suites);
    pair.ends[CLIENT_END].config.protocols = client_1_0;
    run(&pair);
    const dtls_failure *failure = dtls_connection_get_failure(pair.ends[SERVER_END].connection);
    assert_non_null(failure);
    assert_int_equal(failure->error, DTLS_ERROR_VERSION);
    assert_int_equal(failure->alert, DTLS_ALERT_PROTOCOL_VERSION);
    pair_free(&pair);
}

static void versions_are_checked(void **state) {
    (void)state;
    static const dtls_protocol *const older_first[] = {&dtls_client_1_0, &dtls_client_1_2, NULL};
    struct pair pair;
    dtls_config_problem problem;
    pair_init_psk(&pair);
    dtls_config *config = &pair.ends[CLIENT_END].config;
    config->protocols = client_both;
    assert_int_equal(dtls_config_check(config, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, "cipher_suites");
    static const dtls_cipher_suite *const suites[] = {&dtls_suite_psk_aes_128_cbc_sha, NULL};
    config->cipher_suites = suites;
    assert_int_equal(dtls_config_check(config, &problem), DTLS_OK);
    config->protocols = older_first;
    assert_int_equal(dtls_config_check(config, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, "protocols");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_suite),
        cmocka_unit_test(encrypt_then_mac),
        cmocka_unit_test(encrypt_then_mac_answered_for_aead),
        cmocka_unit_test(connection_ids_and_inner_macs),
        cmocka_unit_test(groups),
        cmocka_unit_test(ecdhe_psk_hint),
        cmocka_unit_test(schemes),
        cmocka_unit_test(version_1_0),
        cmocka_unit_test(version_1_0_refused),
        cmocka_unit_test(versions_are_checked),
    };
    return cmocka_run_group_tests(tests, credentials_make, credentials_free);
}
