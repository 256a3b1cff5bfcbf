/* SPDX-License-Identifier: MIT
 *
 * Ways through a connection that traffic seldom takes: messages that come when
 * all else is as it should be, calls between two polls, sessions at the edge of
 * what fits.
 */
#include "connection/edit.h"
#include "connection/sessions.h"

#include "dtls/connection_id.h"
#include "handshake/resumption.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const dtls_failure *failure_of(const struct pair *pair, int end) {
    return dtls_connection_get_failure(pair->ends[end].connection);
}

static void check_failure(const struct pair *pair, int end, dtls_error error, const char *field) {
    assert_non_null(failure_of(pair, end));
    assert_int_equal(failure_of(pair, end)->error, error);
    assert_string_equal(failure_of(pair, end)->field, field);
}

static void give(struct pair *pair, uint64_t record_sequence, uint8_t type, uint16_t seq, const char *body,
                 uint32_t len) {
    uint8_t datagram[MAX_DATAGRAM];
    const struct dtls_message_header header = {type, seq, len, 0, len};
    const size_t size = make_fragment(datagram, record_sequence, &header, (const uint8_t *)body);
    pair_deliver(pair, CLIENT_END, datagram, size);
    pair_pump(pair);
}

/* A client that waits for ServerHello after a cookie. */
static void wait_after_cookie(struct pair *pair) {
    pair_init_psk(pair);
    pair->cookies = true;
    pair_open(pair);
    pair_run(pair, pair->now.monotonic_ns + 2 * ONE_WAY);
    assert_int_equal(pair->ends[CLIENT_END].num_sent, 2);
}

static void old_messages_before_the_server_hello(void **state) {
    (void)state;
    static const char cookie[] = "\376\377\4\1\2\3\4";
    static const char other[] = "\376\377\4\1\2\3\5";
    struct pair pair;
    wait_after_cookie(&pair);
    const struct end *client = &pair.ends[CLIENT_END];
    give(&pair, 50, DTLS_MESSAGE_SERVER_HELLO, 0, cookie, 7);
    assert_int_equal(client->num_sent, 2);
    give(&pair, 51, DTLS_MESSAGE_HELLO_VERIFY_REQUEST, 1, cookie, 7);
    assert_int_equal(client->num_sent, 3);
    /* The first of all, the same again, and another one. */
    give(&pair, 52, DTLS_MESSAGE_HELLO_VERIFY_REQUEST, 0, other, 7);
    give(&pair, 53, DTLS_MESSAGE_HELLO_VERIFY_REQUEST, 1, cookie, 7);
    assert_int_equal(client->num_sent, 3);
    give(&pair, 54, DTLS_MESSAGE_HELLO_VERIFY_REQUEST, 1, other, 7);
    assert_int_equal(client->num_sent, 4);
    assert_null(failure_of(&pair, CLIENT_END));
    pair_free(&pair);
}

/* The right length, and nobody has ever made it: there is no previous secret yet. */
static void a_cookie_of_the_right_length(void **state) {
    (void)state;
    struct pair pair;
    wait_after_cookie(&pair);
    memset(pair.secret.current, 9, sizeof pair.secret.current);
    pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
    pair_check_connected(&pair);
    pair_free(&pair);
}

static void the_last_flight_is_kept_as_long_as_told(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair.ends[SERVER_END].config.last_flight_kept_ns = 3 * SECOND;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + SECOND);
    pair_check_connected(&pair);
    const uint64_t deadline = dtls_deadline(pair.ends[SERVER_END].connection);
    assert_in_range(deadline, pair.now.monotonic_ns + SECOND, pair.now.monotonic_ns + 3 * SECOND);
    pair_free(&pair);
}

static void a_server_is_started(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair_open_ends(&pair);
    dtls_connection *server = pair.ends[SERVER_END].connection;
    assert_int_equal(dtls_deadline(server), DTLS_NO_DEADLINE);
    assert_int_equal(dtls_connection_start(server, pair.now), DTLS_OK);
    assert_true(dtls_deadline(server) != DTLS_NO_DEADLINE);
    assert_int_equal(dtls_connection_start(server, pair.now), DTLS_ERROR_STATE);
    pair_begin(&pair);
    pair_run(&pair, pair.now.monotonic_ns + SECOND);
    pair_check_connected(&pair);
    pair_free(&pair);
}

