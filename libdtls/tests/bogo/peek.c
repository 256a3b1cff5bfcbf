/* SPDX-License-Identifier: MIT
 *
 * A look at the peer's hello, put together from its fragments.
 */
#include <string.h>

#include "bogo/shim.h"

enum {
    RECORD_HEADER = 13,
    MESSAGE_HEADER = 12,
    HANDSHAKE = 22,
    CLIENT_HELLO = 1,
    SERVER_HELLO = 2,
    RANDOM_AT = 2,
    RANDOM_LEN = 32,
    SUPPORTED_VERSIONS = 43,
    ENCRYPTED_CLIENT_HELLO = 0xfe0d
};

static size_t number(const uint8_t *at, size_t width) {
    size_t value = 0;
    while (width-- > 0)
        value = value << 8 | *at++;
    return value;
}

/* Skips a vector whose length stands in `width` bytes; `limit` when it does not fit. */
static size_t skip(const uint8_t *body, size_t at, size_t limit, size_t width) {
    if (at + width > limit)
        return limit;
    at += width + number(body + at, width);
    return at < limit ? at : limit;
}

/* Only who speaks DTLS 1.3 sends supported_versions (RFC 8446 section 4.2.1) or an encrypted hello, or reads
 * them. */
static bool offers_1_3(const uint8_t *body, size_t len) {
    size_t at = skip(body, RANDOM_AT + RANDOM_LEN, len, 1); /* session id */
    at = skip(body, at, len, 1);                            /* cookie */
    at = skip(body, at, len, 2);                            /* suites */
    at = skip(body, at, len, 1) + 2;                        /* compression methods; length of extensions */
    while (at + 4 <= len) {
        size_t type = number(body + at, 2);
        size_t end = skip(body, at + 2, len, 2);
        if (type == SUPPORTED_VERSIONS || type == ENCRYPTED_CLIENT_HELLO)
            return true;
        at = end;
    }
    return false;
}

static bool settled_for_less(const uint8_t *body, size_t len) {
    static const uint8_t mark[8] = {0x44, 0x4f, 0x57, 0x4e, 0x47, 0x52, 0x44, 0x01};
    size_t at = RANDOM_AT + RANDOM_LEN - sizeof mark;
    return len >= at + sizeof mark && memcmp(body + at, mark, sizeof mark) == 0;
}

/* Takes the fragment in; whether the hello is whole now. */
static bool take(shim_peek *peek, const uint8_t *fragment, size_t len) {
    size_t total = number(fragment + 1, 3);
    size_t offset = number(fragment + 6, 3);
    size_t fragment_len = number(fragment + 9, 3);
    if (fragment_len > len - MESSAGE_HEADER || offset + fragment_len > total || total > sizeof peek->body)
        return false;
    memcpy(peek->body + offset, fragment + MESSAGE_HEADER, fragment_len);
    memset(peek->there + offset, 1, fragment_len);
    peek->len = total;
    return memchr(peek->there, 0, total) == NULL;
}

bool shim_peer_prefers_1_3(shim_peek *peek, bool server, const uint8_t *datagram, size_t len) {
    size_t at = 0;
    while (!peek->done && at + RECORD_HEADER <= len) {
        const uint8_t *record = datagram + at;
        size_t record_len = number(record + 11, 2);
        size_t end = at + RECORD_HEADER + record_len;
        if (end > len || record[0] != HANDSHAKE || number(record + 3, 2) != 0)
            return false;
        at += RECORD_HEADER;
        while (!peek->done && at + MESSAGE_HEADER <= end) {
            size_t fragment_len = number(datagram + at + 9, 3);
            if (datagram[at] == (server ? CLIENT_HELLO : SERVER_HELLO))
                peek->done = take(peek, datagram + at, end - at);
            at += MESSAGE_HEADER + fragment_len;
        }
        at = end;
    }
    if (!peek->done)
        return false;
    return server ? offers_1_3(peek->body, peek->len) : settled_for_less(peek->body, peek->len);
}
