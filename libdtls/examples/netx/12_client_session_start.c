/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_client_session_start: a client's handshake. The wait is a
 * deadline; in it, what is lost is said again after 1 s, 2 s, 4 s ...
 */
#include "peers.h"

static example_client client_state;

static UINT start(ULONG wait) {
    return nx_secure_dtls_client_session_start(&client_state.session, &client_state.socket,
                                               &example_server_host.address, EXAMPLE_PORT, wait);
}

static VOID client(ULONG input) {
    example_client_open(&client_state, input);

    /* Nobody is there yet. NX_NOT_CONNECTED: not a word came; NX_NO_PACKET: it broke off in the middle. */
    UINT status = start(EXAMPLE_SECONDS(2));
    example_say("within 2 s: %s", example_code(status));

    /* The server comes at 4 s: the ClientHello of 5 s is the first that it hears. */
    status = start(EXAMPLE_SECONDS(60));
    switch (status) {
    case NX_SUCCESS:
        example_say("within a minute: %s", example_code(status));
        break;
    case NX_NOT_CONNECTED: /* try later, or another server */
    case NX_NO_PACKET:
        example_say("the server does not answer: %s", example_code(status));
        break;
    default: /* no use in trying again with the same credentials */
        example_say("the handshake has failed: %s", example_code(status));
        break;
    }
    example_say("started twice: %s", example_code(start(EXAMPLE_SECONDS(2))));
    example_client_talk(&client_state, "hello");
    (void)nx_secure_dtls_session_end(&client_state.session, EXAMPLE_SECONDS(2));

    /* With something else to do meanwhile: each call takes the handshake a step on. */
    UINT steps = 1;
    while ((status = start(NX_NO_WAIT)) == NX_NOT_CONNECTED || status == NX_NO_PACKET) {
        steps++;
        tx_thread_sleep(1);
    }
    example_say("in %u steps without a wait: %s", steps, example_code(status));
    example_client_close(&client_state);
}

static VOID server(ULONG input) {
    tx_thread_sleep(EXAMPLE_SECONDS(4));
    example_say("starts");
    example_echo_server(input);
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", server, EXAMPLE_PSK | EXAMPLE_CLIENTS(2));
    example_thread("client", client, EXAMPLE_PSK);
}