/* Without supported_groups the curves of certificates are free (RFC 8422 section 4). The edit shows in the
 * end, in Finished. */
static void no_supported_groups(void **state) {
    (void)state;
    struct pair pair;
    struct edit edit = {CLIENT_END, DTLS_MESSAGE_CLIENT_HELLO, EDIT_NO_EXTENSION, 0, 10, 0};
    pair_init_certificates(&pair);
    pair.hook = edit_hook;
    pair.hook_state = &edit;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + SECOND / 2);
    assert_int_equal(edit.num_done, 1);
    assert_int_equal(sessions_info(&pair, CLIENT_END)->cipher_suite, 0xc02b);
    assert_false(pair.ends[SERVER_END].connected);
    pair_free(&pair);
}

static void a_point_that_is_cut_off(void **state) {
    (void)state;
    static const dtls_cipher_suite *const suites[] = {&dtls_suite_ecdhe_psk_aes_128_gcm_sha256, NULL};
    struct pair pair;
    struct edit edit = {CLIENT_END, DTLS_MESSAGE_CLIENT_KEY_EXCHANGE, EDIT_CUT, 0, 1, 0};
    pair_init_psk(&pair);
    for (int i = 0; i < 2; i++) {
        pair.ends[i].config.cipher_suites = suites;
        pair.ends[i].config.groups = dtls_default_groups;
    }
    pair.hook = edit_hook;
    pair.hook_state = &edit;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + SECOND / 2);
    check_failure(&pair, SERVER_END, DTLS_ERROR_DECODE, "ecdh_Yc");
    pair_free(&pair);
}

/* Connected, with connection IDs; the server follows its peer. */
static void connect_with_ids(struct pair *pair) {
    static const dtls_extension *const extensions[] = {&dtls_extension_extended_master_secret,
                                                       &dtls_extension_connection_id, NULL};
    pair_init_psk(pair);
    for (int i = 0; i < 2; i++) {
        pair->ends[i].config.extensions = extensions;
        pair->ends[i].config.path_policy = DTLS_PATH_FOLLOW;
        pair->ends[i].id = (dtls_span){(const uint8_t *)"id", 2};
    }
    pair_open_ends(pair);
    assert_int_equal(dtls_set_connection_id(pair->ends[SERVER_END].connection, (dtls_span){NULL, 2}),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_set_connection_id(pair->ends[SERVER_END].connection, (dtls_span){NULL, 0}),
                     DTLS_OK);
    assert_int_equal(dtls_set_connection_id(pair->ends[SERVER_END].connection, pair->ends[SERVER_END].id),
                     DTLS_OK);
    pair_begin(pair);
    pair_run(pair, pair->now.monotonic_ns + SECOND);
    pair_check_connected(pair);
}

/* Data from the client, by a path, with room for so much of it. */
static size_t receive_data(struct pair *pair, uint64_t path, size_t room, bool *out_taken) {
    uint8_t bytes[128];
    dtls_plaintext plaintext;
    size_t len;
    size_t taken;
    assert_int_equal(dtls_write(pair->ends[CLIENT_END].connection, pair->now, (const uint8_t *)"x", 1, bytes,
                                sizeof bytes, &len),
                     DTLS_OK);
    dtls_datagram datagram = {.bytes = bytes, .len = len, .path = path};
    assert_int_equal(
        dtls_receive(pair->ends[SERVER_END].connection, pair->now, &datagram, 1, &plaintext, &room, &taken),
        DTLS_OK);
    *out_taken = taken == 1;
    return room;
}

static void moving_twice_between_two_polls(void **state) {
    (void)state;
    struct pair pair;
    bool taken;
    connect_with_ids(&pair);
    const struct end *server = &pair.ends[SERVER_END];
    assert_int_equal(receive_data(&pair, 2, 1, &taken), 1);
    assert_int_equal(receive_data(&pair, 3, 1, &taken), 1);
    pair_pump(&pair);
    assert_int_equal(server->num_moved, 1);
    assert_int_equal(server->moved_to, 3);
    /* Without room a record that may be data is left. */
    assert_int_equal(receive_data(&pair, 3, 0, &taken), 0);
    assert_false(taken);
    pair_free(&pair);
}

