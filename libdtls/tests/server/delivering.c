/* SPDX-License-Identifier: MIT
 *
 * Datagrams that do not fit what is free: more records than there is room for
 * plaintexts, sessions that have just died or share an address, newcomers to a
 * server that is full, sources that look alike.
 */
#include "server/clients.h"

#include <string.h>

static struct world world;
static const dtls_extension *const with_ids[] = {&dtls_extension_extended_master_secret,
                                                 &dtls_extension_connection_id, NULL};

static void connect_client(size_t number) {
    world_client(&world, number);
    world_run_for(&world, 1);
    assert_true(world.clients[number].connected);
}

static void begin(size_t max_sessions, size_t max_handshakes) {
    world_init(&world, max_sessions, max_handshakes);
    world_open(&world, 3);
    connect_client(0);
}

/* Some records of a client behind each other, a byte of data in each. */
static size_t records(size_t number, uint8_t *out, size_t cap, size_t num) {
    size_t len = 0;
    for (size_t i = 0; i < num; i++) {
        size_t more;
        assert_int_equal(dtls_write(world.clients[number].connection, world.now, (const uint8_t *)"x", 1,
                                    out + len, cap - len, &more),
                         DTLS_OK);
        len += more;
    }
    return len;
}

#define MOST 200

/* Gives one datagram with room for so many plaintexts. Returns how many came; whether it was taken. */
static size_t receive(const dtls_address *address, uint8_t *bytes, size_t len, size_t room, bool *out_taken) {
    static dtls_server_plaintext plaintexts[MOST];
    dtls_server_datagram datagram = {.bytes = bytes, .len = len, .address = *address, .path = 3};
    size_t taken;
    assert_int_equal(dtls_server_receive(world.server, world.now, &datagram, 1, room > 0 ? plaintexts : NULL,
                                         &room, &taken),
                     DTLS_OK);
    *out_taken = taken == 1;
    return room;
}

static void test_more_records_than_room(void **state) {
    (void)state;
    begin(4, 2);
    uint8_t bytes[MAX_DATAGRAM];
    bool taken;
    const dtls_address *from = &world.clients[0].address;
    const size_t len = records(0, bytes, sizeof bytes, 30);
    assert_int_equal(receive(from, bytes, len, 0, &taken), 0);
    assert_false(taken);
    assert_int_equal(receive(from, bytes, len, 1, &taken), 1);
    assert_false(taken);
    /* The rest, when the datagram is given once more. */
    assert_int_equal(receive(from, bytes, len, MOST, &taken), 29);
    assert_true(taken);
    world_free(&world);
}

static void test_session_that_was_just_aborted(void **state) {
    (void)state;
    begin(4, 2);
    uint8_t bytes[MAX_DATAGRAM];
    bool taken;
    const size_t len = records(0, bytes, sizeof bytes, 1);
    assert_int_equal(dtls_abort(dtls_server_connection(world.server, world.last_connected), world.now,
                                DTLS_ALERT_ACCESS_DENIED),
                     DTLS_OK);
    assert_int_equal(receive(&world.clients[0].address, bytes, len, MOST, &taken), 0);
    assert_true(taken);
    world_run_for(&world, 1);
    assert_int_equal(world.num_ended, 1);
    assert_int_equal(world.ended[0].end, DTLS_SESSION_FAILED);
    world_free(&world);
}

/* A repeated ClientHello, and behind it data for which there is no room yet. */
static void test_repeated_hello_with_data(void **state) {
    (void)state;
    world_init(&world, 4, 2);
    world_open(&world, 1);
    world_client(&world, 0);
    world_run(&world, world.now.monotonic_ns + 2 * ONE_WAY);
    assert_non_null(world.flying);
    uint8_t bytes[MAX_DATAGRAM];
    size_t len = world.flying->len;
    memcpy(bytes, world.flying->bytes, len);
    world_run_for(&world, 1);
    assert_true(world.clients[0].connected);
    len += records(0, bytes + len, sizeof bytes - len, 1);
    bool taken;
    assert_int_equal(receive(&world.clients[0].address, bytes, len, 0, &taken), 0);
    assert_false(taken);
    assert_int_equal(receive(&world.clients[0].address, bytes, len, 1, &taken), 1);
    assert_true(taken);
    assert_int_equal(world_statistics(&world)->hellos_repeated, 2);
    world_free(&world);
}

