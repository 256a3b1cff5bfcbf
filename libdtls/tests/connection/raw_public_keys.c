/* SPDX-License-Identifier: MIT
 *
 * Raw public keys (RFC 7250) between two connections: each direction with its
 * type, keys that are known, unknown, malformed or of no type in common.
 */
#include "connection/edit.h"
#include "connection/sessions.h"

#include "handshake/connection.h"

#include <stdlib.h>

#define CRT DTLS_MESSAGE_CERTIFICATE

static const dtls_extension *const both[] = {
    &dtls_extension_server_name, &dtls_extension_extended_master_secret,
    &dtls_extension_server_certificate_type, &dtls_extension_client_certificate_type, NULL};
static const dtls_extension *const without[] = {&dtls_extension_extended_master_secret, NULL};

static const dtls_certificate_type raw_only[] = {DTLS_CERTIFICATE_RAW_PUBLIC_KEY};
static const dtls_certificate_type raw_first[] = {DTLS_CERTIFICATE_RAW_PUBLIC_KEY, DTLS_CERTIFICATE_X509};
static const dtls_certificate_type x509_first[] = {DTLS_CERTIFICATE_X509, DTLS_CERTIFICATE_RAW_PUBLIC_KEY};

/* Server ECDSA, server RSA, client. */
static uint8_t bytes[3][512];
static dtls_span keys[3];
static dtls_credential raw[3];
static dtls_credential mixed[3]; /* the server's ECDSA key raw, then its certificates */

static int make(void **state) {
    sessions_make_keys(state);
    const dtls_credential *const whole[] = {&credentials.server[0], &credentials.server[1],
                                            &credentials.client_credential};
    const struct test_identity *identities[] = {&credentials.server_ecdsa, &credentials.server_rsa,
                                                &credentials.client};
    for (size_t i = 0; i < 3; i++) {
        char *pem = i == 1 ? test_key_pem(identities[i]) : test_certificate_pem(identities[i]);
        assert_int_equal(dtls_libcrypto_public_key_read((const uint8_t *)pem, strlen(pem), bytes[i],
                                                        sizeof bytes[i], &keys[i].len),
                         DTLS_OK);
        keys[i].data = bytes[i];
        free(pem);
        raw[i] = *whole[i];
        raw[i].type = DTLS_CERTIFICATE_RAW_PUBLIC_KEY;
        raw[i].chain = &keys[i];
        raw[i].chain_len = 1;
    }
    mixed[0] = raw[0];
    mixed[1] = credentials.server[0];
    mixed[2] = credentials.server[1];
    return 0;
}

static void take(struct end *end, const dtls_certificate_type *types, size_t num) {
    end->config.peer_certificate_types = types;
    end->config.num_peer_certificate_types = num;
}

/* The server shows its raw keys, and the client takes nothing else. */
static void init(struct pair *pair) {
    pair_init_certificates(pair);
    for (int i = 0; i < 2; i++)
        pair->ends[i].config.extensions = both;
    pair->ends[SERVER_END].config.credentials = raw;
    pair->ends[CLIENT_END].config.known_public_keys = keys;
    pair->ends[CLIENT_END].config.num_known_public_keys = 2;
    pair->ends[CLIENT_END].config.trust_anchors = NULL;
    take(&pair->ends[CLIENT_END], raw_only, 1);
}

/* And the other way round. */
static void init_mutual(struct pair *pair) {
    init(pair);
    pair->ends[CLIENT_END].config.credentials = &raw[2];
    pair->ends[SERVER_END].config.client_auth = DTLS_CLIENT_AUTH_REQUIRE;
    pair->ends[SERVER_END].config.known_public_keys = &keys[2];
    pair->ends[SERVER_END].config.num_known_public_keys = 1;
    pair->ends[SERVER_END].config.trust_anchors = NULL;
    take(&pair->ends[SERVER_END], raw_only, 1);
}

