/* SPDX-License-Identifier: MIT
 *
 * The surroundings when the system refuses: no memory, no threads, no sockets. The linker puts the functions
 * below in front of the system's.
 */
#include "net_world.h"
#include "netx/threadx/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOPBACK IP_ADDRESS(127, 0, 0, 1)
#define A_WHILE  (5 * NX_IP_PERIODIC_RATE)

static const char *failing; /* the function that fails */
static int from_call;       /* at which call it begins to, and how many fail */
static int num_failing;
static int with_errno;

static void refuse(const char *function, int call, int num, int error) {
    failing = function;
    from_call = call;
    num_failing = num;
    with_errno = error;
}

static void refused_all(void) {
    CHECK(num_failing == 0); /* it was called as often */
    failing = NULL;
}

static bool fails(const char *function) {
    if (failing == NULL || strcmp(failing, function) != 0 || --from_call > 0 || num_failing == 0)
        return false;
    num_failing--;
    errno = with_errno;
    return true;
}

#define WRAPPED(result, name, parameters, arguments, failure)                                                \
    result __real_##name parameters;                                                                         \
    result __wrap_##name parameters;                                                                         \
    result __wrap_##name parameters {                                                                        \
        return fails(#name) ? failure : __real_##name arguments;                                             \
    }

WRAPPED(void *, malloc, (size_t size), (size), NULL)
WRAPPED(void *, calloc, (size_t num, size_t size), (num, size), NULL)
WRAPPED(void *, mmap, (void *at, size_t len, int protection, int flags, int fd, off_t offset),
        (at, len, protection, flags, fd, offset), MAP_FAILED)
WRAPPED(int, epoll_create1, (int flags), (flags), -1)
WRAPPED(int, epoll_ctl, (int epoll, int what, int fd, struct epoll_event *event), (epoll, what, fd, event),
        -1)
WRAPPED(int, eventfd, (unsigned value, int flags), (value, flags), -1)
WRAPPED(int, socket, (int family, int type, int protocol), (family, type, protocol), -1)
WRAPPED(int, bind, (int fd, const struct sockaddr *address, socklen_t len), (fd, address, len), -1)
WRAPPED(int, getsockname, (int fd, struct sockaddr *address, socklen_t *len), (fd, address, len), -1)
WRAPPED(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags), -1)
WRAPPED(ssize_t, recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags), -1)
WRAPPED(int, pthread_create,
        (pthread_t * thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument),
        (thread, attributes, start, argument), EAGAIN)

/* The reader's thread is told of nothing once, and waits again. */
int __real_epoll_wait(int epoll, struct epoll_event *events, int num, int timeout);
int __wrap_epoll_wait(int epoll, struct epoll_event *events, int num, int timeout);
int __wrap_epoll_wait(int epoll, struct epoll_event *events, int num, int timeout) {
    static atomic_uint calls;
    if (atomic_fetch_add(&calls, 1) % 2 == 0) {
        errno = EINTR;
        return -1;
    }
    return __real_epoll_wait(epoll, events, num, timeout);
}

/* --- IP instances. --- */

static NX_IP host;
static NX_PACKET_POOL *pool;

static UINT create(VOID (*driver)(NX_IP_DRIVER *)) {
    memset(&host, 0, sizeof host);
    return nx_ip_create(&host, NULL, LOOPBACK, 0xFF000000u, pool, driver, NULL, 0, 1);
}

static VOID never(VOID *context, const nx_host_datagram *datagram) {
    (void)context;
    (void)datagram;
    CHECK(false);
}

static void no_network(void) {
    const nx_host_datagram datagram = {.destination = bob_at};
    pool = netx_test_pool(4, 256);
    refuse("calloc", 1, 4, ENOMEM);
    CHECK(nx_host_bound_next(NX_NULL) == NX_NULL);
    CHECK_CODE(nx_host_deliver(&datagram), NX_NOT_FOUND);
    nx_host_uplink_set(never, NULL);
    nx_host_inline_delivery_set(NX_TRUE);
    refused_all();
    refuse("calloc", 1, 1, ENOMEM);
    CHECK_CODE(create(_nx_ram_network_driver_1500), NX_IP_INTERNAL_ERROR);
    refused_all();
    make_two();
    send_text(&of_alice, bob_at, PORT, "now");
    expect_text(&of_bob, "now");
    unmake_two();
}

