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

typedef dtls_config_problem problem;

static const problem fine = {.field = NULL};

static problem wrong(const char *field, const char *expected) {
    return (problem){.field = field, .expected = expected};
}

static problem check_crypto(const dtls_config *config) {
    const dtls_crypto *crypto = config->crypto;
    if (crypto == NULL)
        return wrong("crypto", "a provider");
    if (crypto->random == NULL || crypto->hash_start == NULL || crypto->hash_update == NULL ||
        crypto->hash_peek == NULL || crypto->hash_clear == NULL || crypto->hmac == NULL ||
        crypto->prf == NULL || crypto->aead_start == NULL || crypto->aead_seal == NULL ||
        crypto->aead_open == NULL || crypto->aead_clear == NULL || crypto->key_share_clear == NULL ||
        crypto->public_key_clear == NULL || crypto->wipe == NULL)
        return wrong("crypto", "a provider with all its functions");
    if (crypto->hash_slot % 8 != 0 || crypto->aead_slot % 8 != 0 || crypto->key_share_slot % 8 != 0 ||
        crypto->public_key_slot % 8 != 0)
        return wrong("crypto", "slots whose sizes are multiples of 8");
    return fine;
}

static problem check_protocols(const dtls_config *config) {
    if (config->protocols == NULL || config->protocols[0] == NULL)
        return wrong("protocols", "a list with at least one protocol");
    for (const dtls_protocol *const *p = config->protocols; *p != NULL; p++) {
        if ((*p)->role != config->protocols[0]->role)
            return wrong("protocols", "protocols of one role");
    }
    return fine;
}

static problem check_suites(const dtls_config *config) {
    if (config->cipher_suites == NULL || config->cipher_suites[0] == NULL)
        return wrong("cipher_suites", "a list with at least one suite");
    for (size_t i = 0; config->cipher_suites[i] != NULL; i++) {
        if (i == DTLS_MAX_SUITES)
            return wrong("cipher_suites", "at most 64 suites");
        if (config->cipher_suites[i]->protection->encrypt_then_mac != NULL &&
            (config->crypto->cbc_start == NULL || config->crypto->cbc_seal == NULL ||
             config->crypto->cbc_open == NULL || config->crypto->cbc_clear == NULL))
            return wrong("cipher_suites", "no CBC suites with a provider that has no CBC");
        if (config->cipher_suites[i]->key_exchange->legacy && !config->allow_legacy)
            return wrong("allow_legacy", "the permission for RSA key transport, which a suite has");
        if (config->cipher_suites[i]->key_exchange->legacy &&
            (config->crypto->encrypt_premaster == NULL || config->crypto->decrypt_premaster == NULL))
            return wrong("cipher_suites", "no RSA key transport with a provider that has none");
        for (size_t j = 0; j < i; j++) {
            if (config->cipher_suites[i]->code == config->cipher_suites[j]->code)
                return wrong("cipher_suites", "each suite once");
        }
    }
    return fine;
}

/* Each version has a suite; the first is the newest. */
static problem check_versions(const dtls_config *config) {
    for (const dtls_protocol *const *p = config->protocols; *p != NULL; p++) {
        const dtls_cipher_suite *const *suite = config->cipher_suites;
        while (*suite != NULL && !dtls_protocol_takes(*p, *suite))
            suite++;
        if (*suite == NULL)
            return wrong("cipher_suites", "a suite for each of the protocols");
        if (p != config->protocols && p[-1]->version >= (*p)->version)
            return wrong("protocols", "newer versions in front of older ones");
    }
    return fine;
}

static problem check_groups(const dtls_config *config) {
    if (config->groups == NULL || config->groups[0] == NULL)
        return dtls_config_has_groups(config)
                   ? wrong("groups", "at least one group, for the suites with ephemeral keys")
                   : fine;
    for (size_t i = 0; config->groups[i] != NULL; i++) {
        if (i == DTLS_MAX_GROUPS)
            return wrong("groups", "at most 32 groups");
        for (size_t j = 0; j < i; j++) {
            if (config->groups[i]->code == config->groups[j]->code)
                return wrong("groups", "each group once");
        }
    }
    return fine;
}

static problem check_schemes(const dtls_config *config) {
    if (config->signature_schemes == NULL || config->signature_schemes[0] == NULL)
        return dtls_config_has_certificates(config)
                   ? wrong("signature_schemes", "at least one scheme, for the suites with certificates")
                   : fine;
    for (size_t i = 0; config->signature_schemes[i] != NULL; i++) {
        if (i == DTLS_MAX_SCHEMES)
            return wrong("signature_schemes", "at most 32 schemes");
        for (size_t j = 0; j < i; j++) {
            if (config->signature_schemes[i]->code == config->signature_schemes[j]->code)
                return wrong("signature_schemes", "each scheme once");
        }
    }
    return fine;
}

