/* SPDX-License-Identifier: MIT
 *
 * What was measured, as a table with the targets, and as JSON.
 */
#include <openssl/crypto.h>
#include <stddef.h>
#include <string.h>

#include "measure.h"

/* One line of the table. */
struct line {
    const char *name; /* of the figure, for JSON */
    const char *title;
    size_t place; /* in struct figures */
    double
        target_openssl; /* what the ratio to OpenSSL is to reach; 0: nothing; negative: it is to stay below */
    double target_bare; /* the same of the bare primitives */
    double target;      /* the most that the figure itself may be; 0: any */
};

#define PLACE(field) offsetof(struct figures, field)

static const struct line lines[] = {
    {"seal_64", "records sealed /s, 64 bytes", PLACE(sealed[0]), 0, 0, 0},
    {"open_64", "records opened /s, 64 bytes", PLACE(opened[0]), 0, 0, 0},
    {"both_64", "records sealed and opened /s, 64 bytes", PLACE(both[0]), 1.4, 0.8, 0},
    {"seal_1400", "records sealed /s, 1,400 bytes", PLACE(sealed[1]), 0, 0, 0},
    {"open_1400", "records opened /s, 1,400 bytes", PLACE(opened[1]), 0, 0, 0},
    {"both_1400", "records sealed and opened /s, 1,400 bytes", PLACE(both[1]), 1.5, 0.9, 0},
    {"handshake_ecdhe_ecdsa_p256", "handshakes /s, ECDHE-ECDSA P-256", PLACE(handshakes[BENCH_ECDHE_ECDSA]),
     1.4, 0.85, 0},
    {"handshake_known_chain", "  the same, chain verified before", PLACE(handshakes[BENCH_KNOWN_CHAIN]), 2.3,
     0, 0},
    {"handshake_psk", "handshakes /s, PSK", PLACE(handshakes[BENCH_PSK]), 3, 0, 0},
    {"handshake_resumed_by_id", "handshakes /s, resumption by session id",
     PLACE(handshakes[BENCH_RESUMED_BY_ID]), 3, 0, 0},
    {"handshake_resumed_by_ticket", "handshakes /s, resumption by ticket",
     PLACE(handshakes[BENCH_RESUMED_BY_TICKET]), 3, 0, 0},
    {"memory_connected", "bytes of a connection, once connected", PLACE(memory_connected), -0.1, 0, 4096},
    {"memory_peak", "bytes of a connection, most during the handshake", PLACE(memory_peak), 0, 0, 0},
};
enum { LINES = sizeof lines / sizeof *lines };

static double figure(const struct figures *figures, const struct line *line) {
    double value;
    memcpy(&value, (const char *)figures + line->place, sizeof value);
    return value;
}

/* A ratio, what it is to reach, and whether it does. */
static void print_ratio(double ratio, double target) {
    printf(" %8.2f", ratio);
    if (target == 0)
        printf("  %-13s", "");
    else if (target > 0)
        printf("  %s %-4.2f %-6s", ">=", target, ratio >= target ? "yes" : "NO");
    else
        printf("  %s %-4.2f %-6s", "<=", -target, ratio <= -target ? "yes" : "NO");
}

void print_table(const struct figures *figures) {
    printf("%-49s %10s %10s %10s  %-22s %-22s\n", "", "libdtls", "openssl", "bare", "/ openssl, target",
           "/ bare, target");
    for (size_t i = 0; i < LINES; i++) {
        double values[SUBJECTS];
        for (int s = 0; s < SUBJECTS; s++)
            values[s] = figure(&figures[s], &lines[i]);
        printf("%-49s %10.0f %10.0f %10.0f", lines[i].title, values[0], values[1], values[2]);
        print_ratio(values[0] / values[1], lines[i].target_openssl);
        print_ratio(values[0] / values[2], lines[i].target_bare);
        if (lines[i].target > 0)
            printf("  <= %.0f bytes %s", lines[i].target, values[0] <= lines[i].target ? "yes" : "NO");
        printf("\n");
    }
    for (size_t i = 0; i < LENS; i++)
        printf("%-49s %10.3f %53s %s\n",
               i == 0 ? "64 bytes sealed in a batch / one by one" : "1,400 bytes, the same",
               figures->sealed[i] / figures->sealed_singly[i], "",
               figures->sealed[i] > figures->sealed_singly[i] ? "> 1 yes" : "> 1 NO");
    printf("%-49s %10zu %53s %s\n", "allocations by libdtls in all of this", figures->allocations, "",
           figures->allocations == 0 ? "= 0 yes" : "= 0 NO");
    printf("\nBoth ends of handshakes; batches of %d records, AES-128-GCM. libdtls's own blocks: session %d, "
           "handshake %d bytes (4,000-byte messages, no own certificate).\n",
           BENCH_BATCH, DTLS_SESSION_SIZE, DTLS_HANDSHAKE_SIZE(4000, 0));
}

void write_json(const struct figures *figures, FILE *out) {
    fprintf(out, "{\n  \"openssl_version\": \"%s\",\n  \"batch\": %d,\n  \"allocations\": %zu",
            OpenSSL_version(OPENSSL_VERSION_STRING), BENCH_BATCH, figures->allocations);
    for (size_t i = 0; i < LENS; i++)
        fprintf(out, ",\n  \"batch_ratio_%s\": %.4f", i == 0 ? "64" : "1400",
                figures->sealed[i] / figures->sealed_singly[i]);
    for (size_t i = 0; i < LINES; i++) {
        const struct line *line = &lines[i];
        const double own = figure(&figures[0], line);
        fprintf(out, ",\n  \"%s\": {", line->name);
        for (int s = 0; s < SUBJECTS; s++)
            fprintf(out, "\"%s\": %.1f, ", subjects[s]->name, figure(&figures[s], line));
        fprintf(out, "\"ratio_openssl\": %.4f, \"ratio_primitives\": %.4f", own / figure(&figures[1], line),
                own / figure(&figures[2], line));
        if (line->target_openssl > 0)
            fprintf(out, ", \"target_openssl\": %.2f", line->target_openssl);
        if (line->target_bare > 0)
            fprintf(out, ", \"target_primitives\": %.2f", line->target_bare);
        fprintf(out, "}");
    }
    fprintf(out, "\n}\n");
}
