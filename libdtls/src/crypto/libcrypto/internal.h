/* SPDX-License-Identifier: MIT
 *
 * What the files of the libcrypto provider share. One file per group of
 * functions of `dtls_crypto`.
 *
 * Every slot is one pointer to an object of libcrypto's. Algorithms are
 * fetched when a context is set up (once a direction for a key, measured at
 * half a microsecond for the PRF), so nothing is kept between calls and there
 * is no state that threads could share.
 */
#ifndef DTLS_CRYPTO_LIBCRYPTO_INTERNAL_H
#define DTLS_CRYPTO_LIBCRYPTO_INTERNAL_H

#include <openssl/evp.h>

#include "dtls/libcrypto.h"

/* A slot that holds one pointer; 8 bytes on every target. */
struct libcrypto_slot {
    _Alignas(8) void *object;
};

const EVP_MD *libcrypto_digest(dtls_hash hash);

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
