/* SPDX-License-Identifier: MIT
 *
 * TLS_FALLBACK_SCSV (RFC 7507): a client that tries again at a lower version
 * says so, and a server that has a higher one does not go along.
 */
#include "connection/pair.h"

static const dtls_protocol *const client_1_0[] = {&dtls_client_1_0, NULL};
static const dtls_protocol *const client_both[] = {&dtls_client_1_2, &dtls_client_1_0, NULL};
static const dtls_protocol *const server_1_0[] = {&dtls_server_1_0, NULL};
static const dtls_protocol *const server_both[] = {&dtls_server_1_2, &dtls_server_1_0, NULL};

static void run(struct pair *pair, const dtls_protocol *const *server, bool fallback) {
    static const dtls_cipher_suite *const suites[] = {&dtls_suite_psk_aes_128_cbc_sha, NULL};
    pair_init_psk(pair);
    for (int end = 0; end < 2; end++)
        pair->ends[end].config.cipher_suites = suites;
    pair->ends[CLIENT_END].config.protocols = client_1_0;
    pair->ends[CLIENT_END].config.fallback_scsv = fallback;
    pair->ends[SERVER_END].config.protocols = server;
    pair_open(pair);
    pair_run(pair, pair->now.monotonic_ns + 10 * SECOND);
}

static void inappropriate(void **state) {
    (void)state;
    struct pair pair;
    run(&pair, server_both, true);
    const dtls_failure *failure = dtls_connection_get_failure(pair.ends[SERVER_END].connection);
    assert_non_null(failure);
    assert_int_equal(failure->error, DTLS_ERROR_INAPPROPRIATE_FALLBACK);
    assert_int_equal(failure->alert, DTLS_ALERT_INAPPROPRIATE_FALLBACK);
    assert_string_equal(failure->field, "client_version");
    assert_true(pair.ends[CLIENT_END].failed);
    assert_int_equal(pair.ends[CLIENT_END].last_alert_received.alert, DTLS_ALERT_INAPPROPRIATE_FALLBACK);
    pair_free(&pair);
}

/* The server has nothing better, or the client has not fallen back. */
static void appropriate(void **state) {
    (void)state;
    for (int fallback = 0; fallback < 2; fallback++) {
        struct pair pair;
        run(&pair, fallback ? server_1_0 : server_both, fallback);
        pair_check_connected(&pair);
        assert_int_equal(dtls_connection_get_info(pair.ends[CLIENT_END].connection)->version,
                         DTLS_VERSION_1_0);
        pair_free(&pair);
    }
}

/* There is nothing to fall back from. */
static void not_with_the_highest_version(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    dtls_config *config = &pair.ends[CLIENT_END].config;
    config->fallback_scsv = true;
    dtls_config_problem problem;
    assert_int_equal(dtls_config_check(config, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, "fallback_scsv");
    config->protocols = client_both;
    assert_int_equal(dtls_config_check(config, NULL), DTLS_ERROR_CONFIG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inappropriate),
        cmocka_unit_test(appropriate),
        cmocka_unit_test(not_with_the_highest_version),
    };
    return cmocka_run_group_tests(tests, credentials_make, credentials_free);
}
