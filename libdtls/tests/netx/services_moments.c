/* SPDX-License-Identifier: MIT
 *
 * Programs that reset, end, delete, stop or unbind what is in use, at every moment at which they get a word:
 * in callbacks, in a filter of datagrams, in another thread; with datagrams that an IP thread delivers, and
 * with those that are delivered within the call that sends. Whatever the services answer then, they come
 * back, and leave neither packets nor threads behind.
 */
#include "netx/secure/session.h"
#include "services_world.h"

static test_server server;
static test_client client;

typedef enum place {
    AT_SERVER, /* a datagram comes */
    AT_CLIENT,
    IN_CONNECT_NOTIFY,
    IN_RECEIVE_NOTIFY,
    IN_DISCONNECT_NOTIFY,
    IN_ERROR_NOTIFY,
    IN_CLIENTS_CALLBACK, /* of certificates */
    IN_SLOTS_CALLBACK,
    IN_CLIENTS_CLOCK,
    IN_SLOTS_CLOCK,
    AT_TICK,
    PLACE_NUM
} place;

/* How often each place is come by, or more. */
static const UINT times[PLACE_NUM] = {12, 12, 1, 2, 1, 1, 1, 1, 8, 8, 6};

typedef enum action {
    RESET_CLIENT,
    END_CLIENT,
    DELETE_CLIENT,
    UNBIND_CLIENT,
    RESET_SLOT,
    END_SLOT,
    STOP_SERVER,
    DELETE_SERVER,
    FORGET_CALLBACKS,
    ACTION_NUM
} action;

static struct {
    place place;
    UINT nth; /* counts down */
    action action;
    UINT inline_delivery;
    bool client_refuses;
} now;
static UINT num_acted[PLACE_NUM][ACTION_NUM];

static void act(void) {
    switch (now.action) {
    case RESET_CLIENT:
        nx_secure_dtls_session_reset(&client.session);
        break;
    case END_CLIENT:
        nx_secure_dtls_session_end(&client.session, NX_NO_WAIT);
        break;
    case DELETE_CLIENT:
        nx_secure_dtls_session_delete(&client.session);
        break;
    case UNBIND_CLIENT:
        nx_udp_socket_unbind(&client.socket);
        break;
    case RESET_SLOT:
        nx_secure_dtls_session_reset(first_slot(&server));
        break;
    case END_SLOT:
        nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT);
        break;
    case STOP_SERVER:
        nx_secure_dtls_server_stop(&server.control);
        break;
    case DELETE_SERVER:
        nx_secure_dtls_server_stop(&server.control);
        nx_secure_dtls_server_delete(&server.control);
        break;
    default:
        server.control.nx_secure_dtls_connect_notify = NX_NULL;
        server.control.nx_secure_dtls_receive_notify = NX_NULL;
        nx_secure_dtls_server_notify_set(&server.control, NX_NULL, NX_NULL);
        break;
    }
}

static void come_by(place where) {
    if (where == now.place && now.nth > 0 && --now.nth == 0) {
        num_acted[where][now.action]++;
        act();
    }
}

/* --- The places. --- */

#define ARRIVAL(name, where)                                                                                 \
    static bool name(UCHAR *bytes, ULONG *len) {                                                             \
        (void)bytes;                                                                                         \
        (void)len;                                                                                           \
        come_by(where);                                                                                      \
        return true;                                                                                         \
    }
ARRIVAL(at_server, AT_SERVER)
ARRIVAL(at_client, AT_CLIENT)

static UINT (*usual_connect_notify)(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port);

static UINT connect_notify(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    UINT code = usual_connect_notify(session, address, port);
    come_by(IN_CONNECT_NOTIFY);
    return code;
}

static UINT receive_notify(NX_SECURE_DTLS_SESSION *session) {
    (void)session;
    come_by(IN_RECEIVE_NOTIFY);
    return NX_SUCCESS;
}

static UINT disconnect_notify(NX_SECURE_DTLS_SESSION *session) {
    (void)session;
    come_by(IN_DISCONNECT_NOTIFY);
    return NX_SUCCESS;
}

static UINT error_notify(NX_SECURE_DTLS_SESSION *session, UINT code) {
    (void)session;
    (void)code;
    come_by(IN_ERROR_NOTIFY);
    return NX_SUCCESS;
}

#define CALLBACK(name, where)                                                                                \
    static ULONG name(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate) {                    \
        (void)session;                                                                                       \
        (void)certificate;                                                                                   \
        come_by(where);                                                                                      \
        return now.client_refuses && (where) == IN_CLIENTS_CALLBACK ? NX_NOT_SUCCESSFUL : NX_SUCCESS;        \
    }
CALLBACK(clients_callback, IN_CLIENTS_CALLBACK)
CALLBACK(slots_callback, IN_SLOTS_CALLBACK)

#define CLOCK(name, where)                                                                                   \
    static ULONG name(VOID) {                                                                                \
        come_by(where);                                                                                      \
        return 1767225600; /* 2026-01-01 */                                                                  \
    }
CLOCK(clients_clock, IN_CLIENTS_CLOCK)
CLOCK(slots_clock, IN_SLOTS_CLOCK)