static void datagrams_without_bytes(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair_open(&pair);
    dtls_connection *server = pair.ends[SERVER_END].connection;
    dtls_datagram datagram = {.bytes = NULL, .len = 0};
    size_t num = 0;
    size_t taken;
    assert_int_equal(dtls_receive(server, pair.now, &datagram, 1, NULL, &num, &taken), DTLS_OK);
    assert_int_equal(taken, 1);
    datagram.len = 1;
    assert_int_equal(dtls_receive(server, pair.now, &datagram, 1, NULL, &num, &taken), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_receive(server, pair.now, NULL, 1, NULL, &num, &taken), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_receive(server, pair.now, NULL, 0, NULL, &num, &taken), DTLS_OK);
    pair_free(&pair);
}

/* The client repeats its hello while the server's answer waits for a poll, and while it waits for a
 * signature: neither brings anything. */
static void a_hello_repeated_before_its_answer_is_out(void **state) {
    (void)state;
    for (int asked = 0; asked < 2; asked++) {
        struct pair pair;
        dtls_credential outside = credentials.server[0];
        outside.private_key = NULL;
        pair_init_certificates(&pair);
        if (asked == 1)
            pair.ends[SERVER_END].config.credentials = &outside;
        pair.ends[SERVER_END].config.num_credentials = 1;
        pair_open(&pair);
        dtls_connection *client = pair.ends[CLIENT_END].connection;
        pair_pump_end(&pair, CLIENT_END);
        pair.now.monotonic_ns += 2 * SECOND;
        assert_int_equal(dtls_timeout(client, pair.now), DTLS_OK);
        pair_pump_end(&pair, CLIENT_END);
        pair.now.monotonic_ns += 4 * SECOND;
        assert_int_equal(dtls_timeout(client, pair.now), DTLS_OK);
        pair_pump_end(&pair, CLIENT_END);
        assert_int_equal(pair.num_flying, 3);
        for (size_t i = 0; i < 3; i++) {
            pair_deliver(&pair, SERVER_END, pair.flying[i].bytes, pair.flying[i].len);
            pair.now.monotonic_ns += SECOND;
        }
        pair.num_flying = 0;
        pair_pump(&pair);
        assert_int_equal(pair.ends[SERVER_END].num_retransmitted, 0);
        pair_run(&pair, pair.now.monotonic_ns + 20 * SECOND);
        pair_check_connected(&pair);
        pair_free(&pair);
    }
}

/* The client's last but one flight comes again when both have closed: the server's last one does too, and no
 * close_notify with it. */
static void the_last_flight_after_both_have_closed(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 3 * ONE_WAY);
    assert_true(pair.ends[SERVER_END].connected);
    assert_int_equal(pair.num_flying, 1);
    const struct flying last = pair.flying[0];
    pair.num_flying = 0;
    pair.now.monotonic_ns += 2 * SECOND;
    assert_int_equal(dtls_timeout(pair.ends[CLIENT_END].connection, pair.now), DTLS_OK);
    pair_pump_end(&pair, CLIENT_END);
    assert_int_equal(pair.num_flying, 1);
    const struct flying repeated = pair.flying[0];
    pair.num_flying = 0;
    pair_deliver(&pair, CLIENT_END, last.bytes, last.len);
    pair_pump(&pair);
    pair_check_connected(&pair);
    assert_int_equal(dtls_close(pair.ends[CLIENT_END].connection, pair.now), DTLS_OK);
    pair_run(&pair, pair.now.monotonic_ns + SECOND);
    assert_true(pair.ends[SERVER_END].peer_closed);
    assert_int_equal(pair.ends[SERVER_END].num_alerts_sent, 1);
    const unsigned before = pair.ends[SERVER_END].num_sent;
    pair_deliver(&pair, SERVER_END, repeated.bytes, repeated.len);
    pair_pump(&pair);
    assert_int_equal(pair.ends[SERVER_END].num_retransmitted, 1);
    assert_int_equal(pair.ends[SERVER_END].num_sent, before + 1);
    pair_free(&pair);
}

