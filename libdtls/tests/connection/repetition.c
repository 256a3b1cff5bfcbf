/* SPDX-License-Identifier: MIT
 *
 * What comes again, and what goes out again because of it: repeated flights,
 * late fragments, records that come before their epoch, and alerts (RFC 6347
 * sections 4.1, 4.2.4 and 4.2.7).
 */
#include "connection/edit.h"

#include "handshake/connection.h"

/* The numbers of messages in a PSK handshake without cookies. */
enum { CLIENT_FINISHED = 2, BEHIND_CLIENT_FINISHED = 3 };

static struct dtls_connection *connection(struct pair *pair, int end) {
    return pair->ends[end].connection;
}

/* Puts a handshake fragment that `from` protects behind `bytes`; the length of all. */
static size_t seal(struct pair *pair, int from, const struct dtls_message_header *header, const uint8_t *body,
                   uint8_t *bytes, size_t at) {
    struct dtls_record_layer *records = &connection(pair, from)->records;
    const size_t room = DTLS_MESSAGE_HEADER + header->fragment_length;
    struct dtls_writer writer = dtls_writer_of(bytes + at + dtls_record_headroom(records, 1), room);
    dtls_message_header_write(&writer, header);
    dtls_write_bytes(&writer, body, header->fragment_length);
    size_t len = room;
    assert_int_equal(
        dtls_record_seal(records, 1, DTLS_CONTENT_HANDSHAKE, bytes + at, MAX_DATAGRAM - at, &len), DTLS_OK);
    return at + len;
}

/* Keeps a copy of the client's first datagram. */
struct kept {
    uint8_t bytes[MAX_DATAGRAM];
    size_t len;
};

static bool keep_hook(struct pair *pair, int from, uint8_t *bytes, size_t *len) {
    struct kept *kept = pair->hook_state;
    if (from == CLIENT_END && kept->len == 0) {
        memcpy(kept->bytes, bytes, *len);
        kept->len = *len;
    }
    return true;
}

/* Gives the kept ClientHello to the server once more, in a record of its own. */
static void give_again(struct pair *pair, const struct kept *kept, uint8_t sequence) {
    uint8_t again[MAX_DATAGRAM];
    memcpy(again, kept->bytes, kept->len);
    again[10] = sequence;
    pair_deliver(pair, SERVER_END, again, kept->len);
    pair_pump(pair);
}

/* A server that has answered a ClientHello and hears no more of the client. */
static void answered_server(struct pair *pair, struct kept *kept) {
    pair_init_psk(pair);
    kept->len = 0;
    pair->hook = keep_hook;
    pair->hook_state = kept;
    for (size_t i = 1; i < MAX_SCRIPT; i++)
        pair->script[i] = DROP;
    pair_open(pair);
    pair_run(pair, pair->now.monotonic_ns + ONE_WAY);
}

/* Right behind our answer a fragment of the peer's flight in a newer record is a late one of the same flight;
 * later it shows that the answer was lost. */
static void late_fragments_are_no_repetition(void **state) {
    (void)state;
    struct pair pair;
    struct kept kept;
    answered_server(&pair, &kept);
    assert_int_equal(pair.ends[SERVER_END].num_sent, 1);
    give_again(&pair, &kept, 1);
    assert_int_equal(pair.ends[SERVER_END].num_sent, 1);
    pair.now.monotonic_ns += SECOND / 10;
    give_again(&pair, &kept, 2);
    assert_int_equal(pair.ends[SERVER_END].num_sent, 2);
    pair_free(&pair);
}

/* Anybody can forge a ClientHello in plaintext: it makes the server send a few flights in a period at most.
 */
static void plaintext_makes_few_flights(void **state) {
    (void)state;
    struct pair pair;
    struct kept kept;
    answered_server(&pair, &kept);
    for (uint8_t i = 1; i < 200; i++) {
        pair.now.monotonic_ns += SECOND / 250;
        give_again(&pair, &kept, i);
    }
    assert_int_equal(pair.ends[SERVER_END].num_sent, 1 + DTLS_REPEAT_ANSWERS);
    pair_free(&pair);
}

/* Behind the handshake only an authentic Finished brings the last flight back, more often. */
static void sealed_repetitions_are_answered(void **state) {
    (void)state;
    static const uint8_t body[DTLS_VERIFY_DATA];
    struct pair pair;
    pair_init_psk(&pair);
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + SECOND);
    pair_check_connected(&pair);
    const struct dtls_message_header finished = {.type = DTLS_MESSAGE_FINISHED,
                                                 .seq = CLIENT_FINISHED,
                                                 .length = sizeof body,
                                                 .fragment_length = sizeof body};
    for (unsigned i = 0; i < 20; i++) {
        uint8_t bytes[MAX_DATAGRAM];
        const size_t len = seal(&pair, CLIENT_END, &finished, body, bytes, 0);
        pair_deliver(&pair, SERVER_END, bytes, len);
        pair_pump(&pair);
    }
    assert_int_equal(pair.ends[SERVER_END].num_retransmitted, DTLS_REPEAT_ANSWERS_SEALED);
    pair_free(&pair);
}

