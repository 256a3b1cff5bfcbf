/* SPDX-License-Identifier: MIT
 *
 * Checks a configuration: what is needed is there, and nothing contradicts
 * itself. One check after the other; the first that finds something names the
 * field.
 */
#include "handshake/config.h"

#include "dtls/srtp.h"
#include "handshake/extensions.h"
#include "handshake/resumption.h"

#include <string.h>

/* The least path MTU, and the longest message that 24 bits of length can tell. */
#define LEAST_MESSAGE    256
#define LONGEST_MESSAGE  0xffffff
#define LONGEST_DATAGRAM 65507
#define LONGEST_NAME     255
#define MOST_PADDING     1024
#define LEAST_SIZE_LIMIT 64
#define MOST_PROTOCOLS   32

/* What a check has found: the field and, behind its NUL, what was expected. NULL: nothing is wrong. */
typedef const char *problem;
#define WRONG(field, expected) field "\0" expected

/* Functions of a provider, by their places. */
#define FUNCTION(name) (uint16_t) offsetof(dtls_crypto, name)

static const uint16_t always[] = {
    FUNCTION(random),           FUNCTION(hash_start), FUNCTION(hash_update), FUNCTION(hash_peek),
    FUNCTION(hash_clear),       FUNCTION(hmac),       FUNCTION(prf),         FUNCTION(aead_start),
    FUNCTION(aead_seal),        FUNCTION(aead_open),  FUNCTION(aead_clear),  FUNCTION(key_share_clear),
    FUNCTION(public_key_clear), FUNCTION(wipe)};
static const uint16_t for_cbc[] = {FUNCTION(cbc_start), FUNCTION(cbc_seal), FUNCTION(cbc_open),
                                   FUNCTION(cbc_clear)};
static const uint16_t for_transport[] = {FUNCTION(encrypt_premaster), FUNCTION(decrypt_premaster)};
static const uint16_t for_groups[] = {FUNCTION(key_share_start), FUNCTION(key_share_agree)};
static const uint16_t for_certificates[] = {FUNCTION(certificates_read), FUNCTION(verify), FUNCTION(sign)};

static bool lacks(const dtls_config *config, const uint16_t *functions, size_t num_functions) {
    void (*const none)(void) = NULL;
    for (size_t i = 0; i < num_functions; i++) {
        if (memcmp((const uint8_t *)config->crypto + functions[i], &none, sizeof none) == 0)
            return true;
    }
    return false;
}

static problem check_crypto(const dtls_config *config) {
    const dtls_crypto *crypto = config->crypto;
    if (crypto == NULL)
        return WRONG("crypto", "a provider");
    if (lacks(config, always, sizeof always / sizeof always[0]))
        return WRONG("crypto", "a provider with all its functions");
    if ((crypto->hash_slot | crypto->aead_slot | crypto->key_share_slot | crypto->public_key_slot) % 8 != 0)
        return WRONG("crypto", "slots whose sizes are multiples of 8");
    if ((crypto->gcm_record_seal == NULL) != (crypto->gcm_record_open == NULL))
        return WRONG("crypto", "both functions for GCM records, or none");
    return NULL;
}

/* The code of object `i` of a list; negative behind the last. */
typedef int (*code_at)(const dtls_config *config, size_t i);

static int suite_at(const dtls_config *config, size_t i) {
    return config->cipher_suites[i] == NULL ? -1 : config->cipher_suites[i]->code;
}

static int group_at(const dtls_config *config, size_t i) {
    return config->groups[i] == NULL ? -1 : config->groups[i]->code;
}

static int scheme_at(const dtls_config *config, size_t i) {
    return config->signature_schemes[i] == NULL ? -1 : config->signature_schemes[i]->code;
}

static int extension_at(const dtls_config *config, size_t i) {
    const dtls_extension *extension = dtls_extension_at(config, i);
    return extension == NULL ? -1 : extension->code;
}

/* At most so many, and each once; `expected` says that. */
static problem check_list(const dtls_config *config, code_at code, size_t most, problem expected) {
    for (size_t i = 0; code(config, i) >= 0; i++) {
        if (i == most)
            return expected;
        for (size_t j = 0; j < i; j++) {
            if (code(config, i) == code(config, j))
                return expected;
        }
    }
    return NULL;
}

