/* SPDX-License-Identifier: MIT
 *
 * A configuration: its defaults, and the sizes that follow from it.
 */
#include "handshake/config.h"

#include "handshake/extensions.h"
#include "handshake/resumption.h"

#include <string.h>

#define SECOND UINT64_C(1000000000)

size_t dtls_config_mtu(const dtls_config *config) {
    return config->mtu != 0 ? config->mtu : 1200;
}

size_t dtls_config_least_mtu(const dtls_config *config) {
    return DTLS_LEAST_MTU + (dtls_config_has_extension(config, DTLS_CODE_CONNECTION_ID)
                                 ? dtls_config_max_connection_id(config) + config->record_padding
                                 : 0);
}

size_t dtls_config_max_message(const dtls_config *config) {
    return config->max_message != 0 ? config->max_message : 4000;
}

size_t dtls_config_max_connection_id(const dtls_config *config) {
    return config->max_connection_id != 0 ? config->max_connection_id : 32;
}

size_t dtls_config_max_ticket(const dtls_config *config) {
    return config->max_ticket != 0 ? config->max_ticket : DTLS_MAX_TICKET;
}

uint64_t dtls_config_initial_timeout(const dtls_config *config) {
    return config->initial_timeout_ns != 0 ? config->initial_timeout_ns : SECOND;
}

uint64_t dtls_config_max_timeout(const dtls_config *config) {
    return config->max_timeout_ns != 0 ? config->max_timeout_ns : 60 * SECOND;
}

uint64_t dtls_config_handshake_timeout(const dtls_config *config) {
    return config->handshake_timeout_ns != 0 ? config->handshake_timeout_ns : 180 * SECOND;
}

uint64_t dtls_config_last_flight_kept(const dtls_config *config) {
    return config->last_flight_kept_ns != 0 ? config->last_flight_kept_ns : 240 * SECOND;
}

const dtls_cipher_suite *dtls_config_suite(const dtls_config *config, unsigned code) {
    for (const dtls_cipher_suite *const *suite = config->cipher_suites; *suite != NULL; suite++) {
        if ((*suite)->code == code)
            return *suite;
    }
    return NULL;
}

bool dtls_config_has_groups(const dtls_config *config) {
    for (const dtls_cipher_suite *const *suite = config->cipher_suites; *suite != NULL; suite++) {
        if ((*suite)->key_exchange->needs_group)
            return true;
    }
    return false;
}

bool dtls_config_has_anchors_decide(const dtls_config *config) {
    return config->verification == DTLS_VERIFY_ANCHORS ||
           config->verification == DTLS_VERIFY_ANCHORS_AND_APPLICATION;
}

bool dtls_config_has_extension(const dtls_config *config, unsigned code) {
    for (const dtls_extension *const *e = config->extensions; e != NULL && *e != NULL; e++) {
        if ((*e)->code == code)
            return true;
    }
    return false;
}

bool dtls_config_has_certificates(const dtls_config *config) {
    for (const dtls_cipher_suite *const *suite = config->cipher_suites; *suite != NULL; suite++) {
        if ((*suite)->key_exchange->certificates != NULL)
            return true;
    }
    return false;
}

bool dtls_config_takes_type(const dtls_config *config, dtls_certificate_type type) {
    for (size_t i = 0; i < config->num_peer_certificate_types; i++) {
        if (config->peer_certificate_types[i] == type)
            return true;
    }
    return config->num_peer_certificate_types == 0 && type == DTLS_CERTIFICATE_X509;
}

bool dtls_client_type_agreed(const struct dtls_connection *connection) {
    const struct dtls_handshake *handshake = connection->handshake;
    return handshake->peer_types_told ? handshake->peer_type_agreed
                                      : dtls_config_takes_type(connection->config, DTLS_CERTIFICATE_X509);
}

/* Whether Certificate messages of ours can have something in them. */
static bool shows_certificates(const dtls_config *config) {
    return config->num_credentials > 0 && dtls_config_has_certificates(config);
}

