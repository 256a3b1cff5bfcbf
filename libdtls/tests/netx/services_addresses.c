/* SPDX-License-Identifier: MIT
 *
 * Sessions over IPv6, beside others over IPv4, and over the host's sockets.
 */
#include "services_both.h"

#define LOOPBACK IP_ADDRESS(127, 0, 0, 1)

static test_client other;

static const NXD_ADDRESS server_v6 = {.nxd_ip_version = NX_IP_VERSION_V6,
                                      .nxd_ip_address.v6 = {0x20010DB8, 0, 0, 4}};
static const NXD_ADDRESS client_v6 = {.nxd_ip_version = NX_IP_VERSION_V6,
                                      .nxd_ip_address.v6 = {0x20010DB8, 0, 0, 5}};

static void set_address(NX_IP *ip, NXD_ADDRESS address) {
    CHECK_CODE(nxd_ipv6_address_set(ip, 0, &address, 64, NX_NULL), NX_SUCCESS);
}

static bool is_same(const NXD_ADDRESS *one, const NXD_ADDRESS *two) {
    return one->nxd_ip_version == two->nxd_ip_version &&
           memcmp(one->nxd_ip_address.v6, two->nxd_ip_address.v6, sizeof one->nxd_ip_address.v6) == 0;
}

static void say(test_client *from, NX_SECURE_DTLS_SESSION *to, const char *text) {
    CHECK_CODE(nx_secure_dtls_client_session_send(
                   &from->session, packet_with(&from->session, from->socket.nx_udp_socket_ip_ptr, text)),
               NX_SUCCESS);
    expect_data(to, text);
    NX_PACKET *packet = packet_with(to, server.control.nx_dtls_server_ip_ptr, text);
    CHECK_CODE(nx_secure_dtls_server_session_send(to, packet), NX_SUCCESS);
    expect_data(&from->session, text);
}

static void make_both_at_v6(UINT slots) {
    world_make();
    set_address(server_ip, server_v6);
    server_address = server_v6;
    server_make(&server, slots);
    client_make(&client);
}

/* --- Over the switch. --- */

SERVICES_TEST(sessions_go_over_ipv6) {
    NXD_ADDRESS address;
    UINT port;
    UINT local;
    make_both_at_v6(1);
    set_address(client_ip, client_v6);
    server_serve(&server);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    NX_SECURE_DTLS_SESSION *slot = first_slot(&server);
    CHECK_CODE(nx_secure_dtls_session_client_info_get(slot, &address, &port, &local), NX_SUCCESS);
    CHECK(is_same(&address, &client_v6));
    CHECK(port == client.socket.nx_udp_socket_port && local == SERVER_PORT);
    say(&client, slot, "over IPv6");
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, SECONDS(1)), NX_SUCCESS);
    CHECK(server.num_disconnected == 1 && netx_test_ticks() == 0);
    CHECK_CODE(nx_secure_dtls_session_end(slot, NX_NO_WAIT), NX_SUCCESS);
    /* Once more, from the slot's side. */
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    NX_PACKET *packet;
    CHECK_CODE(nx_secure_dtls_session_receive(&client.session, &packet, SECONDS(1)),
               NX_SECURE_TLS_CLOSE_NOTIFY_RECEIVED);
    finish();
}

/* A client hears nobody but the address that it has called. */
SERVICES_TEST(a_server_answers_from_the_address_that_was_called) {
    static const NXD_ADDRESS second = {.nxd_ip_version = NX_IP_VERSION_V6,
                                       .nxd_ip_address.v6 = {0x20010DB8, 0, 0, 44}};
    make_both_at_v6(1);
    set_address(server_ip, second);
    set_address(client_ip, client_v6);
    server_serve(&server);
    server_address = second;
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    say(&client, first_slot(&server), "to the second");
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, NX_NO_WAIT), NX_SUCCESS);
    server_address = server_v6;
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    say(&client, first_slot(&server), "to the first");
    finish();
}

