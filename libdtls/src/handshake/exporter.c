/* SPDX-License-Identifier: MIT
 *
 * Exporters (RFC 5705 section 4).
 */
#include "dtls/exporter.h"

#include "handshake/connection.h"

#include <string.h>

/* RFC 5705 section 4: labels that the protocol itself uses with the master secret; RFC 7627 section 4. */
static bool reserved(const char *label) {
    static const char *const labels[] = {"client finished", "server finished", "master secret",
                                         "extended master secret", "key expansion"};
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        if (strcmp(label, labels[i]) == 0)
            return true;
    }
    return false;
}

dtls_error dtls_export_keying_material(const dtls_connection *connection, const char *label,
                                       const dtls_span *context, uint8_t *out, size_t out_len) {
    if (connection == NULL || label == NULL || out == NULL || reserved(label) ||
        (context != NULL &&
         (context->len > DTLS_MAX_EXPORTER_CONTEXT || (context->data == NULL && context->len > 0))))
        return DTLS_ERROR_ARGUMENT;
    const struct dtls_secrets *secrets = connection->secrets;
    if (secrets == NULL || !connection->info.connected || connection->state == DTLS_STATE_FAILED ||
        (!connection->info.extended_master_secret && !connection->config->trust_legacy_master_secret))
        return DTLS_ERROR_STATE;
    const size_t context_len = context != NULL ? context->len : 0;
    const uint8_t prefix[2] = {(uint8_t)(context_len >> 8), (uint8_t)context_len};
    const dtls_span seed[] = {{secrets->client_random, DTLS_RANDOM},
                              {secrets->server_random, DTLS_RANDOM},
                              {prefix, sizeof prefix},
                              {context_len > 0 ? context->data : prefix, context_len}};
    const size_t num_seed = context == NULL ? 2 : context_len == 0 ? 3 : 4;
    return connection->crypto->prf(connection->crypto->state, secrets->hash, secrets->master_secret,
                                   DTLS_MASTER_SECRET, label, seed, num_seed, out, out_len);
}