static void run(struct pair *pair) {
    pair_open(pair);
    pair_run(pair, pair->now.monotonic_ns + 60 * SECOND);
}

static const dtls_connection_info *info_of(const struct pair *pair, int end) {
    return dtls_connection_get_info(pair->ends[end].connection);
}

static void check_types(const struct pair *pair, dtls_certificate_type servers,
                        dtls_certificate_type clients) {
    assert_int_equal(info_of(pair, CLIENT_END)->peer_certificate_type, servers);
    assert_int_equal(info_of(pair, SERVER_END)->certificate_type, servers);
    assert_int_equal(info_of(pair, CLIENT_END)->certificate_type, clients);
    assert_int_equal(info_of(pair, SERVER_END)->peer_certificate_type, clients);
}

static void connect(struct pair *pair, dtls_certificate_type servers, dtls_certificate_type clients) {
    run(pair);
    pair_check_connected(pair);
    check_types(pair, servers, clients);
    assert_true(info_of(pair, CLIENT_END)->peer_authenticated);
}

static void check_refused(struct pair *pair, int end, dtls_error error, dtls_alert alert, const char *field) {
    run(pair);
    const dtls_failure *failure = dtls_connection_get_failure(pair->ends[end].connection);
    assert_non_null(failure);
    assert_int_equal(failure->error, error);
    assert_string_equal(failure->field, field);
    assert_int_equal(pair->ends[!end].last_alert_received.alert, alert);
    pair_free(pair);
}

#define RAW  DTLS_CERTIFICATE_RAW_PUBLIC_KEY
#define X509 DTLS_CERTIFICATE_X509

static void server_shows_a_known_key(void **state) {
    (void)state;
    static const dtls_cipher_suite *const suites[][2] = {{&dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256, NULL},
                                                         {&dtls_suite_ecdhe_rsa_aes_128_gcm_sha256, NULL},
                                                         {&dtls_suite_rsa_aes_128_gcm_sha256, NULL}};
    for (size_t i = 0; i < 3; i++) {
        struct pair pair;
        init(&pair);
        pair.ends[CLIENT_END].config.cipher_suites = suites[i];
        for (int end = 0; end < 2; end++)
            pair.ends[end].config.allow_legacy = true;
        if (i == 2)
            pair.ends[SERVER_END].config.cipher_suites = suites[i];
        connect(&pair, RAW, X509);
        pair_free(&pair);
    }
}

static void both_show_known_keys(void **state) {
    (void)state;
    struct pair pair;
    init_mutual(&pair);
    connect(&pair, RAW, RAW);
    assert_true(info_of(&pair, SERVER_END)->peer_authenticated);
    pair_free(&pair);
}

static void application_judges(void **state) {
    (void)state;
    for (int later = 0; later < 2; later++) {
        struct pair pair;
        init_mutual(&pair);
        for (int end = 0; end < 2; end++) {
            pair.ends[end].config.verification = DTLS_VERIFY_APPLICATION;
            pair.ends[end].config.num_known_public_keys = 0;
            pair.ends[end].answer = later ? ANSWER_LATER : ANSWER_AT_ONCE;
        }
        connect(&pair, RAW, RAW);
        for (int end = 0; end < 2; end++) {
            const dtls_span *key = &keys[end == CLIENT_END ? 0 : 2];
            assert_int_equal(pair.ends[end].judged_type, RAW);
            assert_int_equal(pair.ends[end].judged_leaf_len, key->len);
            assert_memory_equal(pair.ends[end].judged_leaf, key->data, key->len);
            assert_true(info_of(&pair, end)->peer_authenticated);
        }
        pair_free(&pair);
    }
}

