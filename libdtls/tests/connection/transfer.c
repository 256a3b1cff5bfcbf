/* SPDX-License-Identifier: MIT
 *
 * A live connection goes over into bytes and back: it carries on where it was,
 * what was received stays received, and the one that was left is dead.
 */
#include "connection/pair.h"

#include "dtls/connection_id.h"
#include "dtls/exporter.h"
#include "dtls/transfer.h"

#include <stdlib.h>

static struct pair pair;

static const dtls_extension *const with_ids[] = {
    &dtls_extension_extended_master_secret, &dtls_extension_renegotiation_info,
    &dtls_extension_encrypt_then_mac, &dtls_extension_connection_id, NULL};

static void init(const dtls_cipher_suite *suite, const dtls_cipher_suite **suites) {
    suites[0] = suite;
    suites[1] = NULL;
    pair_init_certificates(&pair);
    for (int i = 0; i < 2; i++) {
        pair.ends[i].config.cipher_suites = suites;
        pair.ends[i].config.keep_secrets = true;
        pair.ends[i].config.extensions = with_ids;
    }
}

static void set_id(int which, const char *id) {
    assert_int_equal(
        dtls_set_connection_id(pair.ends[which].connection, (dtls_span){(const uint8_t *)id, strlen(id)}),
        DTLS_OK);
}

/* Moves one end: out of its memory, which is made worthless, and back into it. */
static void move(int which, uint8_t *state, size_t *len) {
    struct end *end = &pair.ends[which];
    assert_int_equal(
        dtls_connection_export(end->connection, pair.now, state, DTLS_CONNECTION_STATE_SIZE, len), DTLS_OK);
    const dtls_failure *failure = dtls_connection_get_failure(end->connection);
    assert_non_null(failure);
    assert_int_equal(failure->error, DTLS_ERROR_EXPORTED);
    uint8_t out[1500];
    size_t out_len;
    assert_int_equal(
        dtls_write(end->connection, pair.now, (const uint8_t *)"x", 1, out, sizeof out, &out_len),
        DTLS_ERROR_STATE);
    assert_int_equal(dtls_poll_datagram(end->connection, pair.now, out, sizeof out, &out_len, NULL),
                     DTLS_NOTHING);
    dtls_connection_wipe(end->connection);
    memset(end->session_memory, 0xa5, end->session_len);
    assert_int_equal(dtls_connection_import(&end->config, pair.now, (dtls_span){state, *len},
                                            end->session_memory, end->session_len, &end->connection),
                     DTLS_OK);
}

static void same_exporter(void) {
    uint8_t made[2][32];
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            dtls_export_keying_material(pair.ends[i].connection, "EXPERIMENTAL", NULL, made[i], 32), DTLS_OK);
    assert_memory_equal(made[0], made[1], 32);
}

static void every_suite_moves(void **state) {
    (void)state;
    uint8_t bytes[DTLS_CONNECTION_STATE_SIZE];
    size_t len;
    for (size_t s = 0; dtls_default_cipher_suites[s] != NULL; s++) {
        const dtls_cipher_suite *suites[2];
        init(dtls_default_cipher_suites[s], suites);
        pair_open(&pair);
        pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
        pair_check_connected(&pair);
        const dtls_connection_info before = *dtls_connection_get_info(pair.ends[SERVER_END].connection);
        for (int round = 0; round < 2; round++) {
            move(SERVER_END, bytes, &len);
            pair_check_data(&pair);
            move(CLIENT_END, bytes, &len);
            pair_check_data(&pair);
        }
        same_exporter();
        const dtls_connection_info *after = dtls_connection_get_info(pair.ends[SERVER_END].connection);
        assert_int_equal(after->cipher_suite, before.cipher_suite);
        assert_int_equal(after->group, before.group);
        assert_int_equal(after->signature_scheme, before.signature_scheme);
        assert_int_equal(after->extended_master_secret, before.extended_master_secret);
        assert_int_equal(after->peer_authenticated, before.peer_authenticated);
        assert_true(after->connected);
        pair_free(&pair);
    }
}

