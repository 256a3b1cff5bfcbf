/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "netx/net/net.h"

_Static_assert(sizeof(net_ip) <= sizeof(((NX_IP *)0)->nx_ip_host), "NX_IP has too little room");

#define MAX_ADDRESSES_V6 (sizeof(((NX_IP *)0)->nx_ip_address_v6) / sizeof(NXD_ADDRESS))
#define FIRST_FREE_PORT  49152u
#define MOST_DEPTH       8u

/* ThreadX hands a thread one ULONG, which holds no pointer: the IP thread is a member of what it serves. */
#define IP_OF_THREAD(thread) ((NX_IP *)(void *)((UCHAR *)(thread)-offsetof(NX_IP, nx_ip_thread)))

/* Takes it off its link, and forgets it; what had come for it goes back to the pools. */
static void take_off(NX_IP *ip) {
    net_ip *net = netx_ip_of(ip);
    NX_IP **place = &netx_network_of(net->kernel)->created;
    while (*place != ip)
        place = &netx_ip_of(*place)->next_created;
    *place = net->next_created;
    net->link->detach(ip);
    for (NX_PACKET *packet = netx_list_take(&net->arrived); packet != NULL;
         packet = netx_list_take(&net->arrived))
        netx_discard(packet);
    ip->nx_ip_id = 0;
}

static void close_network(void *context) {
    net_network *network = context;
    while (network->created != NULL) {
        NX_IP *ip = network->created;
        while (netx_ip_of(ip)->bound != NULL)
            _nx_udp_socket_unbind(netx_ip_of(ip)->bound);
        take_off(ip);
    }
}

static void free_network(void *network) {
    free(network);
}

net_network *netx_make_network(tx_host_kernel *kernel) {
    kernel->network = calloc(1, sizeof(net_network));
    if (kernel->network != NULL) {
        kernel->network_close = close_network;
        kernel->network_free = free_network;
    }
    return kernel->network;
}

static void receive(NX_IP *ip, NX_PACKET *packet) {
    ip->nx_ip_udp_packets_received++;
    if (ip->nx_ip_udp_packet_receive != NULL)
        ip->nx_ip_udp_packet_receive(ip, packet);
    else
        netx_discard(packet);
}

static VOID serve(ULONG input) {
    (void)input;
    NX_IP *ip = IP_OF_THREAD(netx_kernel_self());
    net_ip *net = netx_ip_of(ip);
    for (;;) {
        NX_PACKET *packet = netx_list_take(&net->arrived);
        if (packet != NULL)
            receive(ip, packet);
        else
            netx_kernel_wait(&net->work, TX_HOST_NEVER, TX_TCP_IP);
    }
}

NETX_HOT NX_PACKET *netx_make_arrival(NX_IP *ip, const NXD_ADDRESS *local, const NXD_ADDRESS *source,
                                      UINT source_port, UINT destination_port, ULONG len) {
    NX_UDP_HEADER header = {.nx_udp_header_word_0 = (source_port << 16) | destination_port,
                            .nx_udp_header_word_1 = (len + (ULONG)NET_UDP_HEADER) << 16};
    /* As it stands behind the physical and IP headers. */
    ULONG headroom = NX_UDP_PACKET - (ULONG)NET_UDP_HEADER;
    NX_PACKET *packet = netx_take_packet(ip->nx_ip_default_packet_pool, headroom);
    if (packet == NULL)
        return NULL;
    netx_packet_of(packet)->source = *source;
    netx_packet_of(packet)->local.address = *local;
    netx_packet_of(packet)->source_port = source_port;
    packet->nx_packet_ip_version = source->nxd_ip_version;
    if (netx_append(packet, &header, sizeof header) == NX_SUCCESS)
        return packet;
    netx_discard(packet);
    return NULL;
}

/* In the sender's thread. How deep is limited: two that answer each other would fill the stack. */
static bool deliver_inline(NX_IP *ip, NX_PACKET *packet) {
    net_network *network = netx_network_of(netx_ip_of(ip)->kernel);
    if (!network->inline_delivery || network->depth == MOST_DEPTH || netx_ip_of(ip)->link != &netx_switch)
        return false;
    network->depth++;
    receive(ip, packet);
    network->depth--;
    return true;
}

