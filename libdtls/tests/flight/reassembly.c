/* SPDX-License-Identifier: MIT
 *
 * Reassembly (RFC 6347 section 4.2.3).
 */
#include "support/check.h"

#include "flight/reassembly.h"

enum { MAX_MESSAGE = 100 };

struct fixture {
    struct dtls_reassembly reassembly;
    uint8_t buffer[DTLS_REASSEMBLY_SIZE(MAX_MESSAGE) + 16];
};

static void init(struct fixture *fixture, uint16_t next_seq) {
    memset(fixture->buffer, 0xa5, sizeof fixture->buffer);
    dtls_reassembly_init(&fixture->reassembly, fixture->buffer, MAX_MESSAGE, next_seq);
}

static void check_canary(const struct fixture *fixture) {
    for (size_t i = DTLS_REASSEMBLY_SIZE(MAX_MESSAGE); i < sizeof fixture->buffer; i++)
        assert_int_equal(fixture->buffer[i], 0xa5);
}

/* The byte at each place of each message. */
static uint8_t content(uint16_t seq, size_t at) {
    return (uint8_t)(seq * 31 + at);
}

static enum dtls_fragment_verdict add(struct fixture *fixture, uint16_t seq, uint32_t length, uint32_t offset,
                                      uint32_t len) {
    uint8_t body[256];
    for (size_t i = 0; i < len; i++)
        body[i] = content(seq, offset + i);
    const struct dtls_message_header header = {
        .type = 11, .seq = seq, .length = length, .fragment_offset = offset, .fragment_length = len};
    return dtls_reassembly_add(&fixture->reassembly, &header, body);
}

static void expect_next(struct fixture *fixture, uint16_t seq, size_t len) {
    struct dtls_message message;
    assert_true(dtls_reassembly_next(&fixture->reassembly, &message));
    assert_int_equal(message.seq, seq);
    assert_int_equal(message.type, 11);
    assert_int_equal(message.len, len);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(message.body[i], content(seq, i));
    dtls_reassembly_release(&fixture->reassembly);
    check_canary(fixture);
}

static void expect_none(const struct fixture *fixture) {
    struct dtls_message message;
    assert_false(dtls_reassembly_next(&fixture->reassembly, &message));
}

static void whole_messages_in_order(void **state) {
    (void)state;
    struct fixture fixture;
    init(&fixture, 3);
    for (uint16_t seq = 3; seq < 30; seq++) {
        expect_none(&fixture);
        assert_int_equal(add(&fixture, seq, seq * 3, 0, seq * 3), DTLS_FRAGMENT_TAKEN);
        expect_next(&fixture, seq, seq * 3U);
    }
}

/* All orders of four fragments, which overlap, each given twice. */
static void fragments_in_every_order(void **state) {
    (void)state;
    static const uint32_t offsets[] = {0, 20, 50, 75};
    static const uint32_t lens[] = {30, 40, 26, 25};
    for (unsigned order = 0; order < 256; order++) {
        const unsigned places[] = {order & 3, order >> 2 & 3, order >> 4 & 3, order >> 6};
        if (((1U << places[0]) | (1U << places[1]) | (1U << places[2]) | (1U << places[3])) != 15)
            continue;
        struct fixture fixture;
        init(&fixture, 0);
        for (unsigned i = 0; i < 4; i++) {
            expect_none(&fixture);
            assert_int_equal(add(&fixture, 0, 100, offsets[places[i]], lens[places[i]]), DTLS_FRAGMENT_TAKEN);
            assert_int_equal(add(&fixture, 0, 100, offsets[places[i]], lens[places[i]]), DTLS_FRAGMENT_TAKEN);
        }
        expect_next(&fixture, 0, 100);
    }
}

static void single_bytes_backwards(void **state) {
    (void)state;
    struct fixture fixture;
    init(&fixture, 0);
    for (uint32_t at = 100; at-- > 0;) {
        expect_none(&fixture);
        assert_int_equal(add(&fixture, 0, 100, at, 1), DTLS_FRAGMENT_TAKEN);
    }
    expect_next(&fixture, 0, 100);
}

