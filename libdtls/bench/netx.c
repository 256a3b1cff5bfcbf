/* SPDX-License-Identifier: MIT
 *
 * What the services of NetX Secure DTLS cost: handshakes and records through
 * them against calls of libdtls, in memory and over the same UDP sockets, in one
 * thread; and what waking a thread that waits adds.
 *
 *     libdtls-bench-netx [--json FILE] [--seconds S]
 *
 * They take turns in short rounds; each figure is the best batch or the best
 * handshake, which is the one least disturbed. FILE may be - for standard output.
 */
#include "netx.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support/authority.h"

#define ROUNDS 16
#define BATCH  32

/* The services may take so much longer. */
#define TARGET 1.1

enum { DIRECT, SOCKETS, SERVICES, SUBJECTS };
static const struct netx_bench_subject *const subjects[SUBJECTS] = {
    &netx_bench_direct, &netx_bench_over_sockets, &netx_bench_services};

/* Seconds of one handshake or record. */
static struct figures {
    double handshakes[NETX_BENCH_KINDS][SUBJECTS];
    double record[SUBJECTS];
    double waiting; /* through IP threads to a thread that waits */
} figures;

static double seconds_in_all = 2;
static struct netx_bench_credentials credentials;

static const char *const titles[NETX_BENCH_KINDS] = {
    [NETX_BENCH_ECDSA] = "handshake, ECDHE-ECDSA P-256",
    [NETX_BENCH_ECDHE_PSK] = "handshake, ECDHE_PSK",
    [NETX_BENCH_PSK] = "handshake, PSK",
};
static const char *const names[NETX_BENCH_KINDS] = {
    [NETX_BENCH_ECDSA] = "handshake_ecdhe_ecdsa",
    [NETX_BENCH_ECDHE_PSK] = "handshake_ecdhe_psk",
    [NETX_BENCH_PSK] = "handshake_psk",
};

void netx_bench_need(int good, const char *what) {
    if (good)
        return;
    fprintf(stderr, "libdtls-bench-netx: %s\n", what);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void keep_least(double *least, double value) {
    *least = *least == 0 || value < *least ? value : *least;
}

static void round_of_handshakes(enum netx_bench_kind kind, int subject, double seconds) {
    const double end = now() + seconds;
    double before = now();
    while (before < end) {
        subjects[subject]->connect(kind);
        subjects[subject]->close();
        const double after = now();
        keep_least(&figures.handshakes[kind][subject], after - before);
        before = after;
    }
}

static void carry_batch(int subject, const uint8_t *data) {
    for (int i = 0; i < BATCH; i++)
        subjects[subject]->carry(data, NETX_BENCH_RECORD);
}

static void round_of_records(int subject, double seconds) {
    static const uint8_t data[NETX_BENCH_RECORD] = {1};
    subjects[subject]->connect(NETX_BENCH_PSK);
    const double end = now() + seconds;
    double before = now();
    while (before < end) {
        carry_batch(subject, data);
        const double after = now();
        keep_least(&figures.record[subject], (after - before) / BATCH);
        before = after;
    }
    subjects[subject]->close();
}

static void round_of_waiting(double seconds) {
    static const uint8_t data[NETX_BENCH_RECORD] = {1};
    netx_bench_services.connect(NETX_BENCH_PSK);
    const double end = now() + seconds;
    do {
        const double before = now();
        netx_bench_carry_to_waiting(data, sizeof data, BATCH);
        keep_least(&figures.waiting, (now() - before) / BATCH);
    } while (now() < end);
    netx_bench_services.close();
}

static void measure(void) {
    const double turn = seconds_in_all / (ROUNDS * (NETX_BENCH_KINDS + 1) * SUBJECTS + ROUNDS);
    for (int i = 0; i < SUBJECTS; i++)
        subjects[i]->prepare(&credentials);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < SUBJECTS; i++) {
            for (int kind = 0; kind < NETX_BENCH_KINDS; kind++)
                round_of_handshakes((enum netx_bench_kind)kind, i, turn);
            round_of_records(i, turn);
        }
        round_of_waiting(turn);
    }
}

