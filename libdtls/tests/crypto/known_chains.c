/* SPDX-License-Identifier: MIT
 *
 * Chains that are remembered: taken again only if everything that they were
 * judged by is the same, and only for as long as they are good. That a verdict
 * was remembered shows in the key, which is then the same object.
 */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/libcrypto/internal.h"
#include "support/authority.h"
#include "support/check.h"

#define LIFETIME 600

static dtls_libcrypto_provider provider;
static dtls_libcrypto_known_chain entries[2];
static struct test_identity root;
static struct test_identity leaf;
static dtls_trust_anchors *anchors;
static dtls_span chain;

static struct test_identity issue(const char *name, int64_t not_after) {
    return test_issue(&(struct test_request){.common_name = name,
                                             .dns_name = name,
                                             .key_usage = "critical,digitalSignature",
                                             .issuer = &root,
                                             .not_after = not_after});
}

static int set_up(void **state) {
    (void)state;
    root = test_issue(&(struct test_request){.common_name = "root", .authority = true});
    anchors = test_anchors(&root);
    leaf = issue("server.example", TEST_NOW + 2 * LIFETIME);
    chain = test_certificate_der(&leaf);
    if (dtls_libcrypto_open(&provider) != DTLS_OK)
        return 1;
    return dtls_libcrypto_remember_chains(&provider, entries, 2, LIFETIME) == DTLS_OK ? 0 : 1;
}

static int tear_down(void **state) {
    (void)state;
    dtls_libcrypto_close(&provider);
    dtls_libcrypto_trust_anchors_free(anchors);
    test_identity_free(&leaf);
    test_identity_free(&root);
    free((void *)chain.data);
    return 0;
}

static const dtls_identity server = {
    .name = "server.example", .peer_role = DTLS_SERVER, .calendar_s = TEST_NOW};

/* The key of a chain that must be good; the caller's. */
static EVP_PKEY *key_of(dtls_span certificate, const dtls_trust_anchors *by, const dtls_identity *identity) {
    struct libcrypto_slot slot = {.object = NULL};
    dtls_key_type type = DTLS_KEY_RSA;
    assert_int_equal(provider.crypto.certificates_read(provider.crypto.state, &slot, &certificate, 1,
                                                       DTLS_KEY_SIGNS, by, identity, &type),
                     DTLS_OK);
    assert_int_equal(type, DTLS_KEY_ECDSA);
    return slot.object;
}

/* Whether the two verdicts were one. */
static bool known(dtls_span certificate, const dtls_identity *first, const dtls_identity *second) {
    EVP_PKEY *a = key_of(certificate, anchors, first);
    EVP_PKEY *b = key_of(certificate, anchors, second);
    const bool same = a == b;
    assert_int_equal(EVP_PKEY_eq(a, b), 1);
    EVP_PKEY_free(a);
    EVP_PKEY_free(b);
    return same;
}

static dtls_error verdict(dtls_span certificate, dtls_key_usage usage, const dtls_trust_anchors *by,
                          const dtls_identity *identity) {
    struct libcrypto_slot slot = {.object = NULL};
    dtls_key_type type;
    const dtls_error error = provider.crypto.certificates_read(provider.crypto.state, &slot, &certificate, 1,
                                                               usage, by, identity, &type);
    provider.crypto.public_key_clear(&slot);
    return error;
}

static dtls_identity at(int64_t calendar_s) {
    dtls_identity identity = server;
    identity.calendar_s = calendar_s;
    return identity;
}

static void a_good_chain_is_remembered(void **state) {
    (void)state;
    assert_true(known(chain, &server, &server));
    const dtls_identity last = at(TEST_NOW + LIFETIME - 1);
    assert_true(known(chain, &server, &last));
}

static void not_past_its_lifetime(void **state) {
    (void)state;
    const dtls_identity later = at(TEST_NOW + LIFETIME);
    assert_false(known(chain, &server, &later));
    assert_true(known(chain, &later, &later));
}

static void not_before_it_was_verified(void **state) {
    (void)state;
    const dtls_identity later = at(TEST_NOW + LIFETIME);
    const dtls_identity earlier = at(TEST_NOW - 1);
    assert_false(known(chain, &later, &earlier));
}

static void not_past_its_end(void **state) {
    (void)state;
    const dtls_identity late = at(TEST_NOW + 2 * LIFETIME - 10);
    const dtls_identity too_late = at(TEST_NOW + 2 * LIFETIME);
    assert_true(known(chain, &late, &late));
    assert_int_equal(verdict(chain, DTLS_KEY_SIGNS, anchors, &too_late), DTLS_ERROR_CERTIFICATE_EXPIRED);
}

