/* SPDX-License-Identifier: MIT
 *
 * What crypto tables stand for.
 */
#include "netx/secure/session.h"

/* The values of the tables that are defined here. */
enum {
    POLICY_MODERN = 1,
    POLICY_LEGACY = 2,
    POLICY_CHOSEN = 3,
    POLICY_CHOSEN_LEGACY = 4,
    POLICY_ANY_VERSION = 5
};

const NX_SECURE_TLS_CRYPTO nx_crypto_tls_ciphers = {POLICY_MODERN, 0, NULL};
const NX_SECURE_TLS_CRYPTO nx_crypto_tls_ciphers_ecc = {POLICY_MODERN, 0, NULL};
const NX_SECURE_TLS_CRYPTO nx_crypto_tls_ciphers_legacy = {POLICY_LEGACY, 0, NULL};
const NX_SECURE_TLS_CRYPTO nx_crypto_tls_ciphers_any_version = {POLICY_ANY_VERSION, 0, NULL};

const NX_CRYPTO_METHOD crypto_method_ec_secp256 = {DTLS_GROUP_P256, 256};
const NX_CRYPTO_METHOD crypto_method_ec_secp384 = {DTLS_GROUP_P384, 384};
const NX_CRYPTO_METHOD crypto_method_ec_secp521 = {DTLS_GROUP_P521, 521};
const NX_CRYPTO_METHOD crypto_method_ec_x25519 = {DTLS_GROUP_X25519, 255};
const NX_CRYPTO_METHOD crypto_method_ec_x448 = {DTLS_GROUP_X448, 448};

const USHORT nx_crypto_ecc_supported_groups[] = {DTLS_GROUP_P256, DTLS_GROUP_P384, DTLS_GROUP_P521,
                                                 DTLS_GROUP_X25519, DTLS_GROUP_X448};
const UINT nx_crypto_ecc_supported_groups_size =
    sizeof nx_crypto_ecc_supported_groups / sizeof *nx_crypto_ecc_supported_groups;
const NX_CRYPTO_METHOD *nx_crypto_ecc_curves[] = {&crypto_method_ec_secp256, &crypto_method_ec_secp384,
                                                  &crypto_method_ec_secp521, &crypto_method_ec_x25519,
                                                  &crypto_method_ec_x448};

/* Best first; NetX devices have AES-128-GCM and AES-128-CCM-8 in hardware. */
static const dtls_cipher_suite *const with_certificates[] = {
    &dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256,
    &dtls_suite_ecdhe_rsa_aes_128_gcm_sha256,
    &dtls_suite_ecdhe_ecdsa_aes_256_gcm_sha384,
    &dtls_suite_ecdhe_rsa_aes_256_gcm_sha384,
    &dtls_suite_ecdhe_ecdsa_chacha20_poly1305_sha256,
    &dtls_suite_ecdhe_rsa_chacha20_poly1305_sha256,
    &dtls_suite_ecdhe_ecdsa_aes_128_ccm,
    &dtls_suite_ecdhe_ecdsa_aes_128_ccm_8,
    NULL,
};

static const dtls_cipher_suite *const with_psks[] = {
    &dtls_suite_ecdhe_psk_aes_128_gcm_sha256,
    &dtls_suite_ecdhe_psk_chacha20_poly1305_sha256,
    &dtls_suite_ecdhe_psk_aes_128_ccm_8_sha256,
    &dtls_suite_psk_aes_128_gcm_sha256,
    &dtls_suite_psk_aes_128_ccm,
    &dtls_suite_psk_aes_128_ccm_8,
    NULL,
};

static const dtls_cipher_suite *const legacy_with_certificates[] = {
    &dtls_suite_ecdhe_ecdsa_aes_128_cbc_sha256,
    &dtls_suite_ecdhe_rsa_aes_128_cbc_sha256,
    &dtls_suite_ecdhe_ecdsa_aes_128_cbc_sha,
    &dtls_suite_ecdhe_rsa_aes_128_cbc_sha,
    &dtls_suite_rsa_aes_128_gcm_sha256,
    &dtls_suite_rsa_aes_128_cbc_sha256,
    &dtls_suite_rsa_aes_256_cbc_sha256,
    &dtls_suite_rsa_aes_128_cbc_sha,
    &dtls_suite_rsa_aes_256_cbc_sha,
    NULL,
};

static const dtls_cipher_suite *const legacy_with_psks[] = {
    &dtls_suite_ecdhe_psk_aes_128_cbc_sha256,
    &dtls_suite_psk_aes_128_cbc_sha256,
    &dtls_suite_psk_aes_128_cbc_sha,
    NULL,
};

static size_t append(const dtls_cipher_suite **out, size_t num, const dtls_cipher_suite *const *suites) {
    for (size_t i = 0; suites[i] != NULL; i++)
        out[num++] = suites[i];
    return num;
}

bool netx_policy_is_legacy(const NX_SECURE_TLS_CRYPTO *table) {
    return table->nx_secure_tls_policy == POLICY_LEGACY ||
           table->nx_secure_tls_policy == POLICY_CHOSEN_LEGACY || netx_policy_is_of_any_version(table);
}

