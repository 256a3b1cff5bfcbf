/* SPDX-License-Identifier: MIT
 *
 * The scripted endpoint of the tests; see ping.h.
 */
#include "ping.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND UINT64_C(1000000000)

void ping_init(struct dtlslab_endpoint *endpoint) {
    memset(endpoint, 0, sizeof *endpoint);
    endpoint->deadline = DTLSLAB_NO_DEADLINE;
    endpoint->answers = true;
}

static void put(struct ping_queue *queue, uint64_t id, const char *word, const uint8_t *bytes, uint32_t len,
                uint32_t padding) {
    struct ping_item *item = &queue->items[(queue->first + queue->num++) % PING_QUEUE];
    size_t word_len = strlen(word);
    item->id = id;
    memcpy(item->bytes, word, word_len);
    if (len > 0)
        memcpy(item->bytes + word_len, bytes, len);
    memset(item->bytes + word_len + len, '.', padding);
    item->len = (uint32_t)word_len + len + padding;
}

static int32_t take(struct ping_queue *queue, uint64_t *out_id, uint8_t *out, uint32_t cap,
                    uint32_t *out_len) {
    if (queue->num == 0)
        return DTLSLAB_NOTHING;
    const struct ping_item *item = &queue->items[queue->first];
    if (item->len > cap)
        return DTLSLAB_NO_ROOM;
    *out_id = item->id;
    *out_len = item->len;
    memcpy(out, item->bytes, item->len);
    queue->first = (queue->first + 1) % PING_QUEUE;
    queue->num--;
    return DTLSLAB_OK;
}

static void tell(struct dtlslab_endpoint *endpoint, enum dtlslab_event_kind kind, uint64_t session) {
    struct dtlslab_event *event = &endpoint->events[endpoint->num_events++ % PING_QUEUE];
    *event = (struct dtlslab_event){.kind = (uint32_t)kind, .session = session, .path = session};
}

static int32_t ping_create(const struct dtlslab_config *config, struct dtlslab_endpoint **out_endpoint,
                           char *message) {
    (void)message;
    struct dtlslab_endpoint *endpoint = malloc(sizeof *endpoint);
    if (endpoint == NULL)
        return DTLSLAB_FAILED;
    ping_init(endpoint);
    endpoint->padding = config->mtu;
    *out_endpoint = endpoint;
    return DTLSLAB_OK;
}

static void ping_destroy(struct dtlslab_endpoint *endpoint) {
    free(endpoint);
}

static int32_t ping_connect(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t path,
                            uint64_t *out_session) {
    endpoint->path = path;
    endpoint->interval = SECOND;
    endpoint->deadline = now + SECOND;
    put(&endpoint->datagrams, path, "PING", NULL, 0, endpoint->padding);
    *out_session = path;
    return DTLSLAB_OK;
}

static int32_t ping_receive(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t path,
                            const uint8_t *datagram, uint32_t len) {
    (void)now;
    endpoint->received++;
    endpoint->seen_wall = (uint64_t)time(NULL);
    if (len >= 4 && memcmp(datagram, "PING", 4) == 0 && endpoint->answers) {
        put(&endpoint->datagrams, path, "PONG", NULL, 0, endpoint->padding);
    } else if (len >= 4 && memcmp(datagram, "PONG", 4) == 0 && endpoint->deadline != DTLSLAB_NO_DEADLINE) {
        endpoint->deadline = DTLSLAB_NO_DEADLINE;
        tell(endpoint, DTLSLAB_EVENT_CONNECTED, path);
        put(&endpoint->keylog, 0, "CLIENT_RANDOM 00 00", NULL, 0, 0);
    } else if (len >= 1 && datagram[0] == '=') {
        put(&endpoint->data, path, "", datagram + 1, len - 1, 0);
    }
    return endpoint->answer;
}

static int32_t ping_poll_datagram(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t *out_path,
                                  uint8_t *out, uint32_t out_cap, uint32_t *out_len) {
    (void)now;
    return take(&endpoint->datagrams, out_path, out, out_cap, out_len);
}

static uint64_t ping_deadline(struct dtlslab_endpoint *endpoint, uint64_t now) {
    (void)now;
    return endpoint->deadline;
}

static int32_t ping_timeout(struct dtlslab_endpoint *endpoint, uint64_t now) {
    endpoint->timeouts++;
    if (endpoint->crawls) {
        endpoint->deadline = now;
    } else if (!endpoint->stuck) {
        endpoint->interval *= 2;
        endpoint->deadline = now + endpoint->interval;
        put(&endpoint->datagrams, endpoint->path, "PING", NULL, 0, endpoint->padding);
        tell(endpoint, DTLSLAB_EVENT_TIMEOUT, endpoint->path);
    }
    return DTLSLAB_OK;
}

static int32_t ping_poll_event(struct dtlslab_endpoint *endpoint, struct dtlslab_event *out_event) {
    if (endpoint->next_event == endpoint->num_events)
        return DTLSLAB_NOTHING;
    *out_event = endpoint->events[endpoint->next_event++ % PING_QUEUE];
    return DTLSLAB_OK;
}

static int32_t ping_send(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t session,
                         const uint8_t *data, uint32_t len) {
    (void)now;
    if (endpoint->blocked > 0) {
        endpoint->blocked--;
        return DTLSLAB_WOULD_BLOCK;
    }
    put(&endpoint->datagrams, session, "=", data, len, 0);
    return DTLSLAB_OK;
}

static int32_t ping_poll_data(struct dtlslab_endpoint *endpoint, uint64_t *out_session, uint8_t *out,
                              uint32_t out_cap, uint32_t *out_len) {
    return take(&endpoint->data, out_session, out, out_cap, out_len);
}

static int32_t ping_close(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t session) {
    (void)now;
    endpoint->deadline = DTLSLAB_NO_DEADLINE;
    tell(endpoint, DTLSLAB_EVENT_CLOSED, session);
    return DTLSLAB_OK;
}

static int32_t ping_poll_keylog(struct dtlslab_endpoint *endpoint, char *out, uint32_t out_cap) {
    uint64_t id;
    uint32_t len;
    int32_t result = take(&endpoint->keylog, &id, (uint8_t *)out, out_cap - 1, &len);
    if (result == DTLSLAB_OK)
        out[len] = '\0';
    return result;
}

static const char *const capabilities[] = {"client", "server", NULL};
static const char *const no_objects[] = {NULL};

#define PING_TABLE(objects)                                                                                  \
    {                                                                                                        \
        .abi = DTLSLAB_ENDPOINT_ABI, .size = sizeof(struct dtlslab_endpoint_api), .name = "ping",            \
        .version = "1", .capabilities = capabilities, .clock_objects = (objects), .create = ping_create,     \
        .destroy = ping_destroy, .connect = ping_connect, .receive = ping_receive,                           \
        .poll_datagram = ping_poll_datagram, .deadline = ping_deadline, .timeout = ping_timeout,             \
        .poll_event = ping_poll_event, .send = ping_send, .poll_data = ping_poll_data, .close = ping_close,  \
        .poll_keylog = ping_poll_keylog,                                                                     \
    }

const struct dtlslab_endpoint_api ping_api = PING_TABLE(NULL);
const struct dtlslab_endpoint_api ping_api_virtual = PING_TABLE(no_objects);
