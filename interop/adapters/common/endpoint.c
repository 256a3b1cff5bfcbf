/* SPDX-License-Identifier: MIT
 *
 * The contract's functions over the session table, the queues and the stack.
 */
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "sessions.h"

#define RECORD_HEADER_LEN      13u
#define CONTENT_TYPE_HANDSHAKE 22u
#define CLIENT_HELLO           1u
#define HELLO_RANDOM_OFFSET    27u /* record header, handshake header, version */

static void put_session_new(struct adapter_session *session) {
    const struct dtlslab_event event = {
        .kind = DTLSLAB_EVENT_SESSION_NEW, .session = session->id, .path = session->path};

    (void)adapter_queue_put(&session->endpoint->events, 0, &event, sizeof event);
}

/* The deadline of a timer that the stack tells as time left. The stack rounds, so while the timer runs on
 * (nothing was sent) and its account moves by no more than that rounding, the first and exact answer stays.
 */
static uint64_t next_deadline(const struct adapter_session *session, uint64_t now, uint64_t num_sent_before) {
    const uint64_t left = adapter_stack.time_left(session);
    const uint64_t old = session->deadline;

    if (left > DTLSLAB_NO_DEADLINE - 1u - now)
        return DTLSLAB_NO_DEADLINE;
    const uint64_t told = now + left;
    const uint64_t distance = told > old ? told - old : old - told;
    if (session->num_sent == num_sent_before && old != DTLSLAB_NO_DEADLINE && old > now &&
        distance <= adapter_stack.timer_slack_ns) {
        return old;
    }
    return told;
}

static void set_deadline(struct adapter_session *session, uint64_t deadline) {
    struct dtlslab_endpoint *endpoint = session->endpoint;

    if (deadline <= endpoint->deadline)
        endpoint->deadline = deadline;
    else if (session->deadline == endpoint->deadline)
        endpoint->deadline_unknown = 1;
    session->deadline = deadline;
}

/* What follows every call that moved a session. A failed one keeps its entry in the table, not its memory. */
static void settle(struct adapter_session *session, uint64_t now, uint64_t num_sent_before) {
    if (session->state == ADAPTER_FAILED && session->tls != NULL) {
        adapter_stack.free_tls(session);
        session->tls = NULL;
    }
    set_deadline(session, adapter_session_is_dead(session) ? DTLSLAB_NO_DEADLINE
                                                           : next_deadline(session, now, num_sent_before));
}

static void destroy(struct dtlslab_endpoint *endpoint) {
    adapter_sessions_clear(endpoint);
    adapter_stack.free_context(endpoint->context);
    adapter_queue_clear(&endpoint->datagrams);
    adapter_queue_clear(&endpoint->events);
    adapter_queue_clear(&endpoint->data);
    adapter_queue_clear(&endpoint->keylog);
    free(endpoint);
}

/* Whether a newer caller asks for something that this adapter was built without. */
static int knows_more(const struct dtlslab_config *config) {
    const unsigned char *bytes = (const unsigned char *)config;
    uint32_t i = sizeof *config;

    while (i < config->size && bytes[i] == 0)
        i++;
    return i < config->size;
}

static int32_t create(const struct dtlslab_config *config, struct dtlslab_endpoint **out_endpoint,
                      char *message) {
    struct dtlslab_config own = {0};

    if (knows_more(config)) {
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message,
                              "the configuration has fields that %s does not know of", adapter_stack.name);
    }
    memcpy(&own, config, config->size < sizeof own ? config->size : sizeof own);
    int32_t result = adapter_check_config(&own, message);
    if (result != DTLSLAB_OK)
        return result;
    struct dtlslab_endpoint *endpoint = calloc(1, sizeof *endpoint);
    if (endpoint == NULL)
        return adapter_refuse(DTLSLAB_FAILED, message, "there is no memory for an endpoint");
    endpoint->role = own.role;
    endpoint->deadline = DTLSLAB_NO_DEADLINE;
    result = adapter_stack.configure(endpoint, &own, message);
    if (result != DTLSLAB_OK) {
        free(endpoint);
        return result;
    }
    *out_endpoint = endpoint;
    return DTLSLAB_OK;
}

static int32_t connect_to(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t path,
                          uint64_t *out_session) {
    endpoint->now = now;
    if (endpoint->role != DTLSLAB_CLIENT)
        return DTLSLAB_INVALID;
    if (!adapter_sessions_make_room(endpoint))
        return DTLSLAB_WOULD_BLOCK;
    struct adapter_session *session = adapter_session_open(endpoint, path);
    if (session == NULL)
        return DTLSLAB_FAILED;
    adapter_session_enter(session);
    *out_session = session->id;
    adapter_stack.advance(session);
    settle(session, now, 0);
    return DTLSLAB_OK;
}

static void advance(struct adapter_session *session, uint64_t now, uint64_t path, const uint8_t *datagram,
                    uint32_t len) {
    const uint64_t num_sent_before = session->num_sent;

    if (session->tls == NULL)
        return;
    session->inbox = datagram;
    session->inbox_len = len;
    session->inbox_path = path;
    adapter_stack.advance(session);
    session->inbox = NULL;
    settle(session, now, num_sent_before);
}

