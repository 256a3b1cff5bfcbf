/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_session_client_info_get: who is at the other end of a
 * server's session, in callbacks as anywhere.
 */
#include "peers.h"

static example_server server_state;
static TX_SEMAPHORE connected;
static UINT known_port;

static VOID show(NX_SECURE_DTLS_SESSION *session) {
    NXD_ADDRESS address;
    UINT port;
    UINT local_port;
    UINT status = nx_secure_dtls_session_client_info_get(session, &address, &port, &local_port);
    if (status == NX_NOT_CONNECTED) {
        example_say("the session is nobody's: %s", example_code(status));
        return;
    }
    example_check("nx_secure_dtls_session_client_info_get", status);
    ULONG v4 = address.nxd_ip_address.v4;
    example_say("the client of port %u is at %u.%u.%u.%u, %s", local_port, v4 >> 24, v4 >> 16 & 0xFF,
                v4 >> 8 & 0xFF, v4 & 0xFF,
                port == known_port ? "at the port of connect_notify" : "elsewhere");
}

static UINT connect_notify(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    known_port = port;
    show(session);
    (void)address;
    return tx_semaphore_put(&connected);
}

static VOID server(ULONG input) {
    NX_SECURE_DTLS_SESSION *session = &server_state.sessions[0];
    example_check("tx_semaphore_create", tx_semaphore_create(&connected, (CHAR *)"connected", 0));
    example_server_make(&server_state, EXAMPLE_PSK, connect_notify);
    example_check("nx_secure_dtls_server_start", nx_secure_dtls_server_start(&server_state.server));

    example_check("tx_semaphore_get", tx_semaphore_get(&connected, TX_WAIT_FOREVER));
    example_check("nx_secure_dtls_server_session_start",
                  nx_secure_dtls_server_session_start(session, EXAMPLE_SECONDS(10)));
    show(session);
    /* What is not asked for may be NX_NULL. */
    example_check("nx_secure_dtls_session_client_info_get",
                  nx_secure_dtls_session_client_info_get(session, NX_NULL, &known_port, NX_NULL));
    example_server_echo(session);
    example_say("after the end: %s",
                example_code(nx_secure_dtls_session_client_info_get(session, NX_NULL, NX_NULL, NX_NULL)));
    example_server_close(&server_state);
    (void)input;
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", server, 0);
    example_thread("client", example_hello_client, EXAMPLE_PSK);
}
