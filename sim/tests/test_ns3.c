/* SPDX-License-Identifier: MIT
 *
 * The ns-3 carrier: exact times, losses that are told, streams that depend on
 * nothing but seed and run, and ns-3's own capture against ours.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "pair.h"
#include "pcap.h"

static const struct dtlslab_carrier_api *ns3;
static char text[256 * 1024];
/* What caches of the C library and of ns-3 may take in 1800 worlds; a leak of a datagram each takes more. */
#define MAX_GROWTH ((size_t)64 * 1024)

static const uint8_t zeroes[DTLSLAB_MAX_DATAGRAM];

static int load(void **state) {
    (void)state;
    char message[DTLSLAB_MAX_TEXT];
    if (dtlslab_load_carrier(NS3_CARRIER, &ns3, message) != DTLSLAB_OK) {
        (void)fprintf(stderr, "%s\n", message);
        return -1;
    }
    return 0;
}

static struct dtlslab_carrier *open_carrier(uint32_t num_nodes, const struct dtlslab_parameter *parameters,
                                            uint32_t num) {
    char message[DTLSLAB_MAX_TEXT] = "";
    struct dtlslab_carrier *carrier;
    (void)ns3->create(num_nodes, 1, 1, parameters, num, &carrier, message);
    assert_string_equal(message, "");
    return carrier;
}

static void send_to(struct dtlslab_carrier *carrier, uint32_t from, uint32_t to, uint64_t datagram,
                    uint32_t len) {
    uint64_t path;
    assert_int_equal(ns3->path(carrier, from, to, &path), DTLSLAB_OK);
    assert_int_equal(ns3->send(carrier, from, path, datagram, 0, zeroes, len), DTLSLAB_OK);
}

static struct dtlslab_arrival next(struct dtlslab_carrier *carrier) {
    struct dtlslab_arrival arrival = {0};
    assert_int_equal(ns3->run(carrier, DTLSLAB_NO_DEADLINE, &arrival), DTLSLAB_OK);
    return arrival;
}

static void nothing_left(struct dtlslab_carrier *carrier) {
    struct dtlslab_arrival arrival;
    assert_int_equal(ns3->idle(carrier), 1);
    assert_int_equal(ns3->run(carrier, DTLSLAB_NO_DEADLINE, &arrival), DTLSLAB_NOTHING);
    ns3->destroy(carrier);
}

static void delivered(struct dtlslab_carrier *carrier, uint64_t datagram, uint64_t time) {
    struct dtlslab_arrival arrival = next(carrier);
    assert_int_equal(arrival.kind, DTLSLAB_ARRIVAL_DELIVERED);
    assert_int_equal(arrival.datagram, datagram);
    assert_int_equal(arrival.time, time);
    assert_int_equal(ns3->now(carrier), time);
}

static void lost(struct dtlslab_carrier *carrier, uint64_t datagram, const char *reason) {
    struct dtlslab_arrival arrival = next(carrier);
    assert_int_equal(arrival.kind, DTLSLAB_ARRIVAL_LOST);
    assert_int_equal(arrival.datagram, datagram);
    assert_string_equal(arrival.reason, reason);
}

static void rate_and_delay_add_up_exactly(void **state) {
    (void)state;
    /* 8 Mbit/s: a byte in a microsecond. Headers: PPP 2, IP 20 or 40, UDP 8. */
    const struct dtlslab_parameter ipv4[] = {{"rate", "8Mbps"}, {"delay", "5ms"}};
    struct dtlslab_carrier *carrier = open_carrier(2, ipv4, 2);
    send_to(carrier, 0, 1, 1, 970);
    send_to(carrier, 0, 1, 2, 970);
    send_to(carrier, 1, 0, 3, 470);
    delivered(carrier, 3, 5 * MS + MS / 2);
    delivered(carrier, 1, 6 * MS);
    delivered(carrier, 2, 7 * MS);
    nothing_left(carrier);

    const struct dtlslab_parameter ipv6[] = {{"rate", "8Mbps"}, {"delay", "5ms"}, {"ip", "6"}};
    carrier = open_carrier(2, ipv6, 3);
    send_to(carrier, 0, 1, 1, 950);
    delivered(carrier, 1, 6 * MS);
    send_to(carrier, 1, 0, 2, 0);
    delivered(carrier, 2, 11 * MS + 50000);
    nothing_left(carrier);
}

