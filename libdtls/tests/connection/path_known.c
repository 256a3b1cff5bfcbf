/* SPDX-License-Identifier: MIT
 *
 * Paths that carry less than was thought (RFC 6347 section 4.1.1.1), and what
 * an application can tell of them.
 */
#include "connection/pair.h"

/* The hook's state: what the network carries, and the longest datagram that it was given last. */
struct narrow {
    size_t carries;
    size_t last[2]; /* by sender */
};

static bool carry(struct pair *pair, int from, uint8_t *bytes, size_t *len) {
    (void)bytes;
    struct narrow *narrow = pair->hook_state;
    narrow->last[from] = *len;
    return *len <= narrow->carries;
}

static void open_narrow(struct pair *pair, struct narrow *narrow, size_t carries) {
    pair_init_certificates(pair);
    pair->ends[SERVER_END].config.client_auth = DTLS_CLIENT_AUTH_REQUIRE;
    *narrow = (struct narrow){.carries = carries};
    pair->hook = carry;
    pair->hook_state = narrow;
}

static void finds_what_the_path_carries(void **state) {
    (void)state;
    static const struct {
        size_t carries;
        uint64_t most_time;
    } cases[] = {{1200, SECOND}, {548, 12 * SECOND}, {256, 40 * SECOND}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pair pair;
        struct narrow narrow;
        open_narrow(&pair, &narrow, cases[i].carries);
        pair_open(&pair);
        const uint64_t start = pair.now.monotonic_ns;
        pair_run(&pair, start + 170 * SECOND);
        assert_true(pair.now.monotonic_ns - start <= cases[i].most_time);
        pair_check_connected(&pair);
        assert_true(dtls_path_mtu(pair.ends[SERVER_END].connection) <= cases[i].carries);
        pair_free(&pair);
    }
}

static void told_before_it_begins(void **state) {
    (void)state;
    struct pair pair;
    struct narrow narrow;
    open_narrow(&pair, &narrow, 300);
    pair_open(&pair);
    for (int end = 0; end < 2; end++) {
        assert_int_equal(dtls_path_mtu(pair.ends[end].connection), 1200);
        assert_int_equal(dtls_set_path_mtu(pair.ends[end].connection, 300), DTLS_OK);
        assert_int_equal(dtls_path_mtu(pair.ends[end].connection), 300);
    }
    pair_run(&pair, pair.now.monotonic_ns + 20 * SECOND);
    pair_check_connected(&pair);
    assert_int_equal(pair.ends[0].num_retransmitted + pair.ends[1].num_retransmitted, 0);
    pair_free(&pair);
}

/* As when the socket refuses the datagram: the flight goes again at once. */
static bool tell_the_sender(struct pair *pair, int from, uint8_t *bytes, size_t *len) {
    struct narrow *narrow = pair->hook_state;
    if (carry(pair, from, bytes, len))
        return true;
    assert_int_equal(dtls_set_path_mtu(pair->ends[from].connection, narrow->carries), DTLS_OK);
    return false;
}

static void told_when_a_datagram_is_refused(void **state) {
    (void)state;
    struct pair pair;
    struct narrow narrow;
    open_narrow(&pair, &narrow, 400);
    pair.hook = tell_the_sender;
    pair_open(&pair);
    const uint64_t start = pair.now.monotonic_ns;
    pair_run(&pair, start + 20 * SECOND);
    assert_true(pair.now.monotonic_ns - start <= SECOND / 2);
    pair_check_connected(&pair);
    assert_int_equal(pair.ends[SERVER_END].num_retransmitted, 1);
    assert_int_equal(dtls_connection_get_statistics(pair.ends[SERVER_END].connection)->timeouts, 0);
    pair_free(&pair);
}

/* A path that is known is not guessed at. */
static void keeps_to_what_was_told(void **state) {
    (void)state;
    struct pair pair;
    struct narrow narrow;
    open_narrow(&pair, &narrow, 900);
    pair_open(&pair);
    dtls_connection *server = pair.ends[SERVER_END].connection;
    assert_int_equal(dtls_set_path_mtu(server, 5000), DTLS_OK);
    assert_int_equal(dtls_path_mtu(server), 1200);
    pair_run(&pair, pair.now.monotonic_ns + 60 * SECOND);
    assert_false(pair.ends[SERVER_END].connected);
    assert_int_equal(dtls_path_mtu(server), 1200);
    pair_free(&pair);
}

static void round_trip_sets_the_first_timeout(void **state) {
    (void)state;
    static const struct {
        uint64_t round_trip;
        uint64_t timeout;
    } cases[] = {{200 * MS, 300 * MS}, {1, 10 * MS}, {50 * SECOND, 60 * SECOND}, {UINT64_MAX, 60 * SECOND}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pair pair;
        pair_init_psk(&pair);
        pair_open(&pair);
        /* The server's first flight is still to come; the client has spoken. */
        dtls_connection *server = pair.ends[SERVER_END].connection;
        assert_int_equal(dtls_set_round_trip(server, cases[i].round_trip), DTLS_OK);
        pair_pump_end(&pair, CLIENT_END);
        pair.now.monotonic_ns += ONE_WAY;
        pair_deliver(&pair, SERVER_END, pair.flying[0].bytes, pair.flying[0].len);
        assert_int_equal(dtls_deadline(server), pair.now.monotonic_ns + cases[i].timeout);
        pair_free(&pair);
    }
}

static void wrong_use(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair_open(&pair);
    dtls_connection *client = pair.ends[CLIENT_END].connection;
    assert_int_equal(dtls_set_path_mtu(NULL, 1000), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_set_path_mtu(client, 127), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_set_path_mtu(client, 128), DTLS_OK);
    assert_int_equal(dtls_path_mtu(NULL), 0);
    assert_int_equal(dtls_set_round_trip(NULL, 1), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_set_round_trip(client, 0), DTLS_ERROR_ARGUMENT);
    pair_run(&pair, pair.now.monotonic_ns + 20 * SECOND);
    pair_check_connected(&pair);
    assert_int_equal(dtls_set_round_trip(client, SECOND), DTLS_ERROR_STATE);
    assert_int_equal(dtls_set_path_mtu(client, 500), DTLS_OK);
    dtls_abort(client, pair.now, DTLS_ALERT_INTERNAL_ERROR);
    assert_int_equal(dtls_set_path_mtu(client, 500), DTLS_ERROR_STATE);
    pair_free(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_the_path_carries),       cmocka_unit_test(told_before_it_begins),
        cmocka_unit_test(told_when_a_datagram_is_refused),   cmocka_unit_test(keeps_to_what_was_told),
        cmocka_unit_test(round_trip_sets_the_first_timeout), cmocka_unit_test(wrong_use),
    };
    return cmocka_run_group_tests(tests, credentials_make, credentials_free);
}
