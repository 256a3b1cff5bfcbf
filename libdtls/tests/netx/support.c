/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_POOLS  16
#define MAX_MEMORY 256

static struct {
    void (*body)(void);
    char failure[512];
    bool completed;
    NX_PACKET_POOL *pools[MAX_POOLS];
    UINT num_pools;
    void *memory[MAX_MEMORY];
    UINT num_memory;
} test;
static UINT number;

void netx_test_fail(const char *file, int line, const char *format, ...) {
    char reason[384];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    if (test.failure[0] == '\0')
        snprintf(test.failure, sizeof test.failure, "%s:%d: %s", file, line, reason);
    if (tx_thread_identify() != TX_NULL)
        tx_host_exit(1);
    fprintf(stderr, "%s\n", test.failure);
    abort();
}

void *netx_test_memory(size_t len) {
    CHECK(test.num_memory < MAX_MEMORY);
    void *memory = calloc(1, len);
    CHECK(memory != NULL);
    test.memory[test.num_memory++] = memory;
    return memory;
}

NX_PACKET_POOL *netx_test_pool(UINT num_packets, UINT payload) {
    CHECK(test.num_pools < MAX_POOLS);
    NX_PACKET_POOL *pool = netx_test_memory(sizeof *pool);
    ULONG size = num_packets * (payload + 16 + (ULONG)sizeof(NX_PACKET));
    CHECK_CODE(nx_packet_pool_create(pool, (CHAR *)"pool", payload, netx_test_memory(size), size),
               NX_SUCCESS);
    test.pools[test.num_pools++] = pool;
    return pool;
}

NX_IP *netx_test_ip(ULONG address) {
    return netx_test_ip_with(address, netx_test_pool(64, 1536));
}

NX_IP *netx_test_ip_with(ULONG address, NX_PACKET_POOL *pool) {
    enum { STACK = 4096 };
    NX_IP *ip = netx_test_memory(sizeof *ip);
    CHECK_CODE(nx_ip_create(ip, (CHAR *)"IP", address, 0xFFFFFF00u, pool, _nx_ram_network_driver_1500,
                            netx_test_memory(STACK), STACK, 1),
               NX_SUCCESS);
    CHECK_CODE(nx_udp_enable(ip), NX_SUCCESS);
    CHECK_CODE(nxd_ipv6_enable(ip), NX_SUCCESS);
    return ip;
}

TX_THREAD *netx_test_thread(UINT priority, VOID (*entry)(ULONG), ULONG input) {
    enum { STACK = 4096 };
    TX_THREAD *thread = netx_test_memory(sizeof *thread);
    CHECK_CODE(tx_thread_create(thread, (CHAR *)"thread", entry, input, netx_test_memory(STACK), STACK,
                                priority, priority, TX_NO_TIME_SLICE, TX_AUTO_START),
               TX_SUCCESS);
    return thread;
}

UINT netx_test_number(void) {
    return number;
}

ULONG netx_test_ticks(void) {
    return tx_time_get();
}

static void run_body(ULONG input) {
    (void)input;
    test.body();
    for (UINT i = 0; i < test.num_pools; i++) {
        if (test.pools[i]->nx_packet_pool_available != test.pools[i]->nx_packet_pool_total)
            netx_test_fail(__FILE__, __LINE__, "pool %u has %u of %u packets", i,
                           test.pools[i]->nx_packet_pool_available, test.pools[i]->nx_packet_pool_total);
    }
    test.completed = true;
    tx_host_exit(0);
}

static void define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    netx_test_thread(NETX_TEST_PRIORITY, run_body, 0);
}

static tx_host_kernel *begin(tx_host_time time) {
    memset(&test, 0, sizeof test);
    number++;
    tx_host_kernel *kernel = tx_host_kernel_create(time);
    assert_non_null(kernel);
    tx_host_kernel_use(kernel);
    return kernel;
}

static void end(tx_host_kernel *kernel) {
    tx_host_kernel_use(NULL);
    tx_host_kernel_destroy(kernel);
    for (UINT i = 0; i < test.num_memory; i++)
        free(test.memory[i]);
}

void netx_test_outside(tx_host_time time, VOID (*define_all)(VOID *first_unused_memory)) {
    tx_host_kernel *kernel = begin(time);
    tx_host_define(kernel, define_all);
    end(kernel);
}

void netx_test_run_at(tx_host_time time, void (*body)(void)) {
    tx_host_kernel *kernel = begin(time);
    test.body = body;
    tx_host_run(kernel, define);
    end(kernel);
    if (test.failure[0] != '\0')
        fail_msg("%s", test.failure);
    if (!test.completed)
        fail_msg("all threads wait for ever");
}

void netx_test_run(void (*body)(void)) {
    netx_test_run_at(TX_HOST_TIME_VIRTUAL, body);
}
