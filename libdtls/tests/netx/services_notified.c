/* SPDX-License-Identifier: MIT
 *
 * connect_notify of a server that tells first: it may refuse the client, start
 * its session, and end the server.
 */
#include "services_first.h"

static NX_SECURE_DTLS_SESSION *slot(UINT i) {
    return &server.control.nx_dtls_server_sessions[i];
}

static UINT num_told;

static UINT refuse(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    CHECK(address->nxd_ip_address.v4 == CLIENT_ADDRESS && port == client.socket.nx_udp_socket_port);
    num_told++;
    CHECK_CODE(nx_secure_dtls_session_end(session, NX_NO_WAIT), NX_SUCCESS);
    return NX_SUCCESS;
}

SERVICES_TEST(a_client_that_the_program_does_not_want_gets_no_answer) {
    first_make(1);
    num_told = 0;
    server.control.nx_secure_dtls_connect_notify = refuse;
    edit_arrivals(client_ip, count_verify_requests);
    CHECK_CODE(client_connect(&client, SECONDS(2)), NX_NOT_CONNECTED);
    CHECK(num_told == 2 && num_verify_requests == 0);
    CHECK(slot(0)->nx_secure_dtls_session_in_use == NX_FALSE);
    finish();
}

static UINT start_at_once(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    (void)address;
    (void)port;
    num_told++;
    CHECK_CODE(nx_secure_dtls_server_session_start(session, NX_NO_WAIT), NX_NO_PACKET);
    return NX_SUCCESS;
}

SERVICES_TEST(a_program_may_start_it_in_the_callback) {
    first_make(1);
    num_told = 0;
    server.control.nx_secure_dtls_connect_notify = start_at_once;
    CHECK_CODE(client_connect(&client, SECONDS(2)), NX_SUCCESS);
    CHECK(num_told == 1);
    finish();
}

static UINT stop_it(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    (void)address;
    (void)port;
    CHECK_CODE(nx_secure_dtls_server_stop(session->nx_secure_dtls_server_parent), NX_SUCCESS);
    return NX_SUCCESS;
}

static UINT delete_it(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    NX_SECURE_DTLS_SERVER *of = session->nx_secure_dtls_server_parent;
    stop_it(session, address, port);
    CHECK_CODE(nx_secure_dtls_server_delete(of), NX_SUCCESS);
    return NX_SUCCESS;
}

SERVICES_TEST(the_callback_may_stop_the_server) {
    first_make(1);
    server.control.nx_secure_dtls_connect_notify = stop_it;
    CHECK_CODE(client_connect(&client, SECONDS(2)), NX_NOT_CONNECTED);
    finish();
}

SERVICES_TEST(the_callback_may_delete_the_server) {
    first_make(1);
    server.control.nx_secure_dtls_connect_notify = delete_it;
    CHECK_CODE(client_connect(&client, SECONDS(2)), NX_NOT_CONNECTED);
    client_end(&client);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_that_the_program_does_not_want_gets_no_answer),
        cmocka_unit_test(a_program_may_start_it_in_the_callback),
        cmocka_unit_test(the_callback_may_stop_the_server),
        cmocka_unit_test(the_callback_may_delete_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
