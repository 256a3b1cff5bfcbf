/* SPDX-License-Identifier: MIT
 *
 * Abbreviated handshakes (RFC 5246 section 7.3, RFC 5077) with both of their
 * means, on bad networks, by the rules of RFC 7627 section 5.3, and what makes
 * a handshake a full one instead.
 */
#include "connection/sessions.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const dtls_extension *const without_ems[] = {&dtls_extension_server_name,
                                                    &dtls_extension_renegotiation_info, NULL};

static const size_t mtus[] = {128, 256, 1200};

/* The whole life: a session is resumed, and what comes of that is resumed again. */
static void again_and_again(void **state) {
    (void)state;
    for (size_t k = 0; k < SESSION_KINDS; k++) {
        struct pair session;
        sessions_make(&session_kinds[k], &session, NULL);
        for (unsigned i = 0; i < 3; i++) {
            struct pair pair = sessions_offer(&session, &session_kinds[k], 1200);
            const uint64_t took = sessions_resume(&pair, &session_kinds[k]);
            assert_true(took <= (session_kinds[k].cookies ? 5 : 3) * ONE_WAY);
            assert_int_equal(pair.num_looked_up, session_kinds[k].tickets ? 0 : 1);
            assert_int_equal(pair.num_datagrams, session_kinds[k].cookies ? 5 : 3);
            sessions_keep(&pair, &session);
            pair_free(&pair);
            if (session_kinds[k].renews)
                sessions_rotate();
        }
    }
}

static unsigned clean_datagrams(const struct pair *session, const struct session_kind *kind, size_t mtu) {
    struct pair pair = sessions_offer(session, kind, mtu);
    sessions_resume(&pair, kind);
    assert_int_equal(pair.ends[0].num_retransmitted + pair.ends[1].num_retransmitted, 0);
    pair_free(&pair);
    return pair.num_datagrams;
}

/* The client's last flight is repeated by nothing but the server's repetition, which needs a timer that runs
 * only while its handshake does. */
static void each_datagram(enum fate fate) {
    for (size_t k = 0; k < SESSION_KINDS; k++) {
        struct pair session;
        sessions_make(&session_kinds[k], &session, NULL);
        for (size_t m = 0; m < COUNT(mtus); m++) {
            const unsigned num = clean_datagrams(&session, &session_kinds[k], mtus[m]);
            for (unsigned i = 0; i < num && i < MAX_SCRIPT; i++) {
                struct pair pair = sessions_offer(&session, &session_kinds[k], mtus[m]);
                pair.script[i] = fate;
                const uint64_t took = sessions_resume(&pair, &session_kinds[k]);
                const bool stateless = session_kinds[k].cookies && mtus[m] <= 256;
                assert_true(took <= (fate == DROP || (fate == DELAY && stateless) ? SECOND + 10 * ONE_WAY
                                                                                  : SECOND / 2));
                if (fate == DUPLICATE)
                    assert_int_equal(pair.ends[0].num_retransmitted + pair.ends[1].num_retransmitted, 0);
                pair_free(&pair);
            }
        }
    }
}

static void every_single_loss(void **state) {
    (void)state;
    each_datagram(DROP);
}

static void every_single_duplicate(void **state) {
    (void)state;
    each_datagram(DUPLICATE);
}

static void every_single_delay(void **state) {
    (void)state;
    each_datagram(DELAY);
}

static void every_double_loss(void **state) {
    (void)state;
    static const size_t some_mtus[] = {256, 1200};
    for (size_t k = 0; k < SESSION_KINDS; k++) {
        struct pair session;
        sessions_make(&session_kinds[k], &session, NULL);
        for (size_t m = 0; m < COUNT(some_mtus); m++) {
            const unsigned num = 2 * clean_datagrams(&session, &session_kinds[k], some_mtus[m]);
            for (unsigned i = 0; i < num && i < MAX_SCRIPT; i++) {
                for (unsigned j = 0; j < i; j++) {
                    struct pair pair = sessions_offer(&session, &session_kinds[k], some_mtus[m]);
                    pair.script[i] = DROP;
                    pair.script[j] = DROP;
                    assert_true(sessions_resume(&pair, &session_kinds[k]) <= 7 * SECOND);
                    pair_free(&pair);
                }
            }
        }
    }
}

