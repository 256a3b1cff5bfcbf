/* SPDX-License-Identifier: MIT
 *
 * Tests of the record layer as a whole: what is sealed opens, what is faulty is
 * dropped and counted by its reason, epochs come and go.
 */
#include "record/record.h"

#include "dtls/libcrypto.h"
#include "support/check.h"

static const uint8_t key[DTLS_MAX_MAC_KEY] = {1}; /* as long as the longest of any kind */
static const uint8_t iv[4] = {2};

/* Two record layers, one sending and one receiving, with the same keys. */
struct pair {
    struct dtls_record_layer sender;
    struct dtls_record_layer receiver;
    dtls_statistics sent;
    dtls_statistics received;
    uint64_t sender_slots[2];
    uint64_t receiver_slots[2];
};

static void pair_open(struct pair *pair) {
    memset(pair, 0, sizeof *pair);
    dtls_record_init(&pair->sender, &dtls_libcrypto, &pair->sent, pair->sender_slots);
    dtls_record_init(&pair->receiver, &dtls_libcrypto, &pair->received, pair->receiver_slots);
    dtls_record_set_version(&pair->sender, DTLS_VERSION_1_2, true);
    dtls_record_set_version(&pair->receiver, DTLS_VERSION_1_2, true);
}

static void pair_key(struct pair *pair, const struct dtls_protection *protection) {
    assert_int_equal(dtls_record_install(&pair->sender, DTLS_SEAL, 1, protection, NULL, key, iv), DTLS_OK);
    assert_int_equal(dtls_record_install(&pair->receiver, DTLS_OPEN, 1, protection, NULL, key, iv), DTLS_OK);
    assert_int_equal(dtls_record_advance(&pair->sender, DTLS_SEAL), DTLS_OK);
    assert_int_equal(dtls_record_advance(&pair->receiver, DTLS_OPEN), DTLS_OK);
}

static void pair_close(struct pair *pair) {
    dtls_record_wipe(&pair->sender);
    dtls_record_wipe(&pair->receiver);
    dtls_record_wipe(&pair->receiver);
}

/* Seals `text` as a record of `epoch` and appends it to `out`, of which `len` bytes are in use; answers the
 * new length. */
static size_t put(struct pair *pair, uint16_t epoch, uint8_t type, const char *text, uint8_t *out,
                  size_t len) {
    size_t record_len = strlen(text);
    memcpy(out + len + dtls_record_headroom(&pair->sender, epoch), text, record_len);
    assert_int_equal(dtls_record_seal(&pair->sender, epoch, type, out + len, 2000, &record_len), DTLS_OK);
    return len + record_len;
}

/* The verdict on the first record of a datagram that is not dropped. */
static enum dtls_record_verdict take(struct pair *pair, uint8_t *bytes, size_t len, struct dtls_record *out) {
    struct dtls_record_walk walk = dtls_record_walk_of(bytes, len);
    return dtls_record_next(&pair->receiver, &walk, out);
}

static void assert_record(const struct dtls_record *record, uint8_t type, uint16_t epoch, const char *text) {
    assert_int_equal(record->type, type);
    assert_int_equal(record->epoch, epoch);
    assert_int_equal(record->len, strlen(text));
    assert_memory_equal(record->bytes, text, record->len);
}

static void what_is_sealed_opens(void **state) {
    (void)state;
    static const struct dtls_protection *const protections[] = {NULL, &dtls_protection_aes_128_gcm,
                                                                &dtls_protection_aes_128_ccm_8};
    for (size_t i = 0; i < sizeof protections / sizeof *protections; i++) {
        struct pair pair;
        struct dtls_record record;
        uint8_t datagram[2100];
        pair_open(&pair);
        if (protections[i] != NULL)
            pair_key(&pair, protections[i]);
        uint16_t epoch = protections[i] != NULL;
        for (unsigned sequence = 0; sequence < 3; sequence++) {
            size_t len = put(&pair, epoch, DTLS_CONTENT_HANDSHAKE, "message", datagram, 0);
            assert_int_equal(len, dtls_record_headroom(&pair.sender, epoch) + 7 +
                                      dtls_record_tailroom(&pair.sender, epoch));
            assert_int_equal(take(&pair, datagram, len, &record), DTLS_RECORD_OPENED);
            assert_record(&record, DTLS_CONTENT_HANDSHAKE, epoch, "message");
            assert_int_equal(record.sequence, sequence);
        }
        assert_int_equal(pair.received.records_received, 3);
        assert_int_equal(pair.sent.records_sent, 3);
        pair_close(&pair);
    }
}

