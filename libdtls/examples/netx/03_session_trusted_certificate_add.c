/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_session_trusted_certificate_add: whom a client believes that
 * a server is who it says. Without an authority it believes nobody.
 */
#include "peers.h"

static example_client client_state;
static NX_SECURE_X509_CERT authority;
static NX_SECURE_X509_CERT other;

static VOID read_certificate(NX_SECURE_X509_CERT *out, const UCHAR *der, USHORT len) {
    example_check("nx_secure_x509_certificate_initialize",
                  nx_secure_x509_certificate_initialize(out, der, len, NX_NULL, 0, NX_NULL, 0,
                                                        NX_SECURE_X509_KEY_TYPE_NONE));
}

static UINT add(NX_SECURE_X509_CERT *certificate, UINT id) {
    return nx_secure_dtls_session_trusted_certificate_add(&client_state.session, certificate, id);
}

/* The blocks and their DER are referred to from now on: they stay where they are. */
static VOID client(ULONG input) {
    read_certificate(&other, example_other_authority, sizeof example_other_authority);
    read_certificate(&authority, example_authority, sizeof example_authority);
    example_client_open(&client_state, 0);

    UINT status = add(&other, 1);
    if (status != NX_SUCCESS)
        example_say("not added: %s", example_code(status));
    example_say("an authority that has not issued the server's certificate:");
    (void)example_client_connect(&client_state);

    example_say("added with an id that is taken: %s", example_code(add(&authority, 1)));
    example_say("added without an id: %s", example_code(add(&authority, 0)));
    example_say("added with an id of its own: %s", example_code(add(&authority, 2)));
    if (example_client_connect(&client_state) == NX_SUCCESS)
        example_client_talk(&client_state, "hello");
    example_client_close(&client_state);
    (void)input;
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", example_echo_server, EXAMPLE_CERTIFICATE | EXAMPLE_CLIENTS(2));
    example_thread("client", client, 0);
}
