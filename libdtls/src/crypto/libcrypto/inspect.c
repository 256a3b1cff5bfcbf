/* SPDX-License-Identifier: MIT
 *
 * What a program may want to know of certificates before it puts them into a
 * configuration.
 */
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "crypto/libcrypto/internal.h"

/* The most specific common name of the subject. */
static void copy_common_name(const X509 *certificate, dtls_libcrypto_certificate_facts *out) {
    const X509_NAME *subject = X509_get_subject_name(certificate);
    int last = -1;
    int at = -1;
    while ((at = X509_NAME_get_index_by_NID(subject, NID_commonName, last)) >= 0)
        last = at;
    if (last < 0)
        return;
    const ASN1_STRING *text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last));
    const size_t len = (size_t)ASN1_STRING_length(text);
    if (len > sizeof out->common_name)
        return;
    memcpy(out->common_name, ASN1_STRING_get0_data(text), len);
    out->common_name_len = len;
}

dtls_error dtls_libcrypto_certificate_read(dtls_span der, dtls_libcrypto_certificate_facts *out_facts) {
    if (out_facts == NULL)
        return DTLS_ERROR_ARGUMENT;
    memset(out_facts, 0, sizeof *out_facts);
    X509 *certificate = libcrypto_certificate(der);
    if (certificate == NULL)
        return DTLS_ERROR_ARGUMENT;
    copy_common_name(certificate, out_facts);
    out_facts->self_issued =
        X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0;
    X509_free(certificate);
    return DTLS_OK;
}

bool dtls_libcrypto_certificate_issued(dtls_span issuer, dtls_span subject) {
    X509 *above = libcrypto_certificate(issuer);
    X509 *below = libcrypto_certificate(subject);
    const bool issued = above != NULL && below != NULL && X509_check_issued(above, below) == X509_V_OK;
    X509_free(above);
    X509_free(below);
    return issued;
}

bool dtls_libcrypto_certificate_is_for(dtls_span certificate, const char *name) {
    X509 *read = name == NULL ? NULL : libcrypto_certificate(certificate);
    if (read == NULL)
        return false;
    ERR_set_mark(); /* a name that is no address leaves an error */
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(name);
    int is_for;
    if (address == NULL)
        is_for = X509_check_host(read, name, 0, LIBCRYPTO_HOST_FLAGS, NULL);
    else
        is_for = X509_check_ip(read, ASN1_STRING_get0_data(address), (size_t)ASN1_STRING_length(address), 0);
    ASN1_OCTET_STRING_free(address);
    X509_free(read);
    ERR_pop_to_mark();
    return is_for == 1;
}

bool dtls_libcrypto_private_key_fits(const dtls_private_key *key, dtls_span certificate) {
    X509 *read = libcrypto_certificate(certificate);
    ERR_set_mark();
    const bool fits =
        key != NULL && read != NULL && X509_check_private_key(read, (const EVP_PKEY *)(const void *)key) == 1;
    ERR_pop_to_mark();
    X509_free(read);
    return fits;
}

dtls_error dtls_libcrypto_trust_anchors_add(dtls_trust_anchors **anchors, dtls_span der) {
    if (anchors == NULL)
        return DTLS_ERROR_ARGUMENT;
    X509 *certificate = libcrypto_certificate(der);
    if (certificate == NULL)
        return DTLS_ERROR_ARGUMENT;
    const bool made = *anchors == NULL;
    X509_STORE *store = made ? X509_STORE_new() : (X509_STORE *)*anchors;
    const bool added = store != NULL && X509_STORE_add_cert(store, certificate) == 1;
    X509_free(certificate);
    if (!added && made)
        X509_STORE_free(store);
    else
        *anchors = (dtls_trust_anchors *)store;
    return added ? DTLS_OK : DTLS_ERROR_CRYPTO;
}
