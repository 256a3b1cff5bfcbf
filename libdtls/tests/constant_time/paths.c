/* SPDX-License-Identifier: MIT */
#include "connection/sessions.h"
#include "constant_time/cases.h"
#include "constant_time/secret.h"
#include "dtls/exporter.h"
#include "dtls/transfer.h"
#include "server/siphash.h"

static bool publish(struct pair *pair, int from, uint8_t *bytes, size_t *len) {
    (void)pair;
    (void)from;
    make_public(bytes, *len);
    return true;
}

void case_watch(struct pair *pair) {
    for (int end = 0; end < 2; end++) {
        pair->ends[end].config.crypto = &bordered_crypto;
        pair->ends[end].config.key_log = false; /* gives the secrets away */
    }
    pair->hook = publish;
    make_secret(pair->psk, sizeof pair->psk);
}

static void connect_with(struct pair *pair, const dtls_cipher_suite *const *suites) {
    case_watch(pair);
    for (int end = 0; end < 2; end++) {
        pair->ends[end].config.cipher_suites = suites;
        pair->ends[end].config.groups = dtls_default_groups;
    }
    pair_open(pair);
    pair_run(pair, pair->now.monotonic_ns + SECOND);
    pair_check_connected(pair);
}

void case_cbc_handshakes(void) {
    static const dtls_extension *const inside[] = {&dtls_extension_extended_master_secret, NULL};
    static const dtls_cipher_suite *const suites[][2] = {{&dtls_suite_psk_aes_128_cbc_sha256, NULL},
                                                         {&dtls_suite_psk_aes_256_cbc_sha384, NULL}};
    for (int i = 0; i < 4; i++) {
        struct pair pair;
        pair_init_psk(&pair);
        for (int end = 0; i % 2 == 0 && end < 2; end++)
            pair.ends[end].config.extensions = inside;
        connect_with(&pair, suites[i / 2]);
        pair_check_data(&pair);
        pair_free(&pair);
    }
}

void case_rsa_handshakes(void) {
    static const dtls_cipher_suite *const suites[] = {&dtls_suite_rsa_aes_128_gcm_sha256, NULL};
    struct pair pair;
    credentials_make(NULL);
    pair_init_certificates(&pair);
    for (int end = 0; end < 2; end++)
        pair.ends[end].config.allow_legacy = true;
    connect_with(&pair, suites);
    pair_free(&pair);
    credentials_free(NULL);
}

void case_resumption(void) {
    session_keys = (dtls_ticket_keys){.aead = DTLS_AEAD_AES_256_GCM, .current = {.name = {1}, .key = {2}}};
    make_secret(session_keys.current.key, sizeof session_keys.current.key);
    for (size_t i = 0; i < 2; i++) {
        const struct session_kind *kind = &session_kinds[i];
        struct pair first = {.offered_len = 0};
        sessions_make(kind, &first, case_watch);
        struct pair second = sessions_offer(&first, kind, 1200);
        case_watch(&second);
        sessions_resume(&second, kind);
        pair_free(&second);
    }
}

static void move(struct pair *pair, int which) {
    uint8_t state[DTLS_CONNECTION_STATE_SIZE];
    size_t len;
    struct end *end = &pair->ends[which];
    assert_int_equal(dtls_connection_export(end->connection, pair->now, state, sizeof state, &len), DTLS_OK);
    dtls_connection_wipe(end->connection);
    assert_int_equal(dtls_connection_import(&end->config, pair->now, (dtls_span){state, len},
                                            end->session_memory, end->session_len, &end->connection),
                     DTLS_OK);
}

void case_exports(void) {
    static const dtls_cipher_suite *const suites[] = {&dtls_suite_psk_aes_128_gcm_sha256, NULL};
    struct pair pair;
    uint8_t keys[2][32];
    pair_init_psk(&pair);
    for (int end = 0; end < 2; end++)
        pair.ends[end].config.keep_secrets = true;
    connect_with(&pair, suites);
    for (int end = 0; end < 2; end++) {
        assert_int_equal(
            dtls_export_keying_material(pair.ends[end].connection, "EXPORTER-watched", NULL, keys[end], 32),
            DTLS_OK);
        move(&pair, end);
        make_public(keys[end], sizeof keys[end]);
    }
    assert_memory_equal(keys[0], keys[1], sizeof keys[0]);
    pair_check_data(&pair);
    pair_free(&pair);
}

void case_siphash(void) {
    uint8_t key[16] = {1, 2, 3};
    const uint8_t address[18] = {10, 0, 0, 1};
    for (size_t len = 0; len <= sizeof address; len++) {
        make_public(key, sizeof key);
        const uint64_t expected = dtls_siphash(key, address, len);
        make_secret(key, sizeof key);
        const uint64_t hash = dtls_siphash(key, address, len);
        make_public(&hash, sizeof hash);
        assert_true(hash == expected);
    }
}
