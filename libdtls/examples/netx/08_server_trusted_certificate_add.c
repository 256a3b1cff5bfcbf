/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_server_trusted_certificate_add: whose clients a server lets
 * in. It matters once clients are asked for certificates.
 */
#include "peers.h"

static example_server server_state;
static NX_SECURE_X509_CERT authority;
static NX_SECURE_X509_CERT other;

static VOID read_certificate(NX_SECURE_X509_CERT *out, const UCHAR *der, USHORT len) {
    example_check("nx_secure_x509_certificate_initialize",
                  nx_secure_x509_certificate_initialize(out, der, len, NX_NULL, 0, NX_NULL, 0,
                                                        NX_SECURE_X509_KEY_TYPE_NONE));
}

static UINT add(NX_SECURE_X509_CERT *certificate, UINT id) {
    return nx_secure_dtls_server_trusted_certificate_add(&server_state.server, certificate, id);
}

static VOID serve_one(VOID) {
    NX_SECURE_DTLS_SESSION *session = example_server_accept();
    if (session != NX_NULL)
        example_server_echo(session);
}

static VOID server(ULONG input) {
    read_certificate(&authority, example_authority, sizeof example_authority);
    read_certificate(&other, example_other_authority, sizeof example_other_authority);
    example_server_open(&server_state, EXAMPLE_CERTIFICATE);
    example_check("nx_secure_dtls_server_x509_client_verify_configure",
                  nx_secure_dtls_server_x509_client_verify_configure(
                      &server_state.server, 1, server_state.client_certificates,
                      sizeof server_state.client_certificates));

    example_say("the other authority: %s", example_code(add(&other, 1)));
    serve_one();
    UINT status = add(&authority, 1);
    if (status == NX_SECURE_TLS_CERT_ID_DUPLICATE)
        example_say("the clients' authority, with the id of the other: %s", example_code(status));
    example_say("the clients' authority: %s", example_code(add(&authority, 2)));
    serve_one();
    example_server_close(&server_state);
    (void)input;
}

static VOID clients(ULONG input) {
    example_hello_client(input);
    example_hello_client(input);
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", server, 0);
    example_thread("client", clients, EXAMPLE_CERTIFICATE | EXAMPLE_CLIENT_CERTIFICATE);
}