static problem check_protocols(const dtls_config *config) {
    if (config->protocols == NULL || config->protocols[0] == NULL)
        return WRONG("protocols", "a list with at least one protocol");
    for (const dtls_protocol *const *p = config->protocols; *p != NULL; p++) {
        if ((*p)->role != config->protocols[0]->role)
            return WRONG("protocols", "protocols of one role");
    }
    return NULL;
}

static problem check_suites(const dtls_config *config) {
    if (config->cipher_suites == NULL || config->cipher_suites[0] == NULL)
        return WRONG("cipher_suites", "a list with at least one suite");
    const problem found =
        check_list(config, suite_at, DTLS_MAX_SUITES, WRONG("cipher_suites", "at most 64 suites, each once"));
    if (found != NULL)
        return found;
    for (const dtls_cipher_suite *const *suite = config->cipher_suites; *suite != NULL; suite++) {
        if ((*suite)->protection->encrypt_then_mac != NULL &&
            lacks(config, for_cbc, sizeof for_cbc / sizeof for_cbc[0]))
            return WRONG("cipher_suites", "no CBC suites with a provider that has no CBC");
        if ((*suite)->key_exchange->legacy && !config->allow_legacy)
            return WRONG("allow_legacy", "the permission for RSA key transport, which a suite has");
        if ((*suite)->key_exchange->legacy &&
            lacks(config, for_transport, sizeof for_transport / sizeof for_transport[0]))
            return WRONG("cipher_suites", "no RSA key transport with a provider that has none");
    }
    return NULL;
}

/* Each version has a suite; the first is the newest. */
static problem check_versions(const dtls_config *config) {
    for (const dtls_protocol *const *p = config->protocols; *p != NULL; p++) {
        const dtls_cipher_suite *const *suite = config->cipher_suites;
        while (*suite != NULL && !dtls_protocol_takes(*p, *suite))
            suite++;
        if (*suite == NULL)
            return WRONG("cipher_suites", "a suite for each of the protocols");
        if (p != config->protocols && p[-1]->version >= (*p)->version)
            return WRONG("protocols", "newer versions in front of older ones");
    }
    return NULL;
}

static problem check_groups(const dtls_config *config) {
    const bool needed = dtls_config_has_groups(config);
    if (needed && lacks(config, for_groups, sizeof for_groups / sizeof for_groups[0]))
        return WRONG("crypto", "a provider with key agreement");
    if (config->groups == NULL || config->groups[0] == NULL)
        return needed ? WRONG("groups", "at least one group, for the suites with ephemeral keys") : NULL;
    return check_list(config, group_at, DTLS_MAX_GROUPS, WRONG("groups", "at most 32 groups, each once"));
}

static problem check_schemes(const dtls_config *config) {
    const bool needed = dtls_config_has_certificates(config);
    if (needed && lacks(config, for_certificates, sizeof for_certificates / sizeof for_certificates[0]))
        return WRONG("crypto", "a provider with certificates and signatures");
    if (config->signature_schemes == NULL || config->signature_schemes[0] == NULL)
        return needed ? WRONG("signature_schemes", "at least one scheme, for the suites with certificates")
                      : NULL;
    return check_list(config, scheme_at, DTLS_MAX_SCHEMES,
                      WRONG("signature_schemes", "at most 32 schemes, each once"));
}

static problem check_extensions(const dtls_config *config) {
    return check_list(config, extension_at, DTLS_MAX_EXTENSIONS,
                      WRONG("extensions", "at most 32 extensions, those of the suites included, each once"));
}

/* Each holds bytes, at most so many. */
static bool all_filled(const dtls_span *spans, size_t num, size_t most) {
    for (size_t i = 0; i < num; i++) {
        if (spans[i].data == NULL || spans[i].len == 0 || spans[i].len > most)
            return false;
    }
    return true;
}

static bool known_type(dtls_certificate_type type) {
    return type == DTLS_CERTIFICATE_X509 || type == DTLS_CERTIFICATE_RAW_PUBLIC_KEY;
}

static bool whole_chain(const dtls_credential *credential) {
    const size_t longest = credential->type == DTLS_CERTIFICATE_X509 ? DTLS_MAX_CHAIN : 1;
    if (credential->chain == NULL || credential->chain_len == 0 || credential->chain_len > longest)
        return false;
    if (!all_filled(credential->chain, credential->chain_len, LONGEST_MESSAGE))
        return false;
    size_t len = 3;
    for (size_t i = 0; i < credential->chain_len; i++)
        len += 3 + credential->chain[i].len;
    return len <= LONGEST_MESSAGE;
}

