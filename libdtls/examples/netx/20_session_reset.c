/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_session_reset: forgets the peer and the keys without a word
 * to anybody, after a fault for example. Credentials stay, so that the next
 * handshake can begin at once.
 */
#include "peers.h"

static example_client client_state;

static VOID client(ULONG input) {
    NX_SECURE_DTLS_SESSION *session = &client_state.session;
    NX_PACKET *packet;
    example_client_open(&client_state, input);
    if (example_client_connect(&client_state) == NX_SUCCESS)
        example_client_talk(&client_state, "before");

    UINT status = nx_secure_dtls_session_reset(session);
    if (status != NX_SUCCESS) {
        example_say("not reset: %s", example_code(status));
        return;
    }
    example_say("reset: %s", example_code(status));
    example_say("received: %s", example_code(nx_secure_dtls_session_receive(session, &packet, NX_NO_WAIT)));

    /* From the same address. The server sees that it is a new session, and the end of the old one. */
    if (example_client_connect(&client_state) == NX_SUCCESS)
        example_client_talk(&client_state, "afterwards");
    example_client_close(&client_state);
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", example_echo_server, EXAMPLE_PSK | EXAMPLE_CLIENTS(2));
    example_thread("client", client, EXAMPLE_PSK);
}