static VOID at_ticks(ULONG input) {
    (void)input;
    for (UINT i = 0; i < times[AT_TICK]; i++) {
        tx_thread_sleep(1);
        come_by(AT_TICK);
    }
}

/* --- What is disturbed. --- */

/* Certificates where their callbacks matter; elsewhere a key, which costs less. */
static void make_with_certificates(void) {
    server_make(&server, 1);
    client_make(&client);
    server_demand_certificates(&server, 2);
    client_show(&client, CERT_CLIENT);
}

static void make_with_key(void) {
    static const USHORT suites[] = {0x00A8}; /* PSK with AES-128-GCM */
    static NX_SECURE_TLS_CRYPTO table;
    static UCHAR key[16] = {1};
    static UCHAR name[] = "name";
    CHECK_CODE(nx_host_crypto_table_make(&table, suites, 1, NX_FALSE), NX_SUCCESS);
    server_make_bare(&server, 1, &table);
    client_make_bare(&client, &table);
    CHECK_CODE(nx_secure_dtls_server_psk_add(&server.control, key, 16, name, 4, NX_NULL, 0), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_psk_add(&client.session, key, 16, name, 4, NX_NULL, 0), NX_SUCCESS);
}

static void make_all(bool certificates) {
    nx_host_inline_delivery_set(now.inline_delivery);
    world_make();
    if (certificates)
        make_with_certificates();
    else
        make_with_key();
    usual_connect_notify = server.control.nx_secure_dtls_connect_notify;
    server.control.nx_secure_dtls_connect_notify = connect_notify;
    server.control.nx_secure_dtls_receive_notify = receive_notify;
    CHECK_CODE(nx_secure_dtls_server_notify_set(&server.control, disconnect_notify, error_notify),
               NX_SUCCESS);
    nx_secure_tls_session_certificate_callback_set(&client.session.nx_secure_dtls_tls_session,
                                                   clients_callback);
    nx_secure_tls_session_certificate_callback_set(&first_slot(&server)->nx_secure_dtls_tls_session,
                                                   slots_callback);
    nx_secure_tls_session_time_function_set(&client.session.nx_secure_dtls_tls_session, clients_clock);
    nx_secure_tls_session_time_function_set(&first_slot(&server)->nx_secure_dtls_tls_session, slots_clock);
    edit_arrivals(server_ip, at_server);
    edit_arrivals(client_ip, at_client);
}

static void say(NX_SECURE_DTLS_SESSION *session, NX_IP *ip) {
    NX_PACKET *packet;
    NX_PACKET_POOL *pool = ip->nx_ip_default_packet_pool;
    CHECK_CODE(nx_packet_allocate(pool, &packet, NX_UDP_PACKET, NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(nx_packet_data_append(packet, (VOID *)(uintptr_t) "data", 4, pool, NX_NO_WAIT), NX_SUCCESS);
    if (nx_secure_dtls_server_session_send(session, packet) != NX_SUCCESS)
        nx_packet_release(packet);
}

static void receive(NX_SECURE_DTLS_SESSION *session, ULONG wait) {
    NX_PACKET *packet;
    UINT code = nx_secure_dtls_session_receive(session, &packet, wait);
    CHECK((code == NX_SUCCESS) == (packet != NX_NULL));
    if (code == NX_SUCCESS)
        nx_packet_release(packet);
}

static VOID receive_of_slot(ULONG wait) {
    receive(first_slot(&server), wait);
    receive(first_slot(&server), wait);
}

static void end_all(void) {
    UINT code = nx_secure_dtls_session_delete(&client.session);
    CHECK(code == NX_SUCCESS || now.action == DELETE_CLIENT);
    nx_udp_socket_unbind(&client.socket);
    CHECK_CODE(nx_udp_socket_delete(&client.socket), NX_SUCCESS);
    nx_secure_dtls_server_stop(&server.control);
    code = nx_secure_dtls_server_delete(&server.control);
    CHECK(code == NX_SUCCESS || now.action == DELETE_SERVER);
}

/* A handshake, data both ways, waits without data, an end, and a second handshake. */
static void live(void) {
    make_all(now.place == IN_CLIENTS_CALLBACK || now.place == IN_SLOTS_CALLBACK);
    server_serve(&server);
    netx_test_thread(NETX_TEST_PRIORITY - 2, at_ticks, 0);
    client_connect(&client, 2);
    netx_test_thread(NETX_TEST_PRIORITY - 1, receive_of_slot, 3);
    say(&client.session, client_ip);
    say(first_slot(&server), server_ip);
    say(first_slot(&server), server_ip);
    receive(&client.session, 2);
    receive(&client.session, 2);
    receive(&client.session, 2);
    nx_secure_dtls_session_end(&client.session, 3);
    tx_thread_sleep(1);
    nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT);
    client_connect(&client, 2);
    nx_secure_dtls_session_end(first_slot(&server), 3);
    tx_thread_sleep(1);
    receive(&client.session, 2);
    nx_secure_dtls_session_end(&client.session, 3);
    tx_thread_sleep(SECONDS(1));
    end_all();
}

/* A handshake in a few steps, of which no service waits for the end, and which the client refuses. */
static void begin_and_refuse(void) {
    make_all(true);
    now.client_refuses = true;
    server_listen(&server);
    netx_test_thread(NETX_TEST_PRIORITY - 2, at_ticks, 0);
    for (UINT i = 0; i < 5; i++) {
        client_connect(&client, NX_NO_WAIT);
        tx_thread_sleep(1);
        nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT);
        tx_thread_sleep(1);
    }
    now.client_refuses = false;
    tx_thread_sleep(SECONDS(1));
    end_all();
}

