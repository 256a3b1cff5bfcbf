/* SPDX-License-Identifier: MIT
 *
 * What the files of the libcrypto provider share. One file per group of
 * functions of `dtls_crypto`.
 *
 * Every slot is one pointer to an object of libcrypto's. What `dtls_libcrypto_open`
 * has looked up is only read from then on, so threads share it. Every function
 * does without it, too: libcrypto then looks algorithms up at each use, which
 * takes longer than a hash of a short message.
 */
#ifndef DTLS_CRYPTO_LIBCRYPTO_INTERNAL_H
#define DTLS_CRYPTO_LIBCRYPTO_INTERNAL_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "dtls/libcrypto.h"

/* A slot that holds one pointer; 8 bytes on every target. */
struct libcrypto_slot {
    _Alignas(8) void *object;
};

/* Names are matched by RFC 9525: none but subjectAltName, and a wildcard for a whole label only. */
#define LIBCRYPTO_HOST_FLAGS (X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)

#define LIBCRYPTO_HASHES (DTLS_HASH_MD5_SHA1 + 1)
#define LIBCRYPTO_AEADS  (DTLS_AEAD_AES_256_CCM_8 + 1)
#define LIBCRYPTO_GROUPS 5

/* What is looked up once. NULL: libcrypto does not have it, or it was not looked up. */
struct libcrypto_state {
    EVP_MD *digests[LIBCRYPTO_HASHES];      /* by dtls_hash */
    EVP_MAC_CTX *hmacs[LIBCRYPTO_HASHES];   /* by dtls_hash; copied, then keyed */
    EVP_CIPHER *aeads[LIBCRYPTO_AEADS];     /* by dtls_aead */
    EVP_CIPHER *cbcs[2];                    /* AES-128, AES-256 */
    EVP_PKEY *parameters[LIBCRYPTO_GROUPS]; /* of groups that have some, by their place in key_share.c */

    /* Chains that were found good: the caller's memory, behind a lock. */
    CRYPTO_RWLOCK *known_lock;
    dtls_libcrypto_known_chain *known;
    size_t num_known; /* 0: none are remembered */
    int64_t known_lifetime_s;
    uint64_t known_uses;
};

/* provider.c calls these, each file's own part of opening and closing. */
void libcrypto_hashes_open(struct libcrypto_state *state);
void libcrypto_hashes_close(struct libcrypto_state *state);
void libcrypto_aeads_open(struct libcrypto_state *state);
void libcrypto_aeads_close(struct libcrypto_state *state);
void libcrypto_cbcs_open(struct libcrypto_state *state);
void libcrypto_cbcs_close(struct libcrypto_state *state);
void libcrypto_groups_open(struct libcrypto_state *state);
void libcrypto_groups_close(struct libcrypto_state *state);

/* What `certificates_read` is asked. */
struct libcrypto_question {
    const dtls_span *chain;
    size_t chain_len;
    dtls_key_usage usage;
    const dtls_trust_anchors *anchors;
    const dtls_identity *identity;
};

/* Whether the answer is known and still good: a reference to the leaf's key, then, and its type. */
bool libcrypto_chain_known(struct libcrypto_state *state, const struct libcrypto_question *question,
                           void **out_key, dtls_key_type *out_type);
/* The chain was found good, and its certificates are valid before `until`. */
void libcrypto_chain_remember(struct libcrypto_state *state, const struct libcrypto_question *question,
                              int64_t until, EVP_PKEY *key, dtls_key_type type);
void libcrypto_known_chains_close(struct libcrypto_state *state);

/* NULL: there is no such hash. */
const EVP_MD *libcrypto_digest(const struct libcrypto_state *state, dtls_hash hash);

/* HMAC with a key; the caller's. NULL: failed. */
EVP_MAC_CTX *libcrypto_hmac_keyed(const struct libcrypto_state *state, dtls_hash hash, const uint8_t *key,
                                  size_t key_len);

dtls_error libcrypto_hash_start(void *state, void *slot, dtls_hash hash);
dtls_error libcrypto_hash_update(void *slot, const uint8_t *data, size_t len);
dtls_error libcrypto_hash_peek(const void *slot, uint8_t *out, size_t *out_len);
void libcrypto_hash_clear(void *slot);
dtls_error libcrypto_hmac(void *state, dtls_hash hash, const uint8_t *key, size_t key_len,
                          const dtls_span *parts, size_t num_parts, uint8_t *out);
