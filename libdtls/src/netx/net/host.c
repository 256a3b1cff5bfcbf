/* SPDX-License-Identifier: MIT
 *
 * The link to the host's network: a socket of the host for each bound socket.
 * A reader waits for all of an IP instance's sockets, and has the IP thread
 * empty those that are readable.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "netx/net/host_address.h"

#define EVENTS       16
#define MAX_DATAGRAM 65535
#define AT_ONCE      32 /* datagrams of a socket */
#define TRIES        16 /* for a port that is free in both versions */

/* One IP instance's. `post` carries what the reader found to the thread that has the processor. */
typedef struct host_reader {
    NX_IP *ip;
    tx_host_kernel *kernel;
    pthread_t thread;
    int epoll;
    int stop; /* an eventfd */
    kernel_post post;
    uint8_t scratch[MAX_DATAGRAM];
} host_reader;

VOID nx_host_udp_driver(NX_IP_DRIVER *driver_req_ptr) {
    (void)driver_req_ptr;
}

/* --- Datagrams in. --- */

/* One datagram of the host's socket; whether there was one. What has no packet is lost, as on a device. */
static bool take_datagram(host_reader *reader, NX_UDP_SOCKET *socket, int descriptor) {
    host_address from;
    host_control control;
    struct iovec bytes = {reader->scratch, sizeof reader->scratch};
    struct msghdr message = {.msg_name = &from,
                             .msg_namelen = sizeof from,
                             .msg_iov = &bytes,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    NXD_ADDRESS source;
    net_local local;
    ssize_t len = recvmsg(descriptor, &message, MSG_DONTWAIT);
    if (len < 0)
        return errno == ECONNREFUSED;
    UINT port = netx_from_host(&from, &source);
    netx_host_read_local(&message, &from, &local);
    NX_PACKET *packet =
        netx_make_arrival(reader->ip, &local.address, &source, port, socket->nx_udp_socket_port, (ULONG)len);
    if (packet != NULL)
        netx_packet_of(packet)->local.scope = local.scope;
    if (packet != NULL && (len == 0 || netx_append(packet, reader->scratch, (ULONG)len) == NX_SUCCESS))
        netx_arrive(reader->ip, packet);
    else
        netx_discard(packet);
    return true;
}

static bool arm(host_reader *reader, int operation, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.fd = descriptor};
    return epoll_ctl(reader->epoll, operation, descriptor, &event) == 0;
}

/* So many at once, lest a peer that sends without end keeps the processor; the reader comes again for more.
 */
static void take_some(host_reader *reader, NX_UDP_SOCKET *socket, int descriptor) {
    for (int taken = 0; taken < AT_ONCE && take_datagram(reader, socket, descriptor); taken++) {}
    (void)arm(reader, EPOLL_CTL_MOD, descriptor); /* it is in the set */
}

static void take_all(void *context) {
    host_reader *reader = context;
    NX_UDP_SOCKET *socket = netx_ip_of(reader->ip)->bound;
    for (; socket != NULL; socket = netx_socket_of(socket)->next_bound) {
        for (int family = 0; family < NET_FAMILIES; family++) {
            if (netx_socket_of(socket)->descriptors[family] >= 0)
                take_some(reader, socket, netx_socket_of(socket)->descriptors[family]);
        }
    }
}

static void *read_until_stopped(void *argument) {
    host_reader *reader = argument;
    struct epoll_event events[EVENTS];
    for (;;) {
        int num = epoll_wait(reader->epoll, events, EVENTS, -1);
        for (int i = 0; i < num; i++) {
            if (events[i].data.fd == reader->stop)
                return NULL;
        }
        if (num > 0)
            netx_kernel_post_handler(reader->kernel, &reader->post);
    }
}

/* --- The link. --- */

static void free_reader(host_reader *reader) {
    if (reader->epoll >= 0)
        close(reader->epoll);
    if (reader->stop >= 0)
        close(reader->stop);
    free(reader);
}

