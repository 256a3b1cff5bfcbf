/* SPDX-License-Identifier: MIT
 *
 * use_srtp (RFC 5764 section 4.1), and the keys that come of it (section 4.2).
 */
#include "dtls/exporter.h"
#include "dtls/srtp.h"

#include "handshake/connection.h"

#include <string.h>

static const char section[] = "RFC 5764 section 4.1";

static size_t body_size(const dtls_config *config) {
    return config->srtp == NULL ? 0 : 2 + 2 * config->srtp->num_profiles + 1 + config->srtp->mki.len;
}

static bool offered(const struct dtls_connection *connection) {
    return connection->config->srtp != NULL;
}

static void write_offer(const struct dtls_connection *connection, struct dtls_writer *writer) {
    const dtls_srtp *srtp = connection->config->srtp;
    struct dtls_block profiles = dtls_write_open(writer, 2);
    for (size_t i = 0; i < srtp->num_profiles; i++)
        dtls_write_u16(writer, srtp->profiles[i]);
    dtls_write_close(writer, profiles);
    dtls_write_vector(writer, 1, srtp->mki);
}

static bool lists(dtls_span profiles, unsigned profile) {
    struct dtls_reader reader = dtls_reader_of(profiles.data, profiles.len);
    while (dtls_read_left(&reader) > 0) {
        if (dtls_read_u16(&reader) == profile)
            return true;
    }
    return false;
}

/* Neither is empty, or their lengths differ. */
static bool same(dtls_span a, dtls_span b) {
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

/* A body: profiles, then the MKI. */
static dtls_span read_body(struct dtls_reader *reader, dtls_span *out_mki) {
    const dtls_span profiles = dtls_read_vector(reader, 2, 2, 0xfffe);
    *out_mki = dtls_read_vector(reader, 1, 0, 255);
    if (profiles.len % 2 != 0)
        dtls_read_fail(reader);
    return profiles;
}

/* Without a profile in common there is no SRTP, and no answer. */
static dtls_error read_offer(struct dtls_connection *connection, struct dtls_reader *reader) {
    const dtls_srtp *srtp = connection->config->srtp;
    dtls_span mki;
    const dtls_span profiles = read_body(reader, &mki);
    if (srtp == NULL || !dtls_read_done(reader))
        return DTLS_OK;
    for (size_t i = 0; i < srtp->num_profiles && connection->info.srtp_profile == 0; i++) {
        if (lists(profiles, srtp->profiles[i]))
            connection->info.srtp_profile = srtp->profiles[i];
    }
    connection->info.srtp_mki = mki.len > 0 && same(mki, srtp->mki);
    return DTLS_OK;
}

static bool answered(const struct dtls_connection *connection) {
    return connection->info.srtp_profile != 0;
}

static void write_answer(const struct dtls_connection *connection, struct dtls_writer *writer) {
    dtls_write_u16(writer, 2);
    dtls_write_u16(writer, connection->info.srtp_profile);
    dtls_write_vector(writer, 1,
                      connection->info.srtp_mki ? connection->config->srtp->mki : (dtls_span){.data = NULL});
}

static bool ours(const dtls_srtp *srtp, unsigned profile) {
    for (size_t i = 0; i < srtp->num_profiles; i++) {
        if (srtp->profiles[i] == profile)
            return true;
    }
    return false;
}

static dtls_error read_answer(struct dtls_connection *connection, struct dtls_reader *reader) {
    const dtls_srtp *srtp = connection->config->srtp;
    dtls_span mki;
    const dtls_span profiles = read_body(reader, &mki);
    if (!dtls_read_done(reader))
        return DTLS_OK;
    const unsigned profile = (unsigned)profiles.data[0] << 8 | profiles.data[1];
    if (profiles.len != 2 || !ours(srtp, profile))
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "SRTPProtectionProfiles",
                                    section);
    if (mki.len > 0 && !same(mki, srtp->mki))
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "srtp_mki", section);
    connection->info.srtp_profile = (uint16_t)profile;
    connection->info.srtp_mki = mki.len > 0;
    return DTLS_OK;
}

const dtls_extension dtls_extension_use_srtp = {
    .name = "use_srtp",
    .code = DTLS_CODE_USE_SRTP,
    .section = section,
    .body_size = body_size,
    .offered = offered,
    .write_offer = write_offer,
    .read_offer = read_offer,
    .answered = answered,
    .write_answer = write_answer,
    .read_answer = read_answer,
};

static void set_lengths(dtls_srtp_keys *keys) {
    switch (keys->profile) {
    case DTLS_SRTP_AES128_CM_SHA1_80:
    case DTLS_SRTP_AES128_CM_SHA1_32:
        keys->key_len = 16;
        keys->salt_len = 14;
        break;
    case DTLS_SRTP_AEAD_AES_128_GCM:
        keys->key_len = 16;
        keys->salt_len = 12;
        break;
    default:
        keys->key_len = 32;
        keys->salt_len = 12;
        break;
    }
}

dtls_error dtls_srtp_export_keys(const dtls_connection *connection, dtls_srtp_keys *out_keys) {
    if (connection == NULL || out_keys == NULL)
        return DTLS_ERROR_ARGUMENT;
    memset(out_keys, 0, sizeof *out_keys);
    if (!connection->info.connected)
        return DTLS_ERROR_STATE;
    if (connection->info.srtp_profile == 0)
        return DTLS_NOTHING;
    out_keys->profile = connection->info.srtp_profile;
    out_keys->uses_mki = connection->info.srtp_mki;
    set_lengths(out_keys);
    const size_t key_len = out_keys->key_len;
    const size_t salt_len = out_keys->salt_len;
    uint8_t material[2 * (32 + 14)];
    const dtls_error error = dtls_export_keying_material(connection, "EXTRACTOR-dtls_srtp", NULL, material,
                                                         2 * (key_len + salt_len));
    if (error == DTLS_OK) {
        memcpy(out_keys->client_key, material, key_len);
        memcpy(out_keys->server_key, material + key_len, key_len);
        memcpy(out_keys->client_salt, material + 2 * key_len, salt_len);
        memcpy(out_keys->server_salt, material + 2 * key_len + salt_len, salt_len);
    }
    connection->crypto->wipe(material, sizeof material);
    return error;
}
