/* SPDX-License-Identifier: MIT
 *
 * Certificate, CertificateRequest and CertificateVerify of both roles (RFC 5246
 * sections 7.4.2, 7.4.4, 7.4.6, 7.4.8).
 */
#include "handshake/certificates.h"

#include "handshake/config.h"
#include "handshake/transcript.h"

/* ClientCertificateType (RFC 5246 section 7.4.4, RFC 8422 section 5.5). */
enum { RSA_SIGN = 1, ECDSA_SIGN = 64 };

static const char certificate_section[] = "RFC 5246 section 7.4.2";

static unsigned certificate_type(dtls_key_type key_type) {
    return key_type == DTLS_KEY_RSA || key_type == DTLS_KEY_RSA_PSS ? RSA_SIGN : ECDSA_SIGN;
}

const dtls_signature_scheme *const *dtls_schemes_of(const struct dtls_connection *connection) {
    return connection->protocol->schemes != NULL ? connection->protocol->schemes
                                                 : connection->config->signature_schemes;
}

const dtls_signature_scheme *dtls_scheme_offered(const struct dtls_connection *connection, unsigned code,
                                                 dtls_key_type key_type) {
    const bool told = connection->protocol->schemes == NULL;
    for (const dtls_signature_scheme *const *scheme = dtls_schemes_of(connection); *scheme != NULL;
         scheme++) {
        if ((!told || (*scheme)->code == code) && (*scheme)->key_type == key_type)
            return *scheme;
    }
    return NULL;
}

void dtls_scheme_write(const struct dtls_connection *connection, struct dtls_writer *writer) {
    if (connection->protocol->schemes == NULL)
        dtls_write_u16(writer, connection->handshake->scheme->code);
}

unsigned dtls_scheme_read(const struct dtls_connection *connection, struct dtls_reader *reader) {
    return connection->protocol->schemes == NULL ? dtls_read_u16(reader) : 0;
}

dtls_error dtls_credential_fits(const struct dtls_connection *connection, const dtls_cipher_suite *suite,
                                size_t place) {
    const struct dtls_handshake *handshake = connection->handshake;
    const dtls_credential *credential = &connection->config->credentials[place];
    const unsigned takes = handshake->peer_takes != 0 ? handshake->peer_takes : 1U << DTLS_CERTIFICATE_X509;
    if (!dtls_suite_takes_key(suite, credential->key_type) ||
        (handshake->named != 0 && (handshake->named >> place & 1) == 0))
        return DTLS_ERROR_NO_SHARED_SUITE;
    return (takes >> credential->type & 1) != 0 ? DTLS_OK : DTLS_ERROR_CERTIFICATE_UNSUPPORTED;
}

static void write_chain(struct dtls_writer *writer, const dtls_credential *credential) {
    struct dtls_block list = dtls_write_open(writer, 3);
    for (size_t i = 0; credential != NULL && i < credential->chain_len; i++)
        dtls_write_vector(writer, 3, credential->chain[i]);
    dtls_write_close(writer, list);
}

static bool read_chain(const struct dtls_message *message, struct dtls_chain *out_chain) {
    struct dtls_reader reader = dtls_reader_of(message->body, message->len);
    struct dtls_block list = dtls_read_open(&reader, 3);
    for (out_chain->num = 0; dtls_read_left(&reader) > 0; out_chain->num++) {
        const dtls_span certificate = dtls_read_vector(&reader, 3, 1, 0xffffff);
        if (out_chain->num < DTLS_MAX_CHAIN)
            out_chain->certificates[out_chain->num] = certificate;
    }
    dtls_read_close(&reader, list);
    return dtls_read_done(&reader);
}

static dtls_error take_none(struct dtls_connection *connection) {
    if (connection->protocol->role == DTLS_CLIENT)
        return dtls_connection_fail(connection, DTLS_ERROR_DECODE, "certificate_list", certificate_section);
    if (connection->config->client_auth == DTLS_CLIENT_AUTH_REQUIRE)
        return dtls_connection_fail(connection, DTLS_ERROR_CERTIFICATE_MISSING, "certificate_list",
                                    "RFC 5246 section 7.4.6");
    return DTLS_OK;
}

/* A server's key must be of his suite's kind; a client's of some kind that we can verify. */
static bool key_fits(const struct dtls_connection *connection, dtls_key_type key_type) {
    if (connection->protocol->role == DTLS_CLIENT)
        return dtls_suite_takes_key(connection->handshake->suite, key_type);
    for (const dtls_signature_scheme *const *scheme = dtls_schemes_of(connection); *scheme != NULL;
         scheme++) {
        if ((*scheme)->key_type == key_type)
            return true;
    }
    return false;
}

