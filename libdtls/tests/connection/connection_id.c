/* SPDX-License-Identifier: MIT
 *
 * Connection IDs between two connections (RFC 9146 sections 3 and 6): what is
 * agreed on, and what a new address does.
 */
#include "connection/pair.h"

static const dtls_extension *const extensions[] = {
    &dtls_extension_server_name, &dtls_extension_extended_master_secret, &dtls_extension_renegotiation_info,
    &dtls_extension_connection_id, NULL};

static const uint8_t id_bytes[255] = {0xc1, 0xd0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

static dtls_span id_of(size_t len) {
    return (dtls_span){.data = id_bytes, .len = len};
}

/* A PSK pair whose ends want IDs of these lengths. */
static void start(struct pair *pair, size_t client_len, size_t server_len, size_t most) {
    pair_init_psk(pair);
    for (int i = 0; i < 2; i++) {
        pair->ends[i].config.extensions = extensions;
        pair->ends[i].config.max_connection_id = most;
    }
    pair->ends[CLIENT_END].id = id_of(client_len);
    pair->ends[SERVER_END].id = id_of(server_len);
}

static void connect(struct pair *pair) {
    pair_open(pair);
    pair_run(pair, 60 * SECOND);
    pair_check_connected(pair);
}

/* Which ID the records of one end carry. */
static void check_headers(struct pair *pair, int from, size_t len) {
    uint8_t record[512];
    size_t record_len;
    size_t headroom;
    size_t tailroom;
    dtls_connection *connection = pair->ends[from].connection;
    assert_int_equal(
        dtls_write(connection, pair->now, (const uint8_t *)"data", 4, record, sizeof record, &record_len),
        DTLS_OK);
    assert_int_equal(record[0], len > 0 ? 25 : 23);
    if (len > 0)
        assert_memory_equal(record + 11, id_bytes, len);
    dtls_record_overhead(connection, &headroom, &tailroom);
    assert_int_equal(headroom, 13 + len + 8);
    assert_int_equal(tailroom, 16 + (len > 0));
    assert_int_equal(record_len, headroom + 4 + tailroom);
}

static void both_directions_are_apart(void **state) {
    (void)state;
    static const size_t lens[][3] = {{0, 0, 0},   {4, 0, 0},   {0, 4, 0},      {1, 9, 0},
                                     {32, 32, 0}, {8, 32, 64}, {255, 200, 255}};
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        struct pair pair;
        dtls_span ours;
        dtls_span peers;
        start(&pair, lens[i][0], lens[i][1], lens[i][2]);
        pair.cookies = i % 2 == 1;
        connect(&pair);
        assert_int_equal(dtls_connection_ids(pair.ends[CLIENT_END].connection, &ours, &peers), DTLS_OK);
        assert_int_equal(ours.len, lens[i][0]);
        assert_int_equal(peers.len, lens[i][1]);
        assert_memory_equal(peers.data, id_bytes, peers.len);
        assert_int_equal(dtls_connection_ids(pair.ends[SERVER_END].connection, &ours, &peers), DTLS_OK);
        assert_int_equal(ours.len, lens[i][1]);
        assert_int_equal(peers.len, lens[i][0]);
        check_headers(&pair, CLIENT_END, lens[i][1]);
        check_headers(&pair, SERVER_END, lens[i][0]);
        pair_free(&pair);
    }
}

/* Either end may know nothing of them. */
static void not_negotiated(void **state) {
    (void)state;
    for (int without = 0; without < 2; without++) {
        struct pair pair;
        dtls_span ours;
        start(&pair, 4, 4, 0);
        pair.ends[without].config.extensions = dtls_default_extensions;
        pair.ends[without].id = id_of(0);
        connect(&pair);
        assert_int_equal(dtls_connection_ids(pair.ends[!without].connection, &ours, NULL), DTLS_NOTHING);
        check_headers(&pair, CLIENT_END, 0);
        check_headers(&pair, SERVER_END, 0);
        pair_free(&pair);
    }
}

/* A server without room for the client's ID goes without; a client cannot. */
static void too_long(void **state) {
    (void)state;
    struct pair pair;
    start(&pair, 40, 4, 64);
    pair.ends[SERVER_END].config.max_connection_id = 0;
    connect(&pair);
    assert_int_equal(dtls_connection_ids(pair.ends[CLIENT_END].connection, NULL, NULL), DTLS_NOTHING);
    pair_free(&pair);
    start(&pair, 4, 40, 64);
    pair.ends[CLIENT_END].config.max_connection_id = 39;
    pair_open(&pair);
    pair_run(&pair, 60 * SECOND);
    const dtls_failure *failure = dtls_connection_get_failure(pair.ends[CLIENT_END].connection);
    assert_non_null(failure);
    assert_int_equal(failure->error, DTLS_ERROR_CONNECTION_ID);
    assert_true(pair.ends[SERVER_END].failed);
    pair_free(&pair);
}

