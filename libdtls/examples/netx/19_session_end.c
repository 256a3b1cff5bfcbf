/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_session_end: tells the peer that there is no more, so that it
 * can tell an end from a cut, and makes the session ready for another peer.
 */
#include "peers.h"

static example_client client_state;
static example_server server_state;

/* The first client is answered; the second finds that the server has stopped listening to it. */
static VOID server(ULONG input) {
    example_server_open(&server_state, input);
    NX_SECURE_DTLS_SESSION *session = example_server_accept();
    if (session != NX_NULL)
        example_server_echo(session);
    session = example_server_accept();
    if (session != NX_NULL)
        (void)nx_secure_dtls_session_reset(session);
    tx_thread_sleep(EXAMPLE_SECONDS(5));
    example_server_close(&server_state);
}

static VOID client(ULONG input) {
    example_client_open(&client_state, input);
    example_say("not in use: %s",
                example_code(nx_secure_dtls_session_end(&client_state.session, EXAMPLE_SECONDS(2))));

    if (example_client_connect(&client_state) == NX_SUCCESS)
        example_client_talk(&client_state, "that is all");
    UINT status = nx_secure_dtls_session_end(&client_state.session, EXAMPLE_SECONDS(2));
    example_say("ended, and the peer has closed too: %s", example_code(status));

    (void)example_client_connect(&client_state);
    status = nx_secure_dtls_session_end(&client_state.session, EXAMPLE_SECONDS(2));
    if (status == NX_NO_PACKET)
        example_say("ended, and the peer does not say so: %s", example_code(status));

    /* Whatever it answered, the session is nobody's now. */
    NX_PACKET *packet;
    status = nx_secure_dtls_session_receive(&client_state.session, &packet, NX_NO_WAIT);
    example_say("received afterwards: %s", example_code(status));
    example_client_close(&client_state);
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", server, EXAMPLE_PSK);
    example_thread("client", client, EXAMPLE_PSK);
}
