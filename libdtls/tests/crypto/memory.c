/* SPDX-License-Identifier: MIT
 *
 * The provider when memory runs out: libcrypto's allocations fail one after
 * the other, and each function answers an error, leaves its slot empty or as
 * it was, and loses nothing (the sanitizer build sees to that).
 */
#include <openssl/crypto.h>
#include <stdlib.h>

#include "dtls/libcrypto.h"
#include "support/authority.h"
#include "support/check.h"

static const dtls_crypto *crypto = &dtls_libcrypto;

/* Allocations until one fails; negative: none does. */
static int until_failure = -1;

static bool fails(void) {
    return until_failure >= 0 && until_failure-- == 0;
}

static void *failing_malloc(size_t len, const char *file, int line) {
    (void)file;
    (void)line;
    return fails() ? NULL : malloc(len);
}

static void *failing_realloc(void *block, size_t len, const char *file, int line) {
    (void)file;
    (void)line;
    return fails() ? NULL : realloc(block, len);
}

static void plain_free(void *block, const char *file, int line) {
    (void)file;
    (void)line;
    free(block);
}

/* What the functions under test are called with. */
static struct {
    dtls_private_key *key;
    dtls_trust_anchors *anchors;
    dtls_span certificate;
} shared;

static dtls_error do_hash(void) {
    uint64_t slot = 0;
    uint8_t out[DTLS_MAX_HASH];
    size_t len;
    dtls_error error = crypto->hash_start(crypto->state, &slot, DTLS_HASH_SHA256);
    if (error == DTLS_OK)
        error = crypto->hash_update(&slot, (const uint8_t *)"x", 1);
    if (error == DTLS_OK)
        error = crypto->hash_peek(&slot, out, &len);
    crypto->hash_clear(&slot);
    return error;
}

static dtls_error do_hmac(void) {
    uint8_t out[DTLS_MAX_HASH];
    const dtls_span part = {.data = (const uint8_t *)"x", .len = 1};
    return crypto->hmac(crypto->state, DTLS_HASH_SHA256, (const uint8_t *)"k", 1, &part, 1, out);
}

static dtls_error do_prf(void) {
    uint8_t out[48];
    const dtls_span seed = {.data = (const uint8_t *)"x", .len = 1};
    return crypto->prf(crypto->state, DTLS_HASH_SHA256, (const uint8_t *)"k", 1, "label", &seed, 1, out,
                       sizeof out);
}

static dtls_error do_aead(void) {
    uint64_t slot = 0;
    uint8_t bytes[32] = {0};
    dtls_error error =
        crypto->aead_start(crypto->state, &slot, DTLS_AEAD_AES_128_CCM_8, DTLS_SEAL, bytes, 16);
    if (error == DTLS_OK)
        error = crypto->aead_seal(&slot, bytes, bytes, 13, bytes, 8, bytes + 8);
    crypto->aead_clear(&slot);
    return error;
}

static dtls_error do_key_share(void) {
    uint64_t slot = 0;
    uint8_t public_value[DTLS_MAX_KEY_SHARE];
    uint8_t secret[DTLS_MAX_SHARED_SECRET];
    size_t len;
    size_t secret_len;
    dtls_error error = crypto->key_share_start(crypto->state, &slot, DTLS_GROUP_P256, public_value, &len);
    if (error == DTLS_OK)
        error = crypto->key_share_agree(&slot, public_value, len, secret, &secret_len);
    crypto->key_share_clear(&slot);
    return error;
}

static dtls_error do_certificates(void) {
    uint64_t slot = 0;
    dtls_key_type type;
    const dtls_identity identity = {
        .name = "server.example", .peer_role = DTLS_SERVER, .calendar_s = TEST_NOW};
    dtls_error error = crypto->certificates_read(crypto->state, &slot, &shared.certificate, 1, DTLS_KEY_SIGNS,
                                                 shared.anchors, &identity, &type);
    assert_int_equal(slot != 0, error == DTLS_OK);
    crypto->public_key_clear(&slot);
    return error;
}

static dtls_error do_sign(void) {
    const uint8_t digest[32] = {0};
    uint8_t signature[DTLS_MAX_SIGNATURE];
    size_t len = sizeof signature;
    return crypto->sign(crypto->state, shared.key, 0x0403, digest, sizeof digest, signature, &len);
}

static dtls_error do_cbc(void) {
    static const dtls_cbc cbc = {.hash = DTLS_HASH_SHA256, .key_len = 16};
    static const uint8_t key[32];
    uint64_t slot = 0;
    const dtls_error error = crypto->cbc_start(crypto->state, &slot, &cbc, DTLS_SEAL, key, key);
    crypto->cbc_clear(&slot);
    return error;
}

/* What could not be looked up is looked up at each use. */
static dtls_error do_open(void) {
    static dtls_libcrypto_known_chain chains[1];
    dtls_libcrypto_provider provider;
    dtls_error error = dtls_libcrypto_open(&provider);
    if (error == DTLS_OK)
        error = dtls_libcrypto_remember_chains(&provider, chains, 1, 60);
    dtls_libcrypto_close(&provider);
    return error;
}

/* Lets the first allocation fail, then the second, until all is well. */
static void let_allocations_fail(void) {
    static dtls_error (*const work[])(void) = {do_hash, do_hmac,      do_prf,          do_aead, do_cbc,
                                               do_open, do_key_share, do_certificates, do_sign};
    for (size_t i = 0; i < sizeof work / sizeof *work; i++) {
        /* Once before: what libcrypto sets up for the process is not at stake. */
        assert_int_equal(work[i](), DTLS_OK);
        int allocations = 0;
        bool ran_out = true;
        while (ran_out) {
            until_failure = allocations++;
            dtls_error error = work[i]();
            ran_out = until_failure < 0;
            until_failure = -1;
            assert_true(error <= DTLS_OK);
            assert_true(ran_out || error == DTLS_OK);
        }
        assert_true(allocations > 1);
        assert_int_equal(work[i](), DTLS_OK);
    }
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    let_allocations_fail();
}

static void with_a_provider_that_is_open(void **state) {
    (void)state;
    static dtls_libcrypto_known_chain chains[1];
    dtls_libcrypto_provider provider;
    assert_int_equal(dtls_libcrypto_open(&provider), DTLS_OK);
    assert_int_equal(dtls_libcrypto_remember_chains(&provider, chains, 1, 60), DTLS_OK);
    crypto = &provider.crypto;
    let_allocations_fail();
    crypto = &dtls_libcrypto;
    dtls_libcrypto_close(&provider);
    dtls_libcrypto_close(&provider);
}

static int set_up(void **state) {
    (void)state;
    struct test_identity root = test_issue(&(struct test_request){.common_name = "root", .authority = true});
    struct test_identity server = test_issue(&(struct test_request){.common_name = "server",
                                                                    .dns_name = "server.example",
                                                                    .key_usage = "critical,digitalSignature",
                                                                    .issuer = &root});
    dtls_key_type type;
    shared.key = test_private_key(&server, &type);
    shared.anchors = test_anchors(&root);
    shared.certificate = test_certificate_der(&server);
    test_identity_free(&server);
    test_identity_free(&root);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    dtls_libcrypto_private_key_free(shared.key);
    dtls_libcrypto_trust_anchors_free(shared.anchors);
    free((void *)shared.certificate.data);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail),
                                       cmocka_unit_test(with_a_provider_that_is_open)};
    if (CRYPTO_set_mem_functions(failing_malloc, failing_realloc, plain_free) != 1)
        return 1;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
