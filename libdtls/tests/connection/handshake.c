/* SPDX-License-Identifier: MIT
 *
 * Whole handshakes, client against server, on a good network.
 */
#include "connection/pair.h"

static void psk(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 60 * SECOND);
    pair_check_connected(&pair);
    pair_free(&pair);
}

static void certificates(void **state) {
    (void)state;
    struct pair pair;
    pair_init_certificates(&pair);
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 60 * SECOND);
    pair_check_connected(&pair);
    pair_free(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(psk),
        cmocka_unit_test(certificates),
    };
    return cmocka_run_group_tests(tests, credentials_make, credentials_free);
}
