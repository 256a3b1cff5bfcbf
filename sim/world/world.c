/* SPDX-License-Identifier: MIT
 *
 * A world and what a script does to it between runs; loop.c is the run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* Streams of endpoints that are made before they have a node, apart from those of nodes. */
#define MADE_STREAM (UINT64_C(1) << 32)

struct dtlslab_world *dtlslab_world_create(const struct dtlslab_carrier_api *carrier_api,
                                           struct dtlslab_carrier *carrier) {
    struct dtlslab_world *world = calloc(1, sizeof *world);
    if (world == NULL)
        return NULL;
    world->carrier_api = carrier_api;
    world->carrier = carrier;
    world->num_nodes = carrier_api->num_nodes(carrier);
    world->log_datagram_bytes = true;
    world->log_data_bytes = true;
    world->next_datagram = 1;
    world->nodes = calloc(world->num_nodes, sizeof *world->nodes);
    if (world->nodes == NULL || !dtlslab_agenda_init(&world->agenda, world->num_nodes)) {
        free(world->nodes);
        free(world);
        return NULL;
    }
    for (uint32_t i = 0; i < world->num_nodes; i++)
        world->nodes[i].echo_last = &world->nodes[i].echo_first;
    return world;
}

void dtlslab_world_destroy(struct dtlslab_world *world) {
    if (world == NULL)
        return;
    for (uint32_t i = 0; i < world->num_nodes; i++) {
        dtlslab_echo_clear(&world->nodes[i]);
        dtlslab_world_forget_held(&world->nodes[i]);
        free(world->nodes[i].sent_to);
    }
    dtlslab_log_clear(&world->log);
    dtlslab_agenda_free(&world->agenda);
    free(world->made);
    free(world->nodes);
    free(world);
}

uint64_t dtlslab_world_time(struct dtlslab_world *world) {
    return world->carrier_api->now(world->carrier);
}

uint64_t dtlslab_world_now(struct dtlslab_world *world) {
    return dtlslab_world_time(world);
}

void dtlslab_node_enter(struct dtlslab_node *node, uint64_t now) {
    if (node->api->clock_objects != NULL) {
        node->virtual_time.now_ns = now;
        dtlslab_clock_enter(&node->virtual_time);
    }
}

void dtlslab_node_leave(const struct dtlslab_node *node) {
    if (node->api->clock_objects != NULL)
        dtlslab_clock_leave();
}

void dtlslab_world_log(struct dtlslab_world *world, struct dtlslab_log_entry entry) {
    entry.time = dtlslab_world_time(world);
    bool data = entry.kind == DTLSLAB_LOG_DATA_RECEIVED;
    if (!(data ? world->log_data_bytes : world->log_datagram_bytes))
        entry.bytes = NULL;
    dtlslab_log_put(&world->log, &entry);
}

int32_t dtlslab_world_make_endpoint(struct dtlslab_world *world, const struct dtlslab_endpoint_api *api,
                                    const struct dtlslab_config *config,
                                    struct dtlslab_endpoint **out_endpoint, char *message) {
    struct dtlslab_made *made = realloc(world->made, (world->num_made + 1) * sizeof *made);
    if (made == NULL) {
        (void)snprintf(message, DTLSLAB_MAX_TEXT, "%s: out of memory", api->name);
        return DTLSLAB_FAILED;
    }
    world->made = made;
    made += world->num_made;
    dtlslab_virtual_init(&made->virtual_time, config->seed, MADE_STREAM + world->total_made++,
                         config->calendar_seconds);
    made->virtual_time.now_ns = dtlslab_world_time(world);
    if (api->clock_objects != NULL)
        dtlslab_clock_enter(&made->virtual_time);
    int32_t result = api->create(config, out_endpoint, message);
    if (api->clock_objects != NULL)
        dtlslab_clock_leave();
    if (result == DTLSLAB_OK) {
        made->endpoint = *out_endpoint;
        world->num_made++;
    }
    return result;
}

/* Hands the random stream of an endpoint's making over to its node. False: this world has not made it. */
static bool take_made(struct dtlslab_world *world, const struct dtlslab_endpoint *endpoint,
                      struct dtlslab_virtual *out_virtual) {
    for (uint32_t i = 0; i < world->num_made; i++) {
        if (world->made[i].endpoint == endpoint) {
            *out_virtual = world->made[i].virtual_time;
            world->made[i] = world->made[--world->num_made];
            return true;
        }
    }
    return false;
}

