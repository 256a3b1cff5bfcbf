/* SPDX-License-Identifier: MIT
 *
 * CBC records (RFC 5246 section 6.2.3.2, RFC 7366): byte for byte against the
 * primitives, every length, every byte changed; and whatever is wrong, padding
 * or MAC, it is dropped for the same reason (RFC 5246 section 6.2.3.2: an
 * oracle otherwise).
 */
#include "record/record.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "dtls/libcrypto.h"
#include "support/check.h"

static const uint8_t mac_key[48] = {0x20, 0x21, 0x22};
static const uint8_t key[32] = {0x10, 0x11, 0x12};

static const struct {
    const struct dtls_protection *protection;
    const EVP_MD *(*digest)(void);
} kinds[] = {
    {&dtls_protection_aes_128_cbc_sha, EVP_sha1},      {&dtls_protection_aes_256_cbc_sha, EVP_sha1},
    {&dtls_protection_aes_128_cbc_sha256, EVP_sha256}, {&dtls_protection_aes_256_cbc_sha256, EVP_sha256},
    {&dtls_protection_aes_256_cbc_sha384, EVP_sha384},
};
#define NUM_KINDS (sizeof kinds / sizeof *kinds)

static struct {
    struct dtls_record_layer layer[2];
    dtls_statistics statistics[2];
    uint64_t slots[2][2];
    uint8_t bytes[DTLS_MAX_PLAINTEXT + 200];
    size_t len;
} world;

static void open_world(const struct dtls_protection *protection) {
    memset(&world, 0, sizeof world);
    for (int i = 0; i < 2; i++) {
        dtls_record_init(&world.layer[i], &dtls_libcrypto, &world.statistics[i], world.slots[i]);
        dtls_record_set_version(&world.layer[i], DTLS_VERSION_1_2, true);
        const dtls_direction direction = i == 0 ? DTLS_SEAL : DTLS_OPEN;
        assert_int_equal(dtls_record_install(&world.layer[i], direction, 1, protection, mac_key, key, NULL),
                         DTLS_OK);
        assert_int_equal(dtls_record_advance(&world.layer[i], direction), DTLS_OK);
    }
}

static void close_world(void) {
    dtls_record_wipe(&world.layer[0]);
    dtls_record_wipe(&world.layer[1]);
}

static void seal(size_t len) {
    const size_t headroom = dtls_record_headroom(&world.layer[0], 1);
    for (size_t i = 0; i < len; i++)
        world.bytes[headroom + i] = (uint8_t)i;
    world.len = len;
    assert_true(headroom + len + dtls_record_tailroom(&world.layer[0], 1) <= sizeof world.bytes);
    assert_int_equal(dtls_record_seal(&world.layer[0], 1, DTLS_CONTENT_APPLICATION_DATA, world.bytes,
                                      headroom + len + dtls_record_tailroom(&world.layer[0], 1), &world.len),
                     DTLS_OK);
}

static enum dtls_record_verdict open(const uint8_t *bytes, size_t len, struct dtls_record *out) {
    static uint8_t copy[sizeof world.bytes];
    memcpy(copy, bytes, len);
    struct dtls_record_walk walk = dtls_record_walk_of(copy, len);
    return dtls_record_next(&world.layer[1], &walk, out);
}

/* The protection with the MAC inside, or with encrypt-then-MAC. */
static const struct dtls_protection *variant(size_t kind, int outer) {
    return outer ? kinds[kind].protection->encrypt_then_mac : kinds[kind].protection;
}

/* CBC by libcrypto without any of its record functions. */
static void cipher(size_t key_len, int encrypt, uint8_t *bytes, size_t len) {
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int done;
    assert_int_equal(EVP_CipherInit_ex2(context, key_len == 16 ? EVP_aes_128_cbc() : EVP_aes_256_cbc(), key,
                                        bytes, encrypt, NULL),
                     1);
    assert_int_equal(EVP_CIPHER_CTX_set_padding(context, 0), 1);
    assert_int_equal(EVP_CipherUpdate(context, bytes + 16, &done, bytes + 16, (int)len - 16), 1);
    EVP_CIPHER_CTX_free(context);
}

static void authenticate(size_t kind, const uint8_t *header, size_t told_len, const uint8_t *data, size_t len,
                         uint8_t *out) {
    static uint8_t message[sizeof world.bytes];
    memcpy(message, header + 3, 8);
    memcpy(message + 8, header, 3);
    message[11] = (uint8_t)(told_len >> 8);
    message[12] = (uint8_t)told_len;
    memcpy(message + 13, data, len);
    unsigned out_len;
    assert_non_null(HMAC(kinds[kind].digest(), mac_key, kinds[kind].protection->mac_key_len, message,
                         13 + len, out, &out_len));
}

static void records_are_laid_out_by_the_rfcs(void **state) {
    (void)state;
    for (size_t kind = 0; kind < NUM_KINDS; kind++) {
        for (int outer = 0; outer < 2; outer++) {
            const size_t mac_len = kinds[kind].protection->mac_key_len;
            uint8_t mac[EVP_MAX_MD_SIZE];
            open_world(variant(kind, outer));
            seal(50);
            uint8_t *fragment = world.bytes + 13;
            const size_t outer_len = outer ? mac_len : 0;
            const size_t inner_len = outer ? 0 : mac_len;
            const size_t covered = world.len - 13 - outer_len;
            assert_int_equal(world.bytes[11] << 8 | world.bytes[12], world.len - 13);
            if (outer) {
                authenticate(kind, world.bytes, covered, fragment, covered, mac);
                assert_memory_equal(fragment + covered, mac, mac_len);
            }
            cipher(kinds[kind].protection->key_len, 0, fragment, covered);
            for (size_t i = 0; i < 50; i++)
                assert_int_equal(fragment[16 + i], i);
            if (!outer) {
                authenticate(kind, world.bytes, 50, fragment + 16, 50, mac);
                assert_memory_equal(fragment + 66, mac, mac_len);
            }
            const size_t padding = covered - 66 - inner_len;
            assert_in_range(padding, 1, 16);
            for (size_t i = 0; i < padding; i++)
                assert_int_equal(fragment[covered - 1 - i], padding - 1);
            close_world();
        }
    }
}

