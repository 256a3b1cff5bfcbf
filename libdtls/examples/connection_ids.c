/* SPDX-License-Identifier: MIT
 *
 * A client whose address changes: docs/how-to/connection-ids.md.
 */
#include "both_sides.h"

#include <string.h>

static const dtls_cipher_suite *const suites[] = {&dtls_suite_psk_aes_128_gcm_sha256, NULL};
static const dtls_extension *const extensions[] = {&dtls_extension_extended_master_secret,
                                                   &dtls_extension_renegotiation_info,
                                                   &dtls_extension_connection_id, NULL};

static const dtls_protocol *const client_protocols[] = {&dtls_client_1_2, NULL};
static const dtls_config client_config = {
    .crypto = &dtls_libcrypto,
    .protocols = client_protocols,
    .cipher_suites = suites,
    .extensions = extensions,
};

static const dtls_protocol *const server_protocols[] = {&dtls_server_1_2, NULL};
static const dtls_config server_config = {
    .crypto = &dtls_libcrypto,
    .protocols = server_protocols,
    .cipher_suites = suites,
    .extensions = extensions,
    .max_connection_id = 8,
    .record_padding = 32, /* lengths tell less */
    .path_policy = DTLS_PATH_ASK,
};

/* Where the server sends. */
static uint64_t client_path = 1;

static void on_server_event(dtls_connection *connection, const dtls_event *event) {
    example_answer_psk(connection, event);
    if (event->kind == DTLS_EVENT_PATH_CHANGED) {
        /* An application that can check asks the peer for an answer at the new address first. */
        client_path = event->path;
        (void)dtls_accept_path(connection, event->path);
    }
}

int main(void) {
    static const uint8_t id[8] = {'n', 'u', 'm', 'b', 'e', 'r', ' ', '7'};
    struct example_side client = {.path = 1};
    struct example_side server = {.path = 2};
    example_open(&client, &client_config, example_answer_psk);
    example_open(&server, &server_config, on_server_event);
    example_expect(dtls_set_connection_id(server.connection, (dtls_span){.data = id, .len = sizeof id}) ==
                       DTLS_OK,
                   "an ID of the server's own");
    example_expect(example_connect(&client, &server), "the handshake finishes");

    dtls_span ours;
    example_expect(dtls_connection_ids(server.connection, &ours, NULL) == DTLS_OK && ours.len == sizeof id,
                   "connection IDs were agreed on");

    /* The client's next record comes from another address; its ID tells whose it is. */
    uint8_t record[256];
    size_t len;
    dtls_span found;
    (void)dtls_write(client.connection, example_time, (const uint8_t *)"here", 4, record, sizeof record,
                     &len);
    example_expect(dtls_connection_id_of(record, len, sizeof id, &found) == DTLS_OK &&
                       memcmp(found.data, id, sizeof id) == 0,
                   "the datagram says whose it is");

    dtls_datagram datagram = {.bytes = record, .len = len, .path = 77};
    dtls_plaintext plaintext;
    size_t num = 1;
    size_t taken;
    example_expect(dtls_receive(server.connection, example_time, &datagram, 1, &plaintext, &num, &taken) ==
                           DTLS_OK &&
                       num == 1,
                   "it is taken as any other");
    example_carry(&client, &server);
    example_expect(client_path == 77, "the server has followed");
    example_close(&client);
    example_close(&server);
    return 0;
}
