/* SPDX-License-Identifier: MIT
 *
 * Peers whose address changes (RFC 9146): found by connection ID, followed as
 * the policy says, and never led astray by a forger.
 */
#include "server/clients.h"

#include <string.h>

static struct world world;
static const dtls_extension *const extensions[] = {&dtls_extension_extended_master_secret,
                                                   &dtls_extension_connection_id, NULL};

static void begin(dtls_path_policy policy) {
    world_init(&world, 8, 4);
    world.server_connections.extensions = extensions;
    world.server_connections.path_policy = policy;
    world.client_connections.extensions = extensions;
    world.config.connection_ids = &dtls_server_connection_ids;
    world_open(&world, 3);
    world_client(&world, 0);
    world_run_for(&world, 1);
    assert_true(world.clients[0].connected);
}

/* A record of client 0, to be sent from anywhere. */
static size_t record(uint8_t out[128]) {
    size_t len;
    assert_int_equal(
        dtls_write(world.clients[0].connection, world.now, (const uint8_t *)"here", 4, out, 128, &len),
        DTLS_OK);
    return len;
}

static void test_follows(void **state) {
    (void)state;
    begin(DTLS_PATH_FOLLOW);
    uint8_t bytes[128];
    const dtls_address elsewhere = world_address(2);
    dtls_address peer;
    const size_t len = record(bytes);
    world_give(&world, &elsewhere, bytes, len);
    dtls_server_event event;
    assert_int_equal(dtls_server_peer(world.server, world.last_connected, &peer, NULL), DTLS_OK);
    assert_memory_equal(&peer, &elsewhere, sizeof peer);
    bool moved = false;
    while (dtls_server_poll_event(world.server, &event) == DTLS_OK)
        moved = moved || event.kind == DTLS_SERVER_EVENT_MOVED;
    assert_true(moved);
    assert_int_equal(world_statistics(&world)->moved, 1);
    /* A repetition of the record from a third place moves nothing. */
    const dtls_address third = world_address(1);
    world_give(&world, &third, bytes, len);
    assert_int_equal(dtls_server_peer(world.server, world.last_connected, &peer, NULL), DTLS_OK);
    assert_memory_equal(&peer, &elsewhere, sizeof peer);
    /* And back. */
    world_give(&world, &world.clients[0].address, bytes, record(bytes));
    assert_int_equal(dtls_server_peer(world.server, world.last_connected, &peer, NULL), DTLS_OK);
    assert_memory_equal(&peer, &world.clients[0].address, sizeof peer);
    while (dtls_server_poll_event(world.server, &event) == DTLS_OK)
        ;
    world_check_echo(&world, 0);
    world_check_canaries(&world);
    world_free(&world);
}

static void test_asks(void **state) {
    (void)state;
    begin(DTLS_PATH_ASK);
    uint8_t bytes[128];
    const dtls_address elsewhere = world_address(2);
    dtls_address address;
    uint64_t path;
    world_give(&world, &elsewhere, bytes, record(bytes));
    dtls_server_event event;
    assert_int_equal(dtls_server_poll_event(world.server, &event), DTLS_OK);
    assert_int_equal(event.kind, DTLS_SERVER_EVENT_SESSION);
    assert_int_equal(event.event.kind, DTLS_EVENT_PATH_CHANGED);
    assert_int_equal(dtls_server_peer(world.server, event.session, &address, NULL), DTLS_OK);
    assert_memory_equal(&address, &world.clients[0].address, sizeof address);
    assert_int_equal(dtls_server_new_peer(world.server, event.session, event.event.path, &address, &path),
                     DTLS_OK);
    assert_memory_equal(&address, &elsewhere, sizeof address);
    assert_int_equal(path, 3);
    assert_int_equal(dtls_server_new_peer(world.server, event.session, event.event.path + 1, &address, &path),
                     DTLS_ERROR_STATE);
    assert_int_equal(dtls_server_new_peer(NULL, event.session, 1, &address, &path), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_new_peer(world.server, event.session, 1, NULL, &path), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_new_peer(world.server, (dtls_session){.slot = 9}, 1, &address, &path),
                     DTLS_ERROR_STATE);
    /* Forged records from a third place, with the right ID, do not change what was asked. */
    uint8_t forged[128];
    const dtls_address third = world_address(1);
    const size_t len = record(bytes);
    memcpy(forged, bytes, len);
    forged[len - 1] ^= 1;
    world_give(&world, &third, forged, len);
    assert_int_equal(dtls_accept_path(dtls_server_connection(world.server, event.session), event.event.path),
                     DTLS_OK);
    assert_int_equal(dtls_server_poll_event(world.server, &event), DTLS_OK);
    assert_int_equal(event.kind, DTLS_SERVER_EVENT_MOVED);
    assert_int_equal(dtls_server_peer(world.server, event.session, &address, NULL), DTLS_OK);
    assert_memory_equal(&address, &elsewhere, sizeof address);
    world_free(&world);
}

