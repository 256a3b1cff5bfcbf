/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_session_delete: the end of a client's session. Its keys are
 * wiped, its buffers and certificates are the program's again.
 */
#include "peers.h"

static example_client client_state;

static VOID client(ULONG input) {
    NX_SECURE_DTLS_SESSION *session = &client_state.session;
    example_client_open(&client_state, input);
    if (example_client_connect(&client_state) == NX_SUCCESS)
        example_client_talk(&client_state, "goodbye");

    /* It sends nothing: nx_secure_dtls_session_end tells the peer. */
    UINT status = nx_secure_dtls_session_end(session, EXAMPLE_SECONDS(2));
    if (status != NX_SUCCESS)
        example_say("the peer may not know that this was the end: %s", example_code(status));
    status = nx_secure_dtls_session_delete(session);
    example_say("deleted: %s", example_code(status));
    example_check("nx_udp_socket_unbind", nx_udp_socket_unbind(&client_state.socket));
    example_check("nx_udp_socket_delete", nx_udp_socket_delete(&client_state.socket));

    /* No service takes it now, nx_secure_dtls_session_create excepted. */
    example_say("deleted twice: %s", example_code(nx_secure_dtls_session_delete(session)));
    example_say("ended: %s", example_code(nx_secure_dtls_session_end(session, NX_NO_WAIT)));

    /* The credentials went with it. */
    memset(client_state.metadata, 0xFF, sizeof client_state.metadata);
    example_client_open(&client_state, 0);
    (void)example_client_connect(&client_state);
    example_client_close(&client_state);
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", example_echo_server, EXAMPLE_PSK | EXAMPLE_CLIENTS(2));
    example_thread("client", client, EXAMPLE_PSK);
}
