/* SPDX-License-Identifier: MIT
 *
 * Addresses as the host's sockets have them, and what comes with datagrams
 * besides (RFC 3493, RFC 3542).
 */
#ifndef NETX_HOST_ADDRESS_H
#define NETX_HOST_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "netx/net/net.h"

typedef union host_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} host_address;

/* Room for the address of ours that a datagram goes to or comes from. */
typedef union host_control {
    struct cmsghdr header;
    UCHAR bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
} host_control;

/* The length of what is in `out`. */
socklen_t netx_to_host(const NXD_ADDRESS *address, UINT port, ULONG scope, host_address *out);
/* The host's interface that has a link-local address; 0: none, or it is of another kind. */
ULONG netx_host_scope_of(const NXD_ADDRESS *address);
/* The port. */
UINT netx_from_host(const host_address *address, NXD_ADDRESS *out);

/* That a socket tells where its datagrams have come to. A host that has no such option leaves it at that. */
void netx_host_ask_for_local(int descriptor, int family);
/* Where a datagram has come to, and the scope that it has come from; version 0: not said, or not ours alone
 * (multicast). */
void netx_host_read_local(struct msghdr *message, const host_address *from, net_local *out);
/* That it is to leave from there, if that is known, and of the version of `to`; says so in `control`. */
void netx_host_set_local(struct msghdr *message, host_control *control, const net_local *local,
                         const host_address *to);

#endif