/* What was received before is a replay afterwards, and no number is used twice. */
static void numbers_go_on(void **state) {
    (void)state;
    pair_init_psk(&pair);
    for (int i = 0; i < 2; i++)
        pair.ends[i].config.keep_secrets = true;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
    pair_check_connected(&pair);
    uint8_t record[2][200];
    size_t record_len[2];
    uint8_t bytes[DTLS_CONNECTION_STATE_SIZE];
    size_t len;
    const uint8_t text[] = "once";
    assert_int_equal(
        dtls_write(pair.ends[CLIENT_END].connection, pair.now, text, 4, record[0], 200, &record_len[0]),
        DTLS_OK);
    pair_deliver(&pair, SERVER_END, record[0], record_len[0]);
    move(SERVER_END, bytes, &len);
    const size_t received = pair.ends[SERVER_END].received_len;
    pair_deliver(&pair, SERVER_END, record[0], record_len[0]);
    assert_int_equal(pair.ends[SERVER_END].received_len, received);
    assert_int_equal(dtls_connection_get_statistics(pair.ends[SERVER_END].connection)->dropped_replay, 1);
    move(CLIENT_END, bytes, &len);
    assert_int_equal(
        dtls_write(pair.ends[CLIENT_END].connection, pair.now, text, 4, record[1], 200, &record_len[1]),
        DTLS_OK);
    assert_int_equal(record[1][10], record[0][10] + 1);
    pair_free(&pair);
}

static void connection_ids_go_along(void **state) {
    (void)state;
    const dtls_cipher_suite *suites[2];
    init(dtls_default_cipher_suites[0], suites);
    uint8_t bytes[DTLS_CONNECTION_STATE_SIZE];
    size_t len;
    pair_open(&pair);
    set_id(SERVER_END, "the server's own");
    pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
    pair_check_connected(&pair);
    move(SERVER_END, bytes, &len);
    move(CLIENT_END, bytes, &len);
    pair_check_data(&pair);
    dtls_span ours;
    dtls_span peers;
    assert_int_equal(dtls_connection_ids(pair.ends[SERVER_END].connection, &ours, &peers), DTLS_OK);
    assert_int_equal(ours.len, 16);
    assert_int_equal(peers.len, 0);
    assert_int_equal(dtls_connection_ids(pair.ends[CLIENT_END].connection, &ours, &peers), DTLS_OK);
    assert_int_equal(peers.len, 16);
    assert_memory_equal(peers.data, "the server's own", 16);
    pair_free(&pair);
}

/* The server's last flight is lost, and the server moves before the client asks for it again. */
static void last_flight_goes_along(void **state) {
    (void)state;
    pair_init_psk(&pair);
    for (int i = 0; i < 2; i++)
        pair.ends[i].config.keep_secrets = true;
    pair.script[3] = DROP;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 100 * MS);
    assert_true(pair.ends[SERVER_END].connected);
    assert_false(pair.ends[CLIENT_END].connected);
    uint8_t bytes[DTLS_CONNECTION_STATE_SIZE];
    size_t len;
    move(SERVER_END, bytes, &len);
    pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
    pair_check_connected(&pair);
    assert_true(pair.ends[SERVER_END].num_retransmitted >= 1);
    /* It is forgotten when it would have been. */
    const uint64_t forget_at = dtls_deadline(pair.ends[SERVER_END].connection);
    assert_true(forget_at != DTLS_NO_DEADLINE);
    assert_true(forget_at <= pair.now.monotonic_ns + 240 * SECOND);
    pair_free(&pair);
}

