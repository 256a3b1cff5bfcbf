/* SPDX-License-Identifier: MIT
 *
 * server_name (RFC 6066 section 3) between two connections: the name told to
 * the server's application, credentials chosen by it, names that nobody has,
 * and the answer, which an abbreviated handshake does not give.
 */
#include "connection/sessions.h"

#include "handshake/connection.h"

static unsigned num_answers;

static dtls_error count_answer(struct dtls_connection *connection, struct dtls_reader *reader) {
    (void)connection;
    (void)reader;
    num_answers++;
    return DTLS_OK;
}

static dtls_span body;

static void write_body(const struct dtls_connection *connection, struct dtls_writer *writer) {
    (void)connection;
    dtls_write_span(writer, body);
}

/* The client's extension, which counts answers. */
static dtls_extension counting;
static const dtls_extension *const counted[] = {&dtls_extension_extended_master_secret, &counting, NULL};

static void count(struct pair *pair) {
    num_answers = 0;
    counting = dtls_extension_server_name;
    counting.read_answer = count_answer;
    pair->ends[CLIENT_END].config.extensions = counted;
}

static void init(struct pair *pair) {
    pair_init_certificates(pair);
    count(pair);
}

static void run(struct pair *pair) {
    pair_open(pair);
    pair_run(pair, pair->now.monotonic_ns + 60 * SECOND);
}

static void check_name(const struct pair *pair, const char *name) {
    const dtls_span found = dtls_connection_get_info(pair->ends[SERVER_END].connection)->server_name;
    assert_int_equal(found.len, strlen(name));
    assert_memory_equal(found.data, name, found.len);
    assert_int_equal(num_answers, found.len > 0);
    assert_int_equal(dtls_connection_get_info(pair->ends[CLIENT_END].connection)->server_name.len, 0);
}

/* A name is kept as far as there is room; with certificates and with PSKs. */
static void names_are_kept(void **state) {
    (void)state;
    static const struct {
        size_t room;
        const char *kept;
    } rows[] = {{0, ""}, {10, ""}, {11, "server.test"}, {255, "server.test"}};
    for (size_t i = 0; i < 8; i++) {
        struct pair pair;
        if (i % 2 == 0)
            pair_init_certificates(&pair);
        else
            pair_init_psk(&pair);
        count(&pair);
        pair.ends[CLIENT_END].config.peer_name = "server.test";
        pair.ends[SERVER_END].config.max_server_name = rows[i / 2].room;
        run(&pair);
        pair_check_connected(&pair);
        check_name(&pair, rows[i / 2].kept);
        pair_free(&pair);
    }
}

static void no_name_is_told(void **state) {
    (void)state;
    static const char *const names[] = {NULL, "192.0.2.1", "2001:db8::1", ""};
    for (size_t i = 0; i < 4; i++) {
        struct pair pair;
        init(&pair);
        pair.ends[CLIENT_END].config.peer_name = names[i];
        pair.ends[CLIENT_END].config.verification = DTLS_VERIFY_NOTHING;
        pair.ends[SERVER_END].config.max_server_name = 255;
        run(&pair);
        pair_check_connected(&pair);
        check_name(&pair, "");
        pair_free(&pair);
    }
}

static const char *const ours[] = {"other.test", "Server.TEST", NULL};
static const char *const others[] = {"server.tes", "server.test2", "server_test", NULL};

/* Which of the server's two credentials is shown is told by its key. */
static void check_shown(const struct pair *pair, bool rsa) {
    const unsigned scheme = dtls_connection_get_info(pair->ends[CLIENT_END].connection)->signature_scheme;
    assert_int_equal(scheme != dtls_signature_scheme_code(&dtls_scheme_ecdsa_secp256r1_sha256), rsa);
}

