/* SPDX-License-Identifier: MIT
 *
 * The protections that DTLS 1.2 suites name: AEAD with an explicit nonce
 * (RFC 5288 section 3, RFC 6655 section 3).
 */
#include "record/protection.h"

#include <string.h>

/* GCMNonce and CCMNonce: salt[4] || nonce_explicit[8]. */
static void salt_and_explicit(const uint8_t *fixed_iv, const uint8_t *explicit_part, const uint8_t *number,
                              uint8_t out_nonce[DTLS_AEAD_NONCE]) {
    (void)number;
    memcpy(out_nonce, fixed_iv, 4);
    memcpy(out_nonce + 4, explicit_part, 8);
}

/* 2^24.5 and 2^23 records of 2^14 bytes, told in blocks, so that short records use up less. */
#define GCM_MAX_BLOCKS UINT64_C(24296004000)
#define CCM_MAX_BLOCKS (UINT64_C(1) << 33)

const struct dtls_protection dtls_protection_aes_128_gcm = {
    .aead = DTLS_AEAD_AES_128_GCM,
    .key_len = 16,
    .fixed_iv_len = 4,
    .explicit_len = 8,
    .tag_len = 16,
    .max_blocks = GCM_MAX_BLOCKS,
    .max_forged = UINT64_C(1) << 36,
    .make_nonce = salt_and_explicit,
};

/* RFC 9147 forbids CCM_8 without a limit of its own because each forgery succeeds with probability 2^-64.
 * Ending the connection early would hand the forger what he wants, so the limit is CCM's, 2^23.5: all its
 * tries together then succeed with probability 2^-40. */
const struct dtls_protection dtls_protection_aes_128_ccm_8 = {
    .aead = DTLS_AEAD_AES_128_CCM_8,
    .key_len = 16,
    .fixed_iv_len = 4,
    .explicit_len = 8,
    .tag_len = 8,
    .max_blocks = CCM_MAX_BLOCKS,
    .max_forged = UINT64_C(11863283),
    .make_nonce = salt_and_explicit,
};
