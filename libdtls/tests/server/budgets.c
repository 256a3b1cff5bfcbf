/* SPDX-License-Identifier: MIT
 *
 * Budgets, who has to go when one is used up, and silence.
 */
#include "server/clients.h"

#include <stdlib.h>

static struct world world;

static void test_no_session_block_left(void **state) {
    (void)state;
    world_init(&world, 3, 2);
    world_open(&world, 5);
    for (size_t i = 0; i < 5; i++) {
        world_client(&world, i);
        world_run_for(&world, 1);
    }
    assert_int_equal(world.num_connected, 3);
    assert_int_equal(world.num_ended, 0);
    assert_true(world_statistics(&world)->refused_sessions > 0);
    /* One leaves, one of the waiting comes in. */
    assert_int_equal(dtls_close(world.clients[1].connection, world.now), DTLS_OK);
    world_run_for(&world, 60);
    assert_int_equal(world.num_ended, 1);
    assert_int_equal(world.ended[0].end, DTLS_SESSION_CLOSED);
    assert_int_equal(world.num_connected, 4);
    assert_true(world.clients[3].connected || world.clients[4].connected);
    world_check_canaries(&world);
    world_free(&world);
}

/* The session that was silent longest goes first, and only if it was silent long enough. */
static void test_order_of_eviction(void **state) {
    (void)state;
    world_init(&world, 4, 4);
    world.config.evict_session_ns = 10 * SECOND;
    world_open(&world, 8);
    for (size_t i = 0; i < 4; i++) {
        world_client(&world, i);
        world_run_for(&world, 1);
    }
    assert_int_equal(world.num_ended, 0);
    world_run_for(&world, 20);
    world_check_echo(&world, 0);
    world_check_echo(&world, 2);
    /* A newcomer finds no room; 1 goes for his sake. Then he comes again, takes the last place, and 3 goes.
     */
    world_client(&world, 4);
    world_run_for(&world, 5);
    assert_true(world.clients[4].connected);
    assert_int_equal(world.num_ended, 2);
    assert_int_equal(world.ended[0].end, DTLS_SESSION_EVICTED);
    assert_int_equal(world.ended[1].end, DTLS_SESSION_EVICTED);
    assert_true(world.clients[1].closed);
    assert_true(world.clients[3].closed);
    assert_false(world.clients[0].closed);
    assert_false(world.clients[2].closed);
    world_check_echo(&world, 4);
    /* Nobody has been silent for 10 seconds: nobody goes. */
    world_client(&world, 5);
    world_run_for(&world, 3);
    assert_true(world.clients[5].connected);
    world_client(&world, 6);
    world_run_for(&world, 1);
    assert_false(world.clients[6].connected);
    assert_int_equal(world.num_ended, 2);
    world_free(&world);
}

/* Handshakes that go nowhere give way to newcomers once they are old enough. */
static void test_eviction_of_handshakes(void **state) {
    (void)state;
    world_init(&world, 8, 2);
    world.config.evict_handshake_ns = 20 * SECOND;
    world.mute = true;
    world_open(&world, 4);
    for (size_t i = 0; i < 2; i++) {
        world_client(&world, i);
        world_run_for(&world, 1);
    }
    assert_int_equal(world_statistics(&world)->handshakes, 2);
    world_client(&world, 2);
    world_run_for(&world, 10);
    assert_true(world_statistics(&world)->refused_handshakes > 0);
    assert_int_equal(world.num_ended, 0);
    world_run_for(&world, 25);
    assert_true(world.num_ended > 0);
    assert_int_equal(world.ended[0].end, DTLS_SESSION_EVICTED);
    assert_int_equal(world.ended[0].session.slot, 0);
    assert_int_equal(world_statistics(&world)->opened, world_statistics(&world)->sessions + world.num_ended);
    world_free(&world);
}

static void test_idle_sessions_are_closed(void **state) {
    (void)state;
    world_init(&world, 4, 4);
    world.config.idle_timeout_ns = 30 * SECOND;
    world_open(&world, 2);
    world_client(&world, 0);
    world_client(&world, 1);
    world_run_for(&world, 20);
    world_check_echo(&world, 1);
    world_run_for(&world, 15);
    assert_true(world.clients[0].closed);
    assert_false(world.clients[1].closed);
    assert_int_equal(world.num_ended, 1);
    assert_int_equal(world.ended[0].end, DTLS_SESSION_IDLE);
    world_run_for(&world, 40);
    assert_true(world.clients[1].closed);
    assert_int_equal(world_statistics(&world)->sessions, 0);
    assert_int_equal(dtls_server_deadline(world.server), DTLS_NO_DEADLINE);
    world_free(&world);
}

/* A handshake whose peer is gone ends by its deadline, and its blocks are free again. */
static void test_handshake_times_out(void **state) {
    (void)state;
    world_init(&world, 1, 1);
    world.server_connections.handshake_timeout_ns = 50 * SECOND;
    world.mute = true;
    world_open(&world, 2);
    world_client(&world, 0);
    world_run(&world, world.now.monotonic_ns + 4 * ONE_WAY);
    dtls_connection_wipe(world.clients[0].connection);
    world.clients[0].connection = NULL;
    world_run_for(&world, 51);
    assert_int_equal(world.num_ended, 1);
    assert_int_equal(world.ended[0].end, DTLS_SESSION_FAILED);
    world.mute = false;
    world_client(&world, 1);
    world_run_for(&world, 2);
    assert_true(world.clients[1].connected);
    world_free(&world);
}

/* The server's application closes at once, and our last flight is lost: it is repeated all the same. */
static void test_closed_session_lingers(void **state) {
    (void)state;
    world_init(&world, 2, 2);
    world_open(&world, 1);
    struct client *client = world_client(&world, 0);
    while (world.num_connected == 0) {
        world_run(&world, world.now.monotonic_ns + ONE_WAY);
        assert_true(world.now.monotonic_ns < 10 * SECOND);
    }
    world.loss = 1000;
    assert_false(client->connected);
    /* What is under way to the client is lost too. */
    while (world.flying != NULL) {
        struct flying *next = world.flying->next;
        free(world.flying);
        world.flying = next;
    }
    dtls_close(dtls_server_connection(world.server, world.last_connected), world.now);
    world_pump_server(&world);
    world.loss = 0;
    assert_int_equal(world.num_ended, 0);
    world_run_for(&world, 5);
    assert_true(client->connected);
    assert_true(client->closed);
    assert_int_equal(world.num_ended, 1);
    assert_int_equal(world.ended[0].end, DTLS_SESSION_CLOSED);
    world_free(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_session_block_left),  cmocka_unit_test(test_order_of_eviction),
        cmocka_unit_test(test_eviction_of_handshakes), cmocka_unit_test(test_idle_sessions_are_closed),
        cmocka_unit_test(test_handshake_times_out),    cmocka_unit_test(test_closed_session_lingers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
