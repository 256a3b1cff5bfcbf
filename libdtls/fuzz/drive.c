/* SPDX-License-Identifier: MIT */
#include "drive.h"

#include <string.h>

#include "dtls/connection_id.h"
#include "dtls/exporter.h"
#include "dtls/resumption.h"
#include "dtls/srtp.h"
#include "dtls/transfer.h"
#include "fuzz.h"
#include "null_crypto.h"

static bool prepare(struct drive *drive, dtls_role role, uint32_t bits) {
    *drive = (struct drive){.bits = bits, .role = role, .path = 1};
    drive->now = (dtls_time){.monotonic_ns = 1, .calendar_s = 1767225600};
    if (!settings_make(&drive->settings, role, bits))
        return false;
    drive->session_size = dtls_session_size(&drive->settings.config);
    fuzz_check(drive->session_size > 0);
    drive->session_block = malloc(drive->session_size);
    fuzz_check(drive->session_block != NULL);
    return true;
}

bool drive_open(struct drive *drive, dtls_role role, uint32_t bits, dtls_span session) {
    if (!prepare(drive, role, bits))
        return false;
    const dtls_config *config = &drive->settings.config;
    const size_t handshake_size = dtls_handshake_size(config);
    drive->session = session;
    drive->handshake_block = malloc(handshake_size);
    fuzz_check(handshake_size > 0 && drive->handshake_block != NULL);
    fuzz_check(dtls_connection_open(config, drive->session_block, drive->session_size, drive->handshake_block,
                                    handshake_size, &drive->connection) == DTLS_OK);
    if ((bits & SETTINGS_CONNECTION_ID) != 0)
        fuzz_check(dtls_set_connection_id(drive->connection, (dtls_span){(const uint8_t *)"ident",
                                                                         role == DTLS_CLIENT ? 3 : 5}) ==
                   DTLS_OK);
    if (role == DTLS_CLIENT) {
        if (session.len > 0)
            (void)dtls_connection_offer_session(drive->connection, drive->now, session);
        fuzz_check(dtls_connection_start(drive->connection, drive->now) == DTLS_OK);
    }
    return true;
}

bool drive_import(struct drive *drive, dtls_role role, uint32_t bits, dtls_span state) {
    if (!prepare(drive, role, bits))
        return false;
    if (dtls_connection_import(&drive->settings.config, drive->now, state, drive->session_block,
                               drive->session_size, &drive->connection) != DTLS_OK) {
        free(drive->session_block);
        return false;
    }
    drive->connected = true;
    fuzz_check(dtls_connection_get_info(drive->connection)->connected);
    return true;
}

void drive_close(struct drive *drive) {
    dtls_connection_wipe(drive->connection);
    free(drive->session_block);
    free(drive->handshake_block);
}

/* Every byte is looked at, so that a sanitizer sees those that are not there. */
static void look_at(dtls_span span) {
    volatile uint8_t seen = 0;
    for (size_t i = 0; i < span.len; i++)
        seen = span.data[i];
    (void)seen;
}

void drive_receive(struct drive *drive, const uint8_t *datagram, size_t len) {
    uint8_t *copy = malloc(len + 1);
    fuzz_check(copy != NULL);
    memcpy(copy, datagram, len);
    dtls_datagram in = {.bytes = copy, .len = len, .path = drive->path};
    dtls_plaintext plaintexts[2];
    size_t num = 2;
    size_t taken = 0;
    drive->now.monotonic_ns += 1000000;
    while (taken == 0) {
        num = 2;
        dtls_error error = dtls_receive(drive->connection, drive->now, &in, 1, plaintexts, &num, &taken);
        fuzz_check(error == (drive->dead ? DTLS_ERROR_STATE : DTLS_OK));
        if (error != DTLS_OK)
            break;
        fuzz_check(taken == 1 || num == 2);
        for (size_t i = 0; i < num; i++) {
            fuzz_check(dtls_connection_get_info(drive->connection)->connected && plaintexts[i].epoch > 0);
            fuzz_check(plaintexts[i].data >= copy && plaintexts[i].data + plaintexts[i].len <= copy + len);
            look_at((dtls_span){plaintexts[i].data, plaintexts[i].len});
        }
    }
    free(copy);
}

void drive_expire(struct drive *drive) {
    uint64_t deadline = dtls_deadline(drive->connection);
    if (deadline == DTLS_NO_DEADLINE)
        return;
    drive->now.monotonic_ns = deadline > drive->now.monotonic_ns ? deadline : drive->now.monotonic_ns;
    fuzz_check(dtls_timeout(drive->connection, drive->now) == DTLS_OK);
    deadline = dtls_deadline(drive->connection);
    fuzz_check(deadline > drive->now.monotonic_ns);
}

