/* SPDX-License-Identifier: MIT
 *
 * UDP sockets: made, and read and written in batches.
 */
#include "dtls/posix.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S  UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)

dtls_time dtls_posix_now(void) {
    struct timespec monotonic;
    struct timespec calendar;
    clock_gettime(CLOCK_MONOTONIC, &monotonic);
    clock_gettime(CLOCK_REALTIME, &calendar);
    return (dtls_time){.monotonic_ns = (uint64_t)monotonic.tv_sec * NS_PER_S + (uint64_t)monotonic.tv_nsec,
                       .calendar_s = (int64_t)calendar.tv_sec};
}

int dtls_posix_wait(uint64_t deadline_ns) {
    if (deadline_ns == DTLS_NO_DEADLINE)
        return -1;
    const uint64_t now = dtls_posix_now().monotonic_ns;
    const uint64_t left = deadline_ns > now ? (deadline_ns - now + NS_PER_MS - 1) / NS_PER_MS : 0;
    return left < INT_MAX ? (int)left : INT_MAX;
}

typedef int (*connect_or_bind)(int udp, const struct sockaddr *address, socklen_t len);

/* The first of the addresses found that lets itself be bound or connected to. */
static int open_first(const struct addrinfo *found, bool both_families, connect_or_bind attach,
                      const char **out_problem) {
    for (; found != NULL; found = found->ai_next) {
        const int udp = socket(found->ai_family, SOCK_DGRAM, 0);
        const int only = !both_families;
        if (udp >= 0 && found->ai_family == AF_INET6)
            (void)setsockopt(udp, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
        if (udp >= 0 && attach(udp, found->ai_addr, found->ai_addrlen) == 0 &&
            fcntl(udp, F_SETFL, O_NONBLOCK) == 0 && fcntl(udp, F_SETFD, FD_CLOEXEC) == 0)
            return udp;
        *out_problem = strerror(errno);
        if (udp >= 0)
            close(udp);
    }
    return -1;
}

static int open_socket(const char *host, const char *port, int family, int flags, connect_or_bind attach,
                       const char **out_problem) {
    const char *unwanted;
    if (out_problem == NULL)
        out_problem = &unwanted;
    const bool any = host == NULL || strcmp(host, "*") == 0;
    const bool both_families = any && family == AF_UNSPEC;
    struct addrinfo hints = {
        .ai_family = both_families ? AF_INET6 : family, .ai_socktype = SOCK_DGRAM, .ai_flags = flags};
    struct addrinfo *found = NULL;
    int error = getaddrinfo(any ? NULL : host, port, &hints, &found);
    int udp = -1;
    if (error == 0) {
        udp = open_first(found, both_families, attach, out_problem);
        freeaddrinfo(found);
    }
    /* A system without IPv6. */
    if (udp < 0 && both_families) {
        hints.ai_family = AF_INET;
        error = getaddrinfo(NULL, port, &hints, &found);
        if (error == 0) {
            udp = open_first(found, false, attach, out_problem);
            freeaddrinfo(found);
        }
    }
    if (error != 0)
        *out_problem = gai_strerror(error);
    return udp;
}

int dtls_udp_bind(const char *host, const char *port, int family, const char **out_problem) {
    return open_socket(host, port, family, AI_PASSIVE, bind, out_problem);
}

static int family_of(int udp, bool *out_connected);

/* The header of IPv4 or IPv6, and that of UDP. */
#define IPV4_HEADERS 28
#define IPV6_HEADERS 48

size_t dtls_udp_path_mtu(int udp) {
#if defined(IP_MTU) && defined(IPV6_MTU)
    bool connected = false;
    const bool is_ipv4 = family_of(udp, &connected) == AF_INET;
    const int headers = is_ipv4 ? IPV4_HEADERS : IPV6_HEADERS;
    int mtu = 0;
    socklen_t len = sizeof mtu;
    if (connected &&
        getsockopt(udp, is_ipv4 ? IPPROTO_IP : IPPROTO_IPV6, is_ipv4 ? IP_MTU : IPV6_MTU, &mtu, &len) == 0 &&
        mtu > headers)
        return (size_t)(mtu - headers);
#else
    (void)udp;
#endif
    return 0;
}

/* The library does the cutting, and better. */
static void forbid_fragments(int udp) {
#if defined(IP_MTU_DISCOVER) && defined(IPV6_MTU_DISCOVER)
    const int ipv4 = IP_PMTUDISC_DO;
    const int ipv6 = IPV6_PMTUDISC_DO;
    (void)setsockopt(udp, IPPROTO_IP, IP_MTU_DISCOVER, &ipv4, sizeof ipv4);
    (void)setsockopt(udp, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &ipv6, sizeof ipv6);
#else
    (void)udp;
#endif
}

int dtls_udp_connect(const char *host, const char *port, int family, const char **out_problem) {
    const int udp = open_socket(host == NULL ? "localhost" : host, port, family, 0, connect, out_problem);
    if (udp >= 0)
        forbid_fragments(udp);
    return udp;
}

void dtls_udp_own_address(int udp, dtls_address *out_address) {
    struct sockaddr_storage own = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof own;
    (void)getsockname(udp, (struct sockaddr *)&own, &len);
    dtls_posix_address((const struct sockaddr *)&own, out_address);
}

/* What one call of the system says of a batch. */
struct batch {
    struct sockaddr_storage addresses[DTLS_UDP_BATCH];
    struct iovec places[DTLS_UDP_BATCH];
#ifdef DTLS_HAVE_MMSG
    struct mmsghdr messages[DTLS_UDP_BATCH];
#else
    struct {
        struct msghdr msg_hdr;
        unsigned msg_len;
    } messages[DTLS_UDP_BATCH];
#endif
};

#ifdef DTLS_HAVE_MMSG

static int receive_batch(int udp, struct batch *batch, size_t num) {
    return recvmmsg(udp, batch->messages, (unsigned)num, 0, NULL);
}

static int send_batch(int udp, struct batch *batch, size_t num) {
    return sendmmsg(udp, batch->messages, (unsigned)num, 0);
}

#else

static int receive_batch(int udp, struct batch *batch, size_t num) {
    size_t done = 0;
    for (; done < num; done++) {
        const ssize_t len = recvmsg(udp, &batch->messages[done].msg_hdr, 0);
        if (len < 0)
            break;
        batch->messages[done].msg_len = (unsigned)len;
    }
    return done > 0 || num == 0 ? (int)done : -1;
}

static int send_batch(int udp, struct batch *batch, size_t num) {
    size_t done = 0;
    while (done < num && sendmsg(udp, &batch->messages[done].msg_hdr, 0) >= 0)
        done++;
    return done > 0 || num == 0 ? (int)done : -1;
}

#endif

int dtls_udp_receive(int udp, dtls_server_datagram *datagrams, size_t num) {
    struct batch batch;
    if (datagrams == NULL && num > 0) {
        errno = EFAULT;
        return -1;
    }
    num = num < DTLS_UDP_BATCH ? num : DTLS_UDP_BATCH;
    for (size_t i = 0; i < num; i++) {
        batch.places[i] = (struct iovec){.iov_base = datagrams[i].bytes, .iov_len = datagrams[i].len};
        batch.addresses[i].ss_family = AF_UNSPEC;
        batch.messages[i].msg_hdr = (struct msghdr){.msg_name = &batch.addresses[i],
                                                    .msg_namelen = sizeof batch.addresses[i],
                                                    .msg_iov = &batch.places[i],
                                                    .msg_iovlen = 1};
    }
    const int got = receive_batch(udp, &batch, num);
    if (got < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ECONNREFUSED ? 0 : -1;
    for (size_t i = 0; i < num && i < (size_t)got; i++) {
        const bool cut = (batch.messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
        datagrams[i].len = cut ? 0 : batch.messages[i].msg_len;
        dtls_posix_address((const struct sockaddr *)&batch.addresses[i], &datagrams[i].address);
    }
    return got;
}

/* The socket's own family, and whether it has a peer. */
static int family_of(int udp, bool *out_connected) {
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof address;
    *out_connected = getpeername(udp, (struct sockaddr *)&address, &len) == 0;
    len = sizeof address;
    (void)getsockname(udp, (struct sockaddr *)&address, &len);
    return address.ss_family;
}

int dtls_udp_send(int udp, const dtls_server_datagram *datagrams, size_t num) {
    struct batch batch;
    bool connected;
    if (datagrams == NULL && num > 0) {
        errno = EFAULT;
        return -1;
    }
    const int family = family_of(udp, &connected);
    num = num < DTLS_UDP_BATCH ? num : DTLS_UDP_BATCH;
    for (size_t i = 0; i < num; i++) {
        batch.places[i] = (struct iovec){.iov_base = datagrams[i].bytes, .iov_len = datagrams[i].len};
        batch.messages[i].msg_hdr = (struct msghdr){.msg_iov = &batch.places[i], .msg_iovlen = 1};
        if (!connected) {
            batch.messages[i].msg_hdr.msg_name = &batch.addresses[i];
            batch.messages[i].msg_hdr.msg_namelen =
                dtls_posix_sockaddr(&datagrams[i].address, family, &batch.addresses[i]);
        }
    }
    const int sent = send_batch(udp, &batch, num);
    if (sent >= 0) {
        errno = 0;
        return sent;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
        return 0;
    /* An unreachable peer, an ICMP message about an earlier datagram: the network's business. */
    return errno == EBADF || errno == ENOTSOCK || errno == EFAULT ? -1 : 1;
}
