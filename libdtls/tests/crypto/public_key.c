/* SPDX-License-Identifier: MIT
 *
 * Raw public keys (RFC 7250 section 3): found in what keys are kept in, and
 * read into a slot.
 */
#include <stdlib.h>

#include "dtls/libcrypto.h"
#include "support/authority.h"
#include "support/check.h"

static const struct test_request requests[] = {
    {.common_name = "P-256"},
    {.common_name = "RSA", .rsa_bits = 2048},
    {.common_name = "Ed25519", .key_type = "ED25519"},
};
static const dtls_key_type types[] = {DTLS_KEY_ECDSA, DTLS_KEY_RSA, DTLS_KEY_ED25519};

static dtls_error read(const void *bytes, size_t len, dtls_key_type *out_type) {
    uint64_t slot = 0;
    const dtls_error error =
        dtls_libcrypto.public_key_read(dtls_libcrypto.state, &slot, (dtls_span){bytes, len}, out_type);
    assert_int_equal(slot != 0, error == DTLS_OK);
    dtls_libcrypto.public_key_clear(&slot);
    return error;
}

/* The same key comes out of a certificate, a private key, and a SubjectPublicKeyInfo. */
static void keys_of_all_kinds(void **state) {
    (void)state;
    struct test_identity root = test_issue(&(struct test_request){.common_name = "root", .authority = true});
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        struct test_request request = requests[i];
        request.issuer = &root;
        struct test_identity identity = test_issue(&request);
        char *texts[] = {test_certificate_pem(&identity), test_key_pem(&identity)};
        uint8_t first[512];
        uint8_t second[512];
        size_t first_len = 0;
        size_t second_len = 0;
        assert_int_equal(dtls_libcrypto_public_key_read((const uint8_t *)texts[0], strlen(texts[0]), first,
                                                        sizeof first, &first_len),
                         DTLS_OK);
        assert_int_equal(dtls_libcrypto_public_key_read((const uint8_t *)texts[1], strlen(texts[1]), second,
                                                        sizeof second, &second_len),
                         DTLS_OK);
        assert_int_equal(first_len, second_len);
        assert_memory_equal(first, second, first_len);
        assert_int_equal(dtls_libcrypto_public_key_read(first, first_len, second, sizeof second, &second_len),
                         DTLS_OK);
        assert_memory_equal(first, second, first_len);
        assert_int_equal(dtls_libcrypto_public_key_read(first, first_len, second, first_len - 1, &second_len),
                         DTLS_ERROR_NO_ROOM);
        dtls_key_type type;
        assert_int_equal(read(first, first_len, &type), DTLS_OK);
        assert_int_equal(type, types[i]);
        free(texts[0]);
        free(texts[1]);
        test_identity_free(&identity);
    }
    test_identity_free(&root);
}

static void public_key_in_pem(void **state) {
    (void)state;
    static const char pem[] = "-----BEGIN PUBLIC KEY-----\n"
                              "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
                              "-----END PUBLIC KEY-----\n";
    uint8_t out[64];
    size_t len;
    dtls_key_type type;
    assert_int_equal(
        dtls_libcrypto_public_key_read((const uint8_t *)pem, sizeof pem - 1, out, sizeof out, &len), DTLS_OK);
    assert_int_equal(len, 44);
    assert_int_equal(read(out, len, &type), DTLS_OK);
    assert_int_equal(type, DTLS_KEY_ED25519);
    /* All of it, and nothing else. */
    assert_int_equal(read(out, len - 1, &type), DTLS_ERROR_CERTIFICATE_BAD);
    assert_int_equal(read(out, len + 1, &type), DTLS_ERROR_CERTIFICATE_BAD);
    assert_int_equal(read(out, 0, &type), DTLS_ERROR_CERTIFICATE_BAD);
    assert_int_equal(read(NULL, 0, &type), DTLS_ERROR_ARGUMENT);
    out[8] = 0x6e; /* X25519, which signs nothing */
    assert_int_equal(read(out, len, &type), DTLS_ERROR_CERTIFICATE_UNSUPPORTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_all_kinds),
        cmocka_unit_test(public_key_in_pem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
