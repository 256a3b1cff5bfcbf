/* SPDX-License-Identifier: MIT
 *
 * One record byte for byte: nonce and associated data as RFC 5288 section 3,
 * RFC 6655 section 3 and RFC 5246 section 6.2.3.3 lay them out, computed here
 * from the primitive alone.
 */
#include "dtls/libcrypto.h"
#include "record/record.h"
#include "support/check.h"

static const uint8_t key[16] = {0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17,
                                0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f};
static const uint8_t iv[4] = {0xa0, 0xa1, 0xa2, 0xa3};

static void check_record(const struct dtls_protection *protection) {
    dtls_statistics statistics = {0};
    struct dtls_record_layer layer;
    uint64_t slots[2];
    assert_true(dtls_record_slots_size(&dtls_libcrypto) <= sizeof slots);
    dtls_record_init(&layer, &dtls_libcrypto, &statistics, slots);
    dtls_record_set_version(&layer, DTLS_VERSION_1_2, true);
    assert_int_equal(dtls_record_install(&layer, DTLS_SEAL, 1, protection, NULL, key, iv), DTLS_OK);
    assert_int_equal(dtls_record_advance(&layer, DTLS_SEAL), DTLS_OK);
    layer.write[1].sequence = UINT64_C(0x0000000102030405);

    uint8_t actual[64] = {0};
    size_t len = 5;
    size_t headroom = dtls_record_headroom(&layer, 1);
    assert_int_equal(headroom, 13 + 8);
    memcpy(actual + headroom, "hello", len);
    assert_int_equal(dtls_record_seal(&layer, 1, DTLS_CONTENT_APPLICATION_DATA, actual, sizeof actual, &len),
                     DTLS_OK);

    const uint8_t number[8] = {0x00, 0x01, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05};
    uint8_t nonce[12];
    memcpy(nonce, iv, 4);
    memcpy(nonce + 4, number, 8);
    uint8_t associated[13] = {0};
    memcpy(associated, number, 8);
    memcpy(associated + 8, "\x17\xfe\xfd\x00\x05", 5);
    uint8_t expected[64] = {0x17, 0xfe, 0xfd};
    memcpy(expected + 3, number, 8);
    expected[12] = (uint8_t)(8 + 5 + protection->tag_len);
    memcpy(expected + 13, number, 8);
    memcpy(expected + 21, "hello", 5);
    uint64_t slot = 0;
    assert_int_equal(
        dtls_libcrypto.aead_start(dtls_libcrypto.state, &slot, protection->aead, DTLS_SEAL, key, sizeof key),
        DTLS_OK);
    assert_int_equal(dtls_libcrypto.aead_seal(&slot, nonce, associated, sizeof associated, expected + 21, 5,
                                              expected + 26),
                     DTLS_OK);
    dtls_libcrypto.aead_clear(&slot);

    assert_int_equal(len, 26 + protection->tag_len);
    assert_memory_equal(actual, expected, len);
    dtls_record_wipe(&layer);
}

static void gcm_records_are_laid_out_by_rfc_5288(void **state) {
    (void)state;
    check_record(&dtls_protection_aes_128_gcm);
}

/* Nothing is sent in front of the ciphertext; the nonce is the IV XOR the padded number. */
static void chacha_records_are_laid_out_by_rfc_7905(void **state) {
    (void)state;
    static const uint8_t long_key[32] = {0x80, 0x81, 0x82};
    static const uint8_t long_iv[12] = {0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5,
                                        0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xbb};
    static const uint8_t nonce[12] = {0xb0, 0xb1,        0xb2,        0xb3,        0xb4,        0xb5 ^ 0x01,
                                      0xb6, 0xb7 ^ 0x01, 0xb8 ^ 0x02, 0xb9 ^ 0x03, 0xba ^ 0x04, 0xbb ^ 0x05};
    dtls_statistics statistics = {0};
    struct dtls_record_layer layer;
    uint64_t slots[2];
    dtls_record_init(&layer, &dtls_libcrypto, &statistics, slots);
    dtls_record_set_version(&layer, DTLS_VERSION_1_2, true);
    assert_int_equal(dtls_record_install(&layer, DTLS_SEAL, 1, &dtls_protection_chacha20_poly1305, NULL,
                                         long_key, long_iv),
                     DTLS_OK);
    assert_int_equal(dtls_record_advance(&layer, DTLS_SEAL), DTLS_OK);
    layer.write[1].sequence = UINT64_C(0x0000000102030405);
    uint8_t actual[64] = {0};
    size_t len = 5;
    assert_int_equal(dtls_record_headroom(&layer, 1), 13);
    memcpy(actual + 13, "hello", len);
    assert_int_equal(dtls_record_seal(&layer, 1, DTLS_CONTENT_APPLICATION_DATA, actual, sizeof actual, &len),
                     DTLS_OK);

    static const uint8_t associated[13] = {0x00, 0x01, 0x00, 0x01, 0x02, 0x03, 0x04,
                                           0x05, 0x17, 0xfe, 0xfd, 0x00, 0x05};
    uint8_t expected[64] = "\x17\xfe\xfd\x00\x01\x00\x01\x02\x03\x04\x05\x00\x15hello";
    uint64_t slot = 0;
    assert_int_equal(dtls_libcrypto.aead_start(dtls_libcrypto.state, &slot, DTLS_AEAD_CHACHA20_POLY1305,
                                               DTLS_SEAL, long_key, sizeof long_key),
                     DTLS_OK);
    assert_int_equal(dtls_libcrypto.aead_seal(&slot, nonce, associated, sizeof associated, expected + 13, 5,
                                              expected + 18),
                     DTLS_OK);
    dtls_libcrypto.aead_clear(&slot);
    assert_int_equal(len, 34);
    assert_memory_equal(actual, expected, len);
    dtls_record_wipe(&layer);
}

static void ccm_records_are_laid_out_by_rfc_6655(void **state) {
    (void)state;
    check_record(&dtls_protection_aes_128_ccm_8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gcm_records_are_laid_out_by_rfc_5288),
        cmocka_unit_test(ccm_records_are_laid_out_by_rfc_6655),
        cmocka_unit_test(chacha_records_are_laid_out_by_rfc_7905),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
