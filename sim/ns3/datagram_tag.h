/* SPDX-License-Identifier: MIT
 *
 * The id of a datagram, tied to its packets: a tag travels with a packet
 * through ns-3, into each of its fragments and out of the reassembly, and is
 * no part of its bytes.
 */
#ifndef DTLSLAB_NS3_DATAGRAM_TAG_H
#define DTLSLAB_NS3_DATAGRAM_TAG_H

#include "ns3/tag.h"

namespace dtlslab {

class DatagramTag : public ns3::Tag {
  public:
    static ns3::TypeId GetTypeId();
    ns3::TypeId GetInstanceTypeId() const override;
    uint32_t GetSerializedSize() const override;
    void Serialize(ns3::TagBuffer buffer) const override;
    void Deserialize(ns3::TagBuffer buffer) override;
    void Print(std::ostream &out) const override;

    uint64_t key = 0;
};

} // namespace dtlslab

#endif
