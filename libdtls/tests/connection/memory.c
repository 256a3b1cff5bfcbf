/* SPDX-License-Identifier: MIT
 *
 * The caller's memory: sizes that are told, as functions and as constants; what
 * is wiped; what is given back; and application data in place.
 */
#include "connection/pair.h"

#include "handshake/connection.h"

#include <stdlib.h>

static void connect_pair(struct pair *pair) {
    pair_open(pair);
    pair_run(pair, pair->now.monotonic_ns + 20 * SECOND);
    pair_check_connected(pair);
}

static size_t certificate_message(const dtls_credential *credential) {
    size_t len = 12 + 3;
    for (size_t i = 0; i < credential->chain_len; i++)
        len += 3 + credential->chain[i].len;
    return len;
}

static void constants_cover_what_functions_tell(void **state) {
    (void)state;
    const dtls_crypto *crypto = &dtls_libcrypto;
    assert_true((2 + DTLS_MAX_HASHES) * crypto->hash_slot + 2 * crypto->aead_slot + crypto->key_share_slot +
                    crypto->public_key_slot <=
                DTLS_SLOTS_MAX);
    static const size_t messages[] = {256, 1000, 4000, 16384, 100001};
    static const char longest_name[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
                                       "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb."
                                       "ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc."
                                       "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd";
    static const uint8_t hint[128];
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        struct pair pair;
        pair_init_certificates(&pair);
        for (int end = 0; end < 2; end++) {
            dtls_config *config = &pair.ends[end].config;
            config->max_message = messages[i];
            config->cipher_suites = dtls_default_cipher_suites;
            config->peer_name = longest_name;
            if (end == SERVER_END)
                config->psk_identity_hint = (dtls_span){hint, sizeof hint};
            size_t own = 0;
            for (size_t c = 0; c < config->num_credentials; c++) {
                const size_t len = certificate_message(&config->credentials[c]);
                own = len > own ? len : own;
            }
            assert_true(dtls_session_size(config) <= DTLS_SESSION_SIZE);
            assert_true(DTLS_SESSION_SIZE - dtls_session_size(config) < 1000);
            print_message("%s, messages of %zu: %zu and %zu bytes\n", end == CLIENT_END ? "client" : "server",
                          messages[i], dtls_session_size(config), dtls_handshake_size(config));
            assert_true(dtls_handshake_size(config) <= DTLS_HANDSHAKE_SIZE(messages[i], own));
            /* … and are not far from it. */
            assert_true(DTLS_HANDSHAKE_SIZE(messages[i], own) - dtls_handshake_size(config) < 1000);
        }
    }
}

/* The promise: a client with certificates, for messages of 4,000 bytes. */
static void certificate_client_is_small(void **state) {
    (void)state;
    struct pair pair;
    pair_init_certificates(&pair);
    dtls_config *config = &pair.ends[CLIENT_END].config;
    config->num_credentials = 0;
    config->max_message = 4000;
    print_message("handshake %zu bytes, session %zu bytes\n", dtls_handshake_size(config),
                  dtls_session_size(config));
    assert_true(dtls_handshake_size(config) <= 9000);
    assert_true(DTLS_HANDSHAKE_SIZE(4000, 0) <= 9000);
    assert_true(dtls_session_size(config) <= 4000);
    assert_true(DTLS_SESSION_SIZE <= 4000);
}

static void too_little_memory(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    const dtls_config *config = &pair.ends[CLIENT_END].config;
    const size_t session_len = dtls_session_size(config);
    const size_t handshake_len = dtls_handshake_size(config);
    uint8_t *session = malloc(session_len + 1);
    uint8_t *handshake = malloc(handshake_len + 1);
    dtls_connection *connection;
    assert_int_equal(
        dtls_connection_open(config, session, session_len - 1, handshake, handshake_len, &connection),
        DTLS_ERROR_NO_ROOM);
    assert_int_equal(
        dtls_connection_open(config, session, session_len, handshake, handshake_len - 1, &connection),
        DTLS_ERROR_NO_ROOM);
    assert_null(connection);
    assert_int_equal(
        dtls_connection_open(config, session + 1, session_len, handshake, handshake_len, &connection),
        DTLS_ERROR_ARGUMENT);
    assert_int_equal(
        dtls_connection_open(config, session, session_len, handshake + 1, handshake_len, &connection),
        DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_connection_open(config, NULL, session_len, handshake, handshake_len, &connection),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_connection_open(config, session, session_len, NULL, handshake_len, &connection),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_connection_open(NULL, session, session_len, handshake, handshake_len, &connection),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_connection_open(config, session, session_len, handshake, handshake_len, NULL),
                     DTLS_ERROR_ARGUMENT);
    dtls_config broken = *config;
    broken.mtu = 1;
    assert_int_equal(
        dtls_connection_open(&broken, session, session_len, handshake, handshake_len, &connection),
        DTLS_ERROR_CONFIG);
    free(session);
    free(handshake);
}

