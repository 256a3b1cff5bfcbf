/* SPDX-License-Identifier: MIT
 *
 * What a stranger can put on the wire: fragments that contradict each other,
 * alerts, changes of cipher and messages out of turn, noise. Only a wrong
 * message in sequence may end a handshake (RFC 6347 section 4.1.2.7).
 */
#include "connection/edit.h"

#include "handshake/connection.h"
#include "wire/record_header.h"

/* A server that waits for its ClientHello. */
static void make_server(struct pair *pair) {
    pair_init_psk(pair);
    for (size_t i = 0; i < MAX_SCRIPT; i++)
        pair->script[i] = DROP;
    pair_open(pair);
}

static uint64_t next_sequence;

static void give(struct pair *pair, int to, const struct dtls_message_header *header, const uint8_t *body) {
    uint8_t datagram[MAX_DATAGRAM];
    const size_t len = make_fragment(datagram, next_sequence++, header, body);
    pair_deliver(pair, to, datagram, len);
    pair_pump(pair);
}

static void give_record(struct pair *pair, int to, uint8_t type, uint16_t epoch, const char *bytes,
                        size_t len) {
    uint8_t datagram[MAX_DATAGRAM];
    const struct dtls_record_header record = {.type = type,
                                              .version = DTLS_VERSION_1_2,
                                              .epoch = epoch,
                                              .sequence = 1000 + next_sequence++,
                                              .length = (uint16_t)len};
    struct dtls_writer writer = dtls_writer_of(datagram, sizeof datagram);
    dtls_record_header_write(&writer, &record);
    dtls_write_bytes(&writer, (const uint8_t *)bytes, len);
    pair_deliver(pair, to, datagram, dtls_written(&writer).len);
    pair_pump(pair);
}

static const dtls_failure *failure_of(const struct pair *pair, int end) {
    return dtls_connection_get_failure(pair->ends[end].connection);
}

static const dtls_statistics *statistics_of(const struct pair *pair, int end) {
    return dtls_connection_get_statistics(pair->ends[end].connection);
}

static const uint8_t zeros[200];
static const uint8_t ones[200] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

struct second {
    struct dtls_message_header header;
    const uint8_t *body;
    dtls_error error;
    dtls_alert alert;
    const char *field;
};

/* After the first ten bytes of a ClientHello of 100 bytes. */
static const struct second seconds[] = {
    {{1, 0, 101, 10, 10}, zeros, DTLS_ERROR_FRAGMENTS_CONTRADICT, DTLS_ALERT_ILLEGAL_PARAMETER, "length"},
    {{2, 0, 100, 10, 10}, zeros, DTLS_ERROR_FRAGMENTS_CONTRADICT, DTLS_ALERT_ILLEGAL_PARAMETER, "msg_type"},
    {{1, 0, 100, 5, 10}, ones, DTLS_ERROR_FRAGMENTS_CONTRADICT, DTLS_ALERT_ILLEGAL_PARAMETER, "fragment"},
    {{1, 0, 100, 95, 10}, zeros, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR, "fragment_length"},
    {{1, 0, 100, 200, 0}, zeros, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR, "fragment_length"},
    {{1, 0, 5000, 10, 10}, zeros, DTLS_ERROR_MESSAGE_TOO_LONG, DTLS_ALERT_ILLEGAL_PARAMETER, "length"},
};

static void contradicting_fragments(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
        struct pair pair;
        make_server(&pair);
        give(&pair, SERVER_END, &(struct dtls_message_header){1, 0, 100, 0, 10}, zeros);
        assert_null(failure_of(&pair, SERVER_END));
        give(&pair, SERVER_END, &seconds[i].header, seconds[i].body);
        assert_non_null(failure_of(&pair, SERVER_END));
        assert_int_equal(failure_of(&pair, SERVER_END)->error, seconds[i].error);
        assert_int_equal(failure_of(&pair, SERVER_END)->alert, seconds[i].alert);
        assert_string_equal(failure_of(&pair, SERVER_END)->field, seconds[i].field);
        assert_string_equal(failure_of(&pair, SERVER_END)->state, "wait ClientHello");
        assert_string_equal(failure_of(&pair, SERVER_END)->section, "RFC 6347 section 4.2.3");
        assert_int_equal(pair.ends[SERVER_END].last_alert_sent.alert, seconds[i].alert);
        pair_free(&pair);
    }
}

