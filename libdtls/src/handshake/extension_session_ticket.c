/* SPDX-License-Identifier: MIT
 *
 * session_ticket (RFC 5077 section 3.2): a client offers a ticket, or says that
 * it takes one; a server says that a NewSessionTicket will come.
 */
#include "handshake/config.h"
#include "handshake/resumption.h"

static size_t body_size(const dtls_config *config) {
    return config->protocols[0]->role == DTLS_CLIENT ? dtls_config_max_ticket(config) : 0;
}

static bool offered(const struct dtls_connection *connection) {
    return connection->handshake->resuming != NULL;
}

static void write_offer(const struct dtls_connection *connection, struct dtls_writer *writer) {
    dtls_write_span(writer, connection->handshake->resuming->ticket);
}

static dtls_error read_offer(struct dtls_connection *connection, struct dtls_reader *reader) {
    struct dtls_resuming *resuming = connection->handshake->resuming;
    const dtls_span ticket = dtls_read_rest(reader);
    if (resuming != NULL) {
        resuming->offers = true;
        resuming->ticket = ticket;
    }
    return DTLS_OK;
}

static bool answered(const struct dtls_connection *connection) {
    return connection->handshake->ticket_promised;
}

/* The answer is empty. */
static dtls_error read_answer(struct dtls_connection *connection, struct dtls_reader *reader) {
    (void)reader;
    connection->handshake->ticket_promised = true;
    return DTLS_OK;
}

const dtls_extension dtls_extension_session_ticket = {
    .name = "session_ticket",
    .code = DTLS_CODE_SESSION_TICKET,
    .section = "RFC 5077 section 3.2",
    .body_size = body_size,
    .offered = offered,
    .write_offer = write_offer,
    .read_offer = read_offer,
    .answered = answered,
    .read_answer = read_answer,
};
