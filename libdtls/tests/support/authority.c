/* SPDX-License-Identifier: MIT
 *
 * A certification authority for tests.
 */
#include "support/authority.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void need(int good, const char *what) {
    if (good)
        return;
    fprintf(stderr, "test authority: %s\n", what);
    ERR_print_errors_fp(stderr);
    abort();
}

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value) {
    if (value == NULL)
        return;
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    need(extension != NULL && X509_add_ext(certificate, extension, -1) == 1, value);
    X509_EXTENSION_free(extension);
}

static EVP_PKEY *make_key(const struct test_request *request) {
    const char *type = request->key_type;
    if (type != NULL && strcmp(type, "EC") == 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", request->curve);
    if (type != NULL && strcmp(type, "RSA") != 0 && strcmp(type, "RSA-PSS") != 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, type);
    if (type == NULL && request->rsa_bits == 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type == NULL ? "RSA" : type, NULL);
    EVP_PKEY *key = NULL;
    need(context != NULL && EVP_PKEY_keygen_init(context) == 1 &&
             EVP_PKEY_CTX_set_rsa_keygen_bits(context,
                                              request->rsa_bits == 0 ? 2048 : (int)request->rsa_bits) == 1 &&
             EVP_PKEY_generate(context, &key) == 1,
         "key");
    EVP_PKEY_CTX_free(context);
    return key;
}

struct test_identity test_issue(const struct test_request *request) {
    static long serial = 1;
    EVP_PKEY *key = make_key(request);
    X509 *certificate = X509_new();
    need(key != NULL && certificate != NULL, "memory");
    X509 *issuer = request->issuer == NULL ? certificate : request->issuer->certificate;
    EVP_PKEY *issuer_key = request->issuer == NULL ? key : request->issuer->key;

    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
    if (request->common_name != NULL)
        X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                                   (const unsigned char *)request->common_name, -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
    ASN1_TIME_set(X509_getm_notBefore(certificate),
                  (time_t)(request->not_before == 0 ? TEST_BEGINNING : request->not_before));
    ASN1_TIME_set(X509_getm_notAfter(certificate),
                  (time_t)(request->not_after == 0 ? TEST_END : request->not_after));
    X509_set_pubkey(certificate, key);

    char name[256] = "";
    if (request->dns_name != NULL)
        snprintf(name, sizeof name, "DNS:%s", request->dns_name);
    add_extension(certificate, issuer, NID_basic_constraints,
                  request->authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    add_extension(certificate, issuer, NID_key_usage,
                  request->authority ? "critical,keyCertSign" : request->key_usage);
    add_extension(certificate, issuer, NID_ext_key_usage, request->extended_key_usage);
    add_extension(certificate, issuer, NID_subject_alt_name, request->dns_name == NULL ? NULL : name);
    const EVP_MD *digest = EVP_get_digestbyname(request->digest == NULL ? "SHA256" : request->digest);
    need(X509_sign(certificate, issuer_key, digest) > 0, "signing");
    return (struct test_identity){.certificate = certificate, .key = key};
}

void test_identity_free(struct test_identity *identity) {
    X509_free(identity->certificate);
    EVP_PKEY_free(identity->key);
    *identity = (struct test_identity){.certificate = NULL, .key = NULL};
}

dtls_span test_certificate_der(const struct test_identity *identity) {
    int len = i2d_X509(identity->certificate, NULL);
    need(len > 0, "DER");
    unsigned char *bytes = malloc((size_t)len);
    need(bytes != NULL, "memory");
    unsigned char *at = bytes;
    i2d_X509(identity->certificate, &at);
    return (dtls_span){.data = bytes, .len = (size_t)len};
}

/* What was written to `output`, as a string; frees it. */
static char *text_of(BIO *output) {
    char *bytes = NULL;
    long len = BIO_get_mem_data(output, &bytes);
    char *text = malloc((size_t)len + 1);
    need(text != NULL, "memory");
    memcpy(text, bytes, (size_t)len);
    text[len] = '\0';
    BIO_free(output);
    return text;
}

char *test_certificate_pem(const struct test_identity *identity) {
    BIO *output = BIO_new(BIO_s_mem());
    need(output != NULL && PEM_write_bio_X509(output, identity->certificate) == 1, "PEM");
    return text_of(output);
}

char *test_key_pem(const struct test_identity *identity) {
    BIO *output = BIO_new(BIO_s_mem());
    need(output != NULL && PEM_write_bio_PrivateKey(output, identity->key, NULL, NULL, 0, NULL, NULL) == 1,
         "PEM");
    return text_of(output);
}

dtls_trust_anchors *test_anchors(const struct test_identity *identity) {
    char *pem = test_certificate_pem(identity);
    dtls_trust_anchors *anchors = NULL;
    need(dtls_libcrypto_trust_anchors_read((const uint8_t *)pem, strlen(pem), &anchors) == DTLS_OK,
         "anchors");
    free(pem);
    return anchors;
}

dtls_private_key *test_private_key(const struct test_identity *identity, dtls_key_type *out_type) {
    char *pem = test_key_pem(identity);
    dtls_private_key *key = NULL;
    need(dtls_libcrypto_private_key_read((const uint8_t *)pem, strlen(pem), &key, out_type) == DTLS_OK,
         "key");
    free(pem);
    return key;
}
