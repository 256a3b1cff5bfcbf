/* SPDX-License-Identifier: MIT
 *
 * Raw public keys (RFC 7250) between two connections: each direction with its
 * type, keys that are known, unknown, malformed or of no type in common.
 */
#include "connection/edit.h"
#include "connection/raw_keys.h"
#include "connection/sessions.h"

#include "handshake/connection.h"

#define CRT DTLS_MESSAGE_CERTIFICATE

static void server_shows_a_known_key(void **state) {
    (void)state;
    static const dtls_cipher_suite *const suites[][2] = {{&dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256, NULL},
                                                         {&dtls_suite_ecdhe_rsa_aes_128_gcm_sha256, NULL},
                                                         {&dtls_suite_rsa_aes_128_gcm_sha256, NULL}};
    for (size_t i = 0; i < 3; i++) {
        struct pair pair;
        raw_keys_init(&pair);
        pair.ends[CLIENT_END].config.cipher_suites = suites[i];
        for (int end = 0; end < 2; end++)
            pair.ends[end].config.allow_legacy = true;
        if (i == 2)
            pair.ends[SERVER_END].config.cipher_suites = suites[i];
        raw_keys_connect(&pair, RAW, X509);
        pair_free(&pair);
    }
}

static void both_show_known_keys(void **state) {
    (void)state;
    struct pair pair;
    raw_keys_init_mutual(&pair);
    raw_keys_connect(&pair, RAW, RAW);
    assert_true(raw_keys_info(&pair, SERVER_END)->peer_authenticated);
    pair_free(&pair);
}

static void application_judges(void **state) {
    (void)state;
    for (int later = 0; later < 2; later++) {
        struct pair pair;
        raw_keys_init_mutual(&pair);
        for (int end = 0; end < 2; end++) {
            pair.ends[end].config.verification = DTLS_VERIFY_APPLICATION;
            pair.ends[end].config.num_known_public_keys = 0;
            pair.ends[end].answer = later ? ANSWER_LATER : ANSWER_AT_ONCE;
        }
        raw_keys_connect(&pair, RAW, RAW);
        for (int end = 0; end < 2; end++) {
            const dtls_span *key = &raw_keys[end == CLIENT_END ? 0 : 2];
            assert_int_equal(pair.ends[end].judged_type, RAW);
            assert_int_equal(pair.ends[end].judged_leaf_len, key->len);
            assert_memory_equal(pair.ends[end].judged_leaf, key->data, key->len);
            assert_true(raw_keys_info(&pair, end)->peer_authenticated);
        }
        pair_free(&pair);
    }
}

static void application_refuses(void **state) {
    (void)state;
    struct pair pair;
    raw_keys_init(&pair);
    pair.ends[CLIENT_END].config.verification = DTLS_VERIFY_APPLICATION;
    pair.ends[CLIENT_END].verdict = DTLS_ERROR_PUBLIC_KEY_UNKNOWN;
    raw_keys_check_refused(&pair, CLIENT_END, DTLS_ERROR_PUBLIC_KEY_UNKNOWN, DTLS_ALERT_CERTIFICATE_UNKNOWN,
                           "certificate_list");
}

static void nobody_judges(void **state) {
    (void)state;
    struct pair pair;
    raw_keys_init(&pair);
    pair.ends[CLIENT_END].config.verification = DTLS_VERIFY_NOTHING;
    pair.ends[CLIENT_END].config.num_known_public_keys = 0;
    raw_keys_run(&pair);
    pair_check_connected(&pair);
    raw_keys_check_types(&pair, RAW, X509);
    assert_false(raw_keys_info(&pair, CLIENT_END)->peer_authenticated);
    pair_free(&pair);
}

static void unknown_keys(void **state) {
    (void)state;
    struct pair pair;
    raw_keys_init(&pair);
    pair.ends[CLIENT_END].config.known_public_keys = &raw_keys[1]; /* RSA and the client's */
    raw_keys_check_refused(&pair, CLIENT_END, DTLS_ERROR_PUBLIC_KEY_UNKNOWN, DTLS_ALERT_CERTIFICATE_UNKNOWN,
                           "certificate_list");
    raw_keys_init_mutual(&pair);
    pair.ends[SERVER_END].config.known_public_keys = &raw_keys[0];
    raw_keys_check_refused(&pair, SERVER_END, DTLS_ERROR_PUBLIC_KEY_UNKNOWN, DTLS_ALERT_CERTIFICATE_UNKNOWN,
                           "certificate_list");
}

