/* SPDX-License-Identifier: MIT
 *
 * The CBC protections: MAC inside the ciphertext (RFC 5246 section 6.2.3.2,
 * explicit IV), or outside (RFC 7366 section 3).
 */
#include "record/protection.h"

static dtls_error start(const struct dtls_protection *protection, const dtls_crypto *crypto, void *slot,
                        dtls_direction direction, const uint8_t *mac_key, const uint8_t *key) {
    return crypto->cbc_start(crypto->state, slot, &protection->cbc, direction, mac_key, key);
}

static dtls_error seal(const struct dtls_protection *protection, const struct dtls_fragment *fragment) {
    (void)protection;
    return fragment->crypto->cbc_seal(fragment->slot, fragment->associated, fragment->associated_len,
                                      fragment->bytes, fragment->len);
}

static dtls_error open(const struct dtls_protection *protection, struct dtls_fragment *fragment) {
    const dtls_error error = fragment->crypto->cbc_open(
        fragment->slot, fragment->associated, fragment->associated_len, fragment->bytes, &fragment->len);
    fragment->bytes += protection->explicit_len;
    return error;
}

static void clear(const dtls_crypto *crypto, void *slot) {
    crypto->cbc_clear(slot);
}

/* Among so many blocks two are equal with probability 2^-43. */
#define CBC_MAX_BLOCKS (UINT64_C(1) << 43)

static const struct dtls_protection aes_128_cbc_sha_encrypt_then_mac = {
    .mac_key_len = 20,
    .key_len = 16,
    .explicit_len = DTLS_CBC_BLOCK,
    .tag_len = 20,
    .block_len = DTLS_CBC_BLOCK,
    .max_blocks = CBC_MAX_BLOCKS,
    .max_forged = UINT64_MAX,
    .start = start,
    .seal = seal,
    .open = open,
    .clear = clear,
    .cbc = {.hash = DTLS_HASH_SHA1, .key_len = 16, .encrypt_then_mac = true},
};

const struct dtls_protection dtls_protection_aes_128_cbc_sha = {
    .mac_key_len = 20,
    .key_len = 16,
    .explicit_len = DTLS_CBC_BLOCK,
    .inner_len = 20,
    .block_len = DTLS_CBC_BLOCK,
    .max_blocks = CBC_MAX_BLOCKS,
    .max_forged = UINT64_MAX,
    .start = start,
    .seal = seal,
    .open = open,
    .clear = clear,
    .cbc = {.hash = DTLS_HASH_SHA1, .key_len = 16},
    .encrypt_then_mac = &aes_128_cbc_sha_encrypt_then_mac,
};

static const struct dtls_protection aes_256_cbc_sha_encrypt_then_mac = {
    .mac_key_len = 20,
    .key_len = 32,
    .explicit_len = DTLS_CBC_BLOCK,
    .tag_len = 20,
    .block_len = DTLS_CBC_BLOCK,
    .max_blocks = CBC_MAX_BLOCKS,
    .max_forged = UINT64_MAX,
    .start = start,
    .seal = seal,
    .open = open,
    .clear = clear,
    .cbc = {.hash = DTLS_HASH_SHA1, .key_len = 32, .encrypt_then_mac = true},
};

const struct dtls_protection dtls_protection_aes_256_cbc_sha = {
    .mac_key_len = 20,
    .key_len = 32,
    .explicit_len = DTLS_CBC_BLOCK,
    .inner_len = 20,
    .block_len = DTLS_CBC_BLOCK,
    .max_blocks = CBC_MAX_BLOCKS,
    .max_forged = UINT64_MAX,
    .start = start,
    .seal = seal,
    .open = open,
    .clear = clear,
    .cbc = {.hash = DTLS_HASH_SHA1, .key_len = 32},
    .encrypt_then_mac = &aes_256_cbc_sha_encrypt_then_mac,
};

static const struct dtls_protection aes_128_cbc_sha256_encrypt_then_mac = {
    .mac_key_len = 32,
    .key_len = 16,
    .explicit_len = DTLS_CBC_BLOCK,
    .tag_len = 32,
    .block_len = DTLS_CBC_BLOCK,
    .max_blocks = CBC_MAX_BLOCKS,
    .max_forged = UINT64_MAX,
    .start = start,
    .seal = seal,
    .open = open,
    .clear = clear,
    .cbc = {.hash = DTLS_HASH_SHA256, .key_len = 16, .encrypt_then_mac = true},
};

const struct dtls_protection dtls_protection_aes_128_cbc_sha256 = {
    .mac_key_len = 32,
    .key_len = 16,
    .explicit_len = DTLS_CBC_BLOCK,
    .inner_len = 32,
    .block_len = DTLS_CBC_BLOCK,
    .max_blocks = CBC_MAX_BLOCKS,
    .max_forged = UINT64_MAX,
    .start = start,
    .seal = seal,
    .open = open,
    .clear = clear,
    .cbc = {.hash = DTLS_HASH_SHA256, .key_len = 16},
    .encrypt_then_mac = &aes_128_cbc_sha256_encrypt_then_mac,
};

static const struct dtls_protection aes_256_cbc_sha256_encrypt_then_mac = {
    .mac_key_len = 32,
    .key_len = 32,
    .explicit_len = DTLS_CBC_BLOCK,
    .tag_len = 32,
    .block_len = DTLS_CBC_BLOCK,
    .max_blocks = CBC_MAX_BLOCKS,
    .max_forged = UINT64_MAX,
    .start = start,
    .seal = seal,
    .open = open,
    .clear = clear,
    .cbc = {.hash = DTLS_HASH_SHA256, .key_len = 32, .encrypt_then_mac = true},
};

const struct dtls_protection dtls_protection_aes_256_cbc_sha256 = {
    .mac_key_len = 32,
    .key_len = 32,
    .explicit_len = DTLS_CBC_BLOCK,
    .inner_len = 32,
    .block_len = DTLS_CBC_BLOCK,
    .max_blocks = CBC_MAX_BLOCKS,
    .max_forged = UINT64_MAX,
    .start = start,
    .seal = seal,
    .open = open,
    .clear = clear,
    .cbc = {.hash = DTLS_HASH_SHA256, .key_len = 32},
    .encrypt_then_mac = &aes_256_cbc_sha256_encrypt_then_mac,
};

static const struct dtls_protection aes_256_cbc_sha384_encrypt_then_mac = {
    .mac_key_len = 48,
    .key_len = 32,
    .explicit_len = DTLS_CBC_BLOCK,
    .tag_len = 48,
    .block_len = DTLS_CBC_BLOCK,
    .max_blocks = CBC_MAX_BLOCKS,
    .max_forged = UINT64_MAX,
    .start = start,
    .seal = seal,
    .open = open,
    .clear = clear,
    .cbc = {.hash = DTLS_HASH_SHA384, .key_len = 32, .encrypt_then_mac = true},
};

const struct dtls_protection dtls_protection_aes_256_cbc_sha384 = {
    .mac_key_len = 48,
    .key_len = 32,
    .explicit_len = DTLS_CBC_BLOCK,
    .inner_len = 48,
    .block_len = DTLS_CBC_BLOCK,
    .max_blocks = CBC_MAX_BLOCKS,
    .max_forged = UINT64_MAX,
    .start = start,
    .seal = seal,
    .open = open,
    .clear = clear,
    .cbc = {.hash = DTLS_HASH_SHA384, .key_len = 32},
    .encrypt_then_mac = &aes_256_cbc_sha384_encrypt_then_mac,
};
