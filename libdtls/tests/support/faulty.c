/* SPDX-License-Identifier: MIT */
#include "support/faulty.h"

unsigned faulty_calls;
unsigned faulty_failing;

void faulty_reset(unsigned failing) {
    faulty_calls = 0;
    faulty_failing = failing;
}

static bool fails(void) {
    return ++faulty_calls == faulty_failing;
}

/* A function of the provider by its parameters and what it is called with. */
#define COUNTED(name, parameters, arguments)                                                                 \
    static dtls_error name parameters {                                                                      \
        return fails() ? DTLS_ERROR_CRYPTO : dtls_libcrypto.name arguments;                                  \
    }

COUNTED(random, (void *state, uint8_t *out, size_t len), (state, out, len))
COUNTED(hash_start, (void *state, void *slot, dtls_hash hash), (state, slot, hash))
COUNTED(hash_update, (void *slot, const uint8_t *data, size_t len), (slot, data, len))
COUNTED(hash_peek, (const void *slot, uint8_t *out, size_t *out_len), (slot, out, out_len))
COUNTED(hmac,
        (void *state, dtls_hash hash, const uint8_t *key, size_t key_len, const dtls_span *parts,
         size_t num_parts, uint8_t *out),
        (state, hash, key, key_len, parts, num_parts, out))
COUNTED(prf,
        (void *state, dtls_hash hash, const uint8_t *secret, size_t secret_len, const char *label,
         const dtls_span *seed, size_t num_seed, uint8_t *out, size_t out_len),
        (state, hash, secret, secret_len, label, seed, num_seed, out, out_len))
COUNTED(aead_start,
        (void *state, void *slot, dtls_aead aead, dtls_direction direction, const uint8_t *key,
         size_t key_len),
        (state, slot, aead, direction, key, key_len))
COUNTED(aead_seal,
        (void *slot, const uint8_t nonce[DTLS_AEAD_NONCE], const uint8_t *associated, size_t associated_len,
         uint8_t *data, size_t len, uint8_t *out_tag),
        (slot, nonce, associated, associated_len, data, len, out_tag))
COUNTED(aead_open,
        (void *slot, const uint8_t nonce[DTLS_AEAD_NONCE], const uint8_t *associated, size_t associated_len,
         uint8_t *data, size_t len, const uint8_t *tag),
        (slot, nonce, associated, associated_len, data, len, tag))
COUNTED(gcm_record_seal,
        (void *slot, const uint8_t nonce[DTLS_AEAD_NONCE], const uint8_t associated[DTLS_RECORD_ASSOCIATED],
         uint8_t *fragment, size_t len),
        (slot, nonce, associated, fragment, len))
COUNTED(gcm_record_open,
        (void *slot, const uint8_t nonce[DTLS_AEAD_NONCE], const uint8_t associated[DTLS_RECORD_ASSOCIATED],
         uint8_t *fragment, size_t len),
        (slot, nonce, associated, fragment, len))
COUNTED(cbc_start,
        (void *state, void *slot, const dtls_cbc *cbc, dtls_direction direction, const uint8_t *mac_key,
         const uint8_t *key),
        (state, slot, cbc, direction, mac_key, key))
COUNTED(cbc_seal, (void *slot, uint8_t *associated, size_t associated_len, uint8_t *bytes, size_t len),
        (slot, associated, associated_len, bytes, len))
COUNTED(cbc_open, (void *slot, uint8_t *associated, size_t associated_len, uint8_t *bytes, size_t *len),
        (slot, associated, associated_len, bytes, len))
COUNTED(key_share_start, (void *state, void *slot, unsigned group, uint8_t *out, size_t *out_len),
        (state, slot, group, out, out_len))
COUNTED(key_share_agree,
        (void *slot, const uint8_t *peer, size_t peer_len, uint8_t *out_secret, size_t *out_len),
        (slot, peer, peer_len, out_secret, out_len))
COUNTED(certificates_read,
        (void *state, void *slot, const dtls_span *chain, size_t chain_len, dtls_key_usage usage,
         const dtls_trust_anchors *anchors, const dtls_identity *identity, dtls_key_type *out_type),
        (state, slot, chain, chain_len, usage, anchors, identity, out_type))
COUNTED(public_key_read, (void *state, void *slot, dtls_span public_key, dtls_key_type *out_type),
        (state, slot, public_key, out_type))
COUNTED(verify,
        (const void *slot, unsigned scheme, const uint8_t *digest, size_t digest_len,
         const uint8_t *signature, size_t signature_len),
        (slot, scheme, digest, digest_len, signature, signature_len))
COUNTED(sign,
        (void *state, const dtls_private_key *key, unsigned scheme, const uint8_t *digest, size_t digest_len,
         uint8_t *out, size_t *out_len),
        (state, key, scheme, digest, digest_len, out, out_len))
COUNTED(encrypt_premaster,
        (void *state, const void *slot, const uint8_t premaster[DTLS_TRANSPORTED_PREMASTER], uint8_t *out,
         size_t *out_len),
        (state, slot, premaster, out, out_len))
COUNTED(decrypt_premaster,
        (void *state, const dtls_private_key *key, uint16_t client_version, const uint8_t *encrypted,
         size_t len, uint8_t out[DTLS_TRANSPORTED_PREMASTER]),
        (state, key, client_version, encrypted, len, out))

dtls_crypto faulty_provider(bool whole_records) {
    dtls_crypto crypto = dtls_libcrypto;
    crypto.random = random;
    crypto.hash_start = hash_start;
    crypto.hash_update = hash_update;
    crypto.hash_peek = hash_peek;
    crypto.hmac = hmac;
    crypto.prf = prf;
    crypto.aead_start = aead_start;
    crypto.aead_seal = aead_seal;
    crypto.aead_open = aead_open;
    crypto.gcm_record_seal = whole_records ? gcm_record_seal : NULL;
    crypto.gcm_record_open = whole_records ? gcm_record_open : NULL;
    crypto.cbc_start = cbc_start;
    crypto.cbc_seal = cbc_seal;
    crypto.cbc_open = cbc_open;
    crypto.key_share_start = key_share_start;
    crypto.key_share_agree = key_share_agree;
    crypto.certificates_read = certificates_read;
    crypto.public_key_read = public_key_read;
    crypto.verify = verify;
    crypto.sign = sign;
    crypto.encrypt_premaster = encrypt_premaster;
    crypto.decrypt_premaster = decrypt_premaster;
    return crypto;
}
