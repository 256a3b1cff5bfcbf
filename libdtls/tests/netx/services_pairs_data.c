/* SPDX-License-Identifier: MIT
 *
 * Sending and receiving.
 */
#include "netx/secure/session.h"
#include "services_pairs.h"

/* --- One set of tests for the three services that send, from the client. --- */

typedef UINT (*sender)(NX_SECURE_DTLS_SESSION *session, NX_PACKET *packet);

static UINT to_peer(NX_SECURE_DTLS_SESSION *session, NX_PACKET *packet) {
    return nx_secure_dtls_session_send(session, packet, &server_address, SERVER_PORT);
}

/* Checks that a refused packet is as it was, then releases it. */
static void expect_refusal(sender send, NX_PACKET *packet, UINT expected) {
    const NX_PACKET before = *packet;
    UCHAR data[64];
    UCHAR after[64];
    ULONG len = before.nx_packet_length < 64 ? before.nx_packet_length : 64;
    memcpy(data, packet->nx_packet_prepend_ptr, len);
    CHECK_CODE(send(&client.session, packet), expected);
    CHECK(packet->nx_packet_prepend_ptr == before.nx_packet_prepend_ptr);
    CHECK(packet->nx_packet_append_ptr == before.nx_packet_append_ptr);
    CHECK(packet->nx_packet_length == before.nx_packet_length);
    memcpy(after, packet->nx_packet_prepend_ptr, len);
    CHECK(memcmp(data, after, len) == 0);
    nx_packet_release(packet);
}

static void succeed(sender send, UINT expected) {
    connected_pair(&server, &client);
    CHECK_CODE(send(&client.session, packet_with(&client.session, client_ip, "data")), expected);
    expect_data(first_slot(&server), "data");
    finish();
}

static void use_up_numbers(sender send, UINT expected) {
    connected_pair(&server, &client);
    NX_SECURE_TLS_SESSION *inner = &client.session.nx_secure_dtls_tls_session;
    inner->nx_secure_tls_local_sequence_number[0] = 0xFFFFFFFF;
    inner->nx_secure_tls_local_sequence_number[1] = 0xFFFFFFFF;
    expect_refusal(send, packet_with(&client.session, client_ip, "data"), expected);
    finish();
}

static void send_too_early_and_too_late(sender send, UINT expected) {
    make_both(1);
    expect_refusal(send, packet_with(&client.session, client_ip, "before"), expected);
    server_serve(&server);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    NX_PACKET *packet;
    CHECK_CODE(nx_secure_dtls_session_receive(&client.session, &packet, SECONDS(1)),
               NX_SECURE_TLS_CLOSE_NOTIFY_RECEIVED);
    expect_refusal(send, packet_with(&client.session, client_ip, "closed"), expected);
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, NX_NO_WAIT), NX_SUCCESS);
    expect_refusal(send, packet_with(&client.session, client_ip, "ended"), expected);
    finish();
}

static UINT refuse(NX_UDP_SOCKET *socket, NX_PACKET *packet, const NXD_ADDRESS *address, UINT port) {
    (void)socket;
    (void)packet;
    (void)address;
    (void)port;
    return NX_IP_ADDRESS_ERROR;
}

static void let_udp_refuse(sender send, UINT expected) {
    connected_pair(&server, &client);
    /* As the host's network may. */
    const net_link *link = netx_ip_of(client_ip)->link;
    net_link refusing = *link;
    refusing.send = refuse;
    netx_ip_of(client_ip)->link = &refusing;
    expect_refusal(send, packet_with(&client.session, client_ip, "refused"), expected);
    netx_ip_of(client_ip)->link = link;
    CHECK_CODE(send(&client.session, packet_with(&client.session, client_ip, "again")), NX_SUCCESS);
    expect_data(first_slot(&server), "again");
    CHECK_CODE(nx_udp_socket_unbind(&client.socket), NX_SUCCESS);
    expect_refusal(send, packet_with(&client.session, client_ip, "unbound"), expected);
    finish();
}