static problem check_extensions(const dtls_config *config) {
    const dtls_extension *extension;
    for (size_t i = 0; (extension = dtls_extension_at(config, i)) != NULL; i++) {
        if (i == DTLS_MAX_EXTENSIONS)
            return wrong("extensions", "at most 32 extensions, those of the suites included");
        for (size_t j = 0; j < i; j++) {
            if (dtls_extension_at(config, j)->code == extension->code)
                return wrong("extensions", "each extension once");
        }
    }
    return fine;
}

static bool known_type(dtls_certificate_type type) {
    return type == DTLS_CERTIFICATE_X509 || type == DTLS_CERTIFICATE_RAW_PUBLIC_KEY;
}

static bool whole_chain(const dtls_credential *credential) {
    const size_t longest = credential->type == DTLS_CERTIFICATE_X509 ? DTLS_MAX_CHAIN : 1;
    if (credential->chain == NULL || credential->chain_len == 0 || credential->chain_len > longest)
        return false;
    for (size_t i = 0; i < credential->chain_len; i++) {
        if (credential->chain[i].data == NULL || credential->chain[i].len == 0)
            return false;
    }
    return true;
}

static problem check_credentials(const dtls_config *config) {
    if (config->num_credentials > 0 && config->credentials == NULL)
        return wrong("credentials", "as many credentials as num_credentials says");
    if (config->num_credentials > DTLS_MAX_CREDENTIALS)
        return wrong("num_credentials", "at most 32");
    for (size_t i = 0; i < config->num_credentials; i++) {
        const dtls_credential *credential = &config->credentials[i];
        if (!whole_chain(credential))
            return wrong("credentials", "chains of 1 to 10 certificates in DER, or one public key");
        if (credential->key_type < DTLS_KEY_ECDSA || credential->key_type > DTLS_KEY_RSA_PSS)
            return wrong("credentials", "a known key_type");
        if (!known_type(credential->type))
            return wrong("credentials", "a value of dtls_certificate_type");
        if (credential->ocsp_response.len > LONGEST_MESSAGE - 4 ||
            (credential->ocsp_response.len > 0 &&
             (credential->ocsp_response.data == NULL || credential->type != DTLS_CERTIFICATE_X509)))
            return wrong("credentials", "OCSP responses of certificates");
    }
    if (config->max_certificate_chain == 0)
        return fine;
    dtls_config needed = *config;
    needed.max_certificate_chain = 0;
    if (config->max_certificate_chain < dtls_config_certificate_message(&needed) ||
        config->max_certificate_chain > LONGEST_MESSAGE)
        return wrong("max_certificate_chain", "room for the longest of our own chains");
    return fine;
}

/* A server can do nothing with suites for which it has no certificate: some suite must be usable. */
static problem check_server(const dtls_config *config) {
    if (config->protocols[0]->role != DTLS_SERVER)
        return fine;
    for (const dtls_cipher_suite *const *suite = config->cipher_suites; *suite != NULL; suite++) {
        if ((*suite)->key_exchange->certificates == NULL)
            return fine;
        for (size_t i = 0; i < config->num_credentials; i++) {
            if (dtls_suite_takes_key(*suite, config->credentials[i].key_type))
                return fine;
        }
    }
    return wrong("credentials", "a certificate for some of the server's suites");
}

static problem check_verification(const dtls_config *config) {
    if (config->verification < DTLS_VERIFY_ANCHORS || config->verification > DTLS_VERIFY_NOTHING)
        return wrong("verification", "a value of dtls_verification");
    if (config->client_auth < DTLS_CLIENT_AUTH_NONE || config->client_auth > DTLS_CLIENT_AUTH_REQUIRE)
        return wrong("client_auth", "a value of dtls_client_auth");
    const bool server = config->protocols[0]->role == DTLS_SERVER;
    const bool verifies =
        dtls_config_has_certificates(config) && (!server || config->client_auth != DTLS_CLIENT_AUTH_NONE);
    if (verifies && config->verification == DTLS_VERIFY_ANCHORS && config->trust_anchors == NULL &&
        dtls_config_takes_type(config, DTLS_CERTIFICATE_X509))
        return wrong("trust_anchors", "anchors, since `verification` says that they decide");
    if (config->peer_name != NULL && strlen(config->peer_name) > LONGEST_NAME)
        return wrong("peer_name", "at most 255 bytes");
    return fine;
}

