/* SPDX-License-Identifier: MIT
 *
 * One cursor to read wire bytes and one to write them. Every length on the
 * wire is checked here and nowhere else; RFC 5246 section 4 is the notation.
 *
 * Errors stick. Code reads or writes straight through to its end and asks
 * once: a cursor that has failed yields zeros and empty spans, has nothing
 * left (so loops over it end), takes no bytes, and stays failed.
 *
 * A vector with its length in front is a block, opened and closed:
 *
 *     struct dtls_block extensions = dtls_read_open(&reader, 2);
 *     while (dtls_read_left(&reader) > 0) {
 *         type = dtls_read_u16(&reader);
 *         struct dtls_block body = dtls_read_open(&reader, 2);
 *         ...
 *         dtls_read_close(&reader, body);
 *     }
 *     dtls_read_close(&reader, extensions);
 *     if (!dtls_read_done(&reader))
 *         return DTLS_ERROR_DECODE;
 *
 * The writer has the same shape: the length is filled in when the block is
 * closed.
 */
#ifndef DTLS_WIRE_CURSOR_H
#define DTLS_WIRE_CURSOR_H

#include "dtls/types.h"

struct dtls_reader {
    const uint8_t *data;
    size_t at;  /* the next byte */
    size_t end; /* of the innermost open block */
    bool failed;
};

struct dtls_writer {
    uint8_t *data;
    size_t at;  /* bytes written */
    size_t cap; /* bytes of room at `data` */
    bool failed;
};

/* An open block: what must be known to close it. */
struct dtls_block {
    size_t place;      /* reader: the end of the block around it; writer: where the length stands */
    unsigned len_size; /* writer: bytes of the length */
};

/* Reading. */

struct dtls_reader dtls_reader_of(const uint8_t *data, size_t len);

/* Big-endian unsigned integers of the size named. */
uint8_t dtls_read_u8(struct dtls_reader *reader);
uint16_t dtls_read_u16(struct dtls_reader *reader);
uint32_t dtls_read_u24(struct dtls_reader *reader);
uint32_t dtls_read_u32(struct dtls_reader *reader);
uint64_t dtls_read_u48(struct dtls_reader *reader);
uint64_t dtls_read_u64(struct dtls_reader *reader);

/* The next `len` bytes, where they stand. */
dtls_span dtls_read_bytes(struct dtls_reader *reader, size_t len);

/* The next `len` bytes, copied to `out`, which is zeroed when they are not there. */
void dtls_read_copy(struct dtls_reader *reader, uint8_t *out, size_t len);

/* opaque v<min..max> with a length of `len_size` (1 to 3) bytes; a length out of bounds fails. */
dtls_span dtls_read_vector(struct dtls_reader *reader, unsigned len_size, size_t min, size_t max);

/* Everything that is left in the innermost block. */
dtls_span dtls_read_rest(struct dtls_reader *reader);

/* Enters a vector whose length has `len_size` (1 to 3) bytes: until it is closed, the reader ends where the
 * vector does. */
struct dtls_block dtls_read_open(struct dtls_reader *reader, unsigned len_size);

/* Leaves the vector. Bytes left over in it are a failure. */
void dtls_read_close(struct dtls_reader *reader, struct dtls_block block);

/* Bytes left in the innermost block; 0 after a failure. */
size_t dtls_read_left(const struct dtls_reader *reader);

/* Declares what was read to be wrong. */
void dtls_read_fail(struct dtls_reader *reader);

/* Nothing failed so far. */
bool dtls_read_ok(const struct dtls_reader *reader);

/* Nothing failed, and nothing is left. */
bool dtls_read_done(const struct dtls_reader *reader);

/* Writing. */

struct dtls_writer dtls_writer_of(uint8_t *data, size_t cap);

/* Big-endian unsigned integers. A value that does not fit is a failure. */
void dtls_write_u8(struct dtls_writer *writer, unsigned value);
void dtls_write_u16(struct dtls_writer *writer, unsigned value);
void dtls_write_u24(struct dtls_writer *writer, size_t value);
void dtls_write_u32(struct dtls_writer *writer, uint32_t value);
void dtls_write_u48(struct dtls_writer *writer, uint64_t value);
void dtls_write_u64(struct dtls_writer *writer, uint64_t value);

void dtls_write_bytes(struct dtls_writer *writer, const uint8_t *data, size_t len);
void dtls_write_span(struct dtls_writer *writer, dtls_span span);

/* A vector in one go: the length in `len_size` (1 to 3) bytes, then the bytes. */
void dtls_write_vector(struct dtls_writer *writer, unsigned len_size, dtls_span span);

/* Room for `len` bytes that the caller fills; NULL after a failure. */
uint8_t *dtls_write_room(struct dtls_writer *writer, size_t len);

/* Begins a vector whose length has `len_size` (1 to 3) bytes, and ends it. */
struct dtls_block dtls_write_open(struct dtls_writer *writer, unsigned len_size);
void dtls_write_close(struct dtls_writer *writer, struct dtls_block block);

/* Bytes of room left; 0 after a failure. */
size_t dtls_write_left(const struct dtls_writer *writer);

bool dtls_write_ok(const struct dtls_writer *writer);

/* What was written so far. */
dtls_span dtls_written(const struct dtls_writer *writer);

#endif
