/* SPDX-License-Identifier: MIT
 *
 * Every way in which a peer's message can be wrong: the connection dies with
 * the error, the field and the alert that the RFCs name, and the peer hears of
 * it. One row each.
 */
#include "connection/edit.h"

struct wrong {
    const char *title;
    bool certificates; /* otherwise PSK */
    bool client_auth;
    struct edit edit;
    dtls_error error;
    dtls_alert alert;
    const char *message;
    const char *field;
};

#define CH  DTLS_MESSAGE_CLIENT_HELLO
#define HVR DTLS_MESSAGE_HELLO_VERIFY_REQUEST
#define SH  DTLS_MESSAGE_SERVER_HELLO
#define CRT DTLS_MESSAGE_CERTIFICATE
#define SKE DTLS_MESSAGE_SERVER_KEY_EXCHANGE
#define CR  DTLS_MESSAGE_CERTIFICATE_REQUEST
#define SHD DTLS_MESSAGE_SERVER_HELLO_DONE
#define CKE DTLS_MESSAGE_CLIENT_KEY_EXCHANGE
#define CV  DTLS_MESSAGE_CERTIFICATE_VERIFY

#define FROM_CLIENT(type, ...)                                                                               \
    { CLIENT_END, type, __VA_ARGS__, 0 }
#define FROM_SERVER(type, ...)                                                                               \
    { SERVER_END, type, __VA_ARGS__, 0 }

