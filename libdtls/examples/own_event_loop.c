/* SPDX-License-Identifier: MIT
 *
 * An echo server for many sessions in a loop of the program's own, here one
 * around poll(2): docs/how-to/own-event-loop.md. Sockets are moved by the
 * batches of posix.h; any other way to move datagrams does as well.
 *
 *     libdtls-own-event-loop PORT
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dtls/dtls.h"
#include "dtls/libcrypto.h"
#include "dtls/posix.h"

#define DATAGRAM 2048

static const dtls_protocol *const protocols[] = {&dtls_server_1_2, NULL};
static const dtls_cipher_suite *const suites[] = {&dtls_suite_psk_aes_128_gcm_sha256, NULL};
static const dtls_config connection_config = {.crypto = &dtls_libcrypto,
                                              .protocols = protocols,
                                              .cipher_suites = suites,
                                              .extensions = dtls_default_extensions};
static const dtls_server_config server_config = {
    .connection = &connection_config, .max_sessions = 1000, .max_handshakes = 100};

static volatile sig_atomic_t ended;

static void on_signal(int number) {
    (void)number;
    ended = 1;
}

/* Everything that waits goes out: events first, since answers make datagrams. */
static void take_out(dtls_server *server, int udp) {
    static const uint8_t key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    dtls_server_event event;
    uint8_t bytes[DATAGRAM];
    dtls_server_datagram datagram = {.bytes = bytes};
    bool any = true;
    while (any) {
        any = false;
        while (dtls_server_poll_event(server, &event) == DTLS_OK) {
            any = true;
            if (event.kind == DTLS_SERVER_EVENT_SESSION && event.event.kind == DTLS_EVENT_LOOK_UP_PSK)
                (void)dtls_answer_psk(dtls_server_connection(server, event.session), dtls_posix_now(),
                                      (dtls_span){.data = NULL, .len = 0},
                                      (dtls_span){.data = key, .len = sizeof key});
        }
        while (dtls_server_poll_datagram(server, dtls_posix_now(), bytes, sizeof bytes, &datagram.len,
                                         &datagram.address, NULL) == DTLS_OK) {
            any = true;
            (void)dtls_udp_send(udp, &datagram, 1);
        }
    }
}

static void echo(dtls_server *server, int udp, const dtls_server_plaintext *plaintext) {
    uint8_t bytes[DATAGRAM];
    dtls_server_datagram datagram = {.bytes = bytes};
    if (dtls_server_write(server, plaintext->session, dtls_posix_now(), plaintext->plaintext.data,
                          plaintext->plaintext.len, bytes, sizeof bytes, &datagram.len) == DTLS_OK &&
        dtls_server_peer(server, plaintext->session, &datagram.address, NULL) == DTLS_OK)
        (void)dtls_udp_send(udp, &datagram, 1);
}

/* A batch of what has arrived. The call stops when there is no room for what it finds, and is repeated. */
static void receive(dtls_server *server, int udp) {
    static uint8_t bytes[DTLS_UDP_BATCH][DATAGRAM];
    dtls_server_datagram datagrams[DTLS_UDP_BATCH];
    dtls_server_plaintext plaintexts[DTLS_UDP_BATCH];
    for (size_t i = 0; i < DTLS_UDP_BATCH; i++)
        datagrams[i] = (dtls_server_datagram){.bytes = bytes[i], .len = DATAGRAM};
    const int num = dtls_udp_receive(udp, datagrams, DTLS_UDP_BATCH);
    for (size_t done = 0, taken = 0; num > 0 && done < (size_t)num; done += taken) {
        size_t num_plaintexts = DTLS_UDP_BATCH;
        if (dtls_server_receive(server, dtls_posix_now(), datagrams + done, (size_t)num - done, plaintexts,
                                &num_plaintexts, &taken) != DTLS_OK)
            return;
        for (size_t i = 0; i < num_plaintexts; i++)
            echo(server, udp, &plaintexts[i]);
        take_out(server, udp);
    }
}

static void serve(dtls_server *server, int udp) {
    while (!ended) {
        struct pollfd wait = {.fd = udp, .events = POLLIN};
        if (poll(&wait, 1, dtls_posix_wait(dtls_server_deadline(server))) > 0)
            receive(server, udp);
        (void)dtls_server_timeout(server, dtls_posix_now()); /* does nothing when called early */
        take_out(server, udp);
    }
    (void)dtls_server_close(server, dtls_posix_now());
    take_out(server, udp);
}

int main(int argc, char **argv) {
    const char *problem = "";
    const size_t size = dtls_server_size(&server_config);
    void *memory = malloc(size);
    dtls_server *server;
    dtls_address own;
    char text[DTLS_POSIX_ADDRESS_TEXT];
    const int udp = dtls_udp_bind(NULL, argc > 1 ? argv[1] : "4433", AF_UNSPEC, &problem);
    if (udp < 0 || memory == NULL ||
        dtls_server_open(&server_config, memory, size, dtls_posix_now(), &server) != DTLS_OK) {
        fprintf(stderr, "the server cannot be started: %s\n", problem);
        free(memory);
        return 1;
    }
    dtls_udp_own_address(udp, &own);
    dtls_posix_address_text(&own, text);
    printf("listening on %s\n", text);
    fflush(stdout);
    (void)sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_signal}, NULL);
    serve(server, udp);
    printf("%ju sessions\n", (uintmax_t)dtls_server_get_statistics(server)->connected);
    dtls_server_wipe(server);
    free(memory);
    close(udp);
    return 0;
}