/* A server has two certificates, raw public keys are known to both, and each type is told once. */
static void two_credentials_of_one_type(void **state) {
    (void)state;
    static const dtls_extension *const both[] = {&dtls_extension_extended_master_secret,
                                                 &dtls_extension_server_certificate_type,
                                                 &dtls_extension_client_certificate_type, NULL};
    struct pair pair;
    pair_init_certificates(&pair);
    const dtls_credential own[] = {credentials.client_credential, credentials.client_credential};
    for (int i = 0; i < 2; i++)
        pair.ends[i].config.extensions = both;
    pair.ends[CLIENT_END].config.credentials = own;
    pair.ends[CLIENT_END].config.num_credentials = 2;
    pair.ends[SERVER_END].config.client_auth = DTLS_CLIENT_AUTH_REQUIRE;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + SECOND);
    pair_check_connected(&pair);
    pair_free(&pair);
}

static void data_of_a_session(void **state) {
    (void)state;
    struct pair session;
    sessions_make(BY_TICKET, &session, NULL);
    struct pair pair = sessions_offer(&session, BY_TICKET, 1200);
    pair_open(&pair);
    dtls_connection *server = pair.ends[SERVER_END].connection;
    assert_int_equal(dtls_session_set_data(server, (dtls_span){NULL, 0}), DTLS_OK);
    pair_run(&pair, pair.now.monotonic_ns + ONE_WAY);
    assert_true(sessions_info(&pair, SERVER_END)->resumed);
    assert_int_equal(dtls_session_set_data(server, (dtls_span){(const uint8_t *)"x", 1}), DTLS_ERROR_STATE);
    pair_run(&pair, pair.now.monotonic_ns + SECOND);
    pair_check_connected(&pair);
    pair_free(&pair);
}

static void without_extended_master_secret(struct pair *pair) {
    static const dtls_extension *const none[] = {&dtls_extension_renegotiation_info, NULL};
    for (int i = 0; i < 2; i++) {
        pair->ends[i].config.extensions = none;
        pair->ends[i].config.trust_legacy_master_secret = true;
    }
}

/* What a client answers to a session that it is to offer, in a configuration of its own. */
static dtls_error offer(const struct session_kind *kind, const uint8_t *bytes, size_t len,
                        void (*change)(struct pair *pair)) {
    struct pair pair;
    sessions_init(&pair, kind, 1200);
    if (change != NULL)
        change(&pair);
    pair_open_ends(&pair);
    const dtls_error error =
        dtls_connection_offer_session(pair.ends[CLIENT_END].connection, pair.now, (dtls_span){bytes, len});
    pair_free(&pair);
    return error;
}

static void require_extended_master_secret(struct pair *pair) {
    pair->ends[CLIENT_END].config.trust_legacy_master_secret = true;
    pair->ends[CLIENT_END].config.require_extended_master_secret = true;
}

static void sessions_of_the_legacy_master_secret(void **state) {
    (void)state;
    struct pair session;
    sessions_make(BY_TICKET, &session, without_extended_master_secret);
    assert_int_equal(offer(BY_TICKET, session.offered, session.offered_len, without_extended_master_secret),
                     DTLS_OK);
    assert_int_equal(offer(BY_TICKET, session.offered, session.offered_len, NULL), DTLS_NOTHING);
    assert_int_equal(offer(BY_TICKET, session.offered, session.offered_len, require_extended_master_secret),
                     DTLS_NOTHING);
}

/* Where a state has its session id: behind format, role, version, suite, flags, time and lifetime. */
enum { ID_AT = 1 + 1 + 2 + 2 + 1 + 8 + 4 };

/* A copy of a state with an id of another length; `with_ticket`: and its ticket. */
static size_t change_id(const uint8_t *from, size_t len, uint8_t id_len, bool with_ticket, uint8_t *out) {
    memcpy(out, from, ID_AT);
    memset(out + ID_AT + 1, 1, id_len);
    out[ID_AT] = id_len;
    const size_t rest = ID_AT + 1 + (size_t)from[ID_AT];
    size_t out_len = ID_AT + 1 + (size_t)id_len;
    size_t left = len - rest;
    if (!with_ticket) {
        const size_t data = DTLS_MASTER_SECRET + DTLS_NAME_HASH;
        left = data + 1 + from[rest + data];
    }
    memcpy(out + out_len, from + rest, left);
    out_len += left;
    if (!with_ticket) {
        out[out_len++] = 0;
        out[out_len++] = 0;
    }
    return out_len;
}

