/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_server_session_start: the server's part of a handshake, for
 * the session of which connect_notify told, and in a thread of the server's.
 */
#include "peers.h"

static example_server server_state;
static NX_SECURE_DTLS_SESSION *from;
static TX_SEMAPHORE connected;

static UINT connect_notify(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    from = session;
    (void)address;
    (void)port;
    return tx_semaphore_put(&connected);
}

static VOID server(ULONG input) {
    example_check("tx_semaphore_create", tx_semaphore_create(&connected, (CHAR *)"connected", 0));
    example_server_make(&server_state, EXAMPLE_PSK, connect_notify);
    example_check("nx_secure_dtls_server_start", nx_secure_dtls_server_start(&server_state.server));
    example_say("started for nobody: %s",
                example_code(nx_secure_dtls_server_session_start(&server_state.sessions[0], NX_NO_WAIT)));

    UINT done = NX_FALSE;
    while (!done) {
        example_check("tx_semaphore_get", tx_semaphore_get(&connected, TX_WAIT_FOREVER));
        example_say("a client is there");
        UINT status = nx_secure_dtls_server_session_start(from, EXAMPLE_SECONDS(5));
        example_say("its handshake: %s", example_code(status));
        if (status == NX_SUCCESS) {
            example_say("started twice: %s",
                        example_code(nx_secure_dtls_server_session_start(from, EXAMPLE_SECONDS(5))));
            example_server_echo(from);
            done = NX_TRUE;
        } else {
            /* The slot is the failed client's until it is given back. */
            example_check("nx_secure_dtls_session_reset", nx_secure_dtls_session_reset(from));
        }
    }
    example_server_close(&server_state);
    (void)input;
}

/* Goes away in the middle of its handshake, and comes back. */
static VOID client(ULONG input) {
    static example_client state;
    example_client_open(&state, input);
    for (UINT i = 0; i < 2; i++)
        (void)nx_secure_dtls_client_session_start(&state.session, &state.socket, &example_server_host.address,
                                                  EXAMPLE_PORT, NX_NO_WAIT);
    example_say("goes away");
    example_client_close(&state);
    tx_thread_sleep(EXAMPLE_SECONDS(8));
    example_hello_client(input);
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", server, 0);
    example_thread("client", client, EXAMPLE_PSK);
}