dtls_error drive_answer(dtls_connection *connection, dtls_time now, dtls_role role, dtls_event_kind question,
                        dtls_span session) {
    static const uint8_t bytes[64] = {1};
    static const dtls_premaster premaster = {.bytes = {0xfe, 0xfd}};
    switch (question) {
    case DTLS_EVENT_LOOK_UP_PSK:
        return dtls_answer_psk(connection, now, (dtls_span){bytes, role == DTLS_CLIENT ? 7 : 0},
                               (dtls_span){bytes, 16});
    case DTLS_EVENT_VERIFY_CERTIFICATE:
        return dtls_answer_certificate(connection, now, DTLS_OK);
    case DTLS_EVENT_SIGN:
        return dtls_answer_signature(connection, now, (dtls_span){bytes, 8});
    case DTLS_EVENT_DECRYPT:
        return dtls_answer_decryption(connection, now, &premaster);
    case DTLS_EVENT_LOOK_UP_SESSION:
        return dtls_answer_session(connection, now, session);
    default:
        return DTLS_ERROR_ARGUMENT;
    }
}

static void answer(struct drive *drive) {
    const dtls_event_kind question = drive->question;
    if (question == 0)
        return;
    drive->question = 0;
    const bool over = drive->dead || dtls_connection_get_info(drive->connection)->closed;
    fuzz_check(drive_answer(drive->connection, drive->now, drive->role, question, drive->session) ==
               (over ? DTLS_ERROR_STATE : DTLS_OK));
}

static void ask(struct drive *drive, const dtls_event *event) {
    fuzz_check(drive->question == 0 && !drive->connected && !drive->dead);
    fuzz_check(event->kind != DTLS_EVENT_VERIFY_CERTIFICATE ||
               (event->chain_len > 0 && event->chain_len <= DTLS_MAX_CHAIN));
    fuzz_check(event->kind != DTLS_EVENT_LOOK_UP_SESSION ||
               (event->bytes.len > 0 && event->bytes.len <= DTLS_MAX_SESSION_ID));
    drive->question = event->kind;
    if ((drive->bits & SETTINGS_SLOW) == 0)
        answer(drive);
}

static void take_event(struct drive *drive, const dtls_event *event) {
    look_at(event->bytes);
    look_at(event->ocsp_response);
    for (size_t i = 0; i < event->chain_len; i++)
        look_at(event->chain[i]);
    switch (event->kind) {
    case DTLS_EVENT_CONNECTED:
        fuzz_check(!drive->connected && dtls_connection_get_info(drive->connection)->connected);
        drive->connected = true;
        break;
    case DTLS_EVENT_FAILED:
        fuzz_check(!drive->dead && dtls_connection_get_failure(drive->connection) != NULL);
        drive->dead = true;
        break;
    case DTLS_EVENT_PATH_CHANGED:
        (void)dtls_accept_path(drive->connection, event->path);
        break;
    default:
        if (event->kind >= DTLS_EVENT_LOOK_UP_PSK)
            ask(drive, event);
        break;
    }
}

void drive_take_out(struct drive *drive, drive_send *send, void *user) {
    uint8_t datagram[DRIVE_DATAGRAM];
    size_t len;
    dtls_event event;
    bool more = true;
    while (more) {
        more = false;
        while (dtls_poll_event(drive->connection, &event) == DTLS_OK) {
            take_event(drive, &event);
            more = true;
        }
        while (dtls_poll_datagram(drive->connection, drive->now, datagram, sizeof datagram, &len, NULL) ==
               DTLS_OK) {
            fuzz_check(len > 0 && len <= dtls_path_mtu(drive->connection));
            look_at((dtls_span){datagram, len});
            if (send != NULL)
                send(user, datagram, len);
            more = true;
        }
    }
}

void drive_write(struct drive *drive, drive_send *send, void *user) {
    uint8_t record[256];
    size_t len;
    const dtls_error error =
        dtls_write(drive->connection, drive->now, (const uint8_t *)"data", 4, record, sizeof record, &len);
    fuzz_check(error == DTLS_OK || error == DTLS_ERROR_STATE || error == DTLS_ERROR_SEQUENCE_EXHAUSTED);
    fuzz_check(error != DTLS_OK || (drive->connected && !drive->dead));
    if (error == DTLS_OK && send != NULL)
        send(user, record, len);
}

static void protect(struct drive *drive) {
    size_t headroom;
    size_t tailroom;
    dtls_record_overhead(drive->connection, &headroom, &tailroom);
    size_t len = dtls_max_data(drive->connection);
    len = len > 300 ? 300 : len;
    const size_t capacity = headroom + len + tailroom;
    uint8_t *bytes[2] = {malloc(capacity + 1), malloc(capacity + 1)};
    fuzz_check(bytes[0] != NULL && bytes[1] != NULL);
    memset(bytes[0], 1, capacity);
    memset(bytes[1], 2, capacity);
    dtls_record_buffer records[2] = {{bytes[0], capacity, len}, {bytes[1], capacity, len / 2}};
    size_t done = 0;
    const dtls_error error = dtls_protect(drive->connection, drive->now, records, 2, &done);
    fuzz_check(error == DTLS_OK || error == DTLS_ERROR_STATE || error == DTLS_ERROR_SEQUENCE_EXHAUSTED);
    for (size_t i = 0; i < done; i++) {
        fuzz_check(records[i].len <= capacity);
        look_at((dtls_span){bytes[i], records[i].len});
    }
    free(bytes[0]);
    free(bytes[1]);
}