static void states_with_other_ids(void **state) {
    (void)state;
    struct pair session;
    uint8_t changed[DTLS_SESSION_STATE_SIZE + DTLS_MAX_SESSION_ID];
    sessions_make(BY_TICKET, &session, NULL);
    size_t len = change_id(session.offered, session.offered_len, 0, false, changed);
    assert_int_equal(offer(BY_TICKET, changed, len, NULL), DTLS_ERROR_ARGUMENT);
    len = change_id(session.offered, session.offered_len, 3, false, changed);
    assert_int_equal(offer(BY_TICKET, changed, len, NULL), DTLS_OK);

    /* The cache's answer is a session of another id. */
    sessions_make(BY_ID, &session, NULL);
    struct pair pair = sessions_offer(&session, BY_ID, 1200);
    len = change_id(session.cached, session.cached_len, 31, true, changed);
    memcpy(pair.cached, changed, len);
    pair.cached_len = len;
    sessions_run(&pair);
    pair_check_connected(&pair);
    sessions_check(&pair, false);
    pair_free(&pair);
}

static const dtls_protocol *const clients[] = {&dtls_client_1_2, &dtls_client_1_0, NULL};
static const dtls_protocol *const servers[] = {&dtls_server_1_2, &dtls_server_1_0, NULL};
static const dtls_cipher_suite *const cbc[] = {&dtls_suite_ecdhe_ecdsa_aes_128_cbc_sha,
                                               &dtls_suite_ecdhe_ecdsa_aes_256_cbc_sha, NULL};

static void both_versions(struct pair *pair) {
    pair->ends[CLIENT_END].config.protocols = clients;
    pair->ends[SERVER_END].config.protocols = servers;
    for (int i = 0; i < 2; i++) {
        pair->ends[i].config.cipher_suites = cbc;
        pair->ends[i].config.allow_legacy = true;
    }
}

static void old_client(struct pair *pair) {
    both_versions(pair);
    pair->ends[CLIENT_END].config.protocols = clients + 1;
}

/* A session of DTLS 1.0 is not resumed by ends that both have DTLS 1.2. */
static void a_session_of_an_older_version(void **state) {
    (void)state;
    struct pair session;
    sessions_make(BY_TICKET, &session, old_client);
    struct pair pair = sessions_offer(&session, BY_TICKET, 1200);
    both_versions(&pair);
    sessions_run(&pair);
    pair_check_connected(&pair);
    sessions_check(&pair, false);
    assert_int_equal(sessions_info(&pair, CLIENT_END)->version, DTLS_VERSION_1_2);
    pair_free(&pair);
}

