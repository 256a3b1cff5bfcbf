/* SPDX-License-Identifier: MIT
 *
 * Which of the host's addresses and interfaces datagrams come to and leave from. The linker puts the
 * functions below in front of the system's.
 */
#include "net_world.h"
#include "netx/net/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <sys/socket.h>

#define LOOPBACK IP_ADDRESS(127, 0, 0, 1)
#define A_WHILE  (5 * NX_IP_PERIODIC_RATE)

/* Of the last calls: where a socket was bound, and what a datagram was sent to. */
static struct sockaddr_in6 bound_at;
static struct sockaddr_in6 sent_to;
static const struct sockaddr_in6 *comes_from; /* what datagrams are said to be from; NULL: the truth */
static enum {
    TO_US,
    TO_MANY,
    TO_NOBODY
} comes_to; /* of those: a multicast address, or the host does not say */

static UINT num_refused; /* of the next datagrams that are sent, with `with_errno` */
static int with_errno;

int __real_bind(int fd, const struct sockaddr *address, socklen_t len);
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t len);
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t len) {
    if (len == sizeof bound_at)
        memcpy(&bound_at, address, sizeof bound_at);
    return __real_bind(fd, address, len);
}

ssize_t __real_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags) {
    if (message->msg_namelen == sizeof sent_to)
        memcpy(&sent_to, message->msg_name, sizeof sent_to);
    if (num_refused == 0)
        return __real_sendmsg(fd, message, flags);
    num_refused--;
    errno = with_errno;
    return -1;
}

ssize_t __real_recvmsg(int fd, struct msghdr *message, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags) {
    ssize_t len = __real_recvmsg(fd, message, flags);
    if (len < 0 || comes_from == NULL)
        return len;
    memcpy(message->msg_name, comes_from, sizeof *comes_from);
    if (comes_to == TO_MANY)
        *CMSG_DATA(CMSG_FIRSTHDR(message)) = 0xFF;
    if (comes_to == TO_NOBODY)
        message->msg_controllen = 0;
    return len;
}

/* The host's interfaces; NULL: it cannot say. */
static struct ifaddrs *interfaces;

int __wrap_getifaddrs(struct ifaddrs **out);
int __wrap_getifaddrs(struct ifaddrs **out) {
    *out = interfaces;
    return interfaces == NULL ? -1 : 0;
}

void __wrap_freeifaddrs(struct ifaddrs *all);
void __wrap_freeifaddrs(struct ifaddrs *all) {
    CHECK(all == interfaces);
}

/* --- An IP instance at all of the host's addresses. --- */

static NX_IP host;

static void make_host(bool with_v6) {
    NXD_ADDRESS v6 = {NX_IP_VERSION_V6, {.v6 = {0, 0, 0, 1}}};
    memset(&host, 0, sizeof host);
    CHECK_CODE(nx_ip_create(&host, NULL, 0, 0, netx_test_pool(64, 1536), nx_host_udp_driver, NULL, 0, 1),
               NX_SUCCESS);
    CHECK_CODE(nx_udp_enable(&host), NX_SUCCESS);
    if (with_v6)
        CHECK_CODE(nxd_ipv6_address_set(&host, 0, &v6, 128, NX_NULL), NX_SUCCESS);
    memset(&of_alice, 0, sizeof of_alice);
    CHECK_CODE(nx_udp_socket_create(&host, &of_alice, NULL, 0, NX_FRAGMENT_OKAY, 0, 5), NX_SUCCESS);
}

static void to_itself(const char *text) {
    NXD_ADDRESS loopback = {NX_IP_VERSION_V4, {.v4 = LOOPBACK}};
    send_text(&of_alice, loopback, of_alice.nx_udp_socket_port, text);
}

/* Sends a packet that has come on to where it came from. */
static void send_back(NX_PACKET *packet) {
    NXD_ADDRESS from;
    UINT port;
    CHECK_CODE(nxd_udp_source_extract(packet, &from, &port), NX_SUCCESS);
    CHECK_CODE(nxd_udp_socket_send(&of_alice, packet, &from, port), NX_SUCCESS);
}

static void end_host(void) {
    CHECK_CODE(nx_udp_socket_unbind(&of_alice), NX_SUCCESS);
    CHECK_CODE(nx_ip_delete(&host), NX_SUCCESS);
}

/* Not even from where it should: then from where it can. */
static void what_cannot_leave_from_its_address_leaves_from_another(void) {
    static const int errors[] = {EINVAL, ENETUNREACH};
    NX_PACKET *packet;
    make_host(false);
    CHECK_CODE(nx_udp_socket_bind(&of_alice, NX_ANY_PORT, NX_NO_WAIT), NX_SUCCESS);
    for (UINT i = 0; i < 2; i++) {
        to_itself("there");
        CHECK_CODE(nx_udp_socket_receive(&of_alice, &packet, A_WHILE), NX_SUCCESS);
        num_refused = 1;
        with_errno = errors[i];
        send_back(packet);
        CHECK(num_refused == 0);
        CHECK_CODE(nx_udp_socket_receive(&of_alice, &packet, i == 0 ? A_WHILE : 2),
                   i == 0 ? NX_SUCCESS : NX_NO_PACKET);
        if (i == 0)
            CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    }
    num_refused = 2; /* one that has no address to leave from is not tried again */
    with_errno = EINVAL;
    to_itself("lost");
    CHECK(num_refused == 1);
    num_refused = 0;
    end_host();
}

