/* SPDX-License-Identifier: MIT
 *
 * A live connection as bytes, and back. The keys themselves cannot be had back
 * from a provider: they are made again of the master secret.
 */
#include "dtls/transfer.h"

#include "handshake/config.h"
#include "handshake/key_schedule.h"
#include "handshake/resumption.h"
#include "record/position.h"

#include <stdalign.h>
#include <stddef.h>
#include <string.h>

enum { FORMAT = 2 };

enum {
    FLAG_EXTENDED_MASTER_SECRET = 1,
    FLAG_RESUMED = 2,
    FLAG_PEER_AUTHENTICATED = 4,
    FLAG_ENCRYPT_THEN_MAC = 8,
    FLAG_CONNECTION_IDS = 16,
    FLAG_SRTP_MKI = 32,
    FLAG_RAW_PUBLIC_KEY = 64,
    FLAG_PEER_RAW_PUBLIC_KEY = 128
};

static bool read_flag(unsigned flags, unsigned flag) {
    return (flags & flag) != 0;
}

static dtls_certificate_type read_type(unsigned flags, unsigned flag) {
    return read_flag(flags, flag) ? DTLS_CERTIFICATE_RAW_PUBLIC_KEY : DTLS_CERTIFICATE_X509;
}

/* What was negotiated. */
static void write_info(struct dtls_writer *writer, const struct dtls_connection *connection,
                       const struct dtls_record_position *position) {
    const dtls_connection_info *info = &connection->info;
    const unsigned flags =
        (info->extended_master_secret ? FLAG_EXTENDED_MASTER_SECRET : 0U) |
        (info->resumed ? FLAG_RESUMED : 0U) | (info->peer_authenticated ? FLAG_PEER_AUTHENTICATED : 0U) |
        (position->encrypt_then_mac ? FLAG_ENCRYPT_THEN_MAC : 0U) |
        (connection->ids_agreed ? FLAG_CONNECTION_IDS : 0U) | (info->srtp_mki ? FLAG_SRTP_MKI : 0U) |
        (info->certificate_type != DTLS_CERTIFICATE_X509 ? FLAG_RAW_PUBLIC_KEY : 0U) |
        (info->peer_certificate_type != DTLS_CERTIFICATE_X509 ? FLAG_PEER_RAW_PUBLIC_KEY : 0U);
    dtls_write_u8(writer, FORMAT);
    dtls_write_u8(writer, info->role);
    dtls_write_u16(writer, info->version);
    dtls_write_u16(writer, info->cipher_suite);
    dtls_write_u8(writer, flags);
    dtls_write_u16(writer, info->group);
    dtls_write_u16(writer, info->signature_scheme);
    dtls_write_u16(writer, info->peer_signature_scheme);
    dtls_write_u16(writer, info->srtp_profile);
    dtls_write_vector(writer, 1, info->application_protocol);
}

/* The configuration's own span of an application protocol; empty: it has none of this name. */
static dtls_span protocol_named(const dtls_config *config, dtls_span name) {
    for (size_t i = 0; i < config->num_application_protocols; i++) {
        const dtls_span *own = &config->application_protocols[i];
        if (own->len == name.len && memcmp(own->data, name.data, name.len) == 0)
            return *own;
    }
    return (dtls_span){.data = NULL};
}

/* False: not a connection of the protocols' role, application protocols and types of certificates. */
static bool read_info(struct dtls_reader *reader, struct dtls_connection *connection,
                      struct dtls_record_position *out_position) {
    dtls_connection_info *info = &connection->info;
    if (dtls_read_u8(reader) != FORMAT || dtls_read_u8(reader) != connection->protocol->role)
        return false;
    info->version = dtls_read_u16(reader);
    info->cipher_suite = dtls_read_u16(reader);
    const unsigned flags = dtls_read_u8(reader);
    info->extended_master_secret = read_flag(flags, FLAG_EXTENDED_MASTER_SECRET);
    info->resumed = read_flag(flags, FLAG_RESUMED);
    info->peer_authenticated = read_flag(flags, FLAG_PEER_AUTHENTICATED);
    info->srtp_mki = read_flag(flags, FLAG_SRTP_MKI);
    info->certificate_type = read_type(flags, FLAG_RAW_PUBLIC_KEY);
    info->peer_certificate_type = read_type(flags, FLAG_PEER_RAW_PUBLIC_KEY);
    out_position->encrypt_then_mac = read_flag(flags, FLAG_ENCRYPT_THEN_MAC);
    connection->ids_agreed = read_flag(flags, FLAG_CONNECTION_IDS);
    info->group = dtls_read_u16(reader);
    info->signature_scheme = dtls_read_u16(reader);
    info->peer_signature_scheme = dtls_read_u16(reader);
    info->srtp_profile = dtls_read_u16(reader);
    const dtls_span name = dtls_read_vector(reader, 1, 0, 255);
    info->application_protocol = protocol_named(connection->config, name);
    return info->application_protocol.len == name.len &&
           (info->peer_certificate_type == DTLS_CERTIFICATE_X509 ||
            dtls_config_takes_type(connection->config, info->peer_certificate_type));
}

