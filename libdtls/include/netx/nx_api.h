/* SPDX-License-Identifier: MIT
 *
 * As much of NetX Duo as a program around NetX Secure DTLS touches: packets
 * and their pools, IP instances, and UDP sockets. IP instances of a program
 * reach each other by an in-process switch of datagrams, or the host's network
 * by its UDP sockets; nx_host.h says which.
 *
 * These services judge their arguments always; the names `_nx_…` and `_nxe_…`
 * are one. They do no more than this library's DTLS services and programs for
 * them need, and carry no ARP, ICMP or TCP: what enables those answers
 * NX_SUCCESS and changes nothing.
 */
#ifndef NX_API_H
#define NX_API_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tx_api.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NX_NULL  ((void *)0)
#define NX_TRUE  1
#define NX_FALSE 0

#define NX_PARAMETER_NOT_USED(p) ((void)(p))

#define NX_NO_WAIT      ((ULONG)0)
#define NX_WAIT_FOREVER ((ULONG)0xFFFFFFFF)

/* Ticks in a second, the unit of every wait option. */
#define NX_IP_PERIODIC_RATE TX_TIMER_TICKS_PER_SECOND

#define NX_ANY_PORT 0
#define NX_MAX_PORT 0xFFFF

#define NX_IP_VERSION_V4 4
#define NX_IP_VERSION_V6 6

#define NX_IP_NORMAL       0
#define NX_FRAGMENT_OKAY   0
#define NX_DONT_FRAGMENT   0x4000
#define NX_IP_TIME_TO_LIVE 0x80

/* What is in an IP packet (its protocol number above). */
#define NX_PROTOCOL_UDP 0x00110000

#define NX_LOWER_16_MASK ((ULONG)0x0000FFFF)
#define NX_SHIFT_BY_16   16

/* Bytes that a packet of each type leaves in front of its data for headers. */
#define NX_PHYSICAL_HEADER 16
#define NX_IPv4_UDP_PACKET (NX_PHYSICAL_HEADER + 20 + 8)
#define NX_IPv6_UDP_PACKET (NX_PHYSICAL_HEADER + 40 + 8)
#define NX_UDP_PACKET      NX_IPv6_UDP_PACKET
#define NX_RECEIVE_PACKET  0

/* What `nx_ip_status_check` waits for. */
#define NX_IP_INITIALIZE_DONE  0x0001
#define NX_IP_ADDRESS_RESOLVED 0x0002
#define NX_IP_LINK_ENABLED     0x0004
#define NX_IP_UDP_ENABLED      0x0010