static const struct wrong rows[] = {
    /* ClientHello: 0 version, 2 random, 34 session_id, 35 cookie, 36 suites (2), 42 compressions (1), 44
     * extensions, for PSK. */
    {"version 1.0", false, false, FROM_CLIENT(CH, EDIT_U16, 0, 0xfeff), DTLS_ERROR_VERSION,
     DTLS_ALERT_PROTOCOL_VERSION, "ClientHello", "client_version"},
    {"session_id too long", false, false, FROM_CLIENT(CH, EDIT_U8, 34, 33), DTLS_ERROR_DECODE,
     DTLS_ALERT_DECODE_ERROR, "ClientHello", "session_id"},
    {"odd suites", false, false, FROM_CLIENT(CH, EDIT_U16, 36, 3), DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR,
     "ClientHello", "cipher_suites"},
    {"no suites", false, false, FROM_CLIENT(CH, EDIT_U16, 36, 0), DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR,
     "ClientHello", "cipher_suites"},
    {"no compressions", false, false, FROM_CLIENT(CH, EDIT_U8, 42, 0), DTLS_ERROR_DECODE,
     DTLS_ALERT_DECODE_ERROR, "ClientHello", "compression_methods"},
    {"null compression missing", false, false, FROM_CLIENT(CH, EDIT_U8, 43, 1), DTLS_ERROR_ILLEGAL_PARAMETER,
     DTLS_ALERT_ILLEGAL_PARAMETER, "ClientHello", "compression_methods"},
    {"hello cut short", false, false, FROM_CLIENT(CH, EDIT_CUT, 0, 1), DTLS_ERROR_DECODE,
     DTLS_ALERT_DECODE_ERROR, "ClientHello", "extensions"},
    {"hello of two bytes", false, false, FROM_CLIENT(CH, EDIT_EMPTY, 0xfefd, 2), DTLS_ERROR_DECODE,
     DTLS_ALERT_DECODE_ERROR, "ClientHello", "random"},
    {"bytes behind hello", false, false, FROM_CLIENT(CH, EDIT_PAD, 0, 1), DTLS_ERROR_DECODE,
     DTLS_ALERT_DECODE_ERROR, "ClientHello", "extensions"},
    {"extension twice", false, false, FROM_CLIENT(CH, EDIT_EXTENSION, 0, 23), DTLS_ERROR_ILLEGAL_PARAMETER,
     DTLS_ALERT_ILLEGAL_PARAMETER, "ClientHello", "extension_type"},
    {"renegotiation_info not that of a first handshake", false, false, FROM_CLIENT(CH, EDIT_U8, -1, 1),
     DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR, "ClientHello", "renegotiation_info"},
    {"empty server_name", false, false, FROM_CLIENT(CH, EDIT_EXTENSION, 0, 0), DTLS_ERROR_DECODE,
     DTLS_ALERT_DECODE_ERROR, "ClientHello", "server_name"},
    {"no signature_algorithms", true, false, FROM_CLIENT(CH, EDIT_NO_EXTENSION, 0, 13),
     DTLS_ERROR_NO_SHARED_SIGNATURE_SCHEME, DTLS_ALERT_HANDSHAKE_FAILURE, "ClientHello",
     "signature_algorithms"},
    {"hello of another type", false, false, FROM_CLIENT(CH, EDIT_TYPE, 0, CKE), DTLS_ERROR_UNEXPECTED_MESSAGE,
     DTLS_ALERT_UNEXPECTED_MESSAGE, "ClientKeyExchange", "msg_type"},
    {"unknown type", false, false, FROM_CLIENT(CH, EDIT_TYPE, 0, 99), DTLS_ERROR_UNEXPECTED_MESSAGE,
     DTLS_ALERT_UNEXPECTED_MESSAGE, "unknown message", "msg_type"},

    /* ServerHello: 0 version, 2 random, 34 session_id, 35 suite, 37 compression, 38 extensions. */
    {"version 1.0 chosen", false, false, FROM_SERVER(SH, EDIT_U16, 0, 0xfeff), DTLS_ERROR_VERSION,
     DTLS_ALERT_PROTOCOL_VERSION, "ServerHello", "server_version"},
    {"version 1.3 chosen", false, false, FROM_SERVER(SH, EDIT_U16, 0, 0xfefc), DTLS_ERROR_VERSION,
     DTLS_ALERT_PROTOCOL_VERSION, "ServerHello", "server_version"},
    {"suite not offered", false, false, FROM_SERVER(SH, EDIT_U16, 35, 0xc02b), DTLS_ERROR_ILLEGAL_PARAMETER,
     DTLS_ALERT_ILLEGAL_PARAMETER, "ServerHello", "cipher_suite"},
    {"compression chosen", false, false, FROM_SERVER(SH, EDIT_U8, 37, 1), DTLS_ERROR_ILLEGAL_PARAMETER,
     DTLS_ALERT_ILLEGAL_PARAMETER, "ServerHello", "compression_method"},
    {"session_id too long in answer", false, false, FROM_SERVER(SH, EDIT_U8, 34, 200), DTLS_ERROR_DECODE,
     DTLS_ALERT_DECODE_ERROR, "ServerHello", "session_id"},
    {"extension not offered", false, false, FROM_SERVER(SH, EDIT_EXTENSION, 0, 16),
     DTLS_ERROR_UNSUPPORTED_EXTENSION, DTLS_ALERT_UNSUPPORTED_EXTENSION, "ServerHello", "extension_type"},
    {"known extension not offered", false, false, FROM_SERVER(SH, EDIT_EXTENSION, 0, 0),
     DTLS_ERROR_UNSUPPORTED_EXTENSION, DTLS_ALERT_UNSUPPORTED_EXTENSION, "ServerHello", "extension_type"},
    {"extension answered twice", false, false, FROM_SERVER(SH, EDIT_EXTENSION, 0, 23),
     DTLS_ERROR_ILLEGAL_PARAMETER, DTLS_ALERT_ILLEGAL_PARAMETER, "ServerHello", "extension_type"},
    {"signature_algorithms answered", true, false, FROM_SERVER(SH, EDIT_EXTENSION, 0, 13),
     DTLS_ERROR_ILLEGAL_PARAMETER, DTLS_ALERT_ILLEGAL_PARAMETER, "ServerHello", "signature_algorithms"},
    {"compressed points only", true, false, FROM_SERVER(SH, EDIT_U8, -1, 1), DTLS_ERROR_ILLEGAL_PARAMETER,
     DTLS_ALERT_ILLEGAL_PARAMETER, "ServerHello", "ec_point_format_list"},
    {"ServerHello of two bytes", false, false, FROM_SERVER(SH, EDIT_EMPTY, 0xfefd, 2), DTLS_ERROR_DECODE,
     DTLS_ALERT_DECODE_ERROR, "ServerHello", "random"},
    {"ServerHelloDone first", false, false, FROM_SERVER(SH, EDIT_TYPE, 0, SHD), DTLS_ERROR_UNEXPECTED_MESSAGE,
     DTLS_ALERT_UNEXPECTED_MESSAGE, "ServerHelloDone", "msg_type"},

    /* Certificate: 0 length of the list, 3 length of the leaf. */
    {"no server certificate", true, false, FROM_SERVER(CRT, EDIT_EMPTY, 0, 3), DTLS_ERROR_DECODE,
     DTLS_ALERT_DECODE_ERROR, "Certificate", "certificate_list"},
    {"empty certificate", true, false, FROM_SERVER(CRT, EDIT_U16, 4, 0), DTLS_ERROR_DECODE,
     DTLS_ALERT_DECODE_ERROR, "Certificate", "certificate_list"},
    {"certificate that does not parse", true, false, FROM_SERVER(CRT, EDIT_U8, 6, 0),
     DTLS_ERROR_CERTIFICATE_BAD, DTLS_ALERT_BAD_CERTIFICATE, "Certificate", "certificate_list"},
    {"list cut short", true, false, FROM_SERVER(CRT, EDIT_CUT, 0, 1), DTLS_ERROR_DECODE,
     DTLS_ALERT_DECODE_ERROR, "Certificate", "certificate_list"},
    {"Certificate left out", true, false, FROM_SERVER(CRT, EDIT_TYPE, 0, SKE), DTLS_ERROR_UNEXPECTED_MESSAGE,
     DTLS_ALERT_UNEXPECTED_MESSAGE, "ServerKeyExchange", "msg_type"},

    /* ServerKeyExchange: 0 curve_type, 1 named_curve, 3 length of the point, 4 point (32), 36 scheme, 38
       signature. */
    {"explicit curve", true, false, FROM_SERVER(SKE, EDIT_U8, 0, 1), DTLS_ERROR_ILLEGAL_PARAMETER,
     DTLS_ALERT_ILLEGAL_PARAMETER, "ServerKeyExchange", "curve_type"},
    {"curve not offered", true, false, FROM_SERVER(SKE, EDIT_U16, 1, 26), DTLS_ERROR_ILLEGAL_PARAMETER,
     DTLS_ALERT_ILLEGAL_PARAMETER, "ServerKeyExchange", "named_curve"},
    {"scheme not offered", true, false, FROM_SERVER(SKE, EDIT_U16, 36, 0x0203), DTLS_ERROR_ILLEGAL_PARAMETER,
     DTLS_ALERT_ILLEGAL_PARAMETER, "ServerKeyExchange", "algorithm"},
    {"scheme of another key", true, false, FROM_SERVER(SKE, EDIT_U16, 36, 0x0401),
     DTLS_ERROR_ILLEGAL_PARAMETER, DTLS_ALERT_ILLEGAL_PARAMETER, "ServerKeyExchange", "algorithm"},
    {"point changed", true, false, FROM_SERVER(SKE, EDIT_U16, 10, 0), DTLS_ERROR_SIGNATURE,
     DTLS_ALERT_DECRYPT_ERROR, "ServerKeyExchange", "signature"},
    {"signature changed", true, false, FROM_SERVER(SKE, EDIT_U16, -2, 0), DTLS_ERROR_SIGNATURE,
     DTLS_ALERT_DECRYPT_ERROR, "ServerKeyExchange", "signature"},
    {"no point", true, false, FROM_SERVER(SKE, EDIT_U8, 3, 0), DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR,
     "ServerKeyExchange", ""},
    {"ServerKeyExchange cut short", true, false, FROM_SERVER(SKE, EDIT_CUT, 0, 1), DTLS_ERROR_DECODE,
     DTLS_ALERT_DECODE_ERROR, "ServerKeyExchange", ""},
    {"empty ServerKeyExchange", true, false, FROM_SERVER(SKE, EDIT_EMPTY, 0, 0), DTLS_ERROR_DECODE,
     DTLS_ALERT_DECODE_ERROR, "ServerKeyExchange", ""},

    /* CertificateRequest: 0 types (2), 3 schemes (3 of 2 bytes), 11 authorities. */
    {"no certificate types", true, true, FROM_SERVER(CR, EDIT_U8, 0, 0), DTLS_ERROR_DECODE,
     DTLS_ALERT_DECODE_ERROR, "CertificateRequest", "certificate_types"},
    {"odd schemes", true, true, FROM_SERVER(CR, EDIT_U16, 3, 5), DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR,
     "CertificateRequest", "supported_signature_algorithms"},
    {"bytes behind authorities", true, true, FROM_SERVER(CR, EDIT_PAD, 0, 1), DTLS_ERROR_DECODE,
     DTLS_ALERT_DECODE_ERROR, "CertificateRequest", "certificate_authorities"},
    {"ServerHelloDone with a body", true, false, FROM_SERVER(SHD, EDIT_PAD, 0, 1), DTLS_ERROR_DECODE,
     DTLS_ALERT_DECODE_ERROR, "ServerHelloDone", ""},
    {"CertificateRequest in a PSK handshake", false, false, FROM_SERVER(SHD, EDIT_TYPE, 0, CR),
     DTLS_ERROR_UNEXPECTED_MESSAGE, DTLS_ALERT_UNEXPECTED_MESSAGE, "CertificateRequest", "msg_type"},

    /* The client's second flight. */
    {"no client certificate", true, true, FROM_CLIENT(CRT, EDIT_EMPTY, 0, 3), DTLS_ERROR_CERTIFICATE_MISSING,
     DTLS_ALERT_HANDSHAKE_FAILURE, "Certificate", "certificate_list"},
    {"client certificate that does not parse", true, true, FROM_CLIENT(CRT, EDIT_U8, 6, 0),
     DTLS_ERROR_CERTIFICATE_BAD, DTLS_ALERT_BAD_CERTIFICATE, "Certificate", "certificate_list"},
    {"Certificate that nobody asked for", true, false, FROM_CLIENT(CKE, EDIT_TYPE, 0, CRT),
     DTLS_ERROR_UNEXPECTED_MESSAGE, DTLS_ALERT_UNEXPECTED_MESSAGE, "Certificate", "msg_type"},
    {"point of a wrong length", true, false, FROM_CLIENT(CKE, EDIT_EMPTY, 0x0100, 2), DTLS_ERROR_KEY_SHARE,
     DTLS_ALERT_ILLEGAL_PARAMETER, "ClientKeyExchange", "ecdh_Yc"},
    {"no client point", true, false, FROM_CLIENT(CKE, EDIT_EMPTY, 0, 1), DTLS_ERROR_DECODE,
     DTLS_ALERT_DECODE_ERROR, "ClientKeyExchange", "ecdh_Yc"},
    {"bytes behind identity", false, false, FROM_CLIENT(CKE, EDIT_PAD, 0, 1), DTLS_ERROR_DECODE,
     DTLS_ALERT_DECODE_ERROR, "ClientKeyExchange", "psk_identity"},
    {"CertificateVerify with another signature", true, true, FROM_CLIENT(CV, EDIT_U16, -2, 0),
     DTLS_ERROR_SIGNATURE, DTLS_ALERT_DECRYPT_ERROR, "CertificateVerify", "signature"},
    {"CertificateVerify by another scheme", true, true, FROM_CLIENT(CV, EDIT_U16, 0, 0x0804),
     DTLS_ERROR_ILLEGAL_PARAMETER, DTLS_ALERT_ILLEGAL_PARAMETER, "CertificateVerify", "algorithm"},
    {"CertificateVerify cut short", true, true, FROM_CLIENT(CV, EDIT_CUT, 0, 1), DTLS_ERROR_DECODE,
     DTLS_ALERT_DECODE_ERROR, "CertificateVerify", "signature"},
    {"CertificateVerify left out", true, true, FROM_CLIENT(CV, EDIT_TYPE, 0, CKE),
     DTLS_ERROR_UNEXPECTED_MESSAGE, DTLS_ALERT_UNEXPECTED_MESSAGE, "ClientKeyExchange", "msg_type"},
};

