/* SPDX-License-Identifier: MIT
 *
 * The benchmark: records and handshakes a second, as ratios, in one process on
 * one core, and the memory of a connection.
 *
 *     libdtls-bench [--json FILE] [--seconds S]
 *
 * Subjects take turns in short rounds, so that a busy machine slows all alike;
 * each figure is its best batch of records or its best handshake, which are
 * those least disturbed. FILE may be - for standard output.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <openssl/crypto.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "dtls/dtls.h"
#include "support/authority.h"

#define ROUNDS 8

enum { SUBJECTS = 3 };
static const struct bench_subject *const subjects[SUBJECTS] = {&bench_libdtls, &bench_openssl,
                                                               &bench_primitives};

static const size_t record_lens[] = {64, BENCH_RECORD};
enum { LENS = sizeof record_lens / sizeof *record_lens };

/* Rates are per second; memory is of one connection, in bytes. */
struct figures {
    double sealed[LENS];
    double opened[LENS];
    double handshakes[BENCH_NUM_HANDSHAKES];
    double memory_connected;
    double memory_peak;
};

/* Live bytes of all memory that is counted, and their most. */
static size_t live;
static size_t peak;

static void *count(void *block) {
    live += block == NULL ? 0 : malloc_usable_size(block);
    peak = live > peak ? live : peak;
    return block;
}

void *bench_alloc(size_t len) {
    void *block = count(malloc(len));
    bench_need(block != NULL, "memory");
    return block;
}

void bench_free(void *block) {
    live -= block == NULL ? 0 : malloc_usable_size(block);
    free(block);
}

static void *counted_malloc(size_t len, const char *file, int line) {
    (void)file;
    (void)line;
    return count(malloc(len));
}

static void *counted_realloc(void *block, size_t len, const char *file, int line) {
    (void)file;
    (void)line;
    live -= block == NULL ? 0 : malloc_usable_size(block);
    return count(realloc(block, len));
}

static void counted_free(void *block, const char *file, int line) {
    (void)file;
    (void)line;
    bench_free(block);
}

void bench_fail(const char *what) {
    fprintf(stderr, "libdtls-bench: %s\n", what);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void keep_best(double *best, double rate) {
    *best = rate > *best ? rate : *best;
}

static void round_of_records(const struct bench_subject *subject, size_t index, double seconds,
                             struct figures *figures) {
    void *pair = subject->connect(BENCH_PSK);
    double sealing = 0;
    double opening = 0;
    while (sealing + opening < seconds) {
        double start = now();
        subject->seal(pair, record_lens[index]);
        double middle = now();
        subject->open(pair, record_lens[index]);
        double end = now();
        sealing += middle - start;
        opening += end - middle;
        keep_best(&figures->sealed[index], BENCH_BATCH / (middle - start));
        keep_best(&figures->opened[index], BENCH_BATCH / (end - middle));
    }
    subject->disconnect(pair);
}

static void round_of_handshakes(const struct bench_subject *subject, enum bench_handshake kind,
                                double seconds, struct figures *figures) {
    const double end = now() + seconds;
    double before = now();
    while (before < end) {
        subject->disconnect(subject->connect(kind));
        const double after = now();
        keep_best(&figures->handshakes[kind], 1 / (after - before));
        before = after;
    }
}

static void measure_memory(const struct bench_subject *subject, struct figures *figures) {
    /* Once before, so that what libcrypto keeps for the process is not counted. */
    subject->disconnect(subject->connect(BENCH_ECDHE_ECDSA));
    size_t before = live;
    peak = live;
    void *pair = subject->connect(BENCH_ECDHE_ECDSA);
    figures->memory_connected = (double)(live - before) / 2;
    figures->memory_peak = (double)(peak - before) / 2;
    subject->disconnect(pair);
}

static void measure(double seconds, struct figures *figures) {
    double share = seconds / (ROUNDS * (LENS + BENCH_NUM_HANDSHAKES));
    for (int i = 0; i < SUBJECTS; i++)
        measure_memory(subjects[i], &figures[i]);
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t index = 0; index < LENS; index++) {
            for (int i = 0; i < SUBJECTS; i++)
                round_of_records(subjects[i], index, share, &figures[i]);
        }
        for (int kind = 0; kind < BENCH_NUM_HANDSHAKES; kind++) {
            for (int i = 0; i < SUBJECTS; i++)
                round_of_handshakes(subjects[i], (enum bench_handshake)kind, share, &figures[i]);
        }
    }
}

/* One line of the table. */
struct line {
    const char *name; /* of the figure, for JSON */
    const char *title;
    size_t place; /* in struct figures */
};