static void check_zero(const uint8_t *memory, size_t len) {
    for (size_t i = 0; i < len; i++)
        assert_int_equal(memory[i], 0);
}

static void handshake_memory_is_given_back_wiped(void **state) {
    (void)state;
    struct pair pair;
    pair_init_certificates(&pair);
    pair_open(&pair);
    assert_null(dtls_connection_take_handshake_memory(pair.ends[0].connection));
    pair_run(&pair, pair.now.monotonic_ns + 20 * SECOND);
    for (int end = 0; end < 2; end++) {
        void *memory = dtls_connection_take_handshake_memory(pair.ends[end].connection);
        assert_ptr_equal(memory, pair.ends[end].handshake_memory);
        check_zero(memory, pair.ends[end].handshake_len);
        memset(memory, 0x5a, pair.ends[end].handshake_len);
        assert_null(dtls_connection_take_handshake_memory(pair.ends[end].connection));
    }
    pair_check_connected(&pair);
    pair_free(&pair);
}

static void handshake_memory_of_the_dead(void **state) {
    (void)state;
    struct pair pair;
    pair_init_certificates(&pair);
    pair.ends[CLIENT_END].config.peer_name = "other.test";
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 20 * SECOND);
    for (int end = 0; end < 2; end++) {
        assert_true(pair.ends[end].failed);
        uint8_t *memory = dtls_connection_take_handshake_memory(pair.ends[end].connection);
        assert_non_null(memory);
        check_zero(memory, pair.ends[end].handshake_len);
    }
    pair_free(&pair);
}

static void wiping_leaves_nothing(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 3 * ONE_WAY - 1);
    for (int end = 0; end < 2; end++) {
        dtls_connection_wipe(pair.ends[end].connection);
        dtls_connection_wipe(pair.ends[end].connection);
        check_zero(pair.ends[end].session_memory, pair.ends[end].session_len);
        check_zero(pair.ends[end].handshake_memory, pair.ends[end].handshake_len);
    }
    dtls_connection_wipe(NULL);
    pair_free(&pair);
}

static bool contains(const uint8_t *memory, size_t len, const uint8_t *secret, size_t secret_len) {
    for (size_t i = 0; i + secret_len <= len; i++) {
        if (memcmp(memory + i, secret, secret_len) == 0)
            return true;
    }
    return false;
}

/* What the session keeps after the handshake holds neither the PSK nor the master secret. */
static void secrets_do_not_outlive_the_handshake(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair.ends[0].config.key_log = false;
    pair.ends[SERVER_END].answer = ANSWER_LATER;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 2 * ONE_WAY);
    uint8_t master_secret[DTLS_MASTER_SECRET];
    memcpy(master_secret, pair.ends[CLIENT_END].connection->handshake->master_secret, sizeof master_secret);
    assert_true(contains(pair.ends[CLIENT_END].handshake_memory, pair.ends[CLIENT_END].handshake_len,
                         master_secret, sizeof master_secret));
    assert_false(contains(pair.ends[CLIENT_END].handshake_memory, pair.ends[CLIENT_END].handshake_len,
                          pair.psk + 8, 8));
    pair_run(&pair, pair.now.monotonic_ns + 20 * SECOND);
    for (int end = 0; end < 2; end++) {
        const struct end *e = &pair.ends[end];
        assert_true(e->connected);
        assert_false(contains(e->session_memory, e->session_len, master_secret, sizeof master_secret));
        assert_false(contains(e->session_memory, e->session_len, pair.psk + 8, 8));
    }
    pair_free(&pair);
}

