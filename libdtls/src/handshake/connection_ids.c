/* SPDX-License-Identifier: MIT
 *
 * Records with connection IDs (RFC 9146 section 4).
 */
#include "handshake/connection.h"

void dtls_use_connection_ids(struct dtls_connection *connection) {
    struct dtls_record_way way = {.format = &dtls_record_format_cid};
    if (connection->own_id_len > 0) {
        way.cid = connection->own_id;
        way.cid_len = connection->own_id_len;
        dtls_record_set_way(&connection->records, DTLS_OPEN, &way);
    }
    if (connection->peer_id_len > 0) {
        way.cid = connection->peer_id;
        way.cid_len = connection->peer_id_len;
        way.padding = (uint16_t)connection->config->record_padding;
        dtls_record_set_way(&connection->records, DTLS_SEAL, &way);
    }
}
