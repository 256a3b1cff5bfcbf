/* SPDX-License-Identifier: MIT
 *
 * The signatures of DTLS 1.0 (RFC 4346 section 7.4.3, RFC 8422 section 5.4):
 * one for each type of key.
 */
#include "handshake/schemes_1_0.h"

static const dtls_signature_scheme rsa_md5_sha1 = {
    .name = "rsa_md5_sha1",
    .code = DTLS_SCHEME_RSA_MD5_SHA1,
    .key_type = DTLS_KEY_RSA,
    .hash = DTLS_HASH_MD5_SHA1,
};

static const dtls_signature_scheme ecdsa_sha1 = {
    .name = "ecdsa_sha1",
    .code = 0x0203,
    .key_type = DTLS_KEY_ECDSA,
    .hash = DTLS_HASH_SHA1,
};

const dtls_signature_scheme *const dtls_schemes_1_0[] = {&ecdsa_sha1, &rsa_md5_sha1, NULL};
