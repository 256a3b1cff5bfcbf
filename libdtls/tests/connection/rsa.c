/* SPDX-License-Identifier: MIT
 *
 * RSA key transport: the decryption by the application, at once or later; and
 * that a client learns nothing of what was wrong with his ciphertext (RFC 5246
 * section 7.4.7.1): every fault ends with the same alert, at Finished.
 */
#include "connection/pair.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>

static const dtls_cipher_suite *const suites[] = {&dtls_suite_rsa_aes_128_gcm_sha256, NULL};

static dtls_credential without_key;

static void init(struct pair *pair) {
    pair_init_certificates(pair);
    for (int i = 0; i < 2; i++) {
        pair->ends[i].config.cipher_suites = suites;
        pair->ends[i].config.allow_legacy = true;
    }
}

/* The server's key stays with the application. */
static void init_outside(struct pair *pair) {
    init(pair);
    without_key = credentials.server[1];
    without_key.private_key = NULL;
    pair->ends[SERVER_END].config.credentials = &without_key;
    pair->ends[SERVER_END].config.num_credentials = 1;
}

static void run(struct pair *pair) {
    pair_open(pair);
    pair_run(pair, pair->now.monotonic_ns + 30 * SECOND);
}

static void decryption_outside(void **state) {
    (void)state;
    for (int later = 0; later < 2; later++) {
        for (int client_auth = 0; client_auth < 2; client_auth++) {
            struct pair pair;
            init_outside(&pair);
            pair.ends[SERVER_END].answer = later ? ANSWER_LATER : ANSWER_AT_ONCE;
            pair.ends[SERVER_END].config.client_auth =
                client_auth ? DTLS_CLIENT_AUTH_REQUIRE : DTLS_CLIENT_AUTH_NONE;
            run(&pair);
            pair_check_connected(&pair);
            assert_int_equal(pair.ends[SERVER_END].num_questions, 1);
            static const dtls_premaster premaster;
            assert_int_equal(dtls_answer_decryption(pair.ends[SERVER_END].connection, pair.now, &premaster),
                             DTLS_ERROR_STATE);
            pair_free(&pair);
        }
    }
}

static void wrong_answers(void **state) {
    (void)state;
    static const dtls_premaster premaster;
    struct pair pair;
    init_outside(&pair);
    pair_open(&pair);
    dtls_connection *server = pair.ends[SERVER_END].connection;
    assert_int_equal(dtls_answer_decryption(NULL, pair.now, &premaster), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_answer_decryption(server, pair.now, NULL), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_answer_decryption(server, pair.now, &premaster), DTLS_ERROR_STATE);
    pair_free(&pair);
}

static void permission_is_needed(void **state) {
    (void)state;
    struct pair pair;
    init(&pair);
    for (int i = 0; i < 2; i++) {
        dtls_config_problem problem;
        pair.ends[i].config.allow_legacy = false;
        assert_int_equal(dtls_config_check(&pair.ends[i].config, &problem), DTLS_ERROR_CONFIG);
        assert_string_equal(problem.field, "allow_legacy");
        pair.ends[i].config.allow_legacy = true;
        dtls_crypto crypto = dtls_libcrypto;
        crypto.decrypt_premaster = NULL;
        pair.ends[i].config.crypto = &crypto;
        assert_int_equal(dtls_config_check(&pair.ends[i].config, &problem), DTLS_ERROR_CONFIG);
        assert_string_equal(problem.field, "cipher_suites");
    }
}

/* Ciphertexts that an attacker may try, and the length of what they hold. */
static const struct trial {
    const char *title;
    size_t len;       /* of the premaster secret */
    unsigned version; /* in front of it */
    int byte;         /* of the padded block that is changed afterwards; -1: none */
    int changed;      /* to this */
} trials[] = {
    {"another version", 48, 0xfeff, -1, 0},  {"TLS version", 48, 0x0303, -1, 0},
    {"one byte short", 47, 0xfefd, -1, 0},   {"one byte long", 49, 0xfefd, -1, 0},
    {"nothing in it", 0, 0, -1, 0},          {"first byte", 48, 0xfefd, 0, 1},
    {"block type 1", 48, 0xfefd, 1, 1},      {"zero among the padding", 48, 0xfefd, 5, 0},
    {"zero far behind", 48, 0xfefd, 100, 0}, {"no zero in front", 48, 0xfefd, 256 - 49, 1},
};

static uint8_t forged[256];

static void forge(const struct trial *trial) {
    uint8_t block[256];
    EVP_PKEY *key = credentials.server_rsa.key;
    memset(block, 0xaa, sizeof block);
    block[0] = 0;
    block[1] = 2;
    block[sizeof block - trial->len - 1] = 0;
    if (trial->len >= 2) {
        block[sizeof block - trial->len] = (uint8_t)(trial->version >> 8);
        block[sizeof block - trial->len + 1] = (uint8_t)trial->version;
    }
    if (trial->byte >= 0)
        block[trial->byte] = (uint8_t)trial->changed;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    size_t len = sizeof forged;
    assert_int_equal(EVP_PKEY_encrypt_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING), 1);
    /* A first byte other than 0 may be above the modulus: then the number is sent as it is. */
    if (EVP_PKEY_encrypt(context, forged, &len, block, sizeof block) != 1)
        memcpy(forged, block, sizeof forged);
    EVP_PKEY_CTX_free(context);
}

/* Puts the forged ciphertext into ClientKeyExchange, which stands alone in its record. */
static bool replace(struct pair *pair, int from, uint8_t *bytes, size_t *len) {
    (void)pair;
    if (from == CLIENT_END && bytes[0] == 22 && bytes[13] == 16 && *len > 13 + 12 + 2 + 256)
        memcpy(bytes + 13 + 12 + 2, forged, sizeof forged);
    return true;
}

static void faults_look_alike(void **state) {
    (void)state;
    for (int outside = 0; outside < 2; outside++) {
        for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
            struct pair pair;
            forge(&trials[i]);
            if (outside)
                init_outside(&pair);
            else
                init(&pair);
            pair.hook = replace;
            pair_open(&pair);
            pair_run(&pair, pair.now.monotonic_ns + 5 * SECOND);
            print_message("%s\n", trials[i].title);
            /* The Finished of a client with other keys is a record that does not authenticate. */
            const dtls_connection *server = pair.ends[SERVER_END].connection;
            assert_false(pair.ends[SERVER_END].connected);
            assert_null(dtls_connection_get_failure(server));
            assert_int_equal(pair.ends[SERVER_END].num_alerts_sent, 0);
            assert_true(dtls_connection_get_statistics(server)->dropped_mac > 0);
            assert_int_equal(pair.ends[SERVER_END].num_sent, 1 + pair.ends[SERVER_END].num_retransmitted);
            pair_free(&pair);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decryption_outside),
        cmocka_unit_test(wrong_answers),
        cmocka_unit_test(permission_is_needed),
        cmocka_unit_test(faults_look_alike),
    };
    return cmocka_run_group_tests(tests, credentials_make, credentials_free);
}
