/* SPDX-License-Identifier: MIT
 *
 * The memory carrier: what its parameters do, exactly or within the bounds of chance.
 */
#include <string.h>

#include "check.h"
#include "pair.h"

static const uint8_t zeroes[DTLSLAB_MAX_DATAGRAM];

/* A network of two nodes, with the path from 0 to 1. */
struct network {
    const struct dtlslab_carrier_api *api;
    struct dtlslab_carrier *carrier;
};

static struct network open_network(const struct dtlslab_parameter *parameters, uint32_t num, uint64_t seed,
                                   uint64_t run) {
    struct network network = {.api = dtlslab_memory_carrier()};
    char message[DTLSLAB_MAX_TEXT] = "";
    int32_t result = network.api->create(2, seed, run, parameters, num, &network.carrier, message);
    assert_string_equal(message, "");
    assert_int_equal(result, DTLSLAB_OK);
    return network;
}

static void send_to(struct network *network, uint32_t from, uint64_t datagram, uint32_t len) {
    uint64_t path;
    assert_int_equal(network->api->path(network->carrier, from, 1 - from, &path), DTLSLAB_OK);
    assert_int_equal(network->api->send(network->carrier, from, path, datagram, 0, zeroes, len), DTLSLAB_OK);
}

static struct dtlslab_arrival next(struct network *network) {
    struct dtlslab_arrival arrival;
    assert_int_equal(network->api->run(network->carrier, DTLSLAB_NO_DEADLINE, &arrival), DTLSLAB_OK);
    return arrival;
}

static void nothing_left(struct network *network) {
    struct dtlslab_arrival arrival;
    assert_int_equal(network->api->idle(network->carrier), 1);
    assert_int_equal(network->api->run(network->carrier, DTLSLAB_NO_DEADLINE, &arrival), DTLSLAB_NOTHING);
    network->api->destroy(network->carrier);
}

/* Sends `num` datagrams and counts how many arrivals of `kind` there are. */
static uint32_t count(const struct dtlslab_parameter *parameter, uint64_t seed, uint64_t run, uint32_t num,
                      uint32_t kind) {
    struct network network = open_network(parameter, 1, seed, run);
    struct dtlslab_arrival arrival;
    uint32_t found = 0;
    for (uint32_t i = 0; i < num; i++) {
        send_to(&network, 0, i + 1, 1);
        while (network.api->run(network.carrier, DTLSLAB_NO_DEADLINE, &arrival) == DTLSLAB_OK)
            found += arrival.kind == kind;
    }
    nothing_left(&network);
    return found;
}

static void losses_and_duplicates_keep_within_binomial_bounds(void **state) {
    (void)state;
    /* 10,000 trials at p = 0.1 have a standard deviation of 30; five of them are left by chance once in a
     * million. */
    const struct dtlslab_parameter loss = {"loss", "0.1"};
    const struct dtlslab_parameter duplicate = {"duplicate", "0.1"};
    for (uint64_t seed = 1; seed <= 5; seed++) {
        assert_in_range(count(&loss, seed, 1, 10000, DTLSLAB_ARRIVAL_LOST), 850, 1150);
        assert_in_range(count(&duplicate, seed, 1, 10000, DTLSLAB_ARRIVAL_DELIVERED), 10850, 11150);
    }
    const struct dtlslab_parameter all = {"loss", "1"};
    assert_int_equal(count(&all, 1, 1, 100, DTLSLAB_ARRIVAL_LOST), 100);
    const struct dtlslab_parameter one_way = {"loss.1-0", "1"};
    assert_int_equal(count(&one_way, 1, 1, 100, DTLSLAB_ARRIVAL_LOST), 0);
}