static void use_exporters(struct drive *drive) {
    uint8_t key[32];
    uint8_t state[DTLS_SESSION_STATE_SIZE];
    size_t len = 0;
    dtls_srtp_keys keys;
    if (dtls_export_keying_material(drive->connection, "EXPORTER-fuzz", NULL, key, sizeof key) == DTLS_OK)
        look_at((dtls_span){key, sizeof key});
    if (dtls_srtp_export_keys(drive->connection, &keys) == DTLS_OK)
        look_at((dtls_span){keys.client_key, keys.key_len});
    if (dtls_session_export(drive->connection, state, sizeof state, &len) == DTLS_OK)
        look_at((dtls_span){state, len});
    look_at(dtls_session_get_id(drive->connection));
    look_at(dtls_session_get_data(drive->connection));
    look_at(dtls_connection_get_info(drive->connection)->application_protocol);
    look_at(dtls_connection_get_info(drive->connection)->server_name);
}

static void import(struct drive *drive, dtls_span state) {
    dtls_connection_wipe(drive->connection);
    memset(drive->session_block, 0xa5, drive->session_size);
    fuzz_check(dtls_connection_import(&drive->settings.config, drive->now, state, drive->session_block,
                                      drive->session_size, &drive->connection) == DTLS_OK);
}

/* What is exported can be imported, makes the same export again, and carries on. */
static void move(struct drive *drive) {
    uint8_t state[3][DTLS_CONNECTION_STATE_SIZE];
    size_t len[3];
    if (dtls_connection_export(drive->connection, drive->now, state[0], sizeof state[0], &len[0]) != DTLS_OK)
        return;
    for (size_t i = 1; i < 3; i++) {
        import(drive, (dtls_span){state[i - 1], len[i - 1]});
        fuzz_check(dtls_connection_export(drive->connection, drive->now, state[i], sizeof state[i],
                                          &len[i]) == DTLS_OK);
    }
    fuzz_check(len[1] == len[2] && memcmp(state[1], state[2], len[1]) == 0);
    import(drive, (dtls_span){state[2], len[2]});
}

static void take_memory(struct drive *drive) {
    void *memory = dtls_connection_take_handshake_memory(drive->connection);
    if (memory == NULL)
        return;
    fuzz_check(memory == drive->handshake_block);
    fuzz_check(drive->connected || dtls_connection_get_info(drive->connection)->closed);
    free(drive->handshake_block);
    drive->handshake_block = NULL;
}

static void call(struct drive *drive, unsigned number, struct dtls_reader *script) {
    switch ((enum drive_call)(number % DRIVE_NUM_CALLS)) {
    case DRIVE_ANSWER:
        answer(drive);
        break;
    case DRIVE_WRITE:
        drive_write(drive, NULL, NULL);
        break;
    case DRIVE_PROTECT:
        protect(drive);
        break;
    case DRIVE_CLOSE:
        (void)dtls_close(drive->connection, drive->now);
        break;
    case DRIVE_ABORT:
        (void)dtls_abort(drive->connection, drive->now, DTLS_ALERT_USER_CANCELED);
        break;
    case DRIVE_PATH_MTU:
        (void)dtls_set_path_mtu(drive->connection, dtls_read_u16(script));
        break;
    case DRIVE_ROUND_TRIP:
        (void)dtls_set_round_trip(drive->connection, 20000000);
        break;
    case DRIVE_EXPORTERS:
        use_exporters(drive);
        break;
    case DRIVE_TAKE_MEMORY:
        take_memory(drive);
        break;
    case DRIVE_NEW_PATH:
        drive->path++;
        break;
    case DRIVE_EARLY:
        drive->now.monotonic_ns += 1000000;
        fuzz_check(dtls_timeout(drive->connection, drive->now) == (drive->dead ? DTLS_ERROR_STATE : DTLS_OK));
        break;
    case DRIVE_MOVE:
    case DRIVE_NUM_CALLS:
        move(drive);
        break;
    }
}

void drive_run(struct drive *drive, struct dtls_reader *script) {
    drive_take_out(drive, NULL, NULL);
    while (dtls_read_left(script) > 0) {
        const unsigned head = dtls_read_u16(script);
        if (head == 0) {
            drive_expire(drive);
        } else if (head >= DRIVE_CALL) {
            call(drive, head & 0xff, script);
        } else {
            const dtls_span datagram = dtls_read_bytes(script, head);
            if (!dtls_read_ok(script) || head > DRIVE_DATAGRAM)
                return;
            drive_receive(drive, datagram.data, datagram.len);
        }
        drive_take_out(drive, NULL, NULL);
    }
}
