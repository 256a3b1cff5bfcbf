/* SPDX-License-Identifier: MIT
 *
 * Addresses of the UDP carrier; see address.h.
 */
#include "address.h"

#include <arpa/inet.h>
#include <string.h>

bool dtlslab_address_read_host(const char *text, struct dtlslab_address *out) {
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, text, &out->socket.v4.sin_addr) == 1) {
        out->socket.v4.sin_family = AF_INET;
        out->len = sizeof out->socket.v4;
        return true;
    }
    if (inet_pton(AF_INET6, text, &out->socket.v6.sin6_addr) == 1) {
        out->socket.v6.sin6_family = AF_INET6;
        out->len = sizeof out->socket.v6;
        return true;
    }
    return false;
}

static bool read_port(const char *text, uint16_t *out_port) {
    uint32_t port = 0;
    if (*text == '\0' || strlen(text) > 5 || text[strspn(text, "0123456789")] != '\0')
        return false;
    for (; *text != '\0'; text++)
        port = port * 10 + (uint32_t)(*text - '0');
    *out_port = (uint16_t)port;
    return port > 0 && port <= UINT16_MAX;
}

bool dtlslab_address_read(const char *text, struct dtlslab_address *out) {
    char host[INET6_ADDRSTRLEN + 2];
    const char *colon = strrchr(text, ':');
    if (colon == NULL || (size_t)(colon - text) >= sizeof host)
        return false;
    size_t len = (size_t)(colon - text);
    memcpy(host, text, len);
    host[len] = '\0';
    bool brackets = len >= 2 && host[0] == '[' && host[len - 1] == ']';
    if (brackets)
        host[len - 1] = '\0';
    uint16_t port;
    if (!dtlslab_address_read_host(brackets ? host + 1 : host, out) || !read_port(colon + 1, &port) ||
        brackets != (out->socket.any.sa_family == AF_INET6)) {
        return false;
    }
    dtlslab_address_set_port(out, port);
    return true;
}

uint16_t dtlslab_address_port(const struct dtlslab_address *address) {
    return ntohs(address->socket.any.sa_family == AF_INET ? address->socket.v4.sin_port
                                                          : address->socket.v6.sin6_port);
}

void dtlslab_address_set_port(struct dtlslab_address *address, uint16_t port) {
    if (address->socket.any.sa_family == AF_INET)
        address->socket.v4.sin_port = htons(port);
    else
        address->socket.v6.sin6_port = htons(port);
}

bool dtlslab_address_is_loopback(const struct dtlslab_address *address) {
    if (address->socket.any.sa_family == AF_INET)
        return ntohl(address->socket.v4.sin_addr.s_addr) >> 24 == 127;
    return IN6_IS_ADDR_LOOPBACK(&address->socket.v6.sin6_addr) != 0;
}

bool dtlslab_address_equal(const struct dtlslab_address *a, const struct dtlslab_address *b) {
    if (a->socket.any.sa_family != b->socket.any.sa_family ||
        dtlslab_address_port(a) != dtlslab_address_port(b)) {
        return false;
    }
    if (a->socket.any.sa_family == AF_INET)
        return a->socket.v4.sin_addr.s_addr == b->socket.v4.sin_addr.s_addr;
    return memcmp(&a->socket.v6.sin6_addr, &b->socket.v6.sin6_addr, sizeof a->socket.v6.sin6_addr) == 0;
}
