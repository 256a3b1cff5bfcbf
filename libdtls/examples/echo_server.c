/* SPDX-License-Identifier: MIT
 * An echo server for DTLS 1.2 with a pre-shared key: docs/tutorial/echo-server.md. */
#include <dtls/dtls.h>
#include <dtls/libcrypto.h>
#include <dtls/posix.h>
#include <poll.h>
#include <stdio.h>

static const dtls_protocol *const protocols[] = {&dtls_server_1_2, NULL};
static const dtls_cipher_suite *const suites[] = {&dtls_suite_psk_aes_128_gcm_sha256, NULL};
static const dtls_config connection_config = {.crypto = &dtls_libcrypto,
                                              .protocols = protocols,
                                              .cipher_suites = suites,
                                              .extensions = dtls_default_extensions};
static const dtls_server_config server_config = {
    .connection = &connection_config, .max_sessions = 100, .max_handshakes = 10};
static const uint8_t key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

static void take_out(dtls_server *server, int udp) {
    uint8_t bytes[1500];
    dtls_server_datagram out = {.bytes = bytes};
    dtls_server_event event;
    while (dtls_server_poll_event(server, &event) == DTLS_OK)
        if (event.kind == DTLS_SERVER_EVENT_SESSION && event.event.kind == DTLS_EVENT_LOOK_UP_PSK)
            dtls_answer_psk(dtls_server_connection(server, event.session), dtls_posix_now(),
                            (dtls_span){NULL, 0}, (dtls_span){key, sizeof key});
    while (dtls_server_poll_datagram(server, dtls_posix_now(), bytes, sizeof bytes, &out.len, &out.address,
                                     NULL) == DTLS_OK)
        dtls_udp_send(udp, &out, 1);
}

static void take_in(dtls_server *server, int udp) {
    uint8_t bytes[2048], record[2048];
    dtls_server_datagram in = {.bytes = bytes, .len = sizeof bytes}, out = {.bytes = record};
    dtls_server_plaintext data[8];
    size_t num = 8, taken;
    if (dtls_udp_receive(udp, &in, 1) != 1 ||
        dtls_server_receive(server, dtls_posix_now(), &in, 1, data, &num, &taken) != DTLS_OK)
        return;
    for (size_t i = 0; i < num; i++)
        if (dtls_server_write(server, data[i].session, dtls_posix_now(), data[i].plaintext.data,
                              data[i].plaintext.len, record, sizeof record, &out.len) == DTLS_OK &&
            dtls_server_peer(server, data[i].session, &out.address, NULL) == DTLS_OK)
            dtls_udp_send(udp, &out, 1);
}

int main(int argc, char **argv) {
    static _Alignas(max_align_t) uint8_t memory[1 << 20];
    const char *problem = "the server could not be made";
    dtls_server *server;
    int udp = dtls_udp_bind("127.0.0.1", argc > 1 ? argv[1] : "4433", AF_UNSPEC, &problem);
    if (udp < 0 || dtls_server_open(&server_config, memory, sizeof memory, dtls_posix_now(), &server))
        return fprintf(stderr, "%s\n", problem), 1;
    for (struct pollfd wait = {.fd = udp, .events = POLLIN};;) {
        if (poll(&wait, 1, dtls_posix_wait(dtls_server_deadline(server))) > 0)
            take_in(server, udp);
        dtls_server_timeout(server, dtls_posix_now());
        take_out(server, udp);
    }
}
