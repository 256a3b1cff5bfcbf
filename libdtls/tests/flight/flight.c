/* SPDX-License-Identifier: MIT
 *
 * Outgoing flights: fragmentation, packing, repetition (RFC 6347 sections 4.2.3
 * and 4.2.4). What is written is read back through reassembly.
 */
#include "support/check.h"

#include "dtls/libcrypto.h"
#include "flight/flight.h"
#include "flight/reassembly.h"

struct fixture {
    struct dtls_flight flight;
    struct dtls_record_layer records;
    dtls_statistics statistics;
    uint8_t bytes[4000];
    _Alignas(16) uint8_t slots[256];
};

static void init(struct fixture *fixture, size_t cap) {
    memset(fixture, 0, sizeof *fixture);
    assert_true(dtls_record_slots_size(&dtls_libcrypto) <= sizeof fixture->slots);
    dtls_record_init(&fixture->records, &dtls_libcrypto, &fixture->statistics, fixture->slots);
    dtls_flight_init(&fixture->flight, fixture->bytes, cap, 3);
}

static dtls_error add(struct fixture *fixture, uint8_t type, size_t len) {
    struct dtls_writer writer = dtls_flight_begin(&fixture->flight);
    uint8_t *room = dtls_write_room(&writer, len);
    if (room != NULL)
        memset(room, type, len);
    dtls_span message;
    const dtls_error error = dtls_flight_end(&fixture->flight, &writer, type, 0, &message);
    if (error == DTLS_OK)
        assert_int_equal(message.len, DTLS_MESSAGE_HEADER + len);
    return error;
}

struct sum {
    unsigned num_datagrams;
    unsigned num_records;
    unsigned num_fragments;
    unsigned num_changes;
    size_t longest;
};

/* Writes the flight out, and checks that it holds messages 3 and up with the types and lengths told. */
static struct sum write_out(struct fixture *fixture, size_t mtu, const uint8_t *types, const size_t *lens,
                            size_t num) {
    struct sum sum = {0};
    static uint8_t buffer[DTLS_REASSEMBLY_SIZE(4000)];
    struct dtls_reassembly reassembly;
    dtls_reassembly_init(&reassembly, buffer, 4000, 3);
    uint8_t datagram[2000];
    size_t len;
    while (dtls_flight_write(&fixture->flight, &fixture->records, datagram, mtu, &len) == DTLS_OK) {
        assert_true(len <= mtu);
        sum.longest = len > sum.longest ? len : sum.longest;
        sum.num_datagrams++;
        struct dtls_reader reader = dtls_reader_of(datagram, len);
        while (dtls_read_left(&reader) > 0) {
            struct dtls_record_header record;
            dtls_record_header_read(&reader, &record);
            sum.num_records++;
            const dtls_span fragment = dtls_read_bytes(&reader, record.length);
            assert_true(dtls_read_ok(&reader));
            if (record.type == DTLS_CONTENT_CHANGE_CIPHER_SPEC) {
                sum.num_changes++;
                assert_int_equal(fragment.len, 1);
                assert_int_equal(fragment.data[0], 1);
                continue;
            }
            struct dtls_reader inner = dtls_reader_of(fragment.data, fragment.len);
            struct dtls_message_header header;
            dtls_message_header_read(&inner, &header);
            const dtls_span body = dtls_read_bytes(&inner, header.fragment_length);
            assert_true(dtls_read_done(&inner));
            assert_int_equal(dtls_reassembly_add(&reassembly, &header, body.data), DTLS_FRAGMENT_TAKEN);
            sum.num_fragments++;
        }
    }
    for (size_t i = 0; i < num; i++) {
        struct dtls_message message;
        assert_true(dtls_reassembly_next(&reassembly, &message));
        assert_int_equal(message.type, types[i]);
        assert_int_equal(message.len, lens[i]);
        for (size_t b = 0; b < message.len; b++)
            assert_int_equal(message.body[b], types[i]);
        dtls_reassembly_release(&reassembly);
    }
    return sum;
}

static const uint8_t types[] = {2, 11, 12, 14};
static const size_t lens[] = {80, 900, 120, 0};

