/* SPDX-License-Identifier: MIT
 *
 * The contract's configuration, in libdtls's terms.
 */
#include <stdlib.h>
#include <string.h>

#include "libdtls_adapter.h"

/* What `dtls_config.mtu` has at least. */
#define MIN_MTU 128u

/* Without a list, the suites for which there are credentials; a client that knows a key and no authority
 * offers no certificate suites, since it could not tell whom it talks to. */
static void use_default_suites(struct libdtls_context *context, const struct dtlslab_config *config) {
    const bool has_psk = config->psk_key.len > 0;
    const bool has_certificates = config->role == DTLSLAB_SERVER ? config->certificate_chain.len > 0
                                                                 : !has_psk || config->trust_anchors.len > 0;
    static const dtls_cipher_suite *const suites_1_0[] = {
        &dtls_suite_ecdhe_ecdsa_aes_128_cbc_sha, &dtls_suite_ecdhe_rsa_aes_128_cbc_sha,
        &dtls_suite_ecdhe_psk_aes_128_cbc_sha, &dtls_suite_psk_aes_128_cbc_sha, NULL};
    size_t num = 0;

    for (size_t i = 0; dtls_default_cipher_suites[i] != NULL && num < LIBDTLS_MAX_LIST; i++) {
        if (dtls_cipher_suite_uses_psk(dtls_default_cipher_suites[i]) ? has_psk : has_certificates)
            context->suites[num++] = dtls_default_cipher_suites[i];
    }
    /* DTLS 1.0 can use none of those. */
    const bool has_1_0 = config->min_version == DTLS_VERSION_1_0 || config->max_version == DTLS_VERSION_1_0;
    for (size_t i = 0; has_1_0 && suites_1_0[i] != NULL; i++) {
        if (dtls_cipher_suite_uses_psk(suites_1_0[i]) ? has_psk : has_certificates)
            context->suites[num++] = suites_1_0[i];
    }
}

static int32_t use_algorithms(struct libdtls_context *context, const struct dtlslab_config *config,
                              char *message) {
    if (config->cipher_suites.num > LIBDTLS_MAX_LIST || config->groups.num > LIBDTLS_MAX_LIST ||
        config->signature_schemes.num > LIBDTLS_MAX_LIST) {
        return adapter_refuse(DTLSLAB_INVALID, message, "a list of algorithms is longer than %d",
                              LIBDTLS_MAX_LIST);
    }
    for (uint32_t i = 0; i < config->cipher_suites.num; i++)
        context->suites[i] = dtls_cipher_suite_by_code(config->cipher_suites.codes[i]);
    if (config->cipher_suites.num == 0)
        use_default_suites(context, config);
    for (uint32_t i = 0; i < config->groups.num; i++)
        context->groups[i] = dtls_group_by_code(config->groups.codes[i]);
    for (uint32_t i = 0; i < config->signature_schemes.num; i++)
        context->schemes[i] = dtls_signature_scheme_by_code(config->signature_schemes.codes[i]);
    context->config.cipher_suites = context->suites;
    context->config.groups = config->groups.num > 0 ? context->groups : dtls_default_groups;
    context->config.signature_schemes =
        config->signature_schemes.num > 0 ? context->schemes : dtls_default_signature_schemes;
    return DTLSLAB_OK;
}

static void use_extensions(struct libdtls_context *context, const struct dtlslab_config *config) {
    size_t num = 0;

    for (size_t i = 0; dtls_default_extensions[i] != NULL && num < LIBDTLS_MAX_LIST; i++) {
        const dtls_extension *extension = dtls_default_extensions[i];
        const bool is_off =
            extension == &dtls_extension_extended_master_secret
                ? config->extended_master_secret == DTLSLAB_OFF
                : extension == &dtls_extension_encrypt_then_mac && config->encrypt_then_mac == DTLSLAB_OFF;

        if (!is_off)
            context->extensions[num++] = extension;
    }
    if (config->connection_id == DTLSLAB_ON && num < LIBDTLS_MAX_LIST)
        context->extensions[num++] = &dtls_extension_connection_id;
    context->config.extensions = context->extensions;
}

/* The laboratory wants to see connections move, so the peer's new address is taken at its word. */
static int32_t use_connection_id(struct libdtls_context *context, const struct dtlslab_config *config,
                                 char *message) {
    const uint32_t len = config->connection_id == DTLSLAB_ON ? config->local_connection_id.len : 0;

    if (len > sizeof context->connection_id) {
        return adapter_refuse(DTLSLAB_INVALID, message, "a connection ID has at most %zu bytes",
                              sizeof context->connection_id);
    }
    if (len > 0)
        memcpy(context->connection_id, config->local_connection_id.data, len);
    context->connection_id_len = len;
    context->config.max_connection_id = len > 32 ? len : 0;
    context->config.path_policy = DTLS_PATH_FOLLOW;
    return DTLSLAB_OK;
}