/* Where the numbers of a position stand, in the order in which they are written. */
#define PLACE(field) offsetof(struct dtls_record_position, field)

static const uint8_t long_places[] = {PLACE(write_sequence), PLACE(write_used),     PLACE(read_used),
                                      PLACE(first_sequence), PLACE(replay.next),    PLACE(replay.seen[0]),
                                      PLACE(replay.seen[1]), PLACE(replay.seen[2]), PLACE(replay.seen[3])};
static const uint8_t short_places[] = {PLACE(read_limit), PLACE(write_limit), PLACE(plain_limit)};

_Static_assert(DTLS_REPLAY_WORDS == 4, "the whole window is written");

static uint64_t *long_at(struct dtls_record_position *position, size_t i) {
    return (void *)((uint8_t *)position + long_places[i]);
}

static uint16_t *short_at(struct dtls_record_position *position, size_t i) {
    return (void *)((uint8_t *)position + short_places[i]);
}

static void write_position(struct dtls_writer *writer, const struct dtls_connection *connection,
                           struct dtls_record_position *position) {
    for (size_t i = 0; i < sizeof long_places; i++)
        dtls_write_u64(writer, *long_at(position, i));
    for (size_t i = 0; i < sizeof short_places; i++)
        dtls_write_u16(writer, *short_at(position, i));
    dtls_write_u16(writer, connection->next_receive_seq);
    dtls_write_u64(writer, connection->last_watch.newest);
    dtls_write_u64(writer, connection->last_watch.place);
}

static void read_position(struct dtls_reader *reader, struct dtls_connection *connection,
                          struct dtls_record_position *out_position) {
    for (size_t i = 0; i < sizeof long_places; i++)
        *long_at(out_position, i) = dtls_read_u64(reader);
    for (size_t i = 0; i < sizeof short_places; i++)
        *short_at(out_position, i) = dtls_read_u16(reader);
    connection->next_receive_seq = dtls_read_u16(reader);
    connection->last_watch.newest = dtls_read_u64(reader);
    connection->last_watch.place = dtls_read_u64(reader);
}

/* An ID that the peer did not hear about, or agree on, is none. */
static void write_ids(struct dtls_writer *writer, const struct dtls_connection *connection) {
    const bool agreed = connection->ids_agreed;
    dtls_write_vector(writer, 1, (dtls_span){connection->own_id, agreed ? connection->own_id_len : 0});
    dtls_write_vector(writer, 1, (dtls_span){connection->peer_id, agreed ? connection->peer_id_len : 0});
}

/* The last flight, if it is ours, and how long it is still to be kept. */
static void write_last_flight(struct dtls_writer *writer, const struct dtls_connection *connection) {
    const struct dtls_flight *flight = &connection->last_flight;
    const uint64_t now = connection->now.monotonic_ns;
    const bool kept = flight->ready && connection->forget_at > now;
    dtls_write_u8(writer, kept ? flight->num_items : 0);
    if (!kept)
        return;
    dtls_write_u64(writer, connection->forget_at - now);
    for (unsigned i = 0; i < flight->num_items; i++) {
        const struct dtls_flight_item *item = &flight->items[i];
        dtls_write_u8(writer, item->content_type);
        dtls_write_u8(writer, item->epoch);
        dtls_write_vector(writer, 2, (dtls_span){flight->bytes + item->place, item->len});
    }
}