/* The first credential that lists the name; else the first that is for any name; else the first. */
static void credentials_by_name(void **state) {
    (void)state;
    static const struct {
        const char *const *names[2];
        const char *peer;
        bool rsa;
        const char *told;
    } rows[] = {
        {{NULL, NULL}, "server.test", false, ""},
        {{NULL, ours}, "server.test", true, "Server.TEST"},
        {{ours, NULL}, "server.test", false, "Server.TEST"},
        {{others, NULL}, "server.test", true, ""},
        {{others, ours}, "server.test", true, "Server.TEST"},
        {{others, others}, "server.test", false, ""},
        {{others, ours}, NULL, false, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dtls_credential named[] = {credentials.server[0], credentials.server[1]};
        struct pair pair;
        init(&pair);
        named[0].server_names = rows[i].names[0];
        named[1].server_names = rows[i].names[1];
        pair.ends[SERVER_END].config.credentials = named;
        pair.ends[CLIENT_END].config.peer_name = rows[i].peer;
        run(&pair);
        pair_check_connected(&pair);
        check_shown(&pair, rows[i].rsa);
        check_name(&pair, rows[i].told);
        pair_free(&pair);
    }
}

/* Another credential than that for the name is not taken, though its key would do. */
static void no_other_credential(void **state) {
    (void)state;
    static const dtls_cipher_suite *const rsa[] = {&dtls_suite_ecdhe_rsa_aes_128_gcm_sha256, NULL};
    dtls_credential named[] = {credentials.server[0], credentials.server[1]};
    struct pair pair;
    init(&pair);
    named[0].server_names = ours;
    pair.ends[SERVER_END].config.credentials = named;
    pair.ends[CLIENT_END].config.cipher_suites = rsa;
    run(&pair);
    assert_int_equal(dtls_connection_get_failure(pair.ends[SERVER_END].connection)->error,
                     DTLS_ERROR_NO_SHARED_SUITE);
    pair_free(&pair);
}

static void unknown_names(void **state) {
    (void)state;
    for (int open = 0; open < 2; open++) {
        dtls_credential named[] = {credentials.server[0], credentials.server[1]};
        struct pair pair;
        init(&pair);
        named[0].server_names = others;
        named[1].server_names = open ? NULL : others;
        pair.ends[SERVER_END].config.credentials = named;
        pair.ends[SERVER_END].config.refuse_unknown_names = true;
        run(&pair);
        if (open) {
            pair_check_connected(&pair);
        } else {
            const dtls_failure *failure = dtls_connection_get_failure(pair.ends[SERVER_END].connection);
            assert_int_equal(failure->error, DTLS_ERROR_UNRECOGNIZED_NAME);
            assert_string_equal(failure->field, "server_name");
            assert_int_equal(pair.ends[CLIENT_END].last_alert_received.alert, DTLS_ALERT_UNRECOGNIZED_NAME);
        }
        pair_free(&pair);
    }
}

static void malformed(void **state) {
    (void)state;
    static const struct {
        uint8_t bytes[12];
        size_t len;
        dtls_error error;
    } rows[] = {
        {{0}, 0, DTLS_ERROR_DECODE},
        {{0, 0}, 2, DTLS_ERROR_DECODE},
        {{0, 3, 0, 0, 0}, 5, DTLS_ERROR_DECODE},
        {{0, 4, 0, 0, 2, 'a'}, 6, DTLS_ERROR_DECODE},
        {{0, 4, 0, 0, 1, 'a', 0}, 7, DTLS_ERROR_DECODE},
        {{0, 8, 0, 0, 1, 'a', 0, 0, 1, 'b'}, 10, DTLS_ERROR_ILLEGAL_PARAMETER},
        {{0, 8, 1, 0, 1, 'a', 1, 0, 1, 'b'}, 10, DTLS_OK},
        {{0, 4, 0, 0, 1, 0}, 6, DTLS_OK},
    };
    static const char *const empty[] = {"", NULL};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dtls_credential named[] = {credentials.server[0], credentials.server[1]};
        struct pair pair;
        init(&pair);
        named[0].server_names = empty;
        pair.ends[SERVER_END].config.credentials = named;
        counting.write_offer = write_body;
        body = (dtls_span){rows[i].bytes, rows[i].len};
        run(&pair);
        const dtls_failure *failure = dtls_connection_get_failure(pair.ends[SERVER_END].connection);
        assert_int_equal(failure == NULL ? DTLS_OK : failure->error, rows[i].error);
        if (failure == NULL)
            check_name(&pair, "");
        pair_free(&pair);
    }
}

static void with_names(struct pair *pair) {
    count(pair);
    pair->ends[SERVER_END].config.max_server_name = 20;
}

/* The name is told again, but not answered; another name means a full handshake. */
static void resumed(void **state) {
    (void)state;
    const struct session_kind *kinds[] = {BY_ID, BY_TICKET};
    for (size_t k = 0; k < 2; k++) {
        struct pair session;
        sessions_make(kinds[k], &session, with_names);
        assert_int_equal(num_answers, 1);
        struct pair pair = sessions_offer(&session, kinds[k], 1200);
        with_names(&pair);
        sessions_resume(&pair, kinds[k]);
        assert_int_equal(num_answers, 0);
        const dtls_span name = dtls_connection_get_info(pair.ends[SERVER_END].connection)->server_name;
        assert_int_equal(name.len, strlen("server.test"));
        pair_free(&pair);
    }
}

static void configurations(void **state) {
    (void)state;
    struct pair pair;
    init(&pair);
    dtls_config *config = &pair.ends[SERVER_END].config;
    const size_t without = dtls_session_size(config);
    config->max_server_name = 255;
    assert_int_equal(dtls_session_size(config), without + 256);
    config->max_server_name = 256;
    dtls_config_problem problem;
    assert_int_equal(dtls_config_check(config, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, "max_server_name");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_kept),
        cmocka_unit_test(no_name_is_told),
        cmocka_unit_test(credentials_by_name),
        cmocka_unit_test(no_other_credential),
        cmocka_unit_test(unknown_names),
        cmocka_unit_test(malformed),
        cmocka_unit_test(resumed),
        cmocka_unit_test(configurations),
    };
    return cmocka_run_group_tests(tests, sessions_make_keys, credentials_free);
}
