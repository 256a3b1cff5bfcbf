/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_server_local_certificate_remove: a server changes to its new
 * certificate while it runs. Handshakes to come are shown it.
 */
#include "peers.h"

static example_server server_state;
static NX_SECURE_X509_CERT new_certificate;

static VOID serve_one(VOID) {
    NX_SECURE_DTLS_SESSION *session = example_server_accept();
    if (session != NX_NULL)
        example_server_echo(session);
}

static VOID server(ULONG input) {
    example_check("nx_secure_x509_certificate_initialize",
                  nx_secure_x509_certificate_initialize(&new_certificate, example_new_server_certificate,
                                                        sizeof example_new_server_certificate, NX_NULL, 0,
                                                        example_new_server_key, sizeof example_new_server_key,
                                                        NX_SECURE_X509_KEY_TYPE_EC_DER));
    example_server_open(&server_state, input); /* adds the old one with the id 1 */
    serve_one();

    /* First the new one, then away with the old one: there is always one to show. */
    UINT status = nx_secure_dtls_server_local_certificate_add(&server_state.server, &new_certificate, 2);
    example_check("nx_secure_dtls_server_local_certificate_add", status);
    status = nx_secure_dtls_server_local_certificate_remove(&server_state.server, NX_NULL, 0, 1);
    example_say("the old one removed: %s", example_code(status));
    status = nx_secure_dtls_server_local_certificate_remove(&server_state.server, NX_NULL, 0, 1);
    if (status == NX_SECURE_TLS_CERTIFICATE_NOT_FOUND)
        example_say("and once more: %s", example_code(status));
    serve_one();
    example_server_close(&server_state);
}

static ULONG look(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *shown) {
    static const UCHAR old_name[] = "server.example";
    static const UCHAR new_name[] = "new.server.example";
    if (nx_secure_x509_common_name_dns_check(shown, old_name, sizeof old_name - 1) == NX_SUCCESS)
        example_say("is shown %s", old_name);
    if (nx_secure_x509_common_name_dns_check(shown, new_name, sizeof new_name - 1) == NX_SUCCESS)
        example_say("is shown %s", new_name);
    (void)session;
    return NX_SUCCESS;
}

static VOID client(ULONG input) {
    static example_client state;
    for (UINT i = 0; i < 2; i++) {
        example_client_open(&state, input);
        example_check(
            "nx_secure_tls_session_certificate_callback_set",
            nx_secure_tls_session_certificate_callback_set(&state.session.nx_secure_dtls_tls_session, look));
        (void)example_client_connect(&state);
        example_client_close(&state);
    }
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", server, EXAMPLE_CERTIFICATE);
    example_thread("client", client, EXAMPLE_CERTIFICATE);
}