/* Limits of records and the application protocol hold for the connection that carries on. */
static void what_was_agreed_goes_along(void **state) {
    (void)state;
    static const dtls_extension *const agreed[] = {&dtls_extension_extended_master_secret,
                                                   &dtls_extension_record_size_limit, &dtls_extension_alpn,
                                                   NULL};
    static const dtls_span names[] = {{(const uint8_t *)"coap", 4}};
    pair_init_psk(&pair);
    for (int i = 0; i < 2; i++) {
        pair.ends[i].config.keep_secrets = true;
        pair.ends[i].config.extensions = agreed;
        pair.ends[i].config.record_size_limit = 100;
        pair.ends[i].config.application_protocols = names;
        pair.ends[i].config.num_application_protocols = 1;
    }
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
    pair_check_connected(&pair);
    uint8_t bytes[DTLS_CONNECTION_STATE_SIZE];
    size_t len;
    move(CLIENT_END, bytes, &len);
    pair_check_data(&pair);
    dtls_connection *client = pair.ends[CLIENT_END].connection;
    assert_int_equal(dtls_connection_get_info(client)->application_protocol.len, 4);
    uint8_t record[300];
    const uint8_t data[101] = {0};
    assert_int_equal(dtls_write(client, pair.now, data, 100, record, sizeof record, &len), DTLS_OK);
    assert_int_not_equal(dtls_write(client, pair.now, data, 101, record, sizeof record, &len), DTLS_OK);
    pair_free(&pair);
}

static dtls_error import(const dtls_config *config, const uint8_t *bytes, size_t len, size_t room) {
    _Alignas(16) static uint8_t memory[4096];
    dtls_connection *connection;
    const dtls_error error =
        dtls_connection_import(config, pair.now, (dtls_span){bytes, len}, memory, room, &connection);
    if (error == DTLS_OK)
        dtls_connection_wipe(connection);
    else
        assert_null(connection);
    return error;
}

/* Found by the fuzz targets `client` and `server`: an ID that the peer has not agreed on is not exported. */
static void an_id_without_agreement_stays_behind(void **state) {
    (void)state;
    static const dtls_extension *const without_ids[] = {&dtls_extension_extended_master_secret, NULL};
    const dtls_cipher_suite *suites[2];
    uint8_t bytes[DTLS_CONNECTION_STATE_SIZE];
    size_t len;
    init(dtls_default_cipher_suites[0], suites);
    pair.ends[CLIENT_END].config.extensions = without_ids;
    pair_open(&pair);
    set_id(SERVER_END, "mine");
    pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
    pair_check_connected(&pair);
    move(SERVER_END, bytes, &len);
    pair_check_data(&pair);
    dtls_span ours;
    assert_int_equal(dtls_connection_ids(pair.ends[SERVER_END].connection, &ours, NULL), DTLS_NOTHING);
    pair_free(&pair);
}

/* Where two limits of 100 stand one behind the other. */
static size_t place_of_limits(const uint8_t *bytes, size_t len) {
    static const uint8_t limits[] = {0, 100, 0, 100};
    size_t at = 0;
    while (at + sizeof limits <= len && memcmp(bytes + at, limits, sizeof limits) != 0)
        at++;
    assert_true(at + sizeof limits <= len);
    return at;
}

/* Found by the fuzz target `import`: nobody can have agreed on such records, and nothing fits into them. */
static void limits_that_nobody_agrees_on_are_refused(void **state) {
    (void)state;
    static const dtls_extension *const agreed[] = {&dtls_extension_extended_master_secret,
                                                   &dtls_extension_record_size_limit, NULL};
    static const uint16_t wrong[] = {1, 3, 63, DTLS_MAX_PLAINTEXT + 1, 0xffff};
    pair_init_psk(&pair);
    for (int i = 0; i < 2; i++) {
        pair.ends[i].config.keep_secrets = true;
        pair.ends[i].config.extensions = agreed;
        pair.ends[i].config.record_size_limit = 100;
    }
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
    pair_check_connected(&pair);
    uint8_t bytes[DTLS_CONNECTION_STATE_SIZE];
    size_t len;
    assert_int_equal(
        dtls_connection_export(pair.ends[CLIENT_END].connection, pair.now, bytes, sizeof bytes, &len),
        DTLS_OK);
    const dtls_config *config = &pair.ends[CLIENT_END].config;
    const size_t at = place_of_limits(bytes, len);
    for (size_t place = at; place <= at + 4; place += 2) {
        const uint8_t was[2] = {bytes[place], bytes[place + 1]};
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
            bytes[place] = (uint8_t)(wrong[i] >> 8);
            bytes[place + 1] = (uint8_t)wrong[i];
            assert_int_equal(import(config, bytes, len, dtls_session_size(config)), DTLS_ERROR_ARGUMENT);
        }
        memcpy(bytes + place, was, sizeof was);
    }
    assert_int_equal(import(config, bytes, len, dtls_session_size(config)), DTLS_OK);
    pair_free(&pair);
}

