/* SPDX-License-Identifier: MIT
 *
 * Certificates: the blocks that a program hands over, in the order of their
 * coming, and what libdtls's configuration is told of them.
 */
#include "netx/secure/session.h"

static dtls_span der_of(const NX_SECURE_X509_CERT *certificate) {
    dtls_span der = {certificate->nx_secure_x509_certificate_raw_data,
                     certificate->nx_secure_x509_certificate_raw_data_length};
    return der;
}

static NX_SECURE_X509_CERT **list_of(certificate_store *store, bool local) {
    return local ? &store->local : &store->trusted;
}

UINT netx_store_add(certificate_store *store, bool local, NX_SECURE_X509_CERT *certificate, UINT cert_id) {
    NX_SECURE_X509_CERT **place = list_of(store, local);
    for (; *place != NULL; place = &(*place)->nx_secure_x509_next_certificate) {
        if (*place == certificate)
            return NX_INVALID_PARAMETERS;
        if ((*place)->nx_secure_x509_cert_identifier == cert_id)
            return NX_SECURE_TLS_CERT_ID_DUPLICATE;
    }
    for (NX_SECURE_X509_CERT *other = *list_of(store, !local); other != NULL;
         other = other->nx_secure_x509_next_certificate) {
        if (other == certificate)
            return NX_INVALID_PARAMETERS;
    }
    certificate->nx_secure_x509_next_certificate = NULL;
    certificate->nx_secure_x509_cert_identifier = cert_id;
    *place = certificate;
    store->changed = true;
    return NX_SUCCESS;
}

static bool is_named(const NX_SECURE_X509_CERT *certificate, const UCHAR *common_name, UINT len) {
    dtls_libcrypto_certificate_facts facts;
    return dtls_libcrypto_certificate_read(der_of(certificate), &facts) == DTLS_OK &&
           facts.common_name_len == len && memcmp(facts.common_name, common_name, len) == 0;
}

UINT netx_store_remove(certificate_store *store, bool local, const UCHAR *common_name,
                       UINT common_name_length, UINT cert_id) {
    NX_SECURE_X509_CERT **place = list_of(store, local);
    for (; *place != NULL; place = &(*place)->nx_secure_x509_next_certificate) {
        bool found = cert_id != 0 ? (*place)->nx_secure_x509_cert_identifier == cert_id
                                  : is_named(*place, common_name, common_name_length);
        if (!found)
            continue;
        NX_SECURE_X509_CERT *removed = *place;
        *place = removed->nx_secure_x509_next_certificate;
        removed->nx_secure_x509_next_certificate = NULL;
        removed->nx_secure_x509_cert_identifier = 0;
        store->changed = true;
        return NX_SUCCESS;
    }
    return NX_SECURE_TLS_CERTIFICATE_NOT_FOUND;
}

static void free_prepared(certificate_store *store) {
    for (UINT i = 0; i < store->num_credentials; i++)
        dtls_libcrypto_private_key_free(store->keys[i]);
    store->num_credentials = 0;
    dtls_libcrypto_trust_anchors_free(store->anchors);
    store->anchors = NULL;
}

/* The issuer of `subject` among the local certificates, then the trusted ones that are no roots; NULL: none.
 */
static const NX_SECURE_X509_CERT *issuer_of(const certificate_store *store,
                                            const NX_SECURE_X509_CERT *subject) {
    const NX_SECURE_X509_CERT *certificate = store->local;
    for (; certificate != NULL; certificate = certificate->nx_secure_x509_next_certificate) {
        if (certificate != subject && dtls_libcrypto_certificate_issued(der_of(certificate), der_of(subject)))
            return certificate;
    }
    return NULL;
}

static size_t make_chain(const certificate_store *store, const NX_SECURE_X509_CERT *leaf, dtls_span *out) {
    size_t num = 0;
    for (const NX_SECURE_X509_CERT *at = leaf; at != NULL && num < DTLS_MAX_CHAIN;
         at = issuer_of(store, at)) {
        dtls_libcrypto_certificate_facts facts;
        dtls_span der = der_of(at);
        /* The peer has the root, or does not trust it (RFC 5246 section 7.4.2). */
        bool root = dtls_libcrypto_certificate_read(der, &facts) == DTLS_OK && facts.self_issued;
        if (num == 0 || !root)
            out[num++] = der;
        if (root)
            break;
    }
    return num;
}