/* Whether the certificate's key verifies what the private key signs. */
static bool key_fits(const struct libdtls_context *context) {
    static const uint8_t digest[32];
    uint8_t signature[DTLS_MAX_SIGNATURE];
    size_t signature_len = sizeof signature;
    _Alignas(max_align_t) uint8_t slot[DTLS_SLOTS_MAX] = {0};
    dtls_key_type type;

    if (dtls_libcrypto.certificates_read(dtls_libcrypto.state, slot, context->chain, 1, DTLS_KEY_SIGNS, NULL,
                                         NULL, &type) != DTLS_OK) {
        return false;
    }
    const unsigned scheme = type == DTLS_KEY_ECDSA     ? 0x0403
                            : type == DTLS_KEY_ED25519 ? 0x0807
                            : type == DTLS_KEY_RSA_PSS ? 0x0809
                                                       : 0x0804;
    const bool fits =
        dtls_libcrypto.sign(dtls_libcrypto.state, context->private_key, scheme, digest, sizeof digest,
                            signature, &signature_len) == DTLS_OK &&
        dtls_libcrypto.verify(slot, scheme, digest, sizeof digest, signature, signature_len) == DTLS_OK;
    dtls_libcrypto.public_key_clear(slot);
    return fits;
}

static int32_t use_certificate(struct libdtls_context *context, const struct dtlslab_config *config,
                               char *message) {
    dtls_credential *credential = &context->credential;

    credential->chain_len = DTLS_MAX_CHAIN;
    if (dtls_libcrypto_chain_read(config->certificate_chain.data, config->certificate_chain.len,
                                  context->chain_bytes, sizeof context->chain_bytes, context->chain,
                                  &credential->chain_len) != DTLS_OK) {
        return adapter_refuse(DTLSLAB_INVALID, message, "the certificate chain cannot be used");
    }
    if (dtls_libcrypto_private_key_read(config->private_key.data, config->private_key.len,
                                        &context->private_key, &credential->key_type) != DTLS_OK) {
        return adapter_refuse(DTLSLAB_INVALID, message, "the private key cannot be used");
    }
    if (!key_fits(context))
        return adapter_refuse(DTLSLAB_INVALID, message, "the private key is not the certificate's");
    credential->chain = context->chain;
    credential->private_key = context->private_key;
    credential->curve = dtls_libcrypto_private_key_curve(context->private_key);
    context->config.credentials = credential;
    context->config.num_credentials = 1;
    return DTLSLAB_OK;
}

static int32_t use_authentication(struct libdtls_context *context, const struct dtlslab_config *config,
                                  char *message) {
    context->config.verification = DTLS_VERIFY_NOTHING;
    context->config.client_auth = (dtls_client_auth)config->client_auth;
    if (config->raw_public_keys == DTLSLAB_ON)
        return libdtls_use_raw_keys(context, config, message);
    if (config->trust_anchors.len > 0) {
        if (dtls_libcrypto_trust_anchors_read(config->trust_anchors.data, config->trust_anchors.len,
                                              &context->anchors) != DTLS_OK) {
            return adapter_refuse(DTLSLAB_INVALID, message, "no trust anchor can be read");
        }
        context->config.verification = DTLS_VERIFY_ANCHORS;
        context->config.trust_anchors = context->anchors;
    }
    if (config->role == DTLSLAB_CLIENT && config->server_name != NULL) {
        if (strlen(config->server_name) >= sizeof context->server_name)
            return adapter_refuse(DTLSLAB_INVALID, message, "the server name is too long");
        memcpy(context->server_name, config->server_name, strlen(config->server_name) + 1);
        context->config.peer_name = context->server_name;
    }
    return config->certificate_chain.len > 0 ? use_certificate(context, config, message) : DTLSLAB_OK;
}

static int32_t use_psk(struct libdtls_context *context, const struct dtlslab_config *config, char *message) {
    if (config->psk_identity.len > 128 || config->psk_key.len > sizeof context->psk_key ||
        config->psk_hint.len > sizeof context->psk_hint) {
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message,
                              "libdtls takes identities up to 128 bytes and keys up to %d",
                              LIBDTLS_MAX_PSK_KEY);
    }
    context->psk_identity_len = config->psk_identity.len;
    context->psk_key_len = config->psk_key.len;
    if (config->psk_identity.len > 0)
        memcpy(context->psk_identity, config->psk_identity.data, config->psk_identity.len);
    if (config->psk_key.len > 0)
        memcpy(context->psk_key, config->psk_key.data, config->psk_key.len);
    if (config->psk_hint.len > 0) {
        memcpy(context->psk_hint, config->psk_hint.data, config->psk_hint.len);
        context->config.psk_identity_hint =
            (dtls_span){.data = context->psk_hint, .len = config->psk_hint.len};
    }
    return DTLSLAB_OK;
}

