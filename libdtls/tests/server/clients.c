/* SPDX-License-Identifier: MIT */
#include "server/clients.h"

#include <stdlib.h>
#include <string.h>

static const dtls_protocol *const client_protocols[] = {&dtls_client_1_2, NULL};
static const dtls_protocol *const server_protocols[] = {&dtls_server_1_2, NULL};
static const dtls_cipher_suite *const suites[] = {&dtls_suite_psk_aes_128_gcm_sha256, NULL};
static const uint8_t key[16] = {1, 2, 3};

void world_init(struct world *world, size_t max_sessions, size_t max_handshakes) {
    memset(world, 0, sizeof *world);
    const dtls_config config = {.crypto = &dtls_libcrypto,
                                .protocols = server_protocols,
                                .cipher_suites = suites,
                                .extensions = dtls_default_extensions,
                                .max_message = 1000};
    world->now = (dtls_time){.monotonic_ns = 5 * SECOND, .calendar_s = 1767225600};
    world->random = 88172645463325252u;
    world->server_connections = config;
    world->client_connections = config;
    world->client_connections.protocols = client_protocols;
    world->config = (dtls_server_config){.max_sessions = max_sessions, .max_handshakes = max_handshakes};
}

void world_open(struct world *world, size_t num_clients) {
    world->config.connection = &world->server_connections;
    dtls_config_problem problem = {.field = "", .expected = ""};
    if (dtls_server_config_check(&world->config, &problem) != DTLS_OK)
        fail_msg("%s: expected %s", problem.field, problem.expected);
    world->memory_len = dtls_server_size(&world->config);
    uint8_t *memory = malloc(world->memory_len + 2 * (size_t)CANARY);
    assert_non_null(memory);
    memset(memory, 0xa5, world->memory_len + 2 * (size_t)CANARY);
    world->memory = memory + CANARY;
    assert_int_equal(
        dtls_server_open(&world->config, world->memory, world->memory_len, world->now, &world->server),
        DTLS_OK);
    world->num_clients = num_clients;
    world->clients = calloc(num_clients, sizeof *world->clients);
    assert_non_null(world->clients);
}

void world_check_canaries(const struct world *world) {
    for (size_t i = 0; i < CANARY; i++) {
        assert_int_equal(world->memory[-1 - (ptrdiff_t)i], 0xa5);
        assert_int_equal(world->memory[world->memory_len + i], 0xa5);
    }
}

static void client_free(struct client *client) {
    dtls_connection_wipe(client->connection);
    free(client->session_memory);
    free(client->handshake_memory);
    *client = (struct client){.connection = NULL};
}

void world_free(struct world *world) {
    dtls_server_wipe(world->server);
    dtls_server_wipe(world->server);
    world_check_canaries(world);
    free(world->memory - CANARY);
    for (size_t i = 0; i < world->num_clients; i++)
        client_free(&world->clients[i]);
    free(world->clients);
    while (world->flying != NULL) {
        struct flying *next = world->flying->next;
        free(world->flying);
        world->flying = next;
    }
}

dtls_address world_address(size_t number) {
    return (dtls_address){
        .len = 6,
        .bytes = {10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number, 0x11, 0x51}};
}

struct client *world_client(struct world *world, size_t number) {
    struct client *client = &world->clients[number];
    const dtls_config *config = &world->client_connections;
    client_free(client);
    client->address = world_address(number);
    client->session_memory = malloc(dtls_session_size(config));
    client->handshake_memory = malloc(dtls_handshake_size(config));
    assert_int_equal(dtls_connection_open(config, client->session_memory, dtls_session_size(config),
                                          client->handshake_memory, dtls_handshake_size(config),
                                          &client->connection),
                     DTLS_OK);
    assert_int_equal(dtls_connection_start(client->connection, world->now), DTLS_OK);
    return client;
}

static bool lost(struct world *world) {
    world->random ^= world->random << 13;
    world->random ^= world->random >> 7;
    world->random ^= world->random << 17;
    return world->random % 1000 < world->loss;
}