/* Codes. */
#define NX_SUCCESS              0x00
#define NX_NO_PACKET            0x01
#define NX_UNDERFLOW            0x02
#define NX_OVERFLOW             0x03
#define NX_NO_MAPPING           0x04
#define NX_DELETED              0x05
#define NX_POOL_ERROR           0x06
#define NX_PTR_ERROR            0x07
#define NX_WAIT_ERROR           0x08
#define NX_SIZE_ERROR           0x09
#define NX_OPTION_ERROR         0x0A
#define NX_DELETE_ERROR         0x10
#define NX_CALLER_ERROR         0x11
#define NX_INVALID_PACKET       0x12
#define NX_INVALID_SOCKET       0x13
#define NX_NOT_ENABLED          0x14
#define NX_ALREADY_ENABLED      0x15
#define NX_ENTRY_NOT_FOUND      0x16
#define NX_NO_MORE_ENTRIES      0x17
#define NX_ARP_TIMER_ERROR      0x18
#define NX_RESERVED_CODE0       0x19
#define NX_WAIT_ABORTED         0x1A
#define NX_IP_INTERNAL_ERROR    0x20
#define NX_IP_ADDRESS_ERROR     0x21
#define NX_ALREADY_BOUND        0x22
#define NX_PORT_UNAVAILABLE     0x23
#define NX_NOT_BOUND            0x24
#define NX_RESERVED_CODE1       0x25
#define NX_SOCKET_UNBOUND       0x26
#define NX_NOT_CREATED          0x27
#define NX_SOCKETS_BOUND        0x28
#define NX_NO_RESPONSE          0x29
#define NX_POOL_DELETED         0x30
#define NX_ALREADY_RELEASED     0x31
#define NX_RESERVED_CODE2       0x32
#define NX_MAX_LISTEN           0x33
#define NX_DUPLICATE_LISTEN     0x34
#define NX_NOT_CLOSED           0x35
#define NX_NOT_LISTEN_STATE     0x36
#define NX_IN_PROGRESS          0x37
#define NX_NOT_CONNECTED        0x38
#define NX_WINDOW_OVERFLOW      0x39
#define NX_ALREADY_SUSPENDED    0x40
#define NX_DISCONNECT_FAILED    0x41
#define NX_STILL_BOUND          0x42
#define NX_NOT_SUCCESSFUL       0x43
#define NX_UNHANDLED_COMMAND    0x44
#define NX_NO_FREE_PORTS        0x45
#define NX_INVALID_PORT         0x46
#define NX_INVALID_RELISTEN     0x47
#define NX_CONNECTION_PENDING   0x48
#define NX_TX_QUEUE_DEPTH       0x49
#define NX_NOT_IMPLEMENTED      0x4A
#define NX_NOT_SUPPORTED        0x4B
#define NX_INVALID_INTERFACE    0x4C
#define NX_INVALID_PARAMETERS   0x4D
#define NX_NOT_FOUND            0x4E
#define NX_CANNOT_START         0x4F
#define NX_NO_INTERFACE_ADDRESS 0x50
#define NX_INVALID_MTU_DATA     0x51
#define NX_DUPLICATED_ENTRY     0x52
#define NX_PACKET_OFFSET_ERROR  0x53
#define NX_OPTION_HEADER_ERROR  0x54
#define NX_CONTINUE             0x55
#define NX_TCPIP_OFFLOAD_ERROR  0x56

#define NX_MAX_IP_INTERFACES       1
#define NX_MAX_PHYSICAL_INTERFACES 1

/* An IPv4 address as a number in the host's order. */
#define IP_ADDRESS(a, b, c, d)                                                                               \
    ((((ULONG)(a)) << 24) | (((ULONG)(b)) << 16) | (((ULONG)(c)) << 8) | ((ULONG)(d)))

/* An address of either version. `v6` has the leading word first, each word in the host's order. */
typedef struct NXD_ADDRESS_STRUCT {
    ULONG nxd_ip_version;
    union {
        ULONG v4;
        ULONG v6[4];
    } nxd_ip_address;
} NXD_ADDRESS;

/* A packet: this header, and the payload behind it. Data stands from `prepend` to `append`. A packet that is
 * longer than one payload goes on in `next`. */
typedef struct NX_PACKET_STRUCT {
    struct NX_PACKET_POOL_STRUCT *nx_packet_pool_owner;
    struct NX_PACKET_STRUCT *nx_packet_queue_next;
    struct NX_PACKET_STRUCT *nx_packet_next;
    struct NX_PACKET_STRUCT *nx_packet_last;
    ULONG nx_packet_length;
    UINT nx_packet_ip_version;
    UCHAR *nx_packet_data_start;
    UCHAR *nx_packet_data_end;
    UCHAR *nx_packet_prepend_ptr;
    UCHAR *nx_packet_append_ptr;
    ULONG64 nx_packet_host[8]; /* private */
} NX_PACKET;

/* A pool of packets in memory of the program. */
typedef struct NX_PACKET_POOL_STRUCT {
    ULONG nx_packet_pool_id;
    CHAR *nx_packet_pool_name;
    ULONG nx_packet_pool_available;
    ULONG nx_packet_pool_total;
    ULONG nx_packet_pool_empty_requests;
    ULONG nx_packet_pool_empty_suspensions;
    ULONG nx_packet_pool_invalid_releases;
    NX_PACKET *nx_packet_pool_available_list;
    CHAR *nx_packet_pool_start;
    ULONG nx_packet_pool_size;
    ULONG nx_packet_pool_payload_size;
    ULONG64 nx_packet_pool_host[4]; /* private */
} NX_PACKET_POOL;

/* What a driver would be asked. Drivers here are names of networks only (nx_host.h) and are never called. */
typedef struct NX_IP_DRIVER_STRUCT {
    UINT nx_ip_driver_command;
    UINT nx_ip_driver_status;
} NX_IP_DRIVER;

