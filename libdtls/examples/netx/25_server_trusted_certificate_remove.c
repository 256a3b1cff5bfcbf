/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_server_trusted_certificate_remove: the clients of an
 * authority are let in no longer. By id, or by common name if the id is 0.
 */
#include "peers.h"

static example_server server_state;
static UCHAR name[] = "Example authority";

static VOID serve_one(VOID) {
    NX_SECURE_DTLS_SESSION *session = example_server_accept();
    if (session != NX_NULL)
        example_server_echo(session);
}

static VOID server(ULONG input) {
    NX_SECURE_DTLS_SERVER *own = &server_state.server;
    example_server_open(&server_state, input); /* adds the authority with the id 2 */
    serve_one();

    /* A name that is not the whole common name is not found. */
    UINT status = nx_secure_dtls_server_trusted_certificate_remove(own, name, sizeof name - 2, 0);
    if (status == NX_SECURE_TLS_CERTIFICATE_NOT_FOUND)
        example_say("removed by half its name: %s", example_code(status));
    status = nx_secure_dtls_server_trusted_certificate_remove(own, name, sizeof name - 1, 0);
    example_say("removed by its name: %s", example_code(status));
    serve_one();

    example_check("nx_secure_dtls_server_trusted_certificate_add",
                  nx_secure_dtls_server_trusted_certificate_add(own, &server_state.anchor, 3));
    status = nx_secure_dtls_server_trusted_certificate_remove(own, NX_NULL, 0, 3);
    example_say("added again, and removed by its id: %s", example_code(status));
    serve_one();
    example_server_close(&server_state);
}

static VOID clients(ULONG input) {
    for (UINT i = 0; i < 3; i++)
        example_hello_client(input);
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", server, EXAMPLE_CERTIFICATE | EXAMPLE_CLIENT_CERTIFICATE);
    example_thread("client", clients, EXAMPLE_CERTIFICATE | EXAMPLE_CLIENT_CERTIFICATE);
}
