/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_packet_allocate: a packet with room in front for the record,
 * so that data need not be moved when it is protected.
 */
#include "peers.h"

static example_client client_state;
static NX_PACKET_POOL small;
static UCHAR small_memory[2 * (64 + sizeof(NX_PACKET))];
static NX_PACKET_POOL scarce;
static UCHAR scarce_memory[512 + 2 * sizeof(NX_PACKET)];

static VOID client(ULONG input) {
    NX_SECURE_DTLS_SESSION *session = &client_state.session;
    NX_PACKET *packet;
    NX_PACKET *second;
    static CHAR text[] = "2.5 bar";
    example_check("nx_packet_pool_create",
                  nx_packet_pool_create(&small, (CHAR *)"small", 64, small_memory, sizeof small_memory));
    example_check("nx_packet_pool_create",
                  nx_packet_pool_create(&scarce, (CHAR *)"scarce", 512, scarce_memory, sizeof scarce_memory));
    example_client_open(&client_state, input);
    example_check("the handshake", example_client_connect(&client_state));

    UINT status = nx_secure_dtls_packet_allocate(session, &small, &packet, NX_NO_WAIT);
    example_say("from a pool whose packets have no room for a record: %s", example_code(status));

    status = nx_secure_dtls_packet_allocate(session, &scarce, &packet, EXAMPLE_SECONDS(1));
    example_say("from a pool of one packet: %s", example_code(status));
    status = nx_secure_dtls_packet_allocate(session, &scarce, &second, EXAMPLE_SECONDS(1));
    if (status == NX_SECURE_TLS_ALLOCATE_PACKET_FAILED)
        example_say("a second, after a wait of 1 s: %s", example_code(status));

    /* A packet is the program's until it is sent: it sends it or releases it. */
    status = nx_packet_data_append(packet, text, sizeof text - 1, &scarce, NX_NO_WAIT);
    if (status == NX_SUCCESS)
        status = nx_secure_dtls_session_send(session, packet, &example_server_host.address, EXAMPLE_PORT);
    if (status != NX_SUCCESS)
        nx_packet_release(packet);
    example_say("filled and sent: %s", example_code(status));

    char answer[16];
    if (example_receive(session, answer, sizeof answer, EXAMPLE_SECONDS(5)) == NX_SUCCESS)
        example_say("heard \"%s\"", answer);
    example_say("packets in the pool again: %u", scarce.nx_packet_pool_available);
    example_client_close(&client_state);
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("server", example_echo_server, EXAMPLE_PSK | EXAMPLE_CLIENTS(1));
    example_thread("client", client, EXAMPLE_PSK);
}
