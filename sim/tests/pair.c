/* SPDX-License-Identifier: MIT
 *
 * Worlds of two endpoints for tests; see pair.h.
 */
#include "pair.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

void pair_open(struct pair *pair, const struct dtlslab_carrier_api *api, uint64_t seed, uint64_t run,
               const struct dtlslab_parameter *parameters) {
    memset(pair, 0, sizeof *pair);
    pair->api = api;
    uint32_t num = 0;
    while (parameters != NULL && parameters[num].name != NULL)
        num++;
    char message[DTLSLAB_MAX_TEXT] = "";
    int32_t result = api->create(2, seed, run, parameters, num, &pair->carrier, message);
    assert_string_equal(message, "");
    assert_int_equal(result, DTLSLAB_OK);
    pair->world = dtlslab_world_create(api, pair->carrier);
    assert_non_null(pair->world);
    ping_init(&pair->client);
    ping_init(&pair->server);
    assert_int_equal(dtlslab_world_place(pair->world, 0, &ping_api, &pair->client, 1, 0), DTLSLAB_OK);
    assert_int_equal(dtlslab_world_place(pair->world, 1, &ping_api, &pair->server, 1, 0), DTLSLAB_OK);
}

void pair_close(struct pair *pair) {
    dtlslab_world_destroy(pair->world);
    pair->api->destroy(pair->carrier);
}

uint64_t pair_connect(struct pair *pair) {
    uint64_t session;
    assert_int_equal(dtlslab_world_connect(pair->world, 0, 1, &session), DTLSLAB_OK);
    return session;
}

uint32_t pair_run(struct pair *pair, uint64_t until, uint32_t stop_events) {
    struct dtlslab_run_options options = {.until = until, .stop_events = stop_events};
    assert_int_equal(dtlslab_world_run(pair->world, &options, &pair->stopped), DTLSLAB_OK);
    return pair->stopped.why;
}

static const char *const kinds[] = {
    [DTLSLAB_LOG_DATAGRAM_SENT] = "sent",
    [DTLSLAB_LOG_DATAGRAM_DELIVERED] = "delivered",
    [DTLSLAB_LOG_DATAGRAM_LOST] = "lost",
    [DTLSLAB_LOG_DATAGRAM_DROPPED] = "dropped",
    [DTLSLAB_LOG_DATAGRAM_CHANGED] = "changed",
    [DTLSLAB_LOG_DATAGRAM_INJECTED] = "injected",
    [DTLSLAB_LOG_DEADLINE] = "deadline",
    [DTLSLAB_LOG_TIMEOUT] = "timeout",
    [DTLSLAB_LOG_EVENT] = "event",
    [DTLSLAB_LOG_KEYLOG] = "keylog",
    [DTLSLAB_LOG_DATA_SENT] = "data-sent",
    [DTLSLAB_LOG_DATA_RECEIVED] = "data-received",
    [DTLSLAB_LOG_MARKER] = "marker",
};

static int details(const struct dtlslab_log_entry *entry, char *out, size_t cap) {
    int len = (int)(entry->len > 24 ? 24 : entry->len);
    const char *bytes = entry->bytes == NULL ? "" : (const char *)entry->bytes;
    const char *text = entry->text == NULL ? "" : entry->text;
    switch (entry->kind) {
    case DTLSLAB_LOG_DATAGRAM_SENT:
    case DTLSLAB_LOG_DATAGRAM_DELIVERED:
    case DTLSLAB_LOG_DATAGRAM_INJECTED:
        return snprintf(out, cap, "peer %u #%u %.*s", entry->peer, (unsigned)entry->datagram, len, bytes);
    case DTLSLAB_LOG_DATAGRAM_LOST:
    case DTLSLAB_LOG_DATAGRAM_DROPPED:
        return snprintf(out, cap, "peer %u #%u %s", entry->peer, (unsigned)entry->datagram, text);
    case DTLSLAB_LOG_DATAGRAM_CHANGED:
        return snprintf(out, cap, "peer %u #%u of #%u %.*s %s", entry->peer, (unsigned)entry->datagram,
                        (unsigned)entry->value, len, bytes, text);
    case DTLSLAB_LOG_DEADLINE:
    case DTLSLAB_LOG_TIMEOUT:
        return entry->value == DTLSLAB_NO_DEADLINE
                   ? snprintf(out, cap, "none")
                   : snprintf(out, cap, "%llu", (unsigned long long)entry->value);
    case DTLSLAB_LOG_EVENT:
        return snprintf(out, cap, "%u", entry->event->kind);
    case DTLSLAB_LOG_DATA_SENT:
    case DTLSLAB_LOG_DATA_RECEIVED:
        return snprintf(out, cap, "%u %.*s", (unsigned)entry->value, len, bytes);
    default:
        return snprintf(out, cap, "%s", text);
    }
}

uint32_t pair_log(struct pair *pair, char *out, size_t cap) {
    struct dtlslab_log_entry entry;
    uint32_t num = 0;
    size_t used = 0;
    out[0] = '\0';
    while (dtlslab_world_next_log(pair->world, &entry) == DTLSLAB_OK) {
        assert_in_range(entry.kind, 1, DTLSLAB_LOG_MARKER);
        used += (size_t)snprintf(out + used, cap - used, "%llu %s %u ", (unsigned long long)entry.time,
                                 kinds[entry.kind], entry.node);
        assert_true(used < cap);
        used += (size_t)details(&entry, out + used, cap - used);
        assert_true(used + 1 < cap);
        out[used++] = '\n';
        out[used] = '\0';
        num++;
    }
    return num;
}

uint32_t lines_with(const char *log, const char *kind) {
    uint32_t num = 0;
    size_t len = strlen(kind);
    for (const char *line = log; *line != '\0'; line = strchr(line, '\n') + 1) {
        const char *word = strchr(line, ' ') + 1;
        num += strncmp(word, kind, len) == 0 && word[len] == ' ';
    }
    return num;
}