/* DTLS 1.0 is only for those who name it. */
static void use_versions(struct libdtls_context *context, const struct dtlslab_config *config) {
    const bool server = config->role == DTLSLAB_SERVER;
    size_t num = 0;

    if (config->max_version != DTLS_VERSION_1_0)
        context->protocols[num++] = server ? &dtls_server_1_2 : &dtls_client_1_2;
    if (config->min_version == DTLS_VERSION_1_0 || config->max_version == DTLS_VERSION_1_0)
        context->protocols[num++] = server ? &dtls_server_1_0 : &dtls_client_1_0;
}

static void use_numbers(struct libdtls_context *context, const struct dtlslab_config *config) {
    context->config.crypto = &context->provider.crypto;
    context->config.key_log = true;
    context->config.allow_legacy = true; /* the default suites have none */
    context->config.mtu = config->mtu;
    context->config.max_message = LIBDTLS_MAX_CHAIN_BYTES;
    context->config.kept_transcript = (size_t)2 * LIBDTLS_MAX_CHAIN_BYTES;
    context->config.initial_timeout_ns = config->initial_timeout_ns;
    use_versions(context, config);
    context->config.protocols = context->protocols;
    context->mtu = config->mtu;
    context->calendar_s = config->calendar_seconds;
    /* RFC 6347 section 4.2.1: a server should ask for cookies unless it is told not to. */
    context->use_cookies = config->role == DTLSLAB_SERVER && config->cookies != DTLSLAB_OFF;
    adapter_random(&context->cookie_secret, sizeof context->cookie_secret);
}

/* A client offers its last session, whichever way it can be resumed. */
static void use_resumption(struct libdtls_context *context, const struct dtlslab_config *config) {
    if (config->tickets != DTLSLAB_ON && config->session_ids != DTLSLAB_ON)
        return;
    if (config->role == DTLSLAB_CLIENT) {
        context->config.resumption = &dtls_resumption_client;
        return;
    }
    context->config.resumption = &dtls_resumption_server;
    context->config.session_cache = config->session_ids == DTLSLAB_ON;
    if (config->tickets != DTLSLAB_ON)
        return;
    context->ticket_keys.aead = DTLS_AEAD_AES_256_GCM;
    adapter_random(&context->ticket_keys.current, sizeof context->ticket_keys.current);
    context->config.ticket_keys = &context->ticket_keys;
}

static int32_t check(const struct libdtls_context *context, char *message) {
    if (context->mtu != 0 && context->mtu < MIN_MTU) {
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message, "libdtls makes no datagrams below %u bytes",
                              MIN_MTU);
    }
    dtls_config_problem problem = {.field = "", .expected = ""};

    if (dtls_config_check(&context->config, &problem) != DTLS_OK)
        return adapter_refuse(DTLSLAB_INVALID, message, "%s: %s", problem.field, problem.expected);
    return DTLSLAB_OK;
}

int32_t libdtls_configure(struct dtlslab_endpoint *endpoint, const struct dtlslab_config *config,
                          char *message) {
    struct libdtls_context *context = calloc(1, sizeof *context);

    if (context == NULL)
        return adapter_refuse(DTLSLAB_FAILED, message, "there is no memory for a context");
    if (dtls_libcrypto_open(&context->provider) != DTLS_OK) {
        free(context);
        return adapter_refuse(DTLSLAB_FAILED, message, "libcrypto lacks SHA-256, or memory");
    }
    use_numbers(context, config);
    use_resumption(context, config);
    use_extensions(context, config);
    int32_t result = use_algorithms(context, config, message);
    result = result == DTLSLAB_OK ? libdtls_use_features(context, config, message) : result;
    result = result == DTLSLAB_OK ? use_authentication(context, config, message) : result;
    result = result == DTLSLAB_OK ? use_psk(context, config, message) : result;
    result = result == DTLSLAB_OK ? use_connection_id(context, config, message) : result;
    result = result == DTLSLAB_OK ? check(context, message) : result;
    /* A server of libdtls makes an ID for each session, of its own length; the laboratory gives one for all.
     * Empty, it can be given: then sessions are found by their addresses. */
    if (result == DTLSLAB_OK && config->role == DTLSLAB_SERVER && context->connection_id_len == 0)
        result = libdtls_open_server(context, message);
    if (result == DTLSLAB_OK)
        endpoint->context = context;
    else
        libdtls_free_context(context);
    return result;
}

void libdtls_free_context(void *context) {
    struct libdtls_context *own = context;

    libdtls_close_server(own);
    dtls_libcrypto_private_key_free(own->private_key);
    dtls_libcrypto_trust_anchors_free(own->anchors);
    libdtls_free_features(own);
    dtls_libcrypto_close(&own->provider);
    dtls_libcrypto.wipe(own, sizeof *own);
    free(own);
}
