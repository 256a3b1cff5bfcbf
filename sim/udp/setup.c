/* SPDX-License-Identifier: MIT
 *
 * Making a UDP carrier: parameters are read and sockets are bound.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"
#include "parameters.h"

/* Room for the bursts of a whole flight from many sessions. */
#define SOCKET_BUFFER (4 * 1024 * 1024)

static const struct dtlslab_parameter_rule rules[] = {
    {"node", DTLSLAB_SUFFIX_NODE},
    {"port", DTLSLAB_SUFFIX_NODE},
    {"bind", DTLSLAB_SUFFIX_NONE},
    {"beyond-loopback", DTLSLAB_SUFFIX_NONE},
};

static const struct dtlslab_place anywhere = {0};

uint64_t dtlslab_udp_clock(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* What is common to all faces. */
struct common {
    struct dtlslab_address bind;
    uint64_t beyond_loopback;
};

static int32_t read_common(const struct dtlslab_parameters *parameters, struct common *out) {
    *out = (struct common){0};
    int32_t result =
        dtlslab_parameter_count(parameters, "beyond-loopback", anywhere, 0, 1, &out->beyond_loopback);
    if (result != DTLSLAB_OK)
        return result;
    const char *given = dtlslab_parameter_text(parameters, "bind", anywhere);
    const char *text = given != NULL ? given : "127.0.0.1";
    if (!dtlslab_address_read_host(text, &out->bind)) {
        return dtlslab_parameter_wrong(parameters, "bind", text,
                                       "a numeric address such as 127.0.0.1 or ::1");
    }
    if (out->beyond_loopback == 0 && !dtlslab_address_is_loopback(&out->bind)) {
        return dtlslab_parameter_wrong(parameters, "bind", text,
                                       "a loopback address, unless beyond-loopback=1 is given");
    }
    return DTLSLAB_OK;
}

static int32_t read_program(const struct dtlslab_parameters *parameters, const struct common *common,
                            uint32_t node, struct dtlslab_face *face) {
    const struct dtlslab_place place = {DTLSLAB_SUFFIX_NODE, node, 0};
    const char *text = dtlslab_parameter_text(parameters, "node", place);
    char name[24];
    (void)snprintf(name, sizeof name, "node.%u", node);
    if (text == NULL)
        return DTLSLAB_OK;
    face->external = true;
    if (strcmp(text, "client") == 0)
        return DTLSLAB_OK;
    face->known = true;
    if (!dtlslab_address_read(text, &face->program)) {
        return dtlslab_parameter_wrong(
            parameters, name, text, "a numeric ADDRESS:PORT such as 127.0.0.1:4433 or [::1]:4433, or client");
    }
    if (face->program.socket.any.sa_family != common->bind.socket.any.sa_family) {
        return dtlslab_parameter_wrong(parameters, name, text,
                                       "an address of the same family as that of bind");
    }
    if (common->beyond_loopback == 0 && !dtlslab_address_is_loopback(&face->program)) {
        return dtlslab_parameter_wrong(parameters, name, text,
                                       "a loopback address, unless beyond-loopback=1 is given");
    }
    return DTLSLAB_OK;
}

static int32_t socket_failed(const struct dtlslab_parameters *parameters, uint32_t node, uint16_t port) {
    char sentence[160];
    (void)snprintf(sentence, sizeof sentence, "the socket of node %u, port %u: %s", node, port,
                   strerror(errno));
    (void)dtlslab_parameters_fail(parameters, sentence);
    return DTLSLAB_FAILED;
}

static int32_t open_face(const struct dtlslab_parameters *parameters, const struct common *common,
                         uint32_t node, struct dtlslab_face *face, struct pollfd *out_socket) {
    const struct dtlslab_place place = {DTLSLAB_SUFFIX_NODE, node, 0};
    uint64_t port = 0;
    int32_t result = dtlslab_parameter_count(parameters, "port", place, 0, UINT16_MAX, &port);
    if (result != DTLSLAB_OK)
        return result;
    face->address = common->bind;
    dtlslab_address_set_port(&face->address, (uint16_t)port);
    int fd = socket(face->address.socket.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    out_socket->fd = fd;
    out_socket->events = POLLIN;
    if (fd < 0)
        return socket_failed(parameters, node, (uint16_t)port);
    /* The kernel gives what it allows; less room only means losses earlier. */
    const int size = SOCKET_BUFFER;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (bind(fd, &face->address.socket.any, face->address.len) != 0 ||
        getsockname(fd, &face->address.socket.any, &face->address.len) != 0) {
        return socket_failed(parameters, node, (uint16_t)port);
    }
    return DTLSLAB_OK;
}

static int32_t open_faces(struct dtlslab_carrier *carrier, const struct dtlslab_parameters *parameters) {
    struct common common;
    int32_t result = read_common(parameters, &common);
    for (uint32_t i = 0; i < carrier->num_nodes && result == DTLSLAB_OK; i++) {
        result = read_program(parameters, &common, i, &carrier->faces[i]);
        carrier->num_external += carrier->faces[i].external;
        if (result == DTLSLAB_OK)
            result = open_face(parameters, &common, i, &carrier->faces[i], &carrier->sockets[i]);
    }
    return result;
}

static struct dtlslab_carrier *allocate(uint32_t num_nodes) {
    struct dtlslab_carrier *carrier = calloc(1, sizeof *carrier);
    if (carrier == NULL)
        return NULL;
    carrier->last_flight = &carrier->flights;
    carrier->start = dtlslab_udp_clock();
    carrier->faces = calloc(num_nodes, sizeof *carrier->faces);
    carrier->sockets = calloc(num_nodes, sizeof *carrier->sockets);
    if (carrier->faces == NULL || carrier->sockets == NULL) {
        dtlslab_udp_destroy(carrier);
        return NULL;
    }
    carrier->num_nodes = num_nodes;
    for (uint32_t i = 0; i < num_nodes; i++)
        carrier->sockets[i].fd = -1;
    return carrier;
}

int32_t dtlslab_udp_create(uint32_t num_nodes, uint64_t seed, uint64_t run,
                           const struct dtlslab_parameter *list, uint32_t num_parameters,
                           struct dtlslab_carrier **out_carrier, char *message) {
    (void)seed; /* nothing is drawn: real sockets have their own chance */
    (void)run;
    const struct dtlslab_parameters parameters = {list, num_parameters, num_nodes, "udp", message};
    *out_carrier = NULL;
    if (num_nodes == 0)
        return dtlslab_parameters_fail(&parameters, "a network needs at least one node");
    int32_t result = dtlslab_parameters_check(&parameters, rules, sizeof rules / sizeof *rules);
    if (result != DTLSLAB_OK)
        return result;
    struct dtlslab_carrier *carrier = allocate(num_nodes);
    if (carrier == NULL) {
        (void)dtlslab_parameters_fail(&parameters, "out of memory");
        return DTLSLAB_FAILED;
    }
    result = open_faces(carrier, &parameters);
    if (result != DTLSLAB_OK) {
        dtlslab_udp_destroy(carrier);
        return result;
    }
    *out_carrier = carrier;
    return DTLSLAB_OK;
}

void dtlslab_udp_destroy(struct dtlslab_carrier *carrier) {
    if (carrier == NULL)
        return;
    for (uint32_t i = 0; i < carrier->num_nodes; i++) {
        if (carrier->sockets[i].fd >= 0)
            (void)close(carrier->sockets[i].fd);
    }
    while (carrier->flights != NULL) {
        struct dtlslab_flight *next = carrier->flights->next;
        free(carrier->flights);
        carrier->flights = next;
    }
    free(carrier->given);
    dtlslab_schedule_clear(&carrier->schedule);
    free(carrier->faces);
    free(carrier->sockets);
    free(carrier);
}
