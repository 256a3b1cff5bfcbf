/* SPDX-License-Identifier: MIT
 *
 * The bytes of connections that move: whatever is changed in them, they become
 * a connection or are refused, and never more than the configuration has room
 * for; and when a connection has no bytes.
 */
#include "connection/sessions.h"

#include "dtls/connection_id.h"
#include "dtls/srtp.h"
#include "dtls/transfer.h"

static struct pair pair;

static const dtls_extension *const extensions[] = {
    &dtls_extension_extended_master_secret, &dtls_extension_encrypt_then_mac, &dtls_extension_alpn, NULL};
static const dtls_extension *const with_ids[] = {
    &dtls_extension_extended_master_secret, &dtls_extension_connection_id, &dtls_extension_use_srtp, NULL};
static const dtls_cipher_suite *const cbc[] = {&dtls_suite_psk_aes_128_cbc_sha256,
                                               &dtls_suite_psk_aes_128_gcm_sha256, NULL};
static const dtls_span names[] = {{(const uint8_t *)"coap", 4}, {(const uint8_t *)"soap", 4}};
static const dtls_span shorter[] = {{(const uint8_t *)"a", 1}, {(const uint8_t *)"soap", 4}};

static void init_cbc(void) {
    pair_init_psk(&pair);
    for (int i = 0; i < 2; i++) {
        pair.ends[i].config.cipher_suites = cbc;
        pair.ends[i].config.extensions = extensions;
        pair.ends[i].config.application_protocols = names;
        pair.ends[i].config.num_application_protocols = 2;
    }
}

static void init_ids(void) {
    static const uint16_t profiles[] = {DTLS_SRTP_AES128_CM_SHA1_80};
    static const dtls_srtp srtp = {
        .profiles = profiles, .num_profiles = 1, .mki = {(const uint8_t *)"mki", 3}};
    pair_init_psk(&pair);
    for (int i = 0; i < 2; i++) {
        pair.ends[i].config.extensions = with_ids;
        pair.ends[i].config.srtp = &srtp;
        pair.ends[i].id = (dtls_span){(const uint8_t *)"identity", 8};
    }
}

static void init_resumed(void) {
    static struct pair earlier;
    sessions_make(&session_kinds[0], &earlier, NULL);
    pair = sessions_offer(&earlier, &session_kinds[0], 1200);
}

static void connect_ends(void (*init)(void)) {
    init();
    for (int i = 0; i < 2; i++)
        pair.ends[i].config.keep_secrets = true;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
    pair_check_connected(&pair);
}

static dtls_error import(const dtls_config *config, const uint8_t *bytes, size_t len) {
    _Alignas(16) static uint8_t memory[4096];
    dtls_connection *connection;
    const size_t room = dtls_session_size(config);
    assert_true(room < sizeof memory);
    memset(memory, 0xa5, sizeof memory);
    const dtls_error error =
        dtls_connection_import(config, pair.now, (dtls_span){bytes, len}, memory, room, &connection);
    for (size_t i = room; i < sizeof memory; i++)
        assert_int_equal(memory[i], 0xa5);
    if (error != DTLS_OK) {
        assert_null(connection);
        return error;
    }
    assert_true(dtls_connection_get_info(connection)->connected);
    dtls_connection_wipe(connection);
    return error;
}

static void check_changed(const dtls_config *config, const uint8_t *bytes, size_t len) {
    const dtls_error error = import(config, bytes, len);
    assert_true(error == DTLS_OK || error == DTLS_ERROR_ARGUMENT);
}

static void every_byte_may_change(void **state) {
    (void)state;
    static void (*const inits[])(void) = {init_cbc, init_ids, init_resumed};
    static const uint8_t values[] = {0, 1, 2, 0x7f, 0x80, 0xff};
    uint8_t bytes[DTLS_CONNECTION_STATE_SIZE + 1];
    size_t len;
    for (size_t i = 0; i < sizeof inits / sizeof inits[0]; i++) {
        for (int which = 0; which < 2; which++) {
            connect_ends(inits[i]);
            const dtls_config *config = &pair.ends[which].config;
            assert_int_equal(dtls_connection_export(pair.ends[which].connection, pair.now, bytes,
                                                    DTLS_CONNECTION_STATE_SIZE, &len),
                             DTLS_OK);
            assert_int_equal(import(config, bytes, len), DTLS_OK);
            for (size_t at = 0; at < len; at++) {
                const uint8_t was = bytes[at];
                for (size_t v = 0; v < sizeof values; v++) {
                    bytes[at] = values[v];
                    check_changed(config, bytes, len);
                }
                for (unsigned bit = 1; bit < 256; bit *= 2) {
                    bytes[at] = (uint8_t)(was ^ bit);
                    check_changed(config, bytes, len);
                }
                bytes[at] = was;
                assert_int_equal(import(config, bytes, at), DTLS_ERROR_ARGUMENT);
            }
            bytes[len] = 0;
            assert_int_equal(import(config, bytes, len + 1), DTLS_ERROR_ARGUMENT);
            pair_free(&pair);
        }
    }
}

