/* SPDX-License-Identifier: MIT
 *
 * Every service that waits, with every kind of wait: what it waits for comes before the deadline, at it or
 * after it, from a thread that is more urgent or less.
 */
#include "netx/secure/session.h"
#include "services_both.h"

static test_client other;

/* When it comes, ticks; less than a client's first repetition. */
#define EVENT 40

/* What a test waits with, and when the answer has to come. */
typedef enum wait_kind {
    WAIT_NOT,
    WAIT_ONE,
    WAIT_UNTIL_BEFORE,
    WAIT_UNTIL_EVENT,
    WAIT_BEYOND,
    WAIT_FOR_EVER,
    WAIT_NUM
} wait_kind;

static const ULONG waits[WAIT_NUM] = {NX_NO_WAIT, 1, EVENT - 1, EVENT, EVENT + 1, NX_WAIT_FOREVER};

/* A service, and what it waits for. */
typedef struct waiting_service {
    const char *name;
    void (*prepare)(void);
    VOID (*event)(ULONG);
    UINT (*call)(ULONG wait);
    void (*finish)(void);
    UINT at_once; /* the code of no wait, and of one that has ended */
    UINT late;
    /* When both happen at once and the event comes first, it counts. */
    bool event_wins;
} waiting_service;

static const waiting_service *service;
static wait_kind kind;
static bool event_is_urgent;

static void prepare_pair(void) {
    connected_pair(&server, &client);
}

static void finish_pair(void) {
    finish();
}

/* --- Receiving. --- */

static UINT receive(NX_SECURE_DTLS_SESSION *session, ULONG wait) {
    NX_PACKET *packet;
    UINT code = nx_secure_dtls_session_receive(session, &packet, wait);
    if (code == NX_SUCCESS)
        nx_packet_release(packet);
    return code;
}

static UINT slot_receives(ULONG wait) {
    return receive(first_slot(&server), wait);
}

static UINT client_receives(ULONG wait) {
    return receive(&client.session, wait);
}

static VOID client_sends(ULONG ticks) {
    tx_thread_sleep(ticks);
    nx_secure_dtls_client_session_send(&client.session, packet_with(&client.session, client_ip, "data"));
}

static VOID slot_sends(ULONG ticks) {
    tx_thread_sleep(ticks);
    NX_SECURE_DTLS_SESSION *slot = first_slot(&server);
    nx_secure_dtls_server_session_send(slot, packet_with(slot, server_ip, "data"));
}

/* --- Ending. --- */

static bool closes;

static bool without_closing(UCHAR *bytes, ULONG *len) {
    (void)len;
    return closes || bytes[0] != NX_SECURE_TLS_ALERT;
}

/* The server's answer does not arrive, so that its program's own has to. */
static void prepare_end(void) {
    prepare_pair();
    closes = false;
    edit_arrivals(server_ip, without_closing);
    edit_arrivals(client_ip, without_closing);
}

static UINT client_ends(ULONG wait) {
    return nx_secure_dtls_session_end(&client.session, (UINT)wait);
}

static UINT slot_ends(ULONG wait) {
    return nx_secure_dtls_session_end(first_slot(&server), (UINT)wait);
}

static VOID slot_closes(ULONG ticks) {
    tx_thread_sleep(ticks);
    closes = true;
    if (first_slot(&server)->nx_secure_dtls_session_in_use != NX_FALSE)
        nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT);
}

static VOID client_closes(ULONG ticks) {
    tx_thread_sleep(ticks);
    closes = true;
    if (client.session.nx_secure_dtls_session_in_use != NX_FALSE)
        nx_secure_dtls_session_end(&client.session, NX_NO_WAIT);
}

/* --- Handshakes. --- */

static void prepare_handshake(void) {
    make_both(1);
    server_listen(&server);
}

static UINT client_starts(ULONG wait) {
    return client_connect(&client, (UINT)wait);
}

/* Both sides as far as they get. */
static VOID slot_starts(ULONG ticks) {
    tx_thread_sleep(ticks);
    nx_secure_dtls_server_session_start(first_slot(&server), SECONDS(1));
}

