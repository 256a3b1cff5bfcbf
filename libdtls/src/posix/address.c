/* SPDX-License-Identifier: MIT
 *
 * Addresses as libdtls sees them: 16 bytes of IPv6 address or 4 of IPv4 and
 * zeros, the port, the scope, the family; the source stands in front.
 */
#include "dtls/posix.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { PORT_AT = 16, SCOPE_AT = 18, FAMILY_AT = 22, ADDRESS_LEN = 23 };

static void take_v4(const struct in_addr *from, dtls_address *out) {
    memcpy(out->bytes, from, sizeof *from);
    out->bytes[FAMILY_AT] = 4;
}

static void take_v6(const struct sockaddr_in6 *from, dtls_address *out) {
    if (IN6_IS_ADDR_V4MAPPED(&from->sin6_addr)) {
        struct in_addr mapped;
        memcpy(&mapped, from->sin6_addr.s6_addr + 12, sizeof mapped);
        take_v4(&mapped, out);
        return;
    }
    memcpy(out->bytes, &from->sin6_addr, sizeof from->sin6_addr);
    memcpy(out->bytes + SCOPE_AT, &from->sin6_scope_id, sizeof from->sin6_scope_id);
    out->bytes[FAMILY_AT] = 6;
}

void dtls_posix_address(const struct sockaddr *from, dtls_address *out_address) {
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    *out_address = (dtls_address){.len = from != NULL ? ADDRESS_LEN : 0};
    if (from == NULL)
        return;
    if (from->sa_family == AF_INET) {
        memcpy(&v4, from, sizeof v4);
        take_v4(&v4.sin_addr, out_address);
        memcpy(out_address->bytes + PORT_AT, &v4.sin_port, sizeof v4.sin_port);
    } else if (from->sa_family == AF_INET6) {
        memcpy(&v6, from, sizeof v6);
        take_v6(&v6, out_address);
        memcpy(out_address->bytes + PORT_AT, &v6.sin6_port, sizeof v6.sin6_port);
    } else {
        out_address->len = 0;
    }
}

static socklen_t give_v4(const dtls_address *address, struct sockaddr_storage *out) {
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    memcpy(&v4.sin_addr, address->bytes, sizeof v4.sin_addr);
    memcpy(&v4.sin_port, address->bytes + PORT_AT, sizeof v4.sin_port);
    memcpy(out, &v4, sizeof v4);
    return sizeof v4;
}

static socklen_t give_v6(const dtls_address *address, struct sockaddr_storage *out) {
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    memcpy(&v6.sin6_port, address->bytes + PORT_AT, sizeof v6.sin6_port);
    if (address->bytes[FAMILY_AT] == 6) {
        memcpy(&v6.sin6_addr, address->bytes, sizeof v6.sin6_addr);
        memcpy(&v6.sin6_scope_id, address->bytes + SCOPE_AT, sizeof v6.sin6_scope_id);
    } else {
        v6.sin6_addr.s6_addr[10] = 0xff;
        v6.sin6_addr.s6_addr[11] = 0xff;
        memcpy(v6.sin6_addr.s6_addr + 12, address->bytes, 4);
    }
    memcpy(out, &v6, sizeof v6);
    return sizeof v6;
}

socklen_t dtls_posix_sockaddr(const dtls_address *address, int family, struct sockaddr_storage *out) {
    const bool known = address != NULL && address->len == ADDRESS_LEN;
    memset(out, 0, sizeof *out);
    if (known && family == AF_INET && address->bytes[FAMILY_AT] == 4)
        return give_v4(address, out);
    if (known && family == AF_INET6)
        return give_v6(address, out);
    return 0;
}

void dtls_posix_address_text(const dtls_address *address, char out[DTLS_POSIX_ADDRESS_TEXT]) {
    char host[INET6_ADDRSTRLEN];
    if (address == NULL || address->len != ADDRESS_LEN) {
        snprintf(out, DTLS_POSIX_ADDRESS_TEXT, "an unknown address");
        return;
    }
    const bool v6 = address->bytes[FAMILY_AT] == 6;
    const unsigned port = (unsigned)address->bytes[PORT_AT] << 8 | address->bytes[PORT_AT + 1];
    inet_ntop(v6 ? AF_INET6 : AF_INET, address->bytes, host, sizeof host);
    snprintf(out, DTLS_POSIX_ADDRESS_TEXT, v6 ? "[%s]:%u" : "%s:%u", host, port);
}
