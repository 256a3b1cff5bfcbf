/* SPDX-License-Identifier: MIT
 *
 * The record header of DTLS 1.2 and of plaintext records in every version
 * (RFC 6347 section 4.1).
 */
#ifndef DTLS_WIRE_RECORD_HEADER_H
#define DTLS_WIRE_RECORD_HEADER_H

#include "wire/cursor.h"

/* type, version, epoch, sequence_number, length; bytes. */
#define DTLS_RECORD_HEADER 13

/* The largest sequence_number. */
#define DTLS_MAX_SEQUENCE UINT64_C(0xffffffffffff)

enum dtls_content_type {
    DTLS_CONTENT_CHANGE_CIPHER_SPEC = 20,
    DTLS_CONTENT_ALERT = 21,
    DTLS_CONTENT_HANDSHAKE = 22,
    DTLS_CONTENT_APPLICATION_DATA = 23,
    DTLS_CONTENT_TLS12_CID =
        25 /* RFC 9146 section 4; the header then has a connection ID in front of its length */
};

struct dtls_record_header {
    uint8_t type;
    uint16_t version;
    uint16_t epoch;
    uint64_t sequence; /* 48 bits */
    uint16_t length;   /* of the fragment behind the header */
};

/* The header up to sequence_number: a connection ID may stand behind it, and then the length. */
void dtls_record_number_read(struct dtls_reader *reader, struct dtls_record_header *out_header);
void dtls_record_number_write(struct dtls_writer *writer, const struct dtls_record_header *header);

/* The whole header of RFC 6347. */
void dtls_record_header_read(struct dtls_reader *reader, struct dtls_record_header *out_header);
void dtls_record_header_write(struct dtls_writer *writer, const struct dtls_record_header *header);

#endif