/* A batch of records, made where the plaintext stands and opened where the ciphertext does. */
static void data_in_place_and_in_batches(void **state) {
    (void)state;
    enum { NUM = 5, CAP = 600 };
    struct pair pair;
    pair_init_psk(&pair);
    connect_pair(&pair);
    size_t headroom;
    size_t tailroom;
    dtls_record_overhead(pair.ends[0].connection, &headroom, &tailroom);
    assert_int_equal(headroom, 13 + 8);
    assert_int_equal(tailroom, 16);
    static uint8_t memory[NUM][CAP];
    dtls_record_buffer records[NUM];
    for (size_t i = 0; i < NUM; i++) {
        memset(memory[i] + headroom, (int)('a' + i), 500 + i);
        records[i] = (dtls_record_buffer){.bytes = memory[i], .capacity = CAP, .len = 500 + i};
    }
    size_t num;
    assert_int_equal(dtls_protect(pair.ends[0].connection, pair.now, records, NUM, &num), DTLS_OK);
    assert_int_equal(num, NUM);
    dtls_datagram datagrams[NUM];
    for (size_t i = 0; i < NUM; i++) {
        assert_int_equal(records[i].len, 500 + i + headroom + tailroom);
        datagrams[i] = (dtls_datagram){.bytes = records[i].bytes, .len = records[i].len};
    }
    dtls_plaintext plaintexts[NUM];
    size_t taken;
    num = NUM;
    assert_int_equal(
        dtls_receive(pair.ends[1].connection, pair.now, datagrams, NUM, plaintexts, &num, &taken), DTLS_OK);
    assert_int_equal(num, NUM);
    assert_int_equal(taken, NUM);
    for (size_t i = 0; i < NUM; i++) {
        assert_ptr_equal(plaintexts[i].data, memory[i] + headroom);
        assert_int_equal(plaintexts[i].len, 500 + i);
        assert_int_equal(plaintexts[i].datagram, i);
        assert_int_equal(plaintexts[i].data[0], 'a' + i);
        assert_int_equal(plaintexts[i].epoch, 1);
    }
    pair_free(&pair);
}

/* Three records in one datagram, and places for them to come one by one. */
static void places_for_data_run_out(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    connect_pair(&pair);
    /* What is dropped on the way does not use up a place, nor let the record behind it slip through. */
    uint8_t bytes[400] = {22, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 99, 0, 30};
    size_t len = 13 + 30;
    for (unsigned i = 0; i < 3; i++) {
        size_t record_len;
        dtls_write(pair.ends[0].connection, pair.now, (const uint8_t *)"abc" + i, 1, bytes + len,
                   sizeof bytes - len, &record_len);
        len += record_len;
    }
    dtls_datagram datagram = {.bytes = bytes, .len = len};
    for (unsigned i = 0; i < 4; i++) {
        dtls_plaintext plaintext;
        size_t num = i == 0 ? 0 : 1;
        size_t taken;
        assert_int_equal(
            dtls_receive(pair.ends[1].connection, pair.now, &datagram, 1, &plaintext, &num, &taken), DTLS_OK);
        assert_int_equal(num, i == 0 ? 0 : 1);
        assert_int_equal(taken, i == 3);
        if (i > 0)
            assert_int_equal(plaintext.data[0], 'a' + i - 1);
    }
    pair_free(&pair);
}

static void misuse_of_the_data_calls(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair_open(&pair);
    dtls_connection *client = pair.ends[0].connection;
    static uint8_t big[DTLS_MAX_PLAINTEXT + 1];
    uint8_t out[100];
    size_t len = 1;
    size_t tail = 1;
    dtls_record_overhead(client, &len, &tail);
    assert_int_equal(len + tail, 0);
    assert_int_equal(dtls_write(client, pair.now, out, 1, out, sizeof out, &len), DTLS_ERROR_STATE);
    pair_run(&pair, pair.now.monotonic_ns + 20 * SECOND);
    assert_int_equal(dtls_write(client, pair.now, big, sizeof big, out, sizeof out, &len),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_write(client, pair.now, big, 64, out, sizeof out, &len), DTLS_ERROR_NO_ROOM);
    assert_int_equal(dtls_write(client, pair.now, NULL, 1, out, sizeof out, &len), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_write(client, pair.now, NULL, 0, out, sizeof out, &len), DTLS_OK);
    assert_int_equal(dtls_write(NULL, pair.now, out, 1, out, sizeof out, &len), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_protect(client, pair.now, NULL, 1, &len), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_protect(client, pair.now, NULL, 0, &len), DTLS_OK);
    assert_int_equal(dtls_poll_datagram(client, pair.now, out, 100, &len, NULL), DTLS_ERROR_NO_ROOM);
    assert_int_equal(dtls_poll_datagram(client, pair.now, NULL, 1200, &len, NULL), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_receive(client, pair.now, NULL, 1, NULL, &tail, &len), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_connection_start(client, pair.now), DTLS_ERROR_STATE);
    assert_null(dtls_connection_get_failure(client));
    pair_free(&pair);
}

