/* SPDX-License-Identifier: MIT
 *
 * Wrong use of the const objects, of errors, of configurations and of what the
 * libcrypto provider adds.
 */
#include "misuse/misuse.h"

#include "dtls/checked_config.h"
#include "dtls/dtls.h"
#include "dtls/libcrypto.h"
#include "dtls/resumption.h"

void misuse_of_objects(void **state) {
    (void)state;
    dtls_transition row;
    ROW(0, dtls_cipher_suite_code, NULL);
    ROW(0, dtls_group_code, NULL);
    ROW(0, dtls_signature_scheme_code, NULL);
    ROW(0, dtls_protocol_version, NULL);
    ROW(DTLS_CLIENT, dtls_protocol_role, NULL);
    ROW(0, strlen, dtls_cipher_suite_name(NULL));
    ROW(0, strlen, dtls_group_name(NULL));
    ROW(0, strlen, dtls_signature_scheme_name(NULL));
    misuse_note("dtls_cipher_suite_name");
    misuse_note("dtls_group_name");
    misuse_note("dtls_signature_scheme_name");
    ROW(false, dtls_cipher_suite_uses_certificates, NULL);
    ROW(false, dtls_cipher_suite_uses_psk, NULL);
    ROW_NULL(dtls_cipher_suite_by_code, 0);
    ROW_NULL(dtls_cipher_suite_by_code, 0x1c02b);
    ROW_NULL(dtls_group_by_code, 0xffff);
    ROW_NULL(dtls_group_by_code, 0x1001d);
    ROW_NULL(dtls_signature_scheme_by_code, 0x0403 + 0x10000);
    ROW(DTLS_ERROR_ARGUMENT, dtls_protocol_transition, NULL, 0, &row);
    ROW(DTLS_ERROR_ARGUMENT, dtls_protocol_transition, &dtls_client_1_2, 0, NULL);
    ROW(DTLS_NOTHING, dtls_protocol_transition, &dtls_client_1_2, SIZE_MAX, &row);
    ROW(DTLS_ERROR_ARGUMENT, dtls_resumption_transition, NULL, 0, &row);
    ROW(DTLS_ERROR_ARGUMENT, dtls_resumption_transition, &dtls_resumption_client, 0, NULL);
    ROW(DTLS_NOTHING, dtls_resumption_transition, &dtls_resumption_client, 1000, &row);
    ROW(DTLS_ERROR_ARGUMENT, dtls_extension_transition, NULL, 0, &row);
    ROW(DTLS_ERROR_ARGUMENT, dtls_extension_transition, &dtls_extension_status_request, 0, NULL);
    ROW(DTLS_NOTHING, dtls_extension_transition, &dtls_extension_status_request, SIZE_MAX, &row);
    ROW(DTLS_NOTHING, dtls_extension_transition, &dtls_extension_server_name, 0, &row);
    misuse_cannot("dtls_version", "it takes nothing");
    misuse_cannot("dtls_version_text", "it takes nothing");
    /* Values that are not in the enumerations. */
    ROW(DTLS_ALERT_INTERNAL_ERROR, dtls_error_alert, (dtls_error)-4711);
    ROW(0, strcmp, dtls_error_name((dtls_error)-4711), "unknown");
    misuse_note("dtls_error_name");
    assert_true(strlen(dtls_strerror((dtls_error)-4711)) > 0);
    misuse_note("dtls_strerror");
    ROW(0, strcmp, dtls_alert_name(4711), "unknown");
    misuse_note("dtls_alert_name");
}

void misuse_of_configurations(void **state) {
    (void)state;
    const dtls_config nothing = {.crypto = NULL};
    ROW(DTLS_ERROR_CONFIG, dtls_config_check, NULL, NULL);
    ROW(DTLS_ERROR_CONFIG, dtls_config_check, &nothing, NULL);
    ROW(0, dtls_session_size, NULL);
    ROW(0, dtls_session_size, &nothing);
    ROW(0, dtls_handshake_size, NULL);
    ROW(0, dtls_handshake_size, &nothing);
    dtls_checked_config checked;
    dtls_config_problem problem = {.field = ""};
    ROW(DTLS_ERROR_CONFIG, dtls_checked_config_make, NULL, &checked, NULL);
    ROW(DTLS_ERROR_CONFIG, dtls_checked_config_make, &nothing, &checked, &problem);
    assert_string_equal(problem.field, "crypto");
    ROW(DTLS_ERROR_ARGUMENT, dtls_checked_config_make, &nothing, NULL, NULL);
}

