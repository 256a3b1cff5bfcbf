/* SPDX-License-Identifier: MIT
 *
 * How connections end (RFC 5246 section 7.2.1), what becomes of the last flight
 * (RFC 6347 section 4.2.4), and no second handshake (RFC 5746 section 4.5).
 */
#include "connection/edit.h"

#include "handshake/connection.h"

static void connect_pair(struct pair *pair) {
    pair_init_psk(pair);
    pair_open(pair);
    pair_run(pair, pair->now.monotonic_ns + 20 * SECOND);
    pair_check_connected(pair);
}

static dtls_connection *connection(const struct pair *pair, int end) {
    return pair->ends[end].connection;
}

/* Lets everything under way arrive. */
static void settle(struct pair *pair) {
    pair_run(pair, pair->now.monotonic_ns + 10 * ONE_WAY);
}

static void close_by_either_side(void **state) {
    (void)state;
    for (int end = 0; end < 2; end++) {
        struct pair pair;
        connect_pair(&pair);
        assert_int_equal(dtls_close(connection(&pair, end), pair.now), DTLS_OK);
        settle(&pair);
        for (int i = 0; i < 2; i++) {
            assert_true(pair.ends[i].peer_closed);
            assert_false(pair.ends[i].failed);
            assert_int_equal(pair.ends[i].num_alerts_sent, 1);
            assert_int_equal(pair.ends[i].last_alert_sent.alert, DTLS_ALERT_CLOSE_NOTIFY);
            assert_int_equal(pair.ends[i].last_alert_received.alert, DTLS_ALERT_CLOSE_NOTIFY);
            assert_true(dtls_connection_get_info(connection(&pair, i))->closed);
            assert_null(dtls_connection_get_failure(connection(&pair, i)));
            uint8_t out[100];
            size_t len;
            assert_int_equal(dtls_write(connection(&pair, i), pair.now, out, 1, out, sizeof out, &len),
                             DTLS_ERROR_STATE);
            assert_int_equal(dtls_close(connection(&pair, i), pair.now), DTLS_ERROR_STATE);
        }
        pair_free(&pair);
    }
}

static void both_close_at_once(void **state) {
    (void)state;
    struct pair pair;
    connect_pair(&pair);
    dtls_close(connection(&pair, 0), pair.now);
    dtls_close(connection(&pair, 1), pair.now);
    settle(&pair);
    for (int i = 0; i < 2; i++) {
        assert_true(pair.ends[i].peer_closed);
        assert_int_equal(pair.ends[i].num_alerts_sent, 1);
        assert_int_equal(pair.ends[i].num_sent, i == 0 ? 3 : 3);
    }
    pair_free(&pair);
}

/* Data that was on its way when we closed still comes; what comes behind the peer's close_notify does not. */
static void data_around_a_close(void **state) {
    (void)state;
    struct pair pair;
    connect_pair(&pair);
    uint8_t before[64];
    uint8_t after[64];
    size_t before_len;
    size_t after_len;
    const uint8_t *text = (const uint8_t *)"data";
    dtls_write(connection(&pair, SERVER_END), pair.now, text, 4, before, sizeof before, &before_len);
    dtls_write(connection(&pair, SERVER_END), pair.now, text, 4, after, sizeof after, &after_len);
    const size_t received = pair.ends[CLIENT_END].received_len;
    dtls_close(connection(&pair, CLIENT_END), pair.now);
    pair_deliver(&pair, CLIENT_END, before, before_len);
    assert_int_equal(pair.ends[CLIENT_END].received_len, received + 4);
    settle(&pair);
    pair_deliver(&pair, CLIENT_END, after, after_len);
    assert_int_equal(pair.ends[CLIENT_END].received_len, received + 4);
    pair_free(&pair);
}

static void close_before_anything_was_sent(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair_open(&pair);
    assert_int_equal(dtls_close(connection(&pair, SERVER_END), pair.now), DTLS_OK);
    uint8_t out[1200];
    size_t len;
    assert_int_equal(dtls_poll_datagram(connection(&pair, SERVER_END), pair.now, out, sizeof out, &len, NULL),
                     DTLS_NOTHING);
    assert_int_equal(pair.ends[SERVER_END].num_alerts_sent, 0);
    assert_int_equal(dtls_connection_start(connection(&pair, SERVER_END), pair.now), DTLS_ERROR_STATE);
    pair_free(&pair);
}