static void empty_messages_and_fragments(void **state) {
    (void)state;
    struct fixture fixture;
    init(&fixture, 0);
    assert_int_equal(add(&fixture, 0, 10, 10, 0), DTLS_FRAGMENT_TAKEN);
    expect_none(&fixture);
    assert_int_equal(add(&fixture, 0, 10, 0, 10), DTLS_FRAGMENT_TAKEN);
    expect_next(&fixture, 0, 10);
    assert_int_equal(add(&fixture, 1, 0, 0, 0), DTLS_FRAGMENT_TAKEN);
    expect_next(&fixture, 1, 0);
}

static void messages_that_come_early_are_kept(void **state) {
    (void)state;
    struct fixture fixture;
    init(&fixture, 0);
    for (uint16_t seq = 5; seq > 0; seq--)
        assert_int_equal(add(&fixture, seq, seq, 0, seq), DTLS_FRAGMENT_TAKEN);
    assert_int_equal(add(&fixture, 6, 1, 0, 1), DTLS_FRAGMENT_AHEAD);
    expect_none(&fixture);
    assert_int_equal(add(&fixture, 0, 40, 0, 40), DTLS_FRAGMENT_TAKEN);
    expect_next(&fixture, 0, 40);
    for (uint16_t seq = 1; seq < 6; seq++)
        expect_next(&fixture, seq, seq);
}

/* The message next in sequence takes the room of those that came early, which the peer will repeat. */
static void next_message_has_precedence(void **state) {
    (void)state;
    struct fixture fixture;
    init(&fixture, 0);
    assert_int_equal(add(&fixture, 1, 60, 0, 60), DTLS_FRAGMENT_TAKEN);
    assert_int_equal(add(&fixture, 2, 60, 0, 60), DTLS_FRAGMENT_AHEAD);
    assert_int_equal(add(&fixture, 2, 20, 0, 20), DTLS_FRAGMENT_TAKEN);
    assert_int_equal(add(&fixture, 0, 40, 0, 39), DTLS_FRAGMENT_TAKEN);
    assert_int_equal(add(&fixture, 0, 40, 39, 1), DTLS_FRAGMENT_TAKEN);
    expect_next(&fixture, 0, 40);
    expect_next(&fixture, 1, 60);
    assert_int_equal(add(&fixture, 2, 20, 0, 20), DTLS_FRAGMENT_TAKEN);
    expect_next(&fixture, 2, 20);
    assert_int_equal(add(&fixture, 4, 90, 0, 90), DTLS_FRAGMENT_TAKEN);
    assert_int_equal(add(&fixture, 3, 100, 0, 100), DTLS_FRAGMENT_TAKEN);
    expect_next(&fixture, 3, 100);
    expect_none(&fixture);
}

static void room_is_made_among_all_places(void **state) {
    (void)state;
    struct fixture fixture;
    init(&fixture, 0);
    for (uint16_t seq = 1; seq < 6; seq++)
        assert_int_equal(add(&fixture, seq, 0, 0, 0), DTLS_FRAGMENT_TAKEN);
    assert_int_equal(add(&fixture, 0, 100, 0, 100), DTLS_FRAGMENT_TAKEN);
    for (uint16_t seq = 0; seq < 6; seq++)
        expect_next(&fixture, seq, seq == 0 ? 100 : 0);
}

static void old_messages_are_told(void **state) {
    (void)state;
    struct fixture fixture;
    init(&fixture, 5);
    assert_int_equal(add(&fixture, 4, 10, 0, 10), DTLS_FRAGMENT_OLD);
    /* Whatever they say. */
    assert_int_equal(add(&fixture, 0, 10, 20, 10), DTLS_FRAGMENT_OLD);
    assert_int_equal(add(&fixture, 0, 1000, 20, 10), DTLS_FRAGMENT_OLD);
}

