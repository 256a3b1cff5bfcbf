/* SPDX-License-Identifier: MIT
 *
 * A server of many sessions. The input is four bytes of settings for its
 * connections, two of its own (enum below), and a script (drive.h) whose items
 * have a byte between length and datagram: the sender, or the session that a
 * call is for.
 */
#include <string.h>

#include "drive.h"
#include "dtls/connection_id.h"
#include "dtls/server.h"
#include "fuzz.h"
#include "mutate.h"
#include "null_crypto.h"

enum {
    NO_COOKIES = 1,
    LIMIT_SOURCE = 2,
    PREFIX = 4,
    IDLE = 8,
    EVICT_SESSIONS = 16,
    EVICT_HANDSHAKES = 32,
    IDS = 64
};

#define NUM_SESSIONS   4
#define NUM_HANDSHAKES 2
#define SECOND         UINT64_C(1000000000)
#define CANARY         64

struct service {
    struct settings settings;
    uint32_t bits;
    dtls_server_config config;
    dtls_server *server;
    uint8_t *memory; /* a canary in front, and one behind */
    size_t size;
    dtls_time now;
    dtls_session sessions[NUM_SESSIONS]; /* by slot, as events have told */
    dtls_event_kind questions[NUM_SESSIONS];
    bool closed;
};

static bool open_server(struct service *service, uint32_t bits, unsigned own) {
    *service = (struct service){.bits = bits, .now = {.monotonic_ns = SECOND, .calendar_s = 1767225600}};
    if ((own & IDS) != 0)
        bits |= SETTINGS_CONNECTION_ID;
    if (!settings_make(&service->settings, DTLS_SERVER, bits))
        return false;
    service->config = (dtls_server_config){
        .connection = &service->settings.config,
        .max_sessions = NUM_SESSIONS,
        .max_handshakes = NUM_HANDSHAKES,
        .max_handshakes_per_source = (own & LIMIT_SOURCE) != 0 ? 1 : 0,
        .source_prefix_len = (own & PREFIX) != 0 ? 1 : 0,
        .idle_timeout_ns = (own & IDLE) != 0 ? 20 * SECOND : 0,
        .evict_session_ns = (own & EVICT_SESSIONS) != 0 ? SECOND : 0,
        .evict_handshake_ns = (own & EVICT_HANDSHAKES) != 0 ? SECOND : 0,
        .connection_ids = (own & IDS) != 0 ? &dtls_server_connection_ids : NULL,
        .no_cookies = (own & NO_COOKIES) != 0,
        .max_replies = 2,
    };
    service->size = dtls_server_size(&service->config);
    if (service->size == 0)
        return false;
    service->memory = malloc(service->size + 2 * (size_t)CANARY);
    fuzz_check(service->memory != NULL);
    memset(service->memory, 0xa5, service->size + 2 * (size_t)CANARY);
    fuzz_check(dtls_server_open(&service->config, service->memory + CANARY, service->size, service->now,
                                &service->server) == DTLS_OK);
    return true;
}

static void close_server(struct service *service) {
    dtls_server_wipe(service->server);
    for (size_t i = 0; i < CANARY; i++)
        fuzz_check(service->memory[i] == 0xa5 && service->memory[CANARY + service->size + i] == 0xa5);
    free(service->memory);
}

static size_t index_of(const struct service *service, dtls_session session) {
    size_t i = 0;
    while (i < NUM_SESSIONS && (service->sessions[i].slot != session.slot ||
                                service->sessions[i].generation != session.generation))
        i++;
    return i;
}

static size_t place_of(struct service *service, dtls_session session) {
    size_t i = index_of(service, session);
    if (i < NUM_SESSIONS)
        return i;
    i = index_of(service, (dtls_session){0, 0});
    fuzz_check(i < NUM_SESSIONS);
    service->sessions[i] = session;
    service->questions[i] = 0;
    return i;
}

static void answer(struct service *service, size_t i) {
    const dtls_event_kind question = service->questions[i];
    dtls_connection *connection = dtls_server_connection(service->server, service->sessions[i]);
    if (question == 0 || connection == NULL)
        return;
    service->questions[i] = 0;
    (void)drive_answer(connection, service->now, DTLS_SERVER, question, (dtls_span){.data = NULL});
}

static void take_event(struct service *service, const dtls_server_event *event) {
    const size_t i = place_of(service, event->session);
    dtls_address address;
    fuzz_check(dtls_server_connection(service->server, event->session) != NULL);
    fuzz_check(dtls_server_peer(service->server, event->session, &address, NULL) == DTLS_OK);
    fuzz_check(address.len > 0);
    if (event->kind == DTLS_SERVER_EVENT_ENDED) {
        fuzz_check(event->end >= DTLS_SESSION_CLOSED && event->end <= DTLS_SESSION_SHUT_DOWN);
        service->sessions[i] = (dtls_session){0, 0};
        return;
    }
    if (event->kind != DTLS_SERVER_EVENT_SESSION)
        return;
    if (event->event.kind == DTLS_EVENT_PATH_CHANGED)
        (void)dtls_accept_path(dtls_server_connection(service->server, event->session), event->event.path);
    if (event->event.kind < DTLS_EVENT_LOOK_UP_PSK)
        return;
    service->questions[i] = event->event.kind;
    if ((service->bits & SETTINGS_SLOW) == 0)
        answer(service, i);
}

