/* SPDX-License-Identifier: MIT
 *
 * Known answers for AEADs: the GCM specification's test case with associated
 * data and a last block cut short (as in NIST's GCM examples), NIST SP 800-38C example 3
 * (CCM with an 8-byte tag), RFC 8439 section 2.8.2.
 */
#include "dtls/libcrypto.h"
#include "support/check.h"
#include "support/hex.h"
#include "support/provider.h"

struct vector {
    dtls_aead aead;
    const char *key, *nonce, *associated, *plaintext, *ciphertext, *tag;
};

static const struct vector vectors[] = {
    {DTLS_AEAD_AES_128_GCM, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf"
     "5aa0d"
     "e657ba637b39",
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b3"
     "96a0a"
     "ac973d58e091",
     "5bc94fbc3221a5db94fae95ae7121a47"},
    {DTLS_AEAD_AES_128_GCM, "00000000000000000000000000000000", "000000000000000000000000", "", "", "",
     "58e2fccefa7e3061367f1d57a4e7455a"},
    {DTLS_AEAD_AES_256_GCM, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
     "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf"
     "5aa0d"
     "e657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6"
     "393ba"
     "7a0abcc9f662",
     "76fc6ece0f4e1768cddf8853bb2d551b"},
    {DTLS_AEAD_AES_128_CCM_8, "404142434445464748494a4b4c4d4e4f", "101112131415161718191a1b",
     "000102030405060708090a0b0c0d0e0f10111213", "202122232425262728292a2b2c2d2e2f3031323334353637",
     "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5", "484392fbc1b09951"},
    {DTLS_AEAD_CHACHA20_POLY1305, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
     "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
     "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204920636f756c6"
     "4206f"
     "6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73637265656e20776f756"
     "c6420"
     "62652069742e",
     "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0"
     "a9e06"
     "0b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de57"
     "6d265"
     "86cec64b6116",
     "1ae10b594f09e26a7e902ecbd0600691"},
};

static void seals_to_the_known_bytes(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const struct vector *vector = &vectors[i];
        struct test_bytes key = test_hex(vector->key);
        struct test_bytes nonce = test_hex(vector->nonce);
        struct test_bytes associated = test_hex(vector->associated);
        struct test_bytes expected = test_hex(vector->ciphertext);
        struct test_bytes expected_tag = test_hex(vector->tag);
        uint64_t slot = 0;
        assert_int_equal(crypto->aead_start(crypto->state, &slot, vector->aead, DTLS_SEAL, key.data, key.len),
                         DTLS_OK);
        /* Twice: a context is keyed once and used again and again. */
        for (int round = 0; round < 2; round++) {
            struct test_bytes data = test_hex(vector->plaintext);
            uint8_t tag[16];
            assert_int_equal(crypto->aead_seal(&slot, nonce.data, associated.data, associated.len, data.data,
                                               data.len, tag),
                             DTLS_OK);
            assert_memory_equal(data.data, expected.data, expected.len);
            assert_memory_equal(tag, expected_tag.data, expected_tag.len);
        }
        crypto->aead_clear(&slot);
    }
}

static void opens_what_is_whole_and_nothing_else(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const struct vector *vector = &vectors[i];
        struct test_bytes key = test_hex(vector->key);
        struct test_bytes nonce = test_hex(vector->nonce);
        struct test_bytes associated = test_hex(vector->associated);
        struct test_bytes plaintext = test_hex(vector->plaintext);
        struct test_bytes tag = test_hex(vector->tag);
        uint64_t slot = 0;
        assert_int_equal(crypto->aead_start(crypto->state, &slot, vector->aead, DTLS_OPEN, key.data, key.len),
                         DTLS_OK);
        for (size_t flipped = 0; flipped <= tag.len + 1; flipped++) {
            struct test_bytes data = test_hex(vector->ciphertext);
            struct test_bytes wrong = tag;
            if (flipped > 0 && flipped <= tag.len)
                wrong.data[flipped - 1] ^= 0x80;
            if (flipped == tag.len + 1)
                nonce.data[11] ^= 1;
            dtls_error verdict = crypto->aead_open(&slot, nonce.data, associated.data, associated.len,
                                                   data.data, data.len, wrong.data);
            assert_int_equal(verdict, flipped == 0 ? DTLS_OK : DTLS_NOTHING);
            if (flipped == 0)
                assert_memory_equal(data.data, plaintext.data, plaintext.len);
        }
        /* A failure does not spoil the key. */
        struct test_bytes data = test_hex(vector->ciphertext);
        nonce.data[11] ^= 1;
        assert_int_equal(crypto->aead_open(&slot, nonce.data, associated.data, associated.len, data.data,
                                           data.len, tag.data),
                         DTLS_OK);
        associated.data[0] ^= 1;
        data = test_hex(vector->ciphertext);
        if (associated.len > 0)
            assert_int_equal(crypto->aead_open(&slot, nonce.data, associated.data, associated.len, data.data,
                                               data.len, tag.data),
                             DTLS_NOTHING);
        crypto->aead_clear(&slot);
    }
}

