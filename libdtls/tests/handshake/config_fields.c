/* SPDX-License-Identifier: MIT
 *
 * Field by field of a configuration: what is refused, at its border, and what
 * is still taken.
 */
#include "support/check.h"

#include "dtls/dtls.h"
#include "dtls/libcrypto.h"
#include "dtls/resumption.h"
#include "dtls/srtp.h"
#include "handshake/config.h"
#include "handshake/extensions.h"

#include <stdio.h>

static const dtls_protocol *const client[] = {&dtls_client_1_2, NULL};
static const dtls_protocol *const server[] = {&dtls_server_1_2, NULL};
static const dtls_cipher_suite *const everything[] = {
    &dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256, &dtls_suite_ecdhe_rsa_aes_128_cbc_sha256,
    &dtls_suite_rsa_aes_128_gcm_sha256, &dtls_suite_psk_aes_128_ccm_8, NULL};
static const dtls_extension *const extensions[] = {
    &dtls_extension_connection_id,           &dtls_extension_alpn,
    &dtls_extension_status_request,          &dtls_extension_client_certificate_type,
    &dtls_extension_server_certificate_type, NULL};

static const uint8_t bytes[300] = {1};
static const dtls_span spans[] = {{bytes, 100}, {bytes, 200}, {NULL, 10}, {bytes, 0}, {bytes, 256}};
static const dtls_credential credential = {.chain = spans,
                                           .chain_len = 2,
                                           .key_type = DTLS_KEY_ECDSA,
                                           .private_key = (const dtls_private_key *)(const void *)bytes};

static dtls_config whole(const dtls_protocol *const *protocols) {
    return (dtls_config){.crypto = &dtls_libcrypto,
                         .protocols = protocols,
                         .cipher_suites = everything,
                         .groups = dtls_default_groups,
                         .signature_schemes = dtls_default_signature_schemes,
                         .extensions = extensions,
                         .credentials = &credential,
                         .num_credentials = 1,
                         .allow_legacy = true,
                         .trust_anchors = (const dtls_trust_anchors *)(const void *)bytes};
}

/* The field at fault; "" if there is none. */
static const char *fault(const dtls_config *config) {
    dtls_config_problem problem = {.field = "", .expected = ""};
    const dtls_error error = dtls_config_check(config, &problem);
    assert_int_equal(error, problem.field[0] == '\0' ? DTLS_OK : DTLS_ERROR_CONFIG);
    assert_int_equal(dtls_session_size(config) == 0, error != DTLS_OK);
    assert_int_equal(dtls_handshake_size(config) == 0, error != DTLS_OK);
    return problem.field;
}

/* A whole configuration of `role` in which `changes` were made has a fault in `field`; "": none. */
#define FAULT(role, field, ...)                                                                              \
    do {                                                                                                     \
        dtls_config config = whole(role);                                                                    \
        __VA_ARGS__;                                                                                         \
        assert_string_equal(fault(&config), field);                                                          \
    } while (0)

/* The same of a credential, an SRTP object, or ticket keys. */
#define CREDENTIAL_FAULT(field, ...)                                                                         \
    do {                                                                                                     \
        dtls_credential own = credential;                                                                    \
        __VA_ARGS__;                                                                                         \
        FAULT(server, field, config.credentials = &own);                                                     \
    } while (0)
#define SRTP_FAULT(field, ...)                                                                               \
    do {                                                                                                     \
        static const uint16_t profiles[] = {DTLS_SRTP_AES128_CM_SHA1_80, DTLS_SRTP_AEAD_AES_128_GCM, 5,      \
                                            DTLS_SRTP_AES128_CM_SHA1_32, DTLS_SRTP_AES128_CM_SHA1_32};       \
        dtls_srtp srtp = {.profiles = profiles, .num_profiles = 2};                                          \
        __VA_ARGS__;                                                                                         \
        FAULT(client, field, config.srtp = &srtp);                                                           \
    } while (0)
#define TICKET_FAULT(field, with)                                                                            \
    do {                                                                                                     \
        dtls_ticket_keys keys = {.aead = with};                                                              \
        FAULT(server, field, config.ticket_keys = &keys; config.resumption = &dtls_resumption_server);       \
    } while (0)