/* Runs a handshake with the edit. */
static void run(struct pair *pair, const struct wrong *row) {
    static struct edit edit;
    if (row->certificates)
        pair_init_certificates(pair);
    else
        pair_init_psk(pair);
    if (row->client_auth)
        pair->ends[SERVER_END].config.client_auth = DTLS_CLIENT_AUTH_REQUIRE;
    edit = row->edit;
    pair->hook = edit_hook;
    pair->hook_state = &edit;
    pair_open(pair);
    pair_run(pair, pair->now.monotonic_ns + 2 * SECOND);
    assert_true(edit.num_done > 0);
}

static void check_row(const struct wrong *row) {
    struct pair pair;
    run(&pair, row);
    const struct end *victim = &pair.ends[!row->edit.from];
    const struct end *peer = &pair.ends[row->edit.from];
    const dtls_failure *failure = dtls_connection_get_failure(victim->connection);
    print_message("%s\n", row->title);
    assert_non_null(failure);
    assert_true(victim->failed);
    assert_int_equal(failure->error, row->error);
    assert_int_equal(failure->alert, row->alert);
    assert_string_equal(failure->message, row->message);
    assert_string_equal(failure->field, row->field);
    assert_true(strlen(failure->section) > 0);
    assert_int_equal(victim->num_alerts_sent, 1);
    assert_int_equal(victim->last_alert_sent.alert, row->alert);
    assert_int_equal(victim->last_alert_sent.alert_level, 2);
    /* The other side hears the alert, dies of it, and answers nothing. */
    const dtls_failure *heard = dtls_connection_get_failure(peer->connection);
    assert_non_null(heard);
    assert_int_equal(heard->error, DTLS_ERROR_PEER_ALERT);
    assert_int_equal(heard->alert, row->alert);
    assert_int_equal(peer->num_alerts_sent, 0);
    assert_true(dtls_connection_get_info(victim->connection)->closed);
    pair_free(&pair);
}