int32_t dtlslab_world_place(struct dtlslab_world *world, uint32_t node_number,
                            const struct dtlslab_endpoint_api *api, struct dtlslab_endpoint *endpoint,
                            uint64_t seed, uint64_t calendar_seconds) {
    if (node_number >= world->num_nodes || world->nodes[node_number].api != NULL)
        return DTLSLAB_INVALID;
    struct dtlslab_node *node = &world->nodes[node_number];
    if (!take_made(world, endpoint, &node->virtual_time))
        dtlslab_virtual_init(&node->virtual_time, seed, node_number, calendar_seconds);
    node->api = api;
    node->endpoint = endpoint;
    dtlslab_agenda_mark(&world->agenda, node_number);
    return DTLSLAB_OK;
}

/* The node, if there is an endpoint on it; it will be polled. */
static struct dtlslab_node *occupied(struct dtlslab_world *world, uint32_t number) {
    if (number >= world->num_nodes || world->nodes[number].api == NULL)
        return NULL;
    dtlslab_agenda_mark(&world->agenda, number);
    return &world->nodes[number];
}

int32_t dtlslab_world_connect(struct dtlslab_world *world, uint32_t node_number, uint32_t peer,
                              uint64_t *out_session) {
    struct dtlslab_node *node = occupied(world, node_number);
    uint64_t path;
    if (node == NULL || world->carrier_api->path(world->carrier, node_number, peer, &path) != DTLSLAB_OK)
        return DTLSLAB_INVALID;
    uint64_t now = dtlslab_world_time(world);
    dtlslab_node_enter(node, now);
    int32_t result = node->api->connect(node->endpoint, now, path, out_session);
    dtlslab_node_leave(node);
    return result;
}

int32_t dtlslab_world_send(struct dtlslab_world *world, uint32_t node_number, uint64_t session,
                           const uint8_t *data, uint32_t len) {
    struct dtlslab_node *node = occupied(world, node_number);
    if (node == NULL)
        return DTLSLAB_INVALID;
    uint64_t now = dtlslab_world_time(world);
    dtlslab_node_enter(node, now);
    int32_t result = node->api->send(node->endpoint, now, session, data, len);
    dtlslab_node_leave(node);
    if (result == DTLSLAB_OK) {
        dtlslab_world_log(
            world, (struct dtlslab_log_entry){
                       .kind = DTLSLAB_LOG_DATA_SENT, .node = node_number, .session = session, .value = len});
    }
    return result;
}

int32_t dtlslab_world_close(struct dtlslab_world *world, uint32_t node_number, uint64_t session) {
    struct dtlslab_node *node = occupied(world, node_number);
    if (node == NULL)
        return DTLSLAB_INVALID;
    uint64_t now = dtlslab_world_time(world);
    dtlslab_node_enter(node, now);
    int32_t result = node->api->close(node->endpoint, now, session);
    dtlslab_node_leave(node);
    return result;
}

int32_t dtlslab_world_session_info(struct dtlslab_world *world, uint32_t node_number, uint64_t session,
                                   struct dtlslab_session_info *out_info) {
    struct dtlslab_node *node = occupied(world, node_number);
    if (node == NULL)
        return DTLSLAB_INVALID;
    if (node->api->size < sizeof *node->api || node->api->session_info == NULL)
        return DTLSLAB_UNSUPPORTED;
    dtlslab_node_enter(node, dtlslab_world_time(world));
    int32_t result = node->api->session_info(node->endpoint, session, out_info);
    dtlslab_node_leave(node);
    return result;
}

/* The program of such an endpoint decides itself what it sends. */
static bool sends_by_itself(const struct dtlslab_endpoint_api *api) {
    for (const char *const *word = api == NULL ? NULL : api->capabilities; word != NULL && *word != NULL;
         word++) {
        if (strcmp(*word, "own-data") == 0)
            return true;
    }
    return false;
}

void dtlslab_world_set_echo(struct dtlslab_world *world, uint32_t node, uint32_t on) {
    if (node < world->num_nodes)
        world->nodes[node].echo = on != 0 && !sends_by_itself(world->nodes[node].api);
}

void dtlslab_world_set_hook(struct dtlslab_world *world, dtlslab_hook hook, void *user) {
    world->hook = hook;
    world->hook_user = user;
}

void dtlslab_world_set_log(struct dtlslab_world *world, uint32_t datagram_bytes, uint32_t data_bytes) {
    world->log_datagram_bytes = datagram_bytes != 0;
    world->log_data_bytes = data_bytes != 0;
}

int32_t dtlslab_world_mark(struct dtlslab_world *world, const char *text) {
    dtlslab_world_log(world, (struct dtlslab_log_entry){.kind = DTLSLAB_LOG_MARKER, .text = text});
    return world->log.failed ? DTLSLAB_FAILED : DTLSLAB_OK;
}

int32_t dtlslab_world_next_log(struct dtlslab_world *world, struct dtlslab_log_entry *out_entry) {
    return dtlslab_log_take(&world->log, out_entry);
}
