/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_server_delete: the end of a server that has been stopped. Its
 * sessions are wiped, its buffers and certificates are the program's again.
 */
#include "peers.h"

static example_server server_state;

static VOID server(ULONG input) {
    NX_SECURE_DTLS_SERVER *own = &server_state.server;
    example_server_open(&server_state, input);
    NX_SECURE_DTLS_SESSION *session = example_server_accept();

    /* A server that listens is not taken apart; its sessions go on. */
    UINT status = nx_secure_dtls_server_delete(own);
    example_say("deleted while it runs: %s", example_code(status));
    if (session != NX_NULL)
        example_server_echo(session);
    if (status == NX_STILL_BOUND) {
        example_check("nx_secure_dtls_server_stop", nx_secure_dtls_server_stop(own));
        status = nx_secure_dtls_server_delete(own);
    }
    example_say("stopped and deleted: %s", example_code(status));
    example_say("deleted twice: %s", example_code(nx_secure_dtls_server_delete(own)));
    example_say("started: %s", example_code(nx_secure_dtls_server_start(own)));

    /* The same memory will do for another server, here one with a certificate. */
    memset(&server_state, 0, sizeof server_state);
    example_server_open(&server_state, EXAMPLE_CERTIFICATE);
    session = example_server_accept();
    if (session != NX_NULL)
        example_server_echo(session);
    example_server_close(&server_state);
}

static VOID clients(ULONG input) {
    example_hello_client(input);
    tx_thread_sleep(EXAMPLE_SECONDS(1));
    example_hello_client(EXAMPLE_CERTIFICATE);
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", server, EXAMPLE_PSK);
    example_thread("client", clients, EXAMPLE_PSK);
}