/* Whose link-local address is behind which interface is kept for the answer. */
static void answers_go_to_the_link_that_was_heard(void) {
    static const struct {
        const char *from;
        UINT scope, expected, to;
    } rows[] = {{"fe80::5", 7, 7, TO_US},
                {"fe80::5", 3, 3, TO_MANY},
                {"fe80::5", 4, 4, TO_NOBODY},
                {"2001:db8::5", 7, 0, TO_US}};
    NXD_ADDRESS loopback = {NX_IP_VERSION_V6, {.v6 = {0, 0, 0, 1}}};
    NX_PACKET *packet;
    make_host(true);
    CHECK_CODE(nx_udp_socket_bind(&of_alice, NX_ANY_PORT, NX_NO_WAIT), NX_SUCCESS);
    for (UINT i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sockaddr_in6 from = {
            .sin6_family = AF_INET6, .sin6_port = htons(9), .sin6_scope_id = rows[i].scope};
        CHECK(inet_pton(AF_INET6, rows[i].from, &from.sin6_addr) == 1);
        comes_to = rows[i].to;
        comes_from = &from;
        send_text(&of_alice, loopback, of_alice.nx_udp_socket_port, "who");
        CHECK_CODE(nx_udp_socket_receive(&of_alice, &packet, A_WHILE), NX_SUCCESS);
        comes_from = NULL;
        const NXD_ADDRESS *local = &netx_packet_of(packet)->local.address;
        CHECK(local->nxd_ip_version == (rows[i].to == TO_US ? NX_IP_VERSION_V6 : 0));
        CHECK(local->nxd_ip_version == 0 || netx_same_address(local, &loopback));
        send_back(packet);
        CHECK(sent_to.sin6_scope_id == rows[i].expected);
        CHECK(memcmp(&sent_to.sin6_addr, &from.sin6_addr, sizeof from.sin6_addr) == 0);
    }
    end_host();
}

/* A socket at a link-local address is one of the interface that has it. */
static void a_link_local_address_is_of_its_interface(void) {
    struct sockaddr_in6 other = {.sin6_family = AF_INET6, .sin6_scope_id = 4};
    struct sockaddr_in6 own = {.sin6_family = AF_INET6, .sin6_scope_id = 6};
    struct sockaddr_in6 also_own = {.sin6_family = AF_INET6, .sin6_scope_id = 8};
    struct sockaddr_in6 v4 = {.sin6_family = AF_INET, .sin6_scope_id = 2}; /* that looks like it */
    struct ifaddrs rows[] = {{.ifa_next = &rows[1]},                       /* that has no address */
                             {.ifa_next = &rows[2], .ifa_addr = (struct sockaddr *)(void *)&v4},
                             {.ifa_next = &rows[3], .ifa_addr = (struct sockaddr *)(void *)&other},
                             {.ifa_next = &rows[4], .ifa_addr = (struct sockaddr *)(void *)&own},
                             {.ifa_addr = (struct sockaddr *)(void *)&also_own}};
    NXD_ADDRESS address = {NX_IP_VERSION_V6, {.v6 = {0xFE800000, 0, 0, 2}}};
    CHECK(inet_pton(AF_INET6, "fe80::1", &other.sin6_addr) == 1);
    CHECK(inet_pton(AF_INET6, "fe80::2", &own.sin6_addr) == 1);
    also_own.sin6_addr = own.sin6_addr;
    v4.sin6_addr = own.sin6_addr;
    make_host(false);
    CHECK_CODE(nxd_ipv6_address_set(&host, 0, &address, 64, NX_NULL), NX_SUCCESS);
    for (UINT i = 0; i < 3; i++) {
        interfaces = i == 2 ? NULL : rows;
        if (i == 1)
            rows[2].ifa_next = NULL; /* no interface has it */
        CHECK_CODE(nx_udp_socket_bind(&of_alice, NX_ANY_PORT, NX_NO_WAIT),
                   NX_INVALID_PORT); /* this host has it not */
        CHECK(bound_at.sin6_scope_id == (i == 0 ? 6 : 0));
    }
    CHECK_CODE(nx_ip_delete(&host), NX_SUCCESS);
}

#define TEST(body)                                                                                           \
    static void test_##body(void **state) {                                                                  \
        (void)state;                                                                                         \
        netx_test_run_at(TX_HOST_TIME_REAL, body);                                                           \
    }

TEST(what_cannot_leave_from_its_address_leaves_from_another)
TEST(answers_go_to_the_link_that_was_heard)
TEST(a_link_local_address_is_of_its_interface)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_cannot_leave_from_its_address_leaves_from_another),
        cmocka_unit_test(test_answers_go_to_the_link_that_was_heard),
        cmocka_unit_test(test_a_link_local_address_is_of_its_interface),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
