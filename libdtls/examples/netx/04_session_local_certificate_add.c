/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_session_local_certificate_add: what a client shows to a
 * server that wants to know who it is.
 */
#include "peers.h"

static example_client client_state;
static NX_SECURE_X509_CERT certificate;

static VOID client(ULONG input) {
    /* The key is read here, and must be the certificate's: a mistake shows before it is used. */
    UINT status = nx_secure_x509_certificate_initialize(
        &certificate, example_client_certificate, sizeof example_client_certificate, NX_NULL, 0,
        example_client_key, sizeof example_client_key, NX_SECURE_X509_KEY_TYPE_EC_DER);
    example_check("nx_secure_x509_certificate_initialize", status);
    example_client_open(&client_state, EXAMPLE_CERTIFICATE);

    example_say("without a certificate of its own:");
    (void)example_client_connect(&client_state);

    status = nx_secure_dtls_session_local_certificate_add(&client_state.session, &certificate, 1);
    if (status != NX_SUCCESS) {
        example_say("not added: %s", example_code(status));
        return;
    }
    example_say("added: %s", example_code(status));
    /* A block is in one store at a time. */
    status = nx_secure_dtls_session_local_certificate_add(&client_state.session, &certificate, 2);
    example_say("added twice: %s", example_code(status));

    if (example_client_connect(&client_state) == NX_SUCCESS)
        example_client_talk(&client_state, "hello");
    example_client_close(&client_state);
    (void)input;
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", example_echo_server,
                   EXAMPLE_CERTIFICATE | EXAMPLE_CLIENT_CERTIFICATE | EXAMPLE_CLIENTS(2));
    example_thread("client", client, 0);
}
