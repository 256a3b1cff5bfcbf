/* SPDX-License-Identifier: MIT
 *
 * Slots that are taken from clients who do not go on, and handshakes that begin with a cookie where nobody
 * waits: what a program does when it is told.
 */
#include "netx/secure/session.h"
#include "services_both.h"

#define LIMIT 10 /* ticks */

static test_client other;

/* As far as a client gets with a cookie, without waiting. */
static void knock(test_client *who) {
    for (UINT i = 0; i < 2; i++) {
        client_connect(who, NX_NO_WAIT);
        tx_thread_sleep(1);
    }
}

/* --- Slots that are taken back. --- */

typedef UINT (*error_callback)(NX_SECURE_DTLS_SESSION *session, UINT code);

static UINT num_told;

static UINT only_count(NX_SECURE_DTLS_SESSION *session, UINT code) {
    CHECK(session == first_slot(&server));
    CHECK_CODE(code, NX_NO_PACKET);
    CHECK(netx_session_of(session)->state == SESSION_FAILED);
    num_told++;
    return NX_SUCCESS;
}

static UINT end_session(NX_SECURE_DTLS_SESSION *session, UINT code) {
    return only_count(session, code) + nx_secure_dtls_session_end(session, NX_NO_WAIT);
}

static UINT stop_server(NX_SECURE_DTLS_SESSION *session, UINT code) {
    return only_count(session, code) + nx_secure_dtls_server_stop(&server.control);
}

SERVICES_TEST(a_slot_is_taken_back_whatever_the_program_does) {
    static const struct {
        error_callback callback;
        UINT told;
        bool taken;
    } rows[] = {{NX_NULL, 0, true}, {only_count, 1, true}, {end_session, 1, true}, {stop_server, 1, false}};
    world_make();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        num_told = 0;
        server_make(&server, 1);
        client_make(&client);
        client_make(&other);
        CHECK_CODE(nx_host_dtls_server_idle_limit_set(&server.control, LIMIT), NX_SUCCESS);
        CHECK_CODE(nx_secure_dtls_server_notify_set(&server.control, NX_NULL, rows[i].callback), NX_SUCCESS);
        server_listen(&server);
        knock(&client);
        CHECK(server.num_arrivals == 1);
        tx_thread_sleep(LIMIT);
        knock(&other);
        CHECK(num_told == rows[i].told && server.num_arrivals == (rows[i].taken ? 2 : 1));
        NX_SECURE_DTLS_SESSION *slot = first_slot(&server);
        CHECK(slot->nx_secure_dtls_remote_port == (rows[i].taken ? other.socket.nx_udp_socket_port : 0));
        client_end(&other);
        finish();
    }
}

/* --- Handshakes that begin with the cookie. --- */

static void knock_where_a_start_has_asked(void) {
    CHECK_CODE(nx_host_dtls_server_connect_notify_first_set(&server.control, NX_TRUE), NX_SUCCESS);
    server_listen(&server);
    client_connect(&client, NX_NO_WAIT);
    tx_thread_sleep(1);
    CHECK(server.num_arrivals == 1);
    CHECK_CODE(nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT), NX_NO_PACKET);
    client_connect(&client, NX_NO_WAIT);
    tx_thread_sleep(1);
}

SERVICES_TEST(a_begin_that_fails_where_nobody_waits_is_told) {
    world_make();
    for (UINT told = 0; told <= 1; told++) {
        server_make_bare(&server, 1, &nx_crypto_tls_ciphers_ecc);
        client_make(&client);
        if (told == 0)
            CHECK_CODE(nx_secure_dtls_server_notify_set(&server.control, NX_NULL, NX_NULL), NX_SUCCESS);
        knock_where_a_start_has_asked();
        CHECK(server.num_errors == told);
        if (told == 1)
            CHECK_CODE(server.error, NX_SECURE_TLS_NO_SUPPORTED_CIPHERS);
        CHECK_CODE(nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT),
                   NX_SECURE_TLS_NO_SUPPORTED_CIPHERS);
        finish();
    }
}

static ULONG reset_slot(VOID) {
    nx_secure_dtls_session_reset(first_slot(&server));
    return 1767225600; /* 2026-01-01 */
}

