/* SPDX-License-Identifier: MIT */
#include "netx/net/net.h"

#define LOOPBACK_V4 IP_ADDRESS(127, 0, 0, 1)

bool netx_is_loopback(const NXD_ADDRESS *address) {
    const ULONG *v6 = address->nxd_ip_address.v6;
    if (address->nxd_ip_version == NX_IP_VERSION_V4)
        return address->nxd_ip_address.v4 == LOOPBACK_V4;
    return (v6[0] | v6[1] | v6[2]) == 0 && v6[3] == 1;
}

bool netx_has_address(NX_IP *ip, const NXD_ADDRESS *address) {
    const net_ip *net = netx_ip_of(ip);
    if (address->nxd_ip_version == NX_IP_VERSION_V4)
        return address->nxd_ip_address.v4 == ip->nx_ip_interface[0].nx_interface_ip_address;
    for (UINT i = 0; i < net->num_addresses_v6; i++) {
        if (netx_same_address(address, &ip->nx_ip_address_v6[i]))
            return true;
    }
    return false;
}

NXD_ADDRESS netx_source_address(NX_IP *ip, const NXD_ADDRESS *destination) {
    const net_ip *net = netx_ip_of(ip);
    NXD_ADDRESS source = {.nxd_ip_version = destination->nxd_ip_version};
    if (netx_is_loopback(destination))
        return *destination;
    if (destination->nxd_ip_version == NX_IP_VERSION_V4)
        source.nxd_ip_address.v4 = ip->nx_ip_interface[0].nx_interface_ip_address;
    else if (net->num_addresses_v6 > 0)
        source = ip->nx_ip_address_v6[0];
    return source;
}
