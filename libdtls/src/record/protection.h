/* SPDX-License-Identifier: MIT
 *
 * Record protection: how a cipher suite seals and opens records. One const
 * object per way of doing it; a suite points to its own, so the linker keeps
 * only those that some suite of the program names.
 *
 * AEAD with an explicit nonce: RFC 5288 section 3 (GCM), RFC 6655 section 3
 * (CCM), RFC 5246 section 6.2.3.3 (associated data).
 */
#ifndef DTLS_RECORD_PROTECTION_H
#define DTLS_RECORD_PROTECTION_H

#include "dtls/crypto.h"

/* The longest key and fixed IV of any protection, bytes. */
#define DTLS_MAX_KEY      32
#define DTLS_MAX_FIXED_IV 12

struct dtls_protection {
    dtls_aead aead;
    uint8_t key_len;      /* of the key block's client_write_key, bytes */
    uint8_t fixed_iv_len; /* of the key block's client_write_IV, bytes */
    uint8_t explicit_len; /* of the nonce's part that is sent in front of the ciphertext, bytes; 0 or 8 */
    uint8_t tag_len;      /* bytes */

    /* The key's use ends here (RFC 8446 section 5.5, RFC 9147 section 4.5.3, by way of RFC 9325 section 4.4):
     * blocks of 16 bytes sealed, and records that did not authenticate. */
    uint64_t max_blocks;
    uint64_t max_forged;

    /* Makes the nonce of a record. `number` is epoch and sequence number as on the wire, 8 bytes;
     * `explicit_part` has `explicit_len` bytes. */
    void (*make_nonce)(const uint8_t *fixed_iv, const uint8_t *explicit_part, const uint8_t *number,
                       uint8_t out_nonce[DTLS_AEAD_NONCE]);
};

extern const struct dtls_protection dtls_protection_aes_128_gcm;
extern const struct dtls_protection dtls_protection_aes_128_ccm_8;

#endif