/* A datagram for one of two associations that is too long to be tried on the newer one first. */
static void test_long_datagram_for_the_old_association(void **state) {
    (void)state;
    begin(4, 2);
    static uint8_t bytes[3 * 4096];
    struct client first = world.clients[0];
    world.clients[0] = (struct client){.connection = NULL};
    world.mute = true;
    world_client(&world, 0);
    world_run(&world, world.now.monotonic_ns + 6 * ONE_WAY);
    assert_int_equal(world_statistics(&world)->handshakes, 1);
    world.clients[1] = world.clients[0];
    world.clients[0] = first;
    bool taken;
    const size_t len = records(0, bytes, sizeof bytes, 150);
    assert_true(len > 4096);
    assert_int_equal(receive(&world.clients[0].address, bytes, len, MOST, &taken), 150);
    assert_true(taken);
    world_free(&world);
}

/* The only place is his own: with cookies he may have it anew, without them anybody could take it. */
static void test_full_server_and_its_own_client(void **state) {
    (void)state;
    for (int cookies = 0; cookies < 2; cookies++) {
        world_init(&world, 1, 1);
        world.config.no_cookies = cookies == 0;
        world_open(&world, 1);
        connect_client(0);
        world_client(&world, 0);
        world_run_for(&world, 5);
        assert_true(world_statistics(&world)->refused_sessions > 0);
        assert_int_equal(world.clients[0].connected, cookies == 1);
        assert_int_equal(world.num_connected, cookies == 1 ? 2 : 1);
        if (cookies == 1)
            assert_int_equal(world.ended[0].end, DTLS_SESSION_REPLACED);
        world_free(&world);
    }
}

/* All sessions are shaking hands: none of them is silent, and none goes. */
static void test_nobody_to_evict(void **state) {
    (void)state;
    world_init(&world, 1, 1);
    world.config.evict_session_ns = SECOND;
    world.mute = true;
    world_open(&world, 2);
    world_client(&world, 0);
    world_run(&world, world.now.monotonic_ns + 6 * ONE_WAY);
    world_client(&world, 1);
    world_run_for(&world, 3);
    assert_true(world_statistics(&world)->refused_handshakes > 0);
    assert_int_equal(world.num_ended, 0);
    world_free(&world);
}

static void test_begins_anew_in_the_middle(void **state) {
    (void)state;
    world_init(&world, 4, 2);
    world.mute = true;
    world_open(&world, 1);
    world_client(&world, 0);
    world_run(&world, world.now.monotonic_ns + 6 * ONE_WAY);
    assert_int_equal(world_statistics(&world)->handshakes, 1);
    world.mute = false;
    connect_client(0);
    assert_int_equal(world.num_ended, 1);
    assert_int_equal(world.ended[0].end, DTLS_SESSION_REPLACED);
    world_check_echo(&world, 0);
    world_free(&world);
}

/* Datagrams wait, and all events have been taken out. */
static void test_deadline_of_a_datagram(void **state) {
    (void)state;
    begin(4, 2);
    dtls_server_event event;
    uint8_t bytes[MAX_DATAGRAM];
    size_t len;
    dtls_address address;
    assert_int_equal(dtls_close(dtls_server_connection(world.server, world.last_connected), world.now),
                     DTLS_OK);
    while (dtls_server_poll_event(world.server, &event) == DTLS_OK)
        assert_int_not_equal(event.kind, DTLS_SERVER_EVENT_ENDED);
    assert_int_equal(dtls_server_deadline(world.server), 0);
    assert_int_equal(
        dtls_server_poll_datagram(world.server, world.now, bytes, sizeof bytes, &len, &address, NULL),
        DTLS_OK);
    world_free(&world);
}

/* Everybody is in one bucket, and some are where an address is shorter. */
static void test_sources(void **state) {
    (void)state;
    static const struct {
        size_t prefix;
        size_t len;
        unsigned refused; /* as another of the same source */
    } rows[] = {{0, 6, 0}, {0, 4, 0}, {2, 6, 1}, {2, 4, 1}, {5, 4, 0}, {8, 6, 0}};
    uint8_t hello[128];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        world_init(&world, 1, 1);
        world.config.no_cookies = true;
        world.config.max_handshakes_per_source = 1;
        world.config.source_prefix_len = rows[i].prefix;
        world_open(&world, 1);
        const dtls_address first = world_address(0);
        dtls_address second = world_address(1);
        second.len = (uint8_t)rows[i].len;
        world_give(&world, &first, hello, world_hello(0, hello));
        world_give(&world, &second, hello, world_hello(1, hello));
        assert_int_equal(world_statistics(&world)->refused_source, rows[i].refused);
        assert_int_equal(world_statistics(&world)->refused_handshakes, 1 - rows[i].refused);
        world_free(&world);
    }
}

static void begin_with_ids(dtls_path_policy policy, size_t max_sessions) {
    world_init(&world, max_sessions, max_sessions);
    world.server_connections.extensions = with_ids;
    world.server_connections.path_policy = policy;
    world.client_connections.extensions = with_ids;
    world.config.connection_ids = &dtls_server_connection_ids;
    world_open(&world, 3);
    connect_client(0);
}

