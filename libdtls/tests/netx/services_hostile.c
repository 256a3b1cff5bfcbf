/* SPDX-License-Identifier: MIT
 *
 * What a program or a peer does that it should not: nothing is read or written that is not the layer's,
 * nobody waits for ever, and the others go on.
 */
#include "netx/secure/session.h"
#include "services_world.h"

static test_server server;
static test_client client;

static void finish(void) {
    client_end(&client);
    server_end(&server);
}

/* --- Packets. --- */

static void expect_refused(NX_PACKET *packet, ULONG len, const UCHAR *append) {
    packet->nx_packet_length = len;
    packet->nx_packet_append_ptr = (UCHAR *)(uintptr_t)append;
    CHECK_CODE(nx_secure_dtls_client_session_send(&client.session, packet),
               NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL);
    CHECK(packet->nx_packet_length == len && packet->nx_packet_append_ptr == append);
}

SERVICES_TEST(packets_whose_members_contradict_each_other_are_not_sent) {
    connected_pair(&server, &client);
    NX_PACKET *packet = packet_with(&client.session, client_ip, "text");
    UCHAR *prepend = packet->nx_packet_prepend_ptr;
    const UCHAR *append = packet->nx_packet_append_ptr;
    expect_refused(packet, 1400, append);
    expect_refused(packet, 3, append);
    expect_refused(packet, 4, prepend);
    expect_refused(packet, 4, prepend - 4);
    expect_refused(packet, 1600, prepend + 1600);
    packet->nx_packet_prepend_ptr = packet->nx_packet_data_start - 1;
    expect_refused(packet, 4, packet->nx_packet_data_start + 3);
    packet->nx_packet_prepend_ptr = prepend;
    packet->nx_packet_length = 4;
    packet->nx_packet_append_ptr = prepend + 4;
    CHECK_CODE(nx_secure_dtls_client_session_send(&client.session, packet), NX_SUCCESS);
    expect_data(first_slot(&server), "text");
    finish();
}

/* --- Outside of threads nobody can wait. --- */

static UINT answers[3];

static void wait_in_handler(void *context) {
    NX_PACKET *packet;
    (void)context;
    answers[0] = nx_secure_dtls_session_receive(&client.session, &packet, NX_WAIT_FOREVER);
    answers[1] = nx_secure_dtls_session_end(&client.session, NX_WAIT_FOREVER);
    answers[2] = client_connect(&client, NX_WAIT_FOREVER);
}

SERVICES_TEST(services_do_not_wait_in_what_another_posix_thread_has_posted) {
    kernel_post post = {.handler = wait_in_handler};
    connected_pair(&server, &client);
    netx_kernel_post_handler(netx_kernel_used(), &post);
    tx_thread_sleep(1);
    CHECK_CODE(answers[0], NX_NO_PACKET);
    CHECK_CODE(answers[1], NX_NO_PACKET);
    CHECK_CODE(answers[2], NX_NOT_CONNECTED);
    finish();
}

static VOID define(VOID *memory) {
    (void)memory;
    NX_UDP_SOCKET *socket = &client.socket;
    server_ip = netx_test_ip(SERVER_ADDRESS);
    client_ip = server_ip;
    client_make_bare(&client, &nx_crypto_tls_ciphers_ecc);
    NXD_ADDRESS nobody = {.nxd_ip_version = NX_IP_VERSION_V4, .nxd_ip_address.v4 = CLIENT_ADDRESS};
    answers[0] = nx_secure_dtls_client_session_start(&client.session, socket, &nobody, 1, NX_WAIT_FOREVER);
    answers[1] = nx_secure_dtls_session_start(&client.session, socket, 0, NX_WAIT_FOREVER);
    client_end(&client);
}

static void services_do_not_wait_in_initialisation(void **state) {
    (void)state;
    netx_test_outside(TX_HOST_TIME_STEPPED, define);
    assert_int_equal(answers[0], NX_NOT_CONNECTED);
    assert_int_equal(answers[1], NX_NO_PACKET);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_whose_members_contradict_each_other_are_not_sent),
        cmocka_unit_test(services_do_not_wait_in_what_another_posix_thread_has_posted),
        cmocka_unit_test(services_do_not_wait_in_initialisation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
