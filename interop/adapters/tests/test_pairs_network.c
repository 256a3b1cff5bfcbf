/* SPDX-License-Identifier: MIT
 *
 * What the network does, with every pair of adapters: losses, timers, many sessions, repeatable runs.
 * Usage: test_pairs_network CLIENT SERVER
 */
#define _POSIX_C_SOURCE 199309L
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "pair.h"

#define NUM_SESSIONS 200u

struct loss {
    int side;
    unsigned first; /* datagrams `first` to `last` of the side are lost */
    unsigned last;
};

static int lose(void *user, int side, unsigned nth, const uint8_t *bytes, uint32_t len) {
    const struct loss *loss = user;

    (void)bytes;
    (void)len;
    return side == loss->side && nth >= loss->first && nth <= loss->last;
}

static void count_clean_datagrams(unsigned *out_num) {
    struct loop loop;

    pair_begin_certificate(&loop);
    pair_shake_hands(&loop);
    out_num[LOOP_CLIENT] = loop.sides[LOOP_CLIENT].num_sent;
    out_num[LOOP_SERVER] = loop.sides[LOOP_SERVER].num_sent;
    loop_end(&loop);
}

static int is_connected(const struct loop *loop) {
    return loop_count(loop, LOOP_CLIENT, DTLSLAB_EVENT_CONNECTED) == 1 &&
           loop_count(loop, LOOP_SERVER, DTLSLAB_EVENT_CONNECTED) == 1;
}

static void test_each_single_loss_is_repaired(void **state) {
    /* It never repeats a last flight that was lost; interop/expected/wolfssl.toml. */
    const int server_is_faulty = pair_is(LOOP_SERVER, "wolfssl", "5.5.");
    unsigned num_failed = 0;
    unsigned num[2];

    (void)state;
    count_clean_datagrams(num);
    for (int side = 0; side < 2; side++) {
        for (unsigned nth = 1; nth <= num[side]; nth++) {
            struct loss loss = {side, nth, nth};
            struct loop loop;

            pair_begin_certificate(&loop);
            loop.drop = lose;
            loop.user = &loss;
            const uint64_t session = loop_connect(&loop, 1);
            loop_run(&loop, DTLSLAB_NO_DEADLINE);
            if (server_is_faulty && !is_connected(&loop)) {
                num_failed++;
                loop_end(&loop);
                continue;
            }
            loop_assert_connected(&loop, 1);
            assert_true(loop_count(&loop, LOOP_CLIENT, DTLSLAB_EVENT_TIMEOUT) +
                            loop_count(&loop, LOOP_SERVER, DTLSLAB_EVENT_TIMEOUT) >=
                        1);
            pair_assert_echo(&loop, session);
            loop_end(&loop);
        }
    }
    assert_int_equal(num_failed > 0, server_is_faulty);
    assert_true(num_failed < num[LOOP_CLIENT] + num[LOOP_SERVER]);
}

static uint64_t completion_time(struct loss *loss, uint64_t initial_timeout_ns) {
    struct dtlslab_config client = loop_certificate(DTLSLAB_CLIENT, "p256");
    const struct dtlslab_config server = loop_certificate(DTLSLAB_SERVER, "p256");
    struct loop loop;

    client.initial_timeout_ns = initial_timeout_ns;
    pair_begin(&loop, &client, &server);
    loop.drop = lose;
    loop.user = loss;
    pair_shake_hands(&loop);
    assert_int_equal(loop_count(&loop, LOOP_CLIENT, DTLSLAB_EVENT_TIMEOUT), loss->last);
    const uint64_t time = loop.now;
    loop_end(&loop);
    return time;
}

/* RFC 6347 section 4.2.4.1: 1 s, doubled each time. */
static void test_three_lost_hellos_cost_seven_seconds(void **state) {
    struct loss nothing = {LOOP_CLIENT, 1, 0};
    struct loss three = {LOOP_CLIENT, 1, 3};
    struct timespec before;
    struct timespec after;

    (void)state;
    const uint64_t clean = completion_time(&nothing, 0);
    clock_gettime(CLOCK_MONOTONIC, &before);
    const uint64_t late = completion_time(&three, 0);
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_int_equal(late - clean, 7 * LOOP_SECOND);
    assert_true(after.tv_sec - before.tv_sec <= 2);
}

static void test_initial_timeout(void **state) {
    struct loss nothing = {LOOP_CLIENT, 1, 0};
    struct loss two = {LOOP_CLIENT, 1, 2};

    /* What cannot be told has the second of RFC 6347 section 4.2.4.1. */
    const int can = pair_can(LOOP_CLIENT, "initial-timeout");
    const uint64_t asked = can ? 250 * LOOP_MS : 0;
    const uint64_t timeout = can ? asked : LOOP_SECOND;

    (void)state;
    const uint64_t clean = completion_time(&nothing, asked);
    assert_int_equal(completion_time(&two, asked) - clean, 3 * timeout);
}

static void test_silence_ends_in_failure(void **state) {
    struct loss all = {LOOP_SERVER, 1, 1000000};
    struct loop loop;

    (void)state;
    pair_begin_certificate(&loop);
    loop.drop = lose;
    loop.user = &all;
    pair_fail_to_shake_hands(&loop, LOOP_CLIENT);
    assert_true(loop.now > 30 * LOOP_SECOND);
    loop_end(&loop);
}