static void wrong_messages(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_row(&rows[i]);
}

static void check_failure(struct pair *pair, int end, dtls_error error, dtls_alert alert, const char *field,
                          const char *state) {
    pair_open(pair);
    pair_run(pair, pair->now.monotonic_ns + 20 * SECOND);
    const dtls_failure *failure = dtls_connection_get_failure(pair->ends[end].connection);
    assert_non_null(failure);
    assert_int_equal(failure->error, error);
    assert_int_equal(failure->alert, alert);
    assert_string_equal(failure->field, field);
    assert_string_equal(failure->state, state);
    assert_int_equal(pair->ends[end].last_alert_sent.alert, alert);
    assert_int_equal(dtls_connection_get_failure(pair->ends[!end].connection)->error, DTLS_ERROR_PEER_ALERT);
    assert_int_equal(pair->ends[!end].last_alert_received.alert, alert);
    pair_free(pair);
}

/* A hello that was changed where neither side looks is found out by Finished (RFC 5246 section 7.4.9): here
 * by an extension that a server does not know, and therefore passes over. Without extended master secret the
 * keys do not depend on it. */
static void changed_transcript(void **state) {
    (void)state;
    static const dtls_extension *const extensions[] = {&dtls_extension_renegotiation_info, NULL};
    struct edit edit = {CLIENT_END, CH, EDIT_EXTENSION, 0, 0x2a2a, 0};
    struct pair pair;
    pair_init_certificates(&pair);
    pair.ends[CLIENT_END].config.extensions = extensions;
    pair.hook = edit_hook;
    pair.hook_state = &edit;
    check_failure(&pair, SERVER_END, DTLS_ERROR_FINISHED, DTLS_ALERT_DECRYPT_ERROR, "verify_data",
                  "wait Finished");
}

