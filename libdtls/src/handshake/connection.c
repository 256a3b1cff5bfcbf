/* SPDX-License-Identifier: MIT
 *
 * The life of a connection: its two blocks of memory, its beginning, its
 * success, its death (RFC 5246 section 7.2), and what is told of it.
 */
#include "handshake/connection.h"

#include "handshake/config.h"
#include "handshake/resumption.h"

#include <stdalign.h>
#include <string.h>

static bool aligned(const void *memory) {
    return (uintptr_t)memory % alignof(max_align_t) == 0;
}

static bool usable(const struct dtls_connection_memory *memory) {
    return memory->session != NULL && memory->handshake != NULL && aligned(memory->session) &&
           aligned(memory->handshake);
}

static void lay_out_handshake(struct dtls_connection *connection, const struct dtls_layouts *layouts,
                              uint8_t *memory) {
    const dtls_config *config = connection->config;
    const struct dtls_handshake_layout *layout = &layouts->handshake;
    memset(memory, 0, layout->reassembly);
    struct dtls_handshake *handshake = (void *)memory;
    handshake->transcript = memory + layout->transcript;
    memcpy(handshake->more_hashes, layouts->hashes, sizeof handshake->more_hashes);
    for (size_t i = 0; i < layouts->num_hashes; i++)
        handshake->more_transcripts[i] = memory + layout->more_transcripts + i * config->crypto->hash_slot;
    handshake->digester = memory + layout->digester;
    handshake->key_share = memory + layout->key_share;
    handshake->public_key = memory + layout->public_key;
    if (layout->resuming != 0) {
        handshake->resuming = (void *)(memory + layout->resuming);
        handshake->resuming->sealer = memory + layout->sealer;
    }
    if (layout->certificate != 0)
        handshake->certificate = memory + layout->certificate;
    handshake->deadline = DTLS_NO_DEADLINE;
    handshake->timer = dtls_timer_of(dtls_config_initial_timeout(config), dtls_config_max_timeout(config),
                                     config->reset_timeout);
    dtls_reassembly_init(&handshake->reassembly, memory + layout->reassembly, dtls_config_max_message(config),
                         0);
    dtls_flight_init(&handshake->flight, memory + layout->flight, layout->flight_len, 0);
    handshake->kept = memory + layout->kept;
    handshake->kept_cap = config->kept_transcript;
    connection->handshake = handshake;
    connection->handshake_memory = memory;
    connection->handshake_memory_len = layout->size;
}

static size_t guessed_least(const dtls_config *config) {
    const size_t least = dtls_config_least_mtu(config);
    return least > DTLS_LEAST_GUESSED_MTU ? least : DTLS_LEAST_GUESSED_MTU;
}

void dtls_connection_lay_out(struct dtls_connection *connection, const dtls_config *config,
                             const struct dtls_session_layout *layout, uint8_t *memory) {
    memset(memory, 0, layout->size);
    connection->config = config;
    connection->crypto = config->crypto;
    connection->protocol = config->protocols[0];
    connection->info.role = connection->protocol->role;
    connection->forget_at = DTLS_NO_DEADLINE;
    connection->path_mtu = dtls_path_mtu_of(dtls_config_mtu(config), guessed_least(config));
    connection->message = "";
    connection->session_len = layout->size;
    connection->last_flight_bytes = memory + layout->last_flight;
    connection->last_flight_cap = layout->last_flight_len;
    if (layout->key_log != 0)
        connection->key_log = memory + layout->key_log;
    if (layout->ids != 0) {
        connection->own_id = memory + layout->ids;
        connection->peer_id = connection->own_id + dtls_config_max_connection_id(config);
    }
    if (layout->server_name != 0)
        connection->server_name = memory + layout->server_name;
    if (layout->secrets != 0)
        connection->secrets = (void *)(memory + layout->secrets);
    if (layout->resumable != 0)
        connection->resumable = (void *)(memory + layout->resumable);
    dtls_record_init(&connection->records, config->crypto, &connection->statistics, memory + layout->slots);
}

dtls_error dtls_connection_open(const dtls_config *config, void *session_memory, size_t session_len,
                                void *handshake_memory, size_t handshake_len,
                                dtls_connection **out_connection) {
    const struct dtls_connection_memory memory = {session_memory, session_len, handshake_memory,
                                                  handshake_len};
    if (config == NULL || !usable(&memory) || out_connection == NULL)
        return DTLS_ERROR_ARGUMENT;
    *out_connection = NULL;
    if (dtls_config_check(config, NULL) != DTLS_OK)
        return DTLS_ERROR_CONFIG;
    struct dtls_layouts layouts;
    dtls_layouts_of(config, &layouts);
    return dtls_connection_make(config, &layouts, &memory, out_connection);
}

