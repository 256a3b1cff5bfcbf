/* SPDX-License-Identifier: MIT
 *
 * The carrier contract over a network in ns-3.
 *
 * `run` lets ns-3's simulator go until a datagram arrives or is lost, or until
 * an event that stops it at the time wanted. Nothing that ns-3 or C++ throws
 * passes the functions of the table.
 */
#include <atomic>
#include <cstdio>
#include <deque>
#include <exception>
#include <memory>
#include <new>
#include <unordered_map>

#include "datagram_tag.h"
#include "model.h"
#include "network.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "paths.h"

using ns3::NanoSeconds;
using ns3::Packet;
using ns3::Ptr;
using ns3::Simulator;

namespace {

/* ns-3 keeps simulator, nodes and seeds in variables of the process. */
std::atomic<bool> alive{false};

/* The seeds of ns-3's generator are below this (L'Ecuyer's m2). */
constexpr uint64_t max_seed = 4294944443u;

/* A time so far away that it is no sooner than never. */
constexpr uint64_t never = uint64_t{1} << 62;

uint64_t time_now() {
    return static_cast<uint64_t>(Simulator::Now().GetNanoSeconds());
}

/* A datagram between being sent and being received or lost. */
struct UnderWay {
    uint32_t from;
    uint32_t to;
    uint64_t datagram;
    uint32_t len;
};

/* News for the caller of `run`. */
struct News {
    dtlslab_arrival arrival;
    Ptr<Packet> packet;
};

} // namespace

struct dtlslab_carrier {
    uint32_t num_nodes = 0;
    uint64_t next_key = 1;
    std::unordered_map<uint64_t, UnderWay> under_way; /* by the key in the packet's tag */
    std::deque<News> news;
    std::unique_ptr<dtlslab::Network> network;
    ns3::EventId stop;
    uint64_t stop_time = 0;
    uint8_t bytes[DTLSLAB_MAX_DATAGRAM + 1];

    void lose(uint64_t key, const char *reason);
    void enter(uint64_t key, Ptr<Packet> packet);
    void received(uint32_t node, Ptr<Packet> packet);
    void stop_at(uint64_t until);
    bool tell(dtlslab_arrival *out_arrival);
};

/* Tells the loss of a datagram, once however many fragments it had. */
void dtlslab_carrier::lose(uint64_t key, const char *reason) {
    auto found = under_way.find(key);
    if (found == under_way.end())
        return;
    dtlslab_arrival arrival = {};
    arrival.kind = DTLSLAB_ARRIVAL_LOST;
    arrival.node = found->second.to;
    arrival.path = uint64_t{found->second.from} + 1;
    arrival.datagram = found->second.datagram;
    arrival.time = time_now();
    arrival.len = found->second.len;
    arrival.reason = reason;
    under_way.erase(found);
    news.push_back({arrival, nullptr});
    Simulator::Stop();
}

/* Puts a datagram on the network. */
void dtlslab_carrier::enter(uint64_t key, Ptr<Packet> packet) {
    const UnderWay &flight = under_way.at(key);
    if (!network->send(flight.from, flight.to, packet))
        lose(key, "size");
}

void dtlslab_carrier::received(uint32_t node, Ptr<Packet> packet) {
    dtlslab::DatagramTag tag;
    auto found = packet->PeekPacketTag(tag) ? under_way.find(tag.key) : under_way.end();
    if (found == under_way.end())
        return;
    dtlslab_arrival arrival = {};
    arrival.kind = DTLSLAB_ARRIVAL_DELIVERED;
    arrival.node = node;
    arrival.path = uint64_t{found->second.from} + 1;
    arrival.datagram = found->second.datagram;
    arrival.time = time_now();
    arrival.len = packet->GetSize();
    under_way.erase(found);
    news.push_back({arrival, packet});
    Simulator::Stop();
}

/* Has the simulator stop at `until`, by one event that is moved when the time changes. */
void dtlslab_carrier::stop_at(uint64_t until) {
    if (stop.IsRunning() && stop_time == until && until > time_now())
        return;
    Simulator::Remove(stop);
    uint64_t now = time_now();
    stop_time = until;
    if (until < never) {
        stop = Simulator::Schedule(NanoSeconds(until > now ? until - now : 0),
                                   static_cast<void (*)()>(&Simulator::Stop));
    }
}

/* Gives the oldest news away; its bytes stay in place until the next. */
bool dtlslab_carrier::tell(dtlslab_arrival *out_arrival) {
    if (news.empty())
        return false;
    *out_arrival = news.front().arrival;
    if (news.front().packet) {
        news.front().packet->CopyData(bytes, sizeof bytes);
        out_arrival->bytes = bytes;
    }
    news.pop_front();
    return true;
}

