/* SPDX-License-Identifier: MIT
 *
 * OCSP stapling (RFC 6066 section 8) between two connections: who is asked
 * what and when, CertificateStatus left out, unasked or malformed, and no
 * status in an abbreviated handshake.
 */
#include "connection/edit.h"
#include "connection/sessions.h"

#include "handshake/connection.h"

enum { CST = DTLS_MESSAGE_CERTIFICATE_STATUS, SKE = DTLS_MESSAGE_SERVER_KEY_EXCHANGE };

static const char response[] = "an OCSP response, of which nobody here takes notice";

static const dtls_extension *const stapling[] = {&dtls_extension_extended_master_secret,
                                                 &dtls_extension_status_request, NULL};
static const dtls_extension *const without[] = {&dtls_extension_extended_master_secret, NULL};
static const dtls_cipher_suite *const key_transport[] = {&dtls_suite_rsa_aes_128_gcm_sha256, NULL};

static dtls_credential stapled[2];

static void init(struct pair *pair) {
    pair_init_certificates(pair);
    for (size_t i = 0; i < 2; i++) {
        stapled[i] = credentials.server[i];
        stapled[i].ocsp_response = (dtls_span){(const uint8_t *)response, sizeof response};
    }
    pair->ends[SERVER_END].config.credentials = stapled;
    pair->ends[CLIENT_END].config.extensions = stapling;
    pair->ends[SERVER_END].config.extensions = stapling;
    pair->ends[CLIENT_END].config.verification = DTLS_VERIFY_APPLICATION;
}

static void run(struct pair *pair) {
    pair_open(pair);
    pair_run(pair, pair->now.monotonic_ns + 60 * SECOND);
}

static void check_status(const struct pair *pair, bool there) {
    const struct end *client = &pair->ends[CLIENT_END];
    assert_int_equal(client->judged_status_len, there ? sizeof response : 0);
    if (there)
        assert_memory_equal(client->judged_status, response, sizeof response);
    assert_int_equal(dtls_connection_get_info(client->connection)->certificate_status, there);
    assert_int_equal(dtls_connection_get_info(pair->ends[SERVER_END].connection)->certificate_status && there,
                     there);
}

static void check_refused(struct pair *pair, int end, dtls_error error, dtls_alert alert) {
    run(pair);
    const dtls_failure *failure = dtls_connection_get_failure(pair->ends[end].connection);
    assert_non_null(failure);
    assert_int_equal(failure->error, error);
    assert_int_equal(pair->ends[!end].last_alert_received.alert, alert);
    pair_free(pair);
}

/* The application judges, alone or after the provider, at once or later, whatever follows. */
static void response_is_judged(void **state) {
    (void)state;
    for (unsigned i = 0; i < 16; i++) {
        struct pair pair;
        init(&pair);
        struct end *client = &pair.ends[CLIENT_END];
        client->config.verification = i & 1 ? DTLS_VERIFY_ANCHORS : DTLS_VERIFY_APPLICATION;
        client->answer = i & 2 ? ANSWER_LATER : ANSWER_AT_ONCE;
        pair.ends[SERVER_END].config.client_auth = i & 4 ? DTLS_CLIENT_AUTH_REQUIRE : DTLS_CLIENT_AUTH_NONE;
        for (int end = 0; end < 2 && (i & 8); end++) {
            pair.ends[end].config.cipher_suites = key_transport;
            pair.ends[end].config.allow_legacy = true;
        }
        run(&pair);
        pair_check_connected(&pair);
        check_status(&pair, true);
        assert_int_equal(client->num_questions, 1);
        assert_true(dtls_connection_get_info(client->connection)->peer_authenticated);
        pair_free(&pair);
    }
}

static void nobody_judges(void **state) {
    (void)state;
    struct pair pair;
    init(&pair);
    pair.ends[CLIENT_END].config.verification = DTLS_VERIFY_NOTHING;
    run(&pair);
    pair_check_connected(&pair);
    assert_int_equal(pair.ends[CLIENT_END].num_questions, 0);
    assert_true(dtls_connection_get_info(pair.ends[CLIENT_END].connection)->certificate_status);
    pair_free(&pair);
}

/* The client does not ask, the server has no response, or knows nothing of it; there is one question in each
 * case, without a response. */
static void no_response(void **state) {
    (void)state;
    for (int which = 0; which < 3; which++) {
        for (int anchors = 0; anchors < 2; anchors++) {
            struct pair pair;
            init(&pair);
            struct end *client = &pair.ends[CLIENT_END];
            client->config.verification = anchors ? DTLS_VERIFY_ANCHORS : DTLS_VERIFY_APPLICATION;
            client->config.extensions = which == 0 ? without : stapling;
            pair.ends[SERVER_END].config.extensions = which == 1 ? without : stapling;
            if (which == 2)
                pair.ends[SERVER_END].config.credentials = credentials.server;
            run(&pair);
            pair_check_connected(&pair);
            check_status(&pair, false);
            assert_int_equal(client->num_questions, which > 0 || !anchors);
            pair_free(&pair);
        }
    }
}

