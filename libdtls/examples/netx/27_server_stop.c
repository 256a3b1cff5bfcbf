/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_server_stop: the port is given back and every session reset,
 * without a word to the clients. The server may be started again.
 */
#include "peers.h"

static example_server server_state;
static NX_SECURE_DTLS_SESSION *session;
static TX_SEMAPHORE told;

/* Waits for data of the session when the server is stopped. */
static VOID reader(ULONG input) {
    char text[32];
    UINT status;
    example_check("tx_semaphore_get", tx_semaphore_get(&told, TX_WAIT_FOREVER));
    while ((status = example_receive(session, text, sizeof text, NX_WAIT_FOREVER)) == NX_SUCCESS)
        example_send(session, &example_server_host.pool, text);
    example_say("the session is over: %s", example_code(status));
    (void)input;
}

static VOID server(ULONG input) {
    example_server_make(&server_state, input, example_connect_notify);
    UINT status = nx_secure_dtls_server_stop(&server_state.server);
    example_say("stopped before it was started: %s", example_code(status));
    example_check("nx_secure_dtls_server_start", nx_secure_dtls_server_start(&server_state.server));
    session = example_server_accept();
    example_check("tx_semaphore_put", tx_semaphore_put(&told));

    tx_thread_sleep(EXAMPLE_SECONDS(5));
    /* To part in peace, end the sessions first (nx_secure_dtls_session_end). */
    status = nx_secure_dtls_server_stop(&server_state.server);
    example_say("stopped: %s", example_code(status));

    tx_thread_sleep(EXAMPLE_SECONDS(10));
    status = nx_secure_dtls_server_start(&server_state.server);
    example_say("started again: %s", example_code(status));
    session = example_server_accept();
    if (session != NX_NULL)
        example_server_echo(session);
    example_server_close(&server_state);
}

static VOID client(ULONG input) {
    static example_client state;
    char text[16];
    example_client_open(&state, input);
    if (example_client_connect(&state) == NX_SUCCESS)
        example_client_talk(&state, "hello");
    UINT status = example_receive(&state.session, text, sizeof text, EXAMPLE_SECONDS(8));
    example_say("heard nothing for 8 s: %s", example_code(status));
    (void)nx_secure_dtls_session_end(&state.session, EXAMPLE_SECONDS(2));
    example_say("connects again");
    if (example_client_connect(&state) == NX_SUCCESS)
        example_client_talk(&state, "hello again");
    example_client_close(&state);
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_check("tx_semaphore_create", tx_semaphore_create(&told, (CHAR *)"told", 0));
    example_thread("server", server, EXAMPLE_PSK);
    example_thread("reader", reader, 0);
    example_thread("client", client, EXAMPLE_PSK);
}