static void application_refuses(void **state) {
    (void)state;
    struct pair pair;
    init(&pair);
    pair.ends[CLIENT_END].config.verification = DTLS_VERIFY_APPLICATION;
    pair.ends[CLIENT_END].verdict = DTLS_ERROR_PUBLIC_KEY_UNKNOWN;
    check_refused(&pair, CLIENT_END, DTLS_ERROR_PUBLIC_KEY_UNKNOWN, DTLS_ALERT_CERTIFICATE_UNKNOWN,
                  "certificate_list");
}

static void nobody_judges(void **state) {
    (void)state;
    struct pair pair;
    init(&pair);
    pair.ends[CLIENT_END].config.verification = DTLS_VERIFY_NOTHING;
    pair.ends[CLIENT_END].config.num_known_public_keys = 0;
    run(&pair);
    pair_check_connected(&pair);
    check_types(&pair, RAW, X509);
    assert_false(info_of(&pair, CLIENT_END)->peer_authenticated);
    pair_free(&pair);
}

static void unknown_keys(void **state) {
    (void)state;
    struct pair pair;
    init(&pair);
    pair.ends[CLIENT_END].config.known_public_keys = &keys[1]; /* RSA and the client's */
    check_refused(&pair, CLIENT_END, DTLS_ERROR_PUBLIC_KEY_UNKNOWN, DTLS_ALERT_CERTIFICATE_UNKNOWN,
                  "certificate_list");
    init_mutual(&pair);
    pair.ends[SERVER_END].config.known_public_keys = &keys[0];
    check_refused(&pair, SERVER_END, DTLS_ERROR_PUBLIC_KEY_UNKNOWN, DTLS_ALERT_CERTIFICATE_UNKNOWN,
                  "certificate_list");
}

/* The key outside, asked for signatures of a raw credential. */
static void key_outside(void **state) {
    (void)state;
    dtls_credential outside = raw[0];
    struct pair pair;
    outside.private_key = NULL;
    init(&pair);
    pair.ends[SERVER_END].config.credentials = &outside;
    pair.ends[SERVER_END].config.num_credentials = 1;
    connect(&pair, RAW, X509);
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
        init(&pair);
        pair.ends[SERVER_END].config.credentials = mixed;
        pair.ends[SERVER_END].config.num_credentials = 3;
        pair.ends[CLIENT_END].config.trust_anchors = credentials.anchors;
        take(&pair.ends[CLIENT_END], rows[i].types, rows[i].num);
        connect(&pair, rows[i].shown, X509);
        pair_free(&pair);
    }
}

/* What a client shows is of the type that the server prefers, and of X.509 if nothing was said. */
static void clients_type(void **state) {
    (void)state;
    dtls_credential clients[] = {raw[2], credentials.client_credential};
    static const struct {
        const dtls_certificate_type *types;
        size_t num;
        const dtls_extension *const *extensions;
        dtls_certificate_type shown;
    } rows[] = {{raw_only, 1, both, RAW},
                {raw_first, 2, both, RAW},
                {x509_first, 2, both, X509},
                {NULL, 0, both, X509},
                {NULL, 0, without, X509}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair pair;
        init_mutual(&pair);
        pair.ends[CLIENT_END].config.credentials = clients;
        pair.ends[CLIENT_END].config.num_credentials = 2;
        pair.ends[CLIENT_END].config.trust_anchors = credentials.anchors;
        take(&pair.ends[CLIENT_END], raw_first, 2);
        pair.ends[SERVER_END].config.trust_anchors = credentials.anchors;
        pair.ends[SERVER_END].config.extensions = rows[i].extensions;
        if (rows[i].extensions == without)
            pair.ends[SERVER_END].config.credentials = credentials.server;
        take(&pair.ends[SERVER_END], rows[i].types, rows[i].num);
        connect(&pair, rows[i].extensions == without ? X509 : RAW, rows[i].shown);
        assert_true(info_of(&pair, SERVER_END)->peer_authenticated);
        pair_free(&pair);
    }
}

