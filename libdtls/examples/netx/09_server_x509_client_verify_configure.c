/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_server_x509_client_verify_configure: clients must show a
 * certificate. The buffer, shared out among the sessions, holds what they show
 * for the server's own judgement.
 */
#include "peers.h"

/* Sessions x certificates of a chain x (the block + the longest certificate). */
#define LONGEST 2048
#define CHAIN   2
#define SPACE   ((sizeof(NX_SECURE_X509_CERT) + LONGEST) * CHAIN * EXAMPLE_SESSIONS)

static example_server server_state;
static NX_SECURE_X509_CERT authority;
static UCHAR space[SPACE];

static ULONG judge(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *shown) {
    static const UCHAR name[] = "pump-7.example";
    UINT status = nx_secure_x509_common_name_dns_check(shown, name, sizeof name - 1);
    example_say("the client is %s: %s", name, example_code(status));
    (void)session;
    return status;
}

static UINT configure(ULONG size) {
    return nx_secure_dtls_server_x509_client_verify_configure(&server_state.server, CHAIN, space, size);
}

static VOID server(ULONG input) {
    example_check("nx_secure_x509_certificate_initialize",
                  nx_secure_x509_certificate_initialize(&authority, example_authority,
                                                        sizeof example_authority, NX_NULL, 0, NX_NULL, 0,
                                                        NX_SECURE_X509_KEY_TYPE_NONE));
    example_server_open(&server_state, EXAMPLE_CERTIFICATE);
    example_check("nx_secure_dtls_server_trusted_certificate_add",
                  nx_secure_dtls_server_trusted_certificate_add(&server_state.server, &authority, 2));

    example_say("configured with 1,000 bytes for four certificates: %s", example_code(configure(1000)));
    UINT status = configure(sizeof space);
    if (status != NX_SUCCESS) {
        example_say("anybody would be let in: %s", example_code(status));
        return;
    }
    example_say("configured: %s", example_code(status));

    /* Each session may judge for itself once it has been found that the chain is good. */
    for (UINT i = 0; i < EXAMPLE_SESSIONS; i++)
        example_check("nx_secure_tls_session_certificate_callback_set",
                      nx_secure_tls_session_certificate_callback_set(
                          &server_state.sessions[i].nx_secure_dtls_tls_session, judge));
    for (UINT i = 0; i < 2; i++) {
        NX_SECURE_DTLS_SESSION *session = example_server_accept();
        if (session != NX_NULL)
            example_server_echo(session);
    }
    example_server_close(&server_state);
    (void)input;
}

static VOID clients(ULONG input) {
    example_say("with a certificate:");
    example_hello_client(input | EXAMPLE_CLIENT_CERTIFICATE);
    example_say("without:");
    example_hello_client(input);
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", server, 0);
    example_thread("client", clients, EXAMPLE_CERTIFICATE);
}