static void what_is_refused(void **state) {
    (void)state;
    pair_init_psk(&pair);
    pair.ends[CLIENT_END].config.keep_secrets = true;
    pair_open(&pair);
    dtls_connection *client = pair.ends[CLIENT_END].connection;
    uint8_t bytes[DTLS_CONNECTION_STATE_SIZE];
    size_t len;
    const size_t cap = sizeof bytes;
    assert_int_equal(dtls_connection_export(client, pair.now, bytes, cap, &len), DTLS_ERROR_STATE);
    pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
    pair_check_connected(&pair);
    assert_int_equal(dtls_connection_export(pair.ends[SERVER_END].connection, pair.now, bytes, cap, &len),
                     DTLS_ERROR_STATE);
    assert_int_equal(dtls_connection_export(NULL, pair.now, bytes, cap, &len), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_connection_export(client, pair.now, NULL, cap, &len), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_connection_export(client, pair.now, bytes, cap, NULL), DTLS_ERROR_ARGUMENT);
    for (size_t room = 0; room < 180; room++)
        assert_int_equal(dtls_connection_export(client, pair.now, bytes, room, &len), DTLS_ERROR_NO_ROOM);
    pair_check_data(&pair);
    assert_int_equal(dtls_connection_export(client, pair.now, bytes, cap, &len), DTLS_OK);
    assert_int_equal(dtls_connection_export(client, pair.now, bytes, cap, &(size_t){0}), DTLS_ERROR_STATE);

    const dtls_config *config = &pair.ends[CLIENT_END].config;
    const size_t room = dtls_session_size(config);
    assert_int_equal(import(config, bytes, len, room), DTLS_OK);
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(import(config, bytes, cut, room), DTLS_ERROR_ARGUMENT);
    for (size_t i = 0; i < 7; i++) {
        bytes[i] ^= 0x80;
        assert_int_equal(import(config, bytes, len, room), DTLS_ERROR_ARGUMENT);
        bytes[i] ^= 0x80;
    }
    bytes[len] = 0;
    assert_int_equal(import(config, bytes, len + 1, room), DTLS_ERROR_ARGUMENT);
    assert_int_equal(import(config, bytes, len, room - 1), DTLS_ERROR_NO_ROOM);
    assert_int_equal(import(&pair.ends[SERVER_END].config, bytes, len, room), DTLS_ERROR_ARGUMENT);
    dtls_config other = *config;
    static const dtls_cipher_suite *const ccm[] = {&dtls_suite_psk_aes_128_ccm_8, NULL};
    other.cipher_suites = ccm;
    assert_int_equal(import(&other, bytes, len, room), DTLS_ERROR_ARGUMENT);
    other.cipher_suites = NULL;
    assert_int_equal(import(&other, bytes, len, room), DTLS_ERROR_CONFIG);
    pair_free(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_suite_moves),
        cmocka_unit_test(numbers_go_on),
        cmocka_unit_test(connection_ids_go_along),
        cmocka_unit_test(last_flight_goes_along),
        cmocka_unit_test(what_was_agreed_goes_along),
        cmocka_unit_test(limits_that_nobody_agrees_on_are_refused),
        cmocka_unit_test(an_id_without_agreement_stays_behind),
        cmocka_unit_test(what_is_refused),
    };
    return cmocka_run_group_tests(tests, credentials_make, credentials_free);
}
