/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_session_receive: waits for data and hands it over in a packet
 * that the program releases. What does not come from the peer is not noticed.
 */
#include "peers.h"

static example_client client_state;
static example_server server_state;

/* Says two things with a pause between, and closes. */
static VOID server(ULONG input) {
    example_server_open(&server_state, input);
    NX_SECURE_DTLS_SESSION *session = example_server_accept();
    if (session == NX_NULL)
        return;
    example_send(session, &example_server_host.pool, "one");
    tx_thread_sleep(EXAMPLE_SECONDS(3));
    example_send(session, &example_server_host.pool, "two");
    (void)nx_secure_dtls_session_end(session, EXAMPLE_SECONDS(2));
    example_server_close(&server_state);
}

static VOID show(NX_PACKET *packet) {
    char text[16];
    ULONG len;
    UINT status = nx_packet_data_extract_offset(packet, 0, text, sizeof text, &len);
    example_check("nx_packet_data_extract_offset", status);
    example_say("heard \"%.*s\"", (int)len, text);
    nx_packet_release(packet);
}

static VOID client(ULONG input) {
    NX_PACKET *packet;
    example_client_open(&client_state, input);
    example_say("before the handshake: %s",
                example_code(nx_secure_dtls_session_receive(&client_state.session, &packet, NX_NO_WAIT)));
    example_check("the handshake", example_client_connect(&client_state));
    for (;;) {
        UINT status = nx_secure_dtls_session_receive(&client_state.session, &packet, EXAMPLE_SECONDS(2));
        if (status == NX_SUCCESS) {
            show(packet);
        } else if (status == NX_NO_PACKET) {
            example_say("nothing within 2 s: %s", example_code(status));
        } else {
            /* NX_SECURE_TLS_CLOSE_NOTIFY_RECEIVED: all was heard. Any other code: it may not have been. */
            example_say("there is no more: %s", example_code(status));
            break;
        }
    }
    example_client_close(&client_state);
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", server, EXAMPLE_PSK);
    example_thread("client", client, EXAMPLE_PSK);
}
