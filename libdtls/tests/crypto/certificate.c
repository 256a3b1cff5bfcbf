/* SPDX-License-Identifier: MIT
 *
 * Judging certificate chains: each way to be wrong has its error (RFC 5280
 * section 6, RFC 9525, RFC 5246 section 7.4.2).
 */
#include <stdio.h>
#include <stdlib.h>

#include "dtls/libcrypto.h"
#include "support/authority.h"
#include "support/check.h"
#include "support/provider.h"

/* A server's certificate that is good in every way; tests change one thing. */
static struct test_request good_server(const struct test_identity *issuer) {
    return (struct test_request){.common_name = "server",
                                 .dns_name = "server.example",
                                 .key_usage = "critical,digitalSignature",
                                 .extended_key_usage = "serverAuth",
                                 .issuer = issuer};
}

static struct test_identity root;
static dtls_trust_anchors *anchors;

static int set_up(void **state) {
    (void)state;
    root = test_issue(&(struct test_request){.common_name = "root", .authority = true});
    anchors = test_anchors(&root);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    dtls_libcrypto_trust_anchors_free(anchors);
    test_identity_free(&root);
    return 0;
}

static dtls_error judge_chain(const dtls_trust_anchors *by, const dtls_span *chain, size_t chain_len,
                              const dtls_identity *identity) {
    uint64_t slot = 0;
    dtls_key_type type;
    dtls_error verdict = crypto->certificates_read(crypto->state, &slot, chain, chain_len, DTLS_KEY_SIGNS, by,
                                                   identity, &type);
    assert_int_equal(slot != 0, verdict == DTLS_OK);
    crypto->public_key_clear(&slot);
    return verdict;
}

static dtls_error judge(const struct test_request *request, const char *name, dtls_role role, int64_t now) {
    struct test_identity leaf = test_issue(request);
    dtls_span chain = test_certificate_der(&leaf);
    const dtls_identity identity = {.name = name, .peer_role = role, .calendar_s = now};
    dtls_error verdict = judge_chain(anchors, &chain, 1, &identity);
    free((void *)chain.data);
    test_identity_free(&leaf);
    return verdict;
}

static void a_good_chain_is_good(void **state) {
    (void)state;
    struct test_request request = good_server(&root);
    assert_int_equal(judge(&request, "server.example", DTLS_SERVER, TEST_NOW), DTLS_OK);
    assert_int_equal(judge(&request, "SERVER.example", DTLS_SERVER, TEST_NOW), DTLS_OK);
    assert_int_equal(judge(&request, NULL, DTLS_SERVER, TEST_NOW), DTLS_OK);
    request.rsa_bits = 2048;
    assert_int_equal(judge(&request, "server.example", DTLS_SERVER, TEST_NOW), DTLS_OK);
}

static void names_are_matched_by_rfc_9525(void **state) {
    (void)state;
    struct test_request request = good_server(&root);
    assert_int_equal(judge(&request, "other.example", DTLS_SERVER, TEST_NOW), DTLS_ERROR_CERTIFICATE_NAME);
    request.dns_name = "*.dtls.example";
    assert_int_equal(judge(&request, "server.dtls.example", DTLS_SERVER, TEST_NOW), DTLS_OK);
    assert_int_equal(judge(&request, "a.server.dtls.example", DTLS_SERVER, TEST_NOW),
                     DTLS_ERROR_CERTIFICATE_NAME);
    request.dns_name = "serv*.dtls.example";
    assert_int_equal(judge(&request, "server.dtls.example", DTLS_SERVER, TEST_NOW),
                     DTLS_ERROR_CERTIFICATE_NAME);
    /* The common name does not count. */
    request.dns_name = NULL;
    request.common_name = "server.example";
    assert_int_equal(judge(&request, "server.example", DTLS_SERVER, TEST_NOW), DTLS_ERROR_CERTIFICATE_NAME);
}