typedef struct NX_INTERFACE_STRUCT {
    ULONG nx_interface_ip_address;
    ULONG nx_interface_ip_network_mask;
} NX_INTERFACE;

/* An IP instance: one host of a network. */
typedef struct NX_IP_STRUCT {
    ULONG nx_ip_id;
    CHAR *nx_ip_name;
    NX_INTERFACE nx_ip_interface[NX_MAX_IP_INTERFACES];
    NX_PACKET_POOL *nx_ip_default_packet_pool;
    /* Takes a UDP packet that has come, its 8-byte header at `prepend`. A program may put a filter here that
     * ends in `_nx_udp_packet_receive`. NULL until UDP is enabled. */
    VOID (*nx_ip_udp_packet_receive)(struct NX_IP_STRUCT *ip_ptr, NX_PACKET *packet_ptr);
    TX_THREAD nx_ip_thread;
    NXD_ADDRESS nx_ip_address_v6[4];
    ULONG nx_ip_udp_packets_sent;
    ULONG nx_ip_udp_packets_received;
    ULONG64 nx_ip_host[24]; /* private */
} NX_IP;

/* A UDP socket. */
typedef struct NX_UDP_SOCKET_STRUCT {
    ULONG nx_udp_socket_id;
    CHAR *nx_udp_socket_name;
    UINT nx_udp_socket_port;
    NX_IP *nx_udp_socket_ip_ptr;
    ULONG nx_udp_socket_packets_sent;
    ULONG nx_udp_socket_bytes_sent;
    ULONG nx_udp_socket_packets_received;
    ULONG nx_udp_socket_bytes_received;
    ULONG nx_udp_socket_packets_dropped;
    UINT nx_udp_socket_time_to_live;
    ULONG nx_udp_socket_fragment_enable;
    ULONG nx_udp_socket_receive_count;
    ULONG nx_udp_socket_queue_maximum;
    VOID (*nx_udp_receive_callback)(struct NX_UDP_SOCKET_STRUCT *socket_ptr);
    VOID *nx_udp_socket_reserved_ptr; /* of whoever made the socket: a DTLS server keeps itself here */
    ULONG64 nx_udp_socket_host[16];   /* private */
} NX_UDP_SOCKET;

/* Optional. */
VOID _nx_system_initialize(VOID);

/* `pool_start` needs no alignment. NX_SUCCESS, NX_POOL_ERROR (already made), NX_PTR_ERROR, NX_SIZE_ERROR (no
 * room for one packet). */
UINT _nx_packet_pool_create(NX_PACKET_POOL *pool_ptr, CHAR *name, ULONG payload_size, VOID *pool_start,
                            ULONG pool_size);
/* Whoever waits for a packet gets NX_POOL_DELETED. */
UINT _nx_packet_pool_delete(NX_PACKET_POOL *pool_ptr);
/* `packet_type` is the room left in front. NX_SUCCESS, NX_NO_PACKET, NX_WAIT_ABORTED, NX_INVALID_PARAMETERS
 * (more room than payload), NX_OPTION_ERROR, NX_PTR_ERROR, NX_POOL_DELETED. */
UINT _nx_packet_allocate(NX_PACKET_POOL *pool_ptr, NX_PACKET **packet_ptr, ULONG packet_type,
                         ULONG wait_option);
/* NX_SUCCESS, NX_PTR_ERROR, NX_UNDERFLOW, NX_OVERFLOW, NX_ALREADY_RELEASED. */
UINT _nx_packet_release(NX_PACKET **packet_ptr_ptr);
/* Appends, into further packets of the pool if this one is full. NX_SUCCESS, NX_NO_PACKET, NX_SIZE_ERROR,
 * NX_PTR_ERROR, NX_UNDERFLOW, NX_OVERFLOW, NX_POOL_DELETED, NX_WAIT_ABORTED. */
UINT _nx_packet_data_append(NX_PACKET *packet_ptr, VOID *data_start, ULONG data_size,
                            NX_PACKET_POOL *pool_ptr, ULONG wait_option);
