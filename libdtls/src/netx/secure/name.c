/* SPDX-License-Identifier: MIT
 *
 * The server's name, which a client tells (RFC 6066 section 3) and looks for.
 */
#include "netx/secure/session.h"

UINT _nx_secure_x509_dns_name_initialize(NX_SECURE_X509_DNS_NAME *dns_name, const UCHAR *name_string,
                                         USHORT length) {
    if (dns_name == NULL || name_string == NULL || length == 0)
        return NX_PTR_ERROR;
    if (length > NX_SECURE_X509_DNS_NAME_MAX)
        return NX_SECURE_X509_NAME_STRING_TOO_LONG;
    memset(dns_name, 0, sizeof *dns_name);
    memcpy(dns_name->nx_secure_x509_dns_name, name_string, length);
    dns_name->nx_secure_x509_dns_name_length = length;
    return NX_SUCCESS;
}

UINT _nx_secure_tls_session_sni_extension_set(NX_SECURE_TLS_SESSION *tls_session,
                                              NX_SECURE_X509_DNS_NAME *dns_name) {
    NETX_SERVICE;
    if (tls_session == NULL || dns_name == NULL)
        return NX_PTR_ERROR;
    tls_session->nx_secure_tls_sni_extension_server_name = dns_name;
    return NX_SUCCESS;
}