/* NewSessionTicket in a full handshake's last flight, lost in every way. */
static void tickets_are_lost_and_come(void **state) {
    (void)state;
    for (size_t m = 0; m < COUNT(mtus); m++) {
        unsigned num = 1;
        for (unsigned i = 0; i < num; i++) {
            for (unsigned fate = DELIVER; fate <= DELAY; fate++) {
                struct pair pair;
                sessions_init(&pair, BY_TICKET, mtus[m]);
                pair.script[i] = (enum fate)fate;
                sessions_run(&pair);
                pair_check_connected(&pair);
                struct pair next;
                sessions_keep(&pair, &next);
                pair_free(&pair);
                num = pair.num_datagrams < MAX_SCRIPT ? pair.num_datagrams : MAX_SCRIPT;
                if (fate == DELIVER && i > 0)
                    break;
            }
        }
    }
}

enum end_of { RESUMES, FULL, ABORTS };

/* The handshake ends as expected, with a session of one kind and ends of another. */
static void check_end(struct pair *pair, enum end_of expected) {
    sessions_run(pair);
    if (expected == ABORTS) {
        assert_true(pair->ends[CLIENT_END].failed);
        assert_true(pair->ends[SERVER_END].failed);
    } else {
        pair_check_connected(pair);
        sessions_check(pair, expected == RESUMES);
    }
    pair_free(pair);
}

static void trust_legacy(struct pair *pair) {
    for (int i = 0; i < 2; i++) {
        pair->ends[i].config.extensions = without_ems;
        pair->ends[i].config.trust_legacy_master_secret = true;
    }
}

/* RFC 7627 section 5.3: the session's extended master secret, the client's, and what the server does. */
static void extended_master_secret(void **state) {
    (void)state;
    static const struct {
        bool session;
        bool client;
        bool server_trusts;
        enum end_of expected;
    } rows[] = {
        {true, true, false, RESUMES}, {true, false, false, ABORTS},  {true, false, true, ABORTS},
        {false, true, true, FULL},    {false, false, true, RESUMES}, {false, false, false, ABORTS},
    };
    static const struct session_kind *const both[] = {&session_kinds[2], &session_kinds[3]};
    for (size_t k = 0; k < COUNT(both); k++) {
        for (size_t i = 0; i < COUNT(rows); i++) {
            struct pair session;
            sessions_make(both[k], &session, rows[i].session ? NULL : trust_legacy);
            struct pair pair = sessions_offer(&session, both[k], 1200);
            pair.ends[CLIENT_END].config.trust_legacy_master_secret = true;
            pair.ends[SERVER_END].config.trust_legacy_master_secret = rows[i].server_trusts;
            if (!rows[i].client)
                pair.ends[CLIENT_END].config.extensions = without_ems;
            check_end(&pair, rows[i].expected);
        }
    }
}

/* Adds extended_master_secret to a ServerHello, or takes it away: the Finished would show it, but the client
 * must not get so far (RFC 7627 section 5.3). */
static bool change_master_secret(struct pair *pair, int from, uint8_t *bytes, size_t *len) {
    const bool *adds = pair->hook_state;
    if (from != SERVER_END || bytes[13] != 2)
        return true;
    /* Its code becomes renegotiation_info's; or the other way round, the body being empty either way. */
    for (size_t i = 60; i + 4 < *len; i++) {
        if (!*adds && bytes[i] == 0 && bytes[i + 1] == 23 && bytes[i + 2] == 0 && bytes[i + 3] == 0) {
            bytes[i + 1] = 35;
            return true;
        }
        if (*adds && bytes[i] == 0 && bytes[i + 1] == 35 && bytes[i + 2] == 0 && bytes[i + 3] == 0) {
            bytes[i + 1] = 23;
            return true;
        }
    }
    return true;
}

