/* SPDX-License-Identifier: MIT
 *
 * Wrong use of one connection, from its opening to its end. What is refused
 * changes nothing: the handshake goes on, and data passes.
 */
#include "misuse/misuse.h"

#include "connection/pair.h"
#include "dtls/checked_config.h"
#include "dtls/connection_id.h"
#include "dtls/cookie.h"
#include "dtls/exporter.h"
#include "dtls/resumption.h"
#include "dtls/srtp.h"
#include "dtls/transfer.h"

#include <stdlib.h>

static const dtls_time now = {.monotonic_ns = 5 * SECOND, .calendar_s = TEST_NOW};
static const dtls_span none;
static const dtls_span hole = {.data = NULL, .len = 1};
static uint8_t bytes[DTLS_MAX_PLAINTEXT + 1];

/* Calls that answer the same in one state of a connection. */
static void rows_of_answers(dtls_connection *connection, dtls_error expected) {
    const dtls_span some = {bytes, 16};
    const dtls_premaster premaster = {{0}};
    ROW(expected, dtls_answer_psk, connection, now, none, some);
    ROW(expected, dtls_answer_certificate, connection, now, DTLS_OK);
    ROW(expected, dtls_answer_signature, connection, now, some);
    ROW(expected, dtls_answer_session, connection, now, none);
    ROW(expected, dtls_answer_decryption, connection, now, &premaster);
}

static void rows_of_data(dtls_connection *connection, dtls_error expected) {
    uint8_t record[300] = {0};
    dtls_record_buffer buffer = {.bytes = record, .capacity = sizeof record, .len = 1};
    size_t len = 7;
    ROW(expected, dtls_write, connection, now, bytes, 1, record, sizeof record, &len);
    ROW(expected, dtls_protect, connection, now, &buffer, 1, &len);
    ROW(expected, dtls_export_keying_material, connection, "EXPERIMENTAL", NULL, record, 16);
    ROW(expected, dtls_connection_export, connection, now, record, sizeof record, &len);
    ROW(expected, dtls_session_export, connection, record, sizeof record, &len);
}

static void rows_of_lateness(dtls_connection *connection, dtls_error expected) {
    const dtls_cookie_state cookie = {.record_sequence = 0, .message_seq = 0};
    ROW(expected, dtls_connection_start, connection, now);
    ROW(expected, dtls_connection_start_after_cookie, connection, now, &cookie);
    ROW(expected, dtls_set_connection_id, connection, (dtls_span){bytes, 4});
    ROW(expected, dtls_connection_offer_session, connection, now, (dtls_span){bytes, 4});
}

/* `dead`: what calls for which it would matter how a connection stands answer when there is none. */
static void rows_of_nothing(dtls_connection *connection, dtls_error dead) {
    dtls_datagram datagram = {.bytes = bytes, .len = 4};
    dtls_plaintext plaintext;
    dtls_event event;
    dtls_srtp_keys keys;
    const dtls_cookie_state cookie = {.record_sequence = 0, .message_seq = 0};
    size_t len = 1;
    size_t taken;
    rows_of_answers(connection, dead);
    rows_of_data(connection, dead);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_start, connection, now);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_start_after_cookie, connection, now, &cookie);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_offer_session, connection, now, (dtls_span){bytes, 4});
    ROW(dead, dtls_set_connection_id, connection, (dtls_span){bytes, 4});
    ROW(dead, dtls_session_set_data, connection, none);
    ROW(dead, dtls_srtp_export_keys, connection, &keys);
    ROW(DTLS_ERROR_ARGUMENT, dtls_receive, connection, now, &datagram, 1, &plaintext, &len, &taken);
    ROW(DTLS_ERROR_ARGUMENT, dtls_poll_datagram, connection, now, bytes, 2000, &len, NULL);
    ROW(DTLS_ERROR_ARGUMENT, dtls_poll_event, connection, &event);
    ROW(DTLS_ERROR_ARGUMENT, dtls_timeout, connection, now);
    ROW(DTLS_ERROR_ARGUMENT, dtls_set_path_mtu, connection, 1200);
    ROW(DTLS_ERROR_ARGUMENT, dtls_set_round_trip, connection, 1);
    ROW(DTLS_ERROR_ARGUMENT, dtls_accept_path, connection, 1);
    ROW(DTLS_ERROR_ARGUMENT, dtls_close, connection, now);
    ROW(DTLS_ERROR_ARGUMENT, dtls_abort, connection, now, DTLS_ALERT_USER_CANCELED);
    ROW(0, dtls_max_data, connection);
    ROW(0, dtls_path_mtu, connection);
    ROW(true, DTLS_NO_DEADLINE == dtls_deadline, connection);
    misuse_note("dtls_deadline");
    ROW_NULL(dtls_connection_take_handshake_memory, connection);
    ROW_NULL(dtls_connection_get_failure, connection);
    ROW_VOID(dtls_connection_wipe, connection);
    misuse_note("dtls_session_get_id");
    misuse_note("dtls_session_get_data");
    assert_int_equal(dtls_session_get_id(connection).len, 0);
    assert_int_equal(dtls_session_get_data(connection).len, 0);
    size_t headroom = 1;
    size_t tailroom = 1;
    ROW_VOID(dtls_record_overhead, connection, &headroom, &tailroom);
    assert_int_equal(headroom + tailroom, 0);
}