static problem check_public_keys(const dtls_config *config) {
    static const char keys[] = "SubjectPublicKeyInfos in DER";
    if (config->num_known_public_keys > 0 && config->known_public_keys == NULL)
        return wrong("known_public_keys", keys);
    for (size_t i = 0; i < config->num_known_public_keys; i++) {
        if (config->known_public_keys[i].data == NULL || config->known_public_keys[i].len == 0)
            return wrong("known_public_keys", keys);
    }
    if (dtls_config_takes_type(config, DTLS_CERTIFICATE_RAW_PUBLIC_KEY) &&
        config->verification == DTLS_VERIFY_ANCHORS && config->num_known_public_keys == 0)
        return wrong("known_public_keys", "at least one, since raw public keys are taken");
    return fine;
}

/* A type that is not X.509 must be agreed on; each direction has its extension. */
static problem check_certificate_types(const dtls_config *config) {
    static const unsigned codes[] = {DTLS_CODE_CLIENT_CERTIFICATE_TYPE, DTLS_CODE_SERVER_CERTIFICATE_TYPE};
    const bool server = config->protocols[0]->role == DTLS_SERVER;
    if (config->num_peer_certificate_types > 0 && config->peer_certificate_types == NULL)
        return wrong("peer_certificate_types", "as many types as num_peer_certificate_types says");
    for (size_t i = 0; i < config->num_peer_certificate_types; i++) {
        if (!known_type(config->peer_certificate_types[i]))
            return wrong("peer_certificate_types", "values of dtls_certificate_type");
    }
    bool raw = dtls_config_takes_type(config, DTLS_CERTIFICATE_RAW_PUBLIC_KEY);
    if (raw && !dtls_config_has_extension(config, codes[!server]))
        return wrong("peer_certificate_types", "the extension by which raw public keys are agreed on");
    for (size_t i = 0; i < config->num_credentials; i++) {
        if (config->credentials[i].type != DTLS_CERTIFICATE_RAW_PUBLIC_KEY)
            continue;
        raw = true;
        if (!dtls_config_has_extension(config, codes[server]))
            return wrong("credentials", "the extension by which raw public keys are agreed on");
    }
    if (raw && config->crypto->public_key_read == NULL)
        return wrong("crypto", "a provider that reads raw public keys");
    return check_public_keys(config);
}

/* A client that can show a certificate only by a signature over the whole handshake must keep it. */
static problem check_kept(const dtls_config *config) {
    if (config->kept_transcript > LONGEST_MESSAGE)
        return wrong("kept_transcript", "at most 16,777,215 bytes");
    for (size_t i = 0; i < config->num_credentials; i++) {
        if (config->protocols[0]->role == DTLS_CLIENT && config->kept_transcript == 0 &&
            config->credentials[i].key_type == DTLS_KEY_ED25519)
            return wrong("kept_transcript", "room for the handshake, which a client's Ed25519 key signs");
    }
    return fine;
}

/* RFC 8446 section 4.6.1 has the longest lifetime; RFC 5077 has none. */
#define LONGEST_LIFETIME 604800
#define LONGEST_TICKET   0xffff

static problem check_resumption(const dtls_config *config) {
    const dtls_ticket_keys *keys = config->ticket_keys;
    if (config->resumption == NULL)
        return keys != NULL || config->session_cache
                   ? wrong("resumption", "dtls_resumption_server, for tickets or a cache")
                   : fine;
    if (config->resumption->role != config->protocols[0]->role)
        return wrong("resumption", "an object of the protocols' role");
    if (keys != NULL && keys->aead != DTLS_AEAD_AES_128_GCM && keys->aead != DTLS_AEAD_AES_256_GCM &&
        keys->aead != DTLS_AEAD_CHACHA20_POLY1305 && keys->aead != DTLS_AEAD_AES_128_CCM &&
        keys->aead != DTLS_AEAD_AES_256_CCM)
        return wrong("ticket_keys", "an AEAD with a tag of 16 bytes");
    if (config->max_ticket > LONGEST_TICKET)
        return wrong("max_ticket", "at most 65,535 bytes, or 0");
    if (config->session_lifetime_s > LONGEST_LIFETIME)
        return wrong("session_lifetime_s", "at most 604,800 s, or 0");
    return fine;
}

static bool known_srtp_profile(unsigned profile) {
    return profile == DTLS_SRTP_AES128_CM_SHA1_80 || profile == DTLS_SRTP_AES128_CM_SHA1_32 ||
           profile == DTLS_SRTP_AEAD_AES_128_GCM || profile == DTLS_SRTP_AEAD_AES_256_GCM;
}

