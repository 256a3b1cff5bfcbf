/* SPDX-License-Identifier: MIT
 *
 * Two IP instances on the switch, with a socket each: Alice's at 1.2.3.4, and
 * Bob's at 1.2.3.5:4000.
 */
#ifndef NETX_TESTS_NET_WORLD_H
#define NETX_TESTS_NET_WORLD_H

#include "support.h"

#define PORT 4000u

extern NX_IP *alice;
extern NX_IP *bob;
extern NX_UDP_SOCKET of_alice;
extern NX_UDP_SOCKET of_bob;
extern NXD_ADDRESS bob_at;

void make_socket(NX_IP *ip, NX_UDP_SOCKET *socket, UINT port);
void make_two(void);
void unmake_two(void);

NX_PACKET *packet_of(NX_IP *ip, const char *text);
void send_text(NX_UDP_SOCKET *socket, NXD_ADDRESS address, UINT port, const char *text);
/* Answers the port that it came from. */
UINT expect_text(NX_UDP_SOCKET *socket, const char *text);

#endif
