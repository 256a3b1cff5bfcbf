/* SPDX-License-Identifier: MIT
 *
 * Wrong use of the server's interface, function by function; stale handles;
 * memory.
 */
#include "server/clients.h"
#include "server/siphash.h"

#include <stdlib.h>
#include <string.h>

static struct world world;
static const dtls_session none;

static void expect_problem(const char *field) {
    dtls_config_problem problem = {.field = ""};
    assert_int_equal(dtls_server_config_check(&world.config, &problem), DTLS_ERROR_CONFIG);
    assert_string_equal(problem.field, field);
    assert_int_equal(dtls_server_config_check(&world.config, NULL), DTLS_ERROR_CONFIG);
    assert_int_equal(dtls_server_size(&world.config), 0);
    dtls_server *server;
    _Alignas(max_align_t) uint8_t memory[16];
    assert_int_equal(dtls_server_open(&world.config, memory, sizeof memory, world.now, &server),
                     DTLS_ERROR_CONFIG);
    assert_null(server);
}

static void good_config(void) {
    world_init(&world, 4, 2);
    world.config.connection = &world.server_connections;
}

static void test_configuration(void **state) {
    (void)state;
    good_config();
    assert_int_equal(dtls_server_config_check(&world.config, NULL), DTLS_OK);
    assert_int_equal(dtls_server_config_check(NULL, NULL), DTLS_ERROR_CONFIG);
    world.config.connection = NULL;
    expect_problem("connection");
    world.config.connection = &world.client_connections;
    expect_problem("connection");
    good_config();
    world.server_connections.mtu = 1;
    expect_problem("mtu");
    good_config();
    world.config.max_sessions = 0;
    expect_problem("max_sessions");
    world.config.max_sessions = DTLS_SERVER_MAX_SESSIONS + 1;
    expect_problem("max_sessions");
    good_config();
    world.config.max_handshakes = 0;
    expect_problem("max_handshakes");
    world.config.max_handshakes = 5;
    expect_problem("max_handshakes");
    good_config();
    world.config.source_prefix_len = DTLS_MAX_ADDRESS + 1;
    expect_problem("source_prefix_len");
    good_config();
    world.config.max_replies = 1u << 20;
    expect_problem("max_replies");
}

static void test_open(void **state) {
    (void)state;
    good_config();
    const size_t size = dtls_server_size(&world.config);
    uint8_t *memory = malloc(size + 16);
    dtls_server *server;
    assert_int_equal(dtls_server_open(NULL, memory, size, world.now, &server), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_open(&world.config, NULL, size, world.now, &server), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_open(&world.config, memory, size, world.now, NULL), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_open(&world.config, memory + 1, size, world.now, &server),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_open(&world.config, memory, size - 1, world.now, &server),
                     DTLS_ERROR_NO_ROOM);
    assert_null(server);
    assert_int_equal(dtls_server_open(&world.config, memory, size, world.now, &server), DTLS_OK);
    dtls_server_wipe(server);
    dtls_server_wipe(server);
    dtls_server_wipe(NULL);
    assert_null(dtls_server_get_statistics(server));
    assert_int_equal(dtls_server_deadline(server), DTLS_NO_DEADLINE);
    free(memory);
}

static unsigned random_calls;

static dtls_error failing_random(void *state, uint8_t *out, size_t len) {
    return --random_calls == 0 ? DTLS_ERROR_CRYPTO : dtls_libcrypto.random(state, out, len);
}

static void test_no_randomness(void **state) {
    (void)state;
    dtls_crypto crypto = dtls_libcrypto;
    crypto.random = failing_random;
    for (unsigned n = 1; n <= 2; n++) {
        good_config();
        world.server_connections.crypto = &crypto;
        uint8_t *memory = malloc(dtls_server_size(&world.config));
        dtls_server *server;
        random_calls = n;
        assert_int_equal(
            dtls_server_open(&world.config, memory, dtls_server_size(&world.config), world.now, &server),
            DTLS_ERROR_CRYPTO);
        assert_null(server);
        free(memory);
    }
    /* Later: the newcomer is dropped, at the change of the secret and at the connection's beginning. */
    for (unsigned n = 1; n <= 2; n++) {
        random_calls = 0;
        world_init(&world, 4, 2);
        world.server_connections.crypto = &crypto;
        world_open(&world, 1);
        world.now.monotonic_ns += 61 * SECOND;
        world_client(&world, 0);
        random_calls = n;
        world_run(&world, world.now.monotonic_ns + 10 * ONE_WAY);
        assert_int_equal(world_statistics(&world)->opened, 0);
        random_calls = 0;
        world_run_for(&world, 10);
        assert_true(world.clients[0].connected);
        world_free(&world);
    }
}