/* The key outside, asked for signatures of a raw credential. */
static void key_outside(void **state) {
    (void)state;
    dtls_credential outside = raw_credentials[0];
    struct pair pair;
    outside.private_key = NULL;
    raw_keys_init(&pair);
    pair.ends[SERVER_END].config.credentials = &outside;
    pair.ends[SERVER_END].config.num_credentials = 1;
    raw_keys_connect(&pair, RAW, X509);
    assert_int_equal(pair.ends[SERVER_END].num_questions, 1);
    pair_free(&pair);
}

/* What a server shows is the first of its credentials that the client takes. */
static void servers_choice(void **state) {
    (void)state;
    static const struct {
        const dtls_certificate_type *types;
        size_t num;
        dtls_certificate_type shown;
    } rows[] = {{raw_only, 1, RAW},
                {raw_first, 2, RAW},
                {x509_first, 2, RAW},
                {x509_first, 1, X509},
                {NULL, 0, X509}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair pair;
        raw_keys_init(&pair);
        pair.ends[SERVER_END].config.credentials = mixed_credentials;
        pair.ends[SERVER_END].config.num_credentials = 3;
        pair.ends[CLIENT_END].config.trust_anchors = credentials.anchors;
        raw_keys_take(&pair.ends[CLIENT_END], rows[i].types, rows[i].num);
        raw_keys_connect(&pair, rows[i].shown, X509);
        pair_free(&pair);
    }
}

/* What a client shows is of the type that the server prefers, and of X.509 if nothing was said. */
static void clients_type(void **state) {
    (void)state;
    dtls_credential clients[] = {raw_credentials[2], credentials.client_credential};
    static const struct {
        const dtls_certificate_type *types;
        size_t num;
        const dtls_extension *const *extensions;
        dtls_certificate_type shown;
    } rows[] = {{raw_only, 1, raw_keys_both, RAW},
                {raw_first, 2, raw_keys_both, RAW},
                {x509_first, 2, raw_keys_both, X509},
                {NULL, 0, raw_keys_both, X509},
                {NULL, 0, raw_keys_without, X509}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair pair;
        raw_keys_init_mutual(&pair);
        pair.ends[CLIENT_END].config.credentials = clients;
        pair.ends[CLIENT_END].config.num_credentials = 2;
        pair.ends[CLIENT_END].config.trust_anchors = credentials.anchors;
        raw_keys_take(&pair.ends[CLIENT_END], raw_first, 2);
        pair.ends[SERVER_END].config.trust_anchors = credentials.anchors;
        pair.ends[SERVER_END].config.extensions = rows[i].extensions;
        if (rows[i].extensions == raw_keys_without)
            pair.ends[SERVER_END].config.credentials = credentials.server;
        raw_keys_take(&pair.ends[SERVER_END], rows[i].types, rows[i].num);
        raw_keys_connect(&pair, rows[i].extensions == raw_keys_without ? X509 : RAW, rows[i].shown);
        assert_true(raw_keys_info(&pair, SERVER_END)->peer_authenticated);
        pair_free(&pair);
    }
}

/* Nothing in common in the server's direction: found by whoever sees it first. */
static void no_server_type_in_common(void **state) {
    (void)state;
    struct pair pair;
    raw_keys_init(&pair);
    pair.ends[SERVER_END].config.credentials = credentials.server;
    raw_keys_check_refused(&pair, SERVER_END, DTLS_ERROR_CERTIFICATE_UNSUPPORTED,
                           DTLS_ALERT_UNSUPPORTED_CERTIFICATE, "server_certificate_type");
    raw_keys_init(&pair);
    pair.ends[CLIENT_END].config.trust_anchors = credentials.anchors;
    raw_keys_take(&pair.ends[CLIENT_END], NULL, 0);
    raw_keys_check_refused(&pair, SERVER_END, DTLS_ERROR_CERTIFICATE_UNSUPPORTED,
                           DTLS_ALERT_UNSUPPORTED_CERTIFICATE, "server_certificate_type");
    raw_keys_init(&pair);
    pair.ends[SERVER_END].config.credentials = credentials.server;
    pair.ends[SERVER_END].config.extensions = raw_keys_without;
    raw_keys_check_refused(&pair, CLIENT_END, DTLS_ERROR_CERTIFICATE_UNSUPPORTED,
                           DTLS_ALERT_UNSUPPORTED_CERTIFICATE, "certificate_list");
}

/* Nothing in common in the client's: a server that requires a certificate ends the handshake, one that only
 * asks does not ask. */