UINT _nx_packet_data_retrieve(NX_PACKET *packet_ptr, VOID *buffer_start, ULONG *bytes_copied);
UINT _nx_packet_data_extract_offset(NX_PACKET *packet_ptr, ULONG offset, VOID *buffer_start,
                                    ULONG buffer_length, ULONG *bytes_copied);
UINT _nx_packet_length_get(NX_PACKET *packet_ptr, ULONG *length);
UINT _nx_packet_copy(NX_PACKET *packet_ptr, NX_PACKET **new_packet_ptr, NX_PACKET_POOL *pool_ptr,
                     ULONG wait_option);

/* Makes a host. `driver` names its network. NX_SUCCESS, NX_PTR_ERROR, NX_IP_INTERNAL_ERROR (no thread, or no
 * socket of the host), NX_POOL_ERROR, NX_DUPLICATED_ENTRY (the address is taken on that network). */
UINT _nx_ip_create(NX_IP *ip_ptr, CHAR *name, ULONG ip_address, ULONG network_mask,
                   NX_PACKET_POOL *default_pool, VOID (*ip_network_driver)(NX_IP_DRIVER *), VOID *memory_ptr,
                   ULONG memory_size, UINT priority);
/* NX_SUCCESS, NX_PTR_ERROR, NX_SOCKETS_BOUND, NX_CALLER_ERROR (its own thread calls). */
UINT _nx_ip_delete(NX_IP *ip_ptr);
/* NX_SUCCESS, NX_NOT_SUCCESSFUL (not within the wait), NX_PTR_ERROR, NX_OPTION_ERROR. */
UINT _nx_ip_status_check(NX_IP *ip_ptr, ULONG needed_status, ULONG *actual_status, ULONG wait_option);
UINT _nx_arp_enable(NX_IP *ip_ptr, VOID *arp_cache_memory, ULONG arp_cache_size);
UINT _nx_icmp_enable(NX_IP *ip_ptr);
UINT _nx_ip_fragment_enable(NX_IP *ip_ptr);
UINT _nxd_icmp_enable(NX_IP *ip_ptr);
UINT _nxd_ipv6_enable(NX_IP *ip_ptr);
/* Up to four addresses; `address` NULL: a link-local one. NX_SUCCESS, NX_PTR_ERROR, NX_INVALID_INTERFACE,
 * NX_IP_ADDRESS_ERROR, NX_DUPLICATED_ENTRY, NX_NO_MORE_ENTRIES. */
UINT _nxd_ipv6_address_set(NX_IP *ip_ptr, UINT interface_index, NXD_ADDRESS *address, ULONG prefix_length,
                           UINT *address_index);
/* NX_SUCCESS, NX_PTR_ERROR, NX_ALREADY_ENABLED. */
UINT _nx_udp_enable(NX_IP *ip_ptr);

/* NX_SUCCESS, NX_PTR_ERROR, NX_NOT_ENABLED, NX_OPTION_ERROR. */
UINT _nx_udp_socket_create(NX_IP *ip_ptr, NX_UDP_SOCKET *socket_ptr, CHAR *name, ULONG type_of_service,
                           ULONG fragment, UINT time_to_live, ULONG queue_maximum);
/* NX_SUCCESS, NX_ALREADY_BOUND, NX_PORT_UNAVAILABLE, NX_NO_FREE_PORTS, NX_INVALID_PORT, NX_WAIT_ABORTED,
 * NX_PTR_ERROR, NX_INVALID_SOCKET (deleted during the wait). */
UINT _nx_udp_socket_bind(NX_UDP_SOCKET *socket_ptr, UINT port, ULONG wait_option);
/* NX_SUCCESS, NX_NOT_BOUND, NX_PTR_ERROR. */
UINT _nx_udp_socket_unbind(NX_UDP_SOCKET *socket_ptr);
/* NX_SUCCESS, NX_STILL_BOUND, NX_PTR_ERROR. */
UINT _nx_udp_socket_delete(NX_UDP_SOCKET *socket_ptr);
/* NX_SUCCESS, NX_NO_PACKET, NX_NOT_BOUND, NX_WAIT_ABORTED, NX_PTR_ERROR. */
UINT _nx_udp_socket_receive(NX_UDP_SOCKET *socket_ptr, NX_PACKET **packet_ptr, ULONG wait_option);
UINT _nx_udp_socket_receive_notify(NX_UDP_SOCKET *socket_ptr,
                                   VOID (*receive_notify)(NX_UDP_SOCKET *socket_ptr));