SERVICES_TEST(the_address_that_is_sent_to_has_the_peers_version_too) {
    make_both_at_v6(1);
    set_address(client_ip, client_v6);
    server_serve(&server);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    NXD_ADDRESS wrong[3] = {server_v6, server_v6, server_v6};
    wrong[0].nxd_ip_version = NX_IP_VERSION_V4;
    wrong[1].nxd_ip_address.v6[0]++;
    wrong[2].nxd_ip_address.v6[3]++;
    NX_PACKET *packet = packet_with(&client.session, client_ip, "there");
    for (UINT i = 0; i < 3; i++)
        CHECK_CODE(nx_secure_dtls_session_send(&client.session, packet, &wrong[i], SERVER_PORT),
                   NX_SECURE_TLS_SEND_ADDRESS_MISMATCH);
    CHECK_CODE(nx_secure_dtls_session_send(&client.session, packet, &server_address, SERVER_PORT),
               NX_SUCCESS);
    expect_data(first_slot(&server), "there");
    finish();
}

SERVICES_TEST(without_an_address_of_the_version_nobody_is_reached) {
    make_both_at_v6(1);
    server_serve(&server);
    CHECK_CODE(client_connect(&client, SECONDS(5)), NX_NOT_CONNECTED);
    CHECK(netx_test_ticks() == SECONDS(5) && server.num_arrivals == 0);
    CHECK(client_ip->nx_ip_udp_packets_sent == 0);
    finish();
}

