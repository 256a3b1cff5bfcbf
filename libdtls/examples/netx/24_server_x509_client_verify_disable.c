/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_server_x509_client_verify_disable: clients are not asked for
 * certificates any more. For handshakes to come; sessions go on as they are.
 */
#include "peers.h"

static example_server server_state;

static VOID serve_one(VOID) {
    NX_SECURE_DTLS_SESSION *session = example_server_accept();
    if (session != NX_NULL)
        example_server_echo(session);
}

static VOID server(ULONG input) {
    example_server_open(&server_state, input);
    serve_one();

    UINT status = nx_secure_dtls_server_x509_client_verify_disable(&server_state.server);
    if (status != NX_SUCCESS)
        example_say("still asked: %s", example_code(status));
    else
        example_say("not asked any more: %s", example_code(status));
    serve_one();

    /* And back. */
    status = nx_secure_dtls_server_x509_client_verify_configure(
        &server_state.server, 1, server_state.client_certificates, sizeof server_state.client_certificates);
    example_say("asked again: %s", example_code(status));
    serve_one();
    example_server_close(&server_state);
}

/* Three times without a certificate of its own. */
static VOID clients(ULONG input) {
    for (UINT i = 0; i < 3; i++)
        example_hello_client(input);
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", server, EXAMPLE_CERTIFICATE | EXAMPLE_CLIENT_CERTIFICATE);
    example_thread("client", clients, EXAMPLE_CERTIFICATE);
}