static void addresses_are_matched_by_rfc_9525(void **state) {
    (void)state;
    struct test_request request = good_server(&root);
    request.dns_name = "server.example,IP:192.0.2.7,IP:2001:db8::7";
    assert_int_equal(judge(&request, "192.0.2.7", DTLS_SERVER, TEST_NOW), DTLS_OK);
    assert_int_equal(judge(&request, "2001:db8::7", DTLS_SERVER, TEST_NOW), DTLS_OK);
    assert_int_equal(judge(&request, "2001:0DB8:0::0:7", DTLS_SERVER, TEST_NOW), DTLS_OK);
    assert_int_equal(judge(&request, "server.example", DTLS_SERVER, TEST_NOW), DTLS_OK);
    assert_int_equal(judge(&request, "192.0.2.8", DTLS_SERVER, TEST_NOW), DTLS_ERROR_CERTIFICATE_NAME);
    assert_int_equal(judge(&request, "2001:db8::8", DTLS_SERVER, TEST_NOW), DTLS_ERROR_CERTIFICATE_NAME);
    /* An address written where names are does not count. */
    request.dns_name = "192.0.2.7";
    assert_int_equal(judge(&request, "192.0.2.7", DTLS_SERVER, TEST_NOW), DTLS_ERROR_CERTIFICATE_NAME);
}

static void dates_are_judged_at_the_time_told(void **state) {
    (void)state;
    struct test_request request = good_server(&root);
    request.not_before = TEST_NOW;
    request.not_after = TEST_NOW + 100;
    assert_int_equal(judge(&request, NULL, DTLS_SERVER, TEST_NOW - 1), DTLS_ERROR_CERTIFICATE_EXPIRED);
    assert_int_equal(judge(&request, NULL, DTLS_SERVER, TEST_NOW), DTLS_OK);
    assert_int_equal(judge(&request, NULL, DTLS_SERVER, TEST_NOW + 99), DTLS_OK);
    assert_int_equal(judge(&request, NULL, DTLS_SERVER, TEST_NOW + 101), DTLS_ERROR_CERTIFICATE_EXPIRED);
    assert_int_equal(judge(&request, NULL, DTLS_SERVER, 0), DTLS_OK);
}

static void usage_must_fit_the_role(void **state) {
    (void)state;
    struct test_request request = good_server(&root);
    assert_int_equal(judge(&request, NULL, DTLS_CLIENT, TEST_NOW), DTLS_ERROR_CERTIFICATE_BAD);
    request.extended_key_usage = "clientAuth";
    assert_int_equal(judge(&request, NULL, DTLS_CLIENT, TEST_NOW), DTLS_OK);
    assert_int_equal(judge(&request, NULL, DTLS_SERVER, TEST_NOW), DTLS_ERROR_CERTIFICATE_BAD);
    request.extended_key_usage = NULL;
    assert_int_equal(judge(&request, NULL, DTLS_SERVER, TEST_NOW), DTLS_OK);
}

static void strangers_are_of_unknown_authority(void **state) {
    (void)state;
    struct test_identity other =
        test_issue(&(struct test_request){.common_name = "other", .authority = true});
    struct test_request request = good_server(&other);
    assert_int_equal(judge(&request, NULL, DTLS_SERVER, TEST_NOW), DTLS_ERROR_CERTIFICATE_UNKNOWN_AUTHORITY);
    request.issuer = NULL;
    assert_int_equal(judge(&request, NULL, DTLS_SERVER, TEST_NOW), DTLS_ERROR_CERTIFICATE_UNKNOWN_AUTHORITY);
    test_identity_free(&other);

    /* The right name with another key: the signature is wrong. */
    other = test_issue(&(struct test_request){.common_name = "root", .authority = true});
    request = good_server(&other);
    assert_int_equal(judge(&request, NULL, DTLS_SERVER, TEST_NOW), DTLS_ERROR_CERTIFICATE_BAD);
    test_identity_free(&other);
}

