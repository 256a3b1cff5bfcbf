/* SPDX-License-Identifier: MIT */
#include "netx/net/net.h"

_Static_assert(sizeof(net_socket) <= sizeof(((NX_UDP_SOCKET *)0)->nx_udp_socket_host),
               "NX_UDP_SOCKET has too little room");

static bool is_bound(NX_UDP_SOCKET *socket) {
    return socket->nx_udp_socket_port != 0;
}

NX_UDP_SOCKET *netx_socket_at(NX_IP *ip, UINT port) {
    NX_UDP_SOCKET *socket = netx_ip_of(ip)->bound;
    while (socket != NULL && socket->nx_udp_socket_port != port)
        socket = netx_socket_of(socket)->next_bound;
    return socket;
}

UINT netx_free_port(NX_IP *ip) {
    net_ip *net = netx_ip_of(ip);
    const UINT first = 49152;
    for (UINT tried = 0; tried <= NX_MAX_PORT - first; tried++) {
        UINT port = net->next_port;
        net->next_port = port == NX_MAX_PORT ? first : port + 1;
        if (netx_socket_at(ip, port) == NULL)
            return port;
    }
    return 0;
}

UINT _nx_udp_socket_create(NX_IP *ip_ptr, NX_UDP_SOCKET *socket_ptr, CHAR *name, ULONG type_of_service,
                           ULONG fragment, UINT time_to_live, ULONG queue_maximum) {
    (void)type_of_service;
    if (!netx_is_ip(ip_ptr) || socket_ptr == NULL || netx_is_socket(socket_ptr))
        return NX_PTR_ERROR;
    if (!netx_ip_of(ip_ptr)->udp_enabled)
        return NX_NOT_ENABLED;
    if (fragment != NX_FRAGMENT_OKAY && fragment != NX_DONT_FRAGMENT)
        return NX_OPTION_ERROR;
    if (time_to_live > 0xFF)
        return NX_OPTION_ERROR;
    memset(socket_ptr, 0, sizeof *socket_ptr);
    socket_ptr->nx_udp_socket_id = NET_SOCKET_ID;
    socket_ptr->nx_udp_socket_name = name;
    socket_ptr->nx_udp_socket_ip_ptr = ip_ptr;
    socket_ptr->nx_udp_socket_time_to_live = time_to_live;
    socket_ptr->nx_udp_socket_fragment_enable = fragment;
    socket_ptr->nx_udp_socket_queue_maximum = queue_maximum;
    for (int family = 0; family < NET_FAMILIES; family++)
        netx_socket_of(socket_ptr)->descriptors[family] = -1;
    return NX_SUCCESS;
}

/* Waits for the port if another socket has it. */
static UINT bind_to(NX_UDP_SOCKET *socket, UINT port, ULONG wait_option) {
    NX_IP *ip = socket->nx_udp_socket_ip_ptr;
    net_ip *net = netx_ip_of(ip);
    uint64_t deadline_ns = netx_kernel_deadline(wait_option);
    UINT given;
    UINT status = net->link->bind(socket, port, &given);
    while (status == NX_PORT_UNAVAILABLE && wait_option != NX_NO_WAIT) {
        kernel_woken woken =
            netx_kernel_wait(&netx_network_of(net->kernel)->port_freed, deadline_ns, TX_TCP_IP);
        if (woken == KERNEL_ABORTED)
            return NX_WAIT_ABORTED;
        if (woken == KERNEL_TIMED_OUT)
            return status;
        /* Meanwhile the program may have gone on with it. */
        if (!netx_is_socket(socket) || !netx_is_ip(ip))
            return NX_INVALID_SOCKET;
        if (is_bound(socket))
            return NX_ALREADY_BOUND;
        status = net->link->bind(socket, port, &given);
    }
    if (status != NX_SUCCESS)
        return status;
    socket->nx_udp_socket_port = given;
    netx_socket_of(socket)->next_bound = net->bound;
    net->bound = socket;
    return NX_SUCCESS;
}

