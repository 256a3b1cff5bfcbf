/* SPDX-License-Identifier: MIT
 *
 * Signatures: RFC 6979 appendix A.2.5 (P-256, SHA-256) verifies, every scheme
 * signs what it verifies, and keys of another kind are refused.
 */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

#include "crypto/libcrypto/internal.h"
#include "support/authority.h"
#include "support/check.h"
#include "support/hex.h"
#include "support/provider.h"

static void ecdsa_rfc6979(void **state) {
    (void)state;
    struct test_bytes point = test_hex("0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                                       "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
    struct test_bytes signature =
        test_hex("3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                 "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
    char curve[] = "P-256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
                           OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data, point.len),
                           OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;
    assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
    assert_int_equal(EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
    EVP_PKEY_CTX_free(context);
    struct libcrypto_slot slot = {.object = key};

    uint8_t digest[32];
    size_t digest_len;
    uint64_t hash = 0;
    assert_int_equal(crypto->hash_start(crypto->state, &hash, DTLS_HASH_SHA256), DTLS_OK);
    assert_int_equal(crypto->hash_update(&hash, (const uint8_t *)"sample", 6), DTLS_OK);
    assert_int_equal(crypto->hash_peek(&hash, digest, &digest_len), DTLS_OK);
    crypto->hash_clear(&hash);

    assert_int_equal(crypto->verify(&slot, 0x0403, digest, sizeof digest, signature.data, signature.len),
                     DTLS_OK);
    digest[0] ^= 1;
    assert_int_equal(crypto->verify(&slot, 0x0403, digest, sizeof digest, signature.data, signature.len),
                     DTLS_ERROR_SIGNATURE);
    crypto->public_key_clear(&slot);
}

/* Signs with `scheme` and verifies by the certificate's key. */
static void round_trip(const struct test_identity *identity, unsigned scheme, size_t digest_len) {
    uint8_t digest[48] = {1, 2, 3};
    uint8_t signature[DTLS_MAX_SIGNATURE];
    size_t len = sizeof signature;
    dtls_key_type type;
    dtls_key_type public_type;
    dtls_private_key *key = test_private_key(identity, &type);
    dtls_span der = test_certificate_der(identity);
    uint64_t slot = 0;
    assert_int_equal(
        crypto->certificates_read(crypto->state, &slot, &der, 1, DTLS_KEY_SIGNS, NULL, NULL, &public_type),
        DTLS_OK);
    assert_int_equal(type, public_type);

    assert_int_equal(crypto->sign(crypto->state, key, scheme, digest, digest_len, signature, &len), DTLS_OK);
    assert_int_equal(crypto->verify(&slot, scheme, digest, digest_len, signature, len), DTLS_OK);
    signature[len - 1] ^= 1;
    assert_int_equal(crypto->verify(&slot, scheme, digest, digest_len, signature, len), DTLS_ERROR_SIGNATURE);
    signature[len - 1] ^= 1;
    assert_int_equal(crypto->verify(&slot, scheme, digest, digest_len, signature, len - 1),
                     DTLS_ERROR_SIGNATURE);
    assert_int_equal(crypto->verify(&slot, scheme, digest, digest_len, signature, 0), DTLS_ERROR_SIGNATURE);
    digest[0] ^= 1;
    assert_int_equal(crypto->verify(&slot, scheme, digest, digest_len, signature, len), DTLS_ERROR_SIGNATURE);

    len = 8;
    assert_int_equal(crypto->sign(crypto->state, key, scheme, digest, digest_len, signature, &len),
                     DTLS_ERROR_NO_ROOM);
    assert_true(len > 8 && len <= DTLS_MAX_SIGNATURE);

    crypto->public_key_clear(&slot);
    free((void *)der.data);
    dtls_libcrypto_private_key_free(key);
}

static void every_scheme_verifies_what_it_signs(void **state) {
    (void)state;
    struct test_identity ecdsa = test_issue(&(struct test_request){.common_name = "ecdsa"});
    struct test_identity rsa = test_issue(&(struct test_request){.common_name = "rsa", .rsa_bits = 2048});
    round_trip(&ecdsa, 0x0403, 32);
    round_trip(&ecdsa, 0x0503, 48);
    round_trip(&rsa, 0x0401, 32);
    round_trip(&rsa, 0x0501, 48);
    round_trip(&rsa, 0x0804, 32);
    round_trip(&rsa, 0x0805, 48);
    test_identity_free(&ecdsa);
    test_identity_free(&rsa);
}

static void ed25519_rfc8032(void **state) {
    (void)state;
    /* Section 7.1, test 2. Deterministic, so that the signature is known too. */
    struct test_bytes secret = test_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    struct test_bytes expected = test_hex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                                          "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    const uint8_t message[] = {0x72};
    struct libcrypto_slot slot = {
        .object = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret.data, secret.len)};
    uint8_t signature[64];
    size_t len = sizeof signature;
    assert_int_equal(
        crypto->sign(crypto->state, slot.object, 0x0807, message, sizeof message, signature, &len), DTLS_OK);
    assert_int_equal(len, expected.len);
    assert_memory_equal(signature, expected.data, len);
    assert_int_equal(crypto->verify(&slot, 0x0807, message, sizeof message, signature, len), DTLS_OK);
    signature[0] ^= 1;
    assert_int_equal(crypto->verify(&slot, 0x0807, message, sizeof message, signature, len),
                     DTLS_ERROR_SIGNATURE);
    crypto->public_key_clear(&slot);
}

static void a_key_for_pss_only_signs_pss_only(void **state) {
    (void)state;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
    EVP_PKEY *key = NULL;
    assert_int_equal(EVP_PKEY_keygen_init(context), 1);
    assert_int_equal(EVP_PKEY_generate(context, &key), 1);
    EVP_PKEY_CTX_free(context);
    struct libcrypto_slot slot = {.object = key};
    uint8_t digest[48] = {1};
    uint8_t signature[DTLS_MAX_SIGNATURE];
    for (unsigned scheme = 0x0809; scheme <= 0x080a; scheme++) {
        size_t digest_len = scheme == 0x0809 ? 32 : 48;
        size_t len = sizeof signature;
        assert_int_equal(
            crypto->sign(crypto->state, slot.object, scheme, digest, digest_len, signature, &len), DTLS_OK);
        assert_int_equal(crypto->verify(&slot, scheme, digest, digest_len, signature, len), DTLS_OK);
        assert_int_equal(crypto->verify(&slot, 0x0401, digest, 32, signature, len), DTLS_ERROR_SIGNATURE);
    }
    crypto->public_key_clear(&slot);
}

static void a_key_of_another_kind_is_refused(void **state) {
    (void)state;
    struct test_identity ecdsa = test_issue(&(struct test_request){.common_name = "ecdsa"});
    dtls_key_type type;
    dtls_private_key *key = test_private_key(&ecdsa, &type);
    dtls_span der = test_certificate_der(&ecdsa);
    uint64_t slot = 0;
    uint8_t digest[32] = {0};
    uint8_t signature[DTLS_MAX_SIGNATURE] = {0};
    size_t len = sizeof signature;
    assert_int_equal(type, DTLS_KEY_ECDSA);
    assert_int_equal(
        crypto->certificates_read(crypto->state, &slot, &der, 1, DTLS_KEY_SIGNS, NULL, NULL, &type), DTLS_OK);
    assert_int_equal(crypto->sign(crypto->state, key, 0x0804, digest, 32, signature, &len),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(crypto->sign(crypto->state, key, 0x0000, digest, 32, signature, &len),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(crypto->verify(&slot, 0x0804, digest, 32, signature, 256), DTLS_ERROR_SIGNATURE);
    crypto->public_key_clear(&slot);
    assert_int_equal(crypto->verify(&slot, 0x0403, digest, 32, signature, 64), DTLS_ERROR_SIGNATURE);
    free((void *)der.data);
    dtls_libcrypto_private_key_free(key);
    test_identity_free(&ecdsa);
}

static void what_is_no_private_key_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {"", "not a key",
                                      "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"};
    dtls_private_key *key;
    dtls_key_type type;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(
            dtls_libcrypto_private_key_read((const uint8_t *)bad[i], strlen(bad[i]), &key, &type),
            DTLS_ERROR_ARGUMENT);
        assert_null(key);
    }
    dtls_libcrypto_private_key_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ecdsa_rfc6979),
        cmocka_unit_test(every_scheme_verifies_what_it_signs),
        cmocka_unit_test(ed25519_rfc8032),
        cmocka_unit_test(a_key_for_pss_only_signs_pss_only),
        cmocka_unit_test(a_key_of_another_kind_is_refused),
        cmocka_unit_test(what_is_no_private_key_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