dtls_error dtls_connection_make(const dtls_config *config, const struct dtls_layouts *layouts,
                                const struct dtls_connection_memory *memory,
                                dtls_connection **out_connection) {
    if (!usable(memory) || out_connection == NULL)
        return DTLS_ERROR_ARGUMENT;
    *out_connection = NULL;
    if (memory->session_len < layouts->session.size || memory->handshake_len < layouts->handshake.size)
        return DTLS_ERROR_NO_ROOM;
    struct dtls_connection *connection = memory->session;
    dtls_connection_lay_out(connection, config, &layouts->session, memory->session);
    lay_out_handshake(connection, layouts, memory->handshake);
    connection->flight = &connection->handshake->flight;
    const bool server = connection->protocol->role == DTLS_SERVER;
    connection->state = server ? DTLS_STATE_WAIT_CLIENT_HELLO : DTLS_STATE_START;
    /* The hellos before the version is agreed on carry DTLS 1.0 (RFC 6347 section 4.2.1; RFC 5246 E.1). */
    dtls_record_set_version(&connection->records, DTLS_VERSION_1_0, false);
    struct dtls_handshake *handshake = connection->handshake;
    if (config->crypto->random(config->crypto->state,
                               server ? handshake->server_random : handshake->client_random,
                               DTLS_RANDOM) != DTLS_OK) {
        dtls_connection_wipe(connection);
        return DTLS_ERROR_CRYPTO;
    }
    *out_connection = connection;
    return DTLS_OK;
}

void dtls_connection_end_handshake(struct dtls_connection *connection) {
    struct dtls_handshake *handshake = connection->handshake;
    const dtls_crypto *crypto = connection->crypto;
    if (handshake == NULL)
        return;
    crypto->hash_clear(handshake->transcript);
    for (size_t i = 0; i < DTLS_MAX_HASHES; i++) {
        if (handshake->more_transcripts[i] != NULL)
            crypto->hash_clear(handshake->more_transcripts[i]);
    }
    crypto->hash_clear(handshake->digester);
    crypto->key_share_clear(handshake->key_share);
    crypto->public_key_clear(handshake->public_key);
    connection->handshake = NULL;
    connection->flight = &connection->last_flight;
    crypto->wipe(connection->handshake_memory, connection->handshake_memory_len);
}

void dtls_connection_wipe(dtls_connection *connection) {
    if (!dtls_connection_exists(connection))
        return;
    const dtls_crypto *crypto = connection->crypto;
    dtls_connection_end_handshake(connection);
    dtls_record_wipe(&connection->records);
    crypto->wipe(connection, connection->session_len);
}

void *dtls_connection_take_handshake_memory(dtls_connection *connection) {
    if (connection == NULL || connection->handshake != NULL)
        return NULL;
    void *memory = connection->handshake_memory;
    connection->handshake_memory = NULL;
    return memory;
}

void dtls_connection_begin(struct dtls_connection *connection) {
    struct dtls_handshake *handshake = connection->handshake;
    if (handshake == NULL || handshake->deadline != DTLS_NO_DEADLINE || connection->state == DTLS_STATE_START)
        return;
    handshake->deadline =
        dtls_time_after(connection->now.monotonic_ns, dtls_config_handshake_timeout(connection->config));
}

dtls_error dtls_connection_start(dtls_connection *connection, dtls_time now) {
    if (!dtls_connection_exists(connection))
        return DTLS_ERROR_ARGUMENT;
    const bool server = connection->protocol->role == DTLS_SERVER;
    if (connection->handshake == NULL || connection->handshake->deadline != DTLS_NO_DEADLINE)
        return DTLS_ERROR_STATE;
    connection->now = now;
    if (!server) {
        const struct dtls_input input = {.kind = DTLS_INPUT_START};
        dtls_machine_take(connection, &input);
    }
    dtls_connection_begin(connection);
    return DTLS_OK;
}

void dtls_connection_alert(struct dtls_connection *connection, uint8_t level, uint8_t description) {
    const struct dtls_pending_alert alert = {.level = level, .description = description};
    if (level == DTLS_ALERT_LEVEL_WARNING && description != DTLS_ALERT_CLOSE_NOTIFY)
        connection->warning = alert;
    else
        connection->last_alert = alert;
    dtls_events_put(&connection->events, DTLS_EVENT_ALERT_SENT, level, description);
}

/* What exporters and resumption would need is not needed any more. */
static void wipe_secrets(struct dtls_connection *connection) {
    const dtls_crypto *crypto = connection->crypto;
    if (connection->secrets != NULL)
        crypto->wipe(connection->secrets, sizeof *connection->secrets);
    if (connection->resumable != NULL)
        crypto->wipe(connection->resumable, sizeof *connection->resumable);
}