static void a_datagram_holds_several_records(void **state) {
    (void)state;
    struct pair pair;
    struct dtls_record record;
    uint8_t datagram[4000];
    pair_open(&pair);
    pair_key(&pair, &dtls_protection_aes_128_gcm);
    size_t len = put(&pair, 0, DTLS_CONTENT_HANDSHAKE, "one", datagram, 0);
    len = put(&pair, 1, DTLS_CONTENT_HANDSHAKE, "two", datagram, len);
    size_t broken = len;
    len = put(&pair, 1, DTLS_CONTENT_APPLICATION_DATA, "lost", datagram, len);
    datagram[broken + 25] ^= 1;
    len = put(&pair, 1, DTLS_CONTENT_APPLICATION_DATA, "", datagram, len);
    len = put(&pair, 1, DTLS_CONTENT_ALERT, "!!", datagram, len);
    struct dtls_record_walk walk = dtls_record_walk_of(datagram, len);
    assert_int_equal(dtls_record_next(&pair.receiver, &walk, &record), DTLS_RECORD_OPENED);
    assert_record(&record, DTLS_CONTENT_HANDSHAKE, 0, "one");
    assert_int_equal(dtls_record_next(&pair.receiver, &walk, &record), DTLS_RECORD_OPENED);
    assert_record(&record, DTLS_CONTENT_HANDSHAKE, 1, "two");
    assert_int_equal(dtls_record_next(&pair.receiver, &walk, &record), DTLS_RECORD_OPENED);
    assert_record(&record, DTLS_CONTENT_APPLICATION_DATA, 1, "");
    assert_false(dtls_record_walk_ended(&walk));
    assert_int_equal(dtls_record_next(&pair.receiver, &walk, &record), DTLS_RECORD_OPENED);
    assert_record(&record, DTLS_CONTENT_ALERT, 1, "!!");
    assert_int_equal(dtls_record_next(&pair.receiver, &walk, &record), DTLS_RECORD_END);
    assert_true(dtls_record_walk_ended(&walk));
    assert_int_equal(pair.received.dropped_mac, 1);
    pair_close(&pair);
}

static void replays_are_dropped_after_authentication_only(void **state) {
    (void)state;
    struct pair pair;
    struct dtls_record record;
    uint8_t datagram[2100];
    uint8_t copy[2100];
    pair_open(&pair);
    pair_key(&pair, &dtls_protection_aes_128_gcm);
    size_t len = put(&pair, 1, DTLS_CONTENT_APPLICATION_DATA, "data", datagram, 0);

    /* A forgery with the same number comes first and must not shut the record out. */
    memcpy(copy, datagram, len);
    copy[len - 1] ^= 1;
    assert_int_equal(take(&pair, copy, len, &record), DTLS_RECORD_END);
    assert_int_equal(pair.received.dropped_mac, 1);

    memcpy(copy, datagram, len);
    assert_int_equal(take(&pair, copy, len, &record), DTLS_RECORD_OPENED);
    memcpy(copy, datagram, len);
    assert_int_equal(take(&pair, copy, len, &record), DTLS_RECORD_END);
    assert_int_equal(pair.received.dropped_replay, 1);

    /* 256 newer records later it is too old to tell. */
    pair.sender.write[1].sequence = 257;
    len = put(&pair, 1, DTLS_CONTENT_APPLICATION_DATA, "new", copy, 0);
    assert_int_equal(take(&pair, copy, len, &record), DTLS_RECORD_OPENED);
    pair.sender.write[1].sequence = 1;
    len = put(&pair, 1, DTLS_CONTENT_APPLICATION_DATA, "old", copy, 0);
    assert_int_equal(take(&pair, copy, len, &record), DTLS_RECORD_END);
    assert_int_equal(pair.received.dropped_replay, 2);
    pair_close(&pair);
}