NETX_HOT void netx_arrive(NX_IP *ip, NX_PACKET *packet) {
    net_ip *net = netx_ip_of(ip);
    if (deliver_inline(ip, packet))
        return;
    netx_list_append(&net->arrived, packet);
    netx_kernel_wake(&net->work, KERNEL_WOKEN);
}

/* A simulated host has no sockets of this one. */
static bool is_on_host(const tx_host_kernel *kernel, VOID (*driver)(NX_IP_DRIVER *)) {
    return driver == nx_host_udp_driver && kernel->time != TX_HOST_TIME_STEPPED;
}

/* All addresses of a simulated host are the one that it has. */
static ULONG address_of(const tx_host_kernel *kernel, VOID (*driver)(NX_IP_DRIVER *), ULONG asked) {
    bool any = asked == 0 && driver == nx_host_udp_driver && !is_on_host(kernel, driver);
    return any ? NX_HOST_SIMULATED_ADDRESS : asked;
}

UINT _nx_ip_create(NX_IP *ip_ptr, CHAR *name, ULONG ip_address, ULONG network_mask,
                   NX_PACKET_POOL *default_pool, VOID (*ip_network_driver)(NX_IP_DRIVER *), VOID *memory_ptr,
                   ULONG memory_size, UINT priority) {
    if (ip_ptr == NULL || netx_is_ip(ip_ptr) || ip_network_driver == NULL)
        return NX_PTR_ERROR;
    if (!netx_is_pool(default_pool))
        return NX_POOL_ERROR;
    netx_kernel_enter_service();
    tx_host_kernel *kernel = netx_kernel_used();
    net_network *network = netx_network_of(kernel);
    memset(ip_ptr, 0, sizeof *ip_ptr);
    ip_ptr->nx_ip_id = NET_IP_ID;
    ip_ptr->nx_ip_name = name;
    ip_ptr->nx_ip_interface[0].nx_interface_ip_address = address_of(kernel, ip_network_driver, ip_address);
    ip_ptr->nx_ip_interface[0].nx_interface_ip_network_mask = network_mask;
    ip_ptr->nx_ip_default_packet_pool = default_pool;
    net_ip *net = netx_ip_of(ip_ptr);
    net->kernel = kernel;
    net->next_port = FIRST_FREE_PORT;
    net->link = is_on_host(kernel, ip_network_driver) ? &netx_host : &netx_switch;
    UINT answer = network == NULL ? NX_IP_INTERNAL_ERROR : net->link->attach(ip_ptr);
    if (answer == NX_SUCCESS &&
        _tx_thread_create(&ip_ptr->nx_ip_thread, name, serve, 0, memory_ptr, memory_size, priority, priority,
                          TX_NO_TIME_SLICE, TX_AUTO_START) != TX_SUCCESS) {
        net->link->detach(ip_ptr);
        answer = NX_IP_INTERNAL_ERROR;
    }
    if (answer == NX_SUCCESS) {
        net->next_created = network->created;
        network->created = ip_ptr;
    } else {
        ip_ptr->nx_ip_id = 0;
    }
    netx_kernel_leave_service();
    return answer;
}

static UINT delete_ip(NX_IP *ip) {
    if (!netx_is_ip(ip))
        return NX_PTR_ERROR;
    if (netx_ip_of(ip)->bound != NULL)
        return NX_SOCKETS_BOUND;
    if (netx_kernel_self() == &ip->nx_ip_thread)
        return NX_CALLER_ERROR;
    _tx_thread_terminate(&ip->nx_ip_thread);
    _tx_thread_delete(&ip->nx_ip_thread);
    take_off(ip);
    return NX_SUCCESS;
}

UINT _nx_ip_delete(NX_IP *ip_ptr) {
    netx_kernel_enter_service();
    UINT answer = delete_ip(ip_ptr);
    netx_kernel_leave_service();
    return answer;
}