static void check_numbers(const struct service *service) {
    const dtls_server_statistics *numbers = dtls_server_get_statistics(service->server);
    uint64_t ended = 0;
    for (size_t i = 0; i <= DTLS_SESSION_SHUT_DOWN; i++)
        ended += numbers->ended[i];
    fuzz_check(numbers->sessions <= NUM_SESSIONS && numbers->handshakes <= NUM_HANDSHAKES);
    fuzz_check(numbers->connected <= numbers->opened && ended <= numbers->opened);
    uint64_t walked = 0;
    dtls_session session = {0, 0};
    while ((session = dtls_server_next(service->server, session)).generation != 0 || session.slot != 0)
        fuzz_check(++walked <= NUM_SESSIONS);
}

static void take_out(struct service *service) {
    uint8_t datagram[DRIVE_DATAGRAM];
    size_t len;
    dtls_address address;
    dtls_server_event event;
    bool more = true;
    while (more) {
        more = false;
        while (dtls_server_poll_event(service->server, &event) == DTLS_OK) {
            take_event(service, &event);
            more = true;
        }
        while (dtls_server_poll_datagram(service->server, service->now, datagram, sizeof datagram, &len,
                                         &address, NULL) == DTLS_OK) {
            fuzz_check(len > 0 && len <= service->settings.config.mtu && address.len > 0);
            more = true;
        }
    }
    check_numbers(service);
}

static void receive(struct service *service, unsigned sender, dtls_span bytes) {
    uint8_t *copy = malloc(bytes.len + 1);
    fuzz_check(copy != NULL);
    memcpy(copy, bytes.data, bytes.len);
    dtls_server_datagram datagram = {
        .bytes = copy,
        .len = bytes.len,
        .address = {.len = 4, .bytes = {(uint8_t)(sender & 3), 2, (uint8_t)(sender & 7), 4}},
        .path = sender & 1};
    service->now.monotonic_ns += 1000000;
    for (size_t taken = 0; taken == 0;) {
        dtls_server_plaintext plaintext;
        size_t num = 1;
        fuzz_check(dtls_server_receive(service->server, service->now, &datagram, 1, &plaintext, &num,
                                       &taken) == DTLS_OK);
        if (num > 0) {
            fuzz_check(plaintext.plaintext.data >= copy &&
                       plaintext.plaintext.data + plaintext.plaintext.len <= copy + bytes.len);
            fuzz_check(dtls_server_connection(service->server, plaintext.session) != NULL);
        }
        take_out(service);
    }
    free(copy);
}

static void expire(struct service *service) {
    const uint64_t deadline = dtls_server_deadline(service->server);
    if (deadline == DTLS_NO_DEADLINE)
        return;
    service->now.monotonic_ns = deadline > service->now.monotonic_ns ? deadline : service->now.monotonic_ns;
    fuzz_check(dtls_server_timeout(service->server, service->now) == DTLS_OK);
    take_out(service);
    /* An end is told once its last datagram is out. */
    take_out(service);
    fuzz_check(dtls_server_deadline(service->server) > service->now.monotonic_ns);
}

static void call(struct service *service, unsigned number, unsigned which) {
    const dtls_session session = service->sessions[which % NUM_SESSIONS];
    dtls_connection *connection = dtls_server_connection(service->server, session);
    uint8_t record[256];
    size_t len;
    switch ((enum drive_call)(number % DRIVE_NUM_CALLS)) {
    case DRIVE_ANSWER:
        answer(service, which % NUM_SESSIONS);
        break;
    case DRIVE_WRITE:
    case DRIVE_PROTECT:
        (void)dtls_server_write(service->server, session, service->now, (const uint8_t *)"data", 4, record,
                                sizeof record, &len);
        break;
    case DRIVE_CLOSE:
        if (connection != NULL)
            (void)dtls_close(connection, service->now);
        break;
    case DRIVE_ABORT:
        if (connection != NULL)
            (void)dtls_abort(connection, service->now, DTLS_ALERT_USER_CANCELED);
        break;
    case DRIVE_MOVE:
        if (which >= 0xf0) {
            fuzz_check(dtls_server_close(service->server, service->now) ==
                       (service->closed ? DTLS_ERROR_STATE : DTLS_OK));
            service->closed = true;
        }
        break;
    case DRIVE_EARLY:
        service->now.monotonic_ns += which * (SECOND / 8);
        fuzz_check(dtls_server_timeout(service->server, service->now) == DTLS_OK);
        break;
    default:
        fuzz_check(dtls_server_set_user(service->server, session, service) ==
                   (connection == NULL ? DTLS_ERROR_STATE : DTLS_OK));
        break;
    }
}

static void run(struct service *service, struct dtls_reader *script) {
    while (dtls_read_left(script) > 0) {
        const unsigned head = dtls_read_u16(script);
        const unsigned which = dtls_read_u8(script);
        if (head == 0) {
            expire(service);
        } else if (head >= DRIVE_CALL) {
            call(service, head & 0xff, which);
        } else {
            const dtls_span datagram = dtls_read_bytes(script, head);
            if (!dtls_read_ok(script) || head > DRIVE_DATAGRAM)
                return;
            receive(service, which, datagram);
        }
        take_out(service);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    struct dtls_reader reader = dtls_reader_of(data, len);
    struct service service;
    null_crypto_reset();
    const uint32_t bits = dtls_read_u32(&reader);
    const unsigned own = dtls_read_u16(&reader);
    if (!dtls_read_ok(&reader) || !open_server(&service, bits, own))
        return 0;
    run(&service, &reader);
    close_server(&service);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max_len, unsigned seed) {
    return mutate_script(data, len, max_len, seed, 6, false, 1);
}