static void close_in_a_handshake(void **state) {
    (void)state;
    struct pair pair;
    pair_init_certificates(&pair);
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 3 * ONE_WAY - 1);
    dtls_close(connection(&pair, CLIENT_END), pair.now);
    settle(&pair);
    assert_int_equal(dtls_deadline(connection(&pair, CLIENT_END)), DTLS_NO_DEADLINE);
    assert_non_null(dtls_connection_take_handshake_memory(connection(&pair, CLIENT_END)));
    pair_free(&pair);
}

static void abort_with_an_alert(void **state) {
    (void)state;
    struct pair pair;
    connect_pair(&pair);
    assert_int_equal(dtls_abort(connection(&pair, CLIENT_END), pair.now, DTLS_ALERT_ACCESS_DENIED), DTLS_OK);
    settle(&pair);
    assert_int_equal(dtls_connection_get_failure(connection(&pair, CLIENT_END))->error, DTLS_ERROR_ABORTED);
    assert_int_equal(dtls_connection_get_failure(connection(&pair, CLIENT_END))->alert,
                     DTLS_ALERT_ACCESS_DENIED);
    assert_int_equal(dtls_connection_get_failure(connection(&pair, SERVER_END))->error,
                     DTLS_ERROR_PEER_ALERT);
    assert_int_equal(dtls_connection_get_failure(connection(&pair, SERVER_END))->alert,
                     DTLS_ALERT_ACCESS_DENIED);
    dtls_datagram datagram = {.bytes = (uint8_t[]){0}, .len = 1};
    size_t num = 0;
    size_t taken;
    assert_int_equal(dtls_receive(connection(&pair, CLIENT_END), pair.now, &datagram, 1, NULL, &num, &taken),
                     DTLS_ERROR_STATE);
    assert_int_equal(dtls_timeout(connection(&pair, CLIENT_END), pair.now), DTLS_ERROR_STATE);
    assert_int_equal(dtls_close(connection(&pair, CLIENT_END), pair.now), DTLS_ERROR_STATE);
    assert_int_equal(dtls_abort(connection(&pair, CLIENT_END), pair.now, DTLS_ALERT_ACCESS_DENIED),
                     DTLS_ERROR_STATE);
    pair_free(&pair);
}

/* The server's last flight is lost: each repetition of the client's is answered once, long after the server
 * has connected and given its handshake memory back. */
static void last_flight_is_repeated(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    for (unsigned i = 3; i < 3 + 2 * 3; i += 2)
        pair.script[i] = DROP;
    const uint64_t start = pair.now.monotonic_ns;
    pair_open(&pair);
    pair_run(&pair, start + SECOND / 2);
    assert_true(pair.ends[SERVER_END].connected);
    assert_false(pair.ends[CLIENT_END].connected);
    assert_ptr_equal(dtls_connection_take_handshake_memory(connection(&pair, SERVER_END)),
                     pair.ends[SERVER_END].handshake_memory);
    memset(pair.ends[SERVER_END].handshake_memory, 0xee, pair.ends[SERVER_END].handshake_len);
    pair_run(&pair, start + 60 * SECOND);
    assert_int_equal(pair.now.monotonic_ns - start, 7 * SECOND + 4 * ONE_WAY);
    assert_int_equal(pair.ends[SERVER_END].num_retransmitted, 3);
    pair_check_connected(&pair);
    pair_free(&pair);
}

static void last_flight_is_forgotten(void **state) {
    (void)state;
    struct pair pair;
    connect_pair(&pair);
    dtls_connection *server = connection(&pair, SERVER_END);
    const uint64_t deadline = dtls_deadline(server);
    assert_int_equal(deadline, pair.now.monotonic_ns - ONE_WAY + 240 * SECOND);
    assert_int_equal(dtls_deadline(connection(&pair, CLIENT_END)), DTLS_NO_DEADLINE);
    pair.now.monotonic_ns = deadline;
    assert_int_equal(dtls_timeout(server, pair.now), DTLS_OK);
    assert_int_equal(dtls_deadline(server), DTLS_NO_DEADLINE);
    pair_check_data(&pair);
    pair_free(&pair);
}