/* A kernel that never had one ends as others do. */
static void no_network_till_the_end(void) {
    refuse("calloc", 1, 1, ENOMEM);
    nx_host_inline_delivery_set(NX_TRUE);
    refused_all();
}

static void no_link(void) {
    static const char *const refusals[] = {"calloc", "epoll_create1", "eventfd", "epoll_ctl",
                                           "pthread_create"};
    pool = netx_test_pool(4, 256);
    CHECK_CODE(create(_nx_ram_network_driver_1500), NX_SUCCESS); /* so that there is a network */
    CHECK_CODE(nx_ip_delete(&host), NX_SUCCESS);
    for (UINT i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        refuse(refusals[i], 1, 1, EMFILE);
        CHECK_CODE(create(nx_host_udp_driver), NX_IP_INTERNAL_ERROR);
        refused_all();
    }
    CHECK_CODE(create(nx_host_udp_driver), NX_SUCCESS);
    CHECK_CODE(nx_ip_delete(&host), NX_SUCCESS);
}

/* --- Sockets. --- */

static void make_host(bool with_v6) {
    NXD_ADDRESS v6 = {NX_IP_VERSION_V6, {.v6 = {0, 0, 0, 1}}};
    pool = netx_test_pool(64, 1536);
    CHECK_CODE(create(nx_host_udp_driver), NX_SUCCESS);
    CHECK_CODE(nx_udp_enable(&host), NX_SUCCESS);
    if (with_v6)
        CHECK_CODE(nxd_ipv6_address_set(&host, 0, &v6, 128, NX_NULL), NX_SUCCESS);
    memset(&of_alice, 0, sizeof of_alice);
    CHECK_CODE(nx_udp_socket_create(&host, &of_alice, NULL, 0, NX_FRAGMENT_OKAY, 0, 5), NX_SUCCESS);
}

static int num_open(void) {
    int num = 0;
    for (int descriptor = 0; descriptor < 256; descriptor++)
        num += fcntl(descriptor, F_GETFD) >= 0;
    return num;
}

static void no_sockets(void) {
    static const struct {
        const char *function;
        int call;
        int num;
        int error;
        UINT code;
    } refusals[] = {
        {"socket", 1, 1, EMFILE, NX_NO_FREE_PORTS},
        {"socket", 2, 1, EAFNOSUPPORT, NX_NO_FREE_PORTS}, /* of IPv6 */
        {"bind", 1, 1, EACCES, NX_INVALID_PORT},
        {"bind", 2, 1, EADDRNOTAVAIL, NX_INVALID_PORT},
        {"bind", 1, 16, EADDRINUSE, NX_PORT_UNAVAILABLE}, /* however often it is tried */
        {"getsockname", 1, 1, ENOBUFS, NX_NO_FREE_PORTS},
        {"getsockname", 2, 1, ENOBUFS, NX_NO_FREE_PORTS},
        {"epoll_ctl", 1, 1, ENOSPC, NX_NO_FREE_PORTS}, /* what nobody would read */
        {"epoll_ctl", 2, 1, ENOMEM, NX_NO_FREE_PORTS},
        {"bind", 2, 1, EADDRINUSE, NX_SUCCESS}, /* another that is free in both */
    };
    make_host(true);
    const int before = num_open();
    for (UINT i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        refuse(refusals[i].function, refusals[i].call, refusals[i].num, refusals[i].error);
        CHECK_CODE(nx_udp_socket_bind(&of_alice, NX_ANY_PORT, NX_NO_WAIT), refusals[i].code);
        refused_all();
        CHECK((of_alice.nx_udp_socket_port != 0) == (refusals[i].code == NX_SUCCESS));
        CHECK((num_open() == before) == (refusals[i].code != NX_SUCCESS));
    }
    CHECK_CODE(nx_udp_socket_unbind(&of_alice), NX_SUCCESS);
    CHECK(num_open() == before);
    /* One that is asked for is tried once. */
    refuse("bind", 1, 1, EADDRINUSE);
    CHECK_CODE(nx_udp_socket_bind(&of_alice, PORT, NX_NO_WAIT), NX_PORT_UNAVAILABLE);
    refused_all();
    CHECK_CODE(nx_ip_delete(&host), NX_SUCCESS);
}

