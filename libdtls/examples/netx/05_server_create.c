/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_server_create: a server of as many sessions as its buffer has
 * room for, and the two callbacks that tell it of clients and their data.
 */
#include "peers.h"

extern const NX_SECURE_TLS_CRYPTO nx_crypto_tls_ciphers_ecc;

#define SESSIONS 2

static NX_SECURE_DTLS_SERVER server;
static NX_SECURE_DTLS_SESSION sessions[SESSIONS];
static UCHAR metadata[SESSIONS * 9000];
static UCHAR reassembly[SESSIONS * 4000];

static NX_SECURE_DTLS_SESSION *from;
static TX_SEMAPHORE connected;
static TX_SEMAPHORE received;

/* Both are called by the IP thread, which serves all sessions: they note and return. */
static UINT connect_notify(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    example_say("connect_notify: a client");
    from = session;
    (void)address;
    (void)port;
    return tx_semaphore_put(&connected);
}

static UINT receive_notify(NX_SECURE_DTLS_SESSION *session) {
    example_say("receive_notify: data for %s", session == from ? "the client's session" : "somebody");
    return tx_semaphore_put(&received);
}

static UINT create(ULONG metadata_size) {
    return nx_secure_dtls_server_create(&server, &example_server_host.ip, EXAMPLE_PORT, EXAMPLE_SECONDS(1),
                                        sessions, sizeof sessions, &nx_crypto_tls_ciphers_ecc, metadata,
                                        metadata_size, reassembly, sizeof reassembly, connect_notify,
                                        receive_notify);
}

static VOID serve(ULONG input) {
    char text[64];
    example_check("tx_semaphore_create", tx_semaphore_create(&connected, (CHAR *)"connected", 0));
    example_check("tx_semaphore_create", tx_semaphore_create(&received, (CHAR *)"received", 0));

    example_say("metadata for one session, of two: %s", example_code(create(9000)));
    UINT status = create(sizeof metadata);
    if (status != NX_SUCCESS) {
        example_say("no server: %s", example_code(status));
        return;
    }
    example_say("a server of %u sessions: %s", (UINT)(sizeof sessions / sizeof *sessions),
                example_code(status));
    example_check("nx_secure_dtls_server_psk_add",
                  nx_secure_dtls_server_psk_add(&server, example_psk, sizeof example_psk,
                                                example_psk_identity, sizeof example_psk_identity, NX_NULL,
                                                0));
    example_check("nx_secure_dtls_server_start", nx_secure_dtls_server_start(&server));

    example_check("tx_semaphore_get", tx_semaphore_get(&connected, TX_WAIT_FOREVER));
    status = nx_secure_dtls_server_session_start(from, EXAMPLE_SECONDS(10));
    example_check("nx_secure_dtls_server_session_start", status);
    example_check("tx_semaphore_get", tx_semaphore_get(&received, TX_WAIT_FOREVER));
    while (example_receive(from, text, sizeof text, NX_NO_WAIT) == NX_SUCCESS)
        example_send(from, &example_server_host.pool, text);
    (void)nx_secure_dtls_session_end(from, EXAMPLE_SECONDS(2));
    example_check("nx_secure_dtls_server_stop", nx_secure_dtls_server_stop(&server));
    example_check("nx_secure_dtls_server_delete", nx_secure_dtls_server_delete(&server));
    (void)input;
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", serve, 0);
    example_thread("client", example_hello_client, EXAMPLE_PSK);
}
