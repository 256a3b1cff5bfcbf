/* SPDX-License-Identifier: MIT
 *
 * Resumption as the application sees it: lifetimes, what can be offered, what
 * is refused, and configurations.
 */
#include "connection/sessions.h"

#include <stdlib.h>

/* Lifetimes go by the calendar, on both sides. */
static void lifetimes(void **state) {
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        struct pair session;
        sessions_make(&session_kinds[k], &session, NULL);
        struct pair pair = sessions_offer(&session, &session_kinds[k], 1200);
        pair.now.calendar_s += 7199;
        sessions_resume(&pair, &session_kinds[k]);
        pair_free(&pair);

        pair = sessions_offer(&session, &session_kinds[k], 1200);
        pair_open(&pair);
        pair.now.calendar_s += 7200;
        pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
        pair_check_connected(&pair);
        sessions_check(&pair, false);
        pair_free(&pair);
    }
}

static dtls_error offer(struct pair *pair, const dtls_time now, const uint8_t *bytes, size_t len) {
    return dtls_connection_offer_session(pair->ends[CLIENT_END].connection, now, (dtls_span){bytes, len});
}

static void look_away(struct pair *pair) {
    pair->ends[CLIENT_END].config.verification = DTLS_VERIFY_NOTHING;
}

/* A session with a server that nobody has looked at does not pass for one with a server that was verified. */
static void not_authenticated(void **state) {
    (void)state;
    const struct session_kind *kinds[] = {BY_ID, BY_TICKET};
    for (size_t k = 0; k < 2; k++) {
        struct pair session;
        sessions_make(kinds[k], &session, look_away);
        struct pair pair = sessions_offer(&session, kinds[k], 1200);
        pair_open_ends(&pair);
        assert_int_equal(offer(&pair, pair.now, session.offered, session.offered_len), DTLS_NOTHING);
        pair.offered_len = 0;
        pair_begin(&pair);
        pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
        pair_check_connected(&pair);
        sessions_check(&pair, false);
        assert_true(sessions_info(&pair, CLIENT_END)->peer_authenticated);
        pair_free(&pair);

        pair = sessions_offer(&session, kinds[k], 1200);
        look_away(&pair);
        sessions_run(&pair);
        sessions_check(&pair, true);
        assert_false(sessions_info(&pair, CLIENT_END)->peer_authenticated);
        pair_free(&pair);
    }
}

/* What a client does not offer, and what is no state. */
static void offers(void **state) {
    (void)state;
    struct pair session;
    sessions_make(BY_TICKET, &session, NULL);
    struct pair pair;
    sessions_init(&pair, BY_TICKET, 1200);
    memcpy(pair.offered, session.offered, session.offered_len);
    pair.offered_len = session.offered_len;
    pair_open(&pair);
    assert_int_equal(offer(&pair, pair.now, session.offered, session.offered_len), DTLS_ERROR_STATE);
    pair_free(&pair);

    const dtls_config *config = &pair.ends[CLIENT_END].config;
    const size_t session_len = dtls_session_size(config);
    const size_t handshake_len = dtls_handshake_size(config);
    void *blocks[] = {malloc(session_len), malloc(handshake_len)};
    dtls_connection *client;
    assert_int_equal(dtls_connection_open(config, blocks[0], session_len, blocks[1], handshake_len, &client),
                     DTLS_OK);
    pair.ends[CLIENT_END].connection = client;
    dtls_time late = pair.now;
    late.calendar_s += 7200;
    dtls_time early = pair.now;
    early.calendar_s -= 10;
    dtls_time unknown = pair.now;
    unknown.calendar_s = 0;
    assert_int_equal(offer(&pair, late, session.offered, session.offered_len), DTLS_NOTHING);
    assert_int_equal(offer(&pair, early, session.offered, session.offered_len), DTLS_NOTHING);
    assert_int_equal(offer(&pair, unknown, session.offered, session.offered_len), DTLS_OK);
    for (size_t len = 0; len < session.offered_len; len++)
        assert_int_equal(offer(&pair, pair.now, session.offered, len), DTLS_ERROR_ARGUMENT);
    assert_int_equal(offer(&pair, pair.now, NULL, 0), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_connection_offer_session(NULL, pair.now, (dtls_span){session.offered, 1}),
                     DTLS_ERROR_ARGUMENT);
    for (size_t i = 0; i < 7; i++) {
        uint8_t changed[DTLS_SESSION_STATE_SIZE];
        memcpy(changed, session.offered, session.offered_len);
        changed[i] ^= 0x80;
        const bool useless = i >= 2 && i < 6; /* its version, its suite */
        assert_int_equal(offer(&pair, pair.now, changed, session.offered_len),
                         useless ? DTLS_NOTHING : DTLS_ERROR_ARGUMENT);
    }
    /* A session of another server. */
    dtls_connection_wipe(client);
    dtls_config other = *config;
    other.peer_name = "other.test";
    assert_int_equal(dtls_connection_open(&other, blocks[0], session_len, blocks[1], handshake_len, &client),
                     DTLS_OK);
    pair.ends[CLIENT_END].connection = client;
    assert_int_equal(offer(&pair, pair.now, session.offered, session.offered_len), DTLS_NOTHING);
    dtls_connection_wipe(client);
    free(blocks[0]);
    free(blocks[1]);
}