/* Nothing in common in the server's direction: found by whoever sees it first. */
static void no_server_type_in_common(void **state) {
    (void)state;
    struct pair pair;
    init(&pair);
    pair.ends[SERVER_END].config.credentials = credentials.server;
    check_refused(&pair, SERVER_END, DTLS_ERROR_CERTIFICATE_UNSUPPORTED, DTLS_ALERT_UNSUPPORTED_CERTIFICATE,
                  "server_certificate_type");
    init(&pair);
    pair.ends[CLIENT_END].config.trust_anchors = credentials.anchors;
    take(&pair.ends[CLIENT_END], NULL, 0);
    check_refused(&pair, SERVER_END, DTLS_ERROR_CERTIFICATE_UNSUPPORTED, DTLS_ALERT_UNSUPPORTED_CERTIFICATE,
                  "server_certificate_type");
    init(&pair);
    pair.ends[SERVER_END].config.credentials = credentials.server;
    pair.ends[SERVER_END].config.extensions = without;
    check_refused(&pair, CLIENT_END, DTLS_ERROR_CERTIFICATE_UNSUPPORTED, DTLS_ALERT_UNSUPPORTED_CERTIFICATE,
                  "certificate_list");
}

/* Nothing in common in the client's: a server that requires a certificate ends the handshake, one that only
 * asks does not ask. */
static void no_client_type_in_common(void **state) {
    (void)state;
    for (int which = 0; which < 3; which++) {
        for (int required = 0; required < 2; required++) {
            struct pair pair;
            init_mutual(&pair);
            struct end *client = &pair.ends[CLIENT_END];
            struct end *server = &pair.ends[SERVER_END];
            server->config.client_auth = required ? DTLS_CLIENT_AUTH_REQUIRE : DTLS_CLIENT_AUTH_REQUEST;
            if (which == 0)
                client->config.num_credentials = 0;
            if (which == 1)
                client->config.credentials = &credentials.client_credential;
            if (which == 2) {
                server->config.trust_anchors = credentials.anchors;
                take(server, x509_first, 1);
            }
            if (required) {
                check_refused(&pair, SERVER_END, DTLS_ERROR_CERTIFICATE_UNSUPPORTED,
                              DTLS_ALERT_UNSUPPORTED_CERTIFICATE, "client_certificate_type");
                continue;
            }
            connect(&pair, RAW, X509);
            assert_false(info_of(&pair, SERVER_END)->peer_authenticated);
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
        init_mutual(&pair);
        pair.ends[SERVER_END].config.signature_schemes = rsa;
        pair.ends[SERVER_END].config.client_auth =
            required ? DTLS_CLIENT_AUTH_REQUIRE : DTLS_CLIENT_AUTH_REQUEST;
        if (required) {
            check_refused(&pair, SERVER_END, DTLS_ERROR_CERTIFICATE_MISSING, DTLS_ALERT_HANDSHAKE_FAILURE,
                          "certificate_list");
            continue;
        }
        connect(&pair, RAW, X509);
        assert_false(info_of(&pair, SERVER_END)->peer_authenticated);
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
        init_mutual(&pair);
        for (int end = 0; end < 2; end++)
            pair.ends[end].config.verification = DTLS_VERIFY_APPLICATION;
        pair.hook = edit_hook;
        pair.hook_state = &edit;
        check_refused(&pair, !edit.from, rows[i].error, rows[i].alert, "certificate_list");
        assert_int_equal(edit.num_done, 1);
    }
}

/* A key of a type that the suite does not go with; and one that no suite does. */
static void keys_that_do_not_fit(void **state) {
    (void)state;
    static const uint8_t x25519[44] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b,
                                       0x65, 0x6e, 0x03, 0x21, 0x00, 0x09};
    const dtls_span shown[] = {keys[1], {x25519, sizeof x25519}};
    for (size_t i = 0; i < 2; i++) {
        dtls_credential liar = raw[0];
        struct pair pair;
        init(&pair);
        liar.chain = &shown[i];
        pair.ends[SERVER_END].config.credentials = &liar;
        pair.ends[SERVER_END].config.num_credentials = 1;
        pair.ends[CLIENT_END].config.verification = DTLS_VERIFY_NOTHING;
        check_refused(&pair, CLIENT_END, DTLS_ERROR_CERTIFICATE_UNSUPPORTED,
                      DTLS_ALERT_UNSUPPORTED_CERTIFICATE, "certificate_list");
    }
}

