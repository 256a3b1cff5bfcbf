/* SPDX-License-Identifier: MIT
 *
 * What main.c measures, and report.c prints.
 */
#ifndef DTLS_BENCH_MEASURE_H
#define DTLS_BENCH_MEASURE_H

#include <stdio.h>

#include "bench.h"
#include "dtls/dtls.h"

/* libdtls, OpenSSL, the bare primitives. */
enum { SUBJECTS = 3, LENS = 2 };
extern const struct bench_subject *const subjects[SUBJECTS];

/* Rates are per second; memory is of one connection, in bytes. */
struct figures {
    double sealed[LENS];
    double sealed_singly[LENS]; /* libdtls only */
    double opened[LENS];
    double both[LENS];
    double handshakes[BENCH_NUM_HANDSHAKES];
    double memory_connected;
    double memory_peak;
    size_t allocations; /* by libdtls itself */
};

/* `figures` has one for each subject. */
void print_table(const struct figures *figures);
void write_json(const struct figures *figures, FILE *out);

#endif