static void runs_and_seeds_give_streams_of_their_own(void **state) {
    (void)state;
    const struct dtlslab_parameter half = {"loss", "0.5"};
    uint64_t seen[4];
    const uint64_t settings[4][2] = {{1, 1}, {1, 1}, {1, 2}, {2, 1}};
    for (int i = 0; i < 4; i++) {
        struct network network = open_network(&half, 1, settings[i][0], settings[i][1]);
        seen[i] = 0;
        for (uint64_t bit = 0; bit < 64; bit++) {
            send_to(&network, 0, bit + 1, 1);
            seen[i] |= (uint64_t)(next(&network).kind == DTLSLAB_ARRIVAL_LOST) << bit;
        }
        nothing_left(&network);
    }
    assert_true(seen[0] == seen[1]);
    assert_true(seen[0] != seen[2]);
    assert_true(seen[0] != seen[3]);
    assert_true(seen[2] != seen[3]);
}

static void rate_and_delay_add_up_exactly(void **state) {
    (void)state;
    const struct dtlslab_parameter parameters[] = {{"rate", "8Mbps"}, {"delay", "5ms"}, {"delay.1-0", "7ms"}};
    struct network network = open_network(parameters, 3, 1, 1);
    send_to(&network, 0, 1, 1000); /* a millisecond on the line each */
    send_to(&network, 0, 2, 1000);
    send_to(&network, 1, 3, 500);
    assert_int_equal(next(&network).time, 6 * MS);
    struct dtlslab_arrival second = next(&network);
    assert_int_equal(second.datagram, 2);
    assert_int_equal(second.time, 7 * MS);
    assert_int_equal(next(&network).time, 7 * MS + MS / 2);
    nothing_left(&network);
}

static void a_full_queue_and_a_large_payload_are_lost_at_once(void **state) {
    (void)state;
    const struct dtlslab_parameter parameters[] = {{"rate", "8Mbps"}, {"queue", "2"}, {"mtu", "1000"}};
    struct network network = open_network(parameters, 3, 1, 1);
    send_to(&network, 0, 9, 1001);
    for (uint64_t i = 1; i <= 4; i++) { /* one on the line, two waiting, one too many */
        send_to(&network, 0, i, 1000);
    }
    struct dtlslab_arrival lost = next(&network);
    assert_int_equal(lost.kind, DTLSLAB_ARRIVAL_LOST);
    assert_int_equal(lost.datagram, 9);
    assert_string_equal(lost.reason, "mtu");
    lost = next(&network);
    assert_int_equal(lost.kind, DTLSLAB_ARRIVAL_LOST);
    assert_int_equal(lost.datagram, 4);
    assert_string_equal(lost.reason, "queue");
    assert_int_equal(lost.time, 0);
    assert_int_equal(next(&network).time, 1 * MS);
    send_to(&network, 0, 5, 1000); /* there is room again */
    assert_int_equal(next(&network).time, 2 * MS);
    assert_int_equal(next(&network).time, 3 * MS);
    assert_int_equal(next(&network).time, 4 * MS);
    nothing_left(&network);
}

static void jitter_keeps_the_order_and_reorder_breaks_it(void **state) {
    (void)state;
    const struct dtlslab_parameter jitter[] = {{"delay", "10ms"}, {"jitter", "10ms"}};
    struct network network = open_network(jitter, 2, 1, 1);
    for (uint64_t i = 1; i <= 100; i++)
        send_to(&network, 0, i, 1);
    uint64_t last = 10 * MS;
    for (uint64_t i = 1; i <= 100; i++) {
        struct dtlslab_arrival arrival = next(&network);
        assert_int_equal(arrival.datagram, i);
        assert_in_range(arrival.time, last, 20 * MS);
        last = arrival.time;
    }
    assert_in_range(last, 18 * MS, 20 * MS);
    nothing_left(&network);

    const struct dtlslab_parameter reorder[] = {{"reorder", "0.1"}, {"reorder-delay", "3ms"}};
    network = open_network(reorder, 2, 1, 1);
    uint32_t late = 0;
    for (uint64_t i = 1; i <= 1000; i++)
        send_to(&network, 0, i, 1);
    for (uint64_t i = 1; i <= 1000; i++) {
        struct dtlslab_arrival arrival = next(&network);
        assert_true(arrival.time == 0 || arrival.time == 3 * MS);
        late += arrival.time != 0;
    }
    assert_in_range(late, 53, 147); /* five standard deviations about 100 */
    nothing_left(&network);
}