/* The server says that it resumes, and chooses anew nevertheless (RFC 5246 section 7.4.1.3). */
static void a_resumed_session_is_what_it_was(void **state) {
    (void)state;
    static const struct {
        int at; /* in ServerHello */
        unsigned value;
        const char *field;
    } rows[] = {{0, DTLS_VERSION_1_0, "server_version"}, {2 + 32 + 1 + 32, 0xc00a, "cipher_suite"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pair session;
        sessions_make(BY_TICKET, &session, both_versions);
        struct pair pair = sessions_offer(&session, BY_TICKET, 1200);
        both_versions(&pair);
        struct edit edit = {SERVER_END, DTLS_MESSAGE_SERVER_HELLO, EDIT_U16, rows[i].at, rows[i].value, 0};
        pair.hook = edit_hook;
        pair.hook_state = &edit;
        sessions_run(&pair);
        check_failure(&pair, CLIENT_END, DTLS_ERROR_ILLEGAL_PARAMETER, rows[i].field);
        pair_free(&pair);
    }
}

static bool empty_the_ticket(struct pair *pair, int from, uint8_t *bytes, size_t *len) {
    struct edit empty = {SERVER_END, DTLS_MESSAGE_NEW_SESSION_TICKET, EDIT_EMPTY, 0, 3, 0};
    struct edit longer = {SERVER_END, DTLS_MESSAGE_NEW_SESSION_TICKET, EDIT_PAD, 0, 3, 0};
    pair->hook_state = &empty;
    edit_hook(pair, from, bytes, len);
    pair->hook_state = &longer;
    edit_hook(pair, from, bytes, len);
    pair->hook_state = NULL;
    return true;
}

/* A ticket of no bytes is none (RFC 5077 section 3.3). What shows is the edit, in Finished. */
static void an_empty_ticket(void **state) {
    (void)state;
    struct pair pair;
    sessions_init(&pair, BY_TICKET, 1200);
    pair.hook = empty_the_ticket;
    sessions_run(&pair);
    check_failure(&pair, CLIENT_END, DTLS_ERROR_FINISHED, "verify_data");
    pair_free(&pair);
}

static void at_no_time(struct pair *pair) {
    pair->now.calendar_s = 0;
}

/* A renewed ticket lives no longer than the session; when that began may be unknown. */
static void tickets_are_renewed_later(void **state) {
    (void)state;
    for (int known = 0; known < 2; known++) {
        struct pair session;
        const struct session_kind *kind = &session_kinds[1]; /* with a pre-shared key */
        sessions_make(kind, &session, known == 1 ? NULL : at_no_time);
        sessions_rotate();
        struct pair pair = sessions_offer(&session, kind, 1200);
        pair.now.calendar_s += 100;
        sessions_resume(&pair, kind);
        struct pair renewed;
        sessions_keep(&pair, &renewed);
        const uint8_t *lifetime = renewed.offered + ID_AT - 4;
        const unsigned left_s = (unsigned)lifetime[2] << 8 | lifetime[3];
        assert_int_equal(left_s, known == 1 ? 7200 - 100 : 7200);
        pair_free(&pair);
    }
}

/* The first that says why is believed: a raw key was not asked for, and no certificate fits the suite. */
static void no_credential_for_key_transport(void **state) {
    (void)state;
    static const dtls_cipher_suite *const suites[] = {&dtls_suite_rsa_aes_128_gcm_sha256, NULL};
    static const dtls_extension *const extensions[] = {&dtls_extension_extended_master_secret,
                                                       &dtls_extension_server_certificate_type, NULL};
    struct pair pair;
    dtls_credential raw = credentials.server[1];
    raw.type = DTLS_CERTIFICATE_RAW_PUBLIC_KEY;
    raw.chain_len = 1;
    pair_init_certificates(&pair);
    for (int i = 0; i < 2; i++) {
        pair.ends[i].config.cipher_suites = suites;
        pair.ends[i].config.allow_legacy = true;
    }
    pair.ends[SERVER_END].config.extensions = extensions;
    pair.ends[SERVER_END].config.credentials = &raw;
    pair.ends[SERVER_END].config.num_credentials = 1;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + SECOND);
    assert_non_null(failure_of(&pair, SERVER_END));
    assert_int_equal(failure_of(&pair, SERVER_END)->error, DTLS_ERROR_CERTIFICATE_UNSUPPORTED);
    pair_free(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_messages_before_the_server_hello),
        cmocka_unit_test(a_cookie_of_the_right_length),
        cmocka_unit_test(the_last_flight_is_kept_as_long_as_told),
        cmocka_unit_test(a_server_is_started),
        cmocka_unit_test(no_supported_groups),
        cmocka_unit_test(a_point_that_is_cut_off),
        cmocka_unit_test(moving_twice_between_two_polls),
        cmocka_unit_test(datagrams_without_bytes),
        cmocka_unit_test(a_hello_repeated_before_its_answer_is_out),
        cmocka_unit_test(the_last_flight_after_both_have_closed),
        cmocka_unit_test(two_credentials_of_one_type),
        cmocka_unit_test(data_of_a_session),
        cmocka_unit_test(sessions_of_the_legacy_master_secret),
        cmocka_unit_test(states_with_other_ids),
        cmocka_unit_test(a_session_of_an_older_version),
        cmocka_unit_test(a_resumed_session_is_what_it_was),
        cmocka_unit_test(an_empty_ticket),
        cmocka_unit_test(tickets_are_renewed_later),
        cmocka_unit_test(no_credential_for_key_transport),
    };
    return cmocka_run_group_tests(tests, sessions_make_keys, credentials_free);
}