/* Every function that the protocol may call. */
static void provider(void **state) {
    (void)state;
#define FUNCTION(name)                                                                                       \
    { #name, offsetof(dtls_crypto, name) }
    static const struct {
        const char *name;
        size_t at;
    } functions[] = {
        FUNCTION(random),
        FUNCTION(hash_start),
        FUNCTION(hash_update),
        FUNCTION(hash_peek),
        FUNCTION(hash_clear),
        FUNCTION(hmac),
        FUNCTION(prf),
        FUNCTION(aead_start),
        FUNCTION(aead_seal),
        FUNCTION(aead_open),
        FUNCTION(aead_clear),
        FUNCTION(gcm_record_seal),
        FUNCTION(gcm_record_open),
        FUNCTION(cbc_start),
        FUNCTION(cbc_seal),
        FUNCTION(cbc_open),
        FUNCTION(cbc_clear),
        FUNCTION(key_share_start),
        FUNCTION(key_share_agree),
        FUNCTION(key_share_clear),
        FUNCTION(certificates_read),
        FUNCTION(public_key_clear),
        FUNCTION(verify),
        FUNCTION(sign),
        FUNCTION(encrypt_premaster),
        FUNCTION(decrypt_premaster),
        FUNCTION(wipe),
    };
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        dtls_crypto crypto = dtls_libcrypto;
        memset((uint8_t *)&crypto + functions[i].at, 0, sizeof crypto.random);
        dtls_config config = whole(server);
        config.crypto = &crypto;
        const char *field = fault(&config);
        if (strcmp(field, "crypto") != 0 && strcmp(field, "cipher_suites") != 0)
            fail_msg("without %s: \"%s\"", functions[i].name, field);
    }
    dtls_crypto crypto = dtls_libcrypto;
    FAULT(client, "", config.crypto = &crypto);
    crypto.gcm_record_seal = NULL;
    crypto.gcm_record_open = NULL;
    FAULT(client, "", config.crypto = &crypto);
    FAULT(client, "crypto", crypto.hash_slot++; config.crypto = &crypto);
    FAULT(client, "crypto", crypto.hash_slot--; crypto.key_share_slot++; config.crypto = &crypto);
    FAULT(client, "crypto", crypto.key_share_slot--; crypto.public_key_slot++; config.crypto = &crypto);
}

/* One more than there may be. */
static void lists(void **state) {
    (void)state;
    static struct dtls_cipher_suite suites[DTLS_MAX_SUITES + 1];
    static const dtls_cipher_suite *suite_list[DTLS_MAX_SUITES + 2];
    static struct dtls_group groups[DTLS_MAX_GROUPS + 1];
    static const dtls_group *group_list[DTLS_MAX_GROUPS + 2];
    static struct dtls_signature_scheme schemes[DTLS_MAX_SCHEMES + 1];
    static const dtls_signature_scheme *scheme_list[DTLS_MAX_SCHEMES + 2];
    static struct dtls_extension many[DTLS_MAX_EXTENSIONS + 1];
    static const dtls_extension *list[DTLS_MAX_EXTENSIONS + 2];
    static dtls_credential own[DTLS_MAX_CREDENTIALS + 1];
    for (uint16_t i = 0; i <= DTLS_MAX_SUITES; i++) {
        suites[i] = dtls_suite_psk_aes_128_ccm_8;
        suites[i].code = i;
        suite_list[i] = &suites[i];
    }
    for (uint16_t i = 0; i <= DTLS_MAX_GROUPS; i++) {
        groups[i] = (struct dtls_group){.name = "", .code = i};
        group_list[i] = &groups[i];
        schemes[i] = (struct dtls_signature_scheme){
            .name = "", .code = i, .key_type = DTLS_KEY_ECDSA, .hash = DTLS_HASH_SHA256};
        scheme_list[i] = &schemes[i];
        many[i] = dtls_extension_extended_master_secret;
        many[i].code = (uint16_t)(0x1000 + i);
        list[i] = &many[i];
        own[i] = credential;
    }
    FAULT(client, "cipher_suites", config.cipher_suites = suite_list);
    FAULT(client, "groups", config.groups = group_list);
    FAULT(client, "signature_schemes", config.signature_schemes = scheme_list);
    FAULT(client, "extensions", config.extensions = list);
    FAULT(client, "num_credentials", config.credentials = own;
          config.num_credentials = DTLS_MAX_CREDENTIALS + 1);
    suite_list[DTLS_MAX_SUITES] = NULL;
    group_list[DTLS_MAX_GROUPS] = NULL;
    scheme_list[DTLS_MAX_SCHEMES] = NULL;
    FAULT(client, "", config.cipher_suites = suite_list);
    FAULT(client, "", config.groups = group_list);
    FAULT(client, "", config.signature_schemes = scheme_list);
    FAULT(client, "", config.credentials = own; config.num_credentials = DTLS_MAX_CREDENTIALS);
}