static void a_forged_number_in_epoch_0_shuts_nobody_out(void **state) {
    (void)state;
    struct pair pair;
    struct dtls_record record;
    uint8_t datagram[2100];
    pair_open(&pair);
    dtls_record_set_sequence(&pair.sender, DTLS_MAX_SEQUENCE);
    size_t len = put(&pair, 0, DTLS_CONTENT_HANDSHAKE, "forged", datagram, 0);
    assert_int_equal(take(&pair, datagram, len, &record), DTLS_RECORD_OPENED);
    dtls_record_set_sequence(&pair.sender, 0);
    len = put(&pair, 0, DTLS_CONTENT_HANDSHAKE, "honest", datagram, 0);
    assert_int_equal(take(&pair, datagram, len, &record), DTLS_RECORD_OPENED);

    /* Repetitions within the window are still told apart. */
    pair_open(&pair);
    len = put(&pair, 0, DTLS_CONTENT_HANDSHAKE, "once", datagram, 0);
    assert_int_equal(take(&pair, datagram, len, &record), DTLS_RECORD_OPENED);
    assert_int_equal(take(&pair, datagram, len, &record), DTLS_RECORD_END);
    assert_int_equal(pair.received.dropped_replay, 1);
    pair_close(&pair);
}

/* Each way in which a header can be wrong, told by the change of a good record of epoch 1 or 0. */
static void faulty_headers_are_counted_by_their_reason(void **state) {
    (void)state;
    static const struct {
        uint16_t epoch;
        size_t at;
        uint8_t value;
        size_t counter;
    } cases[] = {
        {0, 0, 19, offsetof(dtls_statistics, dropped_type)},
        {0, 0, 24, offsetof(dtls_statistics, dropped_type)},
        {1, 0, 0x2d, offsetof(dtls_statistics, dropped_type)},
        {0, 0, 23, offsetof(dtls_statistics, dropped_unexpected)},
        {0, 1, 3, offsetof(dtls_statistics, dropped_version)},
        {0, 2, 0xfc, offsetof(dtls_statistics, dropped_version)},
        {1, 2, 0xff, offsetof(dtls_statistics, dropped_version)},
        {1, 4, 3, offsetof(dtls_statistics, dropped_epoch)},
        {1, 3, 1, offsetof(dtls_statistics, dropped_epoch)},
        {1, 10, 9, offsetof(dtls_statistics, dropped_mac)},
        {1, 0, 21, offsetof(dtls_statistics, dropped_mac)},
        {1, 12, 23, offsetof(dtls_statistics, dropped_length)},
        {0, 12, 0, offsetof(dtls_statistics, dropped_length)},
        {0, 11, 1, offsetof(dtls_statistics, dropped_header)},
        {1, 11, 0xff, offsetof(dtls_statistics, dropped_header)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pair pair;
        struct dtls_record record;
        uint8_t datagram[2100];
        pair_open(&pair);
        pair_key(&pair, &dtls_protection_aes_128_gcm);
        size_t len = put(&pair, cases[i].epoch, DTLS_CONTENT_HANDSHAKE, "text", datagram, 0);
        datagram[cases[i].at] = cases[i].value;
        if (cases[i].counter == offsetof(dtls_statistics, dropped_length))
            len = DTLS_RECORD_HEADER + (size_t)cases[i].value;
        assert_int_equal(take(&pair, datagram, len, &record), DTLS_RECORD_END);
        dtls_statistics expected = {0};
        uint64_t one = 1;
        memcpy((uint8_t *)&expected + cases[i].counter, &one, sizeof one);
        assert_memory_equal(&pair.received, &expected, sizeof expected);
        pair_close(&pair);
    }
}

static void every_truncation_is_dropped(void **state) {
    (void)state;
    struct pair pair;
    struct dtls_record record;
    uint8_t datagram[2100];
    pair_open(&pair);
    size_t len = put(&pair, 0, DTLS_CONTENT_HANDSHAKE, "text", datagram, 0);
    for (size_t short_len = 0; short_len < len; short_len++)
        assert_int_equal(take(&pair, datagram, short_len, &record), DTLS_RECORD_END);
    assert_int_equal(pair.received.dropped_header, len - 1);
    assert_int_equal(take(&pair, datagram, len, &record), DTLS_RECORD_OPENED);
    pair_close(&pair);
}

static void lengths_have_a_limit(void **state) {
    (void)state;
    struct pair pair;
    struct dtls_record record;
    static uint8_t datagram[20000];
    pair_open(&pair);
    pair_key(&pair, &dtls_protection_aes_128_gcm);
    size_t len = DTLS_MAX_PLAINTEXT + 1;
    assert_int_equal(
        dtls_record_seal(&pair.sender, 1, DTLS_CONTENT_APPLICATION_DATA, datagram, sizeof datagram, &len),
        DTLS_ERROR_ARGUMENT);
    len = DTLS_MAX_PLAINTEXT;
    assert_int_equal(dtls_record_seal(&pair.sender, 1, DTLS_CONTENT_APPLICATION_DATA, datagram,
                                      DTLS_MAX_PLAINTEXT + 13 + 8 + 15, &len),
                     DTLS_ERROR_NO_ROOM);
    assert_int_equal(len, DTLS_MAX_PLAINTEXT);
    assert_int_equal(dtls_record_seal(&pair.sender, 1, DTLS_CONTENT_APPLICATION_DATA, datagram,
                                      DTLS_MAX_PLAINTEXT + 13 + 8 + 16, &len),
                     DTLS_OK);
    assert_int_equal(take(&pair, datagram, len, &record), DTLS_RECORD_OPENED);
    assert_int_equal(record.len, DTLS_MAX_PLAINTEXT);

    /* In the clear, and with a length that no protection explains. */
    memset(datagram, 0, sizeof datagram);
    memcpy(datagram, "\x16\xfe\xfd\0\0\0\0\0\0\0\0\x40\x01", 13);
    assert_int_equal(take(&pair, datagram, 13 + 0x4001, &record), DTLS_RECORD_END);
    memcpy(datagram, "\x16\xfe\xfd\0\1\0\0\0\0\0\7\x44\x01", 13);
    assert_int_equal(take(&pair, datagram, 13 + 0x4401, &record), DTLS_RECORD_END);
    assert_int_equal(pair.received.dropped_length, 2);
    pair_close(&pair);
}

static void versions_are_free_until_one_is_fixed(void **state) {
    (void)state;
    struct pair pair;
    struct dtls_record record;
    uint8_t datagram[2100];
    pair_open(&pair);
    dtls_record_set_version(&pair.receiver, DTLS_VERSION_1_2, false);
    static const uint16_t versions[] = {DTLS_VERSION_1_0, DTLS_VERSION_1_2, DTLS_VERSION_1_3};
    for (size_t i = 0; i < 3; i++) {
        dtls_record_set_version(&pair.sender, versions[i], false);
        size_t len = put(&pair, 0, DTLS_CONTENT_HANDSHAKE, "hello", datagram, 0);
        assert_int_equal(take(&pair, datagram, len, &record), DTLS_RECORD_OPENED);
        assert_int_equal(record.version, versions[i]);
    }
    dtls_record_set_version(&pair.receiver, DTLS_VERSION_1_2, true);
    for (size_t i = 0; i < 3; i++) {
        dtls_record_set_version(&pair.sender, versions[i], false);
        size_t len = put(&pair, 0, DTLS_CONTENT_HANDSHAKE, "hello", datagram, 0);
        assert_int_equal(take(&pair, datagram, len, &record), i < 2 ? DTLS_RECORD_OPENED : DTLS_RECORD_END);
    }
    assert_int_equal(pair.received.dropped_version, 1);
    pair_close(&pair);
}

static void records_of_the_next_epoch_come_early(void **state) {
    (void)state;
    struct pair pair;
    struct dtls_record record;
    uint8_t datagram[4000];
    pair_open(&pair);
    assert_int_equal(dtls_record_advance(&pair.sender, DTLS_SEAL), DTLS_ERROR_STATE);
    assert_int_equal(
        dtls_record_install(&pair.sender, DTLS_SEAL, 1, &dtls_protection_aes_128_gcm, NULL, key, iv),
        DTLS_OK);
    size_t first = put(&pair, 1, DTLS_CONTENT_HANDSHAKE, "finished", datagram, 0);
    size_t len = put(&pair, 0, DTLS_CONTENT_CHANGE_CIPHER_SPEC, "\1", datagram, first);

    struct dtls_record_walk walk = dtls_record_walk_of(datagram, len);
    assert_int_equal(dtls_record_next(&pair.receiver, &walk, &record), DTLS_RECORD_EARLY);
    assert_ptr_equal(record.bytes, datagram);
    assert_int_equal(record.len, first);
    assert_int_equal(record.type, DTLS_CONTENT_HANDSHAKE);
    assert_int_equal(record.epoch, 1);
    struct dtls_record early = record;
    assert_int_equal(dtls_record_next(&pair.receiver, &walk, &record), DTLS_RECORD_OPENED);
    assert_int_equal(record.type, DTLS_CONTENT_CHANGE_CIPHER_SPEC);
    assert_int_equal(pair.received.records_received, 1);

    /* Keys alone do not let it in; the advance does. */
    assert_int_equal(
        dtls_record_install(&pair.receiver, DTLS_OPEN, 1, &dtls_protection_aes_128_gcm, NULL, key, iv),
        DTLS_OK);
    assert_int_equal(take(&pair, early.bytes, early.len, &record), DTLS_RECORD_EARLY);
    assert_int_equal(dtls_record_advance(&pair.receiver, DTLS_OPEN), DTLS_OK);
    assert_int_equal(take(&pair, early.bytes, early.len, &record), DTLS_RECORD_OPENED);
    assert_record(&record, DTLS_CONTENT_HANDSHAKE, 1, "finished");
    pair_close(&pair);
}

static void epochs_are_retired(void **state) {
    (void)state;
    struct pair pair;
    struct dtls_record record;
    uint8_t datagram[2100];
    pair_open(&pair);
    pair_key(&pair, &dtls_protection_aes_128_gcm);
    size_t len = put(&pair, 0, DTLS_CONTENT_HANDSHAKE, "again", datagram, 0);
    assert_int_equal(take(&pair, datagram, len, &record), DTLS_RECORD_OPENED);
    len = put(&pair, 0, DTLS_CONTENT_HANDSHAKE, "again", datagram, 0);
    dtls_record_retire(&pair.receiver, DTLS_OPEN, 0);
    dtls_record_retire(&pair.receiver, DTLS_OPEN, 0);
    assert_int_equal(take(&pair, datagram, len, &record), DTLS_RECORD_END);
    assert_int_equal(pair.received.dropped_epoch, 1);

    assert_true(pair.sender_slots[0] != 0 || pair.sender_slots[1] != 0);
    dtls_record_retire(&pair.sender, DTLS_SEAL, 1);
    assert_true(pair.sender_slots[0] == 0 && pair.sender_slots[1] == 0);
    static const uint8_t zeros[DTLS_MAX_FIXED_IV];
    assert_memory_equal(pair.sender.write[1].fixed_iv, zeros, sizeof zeros);
    size_t plaintext_len = 1;
    assert_int_equal(
        dtls_record_seal(&pair.sender, 1, DTLS_CONTENT_ALERT, datagram, sizeof datagram, &plaintext_len),
        DTLS_ERROR_STATE);
    /* The place is free again. */
    assert_int_equal(
        dtls_record_install(&pair.sender, DTLS_SEAL, 2, &dtls_protection_aes_128_ccm_8, NULL, key, iv),
        DTLS_OK);
    assert_int_equal(
        dtls_record_install(&pair.sender, DTLS_SEAL, 2, &dtls_protection_aes_128_ccm_8, NULL, key, iv),
        DTLS_ERROR_STATE);
    assert_int_equal(
        dtls_record_install(&pair.sender, DTLS_SEAL, 3, &dtls_protection_aes_128_ccm_8, NULL, key, iv),
        DTLS_ERROR_STATE);
    pair_close(&pair);
}

static void sequence_numbers_end(void **state) {
    (void)state;
    struct pair pair;
    uint8_t datagram[2100];
    pair_open(&pair);
    pair_key(&pair, &dtls_protection_aes_128_gcm);
    pair.sender.write[1].sequence = DTLS_MAX_SEQUENCE;
    put(&pair, 1, DTLS_CONTENT_APPLICATION_DATA, "last", datagram, 0);
    size_t len = 4;
    assert_int_equal(
        dtls_record_seal(&pair.sender, 1, DTLS_CONTENT_APPLICATION_DATA, datagram, sizeof datagram, &len),
        DTLS_ERROR_SEQUENCE_EXHAUSTED);
    pair_close(&pair);
}

static void keys_wear_out(void **state) {
    (void)state;
    struct pair pair;
    struct dtls_record record;
    uint8_t datagram[2100];
    struct dtls_protection worn = dtls_protection_aes_128_gcm;
    worn.max_blocks = 2 * (1 + 2) + 1;
    worn.max_forged = 2;
    pair_open(&pair);
    pair_key(&pair, &worn);
    put(&pair, 1, DTLS_CONTENT_APPLICATION_DATA, "a", datagram, 0);
    size_t len = put(&pair, 1, DTLS_CONTENT_APPLICATION_DATA, "sixteen bytes ok", datagram, 0);
    size_t more = 1;
    uint8_t out[64];
    assert_int_equal(dtls_record_seal(&pair.sender, 1, DTLS_CONTENT_APPLICATION_DATA, out, sizeof out, &more),
                     DTLS_ERROR_SEQUENCE_EXHAUSTED);

    datagram[len - 1] ^= 1;
    for (int i = 0; i < 3; i++) {
        uint8_t copy[64];
        memcpy(copy, datagram, len);
        assert_int_equal(take(&pair, copy, len, &record), i < 2 ? DTLS_RECORD_END : DTLS_RECORD_EXHAUSTED);
    }
    assert_int_equal(pair.received.dropped_mac, 3);
    pair_close(&pair);
}

/* What there is room for fits, and a byte more does not: a flight leaves no datagram half empty. */
static void room_is_exact(void **state) {
    (void)state;
    static const struct dtls_protection *const protections[] = {
        NULL, &dtls_protection_aes_128_gcm, &dtls_protection_aes_128_ccm_8, &dtls_protection_aes_128_cbc_sha};
    for (size_t i = 0; i < sizeof protections / sizeof *protections; i++) {
        struct pair pair;
        uint8_t bytes[400];
        pair_open(&pair);
        const uint16_t epoch = protections[i] != NULL;
        if (epoch > 0) {
            assert_int_equal(dtls_record_install(&pair.sender, DTLS_SEAL, 1, protections[i], key, key, iv),
                             DTLS_OK);
            assert_int_equal(dtls_record_advance(&pair.sender, DTLS_SEAL), DTLS_OK);
        }
        for (size_t cap = 0; cap < sizeof bytes; cap++) {
            const size_t room = dtls_record_room(&pair.sender, epoch, cap);
            memset(bytes, 0, sizeof bytes);
            size_t len = room;
            if (room > 0)
                assert_int_equal(
                    dtls_record_seal(&pair.sender, epoch, DTLS_CONTENT_HANDSHAKE, bytes, cap, &len), DTLS_OK);
            assert_true(room == 0 || len <= cap);
            len = room + 1;
            assert_int_equal(dtls_record_seal(&pair.sender, epoch, DTLS_CONTENT_HANDSHAKE, bytes, cap, &len),
                             DTLS_ERROR_NO_ROOM);
        }
        assert_int_equal(dtls_record_room(&pair.sender, epoch, 100000), DTLS_MAX_PLAINTEXT);
        pair_close(&pair);
    }
}

static void batches_are_sealed_in_place(void **state) {
    (void)state;
    struct pair pair;
    struct dtls_record record;
    uint8_t bytes[4][64] = {{0}};
    dtls_record_buffer records[4];
    size_t sealed = 99;
    pair_open(&pair);
    pair_key(&pair, &dtls_protection_aes_128_gcm);
    for (size_t i = 0; i < 4; i++) {
        records[i] = (dtls_record_buffer){.bytes = bytes[i], .capacity = i == 3 ? 37 : 64, .len = i};
        memcpy(bytes[i] + dtls_record_headroom(&pair.sender, 1), "xyz", i);
    }
    assert_int_equal(dtls_record_seal_batch(&pair.sender, records, 4, &sealed), DTLS_ERROR_NO_ROOM);
    assert_int_equal(sealed, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(take(&pair, records[i].bytes, records[i].len, &record), DTLS_RECORD_OPENED);
        assert_int_equal(record.sequence, i);
        assert_int_equal(record.len, i);
        assert_memory_equal(record.bytes, "xyz", i);
    }
    assert_int_equal(records[3].len, 3);
    pair_close(&pair);
    assert_int_equal(dtls_record_seal_batch(&pair.sender, records, 4, &sealed), DTLS_ERROR_STATE);
    assert_int_equal(sealed, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sealed_opens),
        cmocka_unit_test(a_datagram_holds_several_records),
        cmocka_unit_test(replays_are_dropped_after_authentication_only),
        cmocka_unit_test(a_forged_number_in_epoch_0_shuts_nobody_out),
        cmocka_unit_test(faulty_headers_are_counted_by_their_reason),
        cmocka_unit_test(every_truncation_is_dropped),
        cmocka_unit_test(lengths_have_a_limit),
        cmocka_unit_test(versions_are_free_until_one_is_fixed),
        cmocka_unit_test(records_of_the_next_epoch_come_early),
        cmocka_unit_test(epochs_are_retired),
        cmocka_unit_test(sequence_numbers_end),
        cmocka_unit_test(keys_wear_out),
        cmocka_unit_test(room_is_exact),
        cmocka_unit_test(batches_are_sealed_in_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
