/* SPDX-License-Identifier: MIT
 *
 * The memory carrier; see memory.h for its parameters.
 */
#include "memory.h"

#include <stdbool.h>
#include <stdlib.h>

#include "parameters.h"
#include "paths.h"
#include "random.h"
#include "schedule.h"

/* What one direction of the network does to datagrams. */
struct model {
    uint64_t delay;
    uint64_t jitter;
    uint64_t reorder_delay;
    uint64_t rate; /* bits per second; 0: no limit */
    uint64_t queue;
    uint64_t mtu;
    double loss;
    double duplicate;
    double reorder;
};

struct direction {
    struct model model;
    struct dtlslab_random random;
    uint64_t last_arrival; /* of those that keep the order */
    uint64_t line_free;    /* when the last datagram has left the line */
    uint64_t *departures;  /* ring of `model.queue` + 1 times at which the waiting ones leave the line */
    uint64_t first;        /* of the ring */
    uint64_t waiting;
};

/* The model of a direction whose parameters were narrowed. */
struct narrowed {
    uint32_t from;
    uint32_t to;
    struct model model;
};

struct dtlslab_carrier {
    uint64_t now;
    uint64_t seed;
    uint64_t run;
    uint32_t num_nodes;
    uint32_t num_narrowed;
    struct model model; /* of every direction that is not narrowed */
    struct narrowed *narrowed;
    struct direction ***directions; /* [from][to], made when first used */
    struct dtlslab_schedule schedule;
    struct dtlslab_pending *given; /* whose bytes the caller looks at until the next `run` */
};

/* Not of the contract: a datagram held back before the network, which enters it now. */
#define ARRIVAL_ENTERS_NETWORK 0u

static const struct dtlslab_parameter_rule rules[] = {
    {"delay", DTLSLAB_SUFFIX_DIRECTION},   {"jitter", DTLSLAB_SUFFIX_DIRECTION},
    {"loss", DTLSLAB_SUFFIX_DIRECTION},    {"duplicate", DTLSLAB_SUFFIX_DIRECTION},
    {"reorder", DTLSLAB_SUFFIX_DIRECTION}, {"reorder-delay", DTLSLAB_SUFFIX_DIRECTION},
    {"rate", DTLSLAB_SUFFIX_DIRECTION},    {"queue", DTLSLAB_SUFFIX_DIRECTION},
    {"mtu", DTLSLAB_SUFFIX_DIRECTION},
};

static int32_t read_model(const struct dtlslab_parameters *parameters, struct dtlslab_place place,
                          struct model *out) {
    *out = (struct model){.reorder_delay = 10000000, .queue = 1000, .mtu = DTLSLAB_MAX_DATAGRAM};
    int32_t result = dtlslab_parameter_duration(parameters, "delay", place, &out->delay);
    result = result ? result : dtlslab_parameter_duration(parameters, "jitter", place, &out->jitter);
    result = result ? result : dtlslab_parameter_probability(parameters, "loss", place, &out->loss);
    result = result ? result : dtlslab_parameter_probability(parameters, "duplicate", place, &out->duplicate);
    result = result ? result : dtlslab_parameter_probability(parameters, "reorder", place, &out->reorder);
    result =
        result ? result : dtlslab_parameter_duration(parameters, "reorder-delay", place, &out->reorder_delay);
    result = result ? result : dtlslab_parameter_rate(parameters, "rate", place, &out->rate);
    result = result ? result : dtlslab_parameter_count(parameters, "queue", place, 1, 1000000, &out->queue);
    result = result ? result
                    : dtlslab_parameter_count(parameters, "mtu", place, 1, DTLSLAB_MAX_DATAGRAM, &out->mtu);
    return result;
}

/* Reads the model of all, and those of the directions that parameters narrow. */
static int32_t read_models(struct dtlslab_carrier *carrier, const struct dtlslab_parameters *parameters) {
    int32_t result = read_model(parameters, (struct dtlslab_place){0}, &carrier->model);
    for (uint32_t i = 0; i < parameters->num && result == DTLSLAB_OK; i++) {
        struct dtlslab_place place = dtlslab_parameter_place(parameters->list[i].name);
        if (place.kind == DTLSLAB_SUFFIX_DIRECTION) {
            struct narrowed *narrowed = &carrier->narrowed[carrier->num_narrowed++];
            narrowed->from = place.node;
            narrowed->to = place.to;
            result = read_model(parameters, place, &narrowed->model);
        }
    }
    return result;
}