/* One message or ChangeCipherSpec of the last flight. False: it cannot be one, or there is no room. */
static bool read_item(struct dtls_reader *reader, struct dtls_flight *flight) {
    const uint8_t content_type = dtls_read_u8(reader);
    const uint16_t epoch = dtls_read_u8(reader);
    const dtls_span bytes = dtls_read_vector(reader, 2, 1, 0xffff);
    const size_t least = content_type == DTLS_CONTENT_HANDSHAKE ? DTLS_MESSAGE_HEADER : 1;
    if (!dtls_read_ok(reader) || epoch > 1 || bytes.len < least ||
        (content_type != DTLS_CONTENT_HANDSHAKE && content_type != DTLS_CONTENT_CHANGE_CIPHER_SPEC) ||
        bytes.len > flight->cap - flight->len)
        return false;
    memcpy(flight->bytes + flight->len, bytes.data, bytes.len);
    flight->items[flight->num_items++] = (struct dtls_flight_item){.place = (uint32_t)flight->len,
                                                                   .len = (uint32_t)bytes.len,
                                                                   .epoch = epoch,
                                                                   .content_type = content_type};
    flight->len += bytes.len;
    return true;
}

static bool read_last_flight(struct dtls_reader *reader, struct dtls_connection *connection) {
    struct dtls_flight *flight = &connection->last_flight;
    const unsigned num_items = dtls_read_u8(reader);
    connection->flight = flight;
    dtls_flight_init(flight, connection->last_flight_bytes, connection->last_flight_cap, 0);
    if (num_items == 0)
        return dtls_read_ok(reader);
    if (num_items > DTLS_FLIGHT_ITEMS)
        return false;
    connection->forget_at = dtls_time_after(connection->now.monotonic_ns, dtls_read_u64(reader));
    for (unsigned i = 0; i < num_items; i++) {
        if (!read_item(reader, flight))
            return false;
    }
    /* Written, and to be repeated only when the peer repeats his. */
    flight->ready = true;
    flight->at_item = num_items;
    return true;
}

static bool read_id(struct dtls_reader *reader, const struct dtls_connection *connection, uint8_t *out,
                    uint8_t *out_len) {
    const dtls_span id = dtls_read_vector(reader, 1, 0, 255);
    if (id.len > 0 && (out == NULL || !connection->ids_agreed ||
                       id.len > dtls_config_max_connection_id(connection->config)))
        return false;
    if (id.len > 0)
        memcpy(out, id.data, id.len);
    *out_len = (uint8_t)id.len;
    return dtls_read_ok(reader);
}

static bool exportable(const struct dtls_connection *connection) {
    return connection->state == DTLS_STATE_CONNECTED && connection->secrets != NULL &&
           !connection->close_received && !dtls_flight_pending(connection->flight) &&
           connection->warning.level == 0 && connection->last_alert.level == 0;
}

dtls_error dtls_connection_export(dtls_connection *connection, dtls_time now, uint8_t *out, size_t out_cap,
                                  size_t *out_len) {
    if (connection == NULL || out == NULL || out_len == NULL)
        return DTLS_ERROR_ARGUMENT;
    *out_len = 0;
    if (!exportable(connection))
        return DTLS_ERROR_STATE;
    connection->now = now;
    const dtls_cipher_suite *suite = dtls_config_suite(connection->config, connection->info.cipher_suite);
    struct dtls_record_position position;
    dtls_record_position_of(&connection->records, suite->protection, &position);
    struct dtls_writer writer = dtls_writer_of(out, out_cap);
    write_info(&writer, connection, &position);
    dtls_write_u8(&writer, connection->secrets->hash);
    dtls_write_bytes(&writer, connection->secrets->master_secret, DTLS_MASTER_SECRET);
    dtls_write_bytes(&writer, connection->secrets->client_random, DTLS_RANDOM);
    dtls_write_bytes(&writer, connection->secrets->server_random, DTLS_RANDOM);
    write_position(&writer, connection, &position);
    write_ids(&writer, connection);
    write_last_flight(&writer, connection);
    if (!dtls_write_ok(&writer)) {
        connection->crypto->wipe(out, out_cap);
        return DTLS_ERROR_NO_ROOM;
    }
    *out_len = dtls_written(&writer).len;
    connection->message = "";
    dtls_connection_fail(connection, DTLS_ERROR_EXPORTED, "", "");
    return DTLS_OK;
}