static void test_receive(void **state) {
    (void)state;
    world_init(&world, 4, 2);
    world_open(&world, 1);
    uint8_t bytes[64] = {0};
    dtls_server_datagram datagram = {.bytes = bytes, .len = sizeof bytes, .address = world_address(1)};
    dtls_server_plaintext plaintext;
    size_t num = 1;
    size_t taken;
    const dtls_time now = world.now;
    dtls_server *server = world.server;
    assert_int_equal(dtls_server_receive(NULL, now, &datagram, 1, &plaintext, &num, &taken),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_receive(server, now, NULL, 1, &plaintext, &num, &taken),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_receive(server, now, &datagram, 1, NULL, &num, &taken), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_receive(server, now, &datagram, 1, &plaintext, NULL, &taken),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_receive(server, now, &datagram, 1, &plaintext, &num, NULL),
                     DTLS_ERROR_ARGUMENT);
    datagram.address.len = 0;
    assert_int_equal(dtls_server_receive(server, now, &datagram, 1, &plaintext, &num, &taken),
                     DTLS_ERROR_ARGUMENT);
    datagram.address.len = DTLS_MAX_ADDRESS + 1;
    assert_int_equal(dtls_server_receive(server, now, &datagram, 1, &plaintext, &num, &taken),
                     DTLS_ERROR_ARGUMENT);
    datagram.address.len = DTLS_MAX_ADDRESS;
    datagram.bytes = NULL;
    assert_int_equal(dtls_server_receive(server, now, &datagram, 1, &plaintext, &num, &taken),
                     DTLS_ERROR_ARGUMENT);
    datagram.len = 0;
    assert_int_equal(dtls_server_receive(server, now, &datagram, 1, &plaintext, &num, &taken), DTLS_OK);
    assert_int_equal(taken, 1);
    assert_int_equal(num, 0);
    assert_int_equal(dtls_server_receive(server, now, NULL, 0, NULL, &num, &taken), DTLS_OK);
    assert_int_equal(world_statistics(&world)->datagrams_unknown, 1);
    world_free(&world);
}

static void test_polls(void **state) {
    (void)state;
    world_init(&world, 4, 2);
    world_open(&world, 1);
    uint8_t out[MAX_DATAGRAM];
    size_t len;
    dtls_address address;
    dtls_server_event event;
    dtls_server *server = world.server;
    const dtls_time now = world.now;
    assert_int_equal(dtls_server_poll_event(NULL, &event), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_poll_event(server, NULL), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_poll_event(server, &event), DTLS_NOTHING);
    assert_int_equal(dtls_server_poll_datagram(NULL, now, out, sizeof out, &len, &address, NULL),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_poll_datagram(server, now, NULL, sizeof out, &len, &address, NULL),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_poll_datagram(server, now, out, sizeof out, NULL, &address, NULL),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_poll_datagram(server, now, out, sizeof out, &len, NULL, NULL),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_poll_datagram(server, now, out, 63, &len, &address, NULL),
                     DTLS_ERROR_NO_ROOM);
    assert_int_equal(dtls_server_poll_datagram(server, now, out, sizeof out, &len, &address, NULL),
                     DTLS_NOTHING);
    assert_int_equal(dtls_server_timeout(NULL, now), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_timeout(server, now), DTLS_OK);
    assert_int_equal(dtls_server_close(NULL, now), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_deadline(NULL), DTLS_NO_DEADLINE);
    assert_null(dtls_server_get_statistics(NULL));

    /* A buffer below the MTU loses nothing. */
    world_client(&world, 0);
    world_run(&world, world.now.monotonic_ns + 2 * ONE_WAY);
    world_give(&world, &world.clients[0].address, world.flying->bytes, world.flying->len);
    while (dtls_server_poll_event(server, &event) == DTLS_OK)
        ;
    assert_int_equal(dtls_server_poll_datagram(server, now, out, 100, &len, &address, NULL),
                     DTLS_ERROR_NO_ROOM);
    assert_int_equal(dtls_server_poll_datagram(server, now, out, sizeof out, &len, &address, NULL), DTLS_OK);
    assert_true(len > 0);
    world_free(&world);
}

static void check_stale(dtls_server *server, dtls_session session) {
    dtls_address address;
    uint8_t out[256];
    dtls_record_buffer record = {.bytes = out, .capacity = sizeof out, .len = 1};
    size_t len = 1;
    const dtls_time now = world.now;
    assert_null(dtls_server_connection(server, session));
    assert_int_equal(dtls_server_peer(server, session, &address, NULL), DTLS_ERROR_STATE);
    assert_int_equal(dtls_server_write(server, session, now, out, 1, out, sizeof out, &len),
                     DTLS_ERROR_STATE);
    assert_int_equal(len, 0);
    assert_int_equal(dtls_server_protect(server, session, now, &record, 1, &len), DTLS_ERROR_STATE);
    assert_int_equal(dtls_server_set_user(server, session, out), DTLS_ERROR_STATE);
    assert_null(dtls_server_get_user(server, session));
}

