/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_session_trusted_certificate_remove: a client believes an
 * authority no longer. By id, or by common name if the id is 0.
 */
#include "peers.h"

static example_client client_state;
static NX_SECURE_X509_CERT authority;
static UCHAR name[] = "Example authority";

static VOID add(UINT id) {
    UINT status =
        nx_secure_x509_certificate_initialize(&authority, example_authority, sizeof example_authority,
                                              NX_NULL, 0, NX_NULL, 0, NX_SECURE_X509_KEY_TYPE_NONE);
    example_check("nx_secure_x509_certificate_initialize", status);
    status = nx_secure_dtls_session_trusted_certificate_add(&client_state.session, &authority, id);
    example_check("nx_secure_dtls_session_trusted_certificate_add", status);
}

static UINT remove_by_id(UINT id) {
    return nx_secure_dtls_session_trusted_certificate_remove(&client_state.session, NX_NULL, 0, id);
}

static UINT remove_by_name(VOID) {
    return nx_secure_dtls_session_trusted_certificate_remove(&client_state.session, name, sizeof name - 1, 0);
}

static VOID client(ULONG input) {
    example_client_open(&client_state, input);
    add(7);
    (void)example_client_connect(&client_state);
    (void)nx_secure_dtls_session_end(&client_state.session, EXAMPLE_SECONDS(2));

    UINT status = remove_by_id(8);
    if (status == NX_SECURE_TLS_CERTIFICATE_NOT_FOUND)
        example_say("8 removed: %s", example_code(status));
    example_say("7 removed: %s", example_code(remove_by_id(7)));
    (void)example_client_connect(&client_state);

    /* The block is the program's again, and may go into a store once more. */
    add(8);
    example_say("\"%s\" removed: %s", name, example_code(remove_by_name()));
    example_say("and once more: %s", example_code(remove_by_name()));
    (void)example_client_connect(&client_state);
    example_client_close(&client_state);
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", example_echo_server, EXAMPLE_CERTIFICATE | EXAMPLE_CLIENTS(3));
    example_thread("client", client, 0);
}