static problem check_credentials(const dtls_config *config) {
    if (config->num_credentials > 0 && config->credentials == NULL)
        return WRONG("credentials", "as many credentials as num_credentials says");
    for (size_t i = 0; i < config->num_credentials; i++) {
        const dtls_credential *credential = &config->credentials[i];
        if (!whole_chain(credential))
            return WRONG("credentials", "chains of 1 to 10 certificates in DER, or one public key");
        if (credential->key_type < DTLS_KEY_ECDSA || credential->key_type > DTLS_KEY_RSA_PSS)
            return WRONG("credentials", "a known key_type");
        if (!known_type(credential->type))
            return WRONG("credentials", "a value of dtls_certificate_type");
        if (credential->ocsp_response.len > LONGEST_MESSAGE - 4 ||
            (credential->ocsp_response.len > 0 &&
             (credential->ocsp_response.data == NULL || credential->type != DTLS_CERTIFICATE_X509)))
            return WRONG("credentials", "OCSP responses of certificates");
    }
    if (config->max_certificate_chain == 0)
        return NULL;
    dtls_config needed = *config;
    needed.max_certificate_chain = 0;
    if (config->max_certificate_chain < dtls_config_certificate_message(&needed) ||
        config->max_certificate_chain > LONGEST_MESSAGE)
        return WRONG("max_certificate_chain", "room for the longest of our own chains");
    return NULL;
}

/* A server can do nothing with suites for which it has no certificate: some suite must be usable. */
static problem check_server(const dtls_config *config) {
    if (config->protocols[0]->role != DTLS_SERVER)
        return NULL;
    for (const dtls_cipher_suite *const *suite = config->cipher_suites; *suite != NULL; suite++) {
        if ((*suite)->key_exchange->certificates == NULL)
            return NULL;
        for (size_t i = 0; i < config->num_credentials; i++) {
            if (dtls_suite_takes_key(*suite, config->credentials[i].key_type))
                return NULL;
        }
    }
    return WRONG("credentials", "a certificate for some of the server's suites");
}

static problem check_verification(const dtls_config *config) {
    if (config->verification < DTLS_VERIFY_ANCHORS ||
        config->verification > DTLS_VERIFY_ANCHORS_AND_APPLICATION)
        return WRONG("verification", "a value of dtls_verification");
    if (config->client_auth < DTLS_CLIENT_AUTH_NONE || config->client_auth > DTLS_CLIENT_AUTH_REQUIRE)
        return WRONG("client_auth", "a value of dtls_client_auth");
    const bool server = config->protocols[0]->role == DTLS_SERVER;
    const bool verifies =
        dtls_config_has_certificates(config) && (!server || config->client_auth != DTLS_CLIENT_AUTH_NONE);
    if (verifies && dtls_config_has_anchors_decide(config) && config->trust_anchors == NULL &&
        dtls_config_takes_type(config, DTLS_CERTIFICATE_X509))
        return WRONG("trust_anchors", "anchors, since `verification` says that they decide");
    if (config->peer_name != NULL && strlen(config->peer_name) > LONGEST_NAME)
        return WRONG("peer_name", "at most 255 bytes");
    return NULL;
}

static problem check_public_keys(const dtls_config *config) {
    if ((config->num_known_public_keys > 0 && config->known_public_keys == NULL) ||
        !all_filled(config->known_public_keys, config->num_known_public_keys, LONGEST_MESSAGE))
        return WRONG("known_public_keys", "SubjectPublicKeyInfos in DER");
    if (dtls_config_takes_type(config, DTLS_CERTIFICATE_RAW_PUBLIC_KEY) &&
        dtls_config_has_anchors_decide(config) && config->num_known_public_keys == 0)
        return WRONG("known_public_keys", "at least one, since raw public keys are taken");
    return NULL;
}