static void every_length_opens(void **state) {
    (void)state;
    static const size_t longest[] = {1399, 1400, DTLS_MAX_PLAINTEXT - 1, DTLS_MAX_PLAINTEXT};
    for (size_t kind = 0; kind < NUM_KINDS; kind++) {
        for (int outer = 0; outer < 2; outer++) {
            open_world(variant(kind, outer));
            for (size_t n = 0; n < 100 + sizeof longest / sizeof *longest; n++) {
                const size_t len = n < 100 ? n : longest[n - 100];
                struct dtls_record record;
                seal(len);
                assert_int_equal(open(world.bytes, world.len, &record), DTLS_RECORD_OPENED);
                assert_int_equal(record.len, len);
                for (size_t i = 0; i < len; i++)
                    assert_int_equal(record.bytes[i], (uint8_t)i);
            }
            assert_int_equal(world.statistics[1].dropped_mac, 0);
            close_world();
        }
    }
}

static void every_changed_byte_is_noticed(void **state) {
    (void)state;
    for (size_t kind = 0; kind < NUM_KINDS; kind++) {
        for (int outer = 0; outer < 2; outer++) {
            struct dtls_record record;
            open_world(variant(kind, outer));
            seal(70);
            for (size_t i = 13; i < world.len; i++) {
                world.bytes[i] ^= (uint8_t)(1U << i % 8);
                assert_int_equal(open(world.bytes, world.len, &record), DTLS_RECORD_END);
                world.bytes[i] ^= (uint8_t)(1U << i % 8);
            }
            assert_int_equal(world.statistics[1].dropped_mac, world.len - 13);
            /* Nothing of that has marked the number as seen. */
            assert_int_equal(open(world.bytes, world.len, &record), DTLS_RECORD_OPENED);
            close_world();
        }
    }
}

/* Encrypts a plaintext of our own making, with data, inner MAC and padding as they stand, into a record. */
static void forge(size_t kind, const uint8_t *plaintext, size_t len) {
    memcpy(world.bytes + 13 + 16, plaintext, len);
    world.bytes[11] = (uint8_t)((16 + len) >> 8);
    world.bytes[12] = (uint8_t)(16 + len);
    cipher(kinds[kind].protection->key_len, 1, world.bytes + 13, 16 + len);
    world.len = 13 + 16 + len;
}

/* A good MAC under every padding of every length, with the byte at every place of the padding wrong; and good
 * padding around a bad MAC: one answer, one counter. */
static void padding_and_mac_fail_alike(void **state) {
    (void)state;
    for (size_t kind = 0; kind < NUM_KINDS; kind++) {
        const size_t mac_len = kinds[kind].protection->mac_key_len;
        const size_t data_len = 32 - mac_len % 16;
        uint64_t dropped = 0;
        open_world(variant(kind, 0));
        for (size_t padding = 16; padding <= 256; padding += 16) {
            uint8_t plaintext[400] = {0};
            struct dtls_record record;
            const size_t len = data_len + mac_len + padding;
            seal(1); /* a header with a new number */
            authenticate(kind, world.bytes, data_len, plaintext, data_len, plaintext + data_len);
            memset(plaintext + data_len + mac_len, (int)padding - 1, padding);
            for (size_t i = data_len; i < len; i++) {
                plaintext[i] ^= 0x80;
                forge(kind, plaintext, len);
                assert_int_equal(open(world.bytes, world.len, &record), DTLS_RECORD_END);
                assert_int_equal(world.statistics[1].dropped_mac, ++dropped);
                plaintext[i] ^= 0x80;
            }
            forge(kind, plaintext, len);
            assert_int_equal(open(world.bytes, world.len, &record), DTLS_RECORD_OPENED);
            assert_int_equal(record.len, data_len);
        }
        /* Padding that claims more than there is. */
        uint8_t plaintext[96];
        struct dtls_record record;
        seal(1);
        memset(plaintext, 0xff, sizeof plaintext);
        forge(kind, plaintext, sizeof plaintext);
        assert_int_equal(open(world.bytes, world.len, &record), DTLS_RECORD_END);
        assert_int_equal(world.statistics[1].dropped_mac, ++dropped);
        assert_int_equal(world.statistics[1].dropped_length, 0);
        close_world();
    }
}

/* What everybody can see: too short, or not whole blocks. */
static void impossible_lengths(void **state) {
    (void)state;
    for (size_t kind = 0; kind < NUM_KINDS; kind++) {
        for (int outer = 0; outer < 2; outer++) {
            open_world(variant(kind, outer));
            seal(40);
            struct dtls_record record;
            const size_t whole = world.len - 13;
            for (size_t len = 0; len < whole; len++) {
                world.bytes[11] = (uint8_t)(len >> 8);
                world.bytes[12] = (uint8_t)len;
                assert_int_equal(open(world.bytes, 13 + len, &record), DTLS_RECORD_END);
            }
            assert_int_equal(world.statistics[1].dropped_mac + world.statistics[1].dropped_length, whole);
            close_world();
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_laid_out_by_the_rfcs),
        cmocka_unit_test(every_length_opens),
        cmocka_unit_test(every_changed_byte_is_noticed),
        cmocka_unit_test(padding_and_mac_fail_alike),
        cmocka_unit_test(impossible_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