static void nothing_in_common(void **state) {
    (void)state;
    static const dtls_cipher_suite *const gcm[] = {&dtls_suite_psk_aes_128_gcm_sha256, NULL};
    static const dtls_cipher_suite *const ccm[] = {&dtls_suite_psk_aes_128_ccm_8, NULL};
    static const dtls_group *const p256[] = {&dtls_group_p256, NULL};
    static const dtls_group *const x25519[] = {&dtls_group_x25519, NULL};
    static const dtls_signature_scheme *const pss[] = {&dtls_scheme_rsa_pss_rsae_sha256, NULL};
    struct pair pair;
    pair_init_psk(&pair);
    pair.ends[CLIENT_END].config.cipher_suites = gcm;
    pair.ends[SERVER_END].config.cipher_suites = ccm;
    check_failure(&pair, SERVER_END, DTLS_ERROR_NO_SHARED_SUITE, DTLS_ALERT_HANDSHAKE_FAILURE,
                  "cipher_suites", "wait ClientHello");
    pair_init_certificates(&pair);
    pair.ends[CLIENT_END].config.groups = p256;
    pair.ends[SERVER_END].config.groups = x25519;
    check_failure(&pair, SERVER_END, DTLS_ERROR_NO_SHARED_GROUP, DTLS_ALERT_HANDSHAKE_FAILURE,
                  "supported_groups", "wait ClientHello");
    pair_init_certificates(&pair);
    pair.ends[CLIENT_END].config.signature_schemes = pss;
    pair.ends[SERVER_END].config.num_credentials = 1;
    check_failure(&pair, SERVER_END, DTLS_ERROR_NO_SHARED_SIGNATURE_SCHEME, DTLS_ALERT_HANDSHAKE_FAILURE,
                  "signature_algorithms", "wait ClientHello");
}

