/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_server_start: the server takes its port and answers clients.
 * Until then nobody knows that it is there.
 */
#include "peers.h"

static example_server server_state;
static NX_UDP_SOCKET other;

static VOID server(ULONG input) {
    example_server_make(&server_state, EXAMPLE_PSK, example_connect_notify);
    example_check("nx_udp_socket_create",
                  nx_udp_socket_create(&example_server_host.ip, &other, (CHAR *)"other", NX_IP_NORMAL,
                                       NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 8));
    example_check("nx_udp_socket_bind", nx_udp_socket_bind(&other, EXAMPLE_PORT, NX_NO_WAIT));

    /* The timeout of nx_secure_dtls_server_create is how long it waits for the port: 1 s here. */
    UINT status = nx_secure_dtls_server_start(&server_state.server);
    example_say("started where another socket has the port: %s", example_code(status));
    if (status == NX_PORT_UNAVAILABLE || status == NX_ALREADY_BOUND) {
        example_check("nx_udp_socket_unbind", nx_udp_socket_unbind(&other));
        status = nx_secure_dtls_server_start(&server_state.server);
    }
    if (status != NX_SUCCESS) {
        example_say("no server: %s", example_code(status));
        return;
    }
    example_say("started: %s", example_code(status));
    example_say("started twice: %s", example_code(nx_secure_dtls_server_start(&server_state.server)));

    NX_SECURE_DTLS_SESSION *session = example_server_accept();
    if (session != NX_NULL)
        example_server_echo(session);
    example_server_close(&server_state);
    example_check("nx_udp_socket_delete", nx_udp_socket_delete(&other));
    (void)input;
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", server, 0);
    example_thread("client", example_hello_client, EXAMPLE_PSK);
}
