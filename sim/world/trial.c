/* SPDX-License-Identifier: MIT
 *
 * Trials of one handshake with faults; see dtlslab_trial.h.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "dtlslab_trial.h"

enum { SERVER, CLIENT, NUM_SIDES, NOBODY = NUM_SIDES };

/* More datagrams than this after a handshake, or within one, are a quarrel that does not end. */
#define MAX_DATAGRAMS 2000u

#define MAX_DATA  256u
#define DATA_TIME UINT64_C(10000000000)

/* What one side has told of its latest session. */
struct side {
    struct dtlslab_endpoint *endpoint;
    struct dtlslab_event connected; /* `kind` is 0 until it is */
    bool failed;
    bool closed;
    bool alerted;
    uint64_t received; /* bytes of application data */
    char text[DTLSLAB_MAX_TEXT];
};

struct bench {
    const struct dtlslab_trial_plan *plan;
    struct dtlslab_trial *trial;
    struct dtlslab_carrier *carrier;
    struct dtlslab_world *world;
    struct side sides[NUM_SIDES];
    uint32_t sent;    /* datagrams since the faults were set */
    uint64_t session; /* of the client */
};

static const struct dtlslab_trial_side *side_of(const struct dtlslab_trial_plan *plan, uint32_t node) {
    return node == SERVER ? &plan->server : &plan->client;
}

static bool ended(struct bench *bench, enum dtlslab_trial_end end, uint32_t node) {
    bench->trial->end = (uint32_t)end;
    bench->trial->node = node;
    if (node < NUM_SIDES && bench->trial->text[0] == '\0')
        memcpy(bench->trial->text, bench->sides[node].text, sizeof bench->trial->text);
    return false;
}

static int32_t spoil(void *user, const struct dtlslab_passing *passing, struct dtlslab_fate *out_fate) {
    struct bench *bench = user;
    (void)passing;
    bench->sent++;
    for (uint32_t i = 0; i < bench->trial->num_faults; i++) {
        const struct dtlslab_fault *fault = &bench->trial->faults[i];
        if (fault->nth != bench->sent)
            continue;
        if (fault->kind == DTLSLAB_FAULT_DROP) {
            out_fate->kind = DTLSLAB_DROP;
        } else if (fault->kind == DTLSLAB_FAULT_SWAP) {
            out_fate->kind = DTLSLAB_HOLD;
        } else {
            out_fate->kind = DTLSLAB_CHANGE;
            out_fate->copies = 2;
        }
    }
    return 0;
}

static void note_event(struct side *side, const struct dtlslab_event *event) {
    switch (event->kind) {
    case DTLSLAB_EVENT_CONNECTED:
        side->connected = *event;
        break;
    case DTLSLAB_EVENT_FAILED:
        side->failed = true;
        memcpy(side->text, event->text, sizeof side->text);
        break;
    case DTLSLAB_EVENT_CLOSED:
        side->closed = true;
        break;
    case DTLSLAB_EVENT_ALERT_SENT:
    case DTLSLAB_EVENT_ALERT_RECEIVED:
        side->alerted = side->alerted || event->alert_description != 0;
        break;
    default:
        break;
    }
}

/* Takes over what the log has. */
static void note(struct bench *bench) {
    struct dtlslab_log_entry entry;
    while (dtlslab_world_next_log(bench->world, &entry) == DTLSLAB_OK) {
        if (entry.kind == DTLSLAB_LOG_EVENT && entry.event != NULL)
            note_event(&bench->sides[entry.node], entry.event);
        else if (entry.kind == DTLSLAB_LOG_DATA_RECEIVED)
            bench->sides[entry.node].received += entry.value;
    }
}

/* Runs for so long, or until something of `options` happens. False: the trial has ended in a way that no run
 * may. */
static bool run(struct bench *bench, uint64_t duration, struct dtlslab_run_options options) {
    struct dtlslab_stopped stopped = {0};
    options.until = dtlslab_world_now(bench->world) + duration;
    options.max_datagrams = MAX_DATAGRAMS;
    int32_t result = dtlslab_world_run(bench->world, &options, &stopped);
    note(bench);
    if (result < 0 || stopped.why == DTLSLAB_STOP_ENDPOINT_FAILED)
        return ended(bench, DTLSLAB_TRIAL_BROKEN, result < 0 ? NOBODY : stopped.node);
    if (stopped.why == DTLSLAB_STOP_STALLED)
        return ended(bench, DTLSLAB_TRIAL_STALLED, stopped.node);
    if (stopped.why == DTLSLAB_STOP_DATAGRAMS)
        return ended(bench, DTLSLAB_TRIAL_NO_REST, NOBODY);
    return true;
}

