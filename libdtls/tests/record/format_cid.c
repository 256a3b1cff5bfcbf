/* SPDX-License-Identifier: MIT
 *
 * Records with a connection ID (RFC 9146 sections 3 to 5): byte for byte as
 * another implementation of section 5 makes them, and what is dropped.
 */
#include "dtls/connection_id.h"
#include "dtls/libcrypto.h"
#include "record/record.h"
#include "support/check.h"
#include "support/hex.h"

static const uint8_t key[32] = {0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a,
                                0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25,
                                0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f};
static const uint8_t iv[12] = {0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab};
static const uint8_t cid[5] = {0xc1, 0xd0, 0xc1, 0xd1, 0xc2};

#define FIRST_SEQUENCE UINT64_C(0x0000000102030405)

struct pair {
    struct dtls_record_layer sender;
    struct dtls_record_layer receiver;
    dtls_statistics sent;
    dtls_statistics received;
    uint64_t sender_slots[8];
    uint64_t receiver_slots[8];
};

static void pair_open(struct pair *pair, const struct dtls_protection *protection, uint16_t padding) {
    const struct dtls_record_way way = {
        .format = &dtls_record_format_cid, .cid = cid, .cid_len = sizeof cid, .padding = padding};
    memset(pair, 0, sizeof *pair);
    dtls_record_init(&pair->sender, &dtls_libcrypto, &pair->sent, pair->sender_slots);
    dtls_record_init(&pair->receiver, &dtls_libcrypto, &pair->received, pair->receiver_slots);
    dtls_record_set_version(&pair->sender, DTLS_VERSION_1_2, true);
    dtls_record_set_version(&pair->receiver, DTLS_VERSION_1_2, true);
    dtls_record_set_way(&pair->sender, DTLS_SEAL, &way);
    dtls_record_set_way(&pair->receiver, DTLS_OPEN, &way);
    assert_int_equal(dtls_record_install(&pair->sender, DTLS_SEAL, 1, protection, NULL, key, iv), DTLS_OK);
    assert_int_equal(dtls_record_install(&pair->receiver, DTLS_OPEN, 1, protection, NULL, key, iv), DTLS_OK);
    assert_int_equal(dtls_record_advance(&pair->sender, DTLS_SEAL), DTLS_OK);
    assert_int_equal(dtls_record_advance(&pair->receiver, DTLS_OPEN), DTLS_OK);
    pair->sender.write[1].sequence = FIRST_SEQUENCE;
}

static void pair_close(struct pair *pair) {
    dtls_record_wipe(&pair->sender);
    dtls_record_wipe(&pair->receiver);
}

static size_t put(struct pair *pair, uint16_t epoch, uint8_t type, const char *text, uint8_t *out,
                  size_t cap) {
    size_t len = strlen(text);
    memcpy(out + dtls_record_headroom(&pair->sender, epoch), text, len);
    assert_int_equal(dtls_record_seal(&pair->sender, epoch, type, out, cap, &len), DTLS_OK);
    return len;
}

static enum dtls_record_verdict take(struct pair *pair, uint8_t *bytes, size_t len, struct dtls_record *out) {
    struct dtls_record_walk walk = dtls_record_walk_of(bytes, len);
    return dtls_record_next(&pair->receiver, &walk, out);
}

struct vector {
    const struct dtls_protection *protection;
    uint16_t padding;
    const char *record;
};

static const struct vector vectors[] = {
    {&dtls_protection_aes_128_gcm, 0,
     "19fefd0001000102030405c1d0c1d1c2001e0001000102030405c0404a56fc5cd1c0d6f613130a1f060c0670da508790"},
    {&dtls_protection_aes_128_gcm, 16,
     "19fefd0001000102030405c1d0c1d1c200280001000102030405c0404a56fc5cb249b9ac7142e92899ea7b92735a64c68f63632"
     "a"
     "1b764022b4e6"},
    {&dtls_protection_aes_128_ccm_8, 1,
     "19fefd0001000102030405c1d0c1d1c20016000100010203040566c996dd4451232db3ad22f50e4a"},
    {&dtls_protection_chacha20_poly1305, 0,
     "19fefd0001000102030405c1d0c1d1c20016c8d60d94fc56a100148ad9dc4c7119af2465cd461b70"},
};

