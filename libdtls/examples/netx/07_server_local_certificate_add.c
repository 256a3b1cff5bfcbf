/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_server_local_certificate_add: what a server shows to its
 * clients. The client here believes it if its authority has issued it, and the
 * name is the one that was meant.
 */
#include "peers.h"

static example_server server_state;
static example_client client_state;
static NX_SECURE_X509_CERT certificate;

static VOID server(ULONG input) {
    example_check("nx_secure_x509_certificate_initialize",
                  nx_secure_x509_certificate_initialize(
                      &certificate, example_server_certificate, sizeof example_server_certificate, NX_NULL, 0,
                      example_server_key, sizeof example_server_key, NX_SECURE_X509_KEY_TYPE_EC_DER));
    example_server_open(&server_state, 0);

    UINT status = nx_secure_dtls_server_local_certificate_add(&server_state.server, &certificate, 0);
    example_say("added without an id: %s", example_code(status));
    status = nx_secure_dtls_server_local_certificate_add(&server_state.server, &certificate, 1);
    if (status != NX_SUCCESS) {
        example_say("not added: %s", example_code(status));
        return;
    }
    example_say("added: %s", example_code(status));

    NX_SECURE_DTLS_SESSION *session = example_server_accept();
    if (session != NX_NULL)
        example_server_echo(session);
    example_server_close(&server_state);
    (void)input;
}

/* Called once the chain has been found good. */
static ULONG judge(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *shown) {
    static const UCHAR name[] = "server.example";
    UINT status = nx_secure_x509_common_name_dns_check(shown, name, sizeof name - 1);
    example_say("the server's certificate is for %s: %s", name, example_code(status));
    (void)session;
    return status;
}

static VOID client(ULONG input) {
    example_client_open(&client_state, EXAMPLE_CERTIFICATE);
    example_check("nx_secure_tls_session_certificate_callback_set",
                  nx_secure_tls_session_certificate_callback_set(
                      &client_state.session.nx_secure_dtls_tls_session, judge));
    if (example_client_connect(&client_state) == NX_SUCCESS)
        example_client_talk(&client_state, "hello");
    example_client_close(&client_state);
    (void)input;
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", server, 0);
    example_thread("client", client, 0);
}