static void send_what_has_no_room(sender send, UINT expected) {
    static UCHAR filler[1536];
    NX_PACKET *packet;
    connected_pair(&server, &client);
    NX_PACKET_POOL *pool = client_ip->nx_ip_default_packet_pool;
    /* A chain. */
    CHECK_CODE(nx_secure_dtls_packet_allocate(&client.session, pool, &packet, 0), NX_SUCCESS);
    CHECK_CODE(nx_packet_data_append(packet, filler, sizeof filler, pool, 0), NX_SUCCESS);
    CHECK(packet->nx_packet_next != NX_NULL);
    expect_refusal(send, packet, expected);
    /* Data from the first to the last byte of the packet. */
    CHECK_CODE(nx_packet_allocate(pool, &packet, 0, 0), NX_SUCCESS);
    CHECK_CODE(nx_packet_data_append(packet, filler, pool->nx_packet_pool_payload_size, pool, 0), NX_SUCCESS);
    expect_refusal(send, packet, expected);
    /* Longer than a record. */
    NX_PACKET_POOL *large = netx_test_pool(1, 20000);
    CHECK_CODE(nx_packet_allocate(large, &packet, 100, 0), NX_SUCCESS);
    packet->nx_packet_append_ptr += 16385;
    packet->nx_packet_length = 16385;
    expect_refusal(send, packet, expected);
    /* At the wrong end of its packet, but there is room. */
    CHECK_CODE(nx_packet_allocate(pool, &packet, 0, 0), NX_SUCCESS);
    CHECK_CODE(nx_packet_data_append(packet, (VOID *)(uintptr_t) "moved", 5, pool, 0), NX_SUCCESS);
    CHECK_CODE(send(&client.session, packet), NX_SUCCESS);
    expect_data(first_slot(&server), "moved");
    finish();
}

#define SENDS(service, send)                                                                                 \
    PAIR(service, NX_SUCCESS) {                                                                              \
        succeed(send, expected);                                                                             \
    }                                                                                                        \
    PAIR(service, NX_NOT_SUCCESSFUL) {                                                                       \
        use_up_numbers(send, expected);                                                                      \
    }                                                                                                        \
    PAIR(service, NX_SECURE_TLS_SESSION_UNINITIALIZED) {                                                     \
        send_too_early_and_too_late(send, expected);                                                         \
    }                                                                                                        \
    PAIR(service, NX_SECURE_TLS_TCP_SEND_FAILED) {                                                           \
        let_udp_refuse(send, expected);                                                                      \
    }                                                                                                        \
    PAIR(service, NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL) {                                                   \
        send_what_has_no_room(send, expected);                                                               \
    }
SENDS(client_session_send, nx_secure_dtls_client_session_send)
SENDS(server_session_send, nx_secure_dtls_server_session_send)
SENDS(session_send, to_peer)

static UINT to_another_port(NX_SECURE_DTLS_SESSION *session, NX_PACKET *packet) {
    return nx_secure_dtls_session_send(session, packet, &server_address, SERVER_PORT + 1);
}

static UINT to_another_address(NX_SECURE_DTLS_SESSION *session, NX_PACKET *packet) {
    NXD_ADDRESS address = server_address;
    address.nxd_ip_address.v4++;
    return nx_secure_dtls_session_send(session, packet, &address, SERVER_PORT);
}

PAIR(session_send, NX_SECURE_TLS_SEND_ADDRESS_MISMATCH) {
    connected_pair(&server, &client);
    expect_refusal(to_another_port, packet_with(&client.session, client_ip, "x"), expected);
    expect_refusal(to_another_address, packet_with(&client.session, client_ip, "x"), expected);
    finish();
}

/* --- Receiving. --- */

static UINT receive(NX_SECURE_DTLS_SESSION *session, ULONG wait) {
    NX_PACKET *packet = (NX_PACKET *)(void *)session;
    UINT status = nx_secure_dtls_session_receive(session, &packet, wait);
    CHECK(status == NX_SUCCESS || packet == NX_NULL);
    if (status == NX_SUCCESS)
        nx_packet_release(packet);
    return status;
}

