/* SPDX-License-Identifier: MIT
 *
 * The stateless cookie exchange (RFC 6347 section 4.2.1). A cookie is the
 * beginning of an HMAC over the client's address and over what its two
 * ClientHellos must have in common.
 */
#include "handshake/cookie.h"

#include "handshake/connection.h"
#include "handshake/constant_time.h"
#include "handshake/hello.h"

/* Bytes of a cookie. A ClientHello with an empty cookie is longer than the reply that carries one. */
#define COOKIE 20

struct judgement {
    struct dtls_record_header record;
    struct dtls_message_header message;
    struct dtls_client_hello hello;
};

/* Reads the first record as a ClientHello, or as the beginning of one. */
static bool read_hello(dtls_span datagram, struct judgement *out) {
    struct dtls_reader reader = dtls_reader_of(datagram.data, datagram.len);
    dtls_record_header_read(&reader, &out->record);
    const dtls_span fragment = dtls_read_bytes(&reader, out->record.length);
    if (!dtls_read_ok(&reader) || out->record.type != DTLS_CONTENT_HANDSHAKE || out->record.epoch != 0 ||
        out->record.version >> 8 != DTLS_VERSION_1_2 >> 8)
        return false;
    reader = dtls_reader_of(fragment.data, fragment.len);
    dtls_message_header_read(&reader, &out->message);
    const dtls_span body = dtls_read_bytes(&reader, out->message.fragment_length);
    if (!dtls_read_ok(&reader) || out->message.type != DTLS_MESSAGE_CLIENT_HELLO ||
        out->message.fragment_offset != 0 || out->message.fragment_length > out->message.length)
        return false;
    return dtls_client_hello_read_head(body, &out->hello) == NULL;
}

bool dtls_client_hello_peek(dtls_span datagram, dtls_span *out_random) {
    struct judgement judged;
    if (!read_hello(datagram, &judged))
        return false;
    *out_random = judged.hello.random;
    return true;
}

static dtls_error make_cookie(const dtls_crypto *crypto, const uint8_t secret[32], dtls_span address,
                              const struct dtls_client_hello *hello, uint8_t out[DTLS_MAX_HASH]) {
    /* Lengths stand in front, so that no two inputs make the same bytes. The session id is left out: clients
     * in the field (Mbed TLS) draw a new one for the second ClientHello when they resume with a ticket. */
    uint8_t lengths[4];
    struct dtls_writer writer = dtls_writer_of(lengths, sizeof lengths);
    dtls_write_u16(&writer, (unsigned)address.len);
    dtls_write_u16(&writer, hello->version);
    if (!dtls_write_ok(&writer))
        return DTLS_ERROR_ARGUMENT;
    const dtls_span parts[] = {dtls_written(&writer), address, hello->random, hello->suites,
                               hello->compressions};
    return crypto->hmac(crypto->state, DTLS_HASH_SHA256, secret, 32, parts, sizeof parts / sizeof parts[0],
                        out);
}

/* A previous secret that there never was is all zeros, and no secret. */
static bool is_set(const uint8_t secret[32]) {
    static const uint8_t zeros[32];
    return !dtls_ct_equal(secret, zeros, sizeof zeros);
}

/* Whether the cookie was made with `secret`. */
static bool is_good(const dtls_crypto *crypto, const uint8_t secret[32], dtls_span address,
                    const struct dtls_client_hello *hello) {
    uint8_t expected[DTLS_MAX_HASH];
    return hello->cookie.len == COOKIE && is_set(secret) &&
           make_cookie(crypto, secret, address, hello, expected) == DTLS_OK &&
           dtls_ct_equal(expected, hello->cookie.data, COOKIE);
}

/* HelloVerifyRequest, with the number of the ClientHello's record and message, so that several exchanges do
 * not collide. */
static size_t write_reply(const struct judgement *judged, dtls_span cookie, uint8_t *out) {
    const struct dtls_hello_verify_request request = {.version = DTLS_VERSION_1_0, .cookie = cookie};
    uint8_t body[3 + COOKIE];
    struct dtls_writer body_writer = dtls_writer_of(body, sizeof body);
    dtls_hello_verify_request_write(&body_writer, &request);
    const struct dtls_message message = {.type = DTLS_MESSAGE_HELLO_VERIFY_REQUEST,
                                         .seq = judged->message.seq,
                                         .body = body,
                                         .len = dtls_written(&body_writer).len};
    const struct dtls_record_header record = {.type = DTLS_CONTENT_HANDSHAKE,
                                              .version = DTLS_VERSION_1_0,
                                              .sequence = judged->record.sequence,
                                              .length = (uint16_t)(DTLS_MESSAGE_HEADER + message.len)};
    struct dtls_writer writer = dtls_writer_of(out, DTLS_COOKIE_REPLY_MAX);
    dtls_record_header_write(&writer, &record);
    uint8_t *header = dtls_write_room(&writer, DTLS_MESSAGE_HEADER);
    if (header != NULL)
        dtls_message_header_whole(&message, header);
    dtls_write_span(&writer, (dtls_span){message.body, message.len});
    return dtls_written(&writer).len;
}

dtls_cookie_verdict dtls_cookie_judge(const dtls_crypto *crypto, const dtls_cookie_secret *secret,
                                      dtls_span address, dtls_span datagram, uint8_t *out_reply,
                                      size_t *out_reply_len, dtls_cookie_state *out_state) {
    if (crypto == NULL || secret == NULL || out_reply == NULL || out_reply_len == NULL || out_state == NULL ||
        (address.data == NULL && address.len > 0) || (datagram.data == NULL && datagram.len > 0))
        return DTLS_COOKIE_IGNORE;
    *out_reply_len = 0;
    struct judgement judged;
    if (!read_hello(datagram, &judged))
        return DTLS_COOKIE_IGNORE;
    if (is_good(crypto, secret->current, address, &judged.hello) ||
        is_good(crypto, secret->previous, address, &judged.hello)) {
        *out_state =
            (dtls_cookie_state){.record_sequence = judged.record.sequence, .message_seq = judged.message.seq};
        return DTLS_COOKIE_GOOD;
    }
    uint8_t cookie[DTLS_MAX_HASH];
    if (make_cookie(crypto, secret->current, address, &judged.hello, cookie) != DTLS_OK)
        return DTLS_COOKIE_IGNORE;
    *out_reply_len = write_reply(&judged, (dtls_span){cookie, COOKIE}, out_reply);
    return *out_reply_len <= datagram.len ? DTLS_COOKIE_REPLY : DTLS_COOKIE_IGNORE;
}

dtls_error dtls_connection_start_after_cookie(dtls_connection *connection, dtls_time now,
                                              const dtls_cookie_state *state) {
    if (!dtls_connection_exists(connection) || state == NULL)
        return DTLS_ERROR_ARGUMENT;
    struct dtls_handshake *handshake = connection->handshake;
    if (connection->protocol->role != DTLS_SERVER || handshake == NULL ||
        handshake->deadline != DTLS_NO_DEADLINE)
        return DTLS_ERROR_STATE;
    connection->now = now;
    dtls_connection_begin(connection);
    dtls_record_set_sequence(&connection->records, state->record_sequence);
    handshake->reassembly.next_seq = state->message_seq;
    handshake->peer_flight_seq = state->message_seq;
    handshake->flight.next_seq = state->message_seq;
    return DTLS_OK;
}
