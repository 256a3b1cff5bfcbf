/* SPDX-License-Identifier: MIT
 *
 * How fast the world runs when its endpoints cost nothing: datagrams a second
 * through each carrier in one long world, and worlds a second, each made, run
 * for one question with answer, and destroyed. Then datagrams a second between
 * ever more nodes: what a step costs must not grow with the number of those
 * that it does not concern.
 *
 *     dtlslab-sim-bench [the ns-3 carrier's shared object]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "dtlslab_world.h"
#include "ping.h"

static double seconds(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void need(int32_t result, const char *what) {
    if (result < 0) {
        (void)fprintf(stderr, "%s: %d\n", what, (int)result);
        exit(1);
    }
}

/* Turns every answer into a question, so that the two never stop. */
static int32_t keep_asking(void *user, const struct dtlslab_passing *passing, struct dtlslab_fate *out_fate) {
    (void)user;
    if (passing->bytes[1] == 'O') {
        out_fate->kind = DTLSLAB_CHANGE;
        out_fate->bytes = (const uint8_t *)"PING";
        out_fate->len = 4;
    }
    return 0;
}

#define MOST_NODES 1000u

/* Makes a world of pairs, runs it until `max_datagrams` or all are answered, and destroys it. */
static void one_world(const struct dtlslab_carrier_api *api, uint32_t num_nodes, uint64_t run,
                      dtlslab_hook hook, uint64_t max_datagrams) {
    char message[DTLSLAB_MAX_TEXT];
    struct dtlslab_carrier *carrier;
    const struct dtlslab_parameter delay = {"delay", "1ms"};
    if (api->create(num_nodes, 1, run, &delay, api->real_time == 0, &carrier, message) != DTLSLAB_OK) {
        (void)fprintf(stderr, "%s\n", message);
        exit(1);
    }
    static struct dtlslab_endpoint *endpoints;
    if (endpoints == NULL && (endpoints = calloc(MOST_NODES, sizeof *endpoints)) == NULL)
        exit(1);
    struct dtlslab_world *world = dtlslab_world_create(api, carrier);
    if (world == NULL)
        exit(1);
    for (uint32_t i = 0; i < num_nodes; i++) {
        ping_init(&endpoints[i]);
        need(dtlslab_world_place(world, i, &ping_api, &endpoints[i], 1, 0), "place");
    }
    dtlslab_world_set_hook(world, hook, NULL);
    dtlslab_world_set_log(world, 0, 0);
    for (uint32_t i = 0; i < num_nodes; i += 2) {
        uint64_t session;
        need(dtlslab_world_connect(world, i, i + 1, &session), "connect");
    }
    struct dtlslab_run_options options = {.until = DTLSLAB_NO_DEADLINE, .max_datagrams = max_datagrams};
    struct dtlslab_stopped stopped;
    need(dtlslab_world_run(world, &options, &stopped), "run");
    dtlslab_world_destroy(world);
    api->destroy(carrier);
}

static void measure(const struct dtlslab_carrier_api *api, uint64_t datagrams, uint64_t worlds) {
    double start = seconds();
    one_world(api, 2, 1, keep_asking, datagrams);
    double middle = seconds();
    for (uint64_t i = 0; i < worlds; i++)
        one_world(api, 2, i, NULL, 0);
    double end = seconds();
    (void)printf("%-8s %12.0f datagrams/s %10.0f worlds/s\n", api->name, (double)datagrams / (middle - start),
                 (double)worlds / (end - middle));
}

static void measure_nodes(uint32_t num_nodes, uint64_t datagrams) {
    double start = seconds();
    one_world(dtlslab_memory_carrier(), num_nodes, 1, keep_asking, datagrams);
    (void)printf("%-8s %12.0f datagrams/s %10u nodes\n", "memory", (double)datagrams / (seconds() - start),
                 (unsigned)num_nodes);
}

int main(int argc, char **argv) {
    measure(dtlslab_memory_carrier(), 1000000, 20000);
    measure(dtlslab_udp_carrier(), 50000, 1000);
    if (argc > 1) {
        const struct dtlslab_carrier_api *ns3;
        char message[DTLSLAB_MAX_TEXT];
        if (dtlslab_load_carrier(argv[1], &ns3, message) != DTLSLAB_OK) {
            (void)fprintf(stderr, "%s\n", message);
            return 1;
        }
        measure(ns3, 100000, 1000);
    }
    measure_nodes(100, 1000000);
    measure_nodes(MOST_NODES, 1000000);
    return 0;
}