static void keep_short_tickets(struct pair *pair) {
    pair->ends[CLIENT_END].config.max_ticket = 10;
}

static void keep_long_tickets(struct pair *pair) {
    pair->ends[CLIENT_END].config.max_ticket = 4000;
}

/* A client keeps no ticket that is longer than it has room for, and offers none. */
static void longest_ticket(void **state) {
    (void)state;
    struct pair session;
    struct pair pair;
    uint8_t out[DTLS_SESSION_STATE_SIZE];
    size_t len;
    sessions_init(&pair, BY_TICKET, 1200);
    keep_short_tickets(&pair);
    sessions_run(&pair);
    pair_check_connected(&pair);
    assert_int_equal(dtls_session_export(pair.ends[CLIENT_END].connection, out, sizeof out, &len),
                     DTLS_NOTHING);
    pair_free(&pair);
    sessions_make(BY_TICKET, &session, keep_long_tickets);
    assert_true(session.offered_len > 0);
    pair = sessions_offer(&session, BY_TICKET, 1200);
    keep_long_tickets(&pair);
    sessions_resume(&pair, BY_TICKET);
    pair_free(&pair);
    sessions_init(&pair, BY_TICKET, 1200);
    keep_short_tickets(&pair);
    pair_open(&pair);
    dtls_connection_wipe(pair.ends[CLIENT_END].connection);
    assert_int_equal(
        dtls_connection_open(&pair.ends[CLIENT_END].config, pair.ends[CLIENT_END].session_memory,
                             pair.ends[CLIENT_END].session_len, pair.ends[CLIENT_END].handshake_memory,
                             pair.ends[CLIENT_END].handshake_len, &pair.ends[CLIENT_END].connection),
        DTLS_OK);
    assert_int_equal(offer(&pair, pair.now, session.offered, session.offered_len), DTLS_NOTHING);
    pair_free(&pair);
}

/* What the application may not do, or does too late. */
static void misuse(void **state) {
    (void)state;
    struct pair pair;
    uint8_t out[DTLS_SESSION_STATE_SIZE];
    size_t len;
    sessions_init(&pair, &session_kinds[0], 1200);
    pair_open(&pair);
    dtls_connection *client = pair.ends[CLIENT_END].connection;
    dtls_connection *server = pair.ends[SERVER_END].connection;
    assert_int_equal(dtls_session_export(client, out, sizeof out, &len), DTLS_ERROR_STATE);
    assert_int_equal(dtls_answer_session(server, pair.now, (dtls_span){out, 0}), DTLS_ERROR_STATE);
    assert_int_equal(dtls_answer_session(server, pair.now, (dtls_span){NULL, 1}), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_answer_session(NULL, pair.now, (dtls_span){NULL, 0}), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_session_set_data(server, (dtls_span){out, DTLS_MAX_SESSION_DATA + 1}),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_session_set_data(server, (dtls_span){NULL, 1}), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_session_set_data(NULL, (dtls_span){out, 1}), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_session_get_data(server).len, 0);
    pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
    pair_check_connected(&pair);
    assert_int_equal(dtls_session_get_id(server).len, DTLS_MAX_SESSION_ID);
    assert_memory_equal(dtls_session_get_id(server).data, dtls_session_get_id(client).data,
                        DTLS_MAX_SESSION_ID);
    assert_int_equal(dtls_session_get_id(NULL).len, 0);
    assert_int_equal(dtls_session_get_data(NULL).len, 0);
    assert_int_equal(dtls_session_set_data(server, (dtls_span){out, 1}), DTLS_ERROR_STATE);
    assert_int_equal(dtls_session_export(NULL, out, sizeof out, &len), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_session_export(client, NULL, sizeof out, &len), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_session_export(client, out, sizeof out, NULL), DTLS_ERROR_ARGUMENT);
    for (size_t room = 0; room < 130; room += 10)
        assert_int_equal(dtls_session_export(client, out, room, &len), DTLS_ERROR_NO_ROOM);
    assert_int_equal(dtls_session_export(client, out, sizeof out, &len), DTLS_OK);
    pair_free(&pair);

    /* No resumption at all. */
    pair_init_psk(&pair);
    pair_open(&pair);
    client = pair.ends[CLIENT_END].connection;
    assert_int_equal(dtls_connection_offer_session(client, pair.now, (dtls_span){out, len}),
                     DTLS_ERROR_STATE);
    assert_int_equal(dtls_session_set_data(client, (dtls_span){out, 1}), DTLS_ERROR_STATE);
    pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
    assert_int_equal(dtls_session_export(client, out, sizeof out, &len), DTLS_ERROR_STATE);
    assert_int_equal(dtls_session_get_id(client).len, 0);
    pair_free(&pair);
}