UINT _nx_udp_socket_port_get(NX_UDP_SOCKET *socket_ptr, UINT *port);
UINT _nx_udp_socket_checksum_disable(NX_UDP_SOCKET *socket_ptr);
/* The packet is the stack's afterwards, unless it answers a code. NX_SUCCESS, NX_PTR_ERROR, NX_NOT_BOUND,
 * NX_IP_ADDRESS_ERROR, NX_INVALID_PORT, NX_NO_INTERFACE_ADDRESS (none of that version), NX_UNDERFLOW and
 * NX_OVERFLOW (its data does not lie in its payload, or is more than UDP carries), NX_INVALID_PACKET (its
 * length is not that of its data). Needs no room for headers. */
UINT _nxd_udp_socket_send(NX_UDP_SOCKET *socket_ptr, NX_PACKET *packet_ptr, NXD_ADDRESS *ip_address,
                          UINT port);
UINT _nx_udp_socket_send(NX_UDP_SOCKET *socket_ptr, NX_PACKET *packet_ptr, ULONG ip_address, UINT port);
/* Where a received packet came from. */
UINT _nxd_udp_source_extract(NX_PACKET *packet_ptr, NXD_ADDRESS *ip_address, UINT *port);
UINT _nx_udp_source_extract(NX_PACKET *packet_ptr, ULONG *ip_address, UINT *port);

/* Takes a packet with its UDP header in front: what `nx_ip_udp_packet_receive` is by default. */
VOID _nx_udp_packet_receive(NX_IP *ip_ptr, NX_PACKET *packet_ptr);

/* The network of datagrams inside the process, by the name it has in programs for hosts. */
VOID _nx_ram_network_driver_1500(NX_IP_DRIVER *driver_req_ptr);
VOID _nx_ram_network_driver(NX_IP_DRIVER *driver_req_ptr);

#define nx_system_initialize           _nx_system_initialize
#define nx_packet_pool_create          _nx_packet_pool_create
#define nx_packet_pool_delete          _nx_packet_pool_delete
#define nx_packet_allocate             _nx_packet_allocate
#define nx_packet_release(packet)      _nx_packet_release(&(packet))
#define nx_packet_data_append          _nx_packet_data_append
#define nx_packet_data_retrieve        _nx_packet_data_retrieve
#define nx_packet_data_extract_offset  _nx_packet_data_extract_offset
#define nx_packet_length_get           _nx_packet_length_get
#define nx_packet_copy                 _nx_packet_copy
#define nx_ip_create                   _nx_ip_create
#define nx_ip_delete                   _nx_ip_delete
#define nx_ip_status_check             _nx_ip_status_check
#define nx_arp_enable                  _nx_arp_enable
#define nx_icmp_enable                 _nx_icmp_enable
#define nx_ip_fragment_enable          _nx_ip_fragment_enable
#define nxd_icmp_enable                _nxd_icmp_enable
#define nxd_ipv6_enable                _nxd_ipv6_enable
#define nxd_ipv6_address_set           _nxd_ipv6_address_set
#define nx_udp_enable                  _nx_udp_enable
#define nx_udp_socket_create           _nx_udp_socket_create
#define nx_udp_socket_bind             _nx_udp_socket_bind
#define nx_udp_socket_unbind           _nx_udp_socket_unbind
#define nx_udp_socket_delete           _nx_udp_socket_delete
#define nx_udp_socket_receive          _nx_udp_socket_receive
#define nx_udp_socket_receive_notify   _nx_udp_socket_receive_notify
#define nx_udp_socket_port_get         _nx_udp_socket_port_get
#define nx_udp_socket_checksum_disable _nx_udp_socket_checksum_disable
#define nx_udp_socket_send             _nx_udp_socket_send
#define nxd_udp_socket_send            _nxd_udp_socket_send
#define nx_udp_source_extract          _nx_udp_source_extract
#define nxd_udp_source_extract         _nxd_udp_source_extract

#ifdef __cplusplus
}
#endif

#endif
