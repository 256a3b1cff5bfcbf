/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_server_notify_set: what else a server may want to know: that
 * a client has closed, and what went wrong that no service answers.
 */
#include "peers.h"

static example_server server_state;
static NX_SECURE_DTLS_SESSION *sessions[EXAMPLE_SESSIONS];
static TX_SEMAPHORE closed;

/* The IP thread calls: the sessions are ended by the server's. */
static UINT disconnect_notify(NX_SECURE_DTLS_SESSION *session) {
    NXD_ADDRESS address;
    UINT status = nx_secure_dtls_session_client_info_get(session, &address, NX_NULL, NX_NULL);
    if (status == NX_SUCCESS)
        example_say("disconnect_notify: a client at 10.0.0.%u", address.nxd_ip_address.v4 & 0xFF);
    return tx_semaphore_put(&closed);
}

static UINT error_notify(NX_SECURE_DTLS_SESSION *session, UINT error_code) {
    example_say("error_notify: %s, %s", session == NX_NULL ? "no session" : "a session",
                example_code(error_code));
    return NX_SUCCESS;
}

static VOID server(ULONG input) {
    example_check("tx_semaphore_create", tx_semaphore_create(&closed, (CHAR *)"closed", 0));
    example_server_open(&server_state, EXAMPLE_PSK);
    /* NX_NULL in the place of a callback: it is not called any more. */
    UINT status = nx_secure_dtls_server_notify_set(&server_state.server, disconnect_notify, error_notify);
    if (status != NX_SUCCESS) {
        example_say("not set: %s", example_code(status));
        return;
    }
    for (UINT i = 0; i < EXAMPLE_SESSIONS; i++)
        sessions[i] = example_server_accept();
    for (UINT i = 0; i < EXAMPLE_SESSIONS; i++) {
        example_check("tx_semaphore_get", tx_semaphore_get(&closed, TX_WAIT_FOREVER));
        (void)nx_secure_dtls_session_end(sessions[i], NX_NO_WAIT);
    }
    example_server_close(&server_state);
    (void)input;
}

static VOID clients(ULONG input) {
    static example_client client[EXAMPLE_SESSIONS + 1];
    for (UINT i = 0; i <= EXAMPLE_SESSIONS; i++) {
        example_client_open(&client[i], input);
        (void)example_client_connect(&client[i]);
    }
    for (UINT i = 0; i <= EXAMPLE_SESSIONS; i++)
        example_client_close(&client[i]);
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", server, 0);
    example_thread("client", clients, EXAMPLE_PSK);
}