static int is_client_hello(const uint8_t *datagram, uint32_t len) {
    const int is_epoch_0 = len > RECORD_HEADER_LEN && datagram[3] == 0 && datagram[4] == 0;

    return is_epoch_0 && datagram[0] == CONTENT_TYPE_HANDSHAKE && datagram[RECORD_HEADER_LEN] == CLIENT_HELLO;
}

/* Whether a ClientHello is another one than that which began `session`, as far as can be told from the
 * outside. */
static int is_new_association(const struct adapter_session *session, const uint8_t *datagram, uint32_t len) {
    return session->state == ADAPTER_CONNECTED && adapter_stack.takes_new_associations != NULL &&
           adapter_stack.takes_new_associations(session->endpoint) && is_client_hello(datagram, len) &&
           len >= HELLO_RANDOM_OFFSET + ADAPTER_HELLO_RANDOM &&
           memcmp(datagram + HELLO_RANDOM_OFFSET, session->hello_random, ADAPTER_HELLO_RANDOM) != 0;
}

/* Ends the session that `path` had, if any: the peer has begun anew and proved that it is there. */
static void abandon(struct dtlslab_endpoint *endpoint, uint64_t path) {
    struct adapter_session *session = adapter_session_by_path(endpoint, path);

    if (session != NULL && !adapter_session_is_dead(session))
        adapter_closed(session);
}

static void keep_hello_random(struct adapter_session *session, const uint8_t *datagram, uint32_t len) {
    if (len >= HELLO_RANDOM_OFFSET + ADAPTER_HELLO_RANDOM)
        memcpy(session->hello_random, datagram + HELLO_RANDOM_OFFSET, ADAPTER_HELLO_RANDOM);
}

struct adapter_session *adapter_session_begin(struct dtlslab_endpoint *endpoint, uint64_t path) {
    struct adapter_session *session =
        adapter_sessions_make_room(endpoint) ? adapter_session_open(endpoint, path) : NULL;

    if (session != NULL) {
        adapter_session_enter(session);
        put_session_new(session);
    }
    return session;
}

static const struct adapter_server *server_of(const struct dtlslab_endpoint *endpoint) {
    return adapter_stack.server_of != NULL ? adapter_stack.server_of(endpoint) : NULL;
}

/* A datagram from a path without a session, or one that may begin another there. The listener becomes the
 * session as soon as the stack takes the peer on. */
static void listen_to(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t path, const uint8_t *datagram,
                      uint32_t len) {
    if (!adapter_sessions_make_room(endpoint))
        return;
    if (endpoint->listener == NULL)
        endpoint->listener = adapter_session_open(endpoint, path);
    struct adapter_session *session = endpoint->listener;
    if (session == NULL)
        return;
    session->path = path;
    session->inbox = datagram;
    session->inbox_len = len;
    if (adapter_stack.listen(session)) {
        endpoint->listener = NULL;
        keep_hello_random(session, datagram, len);
        abandon(endpoint, path);
        adapter_session_enter(session);
        put_session_new(session);
        advance(session, now, path, session->inbox, session->inbox_len);
    } else if (session->state != ADAPTER_LISTENING) {
        endpoint->listener = NULL;
        adapter_session_free(session);
    } else {
        session->inbox = NULL;
    }
}

struct search {
    const uint8_t *datagram;
    uint32_t len;
    struct adapter_session *found;
};

/* Of several with one connection ID, the newest. */
static void match_id(struct adapter_session *session, void *user) {
    struct search *search = user;

    if (!adapter_session_is_dead(session) && (search->found == NULL || search->found->id < session->id) &&
        adapter_stack.is_for(session, search->datagram, search->len)) {
        search->found = session;
    }
}

/* Whom a datagram is for, by the path that it came by, else by the connection ID in it. */
static struct adapter_session *owner_of(struct dtlslab_endpoint *endpoint, uint64_t path,
                                        const uint8_t *datagram, uint32_t len) {
    struct search search = {.datagram = datagram, .len = len};

    search.found = adapter_session_by_path(endpoint, path);
    if (search.found == NULL && adapter_stack.is_for != NULL)
        adapter_sessions_each(endpoint, match_id, &search);
    return search.found;
}

static int32_t receive(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t path,
                       const uint8_t *datagram, uint32_t len) {
    const struct adapter_server *server = server_of(endpoint);

    endpoint->now = now;
    if (len == 0 || len > DTLSLAB_MAX_DATAGRAM)
        return len == 0 ? DTLSLAB_OK : DTLSLAB_INVALID;
    if (server != NULL) {
        server->receive(endpoint, path, datagram, len);
        return DTLSLAB_OK;
    }
    struct adapter_session *session = owner_of(endpoint, path, datagram, len);
    const int is_server = endpoint->role == DTLSLAB_SERVER;
    if (is_server && (session == NULL || is_new_association(session, datagram, len) ||
                      (adapter_session_is_dead(session) && is_client_hello(datagram, len)))) {
        listen_to(endpoint, now, path, datagram, len);
    } else if (session != NULL) {
        advance(session, now, path, datagram, len);
    }
    return DTLSLAB_OK;
}