static void versions(void **state) {
    (void)state;
    static const dtls_protocol *const both[] = {&dtls_client_1_2, &dtls_client_1_0, NULL};
    static const dtls_protocol *const older_first[] = {&dtls_client_1_0, &dtls_client_1_2, NULL};
    static const dtls_cipher_suite *const sha[] = {&dtls_suite_psk_aes_128_cbc_sha, NULL};
    FAULT(both, "cipher_suites", );
    FAULT(both, "", config.cipher_suites = sha);
    FAULT(older_first, "protocols", config.cipher_suites = sha);
}

static void credentials(void **state) {
    (void)state;
    CREDENTIAL_FAULT("", );
    CREDENTIAL_FAULT("credentials", own.chain = NULL);
    CREDENTIAL_FAULT("credentials", own.chain_len = 0);
    CREDENTIAL_FAULT("credentials", own.chain_len = 3);
    CREDENTIAL_FAULT("credentials", own.chain = &spans[3]; own.chain_len = 1);
    CREDENTIAL_FAULT("credentials", own.chain_len = DTLS_MAX_CHAIN + 1);
    CREDENTIAL_FAULT("credentials", own.key_type = (dtls_key_type)0);
    CREDENTIAL_FAULT("credentials", own.key_type = (dtls_key_type)5);
    CREDENTIAL_FAULT("credentials", own.type = (dtls_certificate_type)1);
    CREDENTIAL_FAULT("credentials", own.ocsp_response = spans[2]);
    CREDENTIAL_FAULT("credentials", own.ocsp_response = ((dtls_span){bytes, (size_t)1 << 24}));
    CREDENTIAL_FAULT("", own.ocsp_response = spans[0]);
    const dtls_span enormous[] = {{bytes, SIZE_MAX - 100}, {bytes, 200}};
    const dtls_span long_together[] = {{bytes, 9000000}, {bytes, 9000000}};
    CREDENTIAL_FAULT("credentials", own.chain = enormous);
    CREDENTIAL_FAULT("credentials", own.chain = long_together);
    /* A raw public key is one. */
    CREDENTIAL_FAULT("credentials", own.type = DTLS_CERTIFICATE_RAW_PUBLIC_KEY);
    CREDENTIAL_FAULT("", own.type = DTLS_CERTIFICATE_RAW_PUBLIC_KEY; own.chain_len = 1);
    CREDENTIAL_FAULT("credentials", own.type = DTLS_CERTIFICATE_RAW_PUBLIC_KEY; own.chain_len = 1;
                     own.ocsp_response = spans[0]);
    FAULT(client, "max_certificate_chain", config.max_certificate_chain = (size_t)1 << 24);
    FAULT(client, "", config.max_certificate_chain = 1000);
    FAULT(client, "kept_transcript", config.kept_transcript = (size_t)1 << 24);
    dtls_credential ed25519 = credential;
    ed25519.key_type = DTLS_KEY_ED25519;
    FAULT(client, "kept_transcript", config.credentials = &ed25519);
    FAULT(client, "", config.credentials = &ed25519; config.kept_transcript = 1000);
    FAULT(server, "", config.credentials = &ed25519);
}

static void types(void **state) {
    (void)state;
    static const dtls_certificate_type raw[] = {DTLS_CERTIFICATE_RAW_PUBLIC_KEY};
    static const dtls_certificate_type unknown[] = {(dtls_certificate_type)1};
    dtls_crypto crypto = dtls_libcrypto;
    dtls_credential key = credential;
    key.type = DTLS_CERTIFICATE_RAW_PUBLIC_KEY;
    key.chain_len = 1;
    crypto.public_key_read = NULL;
    FAULT(client, "peer_certificate_types", config.num_peer_certificate_types = 1);
    FAULT(client, "peer_certificate_types", config.peer_certificate_types = unknown;
          config.num_peer_certificate_types = 1);
    FAULT(client, "known_public_keys", config.num_known_public_keys = 1);
    FAULT(client, "known_public_keys", config.known_public_keys = &spans[2];
          config.num_known_public_keys = 1);
    FAULT(client, "known_public_keys", config.known_public_keys = &spans[3];
          config.num_known_public_keys = 1);
    FAULT(client, "", config.known_public_keys = &spans[0]; config.num_known_public_keys = 1);
    for (int role = 0; role < 2; role++) {
        const dtls_protocol *const *own = role == 0 ? client : server;
        FAULT(own, "known_public_keys", config.peer_certificate_types = raw;
              config.num_peer_certificate_types = 1);
        FAULT(own, "", config.peer_certificate_types = raw; config.num_peer_certificate_types = 1;
              config.verification = DTLS_VERIFY_NOTHING);
        FAULT(own, "crypto", config.peer_certificate_types = raw; config.num_peer_certificate_types = 1;
              config.crypto = &crypto);
        FAULT(own, "peer_certificate_types", config.peer_certificate_types = raw;
              config.num_peer_certificate_types = 1; config.extensions = NULL);
        FAULT(own, "credentials", config.credentials = &key; config.extensions = NULL);
        FAULT(own, "", config.credentials = &key);
        FAULT(own, "crypto", config.credentials = &key; config.crypto = &crypto);
    }
}

