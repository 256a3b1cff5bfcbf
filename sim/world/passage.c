/* SPDX-License-Identifier: MIT
 *
 * The passage of a datagram from a node to the carrier: it gets an id, an entry
 * in the log, and the fate that the hook decides.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* A datagram on its way to the carrier. */
struct outgoing {
    uint32_t node;
    uint32_t peer;
    uint64_t path;
    uint64_t datagram;
    const uint8_t *bytes;
    uint32_t len;
};

static void log_outgoing(struct dtlslab_world *world, enum dtlslab_log_kind kind,
                         const struct outgoing *outgoing, uint64_t original, const char *text) {
    dtlslab_world_log(world, (struct dtlslab_log_entry){.kind = (uint32_t)kind,
                                                        .node = outgoing->node,
                                                        .peer = outgoing->peer,
                                                        .path = outgoing->path,
                                                        .datagram = outgoing->datagram,
                                                        .value = original,
                                                        .bytes = outgoing->bytes,
                                                        .len = outgoing->len,
                                                        .text = text});
}

static int32_t give_to_carrier(struct dtlslab_world *world, const struct outgoing *outgoing,
                               uint64_t delay_ns) {
    return world->carrier_api->send(world->carrier, outgoing->node, outgoing->path, outgoing->datagram,
                                    delay_ns, outgoing->bytes, outgoing->len);
}

/* Counts the datagram and answers which one it is between these two nodes; 0 when out of memory. */
static uint64_t count(struct dtlslab_world *world, uint32_t from, uint32_t to) {
    struct dtlslab_node *node = &world->nodes[from];
    if (node->sent_to == NULL) {
        node->sent_to = calloc(world->num_nodes, sizeof *node->sent_to);
        if (node->sent_to == NULL)
            return 0;
    }
    return ++node->sent_to[to];
}

/* Sends the copies that the hook wants, each under its own id where it differs from the original. */
static int32_t change(struct dtlslab_world *world, struct outgoing outgoing,
                      const struct dtlslab_fate *fate) {
    uint64_t original = outgoing.datagram;
    uint32_t copies = fate->copies == 0 ? 1 : fate->copies;
    bool altered = fate->bytes != NULL;
    if (altered) {
        if (fate->len > DTLSLAB_MAX_DATAGRAM) {
            dtlslab_world_stop(world, DTLSLAB_STOP_HOOK_FAILED, outgoing.node);
            return DTLSLAB_OK;
        }
        outgoing.bytes = fate->bytes;
        outgoing.len = fate->len;
    }
    for (uint32_t copy = 0; copy < copies && !dtlslab_world_halted(world); copy++) {
        if (copy > 0 || altered)
            outgoing.datagram = world->next_datagram++;
        if (copy > 0)
            dtlslab_world_count(world, outgoing.node);
        if (copy > 0 || altered || fate->delay_ns > 0) {
            const char *word = copy > 0 ? "duplicated" : altered ? "altered" : "delayed";
            log_outgoing(world, DTLSLAB_LOG_DATAGRAM_CHANGED, &outgoing, original,
                         fate->reason != NULL ? fate->reason : word);
        }
        int32_t result = give_to_carrier(world, &outgoing, fate->delay_ns);
        if (result < 0)
            return result;
    }
    return DTLSLAB_OK;
}

static int32_t hold(struct dtlslab_world *world, const struct outgoing *outgoing, const char *reason) {
    struct dtlslab_held *held = malloc(sizeof *held + outgoing->len);
    if (held == NULL)
        return DTLSLAB_FAILED;
    *held = (struct dtlslab_held){
        .peer = outgoing->peer, .len = outgoing->len, .path = outgoing->path, .datagram = outgoing->datagram};
    memcpy(held->bytes, outgoing->bytes, outgoing->len);
    struct dtlslab_held **last = &world->nodes[outgoing->node].held;
    while (*last != NULL)
        last = &(*last)->next;
    *last = held;
    log_outgoing(world, DTLSLAB_LOG_DATAGRAM_CHANGED, outgoing, outgoing->datagram,
                 reason != NULL ? reason : "held back");
    return DTLSLAB_OK;
}