static void build(struct fixture *fixture) {
    init(fixture, sizeof fixture->bytes);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(add(fixture, types[i], lens[i]), DTLS_OK);
    assert_int_equal(dtls_flight_change_cipher_spec(&fixture->flight, 0), DTLS_OK);
}

static void nothing_before_it_is_ready(void **state) {
    (void)state;
    struct fixture fixture;
    build(&fixture);
    uint8_t datagram[1200];
    size_t len;
    assert_false(dtls_flight_pending(&fixture.flight));
    assert_int_equal(dtls_flight_write(&fixture.flight, &fixture.records, datagram, 1200, &len),
                     DTLS_NOTHING);
    assert_int_equal(len, 0);
}

/* Each size needs no more datagrams than the bytes ask for, give or take what a fragment is worth. */
static void every_mtu(void **state) {
    (void)state;
    for (size_t mtu = 128; mtu <= 1500; mtu++) {
        struct fixture fixture;
        build(&fixture);
        dtls_flight_rewind(&fixture.flight);
        const struct sum sum = write_out(&fixture, mtu, types, lens, 4);
        assert_int_equal(sum.num_changes, 1);
        assert_false(dtls_flight_pending(&fixture.flight));
        const size_t total = 80 + 900 + 120 + sum.num_fragments * 25 + 14;
        assert_true(sum.num_datagrams <= total / (mtu - 41) + 1);
        if (mtu >= 1100 + 4 * 25 + 14)
            assert_int_equal(sum.num_datagrams, 1);
    }
}

static void repeats_at_another_size(void **state) {
    (void)state;
    struct fixture fixture;
    build(&fixture);
    static const size_t mtus[] = {1200, 256, 128, 1500, 300};
    for (size_t i = 0; i < 5; i++) {
        dtls_flight_rewind(&fixture.flight);
        assert_true(dtls_flight_pending(&fixture.flight));
        write_out(&fixture, mtus[i], types, lens, 4);
    }
    assert_int_equal(fixture.flight.next_seq, 7);
}

/* Rewound in the middle of a message. */
static void begins_anew(void **state) {
    (void)state;
    struct fixture fixture;
    build(&fixture);
    dtls_flight_rewind(&fixture.flight);
    uint8_t datagram[200];
    size_t len;
    assert_int_equal(dtls_flight_write(&fixture.flight, &fixture.records, datagram, 200, &len), DTLS_OK);
    dtls_flight_rewind(&fixture.flight);
    write_out(&fixture, 200, types, lens, 4);
}

static void keeps_to_its_memory(void **state) {
    (void)state;
    struct fixture fixture;
    init(&fixture, 100);
    assert_int_equal(add(&fixture, 1, 89), DTLS_ERROR_NO_ROOM);
    assert_int_equal(add(&fixture, 1, 88), DTLS_OK);
    assert_int_equal(add(&fixture, 1, 0), DTLS_ERROR_NO_ROOM);
    assert_int_equal(dtls_flight_change_cipher_spec(&fixture.flight, 0), DTLS_ERROR_NO_ROOM);
    assert_int_equal(fixture.bytes[100], 0);
    dtls_flight_clear(&fixture.flight);
    for (size_t i = 0; i < DTLS_FLIGHT_ITEMS; i++)
        assert_int_equal(add(&fixture, 1, 0), DTLS_OK);
    assert_int_equal(dtls_flight_change_cipher_spec(&fixture.flight, 0), DTLS_ERROR_NO_ROOM);
}

static void fails_with_the_record_layer(void **state) {
    (void)state;
    struct fixture fixture;
    build(&fixture);
    dtls_flight_rewind(&fixture.flight);
    dtls_record_set_sequence(&fixture.records, DTLS_MAX_SEQUENCE + 1);
    uint8_t datagram[200];
    size_t len;
    assert_true(dtls_flight_write(&fixture.flight, &fixture.records, datagram, 200, &len) < 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_before_it_is_ready), cmocka_unit_test(every_mtu),
        cmocka_unit_test(repeats_at_another_size),    cmocka_unit_test(begins_anew),
        cmocka_unit_test(keeps_to_its_memory),        cmocka_unit_test(fails_with_the_record_layer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