static bool make(struct bench *bench) {
    const struct dtlslab_carrier_api *api = dtlslab_memory_carrier();
    char delay[32];
    (void)snprintf(delay, sizeof delay, "%lluns", (unsigned long long)bench->plan->delay_ns);
    const struct dtlslab_parameter parameter = {"delay", delay};
    if (api->create(NUM_SIDES, bench->plan->seed, 1, &parameter, 1, &bench->carrier, bench->trial->text) !=
        DTLSLAB_OK) {
        return ended(bench, DTLSLAB_TRIAL_NO_SETUP, NOBODY);
    }
    bench->world = dtlslab_world_create(api, bench->carrier);
    if (bench->world == NULL)
        return ended(bench, DTLSLAB_TRIAL_BROKEN, NOBODY);
    dtlslab_world_set_log(bench->world, 0, 0);
    for (uint32_t node = 0; node < NUM_SIDES; node++) {
        const struct dtlslab_trial_side *side = side_of(bench->plan, node);
        struct dtlslab_endpoint **endpoint = &bench->sides[node].endpoint;
        if (dtlslab_world_make_endpoint(bench->world, side->api, side->config, endpoint,
                                        bench->trial->text) != DTLSLAB_OK ||
            dtlslab_world_place(bench->world, node, side->api, *endpoint, side->config->seed,
                                side->config->calendar_seconds) != DTLSLAB_OK) {
            return ended(bench, DTLSLAB_TRIAL_NO_SETUP, node);
        }
    }
    return true;
}

static void unmake(struct bench *bench) {
    dtlslab_world_destroy(bench->world);
    for (uint32_t node = 0; node < NUM_SIDES; node++) {
        if (bench->sides[node].endpoint != NULL)
            side_of(bench->plan, node)->api->destroy(bench->sides[node].endpoint);
    }
    if (bench->carrier != NULL)
        dtlslab_memory_carrier()->destroy(bench->carrier);
}

static void forget(struct side *side) {
    *side = (struct side){.endpoint = side->endpoint};
}

/* A handshake, until both sides are connected. */
static bool handshake(struct bench *bench, enum dtlslab_trial_end otherwise) {
    const struct dtlslab_run_options options = {.stop_events = 1u << DTLSLAB_EVENT_CONNECTED |
                                                               1u << DTLSLAB_EVENT_FAILED};
    struct side *sides = bench->sides;
    uint64_t start = dtlslab_world_now(bench->world);
    uint64_t end = start + bench->plan->limit_ns;
    forget(&sides[SERVER]);
    forget(&sides[CLIENT]);
    if (dtlslab_world_connect(bench->world, CLIENT, SERVER, &bench->session) != DTLSLAB_OK)
        return ended(bench, DTLSLAB_TRIAL_BROKEN, CLIENT);
    while (sides[SERVER].connected.kind == 0 || sides[CLIENT].connected.kind == 0) {
        uint64_t now = dtlslab_world_now(bench->world);
        bool failed = sides[SERVER].failed || sides[CLIENT].failed;
        if (!failed && now < end && !run(bench, end - now, options))
            return false;
        if (failed || now == dtlslab_world_now(bench->world)) {
            bool both = sides[SERVER].connected.kind != 0 && sides[CLIENT].connected.kind != 0;
            if (!both) {
                return ended(bench, otherwise,
                             sides[SERVER].failed   ? SERVER
                             : sides[CLIENT].failed ? CLIENT
                                                    : NOBODY);
            }
        }
    }
    bench->trial->connected_ns = dtlslab_world_now(bench->world) - start;
    return true;
}

static bool exchange(struct bench *bench) {
    static const uint8_t data[MAX_DATA];
    const uint32_t len = bench->plan->data_len < MAX_DATA ? bench->plan->data_len : MAX_DATA;
    struct side *client = &bench->sides[CLIENT];
    uint64_t before = client->received;
    uint64_t end = dtlslab_world_now(bench->world) + DATA_TIME;
    dtlslab_world_set_echo(bench->world, SERVER, 1);
    if (dtlslab_world_send(bench->world, CLIENT, bench->session, data, len) != DTLSLAB_OK)
        return ended(bench, DTLSLAB_TRIAL_NO_DATA, CLIENT);
    while (client->received - before < len) {
        uint64_t now = dtlslab_world_now(bench->world);
        if (!run(bench, end - now, (struct dtlslab_run_options){.stop_on_data = 1}))
            return false;
        if (dtlslab_world_now(bench->world) == now || dtlslab_world_now(bench->world) >= end)
            break;
    }
    return client->received - before == len || ended(bench, DTLSLAB_TRIAL_NO_DATA, NOBODY);
}