static void records_are_laid_out_by_rfc_9146(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct pair pair;
        struct dtls_record record;
        uint8_t bytes[128];
        const struct test_bytes expected = test_hex(vectors[i].record);
        pair_open(&pair, vectors[i].protection, vectors[i].padding);
        const size_t headroom = dtls_record_headroom(&pair.sender, 1);
        assert_int_equal(headroom, 13 + sizeof cid + vectors[i].protection->explicit_len);
        const size_t len = put(&pair, 1, DTLS_CONTENT_APPLICATION_DATA, "hello", bytes,
                               headroom + 5 + dtls_record_tailroom(&pair.sender, 1));
        assert_int_equal(len, expected.len);
        assert_memory_equal(bytes, expected.data, len);
        assert_int_equal(take(&pair, bytes, len, &record), DTLS_RECORD_OPENED);
        assert_int_equal(record.type, DTLS_CONTENT_APPLICATION_DATA);
        assert_int_equal(record.len, 5);
        assert_memory_equal(record.bytes, "hello", 5);
        assert_true(record.has_cid);
        assert_true(record.newest);
        pair_close(&pair);
    }
}

/* Sizes around those of records, with and without padding. */
static void padding_ends_where_a_record_does(void **state) {
    (void)state;
    static uint8_t bytes[20000];
    static const size_t lens[] = {0, 1, 15, 16, 17, 16367, 16368, 16382, 16383};
    for (size_t i = 0; i < 2 * sizeof lens / sizeof lens[0]; i++) {
        struct pair pair;
        struct dtls_record record;
        size_t len = lens[i / 2];
        pair_open(&pair, &dtls_protection_aes_128_gcm, i % 2 == 0 ? 0 : 1000);
        const size_t headroom = dtls_record_headroom(&pair.sender, 1);
        const size_t cap = headroom + len + dtls_record_tailroom(&pair.sender, 1);
        assert_true(cap <= sizeof bytes);
        memset(bytes, 0, sizeof bytes);
        assert_int_equal(dtls_record_seal(&pair.sender, 1, DTLS_CONTENT_APPLICATION_DATA, bytes, cap, &len),
                         DTLS_OK);
        const size_t inner = len - headroom - 16;
        assert_true(inner == DTLS_MAX_PLAINTEXT ||
                    inner == (i % 2 == 0 ? lens[i / 2] + 1 : inner / 1000 * 1000));
        assert_int_equal(take(&pair, bytes, len, &record), DTLS_RECORD_OPENED);
        assert_int_equal(record.len, lens[i / 2]);
        len = 16384;
        assert_int_equal(
            dtls_record_seal(&pair.sender, 1, DTLS_CONTENT_APPLICATION_DATA, bytes, sizeof bytes, &len),
            DTLS_ERROR_ARGUMENT);
        len = 100;
        assert_int_equal(dtls_record_seal(&pair.sender, 1, DTLS_CONTENT_APPLICATION_DATA, bytes,
                                          headroom + 100 + dtls_record_tailroom(&pair.sender, 1) - 1, &len),
                         DTLS_ERROR_NO_ROOM);
        pair_close(&pair);
    }
}

/* A record whose DTLSInnerPlaintext is as given: content, and one byte for the type. */
static size_t put_inner(struct pair *pair, const char *inner, size_t len, uint8_t *out, size_t cap) {
    memcpy(out + dtls_record_headroom(&pair->sender, 1), inner, len - 1);
    size_t record_len = len - 1;
    assert_int_equal(dtls_record_seal(&pair->sender, 1, (uint8_t)inner[len - 1], out, cap, &record_len),
                     DTLS_OK);
    return record_len;
}