/* A close_notify that overtook the flight that makes it readable would be lost: it goes out with the
 * repetition. */
static void close_behind_a_lost_last_flight(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair.script[3] = DROP;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + SECOND / 2);
    dtls_close(connection(&pair, SERVER_END), pair.now);
    pair_run(&pair, pair.now.monotonic_ns + 5 * SECOND);
    settle(&pair);
    assert_true(pair.ends[CLIENT_END].connected);
    assert_true(pair.ends[CLIENT_END].peer_closed);
    assert_true(pair.ends[SERVER_END].peer_closed);
    pair_free(&pair);
}

/* Gives an authentic handshake message of epoch 1 to the other end. */
static void give_authentic(struct pair *pair, int from, const struct dtls_message_header *header) {
    struct dtls_record_layer *records = &connection(pair, from)->records;
    uint8_t datagram[128];
    struct dtls_writer writer =
        dtls_writer_of(datagram + dtls_record_headroom(records, 1), DTLS_MESSAGE_HEADER);
    dtls_message_header_write(&writer, header);
    size_t len = DTLS_MESSAGE_HEADER;
    assert_int_equal(dtls_record_seal(records, 1, DTLS_CONTENT_HANDSHAKE, datagram, sizeof datagram, &len),
                     DTLS_OK);
    pair_deliver(pair, !from, datagram, len);
}

static void renegotiation_is_refused_with_a_warning(void **state) {
    (void)state;
    static const uint8_t types[] = {DTLS_MESSAGE_CLIENT_HELLO, DTLS_MESSAGE_HELLO_REQUEST};
    for (int from = 0; from < 2; from++) {
        struct pair pair;
        connect_pair(&pair);
        give_authentic(&pair, from, &(struct dtls_message_header){.type = types[from]});
        settle(&pair);
        assert_int_equal(pair.ends[from].last_alert_received.alert, DTLS_ALERT_NO_RENEGOTIATION);
        assert_int_equal(pair.ends[from].last_alert_received.alert_level, 1);
        pair_check_connected(&pair);
        pair_free(&pair);
    }
}

static void message_after_the_handshake(void **state) {
    (void)state;
    for (int from = 0; from < 2; from++) {
        struct pair pair;
        connect_pair(&pair);
        /* An old one is passed over, a new one is not. */
        give_authentic(&pair, from,
                       &(struct dtls_message_header){.type = DTLS_MESSAGE_CERTIFICATE, .seq = 0});
        assert_false(pair.ends[!from].failed);
        give_authentic(&pair, from,
                       &(struct dtls_message_header){.type = DTLS_MESSAGE_CERTIFICATE, .seq = 9});
        settle(&pair);
        const dtls_failure *failure = dtls_connection_get_failure(connection(&pair, !from));
        assert_int_equal(failure->error, DTLS_ERROR_UNEXPECTED_MESSAGE);
        assert_string_equal(failure->state, "connected");
        assert_string_equal(failure->message, "Certificate");
        /* The alert is protected, and authentic. */
        assert_int_equal(pair.ends[from].last_alert_received.alert, DTLS_ALERT_UNEXPECTED_MESSAGE);
        assert_true(pair.ends[from].failed);
        pair_free(&pair);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(close_by_either_side),
        cmocka_unit_test(both_close_at_once),
        cmocka_unit_test(data_around_a_close),
        cmocka_unit_test(close_before_anything_was_sent),
        cmocka_unit_test(close_in_a_handshake),
        cmocka_unit_test(abort_with_an_alert),
        cmocka_unit_test(last_flight_is_repeated),
        cmocka_unit_test(last_flight_is_forgotten),
        cmocka_unit_test(close_behind_a_lost_last_flight),
        cmocka_unit_test(renegotiation_is_refused_with_a_warning),
        cmocka_unit_test(message_after_the_handshake),
    };
    return cmocka_run_group_tests(tests, credentials_make, credentials_free);
}