static void rows_of_checked(const dtls_config *config, uint8_t *session, uint8_t *handshake) {
    dtls_checked_config checked;
    dtls_connection *out;
    assert_int_equal(dtls_checked_config_make(config, &checked, NULL), DTLS_OK);
    const size_t room = checked.session_size;
    const size_t len = checked.handshake_size;
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_open_checked, NULL, session, room, handshake, len, &out);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_open_checked, &checked, NULL, room, handshake, len, &out);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_open_checked, &checked, session, room, NULL, len, &out);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_open_checked, &checked, session, room, handshake, len, NULL);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_open_checked, &checked, session + 1, room, handshake, len, &out);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_open_checked, &checked, session, room, handshake + 8, len, &out);
    ROW(DTLS_ERROR_NO_ROOM, dtls_connection_open_checked, &checked, session, room - 1, handshake, len, &out);
    ROW(DTLS_ERROR_NO_ROOM, dtls_connection_open_checked, &checked, session, room, handshake, len - 1, &out);
    assert_null(out);
}

void misuse_of_opening(void **state) {
    (void)state;
    rows_of_nothing(NULL, DTLS_ERROR_ARGUMENT);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_ids, NULL, NULL, NULL);
    ROW_NULL(dtls_connection_get_info, NULL);
    ROW_NULL(dtls_connection_get_statistics, NULL);
    struct pair pair;
    pair_init_psk(&pair);
    const dtls_config *config = &pair.ends[0].config;
    const dtls_config wrong = {.crypto = &dtls_libcrypto};
    const size_t session_len = dtls_session_size(config);
    const size_t len = dtls_handshake_size(config);
    uint8_t *session = malloc(session_len + 16);
    uint8_t *handshake = malloc(len + 16);
    dtls_connection *out;
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_open, NULL, session, session_len, handshake, len, &out);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_open, config, NULL, session_len, handshake, len, &out);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_open, config, session, session_len, NULL, len, &out);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_open, config, session, session_len, handshake, len, NULL);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_open, config, session + 1, session_len, handshake, len, &out);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_open, config, session, session_len, handshake + 8, len, &out);
    ROW(DTLS_ERROR_CONFIG, dtls_connection_open, &wrong, session, session_len, handshake, len, &out);
    ROW(DTLS_ERROR_NO_ROOM, dtls_connection_open, config, session, session_len - 1, handshake, len, &out);
    ROW(DTLS_ERROR_NO_ROOM, dtls_connection_open, config, session, session_len, handshake, len - 1, &out);
    ROW(DTLS_ERROR_NO_ROOM, dtls_connection_open, config, session, 0, handshake, 0, &out);
    assert_null(out);
    rows_of_checked(config, session, handshake);
    const dtls_span some = {bytes, 4};
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_import, NULL, now, some, session, session_len, &out);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_import, config, now, none, session, session_len, &out);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_import, config, now, some, NULL, session_len, &out);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_import, config, now, some, session, session_len, NULL);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_import, config, now, some, session + 1, session_len, &out);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_import, config, now, some, session, session_len, &out);
    ROW(DTLS_ERROR_CONFIG, dtls_connection_import, &wrong, now, some, session, session_len, &out);
    ROW(DTLS_ERROR_NO_ROOM, dtls_connection_import, config, now, some, session, session_len - 1, &out);
    assert_null(out);
    free(session);
    free(handshake);
}

