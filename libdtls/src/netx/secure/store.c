/* SPDX-License-Identifier: MIT
 *
 * Certificates: the blocks that a program hands over, in the order of their
 * coming.
 */
#include "netx/secure/session.h"

dtls_span netx_certificate_der(const NX_SECURE_X509_CERT *certificate) {
    dtls_span der = {certificate->nx_secure_x509_certificate_raw_data,
                     certificate->nx_secure_x509_certificate_raw_data_length};
    return der;
}

static NX_SECURE_X509_CERT **list_of(certificate_store *store, bool local) {
    return local ? &store->local : &store->trusted;
}

UINT netx_store_add(certificate_store *store, bool local, NX_SECURE_X509_CERT *certificate, UINT cert_id) {
    NX_SECURE_X509_CERT **place = list_of(store, local);
    if (cert_id == 0)
        return NX_INVALID_PARAMETERS;
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
    return dtls_libcrypto_certificate_read(netx_certificate_der(certificate), &facts) == DTLS_OK &&
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

/* --- The services. --- */

UINT _nx_secure_dtls_session_local_certificate_add(NX_SECURE_DTLS_SESSION *session_ptr,
                                                   NX_SECURE_X509_CERT *certificate, UINT cert_id) {
    NETX_SERVICE;
    return netx_store_add(netx_session_certificates(session_ptr), true, certificate, cert_id);
}

UINT _nx_secure_dtls_session_local_certificate_remove(NX_SECURE_DTLS_SESSION *session_ptr, UCHAR *common_name,
                                                      UINT common_name_length, UINT cert_id) {
    NETX_SERVICE;
    return netx_store_remove(netx_session_certificates(session_ptr), true, common_name, common_name_length,
                             cert_id);
}

UINT _nx_secure_dtls_session_trusted_certificate_add(NX_SECURE_DTLS_SESSION *session_ptr,
                                                     NX_SECURE_X509_CERT *certificate, UINT cert_id) {
    NETX_SERVICE;
    return netx_store_add(netx_session_certificates(session_ptr), false, certificate, cert_id);
}

UINT _nx_secure_dtls_session_trusted_certificate_remove(NX_SECURE_DTLS_SESSION *session_ptr,
                                                        UCHAR *common_name, UINT common_name_length,
                                                        UINT cert_id) {
    NETX_SERVICE;
    return netx_store_remove(netx_session_certificates(session_ptr), false, common_name, common_name_length,
                             cert_id);
}

UINT _nx_secure_dtls_server_local_certificate_add(NX_SECURE_DTLS_SERVER *server_ptr,
                                                  NX_SECURE_X509_CERT *certificate, UINT cert_id) {
    NETX_SERVICE;
    return netx_store_add(&netx_server_of(server_ptr)->certificates, true, certificate, cert_id);
}

UINT _nx_secure_dtls_server_local_certificate_remove(NX_SECURE_DTLS_SERVER *server_ptr, UCHAR *common_name,
                                                     UINT common_name_length, UINT cert_id) {
    NETX_SERVICE;
    return netx_store_remove(&netx_server_of(server_ptr)->certificates, true, common_name, common_name_length,
                             cert_id);
}

UINT _nx_secure_dtls_server_trusted_certificate_add(NX_SECURE_DTLS_SERVER *server_ptr,
                                                    NX_SECURE_X509_CERT *certificate, UINT cert_id) {
    NETX_SERVICE;
    return netx_store_add(&netx_server_of(server_ptr)->certificates, false, certificate, cert_id);
}

UINT _nx_secure_dtls_server_trusted_certificate_remove(NX_SECURE_DTLS_SERVER *server_ptr, UCHAR *common_name,
                                                       UINT common_name_length, UINT cert_id) {
    NETX_SERVICE;
    return netx_store_remove(&netx_server_of(server_ptr)->certificates, false, common_name,
                             common_name_length, cert_id);
}