UINT _nx_udp_socket_bind(NX_UDP_SOCKET *socket_ptr, UINT port, ULONG wait_option) {
    netx_kernel_enter_service();
    UINT answer = NX_PTR_ERROR;
    if (netx_is_socket(socket_ptr) && netx_is_ip(socket_ptr->nx_udp_socket_ip_ptr)) {
        if (port > NX_MAX_PORT)
            answer = NX_INVALID_PORT;
        else if (is_bound(socket_ptr))
            answer = NX_ALREADY_BOUND;
        else
            answer = bind_to(socket_ptr, port, wait_option);
    }
    netx_kernel_leave_service();
    return answer;
}

static void unbind(NX_UDP_SOCKET *socket) {
    net_ip *net = netx_ip_of(socket->nx_udp_socket_ip_ptr);
    NX_UDP_SOCKET **place = &net->bound;
    while (*place != socket)
        place = &netx_socket_of(*place)->next_bound;
    *place = netx_socket_of(socket)->next_bound;
    net->link->unbind(socket);
    socket->nx_udp_socket_port = 0;
    for (NX_PACKET *packet = netx_udp_take(socket); packet != NULL; packet = netx_udp_take(socket))
        netx_discard(packet);
    netx_kernel_wake_all(&netx_socket_of(socket)->receivers, KERNEL_DELETED);
    netx_kernel_wake_all(&netx_network_of(net->kernel)->port_freed, KERNEL_WOKEN);
}

UINT _nx_udp_socket_unbind(NX_UDP_SOCKET *socket_ptr) {
    netx_kernel_enter_service();
    UINT answer = NX_SUCCESS;
    if (!netx_is_socket(socket_ptr))
        answer = NX_PTR_ERROR;
    else if (!is_bound(socket_ptr))
        answer = NX_NOT_BOUND;
    else
        unbind(socket_ptr);
    netx_kernel_leave_service();
    return answer;
}

UINT _nx_udp_socket_delete(NX_UDP_SOCKET *socket_ptr) {
    netx_kernel_enter_service();
    UINT answer = NX_SUCCESS;
    if (!netx_is_socket(socket_ptr))
        answer = NX_PTR_ERROR;
    else if (is_bound(socket_ptr))
        answer = NX_STILL_BOUND;
    else
        socket_ptr->nx_udp_socket_id = 0;
    netx_kernel_leave_service();
    return answer;
}

/* The thread that was woken for a datagram has been terminated: it is for the next. */
static void wake_next(void *what) {
    NX_UDP_SOCKET *socket = what;
    if (netx_is_socket(socket) && socket->nx_udp_socket_receive_count > 0)
        netx_kernel_wake(&netx_socket_of(socket)->receivers, KERNEL_WOKEN);
}

static UINT receive(NX_UDP_SOCKET *socket, NX_PACKET **out_packet, ULONG wait_option) {
    uint64_t deadline_ns = netx_kernel_deadline(wait_option);
    while ((*out_packet = netx_udp_take(socket)) == NULL) {
        if (wait_option == NX_NO_WAIT)
            return NX_NO_PACKET;
        netx_kernel_wait_is_for(socket, wake_next);
        kernel_woken woken = netx_kernel_wait(&netx_socket_of(socket)->receivers, deadline_ns, TX_TCP_IP);
        netx_kernel_wait_is_for(NULL, NULL);
        /* Or unbound between its being woken and its turn. */
        if (woken == KERNEL_DELETED || !netx_is_socket(socket) || !is_bound(socket))
            return NX_NOT_BOUND;
        if (woken == KERNEL_ABORTED)
            return NX_WAIT_ABORTED;
        if (woken == KERNEL_TIMED_OUT)
            return NX_NO_PACKET;
    }
    return NX_SUCCESS;
}