static bool rest(struct bench *bench) {
    return run(bench, bench->plan->rest_ns, (struct dtlslab_run_options){0});
}

static bool agree(struct bench *bench) {
    const struct dtlslab_event *server = &bench->sides[SERVER].connected;
    const struct dtlslab_event *client = &bench->sides[CLIENT].connected;
    bool same = server->version == client->version && server->cipher_suite == client->cipher_suite &&
                server->resumed == client->resumed;
    bool right = bench->plan->resume == 0 || client->resumed != 0;
    return (same && right) || ended(bench, DTLSLAB_TRIAL_DISAGREED, NOBODY);
}

/* Nothing was said that should not have been, and both sides are still there. */
static bool all_well(struct bench *bench) {
    for (uint32_t node = 0; node < NUM_SIDES; node++) {
        const struct side *side = &bench->sides[node];
        if (side->failed || side->closed)
            return ended(bench, DTLSLAB_TRIAL_FAILED_LATER, node);
        if (side->alerted)
            return ended(bench, DTLSLAB_TRIAL_ALERT, node);
        if (side->received != bench->plan->data_len)
            return ended(bench, DTLSLAB_TRIAL_NO_DATA, node);
    }
    return true;
}

static bool first_session(struct bench *bench) {
    const enum dtlslab_trial_end otherwise = DTLSLAB_TRIAL_UNDISTURBED_FAILED;
    if (bench->plan->resume == 0)
        return true;
    if (!handshake(bench, otherwise) || !exchange(bench) || !rest(bench))
        return false;
    if (dtlslab_world_close(bench->world, CLIENT, bench->session) != DTLSLAB_OK)
        return ended(bench, otherwise, CLIENT);
    return rest(bench);
}

static bool second_session(struct bench *bench) {
    dtlslab_world_set_hook(bench->world, spoil, bench);
    bool connected = handshake(bench, DTLSLAB_TRIAL_NOT_CONNECTED);
    bench->trial->datagrams = bench->sent;
    dtlslab_world_set_hook(bench->world, NULL, NULL);
    return connected && exchange(bench) && rest(bench) && agree(bench) && all_well(bench);
}

static void run_one(const struct dtlslab_trial_plan *plan, struct dtlslab_trial *trial) {
    struct bench bench = {.plan = plan, .trial = trial};
    trial->end = DTLSLAB_TRIAL_COMPLETE;
    trial->node = NOBODY;
    trial->datagrams = 0;
    trial->connected_ns = 0;
    trial->text[0] = '\0';
    if (make(&bench) && first_session(&bench))
        (void)second_session(&bench);
    unmake(&bench);
}

static bool is_valid(const struct dtlslab_trial *trial) {
    for (uint32_t i = 0; i < trial->num_faults && i < DTLSLAB_MAX_FAULTS; i++) {
        const struct dtlslab_fault *fault = &trial->faults[i];
        if (fault->kind < DTLSLAB_FAULT_DROP || fault->kind > DTLSLAB_FAULT_SWAP || fault->nth == 0)
            return false;
    }
    return trial->num_faults <= DTLSLAB_MAX_FAULTS;
}

static uint64_t real_time(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int32_t dtlslab_run_trials(const struct dtlslab_trial_plan *plan, struct dtlslab_trial *trials,
                           uint32_t num_trials, uint64_t slice_ns, uint32_t *out_done) {
    uint64_t start = real_time();
    *out_done = 0;
    if (plan->data_len > MAX_DATA)
        return DTLSLAB_INVALID;
    for (uint32_t i = 0; i < num_trials; i++) {
        if (!is_valid(&trials[i]))
            return DTLSLAB_INVALID;
    }
    while (*out_done < num_trials && (*out_done == 0 || slice_ns == 0 || real_time() - start < slice_ns))
        run_one(plan, &trials[(*out_done)++]);
    return DTLSLAB_OK;
}