/* Every datagram takes as long, so they arrive in the order in which they were sent. */
static void fly(struct world *world, int client, const dtls_address *address, const uint8_t *bytes,
                size_t len) {
    if (client < 0)
        world->num_to_server++;
    else
        world->num_to_clients++;
    if (lost(world))
        return;
    struct flying *flying = malloc(sizeof *flying + len);
    assert_non_null(flying);
    *flying = (struct flying){
        .arrival = world->now.monotonic_ns + ONE_WAY, .address = *address, .client = client, .len = len};
    memcpy(flying->bytes, bytes, len);
    struct flying **end = world->flying == NULL ? &world->flying : world->last;
    *end = flying;
    world->last = &flying->next;
}

void world_pump_client(struct world *world, size_t number) {
    struct client *client = &world->clients[number];
    dtls_event event;
    uint8_t bytes[MAX_DATAGRAM];
    size_t len;
    if (client->connection == NULL)
        return;
    while (dtls_poll_event(client->connection, &event) == DTLS_OK) {
        if (event.kind == DTLS_EVENT_LOOK_UP_PSK)
            dtls_answer_psk(client->connection, world->now, (dtls_span){(const uint8_t *)"me", 2},
                            (dtls_span){key, sizeof key});
        client->connected = client->connected || event.kind == DTLS_EVENT_CONNECTED;
        client->failed = client->failed || event.kind == DTLS_EVENT_FAILED;
        client->closed = client->closed || event.kind == DTLS_EVENT_PEER_CLOSED;
    }
    while (dtls_poll_datagram(client->connection, world->now, bytes, sizeof bytes, &len, NULL) == DTLS_OK)
        fly(world, -1, &client->address, bytes, len);
}

static void take_event(struct world *world, const dtls_server_event *event) {
    if (event->kind == DTLS_SERVER_EVENT_ENDED) {
        assert_true(world->num_ended < MAX_ENDS);
        world->ended[world->num_ended++] = (struct ended){.session = event->session, .end = event->end};
        assert_non_null(dtls_server_connection(world->server, event->session));
        return;
    }
    if (event->kind != DTLS_SERVER_EVENT_SESSION)
        return;
    if (event->event.kind == DTLS_EVENT_CONNECTED) {
        world->num_connected++;
        world->last_connected = event->session;
    }
    if (event->event.kind == DTLS_EVENT_LOOK_UP_PSK && !world->mute)
        assert_int_equal(dtls_answer_psk(dtls_server_connection(world->server, event->session), world->now,
                                         (dtls_span){NULL, 0}, (dtls_span){key, sizeof key}),
                         DTLS_OK);
}

static int client_of(const dtls_address *address) {
    return address->bytes[1] << 16 | address->bytes[2] << 8 | address->bytes[3];
}

void world_pump_server(struct world *world) {
    uint8_t bytes[MAX_DATAGRAM];
    bool any = true;
    while (any) {
        dtls_server_event event;
        dtls_address address;
        size_t len;
        any = false;
        while (dtls_server_poll_event(world->server, &event) == DTLS_OK) {
            take_event(world, &event);
            any = true;
        }
        while (dtls_server_poll_datagram(world->server, world->now, bytes, sizeof bytes, &len, &address,
                                         NULL) == DTLS_OK) {
            fly(world, client_of(&address), &address, bytes, len);
            any = true;
        }
    }
}

void world_pump(struct world *world) {
    for (size_t i = 0; i < world->num_clients; i++)
        world_pump_client(world, i);
    world_pump_server(world);
}

static void echo(struct world *world, const dtls_server_plaintext *plaintext) {
    uint8_t record[MAX_DATAGRAM];
    size_t len;
    dtls_address address;
    if (dtls_server_write(world->server, plaintext->session, world->now, plaintext->plaintext.data,
                          plaintext->plaintext.len, record, sizeof record, &len) != DTLS_OK)
        return;
    assert_int_equal(dtls_server_peer(world->server, plaintext->session, &address, NULL), DTLS_OK);
    fly(world, client_of(&address), &address, record, len);
}

void world_give(struct world *world, const dtls_address *address, const uint8_t *bytes, size_t len) {
    uint8_t copy[MAX_DATAGRAM];
    memcpy(copy, bytes, len);
    dtls_server_datagram datagram = {.bytes = copy, .len = len, .address = *address, .path = 3};
    size_t taken = 0;
    while (taken == 0) {
        dtls_server_plaintext plaintext;
        size_t num = 1;
        assert_int_equal(
            dtls_server_receive(world->server, world->now, &datagram, 1, &plaintext, &num, &taken), DTLS_OK);
        if (num == 1)
            echo(world, &plaintext);
        if (taken == 0 && num == 0)
            world_pump_server(world);
    }
}