UINT _nx_udp_socket_receive(NX_UDP_SOCKET *socket_ptr, NX_PACKET **packet_ptr, ULONG wait_option) {
    if (packet_ptr == NULL)
        return NX_PTR_ERROR;
    netx_kernel_enter_service();
    UINT answer = NX_PTR_ERROR;
    *packet_ptr = NX_NULL;
    if (netx_is_socket(socket_ptr))
        answer = is_bound(socket_ptr) ? receive(socket_ptr, packet_ptr, wait_option) : NX_NOT_BOUND;
    netx_kernel_leave_service();
    return answer;
}

UINT _nx_udp_socket_receive_notify(NX_UDP_SOCKET *socket_ptr,
                                   VOID (*receive_notify)(NX_UDP_SOCKET *socket_ptr)) {
    if (!netx_is_socket(socket_ptr))
        return NX_PTR_ERROR;
    socket_ptr->nx_udp_receive_callback = receive_notify;
    return NX_SUCCESS;
}

UINT _nx_udp_socket_port_get(NX_UDP_SOCKET *socket_ptr, UINT *port) {
    if (!netx_is_socket(socket_ptr) || port == NULL)
        return NX_PTR_ERROR;
    *port = socket_ptr->nx_udp_socket_port;
    return is_bound(socket_ptr) ? NX_SUCCESS : NX_NOT_BOUND;
}

UINT _nx_udp_socket_checksum_disable(NX_UDP_SOCKET *socket_ptr) {
    return netx_is_socket(socket_ptr) ? NX_SUCCESS : NX_PTR_ERROR;
}

static UINT judge(NX_UDP_SOCKET *socket, const NX_PACKET *packet, const NXD_ADDRESS *address, UINT port) {
    const ULONG longest = address->nxd_ip_version == NX_IP_VERSION_V4 ? NET_LONGEST_V4 : NET_LONGEST;
    if (!netx_is_address(address))
        return NX_IP_ADDRESS_ERROR;
    if (port == 0 || port > NX_MAX_PORT)
        return NX_INVALID_PORT;
    if (packet->nx_packet_prepend_ptr < packet->nx_packet_data_start)
        return NX_UNDERFLOW;
    if (packet->nx_packet_append_ptr > packet->nx_packet_data_end || packet->nx_packet_length > longest)
        return NX_OVERFLOW;
    size_t len;
    if (!netx_data_len(packet, &len) || len != packet->nx_packet_length)
        return NX_INVALID_PACKET;
    return is_bound(socket) ? NX_SUCCESS : NX_NOT_BOUND;
}

NETX_HOT UINT netx_udp_send_judged(NX_UDP_SOCKET *socket, NX_PACKET *packet, const NXD_ADDRESS *address,
                                   UINT port) {
    NX_IP *ip = socket->nx_udp_socket_ip_ptr;
    ULONG length = packet->nx_packet_length;
    UINT answer = netx_ip_of(ip)->link->send(socket, packet, address, port);
    if (answer == NX_SUCCESS) {
        ip->nx_ip_udp_packets_sent++;
        socket->nx_udp_socket_packets_sent++;
        socket->nx_udp_socket_bytes_sent += length;
    }
    return answer;
}

UINT netx_udp_send(NX_UDP_SOCKET *socket, NX_PACKET *packet, const NXD_ADDRESS *address, UINT port) {
    UINT answer = judge(socket, packet, address, port);
    return answer != NX_SUCCESS ? answer : netx_udp_send_judged(socket, packet, address, port);
}

UINT _nxd_udp_socket_send(NX_UDP_SOCKET *socket_ptr, NX_PACKET *packet_ptr, NXD_ADDRESS *ip_address,
                          UINT port) {
    if (ip_address == NULL || !netx_is_packet(packet_ptr))
        return NX_PTR_ERROR;
    netx_kernel_enter_service();
    UINT answer = NX_PTR_ERROR;
    if (netx_is_socket(socket_ptr))
        answer = netx_udp_send(socket_ptr, packet_ptr, ip_address, port);
    netx_kernel_leave_service();
    return answer;
}

