/* SPDX-License-Identifier: MIT
 *
 * RSA key transport (RFC 5246 section 7.4.7.1): the client encrypts the
 * premaster secret for the key of the server's certificate. A server that
 * cannot decrypt it goes on with a random one, so that nobody learns from him
 * what was wrong (Bleichenbacher).
 */
#include "handshake/rsa.h"

#include "handshake/certificates.h"
#include "handshake/ecdhe.h"

static const char section[] = "RFC 5246 section 7.4.7.1";

static dtls_error choose(struct dtls_connection *connection, const dtls_cipher_suite *suite) {
    dtls_error why_not = DTLS_ERROR_NO_SHARED_SUITE;
    for (size_t i = 0; i < connection->config->num_credentials; i++) {
        const dtls_error error = dtls_credential_fits(connection, suite, i);
        if (error == DTLS_OK) {
            connection->handshake->credential = &connection->config->credentials[i];
            return DTLS_OK;
        }
        if (error != DTLS_ERROR_NO_SHARED_SUITE)
            why_not = error;
    }
    return why_not;
}

static dtls_error write_server(struct dtls_connection *connection, dtls_span signature) {
    (void)connection;
    (void)signature;
    return DTLS_OK;
}

static dtls_error write_client(struct dtls_connection *connection) {
    struct dtls_handshake *handshake = connection->handshake;
    const dtls_crypto *crypto = connection->crypto;
    uint8_t encrypted[DTLS_MAX_ENCRYPTED];
    size_t len = 0;
    dtls_error error = crypto->random(crypto->state, handshake->premaster, DTLS_TRANSPORTED_PREMASTER);
    handshake->premaster[0] = (uint8_t)(handshake->client_version >> 8);
    handshake->premaster[1] = (uint8_t)handshake->client_version;
    handshake->premaster_len = DTLS_TRANSPORTED_PREMASTER;
    if (error == DTLS_OK)
        error = crypto->encrypt_premaster(crypto->state, handshake->public_key, handshake->premaster,
                                          encrypted, &len);
    if (error != DTLS_OK)
        return error;
    struct dtls_writer writer = dtls_message_begin(connection);
    dtls_write_vector(&writer, 2, (dtls_span){encrypted, len});
    return dtls_message_end(connection, &writer, DTLS_MESSAGE_CLIENT_KEY_EXCHANGE);
}

static dtls_error read_client(struct dtls_connection *connection, const struct dtls_message *message) {
    struct dtls_handshake *handshake = connection->handshake;
    struct dtls_reader reader = dtls_reader_of(message->body, message->len);
    handshake->question = dtls_read_vector(&reader, 2, 0, 0xffff);
    if (!dtls_read_done(&reader))
        return dtls_connection_fail(connection, DTLS_ERROR_DECODE, "EncryptedPreMasterSecret", section);
    handshake->premaster_len = DTLS_TRANSPORTED_PREMASTER;
    if (handshake->credential->private_key == NULL)
        return DTLS_NOTHING;
    return connection->crypto->decrypt_premaster(
        connection->crypto->state, handshake->credential->private_key, handshake->client_version,
        handshake->question.data, handshake->question.len, handshake->premaster);
}

/* All ones if what was decrypted is a premaster secret of this version, else 0; without a branch. */
static uint8_t good_mask(const uint8_t *premaster, unsigned version) {
    const uint32_t wrong = (premaster[0] ^ (version >> 8)) | (premaster[1] ^ (version & 0xff));
    return (uint8_t)(0U - ((wrong - 1U) >> 31));
}

static dtls_error take_decryption(struct dtls_connection *connection, const dtls_premaster *decrypted) {
    struct dtls_handshake *handshake = connection->handshake;
    const dtls_error error = connection->crypto->random(connection->crypto->state, handshake->premaster,
                                                        DTLS_TRANSPORTED_PREMASTER);
    const uint8_t mask = good_mask(decrypted->bytes, handshake->client_version);
    for (size_t i = 0; i < DTLS_TRANSPORTED_PREMASTER; i++)
        handshake->premaster[i] = (uint8_t)((decrypted->bytes[i] & mask) | (handshake->premaster[i] & ~mask));
    return error;
}

static const dtls_extension *const extensions[] = {&dtls_extension_signature_algorithms, NULL};

const struct dtls_key_exchange dtls_key_exchange_rsa = {
    .name = "RSA",
    .certificates = &dtls_certificates_x509,
    .extensions = extensions,
    .legacy = true,
    .choose = choose,
    .write_server = write_server,
    .write_client = write_client,
    .read_client = read_client,
    .take_decryption = take_decryption,
};
