/* SPDX-License-Identifier: MIT
 *
 * The networks that an IP instance may be on. `nx_ip_create` is given one by
 * its driver, as on a device. Not part of NetX Duo.
 */
#ifndef NX_HOST_H
#define NX_HOST_H

#include <stdint.h>

#include "nx_api.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The host's own UDP sockets: the IP instance's address is one of the host's (or 0.0.0.0: all), its ports are
 * the host's ports. With an IPv6 address, set before a socket is bound, each socket has its port in both
 * versions. A session's answers leave from the address that its client has called, and go to a link-local
 * address by the link that it was heard on. `_nx_ram_network_driver_1500` (nx_api.h), and any driver of a
 * program's own, is the in-process switch of the kernel in use. In a stepped kernel, a simulated host, so is
 * this one, and 0.0.0.0 is NX_HOST_SIMULATED_ADDRESS (RFC 5737).
 */
#define NX_HOST_SIMULATED_ADDRESS IP_ADDRESS(192, 0, 2, 1)
VOID nx_host_udp_driver(NX_IP_DRIVER *driver_req_ptr);

/* Datagrams of the in-process switch that leave it: those to an address that no IP instance of the kernel
 * has. A caller that owns the kernel carries them, e.g. over a simulated network. */
typedef struct nx_host_datagram {
    NXD_ADDRESS source;
    NXD_ADDRESS destination;
    UINT source_port;
    UINT destination_port;
    UINT length;       /* bytes of UDP payload */
    const UCHAR *data; /* valid during the call */
} nx_host_datagram;

/* `deliver` is called with each, from the sending thread, and must not call services; NULL: they are dropped.
 * Set before the kernel runs. */
VOID nx_host_uplink_set(VOID (*deliver)(VOID *context, const nx_host_datagram *datagram), VOID *context);

/* Brings a datagram from outside to the IP instance that has its destination, from any POSIX thread; of a
 * stepped kernel, between steps. NX_SUCCESS, NX_NOT_FOUND (nobody has the address), NX_NO_PACKET (its pool is
 * empty: the datagram is lost), NX_NOT_ENABLED. */
UINT nx_host_deliver(const nx_host_datagram *datagram);

/* The bound sockets on the in-process switch of the kernel in use, one after the other; NULL: the first, or
 * no more. Of a stepped kernel, between steps. */
NX_UDP_SOCKET *nx_host_bound_next(NX_UDP_SOCKET *socket);

/* The address from which an IP instance speaks to `peer`; whether it has one of that version. */
UINT nx_host_address_for(NX_IP *ip_ptr, const NXD_ADDRESS *peer, NXD_ADDRESS *out_address);

/* Deliver datagrams of the in-process switch from within the sending call, instead of by the receiver's IP
 * thread: callbacks then run in the sender's thread. For measuring, and for programs without threads. */
VOID nx_host_inline_delivery_set(UINT inline_delivery);

#ifdef __cplusplus
}
#endif

#endif
