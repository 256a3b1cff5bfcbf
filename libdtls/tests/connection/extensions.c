/* SPDX-License-Identifier: MIT
 *
 * ALPN (RFC 7301), max_fragment_length (RFC 6066 section 4) and
 * record_size_limit (RFC 8449) between two connections.
 */
#include "connection/pair.h"

#define NAME(literal)                                                                                        \
    { (const uint8_t *)literal, sizeof(literal) - 1 }

static const dtls_span coap_first[] = {NAME("coap"), NAME("dtls/echo")};
static const dtls_span echo_first[] = {NAME("dtls/echo"), NAME("coap"), NAME("x")};
static const dtls_span other[] = {NAME("other")};

static const dtls_extension *const alpn[] = {&dtls_extension_extended_master_secret, &dtls_extension_alpn,
                                             NULL};
static const dtls_extension *const fragments[] = {&dtls_extension_max_fragment_length, NULL};
static const dtls_extension *const limits[] = {&dtls_extension_record_size_limit, NULL};
static const dtls_extension *const both[] = {&dtls_extension_max_fragment_length,
                                             &dtls_extension_record_size_limit, NULL};
static const dtls_extension *const both_turned[] = {&dtls_extension_record_size_limit,
                                                    &dtls_extension_max_fragment_length, NULL};
static const dtls_extension *const limits_and_ids[] = {&dtls_extension_record_size_limit,
                                                       &dtls_extension_connection_id, NULL};

static void start(struct pair *pair, const dtls_extension *const *client,
                  const dtls_extension *const *server) {
    pair_init_certificates(pair);
    pair->ends[CLIENT_END].config.extensions = client;
    pair->ends[SERVER_END].config.extensions = server;
}

static void connect(struct pair *pair) {
    pair_open(pair);
    pair_run(pair, 60 * SECOND);
    pair_check_connected(pair);
}

static void name_protocols(struct end *end, const dtls_span *names, size_t num) {
    end->config.application_protocols = names;
    end->config.num_application_protocols = num;
}

static void check_protocol(const struct end *end, const char *name) {
    const dtls_span agreed = dtls_connection_get_info(end->connection)->application_protocol;
    assert_int_equal(agreed.len, strlen(name));
    if (agreed.len > 0)
        assert_memory_equal(agreed.data, name, agreed.len);
}

static void a_server_takes_its_first(void **state) {
    (void)state;
    struct pair pair;
    start(&pair, alpn, alpn);
    name_protocols(&pair.ends[CLIENT_END], echo_first, 3);
    name_protocols(&pair.ends[SERVER_END], coap_first, 2);
    connect(&pair);
    check_protocol(&pair.ends[CLIENT_END], "coap");
    check_protocol(&pair.ends[SERVER_END], "coap");
    pair_free(&pair);
}

/* Names on one side only, or the extension, mean that nothing is agreed on. */
static void one_side_has_none(void **state) {
    (void)state;
    for (int which = 0; which < 4; which++) {
        struct pair pair;
        start(&pair, which == 2 ? dtls_default_extensions : alpn,
              which == 3 ? dtls_default_extensions : alpn);
        name_protocols(&pair.ends[CLIENT_END], coap_first, which == 0 ? 0 : 2);
        name_protocols(&pair.ends[SERVER_END], coap_first, which == 1 ? 0 : 2);
        connect(&pair);
        check_protocol(&pair.ends[CLIENT_END], "");
        check_protocol(&pair.ends[SERVER_END], "");
        pair_free(&pair);
    }
}

static void nothing_in_common(void **state) {
    (void)state;
    struct pair pair;
    start(&pair, alpn, alpn);
    name_protocols(&pair.ends[CLIENT_END], other, 1);
    name_protocols(&pair.ends[SERVER_END], coap_first, 2);
    pair_open(&pair);
    pair_run(&pair, 60 * SECOND);
    const dtls_failure *failure = dtls_connection_get_failure(pair.ends[SERVER_END].connection);
    assert_non_null(failure);
    assert_int_equal(failure->error, DTLS_ERROR_NO_APPLICATION_PROTOCOL);
    assert_int_equal(pair.ends[CLIENT_END].last_alert_received.alert, DTLS_ALERT_NO_APPLICATION_PROTOCOL);
    pair_free(&pair);
}

/* The longest plaintext that an end writes, and that the other takes. */
static void check_longest(struct pair *pair, int from, size_t longest) {
    static uint8_t data[17000];
    static uint8_t record[17200];
    size_t len;
    dtls_connection *connection = pair->ends[from].connection;
    assert_int_equal(dtls_max_data(connection), longest);
    assert_int_equal(dtls_write(connection, pair->now, data, longest + 1, record, sizeof record, &len),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_write(connection, pair->now, data, longest, record, sizeof record, &len), DTLS_OK);
    dtls_datagram datagram = {.bytes = record, .len = len, .path = 1};
    dtls_plaintext plaintext;
    size_t num = 1;
    size_t taken;
    assert_int_equal(
        dtls_receive(pair->ends[!from].connection, pair->now, &datagram, 1, &plaintext, &num, &taken),
        DTLS_OK);
    assert_int_equal(num, 1);
    assert_int_equal(plaintext.len, longest);
}