static void fragment_longer_than_its_record(void **state) {
    (void)state;
    static const char in_turn[] = "\1\0\0\144\0\0\0\0\0\0\0\144nothing";
    static const char later[] = "\1\0\0\144\0\3\0\0\0\0\0\144nothing";
    struct pair pair;
    make_server(&pair);
    give_record(&pair, SERVER_END, DTLS_CONTENT_HANDSHAKE, 0, later, sizeof later - 1);
    give_record(&pair, SERVER_END, DTLS_CONTENT_HANDSHAKE, 0, in_turn, 11);
    assert_null(failure_of(&pair, SERVER_END));
    assert_int_equal(statistics_of(&pair, SERVER_END)->dropped_length, 2);
    give_record(&pair, SERVER_END, DTLS_CONTENT_HANDSHAKE, 0, in_turn, sizeof in_turn - 1);
    assert_int_equal(failure_of(&pair, SERVER_END)->error, DTLS_ERROR_DECODE);
    pair_free(&pair);
}

/* Messages far ahead, or ahead and too long, are not judged before their turn. */
static void messages_ahead(void **state) {
    (void)state;
    struct pair pair;
    make_server(&pair);
    give(&pair, SERVER_END, &(struct dtls_message_header){20, 100, 12, 0, 12}, zeros);
    give(&pair, SERVER_END, &(struct dtls_message_header){20, 2, 60000, 0, 12}, zeros);
    give(&pair, SERVER_END, &(struct dtls_message_header){20, 3, 12, 6, 12}, zeros);
    give(&pair, SERVER_END, &(struct dtls_message_header){20, 4, 12, 0, 12}, zeros);
    assert_null(failure_of(&pair, SERVER_END));
    /* But what contradicts itself is wrong whenever it comes. */
    give(&pair, SERVER_END, &(struct dtls_message_header){20, 4, 12, 0, 12}, ones);
    assert_string_equal(failure_of(&pair, SERVER_END)->field, "fragment");
    pair_free(&pair);
}

/* Between the first flight and the second. */
static void strike_in_the_middle(struct pair *pair, void (*strike)(struct pair *pair)) {
    pair_init_certificates(pair);
    pair_open(pair);
    pair_run(pair, pair->now.monotonic_ns + ONE_WAY);
    strike(pair);
    pair_run(pair, pair->now.monotonic_ns + 20 * SECOND);
}

static void warn_both(struct pair *pair) {
    give_record(pair, CLIENT_END, DTLS_CONTENT_ALERT, 0, "\1\156", 2);
    give_record(pair, SERVER_END, DTLS_CONTENT_ALERT, 0, "\1\156", 2);
}

static void warnings_are_told_and_ignored(void **state) {
    (void)state;
    struct pair pair;
    strike_in_the_middle(&pair, warn_both);
    pair_check_connected(&pair);
    for (int end = 0; end < 2; end++) {
        assert_int_equal(pair.ends[end].last_alert_received.alert_level, 1);
        assert_int_equal(pair.ends[end].last_alert_received.alert, 110);
    }
    pair_free(&pair);
}

static void send_malformed_alerts(struct pair *pair) {
    for (int end = 0; end < 2; end++) {
        give_record(pair, end, DTLS_CONTENT_ALERT, 0, "\2", 1);
        give_record(pair, end, DTLS_CONTENT_ALERT, 0, "\2\50\2", 3);
        give_record(pair, end, DTLS_CONTENT_ALERT, 0, "\3\50", 2);
        give_record(pair, end, DTLS_CONTENT_ALERT, 0, "\0\50", 2);
    }
}