/* Opens both ends, with every extension that has calls of its own; nothing has been started. */
static void open_pair(struct pair *pair, void (*init)(struct pair *pair)) {
    static const dtls_extension *const extensions[] = {&dtls_extension_extended_master_secret,
                                                       &dtls_extension_renegotiation_info,
                                                       &dtls_extension_connection_id, NULL};
    init(pair);
    for (int i = 0; i < 2; i++) {
        pair->ends[i].config.extensions = extensions;
        pair->ends[i].config.keep_secrets = true;
    }
    pair->ends[CLIENT_END].config.resumption = &dtls_resumption_client;
    pair->ends[SERVER_END].config.resumption = &dtls_resumption_server;
    pair->ends[SERVER_END].config.session_cache = true;
    pair_open_ends(pair);
}

/* A client whose start is still to come, and a server that has heard nothing. */
void misuse_before_the_start(void **state) {
    (void)state;
    struct pair pair;
    open_pair(&pair, pair_init_psk);
    const dtls_cookie_state cookie = {.record_sequence = 0, .message_seq = 0};
    for (int i = 0; i < 2; i++) {
        dtls_connection *connection = pair.ends[i].connection;
        rows_of_answers(connection, DTLS_ERROR_STATE);
        rows_of_data(connection, DTLS_ERROR_STATE);
        ROW(DTLS_NOTHING, dtls_connection_ids, connection, NULL, NULL);
        ROW(DTLS_ERROR_ARGUMENT, dtls_set_connection_id, connection, hole);
        ROW(DTLS_ERROR_ARGUMENT, dtls_set_connection_id, connection, ((dtls_span){bytes, 33}));
        ROW(DTLS_ERROR_ARGUMENT, dtls_session_set_data, connection, hole);
        ROW(DTLS_ERROR_ARGUMENT, dtls_session_set_data, connection, ((dtls_span){bytes, 65}));
        ROW(DTLS_ERROR_ARGUMENT, dtls_set_path_mtu, connection, 127);
        ROW(DTLS_ERROR_ARGUMENT, dtls_set_round_trip, connection, 0);
        ROW(DTLS_ERROR_ARGUMENT, dtls_connection_start_after_cookie, connection, now, NULL);
        ROW(0, dtls_max_data, connection);
        ROW_NULL(dtls_connection_take_handshake_memory, connection);
        ROW_NULL(dtls_connection_get_failure, connection);
    }
    dtls_connection *client = pair.ends[CLIENT_END].connection;
    ROW(DTLS_ERROR_STATE, dtls_connection_start_after_cookie, client, now, &cookie);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_offer_session, client, now, hole);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_offer_session, client, now, ((dtls_span){bytes, 200}));
    ROW(DTLS_ERROR_STATE, dtls_connection_offer_session, pair.ends[SERVER_END].connection, now,
        ((dtls_span){bytes, 4}));
    pair_begin(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
    pair_check_connected(&pair);
    pair_free(&pair);
}

