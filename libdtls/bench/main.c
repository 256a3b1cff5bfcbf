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

#include "measure.h"
#include "support/authority.h"

#define ROUNDS 8

const struct bench_subject *const subjects[SUBJECTS] = {&bench_libdtls, &bench_openssl, &bench_primitives};

static const size_t record_lens[LENS] = {64, BENCH_RECORD};

/* The linker leads what is linked statically, libdtls that is, to the first three of these (--wrap), and what
 * is here to the C library. */
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t num, size_t len);
void *__wrap_realloc(void *block, size_t len);
void *__real_malloc(size_t len);
void *__real_calloc(size_t num, size_t len);
void *__real_realloc(void *block, size_t len);

static size_t allocations;

void *__wrap_malloc(size_t len) {
    allocations++;
    return __real_malloc(len);
}

void *__wrap_calloc(size_t num, size_t len) {
    allocations++;
    return __real_calloc(num, len);
}

void *__wrap_realloc(void *block, size_t len) {
    allocations++;
    return __real_realloc(block, len);
}

/* Live bytes of all memory that is counted, and their most. */
static size_t live;
static size_t peak;

static void *count(void *block) {
    live += block == NULL ? 0 : malloc_usable_size(block);
    peak = live > peak ? live : peak;
    return block;
}

void *bench_alloc(size_t len) {
    void *block = count(__real_malloc(len));
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
    return count(__real_malloc(len));
}

static void *counted_realloc(void *block, size_t len, const char *file, int line) {
    (void)file;
    (void)line;
    live -= block == NULL ? 0 : malloc_usable_size(block);
    return count(__real_realloc(block, len));
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

/* One batch; the seconds that it took. */
static double seal_and_open(const struct bench_subject *subject, void *pair, size_t index, int singly,
                            struct figures *figures) {
    const double start = now();
    (singly ? subject->seal_singly : subject->seal)(pair, record_lens[index]);
    const double middle = now();
    subject->open(pair, record_lens[index]);
    const double end = now();
    keep_best(&(singly ? figures->sealed_singly : figures->sealed)[index], BENCH_BATCH / (middle - start));
    keep_best(&figures->opened[index], BENCH_BATCH / (end - middle));
    figures->both[index] = 1 / (1 / figures->sealed[index] + 1 / figures->opened[index]);
    return end - start;
}

static void round_of_records(const struct bench_subject *subject, size_t index, double seconds,
                             struct figures *figures) {
    void *pair = subject->connect(BENCH_PSK);
    double spent = 0;
    while (spent < seconds) {
        spent += seal_and_open(subject, pair, index, 0, figures);
        if (subject->seal_singly != NULL)
            spent += seal_and_open(subject, pair, index, 1, figures);
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

/* The subject's turn, and what libdtls allocates in it. */
static void take_turn(int subject, int row, double seconds, struct figures *figures) {
    const size_t before = allocations;
    if (row < LENS)
        round_of_records(subjects[subject], (size_t)row, seconds, figures);
    else
        round_of_handshakes(subjects[subject], (enum bench_handshake)(row - LENS), seconds, figures);
    figures->allocations += allocations - before;
}

static void measure(double seconds, struct figures *figures) {
    const int rows = LENS + BENCH_NUM_HANDSHAKES;
    for (int i = 0; i < SUBJECTS; i++)
        measure_memory(subjects[i], &figures[i]);
    for (int round = 0; round < ROUNDS; round++) {
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < SUBJECTS; i++)
                take_turn(i, row, seconds / (ROUNDS * rows), &figures[i]);
        }
    }
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
