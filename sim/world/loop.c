/* SPDX-License-Identifier: MIT
 *
 * The run of a world: poll the endpoints, let time pass to the next arrival or
 * deadline, hand it over, and begin again.
 */
#include <time.h>

#include "internal.h"

#define DEFAULT_MAX_DATAGRAMS 1000000u

/* Polls of one endpoint that go on for longer never end. */
#define MAX_POLLS 1000000u

/* An endpoint may leave a deadline where it is once; the second time running is a hang. */
#define MAX_STUCK 2u

/* A deadline that moves, but never further than this and with nothing to say, is a hang as well, after so
 * many. */
#define MAX_IDLE_TURNS 1000u
#define IDLE_STEP_NS   1000u

/* How many steps of a run lie between two looks at the host's clock. */
#define STEPS_BETWEEN_LOOKS 32u

static bool is_wrong(uint32_t why) {
    return why != 0 && why != DTLSLAB_STOP_EVENT && why != DTLSLAB_STOP_DATA;
}

void dtlslab_world_stop(struct dtlslab_world *world, enum dtlslab_stop why, uint32_t node) {
    struct dtlslab_stopped *stopped = &world->watch.stopped;
    if (stopped->why == 0 || (is_wrong(why) && !is_wrong(stopped->why))) {
        stopped->why = why;
        stopped->node = node;
    }
}

bool dtlslab_world_halted(const struct dtlslab_world *world) {
    return is_wrong(world->watch.stopped.why) || world->watch.failure != DTLSLAB_OK;
}

void dtlslab_world_count(struct dtlslab_world *world, uint32_t node) {
    if (++world->watch.datagrams > world->watch.options.max_datagrams)
        dtlslab_world_stop(world, DTLSLAB_STOP_DATAGRAMS, node);
}

/* Judges the answer of an endpoint's function that may say OK or NOTHING. True: OK. */
static bool answered(struct dtlslab_world *world, uint32_t number, int32_t result) {
    if (result < 0)
        dtlslab_world_stop(world, DTLSLAB_STOP_ENDPOINT_FAILED, number);
    return result == DTLSLAB_OK;
}

/* Each of the next four takes one thing out of an endpoint. False: there is none, or the run is over. */

static bool poll_datagram(struct dtlslab_world *world, uint32_t number) {
    struct dtlslab_node *node = &world->nodes[number];
    uint64_t now = dtlslab_world_time(world);
    uint64_t path = 0;
    uint32_t len = 0;
    dtlslab_node_enter(node, now);
    int32_t result = node->api->poll_datagram(node->endpoint, now, &path, world->datagram_buffer,
                                              sizeof world->datagram_buffer, &len);
    dtlslab_node_leave(node);
    if (!answered(world, number, result))
        return false;
    result = dtlslab_world_pass(world, number, path, world->datagram_buffer, len);
    if (result == DTLSLAB_INVALID)
        dtlslab_world_stop(world, DTLSLAB_STOP_ENDPOINT_FAILED, number);
    else if (result < 0)
        world->watch.failure = result;
    return result == DTLSLAB_OK;
}

static bool poll_event(struct dtlslab_world *world, uint32_t number) {
    struct dtlslab_node *node = &world->nodes[number];
    struct dtlslab_event event = {0};
    dtlslab_node_enter(node, dtlslab_world_time(world));
    int32_t result = node->api->poll_event(node->endpoint, &event);
    dtlslab_node_leave(node);
    if (!answered(world, number, result))
        return false;
    event.text[DTLSLAB_MAX_TEXT - 1] = '\0';
    dtlslab_world_log(world, (struct dtlslab_log_entry){.kind = DTLSLAB_LOG_EVENT,
                                                        .node = number,
                                                        .session = event.session,
                                                        .path = event.path,
                                                        .event = &event});
    const struct dtlslab_run_options *options = &world->watch.options;
    if (event.kind < 32 && (options->stop_events >> event.kind & 1u) != 0 &&
        ++world->watch.events >= options->stop_count) {
        dtlslab_world_stop(world, DTLSLAB_STOP_EVENT, number);
    }
    return true;
}

static bool poll_keylog(struct dtlslab_world *world, uint32_t number) {
    struct dtlslab_node *node = &world->nodes[number];
    char line[DTLSLAB_MAX_KEYLOG_LINE] = {0};
    dtlslab_node_enter(node, dtlslab_world_time(world));
    int32_t result = node->api->poll_keylog(node->endpoint, line, sizeof line);
    dtlslab_node_leave(node);
    if (!answered(world, number, result))
        return false;
    dtlslab_world_log(world,
                      (struct dtlslab_log_entry){.kind = DTLSLAB_LOG_KEYLOG, .node = number, .text = line});
    return true;
}