/* Both ask for the PSK, and are told nonsense. */
void misuse_during_the_handshake(void **state) {
    (void)state;
    struct pair pair;
    open_pair(&pair, pair_init_psk);
    pair.ends[CLIENT_END].answer = ANSWER_LATER;
    pair_begin(&pair);
    pair_run(&pair, pair.now.monotonic_ns + SECOND / 4);
    for (int i = 0; i < 2; i++) {
        dtls_connection *connection = pair.ends[i].connection;
        rows_of_lateness(connection, DTLS_ERROR_STATE);
        rows_of_data(connection, DTLS_ERROR_STATE);
        ROW(DTLS_ERROR_STATE, dtls_answer_certificate, connection, now, DTLS_OK);
        ROW(DTLS_ERROR_STATE, dtls_answer_signature, connection, now, none);
        ROW(DTLS_ERROR_ARGUMENT, dtls_answer_psk, connection, now, hole, none);
        ROW(DTLS_ERROR_ARGUMENT, dtls_answer_psk, connection, now, none, hole);
        ROW(DTLS_ERROR_ARGUMENT, dtls_answer_psk, connection, now, ((dtls_span){bytes, 129}), none);
        ROW(DTLS_ERROR_ARGUMENT, dtls_answer_psk, connection, now, none, ((dtls_span){bytes, 65}));
        ROW(DTLS_ERROR_ARGUMENT, dtls_answer_signature, connection, now, hole);
        ROW(DTLS_ERROR_ARGUMENT, dtls_answer_signature, connection, now, ((dtls_span){bytes, 513}));
        ROW(DTLS_ERROR_ARGUMENT, dtls_answer_session, connection, now, hole);
        ROW(DTLS_ERROR_ARGUMENT, dtls_answer_decryption, connection, now, NULL);
        ROW(DTLS_ERROR_ARGUMENT, dtls_answer_certificate, connection, now, DTLS_NOTHING);
        ROW(DTLS_ERROR_ARGUMENT, dtls_answer_certificate, connection, now, DTLS_ERROR_FINISHED);
        ROW(DTLS_ERROR_ARGUMENT, dtls_answer_certificate, connection, now, (dtls_error)-4711);
        ROW_NULL(dtls_connection_take_handshake_memory, connection);
    }
    pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
    pair_check_connected(&pair);
    pair_free(&pair);
}

static void rows_of_receive(dtls_connection *connection) {
    dtls_datagram datagram = {.bytes = bytes, .len = 4};
    dtls_datagram no_bytes = {.bytes = NULL, .len = 4};
    dtls_plaintext plaintext;
    size_t num = 1;
    size_t taken;
    ROW(DTLS_ERROR_ARGUMENT, dtls_receive, connection, now, NULL, 1, &plaintext, &num, &taken);
    ROW(DTLS_ERROR_ARGUMENT, dtls_receive, connection, now, &datagram, 1, NULL, &num, &taken);
    ROW(DTLS_ERROR_ARGUMENT, dtls_receive, connection, now, &datagram, 1, &plaintext, NULL, &taken);
    ROW(DTLS_ERROR_ARGUMENT, dtls_receive, connection, now, &datagram, 1, &plaintext, &num, NULL);
    ROW(DTLS_ERROR_ARGUMENT, dtls_receive, connection, now, &no_bytes, 1, &plaintext, &num, &taken);
}

static void rows_of_writing(dtls_connection *connection) {
    uint8_t record[300];
    size_t len;
    dtls_record_buffer no_bytes = {.bytes = NULL, .capacity = 300, .len = 1};
    dtls_record_buffer no_room = {.bytes = record, .capacity = 16, .len = 1};
    dtls_record_buffer too_long = {.bytes = record, .capacity = SIZE_MAX, .len = DTLS_MAX_PLAINTEXT + 1};
    dtls_record_buffer wraps = {.bytes = record, .capacity = 300, .len = SIZE_MAX};
    const size_t cap = sizeof record;
    ROW(DTLS_ERROR_ARGUMENT, dtls_write, connection, now, NULL, 1, record, cap, &len);
    ROW(DTLS_ERROR_ARGUMENT, dtls_write, connection, now, bytes, 1, NULL, cap, &len);
    ROW(DTLS_ERROR_ARGUMENT, dtls_write, connection, now, bytes, 1, record, cap, NULL);
    ROW(DTLS_ERROR_ARGUMENT, dtls_write, connection, now, bytes, sizeof bytes, record, cap, &len);
    ROW(DTLS_ERROR_ARGUMENT, dtls_write, connection, now, bytes, SIZE_MAX, record, cap, &len);
    ROW(DTLS_ERROR_NO_ROOM, dtls_write, connection, now, bytes, cap, record, cap, &len);
    ROW(DTLS_ERROR_NO_ROOM, dtls_write, connection, now, bytes, 0, record, 0, &len);
    ROW(DTLS_ERROR_ARGUMENT, dtls_protect, connection, now, NULL, 1, &len);
    ROW(DTLS_ERROR_ARGUMENT, dtls_protect, connection, now, &no_bytes, 1, NULL);
    ROW(DTLS_ERROR_ARGUMENT, dtls_protect, connection, now, &no_bytes, 1, &len);
    ROW(DTLS_ERROR_NO_ROOM, dtls_protect, connection, now, &no_room, 1, &len);
    ROW(DTLS_ERROR_ARGUMENT, dtls_protect, connection, now, &too_long, 1, &len);
    ROW(DTLS_ERROR_ARGUMENT, dtls_protect, connection, now, &wraps, 1, &len);
    assert_int_equal(len, 0);
}