size_t dtls_config_certificate_message(const dtls_config *config) {
    if (!shows_certificates(config))
        return 0;
    if (config->max_certificate_chain != 0)
        return config->max_certificate_chain;
    const bool staples = dtls_config_has_extension(config, DTLS_CODE_STATUS_REQUEST);
    size_t longest = 0;
    for (size_t i = 0; i < config->num_credentials; i++) {
        size_t len = DTLS_MESSAGE_HEADER + 3;
        for (size_t c = 0; c < config->credentials[i].chain_len; c++)
            len += 3 + config->credentials[i].chain[c].len;
        if (staples && config->credentials[i].ocsp_response.len > 0)
            len += DTLS_MESSAGE_HEADER + 1 + 3 + config->credentials[i].ocsp_response.len;
        if (len > longest)
            longest = len;
    }
    return longest;
}

static bool client_shows_certificates(const dtls_config *config) {
    if (config->protocols[0]->role == DTLS_SERVER)
        return config->client_auth != DTLS_CLIENT_AUTH_NONE && dtls_config_has_certificates(config);
    return shows_certificates(config);
}

/* Those that are not there yet, and that hash outside the signature. */
static size_t add_hashes(const dtls_signature_scheme *const *scheme, uint8_t *hashes, size_t num) {
    for (; scheme != NULL && *scheme != NULL; scheme++) {
        if ((*scheme)->hash != 0 && memchr(hashes, (int)(*scheme)->hash, num) == NULL)
            hashes[num++] = (uint8_t)(*scheme)->hash;
    }
    return num;
}

size_t dtls_config_hashes(const dtls_config *config, uint8_t out_hashes[DTLS_MAX_HASHES]) {
    size_t num = 0;
    memset(out_hashes, 0, DTLS_MAX_HASHES);
    if (!client_shows_certificates(config))
        return 0;
    num = add_hashes(config->signature_schemes, out_hashes, num);
    for (const dtls_protocol *const *p = config->protocols; *p != NULL; p++)
        num = add_hashes((*p)->schemes, out_hashes, num);
    return num;
}

size_t dtls_config_extensions(const dtls_config *config) {
    const dtls_extension *extension;
    size_t size = 0;
    for (size_t i = 0; (extension = dtls_extension_at(config, i)) != NULL; i++)
        size += 4 + (extension->body_size != NULL ? extension->body_size(config) : 2);
    return size;
}

size_t dtls_config_client_hello(const dtls_config *config) {
    /* client_version, random, session_id, the longest cookie, and the lengths of the rest. */
    size_t size = DTLS_MESSAGE_HEADER + 2 + DTLS_RANDOM + 1 + 1 + 255 + 2 + 2 + 2 + 2;
    for (size_t i = 0; config->cipher_suites[i] != NULL; i++)
        size += 2;
    for (size_t i = 0; config->groups != NULL && config->groups[i] != NULL; i++)
        size += 2;
    for (size_t i = 0; config->signature_schemes != NULL && config->signature_schemes[i] != NULL; i++)
        size += 2;
    if (config->peer_name != NULL)
        size += 5 + strlen(config->peer_name);
    if (config->resumption != NULL)
        size += DTLS_MAX_SESSION_ID;
    return size + dtls_config_extensions(config);
}

static size_t octets(size_t len) {
    return (len + 7) / 8 * 8;
}

static size_t block_of(size_t len) {
    return (len + 15) / 16 * 16;
}

/* A server's NewSessionTicket; 0: it writes none. */
static size_t ticket_message(const dtls_config *config) {
    if (config->resumption == NULL || config->ticket_keys == NULL)
        return 0;
    return DTLS_MESSAGE_HEADER + DTLS_TICKET_HEADER + DTLS_OUR_TICKET;
}

/* What can be resumed, and room for a client's ticket. */
static size_t resumable_size(const dtls_config *config) {
    const bool client = config->resumption->role == DTLS_CLIENT;
    return octets(sizeof(struct dtls_resumable) + (client ? dtls_config_max_ticket(config) : 0));
}

