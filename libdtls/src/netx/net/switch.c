/* SPDX-License-Identifier: MIT
 *
 * The link inside a process: every IP instance of a kernel that is on it
 * reaches the others, and an uplink takes what is for nobody here.
 */
#include "netx/net/net.h"

#define LOOPBACK_V4 IP_ADDRESS(127, 0, 0, 1)

VOID _nx_ram_network_driver_1500(NX_IP_DRIVER *driver_req_ptr) {
    (void)driver_req_ptr;
}

VOID _nx_ram_network_driver(NX_IP_DRIVER *driver_req_ptr) {
    (void)driver_req_ptr;
}

static UINT attach(NX_IP *ip) {
    ULONG address = ip->nx_ip_interface[0].nx_interface_ip_address;
    net_network *network = netx_network_of(netx_ip_of(ip)->kernel);
    for (NX_IP *other = network->created; other != NULL; other = netx_ip_of(other)->next_created) {
        if (address != 0 && netx_ip_of(other)->link == &netx_switch &&
            other->nx_ip_interface[0].nx_interface_ip_address == address)
            return NX_DUPLICATED_ENTRY;
    }
    return NX_SUCCESS;
}

static void detach(NX_IP *ip) {
    (void)ip;
}

static UINT bind_port(NX_UDP_SOCKET *socket, UINT port, UINT *out_port) {
    NX_IP *ip = socket->nx_udp_socket_ip_ptr;
    if (port == NX_ANY_PORT) {
        *out_port = netx_free_port(ip);
        return *out_port == 0 ? NX_NO_FREE_PORTS : NX_SUCCESS;
    }
    *out_port = port;
    return netx_socket_at(ip, port) == NULL ? NX_SUCCESS : NX_PORT_UNAVAILABLE;
}

static void unbind_port(NX_UDP_SOCKET *socket) {
    (void)socket;
}

static bool is_loopback(const NXD_ADDRESS *address) {
    const ULONG *v6 = address->nxd_ip_address.v6;
    if (address->nxd_ip_version == NX_IP_VERSION_V4)
        return address->nxd_ip_address.v4 == LOOPBACK_V4;
    return (v6[0] | v6[1] | v6[2]) == 0 && v6[3] == 1;
}

/* Of what is not loopback. */
static bool has_address(NX_IP *ip, const NXD_ADDRESS *address) {
    const net_ip *net = netx_ip_of(ip);
    if (address->nxd_ip_version == NX_IP_VERSION_V4)
        return address->nxd_ip_address.v4 == ip->nx_ip_interface[0].nx_interface_ip_address;
    for (UINT i = 0; i < net->num_addresses_v6; i++) {
        if (netx_same_address(address, &ip->nx_ip_address_v6[i]))
            return true;
    }
    return false;
}

/* What `ip` sends from to `destination`; all zero: it has none of that version. */
static NXD_ADDRESS source_address(NX_IP *ip, const NXD_ADDRESS *destination) {
    const net_ip *net = netx_ip_of(ip);
    NXD_ADDRESS source = {.nxd_ip_version = destination->nxd_ip_version};
    if (is_loopback(destination))
        return *destination;
    if (destination->nxd_ip_version == NX_IP_VERSION_V4)
        source.nxd_ip_address.v4 = ip->nx_ip_interface[0].nx_interface_ip_address;
    else if (net->num_addresses_v6 > 0)
        source = ip->nx_ip_address_v6[0];
    return source;
}

/* The IP instance that a datagram of `sender` (NULL: from outside, where nobody has a loopback address) to
 * `address` is for. */
static NX_IP *find(net_network *network, NX_IP *sender, const NXD_ADDRESS *address) {
    if (network == NULL || !netx_is_address(address))
        return NULL;
    if (is_loopback(address) || (sender != NULL && has_address(sender, address)))
        return sender;
    for (NX_IP *ip = network->created; ip != NULL; ip = netx_ip_of(ip)->next_created) {
        if (netx_ip_of(ip)->link == &netx_switch && has_address(ip, address))
            return ip;
    }
    return NULL;
}

static bool append_all(NX_PACKET *arrival, const NX_PACKET *part) {
    for (; part != NULL; part = part->nx_packet_next) {
        ULONG len = (ULONG)(part->nx_packet_append_ptr - part->nx_packet_prepend_ptr);
        if (len > 0 && netx_append(arrival, part->nx_packet_prepend_ptr, len) != NX_SUCCESS)
            return false;
    }
    return true;
}

/* A copy in a packet of the receiver. That there is none, or no receiver, is a loss like others. */
static void deliver(NX_IP *to, const NXD_ADDRESS *address, const NXD_ADDRESS *source, UINT source_port,
                    UINT port, NX_PACKET *packet) {
    NX_PACKET *arrival = netx_make_arrival(to, address, source, source_port, port, packet->nx_packet_length);
    const bool whole = arrival != NULL && append_all(arrival, packet);
    netx_discard(packet);
    if (whole)
        netx_arrive(to, arrival);
    else
        netx_discard(arrival);
}

