/* SPDX-License-Identifier: MIT
 *
 * What the application knows of the path: how large datagrams may be (RFC 6347
 * section 4.1.1.1), and how long an answer takes (RFC 9147 section 5.8.2).
 */
#include "handshake/config.h"

#define MS UINT64_C(1000000)

/* An answer takes computing, too. */
#define LEAST_TIMEOUT (10 * MS)

dtls_error dtls_set_path_mtu(dtls_connection *connection, size_t mtu) {
    if (!dtls_connection_exists(connection) || mtu < dtls_config_least_mtu(connection->config))
        return DTLS_ERROR_ARGUMENT;
    if (connection->state == DTLS_STATE_FAILED)
        return DTLS_ERROR_STATE;
    const size_t most = dtls_config_mtu(connection->config);
    const size_t before = connection->path_mtu.now;
    dtls_path_mtu_tell(&connection->path_mtu, mtu < most ? mtu : most);
    if (connection->handshake != NULL && connection->path_mtu.now < before &&
        dtls_flight_begun(connection->flight))
        dtls_flight_repeat(connection);
    return DTLS_OK;
}

size_t dtls_path_mtu(const dtls_connection *connection) {
    return connection == NULL ? 0 : connection->path_mtu.now;
}

dtls_error dtls_set_round_trip(dtls_connection *connection, uint64_t round_trip_ns) {
    if (!dtls_connection_exists(connection) || round_trip_ns == 0)
        return DTLS_ERROR_ARGUMENT;
    struct dtls_handshake *handshake = connection->handshake;
    if (handshake == NULL)
        return DTLS_ERROR_STATE;
    const uint64_t most = dtls_config_max_timeout(connection->config);
    uint64_t timeout = round_trip_ns < most ? round_trip_ns + round_trip_ns / 2 : most;
    timeout = timeout > LEAST_TIMEOUT ? timeout : LEAST_TIMEOUT;
    dtls_timer_set_initial(&handshake->timer, timeout < most ? timeout : most);
    return DTLS_OK;
}
