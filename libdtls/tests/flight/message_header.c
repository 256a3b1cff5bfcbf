/* SPDX-License-Identifier: MIT
 *
 * The handshake header (RFC 6347 section 4.2.2).
 */
#include "support/check.h"

#include "flight/message_header.h"

static const uint8_t bytes[DTLS_MESSAGE_HEADER] = {11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12};

static void reads_what_it_writes(void **state) {
    (void)state;
    struct dtls_reader reader = dtls_reader_of(bytes, sizeof bytes);
    struct dtls_message_header header;
    dtls_message_header_read(&reader, &header);
    assert_true(dtls_read_done(&reader));
    assert_int_equal(header.type, DTLS_MESSAGE_CERTIFICATE);
    assert_int_equal(header.length, 0x010203);
    assert_int_equal(header.seq, 0x0405);
    assert_int_equal(header.fragment_offset, 0x060708);
    assert_int_equal(header.fragment_length, 0x090a0c);
    uint8_t again[sizeof bytes];
    struct dtls_writer writer = dtls_writer_of(again, sizeof again);
    dtls_message_header_write(&writer, &header);
    assert_true(dtls_write_ok(&writer));
    assert_memory_equal(again, bytes, sizeof bytes);
}

static void refuses_what_is_cut_short(void **state) {
    (void)state;
    struct dtls_reader reader = dtls_reader_of(bytes, sizeof bytes - 1);
    struct dtls_message_header header;
    dtls_message_header_read(&reader, &header);
    assert_false(dtls_read_ok(&reader));
}

static void whole_message(void **state) {
    (void)state;
    static const uint8_t expected[DTLS_MESSAGE_HEADER] = {20, 0, 1, 2, 0, 7, 0, 0, 0, 0, 1, 2};
    uint8_t header[DTLS_MESSAGE_HEADER];
    dtls_message_header_whole(&(struct dtls_message){.type = 20, .seq = 7, .len = 258}, header);
    assert_memory_equal(header, expected, sizeof header);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_writes),
        cmocka_unit_test(refuses_what_is_cut_short),
        cmocka_unit_test(whole_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