static void destroy(struct dtlslab_carrier *carrier) {
    if (carrier == NULL)
        return;
    for (uint32_t from = 0; carrier->directions != NULL && from < carrier->num_nodes; from++) {
        for (uint32_t to = 0; carrier->directions[from] != NULL && to < carrier->num_nodes; to++) {
            if (carrier->directions[from][to] != NULL) {
                free(carrier->directions[from][to]->departures);
                free(carrier->directions[from][to]);
            }
        }
        free(carrier->directions[from]);
    }
    free(carrier->directions);
    free(carrier->narrowed);
    free(carrier->given);
    dtlslab_schedule_clear(&carrier->schedule);
    free(carrier);
}

static int32_t create(uint32_t num_nodes, uint64_t seed, uint64_t run, const struct dtlslab_parameter *list,
                      uint32_t num_parameters, struct dtlslab_carrier **out_carrier, char *message) {
    const struct dtlslab_parameters parameters = {list, num_parameters, num_nodes, "memory", message};
    *out_carrier = NULL;
    if (num_nodes == 0)
        return dtlslab_parameters_fail(&parameters, "a network needs at least one node");
    int32_t result = dtlslab_parameters_check(&parameters, rules, sizeof rules / sizeof *rules);
    if (result != DTLSLAB_OK)
        return result;
    struct dtlslab_carrier *carrier = calloc(1, sizeof *carrier);
    if (carrier != NULL) {
        carrier->seed = seed;
        carrier->run = run;
        carrier->num_nodes = num_nodes;
        carrier->directions = calloc(num_nodes, sizeof *carrier->directions);
        carrier->narrowed = calloc((size_t)num_parameters + 1, sizeof *carrier->narrowed);
    }
    if (carrier == NULL || carrier->directions == NULL || carrier->narrowed == NULL) {
        destroy(carrier);
        (void)dtlslab_parameters_fail(&parameters, "out of memory");
        return DTLSLAB_FAILED;
    }
    result = read_models(carrier, &parameters);
    if (result != DTLSLAB_OK) {
        destroy(carrier);
        return result;
    }
    *out_carrier = carrier;
    return DTLSLAB_OK;
}

static uint64_t now(struct dtlslab_carrier *carrier) {
    return carrier->now;
}

static uint32_t num_nodes_of(struct dtlslab_carrier *carrier) {
    return carrier->num_nodes;
}

static int32_t path(struct dtlslab_carrier *carrier, uint32_t from, uint32_t to, uint64_t *out_path) {
    return dtlslab_paths_path(carrier->num_nodes, from, to, out_path);
}

static int32_t peer(struct dtlslab_carrier *carrier, uint32_t node, uint64_t path_id, uint32_t *out_peer) {
    return dtlslab_paths_peer(carrier->num_nodes, node, path_id, out_peer);
}

static const struct model *model_of(const struct dtlslab_carrier *carrier, uint32_t from, uint32_t to) {
    for (uint32_t i = 0; i < carrier->num_narrowed; i++) {
        if (carrier->narrowed[i].from == from && carrier->narrowed[i].to == to)
            return &carrier->narrowed[i].model;
    }
    return &carrier->model;
}

/* NULL when out of memory. */
static struct direction *direction_of(struct dtlslab_carrier *carrier, uint32_t from, uint32_t to) {
    struct direction ***row = &carrier->directions[from];
    if (*row == NULL && (*row = calloc(carrier->num_nodes, sizeof(struct direction *))) == NULL)
        return NULL;
    if ((*row)[to] == NULL) {
        struct direction *direction = calloc(1, sizeof *direction);
        if (direction == NULL)
            return NULL;
        direction->model = *model_of(carrier, from, to);
        dtlslab_random_init(&direction->random, carrier->seed, carrier->run, from, to);
        if (direction->model.rate != 0) {
            direction->departures = calloc(direction->model.queue + 1, sizeof *direction->departures);
            if (direction->departures == NULL) {
                free(direction);
                return NULL;
            }
        }
        (*row)[to] = direction;
    }
    return (*row)[to];
}

/* Puts a datagram on the line at `time` and tells when it has left it. False: the queue is full. */
static bool leave_line(struct direction *direction, uint64_t time, uint32_t len, uint64_t *out_time) {
    const struct model *model = &direction->model;
    if (model->rate == 0) {
        *out_time = time;
        return true;
    }
    uint64_t cap = model->queue + 1; /* the waiting ones, and the one on the line */
    while (direction->waiting > 0 && direction->departures[direction->first] <= time) {
        direction->first = (direction->first + 1) % cap;
        direction->waiting--;
    }
    if (direction->waiting == cap)
        return false;
    uint64_t start = direction->line_free > time ? direction->line_free : time;
    uint64_t bits = (uint64_t)len * 8 * 1000000000;
    direction->line_free = start + bits / model->rate + (bits % model->rate != 0);
    direction->departures[(direction->first + direction->waiting++) % cap] = direction->line_free;
    *out_time = direction->line_free;
    return true;
}