static void time_stops_at_until(void **state) {
    (void)state;
    const struct dtlslab_parameter parameters[] = {{"rate", "8Mbps"}, {"delay", "5ms"}};
    struct dtlslab_carrier *carrier = open_carrier(2, parameters, 2);
    struct dtlslab_arrival arrival;
    assert_int_equal(ns3->run(carrier, 3 * MS, &arrival), DTLSLAB_NOTHING);
    assert_int_equal(ns3->now(carrier), 3 * MS);
    assert_int_equal(ns3->run(carrier, 1 * MS, &arrival), DTLSLAB_NOTHING);
    assert_int_equal(ns3->now(carrier), 3 * MS);
    uint64_t path;
    assert_int_equal(ns3->path(carrier, 0, 1, &path), DTLSLAB_OK);
    assert_int_equal(ns3->send(carrier, 0, path, 7, 2 * MS, zeroes, 970), DTLSLAB_OK);
    assert_int_equal(ns3->idle(carrier), 0);
    assert_int_equal(ns3->run(carrier, 11 * MS - 1, &arrival), DTLSLAB_NOTHING);
    assert_int_equal(ns3->now(carrier), 11 * MS - 1);
    assert_int_equal(ns3->run(carrier, 20 * MS, &arrival), DTLSLAB_OK);
    assert_int_equal(arrival.time, 11 * MS);
    assert_int_equal(arrival.len, 970);
    assert_int_equal(ns3->run(carrier, 20 * MS, &arrival), DTLSLAB_NOTHING);
    assert_int_equal(ns3->now(carrier), 20 * MS);
    nothing_left(carrier);
}

static void losses_are_told_and_keep_within_binomial_bounds(void **state) {
    (void)state;
    const struct dtlslab_parameter loss = {"loss", "0.1"};
    struct dtlslab_carrier *carrier = open_carrier(2, &loss, 1);
    uint32_t num_lost = 0;
    for (uint64_t i = 1; i <= 10000; i++) {
        send_to(carrier, (uint32_t)(i % 2), (uint32_t)(1 - i % 2), i, 10);
        struct dtlslab_arrival arrival = next(carrier);
        assert_int_equal(arrival.datagram, i);
        num_lost += arrival.kind == DTLSLAB_ARRIVAL_LOST;
    }
    assert_in_range(num_lost, 850, 1150); /* five standard deviations about 1000 */
    nothing_left(carrier);

    const struct dtlslab_parameter one_way = {"loss.0-1", "1"};
    carrier = open_carrier(2, &one_way, 1);
    send_to(carrier, 0, 1, 1, 10);
    lost(carrier, 1, "loss");
    send_to(carrier, 1, 0, 2, 10);
    assert_int_equal(next(carrier).kind, DTLSLAB_ARRIVAL_DELIVERED);
    nothing_left(carrier);
}

static void a_full_queue_loses(void **state) {
    (void)state;
    const struct dtlslab_parameter queue = {"queue", "2"};
    struct dtlslab_carrier *carrier = open_carrier(2, &queue, 1);
    for (uint64_t i = 1; i <= 4; i++) { /* one on the line, two waiting, one too many */
        send_to(carrier, 0, 1, i, 100);
    }
    lost(carrier, 4, "queue");
    for (uint64_t i = 1; i <= 3; i++)
        assert_int_equal(next(carrier).datagram, i);
    nothing_left(carrier);
}

static void large_datagrams_travel_in_fragments(void **state) {
    (void)state;
    const struct dtlslab_parameter small[] = {
        {"rate", "8Mbps"}, {"delay", "5ms"}, {"mtu", "1020"}, {NULL, NULL}};
    struct dtlslab_carrier *carrier = open_carrier(2, small, 3);
    /* 1992 + 8 bytes of UDP in two fragments of 1000, each with 22 bytes of headers. */
    send_to(carrier, 0, 1, 1, 1992);
    delivered(carrier, 1, 5 * MS + 2 * UINT64_C(1022000));
    send_to(carrier, 0, 1, 2, 65507);
    assert_int_equal(next(carrier).len, 65507);
    send_to(carrier, 0, 1, 3, 65508);
    lost(carrier, 3, "size");
    nothing_left(carrier);

    const struct dtlslab_parameter lossy[] = {{"mtu", "576"}, {"loss", "0.5"}};
    carrier = open_carrier(2, lossy, 2);
    uint32_t num_lost = 0;
    for (uint64_t i = 1; i <= 200; i++) { /* four fragments: 15 of 16 do not arrive */
        send_to(carrier, 0, 1, i, 2000);
        struct dtlslab_arrival arrival = next(carrier);
        assert_int_equal(arrival.datagram, i);
        num_lost += arrival.kind == DTLSLAB_ARRIVAL_LOST;
    }
    assert_in_range(num_lost, 170, 199);
    nothing_left(carrier);

    const struct dtlslab_parameter ipv6[] = {{"ip", "6"}, {"mtu", "1280"}};
    carrier = open_carrier(2, ipv6, 2);
    send_to(carrier, 0, 1, 1, 4000);
    assert_int_equal(next(carrier).len, 4000);
    nothing_left(carrier);
}

