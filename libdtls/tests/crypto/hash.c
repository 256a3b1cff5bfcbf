/* SPDX-License-Identifier: MIT
 *
 * Known answers for hashes (FIPS 180-4's examples), HMAC (RFC 4231) and the
 * TLS 1.2 PRF (the vectors that were posted to the IETF's TLS list).
 */
#include "dtls/libcrypto.h"
#include "support/check.h"
#include "support/hex.h"
#include "support/provider.h"

static void check(const uint8_t *actual, size_t len, const char *expected) {
    struct test_bytes bytes = test_hex(expected);
    assert_int_equal(len, bytes.len);
    assert_memory_equal(actual, bytes.data, bytes.len);
}

static void hashes_of_abc(void **state) {
    (void)state;
    uint64_t slot = 0;
    uint8_t out[DTLS_MAX_HASH];
    size_t len;
    assert_int_equal(crypto->hash_start(crypto->state, &slot, DTLS_HASH_SHA256), DTLS_OK);
    assert_int_equal(crypto->hash_update(&slot, (const uint8_t *)"abc", 3), DTLS_OK);
    assert_int_equal(crypto->hash_peek(&slot, out, &len), DTLS_OK);
    check(out, len, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(crypto->hash_start(crypto->state, &slot, DTLS_HASH_SHA384), DTLS_OK);
    assert_int_equal(crypto->hash_update(&slot, (const uint8_t *)"abc", 3), DTLS_OK);
    assert_int_equal(crypto->hash_peek(&slot, out, &len), DTLS_OK);
    check(out, len,
          "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
    crypto->hash_clear(&slot);
    crypto->hash_clear(&slot);
}

static void a_peek_leaves_the_state_alone(void **state) {
    (void)state;
    uint64_t slot = 0;
    uint8_t out[DTLS_MAX_HASH];
    size_t len;
    assert_int_equal(crypto->hash_start(crypto->state, &slot, DTLS_HASH_SHA256), DTLS_OK);
    assert_int_equal(crypto->hash_update(&slot, (const uint8_t *)"a", 1), DTLS_OK);
    assert_int_equal(crypto->hash_peek(&slot, out, &len), DTLS_OK);
    assert_int_equal(crypto->hash_update(&slot, (const uint8_t *)"bc", 2), DTLS_OK);
    assert_int_equal(crypto->hash_peek(&slot, out, &len), DTLS_OK);
    check(out, len, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    crypto->hash_clear(&slot);
}

static void hmac_rfc4231(void **state) {
    (void)state;
    uint8_t out[DTLS_MAX_HASH];
    const dtls_span parts[] = {{(const uint8_t *)"what do ya want ", 16},
                               {(const uint8_t *)"for nothing?", 12}};
    /* Test case 2. */
    assert_int_equal(crypto->hmac(crypto->state, DTLS_HASH_SHA256, (const uint8_t *)"Jefe", 4, parts, 2, out),
                     DTLS_OK);
    check(out, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_int_equal(crypto->hmac(crypto->state, DTLS_HASH_SHA384, (const uint8_t *)"Jefe", 4, parts, 2, out),
                     DTLS_OK);
    check(out, 48,
          "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649");
    /* Test case 6: a key longer than a block. */
    uint8_t key[131];
    memset(key, 0xaa, sizeof key);
    const dtls_span text = {(const uint8_t *)"Test Using Larger Than Block-Size Key - Hash Key First", 54};
    assert_int_equal(crypto->hmac(crypto->state, DTLS_HASH_SHA256, key, sizeof key, &text, 1, out), DTLS_OK);
    check(out, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void hmac_of_nothing_with_no_key(void **state) {
    (void)state;
    uint8_t out[DTLS_MAX_HASH];
    assert_int_equal(crypto->hmac(crypto->state, DTLS_HASH_SHA256, NULL, 0, NULL, 0, out), DTLS_OK);
    check(out, 32, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void prf_sha256(void **state) {
    (void)state;
    struct test_bytes secret = test_hex("9bbe436ba940f017b17652849a71db35");
    struct test_bytes seed = test_hex("a0ba9f936cda311827a6f796ffd5198c");
    const dtls_span parts[] = {{seed.data, 5}, {NULL, 0}, {seed.data + 5, seed.len - 5}};
    uint8_t out[100];
    assert_int_equal(crypto->prf(crypto->state, DTLS_HASH_SHA256, secret.data, secret.len, "test label",
                                 parts, 3, out, sizeof out),
                     DTLS_OK);
    check(out, sizeof out,
          "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0f"
          "a022f7"
          "077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66");
}

static void prf_sha384(void **state) {
    (void)state;
    struct test_bytes secret = test_hex("b80b733d6ceefcdc71566ea48e5567df");
    struct test_bytes seed = test_hex("cd665cf6a8447dd6ff8b27555edb7465");
    const dtls_span parts[] = {{seed.data, seed.len}};
    uint8_t out[148];
    assert_int_equal(crypto->prf(crypto->state, DTLS_HASH_SHA384, secret.data, secret.len, "test label",
                                 parts, 1, out, sizeof out),
                     DTLS_OK);
    check(out, sizeof out,
          "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82b1233c9146a0e5"
          "34cb40"
          "0fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d9184259b5bf8cd4d"
          "90fa0d"
          "31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee691c8f3a26854308d5eaa3be85e0990703d73e56f");
}

static void random_bytes_differ(void **state) {
    (void)state;
    uint8_t one[32] = {0};
    uint8_t two[32] = {0};
    assert_int_equal(crypto->random(crypto->state, one, sizeof one), DTLS_OK);
    assert_int_equal(crypto->random(crypto->state, two, sizeof two), DTLS_OK);
    assert_memory_not_equal(one, two, sizeof one);
    crypto->wipe(one, sizeof one);
    memset(two, 0, sizeof two);
    assert_memory_equal(one, two, sizeof one);
}

static void slots_are_multiples_of_eight(void **state) {
    (void)state;
    assert_int_equal(crypto->hash_slot % 8, 0);
    assert_int_equal(crypto->aead_slot % 8, 0);
    assert_int_equal(crypto->key_share_slot % 8, 0);
    assert_int_equal(crypto->public_key_slot % 8, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_of_abc),       cmocka_unit_test(a_peek_leaves_the_state_alone),
        cmocka_unit_test(hmac_rfc4231),        cmocka_unit_test(hmac_of_nothing_with_no_key),
        cmocka_unit_test(prf_sha256),          cmocka_unit_test(prf_sha384),
        cmocka_unit_test(random_bytes_differ), cmocka_unit_test(slots_are_multiples_of_eight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