static UINT attach(NX_IP *ip) {
    host_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return NX_IP_INTERNAL_ERROR;
    reader->ip = ip;
    reader->kernel = netx_ip_of(ip)->kernel;
    reader->post.handler = take_all;
    reader->post.context = reader;
    reader->epoll = epoll_create1(EPOLL_CLOEXEC);
    reader->stop = eventfd(0, EFD_CLOEXEC);
    struct epoll_event stop = {.events = EPOLLIN, .data.fd = reader->stop};
    if (reader->epoll < 0 || reader->stop < 0 ||
        epoll_ctl(reader->epoll, EPOLL_CTL_ADD, reader->stop, &stop) != 0 ||
        pthread_create(&reader->thread, NULL, read_until_stopped, reader) != 0) {
        free_reader(reader);
        return NX_IP_INTERNAL_ERROR;
    }
    netx_ip_of(ip)->of_link = reader;
    reader->kernel->outside_sources++;
    return NX_SUCCESS;
}

static void detach(NX_IP *ip) {
    host_reader *reader = netx_ip_of(ip)->of_link;
    const uint64_t one = 1;
    (void)!write(reader->stop, &one, sizeof one); /* an eventfd that holds nothing takes it */
    pthread_join(reader->thread, NULL);
    netx_kernel_forget_post(reader->kernel, &reader->post);
    reader->kernel->outside_sources--;
    free_reader(reader);
    netx_ip_of(ip)->of_link = NULL;
}

/* How its datagrams are to travel; -1: as the host's do. A host that has no such option leaves it at that. */
static void set_options(int descriptor, int family, const NX_UDP_SOCKET *socket) {
    const bool whole = socket->nx_udp_socket_fragment_enable == NX_DONT_FRAGMENT;
    const int hops = socket->nx_udp_socket_time_to_live == 0 ? -1 : (int)socket->nx_udp_socket_time_to_live;
    if (family == AF_INET) {
        const int discovery = whole ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT;
        (void)setsockopt(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, &discovery, sizeof discovery);
        (void)setsockopt(descriptor, IPPROTO_IP, IP_TTL, &hops, sizeof hops);
    } else {
        const int yes = 1;
        const int dont = whole;
        (void)setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
        (void)setsockopt(descriptor, IPPROTO_IPV6, IPV6_DONTFRAG, &dont, sizeof dont);
        (void)setsockopt(descriptor, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &hops, sizeof hops);
    }
}

/* A socket of the host at one of the IP instance's addresses, or at all if it is zero. */
static UINT open_at(const NX_UDP_SOCKET *of, const NXD_ADDRESS *own, UINT port, int *out_descriptor,
                    UINT *out_port) {
    host_address address;
    socklen_t len = netx_to_host(own, port, netx_host_scope_of(own), &address);
    NXD_ADDRESS bound;
    int descriptor = socket(address.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0)
        return NX_NO_FREE_PORTS;
    set_options(descriptor, address.any.sa_family, of);
    netx_host_ask_for_local(descriptor, address.any.sa_family);
    if (bind(descriptor, &address.any, len) != 0) {
        UINT status = errno == EADDRINUSE ? NX_PORT_UNAVAILABLE : NX_INVALID_PORT;
        close(descriptor);
        return status;
    }
    len = sizeof address;
    if (getsockname(descriptor, &address.any, &len) != 0) {
        close(descriptor);
        return NX_NO_FREE_PORTS;
    }
    *out_port = netx_from_host(&address, &bound);
    *out_descriptor = descriptor;
    return NX_SUCCESS;
}

