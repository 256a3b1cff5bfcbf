/* SPDX-License-Identifier: MIT
 *
 * Tests of src/wire/record_header.c.
 */
#include "wire/record_header.h"

#include "support/check.h"

static void a_header_is_thirteen_bytes(void **state) {
    (void)state;
    const uint8_t bytes[DTLS_RECORD_HEADER] = {22, 0xfe, 0xfd, 0x00, 0x01, 0x01, 0x02,
                                               3,  4,    5,    6,    0x40, 0x00};
    struct dtls_record_header header;
    struct dtls_reader reader = dtls_reader_of(bytes, sizeof bytes);
    dtls_record_header_read(&reader, &header);
    assert_true(dtls_read_done(&reader));
    assert_int_equal(header.type, DTLS_CONTENT_HANDSHAKE);
    assert_int_equal(header.version, DTLS_VERSION_1_2);
    assert_int_equal(header.epoch, 1);
    assert_true(header.sequence == UINT64_C(0x010203040506));
    assert_int_equal(header.length, 16384);

    uint8_t out[DTLS_RECORD_HEADER];
    struct dtls_writer writer = dtls_writer_of(out, sizeof out);
    dtls_record_header_write(&writer, &header);
    assert_int_equal(dtls_written(&writer).len, DTLS_RECORD_HEADER);
    assert_memory_equal(out, bytes, sizeof out);
}

static void a_short_header_fails(void **state) {
    (void)state;
    const uint8_t bytes[DTLS_RECORD_HEADER - 1] = {22, 0xfe, 0xfd};
    struct dtls_record_header header;
    struct dtls_reader reader = dtls_reader_of(bytes, sizeof bytes);
    dtls_record_header_read(&reader, &header);
    assert_false(dtls_read_ok(&reader));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_is_thirteen_bytes),
        cmocka_unit_test(a_short_header_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
