/* SPDX-License-Identifier: MIT
 *
 * Handshakes of one round trip less: docs/how-to/resumption.md.
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
    .resumption = &dtls_resumption_client,
};

static dtls_ticket_keys ticket_keys;

static const dtls_protocol *const server_protocols[] = {&dtls_server_1_2, NULL};
static const dtls_config server_config = {
    .crypto = &dtls_libcrypto,
    .protocols = server_protocols,
    .cipher_suites = suites,
    .groups = dtls_default_groups,
    .extensions = dtls_default_extensions,
    .resumption = &dtls_resumption_server,
    .ticket_keys = &ticket_keys,
    .session_lifetime_s = 3600,
};

/* Every half of a session's lifetime. Tickets under the key before stay good, and are renewed. */
static void rotate_ticket_keys(void) {
    ticket_keys.previous = ticket_keys.current;
    ticket_keys.has_previous = ticket_keys.aead != 0;
    ticket_keys.aead = DTLS_AEAD_AES_256_GCM;
    dtls_ticket_key *fresh = &ticket_keys.current;
    example_expect(dtls_libcrypto.random(dtls_libcrypto.state, fresh->name, sizeof fresh->name) == DTLS_OK &&
                       dtls_libcrypto.random(dtls_libcrypto.state, fresh->key, sizeof fresh->key) == DTLS_OK,
                   "randomness");
}

/* A handshake, resumed if `state` holds a session; the state for the next one. */
static bool connect_again(uint8_t *state, size_t *state_len) {
    struct example_side client = {.path = 1};
    struct example_side server = {.path = 2};
    example_open(&client, &client_config, example_answer_psk);
    example_open(&server, &server_config, example_answer_psk);
    if (*state_len > 0)
        (void)dtls_connection_offer_session(client.connection, example_time,
                                            (dtls_span){.data = state, .len = *state_len});
    example_expect(example_connect(&client, &server), "the handshake finishes");
    const bool resumed = dtls_connection_get_info(client.connection)->resumed;
    if (dtls_session_export(client.connection, state, DTLS_SESSION_STATE_SIZE, state_len) != DTLS_OK)
        *state_len = 0; /* the server gave nothing to resume by */
    example_close(&client);
    example_close(&server);
    return resumed;
}

int main(void) {
    uint8_t state[DTLS_SESSION_STATE_SIZE];
    size_t state_len = 0;
    rotate_ticket_keys();
    example_expect(!connect_again(state, &state_len), "the first handshake is a full one");
    example_expect(connect_again(state, &state_len), "the second is not");
    rotate_ticket_keys();
    example_expect(connect_again(state, &state_len), "a ticket outlives its key once");
    rotate_ticket_keys();
    example_expect(connect_again(state, &state_len), "having been renewed");

    example_time.calendar_s += 3601;
    example_expect(!connect_again(state, &state_len), "a session has an end");
    dtls_libcrypto.wipe(state, sizeof state);
    return 0;
}