SERVICES_TEST(a_clock_may_reset_what_begins) {
    make_both(1);
    nx_secure_tls_session_time_function_set(&first_slot(&server)->nx_secure_dtls_tls_session, reset_slot);
    knock_where_a_start_has_asked();
    CHECK(netx_session_of(first_slot(&server))->state == SESSION_IDLE && server.num_errors == 0);
    finish();
}

/* --- A client that begins anew while its slot judges its certificate. --- */

static UINT num_judged;

static ULONG begin_anew(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate) {
    (void)session;
    (void)certificate;
    if (num_judged++ == 0) {
        CHECK_CODE(nx_secure_dtls_session_reset(&client.session), NX_SUCCESS);
        CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NO_PACKET);
        CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NO_PACKET);
        CHECK(netx_session_of(first_slot(&server))->superseded);
        CHECK(nx_host_dtls_connection(first_slot(&server)) == NULL);
    }
    return NX_SUCCESS;
}

SERVICES_TEST(a_slot_may_be_over_when_its_callback_has_judged) {
    nx_host_inline_delivery_set(NX_TRUE);
    make_both(2);
    server_demand_certificates(&server, 1);
    client_show(&client, CERT_CLIENT);
    num_judged = 0;
    nx_secure_tls_session_certificate_callback_set(&first_slot(&server)->nx_secure_dtls_tls_session,
                                                   begin_anew);
    server_serve(&server);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SECURE_TLS_SESSION_UNINITIALIZED);
    CHECK(num_judged == 1 && server.num_arrivals == 2);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    CHECK(server.arrivals[1] == &server.slots[1]);
    CHECK_CODE(
        nx_secure_dtls_client_session_send(&client.session, packet_with(&client.session, client_ip, "anew")),
        NX_SUCCESS);
    expect_data(server.arrivals[1], "anew");
    finish();
}

/* --- Datagrams that come before the program has answered. --- */

static UCHAR datagram[5000];
static ULONG datagram_len;

static bool keep(UCHAR *bytes, ULONG *len) {
    memcpy(datagram, bytes, *len);
    datagram_len = *len;
    return false;
}

static bool keep_certificate(UCHAR *bytes, ULONG *len) {
    return find_message(bytes, *len, NX_SECURE_TLS_CERTIFICATE_MSG) == NULL || keep(bytes, len);
}

/* And another client gets the slot. */
static ULONG end_at_once(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate) {
    (void)session;
    (void)certificate;
    if (num_judged++ == 0) {
        CHECK_CODE(nx_secure_dtls_session_reset(first_slot(&server)), NX_SUCCESS);
        nx_host_inline_delivery_set(NX_TRUE);
        CHECK_CODE(client_connect(&other, NX_NO_WAIT), NX_NO_PACKET);
        CHECK_CODE(client_connect(&other, NX_NO_WAIT), NX_NO_PACKET);
        CHECK(netx_session_of(first_slot(&server))->state == SESSION_PARKED);
    }
    return NX_SUCCESS;
}

/* A client need not wait for what it answers. */
SERVICES_TEST(a_slot_may_be_over_before_its_first_answer) {
    make_both(1);
    server_demand_certificates(&server, 1);
    client_show(&client, CERT_CLIENT);
    client_make(&other);
    client_show(&other, CERT_CLIENT);
    server_listen(&server);
    knock(&client);
    edit_arrivals(server_ip, keep_certificate);
    CHECK_CODE(nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT), NX_NO_PACKET);
    tx_thread_sleep(1);
    client_connect(&client, NX_NO_WAIT);
    tx_thread_sleep(1);
    CHECK(datagram_len > 0);
    edit_arrivals(server_ip, NULL);
    CHECK_CODE(nx_secure_dtls_session_reset(first_slot(&server)), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_reset(&client.session), NX_SUCCESS);
    knock(&client);
    CHECK(server.num_arrivals == 2);
    send_raw(&client.socket, server_address, SERVER_PORT, datagram, datagram_len);
    tx_thread_sleep(1);
    num_judged = 0;
    nx_secure_tls_session_certificate_callback_set(&first_slot(&server)->nx_secure_dtls_tls_session,
                                                   end_at_once);
    CHECK_CODE(nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT),
               NX_SECURE_TLS_SESSION_UNINITIALIZED);
    CHECK(num_judged == 1 && server.num_arrivals == 3);
    CHECK(netx_session_of(first_slot(&server))->parked.num == 1); /* its hello is still there */
    CHECK_CODE(nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT), NX_NO_PACKET);
    CHECK_CODE(client_connect(&other, SECONDS(1)), NX_SUCCESS);
    CHECK(num_judged == 2);
    client_end(&other);
    finish();
}