/* Gives the carrier what was held back before datagram `datagram`, which has gone the same way now. */
static int32_t release(struct dtlslab_world *world, uint32_t node, uint32_t peer, uint64_t datagram) {
    struct dtlslab_held **at = &world->nodes[node].held;
    int32_t result = DTLSLAB_OK;
    while (*at != NULL) {
        struct dtlslab_held *held = *at;
        if (held->peer != peer || held->datagram >= datagram) {
            at = &held->next;
            continue;
        }
        *at = held->next;
        if (result == DTLSLAB_OK) {
            result = world->carrier_api->send(world->carrier, node, held->path, held->datagram, 0,
                                              held->bytes, held->len);
        }
        free(held);
    }
    return result;
}

void dtlslab_world_forget_held(struct dtlslab_node *node) {
    while (node->held != NULL) {
        struct dtlslab_held *next = node->held->next;
        free(node->held);
        node->held = next;
    }
}

static int32_t ask_hook(struct dtlslab_world *world, const struct outgoing *outgoing, uint64_t nth) {
    struct dtlslab_passing passing = {
        .time = dtlslab_world_time(world),
        .datagram = outgoing->datagram,
        .path = outgoing->path,
        .from = outgoing->node,
        .to = outgoing->peer,
        .nth = nth,
        .bytes = outgoing->bytes,
        .len = outgoing->len,
    };
    struct dtlslab_fate fate = {0};
    if (world->hook(world->hook_user, &passing, &fate) < 0) {
        dtlslab_world_stop(world, DTLSLAB_STOP_HOOK_FAILED, outgoing->node);
        return DTLSLAB_OK;
    }
    switch (fate.kind) {
    case DTLSLAB_PASS:
        return give_to_carrier(world, outgoing, 0);
    case DTLSLAB_DROP:
        log_outgoing(world, DTLSLAB_LOG_DATAGRAM_DROPPED, outgoing, 0,
                     fate.reason != NULL ? fate.reason : "hook");
        return DTLSLAB_OK;
    case DTLSLAB_CHANGE:
        return change(world, *outgoing, &fate);
    case DTLSLAB_HOLD:
        return hold(world, outgoing, fate.reason);
    default:
        dtlslab_world_stop(world, DTLSLAB_STOP_HOOK_FAILED, outgoing->node);
        return DTLSLAB_OK;
    }
}

int32_t dtlslab_world_pass(struct dtlslab_world *world, uint32_t node, uint64_t path, const uint8_t *bytes,
                           uint32_t len) {
    struct outgoing outgoing = {.node = node, .path = path, .bytes = bytes, .len = len};
    int32_t result = world->carrier_api->peer(world->carrier, node, path, &outgoing.peer);
    if (result < 0)
        return result;
    uint64_t nth = count(world, node, outgoing.peer);
    if (nth == 0)
        return DTLSLAB_FAILED;
    outgoing.datagram = world->next_datagram++;
    dtlslab_world_count(world, node);
    log_outgoing(world, DTLSLAB_LOG_DATAGRAM_SENT, &outgoing, 0, NULL);
    result = world->hook == NULL ? give_to_carrier(world, &outgoing, 0) : ask_hook(world, &outgoing, nth);
    return result < 0 || world->nodes[node].held == NULL
               ? result
               : release(world, node, outgoing.peer, outgoing.datagram);
}

int32_t dtlslab_world_inject(struct dtlslab_world *world, uint32_t node, uint32_t peer, const uint8_t *bytes,
                             uint32_t len) {
    struct outgoing outgoing = {.node = node, .peer = peer, .bytes = bytes, .len = len};
    int32_t result = world->carrier_api->path(world->carrier, node, peer, &outgoing.path);
    if (result < 0 || len > DTLSLAB_MAX_DATAGRAM)
        return DTLSLAB_INVALID;
    outgoing.datagram = world->next_datagram++;
    log_outgoing(world, DTLSLAB_LOG_DATAGRAM_INJECTED, &outgoing, 0, NULL);
    return give_to_carrier(world, &outgoing, 0);
}
