/* SPDX-License-Identifier: MIT
 *
 * Pre-shared keys, found by identity: docs/how-to/psk.md.
 */
#include "both_sides.h"

#include <string.h>

#define SPAN(text) ((dtls_span){.data = (const uint8_t *)(text), .len = strlen(text)})

static const dtls_cipher_suite *const suites[] = {
    &dtls_suite_ecdhe_psk_aes_128_gcm_sha256, /* forward secrecy */
    &dtls_suite_psk_aes_128_ccm_8,            /* for the smallest of clients */
    NULL,
};

static const dtls_protocol *const client_protocols[] = {&dtls_client_1_2, NULL};
static const dtls_config client_config = {
    .crypto = &dtls_libcrypto,
    .protocols = client_protocols,
    .cipher_suites = suites,
    .groups = dtls_default_groups, /* for ECDHE_PSK */
    .extensions = dtls_default_extensions,
};

static const dtls_protocol *const server_protocols[] = {&dtls_server_1_2, NULL};
static const dtls_config server_config = {
    .crypto = &dtls_libcrypto,
    .protocols = server_protocols,
    .cipher_suites = suites,
    .groups = dtls_default_groups,
    .extensions = dtls_default_extensions,
    .psk_identity_hint = {.data = (const uint8_t *)"plant 7", .len = 7},
};

struct device {
    const char *identity;
    uint8_t key[16];
};

static const struct device devices[] = {
    {"pump 1",
     {0x6e, 0x65, 0x76, 0x65, 0x72, 0x20, 0x61, 0x20, 0x70, 0x61, 0x73, 0x73, 0x77, 0x6f, 0x72, 0x64}},
    {"pump 2",
     {0x72, 0x61, 0x6e, 0x64, 0x6f, 0x6d, 0x20, 0x62, 0x79, 0x74, 0x65, 0x73, 0x20, 0x6f, 0x6e, 0x6c}},
};

static void on_server_event(dtls_connection *connection, const dtls_event *event) {
    if (event->kind != DTLS_EVENT_LOOK_UP_PSK)
        return;
    dtls_span key = {.data = NULL, .len = 0}; /* none: the client is refused */
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        if (event->bytes.len == strlen(devices[i].identity) &&
            memcmp(event->bytes.data, devices[i].identity, event->bytes.len) == 0)
            key = (dtls_span){.data = devices[i].key, .len = sizeof devices[i].key};
    }
    (void)dtls_answer_psk(connection, example_time, (dtls_span){.data = NULL, .len = 0}, key);
}

static void on_client_event(dtls_connection *connection, const dtls_event *event) {
    if (event->kind == DTLS_EVENT_LOOK_UP_PSK) /* `bytes` is the server's hint */
        (void)dtls_answer_psk(connection, example_time, SPAN("pump 2"),
                              (dtls_span){.data = devices[1].key, .len = sizeof devices[1].key});
}

/* A client that nobody knows. */
static void on_stranger_event(dtls_connection *connection, const dtls_event *event) {
    if (event->kind == DTLS_EVENT_LOOK_UP_PSK)
        (void)dtls_answer_psk(connection, example_time, SPAN("pump 3"),
                              (dtls_span){.data = devices[1].key, .len = sizeof devices[1].key});
}

int main(void) {
    struct example_side client = {.path = 1};
    struct example_side server = {.path = 2};
    example_open(&client, &client_config, on_client_event);
    example_open(&server, &server_config, on_server_event);
    example_expect(example_connect(&client, &server), "the handshake finishes");
    example_expect(dtls_connection_get_info(server.connection)->cipher_suite ==
                       dtls_cipher_suite_code(&dtls_suite_ecdhe_psk_aes_128_gcm_sha256),
                   "the suite with forward secrecy");
    example_expect(example_send(&client, &server, "pressure 3 bar"), "the data arrives");
    example_close(&client);
    example_close(&server);

    example_open(&client, &client_config, on_stranger_event);
    example_open(&server, &server_config, on_server_event);
    example_expect(!example_connect(&client, &server), "the stranger is refused");
    example_expect(dtls_connection_get_failure(server.connection)->error == DTLS_ERROR_PSK_UNKNOWN,
                   "for want of a key");
    example_close(&client);
    example_close(&server);
    return 0;
}
