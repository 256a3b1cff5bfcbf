/* SPDX-License-Identifier: MIT
 *
 * A network in ns-3; see network.h. Addresses are fixed: link L is 10.x.y.0/24 or fd00:L::/64 with L = 256 x
 * + y, its far end (the router, or node 0 of two) is 1 and its near end is 2.
 */
#include "network.h"

#include "ns3/boolean.h"
#include "ns3/config.h"
#include "ns3/drop-tail-queue.h"
#include "ns3/error-model.h"
#include "ns3/icmpv6-l4-protocol.h"
#include "ns3/inet-socket-address.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/ipv6-l3-protocol.h"
#include "ns3/ipv6-static-routing-helper.h"
#include "ns3/point-to-point-channel.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

namespace dtlslab {

using namespace ns3;

namespace {

constexpr uint16_t port = 4433;

/* Streams of the IP stack's own random variables, apart from those of the links. */
constexpr int64_t stack_streams = int64_t{1} << 32;

Ipv4Address ipv4_of(uint32_t link, uint32_t end) {
    return Ipv4Address((uint32_t{10} << 24) + (link << 8) + end);
}

Ipv6Address ipv6_of(uint32_t link, uint32_t end) {
    uint8_t bytes[16] = {0xfd, 0x00, static_cast<uint8_t>(link >> 8), static_cast<uint8_t>(link)};
    bytes[15] = static_cast<uint8_t>(end);
    return Ipv6Address(bytes);
}

void install_stack(const NetworkModel &model, const NodeContainer &nodes) {
    InternetStackHelper stack;
    stack.SetIpv4StackInstall(model.ip == 4);
    stack.SetIpv6StackInstall(model.ip == 6);
    stack.SetRoutingHelper(Ipv4StaticRoutingHelper());
    stack.SetRoutingHelper(Ipv6StaticRoutingHelper());
    stack.Install(nodes);
    stack.AssignStreams(nodes, stack_streams);
    if (model.ip != 6)
        return;
    for (uint32_t i = 0; i < nodes.GetN(); i++) {
        /* Nothing but datagrams on the wire: no search for duplicate addresses, and, among routers, none for
         * routers. */
        nodes.Get(i)->GetObject<Icmpv6L4Protocol>()->SetAttribute("DAD", BooleanValue(false));
        nodes.Get(i)->GetObject<Ipv6>()->SetAttribute("IpForward", BooleanValue(true));
    }
}

} // namespace

Network::Network(const NetworkModel &model, Dropped on_dropped, Received on_received)
    : ipv6(model.ip == 6), dropped(std::move(on_dropped)), received(std::move(on_received)) {
    nodes.Create(model.num_nodes + (model.num_nodes > 2));
    install_stack(model, nodes);
    build_links(model);
    for (uint32_t i = 0; i < nodes.GetN(); i++)
        watch_ip(nodes.Get(i));
    for (uint32_t i = 0; i < model.num_nodes; i++)
        open_socket(i);
    if (!model.pcap.empty()) {
        Config::SetDefault("ns3::PcapFileWrapper::NanosecMode", BooleanValue(true));
        PointToPointHelper helper;
        for (const Ptr<NetDevice> &device : devices)
            helper.EnablePcap(model.pcap, device, true);
    }
}

void Network::close() {
    for (const Ptr<Socket> &socket : sockets) {
        socket->SetRecvCallback(MakeNullCallback<void, Ptr<Socket>>());
        socket->Close();
    }
}

void Network::build_links(const NetworkModel &model) {
    if (model.num_nodes == 2) {
        connect(0, model.links[0], nodes.Get(0), nodes.Get(1));
        addresses.resize(2);
        addresses[0] = ipv6 ? Address(Inet6SocketAddress(ipv6_of(0, 1), port))
                            : Address(InetSocketAddress(ipv4_of(0, 1), port));
        addresses[1] = ipv6 ? Address(Inet6SocketAddress(ipv6_of(0, 2), port))
                            : Address(InetSocketAddress(ipv4_of(0, 2), port));
        return;
    }
    for (uint32_t i = 0; i < model.num_nodes; i++) {
        connect(i, model.links[i], nodes.Get(model.num_nodes), nodes.Get(i));
        addresses.push_back(ipv6 ? Address(Inet6SocketAddress(ipv6_of(i, 2), port))
                                 : Address(InetSocketAddress(ipv4_of(i, 2), port)));
    }
}

Network::Device Network::add_device(Ptr<Node> node, const LinkModel &link, double loss) {
    Device device = CreateObject<PointToPointNetDevice>();
    uint64_t mac = next_mac++;
    uint8_t bytes[6] = {0x02,
                        0,
                        0,
                        static_cast<uint8_t>(mac >> 16),
                        static_cast<uint8_t>(mac >> 8),
                        static_cast<uint8_t>(mac)};
    Mac48Address address;
    address.CopyFrom(bytes);
    device->SetAddress(address);
    device->SetDataRate(DataRate(link.rate));
    device->SetMtu(static_cast<uint16_t>(link.mtu));
    Ptr<DropTailQueue<Packet>> queue = CreateObject<DropTailQueue<Packet>>();
    queue->SetMaxSize(QueueSize(QueueSizeUnit::PACKETS, static_cast<uint32_t>(link.queue)));
    device->SetQueue(queue);
    node->AddDevice(device);
    int64_t stream = next_stream++;
    if (loss > 0.0) {
        Ptr<RateErrorModel> model = CreateObject<RateErrorModel>();
        model->SetUnit(RateErrorModel::ERROR_UNIT_PACKET);
        model->SetRate(loss);
        model->AssignStreams(stream);
        device->SetReceiveErrorModel(model);
    }
    device->TraceConnectWithoutContext("PhyRxDrop", MakeCallback(&Network::device_drop, this).Bind("loss"));
    device->TraceConnectWithoutContext("MacTxDrop", MakeCallback(&Network::device_drop, this).Bind("queue"));
    devices.push_back(device);
    return device;
}

void Network::connect(uint32_t link_number, const LinkModel &link, Ptr<Node> far, Ptr<Node> near) {
    Device far_device = add_device(far, link, link.loss_at_far);
    Device near_device = add_device(near, link, link.loss_at_node);
    Ptr<PointToPointChannel> channel = CreateObject<PointToPointChannel>();
    channel->SetAttribute("Delay", TimeValue(NanoSeconds(link.delay)));
    far_device->Attach(channel);
    near_device->Attach(channel);
    if (ipv6)
        address_ipv6(link_number, far_device, near_device);
    else
        address_ipv4(link_number, far_device, near_device);
}

void Network::address_ipv4(uint32_t link_number, Ptr<NetDevice> far, Ptr<NetDevice> near) {
    uint32_t end = 1;
    for (const Ptr<NetDevice> &device : {far, near}) {
        Ptr<Ipv4> ip = device->GetNode()->GetObject<Ipv4>();
        uint32_t interface = ip->AddInterface(device);
        ip->AddAddress(interface,
                       Ipv4InterfaceAddress(ipv4_of(link_number, end++), Ipv4Mask("255.255.255.0")));
        ip->SetUp(interface);
    }
    Ptr<Ipv4> ip = near->GetNode()->GetObject<Ipv4>();
    Ipv4StaticRoutingHelper().GetStaticRouting(ip)->SetDefaultRoute(
        ipv4_of(link_number, 1), static_cast<uint32_t>(ip->GetInterfaceForDevice(near)));
}

void Network::address_ipv6(uint32_t link_number, Ptr<NetDevice> far, Ptr<NetDevice> near) {
    uint32_t end = 1;
    for (const Ptr<NetDevice> &device : {far, near}) {
        Ptr<Ipv6> ip = device->GetNode()->GetObject<Ipv6>();
        uint32_t interface = ip->AddInterface(device);
        ip->AddAddress(interface, Ipv6InterfaceAddress(ipv6_of(link_number, end++), Ipv6Prefix(64)));
        ip->SetUp(interface);
    }
    Ptr<Ipv6> ip = near->GetNode()->GetObject<Ipv6>();
    Ipv6StaticRoutingHelper().GetStaticRouting(ip)->SetDefaultRoute(
        ipv6_of(link_number, 1), static_cast<uint32_t>(ip->GetInterfaceForDevice(near)));
}

void Network::watch_ip(Ptr<Node> node) {
    if (ipv6) {
        auto drop = [this](const Ipv6Header &, Ptr<const Packet> packet, Ipv6L3Protocol::DropReason,
                           Ptr<Ipv6>, uint32_t) { dropped(packet, "ip"); };
        node->GetObject<Ipv6>()->TraceConnectWithoutContext(
            "Drop", Callback<void, const Ipv6Header &, Ptr<const Packet>, Ipv6L3Protocol::DropReason,
                             Ptr<Ipv6>, uint32_t>(drop));
    } else {
        auto drop = [this](const Ipv4Header &, Ptr<const Packet> packet, Ipv4L3Protocol::DropReason,
                           Ptr<Ipv4>, uint32_t) { dropped(packet, "ip"); };
        node->GetObject<Ipv4>()->TraceConnectWithoutContext(
            "Drop", Callback<void, const Ipv4Header &, Ptr<const Packet>, Ipv4L3Protocol::DropReason,
                             Ptr<Ipv4>, uint32_t>(drop));
    }
}

void Network::open_socket(uint32_t node) {
    Ptr<Socket> socket = Socket::CreateSocket(nodes.Get(node), UdpSocketFactory::GetTypeId());
    socket->SetAttribute("RcvBufSize", UintegerValue(1 << 24));
    socket->Bind(addresses[node]);
    socket->SetRecvCallback(MakeCallback(&Network::receive, this));
    sockets.push_back(socket);
}

void Network::receive(Ptr<Socket> socket) {
    uint32_t node = socket->GetNode()->GetId();
    while (Ptr<Packet> packet = socket->Recv())
        received(node, packet);
}

void Network::device_drop(const char *reason, Ptr<const Packet> packet) {
    dropped(packet, reason);
}

bool Network::send(uint32_t from, uint32_t to, Ptr<Packet> packet) {
    return sockets[from]->SendTo(packet, 0, addresses[to]) >= 0;
}

} // namespace dtlslab
