/* SPDX-License-Identifier: MIT
 *
 * Whole handshakes, client against server: what can be negotiated, questions
 * answered at once and later, and the timer (RFC 6347 section 4.2.4.1).
 */
#include "connection/pair.h"

static void run(struct pair *pair) {
    pair_open(pair);
    pair_run(pair, pair->now.monotonic_ns + 100 * SECOND);
}

static const dtls_connection_info *info(const struct pair *pair, int end) {
    return dtls_connection_get_info(pair->ends[end].connection);
}

static void psk_suites(void **state) {
    (void)state;
    static const dtls_cipher_suite *const suites[] = {&dtls_suite_psk_aes_128_gcm_sha256,
                                                      &dtls_suite_psk_aes_128_ccm_8};
    for (size_t i = 0; i < 2; i++) {
        const dtls_cipher_suite *const list[] = {suites[i], NULL};
        struct pair pair;
        pair_init_psk(&pair);
        pair.ends[CLIENT_END].config.cipher_suites = list;
        run(&pair);
        pair_check_connected(&pair);
        assert_int_equal(info(&pair, SERVER_END)->cipher_suite, dtls_cipher_suite_code(suites[i]));
        assert_true(info(&pair, CLIENT_END)->peer_authenticated);
        assert_true(info(&pair, SERVER_END)->peer_authenticated);
        assert_true(info(&pair, SERVER_END)->extended_master_secret);
        assert_string_equal((const char *)pair.ends[SERVER_END].question_bytes, "dtlslab");
        pair_free(&pair);
    }
}

static void psk_identity_hint(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair.ends[SERVER_END].config.psk_identity_hint = (dtls_span){(const uint8_t *)"who are you", 11};
    run(&pair);
    pair_check_connected(&pair);
    assert_int_equal(pair.ends[CLIENT_END].question.bytes.len, 11);
    assert_memory_equal(pair.ends[CLIENT_END].question_bytes, "who are you", 11);
    pair_free(&pair);
}

static void certificate_suites_groups_and_schemes(void **state) {
    (void)state;
    static const dtls_cipher_suite *const suites[] = {&dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256,
                                                      &dtls_suite_ecdhe_rsa_aes_128_gcm_sha256};
    for (size_t suite = 0; suite < 2; suite++) {
        for (size_t group = 0; dtls_default_groups[group] != NULL; group++) {
            const dtls_cipher_suite *const suite_list[] = {suites[suite], NULL};
            const dtls_group *const server_groups[] = {dtls_default_groups[group], NULL};
            const dtls_group *const group_list[] = {dtls_default_groups[group],
                                                    group == 1 ? NULL : &dtls_group_p256, NULL};
            struct pair pair;
            pair_init_certificates(&pair);
            pair.ends[CLIENT_END].config.cipher_suites = suite_list;
            pair.ends[CLIENT_END].config.groups = group_list;
            pair.ends[SERVER_END].config.groups = server_groups;
            run(&pair);
            pair_check_connected(&pair);
            assert_int_equal(info(&pair, CLIENT_END)->cipher_suite, dtls_cipher_suite_code(suites[suite]));
            assert_int_equal(info(&pair, CLIENT_END)->group, dtls_group_code(dtls_default_groups[group]));
            assert_int_equal(info(&pair, CLIENT_END)->signature_scheme,
                             suite == 0 ? dtls_signature_scheme_code(&dtls_scheme_ecdsa_secp256r1_sha256)
                                        : dtls_signature_scheme_code(&dtls_scheme_rsa_pss_rsae_sha256));
            assert_int_equal(info(&pair, CLIENT_END)->peer_signature_scheme,
                             info(&pair, SERVER_END)->signature_scheme);
            assert_int_equal(info(&pair, SERVER_END)->peer_signature_scheme, 0);
            assert_true(info(&pair, CLIENT_END)->peer_authenticated);
            assert_false(info(&pair, SERVER_END)->peer_authenticated);
            pair_free(&pair);
        }
    }
}

static void server_prefers_its_own_order(void **state) {
    (void)state;
    static const dtls_cipher_suite *const server_list[] = {&dtls_suite_ecdhe_rsa_aes_128_gcm_sha256,
                                                           &dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256, NULL};
    struct pair pair;
    pair_init_certificates(&pair);
    pair.ends[SERVER_END].config.cipher_suites = server_list;
    run(&pair);
    pair_check_connected(&pair);
    assert_int_equal(info(&pair, CLIENT_END)->cipher_suite, 0xc02f);
    pair_free(&pair);
}