static void more_nodes_have_a_router_between_them(void **state) {
    (void)state;
    for (uint32_t ip = 0; ip < 2; ip++) {
        const struct dtlslab_parameter parameters[] = {{"rate", "8Mbps"},
                                                       {"delay", "5ms"},
                                                       {"delay.2", "7ms"},
                                                       {"loss.3", "1"},
                                                       {"ip", ip == 0 ? "4" : "6"}};
        uint32_t len = ip == 0 ? 970 : 950;
        struct dtlslab_carrier *carrier = open_carrier(4, parameters, 5);
        send_to(carrier, 0, 1, 1, len);
        delivered(carrier, 1, 12 * MS);
        send_to(carrier, 1, 2, 2, len);
        delivered(carrier, 2, 26 * MS);
        send_to(carrier, 0, 3, 3, len);
        lost(carrier, 3, "loss");
        nothing_left(carrier);
    }
}

/* The log of one lossy world as text. */
static char *log_of(uint64_t seed, uint64_t run) {
    const struct dtlslab_parameter parameters[] = {{"loss", "0.3"}, {NULL, NULL}};
    struct pair pair;
    pair_open(&pair, ns3, seed, run, parameters);
    for (uint32_t i = 0; i < 10; i++) {
        pair_connect(&pair);
        (void)pair_run(&pair, (uint64_t)(i + 1) * 20 * SECOND, 0);
    }
    pair_log(&pair, text, sizeof text);
    pair_close(&pair);
    return strdup(text);
}

static void the_log_depends_on_seed_and_run_alone(void **state) {
    (void)state;
    char *first = log_of(7, 1);
    char *other_run = log_of(7, 2);
    char *other_seed = log_of(8, 1);
    char *again = log_of(7, 1);
    assert_string_equal(first, again);
    assert_string_not_equal(first, other_run);
    assert_string_not_equal(first, other_seed);
    assert_true(lines_with(first, "lost") > 0);
    free(first);
    free(other_run);
    free(other_seed);
    free(again);
}

static int32_t drop_three(void *user, const struct dtlslab_passing *passing, struct dtlslab_fate *out_fate) {
    (void)user;
    out_fate->kind = passing->from == 0 && passing->nth <= 3 ? DTLSLAB_DROP : DTLSLAB_PASS;
    return 0;
}

static void three_drops_delay_by_seven_seconds(void **state) {
    (void)state;
    const struct dtlslab_parameter parameters[] = {{"rate", "8Mbps"}, {"delay", "5ms"}, {NULL, NULL}};
    struct pair pair;
    pair_open(&pair, ns3, 1, 1, parameters);
    pair.client.padding = 966;
    pair.server.padding = 966;
    dtlslab_world_set_hook(pair.world, drop_three, NULL);
    pair_connect(&pair);
    assert_int_equal(pair_run(&pair, 60 * SECOND, 1u << DTLSLAB_EVENT_CONNECTED), DTLSLAB_STOP_EVENT);
    assert_int_equal(pair.stopped.time, 7 * SECOND + 12 * MS);
    pair_close(&pair);
}

/* Compares a device's capture with what the log says that its node sent and received. */
static void compare_capture(const char *name, uint32_t node, struct pair *pair, uint32_t *out_num) {
    FILE *file = pcap_open(name);
    struct dtlslab_log_entry entry;
    struct pcap_packet packet;
    *out_num = 0;
    while (dtlslab_world_next_log(pair->world, &entry) == DTLSLAB_OK) {
        bool sent = entry.kind == DTLSLAB_LOG_DATAGRAM_SENT;
        if ((!sent && entry.kind != DTLSLAB_LOG_DATAGRAM_DELIVERED) || entry.node != node)
            continue;
        assert_int_equal(pcap_next(file, &packet), 1);
        assert_int_equal(packet.time, entry.time);
        assert_int_equal(packet.source, 1 + (sent ? node : 1 - node));
        assert_int_equal(packet.len, entry.len);
        assert_memory_equal(packet.bytes, entry.bytes, entry.len);
        (*out_num)++;
    }
    assert_int_equal(pcap_next(file, &packet), 0);
    (void)fclose(file);
}

