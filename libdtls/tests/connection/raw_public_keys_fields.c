/* SPDX-License-Identifier: MIT
 *
 * Raw public keys (RFC 7250): what the bodies of the two extensions may be, and
 * configurations.
 */
#include "connection/raw_keys.h"

#include "handshake/connection.h"

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
            raw_keys_init_mutual(&pair);
            body = (dtls_span){rows[i].bytes, rows[i].len};
            pair.ends[rows[i].from].config.extensions = extensions;
            const char *field = dtls_extension_server_certificate_type.name;
            if (which == 1)
                field = dtls_extension_client_certificate_type.name;
            raw_keys_check_refused(&pair, !rows[i].from, rows[i].error, rows[i].alert, field);
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
    raw_keys_init(&pair);
    body = (dtls_span){open_pgp, sizeof open_pgp};
    pair.ends[SERVER_END].config.extensions = extensions;
    pair.ends[CLIENT_END].config.trust_anchors = credentials.anchors;
    raw_keys_take(&pair.ends[CLIENT_END], raw_first, 2);
    raw_keys_check_refused(&pair, CLIENT_END, DTLS_ERROR_CERTIFICATE_UNSUPPORTED,
                           DTLS_ALERT_UNSUPPORTED_CERTIFICATE, "server_certificate_type");
}

/* Types that we do not know are passed over. */
static void unknown_types_besides(void **state) {
    (void)state;
    static const uint8_t list[] = {4, 1, 7, 200, 2};
    dtls_extension more = dtls_extension_server_certificate_type;
    more.write_offer = write_body;
    const dtls_extension *const extensions[] = {&more, NULL};
    struct pair pair;
    raw_keys_init(&pair);
    body = (dtls_span){list, sizeof list};
    pair.ends[CLIENT_END].config.extensions = extensions;
    raw_keys_connect(&pair, RAW, X509);
    pair_free(&pair);
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
    raw_keys_init_mutual(&pair);
    const dtls_config good = pair.ends[CLIENT_END].config;
    assert_int_equal(dtls_config_check(&good, NULL), DTLS_OK);
    dtls_config config = good;
    config.peer_certificate_types = NULL;
    check_problem(&config, "peer_certificate_types");
    config = good;
    config.peer_certificate_types = open_pgp;
    check_problem(&config, "peer_certificate_types");
    config = good;
    config.extensions = raw_keys_without;
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
    dtls_credential wrong = raw_credentials[2];
    config.credentials = &wrong;
    wrong.chain_len = 2;
    check_problem(&config, "credentials");
    wrong.chain_len = 1;
    wrong.type = (dtls_certificate_type)1;
    check_problem(&config, "credentials");
    wrong.type = RAW;
    wrong.ocsp_response = raw_keys[0];
    check_problem(&config, "credentials");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extension_bodies),
        cmocka_unit_test(answer_of_a_third_type),
        cmocka_unit_test(unknown_types_besides),
        cmocka_unit_test(configurations),
    };
    return cmocka_run_group_tests(tests, raw_keys_make, credentials_free);
}
