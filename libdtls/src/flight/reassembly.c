/* SPDX-License-Identifier: MIT
 *
 * Reassembly of handshake messages (RFC 6347 section 4.2.3).
 */
#include "flight/reassembly.h"

#include <string.h>

static size_t whole_octets(size_t len) {
    return (len + 7) / 8 * 8;
}

void dtls_reassembly_init(struct dtls_reassembly *reassembly, uint8_t *buffer, size_t max_message,
                          uint16_t next_seq) {
    const size_t cap = whole_octets(max_message);
    *reassembly = (struct dtls_reassembly){
        .bytes = buffer,
        .have = buffer + cap,
        .cap = cap,
        .max_message = max_message,
        .next_seq = next_seq,
    };
}

static size_t used(const struct dtls_reassembly *reassembly) {
    if (reassembly->num_partials == 0)
        return 0;
    const struct dtls_partial *last = &reassembly->partials[reassembly->num_partials - 1];
    return last->place + whole_octets(last->length);
}

static struct dtls_partial *find(struct dtls_reassembly *reassembly, uint16_t seq) {
    for (unsigned i = 0; i < reassembly->num_partials; i++) {
        if (reassembly->partials[i].seq == seq)
            return &reassembly->partials[i];
    }
    return NULL;
}

/* Takes a message out and moves those behind it up. */
static void remove_partial(struct dtls_reassembly *reassembly, struct dtls_partial *partial) {
    const size_t gap = whole_octets(partial->length);
    const size_t tail = partial->place + gap;
    const size_t tail_len = used(reassembly) - tail;
    memmove(reassembly->bytes + partial->place, reassembly->bytes + tail, tail_len);
    memmove(reassembly->have + partial->place / 8, reassembly->have + tail / 8, tail_len / 8);
    reassembly->num_partials--;
    for (struct dtls_partial *p = partial; p < reassembly->partials + reassembly->num_partials; p++) {
        *p = p[1];
        p->place -= (uint32_t)gap;
    }
}

/* Makes room for the next message in sequence at the cost of the later ones. */
static void evict_later(struct dtls_reassembly *reassembly, size_t need) {
    while (reassembly->num_partials > 0 && (reassembly->cap - used(reassembly) < need ||
                                            reassembly->num_partials == DTLS_REASSEMBLY_MESSAGES))
        reassembly->num_partials--;
}

static struct dtls_partial *begin(struct dtls_reassembly *reassembly,
                                  const struct dtls_message_header *header) {
    const size_t need = whole_octets(header->length);
    if (header->seq == reassembly->next_seq)
        evict_later(reassembly, need);
    const size_t place = used(reassembly);
    if (reassembly->num_partials == DTLS_REASSEMBLY_MESSAGES || reassembly->cap - place < need)
        return NULL;
    memset(reassembly->have + place / 8, 0, need / 8);
    struct dtls_partial *partial = &reassembly->partials[reassembly->num_partials++];
    *partial = (struct dtls_partial){
        .place = (uint32_t)place,
        .length = header->length,
        .seq = header->seq,
        .type = header->type,
    };
    return partial;
}

static enum dtls_fragment_verdict store(struct dtls_reassembly *reassembly, struct dtls_partial *partial,
                                        size_t offset, const uint8_t *body, size_t len) {
    for (size_t i = 0; i < len; i++) {
        const size_t at = partial->place + offset + i;
        uint8_t *have = &reassembly->have[at / 8];
        const uint8_t bit = (uint8_t)(1U << at % 8);
        if ((*have & bit) == 0) {
            *have |= bit;
            reassembly->bytes[at] = body[i];
            partial->received++;
        } else if (reassembly->bytes[at] != body[i]) {
            return DTLS_FRAGMENT_OTHER_CONTENT;
        }
    }
    return DTLS_FRAGMENT_TAKEN;
}

enum dtls_fragment_verdict dtls_reassembly_add(struct dtls_reassembly *reassembly,
                                               const struct dtls_message_header *header,
                                               const uint8_t *body) {
    if (header->seq < reassembly->next_seq)
        return DTLS_FRAGMENT_OLD;
    if (header->seq - reassembly->next_seq >= DTLS_REASSEMBLY_MESSAGES)
        return DTLS_FRAGMENT_AHEAD;
    const bool in_turn = header->seq == reassembly->next_seq;
    if (header->length > reassembly->max_message)
        return in_turn ? DTLS_FRAGMENT_TOO_LONG : DTLS_FRAGMENT_AHEAD;
    struct dtls_partial *partial = find(reassembly, header->seq);
    if (partial != NULL && partial->type != header->type)
        return DTLS_FRAGMENT_OTHER_TYPE;
    if (partial != NULL && partial->length != header->length)
        return DTLS_FRAGMENT_OTHER_LENGTH;
    if (header->fragment_offset > header->length ||
        header->fragment_length > header->length - header->fragment_offset)
        return in_turn ? DTLS_FRAGMENT_OUTSIDE : DTLS_FRAGMENT_AHEAD;
    if (partial == NULL)
        partial = begin(reassembly, header);
    if (partial == NULL)
        return DTLS_FRAGMENT_AHEAD;
    return store(reassembly, partial, header->fragment_offset, body, header->fragment_length);
}

bool dtls_reassembly_next(const struct dtls_reassembly *reassembly, struct dtls_message *out_message) {
    for (unsigned i = 0; i < reassembly->num_partials; i++) {
        const struct dtls_partial *partial = &reassembly->partials[i];
        if (partial->seq != reassembly->next_seq || partial->received != partial->length)
            continue;
        *out_message = (struct dtls_message){
            .type = partial->type,
            .seq = partial->seq,
            .body = reassembly->bytes + partial->place,
            .len = partial->length,
        };
        return true;
    }
    return false;
}

void dtls_reassembly_release(struct dtls_reassembly *reassembly) {
    struct dtls_partial *partial = find(reassembly, reassembly->next_seq);
    if (partial != NULL)
        remove_partial(reassembly, partial);
    reassembly->next_seq++;
}

void dtls_reassembly_forget(struct dtls_reassembly *reassembly) {
    reassembly->num_partials = 0;
}