static bool poll_data(struct dtlslab_world *world, uint32_t number) {
    struct dtlslab_node *node = &world->nodes[number];
    if (node->echo && !dtlslab_echo_has_room(node))
        return false;
    uint64_t session = 0;
    uint32_t len = 0;
    dtlslab_node_enter(node, dtlslab_world_time(world));
    int32_t result =
        node->api->poll_data(node->endpoint, &session, world->data_buffer, sizeof world->data_buffer, &len);
    dtlslab_node_leave(node);
    if (!answered(world, number, result))
        return false;
    dtlslab_world_log(world, (struct dtlslab_log_entry){.kind = DTLSLAB_LOG_DATA_RECEIVED,
                                                        .node = number,
                                                        .session = session,
                                                        .value = len,
                                                        .bytes = world->data_buffer,
                                                        .len = len});
    if (node->echo)
        world->watch.failure = dtlslab_echo_keep(node, session, world->data_buffer, len);
    else if (world->watch.options.stop_on_data != 0)
        dtlslab_world_stop(world, DTLSLAB_STOP_DATA, number);
    return true;
}

/* In the order in which the log shows what one step of an endpoint brought about. */
static bool (*const polls[])(struct dtlslab_world *world, uint32_t number) = {poll_datagram, poll_event,
                                                                              poll_keylog, poll_data};

/* Polls an endpoint until it has nothing more to say, and reads its deadline. */
static void poll_node(struct dtlslab_world *world, uint32_t number) {
    struct dtlslab_node *node = &world->nodes[number];
    uint32_t count = 0;
    dtlslab_agenda_unmark(&world->agenda, number);
    do {
        for (size_t i = 0; i < sizeof polls / sizeof *polls; i++) {
            while (!dtlslab_world_halted(world) && polls[i](world, number)) {
                if (++count > MAX_POLLS)
                    dtlslab_world_stop(world, DTLSLAB_STOP_STALLED, number);
            }
        }
    } while (!dtlslab_world_halted(world) && node->echo_first != NULL && dtlslab_echo_send(world, number));
    if (dtlslab_world_halted(world)) {
        dtlslab_agenda_mark(&world->agenda, number);
        return;
    }
    uint64_t now = dtlslab_world_time(world);
    dtlslab_node_enter(node, now);
    uint64_t deadline = node->api->deadline(node->endpoint, now);
    dtlslab_node_leave(node);
    if (deadline != dtlslab_agenda_deadline(&world->agenda, number)) {
        dtlslab_agenda_set_deadline(&world->agenda, number, deadline);
        dtlslab_world_log(world, (struct dtlslab_log_entry){
                                     .kind = DTLSLAB_LOG_DEADLINE, .node = number, .value = deadline});
    }
}

/* Polls every endpoint that may have something to say. A hook can give work to endpoints already polled. */
static void poll_dirty(struct dtlslab_world *world) {
    const struct dtlslab_agenda *agenda = &world->agenda;
    while (agenda->num_marked > 0 && !dtlslab_world_halted(world)) {
        uint32_t node = dtlslab_agenda_next_marked(agenda, 0);
        for (; node < world->num_nodes && !dtlslab_world_halted(world);
             node = dtlslab_agenda_next_marked(agenda, node + 1)) {
            poll_node(world, node);
        }
    }
}

/* Calls an endpoint whose deadline has come, and watches that it gets on. */
static void time_out(struct dtlslab_world *world, uint32_t number) {
    struct dtlslab_node *node = &world->nodes[number];
    uint64_t now = dtlslab_world_time(world);
    uint64_t before = dtlslab_agenda_deadline(&world->agenda, number);
    uint64_t said = world->watch.datagrams;
    dtlslab_world_log(
        world, (struct dtlslab_log_entry){.kind = DTLSLAB_LOG_TIMEOUT, .node = number, .value = before});
    dtlslab_node_enter(node, now);
    int32_t result = node->api->timeout(node->endpoint, now);
    dtlslab_node_leave(node);
    if (result < 0) {
        dtlslab_world_stop(world, DTLSLAB_STOP_ENDPOINT_FAILED, number);
        return;
    }
    poll_node(world, number);
    uint64_t after = dtlslab_agenda_deadline(&world->agenda, number);
    bool due = after <= now;
    bool soon = after <= now + IDLE_STEP_NS;
    node->stuck = due && after <= before ? node->stuck + 1 : 0;
    node->idle_turns = soon && world->watch.datagrams == said ? node->idle_turns + 1 : 0;
    if (node->stuck >= MAX_STUCK || node->idle_turns >= MAX_IDLE_TURNS) {
        node->stuck = 0;
        node->idle_turns = 0;
        dtlslab_world_stop(world, DTLSLAB_STOP_STALLED, number);
    }
}

static void log_arrival(struct dtlslab_world *world, enum dtlslab_log_kind kind,
                        const struct dtlslab_arrival *arrival, uint32_t peer) {
    dtlslab_world_log(world, (struct dtlslab_log_entry){.kind = (uint32_t)kind,
                                                        .node = arrival->node,
                                                        .peer = peer,
                                                        .path = arrival->path,
                                                        .datagram = arrival->datagram,
                                                        .bytes = arrival->bytes,
                                                        .len = arrival->len,
                                                        .text = arrival->reason});
}

