/* SPDX-License-Identifier: MIT
 *
 * Code points and names of the const objects, and the default lists.
 */
#include "support/check.h"

#include "dtls/algorithms.h"

static void suites(void **state) {
    (void)state;
    size_t num = 0;
    for (; dtls_all_cipher_suites[num] != NULL; num++) {
        const dtls_cipher_suite *suite = dtls_all_cipher_suites[num];
        assert_ptr_equal(dtls_cipher_suite_by_code(dtls_cipher_suite_code(suite)), suite);
        assert_memory_equal(dtls_cipher_suite_name(suite), "TLS_", 4);
        const char *name = dtls_cipher_suite_name(suite);
        assert_int_equal(dtls_cipher_suite_uses_psk(suite), strstr(name, "PSK") != NULL);
        assert_int_equal(dtls_cipher_suite_uses_certificates(suite), strstr(name, "PSK") == NULL);
        for (size_t i = 0; i < num; i++)
            assert_int_not_equal(dtls_cipher_suite_code(dtls_all_cipher_suites[i]),
                                 dtls_cipher_suite_code(suite));
    }
    assert_true(num > 16);
    assert_null(dtls_cipher_suite_by_code(0x00ff));
}

/* The default: AEADs, and forward secrecy first. */
static void default_suites(void **state) {
    (void)state;
    bool ephemeral = true;
    for (size_t i = 0; dtls_default_cipher_suites[i] != NULL; i++) {
        const char *name = dtls_cipher_suite_name(dtls_default_cipher_suites[i]);
        const bool short_tag = strstr(name, "CCM_8") != NULL;
        assert_ptr_equal(dtls_cipher_suite_by_code(dtls_cipher_suite_code(dtls_default_cipher_suites[i])),
                         dtls_default_cipher_suites[i]);
        assert_null(strstr(name, "CBC"));
        assert_null(strstr(name, "TLS_RSA"));
        assert_true(ephemeral || strstr(name, "ECDHE") == NULL || short_tag);
        ephemeral = ephemeral && strstr(name, "ECDHE") != NULL;
    }
    assert_int_equal(dtls_cipher_suite_code(dtls_default_cipher_suites[0]), 0xc02b);
}

static void groups(void **state) {
    (void)state;
    static const unsigned codes[] = {0x001d, 0x0017, 0x0018, 0x001e, 0x0019};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(dtls_group_code(dtls_default_groups[i]), codes[i]);
        assert_ptr_equal(dtls_group_by_code(codes[i]), dtls_default_groups[i]);
    }
    assert_null(dtls_default_groups[5]);
    assert_null(dtls_group_by_code(0x001a));
    assert_string_equal(dtls_group_name(&dtls_group_x25519), "x25519");
}

static void schemes(void **state) {
    (void)state;
    static const unsigned codes[] = {0x0403, 0x0503, 0x0603, 0x0807, 0x0804, 0x0805, 0x0806,
                                     0x0809, 0x080a, 0x080b, 0x0401, 0x0501, 0x0601};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        assert_int_equal(dtls_signature_scheme_code(dtls_default_signature_schemes[i]), codes[i]);
        assert_ptr_equal(dtls_signature_scheme_by_code(codes[i]), dtls_default_signature_schemes[i]);
    }
    assert_null(dtls_default_signature_schemes[sizeof codes / sizeof codes[0]]);
    assert_null(dtls_signature_scheme_by_code(0x0201));
    assert_string_equal(dtls_signature_scheme_name(&dtls_scheme_rsa_pkcs1_sha256), "rsa_pkcs1_sha256");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suites),
        cmocka_unit_test(default_suites),
        cmocka_unit_test(groups),
        cmocka_unit_test(schemes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