static void the_capture_of_ns3_equals_the_log(void **state) {
    (void)state;
    char folder[] = "/tmp/dtlslab-ns3-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char prefix[64];
    (void)snprintf(prefix, sizeof prefix, "%s/link", folder);
    for (uint32_t turn = 0; turn < 4; turn++) { /* both nodes, both versions of IP */
        const struct dtlslab_parameter parameters[] = {
            {"loss", "0.3"}, {"pcap", prefix}, {"ip", turn < 2 ? "4" : "6"}, {NULL, NULL}};
        struct pair pair;
        pair_open(&pair, ns3, 3, turn, parameters);
        for (uint32_t i = 0; i < 20; i++) {
            pair.client.padding = i * 50;
            pair_connect(&pair);
            (void)pair_run(&pair, (uint64_t)(i + 1) * 10 * SECOND, 0);
        }
        ns3->destroy(pair.carrier); /* closes the captures; the log is the world's */
        char name[96];
        uint32_t num;
        (void)snprintf(name, sizeof name, "%s-%u-1.pcap", prefix, turn % 2);
        compare_capture(name, turn % 2, &pair, &num);
        assert_true(num > 40);
        dtlslab_world_destroy(pair.world);
    }
    for (uint32_t node = 0; node < 2; node++) {
        (void)snprintf(prefix, sizeof prefix, "%s/link-%u-1.pcap", folder, node);
        assert_int_equal(unlink(prefix), 0);
    }
    assert_int_equal(rmdir(folder), 0);
}

static void thousands_of_worlds_leave_nothing_behind(void **state) {
    (void)state;
    size_t before = 0;
    for (uint64_t run = 0; run < 2000; run++) {
        if (run == 200)
            before = mallinfo2().uordblks;
        struct pair pair;
        pair_open(&pair, ns3, 1, run, NULL);
        pair_connect(&pair);
        assert_int_equal(pair_run(&pair, SECOND, 0), DTLSLAB_STOP_QUIET);
        pair_close(&pair);
    }
    size_t after = mallinfo2().uordblks;
    assert_true(after < before + MAX_GROWTH);
}

/* Makes a carrier with one parameter that is wrong, and answers the message. */
static const char *refused(uint32_t num_nodes, const char *name, const char *value) {
    static char message[DTLSLAB_MAX_TEXT];
    struct dtlslab_carrier *carrier;
    const struct dtlslab_parameter parameter = {name, value};
    assert_int_equal(ns3->create(num_nodes, 1, 1, &parameter, 1, &carrier, message), DTLSLAB_INVALID);
    assert_null(carrier);
    return message;
}

static void wrong_parameters_are_named(void **state) {
    (void)state;
    assert_string_equal(refused(2, "rate", "0"),
                        "ns3 carrier: parameter rate=0: expected more than 0: a line of ns-3 has a rate");
    assert_string_equal(refused(2, "ip", "5"), "ns3 carrier: parameter ip=5: expected 4 or 6");
    assert_non_null(strstr(refused(2, "pcap", "/nowhere/x"), "in a folder that can be written to"));
    assert_non_null(strstr(refused(3, "loss.0-1", "0.1"), "only between two nodes"));
    assert_non_null(strstr(refused(2, "rate.0", "1Mbps"), "which share one link"));
    assert_non_null(strstr(refused(2, "mtu", "60"), "a whole number from 68 to 65535"));
    assert_non_null(strstr(refused(1, "mtu", "600"), "from 2 to 65535 nodes"));
    assert_non_null(strstr(refused(2, "lag", "1"), "unknown parameter lag; known: rate delay loss"));
}

static void one_network_at_a_time(void **state) {
    (void)state;
    char message[DTLSLAB_MAX_TEXT];
    struct dtlslab_carrier *first = open_carrier(2, NULL, 0);
    struct dtlslab_carrier *second;
    assert_int_equal(ns3->create(2, 1, 1, NULL, 0, &second, message), DTLSLAB_FAILED);
    assert_non_null(strstr(message, "one at a time"));
    nothing_left(first);
    nothing_left(open_carrier(2, NULL, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rate_and_delay_add_up_exactly),
        cmocka_unit_test(time_stops_at_until),
        cmocka_unit_test(losses_are_told_and_keep_within_binomial_bounds),
        cmocka_unit_test(a_full_queue_loses),
        cmocka_unit_test(large_datagrams_travel_in_fragments),
        cmocka_unit_test(more_nodes_have_a_router_between_them),
        cmocka_unit_test(the_log_depends_on_seed_and_run_alone),
        cmocka_unit_test(three_drops_delay_by_seven_seconds),
        cmocka_unit_test(the_capture_of_ns3_equals_the_log),
        cmocka_unit_test(thousands_of_worlds_leave_nothing_behind),
        cmocka_unit_test(wrong_parameters_are_named),
        cmocka_unit_test(one_network_at_a_time),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