static void inner_plaintexts(void **state) {
    (void)state;
    struct pair pair;
    struct dtls_record record;
    uint8_t bytes[200];
    pair_open(&pair, &dtls_protection_aes_128_gcm, 0);
    size_t len = put_inner(&pair, "\0\0\x17\0\0\0", 6, bytes, sizeof bytes);
    assert_int_equal(take(&pair, bytes, len, &record), DTLS_RECORD_OPENED);
    assert_int_equal(record.len, 2);
    /* No handshake record is empty; nobody knows type 99; a type inside is not tls12_cid again. */
    len = put_inner(&pair, "\x16", 1, bytes, sizeof bytes);
    assert_int_equal(take(&pair, bytes, len, &record), DTLS_RECORD_END);
    assert_int_equal(pair.received.dropped_length, 1);
    len = put_inner(&pair, "data\x63", 5, bytes, sizeof bytes);
    assert_int_equal(take(&pair, bytes, len, &record), DTLS_RECORD_END);
    len = put_inner(&pair, "data\x19", 5, bytes, sizeof bytes);
    assert_int_equal(take(&pair, bytes, len, &record), DTLS_RECORD_END);
    assert_int_equal(pair.received.dropped_type, 2);
    len = put_inner(&pair, "\0\0\0", 3, bytes, sizeof bytes);
    assert_int_equal(take(&pair, bytes, len, &record), DTLS_RECORD_UNTYPED);
    pair_close(&pair);
}

static void wrong_ones_are_dropped(void **state) {
    (void)state;
    struct pair pair;
    struct dtls_record record;
    uint8_t bytes[200];
    pair_open(&pair, &dtls_protection_aes_128_gcm, 0);
    /* Another ID, of the same length. */
    size_t len = put(&pair, 1, DTLS_CONTENT_APPLICATION_DATA, "data", bytes, sizeof bytes);
    bytes[12] ^= 1;
    assert_int_equal(take(&pair, bytes, len, &record), DTLS_RECORD_END);
    assert_int_equal(pair.received.dropped_cid, 1);
    /* Cut inside the ID, and behind it. */
    bytes[12] ^= 1;
    for (size_t cut = 1; cut < len; cut++)
        assert_int_equal(take(&pair, bytes, cut, &record), DTLS_RECORD_END);
    assert_int_equal(pair.received.dropped_header, len - 1);
    assert_int_equal(take(&pair, bytes, len, &record), DTLS_RECORD_OPENED);
    /* None, though one is due. */
    pair.sender.write_way = (struct dtls_record_way){.format = NULL};
    len = put(&pair, 1, DTLS_CONTENT_APPLICATION_DATA, "data", bytes, sizeof bytes);
    assert_int_equal(take(&pair, bytes, len, &record), DTLS_RECORD_END);
    assert_int_equal(pair.received.dropped_cid, 2);
    /* Plaintext has none, and is still plaintext. */
    len = put(&pair, 0, DTLS_CONTENT_HANDSHAKE, "message", bytes, sizeof bytes);
    assert_int_equal(take(&pair, bytes, len, &record), DTLS_RECORD_OPENED);
    assert_false(record.has_cid);
    assert_false(record.newest);
    /* tls12_cid in epoch 0. */
    const uint8_t plain[] = {25, 0xfe, 0xfd, 0,    0,    0,    0, 0, 0,   0,
                             9,  0xc1, 0xd0, 0xc1, 0xd1, 0xc2, 0, 2, 'x', 23};
    memcpy(bytes, plain, sizeof plain);
    assert_int_equal(take(&pair, bytes, sizeof plain, &record), DTLS_RECORD_END);
    assert_int_equal(pair.received.dropped_type, 1);
    pair_close(&pair);
}

/* Whoever has agreed on no ID cannot tell where the record ends. */
static void nobody_expects_one(void **state) {
    (void)state;
    struct pair pair;
    struct dtls_record record;
    uint8_t bytes[200];
    pair_open(&pair, &dtls_protection_aes_128_gcm, 0);
    pair.receiver.read_way = (struct dtls_record_way){.format = NULL};
    const size_t len = put(&pair, 1, DTLS_CONTENT_APPLICATION_DATA, "data", bytes, sizeof bytes);
    assert_int_equal(take(&pair, bytes, len, &record), DTLS_RECORD_END);
    assert_int_equal(pair.received.dropped_type, 1);
    pair_close(&pair);
}