static void test_handles(void **state) {
    (void)state;
    world_init(&world, 1, 1);
    world_open(&world, 2);
    dtls_server *server = world.server;
    check_stale(server, none);
    check_stale(server, (dtls_session){.slot = 0, .generation = 1});
    check_stale(server, (dtls_session){.slot = 1, .generation = 1});
    check_stale(server, (dtls_session){.slot = UINT32_MAX, .generation = UINT32_MAX});
    world_client(&world, 0);
    world_run_for(&world, 1);
    const dtls_session first = world.last_connected;
    dtls_address address;
    uint64_t path;
    uint8_t out[256];
    size_t num;
    dtls_record_buffer record = {.bytes = out, .capacity = sizeof out, .len = 1};
    assert_int_equal(dtls_server_peer(server, first, &address, &path), DTLS_OK);
    assert_int_equal(path, 3);
    assert_memory_equal(&address, &world.clients[0].address, sizeof address);
    assert_int_equal(dtls_server_peer(server, first, NULL, &path), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_peer(NULL, first, &address, &path), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_set_user(server, first, &world), DTLS_OK);
    assert_ptr_equal(dtls_server_get_user(server, first), &world);
    assert_int_equal(dtls_server_set_user(NULL, first, &world), DTLS_ERROR_ARGUMENT);
    assert_null(dtls_server_get_user(NULL, first));
    assert_null(dtls_server_connection(NULL, first));
    assert_int_equal(dtls_server_protect(server, first, world.now, &record, 1, &num), DTLS_OK);
    assert_int_equal(num, 1);
    assert_true(record.len > 1);
    assert_int_equal(dtls_server_protect(NULL, first, world.now, &record, 1, &num), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_protect(server, first, world.now, &record, 1, NULL), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_protect(server, first, world.now, NULL, 1, &num), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_write(NULL, first, world.now, out, 1, out, sizeof out, &num),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_write(server, first, world.now, out, 1, out, sizeof out, NULL),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_server_write(server, first, world.now, out, 1, out, 10, &num), DTLS_ERROR_NO_ROOM);
    assert_int_equal(dtls_server_next(server, none).generation, first.generation);
    assert_int_equal(dtls_server_next(server, first).generation, 0);
    assert_int_equal(dtls_server_next(NULL, none).generation, 0);

    /* It ends; its place goes to another, whose name the old handle is not. */
    dtls_close(world.clients[0].connection, world.now);
    world_run_for(&world, 1);
    check_stale(server, first);
    world_client(&world, 1);
    world_run_for(&world, 1);
    assert_int_equal(world.last_connected.slot, first.slot);
    assert_true(world.last_connected.generation != first.generation);
    check_stale(server, first);
    assert_null(dtls_server_get_user(server, world.last_connected));
    world_free(&world);
}

/* The application ends a session with an alert. */
static void test_abort(void **state) {
    (void)state;
    world_init(&world, 2, 2);
    world_open(&world, 1);
    world_client(&world, 0);
    world_run_for(&world, 1);
    assert_int_equal(dtls_abort(dtls_server_connection(world.server, world.last_connected), world.now,
                                DTLS_ALERT_ACCESS_DENIED),
                     DTLS_OK);
    world_run_for(&world, 1);
    assert_int_equal(world.num_ended, 1);
    assert_int_equal(world.ended[0].end, DTLS_SESSION_FAILED);
    assert_true(world.clients[0].failed);
    world_free(&world);
}

/* The reference vectors: key 00 … 0f, message 00, 01, … */
static void test_siphash(void **state) {
    (void)state;
    uint8_t bytes[64];
    for (uint8_t i = 0; i < sizeof bytes; i++)
        bytes[i] = i;
    assert_true(dtls_siphash(bytes, bytes, 0) == UINT64_C(0x726fdb47dd0e0e31));
    assert_true(dtls_siphash(bytes, bytes, 1) == UINT64_C(0x74f839c593dc67fd));
    assert_true(dtls_siphash(bytes, bytes, 8) == UINT64_C(0x93f5f5799a932462));
    assert_true(dtls_siphash(bytes, bytes, 15) == UINT64_C(0xa129ca6149be45e5));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_configuration), cmocka_unit_test(test_open),
        cmocka_unit_test(test_no_randomness), cmocka_unit_test(test_receive),
        cmocka_unit_test(test_polls),         cmocka_unit_test(test_handles),
        cmocka_unit_test(test_abort),         cmocka_unit_test(test_siphash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