static void test_ids_of_nobody(void **state) {
    (void)state;
    begin(DTLS_PATH_FOLLOW);
    const dtls_address elsewhere = world_address(2);
    uint8_t bytes[128];
    for (unsigned i = 0; i < 1000; i++) {
        const size_t len = record(bytes);
        bytes[11 + i % DTLS_SERVER_ID_LEN] ^= (uint8_t)(1 + i / DTLS_SERVER_ID_LEN);
        world_give(&world, &elsewhere, bytes, len);
    }
    assert_int_equal(world_statistics(&world)->datagrams_unknown, 1000);
    assert_int_equal(world_statistics(&world)->moved, 0);
    world_check_echo(&world, 0);
    world_free(&world);
}

/* A datagram of two records: one with the session's ID that does not authenticate, and a ClientHello of
 * before, in plaintext, which makes a server repeat its flight. */
static size_t forge(const dtls_session session, uint8_t *out) {
    dtls_span ours;
    uint8_t hello[128];
    assert_int_equal(dtls_connection_ids(dtls_server_connection(world.server, session), &ours, NULL),
                     DTLS_OK);
    static const uint8_t head[] = {25, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9};
    memcpy(out, head, sizeof head);
    memcpy(out + sizeof head, ours.data, ours.len);
    memset(out + sizeof head + ours.len, 0, 2 + 32);
    out[sizeof head + ours.len + 1] = 32;
    const size_t first = sizeof head + ours.len + 2 + 32;
    const size_t len = world_hello(1, hello);
    hello[10] = 200; /* the record's number */
    memcpy(out + first, hello, len);
    return first + len;
}

/* Nothing is authenticated before the handshake is over: whoever has seen the ID cannot make the server send
 * its flight to somebody else. */
static void test_handshake_stays(void **state) {
    (void)state;
    world_init(&world, 8, 4);
    world.server_connections.extensions = extensions;
    world.server_connections.path_policy = DTLS_PATH_FOLLOW;
    world.client_connections.extensions = extensions;
    world.config.connection_ids = &dtls_server_connection_ids;
    world_open(&world, 3);
    world.mute = true;
    world_client(&world, 0);
    world_run_for(&world, 1);
    const dtls_session session = dtls_server_next(world.server, (dtls_session){.slot = 0});
    const dtls_address elsewhere = world_address(2);
    dtls_address peer;
    uint8_t forged[256];
    const size_t len = forge(session, forged);
    world_give(&world, &elsewhere, forged, len);
    assert_int_equal(dtls_server_peer(world.server, session, &peer, NULL), DTLS_OK);
    assert_memory_equal(&peer, &world.clients[0].address, sizeof peer);
    assert_int_equal(world_statistics(&world)->moved, 0);
    world_free(&world);
}

static void test_configuration(void **state) {
    (void)state;
    dtls_config_problem problem;
    world_init(&world, 8, 4);
    world.config.connection = &world.server_connections;
    world.config.connection_ids = &dtls_server_connection_ids;
    assert_int_equal(dtls_server_config_check(&world.config, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, "connection_ids");
    world.server_connections.extensions = NULL;
    assert_int_equal(dtls_server_config_check(&world.config, &problem), DTLS_ERROR_CONFIG);
    world.server_connections.extensions = extensions;
    assert_int_equal(dtls_server_config_check(&world.config, &problem), DTLS_OK);
    world.server_connections.max_connection_id = DTLS_SERVER_ID_LEN - 1;
    assert_int_equal(dtls_server_config_check(&world.config, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, "connection_ids");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_follows),       cmocka_unit_test(test_asks),
        cmocka_unit_test(test_ids_of_nobody), cmocka_unit_test(test_handshake_stays),
        cmocka_unit_test(test_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
