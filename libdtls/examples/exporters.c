/* SPDX-License-Identifier: MIT
 *
 * Keys for the application's own use: docs/how-to/exporters.md.
 */
#include "both_sides.h"

#include <string.h>

static const dtls_cipher_suite *const suites[] = {&dtls_suite_ecdhe_psk_aes_128_gcm_sha256, NULL};

static const dtls_protocol *const client_protocols[] = {&dtls_client_1_2, NULL};
static const dtls_config client_config = {
    .crypto = &dtls_libcrypto,
    .protocols = client_protocols,
    .cipher_suites = suites,
    .groups = dtls_default_groups,
    .extensions = dtls_default_extensions,
    .require_extended_master_secret = true,
    .keep_secrets = true,
};

static const dtls_protocol *const server_protocols[] = {&dtls_server_1_2, NULL};
static const dtls_config server_config = {
    .crypto = &dtls_libcrypto,
    .protocols = server_protocols,
    .cipher_suites = suites,
    .groups = dtls_default_groups,
    .extensions = dtls_default_extensions,
    .require_extended_master_secret = true,
    .keep_secrets = true,
};

/* A key for one purpose and one room. */
static void room_key(const dtls_connection *connection, const char *room, uint8_t out[32]) {
    const dtls_span context = {.data = (const uint8_t *)room, .len = strlen(room)};
    example_expect(dtls_export_keying_material(connection, "EXPORTER-chat.example-room-key", &context, out,
                                               32) == DTLS_OK,
                   "a key");
}

int main(void) {
    uint8_t ours[32];
    uint8_t theirs[32];
    uint8_t another[32];
    struct example_side client = {.path = 1};
    struct example_side server = {.path = 2};
    example_open(&client, &client_config, example_answer_psk);
    example_open(&server, &server_config, example_answer_psk);
    example_expect(example_connect(&client, &server), "the handshake finishes");

    room_key(client.connection, "kitchen", ours);
    room_key(server.connection, "kitchen", theirs);
    room_key(server.connection, "cellar", another);
    example_expect(memcmp(ours, theirs, sizeof ours) == 0, "both sides have the same");
    example_expect(memcmp(ours, another, sizeof ours) != 0, "another context gives another key");
    dtls_libcrypto.wipe(ours, sizeof ours);
    dtls_libcrypto.wipe(theirs, sizeof theirs);
    dtls_libcrypto.wipe(another, sizeof another);
    example_close(&client);
    example_close(&server);
    return 0;
}
