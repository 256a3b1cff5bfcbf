/* SPDX-License-Identifier: MIT
 *
 * New associations from an address that has one (RFC 6347 section 4.2.8), and
 * what forgers can do to old ones: nothing.
 */
#include "server/clients.h"

#include <string.h>

static struct world world;

static void connect_first(void) {
    world_client(&world, 0);
    world_run_for(&world, 1);
    assert_true(world.clients[0].connected);
    assert_int_equal(world.num_connected, 1);
}

static void begin(bool no_cookies) {
    world_init(&world, 8, 4);
    world.config.no_cookies = no_cookies;
    world_open(&world, 2);
    connect_first();
}

static void check_replaced(dtls_session old) {
    assert_int_equal(world.num_ended, 1);
    assert_int_equal(world.ended[0].end, DTLS_SESSION_REPLACED);
    assert_int_equal(world.ended[0].session.slot, old.slot);
    assert_int_equal(world.ended[0].session.generation, old.generation);
    assert_int_equal(world_statistics(&world)->sessions, 1);
    assert_null(dtls_server_connection(world.server, old));
    world_check_echo(&world, 0);
    world_check_canaries(&world);
}

static void begins_anew(bool no_cookies) {
    begin(no_cookies);
    const dtls_session old = world.last_connected;
    world_client(&world, 0);
    world_run_for(&world, 2);
    assert_int_equal(world.num_connected, 2);
    check_replaced(old);
    world_free(&world);
}

static void test_client_begins_anew_with_cookies(void **state) {
    (void)state;
    begins_anew(false);
}

static void test_client_begins_anew_without_cookies(void **state) {
    (void)state;
    begins_anew(true);
}

/* The old association is at work until the new one is whole: its data passes although a handshake goes on. */
static void test_old_association_lives_meanwhile(void **state) {
    (void)state;
    begin(false);
    const dtls_session old = world.last_connected;
    struct client first = world.clients[0];
    world.clients[0] = (struct client){.connection = NULL};
    world.mute = true;
    world_client(&world, 0);
    world_run(&world, world.now.monotonic_ns + 6 * ONE_WAY);
    assert_int_equal(world_statistics(&world)->handshakes, 1);
    assert_int_equal(world_statistics(&world)->sessions, 2);
    struct client second = world.clients[0];
    world.clients[0] = first;
    world_check_echo(&world, 0);
    world_check_echo(&world, 0);
    /* The new one's keys are known now, and its Finished finds its way. */
    first = world.clients[0];
    world.clients[0] = second;
    dtls_session session = dtls_server_next(world.server, (dtls_session){.slot = 0});
    while (session.slot == old.slot)
        session = dtls_server_next(world.server, session);
    static const uint8_t key[16] = {1, 2, 3};
    world.mute = false;
    assert_int_equal(dtls_answer_psk(dtls_server_connection(world.server, session), world.now,
                                     (dtls_span){NULL, 0}, (dtls_span){key, sizeof key}),
                     DTLS_OK);
    world_run_for(&world, 3);
    assert_int_equal(world.num_connected, 2);
    check_replaced(old);
    world.clients[1] = first; /* to be freed with the rest */
    world_free(&world);
}

/* With no cookies anybody can begin something; the old association is none the worse for it. */
static void test_forged_hello_without_cookies(void **state) {
    (void)state;
    begin(true);
    uint8_t hello[128];
    for (uint64_t i = 0; i < 100; i++)
        world_give(&world, &world.clients[0].address, hello, world_hello(i, hello));
    world_pump_server(&world);
    assert_int_equal(world_statistics(&world)->handshakes, 1);
    assert_int_equal(world_statistics(&world)->refused_busy, 99);
    world_check_echo(&world, 0);
    world_run_for(&world, 200);
    world_check_echo(&world, 0);
    assert_int_equal(world_statistics(&world)->sessions, 1);
    assert_int_equal(world.ended[0].end, DTLS_SESSION_FAILED);
    /* Its peer does begin anew, in the middle of another that has shown that nobody is there. */
    world_give(&world, &world.clients[0].address, hello, world_hello(1000, hello));
    world_run_for(&world, 2);
    world_client(&world, 0);
    world_run_for(&world, 30);
    assert_true(world.clients[0].connected);
    world_check_echo(&world, 0);
    assert_int_equal(world_statistics(&world)->sessions, 1);
    world_free(&world);
}

