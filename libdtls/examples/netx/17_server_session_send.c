/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_server_session_send: data from a server to the client of a
 * session, whose address the session has. Asked or, as here, unasked.
 */
#include "peers.h"

static example_server server_state;
static example_client client_state;

static UINT report(NX_SECURE_DTLS_SESSION *session, UINT number) {
    CHAR text[16];
    NX_PACKET *packet;
    NX_PACKET_POOL *pool = &example_server_host.pool;
    UINT status = nx_secure_dtls_packet_allocate(session, pool, &packet, NX_NO_WAIT);
    if (status != NX_SUCCESS)
        return status;
    int len = snprintf(text, sizeof text, "reading %u", number);
    status = nx_packet_data_append(packet, text, (ULONG)len, pool, NX_NO_WAIT);
    if (status == NX_SUCCESS)
        status = nx_secure_dtls_server_session_send(session, packet);
    if (status != NX_SUCCESS)
        nx_packet_release(packet); /* it was not sent, and is ours */
    return status;
}

static VOID server(ULONG input) {
    example_server_open(&server_state, EXAMPLE_PSK);
    NX_SECURE_DTLS_SESSION *session = example_server_accept();
    if (session == NX_NULL)
        return;
    UINT status;
    UINT number = 0;
    while ((status = report(session, ++number)) == NX_SUCCESS)
        tx_thread_sleep(EXAMPLE_SECONDS(1));
    example_say("reading %u is not sent: %s", number, example_code(status));
    (void)nx_secure_dtls_session_end(session, NX_NO_WAIT);
    example_server_close(&server_state);
    (void)input;
}

/* Hears three of them, and leaves. */
static VOID client(ULONG input) {
    char text[32];
    example_client_open(&client_state, input);
    example_check("the handshake", example_client_connect(&client_state));
    for (UINT i = 0; i < 3; i++) {
        UINT status = example_receive(&client_state.session, text, sizeof text, EXAMPLE_SECONDS(5));
        example_say("heard \"%s\": %s", text, example_code(status));
    }
    example_client_close(&client_state);
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", server, 0);
    example_thread("client", client, EXAMPLE_PSK);
}
