/* SPDX-License-Identifier: MIT
 *
 * Parameters of the ns-3 carrier; see model.h.
 *
 * All is checked here: ns-3 itself ends the process when an attribute is wrong.
 */
#include "model.h"

#include <cstring>
#include <fstream>

namespace dtlslab {
namespace {

/* The third octet and the second of an address tell the node. */
constexpr uint32_t max_nodes = 65535;

constexpr dtlslab_place anywhere = {DTLSLAB_SUFFIX_NONE, 0, 0};

const dtlslab_parameter_rule rules[] = {
    {"rate", DTLSLAB_SUFFIX_NODE},
    {"delay", DTLSLAB_SUFFIX_NODE},
    {"loss", DTLSLAB_SUFFIX_NODE | DTLSLAB_SUFFIX_DIRECTION},
    {"queue", DTLSLAB_SUFFIX_NODE},
    {"mtu", DTLSLAB_SUFFIX_NODE},
    {"ip", DTLSLAB_SUFFIX_NONE},
    {"pcap", DTLSLAB_SUFFIX_NONE},
};

/* A suffix must fit the shape of the network. */
int32_t check_shape(const dtlslab_parameters &parameters) {
    for (uint32_t i = 0; i < parameters.num; i++) {
        const dtlslab_parameter &parameter = parameters.list[i];
        dtlslab_place place = dtlslab_parameter_place(parameter.name);
        if (place.kind == DTLSLAB_SUFFIX_NODE && parameters.num_nodes == 2) {
            return dtlslab_parameter_wrong(&parameters, parameter.name, parameter.value,
                                           "no .NODE between two nodes, which share one link");
        }
        if (place.kind == DTLSLAB_SUFFIX_DIRECTION && parameters.num_nodes != 2) {
            return dtlslab_parameter_wrong(&parameters, parameter.name, parameter.value,
                                           ".FROM-TO only between two nodes; use .NODE");
        }
    }
    return DTLSLAB_OK;
}

int32_t read_loss(const dtlslab_parameters &parameters, dtlslab_place link, LinkModel &out) {
    dtlslab_place to_node = link;
    dtlslab_place to_far = link;
    if (parameters.num_nodes == 2) {
        to_node = {DTLSLAB_SUFFIX_DIRECTION, 0, 1};
        to_far = {DTLSLAB_SUFFIX_DIRECTION, 1, 0};
    }
    int32_t result = dtlslab_parameter_probability(&parameters, "loss", to_node, &out.loss_at_node);
    return result ? result : dtlslab_parameter_probability(&parameters, "loss", to_far, &out.loss_at_far);
}

int32_t read_link(const dtlslab_parameters &parameters, dtlslab_place place, uint64_t ip, LinkModel &out) {
    /* The smallest MTU that the version of IP allows. */
    uint64_t min_mtu = ip == 6 ? 1280 : 68;
    int32_t result = dtlslab_parameter_rate(&parameters, "rate", place, &out.rate);
    if (result == DTLSLAB_OK && out.rate == 0) {
        return dtlslab_parameter_wrong(&parameters, "rate",
                                       dtlslab_parameter_text(&parameters, "rate", place),
                                       "more than 0: a line of ns-3 has a rate");
    }
    result = result ? result : dtlslab_parameter_duration(&parameters, "delay", place, &out.delay);
    result = result ? result : read_loss(parameters, place, out);
    result = result ? result : dtlslab_parameter_count(&parameters, "queue", place, 1, 1000000, &out.queue);
    return result ? result : dtlslab_parameter_count(&parameters, "mtu", place, min_mtu, 65535, &out.mtu);
}

int32_t read_ip(const dtlslab_parameters &parameters, uint64_t &out) {
    int32_t result = dtlslab_parameter_count(&parameters, "ip", anywhere, 4, 6, &out);
    if (result == DTLSLAB_OK && out == 5)
        return dtlslab_parameter_wrong(&parameters, "ip", "5", "4 or 6");
    return result;
}

int32_t read_pcap(const dtlslab_parameters &parameters, std::string &out) {
    const char *prefix = dtlslab_parameter_text(&parameters, "pcap", anywhere);
    if (prefix == nullptr)
        return DTLSLAB_OK;
    out = prefix;
    std::string first = out + "-0-1.pcap"; /* which ns-3 then writes itself */
    if (out.empty() || !std::ofstream(first, std::ios::binary)) {
        return dtlslab_parameter_wrong(&parameters, "pcap", prefix,
                                       "the beginning of file names in a folder that can be written to");
    }
    return DTLSLAB_OK;
}

} // namespace

int32_t read_network_model(const dtlslab_parameters &parameters, NetworkModel &out_model) {
    if (parameters.num_nodes < 2 || parameters.num_nodes > max_nodes)
        return dtlslab_parameters_fail(&parameters, "a network has from 2 to 65535 nodes");
    int32_t result = dtlslab_parameters_check(&parameters, rules, sizeof rules / sizeof *rules);
    result = result ? result : check_shape(parameters);
    result = result ? result : read_ip(parameters, out_model.ip);
    result = result ? result : read_pcap(parameters, out_model.pcap);
    out_model.num_nodes = parameters.num_nodes;
    out_model.links.resize(parameters.num_nodes == 2 ? 1 : parameters.num_nodes);
    for (uint32_t i = 0; i < out_model.links.size() && result == DTLSLAB_OK; i++) {
        dtlslab_place place = {DTLSLAB_SUFFIX_NODE, i, 0};
        result = read_link(parameters, parameters.num_nodes == 2 ? anywhere : place, out_model.ip,
                           out_model.links[i]);
    }
    return result;
}

} // namespace dtlslab