static void weak_keys_and_hashes_are_refused(void **state) {
    (void)state;
    struct test_request request = good_server(&root);
    request.rsa_bits = 1024;
    assert_int_equal(judge(&request, NULL, DTLS_SERVER, TEST_NOW), DTLS_ERROR_CERTIFICATE_BAD);
    request = good_server(&root);
    request.digest = "SHA1";
    assert_int_equal(judge(&request, NULL, DTLS_SERVER, TEST_NOW), DTLS_ERROR_CERTIFICATE_BAD);
}

static void intermediates_come_with_the_chain(void **state) {
    (void)state;
    struct test_identity middle =
        test_issue(&(struct test_request){.common_name = "middle", .authority = true, .issuer = &root});
    struct test_request request = good_server(&middle);
    struct test_identity leaf = test_issue(&request);
    dtls_span chain[] = {test_certificate_der(&leaf), test_certificate_der(&middle)};
    const dtls_identity identity = {
        .name = "server.example", .peer_role = DTLS_SERVER, .calendar_s = TEST_NOW};
    assert_int_equal(judge_chain(anchors, chain, 2, &identity), DTLS_OK);
    assert_int_equal(judge_chain(anchors, chain, 1, &identity), DTLS_ERROR_CERTIFICATE_UNKNOWN_AUTHORITY);
    assert_int_equal(judge_chain(anchors, chain, 0, &identity), DTLS_ERROR_ARGUMENT);
    assert_int_equal(judge_chain(NULL, chain, 2, &identity), DTLS_ERROR_ARGUMENT);

    /* The intermediate alone may be the anchor. */
    dtls_trust_anchors *pinned = test_anchors(&middle);
    assert_int_equal(judge_chain(pinned, chain, 1, &identity), DTLS_OK);
    dtls_libcrypto_trust_anchors_free(pinned);

    /* An end entity cannot issue. */
    struct test_request below = good_server(&leaf);
    struct test_identity forged = test_issue(&below);
    dtls_span forged_chain[] = {test_certificate_der(&forged), chain[0], chain[1]};
    assert_int_equal(judge_chain(anchors, forged_chain, 3, &identity),
                     DTLS_ERROR_CERTIFICATE_UNKNOWN_AUTHORITY);

    free((void *)forged_chain[0].data);
    for (int i = 0; i < 2; i++)
        free((void *)chain[i].data);
    test_identity_free(&forged);
    test_identity_free(&leaf);
    test_identity_free(&middle);
}

static void what_does_not_parse_is_bad(void **state) {
    (void)state;
    struct test_request request = good_server(&root);
    struct test_identity leaf = test_issue(&request);
    dtls_span whole = test_certificate_der(&leaf);
    dtls_span longer = {.data = NULL, .len = whole.len + 1};
    uint8_t *bytes = calloc(1, longer.len);
    assert_non_null(bytes);
    memcpy(bytes, whole.data, whole.len);
    longer.data = bytes;
    const dtls_span bad[] = {longer, {whole.data, whole.len - 1}, {(const uint8_t *)"x", 1}, {NULL, 0}};
    const dtls_identity identity = {.peer_role = DTLS_SERVER, .calendar_s = TEST_NOW};
    uint64_t slot = 0;
    dtls_key_type type;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(judge_chain(anchors, &bad[i], 1, &identity), DTLS_ERROR_CERTIFICATE_BAD);
        assert_int_equal(
            crypto->certificates_read(crypto->state, &slot, &bad[i], 1, DTLS_KEY_SIGNS, NULL, NULL, &type),
            DTLS_ERROR_CERTIFICATE_BAD);
        assert_true(slot == 0);
    }
    free(bytes);
    free((void *)whole.data);
    test_identity_free(&leaf);
}