static void losses_do_no_harm(void **state) {
    (void)state;
    for (unsigned lost = 0; lost < 8; lost++) {
        struct pair pair;
        start(&pair, 3, 7, 0);
        pair.ends[SERVER_END].config.record_padding = 64;
        pair.script[lost] = lost % 2 == 0 ? DROP : DELAY;
        connect(&pair);
        check_headers(&pair, CLIENT_END, 7);
        pair_free(&pair);
    }
}

/* Every way of protecting a record (RFC 9146 section 5). A MAC inside the ciphertext and connection IDs do
 * not go together here, so CBC has its MAC outside. */
static void all_protections(void **state) {
    (void)state;
    static const dtls_extension *const encrypt_then_mac[] = {&dtls_extension_connection_id,
                                                             &dtls_extension_encrypt_then_mac, NULL};
    for (size_t i = 0; dtls_all_cipher_suites[i] != NULL; i++) {
        const dtls_cipher_suite *const suites[] = {dtls_all_cipher_suites[i], NULL};
        struct pair pair;
        if (!dtls_cipher_suite_uses_psk(suites[0]) || dtls_cipher_suite_uses_certificates(suites[0]))
            continue;
        start(&pair, 5, 9, 0);
        for (int end = 0; end < 2; end++) {
            pair.ends[end].config.extensions = encrypt_then_mac;
            pair.ends[end].config.cipher_suites = suites;
            pair.ends[end].config.groups = dtls_default_groups;
            pair.ends[end].config.record_padding = 24;
        }
        connect(&pair);
        assert_int_equal(dtls_connection_ids(pair.ends[CLIENT_END].connection, NULL, NULL), DTLS_OK);
        pair_free(&pair);
    }
}

/* A record of `text` from the client. */
static size_t write_record(struct pair *pair, const char *text, uint8_t out[256]) {
    size_t len;
    assert_int_equal(dtls_write(pair->ends[CLIENT_END].connection, pair->now, (const uint8_t *)text,
                                strlen(text), out, 256, &len),
                     DTLS_OK);
    return len;
}

/* The server gets a copy by `path`; answers the number of plaintexts. */
static size_t deliver_by(struct pair *pair, uint64_t path, const uint8_t *record, size_t len) {
    uint8_t copy[256];
    memcpy(copy, record, len);
    dtls_datagram datagram = {.bytes = copy, .len = len, .path = path};
    dtls_plaintext plaintext;
    size_t num = 1;
    size_t taken;
    assert_int_equal(
        dtls_receive(pair->ends[SERVER_END].connection, pair->now, &datagram, 1, &plaintext, &num, &taken),
        DTLS_OK);
    pair_pump_end(pair, SERVER_END);
    return num;
}

/* Where the server sends to. */
static uint64_t path_of_server(struct pair *pair) {
    uint8_t bytes[1500];
    size_t len;
    uint64_t path;
    dtls_close(pair->ends[SERVER_END].connection, pair->now);
    assert_int_equal(
        dtls_poll_datagram(pair->ends[SERVER_END].connection, pair->now, bytes, sizeof bytes, &len, &path),
        DTLS_OK);
    return path;
}

static void start_moving(struct pair *pair, dtls_path_policy policy, size_t server_len) {
    start(pair, 0, server_len, 0);
    pair->ends[SERVER_END].config.path_policy = policy;
    connect(pair);
    assert_int_equal(pair->ends[SERVER_END].num_moved, 0);
}

static void the_application_is_asked(void **state) {
    (void)state;
    struct pair pair;
    uint8_t record[256];
    start_moving(&pair, DTLS_PATH_ASK, 4);
    const struct end *server = &pair.ends[SERVER_END];
    size_t len = write_record(&pair, "one", record);
    assert_int_equal(deliver_by(&pair, 2, record, len), 1);
    assert_int_equal(server->num_moved, 1);
    assert_int_equal(server->moved_to, 2);
    /* Asked once for each place, and again when the peer has been back in between. */
    len = write_record(&pair, "two", record);
    assert_int_equal(deliver_by(&pair, 2, record, len), 1);
    assert_int_equal(server->num_moved, 1);
    len = write_record(&pair, "three", record);
    assert_int_equal(deliver_by(&pair, 1, record, len), 1);
    assert_int_equal(server->num_moved, 1);
    len = write_record(&pair, "four", record);
    assert_int_equal(deliver_by(&pair, 2, record, len), 1);
    assert_int_equal(server->num_moved, 2);
    assert_int_equal(path_of_server(&pair), 1);
    pair_free(&pair);

    start_moving(&pair, DTLS_PATH_ASK, 4);
    len = write_record(&pair, "one", record);
    assert_int_equal(deliver_by(&pair, 2, record, len), 1);
    assert_int_equal(dtls_accept_path(pair.ends[SERVER_END].connection, 2), DTLS_OK);
    len = write_record(&pair, "two", record);
    assert_int_equal(deliver_by(&pair, 2, record, len), 1);
    assert_int_equal(pair.ends[SERVER_END].num_moved, 1);
    assert_int_equal(path_of_server(&pair), 2);
    pair_free(&pair);
}

