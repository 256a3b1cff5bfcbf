/* SPDX-License-Identifier: MIT
 *
 * Driving a connection, and checking what it promises on the way.
 */
#include "drive.h"

#include <string.h>

#include "fuzz.h"
#include "null_crypto.h"

static const dtls_protocol *const client_protocols[] = {&dtls_client_1_2, NULL};
static const dtls_protocol *const server_protocols[] = {&dtls_server_1_2, NULL};
static const dtls_cipher_suite *const psk_suites[] = {&dtls_suite_psk_aes_128_ccm_8,
                                                      &dtls_suite_psk_aes_128_gcm_sha256, NULL};

/* A certificate of the null provider says its key's type in its first byte. */
static const uint8_t leaf[300] = {DTLS_KEY_ECDSA};
static const uint8_t issuer[40] = {DTLS_KEY_ECDSA};

static void configure(struct drive *drive, dtls_role role, uint8_t bits) {
    drive->chain[0] = (dtls_span){.data = leaf, .len = sizeof leaf};
    drive->chain[1] = (dtls_span){.data = issuer, .len = sizeof issuer};
    drive->credential = (dtls_credential){
        .chain = drive->chain,
        .chain_len = 2,
        .key_type = DTLS_KEY_ECDSA,
        .private_key = (bits & DRIVE_ASK_SIGNATURE) != 0 ? NULL : (const dtls_private_key *)leaf,
    };
    drive->config = (dtls_config){
        .crypto = &null_crypto,
        .protocols = role == DTLS_CLIENT ? client_protocols : server_protocols,
        .cipher_suites = (bits & DRIVE_PSK_ONLY) != 0 ? psk_suites : dtls_default_cipher_suites,
        .groups = dtls_default_groups,
        .signature_schemes = dtls_default_signature_schemes,
        .extensions = dtls_default_extensions,
        .credentials = &drive->credential,
        .num_credentials = 1,
        .verification = (bits & DRIVE_ASK_VERDICT) != 0 ? DTLS_VERIFY_APPLICATION : DTLS_VERIFY_ANCHORS,
        .trust_anchors = (const dtls_trust_anchors *)issuer,
        .peer_name = role == DTLS_CLIENT ? "server.example" : NULL,
        .client_auth = role == DTLS_SERVER && (bits & DRIVE_CLIENT_AUTH) != 0 ? DTLS_CLIENT_AUTH_REQUIRE
                                                                              : DTLS_CLIENT_AUTH_NONE,
        .mtu = (bits & DRIVE_SMALL_MTU) != 0 ? 128 : 1200,
        .max_message = 1500,
        .require_extended_master_secret = (bits & DRIVE_REQUIRE_EMS) != 0,
        .key_log = true,
    };
}

static void configure_resumption(struct drive *drive, dtls_role role) {
    static const dtls_ticket_keys keys = {.aead = DTLS_AEAD_AES_128_GCM};
    drive->config.keep_secrets = true;
    drive->config.resumption = role == DTLS_CLIENT ? &dtls_resumption_client : &dtls_resumption_server;
    if (role == DTLS_SERVER) {
        drive->config.ticket_keys = &keys;
        drive->config.session_cache = true;
    }
}

void drive_open(struct drive *drive, dtls_role role, uint8_t configuration) {
    *drive = (struct drive){.now = {.monotonic_ns = 1, .calendar_s = 1767225600}};
    configure(drive, role, configuration);
    if ((configuration & DRIVE_RESUMPTION) != 0)
        configure_resumption(drive, role);
    size_t session_size = dtls_session_size(&drive->config);
    size_t handshake_size = dtls_handshake_size(&drive->config);
    drive->session_block = malloc(session_size);
    drive->handshake_block = malloc(handshake_size);
    fuzz_check(drive->session_block != NULL && drive->handshake_block != NULL);
    fuzz_check(dtls_connection_open(&drive->config, drive->session_block, session_size,
                                    drive->handshake_block, handshake_size, &drive->connection) == DTLS_OK);
    if (role == DTLS_CLIENT)
        fuzz_check(dtls_connection_start(drive->connection, drive->now) == DTLS_OK);
}

void drive_close(struct drive *drive) {
    dtls_connection_wipe(drive->connection);
    free(drive->session_block);
    free(drive->handshake_block);
}