static void a_key_that_may_not_sign_is_bad(void **state) {
    (void)state;
    struct test_request request = good_server(&root);
    request.key_usage = "critical,keyAgreement";
    struct test_identity leaf = test_issue(&request);
    dtls_span der = test_certificate_der(&leaf);
    uint64_t slot = 0;
    dtls_key_type type;
    assert_int_equal(
        crypto->certificates_read(crypto->state, &slot, &der, 1, DTLS_KEY_SIGNS, NULL, NULL, &type),
        DTLS_ERROR_CERTIFICATE_BAD);
    free((void *)der.data);
    test_identity_free(&leaf);
}

static void chains_are_split_into_der(void **state) {
    (void)state;
    struct test_request request = good_server(&root);
    struct test_identity leaf = test_issue(&request);
    char *pems[] = {test_certificate_pem(&leaf), test_certificate_pem(&root)};
    dtls_span expected[] = {test_certificate_der(&leaf), test_certificate_der(&root)};
    char text[8192];
    snprintf(text, sizeof text, "words before it\n%s\n%s", pems[0], pems[1]);
    const uint8_t *pem = (const uint8_t *)text;
    uint8_t out[4096];
    dtls_span spans[4];
    size_t num = 4;
    assert_int_equal(dtls_libcrypto_chain_read(pem, strlen(text), out, sizeof out, spans, &num), DTLS_OK);
    assert_int_equal(num, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(spans[i].len, expected[i].len);
        assert_memory_equal(spans[i].data, expected[i].data, expected[i].len);
    }
    num = 1;
    assert_int_equal(dtls_libcrypto_chain_read(pem, strlen(text), out, sizeof out, spans, &num),
                     DTLS_ERROR_NO_ROOM);
    num = 4;
    assert_int_equal(dtls_libcrypto_chain_read(pem, strlen(text), out, 100, spans, &num), DTLS_ERROR_NO_ROOM);
    assert_int_equal(dtls_libcrypto_chain_read(pem, 20, out, sizeof out, spans, &num), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_libcrypto_chain_read(pem, strlen(text) - 40, out, sizeof out, spans, &num),
                     DTLS_ERROR_ARGUMENT);

    dtls_trust_anchors *some = NULL;
    assert_int_equal(dtls_libcrypto_trust_anchors_read(expected[1].data, expected[1].len, &some), DTLS_OK);
    dtls_libcrypto_trust_anchors_free(some);
    assert_int_equal(dtls_libcrypto_trust_anchors_read(pem, 20, &some), DTLS_ERROR_ARGUMENT);
    assert_null(some);
    for (size_t i = 0; i < 2; i++) {
        free(pems[i]);
        free((void *)expected[i].data);
    }
    test_identity_free(&leaf);
}

/* What a program may look at before it makes a configuration. */
static void certificates_are_inspected(void **state) {
    (void)state;
    struct test_request request = good_server(&root);
    struct test_identity leaf = test_issue(&request);
    struct test_identity other = test_issue(&request);
    const dtls_span ders[] = {test_certificate_der(&leaf), test_certificate_der(&root)};
    dtls_libcrypto_certificate_facts facts;
    assert_int_equal(dtls_libcrypto_certificate_read(ders[0], &facts), DTLS_OK);
    assert_int_equal(facts.common_name_len, 6);
    assert_memory_equal(facts.common_name, "server", 6);
    assert_false(facts.self_issued);
    assert_int_equal(dtls_libcrypto_certificate_read(ders[1], &facts), DTLS_OK);
    assert_true(facts.self_issued);
    assert_true(dtls_libcrypto_certificate_issued(ders[1], ders[0]));
    assert_false(dtls_libcrypto_certificate_issued(ders[0], ders[1]));
    assert_true(dtls_libcrypto_certificate_is_for(ders[0], "server.example"));
    assert_false(dtls_libcrypto_certificate_is_for(ders[0], "server"));
    assert_false(dtls_libcrypto_certificate_is_for(ders[0], "192.0.2.1"));
    assert_false(dtls_libcrypto_certificate_is_for(ders[1], "root"));
    dtls_key_type type;
    dtls_private_key *keys[] = {test_private_key(&leaf, &type), test_private_key(&other, &type)};
    assert_true(dtls_libcrypto_private_key_fits(keys[0], ders[0]));
    assert_false(dtls_libcrypto_private_key_fits(keys[1], ders[0]));
    const dtls_span none = {.data = NULL};
    assert_false(dtls_libcrypto_private_key_fits(NULL, ders[0]));
    assert_false(dtls_libcrypto_private_key_fits(keys[0], none));
    assert_false(dtls_libcrypto_certificate_issued(none, ders[0]));
    assert_false(dtls_libcrypto_certificate_issued(ders[1], none));
    assert_int_equal(dtls_libcrypto_certificate_read(none, &facts), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_libcrypto_certificate_read(ders[0], NULL), DTLS_ERROR_ARGUMENT);
    for (size_t i = 0; i < 2; i++) {
        dtls_libcrypto_private_key_free(keys[i]);
        free((void *)ders[i].data);
    }
    test_identity_free(&other);
    test_identity_free(&leaf);
}

