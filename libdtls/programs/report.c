/* SPDX-License-Identifier: MIT */
#include "report.h"

static void report_connected(const char *peer, const dtls_connection *connection) {
    const dtls_connection_info *info = dtls_connection_get_info(connection);
    const dtls_cipher_suite *suite = dtls_cipher_suite_by_code(info->cipher_suite);
    const dtls_group *group = info->group != 0 ? dtls_group_by_code(info->group) : NULL;
    fprintf(stderr, "%sconnected: %s, %s%s%s%s%s%s%s%s%.*s\n", peer,
            info->version == DTLS_VERSION_1_2 ? "DTLS 1.2" : "DTLS 1.0",
            suite != NULL ? dtls_cipher_suite_name(suite) : "an unknown suite", group != NULL ? ", " : "",
            group != NULL ? dtls_group_name(group) : "",
            info->extended_master_secret ? ", extended master secret" : "",
            info->peer_authenticated ? "" : ", peer not verified",
            info->peer_certificate_type == DTLS_CERTIFICATE_RAW_PUBLIC_KEY ? ", raw public key" : "",
            info->certificate_status ? ", OCSP response stapled" : "",
            info->server_name.len > 0 ? ", for " : "", (int)info->server_name.len,
            (const char *)info->server_name.data);
}

void report_status(const struct options *options, dtls_span response) {
    if (options->quiet)
        return;
    if (response.len == 0)
        fprintf(stderr, "OCSP response: none was sent\n");
    else
        fprintf(stderr, "OCSP response: %zu bytes, not judged\n", response.len);
}

static void report_failure(const char *peer, const dtls_connection *connection) {
    const dtls_failure *failure = dtls_connection_get_failure(connection);
    fprintf(stderr, "%sfailed: %s%s%s%s%s%s%s\n", peer, dtls_strerror(failure->error),
            *failure->message != '\0' ? "; " : "", failure->message, *failure->field != '\0' ? " " : "",
            failure->field, *failure->section != '\0' ? "; " : "", failure->section);
}

void report_event(const struct options *options, const char *peer, const dtls_connection *connection,
                  const dtls_event *event) {
    switch (event->kind) {
    case DTLS_EVENT_CONNECTED:
        if (!options->quiet)
            report_connected(peer, connection);
        break;
    case DTLS_EVENT_FAILED:
        report_failure(peer, connection);
        break;
    case DTLS_EVENT_ALERT_RECEIVED:
        if (!options->quiet)
            fprintf(stderr, "%salert received: %s %s (%u)\n", peer,
                    event->alert_level == 1 ? "warning" : "fatal", dtls_alert_name(event->alert),
                    event->alert);
        break;
    case DTLS_EVENT_KEY_LOG:
        if (options->key_log != NULL)
            fprintf(options->key_log, "%.*s\n", (int)event->bytes.len, (const char *)event->bytes.data);
        break;
    default:
        break;
    }
}

void report_statistics(const struct options *options, const char *peer, const dtls_connection *connection) {
    const dtls_statistics *counted = dtls_connection_get_statistics(connection);
    if (options->quiet)
        return;
    const uint64_t dropped = counted->dropped_header + counted->dropped_type + counted->dropped_version +
                             counted->dropped_length + counted->dropped_epoch + counted->dropped_replay +
                             counted->dropped_mac + counted->dropped_unexpected;
    fprintf(stderr,
            "%sstatistics: %ju datagrams in, %ju records in, %ju records out, %ju records dropped "
            "(%ju replayed, %ju not authentic), %ju flights repeated, %ju timeouts\n",
            peer, (uintmax_t)counted->datagrams_received, (uintmax_t)counted->records_received,
            (uintmax_t)counted->records_sent, (uintmax_t)dropped, (uintmax_t)counted->dropped_replay,
            (uintmax_t)counted->dropped_mac, (uintmax_t)counted->flights_retransmitted,
            (uintmax_t)counted->timeouts);
}