UINT _nx_ip_status_check(NX_IP *ip_ptr, ULONG needed_status, ULONG *actual_status, ULONG wait_option) {
    const ULONG known =
        NX_IP_INITIALIZE_DONE | NX_IP_ADDRESS_RESOLVED | NX_IP_LINK_ENABLED | NX_IP_UDP_ENABLED;
    if (!netx_is_ip(ip_ptr) || actual_status == NULL)
        return NX_PTR_ERROR;
    if (needed_status == 0 || (needed_status & ~known) != 0)
        return NX_OPTION_ERROR;
    netx_kernel_enter_service();
    uint64_t deadline_ns = netx_kernel_deadline(wait_option);
    do {
        *actual_status = known;
        if (!netx_ip_of(ip_ptr)->udp_enabled)
            *actual_status &= ~(ULONG)NX_IP_UDP_ENABLED;
        if (ip_ptr->nx_ip_interface[0].nx_interface_ip_address == 0)
            *actual_status &= ~(ULONG)NX_IP_ADDRESS_RESOLVED;
    } while ((*actual_status & needed_status) != needed_status && tx_host_now() < deadline_ns &&
             _tx_thread_sleep(1) == TX_SUCCESS);
    netx_kernel_leave_service();
    return (*actual_status & needed_status) == needed_status ? NX_SUCCESS : NX_NOT_SUCCESSFUL;
}

UINT _nx_arp_enable(NX_IP *ip_ptr, VOID *arp_cache_memory, ULONG arp_cache_size) {
    if (!netx_is_ip(ip_ptr) || arp_cache_memory == NULL)
        return NX_PTR_ERROR;
    return arp_cache_size == 0 ? NX_SIZE_ERROR : NX_SUCCESS;
}

UINT _nx_icmp_enable(NX_IP *ip_ptr) {
    return netx_is_ip(ip_ptr) ? NX_SUCCESS : NX_PTR_ERROR;
}

UINT _nx_ip_fragment_enable(NX_IP *ip_ptr) {
    return netx_is_ip(ip_ptr) ? NX_SUCCESS : NX_PTR_ERROR;
}

UINT _nxd_icmp_enable(NX_IP *ip_ptr) {
    return netx_is_ip(ip_ptr) ? NX_SUCCESS : NX_PTR_ERROR;
}

UINT _nxd_ipv6_enable(NX_IP *ip_ptr) {
    return netx_is_ip(ip_ptr) ? NX_SUCCESS : NX_PTR_ERROR;
}

static UINT add_address(NX_IP *ip, const NXD_ADDRESS *address, UINT *out_index) {
    net_ip *net = netx_ip_of(ip);
    for (UINT i = 0; i < net->num_addresses_v6; i++) {
        if (netx_same_address(&ip->nx_ip_address_v6[i], address))
            return NX_DUPLICATED_ENTRY;
    }
    if (net->num_addresses_v6 == MAX_ADDRESSES_V6)
        return NX_NO_MORE_ENTRIES;
    if (out_index != NULL)
        *out_index = net->num_addresses_v6;
    ip->nx_ip_address_v6[net->num_addresses_v6++] = *address;
    return NX_SUCCESS;
}

UINT _nxd_ipv6_address_set(NX_IP *ip_ptr, UINT interface_index, NXD_ADDRESS *address, ULONG prefix_length,
                           UINT *address_index) {
    if (!netx_is_ip(ip_ptr))
        return NX_PTR_ERROR;
    if (interface_index >= NX_MAX_IP_INTERFACES)
        return NX_INVALID_INTERFACE;
    if (prefix_length > 128)
        return NX_IP_ADDRESS_ERROR;
    NXD_ADDRESS made = {.nxd_ip_version = NX_IP_VERSION_V6};
    if (address != NULL) {
        if (address->nxd_ip_version != NX_IP_VERSION_V6 || !netx_is_address(address))
            return NX_IP_ADDRESS_ERROR;
        made = *address;
    } else {
        /* A link-local one, made of the IPv4 address. */
        made.nxd_ip_address.v6[0] = 0xFE800000u;
        made.nxd_ip_address.v6[3] = ip_ptr->nx_ip_interface[0].nx_interface_ip_address;
    }
    netx_kernel_enter_service();
    UINT answer = add_address(ip_ptr, &made, address_index);
    netx_kernel_leave_service();
    return answer;
}

UINT _nx_udp_enable(NX_IP *ip_ptr) {
    netx_kernel_enter_service();
    UINT answer = NX_SUCCESS;
    if (!netx_is_ip(ip_ptr)) {
        answer = NX_PTR_ERROR;
    } else if (netx_ip_of(ip_ptr)->udp_enabled) {
        answer = NX_ALREADY_ENABLED;
    } else {
        netx_ip_of(ip_ptr)->udp_enabled = true;
        ip_ptr->nx_ip_udp_packet_receive = _nx_udp_packet_receive;
    }
    netx_kernel_leave_service();
    return answer;
}