dtls_error libcrypto_prf(void *state, dtls_hash hash, const uint8_t *secret, size_t secret_len,
                         const char *label, const dtls_span *seed, size_t num_seed, uint8_t *out,
                         size_t out_len);

dtls_error libcrypto_aead_start(void *state, void *slot, dtls_aead aead, dtls_direction direction,
                                const uint8_t *key, size_t key_len);
dtls_error libcrypto_aead_seal(void *slot, const uint8_t nonce[DTLS_AEAD_NONCE], const uint8_t *associated,
                               size_t associated_len, uint8_t *data, size_t len, uint8_t *out_tag);
dtls_error libcrypto_aead_open(void *slot, const uint8_t nonce[DTLS_AEAD_NONCE], const uint8_t *associated,
                               size_t associated_len, uint8_t *data, size_t len, const uint8_t *tag);
void libcrypto_aead_clear(void *slot);
dtls_error libcrypto_gcm_record_seal(void *slot, const uint8_t nonce[DTLS_AEAD_NONCE],
                                     const uint8_t associated[DTLS_RECORD_ASSOCIATED], uint8_t *fragment,
                                     size_t len);
dtls_error libcrypto_gcm_record_open(void *slot, const uint8_t nonce[DTLS_AEAD_NONCE],
                                     const uint8_t associated[DTLS_RECORD_ASSOCIATED], uint8_t *fragment,
                                     size_t len);

dtls_error libcrypto_cbc_start(void *state, void *slot, const dtls_cbc *cbc, dtls_direction direction,
                               const uint8_t *mac_key, const uint8_t *key);
dtls_error libcrypto_cbc_seal(void *slot, uint8_t *associated, size_t associated_len, uint8_t *bytes,
                              size_t len);
dtls_error libcrypto_cbc_open(void *slot, uint8_t *associated, size_t associated_len, uint8_t *bytes,
                              size_t *len);
void libcrypto_cbc_clear(void *slot);

dtls_error libcrypto_key_share_start(void *state, void *slot, unsigned group, uint8_t *out_public,
                                     size_t *out_public_len);
dtls_error libcrypto_key_share_agree(void *slot, const uint8_t *peer_public, size_t peer_public_len,
                                     uint8_t *out_secret, size_t *out_secret_len);
void libcrypto_key_share_clear(void *slot);

/* A certificate in DER, which must fill the span; NULL if it does not parse. */
X509 *libcrypto_certificate(dtls_span der);

/* The type of a key as negotiation sees it; DTLS_ERROR_ARGUMENT for one that no scheme here can use. */
dtls_error libcrypto_key_type(const EVP_PKEY *key, dtls_key_type *out_type);

dtls_error libcrypto_certificates_read(void *state, void *public_key_slot, const dtls_span *chain,
                                       size_t chain_len, dtls_key_usage usage,
                                       const dtls_trust_anchors *anchors, const dtls_identity *identity,
                                       dtls_key_type *out_type);
dtls_error libcrypto_public_key_read(void *state, void *public_key_slot, dtls_span public_key,
                                     dtls_key_type *out_type);
void libcrypto_public_key_clear(void *slot);

dtls_error libcrypto_verify(const void *public_key_slot, unsigned scheme, const uint8_t *digest,
                            size_t digest_len, const uint8_t *signature, size_t signature_len);
dtls_error libcrypto_sign(void *state, const dtls_private_key *key, unsigned scheme, const uint8_t *digest,
                          size_t digest_len, uint8_t *out, size_t *out_len);

dtls_error libcrypto_encrypt_premaster(void *state, const void *public_key_slot,
                                       const uint8_t premaster[DTLS_TRANSPORTED_PREMASTER], uint8_t *out,
                                       size_t *out_len);
dtls_error libcrypto_decrypt_premaster(void *state, const dtls_private_key *key, uint16_t client_version,
                                       const uint8_t *encrypted, size_t len,
                                       uint8_t out_premaster[DTLS_TRANSPORTED_PREMASTER]);

#endif
