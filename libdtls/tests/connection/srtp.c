/* SPDX-License-Identifier: MIT
 *
 * use_srtp (RFC 5764): which profile is agreed on, what the MKI does, and the
 * keys.
 */
#include "connection/pair.h"

#include "dtls/exporter.h"
#include "dtls/srtp.h"

#include "handshake/extensions.h"

static struct pair pair;

static const dtls_extension *const extensions[] = {&dtls_extension_extended_master_secret,
                                                   &dtls_extension_use_srtp, NULL};

static const uint16_t all[] = {DTLS_SRTP_AES128_CM_SHA1_80, DTLS_SRTP_AES128_CM_SHA1_32,
                               DTLS_SRTP_AEAD_AES_128_GCM, DTLS_SRTP_AEAD_AES_256_GCM};
static const uint8_t one[] = {1, 2, 3, 4};
static const uint8_t two[] = {1, 2, 3, 5};

static void run(const dtls_srtp *client, const dtls_srtp *server) {
    pair_init_psk(&pair);
    const dtls_srtp *const srtp[] = {client, server};
    for (int i = 0; i < 2; i++) {
        pair.ends[i].config.extensions = extensions;
        pair.ends[i].config.keep_secrets = true;
        pair.ends[i].config.srtp = srtp[i];
    }
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
    pair_check_connected(&pair);
}

static void keys_of(int which, dtls_srtp_keys *out_keys) {
    assert_int_equal(dtls_srtp_export_keys(pair.ends[which].connection, out_keys), DTLS_OK);
}

static void every_profile(void **state) {
    (void)state;
    static const size_t key_lens[] = {16, 16, 16, 32};
    static const size_t salt_lens[] = {14, 14, 12, 12};
    for (size_t i = 0; i < 4; i++) {
        const dtls_srtp client = {.profiles = all, .num_profiles = 4};
        const dtls_srtp server = {.profiles = &all[i], .num_profiles = 1};
        run(&client, &server);
        dtls_srtp_keys keys[2];
        keys_of(CLIENT_END, &keys[0]);
        keys_of(SERVER_END, &keys[1]);
        assert_memory_equal(&keys[0], &keys[1], sizeof keys[0]);
        assert_int_equal(keys[0].profile, all[i]);
        assert_int_equal(keys[0].key_len, key_lens[i]);
        assert_int_equal(keys[0].salt_len, salt_lens[i]);
        assert_false(keys[0].uses_mki);

        /* client key, server key, client salt, server salt (RFC 5764 section 4.2). */
        uint8_t material[92];
        const size_t k = key_lens[i];
        const size_t s = salt_lens[i];
        assert_int_equal(dtls_export_keying_material(pair.ends[CLIENT_END].connection, "EXTRACTOR-dtls_srtp",
                                                     NULL, material, 2 * (k + s)),
                         DTLS_OK);
        assert_memory_equal(keys[0].client_key, material, k);
        assert_memory_equal(keys[0].server_key, material + k, k);
        assert_memory_equal(keys[0].client_salt, material + 2 * k, s);
        assert_memory_equal(keys[0].server_salt, material + 2 * k + s, s);
        pair_free(&pair);
    }
}

static void the_server_prefers(void **state) {
    (void)state;
    static const uint16_t backwards[] = {DTLS_SRTP_AEAD_AES_256_GCM, DTLS_SRTP_AES128_CM_SHA1_80};
    const dtls_srtp client = {.profiles = all, .num_profiles = 4};
    const dtls_srtp server = {.profiles = backwards, .num_profiles = 2};
    run(&client, &server);
    assert_int_equal(dtls_connection_get_info(pair.ends[CLIENT_END].connection)->srtp_profile,
                     DTLS_SRTP_AEAD_AES_256_GCM);
    pair_free(&pair);
}

