/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_psk_add: keys that a client shares with its servers. The
 * server's hint says which one it wants; the identity says who has it.
 */
#include "peers.h"

static UCHAR office_key[16] = {0x91, 0x0b, 0x5e, 0xc2};
static UCHAR office_identity[] = "pump-7";
static UCHAR office_hint[] = "office";
static UCHAR too_long[NX_SECURE_TLS_MAX_PSK_SIZE + 1];

static example_client client_state;
static example_server server_state;

/* The office: it has its own key for pump-7. */
static VOID server(ULONG input) {
    example_server_make(&server_state, 0, example_connect_notify);
    example_check("nx_secure_dtls_server_psk_add",
                  nx_secure_dtls_server_psk_add(&server_state.server, office_key, sizeof office_key,
                                                office_identity, sizeof office_identity - 1, office_hint,
                                                sizeof office_hint - 1));
    example_check("nx_secure_dtls_server_start", nx_secure_dtls_server_start(&server_state.server));
    NX_SECURE_DTLS_SESSION *session = example_server_accept();
    if (session != NX_NULL)
        example_server_echo(session);
    example_server_close(&server_state);
    (void)input;
}

static VOID client(ULONG input) {
    NX_SECURE_DTLS_SESSION *session = &client_state.session;
    example_client_open(&client_state, 0);

    /* The key is copied: the program may wipe its own. */
    UINT status = nx_secure_dtls_psk_add(session, example_psk, sizeof example_psk, example_psk_identity,
                                         sizeof example_psk_identity, NX_NULL, 0);
    example_say("the key for servers without a hint: %s", example_code(status));
    status = nx_secure_dtls_psk_add(session, office_key, sizeof office_key, office_identity,
                                    sizeof office_identity - 1, office_hint, sizeof office_hint - 1);
    example_say("the key for servers with the hint \"%s\": %s", office_hint, example_code(status));

    /* What does not fit is refused and changes nothing. */
    status = nx_secure_dtls_psk_add(session, too_long, sizeof too_long, office_identity,
                                    sizeof office_identity - 1, NX_NULL, 0);
    if (status == NX_SECURE_TLS_NO_MORE_PSK_SPACE)
        example_say("a key of %u bytes: %s", (UINT)sizeof too_long, example_code(status));
    status = nx_secure_dtls_psk_add(session, NX_NULL, sizeof example_psk, office_identity,
                                    sizeof office_identity - 1, NX_NULL, 0);
    if (status == NX_PTR_ERROR)
        example_say("no key: %s", example_code(status));

    /* With the first key this would fail. */
    if (example_client_connect(&client_state) == NX_SUCCESS)
        example_client_talk(&client_state, "2.5 bar");
    example_client_close(&client_state);
    (void)input;
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", server, 0);
    example_thread("client", client, 0);
}