static dtls_span body;

static void write_body(const struct dtls_connection *connection, struct dtls_writer *writer) {
    (void)connection;
    dtls_write_span(writer, body);
}

/* Bodies of the extensions, of servers' types and of clients'. */
static void extension_bodies(void **state) {
    (void)state;
    static const struct {
        int from;
        uint8_t bytes[4];
        size_t len;
        dtls_error error;
        dtls_alert alert;
    } rows[] = {
        {CLIENT_END, {0}, 0, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR},
        {CLIENT_END, {0}, 1, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR},
        {CLIENT_END, {2, 2}, 2, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR},
        {CLIENT_END, {1, 2, 2}, 3, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR},
        {CLIENT_END, {1, 1}, 2, DTLS_ERROR_CERTIFICATE_UNSUPPORTED, DTLS_ALERT_UNSUPPORTED_CERTIFICATE},
        {CLIENT_END, {1, 200}, 2, DTLS_ERROR_CERTIFICATE_UNSUPPORTED, DTLS_ALERT_UNSUPPORTED_CERTIFICATE},
        {SERVER_END, {0}, 0, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR},
        {SERVER_END, {2, 0}, 2, DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR},
        {SERVER_END, {1}, 1, DTLS_ERROR_CERTIFICATE_UNSUPPORTED, DTLS_ALERT_UNSUPPORTED_CERTIFICATE},
        {SERVER_END, {0}, 1, DTLS_ERROR_CERTIFICATE_UNSUPPORTED, DTLS_ALERT_UNSUPPORTED_CERTIFICATE},
    };
    static const dtls_extension *const whole[] = {&dtls_extension_server_certificate_type,
                                                  &dtls_extension_client_certificate_type};
    for (size_t which = 0; which < 2; which++) {
        dtls_extension broken = *whole[which];
        broken.write_offer = write_body;
        broken.write_answer = write_body;
        const dtls_extension *const extensions[] = {&broken, whole[!which], NULL};
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            struct pair pair;
            init_mutual(&pair);
            body = (dtls_span){rows[i].bytes, rows[i].len};
            pair.ends[rows[i].from].config.extensions = extensions;
            const char *field = dtls_extension_server_certificate_type.name;
            if (which == 1)
                field = dtls_extension_client_certificate_type.name;
            check_refused(&pair, !rows[i].from, rows[i].error, rows[i].alert, field);
        }
    }
}

/* Two types were offered, and the answer is a third. */
static void answer_of_a_third_type(void **state) {
    (void)state;
    static const uint8_t open_pgp[] = {1};
    dtls_extension third = dtls_extension_server_certificate_type;
    third.write_answer = write_body;
    const dtls_extension *const extensions[] = {&third, NULL};
    struct pair pair;
    init(&pair);
    body = (dtls_span){open_pgp, sizeof open_pgp};
    pair.ends[SERVER_END].config.extensions = extensions;
    pair.ends[CLIENT_END].config.trust_anchors = credentials.anchors;
    take(&pair.ends[CLIENT_END], raw_first, 2);
    check_refused(&pair, CLIENT_END, DTLS_ERROR_CERTIFICATE_UNSUPPORTED, DTLS_ALERT_UNSUPPORTED_CERTIFICATE,
                  "server_certificate_type");
}

