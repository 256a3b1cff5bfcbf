/* SPDX-License-Identifier: MIT
 *
 * The smallest network that adapters can be tested on: one client endpoint,
 * one server endpoint, a constant delay, virtual time, and a filter that may
 * drop datagrams. Path k of the client is path k of the server.
 */
#ifndef TESTS_LOOP_H
#define TESTS_LOOP_H

#include <stddef.h>
#include <stdint.h>

#include "dtlslab_endpoint.h"
#include "virtual_clock.h"

#define LOOP_CALENDAR 1767225600u /* 2026-01-01 */
#define LOOP_MS       UINT64_C(1000000)
#define LOOP_SECOND   UINT64_C(1000000000)

enum { LOOP_CLIENT = 0, LOOP_SERVER = 1 };

struct loop_side {
    const struct dtlslab_endpoint_api *api;
    struct dtlslab_endpoint *endpoint;
    struct dtlslab_virtual virtual_time;
    struct dtlslab_event *events; /* all so far */
    size_t num_events;
    uint8_t *data; /* all application data so far, of all sessions */
    size_t data_len;
    size_t num_data; /* pieces */
    char *keylog;    /* all lines, each ended by '\n' */
    size_t keylog_len;
    unsigned num_sent; /* datagrams */
    uint32_t largest_sent;
    uint64_t digest; /* of every datagram sent, with its length and path */
};

struct loop_datagram;

struct loop {
    struct loop_side sides[2];
    uint64_t now;
    uint64_t delay;
    /* 1: the datagram is lost. `nth` counts from 1 what `side` sent. */
    int (*drop)(void *user, int side, unsigned nth, const uint8_t *bytes, uint32_t len);
    void *user;
    struct loop_datagram *first; /* under way, in order of arrival */
    struct loop_datagram *last;
};

/* The table of the adapter `name`, loaded once, its clock redirected. Fails the test when it cannot be had.
 */
const struct dtlslab_endpoint_api *loop_stack(const char *name);

/* The path of the shared object of the adapter `name`. The skeleton is not among the installed ones. */
void loop_object_path(const char *name, char *out, size_t out_cap);

int loop_has(const struct dtlslab_endpoint_api *api, const char *word);

/* A configuration of the role with certificate (of either kind, "p256" or "rsa2048") or with the pre-shared
 * key, and the authority as trust anchor where a certificate is expected. The texts live until the process
 * ends. */
struct dtlslab_config loop_certificate(uint32_t role, const char *kind);
struct dtlslab_config loop_psk(uint32_t role);

/* The contents of a file of the laboratory's credentials. */
struct dtlslab_bytes loop_credential(const char *name);

/* Makes both endpoints; the test fails if either stack refuses. `seed` is that of the configurations. */
void loop_begin(struct loop *loop, const char *client, const struct dtlslab_config *client_config,
                const char *server, const struct dtlslab_config *server_config);
void loop_end(struct loop *loop);

/* The calls of the contract, inside the virtual clock; each collects what there is to poll. */
uint64_t loop_connect(struct loop *loop, uint64_t path);
int32_t loop_send(struct loop *loop, int side, uint64_t session, const void *data, uint32_t len);
void loop_close(struct loop *loop, int side, uint64_t session);
void loop_receive(struct loop *loop, int side, uint64_t path, const uint8_t *bytes, uint32_t len);

/* Runs until nothing is under way and no deadline is set, or `until`. Fails the test if an endpoint's
 * deadline does not move. */
void loop_run(struct loop *loop, uint64_t until);

/* How many events of `kind` the side has had, and the last of them (NULL: none). */
size_t loop_count(const struct loop *loop, int side, uint32_t kind);
const struct dtlslab_event *loop_event(const struct loop *loop, int side, uint32_t kind);

/* Fails the test, with the text of what failed, unless both sides have `num` connected sessions. */
void loop_assert_connected(const struct loop *loop, size_t num);

#endif
