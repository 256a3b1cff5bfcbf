/* SPDX-License-Identifier: MIT */
#include "settings.h"

#include "dtls/connection_id.h"
#include "dtls/resumption.h"
#include "dtls/srtp.h"
#include "null_crypto.h"

static const dtls_protocol *const protocols[2][3] = {{&dtls_client_1_2, &dtls_client_1_0, NULL},
                                                     {&dtls_server_1_2, &dtls_server_1_0, NULL}};
static const dtls_protocol *const newest[2][2] = {{&dtls_client_1_2, NULL}, {&dtls_server_1_2, NULL}};

static const dtls_cipher_suite *const psk[] = {&dtls_suite_psk_aes_128_ccm_8,
                                               &dtls_suite_psk_aes_128_gcm_sha256,
                                               &dtls_suite_psk_chacha20_poly1305_sha256, NULL};
static const dtls_cipher_suite *const ecdhe_psk[] = {&dtls_suite_ecdhe_psk_aes_128_gcm_sha256,
                                                     &dtls_suite_ecdhe_psk_aes_256_gcm_sha384,
                                                     &dtls_suite_ecdhe_psk_aes_128_ccm_8_sha256, NULL};
static const dtls_cipher_suite *const cbc[] = {
    &dtls_suite_ecdhe_ecdsa_aes_256_cbc_sha384, &dtls_suite_ecdhe_rsa_aes_128_cbc_sha256,
    &dtls_suite_ecdhe_ecdsa_aes_128_cbc_sha, &dtls_suite_ecdhe_rsa_aes_128_cbc_sha, NULL};
static const dtls_cipher_suite *const psk_cbc[] = {
    &dtls_suite_ecdhe_psk_aes_128_cbc_sha256, &dtls_suite_psk_aes_128_cbc_sha256,
    &dtls_suite_ecdhe_psk_aes_128_cbc_sha, &dtls_suite_psk_aes_128_cbc_sha, NULL};
static const dtls_cipher_suite *const rsa[] = {&dtls_suite_rsa_aes_128_gcm_sha256,
                                               &dtls_suite_rsa_aes_128_cbc_sha256,
                                               &dtls_suite_rsa_aes_128_cbc_sha, NULL};
static const dtls_cipher_suite *const *const suites[] = {
    dtls_default_cipher_suites, psk, ecdhe_psk, cbc, psk_cbc, rsa, dtls_all_cipher_suites,
    dtls_all_cipher_suites};

/* A certificate of the null provider says its key's type in its first byte. */
static const uint8_t leafs[][300] = {{DTLS_KEY_ECDSA}, {DTLS_KEY_RSA}, {DTLS_KEY_ED25519}};
static const uint8_t issuer[40] = {DTLS_KEY_ECDSA};

static void add_credential(struct settings *settings, size_t leaf, bool has_key) {
    const size_t i = settings->config.num_credentials++;
    settings->chains[i][0] = (dtls_span){.data = leafs[leaf], .len = sizeof leafs[leaf]};
    settings->chains[i][1] = (dtls_span){.data = issuer, .len = sizeof issuer};
    settings->credentials[i] = (dtls_credential){
        .chain = settings->chains[i],
        .chain_len = 2,
        .key_type = leafs[leaf][0],
        .private_key = has_key ? (const dtls_private_key *)leafs[leaf] : NULL,
    };
    settings->config.credentials = settings->credentials;
}

static void add_credentials(struct settings *settings, uint32_t bits) {
    static const char *const names[] = {"server.example", NULL};
    static const dtls_certificate_type types[] = {DTLS_CERTIFICATE_RAW_PUBLIC_KEY, DTLS_CERTIFICATE_X509};
    static const dtls_span known[] = {{leafs[0], sizeof leafs[0]}, {leafs[2], sizeof leafs[2]}};
    const bool has_key = (bits & SETTINGS_ASK_KEY) == 0;
    const size_t first = (bits & SETTINGS_ED25519) != 0 ? 2 : 0;
    if ((bits & SETTINGS_RAW_KEYS) != 0) {
        add_credential(settings, first, has_key);
        settings->credentials[0].chain_len = 1;
        settings->credentials[0].type = DTLS_CERTIFICATE_RAW_PUBLIC_KEY;
        settings->config.peer_certificate_types = types;
        settings->config.num_peer_certificate_types = 2;
        settings->config.known_public_keys = known;
        settings->config.num_known_public_keys = 2;
    }
    add_credential(settings, first, has_key);
    if (first == 0)
        add_credential(settings, 1, has_key);
    for (size_t i = 0; i < settings->config.num_credentials; i++) {
        if ((bits & SETTINGS_STATUS) != 0 && settings->config.protocols[0] == &dtls_server_1_2 &&
            settings->credentials[i].type == DTLS_CERTIFICATE_X509)
            settings->credentials[i].ocsp_response = (dtls_span){issuer, sizeof issuer};
        if ((bits & SETTINGS_NAMES) != 0 && settings->config.protocols[0] == &dtls_server_1_2)
            settings->credentials[i].server_names = names;
    }
}

static void add_extension(struct settings *settings, const dtls_extension *extension) {
    size_t i = 0;
    while (settings->extensions[i] != NULL)
        i++;
    settings->extensions[i] = extension;
}