/* 64 characters are as many as there may be; in UTF-8 these have two bytes each. */
static void names_that_are_no_facts(void **state) {
    (void)state;
    char longest[65] = {0};
    memset(longest, 0xe9, 64);
    const char *const names[] = {NULL, longest};
    for (size_t i = 0; i < 2; i++) {
        struct test_identity made =
            test_issue(&(struct test_request){.common_name = names[i], .issuer = &root});
        const dtls_span der = test_certificate_der(&made);
        dtls_libcrypto_certificate_facts facts;
        assert_int_equal(dtls_libcrypto_certificate_read(der, &facts), DTLS_OK);
        assert_int_equal(facts.common_name_len, 0);
        free((void *)der.data);
        test_identity_free(&made);
    }
}

static void anchors_are_added_one_by_one(void **state) {
    (void)state;
    struct test_identity second =
        test_issue(&(struct test_request){.common_name = "second", .authority = true});
    const dtls_span roots[] = {test_certificate_der(&root), test_certificate_der(&second)};
    dtls_trust_anchors *both = NULL;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(dtls_libcrypto_trust_anchors_add(&both, roots[i]), DTLS_OK);
    struct test_request requests[] = {good_server(&root), good_server(&second)};
    for (size_t i = 0; i < 2; i++) {
        struct test_identity leaf = test_issue(&requests[i]);
        dtls_span chain = test_certificate_der(&leaf);
        const dtls_identity identity = {.name = "server.example", .peer_role = DTLS_SERVER};
        assert_int_equal(judge_chain(both, &chain, 1, &identity), DTLS_OK);
        free((void *)chain.data);
        free((void *)roots[i].data);
        test_identity_free(&leaf);
    }
    dtls_libcrypto_trust_anchors_free(both);
    test_identity_free(&second);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_chain_is_good),
        cmocka_unit_test(names_are_matched_by_rfc_9525),
        cmocka_unit_test(addresses_are_matched_by_rfc_9525),
        cmocka_unit_test(dates_are_judged_at_the_time_told),
        cmocka_unit_test(usage_must_fit_the_role),
        cmocka_unit_test(strangers_are_of_unknown_authority),
        cmocka_unit_test(weak_keys_and_hashes_are_refused),
        cmocka_unit_test(intermediates_come_with_the_chain),
        cmocka_unit_test(what_does_not_parse_is_bad),
        cmocka_unit_test(a_key_that_may_not_sign_is_bad),
        cmocka_unit_test(chains_are_split_into_der),
        cmocka_unit_test(certificates_are_inspected),
        cmocka_unit_test(names_that_are_no_facts),
        cmocka_unit_test(anchors_are_added_one_by_one),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
