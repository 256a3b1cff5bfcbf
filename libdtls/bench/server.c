/* SPDX-License-Identifier: MIT
 *
 * A server of many sessions: how fast strangers are answered with cookies, and
 * what a session costs that is held and silent. No sockets: only the library.
 *
 *     libdtls-bench-server [--json FILE] [--seconds S] [--sessions N]
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "dtls/dtls.h"
#include "dtls/libcrypto.h"

#define BATCH    64
#define DATAGRAM 2048

static dtls_libcrypto_provider provider;
static const dtls_protocol *const client_protocols[] = {&dtls_client_1_2, NULL};
static const dtls_protocol *const server_protocols[] = {&dtls_server_1_2, NULL};
static const dtls_cipher_suite *const suites[] = {&dtls_suite_psk_aes_128_gcm_sha256, NULL};
static const dtls_config client_config = {.crypto = &provider.crypto,
                                          .protocols = client_protocols,
                                          .cipher_suites = suites,
                                          .extensions = dtls_default_extensions};
static const dtls_config connection_config = {.crypto = &provider.crypto,
                                              .protocols = server_protocols,
                                              .cipher_suites = suites,
                                              .extensions = dtls_default_extensions};
static const uint8_t psk[16] = {1, 2, 3};
static const dtls_time now = {.monotonic_ns = 1, .calendar_s = 1767225600};

struct figures {
    double cookies_per_second;
    double flood_growth;          /* bytes of resident memory */
    double session_resident;      /* bytes of resident memory for each session, crypto contexts included */
    double session_block;         /* bytes of it in the server's block */
    double handshakes_per_second; /* both sides, with the cookie exchange */
    size_t sessions;
};

static _Noreturn void give_up(const char *what) {
    fprintf(stderr, "libdtls-bench-server: %s\n", what);
    exit(1);
}

static void need(bool good, const char *what) {
    if (!good)
        give_up(what);
}

/* Of processor time, so that a busy machine does not count. */
static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Bytes of memory that the process has in use. */
static double resident(void) {
    char line[128];
    FILE *file = fopen("/proc/self/statm", "r");
    need(file != NULL && fgets(line, sizeof line, file) != NULL, "/proc/self/statm");
    fclose(file);
    char *after_all; /* the first figure: pages of address space */
    (void)strtoul(line, &after_all, 10);
    return (double)strtoul(after_all, NULL, 10) * (double)sysconf(_SC_PAGESIZE);
}

static dtls_address address_of(uint64_t number) {
    dtls_address address = {.len = sizeof number};
    memcpy(address.bytes, &number, sizeof number);
    return address;
}