static void lay_out_session(const dtls_config *config, struct dtls_session_layout *layout) {
    layout->slots = block_of(sizeof(struct dtls_connection));
    layout->size = layout->slots + dtls_record_slots_size(config->crypto);
    layout->last_flight = layout->size;
    layout->last_flight_len = DTLS_LAST_FLIGHT + ticket_message(config);
    layout->size += octets(layout->last_flight_len);
    if (config->keep_secrets) {
        layout->secrets = layout->size;
        layout->size += octets(sizeof(struct dtls_secrets));
    }
    if (config->resumption != NULL) {
        layout->resumable = layout->size;
        layout->size += resumable_size(config);
    }
    if (config->key_log) {
        layout->key_log = layout->size;
        layout->size += octets(DTLS_KEY_LOG_LINE);
    }
    if (dtls_config_has_extension(config, DTLS_CODE_CONNECTION_ID)) {
        layout->ids = layout->size;
        layout->size += octets(2 * dtls_config_max_connection_id(config));
    }
    if (config->max_server_name > 0) {
        layout->server_name = layout->size;
        layout->size += octets(config->max_server_name);
    }
}

static void lay_out_handshake(const dtls_config *config, size_t num_hashes,
                              struct dtls_handshake_layout *layout) {
    const dtls_crypto *crypto = config->crypto;
    layout->transcript = block_of(sizeof(struct dtls_handshake));
    layout->more_transcripts = layout->transcript + crypto->hash_slot;
    layout->digester = layout->more_transcripts + num_hashes * crypto->hash_slot;
    layout->key_share = layout->digester + crypto->hash_slot;
    layout->public_key = layout->key_share + crypto->key_share_slot;
    layout->reassembly = layout->public_key + crypto->public_key_slot;
    if (config->resumption != NULL) {
        layout->resuming = layout->reassembly;
        layout->sealer = layout->resuming + block_of(sizeof(struct dtls_resuming));
        layout->reassembly = layout->sealer + (config->ticket_keys != NULL ? crypto->aead_slot : 0);
    }
    if (config->protocols[0]->role == DTLS_CLIENT &&
        dtls_config_has_extension(config, DTLS_CODE_STATUS_REQUEST)) {
        layout->certificate = layout->reassembly;
        layout->reassembly += octets(dtls_config_max_message(config));
    }
    layout->flight = layout->reassembly + DTLS_REASSEMBLY_SIZE(dtls_config_max_message(config));
    layout->flight_len = config->protocols[0]->flight_size(config) + dtls_config_certificate_message(config);
    /* ServerKeyExchange and CertificateVerify are signed; the latter is a message of its own. */
    if (shows_certificates(config))
        layout->flight_len += DTLS_MESSAGE_HEADER + 4 + DTLS_MAX_SIGNATURE;
    if (config->resumption != NULL)
        layout->flight_len += DTLS_MAX_SESSION_ID + ticket_message(config);
    layout->kept = layout->flight + layout->flight_len;
    layout->size = octets(layout->kept + config->kept_transcript);
}

void dtls_layouts_of(const dtls_config *config, struct dtls_layouts *out_layouts) {
    memset(out_layouts, 0, sizeof *out_layouts);
    out_layouts->num_hashes = dtls_config_hashes(config, out_layouts->hashes);
    lay_out_session(config, &out_layouts->session);
    lay_out_handshake(config, out_layouts->num_hashes, &out_layouts->handshake);
}

/* The layouts of a configuration that may be wrong: then nothing has a size. */
static void layouts_if_right(const dtls_config *config, struct dtls_layouts *out_layouts) {
    if (dtls_config_check(config, NULL) == DTLS_OK)
        dtls_layouts_of(config, out_layouts);
    else
        memset(out_layouts, 0, sizeof *out_layouts);
}

size_t dtls_session_size(const dtls_config *config) {
    struct dtls_layouts layouts;
    layouts_if_right(config, &layouts);
    return layouts.session.size;
}

size_t dtls_handshake_size(const dtls_config *config) {
    struct dtls_layouts layouts;
    layouts_if_right(config, &layouts);
    return layouts.handshake.size;
}
