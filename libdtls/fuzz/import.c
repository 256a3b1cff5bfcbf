/* SPDX-License-Identifier: MIT
 *
 * Bytes that are said to be a connection or a session. The input is a byte of
 * configuration (bit 0: the role, bit 1: a session instead of a connection),
 * the state with its length in two bytes in front, then datagrams likewise. A
 * connection that was taken must keep its promises, and export what it was
 * made of.
 */
#include <string.h>

#include "drive.h"
#include "fuzz.h"
#include "null_crypto.h"
#include "wire/cursor.h"

static const dtls_protocol *const protocols[2][2] = {{&dtls_client_1_2, NULL}, {&dtls_server_1_2, NULL}};
static const dtls_cipher_suite *const suites[] = {&dtls_suite_psk_aes_128_ccm_8,
                                                  &dtls_suite_psk_aes_128_gcm_sha256, NULL};
static const dtls_extension *const extensions[] = {&dtls_extension_extended_master_secret,
                                                   &dtls_extension_connection_id, NULL};

static void take_datagrams(struct drive *drive, struct dtls_reader *reader) {
    while (dtls_read_left(reader) > 0) {
        const dtls_span datagram = dtls_read_vector(reader, 2, 0, DRIVE_DATAGRAM);
        if (!dtls_read_ok(reader))
            return;
        if (datagram.len == 0)
            drive_expire(drive);
        else
            drive_receive(drive, datagram.data, datagram.len);
        drive_take_out(drive, NULL, NULL);
    }
}

/* What is exported makes the same export again. */
static void move_again(struct drive *drive, size_t session_size) {
    uint8_t state[2][DTLS_CONNECTION_STATE_SIZE];
    size_t len[2];
    if (dtls_connection_export(drive->connection, drive->now, state[0], sizeof state[0], &len[0]) != DTLS_OK)
        return;
    for (int i = 0; i < 2; i++) {
        memset(drive->session_block, 0, session_size);
        fuzz_check(dtls_connection_import(&drive->config, drive->now, (dtls_span){state[0], len[0]},
                                          drive->session_block, session_size, &drive->connection) == DTLS_OK);
        fuzz_check(dtls_connection_export(drive->connection, drive->now, state[1], sizeof state[1],
                                          &len[1]) == DTLS_OK);
        fuzz_check(len[0] == len[1] && memcmp(state[0], state[1], len[0]) == 0);
    }
}

static void take_connection(struct drive *drive, dtls_span state, struct dtls_reader *reader) {
    const size_t session_size = dtls_session_size(&drive->config);
    drive->session_block = malloc(session_size);
    fuzz_check(drive->session_block != NULL);
    if (dtls_connection_import(&drive->config, drive->now, state, drive->session_block, session_size,
                               &drive->connection) == DTLS_OK) {
        drive->connected = true;
        fuzz_check(dtls_connection_get_info(drive->connection)->connected);
        drive_take_out(drive, NULL, NULL);
        take_datagrams(drive, reader);
        move_again(drive, session_size);
        dtls_connection_wipe(drive->connection);
    }
    free(drive->session_block);
}

static void take_session(struct drive *drive, dtls_span state, struct dtls_reader *reader) {
    const size_t session_size = dtls_session_size(&drive->config);
    const size_t handshake_size = dtls_handshake_size(&drive->config);
    drive->session_block = malloc(session_size);
    drive->handshake_block = malloc(handshake_size);
    fuzz_check(drive->session_block != NULL && drive->handshake_block != NULL);
    fuzz_check(dtls_connection_open(&drive->config, drive->session_block, session_size,
                                    drive->handshake_block, handshake_size, &drive->connection) == DTLS_OK);
    (void)dtls_connection_offer_session(drive->connection, drive->now, state);
    if (dtls_protocol_role(drive->config.protocols[0]) == DTLS_CLIENT)
        fuzz_check(dtls_connection_start(drive->connection, drive->now) == DTLS_OK);
    drive_take_out(drive, NULL, NULL);
    take_datagrams(drive, reader);
    dtls_connection_wipe(drive->connection);
    free(drive->session_block);
    free(drive->handshake_block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    static const dtls_ticket_keys keys = {.aead = DTLS_AEAD_AES_128_GCM};
    struct dtls_reader reader = dtls_reader_of(data, len);
    const unsigned bits = dtls_read_u8(&reader);
    const bool server = (bits & 1) != 0;
    struct drive drive = {.now = {.monotonic_ns = 1, .calendar_s = 1767225600}};
    drive.config = (dtls_config){
        .crypto = &null_crypto,
        .protocols = protocols[server],
        .cipher_suites = suites,
        .extensions = extensions,
        .mtu = 1200,
        .max_message = 1500,
        .keep_secrets = true,
        .trust_legacy_master_secret = true,
        .resumption = server ? &dtls_resumption_server : &dtls_resumption_client,
        .ticket_keys = server ? &keys : NULL,
    };
    null_crypto_reset();
    const dtls_span state = dtls_read_vector(&reader, 2, 0, 0xffff);
    if (!dtls_read_ok(&reader) || state.data == NULL)
        return 0;
    if ((bits & 2) != 0)
        take_session(&drive, state, &reader);
    else
        take_connection(&drive, state, &reader);
    return 0;
}
