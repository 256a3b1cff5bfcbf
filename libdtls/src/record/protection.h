/* SPDX-License-Identifier: MIT
 *
 * Record protection: how a cipher suite seals and opens records. One const
 * object per way of doing it; a suite points to its own, so the linker keeps
 * only those that some suite of the program names.
 *
 * AEAD (protection_aead.c): RFC 5288 section 3 (GCM), RFC 6655 section 3 (CCM),
 * RFC 7905 section 2 (ChaCha20-Poly1305), RFC 5246 section 6.2.3.3 (associated
 * data). CBC with HMAC (protection_cbc.c): RFC 5246 section 6.2.3.2 and RFC
 * 7366.
 */
#ifndef DTLS_RECORD_PROTECTION_H
#define DTLS_RECORD_PROTECTION_H

#include "dtls/crypto.h"

/* The longest keys and fixed IV of any protection, bytes. */
#define DTLS_MAX_KEY      32
#define DTLS_MAX_MAC_KEY  48
#define DTLS_MAX_FIXED_IV 12

/* A fragment on its way through a protection, in place. */
struct dtls_fragment {
    const dtls_crypto *crypto;
    void *slot; /* of the provider, with the key */
    const uint8_t *fixed_iv;
    const uint8_t *number; /* epoch and sequence number as on the wire, 8 bytes */
    /* What is authenticated besides the data. The last two bytes are a length that the protection fills in.
     */
    uint8_t *associated;
    size_t associated_len;
    uint8_t *bytes; /* the fragment as it is on the wire */
    size_t len; /* of the wire's fragment; sealing: of the plaintext, which stands `explicit_len` bytes in */
};

struct dtls_protection {
    uint8_t mac_key_len;  /* of the key block's client_write_MAC_key, bytes */
    uint8_t key_len;      /* of the key block's client_write_key, bytes */
    uint8_t fixed_iv_len; /* of the key block's client_write_IV, bytes */
    uint8_t explicit_len; /* of what is sent in front of the ciphertext: nonce or IV, bytes */
    uint8_t inner_len;    /* of a MAC that is encrypted together with the data, bytes */
    uint8_t block_len; /* data and inner MAC are padded to a multiple of this, by at least one byte; 0: not */
    uint8_t tag_len;   /* of what is sent behind the ciphertext, bytes */

    /* The key's use ends here (RFC 8446 section 5.5, RFC 9147 section 4.5.3, by way of RFC 9325 section 4.4):
     * blocks of 16 bytes sealed, and records that did not authenticate. */
    uint64_t max_blocks;
    uint64_t max_forged;

    /* Sets up the provider's slot. `mac_key` may be NULL if `mac_key_len` is 0. */
    dtls_error (*start)(const struct dtls_protection *protection, const dtls_crypto *crypto, void *slot,
                        dtls_direction direction, const uint8_t *mac_key, const uint8_t *key);
    /* Makes the fragment, of `dtls_protection_sealed` bytes. */
    dtls_error (*seal)(const struct dtls_protection *protection, const struct dtls_fragment *fragment);
    /* `*fragment` has at least `dtls_protection_least` bytes; its `bytes` and `len` become the plaintext's.
     * DTLS_NOTHING: it does not authenticate. */
    dtls_error (*open)(const struct dtls_protection *protection, struct dtls_fragment *fragment);
    void (*clear)(const dtls_crypto *crypto, void *slot);

    /* CBC only. */
    dtls_cbc cbc;
    const struct dtls_protection *encrypt_then_mac; /* takes its place if that is agreed on; NULL: not CBC */

    /* AEAD only. `explicit_part` has `explicit_len` bytes. */
    dtls_aead aead;
    void (*make_nonce)(const uint8_t *fixed_iv, const uint8_t *explicit_part, const uint8_t *number,
                       uint8_t out_nonce[DTLS_AEAD_NONCE]);
};

/* The bytes of a fragment that holds `len` bytes of plaintext, and of the shortest one. */
static inline size_t dtls_protection_sealed(const struct dtls_protection *protection, size_t len) {
    const size_t inner = len + protection->inner_len;
    const size_t block = protection->block_len;
    const size_t padded = block == 0 ? inner : (inner / block + 1) * block;
    return protection->explicit_len + padded + protection->tag_len;
}

static inline size_t dtls_protection_least(const struct dtls_protection *protection) {
    return dtls_protection_sealed(protection, 0);
}

/* Writes the length of what is authenticated into the associated data. */
static inline void dtls_fragment_set_len(const struct dtls_fragment *fragment, size_t len) {
    fragment->associated[fragment->associated_len - 2] = (uint8_t)(len >> 8);
    fragment->associated[fragment->associated_len - 1] = (uint8_t)len;
}

extern const struct dtls_protection dtls_protection_aes_128_gcm;
extern const struct dtls_protection dtls_protection_aes_256_gcm;
extern const struct dtls_protection dtls_protection_chacha20_poly1305;
extern const struct dtls_protection dtls_protection_aes_128_ccm;
extern const struct dtls_protection dtls_protection_aes_256_ccm;
extern const struct dtls_protection dtls_protection_aes_128_ccm_8;
extern const struct dtls_protection dtls_protection_aes_256_ccm_8;
extern const struct dtls_protection dtls_protection_aes_128_cbc_sha;
extern const struct dtls_protection dtls_protection_aes_256_cbc_sha;
extern const struct dtls_protection dtls_protection_aes_128_cbc_sha256;
extern const struct dtls_protection dtls_protection_aes_256_cbc_sha256;
extern const struct dtls_protection dtls_protection_aes_256_cbc_sha384;

#endif
