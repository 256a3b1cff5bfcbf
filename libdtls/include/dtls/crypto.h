/* SPDX-License-Identifier: MIT
 *
 * The crypto provider: every primitive that the protocol needs, as one const
 * table of functions. The core holds the protocol and calls these; a provider
 * holds no protocol.
 *
 * Contexts live in slots of the connection's own memory. Their sizes are told
 * by the provider, so a provider may keep the whole state there (embedded) or
 * only a pointer to something that its library allocated (libcrypto); `notes`
 * says which. A slot that is all zero bytes is empty, and every `*_clear` takes
 * an empty slot. Functions answer DTLS_OK or a negative dtls_error.
 */
#ifndef DTLS_CRYPTO_H
#define DTLS_CRYPTO_H

#include "dtls/error.h"
#include "dtls/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Hash functions. */
typedef enum dtls_hash {
    DTLS_HASH_SHA256 = 1,
    DTLS_HASH_SHA384 = 2,
    DTLS_HASH_SHA512 = 3,
    DTLS_HASH_SHA1 = 4,    /* for HMAC in CBC suites, and DTLS 1.0 */
    DTLS_HASH_MD5_SHA1 = 5 /* for DTLS 1.0: both digests, one behind the other; its PRF is that of RFC 4346
                              section 5 */
} dtls_hash;

/* The longest digest, bytes. */
#define DTLS_MAX_HASH 64

/* Authenticated encryption of records. */
typedef enum dtls_aead {
    DTLS_AEAD_AES_128_GCM = 1,
    DTLS_AEAD_AES_256_GCM = 2,
    DTLS_AEAD_CHACHA20_POLY1305 = 3,
    DTLS_AEAD_AES_128_CCM = 4,
    DTLS_AEAD_AES_256_CCM = 5,
    DTLS_AEAD_AES_128_CCM_8 = 6,
    DTLS_AEAD_AES_256_CCM_8 = 7
} dtls_aead;

/* The nonce of every AEAD here, bytes. */
#define DTLS_AEAD_NONCE 12

/* What is authenticated with a record that has no connection ID: its number, type, version and length (RFC
 * 5246 section 6.2.3.3), bytes. */
#define DTLS_RECORD_ASSOCIATED 13

/* AES in CBC mode with HMAC, whose output is not cut. */
typedef struct dtls_cbc {
    dtls_hash hash;  /* of HMAC; its length is that of the MAC and of the MAC's key */
    uint8_t key_len; /* of AES, bytes: 16 or 32 */
    bool encrypt_then_mac;
} dtls_cbc;

/* The block and IV of AES-CBC, bytes. */
#define DTLS_CBC_BLOCK 16

/* What a key is for. */
typedef enum dtls_direction { DTLS_SEAL = 0, DTLS_OPEN = 1 } dtls_direction;

/* Named groups by their IANA code points (RFC 8422 section 5.1.1). */
enum {
    DTLS_GROUP_P256 = 0x0017,
    DTLS_GROUP_P384 = 0x0018,
    DTLS_GROUP_P521 = 0x0019,
    DTLS_GROUP_X25519 = 0x001d,
    DTLS_GROUP_X448 = 0x001e
};

/* The longest public value and shared secret of the groups above, bytes. */
#define DTLS_MAX_KEY_SHARE     133
#define DTLS_MAX_SHARED_SECRET 66

/* The scheme of RSA keys in DTLS 1.0, PKCS#1 over both digests without their names (RFC 4346 section 7.4.3);
 * a code point for private use. */
#define DTLS_SCHEME_RSA_MD5_SHA1 0xfe01

/* The longest signature that a handshake message may carry here (RSA-4096), bytes. */
#define DTLS_MAX_SIGNATURE 512

/* What a certificate's public key is, as far as negotiation cares. */
typedef enum dtls_key_type {
    DTLS_KEY_ECDSA = 1,
    DTLS_KEY_RSA = 2,
    DTLS_KEY_ED25519 = 3,
    DTLS_KEY_RSA_PSS = 4
} dtls_key_type;

/* What a certificate's key must be allowed to do (RFC 5246 section 7.4.2). */
typedef enum dtls_key_usage { DTLS_KEY_SIGNS = 0, DTLS_KEY_DECRYPTS = 1 } dtls_key_usage;

/* The premaster secret of RSA key transport (RFC 5246 section 7.4.7.1), and the longest encrypted one
 * (RSA-4096), bytes. */
#define DTLS_TRANSPORTED_PREMASTER 48
#define DTLS_MAX_ENCRYPTED         512

/* A premaster secret that was transported, as a value of its own, so that no other length can be given. */
typedef struct dtls_premaster {
    uint8_t bytes[DTLS_TRANSPORTED_PREMASTER];
} dtls_premaster;