/* A suite whose certificate the server has not is passed over. */
static void server_without_the_first_certificate(void **state) {
    (void)state;
    struct pair pair;
    pair_init_certificates(&pair);
    pair.ends[SERVER_END].config.credentials = &credentials.server[1];
    pair.ends[SERVER_END].config.num_credentials = 1;
    run(&pair);
    pair_check_connected(&pair);
    assert_int_equal(info(&pair, CLIENT_END)->cipher_suite, 0xc02f);
    pair_free(&pair);
}

static void client_certificates(void **state) {
    (void)state;
    static const dtls_client_auth auths[] = {DTLS_CLIENT_AUTH_REQUEST, DTLS_CLIENT_AUTH_REQUIRE};
    for (size_t i = 0; i < 2; i++) {
        struct pair pair;
        pair_init_certificates(&pair);
        pair.ends[SERVER_END].config.client_auth = auths[i];
        run(&pair);
        pair_check_connected(&pair);
        assert_true(info(&pair, SERVER_END)->peer_authenticated);
        assert_int_equal(info(&pair, SERVER_END)->peer_signature_scheme, 0x0403);
        pair_free(&pair);
    }
}

/* One who has none sends an empty list, and whoever only requests lets that pass (RFC 5246 section 7.4.6). */
static void client_without_certificate(void **state) {
    (void)state;
    struct pair pair;
    pair_init_certificates(&pair);
    pair.ends[SERVER_END].config.client_auth = DTLS_CLIENT_AUTH_REQUEST;
    pair.ends[CLIENT_END].config.num_credentials = 0;
    run(&pair);
    pair_check_connected(&pair);
    assert_false(info(&pair, SERVER_END)->peer_authenticated);
    pair_free(&pair);
}

/* A client none of whose certificates fits what is asked for behaves like one without. */
static void client_without_a_fitting_certificate(void **state) {
    (void)state;
    static const dtls_signature_scheme *const rsa[] = {&dtls_scheme_rsa_pss_rsae_sha256, NULL};
    struct pair pair;
    pair_init_certificates(&pair);
    pair.ends[SERVER_END].config.client_auth = DTLS_CLIENT_AUTH_REQUEST;
    pair.ends[SERVER_END].config.signature_schemes = rsa;
    run(&pair);
    pair_check_connected(&pair);
    assert_int_equal(info(&pair, CLIENT_END)->cipher_suite, 0xc02f);
    assert_false(info(&pair, SERVER_END)->peer_authenticated);
    pair_free(&pair);
}

/* Datagrams go to where the peer's came from. */
static void answers_go_back_on_the_path(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + ONE_WAY);
    uint8_t datagram[1200];
    size_t len;
    uint64_t path = 0;
    dtls_abort(pair.ends[SERVER_END].connection, pair.now, DTLS_ALERT_USER_CANCELED);
    assert_int_equal(dtls_poll_datagram(pair.ends[SERVER_END].connection, pair.now, datagram, sizeof datagram,
                                        &len, &path),
                     DTLS_OK);
    assert_int_equal(path, 1);
    pair_free(&pair);
}

static void without_extensions(void **state) {
    (void)state;
    for (int end = 0; end < 2; end++) {
        struct pair pair;
        pair_init_certificates(&pair);
        pair.ends[end].config.extensions = NULL;
        run(&pair);
        pair_check_connected(&pair);
        assert_false(info(&pair, SERVER_END)->extended_master_secret);
        pair_free(&pair);
    }
}

static void without_verification(void **state) {
    (void)state;
    struct pair pair;
    pair_init_certificates(&pair);
    pair.ends[CLIENT_END].config.verification = DTLS_VERIFY_NOTHING;
    pair.ends[CLIENT_END].config.trust_anchors = NULL;
    run(&pair);
    pair_check_connected(&pair);
    assert_false(info(&pair, CLIENT_END)->peer_authenticated);
    pair_free(&pair);
}

static void without_calendar(void **state) {
    (void)state;
    struct pair pair;
    pair_init_certificates(&pair);
    pair.now.calendar_s = 0;
    run(&pair);
    pair_check_connected(&pair);
    pair_free(&pair);
}

/* The whole list of everything at once: the choice falls on certificates. */
static void all_defaults(void **state) {
    (void)state;
    struct pair pair;
    pair_init_certificates(&pair);
    pair.ends[CLIENT_END].config.cipher_suites = dtls_default_cipher_suites;
    pair.ends[SERVER_END].config.cipher_suites = dtls_default_cipher_suites;
    run(&pair);
    pair_check_connected(&pair);
    assert_int_equal(info(&pair, CLIENT_END)->cipher_suite, 0xc02b);
    pair_free(&pair);
}

