/* SPDX-License-Identifier: MIT
 *
 * Packets, IP instances and UDP sockets behind the names of NetX Duo, and the
 * links that carry their datagrams.
 */
#ifndef NETX_NET_H
#define NETX_NET_H

#include "netx/net/packet_list.h"
#include "netx/threadx/kernel.h"
#include "nx_host.h"
#include "nx_udp.h"

#define NET_PACKET_ID 0x5041434Bu /* of a packet that is in use */
#define NET_FREE_ID   0x46524545u
#define NET_POOL_ID   0x504F4F4Cu
#define NET_IP_ID     0x49502020u
#define NET_SOCKET_ID 0x55445020u

/* IPv4 and IPv6: a bound socket of the host's link has one of the host's for each. */
#define NET_FAMILIES 2

/* What a UDP datagram may carry over IPv6, and over IPv4 (RFC 768, RFC 8200). */
#define NET_LONGEST    65527u
#define NET_LONGEST_V4 65507u

#define NET_UDP_HEADER sizeof(NX_UDP_HEADER)

/* Where a datagram has come to, or is to be sent from. */
typedef struct net_local {
    NXD_ADDRESS address; /* version 0: any of the IP instance's */
    ULONG scope;         /* of the host's link: the interface of a peer with a link-local address */
} net_local;

/* What a packet has behind NX_PACKET: where a received one came from and went to. */
typedef struct net_packet {
    ULONG id;
    UINT source_port;
    NXD_ADDRESS source;
    net_local local;
} net_packet;

typedef struct net_pool {
    kernel_waiters waiters;
} net_pool;

/* What carries the datagrams of an IP instance. */
typedef struct net_link {
    UINT (*attach)(NX_IP *ip);
    void (*detach)(NX_IP *ip);
    /* NX_SUCCESS, or why the port cannot be had (NX_PORT_UNAVAILABLE …); `port` may be NX_ANY_PORT. */
    UINT (*bind)(NX_UDP_SOCKET *socket, UINT port, UINT *out_port);
    void (*unbind)(NX_UDP_SOCKET *socket);
    /* The packet is the link's if it answers NX_SUCCESS. */
    UINT (*send)(NX_UDP_SOCKET *socket, NX_PACKET *packet, const NXD_ADDRESS *address, UINT port);
} net_link;

extern const net_link netx_switch;
extern const net_link netx_host;

/* What an IP instance has behind NX_IP. */
typedef struct net_ip {
    tx_host_kernel *kernel;
    const net_link *link;
    NX_IP *next_created;
    NX_UDP_SOCKET *bound;
    packet_list arrived; /* with their UDP headers */
    kernel_waiters work; /* the IP thread */
    UINT next_port;
    UINT num_addresses_v6;
    bool udp_enabled;
    void *of_link;
} net_ip;

/* What a socket has behind NX_UDP_SOCKET. */
typedef struct net_socket {
    NX_UDP_SOCKET *next_bound;
    packet_list received;
    kernel_waiters receivers;
    int descriptors[NET_FAMILIES]; /* of the host's link; -1: none */
} net_socket;

/* The network of one kernel. */
typedef struct net_network {
    NX_IP *created;
    kernel_waiters port_freed;
    VOID (*uplink)(VOID *context, const nx_host_datagram *datagram);
    VOID *uplink_context;
    unsigned depth; /* of deliveries within deliveries */
    bool inline_delivery;
} net_network;

/* Of the kernel in use; made when first asked for. NULL: no memory. */
net_network *netx_make_network(tx_host_kernel *kernel);
static inline net_network *netx_network_of(tx_host_kernel *kernel) {
    return kernel->network != NULL ? kernel->network : netx_make_network(kernel);
}

static inline net_packet *netx_packet_of(NX_PACKET *packet) {
    return (net_packet *)(void *)packet->nx_packet_host;
}

static inline net_pool *netx_pool_of(NX_PACKET_POOL *pool) {
    return (net_pool *)(void *)pool->nx_packet_pool_host;
}

static inline net_ip *netx_ip_of(NX_IP *ip) {
    return (net_ip *)(void *)ip->nx_ip_host;
}

static inline net_socket *netx_socket_of(NX_UDP_SOCKET *socket) {
    return (net_socket *)(void *)socket->nx_udp_socket_host;
}

/* In use. */
static inline bool netx_is_packet(const NX_PACKET *packet) {
    return packet != NULL && netx_packet_of((NX_PACKET *)(uintptr_t)packet)->id == NET_PACKET_ID;
}

static inline bool netx_is_ip(const NX_IP *ip) {
    return ip != NULL && ip->nx_ip_id == NET_IP_ID;
}

static inline bool netx_is_socket(const NX_UDP_SOCKET *socket) {
    return socket != NULL && socket->nx_udp_socket_id == NET_SOCKET_ID;
}