/* A server may promise CertificateStatus and leave it out. What comes instead is not lost. */
static void left_out(void **state) {
    (void)state;
    dtls_extension silent = dtls_extension_status_request;
    silent.write_message = NULL;
    const dtls_extension *const promising[] = {&silent, NULL};
    for (unsigned i = 0; i < 16; i++) {
        struct pair pair;
        init(&pair);
        struct end *client = &pair.ends[CLIENT_END];
        client->config.verification = i & 1 ? DTLS_VERIFY_NOTHING : DTLS_VERIFY_ANCHORS;
        client->answer = i & 2 ? ANSWER_LATER : ANSWER_AT_ONCE;
        pair.ends[SERVER_END].config.extensions = promising;
        pair.ends[SERVER_END].config.client_auth = i & 4 ? DTLS_CLIENT_AUTH_REQUIRE : DTLS_CLIENT_AUTH_NONE;
        for (int end = 0; end < 2 && (i & 8); end++) {
            pair.ends[end].config.cipher_suites = key_transport;
            pair.ends[end].config.allow_legacy = true;
        }
        run(&pair);
        pair_check_connected(&pair);
        check_status(&pair, false);
        assert_int_equal(client->num_questions, i & 1 ? 0 : 1);
        pair_free(&pair);
    }
}

/* After a CertificateStatus left out, the order of messages is what it always is. */
static void left_out_and_out_of_order(void **state) {
    (void)state;
    dtls_extension silent = dtls_extension_status_request;
    silent.write_message = NULL;
    const dtls_extension *const promising[] = {&silent, NULL};
    static const uint8_t types[] = {DTLS_MESSAGE_SERVER_HELLO_DONE, DTLS_MESSAGE_CERTIFICATE_REQUEST,
                                    DTLS_MESSAGE_CERTIFICATE, DTLS_MESSAGE_FINISHED};
    for (size_t i = 0; i < sizeof types; i++) {
        struct edit edit = {SERVER_END, SKE, EDIT_TYPE, 0, types[i], 0};
        struct pair pair;
        init(&pair);
        pair.ends[SERVER_END].config.extensions = promising;
        pair.hook = edit_hook;
        pair.hook_state = &edit;
        check_refused(&pair, CLIENT_END, DTLS_ERROR_UNEXPECTED_MESSAGE, DTLS_ALERT_UNEXPECTED_MESSAGE);
    }
}

/* Nobody asked, or the server has not promised it; or it comes twice. */
static void unasked(void **state) {
    (void)state;
    for (int which = 0; which < 3; which++) {
        struct edit edit = {SERVER_END, SKE, EDIT_TYPE, 0, CST, 0};
        struct pair pair;
        init(&pair);
        if (which == 0)
            pair.ends[CLIENT_END].config.extensions = without;
        if (which == 1)
            pair.ends[SERVER_END].config.credentials = credentials.server;
        pair.hook = edit_hook;
        pair.hook_state = &edit;
        check_refused(&pair, CLIENT_END, DTLS_ERROR_UNEXPECTED_MESSAGE, DTLS_ALERT_UNEXPECTED_MESSAGE);
    }
}

