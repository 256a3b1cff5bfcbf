/* SPDX-License-Identifier: MIT
 *
 * Records with a connection ID: tls12_cid and DTLSInnerPlaintext (RFC 9146
 * section 4), and what of them is authenticated (section 5).
 */
#include "record/format.h"

#include "wire/record_header.h"

#include <string.h>

/* For AEAD, length_of_DTLSInnerPlaintext comes last; so it does for block ciphers without, and
 * DTLSCiphertext.length for those with encrypt-then-MAC. */
static size_t associate(const uint8_t *header, size_t cid_len, uint8_t out[DTLS_MAX_ASSOCIATED]) {
    memset(out, 0xff, 8);
    out[8] = DTLS_CONTENT_TLS12_CID;
    out[9] = (uint8_t)cid_len;
    memcpy(out + 10, header, DTLS_RECORD_NUMBERED + cid_len);
    return 10 + DTLS_RECORD_NUMBERED + cid_len + 2;
}

static size_t wrap(uint8_t *content, size_t len, uint8_t type, size_t padding, size_t limit) {
    size_t wrapped = len + 1;
    content[len] = type;
    if (padding > 1) {
        wrapped = (wrapped + padding - 1) / padding * padding;
        if (wrapped > limit)
            wrapped = limit;
        memset(content + len + 1, 0, wrapped - len - 1);
    }
    return wrapped;
}

static bool unwrap(const uint8_t *content, size_t *len, uint8_t *out_type) {
    size_t at = *len;
    while (at > 0 && content[at - 1] == 0)
        at--;
    if (at == 0)
        return false;
    *out_type = content[at - 1];
    *len = at - 1;
    return true;
}

const struct dtls_record_format dtls_record_format_cid = {
    .type = DTLS_CONTENT_TLS12_CID, .associate = associate, .wrap = wrap, .unwrap = unwrap};
