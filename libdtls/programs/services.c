/* SPDX-License-Identifier: MIT */
#include "services.h"

#include "dtls/exporter.h"
#include "dtls/posix.h"
#include "dtls/resumption.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Profiles by OpenSSL's names, which are IANA's but for the underscores. */
static const struct {
    const char *name;
    uint16_t code;
} profiles[] = {{"SRTP_AES128_CM_SHA1_80", DTLS_SRTP_AES128_CM_SHA1_80},
                {"SRTP_AES128_CM_SHA1_32", DTLS_SRTP_AES128_CM_SHA1_32},
                {"SRTP_AEAD_AES_128_GCM", DTLS_SRTP_AEAD_AES_128_GCM},
                {"SRTP_AEAD_AES_256_GCM", DTLS_SRTP_AEAD_AES_256_GCM}};

#define NUM_PROFILES (sizeof profiles / sizeof *profiles)

static void read_protocols(struct options *options, const char *text) {
    size_t num = 0;
    for (const char *at = text; *at != '\0'; at += *at == ',') {
        const size_t len = strcspn(at, ",");
        if (num == MAX_PROTOCOLS)
            fail(options, 2, "-alpn: more than %d names", MAX_PROTOCOLS);
        options->protocols[num++] = (dtls_span){.data = (const uint8_t *)at, .len = len};
        at += len;
    }
    options->config.application_protocols = options->protocols;
    options->config.num_application_protocols = num;
}

static void read_profiles(struct options *options, const char *text) {
    size_t num = 0;
    for (const char *at = text; *at != '\0'; at += *at == ':') {
        const size_t len = strcspn(at, ":");
        size_t i = 0;
        while (i < NUM_PROFILES &&
               (strlen(profiles[i].name) != len || memcmp(profiles[i].name, at, len) != 0))
            i++;
        if (i == NUM_PROFILES || num == MAX_SRTP_PROFILES)
            fail(options, 2,
                 "-use_srtp: libdtls has no \"%.*s\"; it has SRTP_AES128_CM_SHA1_80, …_32, "
                 "SRTP_AEAD_AES_128_GCM, …_256_GCM",
                 (int)len, at);
        options->srtp_profiles[num++] = profiles[i].code;
        at += len;
    }
    options->srtp = (dtls_srtp){.profiles = options->srtp_profiles, .num_profiles = num};
    options->config.srtp = &options->srtp;
    options->config.keep_secrets = true;
}

static void read_session(struct options *options, const char *name) {
    FILE *file = fopen(name, "rb");
    if (file == NULL)
        fail(options, 2, "-sess_in: %s: %s", name, strerror(errno));
    options->session_len = fread(options->session, 1, sizeof options->session, file);
    fclose(file);
    if (options->session_len == 0)
        fail(options, 2, "-sess_in: %s: it is empty, or cannot be read", name);
}

/* A server gives tickets, under a key of its own; or without them session ids, and keeps the sessions. */
static void allow_resumption(struct options *options, bool no_ticket) {
    dtls_config *config = &options->config;
    dtls_ticket_key *key = &options->ticket_keys.current;
    config->resumption = &dtls_resumption_server;
    config->session_cache = no_ticket;
    if (no_ticket)
        return;
    options->ticket_keys.aead = DTLS_AEAD_AES_256_GCM;
    if (dtls_libcrypto.random(dtls_libcrypto.state, key->name, sizeof key->name) != DTLS_OK ||
        dtls_libcrypto.random(dtls_libcrypto.state, key->key, sizeof key->key) != DTLS_OK)
        fail(options, 1, "no randomness");
    config->ticket_keys = &options->ticket_keys;
}

void services_read(struct options *options, const struct services *given) {
    options->session_out = given->session_out;
    if (given->protocols != NULL)
        read_protocols(options, given->protocols);
    if (given->srtp_profiles != NULL)
        read_profiles(options, given->srtp_profiles);
    if (options->export_label != NULL)
        options->config.keep_secrets = true;
    if (given->session_in != NULL)
        read_session(options, given->session_in);
    if (given->session_in != NULL || given->session_out != NULL)
        options->config.resumption = &dtls_resumption_client;
    if (options->role == DTLS_SERVER)
        allow_resumption(options, given->no_ticket);
}

