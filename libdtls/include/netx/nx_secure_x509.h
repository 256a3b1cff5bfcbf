/* SPDX-License-Identifier: MIT
 *
 * X.509 certificates as NetX Secure programs hold them: a block of the
 * program's that refers to DER which stays in place.
 */
#ifndef NX_SECURE_X509_H
#define NX_SECURE_X509_H

#include "nx_api.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Kinds of private keys. */
#define NX_SECURE_X509_KEY_TYPE_NONE              0x00000000
#define NX_SECURE_X509_KEY_TYPE_RSA_PKCS1_DER     0x00000001
#define NX_SECURE_X509_KEY_TYPE_EC_DER            0x00000002
#define NX_SECURE_X509_KEY_TYPE_HARDWARE          0x00000003
#define NX_SECURE_X509_KEY_TYPE_USER_DEFINED_MASK 0xFFFF0000

/* Codes. */
#define NX_SECURE_X509_SUCCESS                      0x00
#define NX_SECURE_X509_MULTIBYTE_TAG_UNSUPPORTED    0x181
#define NX_SECURE_X509_ASN1_LENGTH_TOO_LONG         0x182
#define NX_SECURE_X509_FOUND_NON_ZERO_PADDING       0x183
#define NX_SECURE_X509_MISSING_PUBLIC_KEY           0x184
#define NX_SECURE_X509_INVALID_PUBLIC_KEY           0x185
#define NX_SECURE_X509_INVALID_CERTIFICATE_SEQUENCE 0x186
#define NX_SECURE_X509_MISSING_SIGNATURE_ALGORITHM  0x187
#define NX_SECURE_X509_INVALID_CERTIFICATE_DATA     0x188
#define NX_SECURE_X509_UNEXPECTED_ASN1_TAG          0x189
#define NX_SECURE_PKCS1_INVALID_PRIVATE_KEY         0x18A
#define NX_SECURE_X509_CHAIN_TOO_SHORT              0x18B
#define NX_SECURE_X509_CHAIN_VERIFY_FAILURE         0x18C
#define NX_SECURE_X509_PKCS7_PARSING_FAILED         0x18D
#define NX_SECURE_X509_CERTIFICATE_NOT_FOUND        0x18E
#define NX_SECURE_X509_INVALID_VERSION              0x18F
#define NX_SECURE_X509_INVALID_TAG_CLASS            0x190
#define NX_SECURE_X509_INVALID_EXTENSIONS           0x191
#define NX_SECURE_X509_INVALID_EXTENSION_SEQUENCE   0x192
#define NX_SECURE_X509_CERTIFICATE_EXPIRED          0x193
#define NX_SECURE_X509_CERTIFICATE_NOT_YET_VALID    0x194
#define NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH     0x195
#define NX_SECURE_X509_INVALID_DATE_FORMAT          0x196
#define NX_SECURE_X509_CRL_ISSUER_MISMATCH          0x197
#define NX_SECURE_X509_CRL_SIGNATURE_CHECK_FAILED   0x198
#define NX_SECURE_X509_CRL_CERTIFICATE_REVOKED      0x199
#define NX_SECURE_X509_WRONG_SIGNATURE_METHOD       0x19A
#define NX_SECURE_X509_EXTENSION_NOT_FOUND          0x19B
#define NX_SECURE_X509_ALT_NAME_NOT_FOUND           0x19C
#define NX_SECURE_X509_INVALID_PRIVATE_KEY_TYPE     0x19D
#define NX_SECURE_X509_NAME_STRING_TOO_LONG         0x19E
#define NX_SECURE_X509_EXT_KEY_USAGE_NOT_FOUND      0x19F
#define NX_SECURE_X509_KEY_USAGE_ERROR              0x1A0
#define NX_SECURE_X509_UNSUPPORTED_PUBLIC_CIPHER    0x1A1
#define NX_SECURE_X509_INVALID_CERTIFICATE          0x1A2
#define NX_SECURE_X509_UNKNOWN_CERT_SIG_ALGORITHM   0x1A3
#define NX_SECURE_X509_CERTIFICATE_SIG_CHECK_FAILED 0x1A4
#define NX_SECURE_X509_INVALID_SELF_SIGNED_CERT     0x1A5
#define NX_SECURE_X509_ISSUER_CERTIFICATE_NOT_FOUND 0x1A6
#define NX_SECURE_X509_NO_CERT_SPACE_ALLOCATED      0x1A7
#define NX_SECURE_X509_INSUFFICIENT_CERT_SPACE      0x1A8
#define NX_SECURE_X509_CERT_ID_DUPLICATE            0x1A9
#define NX_SECURE_X509_MISSING_CRYPTO_ROUTINE       0x1AA

