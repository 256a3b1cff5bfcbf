/* SPDX-License-Identifier: MIT */
#include "netx/net/host_address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>

static void words_to_host(const ULONG *words, struct in6_addr *out) {
    for (size_t i = 0; i < 4; i++) {
        uint32_t word = htonl(words[i]);
        memcpy(out->s6_addr + i * 4, &word, 4);
    }
}

static void words_from_host(const struct in6_addr *address, ULONG *out) {
    for (size_t i = 0; i < 4; i++) {
        uint32_t word;
        memcpy(&word, address->s6_addr + i * 4, 4);
        out[i] = ntohl(word);
    }
}

socklen_t netx_to_host(const NXD_ADDRESS *address, UINT port, ULONG scope, host_address *out) {
    memset(out, 0, sizeof *out);
    if (address->nxd_ip_version == NX_IP_VERSION_V4) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons((uint16_t)port);
        out->v4.sin_addr.s_addr = htonl(address->nxd_ip_address.v4);
        return sizeof out->v4;
    }
    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = htons((uint16_t)port);
    words_to_host(address->nxd_ip_address.v6, &out->v6.sin6_addr);
    if (IN6_IS_ADDR_LINKLOCAL(&out->v6.sin6_addr))
        out->v6.sin6_scope_id = scope;
    return sizeof out->v6;
}

UINT netx_from_host(const host_address *address, NXD_ADDRESS *out) {
    memset(out, 0, sizeof *out);
    if (address->any.sa_family == AF_INET) {
        out->nxd_ip_version = NX_IP_VERSION_V4;
        out->nxd_ip_address.v4 = ntohl(address->v4.sin_addr.s_addr);
        return ntohs(address->v4.sin_port);
    }
    out->nxd_ip_version = NX_IP_VERSION_V6;
    words_from_host(&address->v6.sin6_addr, out->nxd_ip_address.v6);
    return ntohs(address->v6.sin6_port);
}

ULONG netx_host_scope_of(const NXD_ADDRESS *address) {
    host_address wanted;
    struct ifaddrs *all;
    ULONG scope = 0;
    netx_to_host(address, 0, 0, &wanted);
    if (wanted.any.sa_family != AF_INET6 || !IN6_IS_ADDR_LINKLOCAL(&wanted.v6.sin6_addr) ||
        getifaddrs(&all) != 0)
        return 0;
    for (const struct ifaddrs *at = all; at != NULL && scope == 0; at = at->ifa_next) {
        const struct sockaddr_in6 *of = (const struct sockaddr_in6 *)(const void *)at->ifa_addr;
        if (of != NULL && of->sin6_family == AF_INET6 &&
            memcmp(&of->sin6_addr, &wanted.v6.sin6_addr, sizeof of->sin6_addr) == 0)
            scope = of->sin6_scope_id;
    }
    freeifaddrs(all);
    return scope;
}

void netx_host_ask_for_local(int descriptor, int family) {
    const int yes = 1;
    if (family == AF_INET)
        (void)setsockopt(descriptor, IPPROTO_IP, IP_PKTINFO, &yes, sizeof yes);
    else
        (void)setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, &yes, sizeof yes);
}

void netx_host_read_local(struct msghdr *message, const host_address *from, net_local *out) {
    struct in_pktinfo v4;
    struct in6_pktinfo v6;
    const struct cmsghdr *header = CMSG_FIRSTHDR(message);
    memset(out, 0, sizeof *out);
    if (from->any.sa_family == AF_INET6)
        out->scope = from->v6.sin6_scope_id;
    if (header == NULL)
        return;
    if (header->cmsg_level == IPPROTO_IP) {
        memcpy(&v4, CMSG_DATA(header), sizeof v4);
        out->address.nxd_ip_version = NX_IP_VERSION_V4;
        out->address.nxd_ip_address.v4 = ntohl(v4.ipi_spec_dst.s_addr); /* ours, of a broadcast too */
        return;
    }
    memcpy(&v6, CMSG_DATA(header), sizeof v6);
    if (IN6_IS_ADDR_MULTICAST(&v6.ipi6_addr))
        return;
    out->address.nxd_ip_version = NX_IP_VERSION_V6;
    words_from_host(&v6.ipi6_addr, out->address.nxd_ip_address.v6);
}

static void set_control(struct msghdr *message, host_control *control, int level, int type, const void *what,
                        size_t len) {
    memset(control, 0, sizeof *control);
    control->header.cmsg_level = level;
    control->header.cmsg_type = type;
    control->header.cmsg_len = CMSG_LEN(len);
    memcpy(CMSG_DATA(&control->header), what, len);
    message->msg_control = control;
    message->msg_controllen = CMSG_SPACE(len);
}

void netx_host_set_local(struct msghdr *message, host_control *control, const net_local *local,
                         const host_address *to) {
    const bool is_v4 = to->any.sa_family == AF_INET;
    struct in_pktinfo v4 = {.ipi_ifindex = 0};
    struct in6_pktinfo v6 = {.ipi6_ifindex = is_v4 ? 0 : to->v6.sin6_scope_id};
    if (local->address.nxd_ip_version != (is_v4 ? NX_IP_VERSION_V4 : NX_IP_VERSION_V6))
        return;
    if (is_v4) {
        v4.ipi_spec_dst.s_addr = htonl(local->address.nxd_ip_address.v4);
        set_control(message, control, IPPROTO_IP, IP_PKTINFO, &v4, sizeof v4);
    } else {
        words_to_host(local->address.nxd_ip_address.v6, &v6.ipi6_addr);
        set_control(message, control, IPPROTO_IPV6, IPV6_PKTINFO, &v6, sizeof v6);
    }
}
