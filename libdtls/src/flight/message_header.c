/* SPDX-License-Identifier: MIT
 *
 * Reads and writes handshake headers (RFC 6347 section 4.2.2).
 */
#include "flight/message_header.h"

void dtls_message_header_read(struct dtls_reader *reader, struct dtls_message_header *out_header) {
    out_header->type = dtls_read_u8(reader);
    out_header->length = dtls_read_u24(reader);
    out_header->seq = dtls_read_u16(reader);
    out_header->fragment_offset = dtls_read_u24(reader);
    out_header->fragment_length = dtls_read_u24(reader);
}

void dtls_message_header_write(struct dtls_writer *writer, const struct dtls_message_header *header) {
    dtls_write_u8(writer, header->type);
    dtls_write_u24(writer, header->length);
    dtls_write_u16(writer, header->seq);
    dtls_write_u24(writer, header->fragment_offset);
    dtls_write_u24(writer, header->fragment_length);
}

void dtls_message_header_whole(const struct dtls_message *message, uint8_t out[DTLS_MESSAGE_HEADER]) {
    const struct dtls_message_header header = {
        .type = message->type,
        .seq = message->seq,
        .length = (uint32_t)message->len,
        .fragment_length = (uint32_t)message->len,
    };
    struct dtls_writer writer = dtls_writer_of(out, DTLS_MESSAGE_HEADER);
    dtls_message_header_write(&writer, &header);
}