static UINT make_credential(certificate_store *store, const NX_SECURE_X509_CERT *leaf) {
    UINT i = store->num_credentials;
    dtls_credential *credential = &store->credentials[i];
    memset(credential, 0, sizeof *credential);
    if (dtls_libcrypto_private_key_read(leaf->nx_secure_x509_private_key_data,
                                        leaf->nx_secure_x509_private_key_data_length, &store->keys[i],
                                        &credential->key_type) != DTLS_OK)
        return NX_SECURE_PKCS1_INVALID_PRIVATE_KEY;
    credential->chain = store->chains[i];
    credential->chain_len = make_chain(store, leaf, store->chains[i]);
    credential->private_key = store->keys[i];
    credential->curve = dtls_libcrypto_private_key_curve(store->keys[i]);
    store->num_credentials++;
    return NX_SUCCESS;
}

UINT netx_store_prepare(certificate_store *store) {
    if (!store->changed)
        return NX_SUCCESS;
    free_prepared(store);
    UINT status = NX_SUCCESS;
    for (const NX_SECURE_X509_CERT *at = store->local;
         at != NULL && status == NX_SUCCESS && store->num_credentials < MAX_CREDENTIALS;
         at = at->nx_secure_x509_next_certificate) {
        if (at->nx_secure_x509_private_key_type != NX_SECURE_X509_KEY_TYPE_NONE)
            status = make_credential(store, at);
    }
    for (const NX_SECURE_X509_CERT *at = store->trusted; at != NULL && status == NX_SUCCESS;
         at = at->nx_secure_x509_next_certificate) {
        if (dtls_libcrypto_trust_anchors_add(&store->anchors, der_of(at)) != DTLS_OK)
            status = NX_SECURE_X509_INVALID_CERTIFICATE;
    }
    store->changed = status != NX_SUCCESS;
    return status;
}

void netx_store_clear(certificate_store *store) {
    free_prepared(store);
    memset(store, 0, sizeof *store);
}

/* --- The services. --- */

UINT _nx_secure_dtls_session_local_certificate_add(NX_SECURE_DTLS_SESSION *session_ptr,
                                                   NX_SECURE_X509_CERT *certificate, UINT cert_id) {
    return netx_store_add(netx_session_certificates(session_ptr), true, certificate, cert_id);
}

UINT _nx_secure_dtls_session_local_certificate_remove(NX_SECURE_DTLS_SESSION *session_ptr, UCHAR *common_name,
                                                      UINT common_name_length, UINT cert_id) {
    return netx_store_remove(netx_session_certificates(session_ptr), true, common_name, common_name_length,
                             cert_id);
}

UINT _nx_secure_dtls_session_trusted_certificate_add(NX_SECURE_DTLS_SESSION *session_ptr,
                                                     NX_SECURE_X509_CERT *certificate, UINT cert_id) {
    return netx_store_add(netx_session_certificates(session_ptr), false, certificate, cert_id);
}

UINT _nx_secure_dtls_session_trusted_certificate_remove(NX_SECURE_DTLS_SESSION *session_ptr,
                                                        UCHAR *common_name, UINT common_name_length,
                                                        UINT cert_id) {
    return netx_store_remove(netx_session_certificates(session_ptr), false, common_name, common_name_length,
                             cert_id);
}

UINT _nx_secure_dtls_server_local_certificate_add(NX_SECURE_DTLS_SERVER *server_ptr,
                                                  NX_SECURE_X509_CERT *certificate, UINT cert_id) {
    return netx_store_add(&netx_server_of(server_ptr)->certificates, true, certificate, cert_id);
}

UINT _nx_secure_dtls_server_local_certificate_remove(NX_SECURE_DTLS_SERVER *server_ptr, UCHAR *common_name,
                                                     UINT common_name_length, UINT cert_id) {
    return netx_store_remove(&netx_server_of(server_ptr)->certificates, true, common_name, common_name_length,
                             cert_id);
}

UINT _nx_secure_dtls_server_trusted_certificate_add(NX_SECURE_DTLS_SERVER *server_ptr,
                                                    NX_SECURE_X509_CERT *certificate, UINT cert_id) {
    return netx_store_add(&netx_server_of(server_ptr)->certificates, false, certificate, cert_id);
}

UINT _nx_secure_dtls_server_trusted_certificate_remove(NX_SECURE_DTLS_SERVER *server_ptr, UCHAR *common_name,
                                                       UINT common_name_length, UINT cert_id) {
    return netx_store_remove(&netx_server_of(server_ptr)->certificates, false, common_name,
                             common_name_length, cert_id);
}
