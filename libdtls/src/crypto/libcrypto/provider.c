/* SPDX-License-Identifier: MIT
 *
 * The provider's table, its randomness and its wiping.
 */
#include <assert.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <string.h>

#include "crypto/libcrypto/internal.h"

static dtls_error random_bytes(void *state, uint8_t *out, size_t len) {
    (void)state;
    return len <= INT_MAX && RAND_bytes(out, (int)len) == 1 ? DTLS_OK : DTLS_ERROR_CRYPTO;
}

/* Blocks of some thousand bytes are wiped at every handshake, for which OPENSSL_cleanse takes some time. */
static void wipe(void *data, size_t len) {
#if defined __GNUC__
    memset(data, 0, len);
    __asm__ volatile("" : : "r"(data) : "memory");
#else
    OPENSSL_cleanse(data, len);
#endif
}

const dtls_crypto dtls_libcrypto = {
    .name = "libcrypto",
    .notes =
        "Each slot points to a context that libcrypto allocates when the slot is filled and frees when it "
        "is cleared; certificates are parsed into its memory for the length of a call.",
    .hash_slot = sizeof(struct libcrypto_slot),
    .aead_slot = sizeof(struct libcrypto_slot),
    .key_share_slot = sizeof(struct libcrypto_slot),
    .public_key_slot = sizeof(struct libcrypto_slot),
    .random = random_bytes,
    .hash_start = libcrypto_hash_start,
    .hash_update = libcrypto_hash_update,
    .hash_peek = libcrypto_hash_peek,
    .hash_clear = libcrypto_hash_clear,
    .hmac = libcrypto_hmac,
    .prf = libcrypto_prf,
    .aead_start = libcrypto_aead_start,
    .aead_seal = libcrypto_aead_seal,
    .aead_open = libcrypto_aead_open,
    .aead_clear = libcrypto_aead_clear,
    .gcm_record_seal = libcrypto_gcm_record_seal,
    .gcm_record_open = libcrypto_gcm_record_open,
    .cbc_start = libcrypto_cbc_start,
    .cbc_seal = libcrypto_cbc_seal,
    .cbc_open = libcrypto_cbc_open,
    .cbc_clear = libcrypto_cbc_clear,
    .key_share_start = libcrypto_key_share_start,
    .key_share_agree = libcrypto_key_share_agree,
    .key_share_clear = libcrypto_key_share_clear,
    .certificates_read = libcrypto_certificates_read,
    .public_key_read = libcrypto_public_key_read,
    .public_key_clear = libcrypto_public_key_clear,
    .verify = libcrypto_verify,
    .sign = libcrypto_sign,
    .encrypt_premaster = libcrypto_encrypt_premaster,
    .decrypt_premaster = libcrypto_decrypt_premaster,
    .wipe = wipe,
};

static_assert(sizeof(struct libcrypto_state) <= sizeof((dtls_libcrypto_provider *)NULL)->own,
              "a provider has room for what it looks up");

dtls_error dtls_libcrypto_open(dtls_libcrypto_provider *out_provider) {
    if (out_provider == NULL)
        return DTLS_ERROR_ARGUMENT;
    memset(out_provider, 0, sizeof *out_provider);
    struct libcrypto_state *state = (void *)out_provider->own;
    ERR_set_mark();
    libcrypto_hashes_open(state);
    libcrypto_aeads_open(state);
    libcrypto_cbcs_open(state);
    libcrypto_groups_open(state);
    ERR_pop_to_mark();
    out_provider->crypto = dtls_libcrypto;
    out_provider->crypto.state = state;
    if (state->digests[DTLS_HASH_SHA256] != NULL && state->hmacs[DTLS_HASH_SHA256] != NULL)
        return DTLS_OK;
    dtls_libcrypto_close(out_provider);
    return DTLS_ERROR_CRYPTO;
}

void dtls_libcrypto_close(dtls_libcrypto_provider *provider) {
    if (provider == NULL)
        return;
    struct libcrypto_state *state = (void *)provider->own;
    libcrypto_hashes_close(state);
    libcrypto_aeads_close(state);
    libcrypto_cbcs_close(state);
    libcrypto_groups_close(state);
    libcrypto_known_chains_close(state);
    memset(provider, 0, sizeof *provider);
}
