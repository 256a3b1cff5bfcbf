/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_session_local_certificate_remove: a client shows a
 * certificate no longer, because it has a newer one or is to be nobody.
 */
#include "peers.h"

static example_client client_state;
static UCHAR name[] = "pump-7.example";

static VOID client(ULONG input) {
    NX_SECURE_DTLS_SESSION *session = &client_state.session;
    example_client_open(&client_state, input); /* adds the certificate with the id 1 */
    (void)example_client_connect(&client_state);
    (void)nx_secure_dtls_session_end(session, EXAMPLE_SECONDS(2));

    UINT status = nx_secure_dtls_session_local_certificate_remove(session, name, sizeof name - 1, 0);
    example_say("removed by its name: %s", example_code(status));
    status = nx_secure_dtls_session_local_certificate_remove(session, NX_NULL, 0, 1);
    if (status == NX_SECURE_TLS_CERTIFICATE_NOT_FOUND)
        example_say("removed by its id, when it is there no longer: %s", example_code(status));
    (void)example_client_connect(&client_state);

    example_check("nx_secure_dtls_session_local_certificate_add",
                  nx_secure_dtls_session_local_certificate_add(session, &client_state.certificate, 2));
    example_say("added again");
    (void)example_client_connect(&client_state);
    example_client_close(&client_state);
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", example_echo_server,
                   EXAMPLE_CERTIFICATE | EXAMPLE_CLIENT_CERTIFICATE | EXAMPLE_CLIENTS(3));
    example_thread("client", client, EXAMPLE_CERTIFICATE | EXAMPLE_CLIENT_CERTIFICATE);
}