/* Memory that costs nothing until it is used. */
static dtls_server *open_server(const dtls_server_config *config, size_t *out_size) {
    dtls_server *server = NULL;
    *out_size = dtls_server_size(config);
    void *memory = mmap(NULL, *out_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    need(memory != MAP_FAILED && dtls_server_open(config, memory, *out_size, now, &server) == DTLS_OK,
         "server");
    return server;
}

struct client {
    _Alignas(max_align_t) uint8_t session_memory[DTLS_SESSION_SIZE];
    _Alignas(max_align_t) uint8_t handshake_memory[DTLS_HANDSHAKE_SIZE(4000, 0)];
    dtls_connection *connection;
};

static void client_open(struct client *client) {
    need(dtls_connection_open(&client_config, client->session_memory, sizeof client->session_memory,
                              client->handshake_memory, sizeof client->handshake_memory,
                              &client->connection) == DTLS_OK &&
             dtls_connection_start(client->connection, now) == DTLS_OK,
         "client");
}

static void give(dtls_server *server, uint64_t number, uint8_t *bytes, size_t len) {
    dtls_server_datagram datagram = {.bytes = bytes, .len = len, .address = address_of(number)};
    size_t num = 0;
    size_t taken;
    need(dtls_server_receive(server, now, &datagram, 1, NULL, &num, &taken) == DTLS_OK && taken == 1,
         "receive");
}

static bool client_turn(struct client *client, dtls_server *server, uint64_t number) {
    dtls_event event;
    uint8_t bytes[DATAGRAM];
    size_t len;
    bool any = false;
    while (dtls_poll_event(client->connection, &event) == DTLS_OK) {
        if (event.kind == DTLS_EVENT_LOOK_UP_PSK)
            dtls_answer_psk(client->connection, now, (dtls_span){psk, 5}, (dtls_span){psk, sizeof psk});
    }
    while (dtls_poll_datagram(client->connection, now, bytes, sizeof bytes, &len, NULL) == DTLS_OK) {
        give(server, number, bytes, len);
        any = true;
    }
    return any;
}

static bool server_turn(dtls_server *server, struct client *client) {
    dtls_server_event event;
    dtls_address address;
    uint8_t bytes[DATAGRAM];
    dtls_datagram datagram = {.bytes = bytes};
    bool any = false;
    while (dtls_server_poll_event(server, &event) == DTLS_OK) {
        if (event.kind == DTLS_SERVER_EVENT_SESSION && event.event.kind == DTLS_EVENT_LOOK_UP_PSK)
            dtls_answer_psk(dtls_server_connection(server, event.session), now, (dtls_span){NULL, 0},
                            (dtls_span){psk, sizeof psk});
    }
    while (dtls_server_poll_datagram(server, now, bytes, sizeof bytes, &datagram.len, &address, NULL) ==
           DTLS_OK) {
        size_t num = 0;
        size_t taken;
        need(dtls_receive(client->connection, now, &datagram, 1, NULL, &num, &taken) == DTLS_OK, "client");
        any = true;
    }
    return any;
}

static void hold_sessions(struct figures *figures, size_t sessions) {
    static struct client client;
    size_t size;
    dtls_server *server = open_server(&(dtls_server_config){.connection = &connection_config,
                                                            .max_sessions = sessions,
                                                            .max_handshakes = 1},
                                      &size);
    client_open(&client); /* what libcrypto needs once for all */
    dtls_connection_wipe(client.connection);
    const double before = resident();
    const double begun = seconds();
    for (size_t i = 0; i < sessions; i++) {
        client_open(&client);
        bool any = true;
        while (any) {
            any = client_turn(&client, server, i);
            any = server_turn(server, &client) || any;
        }
        need(dtls_connection_get_info(client.connection)->connected, "a handshake failed");
        dtls_connection_wipe(client.connection);
    }
    need(dtls_server_get_statistics(server)->sessions == sessions, "sessions are missing");
    figures->sessions = sessions;
    figures->handshakes_per_second = (double)sessions / (seconds() - begun);
    figures->session_resident = (resident() - before) / (double)sessions;
    figures->session_block = (double)size / (double)sessions;
    dtls_server_wipe(server);
    munmap(server, size);
}

/* A ClientHello as this library sends it, from addresses without end. */
static void answer_strangers(struct figures *figures, double duration) {
    static struct client client;
    static uint8_t datagrams[BATCH][DATAGRAM];
    dtls_server_datagram batch[BATCH];
    uint8_t hello[DATAGRAM];
    uint8_t reply[DATAGRAM];
    size_t hello_len;
    size_t size;
    dtls_server *server = open_server(&(dtls_server_config){.connection = &connection_config,
                                                            .max_sessions = 1000,
                                                            .max_handshakes = 100,
                                                            .max_replies = BATCH},
                                      &size);
    client_open(&client);
    need(dtls_poll_datagram(client.connection, now, hello, sizeof hello, &hello_len, NULL) == DTLS_OK,
         "hello");
    dtls_connection_wipe(client.connection);
    uint64_t number = 0;
    double before = resident();
    const double begun = seconds();
    double end = begun;
    while (end - begun < duration) {
        for (size_t i = 0; i < BATCH; i++) {
            number++;
            memcpy(datagrams[i], hello, hello_len);
            memcpy(datagrams[i] + 27, &number, sizeof number); /* in its random */
            batch[i] = (dtls_server_datagram){
                .bytes = datagrams[i], .len = hello_len, .address = address_of(number)};
        }
        size_t num = 0;
        size_t taken;
        need(dtls_server_receive(server, now, batch, BATCH, NULL, &num, &taken) == DTLS_OK && taken == BATCH,
             "receive");
        size_t len;
        dtls_address address;
        while (dtls_server_poll_datagram(server, now, reply, sizeof reply, &len, &address, NULL) == DTLS_OK)
            need(len <= hello_len, "a reply longer than the hello");
        if (number == 10 * (uint64_t)BATCH) /* what is allocated once has been by now */
            before = resident();
        end = seconds();
    }
    need(dtls_server_get_statistics(server)->cookies_sent == number, "strangers without an answer");
    need(dtls_server_get_statistics(server)->opened == 0, "a session for a stranger");
    figures->cookies_per_second = (double)number / (end - begun);
    figures->flood_growth = resident() - before;
    dtls_server_wipe(server);
    munmap(server, size);
}

static const char *reached(bool yes) {
    return yes ? "yes" : "NO";
}

static void print_figures(const struct figures *figures) {
    const bool constant = figures->flood_growth <= 0;
    printf("%-48s %10.0f  >= 500,000 %s\n", "ClientHellos of strangers answered /s",
           figures->cookies_per_second, reached(figures->cookies_per_second >= 500000));
    printf("%-48s %10.0f  = 0 %s\n", "  resident memory that this takes, bytes", figures->flood_growth,
           reached(constant));
    printf("%-48s %10zu\n", "sessions held", figures->sessions);
    printf("%-48s %10.0f  <= 4,096 %s\n", "  resident memory of a silent one, bytes",
           figures->session_resident, reached(figures->session_resident <= 4096));
    printf("%-48s %10.0f\n", "  of it in the server's block", figures->session_block);
    printf("%-48s %10.0f\n", "PSK handshakes with cookie exchange /s, both ends",
           figures->handshakes_per_second);
}

static void write_figures(const struct figures *figures, const char *json) {
    if (json == NULL || strcmp(json, "-") != 0)
        print_figures(figures);
    FILE *out = json == NULL ? NULL : strcmp(json, "-") == 0 ? stdout : fopen(json, "w");
    need(json == NULL || out != NULL, "the file cannot be written");
    if (out == NULL)
        return;
    fprintf(
        out,
        "{\n  \"cookies_per_second\": %.0f,\n  \"flood_memory_growth\": %.0f,\n  \"sessions\": %zu,\n"
        "  \"session_resident\": %.0f,\n  \"session_block\": %.0f,\n  \"handshakes_per_second\": %.0f\n}\n",
        figures->cookies_per_second, figures->flood_growth, figures->sessions, figures->session_resident,
        figures->session_block, figures->handshakes_per_second);
    if (out != stdout)
        fclose(out);
}

static void stay_on_one_core(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)sched_getcpu(), &set);
    (void)sched_setaffinity(0, sizeof set, &set);
}

int main(int argc, char **argv) {
    static const char usage[] = "usage: libdtls-bench-server [--json FILE] [--seconds S] [--sessions N]";
    const char *json = NULL;
    double duration = 2;
    size_t sessions = 100000;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--json") == 0)
            json = argv[i + 1];
        else if (strcmp(argv[i], "--seconds") == 0)
            duration = strtod(argv[i + 1], NULL);
        else if (strcmp(argv[i], "--sessions") == 0)
            sessions = strtoul(argv[i + 1], NULL, 10);
        else
            give_up(usage);
    }
    need(argc % 2 == 1 && duration > 0 && sessions > 0, usage);
    struct figures figures = {.sessions = 0};
    need(dtls_libcrypto_open(&provider) == DTLS_OK, "libcrypto does not work");
    stay_on_one_core();
    answer_strangers(&figures, duration);
    hold_sessions(&figures, sessions);
    write_figures(&figures, json);
    return 0;
}
