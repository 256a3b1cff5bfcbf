/* SPDX-License-Identifier: MIT
 *
 * Threads, pools and IP instances for a test: each test has a kernel of its own, in virtual time, and must
 * leave every packet in its pool.
 */
#ifndef NETX_TESTS_SUPPORT_H
#define NETX_TESTS_SUPPORT_H

#include <stdbool.h>

#include "nx_host.h"
#include "nx_udp.h"
#include "support/check.h"
#include "tx_host.h"

#define NETX_TEST_PRIORITY 8

/* In a kernel's threads cmocka's checks do not work: these end the kernel, and the cmocka test fails. */
#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            netx_test_fail(__FILE__, __LINE__, "%s", #condition);                                            \
    } while (0)
#define CHECK_CODE(actual, expected)                                                                         \
    do {                                                                                                     \
        UINT netx_test_code = (actual);                                                                      \
        if (netx_test_code != (expected))                                                                    \
            netx_test_fail(__FILE__, __LINE__, "%s is 0x%X, not %s", #actual, netx_test_code, #expected);    \
    } while (0)

__attribute__((noreturn, format(printf, 3, 4))) void netx_test_fail(const char *file, int line,
                                                                    const char *format, ...);

/* Runs `body` in a thread of priority NETX_TEST_PRIORITY, and ends the kernel when it returns; fails the
 * cmocka test if a CHECK fails, if all threads wait for ever, or if a packet is not back in its pool. */
void netx_test_run(void (*body)(void));
/* The same at another kind of time. */
void netx_test_run_at(tx_host_time time, void (*body)(void));

/* Only the initialisation of such a kernel: no thread runs, and a CHECK that fails ends the program. */
void netx_test_outside(tx_host_time time, VOID (*define_all)(VOID *first_unused_memory));

/* Of the kernel of the running test; they last until it ends. */
NX_PACKET_POOL *netx_test_pool(UINT num_packets, UINT payload);
NX_IP *
netx_test_ip(ULONG address); /* with UDP, IPv6 and a pool of 64 packets of 1,536 bytes, on the switch */
NX_IP *netx_test_ip_with(ULONG address, NX_PACKET_POOL *pool); /* the same with another pool */
TX_THREAD *netx_test_thread(UINT priority, VOID (*entry)(ULONG), ULONG input);
/* Zeroed memory, bytes. */
void *netx_test_memory(size_t len);

/* Of the running test; no two have the same. */
UINT netx_test_number(void);

/* Virtual time, ticks. */
ULONG netx_test_ticks(void);

#endif