/* The configuration has the version and the suite. */
static const dtls_cipher_suite *choose(struct dtls_connection *connection) {
    for (const dtls_protocol *const *p = connection->config->protocols; *p != NULL; p++) {
        if ((*p)->version == connection->info.version) {
            connection->protocol = *p;
            return dtls_config_suite(connection->config, connection->info.cipher_suite);
        }
    }
    return NULL;
}

/* Reads everything; the keys are made of `out_secrets`. */
static const dtls_cipher_suite *read_state(struct dtls_connection *connection, dtls_span state,
                                           struct dtls_secrets *out_secrets,
                                           struct dtls_record_position *out_position) {
    struct dtls_reader reader = dtls_reader_of(state.data, state.len);
    if (!read_info(&reader, connection, out_position))
        return NULL;
    const dtls_cipher_suite *suite = choose(connection);
    out_secrets->hash = (dtls_hash)dtls_read_u8(&reader);
    dtls_read_copy(&reader, out_secrets->master_secret, DTLS_MASTER_SECRET);
    dtls_read_copy(&reader, out_secrets->client_random, DTLS_RANDOM);
    dtls_read_copy(&reader, out_secrets->server_random, DTLS_RANDOM);
    read_position(&reader, connection, out_position);
    const bool fits = read_id(&reader, connection, connection->own_id, &connection->own_id_len) &&
                      read_id(&reader, connection, connection->peer_id, &connection->peer_id_len) &&
                      read_last_flight(&reader, connection) && dtls_read_done(&reader);
    if (!fits || suite == NULL ||
        (out_position->encrypt_then_mac && suite->protection->encrypt_then_mac == NULL))
        return NULL;
    return suite;
}

static dtls_error revive(struct dtls_connection *connection, dtls_span state) {
    struct dtls_secrets secrets = {.hash = DTLS_HASH_SHA256};
    struct dtls_record_position position = {.write_sequence = 0};
    const dtls_cipher_suite *suite = read_state(connection, state, &secrets, &position);
    dtls_error error = DTLS_ERROR_ARGUMENT;
    if (suite != NULL) {
        dtls_record_set_version(&connection->records, connection->info.version, true);
        dtls_use_connection_ids(connection);
        error = dtls_install_keys(
            connection, position.encrypt_then_mac ? suite->protection->encrypt_then_mac : suite->protection,
            &secrets);
    }
    if (error == DTLS_OK)
        error = dtls_record_continue(&connection->records, &position);
    if (error == DTLS_OK && connection->secrets != NULL)
        *connection->secrets = secrets;
    connection->crypto->wipe(&secrets, sizeof secrets);
    if (error != DTLS_OK)
        return error;
    if (!connection->last_flight.ready)
        dtls_record_retire(&connection->records, DTLS_SEAL, 0);
    connection->info.connected = true;
    connection->state = DTLS_STATE_CONNECTED;
    return DTLS_OK;
}

dtls_error dtls_connection_import(const dtls_config *config, dtls_time now, dtls_span state,
                                  void *session_memory, size_t session_len,
                                  dtls_connection **out_connection) {
    if (config == NULL || session_memory == NULL || out_connection == NULL || state.data == NULL ||
        (uintptr_t)session_memory % alignof(max_align_t) != 0)
        return DTLS_ERROR_ARGUMENT;
    *out_connection = NULL;
    if (dtls_config_check(config, NULL) != DTLS_OK)
        return DTLS_ERROR_CONFIG;
    struct dtls_layouts layouts;
    dtls_layouts_of(config, &layouts);
    if (session_len < layouts.session.size)
        return DTLS_ERROR_NO_ROOM;
    struct dtls_connection *connection = session_memory;
    dtls_connection_lay_out(connection, config, &layouts.session, session_memory);
    connection->now = now;
    const dtls_error error = revive(connection, state);
    if (error != DTLS_OK) {
        dtls_connection_wipe(connection);
        return error;
    }
    *out_connection = connection;
    return DTLS_OK;
}
