/* SPDX-License-Identifier: MIT
 *
 * Bad networks (RFC 6347 sections 4.2.3 and 4.2.4): every loss, duplicate and
 * delay of one datagram, and every loss of two, in every kind of handshake at
 * several path MTUs; each must end in the same handshake.
 */
#include "connection/pair.h"

struct kind {
    const char *name;
    void (*init)(struct pair *pair);
    bool client_auth;
    bool cookies;
};

static const struct kind kinds[] = {
    {"psk", pair_init_psk, false, false},
    {"psk, cookies", pair_init_psk, false, true},
    {"certificates", pair_init_certificates, false, false},
    {"certificates, cookies", pair_init_certificates, false, true},
    {"certificates, client auth", pair_init_certificates, true, false},
    {"certificates, client auth, cookies", pair_init_certificates, true, true},
};

static const size_t mtus[] = {128, 256, 512, 1200};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void init(struct pair *pair, const struct kind *kind, size_t mtu) {
    kind->init(pair);
    pair->cookies = kind->cookies;
    pair->ends[CLIENT_END].config.mtu = mtu;
    pair->ends[SERVER_END].config.mtu = mtu;
    if (kind->client_auth)
        pair->ends[SERVER_END].config.client_auth = DTLS_CLIENT_AUTH_REQUIRE;
}

/* Runs the script that stands in the pair, and checks how it ended. Returns the time it took. */
static uint64_t run(struct pair *pair) {
    pair_open(pair);
    const uint64_t start = pair->now.monotonic_ns;
    pair_run(pair, start + 170 * SECOND);
    const uint64_t took = pair->now.monotonic_ns - start;
    pair_check_connected(pair);
    pair_free(pair);
    return took;
}

/* Datagrams of a handshake on a good network. */
static unsigned clean_datagrams(const struct kind *kind, size_t mtu) {
    struct pair pair;
    init(&pair, kind, mtu);
    const uint64_t took = run(&pair);
    assert_int_equal(pair.ends[0].num_retransmitted + pair.ends[1].num_retransmitted, 0);
    assert_true(took <= (kind->cookies ? 6 : 4) * ONE_WAY);
    return pair.num_datagrams;
}

static void each_datagram(enum fate fate) {
    for (size_t k = 0; k < COUNT(kinds); k++) {
        for (size_t m = 0; m < COUNT(mtus); m++) {
            const unsigned num = clean_datagrams(&kinds[k], mtus[m]);
            for (unsigned i = 0; i < num && i < MAX_SCRIPT; i++) {
                struct pair pair;
                init(&pair, &kinds[k], mtus[m]);
                pair.script[i] = fate;
                const uint64_t took = run(&pair);
                /* One loss costs one timeout; a datagram that comes twice, or late, costs none, unless it is
                 * the beginning of a ClientHello in fragments, of which a stateless server keeps nothing. */
                const bool stateless = kinds[k].cookies && mtus[m] == 128;
                assert_true(took <= (fate == DROP || (fate == DELAY && stateless) ? SECOND + 8 * ONE_WAY
                                                                                  : SECOND / 2));
                if (fate == DUPLICATE)
                    assert_int_equal(pair.ends[0].num_retransmitted + pair.ends[1].num_retransmitted, 0);
            }
        }
    }
}

static void every_single_loss(void **state) {
    (void)state;
    each_datagram(DROP);
}

static void every_single_duplicate(void **state) {
    (void)state;
    each_datagram(DUPLICATE);
}

static void every_single_delay(void **state) {
    (void)state;
    each_datagram(DELAY);
}

static void every_double_loss(void **state) {
    (void)state;
    static const size_t some_mtus[] = {256, 1200};
    for (size_t k = 0; k < COUNT(kinds); k++) {
        for (size_t m = 0; m < COUNT(some_mtus); m++) {
            /* A loss makes more datagrams: those of the repetition can be lost, too. */
            const unsigned num = 2 * clean_datagrams(&kinds[k], some_mtus[m]);
            for (unsigned i = 0; i < num; i++) {
                for (unsigned j = 0; j < i && i < MAX_SCRIPT; j++) {
                    struct pair pair;
                    init(&pair, &kinds[k], some_mtus[m]);
                    pair.script[i] = DROP;
                    pair.script[j] = DROP;
                    assert_true(run(&pair) <= 7 * SECOND);
                }
            }
        }
    }
}

/* All datagrams of the first second take their time at random; what comes is the same handshake. */
static void shuffled(void **state) {
    (void)state;
    uint32_t random = 1;
    for (unsigned round = 0; round < 300; round++) {
        struct pair pair;
        init(&pair, &kinds[round % COUNT(kinds)], mtus[round / COUNT(kinds) % COUNT(mtus)]);
        for (size_t i = 0; i < MAX_SCRIPT; i++) {
            random = random * 1664525 + 1013904223;
            pair.script[i] = (enum fate)(random >> 28 & 3);
            if (pair.script[i] == DROP && (random >> 20 & 3) != 0)
                pair.script[i] = DELAY;
        }
        run(&pair);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_single_loss),  cmocka_unit_test(every_single_duplicate),
        cmocka_unit_test(every_single_delay), cmocka_unit_test(every_double_loss),
        cmocka_unit_test(shuffled),
    };
    return cmocka_run_group_tests(tests, credentials_make, credentials_free);
}
