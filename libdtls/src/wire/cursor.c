/* SPDX-License-Identifier: MIT
 *
 * The two cursors. All access to the bytes goes through `take` and
 * `dtls_write_room`, which alone compare lengths.
 */
#include "wire/cursor.h"

#include <string.h>

struct dtls_reader dtls_reader_of(const uint8_t *data, size_t len) {
    return (struct dtls_reader){.data = data, .end = len};
}

void dtls_read_fail(struct dtls_reader *reader) {
    reader->failed = true;
    reader->at = reader->end;
}

size_t dtls_read_left(const struct dtls_reader *reader) {
    return reader->end - reader->at;
}

bool dtls_read_ok(const struct dtls_reader *reader) {
    return !reader->failed;
}

bool dtls_read_done(const struct dtls_reader *reader) {
    return !reader->failed && reader->at == reader->end;
}

/* The place of the next `len` bytes, which are then behind the cursor; NULL if there are not so many. */
static const uint8_t *take(struct dtls_reader *reader, size_t len) {
    if (reader->failed || len > reader->end - reader->at) {
        dtls_read_fail(reader);
        return NULL;
    }
    const uint8_t *place = reader->data + reader->at;
    reader->at += len;
    return place;
}

static uint64_t read_integer(struct dtls_reader *reader, unsigned size) {
    const uint8_t *bytes = take(reader, size);
    uint64_t value = 0;
    for (unsigned i = 0; bytes != NULL && i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

uint8_t dtls_read_u8(struct dtls_reader *reader) {
    return (uint8_t)read_integer(reader, 1);
}

uint16_t dtls_read_u16(struct dtls_reader *reader) {
    return (uint16_t)read_integer(reader, 2);
}

uint32_t dtls_read_u24(struct dtls_reader *reader) {
    return (uint32_t)read_integer(reader, 3);
}

uint32_t dtls_read_u32(struct dtls_reader *reader) {
    return (uint32_t)read_integer(reader, 4);
}

uint64_t dtls_read_u48(struct dtls_reader *reader) {
    return read_integer(reader, 6);
}

uint64_t dtls_read_u64(struct dtls_reader *reader) {
    return read_integer(reader, 8);
}

dtls_span dtls_read_bytes(struct dtls_reader *reader, size_t len) {
    if (len == 0)
        return (dtls_span){.data = NULL, .len = 0};
    const uint8_t *place = take(reader, len);
    return (dtls_span){.data = place, .len = place == NULL ? 0 : len};
}

void dtls_read_copy(struct dtls_reader *reader, uint8_t *out, size_t len) {
    if (len == 0)
        return;
    const uint8_t *place = take(reader, len);
    if (place == NULL)
        memset(out, 0, len);
    else
        memcpy(out, place, len);
}

dtls_span dtls_read_vector(struct dtls_reader *reader, unsigned len_size, size_t min, size_t max) {
    size_t len = (size_t)read_integer(reader, len_size);
    if (len < min || len > max)
        dtls_read_fail(reader);
    return dtls_read_bytes(reader, reader->failed ? 0 : len);
}

dtls_span dtls_read_rest(struct dtls_reader *reader) {
    return dtls_read_bytes(reader, dtls_read_left(reader));
}

struct dtls_block dtls_read_open(struct dtls_reader *reader, unsigned len_size) {
    struct dtls_block block = {.place = reader->end, .len_size = len_size};
    size_t len = (size_t)read_integer(reader, len_size);
    if (len > dtls_read_left(reader))
        dtls_read_fail(reader);
    else
        reader->end = reader->at + len;
    return block;
}

void dtls_read_close(struct dtls_reader *reader, struct dtls_block block) {
    if (reader->at != reader->end)
        dtls_read_fail(reader);
    if (!reader->failed)
        reader->end = block.place;
}

struct dtls_writer dtls_writer_of(uint8_t *data, size_t cap) {
    return (struct dtls_writer){.data = data, .cap = cap};
}

size_t dtls_write_left(const struct dtls_writer *writer) {
    return writer->failed ? 0 : writer->cap - writer->at;
}

bool dtls_write_ok(const struct dtls_writer *writer) {
    return !writer->failed;
}

uint8_t *dtls_write_room(struct dtls_writer *writer, size_t len) {
    if (writer->failed || len > writer->cap - writer->at) {
        writer->failed = true;
        return NULL;
    }
    uint8_t *place = writer->data + writer->at;
    writer->at += len;
    return place;
}

static void put_integer(uint8_t *out, uint64_t value, unsigned size) {
    for (unsigned i = size; i-- > 0; value >>= 8)
        out[i] = (uint8_t)value;
}

static void write_integer(struct dtls_writer *writer, uint64_t value, unsigned size) {
    if (value >> (8 * size) != 0)
        writer->failed = true;
    uint8_t *place = dtls_write_room(writer, size);
    if (place != NULL)
        put_integer(place, value, size);
}

void dtls_write_u8(struct dtls_writer *writer, unsigned value) {
    write_integer(writer, value, 1);
}

void dtls_write_u16(struct dtls_writer *writer, unsigned value) {
    write_integer(writer, value, 2);
}

void dtls_write_u24(struct dtls_writer *writer, size_t value) {
    write_integer(writer, value, 3);
}

void dtls_write_u32(struct dtls_writer *writer, uint32_t value) {
    write_integer(writer, value, 4);
}

void dtls_write_u48(struct dtls_writer *writer, uint64_t value) {
    write_integer(writer, value, 6);
}

void dtls_write_u64(struct dtls_writer *writer, uint64_t value) {
    dtls_write_u32(writer, (uint32_t)(value >> 32));
    dtls_write_u32(writer, (uint32_t)value);
}

void dtls_write_bytes(struct dtls_writer *writer, const uint8_t *data, size_t len) {
    uint8_t *place = len == 0 ? NULL : dtls_write_room(writer, len);
    if (place != NULL)
        memcpy(place, data, len);
}

void dtls_write_span(struct dtls_writer *writer, dtls_span span) {
    dtls_write_bytes(writer, span.data, span.len);
}

void dtls_write_vector(struct dtls_writer *writer, unsigned len_size, dtls_span span) {
    write_integer(writer, span.len, len_size);
    dtls_write_span(writer, span);
}

struct dtls_block dtls_write_open(struct dtls_writer *writer, unsigned len_size) {
    struct dtls_block block = {.place = writer->at, .len_size = len_size};
    dtls_write_room(writer, len_size);
    return block;
}

void dtls_write_close(struct dtls_writer *writer, struct dtls_block block) {
    if (writer->failed)
        return;
    size_t len = writer->at - block.place - block.len_size;
    if (len >> (8 * block.len_size) != 0)
        writer->failed = true;
    else
        put_integer(writer->data + block.place, len, block.len_size);
}

dtls_span dtls_written(const struct dtls_writer *writer) {
    return (dtls_span){.data = writer->data, .len = writer->failed ? 0 : writer->at};
}