static void contradictions_are_found(void **state) {
    (void)state;
    struct fixture fixture;
    init(&fixture, 0);
    assert_int_equal(add(&fixture, 0, 100, 10, 10), DTLS_FRAGMENT_TAKEN);
    assert_int_equal(add(&fixture, 0, 99, 10, 10), DTLS_FRAGMENT_OTHER_LENGTH);
    uint8_t body[10] = {0};
    struct dtls_message_header header = {
        .type = 12, .seq = 0, .length = 100, .fragment_offset = 30, .fragment_length = 10};
    assert_int_equal(dtls_reassembly_add(&fixture.reassembly, &header, body), DTLS_FRAGMENT_OTHER_TYPE);
    header.type = 11;
    header.fragment_offset = 19;
    assert_int_equal(dtls_reassembly_add(&fixture.reassembly, &header, body), DTLS_FRAGMENT_OTHER_CONTENT);
    assert_int_equal(add(&fixture, 0, 100, 91, 10), DTLS_FRAGMENT_OUTSIDE);
    assert_int_equal(add(&fixture, 0, 100, 101, 0), DTLS_FRAGMENT_OUTSIDE);
    header = (struct dtls_message_header){
        .type = 11, .length = 100, .fragment_offset = 0xffffff, .fragment_length = 0xffffff};
    assert_int_equal(dtls_reassembly_add(&fixture.reassembly, &header, body), DTLS_FRAGMENT_OUTSIDE);
    check_canary(&fixture);
}

static void messages_that_are_too_long(void **state) {
    (void)state;
    struct fixture fixture;
    init(&fixture, 0);
    assert_int_equal(add(&fixture, 0, 101, 0, 1), DTLS_FRAGMENT_TOO_LONG);
    assert_int_equal(add(&fixture, 1, 101, 0, 1), DTLS_FRAGMENT_AHEAD);
}

static void forgets_what_is_not_handled(void **state) {
    (void)state;
    struct fixture fixture;
    init(&fixture, 0);
    add(&fixture, 0, 10, 0, 10);
    add(&fixture, 1, 10, 0, 10);
    dtls_reassembly_forget(&fixture.reassembly);
    expect_none(&fixture);
    add(&fixture, 0, 10, 0, 10);
    expect_next(&fixture, 0, 10);
}

/* Random fragments of random messages, forwards and backwards: what comes out is right, and in sequence. */
static void random_fragments(void **state) {
    (void)state;
    uint32_t random = 7;
    struct fixture fixture;
    init(&fixture, 0);
    uint16_t expected = 0;
    for (unsigned i = 0; i < 200000 && expected < 2000; i++) {
        random = random * 1664525 + 1013904223;
        const uint16_t seq = (uint16_t)(expected + (random >> 30));
        const uint32_t length = (seq * 37U) % (MAX_MESSAGE + 1);
        const uint32_t offset = length == 0 ? 0 : (random >> 8) % length;
        const uint32_t len = (random >> 16) % (length - offset + 1);
        assert_true(add(&fixture, seq, length, offset, len) <= DTLS_FRAGMENT_AHEAD);
        struct dtls_message message;
        while (dtls_reassembly_next(&fixture.reassembly, &message)) {
            expect_next(&fixture, expected, (expected * 37U) % (MAX_MESSAGE + 1));
            expected++;
        }
    }
    assert_true(expected >= 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_messages_in_order),
        cmocka_unit_test(fragments_in_every_order),
        cmocka_unit_test(single_bytes_backwards),
        cmocka_unit_test(empty_messages_and_fragments),
        cmocka_unit_test(messages_that_come_early_are_kept),
        cmocka_unit_test(next_message_has_precedence),
        cmocka_unit_test(room_is_made_among_all_places),
        cmocka_unit_test(old_messages_are_told),
        cmocka_unit_test(contradictions_are_found),
        cmocka_unit_test(messages_that_are_too_long),
        cmocka_unit_test(forgets_what_is_not_handled),
        cmocka_unit_test(random_fragments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
