/* SPDX-License-Identifier: MIT */
#include "libdtls_report.h"

#include <stdio.h>
#include <string.h>

void adapter_libdtls_keylog(struct adapter_session *session, dtls_span line) {
    char text[DTLSLAB_MAX_KEYLOG_LINE];

    if (line.len < sizeof text) {
        memcpy(text, line.data, line.len);
        text[line.len] = '\0';
        adapter_put_keylog(session, text);
    }
}

void adapter_libdtls_failure(const dtls_connection *connection, char *out, size_t out_cap) {
    const dtls_failure *failure = dtls_connection_get_failure(connection);

    if (failure != NULL)
        snprintf(out, out_cap, "%s%s%s%s%s", dtls_strerror(failure->error),
                 *failure->message != '\0' ? ", " : "", failure->message,
                 *failure->section != '\0' ? ", " : "", failure->section);
}

void adapter_libdtls_describe(const dtls_connection *connection, struct dtlslab_session_info *out) {
    const dtls_connection_info *info = dtls_connection_get_info(connection);

    out->max_data = (uint32_t)dtls_max_data(connection);
    out->signature_scheme = info->role == DTLS_SERVER ? info->signature_scheme : 0;
    out->peer_signature_scheme = info->peer_signature_scheme;
    out->extended_master_secret = info->extended_master_secret ? DTLSLAB_ON : DTLSLAB_OFF;
}