/* The same port for IPv4, and for IPv6 if the IP instance has an address of it. */
static UINT open_both(NX_UDP_SOCKET *socket, UINT port, UINT *out_port) {
    NX_IP *ip = socket->nx_udp_socket_ip_ptr;
    int *out_descriptors = netx_socket_of(socket)->descriptors;
    const NXD_ADDRESS v4 = {.nxd_ip_version = NX_IP_VERSION_V4,
                            .nxd_ip_address.v4 = ip->nx_ip_interface[0].nx_interface_ip_address};
    UINT unused;
    UINT status = open_at(socket, &v4, port, &out_descriptors[0], out_port);
    if (status != NX_SUCCESS || netx_ip_of(ip)->num_addresses_v6 == 0)
        return status;
    status = open_at(socket, &ip->nx_ip_address_v6[0], *out_port, &out_descriptors[1], &unused);
    if (status != NX_SUCCESS) {
        close(out_descriptors[0]);
        out_descriptors[0] = -1;
    }
    return status;
}

static void unbind_port(NX_UDP_SOCKET *socket) {
    for (int family = 0; family < NET_FAMILIES; family++) {
        if (netx_socket_of(socket)->descriptors[family] >= 0)
            close(netx_socket_of(socket)->descriptors[family]); /* and leaves the reader's set by that */
        netx_socket_of(socket)->descriptors[family] = -1;
    }
}

static UINT bind_port(NX_UDP_SOCKET *socket, UINT port, UINT *out_port) {
    NX_IP *ip = socket->nx_udp_socket_ip_ptr;
    int *descriptors = netx_socket_of(socket)->descriptors;
    if (port != NX_ANY_PORT && netx_socket_at(ip, port) != NULL)
        return NX_PORT_UNAVAILABLE;
    UINT status = open_both(socket, port, out_port);
    for (int tried = 1; port == NX_ANY_PORT && status == NX_PORT_UNAVAILABLE && tried < TRIES; tried++)
        status = open_both(socket, port, out_port);
    for (int family = 0; status == NX_SUCCESS && family < NET_FAMILIES; family++) {
        if (descriptors[family] >= 0 && !arm(netx_ip_of(ip)->of_link, EPOLL_CTL_ADD, descriptors[family]))
            status = NX_NO_FREE_PORTS;
    }
    if (status != NX_SUCCESS)
        unbind_port(socket);
    return status;
}

/* From where it is to leave, if the host lets it: a program may send on what has come to another address. */
static void send_from(int descriptor, struct msghdr *message, const net_local *local) {
    host_control control;
    netx_host_set_local(message, &control, local, message->msg_name);
    if (sendmsg(descriptor, message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 || message->msg_control == NULL ||
        errno != EINVAL)
        return;
    message->msg_control = NULL;
    message->msg_controllen = 0;
    (void)!sendmsg(descriptor, message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* That the host does not take a datagram is a loss like others. */
static UINT send_datagram(NX_UDP_SOCKET *socket, NX_PACKET *packet, const NXD_ADDRESS *address, UINT port) {
    const net_local *local = &netx_packet_of(packet)->local;
    host_address to;
    struct iovec bytes = {packet->nx_packet_prepend_ptr, packet->nx_packet_length};
    struct msghdr message = {.msg_name = &to, .msg_iov = &bytes, .msg_iovlen = 1};
    message.msg_namelen = netx_to_host(address, port, local->scope, &to);
    int descriptor = netx_socket_of(socket)->descriptors[address->nxd_ip_version == NX_IP_VERSION_V6];
    if (descriptor < 0)
        return NX_NO_INTERFACE_ADDRESS;
    UCHAR *whole = NULL;
    if (packet->nx_packet_next != NULL) {
        whole = malloc(packet->nx_packet_length);
        if (whole == NULL)
            return NX_NO_PACKET;
        netx_gather(packet, whole);
        bytes.iov_base = whole;
    }
    send_from(descriptor, &message, local);
    free(whole);
    netx_discard(packet);
    return NX_SUCCESS;
}

const net_link netx_host = {attach, detach, bind_port, unbind_port, send_datagram};