static void policies(void **state) {
    (void)state;
    static const struct {
        dtls_path_policy policy;
        size_t id_len;
        unsigned num_moved;
        uint64_t path;
    } rows[] = {{DTLS_PATH_FOLLOW, 4, 1, 2}, {DTLS_PATH_KEEP, 4, 0, 1}, {DTLS_PATH_FOLLOW, 0, 0, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair pair;
        uint8_t record[256];
        start_moving(&pair, rows[i].policy, rows[i].id_len);
        const size_t len = write_record(&pair, "data", record);
        assert_int_equal(deliver_by(&pair, 2, record, len), 1);
        assert_int_equal(pair.ends[SERVER_END].num_moved, rows[i].num_moved);
        assert_int_equal(path_of_server(&pair), rows[i].path);
        pair_free(&pair);
    }
}

/* RFC 9146 section 6: not newer, not authenticated, replayed. */
static void what_moves_nobody(void **state) {
    (void)state;
    struct pair pair;
    uint8_t old[256];
    uint8_t record[256];
    start_moving(&pair, DTLS_PATH_FOLLOW, 4);
    const size_t old_len = write_record(&pair, "old", old);
    size_t len = write_record(&pair, "new", record);
    assert_int_equal(deliver_by(&pair, 1, record, len), 1);
    assert_int_equal(deliver_by(&pair, 2, old, old_len), 1); /* late: still data */
    assert_int_equal(deliver_by(&pair, 3, record, len), 0);  /* a replay */
    len = write_record(&pair, "forged", record);
    record[len - 1] ^= 1;
    assert_int_equal(deliver_by(&pair, 4, record, len), 0);
    assert_int_equal(pair.ends[SERVER_END].num_moved, 0);
    assert_int_equal(path_of_server(&pair), 1);
    pair_free(&pair);
}

static void wrong_use(void **state) {
    (void)state;
    struct pair pair;
    dtls_span ours;
    start(&pair, 0, 4, 0);
    assert_int_equal(dtls_set_connection_id(NULL, id_of(4)), DTLS_ERROR_ARGUMENT);
    pair_open(&pair);
    dtls_connection *server = pair.ends[SERVER_END].connection;
    assert_int_equal(dtls_set_connection_id(server, (dtls_span){NULL, 1}), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_set_connection_id(server, id_of(33)), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_set_connection_id(server, id_of(0)), DTLS_OK);
    assert_int_equal(dtls_set_connection_id(pair.ends[CLIENT_END].connection, id_of(4)), DTLS_ERROR_STATE);
    assert_int_equal(dtls_connection_ids(NULL, NULL, NULL), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_connection_ids(server, &ours, NULL), DTLS_NOTHING);
    assert_int_equal(dtls_accept_path(NULL, 1), DTLS_ERROR_ARGUMENT);
    pair_run(&pair, 60 * SECOND);
    assert_int_equal(dtls_set_connection_id(server, id_of(4)), DTLS_ERROR_STATE);
    dtls_abort(server, pair.now, DTLS_ALERT_USER_CANCELED);
    assert_int_equal(dtls_accept_path(server, 1), DTLS_ERROR_STATE);
    pair_free(&pair);
}

static void configurations(void **state) {
    (void)state;
    struct pair pair;
    dtls_config_problem problem;
    start(&pair, 0, 0, 0);
    dtls_config config = pair.ends[CLIENT_END].config;
    config.max_connection_id = 256;
    assert_int_equal(dtls_config_check(&config, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, "max_connection_id");
    config.max_connection_id = 0;
    config.record_padding = 1025;
    assert_int_equal(dtls_config_check(&config, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, "record_padding");
    config.record_padding = 100;
    config.mtu = 128 + 32 + 99;
    assert_int_equal(dtls_config_check(&config, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, "mtu");
    config.mtu++;
    assert_int_equal(dtls_config_check(&config, &problem), DTLS_OK);
    config.path_policy = (dtls_path_policy)3;
    assert_int_equal(dtls_config_check(&config, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, "path_policy");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_directions_are_apart),
        cmocka_unit_test(not_negotiated),
        cmocka_unit_test(too_long),
        cmocka_unit_test(losses_do_no_harm),
        cmocka_unit_test(all_protections),
        cmocka_unit_test(the_application_is_asked),
        cmocka_unit_test(policies),
        cmocka_unit_test(what_moves_nobody),
        cmocka_unit_test(wrong_use),
        cmocka_unit_test(configurations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