/* Newest is what has a higher number than all before. */
static void newest(void **state) {
    (void)state;
    struct pair pair;
    struct dtls_record record;
    uint8_t first[200];
    uint8_t second[200];
    pair_open(&pair, &dtls_protection_aes_128_gcm, 0);
    const size_t first_len = put(&pair, 1, DTLS_CONTENT_APPLICATION_DATA, "1", first, sizeof first);
    const size_t second_len = put(&pair, 1, DTLS_CONTENT_APPLICATION_DATA, "2", second, sizeof second);
    assert_int_equal(take(&pair, second, second_len, &record), DTLS_RECORD_OPENED);
    assert_true(record.newest);
    assert_int_equal(take(&pair, first, first_len, &record), DTLS_RECORD_OPENED);
    assert_false(record.newest);
    pair_close(&pair);
}

/* max_fragment_length is about content (RFC 6066 section 4); record_size_limit about all that is protected
 * (RFC 8449 section 4). */
static void limits_count_what_they_are_about(void **state) {
    (void)state;
    uint8_t bytes[700];
    struct pair pair;
    struct dtls_record record;
    for (unsigned i = 0; i < 6; i++) {
        const bool fragments = i < 3;
        const size_t content = 511 + i % 3;
        pair_open(&pair, &dtls_protection_aes_128_gcm, 0);
        pair.receiver.read_limit = 512;
        pair.receiver.plain_limit = fragments ? 512 : 0;
        size_t len = content;
        memset(bytes, 1, sizeof bytes);
        assert_int_equal(
            dtls_record_seal(&pair.sender, 1, DTLS_CONTENT_APPLICATION_DATA, bytes, sizeof bytes, &len),
            DTLS_OK);
        const bool fits = content + (fragments ? 0 : 1) <= 512;
        assert_int_equal(take(&pair, bytes, len, &record), fits ? DTLS_RECORD_OPENED : DTLS_RECORD_END);
        assert_int_equal(pair.received.dropped_length, fits ? 0 : 1);
        pair_close(&pair);
    }
}

static void a_datagram_says_whom_it_is_for(void **state) {
    (void)state;
    struct pair pair;
    uint8_t bytes[300];
    dtls_span id;
    pair_open(&pair, &dtls_protection_aes_128_gcm, 0);
    size_t len = put(&pair, 0, DTLS_CONTENT_HANDSHAKE, "message", bytes, sizeof bytes);
    assert_int_equal(dtls_connection_id_of(bytes, len, sizeof cid, &id), DTLS_NOTHING);
    len += put(&pair, 1, DTLS_CONTENT_HANDSHAKE, "message", bytes + len, sizeof bytes - len);
    assert_int_equal(dtls_connection_id_of(bytes, len, sizeof cid, &id), DTLS_OK);
    assert_int_equal(id.len, sizeof cid);
    assert_memory_equal(id.data, cid, sizeof cid);
    assert_int_equal(dtls_connection_id_of(bytes, 20 + 11 + 4, sizeof cid, &id), DTLS_NOTHING);
    assert_int_equal(dtls_connection_id_of(bytes, len, 0, &id), DTLS_NOTHING);
    assert_int_equal(dtls_connection_id_of(NULL, 0, 5, &id), DTLS_NOTHING);
    assert_int_equal(dtls_connection_id_of(NULL, 1, 5, &id), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_connection_id_of(bytes, len, 5, NULL), DTLS_ERROR_ARGUMENT);
    pair_close(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_laid_out_by_rfc_9146),
        cmocka_unit_test(padding_ends_where_a_record_does),
        cmocka_unit_test(inner_plaintexts),
        cmocka_unit_test(wrong_ones_are_dropped),
        cmocka_unit_test(nobody_expects_one),
        cmocka_unit_test(newest),
        cmocka_unit_test(limits_count_what_they_are_about),
        cmocka_unit_test(a_datagram_says_whom_it_is_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