static void print_ratio(double ratio) {
    printf(" %7.3f %-3s", ratio, ratio <= TARGET ? "yes" : "NO");
}

static void print_row(const char *title, const double *seconds) {
    printf("%-42s", title);
    for (int i = 0; i < SUBJECTS; i++)
        printf(" %8.2f µs", seconds[i] * 1e6);
    print_ratio(seconds[SERVICES] / seconds[DIRECT]);
    print_ratio(seconds[SERVICES] / seconds[SOCKETS]);
    printf("\n");
}

static void print_figures(void) {
    printf("%-42s %11s %11s %11s %11s %11s   <= %.2f?\n", "", "libdtls", "+ sockets", "services", "/ libdtls",
           "/ sockets", TARGET);
    for (int kind = 0; kind < NETX_BENCH_KINDS; kind++)
        print_row(titles[kind], figures.handshakes[kind]);
    print_row("1,400 bytes sent and received", figures.record);
    printf("%-42s %11s %11s %8.2f µs\n", "the same to a thread that waits", "", "", figures.waiting * 1e6);
    printf("%-42s %11s %11s %8.2f µs\n", "  of it for the switches between threads", "", "",
           (figures.waiting - figures.record[SERVICES]) * 1e6);
    netx_bench_print_sizes();
}

static void write_json(FILE *out) {
    fprintf(out, "{\n  \"switch_ns\": %.0f,\n  \"target\": %.2f",
            (figures.waiting - figures.record[SERVICES]) * 1e9, TARGET);
    for (int kind = 0; kind <= NETX_BENCH_KINDS; kind++) {
        const int records = kind == NETX_BENCH_KINDS;
        const double *row = records ? figures.record : figures.handshakes[kind];
        fprintf(out, ",\n  \"%s\": {\"libdtls_ns\": %.0f, \"over_sockets_ns\": %.0f, \"services_ns\": %.0f, ",
                records ? "record_1400" : names[kind], row[DIRECT] * 1e9, row[SOCKETS] * 1e9,
                row[SERVICES] * 1e9);
        fprintf(out, "\"ratio_libdtls\": %.4f, \"ratio_sockets\": %.4f}", row[SERVICES] / row[DIRECT],
                row[SERVICES] / row[SOCKETS]);
    }
    netx_bench_write_sizes(out);
    fprintf(out, "\n}\n");
}

static void stay_on_one_core(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)sched_getcpu(), &set);
    (void)sched_setaffinity(0, sizeof set, &set);
}

static void make_credentials(void) {
    struct test_identity root = test_issue(&(struct test_request){.common_name = "root", .authority = true});
    struct test_identity server = test_issue(&(struct test_request){.common_name = "server",
                                                                    .key_usage = "critical,digitalSignature",
                                                                    .extended_key_usage = "serverAuth",
                                                                    .issuer = &root});
    unsigned char *key = NULL;
    const int key_len = i2d_PrivateKey(server.key, &key);
    netx_bench_need(key_len > 0, "a key");
    credentials.certificate = test_certificate_der(&server);
    credentials.anchor = test_certificate_der(&root);
    credentials.key = (dtls_span){key, (size_t)key_len};
    test_identity_free(&server);
    test_identity_free(&root);
}

int main(int argc, char **argv) {
    static const char usage[] = "usage: libdtls-bench-netx [--json FILE] [--seconds S]";
    const char *json = NULL;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--json") == 0)
            json = argv[i + 1];
        else if (strcmp(argv[i], "--seconds") == 0)
            seconds_in_all = strtod(argv[i + 1], NULL);
        else
            netx_bench_need(0, usage);
    }
    netx_bench_need(argc % 2 == 1 && seconds_in_all > 0, usage);
    stay_on_one_core();
    make_credentials();
    netx_bench_in_thread(measure);
    if (json == NULL || strcmp(json, "-") != 0)
        print_figures();
    FILE *out = json == NULL ? NULL : strcmp(json, "-") == 0 ? stdout : fopen(json, "w");
    netx_bench_need(json == NULL || out != NULL, "the file cannot be written");
    if (out != NULL)
        write_json(out);
    if (out != NULL && out != stdout)
        fclose(out);
    return 0;
}