/* Answers come 300 ms later. The peer's timer does not run out, so that is all it costs. */
static void check_late(struct pair *pair, unsigned num_questions) {
    const uint64_t start = pair->now.monotonic_ns;
    pair->ends[CLIENT_END].answer = ANSWER_LATER;
    pair->ends[SERVER_END].answer = ANSWER_LATER;
    run(pair);
    assert_int_equal(pair->ends[CLIENT_END].num_questions + pair->ends[SERVER_END].num_questions,
                     num_questions);
    assert_int_equal(pair->now.monotonic_ns - start, 4 * ONE_WAY + num_questions * 300 * MS);
    assert_int_equal(pair->ends[CLIENT_END].num_retransmitted + pair->ends[SERVER_END].num_retransmitted, 0);
    pair_check_connected(pair);
    pair_free(pair);
}

static void late_psk(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    check_late(&pair, 2);
}

static void late_verdict_of_client(void **state) {
    (void)state;
    struct pair pair;
    pair_init_certificates(&pair);
    pair.ends[CLIENT_END].config.verification = DTLS_VERIFY_APPLICATION;
    check_late(&pair, 1);
}

/* The provider has judged before the application is asked. */
static void anchors_and_the_application_decide(void **state) {
    (void)state;
    struct pair pair;
    pair_init_certificates(&pair);
    pair.ends[CLIENT_END].config.verification = DTLS_VERIFY_ANCHORS_AND_APPLICATION;
    check_late(&pair, 1);
    pair_init_certificates(&pair);
    pair.ends[CLIENT_END].config.verification = DTLS_VERIFY_ANCHORS_AND_APPLICATION;
    pair.ends[CLIENT_END].config.peer_name = "another.example";
    run(&pair);
    assert_int_equal(pair.ends[CLIENT_END].num_questions, 0);
    assert_int_equal(dtls_connection_get_failure(pair.ends[CLIENT_END].connection)->error,
                     DTLS_ERROR_CERTIFICATE_NAME);
    pair_free(&pair);
}

static void late_verdicts_of_both(void **state) {
    (void)state;
    struct pair pair;
    pair_init_certificates(&pair);
    pair.ends[CLIENT_END].config.verification = DTLS_VERIFY_APPLICATION;
    pair.ends[SERVER_END].config.verification = DTLS_VERIFY_APPLICATION;
    pair.ends[SERVER_END].config.client_auth = DTLS_CLIENT_AUTH_REQUIRE;
    check_late(&pair, 2);
}

static void late_signatures(void **state) {
    (void)state;
    dtls_credential server = credentials.server[0];
    dtls_credential client = credentials.client_credential;
    server.private_key = NULL;
    client.private_key = NULL;
    struct pair pair;
    pair_init_certificates(&pair);
    pair.ends[SERVER_END].config.client_auth = DTLS_CLIENT_AUTH_REQUIRE;
    pair.ends[SERVER_END].config.credentials = &server;
    pair.ends[SERVER_END].config.num_credentials = 1;
    pair.ends[CLIENT_END].config.credentials = &client;
    check_late(&pair, 2);
}

/* Longer than any timer: the question stays open while flights are repeated. */
static void very_late_answers(void **state) {
    (void)state;
    struct pair pair;
    pair_init_certificates(&pair);
    pair.ends[CLIENT_END].config.verification = DTLS_VERIFY_APPLICATION;
    pair.ends[CLIENT_END].answer = ANSWER_NEVER;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 20 * SECOND);
    assert_int_equal(pair.ends[CLIENT_END].question.kind, DTLS_EVENT_VERIFY_CERTIFICATE);
    assert_true(pair.ends[SERVER_END].num_retransmitted >= 3);
    assert_int_equal(pair.ends[CLIENT_END].num_questions, 1);
    assert_int_equal(
        dtls_answer_psk(pair.ends[CLIENT_END].connection, pair.now, (dtls_span){0}, (dtls_span){0}),
        DTLS_ERROR_STATE);
    assert_int_equal(dtls_answer_signature(pair.ends[CLIENT_END].connection, pair.now, (dtls_span){0}),
                     DTLS_ERROR_STATE);
    assert_int_equal(dtls_answer_certificate(pair.ends[CLIENT_END].connection, pair.now, DTLS_OK), DTLS_OK);
    assert_int_equal(dtls_answer_certificate(pair.ends[CLIENT_END].connection, pair.now, DTLS_OK),
                     DTLS_ERROR_STATE);
    pair_run(&pair, pair.now.monotonic_ns + 20 * SECOND);
    pair_check_connected(&pair);
    pair_free(&pair);
}

/* An answer without having seen the question takes the question back. */
static void answer_before_the_question_is_polled(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair.ends[SERVER_END].answer = ANSWER_NEVER;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 4 * ONE_WAY);
    dtls_event event;
    assert_int_equal(dtls_answer_psk(pair.ends[SERVER_END].connection, pair.now, (dtls_span){0},
                                     (dtls_span){pair.psk, pair.psk_len}),
                     DTLS_OK);
    while (dtls_poll_event(pair.ends[SERVER_END].connection, &event) == DTLS_OK)
        assert_true(event.kind < DTLS_EVENT_LOOK_UP_PSK);
    pair_free(&pair);
}

