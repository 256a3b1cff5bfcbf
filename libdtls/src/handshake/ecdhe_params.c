/* SPDX-License-Identifier: MIT
 *
 * What all ephemeral key agreements on curves share: the choice of the group,
 * ServerECDHParams, and the agreement (RFC 8422 sections 4, 5.4, 5.11).
 */
#include "handshake/ecdhe.h"

enum { NAMED_CURVE = 3 };

static const char section[] = "RFC 8422 section 5.4";

/* The first group of ours that the client has. One who does not say has P-256 (RFC 8422 section 4 leaves the
 * choice to the server; P-256 is the one that everybody had before the extension). */
static const dtls_group *shared_group(const struct dtls_connection *connection) {
    const struct dtls_handshake *handshake = connection->handshake;
    const dtls_group *const *groups = connection->config->groups;
    for (unsigned i = 0; groups[i] != NULL; i++) {
        const bool shared = handshake->peer_has_groups ? (handshake->peer_groups >> i & 1) != 0
                                                       : groups[i]->code == DTLS_GROUP_P256;
        if (shared)
            return groups[i];
    }
    return NULL;
}

dtls_error dtls_ecdhe_choose_group(struct dtls_connection *connection) {
    const dtls_group *group = shared_group(connection);
    if (group == NULL)
        return DTLS_ERROR_NO_SHARED_GROUP;
    connection->handshake->group = group;
    connection->info.group = group->code;
    return DTLS_OK;
}

dtls_error dtls_ecdhe_start(struct dtls_connection *connection) {
    struct dtls_handshake *handshake = connection->handshake;
    return connection->crypto->key_share_start(connection->crypto->state, handshake->key_share,
                                               handshake->group->code, handshake->public_value,
                                               &handshake->public_value_len);
}

void dtls_ecdhe_params_write(const struct dtls_handshake *handshake, struct dtls_writer *writer) {
    dtls_write_u8(writer, NAMED_CURVE);
    dtls_write_u16(writer, handshake->group->code);
    dtls_write_vector(writer, 1, (dtls_span){handshake->public_value, handshake->public_value_len});
}

void dtls_ecdhe_params_read(struct dtls_reader *reader, struct dtls_ecdhe_params *out) {
    const size_t begin = reader->at;
    const uint8_t *bytes = reader->data + begin;
    const unsigned curve_type = dtls_read_u8(reader);
    out->other_form = dtls_read_ok(reader) && curve_type != NAMED_CURVE;
    out->named_curve = dtls_read_u16(reader);
    out->public_value = dtls_read_vector(reader, 1, 1, 255);
    out->bytes = (dtls_span){bytes, reader->at - begin};
}

static const dtls_group *offered_group(const dtls_config *config, unsigned code) {
    for (const dtls_group *const *group = config->groups; *group != NULL; group++) {
        if ((*group)->code == code)
            return *group;
    }
    return NULL;
}

dtls_error dtls_ecdhe_params_check(struct dtls_connection *connection, const struct dtls_ecdhe_params *params,
                                   bool whole) {
    struct dtls_handshake *handshake = connection->handshake;
    if (params->other_form)
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "curve_type", section);
    if (!whole)
        return dtls_connection_fail(connection, DTLS_ERROR_DECODE, "", section);
    handshake->group = offered_group(connection->config, params->named_curve);
    if (handshake->group == NULL)
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "named_curve", section);
    connection->info.group = handshake->group->code;
    return DTLS_OK;
}

dtls_error dtls_ecdhe_agree(struct dtls_connection *connection, dtls_span public_value, const char *field,
                            uint8_t *out_secret, size_t *out_len) {
    struct dtls_handshake *handshake = connection->handshake;
    const dtls_error error = connection->crypto->key_share_agree(handshake->key_share, public_value.data,
                                                                 public_value.len, out_secret, out_len);
    connection->crypto->key_share_clear(handshake->key_share);
    if (error == DTLS_ERROR_KEY_SHARE)
        return dtls_connection_fail(connection, error, field, "RFC 8422 section 5.11");
    return error;
}