/* A certificate on a curve that the client has not named must not be used (RFC 8422 section 5.3). */
static void certificate_on_another_curve(void **state) {
    (void)state;
    static const dtls_group *const x25519[] = {&dtls_group_x25519, NULL};
    struct pair pair;
    pair_init_certificates(&pair);
    pair.ends[CLIENT_END].config.groups = x25519;
    pair.ends[SERVER_END].config.num_credentials = 1;
    check_failure(&pair, SERVER_END, DTLS_ERROR_NO_SHARED_SIGNATURE_SCHEME, DTLS_ALERT_HANDSHAKE_FAILURE,
                  "signature_algorithms", "wait ClientHello");
}

static void extended_master_secret_required(void **state) {
    (void)state;
    static const char *const states[] = {"wait ServerHello", "wait ClientHello"};
    for (int end = 0; end < 2; end++) {
        struct pair pair;
        pair_init_psk(&pair);
        pair.ends[end].config.require_extended_master_secret = true;
        pair.ends[!end].config.extensions = NULL;
        check_failure(&pair, end, DTLS_ERROR_EXTENDED_MASTER_SECRET, DTLS_ALERT_HANDSHAKE_FAILURE,
                      "extensions", states[end]);
    }
}

static void bad_certificates(void **state) {
    (void)state;
    struct pair pair;
    pair_init_certificates(&pair);
    pair.ends[CLIENT_END].config.peer_name = "other.test";
    check_failure(&pair, CLIENT_END, DTLS_ERROR_CERTIFICATE_NAME, DTLS_ALERT_BAD_CERTIFICATE,
                  "certificate_list", "wait Certificate");
    pair_init_certificates(&pair);
    pair.now.calendar_s = TEST_END + 1;
    check_failure(&pair, CLIENT_END, DTLS_ERROR_CERTIFICATE_EXPIRED, DTLS_ALERT_CERTIFICATE_EXPIRED,
                  "certificate_list", "wait Certificate");
    struct test_identity stranger = test_issue(&(struct test_request){.common_name = "x", .authority = true});
    dtls_trust_anchors *anchors = test_anchors(&stranger);
    for (int end = 0; end < 2; end++) {
        pair_init_certificates(&pair);
        pair.ends[SERVER_END].config.client_auth = DTLS_CLIENT_AUTH_REQUEST;
        pair.ends[end].config.trust_anchors = anchors;
        check_failure(&pair, end, DTLS_ERROR_CERTIFICATE_UNKNOWN_AUTHORITY, DTLS_ALERT_UNKNOWN_CA,
                      "certificate_list", "wait Certificate");
    }
    dtls_libcrypto_trust_anchors_free(anchors);
    test_identity_free(&stranger);
}

/* A server that shows a certificate of another kind than its suite says. */
static void certificate_does_not_fit_the_suite(void **state) {
    (void)state;
    dtls_credential liar = credentials.server[1];
    liar.key_type = DTLS_KEY_ECDSA;
    liar.private_key = credentials.server[0].private_key;
    struct pair pair;
    pair_init_certificates(&pair);
    pair.ends[SERVER_END].config.credentials = &liar;
    pair.ends[SERVER_END].config.num_credentials = 1;
    check_failure(&pair, CLIENT_END, DTLS_ERROR_CERTIFICATE_UNSUPPORTED, DTLS_ALERT_UNSUPPORTED_CERTIFICATE,
                  "certificate_list", "wait Certificate");
}