static void no_data_at_all_is_sealed_and_opened(void **state) {
    (void)state;
    static const dtls_aead aeads[] = {DTLS_AEAD_AES_128_GCM, DTLS_AEAD_AES_128_CCM, DTLS_AEAD_AES_128_CCM_8,
                                      DTLS_AEAD_AES_256_CCM_8};
    const uint8_t key[32] = {1};
    const uint8_t nonce[DTLS_AEAD_NONCE] = {2};
    const uint8_t associated[13] = {3};
    for (size_t i = 0; i < sizeof aeads / sizeof *aeads; i++) {
        size_t key_len = aeads[i] == DTLS_AEAD_AES_256_CCM_8 ? 32 : 16;
        uint64_t seal = 0;
        uint64_t open = 0;
        uint8_t bytes[16] = {0};
        assert_int_equal(crypto->aead_start(crypto->state, &seal, aeads[i], DTLS_SEAL, key, key_len),
                         DTLS_OK);
        assert_int_equal(crypto->aead_start(crypto->state, &open, aeads[i], DTLS_OPEN, key, key_len),
                         DTLS_OK);
        assert_int_equal(crypto->aead_seal(&seal, nonce, associated, sizeof associated, bytes, 0, bytes),
                         DTLS_OK);
        assert_int_equal(crypto->aead_open(&open, nonce, associated, sizeof associated, bytes, 0, bytes),
                         DTLS_OK);
        bytes[0] ^= 1;
        assert_int_equal(crypto->aead_open(&open, nonce, associated, sizeof associated, bytes, 0, bytes),
                         DTLS_NOTHING);
        crypto->aead_clear(&seal);
        crypto->aead_clear(&open);
    }
}

static void wrong_parameters_leave_an_empty_slot(void **state) {
    (void)state;
    uint64_t slot = 0;
    const uint8_t key[32] = {0};
    assert_int_equal(crypto->aead_start(crypto->state, &slot, DTLS_AEAD_AES_128_GCM, DTLS_SEAL, key, 15),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(crypto->aead_start(crypto->state, &slot, (dtls_aead)0, DTLS_SEAL, key, 16),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(crypto->aead_start(crypto->state, &slot, (dtls_aead)99, DTLS_SEAL, key, 16),
                     DTLS_ERROR_ARGUMENT);
    assert_true(slot == 0);
    crypto->aead_clear(&slot);
}

#define LONGEST 16384

/* The way for whole GCM records gives the same bytes as the other, with the same context in any order. */
static void whole_gcm_records_are_the_same(void **state) {
    (void)state;
    static const uint8_t key[32] = {1, 2, 3};
    static const size_t lens[] = {0, 1, 15, 16, 17, 64, 1400, LONGEST};
    static uint8_t expected[8 + LONGEST + 16];
    static uint8_t record[sizeof expected];
    for (size_t i = 0; i < 2 * sizeof lens / sizeof *lens; i++) {
        const size_t len = lens[i / 2];
        const dtls_aead aead = i % 2 == 0 ? DTLS_AEAD_AES_128_GCM : DTLS_AEAD_AES_256_GCM;
        const size_t key_len = i % 2 == 0 ? 16 : 32;
        const uint8_t nonce[DTLS_AEAD_NONCE] = {9, 8, 7, 6, 0, 1, 0, 0, 0, 0, 0, (uint8_t)i};
        const uint8_t associated[DTLS_RECORD_ASSOCIATED] = {
            0, 1, 0, 0, 0, 0, 0, (uint8_t)i, 23, 0xfe, 0xfd, (uint8_t)(len >> 8), (uint8_t)len};
        uint64_t seal = 0;
        uint64_t open = 0;
        assert_int_equal(crypto->aead_start(crypto->state, &seal, aead, DTLS_SEAL, key, key_len), DTLS_OK);
        assert_int_equal(crypto->aead_start(crypto->state, &open, aead, DTLS_OPEN, key, key_len), DTLS_OK);
        memset(record, 5, sizeof record);
        memset(expected, 5, sizeof expected);
        memcpy(expected, nonce + 4, 8);
        assert_int_equal(crypto->gcm_record_seal(&seal, nonce, associated, record, len), DTLS_OK);
        assert_int_equal(crypto->aead_seal(&seal, nonce, associated, sizeof associated, expected + 8, len,
                                           expected + 8 + len),
                         DTLS_OK);
        assert_memory_equal(record, expected, 8 + len + 16);

        static const uint8_t changes[] = {0, 8, 16}; /* the nonce, what comes first behind it, the tag */
        for (size_t c = 0; c < sizeof changes; c++) {
            memcpy(record, expected, sizeof record);
            record[changes[c] == 16 ? 8 + len : changes[c]] ^= 1;
            assert_int_equal(crypto->gcm_record_open(&open, nonce, associated, record, len), DTLS_NOTHING);
        }
        memcpy(record, expected, sizeof record);
        assert_int_equal(crypto->gcm_record_open(&open, nonce, associated, record, len), DTLS_OK);
        assert_int_equal(crypto->aead_open(&open, nonce, associated, sizeof associated, expected + 8, len,
                                           expected + 8 + len),
                         DTLS_OK);
        assert_memory_equal(record + 8, expected + 8, len);
        assert_int_equal(crypto->gcm_record_seal(&seal, nonce, associated, record, len), DTLS_OK);
        crypto->aead_clear(&seal);
        crypto->aead_clear(&open);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seals_to_the_known_bytes),
        cmocka_unit_test(opens_what_is_whole_and_nothing_else),
        cmocka_unit_test(no_data_at_all_is_sealed_and_opened),
        cmocka_unit_test(whole_gcm_records_are_the_same),
        cmocka_unit_test(wrong_parameters_leave_an_empty_slot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