/* A private key and a set of trust anchors, made by functions of the provider; opaque to the core. */
typedef struct dtls_private_key dtls_private_key;
typedef struct dtls_trust_anchors dtls_trust_anchors;

/* What `certificates_read` judges a chain by, besides its signatures. */
typedef struct dtls_identity {
    const char *name; /* DNS name or literal IP address that the leaf must be for (RFC 9525 sections 6.3 and
                         6.5), NUL-terminated; NULL: any */
    dtls_role peer_role; /* whose certificate it is: decides the extended key usage */
    int64_t calendar_s;  /* the time at which dates are judged; 0: dates are not checked */
} dtls_identity;

/* A crypto provider. Members without words of their own do what their names say with the context in `slot`.
 */
typedef struct dtls_crypto {
    const char *name;
    const char *notes; /* one sentence: what the provider allocates itself, and when */

    /* What the provider keeps for itself, such as algorithms that it has looked up; NULL: nothing. It is the
     * first argument of every function that does not go on from a slot. Connections of several threads may
     * share it: the provider sees to that. */
    void *state;

    /* Sizes of slots, bytes; each is a multiple of 8. */
    size_t hash_slot;
    size_t aead_slot; /* for CBC too */
    size_t key_share_slot;
    size_t public_key_slot;

    /* Unpredictable bytes. */
    dtls_error (*random)(void *state, uint8_t *out, size_t len);

    /* Running hash of the transcript. `hash_peek` gives the digest so far and leaves the state alone. */
    dtls_error (*hash_start)(void *state, void *slot, dtls_hash hash);
    dtls_error (*hash_update)(void *slot, const uint8_t *data, size_t len);
    dtls_error (*hash_peek)(const void *slot, uint8_t *out, size_t *out_len);
    void (*hash_clear)(void *slot);

    /* HMAC in one call; `num_parts` spans are taken as one message. `out` has DTLS_MAX_HASH bytes. */
    dtls_error (*hmac)(void *state, dtls_hash hash, const uint8_t *key, size_t key_len,
                       const dtls_span *parts, size_t num_parts, uint8_t *out);

    /* The TLS 1.2 PRF (RFC 5246 section 5): out = PRF(secret, label, seed), seed given in parts. */
    dtls_error (*prf)(void *state, dtls_hash hash, const uint8_t *secret, size_t secret_len,
                      const char *label, const dtls_span *seed, size_t num_seed, uint8_t *out,
                      size_t out_len);

    /* One key of one direction, set once and used for every record. Sealing and opening work in place: `data`
     * of `len` bytes is replaced; the tag (8 bytes for the _CCM_8 suites, else 16) is apart. `aead_open`
     * answers DTLS_NOTHING when the tag does not verify, and the bytes are then worthless. */
    dtls_error (*aead_start)(void *state, void *slot, dtls_aead aead, dtls_direction direction,
                             const uint8_t *key, size_t key_len);
    dtls_error (*aead_seal)(void *slot, const uint8_t nonce[DTLS_AEAD_NONCE], const uint8_t *associated,
                            size_t associated_len, uint8_t *data, size_t len, uint8_t *out_tag);
    dtls_error (*aead_open)(void *slot, const uint8_t nonce[DTLS_AEAD_NONCE], const uint8_t *associated,
                            size_t associated_len, uint8_t *data, size_t len, const uint8_t *tag);
    void (*aead_clear)(void *slot);

    /* The same for GCM records without connection ID, whole (RFC 5288 section 3): `fragment` has the nonce's
     * last 8 bytes, `len` bytes of data, and the tag; `associated` is complete. Sealing writes the nonce and
     * the tag. NULL, both: the provider has no faster way than the functions above. */
    dtls_error (*gcm_record_seal)(void *slot, const uint8_t nonce[DTLS_AEAD_NONCE],
                                  const uint8_t associated[DTLS_RECORD_ASSOCIATED], uint8_t *fragment,
                                  size_t len);
    dtls_error (*gcm_record_open)(void *slot, const uint8_t nonce[DTLS_AEAD_NONCE],
                                  const uint8_t associated[DTLS_RECORD_ASSOCIATED], uint8_t *fragment,
                                  size_t len);

    /* GenericBlockCipher, with the MAC inside (RFC 5246 section 6.2.3.2) or outside (RFC 7366). NULL: the
     * provider has none, and no CBC suite can be configured. The last two bytes of `associated` are the
     * length of what is authenticated, which these functions fill in.
     *
     * `cbc_seal` turns `len` bytes of data at `bytes` + DTLS_CBC_BLOCK into IV, ciphertext and outer MAC at
     * `bytes`. `cbc_open` turns `*len` bytes of those back, and sets `*len`; the data then stands at `bytes`
     * + DTLS_CBC_BLOCK. It answers DTLS_NOTHING when padding or MAC are wrong, and which of them, and where,
     * must not show: not even in the time that it takes. With an inner MAC `associated_len` is 13. */
    dtls_error (*cbc_start)(void *state, void *slot, const dtls_cbc *cbc, dtls_direction direction,
                            const uint8_t *mac_key, const uint8_t *key);
    dtls_error (*cbc_seal)(void *slot, uint8_t *associated, size_t associated_len, uint8_t *bytes,
                           size_t len);
    dtls_error (*cbc_open)(void *slot, uint8_t *associated, size_t associated_len, uint8_t *bytes,
                           size_t *len);
    void (*cbc_clear)(void *slot);

    /* Ephemeral key agreement. `key_share_agree` answers DTLS_ERROR_KEY_SHARE for a bad public value and for
     * an all-zero secret (RFC 8422 section 5.11). `out_public` has room for DTLS_MAX_KEY_SHARE
     * bytes, `out_secret` for DTLS_MAX_SHARED_SECRET. */
    dtls_error (*key_share_start)(void *state, void *slot, unsigned group, uint8_t *out_public,
                                  size_t *out_public_len);
    dtls_error (*key_share_agree)(void *slot, const uint8_t *peer_public, size_t peer_public_len,
                                  uint8_t *out_secret, size_t *out_secret_len);
    void (*key_share_clear)(void *slot);

    /* Reads certificates (DER, leaf first): the leaf's public key goes into the slot. With `anchors` and
     * `identity` the chain is judged too; both NULL: only the leaf is looked at. One call does both because
     * reading a key out of a certificate can cost more than verifying a signature. DTLS_OK, or one of
     * DTLS_ERROR_CERTIFICATE_*, the slot then being empty. */
    dtls_error (*certificates_read)(void *state, void *public_key_slot, const dtls_span *chain,
                                    size_t chain_len, dtls_key_usage usage, const dtls_trust_anchors *anchors,
                                    const dtls_identity *identity, dtls_key_type *out_type);
    /* Reads a SubjectPublicKeyInfo (DER, RFC 7250 section 3) into the slot. NULL: the provider has none, and
     * no raw public keys can be configured. DTLS_OK, or one of DTLS_ERROR_CERTIFICATE_*, the slot then being
     * empty. */
    dtls_error (*public_key_read)(void *state, void *public_key_slot, dtls_span public_key,
                                  dtls_key_type *out_type);
    void (*public_key_clear)(void *slot);

    /* Signatures by IANA scheme (RFC 8446 section 4.2.3; RFC 5246's pairs read as the same 16 bits). `digest`
     * is the message hashed with the scheme's hash, since a CertificateVerify of DTLS 1.2 signs a transcript
     * that nobody keeps; a scheme that hashes by itself (Ed25519) gets the message. `verify` answers
     * DTLS_ERROR_SIGNATURE when the signature does not verify. `sign` answers DTLS_ERROR_NO_ROOM when
     * `*out_len` is too small, and sets it. */
    dtls_error (*verify)(const void *public_key_slot, unsigned scheme, const uint8_t *digest,
                         size_t digest_len, const uint8_t *signature, size_t signature_len);
    dtls_error (*sign)(void *state, const dtls_private_key *key, unsigned scheme, const uint8_t *digest,
                       size_t digest_len, uint8_t *out, size_t *out_len);

    /* RSA key transport by RSAES-PKCS1-v1_5. Both NULL: the provider has none, and no such suite can be
     * configured. `out` has DTLS_MAX_ENCRYPTED bytes.
     *
     * `decrypt_premaster` fails only for reasons that have nothing to do with the ciphertext. Whatever is
     * wrong with that, the length, the padding or the version that the client put in front, it makes a random
     * premaster secret, in the same time (RFC 5246 section 7.4.7.1). */
    dtls_error (*encrypt_premaster)(void *state, const void *public_key_slot,
                                    const uint8_t premaster[DTLS_TRANSPORTED_PREMASTER], uint8_t *out,
                                    size_t *out_len);
    dtls_error (*decrypt_premaster)(void *state, const dtls_private_key *key, uint16_t client_version,
                                    const uint8_t *encrypted, size_t len,
                                    uint8_t out_premaster[DTLS_TRANSPORTED_PREMASTER]);

    /* Overwrites `len` bytes in a way that the compiler does not leave out. */
    void (*wipe)(void *data, size_t len);
} dtls_crypto;

#ifdef __cplusplus
}
#endif

#endif