/* A client whose certificate is of a kind that the server cannot verify. */
static void client_certificate_of_an_unknown_kind(void **state) {
    (void)state;
    static const dtls_signature_scheme *const rsa[] = {&dtls_scheme_rsa_pss_rsae_sha256, NULL};
    dtls_credential liar = credentials.client_credential;
    liar.key_type = DTLS_KEY_RSA;
    liar.private_key = credentials.server[1].private_key;
    struct pair pair;
    pair_init_certificates(&pair);
    pair.ends[SERVER_END].config.client_auth = DTLS_CLIENT_AUTH_REQUIRE;
    pair.ends[SERVER_END].config.signature_schemes = rsa;
    pair.ends[CLIENT_END].config.credentials = &liar;
    check_failure(&pair, SERVER_END, DTLS_ERROR_CERTIFICATE_UNSUPPORTED, DTLS_ALERT_UNSUPPORTED_CERTIFICATE,
                  "certificate_list", "wait Certificate");
}

static void refusals_of_the_application(void **state) {
    (void)state;
    static const char asks_verdict[] = "ask for a verdict on the certificate";
    for (int end = 0; end < 2; end++) {
        struct pair pair;
        pair_init_psk(&pair);
        pair.ends[end].answer = ANSWER_REFUSING;
        check_failure(&pair, end, DTLS_ERROR_PSK_UNKNOWN, DTLS_ALERT_UNKNOWN_PSK_IDENTITY, "psk_identity",
                      "ask for the PSK");
        pair_init_certificates(&pair);
        pair.ends[SERVER_END].config.client_auth = DTLS_CLIENT_AUTH_REQUIRE;
        pair.ends[end].config.verification = DTLS_VERIFY_APPLICATION;
        pair.ends[end].answer = ANSWER_REFUSING;
        check_failure(&pair, end, DTLS_ERROR_CERTIFICATE_REFUSED, DTLS_ALERT_CERTIFICATE_UNKNOWN,
                      "certificate_list", asks_verdict);
        dtls_credential keyless = end == CLIENT_END ? credentials.client_credential : credentials.server[0];
        keyless.private_key = NULL;
        pair_init_certificates(&pair);
        pair.ends[SERVER_END].config.client_auth = DTLS_CLIENT_AUTH_REQUIRE;
        pair.ends[end].config.credentials = &keyless;
        pair.ends[end].config.num_credentials = 1;
        pair.ends[end].answer = ANSWER_REFUSING;
        check_failure(&pair, end, DTLS_ERROR_CRYPTO, DTLS_ALERT_INTERNAL_ERROR, "signature",
                      "ask for a signature");
    }
}

/* Another key gives other record keys: nothing authenticates, nothing is answered, and time runs out. */
static void another_psk(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair.ends[SERVER_END].answer = ANSWER_NEVER;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + SECOND / 2);
    static const uint8_t other[16] = {1};
    dtls_answer_psk(pair.ends[SERVER_END].connection, pair.now, (dtls_span){0},
                    (dtls_span){other, sizeof other});
    pair_run(&pair, pair.now.monotonic_ns + 300 * SECOND);
    for (int end = 0; end < 2; end++) {
        const dtls_failure *failure = dtls_connection_get_failure(pair.ends[end].connection);
        assert_int_equal(failure->error, DTLS_ERROR_HANDSHAKE_TIMEOUT);
        assert_int_equal(pair.ends[end].num_alerts_sent, 0);
    }
    assert_true(dtls_connection_get_statistics(pair.ends[SERVER_END].connection)->dropped_mac > 0);
    pair_free(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_messages),
        cmocka_unit_test(changed_transcript),
        cmocka_unit_test(nothing_in_common),
        cmocka_unit_test(certificate_on_another_curve),
        cmocka_unit_test(extended_master_secret_required),
        cmocka_unit_test(bad_certificates),
        cmocka_unit_test(certificate_does_not_fit_the_suite),
        cmocka_unit_test(client_certificate_of_an_unknown_kind),
        cmocka_unit_test(refusals_of_the_application),
        cmocka_unit_test(another_psk),
    };
    return cmocka_run_group_tests(tests, credentials_make, credentials_free);
}
