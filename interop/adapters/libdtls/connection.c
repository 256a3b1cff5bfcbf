/* SPDX-License-Identifier: MIT
 *
 * A session's connection: its memory, and how it is found.
 */
#include <stdlib.h>

#include "libdtls_adapter.h"

#define NS_PER_S UINT64_C(1000000000)

struct libdtls_context *libdtls_context_of(const struct adapter_session *session) {
    return session->endpoint->context;
}

dtls_time libdtls_time(const struct libdtls_context *context, uint64_t now) {
    return (dtls_time){.monotonic_ns = now, .calendar_s = (int64_t)(context->calendar_s + now / NS_PER_S)};
}

dtls_time libdtls_time_of(const struct adapter_session *session) {
    return libdtls_time(libdtls_context_of(session), session->endpoint->now);
}

dtls_connection *libdtls_connection_of(const struct adapter_session *session) {
    const struct libdtls_session *own = session->tls;
    dtls_server *server = libdtls_context_of(session)->server;

    return server != NULL ? dtls_server_connection(server, own->handle) : own->connection;
}

/* A configuration without connection IDs has none to set. */
static bool set_connection_id(const struct libdtls_context *context, dtls_connection *connection) {
    const dtls_span id = {.data = context->connection_id, .len = context->connection_id_len};

    return id.len == 0 || dtls_set_connection_id(connection, id) == DTLS_OK;
}

int32_t libdtls_open(struct adapter_session *session) {
    const dtls_config *config = &libdtls_context_of(session)->config;
    const size_t session_size = dtls_session_size(config);
    const size_t handshake_size = dtls_handshake_size(config);
    struct libdtls_session *own = calloc(1, sizeof *own);

    if (own == NULL)
        return DTLSLAB_FAILED;
    session->tls = own;
    if (libdtls_context_of(session)->server != NULL)
        return DTLSLAB_OK;
    own->session_block = malloc(session_size);
    own->handshake_block = malloc(handshake_size);
    if (own->session_block == NULL || own->handshake_block == NULL ||
        dtls_connection_open(config, own->session_block, session_size, own->handshake_block, handshake_size,
                             &own->connection) != DTLS_OK ||
        !set_connection_id(libdtls_context_of(session), own->connection)) {
        libdtls_free(session);
        session->tls = NULL;
        return DTLSLAB_FAILED;
    }
    if (libdtls_context_of(session)->session_state_len > 0) {
        /* Answers DTLS_NOTHING when the session is of no use any more. */
        (void)dtls_connection_offer_session(
            own->connection, libdtls_time_of(session),
            (dtls_span){.data = libdtls_context_of(session)->session_state,
                        .len = libdtls_context_of(session)->session_state_len});
    }
    return DTLSLAB_OK;
}

void libdtls_free(struct adapter_session *session) {
    struct libdtls_session *own = session->tls;

    (void)dtls_server_set_user(libdtls_context_of(session)->server, own->handle, NULL);
    dtls_connection_wipe(own->connection);
    free(own->session_block);
    free(own->handshake_block);
    free(own->ocsp_response);
    free(own);
}
