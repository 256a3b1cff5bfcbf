/* SPDX-License-Identifier: MIT
 *
 * Outgoing flights: building, fragmentation to the path MTU, packing (RFC 6347
 * sections 4.1.1, 4.2.3, 4.2.4).
 */
#include "flight/flight.h"

#include <string.h>

/* No fragment of a message is made smaller than this only to fill a datagram, bytes. */
#define LEAST_FILLING 16

void dtls_flight_init(struct dtls_flight *flight, uint8_t *bytes, size_t cap, uint16_t next_seq) {
    *flight = (struct dtls_flight){.bytes = bytes, .cap = cap, .next_seq = next_seq};
}

void dtls_flight_clear(struct dtls_flight *flight) {
    flight->len = 0;
    flight->num_items = 0;
    flight->at_item = 0;
    flight->at_offset = 0;
    flight->ready = false;
}

struct dtls_writer dtls_flight_begin(const struct dtls_flight *flight) {
    struct dtls_writer writer = dtls_writer_of(flight->bytes + flight->len, flight->cap - flight->len);
    dtls_write_room(&writer, DTLS_MESSAGE_HEADER);
    return writer;
}

static dtls_error add_item(struct dtls_flight *flight, size_t len, uint16_t epoch, uint8_t content_type) {
    if (flight->num_items == DTLS_FLIGHT_ITEMS || len > flight->cap - flight->len)
        return DTLS_ERROR_NO_ROOM;
    flight->items[flight->num_items++] = (struct dtls_flight_item){
        .place = (uint32_t)flight->len,
        .len = (uint32_t)len,
        .epoch = epoch,
        .content_type = content_type,
    };
    flight->len += len;
    return DTLS_OK;
}

dtls_error dtls_flight_end(struct dtls_flight *flight, const struct dtls_writer *writer, uint8_t type,
                           uint16_t epoch, dtls_span *out_message) {
    if (!dtls_write_ok(writer))
        return DTLS_ERROR_NO_ROOM;
    const dtls_span written = dtls_written(writer);
    const struct dtls_message message = {
        .type = type, .seq = flight->next_seq, .len = written.len - DTLS_MESSAGE_HEADER};
    dtls_message_header_whole(&message, flight->bytes + flight->len);
    const dtls_error error = add_item(flight, written.len, epoch, DTLS_CONTENT_HANDSHAKE);
    if (error == DTLS_OK)
        flight->next_seq++;
    *out_message = written;
    return error;
}

dtls_error dtls_flight_change_cipher_spec(struct dtls_flight *flight, uint16_t epoch) {
    if (flight->len == flight->cap)
        return DTLS_ERROR_NO_ROOM;
    flight->bytes[flight->len] = 1;
    return add_item(flight, 1, epoch, DTLS_CONTENT_CHANGE_CIPHER_SPEC);
}

void dtls_flight_rewind(struct dtls_flight *flight) {
    flight->at_item = 0;
    flight->at_offset = 0;
    flight->ready = true;
}

bool dtls_flight_pending(const struct dtls_flight *flight) {
    return flight->ready && flight->at_item < flight->num_items;
}

bool dtls_flight_begun(const struct dtls_flight *flight) {
    return flight->ready && (flight->at_item > 0 || flight->at_offset > 0);
}

/* Puts the next piece of the current item, at most `room` bytes, at `out`; the length of the piece, or 0 if
 * none worth sending fits. */
static size_t cut_piece(struct dtls_flight *flight, uint8_t *out, size_t room, bool datagram_empty) {
    const struct dtls_flight_item *item = &flight->items[flight->at_item];
    const uint8_t *whole = flight->bytes + item->place;
    if (item->content_type == DTLS_CONTENT_CHANGE_CIPHER_SPEC) {
        if (room < item->len)
            return 0;
        memcpy(out, whole, item->len);
        flight->at_item++;
        return item->len;
    }
    const size_t left = item->len - DTLS_MESSAGE_HEADER - flight->at_offset;
    const size_t enough = datagram_empty ? 1 : LEAST_FILLING;
    if (room < DTLS_MESSAGE_HEADER + (left < enough ? left : enough))
        return 0;
    const size_t len = left < room - DTLS_MESSAGE_HEADER ? left : room - DTLS_MESSAGE_HEADER;
    struct dtls_writer writer = dtls_writer_of(out, room);
    dtls_write_bytes(&writer, whole, 6); /* msg_type, length, message_seq */
    dtls_write_u24(&writer, flight->at_offset);
    dtls_write_u24(&writer, len);
    dtls_write_bytes(&writer, whole + DTLS_MESSAGE_HEADER + flight->at_offset, len);
    flight->at_offset += len;
    if (len == left) {
        flight->at_item++;
        flight->at_offset = 0;
    }
    return DTLS_MESSAGE_HEADER + len;
}

dtls_error dtls_flight_write(struct dtls_flight *flight, struct dtls_record_layer *records, uint8_t *out,
                             size_t cap, size_t *out_len) {
    size_t at = 0;
    while (dtls_flight_pending(flight)) {
        const struct dtls_flight_item *item = &flight->items[flight->at_item];
        const size_t room = dtls_record_room(records, item->epoch, cap - at);
        size_t len = cut_piece(flight, out + at + dtls_record_headroom(records, item->epoch), room, at == 0);
        if (len == 0)
            break;
        const dtls_error error =
            dtls_record_seal(records, item->epoch, item->content_type, out + at, cap - at, &len);
        if (error != DTLS_OK)
            return error;
        at += len;
    }
    *out_len = at;
    return at > 0 ? DTLS_OK : DTLS_NOTHING;
}
