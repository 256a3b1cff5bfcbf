/* SPDX-License-Identifier: MIT
 *
 * Addresses of the UDP carrier: numbers and ports, IPv4 and IPv6, as text and
 * as the socket interface wants them.
 */
#ifndef DTLSLAB_ADDRESS_H
#define DTLSLAB_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct dtlslab_address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } socket;
    socklen_t len;
};

/* Reads "127.0.0.1" or "::1". */
bool dtlslab_address_read_host(const char *text, struct dtlslab_address *out);

/* Reads "127.0.0.1:4433" or "[::1]:4433"; port 0 is refused. */
bool dtlslab_address_read(const char *text, struct dtlslab_address *out);

/* In host order. */
uint16_t dtlslab_address_port(const struct dtlslab_address *address);
void dtlslab_address_set_port(struct dtlslab_address *address, uint16_t port);

bool dtlslab_address_is_loopback(const struct dtlslab_address *address);

/* Whether both name the same host and port. */
bool dtlslab_address_equal(const struct dtlslab_address *a, const struct dtlslab_address *b);

#endif