static int32_t poll_datagram(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t *out_path,
                             uint8_t *out, uint32_t out_cap, uint32_t *out_len) {
    (void)now;
    return adapter_queue_take(&endpoint->datagrams, out_path, out, out_cap, out_len);
}

static void keep_earliest(struct adapter_session *session, void *user) {
    uint64_t *earliest = user;

    if (session->deadline < *earliest)
        *earliest = session->deadline;
}

static uint64_t deadline(struct dtlslab_endpoint *endpoint, uint64_t now) {
    const struct adapter_server *server = server_of(endpoint);

    (void)now;
    if (server != NULL)
        return server->deadline(endpoint);
    if (endpoint->deadline_unknown) {
        endpoint->deadline = DTLSLAB_NO_DEADLINE;
        adapter_sessions_each(endpoint, keep_earliest, &endpoint->deadline);
        endpoint->deadline_unknown = 0;
    }
    return endpoint->deadline;
}

static void expire_if_due(struct adapter_session *session, void *user) {
    const uint64_t now = *(const uint64_t *)user;
    const uint64_t num_sent_before = session->num_sent;

    if (session->deadline > now || session->tls == NULL)
        return;
    adapter_stack.expire(session);
    settle(session, now, num_sent_before);
    if (session->deadline <= now && session->num_sent == num_sent_before) {
        /* Time left 0 and nothing to send: the stack is not waiting for time. The next datagram wakes it. */
        set_deadline(session, DTLSLAB_NO_DEADLINE);
    }
}

static int32_t timeout(struct dtlslab_endpoint *endpoint, uint64_t now) {
    const struct adapter_server *server = server_of(endpoint);

    endpoint->now = now;
    if (server != NULL)
        server->expire(endpoint);
    else
        adapter_sessions_each(endpoint, expire_if_due, &now);
    return DTLSLAB_OK;
}

static int32_t poll_event(struct dtlslab_endpoint *endpoint, struct dtlslab_event *out_event) {
    return adapter_queue_take(&endpoint->events, NULL, out_event, sizeof *out_event, NULL);
}

static int32_t send_data(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t id, const uint8_t *data,
                         uint32_t len) {
    struct adapter_session *session = adapter_session_by_id(endpoint, id);

    endpoint->now = now;
    if (session == NULL || adapter_session_is_dead(session) || len > ADAPTER_MAX_RECORD_DATA)
        return DTLSLAB_INVALID;
    if (session->state != ADAPTER_CONNECTED ||
        !adapter_queue_has_room(&endpoint->datagrams, DTLSLAB_MAX_DATAGRAM)) {
        return DTLSLAB_WOULD_BLOCK;
    }
    const uint64_t num_sent_before = session->num_sent;
    const int32_t result = adapter_stack.send(session, data, len);
    settle(session, now, num_sent_before);
    return result;
}

static int32_t poll_data(struct dtlslab_endpoint *endpoint, uint64_t *out_session, uint8_t *out,
                         uint32_t out_cap, uint32_t *out_len) {
    return adapter_queue_take(&endpoint->data, out_session, out, out_cap, out_len);
}

/* DTLS does not repeat a close_notify, so ours is complete once it is sent. */
static int32_t close_session(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t id) {
    struct adapter_session *session = adapter_session_by_id(endpoint, id);

    endpoint->now = now;
    if (session == NULL)
        return DTLSLAB_INVALID;
    if (!adapter_session_is_dead(session)) {
        const uint64_t num_sent_before = session->num_sent;

        adapter_stack.close(session);
        adapter_closed(session);
        settle(session, now, num_sent_before);
    }
    return DTLSLAB_OK;
}

static int32_t poll_keylog(struct dtlslab_endpoint *endpoint, char *out, uint32_t out_cap) {
    return adapter_queue_take(&endpoint->keylog, NULL, out, out_cap, NULL);
}

static int32_t session_info(struct dtlslab_endpoint *endpoint, uint64_t id,
                            struct dtlslab_session_info *out_info) {
    const struct adapter_session *session = adapter_session_by_id(endpoint, id);
    const uint32_t size = out_info->size < sizeof *out_info ? out_info->size : sizeof *out_info;
    struct dtlslab_session_info info = {.size = out_info->size};

    if (session == NULL)
        return DTLSLAB_INVALID;
    if (session->tls == NULL || !session->was_connected)
        return DTLSLAB_NOTHING;
    adapter_stack.describe(session, &info);
    memcpy(out_info, &info, size);
    return DTLSLAB_OK;
}

void adapter_fill_api(struct dtlslab_endpoint_api *api) {
    api->create = create;
    api->destroy = destroy;
    api->connect = connect_to;
    api->receive = receive;
    api->poll_datagram = poll_datagram;
    api->deadline = deadline;
    api->timeout = timeout;
    api->poll_event = poll_event;
    api->send = send_data;
    api->poll_data = poll_data;
    api->close = close_session;
    api->poll_keylog = poll_keylog;
    api->session_info = adapter_stack.describe != NULL ? session_info : NULL;
}
