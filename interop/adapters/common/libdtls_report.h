/* SPDX-License-Identifier: MIT
 *
 * What connections of libdtls tell, for the adapters over it.
 */
#ifndef ADAPTER_LIBDTLS_REPORT_H
#define ADAPTER_LIBDTLS_REPORT_H

#include "adapter.h"
#include "dtls/dtls.h"

/* Queues the line of a DTLS_EVENT_KEY_LOG. */
void adapter_libdtls_keylog(struct adapter_session *session, dtls_span line);

/* Writes why a connection has failed, in one line: the error, what was wrong with which message, and the
 * section that says so. Leaves `out` as it is if it has not failed. */
void adapter_libdtls_failure(const dtls_connection *connection, char *out, size_t out_cap);

/* Fills in what every connection can tell once its handshake is over. */
void adapter_libdtls_describe(const dtls_connection *connection, struct dtlslab_session_info *out);

#endif
