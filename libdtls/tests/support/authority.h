/* SPDX-License-Identifier: MIT
 *
 * Certificates made for a test, good and bad, with libcrypto.
 */
#ifndef DTLS_TESTS_SUPPORT_AUTHORITY_H
#define DTLS_TESTS_SUPPORT_AUTHORITY_H

#include "dtls/libcrypto.h"

/* 2000-01-01, 2026-01-01 and 2099-01-01. */
#define TEST_BEGINNING INT64_C(946684800)
#define TEST_NOW       INT64_C(1767225600)
#define TEST_END       INT64_C(4070908800)

/* A certificate with its key. */
struct test_identity {
    void *certificate; /* X509 */
    void *key;         /* EVP_PKEY */
};

/* What a certificate is to say. Zero fields: P-256, self-signed, valid from TEST_BEGINNING to TEST_END, and
 * no such extension. */
struct test_request {
    const char *common_name; /* in Latin-1 */
    const char *dns_name;
    const char *key_usage;          /* "critical,digitalSignature" */
    const char *extended_key_usage; /* "serverAuth" */
    const char *digest;             /* "SHA256" if NULL */
    const struct test_identity *issuer;
    bool authority;
    unsigned rsa_bits;    /* 0: P-256 */
    const char *key_type; /* "ED25519", "RSA-PSS", or "EC" with `curve` instead */
    const char *curve;
    int64_t not_before;
    int64_t not_after;
};

/* Ends the program with a message if libcrypto cannot do it. */
struct test_identity test_issue(const struct test_request *request);
void test_identity_free(struct test_identity *identity);

/* The certificate in DER, in memory to be freed by `free`. */
dtls_span test_certificate_der(const struct test_identity *identity);

/* PEM texts, NUL-terminated, to be freed by `free`. */
char *test_certificate_pem(const struct test_identity *identity);
char *test_key_pem(const struct test_identity *identity);

/* The identity as a configuration wants it. The anchors are the caller's to free; so is the key. */
dtls_trust_anchors *test_anchors(const struct test_identity *identity);
dtls_private_key *test_private_key(const struct test_identity *identity, dtls_key_type *out_type);

#endif
