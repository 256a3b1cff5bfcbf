/* SPDX-License-Identifier: MIT
 *
 * What goes well: a handshake, data both ways, the end.
 */
#include "services_world.h"

static test_server server;
static test_client client;

static void talk(void) {
    connected_pair(&server, &client);
    NX_SECURE_DTLS_SESSION *slot = first_slot(&server);
    NX_PACKET *packet = packet_with(&client.session, client_ip, "hello");
    CHECK_CODE(nx_secure_dtls_client_session_send(&client.session, packet), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK(server.num_received == 1);
    expect_data(slot, "hello");
    packet = packet_with(slot, server_ip, "welcome");
    CHECK_CODE(nx_secure_dtls_server_session_send(slot, packet), NX_SUCCESS);
    expect_data(&client.session, "welcome");
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, NX_NO_WAIT), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK(server.num_disconnected == 1);
    CHECK_CODE(nx_secure_dtls_session_end(slot, NX_NO_WAIT), NX_SUCCESS);
    client_end(&client);
    server_end(&server);
}

static void data_goes_both_ways(void **state) {
    (void)state;
    netx_test_run(talk);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_goes_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