/* Two that were established apart come to one address; each is known by its ID. */
static void test_two_at_one_address(void **state) {
    (void)state;
    begin_with_ids(DTLS_PATH_FOLLOW, 4);
    connect_client(1);
    uint8_t bytes[MAX_DATAGRAM];
    bool taken;
    const dtls_address *shared = &world.clients[1].address;
    assert_int_equal(receive(shared, bytes, records(0, bytes, sizeof bytes, 1), 1, &taken), 1);
    assert_int_equal(receive(shared, bytes, records(1, bytes, sizeof bytes, 1), 1, &taken), 1);
    /* A record without an ID is for the one that came last; it is forged, and changes nothing. */
    static uint8_t forged[] = {23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4};
    assert_int_equal(receive(shared, forged, sizeof forged, 1, &taken), 0);
    assert_int_equal(receive(shared, bytes, records(0, bytes, sizeof bytes, 1), 1, &taken), 1);
    assert_int_equal(receive(shared, bytes, records(1, bytes, sizeof bytes, 1), 1, &taken), 1);
    assert_int_equal(world_statistics(&world)->moved, 1);
    world_free(&world);
}

/* An old record from a new address says nothing of where its sender is; the second from there is from a
 * known one. */
static void test_old_record_from_elsewhere(void **state) {
    (void)state;
    begin_with_ids(DTLS_PATH_ASK, 4);
    uint8_t old[128];
    uint8_t bytes[128];
    bool taken;
    dtls_address address;
    const dtls_address elsewhere = world_address(2);
    const size_t old_len = records(0, old, sizeof old, 1);
    assert_int_equal(receive(&world.clients[0].address, bytes, records(0, bytes, sizeof bytes, 1), 1, &taken),
                     1);
    assert_int_equal(receive(&elsewhere, old, old_len, 1, &taken), 1);
    dtls_server_event event;
    while (dtls_server_poll_event(world.server, &event) == DTLS_OK)
        assert_int_not_equal(event.event.kind, DTLS_EVENT_PATH_CHANGED);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(receive(&elsewhere, bytes, records(0, bytes, sizeof bytes, 1), 1, &taken), 1);
    assert_int_equal(dtls_server_poll_event(world.server, &event), DTLS_OK);
    assert_int_equal(event.event.kind, DTLS_EVENT_PATH_CHANGED);
    assert_int_equal(dtls_server_new_peer(world.server, event.session, event.event.path, &address, NULL),
                     DTLS_OK);
    assert_memory_equal(&address, &elsewhere, sizeof address);
    assert_int_equal(dtls_server_poll_event(world.server, &event), DTLS_NOTHING);
    world_free(&world);
}

static bool failing;
static unsigned random_calls;

static dtls_error some_random(void *state, uint8_t *out, size_t len) {
    return --random_calls == 0 ? DTLS_ERROR_CRYPTO : dtls_libcrypto.random(state, out, len);
}

static dtls_error some_hmac(void *state, dtls_hash hash, const uint8_t *key, size_t key_len,
                            const dtls_span *parts, size_t num_parts, uint8_t *out) {
    return failing ? DTLS_ERROR_CRYPTO
                   : dtls_libcrypto.hmac(state, hash, key, key_len, parts, num_parts, out);
}

static dtls_error some_seal(void *slot, const uint8_t nonce[DTLS_AEAD_NONCE],
                            const uint8_t associated[DTLS_RECORD_ASSOCIATED], uint8_t *fragment, size_t len) {
    return failing ? DTLS_ERROR_CRYPTO
                   : dtls_libcrypto.gcm_record_seal(slot, nonce, associated, fragment, len);
}

/* A late record with the ID of a session that is over, in whose place another one stands: with no IDs, with
 * one of its own, and with an empty one because there was no randomness. */
static void test_id_of_the_session_before(void **state) {
    (void)state;
    static const dtls_extension *const without[] = {&dtls_extension_extended_master_secret, NULL};
    dtls_crypto crypto = dtls_libcrypto;
    crypto.random = some_random;
    for (unsigned i = 0; i < 3; i++) {
        random_calls = 0;
        begin_with_ids(DTLS_PATH_FOLLOW, 1);
        world_free(&world);
        world_init(&world, 1, 1);
        world.server_connections.crypto = &crypto;
        world.server_connections.extensions = with_ids;
        world.client_connections.extensions = with_ids;
        world.config.connection_ids = &dtls_server_connection_ids;
        world_open(&world, 2);
        connect_client(0);
        uint8_t late[128];
        const size_t len = records(0, late, sizeof late, 1);
        assert_int_equal(dtls_close(world.clients[0].connection, world.now), DTLS_OK);
        world_run_for(&world, 1);
        assert_int_equal(world.num_ended, 1);
        if (i == 0)
            world.client_connections.extensions = without;
        /* The connection's own randomness is the first; that of its ID the second. */
        random_calls = i == 2 ? 2 : 0;
        connect_client(1);
        bool taken;
        assert_int_equal(receive(&world.clients[0].address, late, len, 1, &taken), 0);
        assert_int_equal(world_statistics(&world)->datagrams_unknown, 1);
        world_check_echo(&world, 1);
        world_free(&world);
    }
}

