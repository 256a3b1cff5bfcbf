/* SPDX-License-Identifier: MIT
 *
 * Exporters (RFC 5705): keys for the application's own use, made of the
 * connection's master secret. The configuration must say `keep_secrets`.
 */
#ifndef DTLS_EXPORTER_H
#define DTLS_EXPORTER_H

#include "dtls/connection.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The longest context, bytes. */
#define DTLS_MAX_EXPORTER_CONTEXT 65535

/* Writes `out_len` bytes for `label`. `context` may be NULL: there is none, which is not the same as an empty
 * one (RFC 5705 section 4). The peer who does the same has the same bytes.
 * DTLS_ERROR_STATE: the connection is not connected or has died; its configuration keeps no secrets; or its
 * master secret is not an extended one and the configuration does not say `trust_legacy_master_secret` (RFC
 * 7627 section 5.4). DTLS_ERROR_ARGUMENT: NULL, a label that TLS itself uses, a context that is too long.
 * DTLS_ERROR_CRYPTO. */
dtls_error dtls_export_keying_material(const dtls_connection *connection, const char *label,
                                       const dtls_span *context, uint8_t *out, size_t out_len);

#ifdef __cplusplus
}
#endif

#endif
