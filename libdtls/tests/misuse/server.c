/* SPDX-License-Identifier: MIT
 *
 * Wrong use of a server of many sessions; what it does with stale handles is
 * shown by server/interface.c.
 */
#include "misuse/misuse.h"

#include "dtls/server.h"
#include "server/clients.h"

#include <stdlib.h>

static struct world world;
static const dtls_session nobody;
static uint8_t bytes[2048];

static void rows_of_a_handle(dtls_server *server, dtls_session session, dtls_error expected) {
    dtls_address address;
    dtls_record_buffer record = {.bytes = bytes, .capacity = sizeof bytes, .len = 1};
    size_t len;
    const dtls_time now = world.now;
    ROW_NULL(dtls_server_connection, server, session);
    ROW(expected, dtls_server_peer, server, session, &address, NULL);
    ROW(expected, dtls_server_new_peer, server, session, 1, &address, NULL);
    ROW(expected, dtls_server_protect, server, session, now, &record, 1, &len);
    ROW(expected, dtls_server_write, server, session, now, bytes, 1, bytes, sizeof bytes, &len);
    ROW(expected, dtls_server_set_user, server, session, bytes);
    ROW_NULL(dtls_server_get_user, server, session);
}

/* No server, or one that was wiped: its handles are stale. */
static void rows_of_nothing(dtls_server *server, dtls_error stale) {
    dtls_server_datagram datagram = {.bytes = bytes, .len = 4, .address = world_address(1)};
    dtls_server_plaintext plaintext;
    dtls_server_event event;
    dtls_address address;
    size_t num = 1;
    size_t taken;
    const dtls_time now = world.now;
    rows_of_a_handle(server, (dtls_session){.slot = 0, .generation = 1}, stale);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_receive, server, now, &datagram, 1, &plaintext, &num, &taken);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_poll_datagram, server, now, bytes, sizeof bytes, &num, &address,
        NULL);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_poll_event, server, &event);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_timeout, server, now);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_close, server, now);
    ROW(true, DTLS_NO_DEADLINE == dtls_server_deadline, server);
    misuse_note("dtls_server_deadline");
    ROW_NULL(dtls_server_get_statistics, server);
    misuse_note("dtls_server_next");
    assert_int_equal(dtls_server_next(server, nobody).generation, 0);
    ROW_VOID(dtls_server_wipe, server);
}

static void rows_of_opening(void) {
    world_init(&world, 4, 2);
    world.config.connection = &world.server_connections;
    const dtls_server_config *config = &world.config;
    const dtls_server_config wrong = {.max_sessions = 1};
    const size_t len = dtls_server_size(config);
    const dtls_time now = world.now;
    uint8_t *memory = malloc(len + 1);
    dtls_server *out;
    ROW(DTLS_ERROR_CONFIG, dtls_server_config_check, NULL, NULL);
    ROW(DTLS_ERROR_CONFIG, dtls_server_config_check, &wrong, NULL);
    ROW(0, dtls_server_size, NULL);
    ROW(0, dtls_server_size, &wrong);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_open, NULL, memory, len, now, &out);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_open, config, NULL, len, now, &out);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_open, config, memory + 1, len, now, &out);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_open, config, memory, len, now, NULL);
    ROW(DTLS_ERROR_CONFIG, dtls_server_open, &wrong, memory, len, now, &out);
    ROW(DTLS_ERROR_NO_ROOM, dtls_server_open, config, memory, len - 1, now, &out);
    assert_null(out);
    free(memory);
}

static void rows_of_arguments(dtls_server *server, dtls_session session) {
    dtls_server_datagram datagram = {.bytes = bytes, .len = 4, .address = world_address(1)};
    dtls_server_datagram no_bytes = {.bytes = NULL, .len = 4, .address = world_address(1)};
    dtls_server_datagram no_address = {.bytes = bytes, .len = 4};
    dtls_server_plaintext plaintext;
    dtls_address address;
    uint64_t path;
    size_t num = 1;
    size_t taken;
    const dtls_time now = world.now;
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_receive, server, now, NULL, 1, &plaintext, &num, &taken);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_receive, server, now, &datagram, 1, NULL, &num, &taken);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_receive, server, now, &datagram, 1, &plaintext, NULL, &taken);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_receive, server, now, &datagram, 1, &plaintext, &num, NULL);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_receive, server, now, &no_bytes, 1, &plaintext, &num, &taken);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_receive, server, now, &no_address, 1, &plaintext, &num, &taken);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_poll_datagram, server, now, NULL, 2000, &num, &address, &path);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_poll_datagram, server, now, bytes, 2000, NULL, &address, &path);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_poll_datagram, server, now, bytes, 2000, &num, NULL, &path);
    ROW(DTLS_ERROR_NO_ROOM, dtls_server_poll_datagram, server, now, bytes, 10, &num, &address, &path);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_poll_event, server, NULL);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_peer, server, session, NULL, &path);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_new_peer, server, session, 0, NULL, &path);
    ROW(DTLS_ERROR_STATE, dtls_server_new_peer, server, session, 0, &address, &path);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_protect, server, session, now, NULL, 1, &num);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_protect, server, session, now, NULL, 0, NULL);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_write, server, session, now, NULL, 1, bytes, 2000, &num);
    ROW(DTLS_ERROR_ARGUMENT, dtls_server_write, server, session, now, bytes, 1, bytes, 2000, NULL);
    ROW(DTLS_ERROR_NO_ROOM, dtls_server_write, server, session, now, bytes, 100, bytes, 100, &num);
}

void misuse_of_servers(void **state) {
    (void)state;
    world.now = (dtls_time){.monotonic_ns = SECOND};
    rows_of_nothing(NULL, DTLS_ERROR_ARGUMENT);
    rows_of_opening();
    world_init(&world, 4, 2);
    world_open(&world, 1);
    world_client(&world, 0);
    world_run_for(&world, 1);
    const dtls_session session = world.last_connected;
    rows_of_arguments(world.server, session);
    rows_of_a_handle(world.server, nobody, DTLS_ERROR_STATE);
    rows_of_a_handle(world.server, (dtls_session){.slot = session.slot, .generation = session.generation + 1},
                     DTLS_ERROR_STATE);
    rows_of_a_handle(world.server, (dtls_session){.slot = UINT32_MAX, .generation = 1}, DTLS_ERROR_STATE);
    world_check_echo(&world, 0);
    ROW(DTLS_OK, dtls_server_close, world.server, world.now);
    ROW(DTLS_ERROR_STATE, dtls_server_close, world.server, world.now);
    ROW_VOID(dtls_server_wipe, world.server);
    rows_of_nothing(world.server, DTLS_ERROR_STATE);
    world_check_canaries(&world);
    world_free(&world);
}
