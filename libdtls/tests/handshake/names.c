/* SPDX-License-Identifier: MIT
 *
 * Code points and names of the const objects, and the default lists.
 */
#include "support/check.h"

#include "dtls/algorithms.h"

static void suites(void **state) {
    (void)state;
    static const unsigned codes[] = {0xc02b, 0xc02f, 0x00a8, 0xc0a8};
    size_t num = 0;
    for (; dtls_default_cipher_suites[num] != NULL; num++) {
        const dtls_cipher_suite *suite = dtls_default_cipher_suites[num];
        assert_int_equal(dtls_cipher_suite_code(suite), codes[num]);
        assert_ptr_equal(dtls_cipher_suite_by_code(codes[num]), suite);
        assert_memory_equal(dtls_cipher_suite_name(suite), "TLS_", 4);
    }
    assert_int_equal(num, 4);
    assert_null(dtls_cipher_suite_by_code(0x00ff));
}

static void groups(void **state) {
    (void)state;
    assert_ptr_equal(dtls_group_by_code(0x001d), &dtls_group_x25519);
    assert_ptr_equal(dtls_group_by_code(0x0017), &dtls_group_p256);
    assert_null(dtls_group_by_code(0x0018));
    assert_string_equal(dtls_group_name(&dtls_group_x25519), "x25519");
    assert_int_equal(dtls_group_code(dtls_default_groups[1]), 0x0017);
    assert_null(dtls_default_groups[2]);
}

static void schemes(void **state) {
    (void)state;
    static const unsigned codes[] = {0x0403, 0x0804, 0x0401};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(dtls_signature_scheme_code(dtls_default_signature_schemes[i]), codes[i]);
        assert_ptr_equal(dtls_signature_scheme_by_code(codes[i]), dtls_default_signature_schemes[i]);
    }
    assert_null(dtls_default_signature_schemes[3]);
    assert_null(dtls_signature_scheme_by_code(0x0201));
    assert_string_equal(dtls_signature_scheme_name(&dtls_scheme_rsa_pkcs1_sha256), "rsa_pkcs1_sha256");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suites),
        cmocka_unit_test(groups),
        cmocka_unit_test(schemes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
