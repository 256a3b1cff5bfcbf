/* SPDX-License-Identifier: MIT
 *
 * Transcript and key schedule against the formulas of RFC 5246 sections 6.3,
 * 7.4.9 and 8.1 and RFC 7627 section 4, written out.
 */
#include "handshake/opened.h"

#include "handshake/key_schedule.h"
#include "handshake/transcript.h"

static struct opened opened;

static const uint8_t body[] = {1, 2, 3};
static const struct dtls_message message = {.type = 1, .seq = 2, .body = body, .len = sizeof body};
static const uint8_t whole[] = {1, 0, 0, 3, 0, 2, 0, 0, 0, 0, 0, 3, 1, 2, 3};

static void start(bool session_hash) {
    open_connection(&opened, &dtls_client_1_2);
    opened.handshake->suite = &dtls_suite_psk_aes_128_gcm_sha256;
    opened.handshake->session_hash = session_hash;
    memset(opened.handshake->client_random, 0xc1, DTLS_RANDOM);
    memset(opened.handshake->server_random, 0x51, DTLS_RANDOM);
    memset(opened.handshake->premaster, 0x77, 48);
    opened.handshake->premaster_len = 48;
    assert_int_equal(dtls_transcript_start(opened.connection), DTLS_OK);
    assert_int_equal(dtls_transcript_add(opened.connection, &message), DTLS_OK);
}

static void expected_digest(uint8_t out[32]) {
    const dtls_span part = {whole, sizeof whole};
    size_t len;
    assert_int_equal(dtls_digest(opened.connection, DTLS_HASH_SHA256, &part, 1, out, &len), DTLS_OK);
    assert_int_equal(len, 32);
}

static void transcript_has_whole_messages(void **state) {
    (void)state;
    start(false);
    uint8_t expected[DTLS_MAX_HASH];
    uint8_t digest[DTLS_MAX_HASH];
    size_t len;
    expected_digest(expected);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(dtls_transcript_digest(opened.connection, digest, &len), DTLS_OK);
        assert_int_equal(len, 32);
        assert_memory_equal(digest, expected, 32);
    }
    dtls_connection_wipe(opened.connection);
}

static void prf(const uint8_t *secret, size_t secret_len, const char *label, dtls_span a, dtls_span b,
                uint8_t *out, size_t len) {
    const dtls_span seed[] = {a, b};
    assert_int_equal(dtls_libcrypto.prf(dtls_libcrypto.state, DTLS_HASH_SHA256, secret, secret_len, label,
                                        seed, 2, out, len),
                     DTLS_OK);
}

static void check_keys(const uint8_t expected_master[DTLS_MASTER_SECRET]) {
    assert_int_equal(dtls_derive_keys(opened.connection), DTLS_OK);
    assert_memory_equal(opened.handshake->master_secret, expected_master, DTLS_MASTER_SECRET);
    for (size_t i = 0; i < sizeof opened.handshake->premaster; i++)
        assert_int_equal(opened.handshake->premaster[i], 0);
    /* Both directions have their keys, and their IVs: client_write_IV first. */
    uint8_t key_block[40];
    prf(expected_master, DTLS_MASTER_SECRET, "key expansion",
        (dtls_span){opened.handshake->server_random, 32}, (dtls_span){opened.handshake->client_random, 32},
        key_block, sizeof key_block);
    const struct dtls_record_layer *records = &opened.connection->records;
    for (size_t i = 0; i < DTLS_RECORD_EPOCHS; i++) {
        if (records->write[i].protection != NULL)
            assert_memory_equal(records->write[i].fixed_iv, key_block + 32, 4);
        if (records->read[i].protection != NULL)
            assert_memory_equal(records->read[i].fixed_iv, key_block + 36, 4);
    }
    assert_int_equal(dtls_record_advance(&opened.connection->records, DTLS_SEAL), DTLS_OK);
    assert_int_equal(dtls_record_advance(&opened.connection->records, DTLS_OPEN), DTLS_OK);
}

static void master_secret(void **state) {
    (void)state;
    start(false);
    uint8_t premaster[48];
    uint8_t expected[DTLS_MASTER_SECRET];
    memset(premaster, 0x77, sizeof premaster);
    prf(premaster, sizeof premaster, "master secret", (dtls_span){opened.handshake->client_random, 32},
        (dtls_span){opened.handshake->server_random, 32}, expected, sizeof expected);
    check_keys(expected);
    dtls_connection_wipe(opened.connection);
}

static void extended_master_secret(void **state) {
    (void)state;
    start(true);
    uint8_t premaster[48];
    uint8_t digest[DTLS_MAX_HASH];
    uint8_t expected[DTLS_MASTER_SECRET];
    memset(premaster, 0x77, sizeof premaster);
    expected_digest(digest);
    prf(premaster, sizeof premaster, "extended master secret", (dtls_span){digest, 32}, (dtls_span){0},
        expected, sizeof expected);
    check_keys(expected);
    dtls_connection_wipe(opened.connection);
}

static void verify_data(void **state) {
    (void)state;
    start(false);
    uint8_t digest[DTLS_MAX_HASH];
    uint8_t expected[DTLS_VERIFY_DATA];
    uint8_t got[DTLS_VERIFY_DATA];
    static const char *const labels[] = {"client finished", "server finished"};
    assert_int_equal(dtls_derive_keys(opened.connection), DTLS_OK);
    expected_digest(digest);
    for (int role = 0; role < 2; role++) {
        prf(opened.handshake->master_secret, DTLS_MASTER_SECRET, labels[role], (dtls_span){digest, 32},
            (dtls_span){0}, expected, sizeof expected);
        assert_int_equal(dtls_verify_data(opened.connection, (dtls_role)role, got), DTLS_OK);
        assert_memory_equal(got, expected, sizeof got);
    }
    dtls_connection_wipe(opened.connection);
}

static void key_log(void **state) {
    (void)state;
    start(false);
    assert_int_equal(dtls_derive_keys(opened.connection), DTLS_OK);
    dtls_event event;
    assert_int_equal(dtls_poll_event(opened.connection, &event), DTLS_OK);
    assert_int_equal(event.kind, DTLS_EVENT_KEY_LOG);
    assert_int_equal(event.bytes.len, 14 + 64 + 1 + 96);
    assert_memory_equal(event.bytes.data, "CLIENT_RANDOM c1c1c1c1", 22);
    assert_int_equal(event.bytes.data[14 + 64], ' ');
    static const char digits[] = "0123456789abcdef";
    assert_int_equal(event.bytes.data[14 + 64 + 1], digits[opened.handshake->master_secret[0] >> 4]);
    assert_int_equal(event.bytes.data[14 + 64 + 96], digits[opened.handshake->master_secret[47] & 15]);
    dtls_connection_wipe(opened.connection);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transcript_has_whole_messages),
        cmocka_unit_test(master_secret),
        cmocka_unit_test(extended_master_secret),
        cmocka_unit_test(verify_data),
        cmocka_unit_test(key_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