static void no_client_type_in_common(void **state) {
    (void)state;
    for (int which = 0; which < 3; which++) {
        for (int required = 0; required < 2; required++) {
            struct pair pair;
            raw_keys_init_mutual(&pair);
            struct end *client = &pair.ends[CLIENT_END];
            struct end *server = &pair.ends[SERVER_END];
            server->config.client_auth = required ? DTLS_CLIENT_AUTH_REQUIRE : DTLS_CLIENT_AUTH_REQUEST;
            if (which == 0)
                client->config.num_credentials = 0;
            if (which == 1)
                client->config.credentials = &credentials.client_credential;
            if (which == 2) {
                server->config.trust_anchors = credentials.anchors;
                raw_keys_take(server, x509_first, 1);
            }
            if (required) {
                raw_keys_check_refused(&pair, SERVER_END, DTLS_ERROR_CERTIFICATE_UNSUPPORTED,
                                       DTLS_ALERT_UNSUPPORTED_CERTIFICATE, "client_certificate_type");
                continue;
            }
            raw_keys_connect(&pair, RAW, X509);
            assert_false(raw_keys_info(&pair, SERVER_END)->peer_authenticated);
            pair_free(&pair);
        }
    }
}

/* A client whose key is of no use for the server's schemes shows none: the message is there, and empty. */
static void client_has_none_that_fits(void **state) {
    (void)state;
    static const dtls_signature_scheme *const rsa[] = {&dtls_scheme_rsa_pss_rsae_sha256,
                                                       &dtls_scheme_rsa_pkcs1_sha256, NULL};
    for (int required = 0; required < 2; required++) {
        struct pair pair;
        raw_keys_init_mutual(&pair);
        pair.ends[SERVER_END].config.signature_schemes = rsa;
        pair.ends[SERVER_END].config.client_auth =
            required ? DTLS_CLIENT_AUTH_REQUIRE : DTLS_CLIENT_AUTH_REQUEST;
        if (required) {
            raw_keys_check_refused(&pair, SERVER_END, DTLS_ERROR_CERTIFICATE_MISSING,
                                   DTLS_ALERT_HANDSHAKE_FAILURE, "certificate_list");
            continue;
        }
        raw_keys_connect(&pair, RAW, X509);
        assert_false(raw_keys_info(&pair, SERVER_END)->peer_authenticated);
        pair_free(&pair);
    }
}

static void malformed_keys(void **state) {
    (void)state;
    static const struct {
        struct edit edit;
        dtls_error error;
        dtls_alert alert;
    } rows[] = {
        {{SERVER_END, CRT, EDIT_EMPTY, 0, 3, 0}, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR},
        {{SERVER_END, CRT, EDIT_EMPTY, 0, 2, 0}, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR},
        {{SERVER_END, CRT, EDIT_CUT, 0, 1, 0}, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR},
        {{SERVER_END, CRT, EDIT_PAD, 0, 1, 0}, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR},
        {{SERVER_END, CRT, EDIT_U8, 3, 0x31, 0}, DTLS_ERROR_CERTIFICATE_BAD, DTLS_ALERT_BAD_CERTIFICATE},
        {{SERVER_END, CRT, EDIT_U8, -1, 0, 0}, DTLS_ERROR_CERTIFICATE_BAD, DTLS_ALERT_BAD_CERTIFICATE},
        {{CLIENT_END, CRT, EDIT_CUT, 0, 1, 0}, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR},
        {{CLIENT_END, CRT, EDIT_PAD, 0, 1, 0}, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR},
        {{CLIENT_END, CRT, EDIT_U8, 3, 0x31, 0}, DTLS_ERROR_CERTIFICATE_BAD, DTLS_ALERT_BAD_CERTIFICATE},
        {{CLIENT_END, CRT, EDIT_EMPTY, 0, 3, 0},
         DTLS_ERROR_CERTIFICATE_MISSING,
         DTLS_ALERT_HANDSHAKE_FAILURE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct edit edit = rows[i].edit;
        struct pair pair;
        raw_keys_init_mutual(&pair);
        for (int end = 0; end < 2; end++)
            pair.ends[end].config.verification = DTLS_VERIFY_APPLICATION;
        pair.hook = edit_hook;
        pair.hook_state = &edit;
        raw_keys_check_refused(&pair, !edit.from, rows[i].error, rows[i].alert, "certificate_list");
        assert_int_equal(edit.num_done, 1);
    }
}

/* A key of a type that the suite does not go with; and one that no suite does. */
static void keys_that_do_not_fit(void **state) {
    (void)state;
    static const uint8_t x25519[44] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b,
                                       0x65, 0x6e, 0x03, 0x21, 0x00, 0x09};
    const dtls_span shown[] = {raw_keys[1], {x25519, sizeof x25519}};
    for (size_t i = 0; i < 2; i++) {
        dtls_credential liar = raw_credentials[0];
        struct pair pair;
        raw_keys_init(&pair);
        liar.chain = &shown[i];
        pair.ends[SERVER_END].config.credentials = &liar;
        pair.ends[SERVER_END].config.num_credentials = 1;
        pair.ends[CLIENT_END].config.verification = DTLS_VERIFY_NOTHING;
        raw_keys_check_refused(&pair, CLIENT_END, DTLS_ERROR_CERTIFICATE_UNSUPPORTED,
                               DTLS_ALERT_UNSUPPORTED_CERTIFICATE, "certificate_list");
    }
}