static problem check_srtp(const dtls_config *config) {
    const dtls_srtp *srtp = config->srtp;
    if (srtp == NULL)
        return fine;
    if (srtp->profiles == NULL || srtp->num_profiles == 0)
        return wrong("srtp", "at least one profile");
    for (size_t i = 0; i < srtp->num_profiles; i++) {
        if (!known_srtp_profile(srtp->profiles[i]))
            return wrong("srtp", "profiles of RFC 5764 and RFC 7714 that encrypt");
        for (size_t j = 0; j < i; j++) {
            if (srtp->profiles[i] == srtp->profiles[j])
                return wrong("srtp", "each profile once");
        }
    }
    if (srtp->mki.len > 255 || (srtp->mki.data == NULL && srtp->mki.len > 0))
        return wrong("srtp", "an MKI of at most 255 bytes");
    return fine;
}

static problem check_protocol_names(const dtls_config *config) {
    static const char expected[] = "at most 32 names of 1 to 255 bytes";
    if (config->num_application_protocols > MOST_PROTOCOLS ||
        (config->num_application_protocols > 0 && config->application_protocols == NULL))
        return wrong("application_protocols", expected);
    for (size_t i = 0; i < config->num_application_protocols; i++) {
        const dtls_span *name = &config->application_protocols[i];
        if (name->data == NULL || name->len == 0 || name->len > 255)
            return wrong("application_protocols", expected);
    }
    return fine;
}

static problem check_values(const dtls_config *config) {
    if (config->psk_identity_hint.len > DTLS_MAX_PSK_IDENTITY ||
        (config->psk_identity_hint.len > 0 && config->psk_identity_hint.data == NULL))
        return wrong("psk_identity_hint", "at most 128 bytes");
    if (dtls_config_mtu(config) < DTLS_LEAST_MTU || dtls_config_mtu(config) > LONGEST_DATAGRAM)
        return wrong("mtu", "128 to 65,507 bytes, or 0");
    if (config->record_size_limit != 0 &&
        (config->record_size_limit < LEAST_SIZE_LIMIT || config->record_size_limit > DTLS_MAX_PLAINTEXT))
        return wrong("record_size_limit", "64 to 16,384 bytes, or 0");
    if (config->max_fragment_length != 0 && config->max_fragment_length != 512 &&
        config->max_fragment_length != 1024 && config->max_fragment_length != 2048 &&
        config->max_fragment_length != 4096)
        return wrong("max_fragment_length", "512, 1,024, 2,048 or 4,096 bytes, or 0");
    if (config->max_server_name > LONGEST_NAME)
        return wrong("max_server_name", "at most 255 bytes");
    if (config->max_connection_id > DTLS_MAX_CID)
        return wrong("max_connection_id", "at most 255 bytes");
    if (config->record_padding > MOST_PADDING)
        return wrong("record_padding", "at most 1,024 bytes");
    if (dtls_config_has_extension(config, DTLS_CODE_CONNECTION_ID) &&
        dtls_config_mtu(config) < dtls_config_least_mtu(config))
        return wrong("mtu", "128 bytes besides connection ID and padding");
    if (config->path_policy < DTLS_PATH_ASK || config->path_policy > DTLS_PATH_KEEP)
        return wrong("path_policy", "a value of dtls_path_policy");
    if (dtls_config_max_message(config) < LEAST_MESSAGE || dtls_config_max_message(config) > LONGEST_MESSAGE)
        return wrong("max_message", "256 to 16,777,215 bytes, or 0");
    if (dtls_config_max_timeout(config) < dtls_config_initial_timeout(config))
        return wrong("max_timeout_ns", "no less than initial_timeout_ns");
    return fine;
}

dtls_error dtls_config_check(const dtls_config *config, dtls_config_problem *out_problem) {
    static problem (*const checks[])(const dtls_config *) = {
        check_crypto,     check_protocols,    check_suites,
        check_versions,   check_groups,       check_schemes,
        check_extensions, check_credentials,  check_certificate_types,
        check_server,     check_verification, check_kept,
        check_resumption, check_srtp,         check_protocol_names,
        check_values,
    };
    if (config == NULL)
        return DTLS_ERROR_CONFIG;
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        const problem found = checks[i](config);
        if (found.field == NULL)
            continue;
        if (out_problem != NULL)
            *out_problem = found;
        return DTLS_ERROR_CONFIG;
    }
    return DTLS_OK;
}