static void client_checks_master_secret(void **state) {
    (void)state;
    for (int adds = 0; adds < 2; adds++) {
        bool add = adds == 1;
        struct pair session;
        const struct session_kind *kind = add ? RENEWED : BY_TICKET;
        sessions_make(kind, &session, add ? trust_legacy : NULL);
        struct pair pair = sessions_offer(&session, kind, 1200);
        if (add)
            trust_legacy(&pair);
        pair.ends[CLIENT_END].config.extensions = dtls_default_extensions;
        if (add) {
            /* The server does not see the offer, and answers without. */
            pair.ends[SERVER_END].config.extensions = without_ems;
        }
        pair.hook = change_master_secret;
        pair.hook_state = &add;
        sessions_run(&pair);
        const dtls_failure *failure = dtls_connection_get_failure(pair.ends[CLIENT_END].connection);
        assert_non_null(failure);
        assert_int_equal(failure->error, DTLS_ERROR_EXTENDED_MASTER_SECRET);
        assert_string_equal(failure->section, "RFC 7627 section 5.3");
        pair_free(&pair);
    }
}

static void wrong_ticket(struct pair *pair) {
    pair->offered[pair->offered_len - 20] ^= 1;
}

static void foreign_ticket(struct pair *pair) {
    (void)pair;
    sessions_rotate();
    sessions_rotate();
}

static void other_name(struct pair *pair) {
    static const dtls_extension *const no_name[] = {&dtls_extension_extended_master_secret,
                                                    &dtls_extension_renegotiation_info, NULL};
    pair->ends[CLIENT_END].config.extensions = no_name;
}

static void other_suites(struct pair *pair) {
    static const dtls_cipher_suite *const rsa[] = {&dtls_suite_ecdhe_rsa_aes_128_gcm_sha256, NULL};
    pair->ends[SERVER_END].config.cipher_suites = rsa;
}

static void forgotten(struct pair *pair) {
    pair->cached_len = 0;
}

static void nonsense(struct pair *pair) {
    memset(pair->cached, 0x55, pair->cached_len);
}

static void other_id(struct pair *pair) {
    pair->cached[20] ^= 1;
}

static void client_must_be_known(struct pair *pair) {
    pair->ends[SERVER_END].config.client_auth = DTLS_CLIENT_AUTH_REQUIRE;
}

/* What does not fit makes a full handshake, never a failed one. */
static void full_handshakes_instead(void **state) {
    (void)state;
    static const struct {
        const struct session_kind *kind;
        void (*before)(struct pair *pair);
        void (*change)(struct pair *pair);
    } rows[] = {
        {&session_kinds[3], NULL, wrong_ticket}, {&session_kinds[3], NULL, foreign_ticket},
        {&session_kinds[3], NULL, other_name},   {&session_kinds[3], NULL, other_suites},
        {&session_kinds[2], NULL, forgotten},    {&session_kinds[2], NULL, nonsense},
        {&session_kinds[2], NULL, other_id},     {&session_kinds[2], NULL, other_name},
        {&session_kinds[2], NULL, other_suites}, {&session_kinds[4], NULL, client_must_be_known},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pair session;
        sessions_make(rows[i].kind, &session, rows[i].before);
        struct pair pair = sessions_offer(&session, rows[i].kind, 1200);
        rows[i].change(&pair);
        check_end(&pair, FULL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(again_and_again),         cmocka_unit_test(every_single_loss),
        cmocka_unit_test(every_single_duplicate),  cmocka_unit_test(every_single_delay),
        cmocka_unit_test(every_double_loss),       cmocka_unit_test(tickets_are_lost_and_come),
        cmocka_unit_test(extended_master_secret),  cmocka_unit_test(client_checks_master_secret),
        cmocka_unit_test(full_handshakes_instead),
    };
    return cmocka_run_group_tests(tests, sessions_make_keys, credentials_free);
}