static void prepare_slot(void) {
    prepare_handshake();
    client_connect(&client, NX_NO_WAIT);
    tx_thread_sleep(1);
    client_connect(&client, NX_NO_WAIT);
    tx_thread_sleep(1);
}

static UINT slot_is_started(ULONG wait) {
    return nx_secure_dtls_server_session_start(first_slot(&server), (UINT)wait);
}

static VOID client_goes_on(ULONG ticks) {
    tx_thread_sleep(ticks);
    client_connect(&client, NX_NO_WAIT);
}

/* A session that is a server itself. */
static UCHAR key[16] = {7};
static UCHAR name[] = "name";

static void prepare_two(void) {
    world_make();
    client_make_bare(&client, &nx_crypto_tls_ciphers_ecc);
    client_make_bare(&other, &nx_crypto_tls_ciphers_ecc);
    CHECK_CODE(nx_secure_dtls_psk_add(&client.session, key, 16, name, 4, NX_NULL, 0), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_psk_add(&other.session, key, 16, name, 4, NX_NULL, 0), NX_SUCCESS);
}

static UINT session_is_started(ULONG wait) {
    return nx_secure_dtls_session_start(&other.session, &other.socket, NX_FALSE, (UINT)wait);
}

static VOID other_connects(ULONG ticks) {
    NXD_ADDRESS address = server_address;
    address.nxd_ip_address.v4 = CLIENT_ADDRESS;
    tx_thread_sleep(ticks);
    nx_secure_dtls_client_session_start(&client.session, &client.socket, &address,
                                        other.socket.nx_udp_socket_port, SECONDS(1));
}

static void finish_two(void) {
    client_end(&client);
    client_end(&other);
}

/* --- Packets and ports. --- */

static NX_PACKET_POOL *pool;
static NX_PACKET *last_packet;

static void prepare_pool(void) {
    prepare_pair();
    pool = netx_test_pool(1, 1536);
    CHECK_CODE(nx_packet_allocate(pool, &last_packet, 0, NX_NO_WAIT), NX_SUCCESS);
}

static UINT packet_is_allocated(ULONG wait) {
    NX_PACKET *packet;
    UINT code = nx_secure_dtls_packet_allocate(&client.session, pool, &packet, wait);
    if (code == NX_SUCCESS)
        nx_packet_release(packet);
    return code;
}

static VOID packet_comes_back(ULONG ticks) {
    tx_thread_sleep(ticks);
    nx_packet_release(last_packet);
}

static NX_UDP_SOCKET holder;

static void prepare_port(void) {
    world_make();
    memset(&holder, 0, sizeof holder);
    CHECK_CODE(nx_udp_socket_create(server_ip, &holder, (CHAR *)"holder", NX_IP_NORMAL, NX_FRAGMENT_OKAY,
                                    NX_IP_TIME_TO_LIVE, 16),
               NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_bind(&holder, SERVER_PORT, NX_NO_WAIT), NX_SUCCESS);
    server_make(&server, 1);
}

static UINT server_is_started(ULONG wait) {
    server.control.nx_dtls_server_timeout = wait;
    return nx_secure_dtls_server_start(&server.control);
}

static VOID port_is_released(ULONG ticks) {
    tx_thread_sleep(ticks);
    nx_udp_socket_unbind(&holder);
}

static void finish_port(void) {
    server_end(&server);
    CHECK_CODE(nx_udp_socket_delete(&holder), NX_SUCCESS);
}