static void send_up(net_network *network, const nx_host_datagram *header, NX_PACKET *packet) {
    UCHAR *whole = NULL;
    if (network->uplink != NULL) {
        nx_host_datagram datagram = *header;
        datagram.length = packet->nx_packet_length;
        datagram.data = packet->nx_packet_prepend_ptr;
        if (packet->nx_packet_next != NULL && (whole = malloc(packet->nx_packet_length)) != NULL) {
            netx_gather(packet, whole);
            datagram.data = whole;
        }
        if (packet->nx_packet_next == NULL || whole != NULL)
            network->uplink(network->uplink_context, &datagram);
        free(whole);
    }
    netx_discard(packet);
}

/* The one that the packet is to be sent from, if it can be. */
static NXD_ADDRESS source_of(NX_IP *ip, NX_PACKET *packet, const NXD_ADDRESS *destination) {
    const NXD_ADDRESS *local = &netx_packet_of(packet)->local.address;
    if (local->nxd_ip_version == destination->nxd_ip_version && !is_loopback(local) &&
        !is_loopback(destination) && has_address(ip, local))
        return *local;
    return source_address(ip, destination);
}

NETX_HOT static UINT send(NX_UDP_SOCKET *socket, NX_PACKET *packet, const NXD_ADDRESS *address, UINT port) {
    NX_IP *ip = socket->nx_udp_socket_ip_ptr;
    net_network *network = netx_network_of(netx_ip_of(ip)->kernel);
    const NXD_ADDRESS source = source_of(ip, packet, address);
    if (!netx_is_address(&source))
        return NX_NO_INTERFACE_ADDRESS;
    NX_IP *to = find(network, ip, address);
    if (to != NULL)
        deliver(to, address, &source, socket->nx_udp_socket_port, port, packet);
    else
        send_up(network,
                &(nx_host_datagram){.source = source,
                                    .destination = *address,
                                    .source_port = socket->nx_udp_socket_port,
                                    .destination_port = port},
                packet);
    return NX_SUCCESS;
}

const net_link netx_switch = {attach, detach, bind_port, unbind_port, send};

VOID nx_host_uplink_set(VOID (*deliver_up)(VOID *context, const nx_host_datagram *datagram), VOID *context) {
    net_network *network = netx_network_of(netx_kernel_used());
    if (network == NULL)
        return;
    network->uplink = deliver_up;
    network->uplink_context = context;
}

VOID nx_host_inline_delivery_set(UINT inline_delivery) {
    net_network *network = netx_network_of(netx_kernel_used());
    if (network != NULL)
        network->inline_delivery = inline_delivery != 0;
}

static NX_UDP_SOCKET *first_from(NX_IP *ip) {
    while (ip != NULL && (netx_ip_of(ip)->link != &netx_switch || netx_ip_of(ip)->bound == NULL))
        ip = netx_ip_of(ip)->next_created;
    return ip == NULL ? NULL : netx_ip_of(ip)->bound;
}

NX_UDP_SOCKET *nx_host_bound_next(NX_UDP_SOCKET *socket) {
    const net_network *network = netx_network_of(netx_kernel_used());
    if (socket == NULL)
        return network == NULL ? NULL : first_from(network->created);
    NX_UDP_SOCKET *next = netx_socket_of(socket)->next_bound;
    return next != NULL ? next : first_from(netx_ip_of(socket->nx_udp_socket_ip_ptr)->next_created);
}

UINT nx_host_address_for(NX_IP *ip_ptr, const NXD_ADDRESS *peer, NXD_ADDRESS *out_address) {
    *out_address = source_address(ip_ptr, peer);
    return netx_is_address(out_address) ? NX_TRUE : NX_FALSE;
}

UINT nx_host_deliver(const nx_host_datagram *datagram) {
    if (datagram == NULL || (datagram->data == NULL && datagram->length > 0))
        return NX_PTR_ERROR;
    netx_kernel_enter_service();
    net_network *network = netx_network_of(netx_kernel_used());
    NX_IP *to = find(network, NULL, &datagram->destination);
    UINT answer = to == NULL ? NX_NOT_FOUND : NX_SUCCESS;
    if (to != NULL && !netx_ip_of(to)->udp_enabled)
        answer = NX_NOT_ENABLED;
    if (answer == NX_SUCCESS) {
        NX_PACKET *arrival =
            netx_make_arrival(to, &datagram->destination, &datagram->source, datagram->source_port,
                              datagram->destination_port, datagram->length);
        if (arrival == NULL ||
            (datagram->length > 0 && netx_append(arrival, datagram->data, datagram->length) != NX_SUCCESS)) {
            netx_discard(arrival);
            answer = NX_NO_PACKET;
        } else {
            netx_arrive(to, arrival);
        }
    }
    netx_kernel_leave_service();
    return answer;
}