UINT _nx_udp_socket_send(NX_UDP_SOCKET *socket_ptr, NX_PACKET *packet_ptr, ULONG ip_address, UINT port) {
    NXD_ADDRESS address = {.nxd_ip_version = NX_IP_VERSION_V4, .nxd_ip_address.v4 = ip_address};
    return _nxd_udp_socket_send(socket_ptr, packet_ptr, &address, port);
}

UINT _nxd_udp_source_extract(NX_PACKET *packet_ptr, NXD_ADDRESS *ip_address, UINT *port) {
    if (!netx_is_packet(packet_ptr) || ip_address == NULL || port == NULL)
        return NX_PTR_ERROR;
    *ip_address = netx_packet_of(packet_ptr)->source;
    *port = netx_packet_of(packet_ptr)->source_port;
    return ip_address->nxd_ip_version == 0 ? NX_INVALID_PACKET : NX_SUCCESS;
}

UINT _nx_udp_source_extract(NX_PACKET *packet_ptr, ULONG *ip_address, UINT *port) {
    NXD_ADDRESS address;
    if (ip_address == NULL)
        return NX_PTR_ERROR;
    UINT status = _nxd_udp_source_extract(packet_ptr, &address, port);
    if (status == NX_SUCCESS && address.nxd_ip_version != NX_IP_VERSION_V4)
        status = NX_INVALID_PACKET;
    if (status == NX_SUCCESS)
        *ip_address = address.nxd_ip_address.v4;
    return status;
}

static void queue(NX_UDP_SOCKET *socket, NX_PACKET *packet) {
    net_socket *net = netx_socket_of(socket);
    netx_list_append(&net->received, packet);
    socket->nx_udp_socket_receive_count++;
    socket->nx_udp_socket_packets_received++;
    socket->nx_udp_socket_bytes_received += packet->nx_packet_length;
    netx_kernel_wake(&net->receivers, KERNEL_WOKEN);
    if (socket->nx_udp_receive_callback != NULL)
        socket->nx_udp_receive_callback(socket);
}

/* A socket whose queue is full loses what has been there longest, as on a device. */
static void take_in(NX_IP *ip, NX_PACKET *packet) {
    NX_UDP_HEADER header;
    size_t len;
    /* The program's filter may have had it. */
    if (!netx_data_len(packet, &len) || len < packet->nx_packet_length ||
        packet->nx_packet_length < sizeof header ||
        (size_t)(packet->nx_packet_append_ptr - packet->nx_packet_prepend_ptr) < sizeof header) {
        netx_discard(packet);
        return;
    }
    memcpy(&header, packet->nx_packet_prepend_ptr, sizeof header);
    packet->nx_packet_prepend_ptr += sizeof header;
    packet->nx_packet_length -= (ULONG)sizeof header;
    netx_packet_of(packet)->source_port = header.nx_udp_header_word_0 >> 16;
    NX_UDP_SOCKET *socket = netx_socket_at(ip, header.nx_udp_header_word_0 & 0xFFFFu);
    if (socket == NULL) {
        netx_discard(packet);
        return;
    }
    if (socket->nx_udp_socket_receive_count > 0 &&
        socket->nx_udp_socket_receive_count >= socket->nx_udp_socket_queue_maximum) {
        netx_discard(netx_udp_take(socket));
        socket->nx_udp_socket_packets_dropped++;
    }
    queue(socket, packet);
}

NETX_HOT VOID _nx_udp_packet_receive(NX_IP *ip_ptr, NX_PACKET *packet_ptr) {
    netx_kernel_enter_service();
    if (netx_is_ip(ip_ptr) && netx_is_packet(packet_ptr))
        take_in(ip_ptr, packet_ptr);
    netx_kernel_leave_service();
}