static void malformed(void **state) {
    (void)state;
    static const struct {
        struct edit edit;
        dtls_error error;
        dtls_alert alert;
    } rows[] = {
        {{SERVER_END, CST, EDIT_U8, 0, 2, 0}, DTLS_ERROR_ILLEGAL_PARAMETER, DTLS_ALERT_ILLEGAL_PARAMETER},
        {{SERVER_END, CST, EDIT_EMPTY, 0, 0, 0}, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR},
        {{SERVER_END, CST, EDIT_EMPTY, 1, 1, 0}, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR},
        {{SERVER_END, CST, EDIT_CUT, 0, sizeof response, 0}, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR},
        {{SERVER_END, CST, EDIT_CUT, 0, 1, 0}, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR},
        {{SERVER_END, CST, EDIT_PAD, 0, 1, 0}, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR},
        {{SERVER_END, CST, EDIT_U16, 2, 0, 0}, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct edit edit = rows[i].edit;
        struct pair pair;
        init(&pair);
        pair.hook = edit_hook;
        pair.hook_state = &edit;
        check_refused(&pair, CLIENT_END, rows[i].error, rows[i].alert);
        assert_int_equal(edit.num_done, 1);
    }
}

static dtls_span body;

static void write_body(const struct dtls_connection *connection, struct dtls_writer *writer) {
    (void)connection;
    dtls_write_span(writer, body);
}

static dtls_error write_empty(struct dtls_connection *connection) {
    struct dtls_writer writer = dtls_message_begin(connection);
    dtls_write_u8(&writer, 1);
    dtls_write_vector(&writer, 3, (dtls_span){.data = NULL});
    return dtls_message_end(connection, &writer, DTLS_MESSAGE_CERTIFICATE_STATUS);
}

static void empty_response(void **state) {
    (void)state;
    dtls_extension empty = dtls_extension_status_request;
    empty.write_message = write_empty;
    const dtls_extension *const extensions[] = {&empty, NULL};
    struct pair pair;
    init(&pair);
    pair.ends[SERVER_END].config.extensions = extensions;
    check_refused(&pair, CLIENT_END, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR);
}

/* An answer with something in it, and offers that are broken. */
static void extension_bodies(void **state) {
    (void)state;
    static const struct {
        int from;
        uint8_t bytes[8];
        size_t len;
    } rows[] = {
        {SERVER_END, {1}, 1},
        {CLIENT_END, {0}, 0},
        {CLIENT_END, {1}, 1},
        {CLIENT_END, {1, 0, 0}, 3},
        {CLIENT_END, {1, 0, 0, 0}, 4},
        {CLIENT_END, {1, 0, 0, 0, 1}, 5},
        {CLIENT_END, {1, 0, 2, 0, 0, 0, 0}, 7},
        {CLIENT_END, {1, 0, 1, 0, 0, 0}, 6},
        {CLIENT_END, {1, 0, 0, 0, 0, 0}, 6},
    };
    dtls_extension broken = dtls_extension_status_request;
    broken.write_offer = write_body;
    broken.write_answer = write_body;
    const dtls_extension *const extensions[] = {&broken, NULL};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair pair;
        init(&pair);
        body = (dtls_span){rows[i].bytes, rows[i].len};
        pair.ends[rows[i].from].config.extensions = extensions;
        check_refused(&pair, !rows[i].from, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR);
    }
}

/* Responders and extensions are passed over; so is another type of status, and then there is no answer. */
static void offers_of_all_kinds(void **state) {
    (void)state;
    static const uint8_t full[] = {1, 0, 3, 0, 1, 9, 0, 2, 5, 5};
    static const uint8_t other[] = {2, 0, 4, 1, 2, 3, 4};
    dtls_extension extension = dtls_extension_status_request;
    extension.write_offer = write_body;
    const dtls_extension *const extensions[] = {&extension, NULL};
    for (int which = 0; which < 2; which++) {
        struct pair pair;
        init(&pair);
        body = which == 0 ? (dtls_span){full, sizeof full} : (dtls_span){other, sizeof other};
        pair.ends[CLIENT_END].config.extensions = extensions;
        run(&pair);
        pair_check_connected(&pair);
        check_status(&pair, which == 0);
        pair_free(&pair);
    }
}