/* Nobody answers, and flights are repeated. */
static void repeat(void) {
    make_all(false);
    client_connect(&client, SECONDS(4));
    nx_secure_dtls_server_start(&server.control);
    client_connect(&client, SECONDS(4));
    nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT);
    end_all();
}

/* A client that begins anew from the same port ends its old session. */
static void begin_anew(void) {
    make_all(false);
    server_serve(&server);
    client_connect(&client, 2);
    nx_secure_dtls_session_reset(&client.session);
    client_connect(&client, 2);
    tx_thread_sleep(SECONDS(1));
    end_all();
}

/* Places up to `last`, each so often at most. */
static void run_until(place last, UINT most, void (*body)(void), UINT inline_delivery) {
    for (place where = AT_SERVER; where <= last; where++) {
        for (UINT nth = 1; nth <= times[where] && nth <= most; nth++) {
            for (action what = RESET_CLIENT; what < ACTION_NUM; what++) {
                memset(&now, 0, sizeof now);
                now.place = where;
                now.nth = nth;
                now.action = what;
                now.inline_delivery = inline_delivery;
                netx_test_run(body);
            }
        }
    }
}

static void expect_acted(place first, place last) {
    for (place where = first; where <= last; where++) {
        for (action what = RESET_CLIENT; what < ACTION_NUM; what++)
            assert_true(num_acted[where][what] > 0);
        memset(num_acted[where], 0, sizeof num_acted[where]);
    }
}

static VOID close_slot(ULONG ticks) {
    tx_thread_sleep(ticks);
    nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT);
}

/* What comes at the deadline is answered, and that has the client reset. */
SERVICES_TEST(the_last_moment_of_a_wait_is_one_too) {
    NX_PACKET *packet;
    memset(&now, 0, sizeof now);
    now.place = AT_SERVER;
    now.inline_delivery = NX_TRUE;
    make_all(false);
    server_serve(&server);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    netx_test_thread(NETX_TEST_PRIORITY - 2, close_slot, 5);
    now.nth = 1;
    CHECK_CODE(nx_secure_dtls_session_receive(&client.session, &packet, 5),
               NX_SECURE_TLS_SESSION_UNINITIALIZED);
    CHECK(now.nth == 0 && netx_test_ticks() == 5);
    end_all();
}

static void sessions_can_be_disturbed_at_any_moment(void **state) {
    (void)state;
    run_until(AT_TICK, 12, live, NX_FALSE);
    expect_acted(AT_SERVER, IN_DISCONNECT_NOTIFY);
    expect_acted(IN_CLIENTS_CALLBACK, AT_TICK);
}

static void sessions_can_be_disturbed_within_the_call_that_sends(void **state) {
    (void)state;
    run_until(AT_TICK, 12, live, NX_TRUE);
    expect_acted(AT_SERVER, IN_DISCONNECT_NOTIFY);
}

static void handshakes_that_fail_can_be_disturbed_at_any_moment(void **state) {
    (void)state;
    run_until(AT_TICK, 5, begin_and_refuse, NX_FALSE);
    expect_acted(IN_ERROR_NOTIFY, IN_CLIENTS_CALLBACK);
    run_until(AT_TICK, 5, begin_and_refuse, NX_TRUE);
    expect_acted(IN_ERROR_NOTIFY, IN_CLIENTS_CALLBACK);
}

static void repetitions_can_be_disturbed_at_any_moment(void **state) {
    (void)state;
    run_until(AT_CLIENT, 4, repeat, NX_FALSE);
    run_until(AT_CLIENT, 4, repeat, NX_TRUE);
    expect_acted(AT_SERVER, AT_CLIENT);
}

static void clients_that_begin_anew_can_be_disturbed_at_any_moment(void **state) {
    (void)state;
    run_until(IN_DISCONNECT_NOTIFY, 8, begin_anew, NX_FALSE);
    run_until(IN_DISCONNECT_NOTIFY, 8, begin_anew, NX_TRUE);
    expect_acted(AT_SERVER, IN_CONNECT_NOTIFY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_moment_of_a_wait_is_one_too),
        cmocka_unit_test(sessions_can_be_disturbed_at_any_moment),
        cmocka_unit_test(sessions_can_be_disturbed_within_the_call_that_sends),
        cmocka_unit_test(handshakes_that_fail_can_be_disturbed_at_any_moment),
        cmocka_unit_test(repetitions_can_be_disturbed_at_any_moment),
        cmocka_unit_test(clients_that_begin_anew_can_be_disturbed_at_any_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