static void malformed_alerts_are_dropped(void **state) {
    (void)state;
    struct pair pair;
    strike_in_the_middle(&pair, send_malformed_alerts);
    pair_check_connected(&pair);
    assert_int_equal(statistics_of(&pair, CLIENT_END)->dropped_length, 4);
    assert_int_equal(statistics_of(&pair, SERVER_END)->dropped_length, 4);
    pair_free(&pair);
}

static void send_fatal(struct pair *pair) {
    give_record(pair, CLIENT_END, DTLS_CONTENT_ALERT, 0, "\2\50", 2);
}

static void fatal_alert_ends_a_handshake(void **state) {
    (void)state;
    struct pair pair;
    strike_in_the_middle(&pair, send_fatal);
    assert_true(pair.ends[CLIENT_END].failed);
    assert_int_equal(failure_of(&pair, CLIENT_END)->error, DTLS_ERROR_PEER_ALERT);
    assert_int_equal(failure_of(&pair, CLIENT_END)->alert, DTLS_ALERT_HANDSHAKE_FAILURE);
    assert_int_equal(pair.ends[CLIENT_END].num_alerts_sent, 0);
    pair_free(&pair);
}

static void send_close(struct pair *pair) {
    give_record(pair, CLIENT_END, DTLS_CONTENT_ALERT, 0, "\1\0", 2);
}

static void close_notify_ends_a_handshake(void **state) {
    (void)state;
    struct pair pair;
    strike_in_the_middle(&pair, send_close);
    assert_true(pair.ends[CLIENT_END].failed);
    assert_int_equal(failure_of(&pair, CLIENT_END)->alert, DTLS_ALERT_CLOSE_NOTIFY);
    pair_free(&pair);
}

/* Once the read epoch has changed, plaintext counts for nothing. */
static void plaintext_after_the_handshake(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 20 * SECOND);
    for (int end = 0; end < 2; end++) {
        give_record(&pair, end, DTLS_CONTENT_ALERT, 0, "\2\50", 2);
        give_record(&pair, end, DTLS_CONTENT_ALERT, 0, "\1\0", 2);
        give_record(&pair, end, DTLS_CONTENT_CHANGE_CIPHER_SPEC, 0, "\1", 1);
        give_record(&pair, end, DTLS_CONTENT_HANDSHAKE, 0, "\1\0\0\0\0\0\0\0\0\0\0\0", 12);
        give_record(&pair, end, DTLS_CONTENT_APPLICATION_DATA, 0, "hello", 5);
        give_record(&pair, end, DTLS_CONTENT_APPLICATION_DATA, 2, "hello", 5);
        give_record(&pair, end, DTLS_CONTENT_HANDSHAKE, 2, "hello", 5);
        give_record(&pair, end, DTLS_CONTENT_ALERT, 1, "\2\50", 2);
        assert_int_equal(pair.ends[end].received_len, 0);
        assert_int_equal(pair.ends[end].last_alert_received.kind, 0);
    }
    pair_check_connected(&pair);
    pair_free(&pair);
}

static void send_junk(struct pair *pair) {
    for (int end = 0; end < 2; end++) {
        give_record(pair, end, DTLS_CONTENT_CHANGE_CIPHER_SPEC, 0, "\2", 1);
        give_record(pair, end, DTLS_CONTENT_CHANGE_CIPHER_SPEC, 0, "\1\1", 2);
        give_record(pair, end, DTLS_CONTENT_HANDSHAKE, 0, "", 0);
        give_record(pair, end, DTLS_CONTENT_APPLICATION_DATA, 0, "hello", 5);
        give_record(pair, end, DTLS_CONTENT_APPLICATION_DATA, 1, "hello", 5);
        give_record(pair, end, 99, 0, "hello", 5);
        give_record(pair, end, DTLS_CONTENT_HANDSHAKE, 7, "hello", 5);
        pair_deliver(pair, end, (const uint8_t *)"\26\376\375", 3);
    }
    /* Only the server's next flight holds a ChangeCipherSpec; the client's comes out of turn. */
    give_record(pair, CLIENT_END, DTLS_CONTENT_CHANGE_CIPHER_SPEC, 0, "\1", 1);
}

