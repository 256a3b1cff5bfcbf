/* SPDX-License-Identifier: MIT
 *
 * The UDP carrier: moving datagrams; see udp.h.
 */
#include "udp.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "internal.h"
#include "paths.h"

/* Loopback delivers at once, but the host may be busy. */
#define MAX_FLIGHT_NS UINT64_C(1000000000)

/* Not of the contract: a datagram that was held back, and goes to its socket now. `node` is the receiver. */
#define ARRIVAL_GOES_OUT 0u

static uint64_t now(struct dtlslab_carrier *carrier) {
    return dtlslab_udp_clock() - carrier->start;
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

/* FNV-1a, to know a datagram again when it comes out of the kernel. */
static uint64_t hash(const uint8_t *bytes, uint32_t len) {
    uint64_t value = UINT64_C(0xcbf29ce484222325);
    for (uint32_t i = 0; i < len; i++)
        value = (value ^ bytes[i]) * UINT64_C(0x100000001b3);
    return value;
}

static int32_t add_flight(struct dtlslab_carrier *carrier, uint32_t from,
                          const struct dtlslab_arrival *arrival) {
    struct dtlslab_flight *flight = malloc(sizeof *flight);
    if (flight == NULL)
        return DTLSLAB_FAILED;
    *flight = (struct dtlslab_flight){
        .from = from,
        .to = arrival->node,
        .datagram = arrival->datagram,
        .sent = arrival->time,
        .hash = hash(arrival->bytes, arrival->len),
        .len = arrival->len,
    };
    *carrier->last_flight = flight;
    carrier->last_flight = &flight->next;
    return DTLSLAB_OK;
}

/* Takes a flight out of the list and answers its datagram's id. */
static uint64_t end_flight(struct dtlslab_carrier *carrier, struct dtlslab_flight **link) {
    struct dtlslab_flight *flight = *link;
    uint64_t datagram = flight->datagram;
    *link = flight->next;
    if (carrier->last_flight == &flight->next)
        carrier->last_flight = link;
    free(flight);
    return datagram;
}

/* The id of a datagram that came out of the kernel; 0 when it is none of ours. */
static uint64_t recognise(struct dtlslab_carrier *carrier, uint32_t from, uint32_t to, const uint8_t *bytes,
                          uint32_t len) {
    uint64_t value = hash(bytes, len);
    for (struct dtlslab_flight **link = &carrier->flights; *link != NULL; link = &(*link)->next) {
        const struct dtlslab_flight *flight = *link;
        if (flight->from == from && flight->to == to && flight->len == len && flight->hash == value)
            return end_flight(carrier, link);
    }
    return 0;
}

static int32_t lose(struct dtlslab_carrier *carrier, struct dtlslab_arrival *arrival, const char *reason) {
    arrival->kind = DTLSLAB_ARRIVAL_LOST;
    arrival->bytes = NULL;
    arrival->reason = reason;
    return dtlslab_schedule_put(&carrier->schedule, arrival);
}

static const char *reason_of(int error) {
    switch (error) {
    case EMSGSIZE:
        return "mtu";
    case EAGAIN:
    case ENOBUFS:
        return "queue";
    default:
        return "socket";
    }
}

/* Sends now what is for `arrival->node`. */
static int32_t go_out(struct dtlslab_carrier *carrier, uint32_t from, struct dtlslab_arrival *arrival) {
    const struct dtlslab_face *to = &carrier->faces[arrival->node];
    if (carrier->faces[from].external && !to->external) {
        /* It has been in a socket already, when it entered. */
        arrival->kind = DTLSLAB_ARRIVAL_DELIVERED;
        return dtlslab_schedule_put(&carrier->schedule, arrival);
    }
    if (to->external && !to->known)
        return lose(carrier, arrival, "no-address");
    const struct dtlslab_address *address = to->external ? &to->program : &to->address;
    ssize_t sent;
    do {
        sent = sendto(carrier->sockets[from].fd, arrival->bytes, arrival->len, 0, &address->socket.any,
                      address->len);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return lose(carrier, arrival, reason_of(errno));
    return to->external ? DTLSLAB_OK : add_flight(carrier, from, arrival);
}

static int32_t send_datagram(struct dtlslab_carrier *carrier, uint32_t node, uint64_t path_id,
                             uint64_t datagram, uint64_t delay_ns, const uint8_t *bytes, uint32_t len) {
    uint32_t to;
    if (peer(carrier, node, path_id, &to) != DTLSLAB_OK || len > DTLSLAB_MAX_DATAGRAM)
        return DTLSLAB_INVALID;
    struct dtlslab_arrival arrival = {
        .kind = ARRIVAL_GOES_OUT,
        .node = to,
        .path = (uint64_t)node + 1,
        .datagram = datagram,
        .time = now(carrier) + delay_ns,
        .bytes = bytes,
        .len = len,
    };
    return delay_ns == 0 ? go_out(carrier, node, &arrival)
                         : dtlslab_schedule_put(&carrier->schedule, &arrival);
}

/* The node that sends from `source`; an external one without an address gets this one. False: nobody. */
static bool find_sender(struct dtlslab_carrier *carrier, const struct dtlslab_address *source,
                        uint32_t *out_node) {
    uint32_t nameless = carrier->num_nodes;
    for (uint32_t i = 0; i < carrier->num_nodes; i++) {
        const struct dtlslab_face *face = &carrier->faces[i];
        /* A socket bound to all addresses sends from one of them; its port is then all that there is to go
         * by. */
        bool same =
            face->external
                ? face->known && dtlslab_address_equal(&face->program, source)
                : dtlslab_address_equal(&face->address, source) ||
                      (dtlslab_address_is_loopback(source) && !dtlslab_address_is_loopback(&face->address) &&
                       dtlslab_address_port(&face->address) == dtlslab_address_port(source));
        if (same) {
            *out_node = i;
            return true;
        }
        if (face->external && !face->known && nameless == carrier->num_nodes)
            nameless = i;
    }
    if (nameless == carrier->num_nodes)
        return false;
    carrier->faces[nameless].program = *source;
    carrier->faces[nameless].known = true;
    *out_node = nameless;
    return true;
}

/* Reads one datagram from the socket of `node`. False: there was none, or it was nobody's. */
static bool receive_from(struct dtlslab_carrier *carrier, uint32_t node,
                         struct dtlslab_arrival *out_arrival) {
    struct dtlslab_address source = {.len = sizeof source.socket};
    ssize_t got = recvfrom(carrier->sockets[node].fd, carrier->buffer, sizeof carrier->buffer, 0,
                           &source.socket.any, &source.len);
    uint32_t sender;
    if (got < 0)
        return false;
    if (!find_sender(carrier, &source, &sender) || sender == node) {
        carrier->strays++;
        return false;
    }
    *out_arrival = (struct dtlslab_arrival){
        .kind = DTLSLAB_ARRIVAL_DELIVERED,
        .node = node,
        .path = (uint64_t)sender + 1,
        .time = now(carrier),
        .bytes = carrier->buffer,
        .len = (uint32_t)got,
    };
    if (carrier->faces[sender].external) {
        out_arrival->kind = DTLSLAB_ARRIVAL_ENTERED;
        out_arrival->node = sender;
        out_arrival->path = (uint64_t)node + 1;
    } else {
        out_arrival->datagram = recognise(carrier, sender, node, carrier->buffer, (uint32_t)got);
    }
    return true;
}

/* Serves the sockets in turn, so that none can keep the others waiting. */
static bool receive_any(struct dtlslab_carrier *carrier, struct dtlslab_arrival *out_arrival) {
    for (uint32_t i = 1; i <= carrier->num_nodes; i++) {
        uint32_t node = (carrier->last_served + i) % carrier->num_nodes;
        if (carrier->sockets[node].revents != 0 && receive_from(carrier, node, out_arrival)) {
            carrier->last_served = node;
            return true;
        }
    }
    return false;
}

/* Takes what is due: a loss or a delivery to tell (true), or a datagram to send, which is sent. */
static bool take_due(struct dtlslab_carrier *carrier, uint64_t time, struct dtlslab_arrival *out_arrival,
                     int32_t *out_result) {
    while (dtlslab_schedule_next(&carrier->schedule) <= time && *out_result == DTLSLAB_OK) {
        free(carrier->given);
        carrier->given = dtlslab_schedule_take(&carrier->schedule);
        struct dtlslab_arrival *arrival = &carrier->given->arrival;
        if (arrival->kind != ARRIVAL_GOES_OUT) {
            *out_arrival = *arrival;
            return true;
        }
        *out_result = go_out(carrier, (uint32_t)(arrival->path - 1), arrival);
    }
    return false;
}

/* Gives up the flights that have taken too long. */
static int32_t give_up_flights(struct dtlslab_carrier *carrier, uint64_t time) {
    int32_t result = DTLSLAB_OK;
    while (carrier->flights != NULL && carrier->flights->sent + MAX_FLIGHT_NS <= time &&
           result == DTLSLAB_OK) {
        struct dtlslab_arrival arrival = {
            .node = carrier->flights->to,
            .path = (uint64_t)carrier->flights->from + 1,
            .time = time,
            .len = carrier->flights->len,
        };
        arrival.datagram = end_flight(carrier, &carrier->flights);
        result = lose(carrier, &arrival, "socket");
    }
    return result;
}

static uint32_t idle(struct dtlslab_carrier *carrier) {
    return carrier->schedule.num == 0 && carrier->num_external == 0 && carrier->flights == NULL;
}

/* Waits for a socket, but not past `until`. False: interrupted. */
static bool wait(struct dtlslab_carrier *carrier, uint64_t time, uint64_t until) {
    uint64_t wake = dtlslab_schedule_next(&carrier->schedule);
    if (carrier->flights != NULL && carrier->flights->sent + MAX_FLIGHT_NS < wake)
        wake = carrier->flights->sent + MAX_FLIGHT_NS;
    wake = until < wake ? until : wake;
    uint64_t span = wake > time ? wake - time : 0;
    struct timespec timeout = {.tv_sec = (time_t)(span / 1000000000), .tv_nsec = (long)(span % 1000000000)};
    int ready =
        ppoll(carrier->sockets, carrier->num_nodes, wake == DTLSLAB_NO_DEADLINE ? NULL : &timeout, NULL);
    return ready >= 0 || errno != EINTR;
}

static int32_t run(struct dtlslab_carrier *carrier, uint64_t until, struct dtlslab_arrival *out_arrival) {
    for (;;) {
        uint64_t time = now(carrier);
        int32_t result = give_up_flights(carrier, time);
        if (result == DTLSLAB_OK && take_due(carrier, time, out_arrival, &result))
            return DTLSLAB_OK;
        if (result != DTLSLAB_OK)
            return result;
        if (until == DTLSLAB_NO_DEADLINE && idle(carrier))
            return DTLSLAB_NOTHING;
        if (!wait(carrier, time, until))
            return DTLSLAB_INTERRUPTED;
        if (receive_any(carrier, out_arrival))
            return DTLSLAB_OK;
        if (time >= until)
            return DTLSLAB_NOTHING;
    }
}

uint32_t dtlslab_udp_carrier_port(struct dtlslab_carrier *carrier, uint32_t node) {
    return node < carrier->num_nodes ? dtlslab_address_port(&carrier->faces[node].address) : 0;
}

uint64_t dtlslab_udp_carrier_strays(struct dtlslab_carrier *carrier) {
    return carrier->strays;
}

static const struct dtlslab_carrier_api udp_carrier = {
    .abi = DTLSLAB_CARRIER_ABI,
    .size = sizeof(struct dtlslab_carrier_api),
    .name = "udp",
    .version = "1",
    .real_time = 1,
    .create = dtlslab_udp_create,
    .destroy = dtlslab_udp_destroy,
    .now = now,
    .path = path,
    .send = send_datagram,
    .run = run,
    .num_nodes = num_nodes_of,
    .peer = peer,
    .idle = idle,
};

const struct dtlslab_carrier_api *dtlslab_udp_carrier(void) {
    return &udp_carrier;
}