/* Both from the same port, so that their addresses alone tell them apart. */
SERVICES_TEST(clients_of_both_versions_are_told_apart) {
    make_both_at_v6(2);
    NX_IP *second = netx_test_ip(IP_ADDRESS(1, 2, 3, 6));
    set_address(second, client_v6);
    server_serve(&server);
    client_make(&other);
    CHECK_CODE(nx_udp_socket_delete(&other.socket), NX_STILL_BOUND);
    CHECK_CODE(nx_udp_socket_unbind(&other.socket), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_delete(&other.socket), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_create(second, &other.socket, (CHAR *)"other", NX_IP_NORMAL, NX_FRAGMENT_OKAY,
                                    NX_IP_TIME_TO_LIVE, 16),
               NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_bind(&other.socket, client.socket.nx_udp_socket_port, NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(client_connect(&other, SECONDS(1)), NX_SUCCESS);
    memset(&server_address, 0, sizeof server_address);
    server_address.nxd_ip_version = NX_IP_VERSION_V4;
    server_address.nxd_ip_address.v4 = SERVER_ADDRESS;
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    CHECK(server.num_arrivals == 2 && server.num_disconnected == 0);
    say(&client, server.arrivals[1], "four");
    say(&other, server.arrivals[0], "six");
    say(&client, server.arrivals[1], "four again");
    client_end(&other);
    finish();
}

/* A session that is a server itself, without slots. */
static UINT started;

static VOID start_as_server(ULONG wait) {
    started = nx_secure_dtls_session_start(&other.session, &other.socket, NX_FALSE, wait);
}

SERVICES_TEST(a_server_of_one_session_takes_clients_over_ipv6) {
    static UCHAR key[16] = {7};
    static UCHAR name[] = "name";
    world_make();
    set_address(client_ip, client_v6);
    client_make_bare(&client, &nx_crypto_tls_ciphers_ecc);
    client_make_bare(&other, &nx_crypto_tls_ciphers_ecc);
    CHECK_CODE(nx_secure_dtls_psk_add(&client.session, key, 16, name, 4, NX_NULL, 0), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_psk_add(&other.session, key, 16, name, 4, NX_NULL, 0), NX_SUCCESS);
    netx_test_thread(NETX_TEST_PRIORITY - 1, start_as_server, SECONDS(1));
    NXD_ADDRESS address = client_v6;
    CHECK_CODE(nx_secure_dtls_client_session_start(&client.session, &client.socket, &address,
                                                   other.socket.nx_udp_socket_port, SECONDS(1)),
               NX_SUCCESS);
    CHECK_CODE(started, NX_SUCCESS);
    UINT port;
    CHECK_CODE(nx_secure_dtls_session_client_info_get(&other.session, &address, &port, NX_NULL), NX_SUCCESS);
    CHECK(is_same(&address, &client_v6) && port == client.socket.nx_udp_socket_port);
    client_end(&client);
    client_end(&other);
}

/* --- Over the host's sockets, in real time. --- */

static NXD_ADDRESS host_address; /* that the client calls */
static ULONG server_own;         /* 0: all of the host's */

static NX_IP *host_ip(ULONG own) {
    NXD_ADDRESS v6 = {.nxd_ip_version = NX_IP_VERSION_V6, .nxd_ip_address.v6 = {0, 0, 0, 1}};
    NX_IP *ip = netx_test_memory(sizeof *ip);
    CHECK_CODE(
        nx_ip_create(ip, NULL, own, 0xFF000000u, netx_test_pool(64, 1536), nx_host_udp_driver, NULL, 0, 1),
        NX_SUCCESS);
    CHECK_CODE(nx_udp_enable(ip), NX_SUCCESS);
    CHECK_CODE(nxd_ipv6_address_set(ip, 0, &v6, 128, NULL), NX_SUCCESS);
    return ip;
}

static void talk_over_host(void) {
    NX_PACKET *packet;
    server_ip = host_ip(server_own);
    client_ip = host_ip(LOOPBACK);
    server_make(&server, 1);
    /* Any port that is free. */
    server.control.nx_dtls_server_listen_port = NX_ANY_PORT;
    CHECK_CODE(nx_secure_dtls_server_notify_set(&server.control, NX_NULL, NX_NULL), NX_SUCCESS);
    server_serve(&server);
    client_make(&client);
    UINT port = server.control.nx_dtls_server_udp_socket.nx_udp_socket_port;
    CHECK_CODE(nx_secure_dtls_client_session_start(&client.session, &client.socket, &host_address, port,
                                                   SECONDS(20)),
               NX_SUCCESS);
    NX_SECURE_DTLS_SESSION *slot = first_slot(&server);
    while (server.num_started == 0)
        tx_thread_sleep(1);
    CHECK_CODE(server.start_code, NX_SUCCESS);
    say(&client, slot, "over the host");
    /* A packet that has no room in front, as programs make them. */
    NX_PACKET_POOL *pool = client_ip->nx_ip_default_packet_pool;
    CHECK_CODE(nx_packet_allocate(pool, &packet, 0, NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(nx_packet_data_append(packet, (VOID *)(uintptr_t) "moved", 5, pool, NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_send(&client.session, packet, &host_address, port), NX_SUCCESS);
    expect_data(slot, "moved");
    CHECK_CODE(nx_secure_dtls_server_session_send(slot, packet_with(slot, server_ip, "back")), NX_SUCCESS);
    expect_data(&client.session, "back");
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, SECONDS(20)), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_receive(slot, &packet, SECONDS(20)),
               NX_SECURE_TLS_CLOSE_NOTIFY_RECEIVED);
    CHECK_CODE(nx_secure_dtls_session_end(slot, NX_NO_WAIT), NX_SUCCESS);
    finish();
    CHECK_CODE(nx_ip_delete(client_ip), NX_SUCCESS);
    CHECK_CODE(nx_ip_delete(server_ip), NX_SUCCESS);
}

static void sessions_go_over_the_hosts_sockets_in_both_versions(void **state) {
    (void)state;
    memset(&host_address, 0, sizeof host_address);
    host_address.nxd_ip_version = NX_IP_VERSION_V6;
    host_address.nxd_ip_address.v6[3] = 1;
    server_own = LOOPBACK;
    netx_test_run_at(TX_HOST_TIME_REAL, talk_over_host);
    memset(&host_address, 0, sizeof host_address);
    host_address.nxd_ip_version = NX_IP_VERSION_V4;
    host_address.nxd_ip_address.v4 = LOOPBACK;
    netx_test_run_at(TX_HOST_TIME_REAL, talk_over_host);
}

/* The client hears only whom it has called, and a host left to itself answers from another. */
static void a_server_at_all_addresses_answers_from_the_one_that_was_called(void **state) {
    (void)state;
    memset(&host_address, 0, sizeof host_address);
    host_address.nxd_ip_version = NX_IP_VERSION_V4;
    host_address.nxd_ip_address.v4 = LOOPBACK + 1;
    server_own = 0;
    netx_test_run_at(TX_HOST_TIME_REAL, talk_over_host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_answers_from_the_address_that_was_called),
        cmocka_unit_test(sessions_go_over_ipv6),
        cmocka_unit_test(the_address_that_is_sent_to_has_the_peers_version_too),
        cmocka_unit_test(without_an_address_of_the_version_nobody_is_reached),
        cmocka_unit_test(clients_of_both_versions_are_told_apart),
        cmocka_unit_test(a_server_of_one_session_takes_clients_over_ipv6),
        cmocka_unit_test(sessions_go_over_the_hosts_sockets_in_both_versions),
        cmocka_unit_test(a_server_at_all_addresses_answers_from_the_one_that_was_called),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