/* Either end alone can do without. */
static void one_end_alone(void **state) {
    (void)state;
    for (int end = 0; end < 2; end++) {
        for (size_t k = 2; k < 4; k++) {
            struct pair pair;
            sessions_init(&pair, &session_kinds[k], 1200);
            dtls_config *config = &pair.ends[end].config;
            config->resumption = NULL;
            config->ticket_keys = NULL;
            config->session_cache = false;
            sessions_run(&pair);
            pair_check_connected(&pair);
            sessions_check(&pair, false);
            uint8_t out[DTLS_SESSION_STATE_SIZE];
            size_t len;
            const dtls_error expected = end == SERVER_END || k == 3 ? DTLS_NOTHING : DTLS_OK;
            assert_int_equal(dtls_session_export(pair.ends[!end].connection, out, sizeof out, &len),
                             expected);
            pair_free(&pair);
        }
    }
}

static void configurations(void **state) {
    (void)state;
    struct pair pair;
    sessions_init(&pair, BY_TICKET, 1200);
    dtls_config_problem problem;
    dtls_config config = pair.ends[SERVER_END].config;
    config.resumption = &dtls_resumption_client;
    assert_int_equal(dtls_config_check(&config, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, "resumption");
    config.resumption = NULL;
    assert_int_equal(dtls_config_check(&config, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, "resumption");
    config.resumption = &dtls_resumption_server;
    config.session_lifetime_s = 604801;
    assert_int_equal(dtls_config_check(&config, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, "session_lifetime_s");
    config.session_lifetime_s = 604800;
    dtls_ticket_keys short_tags = {.aead = DTLS_AEAD_AES_128_CCM_8};
    config.ticket_keys = &short_tags;
    assert_int_equal(dtls_config_check(&config, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, "ticket_keys");

    /* The constants are enough. */
    for (int i = 0; i < 2; i++) {
        dtls_config with = pair.ends[i].config;
        with.keep_secrets = true;
        dtls_config without = with;
        without.resumption = NULL;
        without.ticket_keys = NULL;
        assert_true(dtls_session_size(&with) <= dtls_session_size(&without) + DTLS_SESSION_RESUMPTION_SIZE);
        assert_true(dtls_session_size(&without) <= DTLS_SESSION_SIZE);
        assert_true(dtls_handshake_size(&with) <=
                    dtls_handshake_size(&without) + DTLS_HANDSHAKE_RESUMPTION_SIZE);
    }
}

static void transitions(void **state) {
    (void)state;
    static const dtls_resumption *const objects[] = {&dtls_resumption_client, &dtls_resumption_server};
    for (size_t i = 0; i < 2; i++) {
        size_t num = 0;
        dtls_transition transition;
        while (dtls_resumption_transition(objects[i], num, &transition) == DTLS_OK) {
            assert_true(strlen(transition.state) > 0);
            assert_true(strlen(transition.message) > 0);
            assert_true(strlen(transition.next) > 0);
            num++;
        }
        assert_true(num >= 6);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lifetimes),      cmocka_unit_test(offers),
        cmocka_unit_test(longest_ticket), cmocka_unit_test(misuse),
        cmocka_unit_test(one_end_alone),  cmocka_unit_test(configurations),
        cmocka_unit_test(transitions),    cmocka_unit_test(not_authenticated),
    };
    return cmocka_run_group_tests(tests, sessions_make_keys, credentials_free);
}