static void null_connections(void **state) {
    (void)state;
    const dtls_time now = {0};
    const dtls_span none = {0};
    dtls_event event;
    size_t size = 0;
    uint8_t out[1];
    assert_int_equal(dtls_connection_start(NULL, now), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_receive(NULL, now, NULL, 0, NULL, &size, &size), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_poll_datagram(NULL, now, out, 1, &size, NULL), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_poll_event(NULL, &event), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_timeout(NULL, now), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_answer_psk(NULL, now, none, none), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_answer_certificate(NULL, now, DTLS_OK), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_answer_signature(NULL, now, none), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_close(NULL, now), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_abort(NULL, now, DTLS_ALERT_USER_CANCELED), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_deadline(NULL), DTLS_NO_DEADLINE);
    assert_null(dtls_connection_take_handshake_memory(NULL));
    assert_null(dtls_connection_get_info(NULL));
    assert_null(dtls_connection_get_statistics(NULL));
    assert_null(dtls_connection_get_failure(NULL));
}

static void answers_out_of_range(void **state) {
    (void)state;
    static const uint8_t bytes[600];
    struct pair pair;
    pair_init_psk(&pair);
    pair_open(&pair);
    dtls_connection *client = pair.ends[0].connection;
    const dtls_span none = {0};
    assert_int_equal(dtls_answer_psk(client, pair.now, (dtls_span){bytes, 129}, none), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_answer_psk(client, pair.now, none, (dtls_span){bytes, 65}), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_answer_psk(client, pair.now, none, (dtls_span){NULL, 1}), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_answer_certificate(client, pair.now, DTLS_ERROR_FINISHED), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_answer_certificate(client, pair.now, DTLS_NOTHING), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_answer_signature(client, pair.now, (dtls_span){bytes, 513}), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_answer_psk(client, pair.now, none, none), DTLS_ERROR_STATE);
    assert_null(dtls_connection_get_failure(client));
    pair_free(&pair);
}

/* The longest PSK and identity there may be. */
static void longest_psk(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    pair.ends[0].answer = ANSWER_NEVER;
    pair.ends[1].answer = ANSWER_NEVER;
    uint8_t identity[128];
    uint8_t key[64];
    memset(identity, 'i', sizeof identity);
    memset(key, 'k', sizeof key);
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + SECOND / 2);
    assert_int_equal(dtls_answer_psk(pair.ends[0].connection, pair.now,
                                     (dtls_span){identity, sizeof identity}, (dtls_span){key, sizeof key}),
                     DTLS_OK);
    pair_run(&pair, pair.now.monotonic_ns + SECOND / 2);
    assert_int_equal(pair.ends[1].question.bytes.len, sizeof identity);
    assert_memory_equal(pair.ends[1].question_bytes, identity, sizeof identity);
    assert_int_equal(
        dtls_answer_psk(pair.ends[1].connection, pair.now, (dtls_span){0}, (dtls_span){key, sizeof key}),
        DTLS_OK);
    pair_run(&pair, pair.now.monotonic_ns + SECOND / 2);
    pair_check_connected(&pair);
    pair_free(&pair);
}

/* The last record number has been used: the connection is at its end. */
static void record_numbers_run_out(void **state) {
    (void)state;
    struct pair pair;
    pair_init_psk(&pair);
    connect_pair(&pair);
    dtls_connection *client = pair.ends[0].connection;
    for (size_t i = 0; i < DTLS_RECORD_EPOCHS; i++)
        client->records.write[i].sequence = DTLS_MAX_SEQUENCE;
    uint8_t out[100];
    size_t len;
    assert_int_equal(dtls_write(client, pair.now, out, 1, out, sizeof out, &len), DTLS_OK);
    assert_int_equal(dtls_write(client, pair.now, out, 1, out, sizeof out, &len),
                     DTLS_ERROR_SEQUENCE_EXHAUSTED);
    assert_int_equal(dtls_connection_get_failure(client)->error, DTLS_ERROR_SEQUENCE_EXHAUSTED);
    assert_string_equal(dtls_connection_get_failure(client)->field, "sequence_number");
    assert_int_equal(dtls_write(client, pair.now, out, 1, out, sizeof out, &len), DTLS_ERROR_STATE);
    pair_free(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constants_cover_what_functions_tell),
        cmocka_unit_test(certificate_client_is_small),
        cmocka_unit_test(too_little_memory),
        cmocka_unit_test(handshake_memory_is_given_back_wiped),
        cmocka_unit_test(handshake_memory_of_the_dead),
        cmocka_unit_test(wiping_leaves_nothing),
        cmocka_unit_test(secrets_do_not_outlive_the_handshake),
        cmocka_unit_test(data_in_place_and_in_batches),
        cmocka_unit_test(places_for_data_run_out),
        cmocka_unit_test(misuse_of_the_data_calls),
        cmocka_unit_test(null_connections),
        cmocka_unit_test(answers_out_of_range),
        cmocka_unit_test(longest_psk),
        cmocka_unit_test(record_numbers_run_out),
    };
    return cmocka_run_group_tests(tests, credentials_make, credentials_free);
}