/* A certificate, perhaps with its private key. It is in at most one store at a time. */
typedef struct NX_SECURE_X509_CERT_STRUCT {
    struct NX_SECURE_X509_CERT_STRUCT *nx_secure_x509_next_certificate;
    UINT nx_secure_x509_cert_identifier;
    const UCHAR *nx_secure_x509_certificate_raw_data;
    UINT nx_secure_x509_certificate_raw_data_length;
    const UCHAR *nx_secure_x509_private_key_data;
    UINT nx_secure_x509_private_key_data_length;
    UINT nx_secure_x509_private_key_type;
    ULONG64 nx_secure_x509_host[8]; /* private */
} NX_SECURE_X509_CERT;

/* Fills `certificate` from DER. `raw_data_buffer` takes a copy of it if it is not NULL; otherwise
 * `certificate_data` must stay in place for as long as the certificate is used. The private key always must.
 *
 * NX_SUCCESS
 * NX_PTR_ERROR                            `certificate` or `certificate_data` is NULL, or `length` 0
 * NX_SECURE_X509_INSUFFICIENT_CERT_SPACE  `raw_data_buffer` is smaller than the certificate
 * NX_SECURE_X509_INVALID_CERTIFICATE      it does not parse
 * NX_SECURE_X509_INVALID_PRIVATE_KEY_TYPE a key without a type, or of an unknown one
 * NX_SECURE_PKCS1_INVALID_PRIVATE_KEY     the key does not parse, or is not the certificate's */
UINT _nx_secure_x509_certificate_initialize(NX_SECURE_X509_CERT *certificate, const UCHAR *certificate_data,
                                            USHORT length, UCHAR *raw_data_buffer, USHORT buffer_size,
                                            const UCHAR *private_key, USHORT priv_len, UINT private_key_type);

/* A server's name. */
#define NX_SECURE_X509_DNS_NAME_MAX 100
typedef struct NX_SECURE_X509_DNS_NAME_STRUCT {
    USHORT nx_secure_x509_dns_name_length;
    UCHAR nx_secure_x509_dns_name[NX_SECURE_X509_DNS_NAME_MAX + 1]; /* NUL-terminated */
} NX_SECURE_X509_DNS_NAME;

/* NX_SUCCESS; NX_PTR_ERROR: NULL, or an empty name; NX_SECURE_X509_NAME_STRING_TOO_LONG. */
UINT _nx_secure_x509_dns_name_initialize(NX_SECURE_X509_DNS_NAME *dns_name, const UCHAR *name_string,
                                         USHORT length);

/* Whether the certificate is for `dns_name` (RFC 9525): NX_SUCCESS, NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH,
 * NX_PTR_ERROR. For a program's own certificate callback. */
UINT _nx_secure_x509_common_name_dns_check(NX_SECURE_X509_CERT *certificate, const UCHAR *dns_name,
                                           UINT dns_name_length);

#define nx_secure_x509_certificate_initialize _nx_secure_x509_certificate_initialize
#define nx_secure_x509_dns_name_initialize    _nx_secure_x509_dns_name_initialize
#define nx_secure_x509_common_name_dns_check  _nx_secure_x509_common_name_dns_check

#ifdef __cplusplus
}
#endif

#endif