/* Dies with the failure that stands in the connection. */
static void die(struct dtls_connection *connection) {
    dtls_failure *failure = &connection->failure;
    failure->state = dtls_state_name(connection->state);
    failure->message = connection->message;
    connection->warning.level = 0;
    connection->last_alert.level = 0;
    if (failure->error != DTLS_ERROR_PEER_ALERT && failure->alert != DTLS_ALERT_NONE)
        dtls_connection_alert(connection, DTLS_ALERT_LEVEL_FATAL, (uint8_t)failure->alert);
    connection->state = DTLS_STATE_FAILED;
    connection->info.closed = true;
    dtls_events_withdraw_questions(&connection->events);
    dtls_events_put(&connection->events, DTLS_EVENT_FAILED, 0, 0);
    dtls_flight_clear(connection->flight);
    dtls_connection_end_handshake(connection);
    dtls_flight_clear(connection->flight);
    wipe_secrets(connection);
    connection->forget_at = DTLS_NO_DEADLINE;
    connection->repeat_limit = (struct dtls_repeat_limit){
        .period_end =
            dtls_time_after(connection->now.monotonic_ns, dtls_config_initial_timeout(connection->config)),
        .answers = 1};
    if (connection->last_alert.level == 0)
        dtls_record_wipe(&connection->records);
}

dtls_error dtls_connection_fail(struct dtls_connection *connection, dtls_error error, const char *field,
                                const char *section) {
    dtls_failure *failure = &connection->failure;
    failure->error = error;
    if (error != DTLS_ERROR_PEER_ALERT)
        failure->alert = dtls_error_alert(error);
    failure->field = field;
    failure->section = section;
    die(connection);
    return error;
}

void dtls_connection_established(struct dtls_connection *connection) {
    const struct dtls_handshake *handshake = connection->handshake;
    const dtls_resumption *resumption = connection->config->resumption;
    connection->info.connected = true;
    connection->info.peer_authenticated = handshake->peer_verified;
    connection->next_receive_seq = handshake->reassembly.next_seq;
    connection->last_watch = handshake->watch;
    if (connection->last_flight.ready) {
        connection->forget_at =
            dtls_time_after(connection->now.monotonic_ns, dtls_config_last_flight_kept(connection->config));
    } else {
        dtls_record_retire(&connection->records, DTLS_SEAL, 0);
    }
    if (resumption != NULL)
        resumption->established(connection);
    dtls_connection_end_handshake(connection);
    dtls_events_put(&connection->events, DTLS_EVENT_CONNECTED, 0, 0);
}

dtls_error dtls_close(dtls_connection *connection, dtls_time now) {
    if (!dtls_connection_exists(connection))
        return DTLS_ERROR_ARGUMENT;
    if (connection->state == DTLS_STATE_FAILED || connection->state == DTLS_STATE_CLOSED)
        return DTLS_ERROR_STATE;
    connection->now = now;
    const struct dtls_handshake *handshake = connection->handshake;
    /* A peer who has never been heard of, or spoken to, need not be told. */
    const bool known = handshake == NULL || handshake->deadline != DTLS_NO_DEADLINE;
    dtls_events_withdraw_questions(&connection->events);
    dtls_connection_end_handshake(connection);
    connection->state = DTLS_STATE_CLOSED;
    connection->info.closed = true;
    connection->close_sent = true;
    if (known)
        dtls_connection_alert(connection, DTLS_ALERT_LEVEL_WARNING, DTLS_ALERT_CLOSE_NOTIFY);
    return DTLS_OK;
}

dtls_error dtls_abort(dtls_connection *connection, dtls_time now, dtls_alert alert) {
    /* An alert is one byte; a fatal close_notify would be none (RFC 5246 section 7.2.1). */
    if (!dtls_connection_exists(connection) || alert == DTLS_ALERT_CLOSE_NOTIFY ||
        (unsigned)alert > UINT8_MAX)
        return DTLS_ERROR_ARGUMENT;
    if (connection->state == DTLS_STATE_FAILED)
        return DTLS_ERROR_STATE;
    connection->now = now;
    connection->message = "";
    connection->failure = (dtls_failure){
        .error = DTLS_ERROR_ABORTED, .alert = alert, .field = "", .section = "RFC 5246 section 7.2.2"};
    die(connection);
    return DTLS_OK;
}

const dtls_connection_info *dtls_connection_get_info(const dtls_connection *connection) {
    return connection == NULL ? NULL : &connection->info;
}

const dtls_statistics *dtls_connection_get_statistics(const dtls_connection *connection) {
    return connection == NULL ? NULL : &connection->statistics;
}

const dtls_failure *dtls_connection_get_failure(const dtls_connection *connection) {
    return connection == NULL || connection->state != DTLS_STATE_FAILED ? NULL : &connection->failure;
}