static void verdicts(void **state) {
    (void)state;
    static const struct {
        dtls_error verdict;
        dtls_alert alert;
    } rows[] = {
        {DTLS_ERROR_CERTIFICATE_REVOKED, DTLS_ALERT_CERTIFICATE_REVOKED},
        {DTLS_ERROR_CERTIFICATE_STATUS, DTLS_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE},
        {DTLS_ERROR_CERTIFICATE_UNSUPPORTED, DTLS_ALERT_UNSUPPORTED_CERTIFICATE},
        {DTLS_ERROR_CERTIFICATE_BAD, DTLS_ALERT_BAD_CERTIFICATE},
        {DTLS_ERROR_CERTIFICATE_REFUSED, DTLS_ALERT_CERTIFICATE_UNKNOWN},
        {DTLS_ERROR_PUBLIC_KEY_UNKNOWN, DTLS_ALERT_CERTIFICATE_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair pair;
        init(&pair);
        pair.ends[CLIENT_END].verdict = rows[i].verdict;
        check_refused(&pair, CLIENT_END, rows[i].verdict, rows[i].alert);
    }
}

static void wrong_verdicts(void **state) {
    (void)state;
    static const dtls_error errors[] = {DTLS_NOTHING,
                                        DTLS_ERROR_ARGUMENT,
                                        DTLS_ERROR_UNSUPPORTED_EXTENSION,
                                        DTLS_ERROR_SIGNATURE,
                                        DTLS_ERROR_NO_APPLICATION_PROTOCOL,
                                        DTLS_ERROR_UNRECOGNIZED_NAME};
    struct pair pair;
    init(&pair);
    pair_open(&pair);
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        assert_int_equal(dtls_answer_certificate(pair.ends[CLIENT_END].connection, pair.now, errors[i]),
                         DTLS_ERROR_ARGUMENT);
    assert_int_equal(
        dtls_answer_certificate(pair.ends[CLIENT_END].connection, pair.now, DTLS_ERROR_CERTIFICATE_STATUS),
        DTLS_ERROR_STATE);
    pair_free(&pair);
}

/* Neither loss nor fragments are noticed. */
static void on_bad_networks(void **state) {
    (void)state;
    static const enum fate fates[] = {DROP, DUPLICATE, DELAY};
    for (size_t f = 0; f < 3; f++) {
        for (unsigned i = 0; i < 16; i++) {
            struct pair pair;
            init(&pair);
            pair.ends[SERVER_END].config.mtu = 256;
            pair.ends[CLIENT_END].answer = ANSWER_LATER;
            pair.script[i] = fates[f];
            run(&pair);
            pair_check_connected(&pair);
            check_status(&pair, true);
            pair_free(&pair);
        }
    }
}

static const dtls_extension *const stapling_with_names[] = {&dtls_extension_server_name,
                                                            &dtls_extension_extended_master_secret,
                                                            &dtls_extension_status_request, NULL};

static void staple(struct pair *pair) {
    pair->ends[CLIENT_END].config.extensions = stapling_with_names;
    pair->ends[SERVER_END].config.extensions = stapling_with_names;
    for (size_t i = 0; i < 2; i++) {
        stapled[i] = credentials.server[i];
        stapled[i].ocsp_response = (dtls_span){(const uint8_t *)response, sizeof response};
    }
    pair->ends[SERVER_END].config.credentials = stapled;
}

/* An abbreviated handshake has no Certificate, and no status. */
static void not_when_resumed(void **state) {
    (void)state;
    const struct session_kind *kinds[] = {BY_ID, BY_TICKET};
    for (size_t k = 0; k < 2; k++) {
        struct pair session;
        sessions_make(kinds[k], &session, staple);
        struct pair pair = sessions_offer(&session, kinds[k], 1200);
        staple(&pair);
        sessions_resume(&pair, kinds[k]);
        assert_int_equal(pair.ends[CLIENT_END].num_questions, 0);
        assert_false(dtls_connection_get_info(pair.ends[CLIENT_END].connection)->certificate_status);
        pair_free(&pair);
    }
}

static void configurations(void **state) {
    (void)state;
    struct pair pair;
    init(&pair);
    dtls_config *server = &pair.ends[SERVER_END].config;
    const size_t with = dtls_handshake_size(server);
    server->extensions = without;
    assert_true(dtls_handshake_size(server) < with);
    server->extensions = stapling;
    dtls_config_problem problem;
    stapled[1].ocsp_response.data = NULL;
    assert_int_equal(dtls_config_check(server, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, "credentials");
    stapled[1].ocsp_response = (dtls_span){(const uint8_t *)response, 0x1000000};
    assert_int_equal(dtls_config_check(server, &problem), DTLS_ERROR_CONFIG);
    /* The certificate is kept until its status has come. */
    dtls_config *client = &pair.ends[CLIENT_END].config;
    const size_t kept = dtls_handshake_size(client);
    client->extensions = without;
    assert_true(kept >= dtls_handshake_size(client) + 4000);
}

/* The rows that the extension adds are exported. */
static void transitions(void **state) {
    (void)state;
    dtls_transition transition;
    size_t num = 0;
    while (dtls_extension_transition(&dtls_extension_status_request, num, &transition) == DTLS_OK) {
        assert_string_equal(transition.state, "wait CertificateStatus or what follows it");
        num++;
    }
    assert_int_equal(num, 12);
    assert_int_equal(dtls_extension_transition(&dtls_extension_alpn, 0, &transition), DTLS_NOTHING);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(response_is_judged),
        cmocka_unit_test(nobody_judges),
        cmocka_unit_test(no_response),
        cmocka_unit_test(left_out),
        cmocka_unit_test(left_out_and_out_of_order),
        cmocka_unit_test(unasked),
        cmocka_unit_test(malformed),
        cmocka_unit_test(empty_response),
        cmocka_unit_test(extension_bodies),
        cmocka_unit_test(offers_of_all_kinds),
        cmocka_unit_test(verdicts),
        cmocka_unit_test(wrong_verdicts),
        cmocka_unit_test(on_bad_networks),
        cmocka_unit_test(not_when_resumed),
        cmocka_unit_test(configurations),
        cmocka_unit_test(transitions),
    };
    return cmocka_run_group_tests(tests, sessions_make_keys, credentials_free);
}
