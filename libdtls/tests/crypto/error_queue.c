/* SPDX-License-Identifier: MIT
 *
 * What fails leaves nothing in libcrypto's error queue, which is the thread's: a program that uses libssl as
 * well takes what it finds there for an error of its own.
 */
#include <openssl/err.h>
#include <stdlib.h>

#include "dtls/libcrypto.h"
#include "support/authority.h"
#include "support/check.h"

static const uint8_t junk[] = "\x30\x03\x02\x01 nothing that parses";
static const dtls_span nothing = {junk, sizeof junk - 1};

static void *state_of_provider(void) {
    return dtls_libcrypto.state;
}

static void check_empty(void) {
    assert_int_equal(ERR_peek_error(), 0);
}

static void reading_junk(void **state) {
    (void)state;
    dtls_libcrypto_certificate_facts facts;
    dtls_private_key *key;
    dtls_key_type type;
    dtls_trust_anchors *anchors = NULL;
    uint8_t out[256];
    dtls_span span;
    size_t len = 1;
    uint64_t slot = 0;
    assert_int_equal(dtls_libcrypto_certificate_read(nothing, &facts), DTLS_ERROR_ARGUMENT);
    check_empty();
    assert_false(dtls_libcrypto_certificate_issued(nothing, nothing));
    check_empty();
    assert_false(dtls_libcrypto_private_key_fits(NULL, nothing));
    check_empty();
    assert_int_equal(dtls_libcrypto_private_key_read(junk, sizeof junk, &key, &type), DTLS_ERROR_ARGUMENT);
    check_empty();
    assert_int_equal(dtls_libcrypto_trust_anchors_read(junk, sizeof junk, &anchors), DTLS_ERROR_ARGUMENT);
    check_empty();
    assert_int_equal(dtls_libcrypto_trust_anchors_add(&anchors, nothing), DTLS_ERROR_ARGUMENT);
    check_empty();
    assert_int_equal(dtls_libcrypto_chain_read(junk, sizeof junk, out, sizeof out, &span, &len),
                     DTLS_ERROR_ARGUMENT);
    check_empty();
    assert_int_equal(dtls_libcrypto_public_key_read(junk, sizeof junk, out, sizeof out, &len),
                     DTLS_ERROR_ARGUMENT);
    check_empty();
    assert_int_equal(dtls_libcrypto.certificates_read(state_of_provider(), &slot, &nothing, 1, DTLS_KEY_SIGNS,
                                                      NULL, NULL, &type),
                     DTLS_ERROR_CERTIFICATE_BAD);
    check_empty();
}

/* Good keys and certificates that do not go together. */
static void what_does_not_fit(void **state) {
    (void)state;
    struct test_identity one =
        test_issue(&(struct test_request){.common_name = "one", .dns_name = "one.example"});
    struct test_identity other = test_issue(&(struct test_request){.common_name = "other"});
    const dtls_span one_der = test_certificate_der(&one);
    const dtls_span other_der = test_certificate_der(&other);
    dtls_key_type type;
    dtls_private_key *key = test_private_key(&one, &type);
    ERR_clear_error();
    assert_true(dtls_libcrypto_private_key_fits(key, one_der));
    assert_false(dtls_libcrypto_private_key_fits(key, other_der));
    check_empty();
    assert_true(dtls_libcrypto_certificate_is_for(one_der, "one.example"));
    assert_false(dtls_libcrypto_certificate_is_for(one_der, "two.example"));
    assert_false(dtls_libcrypto_certificate_is_for(one_der, "192.0.2.1"));
    check_empty();
    assert_false(dtls_libcrypto_certificate_issued(one_der, other_der));
    check_empty();
    dtls_libcrypto_private_key_free(key);
    free((void *)(uintptr_t)one_der.data);
    free((void *)(uintptr_t)other_der.data);
    test_identity_free(&one);
    test_identity_free(&other);
}

/* Forgeries of a peer's. */
static void what_peers_send(void **state) {
    (void)state;
    uint64_t slot[8] = {0};
    uint8_t bytes[256] = {0};
    uint8_t out[DTLS_MAX_SHARED_SECRET];
    size_t len;
    assert_int_equal(
        dtls_libcrypto.aead_start(state_of_provider(), slot, DTLS_AEAD_AES_128_GCM, DTLS_OPEN, bytes, 16),
        DTLS_OK);
    assert_int_equal(dtls_libcrypto.aead_open(slot, bytes, bytes, 13, bytes, 32, bytes + 32), DTLS_NOTHING);
    assert_int_equal(dtls_libcrypto.gcm_record_open(slot, bytes, bytes, bytes, 32), DTLS_NOTHING);
    dtls_libcrypto.aead_clear(slot);
    check_empty();
    assert_int_equal(dtls_libcrypto.key_share_start(state_of_provider(), slot, DTLS_GROUP_P256, bytes, &len),
                     DTLS_OK);
    memset(bytes + 1, 0xff, sizeof bytes - 1);
    assert_int_equal(dtls_libcrypto.key_share_agree(slot, bytes, len, out, &len), DTLS_ERROR_KEY_SHARE);
    dtls_libcrypto.key_share_clear(slot);
    check_empty();
}

static int clear(void **state) {
    (void)state;
    ERR_clear_error();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(reading_junk, clear),
        cmocka_unit_test_setup(what_does_not_fit, clear),
        cmocka_unit_test_setup(what_peers_send, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
