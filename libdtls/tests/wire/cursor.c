/* SPDX-License-Identifier: MIT
 *
 * Tests of src/wire/cursor.c.
 */
#include "wire/cursor.h"

#include "support/check.h"

static void integers_are_big_endian(void **state) {
    (void)state;
    const uint8_t bytes[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
                             13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24};
    struct dtls_reader reader = dtls_reader_of(bytes, sizeof bytes);
    assert_int_equal(dtls_read_u8(&reader), 0x01);
    assert_int_equal(dtls_read_u16(&reader), 0x0203);
    assert_int_equal(dtls_read_u24(&reader), 0x040506);
    assert_int_equal(dtls_read_u32(&reader), 0x0708090a);
    assert_true(dtls_read_u48(&reader) == UINT64_C(0x0b0c0d0e0f10));
    assert_true(dtls_read_u64(&reader) == UINT64_C(0x1112131415161718));
    assert_true(dtls_read_done(&reader));

    uint8_t out[24];
    struct dtls_writer writer = dtls_writer_of(out, sizeof out);
    dtls_write_u8(&writer, 0x01);
    dtls_write_u16(&writer, 0x0203);
    dtls_write_u24(&writer, 0x040506);
    dtls_write_u32(&writer, 0x0708090a);
    dtls_write_u48(&writer, UINT64_C(0x0b0c0d0e0f10));
    dtls_write_u64(&writer, UINT64_C(0x1112131415161718));
    assert_true(dtls_write_ok(&writer));
    assert_int_equal(dtls_write_left(&writer), 0);
    assert_memory_equal(out, bytes, sizeof out);
}

static void reading_past_the_end_fails_and_sticks(void **state) {
    (void)state;
    const uint8_t bytes[] = {0xff, 0xff, 0xff};
    struct dtls_reader reader = dtls_reader_of(bytes, sizeof bytes);
    assert_int_equal(dtls_read_u16(&reader), 0xffff);
    assert_int_equal(dtls_read_u16(&reader), 0);
    assert_false(dtls_read_ok(&reader));
    assert_int_equal(dtls_read_left(&reader), 0);
    assert_int_equal(dtls_read_u8(&reader), 0);
    assert_int_equal(dtls_read_bytes(&reader, 1).len, 0);
    assert_null(dtls_read_bytes(&reader, 1).data);
    assert_false(dtls_read_done(&reader));
}

static void a_copy_that_is_not_there_is_zero(void **state) {
    (void)state;
    const uint8_t bytes[] = {1, 2, 3};
    uint8_t out[4] = {9, 9, 9, 9};
    struct dtls_reader reader = dtls_reader_of(bytes, sizeof bytes);
    dtls_read_copy(&reader, out, 0);
    assert_int_equal(out[0], 9);
    dtls_read_copy(&reader, out, 3);
    assert_memory_equal(out, bytes, 3);
    dtls_read_copy(&reader, out, 4);
    assert_memory_equal(out, "\0\0\0\0", 4);
    assert_false(dtls_read_ok(&reader));
}

static void spans_stand_where_the_bytes_do(void **state) {
    (void)state;
    const uint8_t bytes[] = {2, 0xa, 0xb, 0xc, 0xd};
    struct dtls_reader reader = dtls_reader_of(bytes, sizeof bytes);
    dtls_span vector = dtls_read_vector(&reader, 1, 0, 255);
    assert_ptr_equal(vector.data, bytes + 1);
    assert_int_equal(vector.len, 2);
    dtls_span one = dtls_read_bytes(&reader, 1);
    assert_ptr_equal(one.data, bytes + 3);
    dtls_span rest = dtls_read_rest(&reader);
    assert_ptr_equal(rest.data, bytes + 4);
    assert_int_equal(rest.len, 1);
    assert_int_equal(dtls_read_rest(&reader).len, 0);
    assert_true(dtls_read_done(&reader));
}

