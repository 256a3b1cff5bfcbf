/* SPDX-License-Identifier: MIT
 *
 * The ns-3 carrier: networks that ns-3 simulates, in virtual time.
 *
 * Two nodes share one point-to-point link. More nodes have a link each to a
 * router in the middle, so that every datagram crosses two links. The nodes
 * have ns-3's IP and UDP, with a socket on port 4433 each. ARP and neighbour
 * discovery do not take place on such links, and routers are not looked for:
 * the datagrams are all that is on the wire.
 *
 * Parameters, each for all links or, with more than two nodes, for the link of
 * one node (`rate.2`):
 *
 *   rate    rate         10Mbps  of the line; a packet has 2 bytes PPP, 20 (IPv6: 40) bytes IP and 8 bytes
 * UDP more than the datagram delay   duration     15ms    of the line loss    probability  0       that a
 * packet is lost, in each direction of each link ("loss"); between two nodes also for one direction
 * (`loss.0-1`) queue   count        100     packets that wait for the line at most; the next is lost
 * ("queue") mtu     count        1500    of the link in bytes, IP header included; a larger datagram travels
 * in IP fragments, each of which can be lost and which loses the datagram
 *
 * and for the network:
 *
 *   ip      4 or 6       4       version of IP
 *   pcap    text                 ns-3 writes what each device sends and receives to TEXT-NODE-DEVICE.pcap, in
 *                                nanoseconds, complete once the carrier is destroyed; the device of a node is
 * 1, those of the router, which is the last node, count from 1
 *
 * A datagram that IP or UDP of ns-3 refuses is lost at once ("size" when it is too large for a UDP socket,
 * else "ip"). Losses are told when they happen: loss on the line on arrival, a full queue at the time of
 * sending.
 *
 * One such carrier can be alive in a process at a time, since ns-3's simulator is global to the process. It
 * has to be made, used and destroyed without other use of ns-3 in between; any thread may do so.
 */
#ifndef DTLSLAB_NS3_MODEL_H
#define DTLSLAB_NS3_MODEL_H

#include <cstdint>
#include <string>
#include <vector>

#include "parameters.h"

namespace dtlslab {

/* One link, and what each of its two ends loses of what it receives. */
struct LinkModel {
    uint64_t rate = 10000000; /* bits per second */
    uint64_t delay = 15000000;
    uint64_t queue = 100;
    uint64_t mtu = 1500;
    double loss_at_node = 0.0; /* received by the link's node; between two nodes: by node 1 */
    double loss_at_far = 0.0;  /* received by the router; between two nodes: by node 0 */
};

struct NetworkModel {
    uint32_t num_nodes = 0;
    uint64_t ip = 4;
    std::string pcap;             /* empty: none */
    std::vector<LinkModel> links; /* one between two nodes, else one for each node */
};

/* Reads the parameters. DTLSLAB_INVALID with a message. */
int32_t read_network_model(const dtlslab_parameters &parameters, NetworkModel &out_model);

} // namespace dtlslab

#endif