/* A type that is not X.509 must be agreed on; each direction has its extension. */
static problem check_certificate_types(const dtls_config *config) {
    static const unsigned codes[] = {DTLS_CODE_CLIENT_CERTIFICATE_TYPE, DTLS_CODE_SERVER_CERTIFICATE_TYPE};
    const bool server = config->protocols[0]->role == DTLS_SERVER;
    if (config->num_peer_certificate_types > 0 && config->peer_certificate_types == NULL)
        return WRONG("peer_certificate_types", "as many types as num_peer_certificate_types says");
    for (size_t i = 0; i < config->num_peer_certificate_types; i++) {
        if (!known_type(config->peer_certificate_types[i]))
            return WRONG("peer_certificate_types", "values of dtls_certificate_type");
    }
    bool raw = dtls_config_takes_type(config, DTLS_CERTIFICATE_RAW_PUBLIC_KEY);
    if (raw && !dtls_config_has_extension(config, codes[!server]))
        return WRONG("peer_certificate_types", "the extension by which raw public keys are agreed on");
    for (size_t i = 0; i < config->num_credentials; i++) {
        if (config->credentials[i].type != DTLS_CERTIFICATE_RAW_PUBLIC_KEY)
            continue;
        raw = true;
        if (!dtls_config_has_extension(config, codes[server]))
            return WRONG("credentials", "the extension by which raw public keys are agreed on");
    }
    if (raw && config->crypto->public_key_read == NULL)
        return WRONG("crypto", "a provider that reads raw public keys");
    return check_public_keys(config);
}

/* A client that can show a certificate only by a signature over the whole handshake must keep it. */
static problem check_kept(const dtls_config *config) {
    for (size_t i = 0; i < config->num_credentials; i++) {
        if (config->protocols[0]->role == DTLS_CLIENT && config->kept_transcript == 0 &&
            config->credentials[i].key_type == DTLS_KEY_ED25519)
            return WRONG("kept_transcript", "room for the handshake, which a client's Ed25519 key signs");
    }
    return NULL;
}

/* RFC 8446 section 4.6.1 has the longest lifetime; RFC 5077 has none. */
#define LONGEST_LIFETIME 604800
#define LONGEST_TICKET   0xffff

static problem check_resumption(const dtls_config *config) {
    const dtls_ticket_keys *keys = config->ticket_keys;
    if (config->resumption == NULL)
        return keys != NULL || config->session_cache
                   ? WRONG("resumption", "dtls_resumption_server, for tickets or a cache")
                   : NULL;
    if (config->resumption->role != config->protocols[0]->role)
        return WRONG("resumption", "an object of the protocols' role");
    if (keys != NULL && keys->aead != DTLS_AEAD_AES_128_GCM && keys->aead != DTLS_AEAD_AES_256_GCM &&
        keys->aead != DTLS_AEAD_CHACHA20_POLY1305 && keys->aead != DTLS_AEAD_AES_128_CCM &&
        keys->aead != DTLS_AEAD_AES_256_CCM)
        return WRONG("ticket_keys", "an AEAD with a tag of 16 bytes");
    if (config->max_ticket > LONGEST_TICKET)
        return WRONG("max_ticket", "at most 65,535 bytes, or 0");
    if (config->session_lifetime_s > LONGEST_LIFETIME)
        return WRONG("session_lifetime_s", "at most 604,800 s, or 0");
    return NULL;
}

static bool known_srtp_profile(unsigned profile) {
    return profile == DTLS_SRTP_AES128_CM_SHA1_80 || profile == DTLS_SRTP_AES128_CM_SHA1_32 ||
           profile == DTLS_SRTP_AEAD_AES_128_GCM || profile == DTLS_SRTP_AEAD_AES_256_GCM;
}

static problem check_srtp(const dtls_config *config) {
    const dtls_srtp *srtp = config->srtp;
    if (srtp == NULL)
        return NULL;
    if (srtp->profiles == NULL || srtp->num_profiles == 0)
        return WRONG("srtp", "at least one profile");
    for (size_t i = 0; i < srtp->num_profiles; i++) {
        if (!known_srtp_profile(srtp->profiles[i]))
            return WRONG("srtp", "profiles of RFC 5764 and RFC 7714 that encrypt");
        for (size_t j = 0; j < i; j++) {
            if (srtp->profiles[i] == srtp->profiles[j])
                return WRONG("srtp", "each profile once");
        }
    }
    if (srtp->mki.len > 255 || (srtp->mki.data == NULL && srtp->mki.len > 0))
        return WRONG("srtp", "an MKI of at most 255 bytes");
    return NULL;
}

