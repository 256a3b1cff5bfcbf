/* SPDX-License-Identifier: MIT
 *
 * Which connection a datagram is for (RFC 9146 section 3): the connection ID of
 * its first record that has one.
 */
#include "dtls/connection_id.h"

#include "wire/record_header.h"

dtls_error dtls_connection_id_of(const uint8_t *datagram, size_t len, size_t id_len, dtls_span *out_id) {
    if ((datagram == NULL && len > 0) || out_id == NULL)
        return DTLS_ERROR_ARGUMENT;
    struct dtls_reader reader = dtls_reader_of(datagram, len);
    while (id_len > 0 && dtls_read_left(&reader) > 0) {
        struct dtls_record_header header;
        dtls_record_number_read(&reader, &header);
        if (dtls_read_ok(&reader) && header.type == DTLS_CONTENT_TLS12_CID) {
            *out_id = dtls_read_bytes(&reader, id_len);
            return dtls_read_ok(&reader) ? DTLS_OK : DTLS_NOTHING;
        }
        dtls_read_vector(&reader, 2, 0, UINT16_MAX);
    }
    return DTLS_NOTHING;
}