static void noise_is_dropped_and_counted(void **state) {
    (void)state;
    struct pair pair;
    strike_in_the_middle(&pair, send_junk);
    pair_check_connected(&pair);
    const dtls_statistics *client = statistics_of(&pair, CLIENT_END);
    assert_int_equal(client->dropped_type, 1);
    assert_int_equal(client->dropped_epoch, 1);
    assert_int_equal(client->dropped_header, 1);
    assert_true(client->dropped_unexpected >= 3);
    assert_int_equal(pair.ends[CLIENT_END].received_len, strlen("from the server"));
    pair_free(&pair);
}

static void give_early_record(struct pair *pair) {
    static const char longer[DTLS_EARLY_RECORDS];
    give_record(pair, SERVER_END, DTLS_CONTENT_HANDSHAKE, 1, "an epoch that has not begun, forged", 35);
    give_record(pair, SERVER_END, DTLS_CONTENT_HANDSHAKE, 1, longer, sizeof longer - 60);
}

/* Forged records take the place where an early Finished would be kept, and what is longer is not kept: that
 * costs nothing when the real one comes in order. */
static void forged_early_record(void **state) {
    (void)state;
    struct pair pair;
    strike_in_the_middle(&pair, give_early_record);
    pair_check_connected(&pair);
    assert_int_equal(
        statistics_of(&pair, SERVER_END)->dropped_mac + statistics_of(&pair, SERVER_END)->dropped_length, 1);
    pair_free(&pair);
}

static void send_hello_request(struct pair *pair) {
    give(pair, CLIENT_END, &(struct dtls_message_header){0, 0, 0, 0, 0}, zeros);
    give(pair, CLIENT_END, &(struct dtls_message_header){0, 1, 0, 0, 0}, zeros);
}

/* RFC 5246 section 7.4.1.1. */
static void hello_request_in_a_handshake_is_ignored(void **state) {
    (void)state;
    struct pair pair;
    strike_in_the_middle(&pair, send_hello_request);
    pair_check_connected(&pair);
    pair_free(&pair);
}

/* A client that gets the same cookie again goes on waiting; another one, in answer to its second ClientHello,
 * it takes (RFC 6347 section 4.2.1). */
static void another_cookie(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair.cookies = true;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 2 * ONE_WAY);
    assert_int_equal(pair.ends[CLIENT_END].num_sent, 2);
    /* The server forgets its secret while the second ClientHello is under way. */
    memset(pair.secret.current, 9, sizeof pair.secret.current);
    pair_run(&pair, pair.now.monotonic_ns + 20 * SECOND);
    pair_check_connected(&pair);
    assert_int_equal(pair.ends[CLIENT_END].num_sent, 4);
    assert_int_equal(pair.ends[CLIENT_END].num_retransmitted, 0);
    pair_free(&pair);
}

static void give_hello_verify_request(struct pair *pair, uint64_t record_sequence, uint16_t version,
                                      uint8_t cookie_len) {
    const uint8_t body[] = {(uint8_t)(version >> 8), (uint8_t)version, cookie_len, 1, 2, 3, 4};
    next_sequence = record_sequence;
    give(pair, CLIENT_END, &(struct dtls_message_header){3, 0, sizeof body, 0, sizeof body}, body);
}

/* A stateless server may number its HelloVerifyRequests 0 each time: one that answers the second ClientHello
 * is taken, as its record number tells. */
static void another_cookie_with_the_same_message_number(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair.cookies = true;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 2 * ONE_WAY);
    assert_int_equal(pair.ends[CLIENT_END].num_sent, 2);
    give_hello_verify_request(&pair, 1, 0xfeff, 4);
    assert_int_equal(pair.ends[CLIENT_END].num_sent, 3);
    /* The same again changes nothing, and what does not parse neither. */
    give_hello_verify_request(&pair, 2, 0xfeff, 4);
    give_hello_verify_request(&pair, 3, 0xfeff, 5);
    assert_int_equal(pair.ends[CLIENT_END].num_sent, 3);
    assert_null(failure_of(&pair, CLIENT_END));
    pair_free(&pair);
}

