/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_session_send: data to the peer, one record a packet. The
 * peer's address is said once more, and must be the one of the handshake.
 */
#include "peers.h"

static example_client client_state;

static UINT send(NX_PACKET *packet, UINT port) {
    return nx_secure_dtls_session_send(&client_state.session, packet, &example_server_host.address, port);
}

static VOID client(ULONG input) {
    NX_PACKET *packet;
    NX_PACKET_POOL *pool = &example_client_host.pool;
    static CHAR text[] = "2.5 bar";
    char answer[16];
    example_client_open(&client_state, input);
    example_check("nx_secure_dtls_packet_allocate",
                  nx_secure_dtls_packet_allocate(&client_state.session, pool, &packet, EXAMPLE_SECONDS(1)));
    example_check("nx_packet_data_append",
                  nx_packet_data_append(packet, text, sizeof text - 1, pool, EXAMPLE_SECONDS(1)));

    /* Nothing goes out before the peer is known. A refused packet is unchanged, and still the program's. */
    example_say("sent before the handshake: %s", example_code(send(packet, EXAMPLE_PORT)));
    example_check("the handshake", example_client_connect(&client_state));
    example_say("sent to another port: %s", example_code(send(packet, EXAMPLE_PORT + 1)));

    UINT status = send(packet, EXAMPLE_PORT);
    example_say("sent: %s", example_code(status));
    if (status != NX_SUCCESS)
        nx_packet_release(packet);
    if (example_receive(&client_state.session, answer, sizeof answer, EXAMPLE_SECONDS(5)) == NX_SUCCESS)
        example_say("heard \"%s\"", answer);

    /* Data that needs more than one packet of the pool is not sent in one record. */
    static UCHAR long_text[2000];
    example_check("nx_secure_dtls_packet_allocate",
                  nx_secure_dtls_packet_allocate(&client_state.session, pool, &packet, EXAMPLE_SECONDS(1)));
    example_check("nx_packet_data_append",
                  nx_packet_data_append(packet, long_text, sizeof long_text, pool, EXAMPLE_SECONDS(1)));
    status = send(packet, EXAMPLE_PORT);
    example_say("2,000 bytes in two packets: %s", example_code(status));
    if (status != NX_SUCCESS)
        nx_packet_release(packet);
    example_client_close(&client_state);
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", example_echo_server, EXAMPLE_PSK | EXAMPLE_CLIENTS(1));
    example_thread("client", client, EXAMPLE_PSK);
}