bool netx_policy_is_of_any_version(const NX_SECURE_TLS_CRYPTO *table) {
    return table->nx_secure_tls_policy == POLICY_ANY_VERSION;
}

static void chosen_suites(const NX_SECURE_TLS_CRYPTO *table, bool certificates, bool psks,
                          const dtls_cipher_suite **out) {
    size_t num = 0;
    for (UINT i = 0; i < table->nx_secure_tls_num_suites; i++) {
        const dtls_cipher_suite *suite = dtls_cipher_suite_by_code(table->nx_secure_tls_suites[i]);
        if ((certificates || !dtls_cipher_suite_uses_certificates(suite)) &&
            (psks || !dtls_cipher_suite_uses_psk(suite)))
            out[num++] = suite;
    }
    out[num] = NULL;
}

UINT nx_host_crypto_table_make(NX_SECURE_TLS_CRYPTO *table, const USHORT *suites, UINT num, UINT legacy) {
    if (table == NULL || suites == NULL)
        return NX_PTR_ERROR;
    if (num == 0 || num > NX_HOST_MAX_SUITES)
        return NX_INVALID_PARAMETERS;
    for (UINT i = 0; i < num; i++) {
        if (dtls_cipher_suite_by_code(suites[i]) == NULL)
            return NX_SECURE_TLS_UNKNOWN_CIPHERSUITE;
    }
    *table = (NX_SECURE_TLS_CRYPTO){.nx_secure_tls_policy = legacy ? POLICY_CHOSEN_LEGACY : POLICY_CHOSEN,
                                    .nx_secure_tls_num_suites = num,
                                    .nx_secure_tls_suites = suites};
    return NX_SUCCESS;
}

void netx_policy_suites(const NX_SECURE_TLS_CRYPTO *table, bool certificates, bool psks,
                        const dtls_cipher_suite *out[POLICY_MAX_SUITES]) {
    size_t num = 0;
    if (table->nx_secure_tls_num_suites > 0) {
        chosen_suites(table, certificates, psks, out);
        return;
    }
    if (certificates)
        num = append(out, num, with_certificates);
    if (psks)
        num = append(out, num, with_psks);
    if (certificates && netx_policy_is_legacy(table))
        num = append(out, num, legacy_with_certificates);
    if (psks && netx_policy_is_legacy(table))
        num = append(out, num, legacy_with_psks);
    out[num] = NULL;
}

UINT netx_policy_set_groups(session_policy *policy, const USHORT *groups, USHORT num) {
    const dtls_group *found[MAX_GROUPS + 1] = {NULL};
    size_t num_found = 0;
    for (USHORT i = 0; i < num && num_found < MAX_GROUPS; i++) {
        const dtls_group *group = dtls_group_by_code(groups[i]);
        size_t known = 0;
        while (known < num_found && found[known] != group)
            known++;
        if (group != NULL && known == num_found)
            found[num_found++] = group;
    }
    if (num_found == 0)
        return NX_INVALID_PARAMETERS;
    memcpy(policy->groups, found, sizeof found);
    return NX_SUCCESS;
}

UINT netx_policy_set_version(session_policy *policy, USHORT version) {
    const bool known = version == NX_SECURE_DTLS_VERSION_1_2 ||
                       (version == NX_SECURE_DTLS_VERSION_1_0 && netx_policy_is_legacy(policy->crypto_table));
    if (!known)
        return NX_PTR_ERROR;
    policy->version = version;
    return NX_SUCCESS;
}

UINT _nx_secure_dtls_ecc_initialize(NX_SECURE_DTLS_SESSION *session_ptr, const USHORT *supported_groups,
                                    USHORT supported_group_count, const NX_CRYPTO_METHOD **curves) {
    NETX_SERVICE;
    (void)curves;
    return netx_policy_set_groups(netx_session_policy_of(session_ptr), supported_groups,
                                  supported_group_count);
}

UINT _nx_secure_dtls_server_ecc_initialize(NX_SECURE_DTLS_SERVER *server_ptr, const USHORT *supported_groups,
                                           USHORT supported_group_count, const NX_CRYPTO_METHOD **curves) {
    NETX_SERVICE;
    (void)curves;
    return netx_policy_set_groups(&netx_server_of(server_ptr)->policy, supported_groups,
                                  supported_group_count);
}

UINT _nx_secure_dtls_client_protocol_version_override(NX_SECURE_DTLS_SESSION *session_ptr,
                                                      USHORT protocol_version) {
    NETX_SERVICE;
    return netx_policy_set_version(netx_session_policy_of(session_ptr), protocol_version);
}

UINT _nx_secure_dtls_server_protocol_version_override(NX_SECURE_DTLS_SERVER *server_ptr,
                                                      USHORT protocol_version) {
    NETX_SERVICE;
    return netx_policy_set_version(&netx_server_of(server_ptr)->policy, protocol_version);
}