static problem check_protocol_names(const dtls_config *config) {
    if ((config->num_application_protocols > 0 && config->application_protocols == NULL) ||
        !all_filled(config->application_protocols, config->num_application_protocols, 255))
        return WRONG("application_protocols", "at most 32 names of 1 to 255 bytes");
    return NULL;
}

/* Sizes and numbers that have a limit. */
static const struct limit {
    size_t at;
    size_t most;
    problem problem;
} limits[] = {
    {offsetof(dtls_config, num_credentials), DTLS_MAX_CREDENTIALS, WRONG("num_credentials", "at most 32")},
    {offsetof(dtls_config, num_application_protocols), MOST_PROTOCOLS,
     WRONG("application_protocols", "at most 32 names of 1 to 255 bytes")},
    {offsetof(dtls_config, max_server_name), LONGEST_NAME, WRONG("max_server_name", "at most 255 bytes")},
    {offsetof(dtls_config, max_connection_id), DTLS_MAX_CID, WRONG("max_connection_id", "at most 255 bytes")},
    {offsetof(dtls_config, record_padding), MOST_PADDING, WRONG("record_padding", "at most 1,024 bytes")},
    {offsetof(dtls_config, kept_transcript), LONGEST_MESSAGE,
     WRONG("kept_transcript", "at most 16,777,215 bytes")},
};

static problem check_limits(const dtls_config *config) {
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        size_t value;
        memcpy(&value, (const uint8_t *)config + limits[i].at, sizeof value);
        if (value > limits[i].most)
            return limits[i].problem;
    }
    return NULL;
}

static problem check_values(const dtls_config *config) {
    if (config->psk_identity_hint.len > DTLS_MAX_PSK_IDENTITY ||
        (config->psk_identity_hint.len > 0 && config->psk_identity_hint.data == NULL))
        return WRONG("psk_identity_hint", "at most 128 bytes");
    if (config->fallback_scsv && config->protocols[0]->version == DTLS_VERSION_1_2)
        return WRONG("fallback_scsv", "false with DTLS 1.2, below which one falls back");
    if (dtls_config_mtu(config) < DTLS_LEAST_MTU || dtls_config_mtu(config) > LONGEST_DATAGRAM)
        return WRONG("mtu", "128 to 65,507 bytes, or 0");
    if (config->record_size_limit != 0 &&
        (config->record_size_limit < LEAST_SIZE_LIMIT || config->record_size_limit > DTLS_MAX_PLAINTEXT))
        return WRONG("record_size_limit", "64 to 16,384 bytes, or 0");
    if (config->max_fragment_length != 0 && config->max_fragment_length != 512 &&
        config->max_fragment_length != 1024 && config->max_fragment_length != 2048 &&
        config->max_fragment_length != 4096)
        return WRONG("max_fragment_length", "512, 1,024, 2,048 or 4,096 bytes, or 0");
    if (dtls_config_has_extension(config, DTLS_CODE_CONNECTION_ID) &&
        dtls_config_mtu(config) < dtls_config_least_mtu(config))
        return WRONG("mtu", "128 bytes besides connection ID and padding");
    if (config->path_policy < DTLS_PATH_ASK || config->path_policy > DTLS_PATH_KEEP)
        return WRONG("path_policy", "a value of dtls_path_policy");
    if (dtls_config_max_message(config) < LEAST_MESSAGE || dtls_config_max_message(config) > LONGEST_MESSAGE)
        return WRONG("max_message", "256 to 16,777,215 bytes, or 0");
    if (dtls_config_max_timeout(config) < dtls_config_initial_timeout(config))
        return WRONG("max_timeout_ns", "no less than initial_timeout_ns");
    return NULL;
}

dtls_error dtls_config_check(const dtls_config *config, dtls_config_problem *out_problem) {
    static problem (*const checks[])(const dtls_config *) = {
        check_limits,      check_crypto,
        check_protocols,   check_suites,
        check_versions,    check_groups,
        check_schemes,     check_extensions,
        check_credentials, check_certificate_types,
        check_server,      check_verification,
        check_kept,        check_resumption,
        check_srtp,        check_protocol_names,
        check_values,
    };
    if (config == NULL)
        return DTLS_ERROR_CONFIG;
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        const problem found = checks[i](config);
        if (found == NULL)
            continue;
        if (out_problem != NULL)
            *out_problem = (dtls_config_problem){.field = found, .expected = found + strlen(found) + 1};
        return DTLS_ERROR_CONFIG;
    }
    return DTLS_OK;
}
