/* SPDX-License-Identifier: MIT
 *
 * Key agreement: RFC 7748 section 6.1 (X25519), RFC 5903 section 8.1 (P-256),
 * and public values that must be refused (RFC 8422 sections 5.11 and 5.4.1).
 */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "crypto/libcrypto/internal.h"
#include "support/check.h"
#include "support/hex.h"
#include "support/provider.h"

/* A slot with a private key that a vector prescribes. */

static struct libcrypto_slot x25519_slot(const char *private_key) {
    struct test_bytes bytes = test_hex(private_key);
    return (struct libcrypto_slot){
        .object = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, bytes.data, bytes.len)};
}

/* `scalar` is a little-endian number here, as OSSL_PARAM wants it on this kind of machine. */
static struct libcrypto_slot p256_slot(const char *scalar, const char *public_point) {
    struct test_bytes number = test_hex(scalar);
    struct test_bytes point = test_hex(public_point);
    for (size_t i = 0; i < number.len / 2; i++) {
        uint8_t byte = number.data[i];
        number.data[i] = number.data[number.len - 1 - i];
        number.data[number.len - 1 - i] = byte;
    }
    char curve[] = "P-256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
                           OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, number.data, number.len),
                           OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data, point.len),
                           OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;
    assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
    assert_int_equal(EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, params), 1);
    EVP_PKEY_CTX_free(context);
    return (struct libcrypto_slot){.object = key};
}

static void agree(struct libcrypto_slot slot, const char *peer, dtls_error verdict, const char *secret) {
    struct test_bytes public_value = test_hex(peer);
    uint8_t out[DTLS_MAX_SHARED_SECRET];
    size_t len = 0;
    assert_int_equal(crypto->key_share_agree(&slot, public_value.data, public_value.len, out, &len), verdict);
    if (verdict == DTLS_OK) {
        struct test_bytes expected = test_hex(secret);
        assert_int_equal(len, expected.len);
        assert_memory_equal(out, expected.data, len);
    }
    crypto->key_share_clear(&slot);
}

static void x25519_rfc7748(void **state) {
    (void)state;
    agree(x25519_slot("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"),
          "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f", DTLS_OK,
          "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

#define P256_SCALAR "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"
#define P256_POINT                                                                                           \
    "04dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c37725811805271a0461cdb8252d61f1c456fa3e59ab1f4" \
    "5b33accf5f58389e0577b8990bb3"

static void p256_rfc5903(void **state) {
    (void)state;
    agree(p256_slot(P256_SCALAR, P256_POINT),
          "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c58d6a"
          "ac23f"
          "046ada30f8353e74f33039872ab",
          DTLS_OK, "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de");
}

static void points_off_the_curve_are_refused(void **state) {
    (void)state;
    /* The last digit of the good point changed; the infinite point; compressed; too short; coordinates of
     * zero. */
    static const char *const bad[] = {
        "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c58d6aac"
        "23f"
        "046ada30f8353e74f33039872ac",
        "00",
        "02d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63",
        "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63",
        "0400000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        "000"
        "000000000000000000000000000",
        "",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        agree(p256_slot(P256_SCALAR, P256_POINT), bad[i], DTLS_ERROR_KEY_SHARE, NULL);
}

static void values_of_small_order_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        agree(x25519_slot("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"), bad[i],
              DTLS_ERROR_KEY_SHARE, NULL);
}

static void two_sides_agree(void **state) {
    (void)state;
    static const unsigned groups[] = {DTLS_GROUP_X25519, DTLS_GROUP_P256, DTLS_GROUP_P384, DTLS_GROUP_P521,
                                      DTLS_GROUP_X448};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        uint64_t slots[2] = {0, 0};
        uint8_t public_values[2][DTLS_MAX_KEY_SHARE];
        uint8_t secrets[2][DTLS_MAX_SHARED_SECRET];
        size_t public_lens[2];
        size_t secret_lens[2];
        for (int side = 0; side < 2; side++)
            assert_int_equal(crypto->key_share_start(crypto->state, &slots[side], groups[i],
                                                     public_values[side], &public_lens[side]),
                             DTLS_OK);
        for (int side = 0; side < 2; side++)
            assert_int_equal(crypto->key_share_agree(&slots[side], public_values[1 - side],
                                                     public_lens[1 - side], secrets[side],
                                                     &secret_lens[side]),
                             DTLS_OK);
        assert_int_equal(secret_lens[0], secret_lens[1]);
        assert_memory_equal(secrets[0], secrets[1], secret_lens[0]);
        crypto->key_share_clear(&slots[0]);
        crypto->key_share_clear(&slots[1]);
        assert_true(slots[0] == 0);
    }
    uint64_t slot = 0;
    uint8_t out[DTLS_MAX_KEY_SHARE];
    size_t len;
    assert_int_equal(crypto->key_share_start(crypto->state, &slot, 0x0013, out, &len), DTLS_ERROR_ARGUMENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(x25519_rfc7748),
        cmocka_unit_test(p256_rfc5903),
        cmocka_unit_test(points_off_the_curve_are_refused),
        cmocka_unit_test(values_of_small_order_are_refused),
        cmocka_unit_test(two_sides_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
