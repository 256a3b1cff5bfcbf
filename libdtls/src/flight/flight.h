/* SPDX-License-Identifier: MIT
 *
 * An outgoing flight: its messages whole, cut into fragments only while
 * datagrams are written, so that it can be repeated at another size (RFC 6347
 * sections 4.2.3 and 4.2.4).
 *
 * A flight is built (`dtls_flight_clear`, then messages), made ready, and
 * written datagram by datagram; rewinding repeats it. Each record carries one
 * fragment, each datagram as many records as fit.
 */
#ifndef DTLS_FLIGHT_FLIGHT_H
#define DTLS_FLIGHT_FLIGHT_H

#include "flight/message_header.h"
#include "record/record.h"

/* The most things in one flight: ServerHello, Certificate, CertificateStatus, ServerKeyExchange,
 * CertificateRequest, ServerHelloDone. */
#define DTLS_FLIGHT_ITEMS 6

/* A message, or a ChangeCipherSpec. */
struct dtls_flight_item {
    uint32_t place; /* in the flight's bytes */
    uint32_t len;   /* with the header, which a ChangeCipherSpec has not */
    uint16_t epoch;
    uint8_t content_type;
};

struct dtls_flight {
    uint8_t *bytes;
    size_t cap;
    size_t len;
    struct dtls_flight_item items[DTLS_FLIGHT_ITEMS];
    unsigned num_items;
    unsigned at_item; /* the next to be written … */
    size_t at_offset; /* … from this byte of its body */
    bool ready;       /* whole: may be written */
    uint16_t next_seq;
};

/* An empty flight over `cap` bytes; its first message will have number `next_seq`. */
void dtls_flight_init(struct dtls_flight *flight, uint8_t *bytes, size_t cap, uint16_t next_seq);

/* Empties it, for the next flight. */
void dtls_flight_clear(struct dtls_flight *flight);

/* A writer for the body of the next message. */
struct dtls_writer dtls_flight_begin(const struct dtls_flight *flight);

/* The body is written: it becomes a message of `type`, to be sent in `epoch`. `*out_message` is the whole
 * message, header included. DTLS_ERROR_NO_ROOM: the writer failed. */
dtls_error dtls_flight_end(struct dtls_flight *flight, const struct dtls_writer *writer, uint8_t type,
                           uint16_t epoch, dtls_span *out_message);

/* Adds a ChangeCipherSpec in `epoch`, the one it ends. */
dtls_error dtls_flight_change_cipher_spec(struct dtls_flight *flight, uint16_t epoch);

/* The flight is whole: it waits to be written from its beginning. Repeats it when it was written already. */
void dtls_flight_rewind(struct dtls_flight *flight);

/* Something is left to be written. */
bool dtls_flight_pending(const struct dtls_flight *flight);

/* Some of it has been written. */
bool dtls_flight_begun(const struct dtls_flight *flight);

/* Writes the next datagram of at most `cap` bytes. DTLS_NOTHING, or an error of the record layer. */
dtls_error dtls_flight_write(struct dtls_flight *flight, struct dtls_record_layer *records, uint8_t *out,
                             size_t cap, size_t *out_len);

#endif