/* Takes the leaf's key, and lets the provider judge the chain if that is its task. */
static dtls_error take_chain(struct dtls_connection *connection, const struct dtls_chain *peer) {
    const dtls_config *config = connection->config;
    struct dtls_handshake *handshake = connection->handshake;
    const bool judged = dtls_config_has_anchors_decide(config);
    const dtls_key_usage usage =
        connection->protocol->role == DTLS_CLIENT && handshake->suite->key_exchange->legacy
            ? DTLS_KEY_DECRYPTS
            : DTLS_KEY_SIGNS;
    const dtls_identity identity = {
        .name = config->peer_name,
        .peer_role = connection->protocol->role == DTLS_CLIENT ? DTLS_SERVER : DTLS_CLIENT,
        .calendar_s = connection->now.calendar_s,
    };
    const dtls_error error = connection->crypto->certificates_read(
        connection->crypto->state, handshake->public_key, peer->certificates, peer->num, usage,
        judged ? config->trust_anchors : NULL, judged ? &identity : NULL, &handshake->peer_key_type);
    if (error == DTLS_OK)
        handshake->peer_verified = judged;
    return error;
}

static const struct dtls_certificate_form x509 = {
    .type = DTLS_CERTIFICATE_X509, .write = write_chain, .read = read_chain, .take = take_chain};

static const struct dtls_certificate_form *form_or_x509(const struct dtls_certificate_form *form) {
    return form != NULL ? form : &x509;
}

static dtls_error write(struct dtls_connection *connection, const dtls_credential *credential) {
    struct dtls_writer writer = dtls_message_begin(connection);
    const struct dtls_certificate_form *form = form_or_x509(connection->handshake->own_form);
    form->write(&writer, credential);
    if (credential != NULL)
        connection->info.certificate_type = form->type;
    return dtls_message_end(connection, &writer, DTLS_MESSAGE_CERTIFICATE);
}

static void describe(const struct dtls_connection *connection, const struct dtls_message *message,
                     dtls_event *out_event) {
    const struct dtls_certificate_form *form = form_or_x509(connection->handshake->peer_form);
    struct dtls_chain read;
    if (!form->read(message, &read))
        return;
    out_event->certificate_type = form->type;
    for (size_t i = 0; i < read.num; i++)
        out_event->chain[i] = read.certificates[i];
    out_event->chain_len = read.num;
}

static dtls_error read(struct dtls_connection *connection, const struct dtls_message *message) {
    struct dtls_handshake *handshake = connection->handshake;
    const struct dtls_certificate_form *form = form_or_x509(handshake->peer_form);
    struct dtls_chain peer;
    if (!form->read(message, &peer))
        return dtls_connection_fail(connection, DTLS_ERROR_DECODE, "certificate_list", certificate_section);
    if (peer.num == 0)
        return take_none(connection);
    if (peer.num > DTLS_MAX_CHAIN)
        return dtls_connection_fail(connection, DTLS_ERROR_CERTIFICATE_BAD, "certificate_list",
                                    certificate_section);
    dtls_error error = dtls_config_takes_type(connection->config, form->type)
                           ? form->take(connection, &peer)
                           : DTLS_ERROR_CERTIFICATE_UNSUPPORTED;
    if (error == DTLS_ERROR_CRYPTO)
        return error;
    if (error == DTLS_OK && !key_fits(connection, handshake->peer_key_type))
        error = DTLS_ERROR_CERTIFICATE_UNSUPPORTED;
    if (error != DTLS_OK)
        return dtls_connection_fail(connection, error, "certificate_list", certificate_section);
    handshake->peer_certificate = true;
    connection->info.peer_certificate_type = form->type;
    return DTLS_OK;
}

static void write_schemes(const struct dtls_connection *connection, struct dtls_writer *writer) {
    struct dtls_block schemes = dtls_write_open(writer, 2);
    const dtls_signature_scheme *const *scheme = connection->config->signature_schemes;
    for (; *scheme != NULL; scheme++) {
        if (dtls_transcript_serves(connection, *scheme))
            dtls_write_u16(writer, (*scheme)->code);
    }
    dtls_write_close(writer, schemes);
}

static dtls_error write_request(struct dtls_connection *connection) {
    struct dtls_writer writer = dtls_message_begin(connection);
    struct dtls_block types = dtls_write_open(&writer, 1);
    dtls_write_u8(&writer, ECDSA_SIGN);
    dtls_write_u8(&writer, RSA_SIGN);
    dtls_write_close(&writer, types);
    if (connection->protocol->schemes == NULL)
        write_schemes(connection, &writer);
    dtls_write_vector(&writer, 2, (dtls_span){.data = NULL}); /* certificate_authorities: any */
    return dtls_message_end(connection, &writer, DTLS_MESSAGE_CERTIFICATE_REQUEST);
}

/* What a server asks for. */
struct request {
    dtls_span types;
    dtls_span schemes; /* NULL: the version has none */
};

