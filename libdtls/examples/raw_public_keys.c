/* SPDX-License-Identifier: MIT
 *
 * Raw public keys instead of certificates: docs/how-to/raw-public-keys.md.
 *
 *     libdtls-raw-public-keys SERVER.key CLIENT.key OTHER.key
 */
#include "both_sides.h"
#include "files.h"

#include <string.h>

static const dtls_protocol *const client_protocols[] = {&dtls_client_1_2, NULL};
static const dtls_protocol *const server_protocols[] = {&dtls_server_1_2, NULL};
static const dtls_cipher_suite *const suites[] = {&dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256, NULL};

static const dtls_extension *const extensions[] = {
    &dtls_extension_extended_master_secret,
    &dtls_extension_renegotiation_info,
    &dtls_extension_server_certificate_type, /* servers' keys */
    &dtls_extension_client_certificate_type, /* clients' keys */
    NULL,
};

static const dtls_certificate_type types[] = {DTLS_CERTIFICATE_RAW_PUBLIC_KEY};

/* A key pair as a credential. */
struct identity {
    dtls_credential credential;
    uint8_t bytes[512];
    dtls_span public_key;
    dtls_private_key *private_key;
};

static void identity_read(struct identity *identity, const char *name) {
    struct example_file key = example_file_read(name);
    dtls_credential *credential = &identity->credential;
    identity->public_key.data = identity->bytes;
    example_expect(dtls_libcrypto_private_key_read(key.bytes, key.len, &identity->private_key,
                                                   &credential->key_type) == DTLS_OK,
                   name);
    example_expect(dtls_libcrypto_public_key_read(key.bytes, key.len, identity->bytes, sizeof identity->bytes,
                                                  &identity->public_key.len) == DTLS_OK,
                   name);
    credential->type = DTLS_CERTIFICATE_RAW_PUBLIC_KEY;
    credential->chain = &identity->public_key;
    credential->chain_len = 1;
    credential->private_key = identity->private_key;
    example_file_free(&key);
}

static dtls_config configure(const dtls_protocol *const *protocols, const struct identity *own,
                             const dtls_span *known, size_t num_known) {
    return (dtls_config){
        .crypto = &dtls_libcrypto,
        .protocols = protocols,
        .cipher_suites = suites,
        .groups = dtls_default_groups,
        .signature_schemes = dtls_default_signature_schemes,
        .extensions = extensions,
        .credentials = &own->credential,
        .num_credentials = 1,
        .peer_certificate_types = types,
        .num_peer_certificate_types = 1,
        .known_public_keys = known,
        .num_known_public_keys = num_known,
    };
}

/* Keys by owner, as an application may look them up. */
static dtls_span registered;

static void on_server_event(dtls_connection *connection, const dtls_event *event) {
    if (event->kind != DTLS_EVENT_VERIFY_CERTIFICATE)
        return;
    const bool known = event->certificate_type == DTLS_CERTIFICATE_RAW_PUBLIC_KEY &&
                       event->chain[0].len == registered.len &&
                       memcmp(event->chain[0].data, registered.data, registered.len) == 0;
    (void)dtls_answer_certificate(connection, example_time, known ? DTLS_OK : DTLS_ERROR_PUBLIC_KEY_UNKNOWN);
}

static bool try(const dtls_config *client_config, const dtls_config *server_config) {
    struct example_side client = {.path = 1};
    struct example_side server = {.path = 2};
    example_open(&client, client_config, NULL);
    example_open(&server, server_config, on_server_event);
    const bool connected = example_connect(&client, &server);
    if (connected)
        example_expect(dtls_connection_get_info(server.connection)->peer_certificate_type ==
                           DTLS_CERTIFICATE_RAW_PUBLIC_KEY,
                       "a raw public key was shown");
    example_close(&client);
    example_close(&server);
    return connected;
}

int main(int argc, char **argv) {
    static struct identity server;
    static struct identity client;
    static struct identity other;
    example_expect(argc == 4, "arguments SERVER.key CLIENT.key OTHER.key");
    identity_read(&server, argv[1]);
    identity_read(&client, argv[2]);
    identity_read(&other, argv[3]);
    const dtls_span clients[] = {client.public_key, other.public_key};
    dtls_config client_config = configure(client_protocols, &client, &server.public_key, 1);
    dtls_config server_config = configure(server_protocols, &server, clients, 2);
    server_config.client_auth = DTLS_CLIENT_AUTH_REQUIRE;
    example_expect(try(&client_config, &server_config), "keys that are known");

    server_config.num_known_public_keys = 0;
    server_config.verification = DTLS_VERIFY_APPLICATION;
    registered = client.public_key;
    example_expect(try(&client_config, &server_config), "a key that the application knows");
    registered = other.public_key;
    example_expect(!try(&client_config, &server_config), "a key that it does not know");

    client_config.known_public_keys = &other.public_key;
    example_expect(!try(&client_config, &server_config), "a server with another key than was expected");

    dtls_libcrypto_private_key_free(server.private_key);
    dtls_libcrypto_private_key_free(client.private_key);
    dtls_libcrypto_private_key_free(other.private_key);
    return 0;
}