static void one_parameter_does_not_change_what_another_decides(void **state) {
    (void)state;
    const struct dtlslab_parameter both[] = {{"loss", "0.3"}, {"duplicate", "0.5"}, {"jitter", "1ms"}};
    bool lost[2][100];
    for (uint32_t num = 1; num <= 3; num += 2) {
        struct network network = open_network(both, num, 7, 7);
        struct dtlslab_arrival arrival;
        for (uint64_t i = 0; i < 100; i++) {
            send_to(&network, 0, i + 1, 1);
            lost[num / 2][i] = next(&network).kind == DTLSLAB_ARRIVAL_LOST;
            while (network.api->run(network.carrier, DTLSLAB_NO_DEADLINE, &arrival) == DTLSLAB_OK) {}
        }
        nothing_left(&network);
    }
    assert_memory_equal(lost[0], lost[1], sizeof lost[0]);
}

static void time_advances_to_until_and_never_back(void **state) {
    (void)state;
    const struct dtlslab_parameter delay = {"delay", "10ms"};
    struct network network = open_network(&delay, 1, 1, 1);
    struct dtlslab_arrival arrival;
    assert_int_equal(network.api->run(network.carrier, 4 * MS, &arrival), DTLSLAB_NOTHING);
    assert_int_equal(network.api->now(network.carrier), 4 * MS);
    assert_int_equal(network.api->run(network.carrier, 1 * MS, &arrival), DTLSLAB_NOTHING);
    assert_int_equal(network.api->now(network.carrier), 4 * MS);
    send_to(&network, 0, 1, 1);
    assert_int_equal(network.api->run(network.carrier, 14 * MS - 1, &arrival), DTLSLAB_NOTHING);
    assert_int_equal(network.api->run(network.carrier, 14 * MS, &arrival), DTLSLAB_OK);
    nothing_left(&network);
}

static void wrong_calls_are_refused(void **state) {
    (void)state;
    const struct dtlslab_carrier_api *api = dtlslab_memory_carrier();
    struct network network = open_network(NULL, 0, 1, 1);
    char message[DTLSLAB_MAX_TEXT];
    uint64_t path;
    uint32_t peer;
    assert_int_equal(api->path(network.carrier, 0, 0, &path), DTLSLAB_INVALID);
    assert_int_equal(api->path(network.carrier, 0, 2, &path), DTLSLAB_INVALID);
    assert_int_equal(api->peer(network.carrier, 0, 0, &peer), DTLSLAB_INVALID);
    assert_int_equal(api->peer(network.carrier, 0, 3, &peer), DTLSLAB_INVALID);
    assert_int_equal(api->send(network.carrier, 0, 7, 1, 0, zeroes, 1), DTLSLAB_INVALID);
    assert_int_equal(api->num_nodes(network.carrier), 2);
    nothing_left(&network);
    struct dtlslab_carrier *carrier;
    const struct dtlslab_parameter wrong = {"queue", "0"};
    assert_int_equal(api->create(2, 1, 1, &wrong, 1, &carrier, message), DTLSLAB_INVALID);
    assert_string_equal(message,
                        "memory carrier: parameter queue=0: expected a whole number from 1 to 1000000");
    assert_int_equal(api->create(0, 1, 1, NULL, 0, &carrier, message), DTLSLAB_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(losses_and_duplicates_keep_within_binomial_bounds),
        cmocka_unit_test(runs_and_seeds_give_streams_of_their_own),
        cmocka_unit_test(rate_and_delay_add_up_exactly),
        cmocka_unit_test(a_full_queue_and_a_large_payload_are_lost_at_once),
        cmocka_unit_test(jitter_keeps_the_order_and_reorder_breaks_it),
        cmocka_unit_test(one_parameter_does_not_change_what_another_decides),
        cmocka_unit_test(time_advances_to_until_and_never_back),
        cmocka_unit_test(wrong_calls_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