/* 1 + 2 + 4 seconds (RFC 6347 section 4.2.4.1), and then the handshake as it is without loss. */
static void three_lost_client_hellos_cost_seven_seconds(void **state) {
    (void)state;
    struct pair pair;
    pair_init_certificates(&pair);
    for (size_t i = 0; i < 3; i++)
        pair.script[i] = DROP;
    const uint64_t start = pair.now.monotonic_ns;
    run(&pair);
    assert_int_equal(pair.now.monotonic_ns - start, 7 * SECOND + 4 * ONE_WAY);
    pair_check_connected(&pair);
    assert_int_equal(pair.ends[CLIENT_END].num_retransmitted, 3);
    pair_free(&pair);
}

static void timeouts_double_up_to_the_greatest(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair.ends[CLIENT_END].config.initial_timeout_ns = SECOND / 2;
    pair.ends[CLIENT_END].config.max_timeout_ns = 4 * SECOND;
    for (size_t i = 0; i < MAX_SCRIPT; i++)
        pair.script[i] = DROP;
    const uint64_t start = pair.now.monotonic_ns;
    static const uint64_t expected_ms[] = {500, 1500, 3500, 7500, 11500, 15500};
    pair_open(&pair);
    for (size_t i = 0; i < 6; i++) {
        const uint64_t deadline = dtls_deadline(pair.ends[CLIENT_END].connection);
        assert_int_equal(deadline - start, expected_ms[i] * MS);
        pair_run(&pair, deadline);
    }
    pair_free(&pair);
}

static void handshake_that_takes_too_long(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    for (size_t i = 0; i < MAX_SCRIPT; i++)
        pair.script[i] = DROP;
    const uint64_t start = pair.now.monotonic_ns;
    pair_open(&pair);
    pair_run(&pair, start + 1000 * SECOND);
    assert_true(pair.ends[CLIENT_END].failed);
    assert_int_equal(pair.now.monotonic_ns - start, 180 * SECOND);
    const dtls_failure *failure = dtls_connection_get_failure(pair.ends[CLIENT_END].connection);
    assert_int_equal(failure->error, DTLS_ERROR_HANDSHAKE_TIMEOUT);
    assert_int_equal(failure->alert, DTLS_ALERT_NONE);
    assert_string_equal(failure->state, "wait ServerHello");
    assert_int_equal(dtls_deadline(pair.ends[CLIENT_END].connection), DTLS_NO_DEADLINE);
    /* The server has heard nothing, and waits for ever. */
    assert_int_equal(dtls_deadline(pair.ends[SERVER_END].connection), DTLS_NO_DEADLINE);
    pair_free(&pair);
}

static void a_call_of_timeout_too_early_does_nothing(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair_open(&pair);
    dtls_connection *client = pair.ends[CLIENT_END].connection;
    const uint64_t deadline = dtls_deadline(client);
    assert_int_equal(dtls_timeout(client, pair.now), DTLS_OK);
    assert_int_equal(dtls_deadline(client), deadline);
    assert_int_equal(dtls_connection_get_statistics(client)->timeouts, 0);
    pair_free(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(psk_suites),
        cmocka_unit_test(psk_identity_hint),
        cmocka_unit_test(certificate_suites_groups_and_schemes),
        cmocka_unit_test(server_prefers_its_own_order),
        cmocka_unit_test(server_without_the_first_certificate),
        cmocka_unit_test(client_certificates),
        cmocka_unit_test(client_without_certificate),
        cmocka_unit_test(client_without_a_fitting_certificate),
        cmocka_unit_test(answers_go_back_on_the_path),
        cmocka_unit_test(without_extensions),
        cmocka_unit_test(without_verification),
        cmocka_unit_test(without_calendar),
        cmocka_unit_test(all_defaults),
        cmocka_unit_test(late_psk),
        cmocka_unit_test(late_verdict_of_client),
        cmocka_unit_test(late_verdicts_of_both),
        cmocka_unit_test(anchors_and_the_application_decide),
        cmocka_unit_test(late_signatures),
        cmocka_unit_test(very_late_answers),
        cmocka_unit_test(answer_before_the_question_is_polled),
        cmocka_unit_test(three_lost_client_hellos_cost_seven_seconds),
        cmocka_unit_test(timeouts_double_up_to_the_greatest),
        cmocka_unit_test(handshake_that_takes_too_long),
        cmocka_unit_test(a_call_of_timeout_too_early_does_nothing),
    };
    return cmocka_run_group_tests(tests, credentials_make, credentials_free);
}