/* Where a round trip is still to come, or what was waited for has to be taken, the deadline is too soon. */
static const waiting_service services[] = {
    {"receive of a slot", prepare_pair, client_sends, slot_receives, finish_pair, NX_NO_PACKET, NX_NO_PACKET,
     true},
    {"receive of a client", prepare_pair, slot_sends, client_receives, finish_pair, NX_NO_PACKET,
     NX_NO_PACKET, true},
    {"end of a client", prepare_end, slot_closes, client_ends, finish_pair, NX_SUCCESS, NX_NO_PACKET, true},
    {"end of a slot", prepare_end, client_closes, slot_ends, finish_pair, NX_SUCCESS, NX_NO_PACKET, true},
    {"start of a client", prepare_handshake, slot_starts, client_starts, finish_pair, NX_NOT_CONNECTED,
     NX_NO_PACKET, false},
    {"start of a slot", prepare_slot, client_goes_on, slot_is_started, finish_pair, NX_NO_PACKET,
     NX_NO_PACKET, true},
    {"start of a session", prepare_two, other_connects, session_is_started, finish_two, NX_NO_PACKET,
     NX_NO_PACKET, false},
    {"allocation", prepare_pool, packet_comes_back, packet_is_allocated, finish_pair,
     NX_SECURE_TLS_ALLOCATE_PACKET_FAILED, NX_SECURE_TLS_ALLOCATE_PACKET_FAILED, false},
    {"start of a server", prepare_port, port_is_released, server_is_started, finish_port, NX_PORT_UNAVAILABLE,
     NX_PORT_UNAVAILABLE, false},
};

static void wait_for_event(void) {
    service->prepare();
    netx_test_thread(event_is_urgent ? NETX_TEST_PRIORITY - 2 : NETX_TEST_PRIORITY + 2, service->event,
                     EVENT);
    bool in_time =
        kind >= WAIT_BEYOND || (kind == WAIT_UNTIL_EVENT && event_is_urgent && service->event_wins);
    ULONG began = netx_test_ticks();
    UINT code = service->call(waits[kind]);
    ULONG took = netx_test_ticks() - began;
    UINT late = kind == WAIT_NOT ? service->at_once : service->late;
    if (code != (in_time ? NX_SUCCESS : late) || took != (in_time ? EVENT : waits[kind]))
        netx_test_fail(__FILE__, __LINE__, "%s, wait %u, %s event: 0x%X after %u", service->name, kind,
                       event_is_urgent ? "urgent" : "other", code, took);
    /* What was too late for the wait comes all the same. */
    tx_thread_sleep(SECONDS(2));
    service->finish();
}

static void waits_end_at_the_event_or_at_the_deadline(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        service = &services[i];
        for (kind = WAIT_NOT; kind < WAIT_NUM; kind++) {
            event_is_urgent = true;
            netx_test_run(wait_for_event);
            event_is_urgent = false;
            netx_test_run(wait_for_event);
        }
    }
}

/* --- A wait is one, whatever it waits for. --- */

static VOID begin_and_stop(ULONG ticks) {
    NXD_ADDRESS address = server_address;
    address.nxd_ip_address.v4 = CLIENT_ADDRESS;
    tx_thread_sleep(ticks);
    for (UINT i = 0; i < 2; i++) {
        nx_secure_dtls_client_session_start(&client.session, &client.socket, &address,
                                            other.socket.nx_udp_socket_port, NX_NO_WAIT);
        tx_thread_sleep(1);
    }
}

SERVICES_TEST(a_session_that_is_a_server_waits_once_for_all) {
    prepare_two();
    netx_test_thread(NETX_TEST_PRIORITY - 2, begin_and_stop, 60);
    CHECK_CODE(session_is_started(100), NX_NO_PACKET);
    CHECK(netx_test_ticks() == 100);
    CHECK(netx_session_of(&other.session)->state == SESSION_FAILED);
    finish_two();
}

/* --- An end that meets the peer's. --- */

static bool reset_client(UCHAR *bytes, ULONG *len) {
    (void)bytes;
    (void)len;
    nx_secure_dtls_session_reset(&client.session);
    return true;
}

/* The answer to it is delivered within the call, and has the client reset. */
SERVICES_TEST(an_end_may_be_overtaken_by_a_reset) {
    nx_host_inline_delivery_set(NX_TRUE);
    prepare_pair();
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    edit_arrivals(server_ip, reset_client);
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, SECONDS(1)), NX_SUCCESS);
    CHECK(netx_test_ticks() <= 1 && client.session.nx_secure_dtls_session_in_use == NX_FALSE);
    finish_pair();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_end_at_the_event_or_at_the_deadline),
        cmocka_unit_test(a_session_that_is_a_server_waits_once_for_all),
        cmocka_unit_test(an_end_may_be_overtaken_by_a_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