PAIR(session_receive, NX_SUCCESS) {
    connected_pair(&server, &client);
    CHECK_CODE(to_peer(&client.session, packet_with(&client.session, client_ip, "data")), NX_SUCCESS);
    CHECK_CODE(receive(first_slot(&server), SECONDS(1)), expected);
    finish();
}

PAIR(session_receive, NX_NO_PACKET) {
    connected_pair(&server, &client);
    ULONG began = netx_test_ticks();
    CHECK_CODE(receive(first_slot(&server), NX_NO_WAIT), expected);
    CHECK(netx_test_ticks() == began);
    CHECK_CODE(receive(first_slot(&server), 33), expected);
    CHECK_CODE(receive(&client.session, 33), expected);
    CHECK(netx_test_ticks() - began == 66);
    finish();
}

PAIR(session_receive, NX_WAIT_ABORTED) {
    connected_pair(&server, &client);
    abort_later(tx_thread_identify(), 12);
    CHECK_CODE(receive(&client.session, NX_WAIT_FOREVER), expected);
    abort_later(tx_thread_identify(), 12);
    CHECK_CODE(receive(first_slot(&server), NX_WAIT_FOREVER), expected);
    finish();
}

static UINT other_answer;

static VOID receive_in_thread(ULONG wait) {
    other_answer = receive(&client.session, wait);
}

PAIR(session_receive, NX_ALREADY_SUSPENDED) {
    connected_pair(&server, &client);
    netx_test_thread(NETX_TEST_PRIORITY - 1, receive_in_thread, 50);
    CHECK_CODE(receive(&client.session, SECONDS(1)), expected);
    tx_thread_sleep(60);
    CHECK_CODE(other_answer, NX_NO_PACKET);
    finish();
}

PAIR(session_receive, NX_NOT_BOUND) {
    connected_pair(&server, &client);
    CHECK_CODE(nx_udp_socket_unbind(&client.socket), NX_SUCCESS);
    CHECK_CODE(receive(&client.session, SECONDS(1)), expected);
    finish();
}

PAIR(session_receive, NX_SECURE_TLS_SESSION_UNINITIALIZED) {
    make_both(1);
    CHECK_CODE(receive(&client.session, NX_NO_WAIT), expected);
    server_serve(&server);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    netx_test_thread(NETX_TEST_PRIORITY - 1, receive_in_thread, NX_WAIT_FOREVER);
    CHECK_CODE(nx_secure_dtls_session_reset(&client.session), NX_SUCCESS);
    CHECK_CODE(other_answer, expected);
    finish();
}

PAIR(session_receive, NX_SECURE_TLS_ALERT_RECEIVED) {
    connected_pair(&server, &client);
    NX_SECURE_DTLS_SESSION *slot = first_slot(&server);
    CHECK_CODE(to_peer(&client.session, packet_with(&client.session, client_ip, "last")), NX_SUCCESS);
    dtls_abort(netx_session_of(&client.session)->connection, netx_session_now(&client.session),
               DTLS_ALERT_INTERNAL_ERROR);
    netx_engine_flush(&client.session);
    expect_data(slot, "last");
    CHECK_CODE(receive(slot, SECONDS(1)), expected);
    CHECK(server.num_disconnected == 1);
    finish();
}

PAIR(session_receive, NX_SECURE_TLS_CLOSE_NOTIFY_RECEIVED) {
    connected_pair(&server, &client);
    NX_SECURE_DTLS_SESSION *slot = first_slot(&server);
    CHECK_CODE(to_peer(&client.session, packet_with(&client.session, client_ip, "last")), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, NX_NO_WAIT), NX_SUCCESS);
    expect_data(slot, "last");
    CHECK_CODE(receive(slot, SECONDS(1)), expected);
    CHECK_CODE(receive(slot, SECONDS(1)), expected);
    finish();
}
