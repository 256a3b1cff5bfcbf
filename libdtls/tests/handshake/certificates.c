/* SPDX-License-Identifier: MIT
 *
 * Certificate, CertificateRequest, Finished: forms that a peer of our own never
 * sends.
 */
#include "handshake/opened.h"

#include "handshake/certificates.h"
#include "handshake/psk.h"
#include "handshake/steps.h"

static struct opened opened;

static void open_client(void) {
    open_connection(&opened, &dtls_client_1_2);
    opened.handshake->suite = &dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256;
}

static struct dtls_message message_of(const void *body, size_t len) {
    return (struct dtls_message){.body = body, .len = len};
}

static void expect(dtls_error error, dtls_error expected, const char *field) {
    assert_int_equal(error, expected);
    assert_string_equal(dtls_connection_get_failure(opened.connection)->field, field);
    dtls_connection_wipe(opened.connection);
}

/* Eleven certificates of one byte each. */
static void chain_that_is_too_long(void **state) {
    (void)state;
    uint8_t body[3 + 11 * 4] = {0, 0, 44};
    for (size_t i = 0; i < 11; i++)
        body[3 + i * 4 + 2] = 1;
    const struct dtls_message message = message_of(body, sizeof body);
    open_client();
    dtls_event event = {.chain_len = 0};
    const struct dtls_message broken = message_of(body, 5);
    dtls_certificates_x509.describe(opened.connection, &broken, &event);
    assert_int_equal(event.chain_len, 0);
    expect(dtls_certificates_x509.read(opened.connection, &message), DTLS_ERROR_CERTIFICATE_BAD,
           "certificate_list");
}

static dtls_error request(const void *body, size_t len) {
    const struct dtls_message message = message_of(body, len);
    open_client();
    return dtls_certificates_x509.read_request(opened.connection, &message);
}

/* Authorities are names in DER, of which we take no notice, as long as they are whole. */
static void authorities_in_a_request(void **state) {
    (void)state;
    static const uint8_t good[] = {1, 64, 0, 2, 4, 3, 0, 7, 0, 2, 1, 2, 0, 1, 3};
    assert_int_equal(request(good, sizeof good), DTLS_OK);
    assert_true(opened.handshake->certificate_requested);
    assert_null(opened.handshake->credential);
    dtls_connection_wipe(opened.connection);
    static const uint8_t empty_name[] = {1, 64, 0, 2, 4, 3, 0, 2, 0, 0};
    expect(request(empty_name, sizeof empty_name), DTLS_ERROR_DECODE, "certificate_authorities");
    static const uint8_t half_name[] = {1, 64, 0, 2, 4, 3, 0, 3, 0, 2, 1};
    expect(request(half_name, sizeof half_name), DTLS_ERROR_DECODE, "certificate_authorities");
    expect(request(good, 6), DTLS_ERROR_DECODE, "certificate_authorities");
    expect(request(good, 5), DTLS_ERROR_DECODE, "supported_signature_algorithms");
    expect(request(good, 1), DTLS_ERROR_DECODE, "certificate_types");
}

static void finished_of_a_wrong_length(void **state) {
    (void)state;
    static const uint8_t body[13];
    static const size_t lens[] = {0, 11, 13};
    for (size_t i = 0; i < 3; i++) {
        const struct dtls_message message = message_of(body, lens[i]);
        open_client();
        expect(dtls_read_finished(opened.connection, &message), DTLS_ERROR_DECODE, "verify_data");
    }
}

static void identity_hints(void **state) {
    (void)state;
    static uint8_t body[2 + 129] = {0, 129};
    struct dtls_message message = message_of(body, sizeof body);
    /* Too long to be an identity: passed over. */
    open_connection(&opened, &dtls_client_1_2);
    assert_int_equal(dtls_key_exchange_psk.read_server(opened.connection, &message), DTLS_OK);
    assert_int_equal(opened.handshake->psk_name_len, 0);
    message.len--;
    expect(dtls_key_exchange_psk.read_server(opened.connection, &message), DTLS_ERROR_DECODE,
           "psk_identity_hint");
    static const uint8_t empty[] = {0, 0};
    message = message_of(empty, sizeof empty);
    open_connection(&opened, &dtls_client_1_2);
    assert_int_equal(dtls_key_exchange_psk.read_server(opened.connection, &message), DTLS_OK);
    assert_int_equal(opened.handshake->psk_name_len, 0);
    dtls_connection_wipe(opened.connection);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain_that_is_too_long),
        cmocka_unit_test(authorities_in_a_request),
        cmocka_unit_test(finished_of_a_wrong_length),
        cmocka_unit_test(identity_hints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