/* The configuration has no room for it, or not what was agreed on. */
static void other_configurations(void **state) {
    (void)state;
    uint8_t bytes[DTLS_CONNECTION_STATE_SIZE];
    size_t len;
    connect_ends(init_ids);
    dtls_config config = pair.ends[SERVER_END].config;
    assert_int_equal(
        dtls_connection_export(pair.ends[SERVER_END].connection, pair.now, bytes, sizeof bytes, &len),
        DTLS_OK);
    config.max_connection_id = 7;
    assert_int_equal(import(&config, bytes, len), DTLS_ERROR_ARGUMENT);
    config.max_connection_id = 8;
    assert_int_equal(import(&config, bytes, len), DTLS_OK);
    config.extensions = extensions;
    assert_int_equal(import(&config, bytes, len), DTLS_ERROR_ARGUMENT);
    pair_free(&pair);

    connect_ends(init_cbc);
    config = pair.ends[CLIENT_END].config;
    assert_int_equal(
        dtls_connection_export(pair.ends[CLIENT_END].connection, pair.now, bytes, sizeof bytes, &len),
        DTLS_OK);
    config.keep_secrets = false;
    assert_int_equal(import(&config, bytes, len), DTLS_OK);
    config.application_protocols = shorter;
    assert_int_equal(import(&config, bytes, len), DTLS_ERROR_ARGUMENT);
    config.num_application_protocols = 0;
    assert_int_equal(import(&config, bytes, len), DTLS_ERROR_ARGUMENT);
    /* Encrypt-then-MAC with a suite that has no MAC. */
    config = pair.ends[CLIENT_END].config;
    bytes[5] = 0xa8;
    assert_int_equal(import(&config, bytes, len), DTLS_ERROR_ARGUMENT);
    pair_free(&pair);
}

/* What waits to be sent goes first; after a close there is nothing to carry on. */
static void not_now(void **state) {
    (void)state;
    uint8_t bytes[DTLS_CONNECTION_STATE_SIZE];
    size_t len;
    for (int closer = 0; closer < 2; closer++) {
        connect_ends(init_cbc);
        dtls_connection *client = pair.ends[CLIENT_END].connection;
        assert_int_equal(dtls_close(pair.ends[closer].connection, pair.now), DTLS_OK);
        assert_int_equal(
            dtls_connection_export(pair.ends[closer].connection, pair.now, bytes, sizeof bytes, &len),
            DTLS_ERROR_STATE);
        pair_pump(&pair);
        pair_run(&pair, pair.now.monotonic_ns + SECOND);
        assert_int_equal(dtls_connection_export(client, pair.now, bytes, sizeof bytes, &len),
                         DTLS_ERROR_STATE);
        pair_free(&pair);
    }
}

/* The last flight is kept as long as it may be asked for, and no longer. */
static void last_flight_forgotten(void **state) {
    (void)state;
    uint8_t bytes[DTLS_CONNECTION_STATE_SIZE];
    size_t kept;
    size_t forgotten;
    connect_ends(init_cbc);
    dtls_connection *server = pair.ends[SERVER_END].connection;
    dtls_time late = pair.now;
    late.monotonic_ns += 300 * SECOND;
    assert_int_equal(dtls_connection_export(server, late, bytes, sizeof bytes, &forgotten), DTLS_OK);
    pair_free(&pair);
    connect_ends(init_cbc);
    server = pair.ends[SERVER_END].connection;
    assert_int_equal(dtls_connection_export(server, pair.now, bytes, sizeof bytes, &kept), DTLS_OK);
    assert_true(kept > forgotten);
    pair_free(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_may_change),
        cmocka_unit_test(other_configurations),
        cmocka_unit_test(not_now),
        cmocka_unit_test(last_flight_forgotten),
    };
    return cmocka_run_group_tests(tests, sessions_make_keys, credentials_free);
}