void drive_receive(struct drive *drive, const uint8_t *datagram, size_t len) {
    uint8_t *copy = malloc(len + 1);
    fuzz_check(copy != NULL);
    memcpy(copy, datagram, len);
    dtls_datagram in = {.bytes = copy, .len = len};
    dtls_plaintext plaintexts[2];
    size_t num = 2;
    size_t taken = 0;
    drive->now.monotonic_ns += 1000000;
    dtls_error error = dtls_receive(drive->connection, drive->now, &in, 1, plaintexts, &num, &taken);
    fuzz_check(error == (drive->dead ? DTLS_ERROR_STATE : DTLS_OK));
    for (size_t i = 0; error == DTLS_OK && i < num; i++) {
        fuzz_check(dtls_connection_get_info(drive->connection)->connected && plaintexts[i].epoch > 0);
        fuzz_check(plaintexts[i].data >= copy && plaintexts[i].data + plaintexts[i].len <= copy + len);
    }
    free(copy);
}

void drive_expire(struct drive *drive) {
    uint64_t deadline = dtls_deadline(drive->connection);
    if (deadline == DTLS_NO_DEADLINE)
        return;
    drive->now.monotonic_ns = deadline > drive->now.monotonic_ns ? deadline : drive->now.monotonic_ns;
    (void)dtls_timeout(drive->connection, drive->now);
    deadline = dtls_deadline(drive->connection);
    fuzz_check(deadline > drive->now.monotonic_ns);
}

static void answer(struct drive *drive, const dtls_event *event) {
    static const uint8_t key[16];
    bool client = dtls_protocol_role(drive->config.protocols[0]) == DTLS_CLIENT;
    const dtls_span identity = {.data = key, .len = client ? 7 : 0};
    switch (event->kind) {
    case DTLS_EVENT_LOOK_UP_PSK:
        fuzz_check(dtls_answer_psk(drive->connection, drive->now, identity,
                                   (dtls_span){.data = key, .len = sizeof key}) == DTLS_OK);
        break;
    case DTLS_EVENT_VERIFY_CERTIFICATE:
        fuzz_check(event->chain_len > 0 && event->chain_len <= DTLS_MAX_CHAIN);
        fuzz_check(dtls_answer_certificate(drive->connection, drive->now, DTLS_OK) == DTLS_OK);
        break;
    case DTLS_EVENT_SIGN:
        fuzz_check(dtls_answer_signature(drive->connection, drive->now,
                                         (dtls_span){.data = leaf, .len = 8}) == DTLS_OK);
        break;
    case DTLS_EVENT_LOOK_UP_SESSION:
        fuzz_check(event->bytes.len > 0 && event->bytes.len <= DTLS_MAX_SESSION_ID);
        fuzz_check(dtls_answer_session(drive->connection, drive->now, (dtls_span){.data = NULL}) == DTLS_OK);
        break;
    case DTLS_EVENT_CONNECTED:
        fuzz_check(!drive->connected && dtls_connection_get_info(drive->connection)->connected);
        drive->connected = true;
        break;
    case DTLS_EVENT_FAILED:
        fuzz_check(!drive->dead && dtls_connection_get_failure(drive->connection) != NULL);
        drive->dead = true;
        break;
    default:
        break;
    }
}

static void send_data(struct drive *drive, drive_send *send, void *user) {
    uint8_t record[64];
    size_t len;
    if (dtls_write(drive->connection, drive->now, (const uint8_t *)"data", 4, record, sizeof record, &len) ==
            DTLS_OK &&
        send != NULL)
        send(user, record, len);
}

void drive_take_out(struct drive *drive, drive_send *send, void *user) {
    uint8_t datagram[DRIVE_DATAGRAM];
    size_t len;
    dtls_event event;
    bool connected = drive->connected;
    bool more = true;
    while (more) {
        more = false;
        while (dtls_poll_event(drive->connection, &event) == DTLS_OK) {
            answer(drive, &event);
            more = true;
        }
        while (dtls_poll_datagram(drive->connection, drive->now, datagram, sizeof datagram, &len, NULL) ==
               DTLS_OK) {
            fuzz_check(len > 0 && len <= drive->config.mtu);
            if (send != NULL)
                send(user, datagram, len);
            more = true;
        }
    }
    if (drive->connected && !connected)
        send_data(drive, send, user);
}