static size_t record_len(const uint8_t *record) {
    return DTLS_RECORD_HEADER + ((size_t)record[11] << 8 | record[12]);
}

/* Where the first record of epoch 1 begins in a datagram. */
static size_t first_sealed(const uint8_t *bytes, size_t len) {
    size_t at = 0;
    while (at < len && bytes[at + 4] == 0)
        at += record_len(bytes + at);
    return at;
}

/* Cuts the client's Finished into records of two bytes, in the datagram that it came in. */
static bool split_finished(struct pair *pair, int from, uint8_t *bytes, size_t *len) {
    const size_t at = first_sealed(bytes, *len);
    if (from != CLIENT_END || at == *len)
        return true;
    const struct dtls_flight *flight = &connection(pair, CLIENT_END)->handshake->flight;
    const struct dtls_flight_item *item = &flight->items[flight->num_items - 1];
    struct dtls_message_header header = {.type = DTLS_MESSAGE_FINISHED,
                                         .seq = CLIENT_FINISHED,
                                         .length = DTLS_VERIFY_DATA,
                                         .fragment_length = 2};
    *len = at;
    for (header.fragment_offset = 0; header.fragment_offset < DTLS_VERIFY_DATA; header.fragment_offset += 2)
        *len = seal(pair, CLIENT_END, &header,
                    flight->bytes + item->place + DTLS_MESSAGE_HEADER + header.fragment_offset, bytes, *len);
    return true;
}

/* While the server looks up the PSK, records of epoch 1 wait for its keys, as many as a Finished may have. */
static void early_records_wait_for_an_answer(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair.ends[SERVER_END].answer = ANSWER_LATER;
    pair.hook = split_finished;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + SECOND / 2);
    assert_true(pair.ends[SERVER_END].connected);
    pair_check_connected(&pair);
    assert_int_equal(pair.ends[CLIENT_END].num_retransmitted, 0);
    pair_free(&pair);
}

/* Puts a protected message, whose turn can never come, in front of the client's Finished. */
static bool add_excess(struct pair *pair, int from, uint8_t *bytes, size_t *len) {
    const size_t at = first_sealed(bytes, *len);
    if (from != CLIENT_END || at == *len)
        return true;
    uint8_t finished[256];
    const size_t finished_len = *len - at;
    memcpy(finished, bytes + at, finished_len);
    *len = seal(
        pair, CLIENT_END,
        &(struct dtls_message_header){.type = DTLS_MESSAGE_CERTIFICATE_VERIFY, .seq = BEHIND_CLIENT_FINISHED},
        finished, bytes, at);
    memcpy(bytes + *len, finished, finished_len);
    *len += finished_len;
    return true;
}

static void message_behind_finished(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair.hook = add_excess;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + SECOND / 2);
    const dtls_failure *failure = dtls_connection_get_failure(connection(&pair, SERVER_END));
    assert_non_null(failure);
    assert_int_equal(failure->error, DTLS_ERROR_UNEXPECTED_MESSAGE);
    assert_string_equal(failure->message, "CertificateVerify");
    assert_false(pair.ends[SERVER_END].connected);
    pair_free(&pair);
}

/* The timeout of the client's second flight when its first one came through at the second try. */
static uint64_t timeout_behind_a_loss(bool reset) {
    struct pair pair;
    pair_init_psk(&pair);
    pair.ends[CLIENT_END].config.reset_timeout = reset;
    pair.script[0] = DROP;
    pair.script[3] = DROP;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + SECOND + 2 * ONE_WAY);
    assert_int_equal(pair.num_datagrams, 4);
    const uint64_t timeout = dtls_deadline(connection(&pair, CLIENT_END)) - pair.now.monotonic_ns;
    pair_free(&pair);
    return timeout;
}

static void timeout_is_kept_or_reset(void **state) {
    (void)state;
    assert_int_equal(timeout_behind_a_loss(false), 2 * SECOND);
    assert_int_equal(timeout_behind_a_loss(true), SECOND);
}

/* Datagrams of a PSK handshake that the client ends because of the server's hello. */
enum { SERVER_FLIGHT = 1, FIRST_ALERT = 2 };

/* A client that finds fault with the ServerHello; its alert is lost. */
static void faulty_hello(struct pair *pair, struct edit *edit) {
    *edit = (struct edit){SERVER_END, DTLS_MESSAGE_SERVER_HELLO, EDIT_U16, 0, 0x1234, 0};
    pair_init_psk(pair);
    pair->hook = edit_hook;
    pair->hook_state = edit;
    pair->script[FIRST_ALERT] = DROP;
    pair_open(pair);
}

