/* SPDX-License-Identifier: MIT */
#include "connection/raw_keys.h"

#include "connection/sessions.h"

#include <stdlib.h>

const dtls_extension *const raw_keys_both[] = {
    &dtls_extension_server_name, &dtls_extension_extended_master_secret,
    &dtls_extension_server_certificate_type, &dtls_extension_client_certificate_type, NULL};
const dtls_extension *const raw_keys_without[] = {&dtls_extension_extended_master_secret, NULL};

const dtls_certificate_type raw_only[1] = {DTLS_CERTIFICATE_RAW_PUBLIC_KEY};
const dtls_certificate_type raw_first[2] = {DTLS_CERTIFICATE_RAW_PUBLIC_KEY, DTLS_CERTIFICATE_X509};
const dtls_certificate_type x509_first[2] = {DTLS_CERTIFICATE_X509, DTLS_CERTIFICATE_RAW_PUBLIC_KEY};

static uint8_t bytes[3][512];
dtls_span raw_keys[3];
dtls_credential raw_credentials[3];
dtls_credential mixed_credentials[3];

int raw_keys_make(void **state) {
    sessions_make_keys(state);
    const dtls_credential *const whole[] = {&credentials.server[0], &credentials.server[1],
                                            &credentials.client_credential};
    const struct test_identity *identities[] = {&credentials.server_ecdsa, &credentials.server_rsa,
                                                &credentials.client};
    for (size_t i = 0; i < 3; i++) {
        char *pem = i == 1 ? test_key_pem(identities[i]) : test_certificate_pem(identities[i]);
        assert_int_equal(dtls_libcrypto_public_key_read((const uint8_t *)pem, strlen(pem), bytes[i],
                                                        sizeof bytes[i], &raw_keys[i].len),
                         DTLS_OK);
        raw_keys[i].data = bytes[i];
        free(pem);
        raw_credentials[i] = *whole[i];
        raw_credentials[i].type = DTLS_CERTIFICATE_RAW_PUBLIC_KEY;
        raw_credentials[i].chain = &raw_keys[i];
        raw_credentials[i].chain_len = 1;
    }
    mixed_credentials[0] = raw_credentials[0];
    mixed_credentials[1] = credentials.server[0];
    mixed_credentials[2] = credentials.server[1];
    return 0;
}

void raw_keys_take(struct end *end, const dtls_certificate_type *types, size_t num) {
    end->config.peer_certificate_types = types;
    end->config.num_peer_certificate_types = num;
}

void raw_keys_init(struct pair *pair) {
    pair_init_certificates(pair);
    for (int i = 0; i < 2; i++)
        pair->ends[i].config.extensions = raw_keys_both;
    pair->ends[SERVER_END].config.credentials = raw_credentials;
    pair->ends[CLIENT_END].config.known_public_keys = raw_keys;
    pair->ends[CLIENT_END].config.num_known_public_keys = 2;
    pair->ends[CLIENT_END].config.trust_anchors = NULL;
    raw_keys_take(&pair->ends[CLIENT_END], raw_only, 1);
}

void raw_keys_init_mutual(struct pair *pair) {
    raw_keys_init(pair);
    pair->ends[CLIENT_END].config.credentials = &raw_credentials[2];
    pair->ends[SERVER_END].config.client_auth = DTLS_CLIENT_AUTH_REQUIRE;
    pair->ends[SERVER_END].config.known_public_keys = &raw_keys[2];
    pair->ends[SERVER_END].config.num_known_public_keys = 1;
    pair->ends[SERVER_END].config.trust_anchors = NULL;
    raw_keys_take(&pair->ends[SERVER_END], raw_only, 1);
}

void raw_keys_run(struct pair *pair) {
    pair_open(pair);
    pair_run(pair, pair->now.monotonic_ns + 60 * SECOND);
}

const dtls_connection_info *raw_keys_info(const struct pair *pair, int end) {
    return dtls_connection_get_info(pair->ends[end].connection);
}

void raw_keys_check_types(const struct pair *pair, dtls_certificate_type servers,
                          dtls_certificate_type clients) {
    assert_int_equal(raw_keys_info(pair, CLIENT_END)->peer_certificate_type, servers);
    assert_int_equal(raw_keys_info(pair, SERVER_END)->certificate_type, servers);
    assert_int_equal(raw_keys_info(pair, CLIENT_END)->certificate_type, clients);
    assert_int_equal(raw_keys_info(pair, SERVER_END)->peer_certificate_type, clients);
}

void raw_keys_connect(struct pair *pair, dtls_certificate_type servers, dtls_certificate_type clients) {
    raw_keys_run(pair);
    pair_check_connected(pair);
    raw_keys_check_types(pair, servers, clients);
    assert_true(raw_keys_info(pair, CLIENT_END)->peer_authenticated);
}

void raw_keys_check_refused(struct pair *pair, int end, dtls_error error, dtls_alert alert,
                            const char *field) {
    raw_keys_run(pair);
    const dtls_failure *failure = dtls_connection_get_failure(pair->ends[end].connection);
    assert_non_null(failure);
    assert_int_equal(failure->error, error);
    assert_string_equal(failure->field, field);
    assert_int_equal(pair->ends[!end].last_alert_received.alert, alert);
    pair_free(pair);
}
