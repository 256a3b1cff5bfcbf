/* SPDX-License-Identifier: MIT
 *
 * The header of a handshake message and of each of its fragments (RFC 6347
 * section 4.2.2).
 */
#ifndef DTLS_FLIGHT_MESSAGE_HEADER_H
#define DTLS_FLIGHT_MESSAGE_HEADER_H

#include "wire/cursor.h"

/* msg_type, length, message_seq, fragment_offset, fragment_length; bytes. */
#define DTLS_MESSAGE_HEADER 12

/* RFC 5246 section 7.4, RFC 6347 section 4.3.2, RFC 5077 section 3.3, RFC 6066 section 8. */
enum dtls_message_type {
    DTLS_MESSAGE_HELLO_REQUEST = 0,
    DTLS_MESSAGE_CLIENT_HELLO = 1,
    DTLS_MESSAGE_SERVER_HELLO = 2,
    DTLS_MESSAGE_HELLO_VERIFY_REQUEST = 3,
    DTLS_MESSAGE_NEW_SESSION_TICKET = 4,
    DTLS_MESSAGE_CERTIFICATE = 11,
    DTLS_MESSAGE_SERVER_KEY_EXCHANGE = 12,
    DTLS_MESSAGE_CERTIFICATE_REQUEST = 13,
    DTLS_MESSAGE_SERVER_HELLO_DONE = 14,
    DTLS_MESSAGE_CERTIFICATE_VERIFY = 15,
    DTLS_MESSAGE_CLIENT_KEY_EXCHANGE = 16,
    DTLS_MESSAGE_FINISHED = 20,
    DTLS_MESSAGE_CERTIFICATE_STATUS = 22
};

struct dtls_message_header {
    uint8_t type;
    uint16_t seq;    /* message_seq */
    uint32_t length; /* of the whole message's body */
    uint32_t fragment_offset;
    uint32_t fragment_length;
};

/* A whole handshake message. */
struct dtls_message {
    uint8_t type;
    uint16_t seq;
    const uint8_t *body;
    size_t len;
};

void dtls_message_header_read(struct dtls_reader *reader, struct dtls_message_header *out_header);
void dtls_message_header_write(struct dtls_writer *writer, const struct dtls_message_header *header);

/* The header that a message has in the transcript: that of one fragment which is the whole (RFC 6347 section
 * 4.2.6). */
void dtls_message_header_whole(const struct dtls_message *message, uint8_t out[DTLS_MESSAGE_HEADER]);

#endif
