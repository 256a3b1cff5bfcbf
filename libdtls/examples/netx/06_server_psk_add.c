/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_server_psk_add: the keys of the devices that a server knows,
 * each found by the identity that its client sends.
 */
#include "peers.h"

static example_server server_state;
static UCHAR pump_8_key[16] = {0x08};
static UCHAR pump_8_identity[] = "pump-8";
static UCHAR pump_9_identity[] = "pump-9";

static VOID server(ULONG input) {
    example_server_open(&server_state, EXAMPLE_PSK); /* knows pump-7 */

    /* While it runs: clients to come are known by it. All sessions have it, or none. */
    UINT status = nx_secure_dtls_server_psk_add(&server_state.server, pump_8_key, sizeof pump_8_key,
                                                pump_8_identity, sizeof pump_8_identity - 1, NX_NULL, 0);
    if (status != NX_SUCCESS)
        example_say("pump-8 cannot be added: %s", example_code(status));

    UINT num = 2;
    while (nx_secure_dtls_server_psk_add(&server_state.server, pump_8_key, sizeof pump_8_key, pump_8_identity,
                                         sizeof pump_8_identity - 1, NX_NULL, 0) == NX_SUCCESS)
        num++;
    example_say("there is room for %u keys", num);

    for (UINT i = 0; i < 2; i++) {
        NX_SECURE_DTLS_SESSION *session = example_server_accept();
        if (session != NX_NULL)
            example_server_echo(session);
    }
    example_server_close(&server_state);
    (void)input;
}

static VOID connect_as(UCHAR *identity, UINT len) {
    static example_client client;
    example_client_open(&client, 0);
    example_check(
        "nx_secure_dtls_psk_add",
        nx_secure_dtls_psk_add(&client.session, pump_8_key, sizeof pump_8_key, identity, len, NX_NULL, 0));
    if (example_client_connect(&client) == NX_SUCCESS)
        example_client_talk(&client, "hello");
    example_client_close(&client);
}

static VOID clients(ULONG input) {
    example_say("as %s, which the server knows:", pump_8_identity);
    connect_as(pump_8_identity, sizeof pump_8_identity - 1);
    example_say("as %s, which it does not:", pump_9_identity);
    connect_as(pump_9_identity, sizeof pump_9_identity - 1);
    (void)input;
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", server, 0);
    example_thread("client", clients, 0);
}