static void not_without_dates(void **state) {
    (void)state;
    const dtls_identity undated = at(0);
    assert_false(known(chain, &server, &undated));
    assert_false(known(chain, &undated, &undated));
}

static void not_for_another_question(void **state) {
    (void)state;
    assert_true(known(chain, &server, &server));
    dtls_identity other = server;
    other.name = "other.example";
    assert_int_equal(verdict(chain, DTLS_KEY_SIGNS, anchors, &other), DTLS_ERROR_CERTIFICATE_NAME);
    assert_int_equal(verdict(chain, DTLS_KEY_DECRYPTS, anchors, &server), DTLS_ERROR_CERTIFICATE_BAD);
    other = server;
    other.peer_role = DTLS_CLIENT;
    assert_false(known(chain, &server, &other));
    other = server;
    other.name = NULL;
    assert_false(known(chain, &server, &other));
    EVP_PKEY *judged = key_of(chain, anchors, &server);
    EVP_PKEY *only_read = key_of(chain, NULL, NULL);
    assert_ptr_not_equal(judged, only_read);
    EVP_PKEY_free(judged);
    EVP_PKEY_free(only_read);
}

static void not_by_other_anchors(void **state) {
    (void)state;
    struct test_identity stranger =
        test_issue(&(struct test_request){.common_name = "stranger", .authority = true});
    dtls_trust_anchors *others = test_anchors(&stranger);
    assert_true(known(chain, &server, &server));
    assert_int_equal(verdict(chain, DTLS_KEY_SIGNS, others, &server),
                     DTLS_ERROR_CERTIFICATE_UNKNOWN_AUTHORITY);
    dtls_libcrypto_trust_anchors_free(others);
    test_identity_free(&stranger);
}

/* The bytes that the anchors' address points to are held: others cannot come to have it. */
static void anchors_that_are_gone_are_not_confused(void **state) {
    (void)state;
    dtls_trust_anchors *first = test_anchors(&root);
    EVP_PKEY_free(key_of(chain, first, &server));
    dtls_libcrypto_trust_anchors_free(first);
    dtls_trust_anchors *second = test_anchors(&root);
    assert_ptr_not_equal(first, second);
    dtls_libcrypto_trust_anchors_free(second);
}

static void not_with_a_byte_changed(void **state) {
    (void)state;
    assert_true(known(chain, &server, &server));
    uint8_t *changed = malloc(chain.len);
    assert_non_null(changed);
    memcpy(changed, chain.data, chain.len);
    changed[chain.len - 1] ^= 1;
    assert_true(verdict((dtls_span){changed, chain.len}, DTLS_KEY_SIGNS, anchors, &server) < DTLS_OK);
    assert_true(verdict((dtls_span){changed, chain.len}, DTLS_KEY_SIGNS, anchors, &server) < DTLS_OK);
    free(changed);
}

/* Two entries: the third chain takes the place of the one that was used longest ago. */
static void the_one_used_longest_ago_is_forgotten(void **state) {
    (void)state;
    struct test_identity more[2] = {issue("server.example", 0), issue("server.example", 0)};
    const dtls_span chains[3] = {chain, test_certificate_der(&more[0]), test_certificate_der(&more[1])};
    EVP_PKEY *first = key_of(chains[0], anchors, &server);
    EVP_PKEY *second = key_of(chains[1], anchors, &server);
    EVP_PKEY_free(key_of(chains[0], anchors, &server));
    EVP_PKEY_free(key_of(chains[2], anchors, &server));
    EVP_PKEY *again = key_of(chains[0], anchors, &server);
    assert_ptr_equal(first, again);
    EVP_PKEY *anew = key_of(chains[1], anchors, &server);
    assert_ptr_not_equal(second, anew);
    EVP_PKEY_free(first);
    EVP_PKEY_free(second);
    EVP_PKEY_free(again);
    EVP_PKEY_free(anew);
    for (size_t i = 0; i < 2; i++) {
        test_identity_free(&more[i]);
        free((void *)chains[i + 1].data);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_chain_is_remembered),
        cmocka_unit_test(not_past_its_lifetime),
        cmocka_unit_test(not_before_it_was_verified),
        cmocka_unit_test(not_past_its_end),
        cmocka_unit_test(not_without_dates),
        cmocka_unit_test(not_for_another_question),
        cmocka_unit_test(not_by_other_anchors),
        cmocka_unit_test(anchors_that_are_gone_are_not_confused),
        cmocka_unit_test(not_with_a_byte_changed),
        cmocka_unit_test(the_one_used_longest_ago_is_forgotten),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