static void to_itself(const char *text) {
    NXD_ADDRESS loopback = {NX_IP_VERSION_V4, {.v4 = LOOPBACK}};
    send_text(&of_alice, loopback, of_alice.nx_udp_socket_port, text);
}

static void datagrams_that_the_host_refuses(void) {
    static UCHAR bytes[2000];
    make_host(false);
    CHECK_CODE(nx_udp_socket_bind(&of_alice, NX_ANY_PORT, NX_NO_WAIT), NX_SUCCESS);
    refuse("sendmsg", 1, 1, EMSGSIZE); /* a loss, as on a network */
    to_itself("lost");
    refused_all();
    to_itself("sent");
    expect_text(&of_alice, "sent");
    refuse("recvmsg", 1, 1, ECONNREFUSED); /* an error of one that was sent before; the next is read */
    to_itself("after");
    expect_text(&of_alice, "after");
    refused_all();
    NX_PACKET *packet = packet_of(&host, "");
    CHECK_CODE(nx_packet_data_append(packet, bytes, sizeof bytes, host.nx_ip_default_packet_pool, 0),
               NX_SUCCESS);
    refuse("malloc", 1, 1, ENOMEM); /* a chain is sent in one piece */
    CHECK_CODE(nx_udp_socket_send(&of_alice, packet, LOOPBACK, of_alice.nx_udp_socket_port), NX_NO_PACKET);
    refused_all();
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_unbind(&of_alice), NX_SUCCESS);
    CHECK_CODE(nx_ip_delete(&host), NX_SUCCESS);
}

static void no_piece_for_the_uplink(void) {
    static UCHAR bytes[2000];
    make_two();
    nx_host_uplink_set(never, NULL);
    NX_PACKET *packet = packet_of(alice, "");
    CHECK_CODE(nx_packet_data_append(packet, bytes, sizeof bytes, alice->nx_ip_default_packet_pool, 0),
               NX_SUCCESS);
    refuse("malloc", 1, 1, ENOMEM);
    CHECK_CODE(nx_udp_socket_send(&of_alice, packet, IP_ADDRESS(9, 9, 9, 9), 1), NX_SUCCESS);
    refused_all();
    unmake_two();
}

/* --- Threads. --- */

static VOID define_without_memory(VOID *memory) {
    assert_null(memory);
    tx_host_exit(3);
}

/* The program's definition is told that there is none. */
static void no_memory_for_the_program(void **state) {
    (void)state;
    tx_host_kernel *kernel = tx_host_kernel_create(TX_HOST_TIME_VIRTUAL);
    refuse("mmap", 1, 1, ENOMEM);
    assert_int_equal(tx_host_run(kernel, define_without_memory), 3);
    assert_int_equal(num_failing, 0);
    failing = NULL;
    tx_host_kernel_destroy(kernel);
}

static tx_host_kernel *ending;

/* It is called by a POSIX thread that is about to take part. */
int __real_pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes);
int __wrap_pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes);
int __wrap_pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes) {
    if (ending != NULL)
        atomic_store(&ending->running, false);
    return __real_pthread_cond_init(condition, attributes);
}

static UINT answer;

static void *come_too_late(void *kernel) {
    tx_host_kernel_use(kernel);
    answer = tx_thread_sleep(1);
    return NULL;
}

/* A kernel that runs when a POSIX thread looks, and has ended when it comes. */
static void ended_meanwhile(void **state) {
    (void)state;
    pthread_t guest;
    tx_host_kernel *kernel = tx_host_kernel_create(TX_HOST_TIME_REAL);
    ending = kernel;
    atomic_store(&kernel->running, true);
    assert_int_equal(pthread_create(&guest, NULL, come_too_late, kernel), 0);
    pthread_join(guest, NULL);
    ending = NULL;
    assert_int_equal(answer, TX_CALLER_ERROR);
    tx_host_kernel_destroy(kernel);
}

/* The dispatcher has nothing to do, and waits for what may come from outside. */
static _Atomic(tx_host_kernel *) watched;
static atomic_bool idle;
static TX_SEMAPHORE semaphore;

