/* SPDX-License-Identifier: MIT
 *
 * UDP sockets for libdtls on POSIX systems: addresses, batches of datagrams,
 * clocks. An archive of its own, `libdtls_posix.a`, with an event loop over
 * libuv (uv.h); what is in this header needs no loop, and goes with any.
 */
#ifndef DTLS_POSIX_H
#define DTLS_POSIX_H

#include "dtls/server.h"

#include <sys/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The time on the system's clocks. */
dtls_time dtls_posix_now(void);

/* Milliseconds from now to `deadline_ns`, rounded up, as poll(2) wants them; -1: wait for ever. */
int dtls_posix_wait(uint64_t deadline_ns);

/* The first bytes of an address that stand for its source: a whole IPv4 address, the /64 of an IPv6 one. For
 * `source_prefix_len` of a server. */
#define DTLS_POSIX_SOURCE_PREFIX 8

/* Makes of the socket address `from` one as libdtls's servers take it. An IPv4 address is the same whether it
 * came by an IPv4 socket or mapped by an IPv6 one. `out_address->len` is 0 for families other than these two.
 */
void dtls_posix_address(const struct sockaddr *from, dtls_address *out_address);

/* The way back, for a socket of `family`: writes the socket address of `address`. The length; 0: the socket
 * cannot reach it. */
socklen_t dtls_posix_sockaddr(const dtls_address *address, int family, struct sockaddr_storage *out);

/* Bytes that the text of an address can have, NUL included. */
#define DTLS_POSIX_ADDRESS_TEXT 64

/* Writes `address` as text, NUL-terminated: "192.0.2.1:4433", "[2001:db8::1]:4433". */
void dtls_posix_address_text(const dtls_address *address, char out[DTLS_POSIX_ADDRESS_TEXT]);

/* A UDP socket, bound to `port`, a number or a service's name. `host` NULL or "*": every address, of IPv6 and
 * IPv4 if `family` is AF_UNSPEC. `family` is AF_UNSPEC, AF_INET or AF_INET6. The socket does not block and is
 * the caller's. -1: `*out_problem` says why. */
int dtls_udp_bind(const char *host, const char *port, int family, const char **out_problem);

/* A UDP socket that is connected to a peer, whose `host` and `port` are given; otherwise, with `family` and
 * `*out_problem`, the same. Where the system
 * can be told so, it refuses datagrams that are too long for the path, instead of cutting them up. */
int dtls_udp_connect(const char *host, const char *port, int family, const char **out_problem);

/* The most bytes of UDP payload that a datagram to the socket's peer can have, as far as the system knows:
 * good for `dtls_set_path_mtu`. 0: the system does not know, or the socket has no peer. */
size_t dtls_udp_path_mtu(int udp);

/* Its own address. `out_address->len` is 0 if it has none. */
void dtls_udp_own_address(int udp, dtls_address *out_address);

/* Datagrams moved by one call of the system at most. */
#define DTLS_UDP_BATCH 32

/* Takes datagrams that have arrived, at most `num`, with one call of the system where it has one for many
 * (recvmmsg). Each datagram's `bytes` and `len` are a buffer and its size, and `len` and `address` are set;
 * one that was longer than its buffer has length 0. The number; 0: none is there. -1: errno. */
int dtls_udp_receive(int udp, dtls_server_datagram *datagrams, size_t num);

/* Sends datagrams, likewise (sendmmsg). On a connected socket addresses are not looked at. The number that
 * were taken, fewer than `num` if the socket would block; datagrams that the network refuses count as taken,
 * and errno is then why, EMSGSIZE for one that is too long for the path; it is 0 if there was none. -1:
 * errno. */
int dtls_udp_send(int udp, const dtls_server_datagram *datagrams, size_t num);

#ifdef __cplusplus
}
#endif

#endif