size_t services_extensions(const struct options *options, const dtls_extension **out) {
    const dtls_config *config = &options->config;
    size_t num = 0;
    if (config->num_application_protocols > 0)
        out[num++] = &dtls_extension_alpn;
    if (config->srtp != NULL)
        out[num++] = &dtls_extension_use_srtp;
    if (options->role == DTLS_SERVER || config->max_fragment_length != 0)
        out[num++] = &dtls_extension_max_fragment_length;
    return num;
}

void services_offer(const struct options *options, dtls_connection *connection) {
    const dtls_span session = {.data = options->session, .len = options->session_len};
    if (session.len == 0)
        return;
    switch (dtls_connection_offer_session(connection, dtls_posix_now(), session)) {
    case DTLS_OK:
        break;
    case DTLS_NOTHING:
        fprintf(stderr, "%s: -sess_in: the session is of no use any more\n", options->program);
        break;
    default:
        fail(options, 2, "-sess_in: that is not the session of a client");
    }
}

static void report_agreed(const struct options *options, const char *peer,
                          const dtls_connection *connection) {
    const dtls_connection_info *info = dtls_connection_get_info(connection);
    const dtls_span protocol = info->application_protocol;
    uint8_t exported[MAX_EXPORTED];
    if (info->resumed)
        fprintf(stderr, "%sresumed\n", peer);
    if (protocol.len > 0)
        fprintf(stderr, "%sALPN protocol: %.*s\n", peer, (int)protocol.len, (const char *)protocol.data);
    for (size_t i = 0; i < NUM_PROFILES; i++) {
        if (profiles[i].code == info->srtp_profile)
            fprintf(stderr, "%sSRTP profile: %s\n", peer, profiles[i].name);
    }
    if (options->export_label == NULL ||
        dtls_export_keying_material(connection, options->export_label, NULL, exported, options->export_len) !=
            DTLS_OK)
        return;
    fprintf(stderr, "%skeying material: ", peer);
    for (size_t i = 0; i < options->export_len; i++)
        fprintf(stderr, "%02x", exported[i]);
    fputc('\n', stderr);
    dtls_libcrypto.wipe(exported, sizeof exported);
}

static void write_session(const struct options *options, const dtls_connection *connection) {
    uint8_t state[DTLS_SESSION_STATE_SIZE];
    size_t len = 0;
    if (dtls_session_export(connection, state, sizeof state, &len) != DTLS_OK) {
        fprintf(stderr, "%s: -sess_out: the server lets nobody resume\n", options->program);
        return;
    }
    FILE *file = fopen(options->session_out, "wb");
    const bool written = file != NULL && fwrite(state, 1, len, file) == len;
    if (file == NULL || fclose(file) != 0 || !written)
        fprintf(stderr, "%s: -sess_out: %s: %s\n", options->program, options->session_out, strerror(errno));
    dtls_libcrypto.wipe(state, sizeof state);
}

static void keep_session(struct options *options, const dtls_connection *connection) {
    struct kept_session *kept = &options->kept[options->num_kept % MAX_KEPT];
    const dtls_span id = dtls_session_get_id(connection);
    if (id.len == 0 || id.len > sizeof kept->id ||
        dtls_session_export(connection, kept->state, sizeof kept->state, &kept->len) != DTLS_OK)
        return;
    memcpy(kept->id, id.data, id.len);
    kept->id_len = id.len;
    options->num_kept++;
}

void services_connected(struct options *options, const char *peer, const dtls_connection *connection) {
    if (!options->quiet)
        report_agreed(options, peer, connection);
    if (options->session_out != NULL)
        write_session(options, connection);
    if (options->config.session_cache)
        keep_session(options, connection);
}

void services_answer(const struct options *options, dtls_connection *connection, dtls_span id) {
    dtls_span state = {.len = 0};
    for (size_t i = 0; i < MAX_KEPT; i++) {
        const struct kept_session *kept = &options->kept[i];
        if (id.len > 0 && kept->id_len == id.len && memcmp(kept->id, id.data, id.len) == 0)
            state = (dtls_span){.data = kept->state, .len = kept->len};
    }
    (void)dtls_answer_session(connection, dtls_posix_now(), state);
}

size_t services_record_room(const dtls_connection *connection, size_t most) {
    const size_t mtu = dtls_path_mtu(connection);
    const size_t limit = dtls_max_data(connection);
    size_t headroom;
    size_t tailroom;
    dtls_record_overhead(connection, &headroom, &tailroom);
    size_t room = mtu > headroom + tailroom ? mtu - headroom - tailroom : 1;
    room = limit > 0 && limit < room ? limit : room;
    return room < most ? room : most;
}
