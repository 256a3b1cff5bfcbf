/* SPDX-License-Identifier: MIT
 *
 * The program's own judgement of the peer's certificate.
 */
#include "netx/secure/session.h"

/* Shows the chain in the buffer that the program gave for it: blocks, each with its share of the space for
 * DER behind it. What does not fit is not shown. The first; NULL: not even that fits. */
static NX_SECURE_X509_CERT *show_chain(secure_session *own, const dtls_event *event) {
    UCHAR *space = own->remote_certificates != NULL ? own->remote_certificates : own->reassembly;
    ULONG len = own->remote_certificates != NULL ? own->remote_certificates_len : own->reassembly_len;
    UINT num = own->remote_certificates != NULL ? own->max_remote_certificates : 1;
    if (space == NULL)
        return NULL;
    /* A session begins with no less (configure.c). */
    ULONG skipped = (ULONG)(-(uintptr_t)space % 8);
    ULONG share = (len - skipped) / num / 8 * 8;
    NX_SECURE_X509_CERT *first = NULL;
    NX_SECURE_X509_CERT **place = &first;
    for (UINT i = 0; i < num && i < event->chain_len; i++) {
        UCHAR *at = space + skipped + (size_t)i * share;
        if (share < sizeof(NX_SECURE_X509_CERT) + event->chain[i].len)
            break;
        NX_SECURE_X509_CERT *certificate = (NX_SECURE_X509_CERT *)(void *)at;
        UCHAR *der = at + sizeof *certificate;
        memset(certificate, 0, sizeof *certificate);
        memcpy(der, event->chain[i].data, event->chain[i].len);
        certificate->nx_secure_x509_certificate_raw_data = der;
        certificate->nx_secure_x509_certificate_raw_data_length = (UINT)event->chain[i].len;
        *place = certificate;
        place = &certificate->nx_secure_x509_next_certificate;
    }
    return first;
}

dtls_error netx_verify_peer(NX_SECURE_DTLS_SESSION *session, const dtls_event *event) {
    NX_SECURE_TLS_SESSION *inner = &session->nx_secure_dtls_tls_session;
    if (netx_session_of(session)->prepared->anchors == NULL)
        return DTLS_ERROR_CERTIFICATE_UNKNOWN_AUTHORITY;
    if (inner->nx_secure_tls_session_certificate_callback == NULL)
        return DTLS_OK;
    NX_SECURE_X509_CERT *certificate = show_chain(netx_session_of(session), event);
    if (certificate == NULL)
        return DTLS_ERROR_CERTIFICATE_REFUSED;
    ULONG verdict = inner->nx_secure_tls_session_certificate_callback(inner, certificate);
    return verdict == NX_SUCCESS ? DTLS_OK : DTLS_ERROR_CERTIFICATE_REFUSED;
}