static void rows_of_polling(dtls_connection *connection) {
    size_t len;
    ROW(DTLS_ERROR_ARGUMENT, dtls_poll_datagram, connection, now, NULL, 2000, &len, NULL);
    ROW(DTLS_ERROR_ARGUMENT, dtls_poll_datagram, connection, now, bytes, 2000, NULL, NULL);
    ROW(DTLS_ERROR_NO_ROOM, dtls_poll_datagram, connection, now, bytes, 1199, &len, NULL);
    ROW(DTLS_ERROR_ARGUMENT, dtls_poll_event, connection, NULL);
}

static void rows_of_exports(dtls_connection *connection) {
    uint8_t out[64];
    size_t len;
    const dtls_span long_context = {bytes, DTLS_MAX_EXPORTER_CONTEXT + 1};
    static const char *const reserved[] = {"client finished", "server finished", "master secret",
                                           "extended master secret", "key expansion"};
    ROW(DTLS_ERROR_ARGUMENT, dtls_export_keying_material, connection, NULL, NULL, out, 16);
    ROW(DTLS_ERROR_ARGUMENT, dtls_export_keying_material, connection, "EXPERIMENTAL", NULL, NULL, 16);
    ROW(DTLS_ERROR_ARGUMENT, dtls_export_keying_material, connection, "EXPERIMENTAL", &hole, out, 16);
    ROW(DTLS_ERROR_ARGUMENT, dtls_export_keying_material, connection, "EXPERIMENTAL", &long_context, out, 1);
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        ROW(DTLS_ERROR_ARGUMENT, dtls_export_keying_material, connection, reserved[i], NULL, out, 16);
    ROW(DTLS_ERROR_ARGUMENT, dtls_session_export, connection, NULL, sizeof out, &len);
    ROW(DTLS_ERROR_ARGUMENT, dtls_session_export, connection, out, sizeof out, NULL);
    ROW(DTLS_ERROR_NO_ROOM, dtls_session_export, connection, out, 0, &len);
    ROW(DTLS_ERROR_NO_ROOM, dtls_session_export, connection, out, sizeof out, &len);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_export, connection, now, NULL, sizeof out, &len);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_export, connection, now, out, sizeof out, NULL);
    ROW(DTLS_ERROR_NO_ROOM, dtls_connection_export, connection, now, out, sizeof out, &len);
    ROW(DTLS_ERROR_ARGUMENT, dtls_srtp_export_keys, connection, NULL);
}