/* A client that has X.509 alone says nothing of types (RFC 7250 section 4.1). */
static void nothing_to_say(void **state) {
    (void)state;
    struct pair pair;
    pair_init_certificates(&pair);
    pair.ends[CLIENT_END].config.extensions = raw_keys_both;
    raw_keys_take(&pair.ends[CLIENT_END], x509_first, 1);
    const size_t with = pair.ends[CLIENT_END].config.num_credentials;
    assert_int_equal(with, 1);
    raw_keys_run(&pair);
    pair_check_connected(&pair);
    assert_false(dtls_extension_server_certificate_type.offered(pair.ends[CLIENT_END].connection));
    assert_false(dtls_extension_client_certificate_type.offered(pair.ends[CLIENT_END].connection));
    pair_free(&pair);
}

static void resumable(struct pair *pair) {
    struct pair template;
    raw_keys_init_mutual(&template);
    for (int end = 0; end < 2; end++) {
        const dtls_config *from = &template.ends[end].config;
        dtls_config *to = &pair->ends[end].config;
        to->extensions = from->extensions;
        to->credentials = from->credentials;
        to->num_credentials = from->num_credentials;
        to->client_auth = from->client_auth;
        to->trust_anchors = from->trust_anchors;
        to->known_public_keys = from->known_public_keys;
        to->num_known_public_keys = from->num_known_public_keys;
        to->peer_certificate_types = from->peer_certificate_types;
        to->num_peer_certificate_types = from->num_peer_certificate_types;
    }
}

static void resumed(void **state) {
    (void)state;
    const struct session_kind *kinds[] = {BY_ID, BY_TICKET};
    for (size_t k = 0; k < 2; k++) {
        struct pair session;
        sessions_make(kinds[k], &session, resumable);
        struct pair pair = sessions_offer(&session, kinds[k], 1200);
        resumable(&pair);
        sessions_resume(&pair, kinds[k]);
        assert_true(raw_keys_info(&pair, CLIENT_END)->peer_authenticated);
        assert_true(raw_keys_info(&pair, SERVER_END)->peer_authenticated);
        pair_free(&pair);
    }
}

/* What both have shown is known after a move as well, and that nothing but X.509 was in the other. */
static void moved(void **state) {
    (void)state;
    for (int mutual = 0; mutual < 2; mutual++) {
        struct pair pair;
        (mutual ? raw_keys_init_mutual : raw_keys_init)(&pair);
        for (int end = 0; end < 2; end++)
            pair.ends[end].config.keep_secrets = true;
        raw_keys_connect(&pair, RAW, mutual ? RAW : X509);
        for (int end = 0; end < 2; end++) {
            struct end *moving = &pair.ends[end];
            const dtls_connection_info before = *raw_keys_info(&pair, end);
            uint8_t bytes[DTLS_CONNECTION_STATE_SIZE];
            size_t len;
            assert_int_equal(dtls_connection_export(moving->connection, pair.now, bytes, sizeof bytes, &len),
                             DTLS_OK);
            dtls_connection_wipe(moving->connection);
            assert_int_equal(dtls_connection_import(&moving->config, pair.now, (dtls_span){bytes, len},
                                                    moving->session_memory, moving->session_len,
                                                    &moving->connection),
                             DTLS_OK);
            assert_int_equal(raw_keys_info(&pair, end)->certificate_type, before.certificate_type);
            assert_int_equal(raw_keys_info(&pair, end)->peer_certificate_type, before.peer_certificate_type);
        }
        pair_free(&pair);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(server_shows_a_known_key),
        cmocka_unit_test(both_show_known_keys),
        cmocka_unit_test(application_judges),
        cmocka_unit_test(application_refuses),
        cmocka_unit_test(nobody_judges),
        cmocka_unit_test(unknown_keys),
        cmocka_unit_test(key_outside),
        cmocka_unit_test(servers_choice),
        cmocka_unit_test(clients_type),
        cmocka_unit_test(no_server_type_in_common),
        cmocka_unit_test(no_client_type_in_common),
        cmocka_unit_test(client_has_none_that_fits),
        cmocka_unit_test(malformed_keys),
        cmocka_unit_test(keys_that_do_not_fit),
        cmocka_unit_test(nothing_to_say),
        cmocka_unit_test(resumed),
        cmocka_unit_test(moved),
    };
    return cmocka_run_group_tests(tests, raw_keys_make, credentials_free);
}
