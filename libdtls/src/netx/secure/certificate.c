/* SPDX-License-Identifier: MIT */
#include "netx/secure/session.h"

#define MAX_DNS_NAME 253 /* RFC 1035 section 2.3.4, as text */

static bool is_known_key_type(UINT type) {
    return type == NX_SECURE_X509_KEY_TYPE_RSA_PKCS1_DER || type == NX_SECURE_X509_KEY_TYPE_EC_DER;
}

/* A program says which form its key has, and the key must be the certificate's. */
static UINT judge_key(dtls_span der, const UCHAR *private_key, USHORT len) {
    dtls_private_key *key = NULL;
    dtls_key_type type;
    if (dtls_libcrypto_private_key_read(private_key, len, &key, &type) != DTLS_OK)
        return NX_SECURE_PKCS1_INVALID_PRIVATE_KEY;
    bool fits = dtls_libcrypto_private_key_fits(key, der);
    dtls_libcrypto_private_key_free(key);
    return fits ? NX_SUCCESS : NX_SECURE_PKCS1_INVALID_PRIVATE_KEY;
}

UINT _nx_secure_x509_common_name_dns_check(NX_SECURE_X509_CERT *certificate, const UCHAR *dns_name,
                                           UINT dns_name_length) {
    char name[MAX_DNS_NAME + 1];
    if (certificate == NULL || dns_name == NULL)
        return NX_PTR_ERROR;
    dtls_span der = {certificate->nx_secure_x509_certificate_raw_data,
                     certificate->nx_secure_x509_certificate_raw_data_length};
    if (dns_name_length == 0 || dns_name_length > MAX_DNS_NAME ||
        memchr(dns_name, 0, dns_name_length) != NULL)
        return NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH;
    memcpy(name, dns_name, dns_name_length);
    name[dns_name_length] = '\0';
    return dtls_libcrypto_certificate_is_for(der, name) ? NX_SUCCESS
                                                        : NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH;
}

UINT _nx_secure_x509_certificate_initialize(NX_SECURE_X509_CERT *certificate, const UCHAR *certificate_data,
                                            USHORT length, UCHAR *raw_data_buffer, USHORT buffer_size,
                                            const UCHAR *private_key, USHORT priv_len,
                                            UINT private_key_type) {
    if (certificate == NULL || certificate_data == NULL || length == 0)
        return NX_PTR_ERROR;
    if (raw_data_buffer != NULL && buffer_size < length)
        return NX_SECURE_X509_INSUFFICIENT_CERT_SPACE;
    dtls_libcrypto_certificate_facts facts;
    dtls_span der = {certificate_data, length};
    if (dtls_libcrypto_certificate_read(der, &facts) != DTLS_OK)
        return NX_SECURE_X509_INVALID_CERTIFICATE;
    if (private_key != NULL && !is_known_key_type(private_key_type))
        return NX_SECURE_X509_INVALID_PRIVATE_KEY_TYPE;
    if (private_key != NULL) {
        UINT status = judge_key(der, private_key, priv_len);
        if (status != NX_SUCCESS)
            return status;
    }
    memset(certificate, 0, sizeof *certificate);
    if (raw_data_buffer != NULL)
        memcpy(raw_data_buffer, certificate_data, length);
    certificate->nx_secure_x509_certificate_raw_data =
        raw_data_buffer != NULL ? raw_data_buffer : certificate_data;
    certificate->nx_secure_x509_certificate_raw_data_length = length;
    if (private_key != NULL) {
        certificate->nx_secure_x509_private_key_data = private_key;
        certificate->nx_secure_x509_private_key_data_length = priv_len;
        certificate->nx_secure_x509_private_key_type = private_key_type;
    }
    return NX_SUCCESS;
}