static void add_extensions(struct settings *settings, uint32_t bits) {
    static const struct {
        uint32_t bit;
        const dtls_extension *extension;
    } optional[] = {{SETTINGS_CONNECTION_ID, &dtls_extension_connection_id},
                    {SETTINGS_ALPN, &dtls_extension_alpn},
                    {SETTINGS_SRTP, &dtls_extension_use_srtp},
                    {SETTINGS_FRAGMENT_LENGTH, &dtls_extension_max_fragment_length},
                    {SETTINGS_SIZE_LIMIT, &dtls_extension_record_size_limit},
                    {SETTINGS_STATUS, &dtls_extension_status_request},
                    {SETTINGS_RAW_KEYS, &dtls_extension_server_certificate_type},
                    {SETTINGS_RAW_KEYS, &dtls_extension_client_certificate_type}};
    for (size_t i = 0; (bits & SETTINGS_BARE) == 0 && dtls_default_extensions[i] != NULL; i++)
        add_extension(settings, dtls_default_extensions[i]);
    for (size_t i = 0; i < sizeof optional / sizeof *optional; i++) {
        if ((bits & optional[i].bit) != 0)
            add_extension(settings, optional[i].extension);
    }
    settings->config.extensions = settings->extensions;
}

static void add_services(struct settings *settings, uint32_t bits) {
    static const uint16_t profiles[] = {DTLS_SRTP_AEAD_AES_128_GCM, DTLS_SRTP_AES128_CM_SHA1_80};
    static const dtls_srtp srtp = {profiles, 2, {(const uint8_t *)"mki", 3}};
    dtls_config *config = &settings->config;
    settings->protocols[0] = (dtls_span){(const uint8_t *)"coap", 4};
    settings->protocols[1] = (dtls_span){(const uint8_t *)"c-webrtc", 8};
    if ((bits & SETTINGS_ALPN) != 0) {
        config->application_protocols = settings->protocols;
        config->num_application_protocols = 2;
    }
    if ((bits & SETTINGS_SRTP) != 0)
        config->srtp = &srtp;
    if ((bits & SETTINGS_FRAGMENT_LENGTH) != 0)
        config->max_fragment_length = 512;
    if ((bits & SETTINGS_SIZE_LIMIT) != 0)
        config->record_size_limit = 128;
    if ((bits & SETTINGS_PADDING) != 0)
        config->record_padding = 32;
    if ((bits & SETTINGS_FOLLOW) != 0)
        config->path_policy = DTLS_PATH_FOLLOW;
}

static void add_resumption(struct settings *settings, dtls_role role, uint32_t bits) {
    static const dtls_ticket_keys keys = {.aead = DTLS_AEAD_AES_128_GCM};
    dtls_config *config = &settings->config;
    config->resumption = role == DTLS_CLIENT ? &dtls_resumption_client : &dtls_resumption_server;
    config->trust_legacy_master_secret = (bits & SETTINGS_BARE) != 0;
    if (role == DTLS_CLIENT)
        return;
    if ((bits & SETTINGS_CACHE) != 0)
        config->session_cache = true;
    else
        config->ticket_keys = &keys;
}

bool settings_make(struct settings *settings, dtls_role role, uint32_t bits) {
    const unsigned choice = bits & SETTINGS_SUITES;
    *settings =
        (struct settings){.config = {
                              .crypto = &null_crypto,
                              .protocols = (bits & SETTINGS_1_0) != 0 ? protocols[role] : newest[role],
                              .cipher_suites = suites[choice],
                              .groups = dtls_default_groups,
                              .signature_schemes = dtls_default_signature_schemes,
                              .verification = (bits & SETTINGS_ASK_VERDICT) != 0 ? DTLS_VERIFY_APPLICATION
                                                                                 : DTLS_VERIFY_ANCHORS,
                              .trust_anchors = (const dtls_trust_anchors *)issuer,
                              .peer_name = role == DTLS_CLIENT ? "server.example" : NULL,
                              .mtu = (bits & SETTINGS_SMALL_MTU) != 0 ? 192 : 1200,
                              .max_message = 1500,
                              .kept_transcript = (bits & SETTINGS_ED25519) != 0 ? 2000 : 0,
                              .allow_legacy = choice >= SETTINGS_RSA,
                              .require_extended_master_secret = (bits & SETTINGS_REQUIRE_EMS) != 0,
                              .key_log = true,
                              .keep_secrets = (bits & (SETTINGS_KEEP_SECRETS | SETTINGS_SRTP)) != 0,
                          }};
    add_credentials(settings, bits);
    if (role == DTLS_SERVER && (bits & (SETTINGS_REQUEST | SETTINGS_REQUIRE)) != 0)
        settings->config.client_auth =
            (bits & SETTINGS_REQUIRE) != 0 ? DTLS_CLIENT_AUTH_REQUIRE : DTLS_CLIENT_AUTH_REQUEST;
    if (role == DTLS_SERVER && (bits & SETTINGS_HINT) != 0)
        settings->config.psk_identity_hint = (dtls_span){(const uint8_t *)"hint", 4};
    if (role == DTLS_SERVER && (bits & SETTINGS_NAMES) != 0)
        settings->config.max_server_name = 64;
    settings->config.refuse_unknown_names = role == DTLS_SERVER && (bits & SETTINGS_REQUIRE_EMS) != 0;
    add_extensions(settings, bits);
    add_services(settings, bits);
    if ((bits & SETTINGS_RESUMPTION) != 0)
        add_resumption(settings, role, bits);
    return dtls_config_check(&settings->config, NULL) == DTLS_OK;
}
