/* SPDX-License-Identifier: MIT
 *
 * What the programs say on standard error, a line each:
 *
 *     listening on ADDRESS
 *     [ADDRESS: ]connected: DTLS 1.2, SUITE, GROUP[, extended master secret][, peer not verified]
 *         [, raw public key][, OCSP response stapled][, for NAME]
 *     OCSP response: WHAT
 *     [ADDRESS: ]alert received: LEVEL NAME (NUMBER)
 *     [ADDRESS: ]failed: SENTENCE[; MESSAGE FIELD][; SECTION]
 *     [ADDRESS: ]closed[: WHY]
 */
#ifndef DTLS_PROGRAMS_REPORT_H
#define DTLS_PROGRAMS_REPORT_H

#include "options.h"

/* An event that is told as it is; `peer` is an address with ": " behind it, or empty. Key-log lines go to
 * their file. */
void report_event(const struct options *options, const char *peer, const dtls_connection *connection,
                  const dtls_event *event);

/* What the server has stapled; empty: nothing. */
void report_status(const struct options *options, dtls_span response);

/* Counters of one connection at its end. */
void report_statistics(const struct options *options, const char *peer, const dtls_connection *connection);

#endif