static void client_receive(struct world *world, struct client *client, struct flying *flying) {
    dtls_datagram datagram = {.bytes = flying->bytes, .len = flying->len};
    dtls_plaintext plaintexts[4];
    size_t num = 4;
    size_t taken;
    if (client->connection == NULL ||
        dtls_receive(client->connection, world->now, &datagram, 1, plaintexts, &num, &taken) != DTLS_OK)
        return;
    for (size_t i = 0; i < num; i++) {
        client->received_len = plaintexts[i].len;
        memcpy(client->received, plaintexts[i].data, plaintexts[i].len);
    }
}

static void deliver(struct world *world) {
    struct flying *flying = world->flying;
    world->flying = flying->next;
    if (flying->client < 0) {
        world_give(world, &flying->address, flying->bytes, flying->len);
        world_pump_server(world);
    } else if ((size_t)flying->client < world->num_clients) {
        client_receive(world, &world->clients[flying->client], flying);
        world_pump_client(world, (size_t)flying->client);
    }
    free(flying);
}

static uint64_t next_time(const struct world *world) {
    uint64_t next = world->flying != NULL ? world->flying->arrival : DTLS_NO_DEADLINE;
    const uint64_t server = dtls_server_deadline(world->server);
    assert_true(server > world->now.monotonic_ns);
    next = server < next ? server : next;
    for (size_t i = 0; i < world->num_clients; i++) {
        const struct client *client = &world->clients[i];
        const bool over = client->connected || client->failed || client->connection == NULL;
        const uint64_t deadline = over ? DTLS_NO_DEADLINE : dtls_deadline(client->connection);
        next = deadline < next ? deadline : next;
    }
    return next;
}

void world_run(struct world *world, uint64_t until) {
    world_pump(world);
    for (;;) {
        const uint64_t next = next_time(world);
        if (next == DTLS_NO_DEADLINE || next > until)
            break;
        world->now.monotonic_ns = next;
        while (world->flying != NULL && world->flying->arrival <= next)
            deliver(world);
        for (size_t i = 0; i < world->num_clients; i++) {
            struct client *client = &world->clients[i];
            if (client->connection != NULL && dtls_deadline(client->connection) <= next) {
                dtls_timeout(client->connection, world->now);
                world_pump_client(world, i);
            }
        }
        assert_int_equal(dtls_server_timeout(world->server, world->now), DTLS_OK);
        world_pump_server(world);
    }
    if (until != DTLS_NO_DEADLINE && until > world->now.monotonic_ns)
        world->now.monotonic_ns = until;
}

void world_run_for(struct world *world, unsigned seconds) {
    world_run(world, world->now.monotonic_ns + seconds * SECOND);
}

void world_check_echo(struct world *world, size_t number) {
    struct client *client = &world->clients[number];
    uint8_t record[128];
    size_t len;
    const char *text = "is anybody there";
    client->received_len = 0;
    assert_int_equal(dtls_write(client->connection, world->now, (const uint8_t *)text, strlen(text), record,
                                sizeof record, &len),
                     DTLS_OK);
    const unsigned loss = world->loss;
    world->loss = 0;
    fly(world, -1, &client->address, record, len);
    world_run(world, world->now.monotonic_ns + 2 * ONE_WAY);
    world->loss = loss;
    assert_int_equal(client->received_len, strlen(text));
    assert_memory_equal(client->received, text, strlen(text));
}

size_t world_hello(uint64_t number, uint8_t *out) {
    static const uint8_t head[] = {22, 0xfe, 0xff, 0,  0, 0, 0, 0, 0, 0, 0, 0,  54,          /* the record */
                                   1,  0,    0,    42, 0, 0, 0, 0, 0, 0, 0, 42, 0xfe, 0xfd}; /* the message */
    static const uint8_t tail[] = {0, 0, 0, 2, 0, 0xa8, 1, 0}; /* no session, no cookie, one suite */
    memcpy(out, head, sizeof head);
    memset(out + sizeof head, 0x5a, 32);
    memcpy(out + sizeof head, &number, sizeof number);
    memcpy(out + sizeof head + 32, tail, sizeof tail);
    return sizeof head + 32 + sizeof tail;
}

const dtls_server_statistics *world_statistics(const struct world *world) {
    return dtls_server_get_statistics(world->server);
}