static void test_forged_hello_with_cookies(void **state) {
    (void)state;
    begin(false);
    uint8_t hello[128];
    for (uint64_t i = 0; i < 100; i++)
        world_give(&world, &world.clients[0].address, hello, world_hello(i, hello));
    world_pump_server(&world);
    assert_int_equal(world_statistics(&world)->sessions, 1);
    assert_int_equal(world_statistics(&world)->opened, 1);
    world_check_echo(&world, 0);
    world_free(&world);
}

/* The ClientHello that began the session comes again, much later. */
static void test_late_duplicate_of_the_hello(void **state) {
    (void)state;
    world_init(&world, 8, 4);
    world_open(&world, 1);
    struct client *client = world_client(&world, 0);
    world_pump_client(&world, 0);
    world_run(&world, world.now.monotonic_ns + 2 * ONE_WAY);
    assert_non_null(world.flying);
    uint8_t hello[MAX_DATAGRAM];
    const size_t len = world.flying->len;
    assert_int_equal(world.flying->client, -1);
    memcpy(hello, world.flying->bytes, len);
    world_run_for(&world, 1);
    assert_true(client->connected);
    const size_t answered = world.num_to_clients;
    world_give(&world, &client->address, hello, len);
    world_pump_server(&world);
    assert_int_equal(world_statistics(&world)->hellos_repeated, 1);
    assert_int_equal(world_statistics(&world)->opened, 1);
    assert_int_equal(world.num_to_clients, answered);
    world_check_echo(&world, 0);
    world_free(&world);
}

/* Records that do not authenticate: no event, no datagram, no sign of life. */
static void test_forged_records(void **state) {
    (void)state;
    world_init(&world, 8, 4);
    world.config.idle_timeout_ns = 100 * SECOND;
    world_open(&world, 1);
    connect_first();
    world_check_echo(&world, 0);
    const uint64_t deadline = dtls_server_deadline(world.server);
    const size_t answered = world.num_to_clients;
    world.now.monotonic_ns += 50 * SECOND;
    for (unsigned type = 0; type < 256; type++) {
        for (unsigned epoch = 0; epoch < 3; epoch++) {
            uint8_t record[13 + 32] = {(uint8_t)type, 0xfe, 0xfd, 0, (uint8_t)epoch, 0, 0, 0, 1, 0,
                                       (uint8_t)type, 0,    32};
            world_give(&world, &world.clients[0].address, record, sizeof record);
            record[12] = 2;
            record[13] = 2;
            world_give(&world, &world.clients[0].address, record, 15);
        }
    }
    dtls_server_event event;
    assert_int_equal(dtls_server_poll_event(world.server, &event), DTLS_NOTHING);
    world_pump_server(&world);
    assert_int_equal(world.num_to_clients, answered);
    assert_int_equal(dtls_server_deadline(world.server), deadline);
    world_check_echo(&world, 0);
    assert_true(dtls_server_deadline(world.server) > deadline);
    world_free(&world);
}

/* A secret is good for two lifetimes at most. */
static void test_cookies_age(void **state) {
    (void)state;
    for (unsigned lifetimes = 0; lifetimes < 4; lifetimes++) {
        world_init(&world, 8, 4);
        world.config.cookie_lifetime_ns = 100 * SECOND;
        world_open(&world, 1);
        struct client *client = world_client(&world, 0);
        world_pump_client(&world, 0);
        world_run(&world, world.now.monotonic_ns + 2 * ONE_WAY);
        assert_non_null(world.flying);
        uint8_t other[128];
        const dtls_address stranger = world_address(77);
        world.now.monotonic_ns += lifetimes * 100 * SECOND;
        if (lifetimes == 3) /* the secret has changed twice: once in its turn, once now */
            world.now.monotonic_ns -= 101 * SECOND;
        if (lifetimes == 3)
            world_give(&world, &stranger, other, world_hello(1, other));
        if (lifetimes == 3)
            world.now.monotonic_ns += 101 * SECOND;
        world_give(&world, &client->address, world.flying->bytes, world.flying->len);
        assert_int_equal(world_statistics(&world)->opened, lifetimes < 2);
        world_free(&world);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_client_begins_anew_with_cookies),
        cmocka_unit_test(test_client_begins_anew_without_cookies),
        cmocka_unit_test(test_forged_hello_without_cookies),
        cmocka_unit_test(test_forged_hello_with_cookies),
        cmocka_unit_test(test_late_duplicate_of_the_hello),
        cmocka_unit_test(test_forged_records),
        cmocka_unit_test(test_cookies_age),
        cmocka_unit_test(test_old_association_lives_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
