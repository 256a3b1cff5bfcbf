/* SPDX-License-Identifier: MIT
 *
 * The state of a session as bytes: what an application keeps, and what a
 * ticket holds. The first byte is the format's number.
 */
#include "handshake/resumption.h"

#include <string.h>

enum { FORMAT = 1 };
enum { FLAG_EXTENDED_MASTER_SECRET = 1, FLAG_PEER_AUTHENTICATED = 2, ALL_FLAGS = 3 };

void dtls_state_write(struct dtls_writer *writer, const struct dtls_resumable *resumable, dtls_role role,
                      dtls_span ticket) {
    const uint64_t created = (uint64_t)resumable->created_s;
    dtls_write_u8(writer, FORMAT);
    dtls_write_u8(writer, role);
    dtls_write_u16(writer, resumable->version);
    dtls_write_u16(writer, resumable->suite);
    dtls_write_u8(writer, (resumable->extended_master_secret ? FLAG_EXTENDED_MASTER_SECRET : 0U) |
                              (resumable->peer_authenticated ? FLAG_PEER_AUTHENTICATED : 0U));
    dtls_write_u64(writer, created);
    dtls_write_u32(writer, resumable->lifetime_s);
    dtls_write_vector(writer, 1, (dtls_span){resumable->id, resumable->id_len});
    dtls_write_bytes(writer, resumable->master_secret, DTLS_MASTER_SECRET);
    dtls_write_bytes(writer, resumable->name, DTLS_NAME_HASH);
    dtls_write_vector(writer, 1, (dtls_span){resumable->data, resumable->data_len});
    dtls_write_vector(writer, 2, ticket);
}

/* A vector that is copied into a field, and its length. */
static uint8_t read_into(struct dtls_reader *reader, uint8_t *out, size_t cap) {
    const dtls_span bytes = dtls_read_vector(reader, 1, 0, cap);
    if (bytes.len > 0)
        memcpy(out, bytes.data, bytes.len);
    return (uint8_t)bytes.len;
}

bool dtls_state_read(dtls_span state, dtls_role role, struct dtls_resumable *out_resumable,
                     dtls_span *out_ticket) {
    struct dtls_reader reader = dtls_reader_of(state.data, state.len);
    struct dtls_resumable *out = out_resumable;
    memset(out, 0, sizeof *out);
    if (dtls_read_u8(&reader) != FORMAT || dtls_read_u8(&reader) != role)
        return false;
    out->version = dtls_read_u16(&reader);
    out->suite = dtls_read_u16(&reader);
    const unsigned flags = dtls_read_u8(&reader);
    out->extended_master_secret = (flags & FLAG_EXTENDED_MASTER_SECRET) != 0;
    out->peer_authenticated = (flags & FLAG_PEER_AUTHENTICATED) != 0;
    out->created_s = (int64_t)dtls_read_u64(&reader);
    out->lifetime_s = dtls_read_u32(&reader);
    out->id_len = read_into(&reader, out->id, sizeof out->id);
    dtls_read_copy(&reader, out->master_secret, DTLS_MASTER_SECRET);
    dtls_read_copy(&reader, out->name, DTLS_NAME_HASH);
    out->data_len = read_into(&reader, out->data, sizeof out->data);
    *out_ticket = dtls_read_vector(&reader, 2, 0, 0xffff);
    out->ticket_len = (uint16_t)out_ticket->len;
    return dtls_read_done(&reader) && (flags & ~(unsigned)ALL_FLAGS) == 0;
}