static inline bool netx_is_pool(const NX_PACKET_POOL *pool) {
    return pool != NULL && pool->nx_packet_pool_id == NET_POOL_ID;
}

static inline bool netx_same_address(const NXD_ADDRESS *one, const NXD_ADDRESS *other) {
    if (one->nxd_ip_version != other->nxd_ip_version)
        return false;
    if (one->nxd_ip_version == NX_IP_VERSION_V4)
        return one->nxd_ip_address.v4 == other->nxd_ip_address.v4;
    return memcmp(one->nxd_ip_address.v6, other->nxd_ip_address.v6, sizeof one->nxd_ip_address.v6) == 0;
}

/* Whether it can be one of a host. */
static inline bool netx_is_address(const NXD_ADDRESS *address) {
    const ULONG *v6 = address->nxd_ip_address.v6;
    if (address->nxd_ip_version == NX_IP_VERSION_V4)
        return address->nxd_ip_address.v4 != 0;
    return address->nxd_ip_version == NX_IP_VERSION_V6 && (v6[0] | v6[1] | v6[2] | v6[3]) != 0;
}

/* What is behind the services of the same names, for those who are in one. */

/* A packet without data, which will begin behind `headroom`; does not wait. NULL: there is none, or none with
 * so much room. */
NX_PACKET *netx_take_packet(NX_PACKET_POOL *pool, ULONG headroom);
/* The same with waiting, of a pool that has so much room: as nx_packet_allocate. */
UINT netx_wait_for_packet(NX_PACKET_POOL *pool, NX_PACKET **out_packet, ULONG headroom, ULONG wait_option);
/* Gives a packet, with what it is chained to, back to its pool. */
void netx_discard(NX_PACKET *packet);

/* Appends to a packet from its pool without waiting. */
UINT netx_append_chain(NX_PACKET *packet, const void *data, ULONG len);
static inline UINT netx_append(NX_PACKET *packet, const void *data, ULONG len) {
    if (packet->nx_packet_last != NULL ||
        len > (size_t)(packet->nx_packet_data_end - packet->nx_packet_append_ptr))
        return netx_append_chain(packet, data, len);
    memcpy(packet->nx_packet_append_ptr, data, len);
    packet->nx_packet_append_ptr += len;
    packet->nx_packet_length += len;
    return NX_SUCCESS;
}

/* The packet is the link's if it answers NX_SUCCESS. `netx_udp_send_judged` is for who knows that the socket
 * is bound, the address and port are those of a peer, and the packet is whole. */
UINT netx_udp_send_judged(NX_UDP_SOCKET *socket, NX_PACKET *packet, const NXD_ADDRESS *address, UINT port);
UINT netx_udp_send(NX_UDP_SOCKET *socket, NX_PACKET *packet, const NXD_ADDRESS *address, UINT port);
/* The first that has come; NULL: there is none. */
static inline NX_PACKET *netx_udp_take(NX_UDP_SOCKET *socket) {
    NX_PACKET *packet = netx_list_take(&netx_socket_of(socket)->received);
    if (packet != NULL)
        socket->nx_udp_socket_receive_count--;
    return packet;
}

/* Whether a packet's data lies in its payload. */
static inline bool netx_is_well_formed(const NX_PACKET *packet) {
    return packet->nx_packet_prepend_ptr >= packet->nx_packet_data_start &&
           packet->nx_packet_prepend_ptr <= packet->nx_packet_append_ptr &&
           packet->nx_packet_append_ptr <= packet->nx_packet_data_end;
}

/* How many bytes a chain's parts hold, which a program may have made unlike `nx_packet_length`; false: one's
 * data does not lie in its payload. */
bool netx_chain_len(const NX_PACKET *packet, size_t *out_len);
static inline bool netx_data_len(const NX_PACKET *packet, size_t *out_len) {
    if (packet->nx_packet_next != NULL)
        return netx_chain_len(packet, out_len);
    *out_len = (size_t)(packet->nx_packet_append_ptr - packet->nx_packet_prepend_ptr);
    return netx_is_well_formed(packet);
}

/* Copies the whole data of a chain; `out` has its length. */
void netx_gather(const NX_PACKET *packet, UCHAR *out);

/* A datagram for `ip` at its address `local` (zero: not known), its data in a packet of its default pool with
 * `NET_UDP_HEADER` bytes in front; NULL: the pool is empty. */
NX_PACKET *netx_make_arrival(NX_IP *ip, const NXD_ADDRESS *local, const NXD_ADDRESS *source, UINT source_port,
                             UINT destination_port, ULONG len);
/* Gives it to the IP thread. */
void netx_arrive(NX_IP *ip, NX_PACKET *packet);

/* The socket of `ip` that is bound to `port`; NULL: none. */
NX_UDP_SOCKET *netx_socket_at(NX_IP *ip, UINT port);
/* A port that no socket of `ip` has. 0: there is none. */
UINT netx_free_port(NX_IP *ip);

#endif
