/* SPDX-License-Identifier: MIT
 *
 * The tag that carries a datagram's id; see datagram_tag.h.
 */
#include "datagram_tag.h"

namespace dtlslab {

NS_OBJECT_ENSURE_REGISTERED(DatagramTag);

ns3::TypeId DatagramTag::GetTypeId() {
    static ns3::TypeId id =
        ns3::TypeId("dtlslab::DatagramTag").SetParent<ns3::Tag>().AddConstructor<DatagramTag>();
    return id;
}

ns3::TypeId DatagramTag::GetInstanceTypeId() const {
    return GetTypeId();
}

uint32_t DatagramTag::GetSerializedSize() const {
    return sizeof key;
}

void DatagramTag::Serialize(ns3::TagBuffer buffer) const {
    buffer.WriteU64(key);
}

void DatagramTag::Deserialize(ns3::TagBuffer buffer) {
    key = buffer.ReadU64();
}

void DatagramTag::Print(std::ostream &out) const {
    out << "key=" << key;
}

} // namespace dtlslab
