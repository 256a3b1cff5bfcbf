/* SPDX-License-Identifier: MIT
 *
 * Many clients on one server, and floods of strangers.
 */
#include "server/clients.h"

#include <stdlib.h>
#include <string.h>

#define MANY 1000

static struct world world;

static void connect_all(size_t num) {
    for (size_t i = 0; i < num; i++)
        world_client(&world, i);
    world_run_for(&world, 170);
    for (size_t i = 0; i < num; i++)
        assert_true(world.clients[i].connected);
    assert_int_equal(world_statistics(&world)->sessions, num);
    assert_int_equal(world_statistics(&world)->handshakes, 0);
    assert_int_equal(world_statistics(&world)->connected, num);
}

static void test_a_thousand_clients_with_loss(void **state) {
    (void)state;
    world_init(&world, MANY, MANY);
    world_open(&world, MANY);
    world.loss = 100;
    connect_all(MANY);
    for (size_t i = 0; i < MANY; i += 97)
        world_check_echo(&world, i);
    world_check_canaries(&world);
    world_free(&world);
}

/* Handshake blocks are far fewer than sessions: clients take turns. */
static void test_few_handshake_blocks(void **state) {
    (void)state;
    world_init(&world, 40, 8);
    world_open(&world, 40);
    connect_all(40);
    assert_true(world_statistics(&world)->refused_handshakes > 0);
    world_check_canaries(&world);
    world_free(&world);
}

static void test_close_of_all(void **state) {
    (void)state;
    world_init(&world, 50, 50);
    world_open(&world, 50);
    connect_all(49);
    world_client(&world, 49);
    world_pump(&world);
    world_run(&world, world.now.monotonic_ns + 3 * ONE_WAY);
    assert_int_equal(dtls_server_close(world.server, world.now), DTLS_OK);
    assert_int_equal(dtls_server_close(world.server, world.now), DTLS_ERROR_STATE);
    world_run_for(&world, 1);
    for (size_t i = 0; i < 49; i++)
        assert_true(world.clients[i].closed);
    assert_int_equal(world_statistics(&world)->ended[DTLS_SESSION_SHUT_DOWN], 50);
    assert_int_equal(world_statistics(&world)->sessions, 0);
    assert_int_equal(world_statistics(&world)->handshakes, 0);
    assert_int_equal(dtls_server_deadline(world.server), DTLS_NO_DEADLINE);
    world_client(&world, 0);
    world_run_for(&world, 2);
    assert_true(world_statistics(&world)->refused_closing > 0);
    assert_int_equal(world_statistics(&world)->sessions, 0);
    world_free(&world);
}

/* Nothing of the block changes but what answers strangers, and that is where it was. */
static void test_flood_of_spoofed_hellos(void **state) {
    (void)state;
    world_init(&world, 4, 4);
    world_open(&world, 1);
    connect_all(1);
    size_t answered = 0;
    for (uint64_t i = 0; i < 100000; i++) {
        uint8_t bytes[MAX_DATAGRAM];
        const size_t hello_len = world_hello(i, bytes);
        dtls_server_datagram datagram = {
            .bytes = bytes, .len = hello_len, .address = world_address(1000 + (size_t)i), .path = i};
        size_t num = 0;
        size_t taken;
        assert_int_equal(dtls_server_receive(world.server, world.now, &datagram, 1, NULL, &num, &taken),
                         DTLS_OK);
        assert_int_equal(taken, 1);
        dtls_address address;
        uint64_t path;
        size_t len;
        assert_int_equal(
            dtls_server_poll_datagram(world.server, world.now, bytes, sizeof bytes, &len, &address, &path),
            DTLS_OK);
        assert_true(len <= hello_len);
        assert_int_equal(path, i);
        assert_memory_equal(address.bytes, datagram.address.bytes, address.len);
        answered++;
    }
    assert_int_equal(answered + 1, world_statistics(&world)->cookies_sent);
    assert_int_equal(world_statistics(&world)->sessions, 1);
    assert_int_equal(world_statistics(&world)->opened, 1);
    world_check_echo(&world, 0);
    world_check_canaries(&world);
    world_free(&world);
}

/* Room for cookies ends: the batch stops, and goes on. */
static void test_cookies_wait(void **state) {
    (void)state;
    enum { BATCH = 10 };
    static uint8_t bytes[BATCH][128];
    dtls_server_datagram datagrams[BATCH];
    world_init(&world, 4, 4);
    world.config.max_replies = 4;
    world_open(&world, BATCH);
    for (size_t i = 0; i < BATCH; i++)
        datagrams[i] = (dtls_server_datagram){
            .bytes = bytes[i], .len = world_hello(i, bytes[i]), .address = world_address(i)};
    size_t num = 0;
    size_t taken;
    size_t done = 0;
    for (int turn = 0; turn < 3; turn++) {
        assert_int_equal(
            dtls_server_receive(world.server, world.now, datagrams + done, BATCH - done, NULL, &num, &taken),
            DTLS_OK);
        assert_int_equal(taken, turn < 2 ? 4 : 2);
        done += taken;
        assert_int_equal(dtls_server_deadline(world.server), 0);
        world_pump_server(&world);
    }
    assert_int_equal(world.num_to_clients, BATCH);
    world_free(&world);
}

static void test_limit_by_source(void **state) {
    (void)state;
    world_init(&world, 16, 16);
    world.config.max_handshakes_per_source = 3;
    world.config.source_prefix_len = 3;
    world.mute = true;
    world_open(&world, 300);
    for (size_t i = 0; i < 5; i++)
        world_client(&world, i);
    world_client(&world, 256); /* another prefix */
    world_run(&world, world.now.monotonic_ns + 6 * ONE_WAY);
    assert_int_equal(world_statistics(&world)->handshakes, 4);
    assert_int_equal(world_statistics(&world)->refused_source, 2);
    /* Room is made by handshakes that end. */
    world.mute = false;
    world_run_for(&world, 200);
    assert_int_equal(world_statistics(&world)->handshakes, 0);
    world_free(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_thousand_clients_with_loss),
        cmocka_unit_test(test_few_handshake_blocks),
        cmocka_unit_test(test_close_of_all),
        cmocka_unit_test(test_flood_of_spoofed_hellos),
        cmocka_unit_test(test_cookies_wait),
        cmocka_unit_test(test_limit_by_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
