/* SPDX-License-Identifier: MIT
 *
 * over_ns3 CARRIER WORK LOSS SEED: the complete client and the complete server
 * of libdtls's examples, each the program of a host of its own, on a link of
 * ns-3 that loses packets. Their sources are compiled as they are, but for
 * names that both have, the network's driver, and where a kernel is entered
 * and left. Prints what they print; the status is 0 if both end well.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "credentials.h"
#include "dtlslab_carrier.h"
#include "libcrypto_random.h"
#include "nx_host.h"
#include "programs.h"
#include "tx_host.h"

/* What UDP's header would say, in front of a datagram on the link. */
#define PORTS       4
#define MAX_MESSAGE 2048

/* Nothing lasts longer, in virtual time: an hour. */
#define LONGEST_NS UINT64_C(3600000000000)

VOID client_define(VOID *first_unused_memory);
VOID server_define(VOID *first_unused_memory);
UINT client_enter(VOID);
UINT server_enter(VOID);

struct host {
    uint32_t node;
    tx_host_kernel *kernel;
    uint64_t path;
};

static const struct dtlslab_carrier_api *link_api;
static struct dtlslab_carrier *carrier;
static struct host client = {.node = 0};
static struct host server = {.node = 1};
static uint64_t num_sent;
static uint64_t num_lost;

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

/* --- Randomness that comes again with the same seed (splitmix64). --- */

static uint64_t random_state;

void adapter_random(void *out, size_t len) {
    for (size_t i = 0; i < len; i++) {
        random_state += UINT64_C(0x9E3779B97F4A7C15);
        uint64_t mixed = (random_state ^ random_state >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
        mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94D049BB133111EB);
        ((uint8_t *)out)[i] = (uint8_t)(mixed ^ mixed >> 31);
    }
}

/* --- Entering the two kernels. --- */

UINT client_enter(VOID) {
    tx_host_define(client.kernel, client_define);
    return 0;
}

UINT server_enter(VOID) {
    tx_host_define(server.kernel, server_define);
    return 0;
}

/* --- The link. --- */

static NXD_ADDRESS address_of(const struct host *host) {
    return (NXD_ADDRESS){.nxd_ip_version = NX_IP_VERSION_V4,
                         .nxd_ip_address.v4 = IP_ADDRESS(10, 0, 0, 1 + host->node)};
}

static VOID send_over(VOID *context, const nx_host_datagram *datagram) {
    const struct host *from = context;
    UCHAR message[MAX_MESSAGE];
    if (datagram->length > sizeof message - PORTS)
        fail("a datagram is too long");
    const UINT ports[] = {datagram->source_port, datagram->destination_port};
    for (size_t i = 0; i < 2; i++) {
        message[2 * i] = (UCHAR)(ports[i] >> 8);
        message[2 * i + 1] = (UCHAR)ports[i];
    }
    memcpy(message + PORTS, datagram->data, datagram->length);
    if (link_api->send(carrier, from->node, from->path, ++num_sent, 0, message, datagram->length + PORTS) !=
        DTLSLAB_OK)
        fail("the link does not send");
}

static void deliver(const struct dtlslab_arrival *arrival) {
    const struct host *to = arrival->node == client.node ? &client : &server;
    const struct host *from = to == &client ? &server : &client;
    const UCHAR *bytes = arrival->bytes;
    nx_host_datagram datagram = {.source = address_of(from),
                                 .destination = address_of(to),
                                 .source_port = (UINT)bytes[0] << 8 | bytes[1],
                                 .destination_port = (UINT)bytes[2] << 8 | bytes[3],
                                 .length = arrival->len - PORTS,
                                 .data = bytes + PORTS};
    tx_host_kernel_use(to->kernel);
    (void)nx_host_deliver(&datagram);
    tx_host_kernel_use(NULL);
}

static void open_link(const char *path, const char *loss, uint64_t seed) {
    const struct dtlslab_parameter parameters[] = {{"rate", "250kbps"}, {"delay", "40ms"}, {"loss", loss}};
    char message[DTLSLAB_MAX_TEXT];
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *symbol = object == NULL ? NULL : dlsym(object, "dtlslab_carrier_api");
    const struct dtlslab_carrier_api *(*get)(void);
    if (symbol == NULL)
        fail(dlerror());
    memcpy(&get, &symbol, sizeof get);
    link_api = get();
    if (link_api->create(2, seed, 1, parameters, 3, &carrier, message) != DTLSLAB_OK)
        fail(message);
    if (link_api->path(carrier, client.node, server.node, &client.path) != DTLSLAB_OK ||
        link_api->path(carrier, server.node, client.node, &server.path) != DTLSLAB_OK)
        fail("the hosts do not reach each other");
}

