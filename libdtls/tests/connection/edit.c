/* SPDX-License-Identifier: MIT
 *
 * Changes of handshake messages in flight.
 */
#include "connection/edit.h"

#include "wire/record_header.h"

#define HEADERS (DTLS_RECORD_HEADER + DTLS_MESSAGE_HEADER)

static void put16(uint8_t *at, size_t value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put24(uint8_t *at, size_t value) {
    at[0] = (uint8_t)(value >> 16);
    put16(at + 1, value);
}

static size_t get16(const uint8_t *at) {
    return (size_t)at[0] << 8 | at[1];
}

/* Where the extensions' length stands in a hello. */
static size_t extensions_at(uint8_t type, const uint8_t *body) {
    size_t at = 35 + (size_t)body[34];
    if (type == DTLS_MESSAGE_SERVER_HELLO)
        return at + 3;
    at += 1 + (size_t)body[at];
    at += 2 + get16(body + at);
    return at + 1 + body[at];
}

static size_t add_extension(uint8_t type, uint8_t *body, size_t len, unsigned code) {
    const size_t at = extensions_at(type, body);
    if (at == len) {
        put16(body + len, 0);
        len += 2;
    }
    put16(body + len, code);
    put16(body + len + 2, 0);
    put16(body + at, get16(body + at) + 4);
    return len + 4;
}

static size_t remove_extension(uint8_t type, uint8_t *body, size_t len, unsigned code) {
    const size_t all = extensions_at(type, body);
    size_t at = all + 2;
    while (at < len && get16(body + at) != code)
        at += 4 + get16(body + at + 2);
    assert_true(at < len);
    const size_t gone = 4 + get16(body + at + 2);
    memmove(body + at, body + at + gone, len - at - gone);
    put16(body + all, get16(body + all) - gone);
    return len - gone;
}

/* Changes a body; returns its new length. */
static size_t apply(const struct edit *edit, uint8_t *header, uint8_t *body, size_t len) {
    const size_t at = edit->at < 0 ? len - (size_t)-edit->at : (size_t)edit->at;
    switch (edit->kind) {
    case EDIT_U8:
        body[at] = (uint8_t)edit->value;
        return len;
    case EDIT_U16:
        put16(body + at, edit->value);
        return len;
    case EDIT_CUT:
        return len - edit->value;
    case EDIT_PAD:
        memset(body + len, 0, edit->value);
        return len + edit->value;
    case EDIT_EMPTY:
        put24(body, (size_t)edit->at << 8 * (3 - edit->value));
        return edit->value;
    case EDIT_TYPE:
        header[0] = (uint8_t)edit->value;
        return len;
    case EDIT_EXTENSION:
        return add_extension(edit->type, body, len, edit->value);
    case EDIT_NO_EXTENSION:
        return remove_extension(edit->type, body, len, edit->value);
    default:
        return len;
    }
}

bool edit_hook(struct pair *pair, int from, uint8_t *bytes, size_t *len) {
    struct edit *edit = pair->hook_state;
    if (from != edit->from)
        return true;
    for (size_t at = 0; at + HEADERS <= *len; at += DTLS_RECORD_HEADER + get16(bytes + at + 11)) {
        uint8_t *record = bytes + at;
        uint8_t *header = record + DTLS_RECORD_HEADER;
        if (record[0] != DTLS_CONTENT_HANDSHAKE || get16(record + 3) != 0 || header[0] != edit->type)
            continue;
        uint8_t *body = header + DTLS_MESSAGE_HEADER;
        const size_t body_len = get16(record + 11) - DTLS_MESSAGE_HEADER;
        uint8_t behind[MAX_DATAGRAM];
        const size_t behind_len = *len - at - HEADERS - body_len;
        memcpy(behind, body + body_len, behind_len);
        const size_t new_len = apply(edit, header, body, body_len);
        memcpy(body + new_len, behind, behind_len);
        put24(header + 1, new_len);
        put24(header + 9, new_len);
        put16(record + 11, DTLS_MESSAGE_HEADER + new_len);
        *len = at + HEADERS + new_len + behind_len;
        edit->num_done++;
    }
    return true;
}

size_t make_fragment(uint8_t *out, uint64_t record_sequence, const struct dtls_message_header *header,
                     const uint8_t *body) {
    const struct dtls_record_header record = {.type = DTLS_CONTENT_HANDSHAKE,
                                              .version = DTLS_VERSION_1_2,
                                              .sequence = record_sequence,
                                              .length =
                                                  (uint16_t)(DTLS_MESSAGE_HEADER + header->fragment_length)};
    struct dtls_writer writer = dtls_writer_of(out, MAX_DATAGRAM);
    dtls_record_header_write(&writer, &record);
    dtls_message_header_write(&writer, header);
    dtls_write_bytes(&writer, body, header->fragment_length);
    assert_true(dtls_write_ok(&writer));
    return dtls_written(&writer).len;
}