namespace {

/* Runs `body`, whose answer is this function's unless it throws. */
template <typename Body> int32_t guarded(char *message, Body body) {
    try {
        return body();
    } catch (const std::exception &exception) {
        if (message != nullptr)
            (void)std::snprintf(message, DTLSLAB_MAX_TEXT, "ns3 carrier: %s", exception.what());
    } catch (...) {
        if (message != nullptr) {
            (void)std::snprintf(message, DTLSLAB_MAX_TEXT,
                                "ns3 carrier: an exception that is none of C++'s own");
        }
    }
    return DTLSLAB_FAILED;
}

void end_simulator() {
    Simulator::Destroy();
    alive = false;
}

/* Lets all happen that has to happen at time 0 for the nodes to be ready. */
void initialise() {
    Simulator::Schedule(NanoSeconds(0), static_cast<void (*)()>(&Simulator::Stop));
    Simulator::Run();
    Simulator::Schedule(NanoSeconds(0), static_cast<void (*)()>(&Simulator::Stop));
    Simulator::Run();
}

int32_t build(const dtlslab::NetworkModel &model, uint64_t seed, uint64_t run,
              dtlslab_carrier **out_carrier) {
    auto carrier = std::make_unique<dtlslab_carrier>();
    carrier->num_nodes = model.num_nodes;
    ns3::RngSeedManager::SetSeed(static_cast<uint32_t>((seed ^ (seed >> 32)) % (max_seed - 1) + 1));
    ns3::RngSeedManager::SetRun(run);
    dtlslab_carrier *self = carrier.get();
    carrier->network = std::make_unique<dtlslab::Network>(
        model,
        [self](Ptr<const Packet> packet, const char *reason) {
            dtlslab::DatagramTag tag;
            if (packet->PeekPacketTag(tag))
                self->lose(tag.key, reason);
        },
        [self](uint32_t node, Ptr<Packet> packet) { self->received(node, packet); });
    initialise();
    *out_carrier = carrier.release();
    return DTLSLAB_OK;
}

int32_t create(uint32_t num_nodes, uint64_t seed, uint64_t run, const dtlslab_parameter *list,
               uint32_t num_parameters, dtlslab_carrier **out_carrier, char *message) {
    const dtlslab_parameters parameters = {list, num_parameters, num_nodes, "ns3", message};
    *out_carrier = nullptr;
    return guarded(message, [&]() -> int32_t {
        dtlslab::NetworkModel model;
        int32_t result = dtlslab::read_network_model(parameters, model);
        if (result != DTLSLAB_OK)
            return result;
        if (alive.exchange(true)) {
            (void)dtlslab_parameters_fail(&parameters,
                                          "another network is alive in this process, and ns-3 allows "
                                          "one at a time; destroy it first, or use another process");
            return DTLSLAB_FAILED;
        }
        try {
            return build(model, seed, run, out_carrier);
        } catch (...) {
            end_simulator();
            throw;
        }
    });
}

void destroy(dtlslab_carrier *carrier) {
    if (carrier == nullptr)
        return;
    (void)guarded(nullptr, [&]() -> int32_t {
        carrier->news.clear();
        carrier->stop = ns3::EventId();
        carrier->network->close();
        end_simulator();
        delete carrier;
        return DTLSLAB_OK;
    });
}

uint64_t now(dtlslab_carrier *) {
    return time_now();
}

uint32_t num_nodes_of(dtlslab_carrier *carrier) {
    return carrier->num_nodes;
}

int32_t path(dtlslab_carrier *carrier, uint32_t from, uint32_t to, uint64_t *out_path) {
    return dtlslab_paths_path(carrier->num_nodes, from, to, out_path);
}

int32_t peer(dtlslab_carrier *carrier, uint32_t node, uint64_t path_id, uint32_t *out_peer) {
    return dtlslab_paths_peer(carrier->num_nodes, node, path_id, out_peer);
}

int32_t send_datagram(dtlslab_carrier *carrier, uint32_t node, uint64_t path_id, uint64_t datagram,
                      uint64_t delay_ns, const uint8_t *bytes, uint32_t len) {
    uint32_t to;
    if (peer(carrier, node, path_id, &to) != DTLSLAB_OK || len > DTLSLAB_MAX_DATAGRAM)
        return DTLSLAB_INVALID;
    return guarded(nullptr, [&]() -> int32_t {
        Ptr<Packet> packet = ns3::Create<Packet>(bytes, len);
        dtlslab::DatagramTag tag;
        tag.key = carrier->next_key++;
        packet->AddPacketTag(tag);
        carrier->under_way.emplace(tag.key, UnderWay{node, to, datagram, len});
        if (delay_ns == 0)
            carrier->enter(tag.key, packet);
        else
            Simulator::Schedule(NanoSeconds(delay_ns), &dtlslab_carrier::enter, carrier, tag.key, packet);
        return DTLSLAB_OK;
    });
}

int32_t run(dtlslab_carrier *carrier, uint64_t until, dtlslab_arrival *out_arrival) {
    return guarded(nullptr, [&]() -> int32_t {
        if (carrier->tell(out_arrival))
            return DTLSLAB_OK;
        if (carrier->under_way.empty() && until >= never)
            return DTLSLAB_NOTHING;
        carrier->stop_at(until);
        Simulator::Run();
        if (carrier->news.empty() && until >= never) {
            /* The simulator has come to its end, and what is still missing went without a trace. */
            while (!carrier->under_way.empty())
                carrier->lose(carrier->under_way.begin()->first, "ip");
        }
        return carrier->tell(out_arrival) ? DTLSLAB_OK : DTLSLAB_NOTHING;
    });
}

uint32_t idle(dtlslab_carrier *carrier) {
    return carrier->under_way.empty() && carrier->news.empty();
}

const struct dtlslab_carrier_api ns3_carrier = {
    /* abi */ DTLSLAB_CARRIER_ABI,
    /* size */ sizeof(struct dtlslab_carrier_api),
    /* name */ "ns3",
    /* version */ DTLSLAB_NS3_VERSION,
    /* real_time */ 0,
    /* reserved */ 0,
    create,
    destroy,
    now,
    path,
    send_datagram,
    run,
    num_nodes_of,
    peer,
    idle,
};

} // namespace

extern "C" __attribute__((visibility("default"))) const struct dtlslab_carrier_api *
dtlslab_carrier_api(void) {
    return &ns3_carrier;
}