static void run_with_seed(uint64_t seed, uint64_t *out_digests) {
    struct dtlslab_config client = loop_certificate(DTLSLAB_CLIENT, "p256");
    struct dtlslab_config server = loop_certificate(DTLSLAB_SERVER, "p256");
    struct loss loss = {LOOP_SERVER, 2, 2};
    struct loop loop;

    client.seed = server.seed = seed;
    server.cookies = DTLSLAB_ON;
    pair_begin(&loop, &client, &server);
    loop.drop = lose;
    loop.user = &loss;
    pair_assert_echo(&loop, pair_shake_hands(&loop));
    out_digests[LOOP_CLIENT] = loop.sides[LOOP_CLIENT].digest;
    out_digests[LOOP_SERVER] = loop.sides[LOOP_SERVER].digest;
    loop_end(&loop);
}

static void test_same_seed_same_datagrams(void **state) {
    uint64_t first[2];
    uint64_t again[2];
    uint64_t other[2];

    (void)state;
    run_with_seed(7, first);
    run_with_seed(8, other);
    run_with_seed(7, again);
    for (int side = 0; side < 2; side++) {
        assert_true(first[side] == again[side]);
        assert_true(first[side] != other[side]);
    }
}

static void test_many_sessions(void **state) {
    uint64_t sessions[NUM_SESSIONS];
    struct loop loop;

    (void)state;
    pair_begin_certificate(&loop);
    for (uint64_t i = 0; i < NUM_SESSIONS; i++)
        sessions[i] = loop_connect(&loop, 1000 + i);
    loop_run(&loop, DTLSLAB_NO_DEADLINE);
    loop_assert_connected(&loop, NUM_SESSIONS);
    assert_int_equal(loop_count(&loop, LOOP_SERVER, DTLSLAB_EVENT_SESSION_NEW), NUM_SESSIONS);
    for (size_t i = 0; i < NUM_SESSIONS; i++)
        assert_int_equal(loop_send(&loop, LOOP_CLIENT, sessions[i], "ping", 4), DTLSLAB_OK);
    loop_run(&loop, DTLSLAB_NO_DEADLINE);
    assert_int_equal(loop.sides[LOOP_SERVER].num_data, NUM_SESSIONS);
    loop_end(&loop);
}

/* A client that comes back on the same path after its session ended is a new session. */
static void test_path_is_used_again(void **state) {
    struct loop loop;

    (void)state;
    pair_begin_certificate(&loop);
    loop_close(&loop, LOOP_CLIENT, pair_shake_hands(&loop));
    loop_run(&loop, DTLSLAB_NO_DEADLINE);
    const uint64_t session = loop_connect(&loop, 1);
    loop_run(&loop, DTLSLAB_NO_DEADLINE);
    loop_assert_connected(&loop, 2);
    assert_int_equal(loop_count(&loop, LOOP_SERVER, DTLSLAB_EVENT_SESSION_NEW), 2);
    pair_assert_echo(&loop, session);
    loop_end(&loop);
}

/* wolfSSL 5.5 ends sessions at what is no record; conformance/expected/wolfssl.toml. */
static void receive_noise(struct loop *loop, int side, uint64_t path, const uint8_t *noise, uint32_t len) {
    if (!pair_is(side, "wolfssl", "5.5."))
        loop_receive(loop, side, path, noise, len);
}

/* RFC 6347 section 4.1.2.7: what is no record is dropped. */
static void test_noise_is_survived(void **state) {
    static const uint8_t noise[3][40] = {
        {0}, {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1}, {255, 255}};
    struct loop loop;

    (void)state;
    pair_begin_certificate(&loop);
    const uint64_t session = loop_connect(&loop, 1);
    for (size_t i = 0; i < 3; i++) {
        receive_noise(&loop, LOOP_CLIENT, 1, noise[i], sizeof noise[i]);
        receive_noise(&loop, LOOP_CLIENT, 99, noise[i], sizeof noise[i]);
    }
    loop_run(&loop, DTLSLAB_NO_DEADLINE);
    for (size_t i = 0; i < 3; i++) {
        receive_noise(&loop, LOOP_CLIENT, 1, noise[i], sizeof noise[i]);
        receive_noise(&loop, LOOP_SERVER, 1, noise[i], sizeof noise[i]);
    }
    loop_assert_connected(&loop, 1);
    pair_assert_echo(&loop, session);
    loop_end(&loop);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_single_loss_is_repaired),
        cmocka_unit_test(test_three_lost_hellos_cost_seven_seconds),
        cmocka_unit_test(test_initial_timeout),
        cmocka_unit_test(test_silence_ends_in_failure),
        cmocka_unit_test(test_same_seed_same_datagrams),
        cmocka_unit_test(test_many_sessions),
        cmocka_unit_test(test_path_is_used_again),
        cmocka_unit_test(test_noise_is_survived),
    };

    return pair_take_arguments(argc, argv) ? cmocka_run_group_tests(tests, NULL, NULL) : 2;
}
