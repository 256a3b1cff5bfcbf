/* SPDX-License-Identifier: MIT
 *
 * Connections in static memory, whose handshake block is used again:
 * docs/how-to/own-memory.md.
 */
#include "both_sides.h"

#define MAX_SESSIONS 4

/* A session block for each session, and one handshake block: handshakes are had one at a time. */
static _Alignas(max_align_t) uint8_t session_blocks[MAX_SESSIONS][DTLS_SESSION_SIZE];
static _Alignas(max_align_t) uint8_t handshake_block[DTLS_HANDSHAKE_SIZE(1024, 0)];

static const dtls_cipher_suite *const suites[] = {&dtls_suite_psk_aes_128_ccm_8, NULL};
static const dtls_protocol *const client_protocols[] = {&dtls_client_1_2, NULL};
static const dtls_config client_config = {
    .crypto = &dtls_libcrypto, .protocols = client_protocols, .cipher_suites = suites, .max_message = 1024};
static const dtls_protocol *const server_protocols[] = {&dtls_server_1_2, NULL};
static const dtls_config server_config = {
    .crypto = &dtls_libcrypto, .protocols = server_protocols, .cipher_suites = suites, .max_message = 1024};

int main(void) {
    void *free_block = handshake_block;
    struct example_side clients[MAX_SESSIONS];
    struct example_side servers[MAX_SESSIONS];
    example_expect(dtls_session_size(&client_config) <= sizeof session_blocks[0] &&
                       dtls_handshake_size(&client_config) <= sizeof handshake_block,
                   "the blocks are large enough");

    for (size_t i = 0; i < MAX_SESSIONS; i++) {
        clients[i] = (struct example_side){.path = 1, .on_event = example_answer_psk};
        example_expect(dtls_connection_open(&client_config, session_blocks[i], sizeof session_blocks[i],
                                            free_block, sizeof handshake_block,
                                            &clients[i].connection) == DTLS_OK,
                       "a connection is made");
        free_block = NULL;

        servers[i] = (struct example_side){.path = 2};
        example_open(&servers[i], &server_config, example_answer_psk);
        example_expect(example_connect(&clients[i], &servers[i]), "the handshake finishes");
        free_block = dtls_connection_take_handshake_memory(clients[i].connection);
        example_expect(free_block == handshake_block, "the handshake block is free again");
    }
    for (size_t i = 0; i < MAX_SESSIONS; i++) {
        example_expect(example_send(&clients[i], &servers[i], "still here"), "all sessions live");
        dtls_connection_wipe(clients[i].connection);
        example_close(&servers[i]);
    }
    return 0;
}