void misuse_of_a_connection(void **state) {
    (void)state;
    struct pair pair;
    open_pair(&pair, pair_init_certificates);
    pair_begin(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
    dtls_srtp_keys keys;
    for (int i = 0; i < 2; i++) {
        dtls_connection *connection = pair.ends[i].connection;
        rows_of_answers(connection, DTLS_ERROR_STATE);
        rows_of_lateness(connection, DTLS_ERROR_STATE);
        rows_of_receive(connection);
        rows_of_writing(connection);
        rows_of_polling(connection);
        rows_of_exports(connection);
        ROW(DTLS_ERROR_STATE, dtls_session_set_data, connection, none);
        ROW(DTLS_NOTHING, dtls_srtp_export_keys, connection, &keys);
        ROW(DTLS_ERROR_STATE, dtls_set_round_trip, connection, 1);
        ROW(DTLS_ERROR_ARGUMENT, dtls_set_path_mtu, connection, 0);
        ROW(DTLS_ERROR_ARGUMENT, dtls_abort, connection, now, (dtls_alert)256);
        ROW(DTLS_ERROR_ARGUMENT, dtls_abort, connection, now, (dtls_alert)-1);
        ROW(DTLS_ERROR_ARGUMENT, dtls_abort, connection, now, DTLS_ALERT_CLOSE_NOTIFY);
        ROW_VOID(dtls_record_overhead, connection, NULL, NULL);
    }
    pair_check_connected(&pair);
    pair_free(&pair);
}

static void rows_of_the_dead(dtls_connection *connection) {
    dtls_datagram datagram = {.bytes = bytes, .len = 4};
    dtls_plaintext plaintext;
    size_t num = 1;
    size_t taken;
    rows_of_answers(connection, DTLS_ERROR_STATE);
    rows_of_data(connection, DTLS_ERROR_STATE);
    rows_of_lateness(connection, DTLS_ERROR_STATE);
    ROW(DTLS_ERROR_STATE, dtls_session_set_data, connection, none);
    ROW(DTLS_ERROR_STATE, dtls_receive, connection, now, &datagram, 1, &plaintext, &num, &taken);
    ROW(DTLS_ERROR_STATE, dtls_timeout, connection, now);
    ROW(DTLS_ERROR_STATE, dtls_close, connection, now);
    ROW(DTLS_ERROR_STATE, dtls_abort, connection, now, DTLS_ALERT_USER_CANCELED);
    ROW(DTLS_ERROR_STATE, dtls_set_path_mtu, connection, 1200);
    ROW(DTLS_ERROR_STATE, dtls_set_round_trip, connection, 1);
    ROW(DTLS_ERROR_STATE, dtls_accept_path, connection, 1);
    ROW(0, dtls_max_data, connection);
    assert_true(dtls_deadline(connection) == DTLS_NO_DEADLINE);
}

/* Dead in the handshake, dead when it was connected, closed. */
void misuse_of_a_dead_connection(void **state) {
    (void)state;
    for (uint64_t after = 0; after < 2; after++) {
        struct pair pair;
        open_pair(&pair, pair_init_psk);
        pair_begin(&pair);
        pair_run(&pair, pair.now.monotonic_ns + after * 10 * SECOND);
        for (int i = 0; i < 2; i++) {
            ROW(DTLS_OK, dtls_abort, pair.ends[i].connection, now, DTLS_ALERT_USER_CANCELED);
            rows_of_the_dead(pair.ends[i].connection);
        }
        pair_free(&pair);
    }
    struct pair pair;
    open_pair(&pair, pair_init_psk);
    pair_begin(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
    dtls_connection *closed = pair.ends[CLIENT_END].connection;
    uint8_t record[300];
    size_t len;
    ROW(DTLS_OK, dtls_close, closed, now);
    ROW(DTLS_ERROR_STATE, dtls_close, closed, now);
    ROW(DTLS_ERROR_STATE, dtls_write, closed, now, bytes, 1, record, sizeof record, &len);
    ROW(DTLS_ERROR_STATE, dtls_connection_export, closed, now, record, sizeof record, &len);
    rows_of_lateness(closed, DTLS_ERROR_STATE);
    rows_of_answers(closed, DTLS_ERROR_STATE);
    pair_free(&pair);
}

/* A connection that was wiped is like none, or like a dead one. */
void misuse_of_a_wiped_connection(void **state) {
    (void)state;
    struct pair pair;
    open_pair(&pair, pair_init_psk);
    pair_begin(&pair);
    for (int i = 0; i < 2; i++) {
        ROW_VOID(dtls_connection_wipe, pair.ends[i].connection);
        rows_of_nothing(pair.ends[i].connection, DTLS_ERROR_STATE);
    }
    pair_free(&pair);
}

/* Sessions and connection IDs, where the configuration has none. */
void misuse_of_sessions(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair_open_ends(&pair);
    const dtls_span some = {bytes, 4};
    for (int i = 0; i < 2; i++) {
        dtls_connection *connection = pair.ends[i].connection;
        ROW(DTLS_ERROR_STATE, dtls_session_set_data, connection, some);
        ROW(DTLS_ERROR_STATE, dtls_connection_offer_session, connection, now, some);
        ROW(DTLS_ERROR_STATE, dtls_set_connection_id, connection, some);
        assert_int_equal(dtls_session_get_id(connection).len, 0);
        assert_int_equal(dtls_session_get_data(connection).len, 0);
    }
    pair_begin(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
    uint8_t out[DTLS_CONNECTION_STATE_SIZE];
    size_t len;
    for (int i = 0; i < 2; i++) {
        dtls_connection *connection = pair.ends[i].connection;
        ROW(DTLS_ERROR_STATE, dtls_session_export, connection, out, sizeof out, &len);
        ROW(DTLS_ERROR_STATE, dtls_connection_export, connection, now, out, sizeof out, &len);
        ROW(DTLS_ERROR_STATE, dtls_export_keying_material, connection, "EXPERIMENTAL", NULL, out, 16);
        ROW(DTLS_NOTHING, dtls_connection_ids, connection, NULL, NULL);
    }
    pair_check_connected(&pair);
    pair_free(&pair);
    dtls_span id;
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_id_of, NULL, 10, 4, &id);
    ROW(DTLS_ERROR_ARGUMENT, dtls_connection_id_of, bytes, 10, 4, NULL);
    ROW(DTLS_NOTHING, dtls_connection_id_of, NULL, 0, 4, &id);
    ROW(DTLS_NOTHING, dtls_connection_id_of, bytes, 10, 0, &id);
    ROW(DTLS_NOTHING, dtls_connection_id_of, bytes, 10, SIZE_MAX, &id);
}

void misuse_of_cookies(void **state) {
    (void)state;
    const dtls_crypto *crypto = &dtls_libcrypto;
    const dtls_cookie_secret secret = {.current = {1}};
    const dtls_span address = {bytes, 6};
    uint8_t reply[DTLS_COOKIE_REPLY_MAX];
    size_t len;
    dtls_cookie_state out;
    struct pair pair;
    pair_init_psk(&pair);
    pair_open(&pair);
    uint8_t hello[1200];
    size_t hello_len;
    assert_int_equal(
        dtls_poll_datagram(pair.ends[0].connection, pair.now, hello, sizeof hello, &hello_len, NULL),
        DTLS_OK);
    const dtls_span datagram = {hello, hello_len};
    const dtls_span long_address = {bytes, 65536 > sizeof bytes ? sizeof bytes : 65536};
    ROW(DTLS_COOKIE_REPLY, dtls_cookie_judge, crypto, &secret, address, datagram, reply, &len, &out);
    ROW(DTLS_COOKIE_REPLY, dtls_cookie_judge, crypto, &secret, none, datagram, reply, &len, &out);
    ROW(DTLS_COOKIE_REPLY, dtls_cookie_judge, crypto, &secret, long_address, datagram, reply, &len, &out);
    ROW(DTLS_COOKIE_IGNORE, dtls_cookie_judge, NULL, &secret, address, datagram, reply, &len, &out);
    ROW(DTLS_COOKIE_IGNORE, dtls_cookie_judge, crypto, NULL, address, datagram, reply, &len, &out);
    ROW(DTLS_COOKIE_IGNORE, dtls_cookie_judge, crypto, &secret, hole, datagram, reply, &len, &out);
    ROW(DTLS_COOKIE_IGNORE, dtls_cookie_judge, crypto, &secret, address, hole, reply, &len, &out);
    ROW(DTLS_COOKIE_IGNORE, dtls_cookie_judge, crypto, &secret, address, none, reply, &len, &out);
    ROW(DTLS_COOKIE_IGNORE, dtls_cookie_judge, crypto, &secret, address, datagram, NULL, &len, &out);
    ROW(DTLS_COOKIE_IGNORE, dtls_cookie_judge, crypto, &secret, address, datagram, reply, NULL, &out);
    ROW(DTLS_COOKIE_IGNORE, dtls_cookie_judge, crypto, &secret, address, datagram, reply, &len, NULL);
    static uint8_t enormous[65536];
    const dtls_span too_long = {enormous, sizeof enormous};
    ROW(DTLS_COOKIE_IGNORE, dtls_cookie_judge, crypto, &secret, too_long, datagram, reply, &len, &out);
    pair_free(&pair);
}