static const char *read_request_fields(const struct dtls_message *message, bool has_schemes,
                                       struct request *out) {
    struct dtls_reader reader = dtls_reader_of(message->body, message->len);
    out->schemes = (dtls_span){.data = NULL};
    out->types = dtls_read_vector(&reader, 1, 1, 255);
    if (!dtls_read_ok(&reader))
        return "certificate_types";
    if (has_schemes)
        out->schemes = dtls_read_vector(&reader, 2, 2, 0xfffe);
    if (!dtls_read_ok(&reader) || out->schemes.len % 2 != 0)
        return "supported_signature_algorithms";
    struct dtls_block authorities = dtls_read_open(&reader, 2);
    while (dtls_read_left(&reader) > 0)
        dtls_read_vector(&reader, 2, 1, 0xffff);
    dtls_read_close(&reader, authorities);
    return dtls_read_done(&reader) ? NULL : "certificate_authorities";
}

static bool accepts(const struct request *request, const dtls_signature_scheme *scheme) {
    bool type = false;
    for (size_t i = 0; i < request->types.len; i++)
        type = type || request->types.data[i] == certificate_type(scheme->key_type);
    if (request->schemes.data == NULL)
        return type;
    struct dtls_reader reader = dtls_reader_of(request->schemes.data, request->schemes.len);
    while (type && dtls_read_left(&reader) > 0) {
        if (dtls_read_u16(&reader) == scheme->code)
            return true;
    }
    return false;
}

/* The first scheme by which the credential's key can answer the request; NULL if none. The transcript serves
 * it, or the configuration would have been refused. */
static const dtls_signature_scheme *answer_with(const struct dtls_connection *connection,
                                                const struct request *request,
                                                const dtls_credential *credential) {
    const dtls_signature_scheme *const *scheme = dtls_schemes_of(connection);
    if (credential->type != form_or_x509(connection->handshake->own_form)->type)
        return NULL;
    for (; *scheme != NULL; scheme++) {
        if ((*scheme)->key_type == credential->key_type && accepts(request, *scheme))
            return *scheme;
    }
    return NULL;
}

static dtls_error read_request(struct dtls_connection *connection, const struct dtls_message *message) {
    struct dtls_handshake *handshake = connection->handshake;
    const dtls_config *config = connection->config;
    struct request request;
    const char *wrong = read_request_fields(message, connection->protocol->schemes == NULL, &request);
    if (wrong != NULL)
        return dtls_connection_fail(connection, DTLS_ERROR_DECODE, wrong, "RFC 5246 section 7.4.4");
    handshake->certificate_requested = true;
    for (size_t i = 0; i < config->num_credentials && handshake->credential == NULL; i++) {
        handshake->scheme = answer_with(connection, &request, &config->credentials[i]);
        if (handshake->scheme != NULL)
            handshake->credential = &config->credentials[i];
    }
    return DTLS_OK;
}

static dtls_error write_verify(struct dtls_connection *connection, dtls_span signature) {
    struct dtls_writer writer = dtls_message_begin(connection);
    dtls_scheme_write(connection, &writer);
    dtls_write_vector(&writer, 2, signature);
    return dtls_message_end(connection, &writer, DTLS_MESSAGE_CERTIFICATE_VERIFY);
}

static dtls_error read_verify(struct dtls_connection *connection, const struct dtls_message *message) {
    static const char section[] = "RFC 5246 section 7.4.8";
    struct dtls_handshake *handshake = connection->handshake;
    struct dtls_reader reader = dtls_reader_of(message->body, message->len);
    const unsigned code = dtls_scheme_read(connection, &reader);
    const dtls_span signature = dtls_read_vector(&reader, 2, 0, 0xffff);
    if (!dtls_read_done(&reader))
        return dtls_connection_fail(connection, DTLS_ERROR_DECODE, "signature", section);
    const dtls_signature_scheme *scheme = dtls_scheme_offered(connection, code, handshake->peer_key_type);
    if (scheme == NULL || !dtls_transcript_serves(connection, scheme))
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "algorithm", section);
    connection->info.peer_signature_scheme = scheme->code;
    dtls_error error = dtls_transcript_to_sign(connection, scheme);
    if (error != DTLS_OK)
        return error;
    error = connection->crypto->verify(handshake->public_key, scheme->code, handshake->to_sign.data,
                                       handshake->to_sign.len, signature.data, signature.len);
    if (error == DTLS_ERROR_SIGNATURE)
        return dtls_connection_fail(connection, error, "signature", section);
    return error;
}

const struct dtls_certificates dtls_certificates_x509 = {
    .write = write,
    .read = read,
    .write_request = write_request,
    .read_request = read_request,
    .write_verify = write_verify,
    .read_verify = read_verify,
    .describe = describe,
};