static void fragment_lengths(void **state) {
    (void)state;
    static const uint16_t lens[] = {512, 1024, 2048, 4096};
    for (size_t i = 0; i < 4; i++) {
        struct pair pair;
        start(&pair, fragments, fragments);
        pair.ends[CLIENT_END].config.max_fragment_length = lens[i];
        connect(&pair);
        check_longest(&pair, CLIENT_END, lens[i]);
        check_longest(&pair, SERVER_END, lens[i]);
        pair_free(&pair);
    }
}

/* A server that knows nothing of it. */
static void fragment_length_refused(void **state) {
    (void)state;
    struct pair pair;
    start(&pair, fragments, NULL);
    pair.ends[CLIENT_END].config.max_fragment_length = 512;
    connect(&pair);
    check_longest(&pair, CLIENT_END, 16384);
    pair_free(&pair);
}

/* Every plaintext record of the server's flight is short, too. */
static bool check_records(struct pair *pair, int from, uint8_t *bytes, size_t *len) {
    unsigned *num = pair->hook_state;
    for (size_t at = 0; from == SERVER_END && at + 13 <= *len; (*num)++) {
        const size_t fragment = (size_t)bytes[at + 11] << 8 | bytes[at + 12];
        assert_true(fragment <= 512 + 24);
        at += 13 + fragment;
    }
    return true;
}

static void fragments_are_short(void **state) {
    (void)state;
    struct pair pair;
    unsigned num = 0;
    start(&pair, fragments, fragments);
    pair.ends[CLIENT_END].config.max_fragment_length = 512;
    pair.hook = check_records;
    pair.hook_state = &num;
    connect(&pair);
    assert_true(num > 4);
    pair_free(&pair);
}

static void size_limits(void **state) {
    (void)state;
    static const uint16_t rows[][2] = {{64, 300}, {16384, 0}, {0, 64}, {1000, 1000}};
    for (size_t i = 0; i < 4; i++) {
        struct pair pair;
        start(&pair, limits, limits);
        pair.ends[CLIENT_END].config.record_size_limit = rows[i][0];
        pair.ends[SERVER_END].config.record_size_limit = rows[i][1];
        connect(&pair);
        check_longest(&pair, SERVER_END, rows[i][0] != 0 ? rows[i][0] : 16384);
        check_longest(&pair, CLIENT_END, rows[i][1] != 0 ? rows[i][1] : 16384);
        pair_free(&pair);
    }
}

/* With a connection ID, type and padding count (RFC 8449 section 4, RFC 9146 section 4). */
static void size_limits_with_ids(void **state) {
    (void)state;
    static const uint8_t id[4] = {1, 2, 3, 4};
    struct pair pair;
    start(&pair, limits_and_ids, limits_and_ids);
    pair.ends[SERVER_END].id = (dtls_span){id, sizeof id};
    pair.ends[SERVER_END].config.record_size_limit = 100;
    pair.ends[CLIENT_END].config.record_padding = 64;
    connect(&pair);
    check_longest(&pair, CLIENT_END, 99);
    pair_free(&pair);
}

/* RFC 8449 section 5: whoever knows both lets max_fragment_length go; the order does not matter. */
static void both_present(void **state) {
    (void)state;
    const dtls_extension *const *const orders[] = {both, both_turned};
    for (int i = 0; i < 4; i++) {
        struct pair pair;
        start(&pair, orders[i % 2], orders[i / 2]);
        pair.ends[CLIENT_END].config.max_fragment_length = 512;
        pair.ends[SERVER_END].config.record_size_limit = 700;
        connect(&pair);
        check_longest(&pair, CLIENT_END, 700);
        check_longest(&pair, SERVER_END, 16384);
        pair_free(&pair);
    }
    struct pair pair;
    start(&pair, both, fragments);
    pair.ends[CLIENT_END].config.max_fragment_length = 512;
    connect(&pair);
    check_longest(&pair, CLIENT_END, 512);
    pair_free(&pair);
}

static void configurations(void **state) {
    (void)state;
    struct pair pair;
    dtls_config_problem problem;
    static const dtls_span empty = {.data = NULL};
    start(&pair, alpn, alpn);
    dtls_config config = pair.ends[CLIENT_END].config;
    name_protocols(&pair.ends[CLIENT_END], &empty, 1);
    assert_int_equal(dtls_config_check(&pair.ends[CLIENT_END].config, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, "application_protocols");
    name_protocols(&pair.ends[CLIENT_END], coap_first, 33);
    assert_int_equal(dtls_config_check(&pair.ends[CLIENT_END].config, &problem), DTLS_ERROR_CONFIG);
    config.record_size_limit = 63;
    assert_int_equal(dtls_config_check(&config, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, "record_size_limit");
    config.record_size_limit = 64;
    config.max_fragment_length = 513;
    assert_int_equal(dtls_config_check(&config, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, "max_fragment_length");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_takes_its_first),
        cmocka_unit_test(one_side_has_none),
        cmocka_unit_test(nothing_in_common),
        cmocka_unit_test(fragment_lengths),
        cmocka_unit_test(fragment_length_refused),
        cmocka_unit_test(fragments_are_short),
        cmocka_unit_test(size_limits),
        cmocka_unit_test(size_limits_with_ids),
        cmocka_unit_test(both_present),
        cmocka_unit_test(configurations),
    };
    return cmocka_run_group_tests(tests, credentials_make, credentials_free);
}
