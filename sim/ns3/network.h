/* SPDX-License-Identifier: MIT
 *
 * A network in ns-3: nodes, links, IP, and a UDP socket on every node.
 */
#ifndef DTLSLAB_NS3_NETWORK_H
#define DTLSLAB_NS3_NETWORK_H

#include <functional>
#include <vector>

#include "model.h"
#include "ns3/node-container.h"
#include "ns3/packet.h"
#include "ns3/point-to-point-net-device.h"
#include "ns3/socket.h"

namespace dtlslab {

class Network {
  public:
    /* A packet that will not arrive, and why in a word. */
    using Dropped = std::function<void(ns3::Ptr<const ns3::Packet> packet, const char *reason)>;

    /* A datagram that has come to `node`. */
    using Received = std::function<void(uint32_t node, ns3::Ptr<ns3::Packet> packet)>;

    /* Builds the network in the simulator of this process, at time 0. */
    Network(const NetworkModel &model, Dropped dropped, Received received);

    /* Closes the sockets; nothing is received any more. The rest goes with Simulator::Destroy, which has to
     * come before the end of this object. */
    void close();

    Network(const Network &) = delete;
    Network &operator=(const Network &) = delete;

    /* Sends a datagram now. False: the socket does not take it. */
    bool send(uint32_t from, uint32_t to, ns3::Ptr<ns3::Packet> packet);

  private:
    using Device = ns3::Ptr<ns3::PointToPointNetDevice>;

    void build_links(const NetworkModel &model);
    Device add_device(ns3::Ptr<ns3::Node> node, const LinkModel &link, double loss);
    void connect(uint32_t link_number, const LinkModel &link, ns3::Ptr<ns3::Node> far,
                 ns3::Ptr<ns3::Node> near);
    void address_ipv4(uint32_t link_number, ns3::Ptr<ns3::NetDevice> far, ns3::Ptr<ns3::NetDevice> near);
    void address_ipv6(uint32_t link_number, ns3::Ptr<ns3::NetDevice> far, ns3::Ptr<ns3::NetDevice> near);
    void watch_ip(ns3::Ptr<ns3::Node> node);
    void open_socket(uint32_t node);
    void receive(ns3::Ptr<ns3::Socket> socket);
    void device_drop(const char *reason, ns3::Ptr<const ns3::Packet> packet);

    bool ipv6;
    Dropped dropped;
    Received received;
    int64_t next_stream = 1;
    uint64_t next_mac = 1;
    ns3::NodeContainer nodes; /* those of the carrier, then the router if there is one */
    std::vector<ns3::Ptr<ns3::NetDevice>> devices;
    std::vector<ns3::Ptr<ns3::Socket>> sockets;
    std::vector<ns3::Address> addresses; /* of the sockets */
};

} // namespace dtlslab

#endif