static void vectors_have_bounds(void **state) {
    (void)state;
    static const struct {
        uint8_t bytes[6];
        unsigned len_size;
        size_t min, max, len;
        bool good;
    } cases[] = {
        {{3, 1, 2, 3}, 1, 0, 255, 4, true},
        {{3, 1, 2, 3}, 1, 4, 255, 4, false},
        {{3, 1, 2, 3}, 1, 0, 2, 4, false},
        {{3, 1, 2, 3}, 1, 3, 3, 4, true},
        {{4, 1, 2, 3}, 1, 0, 255, 4, false},
        {{0, 2, 1, 2}, 2, 1, 9, 4, true},
        {{0, 0, 1, 7}, 3, 1, 1, 4, true},
        {{0, 0}, 3, 0, 1, 2, false},
        {{0}, 1, 0, 0, 1, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dtls_reader reader = dtls_reader_of(cases[i].bytes, cases[i].len);
        dtls_span span = dtls_read_vector(&reader, cases[i].len_size, cases[i].min, cases[i].max);
        assert_int_equal(dtls_read_done(&reader), cases[i].good);
        assert_int_equal(span.len, cases[i].good ? cases[i].len - cases[i].len_size : 0);
    }
}

static void blocks_end_the_reader_where_they_end(void **state) {
    (void)state;
    const uint8_t bytes[] = {0, 4, 2, 0xa, 0xb, 0, 0xc};
    struct dtls_reader reader = dtls_reader_of(bytes, sizeof bytes);
    struct dtls_block outer = dtls_read_open(&reader, 2);
    assert_int_equal(dtls_read_left(&reader), 4);
    struct dtls_block inner = dtls_read_open(&reader, 1);
    assert_int_equal(dtls_read_u16(&reader), 0x0a0b);
    assert_int_equal(dtls_read_left(&reader), 0);
    dtls_read_close(&reader, inner);
    struct dtls_block empty = dtls_read_open(&reader, 1);
    assert_int_equal(dtls_read_left(&reader), 0);
    dtls_read_close(&reader, empty);
    dtls_read_close(&reader, outer);
    assert_int_equal(dtls_read_u8(&reader), 0x0c);
    assert_true(dtls_read_done(&reader));
}

static void a_block_longer_than_the_one_around_it_fails(void **state) {
    (void)state;
    const uint8_t bytes[] = {2, 2, 1, 7, 7};
    struct dtls_reader reader = dtls_reader_of(bytes, sizeof bytes);
    struct dtls_block outer = dtls_read_open(&reader, 1);
    struct dtls_block inner = dtls_read_open(&reader, 1);
    assert_false(dtls_read_ok(&reader));
    dtls_read_close(&reader, inner);
    dtls_read_close(&reader, outer);
    assert_int_equal(dtls_read_left(&reader), 0);
}

static void bytes_left_over_in_a_block_fail(void **state) {
    (void)state;
    const uint8_t bytes[] = {2, 1, 2, 3};
    struct dtls_reader reader = dtls_reader_of(bytes, sizeof bytes);
    struct dtls_block block = dtls_read_open(&reader, 1);
    dtls_read_u8(&reader);
    dtls_read_close(&reader, block);
    assert_false(dtls_read_ok(&reader));
    assert_int_equal(dtls_read_left(&reader), 0);
}

static void a_declared_fault_sticks(void **state) {
    (void)state;
    const uint8_t bytes[] = {1, 2};
    struct dtls_reader reader = dtls_reader_of(bytes, sizeof bytes);
    dtls_read_fail(&reader);
    assert_int_equal(dtls_read_u8(&reader), 0);
    assert_false(dtls_read_done(&reader));
}

static void no_bytes_at_all_can_be_read(void **state) {
    (void)state;
    struct dtls_reader reader = dtls_reader_of(NULL, 0);
    assert_int_equal(dtls_read_rest(&reader).len, 0);
    assert_true(dtls_read_done(&reader));
    assert_int_equal(dtls_read_u8(&reader), 0);
    assert_false(dtls_read_ok(&reader));
}

static void blocks_are_written_with_their_lengths(void **state) {
    (void)state;
    const uint8_t expected[] = {22, 0, 0, 6, 0, 4, 2, 0xa, 0xb, 0};
    uint8_t out[16];
    struct dtls_writer writer = dtls_writer_of(out, sizeof out);
    dtls_write_u8(&writer, 22);
    struct dtls_block body = dtls_write_open(&writer, 3);
    struct dtls_block list = dtls_write_open(&writer, 2);
    dtls_write_vector(&writer, 1, (dtls_span){(const uint8_t *)"\x0a\x0b", 2});
    struct dtls_block empty = dtls_write_open(&writer, 1);
    dtls_write_close(&writer, empty);
    dtls_write_close(&writer, list);
    dtls_write_close(&writer, body);
    assert_true(dtls_write_ok(&writer));
    dtls_span written = dtls_written(&writer);
    assert_int_equal(written.len, sizeof expected);
    assert_memory_equal(written.data, expected, sizeof expected);
}

static void writing_past_the_end_fails_and_sticks(void **state) {
    (void)state;
    uint8_t out[4] = {0xee, 0xee, 0xee, 0xee};
    struct dtls_writer writer = dtls_writer_of(out, 3);
    dtls_write_u16(&writer, 0x0102);
    dtls_write_u16(&writer, 0x0304);
    assert_false(dtls_write_ok(&writer));
    assert_int_equal(dtls_write_left(&writer), 0);
    dtls_write_u8(&writer, 5);
    assert_null(dtls_write_room(&writer, 0));
    struct dtls_block block = dtls_write_open(&writer, 1);
    dtls_write_close(&writer, block);
    assert_int_equal(dtls_written(&writer).len, 0);
    assert_memory_equal(out, "\x01\x02\xee\xee", 4);
}

static void values_that_do_not_fit_fail(void **state) {
    (void)state;
    uint8_t out[400];
    static const uint8_t long_bytes[300];
    struct dtls_writer writer = dtls_writer_of(out, sizeof out);
    dtls_write_u8(&writer, 0x100);
    assert_false(dtls_write_ok(&writer));

    writer = dtls_writer_of(out, sizeof out);
    dtls_write_u24(&writer, 0x1000000);
    assert_false(dtls_write_ok(&writer));

    writer = dtls_writer_of(out, sizeof out);
    dtls_write_u48(&writer, UINT64_C(1) << 48);
    assert_false(dtls_write_ok(&writer));

    writer = dtls_writer_of(out, sizeof out);
    dtls_write_vector(&writer, 1, (dtls_span){long_bytes, 256});
    assert_false(dtls_write_ok(&writer));

    writer = dtls_writer_of(out, sizeof out);
    struct dtls_block block = dtls_write_open(&writer, 1);
    dtls_write_bytes(&writer, long_bytes, 256);
    assert_true(dtls_write_ok(&writer));
    dtls_write_close(&writer, block);
    assert_false(dtls_write_ok(&writer));
}

static void room_is_filled_by_the_caller(void **state) {
    (void)state;
    uint8_t out[4];
    struct dtls_writer writer = dtls_writer_of(out, sizeof out);
    uint8_t *room = dtls_write_room(&writer, 4);
    assert_ptr_equal(room, out);
    assert_null(dtls_write_room(&writer, 1));
    dtls_write_span(&writer, (dtls_span){NULL, 0});
    assert_false(dtls_write_ok(&writer));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_big_endian),
        cmocka_unit_test(reading_past_the_end_fails_and_sticks),
        cmocka_unit_test(a_copy_that_is_not_there_is_zero),
        cmocka_unit_test(spans_stand_where_the_bytes_do),
        cmocka_unit_test(vectors_have_bounds),
        cmocka_unit_test(blocks_end_the_reader_where_they_end),
        cmocka_unit_test(a_block_longer_than_the_one_around_it_fails),
        cmocka_unit_test(bytes_left_over_in_a_block_fail),
        cmocka_unit_test(a_declared_fault_sticks),
        cmocka_unit_test(no_bytes_at_all_can_be_read),
        cmocka_unit_test(blocks_are_written_with_their_lengths),
        cmocka_unit_test(writing_past_the_end_fails_and_sticks),
        cmocka_unit_test(values_that_do_not_fit_fail),
        cmocka_unit_test(room_is_filled_by_the_caller),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