int __real_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex);
int __wrap_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex);
int __wrap_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
    const tx_host_kernel *kernel = atomic_load(&watched);
    if (kernel != NULL && condition == &kernel->idle && kernel->current == NULL)
        atomic_store(&idle, true);
    return __real_pthread_cond_wait(condition, mutex);
}

static void *put_when_idle(void *kernel) {
    tx_host_kernel_use(kernel);
    while (!atomic_load(&idle))
        sched_yield();
    tx_semaphore_put(&semaphore);
    return NULL;
}

static pthread_t putter;

static void waited_for_from_outside(void) {
    pool = netx_test_pool(4, 256);
    CHECK_CODE(create(nx_host_udp_driver), NX_SUCCESS);
    memset(&semaphore, 0, sizeof semaphore);
    CHECK_CODE(tx_semaphore_create(&semaphore, NULL, 0), TX_SUCCESS);
    atomic_store(&idle, false);
    atomic_store(&watched, tx_host_kernel_used());
    CHECK(pthread_create(&putter, NULL, put_when_idle, tx_host_kernel_used()) == 0);
    CHECK_CODE(tx_semaphore_get(&semaphore, TX_WAIT_FOREVER), TX_SUCCESS);
    atomic_store(&watched, NULL);
    CHECK_CODE(nx_ip_delete(&host), NX_SUCCESS);
}

static UINT num_run;

static VOID count(ULONG input) {
    num_run += input;
}

/* One that gets no POSIX thread never runs, and the others do. */
static void no_threads(void) {
    num_run = 0;
    refuse("pthread_create", 1, 1, EAGAIN);
    TX_THREAD *unlucky = netx_test_thread(NETX_TEST_PRIORITY - 1, count, 1);
    refused_all();
    CHECK(unlucky->tx_thread_state == TX_TERMINATED && num_run == 0);
    CHECK_CODE(tx_thread_delete(unlucky), TX_SUCCESS);
    netx_test_thread(NETX_TEST_PRIORITY - 1, count, 10);
    CHECK(num_run == 10);
    refuse("pthread_create", 1, 1, EAGAIN);
    netx_test_thread(NETX_TEST_PRIORITY + 1, count, 1); /* when the others wait */
    netx_test_thread(NETX_TEST_PRIORITY + 2, count, 10);
    tx_thread_sleep(1);
    refused_all();
    CHECK(num_run == 20);
}

static void no_kernel(void **state) {
    (void)state;
    refuse("malloc", 1, 1, ENOMEM);
    assert_null(tx_host_kernel_create(TX_HOST_TIME_VIRTUAL));
    failing = NULL;
    assert_int_equal(num_failing, 0);
}

#define TEST(time, body)                                                                                     \
    static void test_##body(void **state) {                                                                  \
        (void)state;                                                                                         \
        netx_test_run_at(time, body);                                                                        \
    }

TEST(TX_HOST_TIME_VIRTUAL, no_network)
TEST(TX_HOST_TIME_VIRTUAL, no_network_till_the_end)
TEST(TX_HOST_TIME_REAL, no_link)
TEST(TX_HOST_TIME_REAL, no_sockets)
TEST(TX_HOST_TIME_REAL, datagrams_that_the_host_refuses)
TEST(TX_HOST_TIME_VIRTUAL, no_piece_for_the_uplink)
TEST(TX_HOST_TIME_VIRTUAL, no_threads)

static void test_waited_for_from_outside(void **state) {
    (void)state;
    netx_test_run_at(TX_HOST_TIME_VIRTUAL, waited_for_from_outside);
    pthread_join(putter, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_network),
        cmocka_unit_test(test_no_network_till_the_end),
        cmocka_unit_test(test_no_link),
        cmocka_unit_test(test_no_sockets),
        cmocka_unit_test(test_datagrams_that_the_host_refuses),
        cmocka_unit_test(test_no_piece_for_the_uplink),
        cmocka_unit_test(test_no_threads),
        cmocka_unit_test(test_waited_for_from_outside),
        cmocka_unit_test(no_kernel),
        cmocka_unit_test(no_memory_for_the_program),
        cmocka_unit_test(ended_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
