/* SPDX-License-Identifier: MIT
 *
 * A client and a server in one program.
 */
#include "both_sides.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

dtls_time example_time = {.monotonic_ns = 1, .calendar_s = 1767225600};

void example_expect(bool ok, const char *what) {
    if (ok)
        return;
    fprintf(stderr, "not as expected: %s\n", what);
    exit(1);
}

void example_open(struct example_side *side, const dtls_config *config,
                  void (*on_event)(dtls_connection *connection, const dtls_event *event)) {
    const size_t session_len = dtls_session_size(config);
    const size_t handshake_len = dtls_handshake_size(config);
    dtls_config_problem problem = {.field = "", .expected = "memory"};
    side->on_event = on_event;
    side->session_memory = malloc(session_len);
    side->handshake_memory = malloc(handshake_len);
    (void)dtls_config_check(config, &problem);
    example_expect(dtls_connection_open(config, side->session_memory, session_len, side->handshake_memory,
                                        handshake_len, &side->connection) == DTLS_OK,
                   problem.expected);
}

void example_answer_psk(dtls_connection *connection, const dtls_event *event) {
    static const uint8_t key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    if (event->kind == DTLS_EVENT_LOOK_UP_PSK)
        (void)dtls_answer_psk(connection, example_time,
                              (dtls_span){.data = (const uint8_t *)"example", .len = 7},
                              (dtls_span){.data = key, .len = sizeof key});
}

void example_close(struct example_side *side) {
    dtls_connection_wipe(side->connection);
    free(side->session_memory);
    free(side->handshake_memory);
}

static void take_events(struct example_side *side) {
    dtls_event event;
    while (dtls_poll_event(side->connection, &event) == DTLS_OK) {
        if (event.kind == DTLS_EVENT_FAILED)
            fprintf(stderr, "%s\n", dtls_strerror(dtls_connection_get_failure(side->connection)->error));
        if (side->on_event != NULL)
            side->on_event(side->connection, &event);
    }
}

/* One datagram to the other side. False: none waits. */
static bool carry_one(struct example_side *from, struct example_side *to) {
    uint8_t bytes[2048];
    size_t len;
    size_t num = 0;
    size_t taken;
    if (dtls_poll_datagram(from->connection, example_time, bytes, sizeof bytes, &len, NULL) != DTLS_OK)
        return false;
    dtls_datagram datagram = {.bytes = bytes, .len = len, .path = from->path};
    (void)dtls_receive(to->connection, example_time, &datagram, 1, NULL, &num, &taken);
    take_events(to);
    return true;
}

void example_carry(struct example_side *a, struct example_side *b) {
    take_events(a);
    take_events(b);
    while (carry_one(a, b) || carry_one(b, a))
        continue;
}

bool example_connect(struct example_side *client, struct example_side *server) {
    if (dtls_connection_start(client->connection, example_time) != DTLS_OK)
        return false;
    example_carry(client, server);
    return dtls_connection_get_info(client->connection)->connected &&
           dtls_connection_get_info(server->connection)->connected;
}

bool example_send(struct example_side *from, struct example_side *to, const char *text) {
    uint8_t record[2048];
    dtls_datagram datagram = {.bytes = record, .path = from->path};
    dtls_plaintext arrived;
    size_t num = 1;
    size_t taken;
    const size_t len = strlen(text);
    if (dtls_write(from->connection, example_time, (const uint8_t *)text, len, record, sizeof record,
                   &datagram.len) != DTLS_OK ||
        dtls_receive(to->connection, example_time, &datagram, 1, &arrived, &num, &taken) != DTLS_OK)
        return false;
    bool whole = num == 1 && arrived.len == len && memcmp(arrived.data, text, len) == 0;
    take_events(to);
    return whole;
}
