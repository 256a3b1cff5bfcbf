/* SPDX-License-Identifier: MIT
 *
 * The hello messages, read and written (RFC 6347 section 4.2.1, RFC 5246
 * sections 7.4.1.2 and 7.4.1.3).
 */
#ifndef DTLS_HANDSHAKE_HELLO_H
#define DTLS_HANDSHAKE_HELLO_H

#include "wire/cursor.h"

/* The cipher suite that is none, by which a client says that it has fallen back (RFC 7507 section 2). */
#define DTLS_FALLBACK_SCSV 0x5600

struct dtls_client_hello {
    uint16_t version;
    dtls_span random;
    dtls_span session_id;
    dtls_span cookie;
    dtls_span suites; /* two bytes each */
    dtls_span compressions;
    dtls_span extensions;
};

struct dtls_server_hello {
    uint16_t version;
    dtls_span random;
    dtls_span session_id;
    uint16_t suite;
    uint8_t compression;
    dtls_span extensions;
};

struct dtls_hello_verify_request {
    uint16_t version;
    dtls_span cookie;
};

/* Read a body. NULL, or the name of the field whose length does not add up. */
const char *dtls_client_hello_read(dtls_span body, struct dtls_client_hello *out_hello);
const char *dtls_server_hello_read(dtls_span body, struct dtls_server_hello *out_hello);
const char *dtls_hello_verify_request_read(dtls_span body, struct dtls_hello_verify_request *out_request);

/* Read a ClientHello up to and including its cookie; the fields behind it as far as they are there. For
 * stateless judgement of a first fragment. */
const char *dtls_client_hello_read_head(dtls_span body, struct dtls_client_hello *out_hello);

/* The suite with this code is among those that the client offers. */
bool dtls_client_hello_offers(const struct dtls_client_hello *hello, unsigned code);

/* Write a body, without the extensions, which follow. */
void dtls_client_hello_write(struct dtls_writer *writer, const struct dtls_client_hello *hello);
void dtls_server_hello_write(struct dtls_writer *writer, const struct dtls_server_hello *hello);
void dtls_hello_verify_request_write(struct dtls_writer *writer,
                                     const struct dtls_hello_verify_request *request);

#endif