/* --- The programs. --- */

static void write_file(const char *work, const char *name, const UCHAR *bytes, size_t len, char *out_path,
                       size_t size) {
    snprintf(out_path, size, "%s/%s", work, name);
    FILE *file = fopen(out_path, "wb");
    if (file == NULL || fwrite(bytes, 1, len, file) != len || fclose(file) != 0)
        fail(out_path);
}

static void start(struct host *host, int (*program)(int, char **), int argc, char **argv) {
    host->kernel = tx_host_kernel_create(TX_HOST_TIME_STEPPED);
    if (host->kernel == NULL)
        fail("no kernel");
    tx_host_kernel_use(host->kernel);
    nx_host_uplink_set(send_over, host);
    (void)program(argc, argv);
    tx_host_kernel_use(NULL);
}

static void start_both(const char *work) {
    char ca[256];
    char chains[2][256];
    char keys[2][256];
    write_file(work, "ca.der", example_authority, sizeof example_authority, ca, sizeof ca);
    write_file(work, "server.der", example_server_certificate, sizeof example_server_certificate, chains[0],
               sizeof chains[0]);
    write_file(work, "server.key", example_server_key, sizeof example_server_key, keys[0], sizeof keys[0]);
    write_file(work, "client.der", example_client_certificate, sizeof example_client_certificate, chains[1],
               sizeof chains[1]);
    write_file(work, "client.key", example_client_key, sizeof example_client_key, keys[1], sizeof keys[1]);
    char *serve[] = {"netx-server", "4433",  "--ca",   ca,         "--cert",     chains[0],
                     "--key",       keys[0], "--bind", "10.0.0.2", "--sessions", "4"};
    char *ask[] = {"netx-client", "10.0.0.2", "4433",       "is anybody there",
                   "--ca",        ca,         "--name",     "server.example",
                   "--cert",      chains[1],  "--key",      keys[1],
                   "--bind",      "10.0.0.1", "--sessions", "4"};
    start(&server, server_main, (int)(sizeof serve / sizeof *serve), serve);
    start(&client, client_main, (int)(sizeof ask / sizeof *ask), ask);
}

static bool has_ended(const struct host *host) {
    return tx_host_exited(host->kernel, NULL) == TX_TRUE;
}

static bool has_ended_well(const struct host *host) {
    UINT status = 1;
    return tx_host_exited(host->kernel, &status) == TX_TRUE && status == 0;
}

/* Steps one program; when it wants to be stepped again. */
static uint64_t step(struct host *host) {
    return has_ended(host) ? TX_HOST_NEVER : tx_host_step(host->kernel, link_api->now(carrier));
}

static void run_both(void) {
    while (link_api->now(carrier) < LONGEST_NS) {
        struct dtlslab_arrival arrival;
        uint64_t of_server = step(&server);
        uint64_t of_client = step(&client);
        if (has_ended(&client) && has_ended(&server))
            return;
        uint64_t next = of_server < of_client ? of_server : of_client;
        int32_t outcome = link_api->run(carrier, next < LONGEST_NS ? next : LONGEST_NS, &arrival);
        if (outcome == DTLSLAB_OK && arrival.kind == DTLSLAB_ARRIVAL_DELIVERED)
            deliver(&arrival);
        else if (outcome == DTLSLAB_OK)
            num_lost++;
        else if (outcome != DTLSLAB_NOTHING)
            fail("the link has failed");
    }
}

int main(int argc, char **argv) {
    if (argc != 5)
        fail("over_ns3 CARRIER WORK LOSS SEED");
    random_state = strtoull(argv[4], NULL, 10);
    adapter_libcrypto_random();
    open_link(argv[1], argv[3], random_state);
    start_both(argv[2]);
    run_both();
    if (num_lost == 0 && strtod(argv[3], NULL) > 0)
        fail("nothing was lost");
    fprintf(stderr, "%.3f s, %llu datagrams, %llu lost\n", (double)link_api->now(carrier) / 1e9,
            (unsigned long long)num_sent, (unsigned long long)num_lost);
    bool well = has_ended_well(&client) && has_ended_well(&server);
    tx_host_kernel_destroy(client.kernel);
    tx_host_kernel_destroy(server.kernel);
    link_api->destroy(carrier);
    return well ? 0 : 1;
}
