/* SPDX-License-Identifier: MIT
 *
 * The record header (RFC 6347 section 4.1), read and written.
 */
#include "wire/record_header.h"

void dtls_record_number_read(struct dtls_reader *reader, struct dtls_record_header *out_header) {
    out_header->type = dtls_read_u8(reader);
    out_header->version = dtls_read_u16(reader);
    out_header->epoch = dtls_read_u16(reader);
    out_header->sequence = dtls_read_u48(reader);
}

void dtls_record_header_read(struct dtls_reader *reader, struct dtls_record_header *out_header) {
    dtls_record_number_read(reader, out_header);
    out_header->length = dtls_read_u16(reader);
}

void dtls_record_number_write(struct dtls_writer *writer, const struct dtls_record_header *header) {
    dtls_write_u8(writer, header->type);
    dtls_write_u16(writer, header->version);
    dtls_write_u16(writer, header->epoch);
    dtls_write_u48(writer, header->sequence);
}

void dtls_record_header_write(struct dtls_writer *writer, const struct dtls_record_header *header) {
    dtls_record_number_write(writer, header);
    dtls_write_u16(writer, header->length);
}