/* Neither a cookie nor a record can be made. */
static void test_crypto_fails(void **state) {
    (void)state;
    dtls_crypto crypto = dtls_libcrypto;
    crypto.hmac = some_hmac;
    crypto.gcm_record_seal = some_seal;
    failing = false;
    world_init(&world, 4, 2);
    world.server_connections.crypto = &crypto;
    world_open(&world, 2);
    connect_client(0);
    world_client(&world, 1);
    world_run(&world, world.now.monotonic_ns + 2 * ONE_WAY);
    assert_non_null(world.flying);
    failing = true;
    uint8_t bytes[128];
    size_t len;
    /* A good cookie, which nobody can tell from a bad one now. */
    world_give(&world, &world.clients[1].address, world.flying->bytes, world.flying->len);
    assert_int_equal(world_statistics(&world)->opened, 1);
    const dtls_address stranger = world_address(77);
    world_give(&world, &stranger, bytes, world_hello(1, bytes));
    assert_int_equal(world_statistics(&world)->datagrams_unknown, 2);
    assert_int_equal(
        dtls_server_write(world.server, world.last_connected, world.now, bytes, 1, bytes, sizeof bytes, &len),
        DTLS_ERROR_CRYPTO);
    world_pump_server(&world);
    assert_int_equal(world.num_ended, 1);
    assert_int_equal(world.ended[0].end, DTLS_SESSION_FAILED);
    world_free(&world);
}

/* A client that resumes has the last flight, and may close in the same datagram: nothing lingers. */
static void test_finished_and_closed_at_once(void **state) {
    (void)state;
    static dtls_ticket_keys keys = {.aead = DTLS_AEAD_AES_256_GCM};
    world_init(&world, 4, 2);
    world.server_connections.resumption = &dtls_resumption_server;
    world.server_connections.ticket_keys = &keys;
    world.client_connections.resumption = &dtls_resumption_client;
    world.config.no_cookies = true;
    world_open(&world, 2);
    connect_client(0);
    uint8_t kept[DTLS_SESSION_STATE_SIZE];
    size_t kept_len;
    assert_int_equal(dtls_session_export(world.clients[0].connection, kept, sizeof kept, &kept_len), DTLS_OK);
    world_client(&world, 1);
    struct client *client = &world.clients[1];
    dtls_connection_wipe(client->connection);
    const dtls_config *config = &world.client_connections;
    assert_int_equal(dtls_connection_open(config, client->session_memory, dtls_session_size(config),
                                          client->handshake_memory, dtls_handshake_size(config),
                                          &client->connection),
                     DTLS_OK);
    assert_int_equal(
        dtls_connection_offer_session(client->connection, world.now, (dtls_span){kept, kept_len}), DTLS_OK);
    assert_int_equal(dtls_connection_start(client->connection, world.now), DTLS_OK);
    world_run(&world, world.now.monotonic_ns + 2 * ONE_WAY);
    assert_true(client->connected);
    assert_non_null(world.flying);
    uint8_t bytes[MAX_DATAGRAM];
    size_t len = world.flying->len;
    size_t more;
    memcpy(bytes, world.flying->bytes, len);
    assert_int_equal(dtls_close(client->connection, world.now), DTLS_OK);
    assert_int_equal(
        dtls_poll_datagram(client->connection, world.now, bytes + len, sizeof bytes - len, &more, NULL),
        DTLS_OK);
    world_give(&world, &client->address, bytes, len + more);
    world_pump_server(&world);
    assert_int_equal(world.num_connected, 2);
    assert_int_equal(world.num_ended, 1);
    assert_int_equal(world.ended[0].end, DTLS_SESSION_CLOSED);
    world_free(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_records_than_room),
        cmocka_unit_test(test_session_that_was_just_aborted),
        cmocka_unit_test(test_repeated_hello_with_data),
        cmocka_unit_test(test_long_datagram_for_the_old_association),
        cmocka_unit_test(test_full_server_and_its_own_client),
        cmocka_unit_test(test_nobody_to_evict),
        cmocka_unit_test(test_begins_anew_in_the_middle),
        cmocka_unit_test(test_deadline_of_a_datagram),
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_two_at_one_address),
        cmocka_unit_test(test_old_record_from_elsewhere),
        cmocka_unit_test(test_id_of_the_session_before),
        cmocka_unit_test(test_crypto_fails),
        cmocka_unit_test(test_finished_and_closed_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