/* RFC 6347 section 4.2.7: the offending message comes again, and so does the alert. */
static void alert_comes_again(void **state) {
    (void)state;
    struct pair pair;
    struct edit edit;
    faulty_hello(&pair, &edit);
    pair_run(&pair, pair.now.monotonic_ns + SECOND / 2);
    assert_true(pair.ends[CLIENT_END].failed);
    assert_false(pair.ends[SERVER_END].failed);
    assert_int_equal(pair.ends[CLIENT_END].num_sent, 2);
    pair_run(&pair, pair.now.monotonic_ns + SECOND + SECOND / 2);
    assert_int_equal(pair.ends[CLIENT_END].num_sent, 3);
    assert_true(pair.ends[SERVER_END].failed);
    assert_int_equal(pair.ends[SERVER_END].last_alert_received.alert, DTLS_ALERT_PROTOCOL_VERSION);
    /* One failure, and one event that tells of the alert. */
    assert_int_equal(pair.ends[CLIENT_END].num_alerts_sent, 1);
    pair_free(&pair);
}

/* Once a period, and for nothing but plaintext of a handshake. */
static void alerts_come_again_seldom(void **state) {
    (void)state;
    static const uint8_t body[1];
    struct pair pair;
    struct edit edit;
    faulty_hello(&pair, &edit);
    pair.script[SERVER_FLIGHT + 2] = DROP;
    pair_run(&pair, pair.now.monotonic_ns + SECOND / 2);
    const unsigned sent = pair.ends[CLIENT_END].num_sent;
    uint8_t datagram[MAX_DATAGRAM];
    for (unsigned i = 0; i < 40; i++) {
        pair.now.monotonic_ns += SECOND / 10;
        static const uint8_t data[] = {23, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0};
        static const uint8_t sealed[] = {22, 254, 253, 0, 1, 0, 0, 0, 0, 0, 9, 0, 1, 0};
        pair_deliver(&pair, CLIENT_END, data, sizeof data);
        pair_deliver(&pair, CLIENT_END, sealed, sizeof sealed);
        pair_deliver(&pair, CLIENT_END, sealed, 1);
        assert_false(pair_pump_end(&pair, CLIENT_END));
    }
    for (unsigned i = 0; i < 40; i++) {
        pair.now.monotonic_ns += SECOND / 10;
        const struct dtls_message_header again = {DTLS_MESSAGE_SERVER_HELLO, 0, 1, 0, 1};
        pair_deliver(&pair, CLIENT_END, datagram, make_fragment(datagram, 100 + i, &again, body));
        pair_pump_end(&pair, CLIENT_END);
    }
    assert_int_equal(pair.ends[CLIENT_END].num_sent, sent + 4);
    pair_free(&pair);
}

/* What died of the peer's alert has none of its own, and what has sent one under keys has wiped them. */
static void no_alert_to_repeat(void **state) {
    (void)state;
    static const uint8_t body[1];
    const struct dtls_message_header again = {DTLS_MESSAGE_SERVER_HELLO, 0, 1, 0, 1};
    for (int sealed = 0; sealed < 2; sealed++) {
        struct pair pair;
        pair_init_psk(&pair);
        pair_open(&pair);
        if (sealed) {
            pair_run(&pair, pair.now.monotonic_ns + SECOND);
            dtls_abort(connection(&pair, CLIENT_END), pair.now, DTLS_ALERT_INTERNAL_ERROR);
        } else {
            pair_run(&pair, pair.now.monotonic_ns);
            uint8_t alert[] = {21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40};
            pair_deliver(&pair, CLIENT_END, alert, sizeof alert);
        }
        pair_pump_end(&pair, CLIENT_END);
        assert_true(pair.ends[CLIENT_END].failed);
        pair.now.monotonic_ns += 5 * SECOND;
        uint8_t datagram[MAX_DATAGRAM];
        pair_deliver(&pair, CLIENT_END, datagram, make_fragment(datagram, 50, &again, body));
        assert_false(pair_pump_end(&pair, CLIENT_END));
        pair_free(&pair);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(late_fragments_are_no_repetition),
        cmocka_unit_test(plaintext_makes_few_flights),
        cmocka_unit_test(sealed_repetitions_are_answered),
        cmocka_unit_test(early_records_wait_for_an_answer),
        cmocka_unit_test(message_behind_finished),
        cmocka_unit_test(timeout_is_kept_or_reset),
        cmocka_unit_test(alert_comes_again),
        cmocka_unit_test(alerts_come_again_seldom),
        cmocka_unit_test(no_alert_to_repeat),
    };
    return cmocka_run_group_tests(tests, credentials_make, credentials_free);
}