static void key_identifiers(void **state) {
    (void)state;
    static const struct {
        dtls_span client;
        dtls_span server;
        bool used;
    } rows[] = {
        {{one, 4}, {one, 4}, true},   {{one, 4}, {two, 4}, false},  {{one, 4}, {one, 3}, false},
        {{one, 4}, {NULL, 0}, false}, {{NULL, 0}, {one, 4}, false}, {{NULL, 0}, {NULL, 0}, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const dtls_srtp client = {.profiles = all, .num_profiles = 4, .mki = rows[i].client};
        const dtls_srtp server = {.profiles = all, .num_profiles = 4, .mki = rows[i].server};
        run(&client, &server);
        for (int end = 0; end < 2; end++) {
            dtls_srtp_keys keys;
            keys_of(end, &keys);
            assert_int_equal(keys.uses_mki, rows[i].used);
        }
        pair_free(&pair);
    }
}

static void nothing_in_common(void **state) {
    (void)state;
    const dtls_srtp client = {.profiles = &all[0], .num_profiles = 1};
    const dtls_srtp server = {.profiles = &all[3], .num_profiles = 1};
    const dtls_srtp *const servers[] = {&server, NULL};
    for (size_t i = 0; i < 2; i++) {
        run(&client, servers[i]);
        dtls_srtp_keys keys;
        assert_int_equal(dtls_srtp_export_keys(pair.ends[CLIENT_END].connection, &keys), DTLS_NOTHING);
        assert_int_equal(dtls_srtp_export_keys(pair.ends[SERVER_END].connection, &keys), DTLS_NOTHING);
        assert_int_equal(dtls_srtp_export_keys(NULL, &keys), DTLS_ERROR_ARGUMENT);
        assert_int_equal(dtls_srtp_export_keys(pair.ends[SERVER_END].connection, NULL), DTLS_ERROR_ARGUMENT);
        pair_free(&pair);
    }
}

/* Answers that no server may give, and offers that no client may make. */
static dtls_error meet(int which, const char *bytes, size_t len) {
    const dtls_srtp srtp = {.profiles = all, .num_profiles = 2, .mki = {one, 4}};
    pair_init_psk(&pair);
    for (int i = 0; i < 2; i++) {
        pair.ends[i].config.extensions = extensions;
        pair.ends[i].config.srtp = &srtp;
    }
    pair_open(&pair);
    const dtls_connection *connection = pair.ends[which].connection;
    const dtls_span list = {(const uint8_t *)bytes, len};
    const dtls_error error = which == CLIENT_END
                                 ? dtls_extensions_read_answers(pair.ends[which].connection, list)
                                 : dtls_extensions_read_offers(pair.ends[which].connection, list);
    const dtls_failure *failure = dtls_connection_get_failure(connection);
    assert_true(error == DTLS_OK || (failure != NULL && failure->error == error));
    pair_free(&pair);
    return error;
}

#define MEET(which, bytes) meet(which, bytes, sizeof(bytes) - 1)

static void wrong_bodies(void **state) {
    (void)state;
    assert_int_equal(MEET(CLIENT_END, "\0\16\0\5\0\2\0\1\0"), DTLS_OK);
    assert_int_equal(MEET(CLIENT_END, "\0\16\0\11\0\2\0\1\4\1\2\3\4"), DTLS_OK);
    assert_int_equal(MEET(CLIENT_END, "\0\16\0\11\0\2\0\1\4\1\2\3\5"), DTLS_ERROR_ILLEGAL_PARAMETER);
    assert_int_equal(MEET(CLIENT_END, "\0\16\0\5\0\2\0\7\0"), DTLS_ERROR_ILLEGAL_PARAMETER);
    assert_int_equal(MEET(CLIENT_END, "\0\16\0\7\0\4\0\1\0\2\0"), DTLS_ERROR_ILLEGAL_PARAMETER);
    assert_int_equal(MEET(CLIENT_END, "\0\16\0\3\0\0\0"), DTLS_ERROR_DECODE);
    assert_int_equal(MEET(CLIENT_END, "\0\16\0\6\0\3\0\1\0\0"), DTLS_ERROR_DECODE);
    assert_int_equal(MEET(CLIENT_END, "\0\16\0\4\0\2\0\1"), DTLS_ERROR_DECODE);
    assert_int_equal(MEET(SERVER_END, "\0\16\0\5\0\2\0\1\0"), DTLS_OK);
    assert_int_equal(MEET(SERVER_END, "\0\16\0\3\0\0\0"), DTLS_ERROR_DECODE);
    assert_int_equal(MEET(SERVER_END, "\0\16\0\6\0\2\0\1\0\0"), DTLS_ERROR_DECODE);
    assert_int_equal(MEET(SERVER_END, "\0\16\0\4\0\2\0\1"), DTLS_ERROR_DECODE);
}

static void check(const dtls_srtp *srtp) {
    pair_init_psk(&pair);
    dtls_config_problem problem;
    pair.ends[0].config.srtp = srtp;
    assert_int_equal(dtls_config_check(&pair.ends[0].config, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, "srtp");
}

static void configurations(void **state) {
    (void)state;
    static const uint16_t twice[] = {1, 1};
    static const uint16_t unknown[] = {9};
    check(&(dtls_srtp){.profiles = NULL, .num_profiles = 1});
    check(&(dtls_srtp){.profiles = all});
    check(&(dtls_srtp){.profiles = twice, .num_profiles = 2});
    check(&(dtls_srtp){.profiles = unknown, .num_profiles = 1});
    check(&(dtls_srtp){.profiles = all, .num_profiles = 1, .mki = {one, 256}});
    check(&(dtls_srtp){.profiles = all, .num_profiles = 1, .mki = {NULL, 1}});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_profile),   cmocka_unit_test(the_server_prefers),
        cmocka_unit_test(key_identifiers), cmocka_unit_test(nothing_in_common),
        cmocka_unit_test(wrong_bodies),    cmocka_unit_test(configurations),
    };
    return cmocka_run_group_tests(tests, credentials_make, credentials_free);
}