void misuse_of_libcrypto(void **state) {
    (void)state;
    dtls_libcrypto_provider closed = {.own = {0}};
    ROW_VOID(dtls_libcrypto_close, &closed);
    static const uint8_t noise[] = "this is no key";
    static const uint8_t broken[] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    uint8_t out[8];
    dtls_span spans[1];
    size_t num = 1;
    dtls_private_key *key = NULL;
    dtls_key_type type;
    dtls_trust_anchors *anchors = NULL;
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_open, NULL);
    ROW_VOID(dtls_libcrypto_close, NULL);
    dtls_libcrypto_provider provider = {.crypto = {.state = NULL}};
    dtls_libcrypto_known_chain chains[1];
    ROW(DTLS_ERROR_STATE, dtls_libcrypto_remember_chains, &provider, chains, 1, 60);
    assert_int_equal(dtls_libcrypto_open(&provider), DTLS_OK);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_remember_chains, NULL, chains, 1, 60);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_remember_chains, &provider, NULL, 1, 60);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_remember_chains, &provider, chains, 0, 60);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_remember_chains, &provider, chains, 1, 0);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_remember_chains, &provider, chains, 1, 86401);
    assert_int_equal(dtls_libcrypto_remember_chains(&provider, chains, 1, 60), DTLS_OK);
    ROW(DTLS_ERROR_STATE, dtls_libcrypto_remember_chains, &provider, chains, 1, 60);
    dtls_libcrypto_close(&provider);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_private_key_read, NULL, 10, &key, &type);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_private_key_read, noise, sizeof noise, &key, &type);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_private_key_read, noise, SIZE_MAX, &key, &type);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_private_key_read, noise, sizeof noise, NULL, &type);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_private_key_read, noise, sizeof noise, &key, NULL);
    assert_null(key);
    ROW(0, dtls_libcrypto_private_key_curve, NULL);
    ROW_VOID(dtls_libcrypto_private_key_free, NULL);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_trust_anchors_read, NULL, 10, &anchors);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_trust_anchors_read, noise, sizeof noise, &anchors);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_trust_anchors_read, broken, sizeof broken, &anchors);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_trust_anchors_read, noise, SIZE_MAX, &anchors);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_trust_anchors_read, noise, sizeof noise, NULL);
    assert_null(anchors);
    const dtls_span no_certificate = {noise, sizeof noise};
    const dtls_span endless = {noise, SIZE_MAX};
    dtls_libcrypto_certificate_facts facts;
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_trust_anchors_add, NULL, no_certificate);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_trust_anchors_add, &anchors, no_certificate);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_trust_anchors_add, &anchors, endless);
    assert_null(anchors);
    ROW_VOID(dtls_libcrypto_trust_anchors_free, NULL);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_certificate_read, no_certificate, NULL);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_certificate_read, no_certificate, &facts);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_certificate_read, endless, &facts);
    ROW(false, dtls_libcrypto_certificate_issued, no_certificate, no_certificate);
    ROW(false, dtls_libcrypto_certificate_is_for, no_certificate, NULL);
    ROW(false, dtls_libcrypto_certificate_is_for, no_certificate, "name");
    ROW(false, dtls_libcrypto_private_key_fits, NULL, no_certificate);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_chain_read, NULL, 10, out, sizeof out, spans, &num);
    num = 1;
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_chain_read, noise, sizeof noise, out, sizeof out, spans, &num);
    num = 1;
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_chain_read, broken, sizeof broken, NULL, 8, spans, &num);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_chain_read, broken, sizeof broken, out, sizeof out, NULL, &num);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_chain_read, broken, sizeof broken, out, sizeof out, spans, NULL);
    num = 1;
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_chain_read, broken, sizeof broken, out, sizeof out, spans, &num);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_public_key_read, NULL, 10, out, sizeof out, &num);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_public_key_read, noise, sizeof noise, NULL, 8, &num);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_public_key_read, noise, sizeof noise, out, sizeof out, NULL);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_public_key_read, noise, sizeof noise, out, sizeof out, &num);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_public_key_read, noise, SIZE_MAX, out, sizeof out, &num);
    ROW(DTLS_ERROR_ARGUMENT, dtls_libcrypto_public_key_read, broken, sizeof broken, out, sizeof out, &num);
}