static int32_t deliver(struct dtlslab_world *world, const struct dtlslab_arrival *arrival, uint32_t peer) {
    struct dtlslab_node *node = &world->nodes[arrival->node];
    log_arrival(world, DTLSLAB_LOG_DATAGRAM_DELIVERED, arrival, peer);
    if (node->api == NULL)
        return DTLSLAB_OK;
    uint64_t now = dtlslab_world_time(world);
    dtlslab_node_enter(node, now);
    int32_t result = node->api->receive(node->endpoint, now, arrival->path, arrival->bytes, arrival->len);
    dtlslab_node_leave(node);
    dtlslab_agenda_mark(&world->agenda, arrival->node);
    if (result < 0)
        dtlslab_world_stop(world, DTLSLAB_STOP_ENDPOINT_FAILED, arrival->node);
    return DTLSLAB_OK;
}

/* What the carrier brings: a datagram for an endpoint, the news of a loss, or a datagram from outside. */
static int32_t arrive(struct dtlslab_world *world, const struct dtlslab_arrival *arrival) {
    uint32_t peer;
    int32_t result = world->carrier_api->peer(world->carrier, arrival->node, arrival->path, &peer);
    if (result < 0)
        return result;
    switch (arrival->kind) {
    case DTLSLAB_ARRIVAL_DELIVERED:
        return deliver(world, arrival, peer);
    case DTLSLAB_ARRIVAL_LOST:
        log_arrival(world, DTLSLAB_LOG_DATAGRAM_LOST, arrival, peer);
        return DTLSLAB_OK;
    case DTLSLAB_ARRIVAL_ENTERED:
        return dtlslab_world_pass(world, arrival->node, arrival->path, arrival->bytes, arrival->len);
    default:
        return DTLSLAB_INVALID;
    }
}

/* Lets time pass to the next arrival, deadline or end, and hands an arrival over. */
static int32_t let_time_pass(struct dtlslab_world *world, uint64_t deadline) {
    const struct dtlslab_run_options *options = &world->watch.options;
    bool quiet = deadline == DTLSLAB_NO_DEADLINE && world->carrier_api->idle(world->carrier) != 0;
    if (quiet && (options->until == DTLSLAB_NO_DEADLINE || options->pass_quiet == 0)) {
        dtlslab_world_stop(world, DTLSLAB_STOP_QUIET, 0);
        return DTLSLAB_OK;
    }
    uint64_t target = deadline < options->until ? deadline : options->until;
    struct dtlslab_arrival arrival = {0};
    int32_t result = world->carrier_api->run(world->carrier, target, &arrival);
    switch (result) {
    case DTLSLAB_OK:
        return arrive(world, &arrival);
    case DTLSLAB_INTERRUPTED:
        dtlslab_world_stop(world, DTLSLAB_STOP_INTERRUPTED, 0);
        return DTLSLAB_OK;
    case DTLSLAB_NOTHING:
        if (target == DTLSLAB_NO_DEADLINE)
            dtlslab_world_stop(world, DTLSLAB_STOP_QUIET, 0);
        else if (dtlslab_world_time(world) >= options->until && deadline > options->until)
            dtlslab_world_stop(world, DTLSLAB_STOP_UNTIL, 0);
        return DTLSLAB_OK;
    default:
        return result;
    }
}

static void step(struct dtlslab_world *world) {
    poll_dirty(world);
    if (world->watch.stopped.why != 0)
        return;
    uint64_t deadline;
    uint32_t node = dtlslab_agenda_first(&world->agenda, &deadline);
    if (node < world->num_nodes && deadline <= dtlslab_world_time(world)) {
        time_out(world, node);
        return;
    }
    int32_t result = let_time_pass(world, deadline);
    if (result < 0)
        world->watch.failure = result;
}

/* Nanoseconds of the host's clock, whatever time the carrier has. */
static uint64_t real_time(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int32_t dtlslab_world_run(struct dtlslab_world *world, const struct dtlslab_run_options *options,
                          struct dtlslab_stopped *out_stopped) {
    if (world->running)
        return DTLSLAB_INVALID;
    struct dtlslab_watch before = world->watch;
    world->watch = (struct dtlslab_watch){.options = *options};
    if (options->max_datagrams == 0)
        world->watch.options.max_datagrams = DEFAULT_MAX_DATAGRAMS;
    if (options->go_on != 0) {
        world->watch.datagrams = before.datagrams;
        world->watch.events = before.events;
    }
    uint64_t end = options->slice_ns == 0 ? 0 : real_time() + options->slice_ns;
    world->running = true;
    for (uint32_t steps = 1;
         world->watch.stopped.why == 0 && world->watch.failure == DTLSLAB_OK && !world->log.failed; steps++) {
        step(world);
        if (end != 0 && steps % STEPS_BETWEEN_LOOKS == 0 && real_time() >= end)
            dtlslab_world_stop(world, DTLSLAB_STOP_INTERRUPTED, 0);
    }
    world->running = false;
    world->watch.stopped.time = dtlslab_world_time(world);
    *out_stopped = world->watch.stopped;
    return world->log.failed ? DTLSLAB_FAILED : world->watch.failure;
}