/* Types that we do not know are passed over. */
static void unknown_types_besides(void **state) {
    (void)state;
    static const uint8_t list[] = {4, 1, 7, 200, 2};
    dtls_extension more = dtls_extension_server_certificate_type;
    more.write_offer = write_body;
    const dtls_extension *const extensions[] = {&more, NULL};
    struct pair pair;
    init(&pair);
    body = (dtls_span){list, sizeof list};
    pair.ends[CLIENT_END].config.extensions = extensions;
    connect(&pair, RAW, X509);
    pair_free(&pair);
}

/* A client that has X.509 alone says nothing of types (RFC 7250 section 4.1). */
static void nothing_to_say(void **state) {
    (void)state;
    struct pair pair;
    pair_init_certificates(&pair);
    pair.ends[CLIENT_END].config.extensions = both;
    take(&pair.ends[CLIENT_END], x509_first, 1);
    const size_t with = pair.ends[CLIENT_END].config.num_credentials;
    assert_int_equal(with, 1);
    run(&pair);
    pair_check_connected(&pair);
    assert_false(dtls_extension_server_certificate_type.offered(pair.ends[CLIENT_END].connection));
    assert_false(dtls_extension_client_certificate_type.offered(pair.ends[CLIENT_END].connection));
    pair_free(&pair);
}

static void resumable(struct pair *pair) {
    struct pair template;
    init_mutual(&template);
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
        assert_true(info_of(&pair, CLIENT_END)->peer_authenticated);
        assert_true(info_of(&pair, SERVER_END)->peer_authenticated);
        pair_free(&pair);
    }
}

static void check_problem(const dtls_config *config, const char *field) {
    dtls_config_problem problem = {.field = "none"};
    assert_int_equal(dtls_config_check(config, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, field);
}

static void configurations(void **state) {
    (void)state;
    static const dtls_certificate_type open_pgp[] = {(dtls_certificate_type)1};
    const dtls_span hole = {NULL, 1};
    struct pair pair;
    init_mutual(&pair);
    const dtls_config good = pair.ends[CLIENT_END].config;
    assert_int_equal(dtls_config_check(&good, NULL), DTLS_OK);
    dtls_config config = good;
    config.peer_certificate_types = NULL;
    check_problem(&config, "peer_certificate_types");
    config = good;
    config.peer_certificate_types = open_pgp;
    check_problem(&config, "peer_certificate_types");
    config = good;
    config.extensions = without;
    check_problem(&config, "peer_certificate_types");
    config.num_peer_certificate_types = 0;
    config.trust_anchors = credentials.anchors;
    check_problem(&config, "credentials");
    config.num_credentials = 0;
    assert_int_equal(dtls_config_check(&config, NULL), DTLS_OK);
    config = good;
    config.num_known_public_keys = 0;
    check_problem(&config, "known_public_keys");
    config = good;
    config.known_public_keys = NULL;
    check_problem(&config, "known_public_keys");
    config.known_public_keys = &hole;
    check_problem(&config, "known_public_keys");
    config = good;
    dtls_crypto crypto = dtls_libcrypto;
    crypto.public_key_read = NULL;
    config.crypto = &crypto;
    check_problem(&config, "crypto");
    config = good;
    dtls_credential wrong = raw[2];
    config.credentials = &wrong;
    wrong.chain_len = 2;
    check_problem(&config, "credentials");
    wrong.chain_len = 1;
    wrong.type = (dtls_certificate_type)1;
    check_problem(&config, "credentials");
    wrong.type = RAW;
    wrong.ocsp_response = keys[0];
    check_problem(&config, "credentials");
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
        cmocka_unit_test(extension_bodies),
        cmocka_unit_test(answer_of_a_third_type),
        cmocka_unit_test(unknown_types_besides),
        cmocka_unit_test(nothing_to_say),
        cmocka_unit_test(resumed),
        cmocka_unit_test(configurations),
    };
    return cmocka_run_group_tests(tests, make, credentials_free);
}
