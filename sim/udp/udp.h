/* SPDX-License-Identifier: MIT
 *
 * The UDP carrier: real sockets in real time, and programs outside as nodes.
 *
 * Every node has a socket, its face: others reach it there, and what it sends
 * comes from there. A node is driven by the world, or it is external: then it
 * stands for a program, and its face is what the other nodes' datagrams look
 * to come from when they pass through a world that stands between programs.
 *
 *     world's client ──face 0──▶ program at node.1=127.0.0.1:4433
 *     program (node.0=client) ──▶ face 1, whose port the program is told ──▶ world's server
 *     program (node.0=client) ──▶ face 1 ──▶ world: hook, log ──▶ face 0 ──▶ program at node.1=…
 *
 * What a program sends to a face becomes an ENTERED arrival, so that the hook and the log see it before the
 * node behind that face does. No privileges are needed for that.
 *
 * Parameters:
 *
 *   node.N            ADDRESS:PORT   node N is external, a program that waits there; IPv6 as [::1]:4433
 *                     client         node N is external, a program that speaks first: it gets the first
 * address that writes to a face and belongs to nobody yet; several in the order of numbers port.N count the
 * port of face N; default: any free one, see dtlslab_udp_carrier_port bind              ADDRESS        of all
 * faces; default 127.0.0.1 beyond-loopback   0 or 1         whether addresses other than loopback are
 * allowed; default 0
 *
 * Time 0 is the making of the carrier. A datagram between two nodes of the world travels through the kernel;
 * one that has not come out after a second is LOST ("socket"). Others are LOST when the kernel refuses them
 * ("mtu", "queue", "socket") or when the program's address is not known yet ("no-address"). What a program
 * does not receive is not known to anyone.
 */
#ifndef DTLSLAB_UDP_H
#define DTLSLAB_UDP_H

#include "dtlslab_world.h" /* dtlslab_udp_carrier, dtlslab_udp_carrier_port, dtlslab_udp_carrier_strays */

#endif