/* One that answers a repetition of the first ClientHello comes too late, whatever its cookie: the server may
 * have taken the second already. */
static void cookie_for_the_first_hello_comes_late(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair.cookies = true;
    pair.script[1] = DROP;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + SECOND + 2 * ONE_WAY);
    assert_int_equal(pair.ends[CLIENT_END].num_sent, 3);
    give_hello_verify_request(&pair, 0, 0xfeff, 4);
    assert_int_equal(pair.ends[CLIENT_END].num_sent, 3);
    pair_run(&pair, pair.now.monotonic_ns + 20 * SECOND);
    pair_check_connected(&pair);
    pair_free(&pair);
}

static void wrong_hello_verify_requests(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair_open(&pair);
    give_hello_verify_request(&pair, 0, 0xfefc, 4);
    assert_int_equal(failure_of(&pair, CLIENT_END)->error, DTLS_ERROR_VERSION);
    assert_string_equal(failure_of(&pair, CLIENT_END)->field, "server_version");
    pair_free(&pair);
    pair_init_psk(&pair);
    pair_open(&pair);
    give_hello_verify_request(&pair, 0, 0xfeff, 3);
    assert_int_equal(failure_of(&pair, CLIENT_END)->error, DTLS_ERROR_DECODE);
    assert_string_equal(failure_of(&pair, CLIENT_END)->field, "cookie");
    pair_free(&pair);
}

static void datagrams_before_the_start(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    uint8_t *session = test_malloc(dtls_session_size(&pair.ends[CLIENT_END].config));
    uint8_t *handshake = test_malloc(dtls_handshake_size(&pair.ends[CLIENT_END].config));
    dtls_connection *client;
    assert_int_equal(dtls_connection_open(&pair.ends[CLIENT_END].config, session,
                                          dtls_session_size(&pair.ends[CLIENT_END].config), handshake,
                                          dtls_handshake_size(&pair.ends[CLIENT_END].config), &client),
                     DTLS_OK);
    pair.ends[CLIENT_END].connection = client;
    uint8_t datagram[MAX_DATAGRAM];
    const size_t len = make_fragment(datagram, 0, &(struct dtls_message_header){2, 0, 10, 0, 10}, zeros);
    pair_deliver(&pair, CLIENT_END, datagram, len);
    assert_null(dtls_connection_get_failure(client));
    assert_int_equal(dtls_connection_start(client, pair.now), DTLS_OK);
    assert_int_equal(dtls_connection_start(client, pair.now), DTLS_ERROR_STATE);
    dtls_connection_wipe(client);
    test_free(session);
    test_free(handshake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(datagrams_before_the_start),
        cmocka_unit_test(contradicting_fragments),
        cmocka_unit_test(fragment_longer_than_its_record),
        cmocka_unit_test(messages_ahead),
        cmocka_unit_test(warnings_are_told_and_ignored),
        cmocka_unit_test(malformed_alerts_are_dropped),
        cmocka_unit_test(fatal_alert_ends_a_handshake),
        cmocka_unit_test(close_notify_ends_a_handshake),
        cmocka_unit_test(plaintext_after_the_handshake),
        cmocka_unit_test(noise_is_dropped_and_counted),
        cmocka_unit_test(forged_early_record),
        cmocka_unit_test(hello_request_in_a_handshake_is_ignored),
        cmocka_unit_test(another_cookie),
        cmocka_unit_test(another_cookie_with_the_same_message_number),
        cmocka_unit_test(cookie_for_the_first_hello_comes_late),
        cmocka_unit_test(wrong_hello_verify_requests),
    };
    return cmocka_run_group_tests(tests, credentials_make, credentials_free);
}