/* --- Without threads. --- */

static bool connected_outside;

static UINT start_outside(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    (void)address;
    (void)port;
    return nx_secure_dtls_server_session_start(session, NX_NO_WAIT);
}

static VOID connect_outside(VOID *memory) {
    (void)memory;
    nx_host_inline_delivery_set(NX_TRUE);
    make_both(1);
    server_listen(&server);
    server.control.nx_secure_dtls_connect_notify = start_outside;
    for (UINT i = 0; i < 9; i++)
        (void)client_connect(&client, NX_NO_WAIT);
    connected_outside = netx_session_of(first_slot(&server))->state == SESSION_ESTABLISHED &&
                        netx_session_of(&client.session)->state == SESSION_ESTABLISHED;
    finish();
}

static void a_program_without_threads_may_start_a_slot(void **state) {
    (void)state;
    netx_test_outside(TX_HOST_TIME_STEPPED, connect_outside);
    assert_true(connected_outside);
}

/* --- Hellos. --- */

/* Which comes in one packet: nothing is copied that would have to fit. */
SERVICES_TEST(a_hello_may_begin_a_long_datagram) {
    NX_PACKET *packet;
    world_make_with(8192, 8192);
    server_make(&server, 1);
    server_listen(&server);
    client_make(&client);
    edit_arrivals(server_ip, keep);
    knock(&client);
    edit_arrivals(server_ip, NULL);
    const size_t behind = sizeof datagram - datagram_len - NX_SECURE_DTLS_RECORD_HEADER_SIZE;
    const UCHAR header[] = {NX_SECURE_TLS_HANDSHAKE, 0xFE,         0xFD, 0, 0, 0, 0, 0, 0, 0, 9,
                            (UCHAR)(behind >> 8),    (UCHAR)behind};
    memcpy(datagram + datagram_len, header, sizeof header);
    send_raw(&client.socket, server_address, SERVER_PORT, datagram, sizeof datagram);
    tx_thread_sleep(1);
    CHECK_CODE(nx_udp_socket_receive(&client.socket, &packet, NX_NO_WAIT), NX_SUCCESS);
    CHECK(packet->nx_packet_prepend_ptr[13] == NX_SECURE_TLS_HELLO_VERIFY_REQUEST);
    nx_packet_release(packet);
    finish();
}

/* With all else that it was with. */
SERVICES_TEST(a_cookie_is_good_at_the_address_that_it_was_sent_to) {
    world_make();
    server_make(&server, 1);
    server_listen(&server);
    client_make(&client);
    client_connect(&client, NX_NO_WAIT);
    tx_thread_sleep(1);
    edit_arrivals(server_ip, keep);
    client_connect(&client, NX_NO_WAIT);
    tx_thread_sleep(1);
    edit_arrivals(server_ip, NULL);
    nx_host_datagram hello = {.destination = server_address,
                              .source_port = client.socket.nx_udp_socket_port,
                              .destination_port = SERVER_PORT,
                              .length = datagram_len,
                              .data = datagram};
    hello.source.nxd_ip_version = NX_IP_VERSION_V4;
    hello.source.nxd_ip_address.v4 = CLIENT_ADDRESS + 1;
    CHECK_CODE(nx_host_deliver(&hello), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK(server.num_arrivals == 0);
    hello.source.nxd_ip_address.v4 = CLIENT_ADDRESS;
    CHECK_CODE(nx_host_deliver(&hello), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK(server.num_arrivals == 1);
    finish();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slot_is_taken_back_whatever_the_program_does),
        cmocka_unit_test(a_begin_that_fails_where_nobody_waits_is_told),
        cmocka_unit_test(a_clock_may_reset_what_begins),
        cmocka_unit_test(a_slot_may_be_over_when_its_callback_has_judged),
        cmocka_unit_test(a_slot_may_be_over_before_its_first_answer),
        cmocka_unit_test(a_program_without_threads_may_start_a_slot),
        cmocka_unit_test(a_hello_may_begin_a_long_datagram),
        cmocka_unit_test(a_cookie_is_good_at_the_address_that_it_was_sent_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