static int32_t lose(struct dtlslab_carrier *carrier, struct dtlslab_arrival *arrival, const char *reason) {
    arrival->kind = DTLSLAB_ARRIVAL_LOST;
    arrival->bytes = NULL;
    arrival->reason = reason;
    return dtlslab_schedule_put(&carrier->schedule, arrival);
}

/* What the network does to one datagram that enters it at `arrival->time`. */
static int32_t transmit(struct dtlslab_carrier *carrier, uint32_t from, struct dtlslab_arrival *arrival) {
    struct direction *direction = direction_of(carrier, from, arrival->node);
    if (direction == NULL)
        return DTLSLAB_FAILED;
    const struct model *model = &direction->model;
    bool lost = dtlslab_random_unit(&direction->random) < model->loss;
    bool doubled = dtlslab_random_unit(&direction->random) < model->duplicate;
    bool held = dtlslab_random_unit(&direction->random) < model->reorder;
    uint64_t jitter = (uint64_t)(dtlslab_random_unit(&direction->random) * (double)(model->jitter + 1));
    if (arrival->len > model->mtu)
        return lose(carrier, arrival, "mtu");
    if (!leave_line(direction, arrival->time, arrival->len, &arrival->time))
        return lose(carrier, arrival, "queue");
    arrival->time += model->delay + (model->jitter == 0 ? 0 : jitter);
    if (held) {
        arrival->time += model->reorder_delay;
    } else {
        if (arrival->time < direction->last_arrival)
            arrival->time = direction->last_arrival;
        direction->last_arrival = arrival->time;
    }
    if (lost)
        return lose(carrier, arrival, "loss");
    int32_t result = dtlslab_schedule_put(&carrier->schedule, arrival);
    if (result == DTLSLAB_OK && doubled)
        result = dtlslab_schedule_put(&carrier->schedule, arrival);
    return result;
}

static int32_t send_datagram(struct dtlslab_carrier *carrier, uint32_t node, uint64_t path_id,
                             uint64_t datagram, uint64_t delay_ns, const uint8_t *bytes, uint32_t len) {
    uint32_t to;
    if (peer(carrier, node, path_id, &to) != DTLSLAB_OK || len > DTLSLAB_MAX_DATAGRAM)
        return DTLSLAB_INVALID;
    struct dtlslab_arrival arrival = {
        .kind = DTLSLAB_ARRIVAL_DELIVERED,
        .node = to,
        .path = (uint64_t)node + 1,
        .datagram = datagram,
        .time = carrier->now + delay_ns,
        .bytes = bytes,
        .len = len,
    };
    if (delay_ns == 0)
        return transmit(carrier, node, &arrival);
    arrival.kind = ARRIVAL_ENTERS_NETWORK;
    return dtlslab_schedule_put(&carrier->schedule, &arrival);
}

static int32_t run(struct dtlslab_carrier *carrier, uint64_t until, struct dtlslab_arrival *out_arrival) {
    for (;;) {
        free(carrier->given);
        carrier->given = NULL;
        uint64_t next = dtlslab_schedule_next(&carrier->schedule);
        if (next == DTLSLAB_NO_DEADLINE || (next > until && next > carrier->now)) {
            if (until != DTLSLAB_NO_DEADLINE && until > carrier->now)
                carrier->now = until;
            return DTLSLAB_NOTHING;
        }
        carrier->given = dtlslab_schedule_take(&carrier->schedule);
        carrier->now = next;
        if (carrier->given->arrival.kind != ARRIVAL_ENTERS_NETWORK) {
            *out_arrival = carrier->given->arrival;
            return DTLSLAB_OK;
        }
        carrier->given->arrival.kind = DTLSLAB_ARRIVAL_DELIVERED;
        uint32_t from = (uint32_t)(carrier->given->arrival.path - 1);
        int32_t result = transmit(carrier, from, &carrier->given->arrival);
        if (result != DTLSLAB_OK)
            return result;
    }
}

static uint32_t idle(struct dtlslab_carrier *carrier) {
    return carrier->schedule.num == 0;
}

static const struct dtlslab_carrier_api memory_carrier = {
    .abi = DTLSLAB_CARRIER_ABI,
    .size = sizeof(struct dtlslab_carrier_api),
    .name = "memory",
    .version = "1",
    .real_time = 0,
    .create = create,
    .destroy = destroy,
    .now = now,
    .path = path,
    .send = send_datagram,
    .run = run,
    .num_nodes = num_nodes_of,
    .peer = peer,
    .idle = idle,
};

const struct dtlslab_carrier_api *dtlslab_memory_carrier(void) {
    return &memory_carrier;
}
