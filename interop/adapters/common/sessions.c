/* SPDX-License-Identifier: MIT */
#include "sessions.h"

#include <stdlib.h>

static struct adapter_session **id_bucket(const struct dtlslab_endpoint *endpoint, uint64_t id) {
    return (struct adapter_session **)&endpoint->by_id[id % ADAPTER_NUM_BUCKETS];
}

/* Paths are the carrier's numbers and may differ in their high bits only, hence the multiplication. */
static struct adapter_session **path_bucket(const struct dtlslab_endpoint *endpoint, uint64_t path) {
    return (struct adapter_session **)&endpoint
        ->by_path[(path * 0x9e3779b97f4a7c15u >> 32) % ADAPTER_NUM_BUCKETS];
}

int adapter_session_is_dead(const struct adapter_session *session) {
    return session->state == ADAPTER_CLOSED || session->state == ADAPTER_FAILED;
}

struct adapter_session *adapter_session_open(struct dtlslab_endpoint *endpoint, uint64_t path) {
    struct adapter_session *session = calloc(1, sizeof *session);

    if (session == NULL)
        return NULL;
    session->endpoint = endpoint;
    session->path = path;
    session->deadline = DTLSLAB_NO_DEADLINE;
    if (adapter_stack.open(session) != DTLSLAB_OK) {
        adapter_session_free(session);
        return NULL;
    }
    return session;
}

void adapter_session_free(struct adapter_session *session) {
    if (session != NULL && session->tls != NULL)
        adapter_stack.free_tls(session);
    free(session);
}

struct adapter_session *adapter_session_by_id(const struct dtlslab_endpoint *endpoint, uint64_t id) {
    struct adapter_session *session = *id_bucket(endpoint, id);

    while (session != NULL && session->id != id)
        session = session->next_by_id;
    return session;
}

struct adapter_session *adapter_session_by_path(const struct dtlslab_endpoint *endpoint, uint64_t path) {
    struct adapter_session *session = *path_bucket(endpoint, path);

    while (session != NULL && session->path != path)
        session = session->next_by_path;
    return session;
}

static void leave_path(struct adapter_session *session) {
    struct adapter_session **link = path_bucket(session->endpoint, session->path);

    while (*link != session)
        link = &(*link)->next_by_path;
    *link = session->next_by_path;
}

static void enter_path(struct adapter_session *session) {
    struct adapter_session **bucket = path_bucket(session->endpoint, session->path);

    session->next_by_path = *bucket;
    *bucket = session;
}

void adapter_session_move(struct adapter_session *session, uint64_t path) {
    leave_path(session);
    session->path = path;
    enter_path(session);
}

static void leave(struct adapter_session *session) {
    struct dtlslab_endpoint *endpoint = session->endpoint;
    struct adapter_session **link = id_bucket(endpoint, session->id);

    while (*link != session)
        link = &(*link)->next_by_id;
    *link = session->next_by_id;
    leave_path(session);
    endpoint->num_sessions--;
    endpoint->deadline_unknown = 1;
}

void adapter_session_enter(struct adapter_session *session) {
    struct dtlslab_endpoint *endpoint = session->endpoint;
    struct adapter_session *before = adapter_session_by_path(endpoint, session->path);

    if (before != NULL && adapter_session_is_dead(before)) {
        leave(before);
        adapter_session_free(before);
    }
    session->id = ++endpoint->last_id;
    session->state = ADAPTER_HANDSHAKING;
    session->next_by_id = *id_bucket(endpoint, session->id);
    *id_bucket(endpoint, session->id) = session;
    enter_path(session);
    endpoint->num_sessions++;
}

static void keep_oldest_dead(struct adapter_session *session, void *user) {
    struct adapter_session **oldest = user;

    if (adapter_session_is_dead(session) && (*oldest == NULL || session->id < (*oldest)->id))
        *oldest = session;
}

int adapter_sessions_make_room(struct dtlslab_endpoint *endpoint) {
    struct adapter_session *oldest = NULL;

    if (endpoint->num_sessions < ADAPTER_MAX_SESSIONS)
        return 1;
    adapter_sessions_each(endpoint, keep_oldest_dead, &oldest);
    if (oldest == NULL)
        return 0;
    leave(oldest);
    adapter_session_free(oldest);
    return 1;
}

void adapter_sessions_each(struct dtlslab_endpoint *endpoint, void (*visit)(struct adapter_session *, void *),
                           void *user) {
    for (size_t i = 0; i < ADAPTER_NUM_BUCKETS; i++) {
        struct adapter_session *next = NULL;

        for (struct adapter_session *session = endpoint->by_id[i]; session != NULL; session = next) {
            next = session->next_by_id;
            visit(session, user);
        }
    }
}

static void leave_and_free(struct adapter_session *session, void *user) {
    (void)user;
    leave(session);
    adapter_session_free(session);
}

void adapter_sessions_clear(struct dtlslab_endpoint *endpoint) {
    adapter_sessions_each(endpoint, leave_and_free, NULL);
    adapter_session_free(endpoint->listener);
    endpoint->listener = NULL;
}