static void resumption(void **state) {
    (void)state;
    TICKET_FAULT("", DTLS_AEAD_AES_128_GCM);
    TICKET_FAULT("", DTLS_AEAD_AES_256_GCM);
    TICKET_FAULT("", DTLS_AEAD_CHACHA20_POLY1305);
    TICKET_FAULT("", DTLS_AEAD_AES_128_CCM);
    TICKET_FAULT("", DTLS_AEAD_AES_256_CCM);
    TICKET_FAULT("ticket_keys", DTLS_AEAD_AES_128_CCM_8);
    TICKET_FAULT("ticket_keys", (dtls_aead)0);
    FAULT(server, "resumption", config.session_cache = true);
    FAULT(server, "resumption", config.resumption = &dtls_resumption_client);
    FAULT(server, "session_lifetime_s", config.resumption = &dtls_resumption_server;
          config.session_lifetime_s = 604801);
    FAULT(server, "", config.resumption = &dtls_resumption_server; config.session_lifetime_s = 604800);
    FAULT(client, "max_ticket", config.resumption = &dtls_resumption_client; config.max_ticket = SIZE_MAX);
    FAULT(client, "resumption", dtls_ticket_keys keys = {.aead = DTLS_AEAD_AES_128_GCM};
          config.ticket_keys = &keys);
}

static void services(void **state) {
    (void)state;
    SRTP_FAULT("", );
    SRTP_FAULT("srtp", srtp.profiles = NULL);
    SRTP_FAULT("srtp", srtp.num_profiles = 0);
    SRTP_FAULT("srtp", srtp.num_profiles = 3);
    SRTP_FAULT("srtp", srtp.profiles += 3);
    SRTP_FAULT("srtp", srtp.mki = spans[2]);
    SRTP_FAULT("srtp", srtp.mki = spans[4]);
    FAULT(client, "application_protocols", config.num_application_protocols = 33);
    FAULT(client, "application_protocols", config.num_application_protocols = 1);
    for (size_t i = 2; i < 5; i++)
        FAULT(client, "application_protocols", config.application_protocols = &spans[i];
              config.num_application_protocols = 1);
    FAULT(client, "", config.application_protocols = spans; config.num_application_protocols = 2);
}

static void values(void **state) {
    (void)state;
    FAULT(server, "psk_identity_hint", config.psk_identity_hint = spans[1]);
    FAULT(server, "psk_identity_hint", config.psk_identity_hint = spans[2]);
    FAULT(client, "mtu", config.mtu = 127);
    FAULT(client, "mtu", config.mtu = 65508);
    FAULT(client, "mtu", config.mtu = 128);
    FAULT(client, "", config.mtu = 160);
    FAULT(client, "", config.mtu = 128; config.extensions = NULL);
    FAULT(client, "record_size_limit", config.record_size_limit = 63);
    FAULT(client, "record_size_limit", config.record_size_limit = 16385);
    FAULT(client, "", config.record_size_limit = 64);
    FAULT(client, "max_fragment_length", config.max_fragment_length = 513);
    for (uint16_t length = 512; length <= 4096; length *= 2)
        FAULT(client, "", config.max_fragment_length = length);
    FAULT(client, "max_server_name", config.max_server_name = 256);
    FAULT(client, "max_connection_id", config.max_connection_id = 256);
    FAULT(client, "record_padding", config.record_padding = 1025);
    FAULT(client, "path_policy", config.path_policy = (dtls_path_policy)3);
    FAULT(client, "path_policy", config.path_policy = (dtls_path_policy)-1);
    FAULT(client, "max_message", config.max_message = 255);
    FAULT(client, "max_message", config.max_message = (size_t)1 << 24);
    FAULT(client, "max_timeout_ns", config.initial_timeout_ns = 2; config.max_timeout_ns = 1);
    FAULT(client, "verification", config.verification = (dtls_verification)-1);
    FAULT(client, "client_auth", config.client_auth = (dtls_client_auth)-1);
    FAULT(client, "", config.last_flight_kept_ns = 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(provider),    cmocka_unit_test(lists),  cmocka_unit_test(versions),
        cmocka_unit_test(credentials), cmocka_unit_test(types),  cmocka_unit_test(resumption),
        cmocka_unit_test(services),    cmocka_unit_test(values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