static const struct line lines[] = {
    {"seal_64", "records sealed a second, 64 bytes", offsetof(struct figures, sealed[0])},
    {"open_64", "records opened a second, 64 bytes", offsetof(struct figures, opened[0])},
    {"seal_1400", "records sealed a second, 1,400 bytes", offsetof(struct figures, sealed[1])},
    {"open_1400", "records opened a second, 1,400 bytes", offsetof(struct figures, opened[1])},
    {"handshake_ecdhe_ecdsa_p256", "handshakes a second, ECDHE-ECDSA P-256, both ends",
     offsetof(struct figures, handshakes[BENCH_ECDHE_ECDSA])},
    {"handshake_psk", "handshakes a second, PSK, both ends", offsetof(struct figures, handshakes[BENCH_PSK])},
    {"memory_connected", "bytes of a connection, once connected", offsetof(struct figures, memory_connected)},
    {"memory_peak", "bytes of a connection, most during the handshake",
     offsetof(struct figures, memory_peak)},
};

static double figure(const struct figures *figures, const struct line *line) {
    double value;
    memcpy(&value, (const char *)figures + line->place, sizeof value);
    return value;
}

static void print_table(const struct figures *figures) {
    printf("%-50s %12s %12s %12s %10s %10s\n", "", subjects[0]->name, subjects[1]->name, subjects[2]->name,
           "/ openssl", "/ bare");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        double values[SUBJECTS];
        for (int s = 0; s < SUBJECTS; s++)
            values[s] = figure(&figures[s], &lines[i]);
        printf("%-50s %12.0f %12.0f %12.0f %10.2f %10.2f\n", lines[i].title, values[0], values[1], values[2],
               values[0] / values[1], values[0] / values[2]);
    }
    printf("\nBatches of %d records, AES-128-GCM; libdtls's own blocks: session %d, handshake %d bytes "
           "(4,000-byte "
           "messages, no own certificate)\n",
           BENCH_BATCH, DTLS_SESSION_SIZE, DTLS_HANDSHAKE_SIZE(4000, 0));
}

static void write_json(const struct figures *figures, FILE *out) {
    fprintf(out, "{\n  \"openssl_version\": \"%s\",\n  \"batch\": %d",
            OpenSSL_version(OPENSSL_VERSION_STRING), BENCH_BATCH);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        double own = figure(&figures[0], &lines[i]);
        fprintf(out, ",\n  \"%s\": {", lines[i].name);
        for (int s = 0; s < SUBJECTS; s++)
            fprintf(out, "\"%s\": %.1f, ", subjects[s]->name, figure(&figures[s], &lines[i]));
        fprintf(out, "\"ratio_openssl\": %.4f, \"ratio_primitives\": %.4f}",
                own / figure(&figures[1], &lines[i]), own / figure(&figures[2], &lines[i]));
    }
    fprintf(out, "\n}\n");
}

static void stay_on_one_core(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)sched_getcpu(), &set);
    (void)sched_setaffinity(0, sizeof set, &set);
}

static struct bench_credentials make_credentials(void) {
    struct test_identity root = test_issue(&(struct test_request){.common_name = "root", .authority = true});
    struct test_identity server = test_issue(&(struct test_request){.common_name = "server",
                                                                    .dns_name = BENCH_SERVER_NAME,
                                                                    .key_usage = "critical,digitalSignature",
                                                                    .extended_key_usage = "serverAuth",
                                                                    .issuer = &root});
    struct bench_credentials credentials = {.certificate_pem = test_certificate_pem(&server),
                                            .key_pem = test_key_pem(&server),
                                            .anchor_pem = test_certificate_pem(&root),
                                            .psk = {1, 2, 3}};
    test_identity_free(&server);
    test_identity_free(&root);
    return credentials;
}

int main(int argc, char **argv) {
    const char *json = NULL;
    double seconds = 2;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--json") == 0)
            json = argv[i + 1];
        else if (strcmp(argv[i], "--seconds") == 0)
            seconds = strtod(argv[i + 1], NULL);
        else
            bench_need(0, "usage: libdtls-bench [--json FILE] [--seconds S]");
    }
    bench_need(argc % 2 == 1 && seconds > 0, "usage: libdtls-bench [--json FILE] [--seconds S]");
    bench_need(CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free) == 1,
               "memory functions");
    stay_on_one_core();
    struct bench_credentials credentials = make_credentials();
    static struct figures figures[SUBJECTS];
    for (int i = 0; i < SUBJECTS; i++)
        subjects[i]->prepare(&credentials);
    measure(seconds, figures);
    for (int i = 0; i < SUBJECTS; i++)
        subjects[i]->finish();

    if (json == NULL || strcmp(json, "-") != 0)
        print_table(figures);
    FILE *out = json == NULL ? NULL : strcmp(json, "-") == 0 ? stdout : fopen(json, "w");
    bench_need(json == NULL || out != NULL, "the file cannot be written");
    if (out != NULL)
        write_json(figures, out);
    if (out != NULL && out != stdout)
        fclose(out);
    free(credentials.certificate_pem);
    free(credentials.key_pem);
    free(credentials.anchor_pem);
    return 0;
}
