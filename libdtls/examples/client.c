/* SPDX-License-Identifier: MIT
 *
 * A DTLS client in one loop: says one thing, prints the answer, closes.
 *
 *     libdtls-client ADDRESS PORT TEXT --psk IDENTITY:KEY
 *     libdtls-client ADDRESS PORT TEXT --ca FILE [--name NAME] [--cert FILE --key FILE]
 *
 * What an embedder has to do is in `take_out` (after every call) and in the
 * loop of `main` (wait for a datagram or the deadline, whichever is first).
 */
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared.h"

static const char usage[] =
    "usage: libdtls-client ADDRESS PORT TEXT --psk IDENTITY:KEY\n"
    "       libdtls-client ADDRESS PORT TEXT --ca FILE [--name NAME] [--cert FILE --key FILE]";

/* Certificates up to 4,000 bytes, our own message among them. The second block is free once the handshake is
 * over. */
static _Alignas(max_align_t) uint8_t session_memory[DTLS_SESSION_SIZE];
static _Alignas(max_align_t) uint8_t handshake_memory[DTLS_HANDSHAKE_SIZE(4000, 4000)];

static const dtls_protocol *const protocols[] = {&dtls_client_1_2, NULL};
static const dtls_cipher_suite *const psk_suites[] = {&dtls_suite_psk_aes_128_gcm_sha256,
                                                      &dtls_suite_psk_aes_128_ccm_8, NULL};
static const dtls_cipher_suite *const certificate_suites[] = {&dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256,
                                                              &dtls_suite_ecdhe_rsa_aes_128_gcm_sha256, NULL};

static dtls_config make_config(const struct example_options *options) {
    return (dtls_config){
        .crypto = &dtls_libcrypto,
        .protocols = protocols,
        .cipher_suites = options->psk_key_len > 0 ? psk_suites : certificate_suites,
        .groups = dtls_default_groups,
        .signature_schemes = dtls_default_signature_schemes,
        .extensions = dtls_default_extensions,
        .credentials = &options->credential,
        .num_credentials = options->private_key != NULL,
        .verification = options->anchors != NULL ? DTLS_VERIFY_ANCHORS : DTLS_VERIFY_NOTHING,
        .trust_anchors = options->anchors,
        .peer_name = options->name,
    };
}

/* A UDP socket that is connected to the server. */
static int open_socket(const char *address, const char *port) {
    const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM};
    struct addrinfo *found = NULL;
    if (getaddrinfo(address, port, &hints, &found) != 0)
        example_fail("no such address");
    int udp = socket(found->ai_family, SOCK_DGRAM, 0);
    if (udp < 0 || connect(udp, found->ai_addr, found->ai_addrlen) != 0)
        example_fail("no socket");
    freeaddrinfo(found);
    return udp;
}

static void say(dtls_connection *connection, int udp, const char *text) {
    uint8_t record[EXAMPLE_DATAGRAM];
    size_t len;
    if (dtls_write(connection, example_now(), (const uint8_t *)text, strlen(text), record, sizeof record,
                   &len) != DTLS_OK)
        example_fail("the text cannot be sent");
    (void)send(udp, record, len, 0);
}

/* Events and datagrams, until there are no more. False once the session is over. */
static bool take_out(dtls_connection *connection, int udp, const struct example_options *options) {
    dtls_event event;
    uint8_t datagram[EXAMPLE_DATAGRAM];
    size_t len;
    bool open = true;
    while (dtls_poll_event(connection, &event) == DTLS_OK) {
        switch (event.kind) {
        case DTLS_EVENT_LOOK_UP_PSK:
            (void)dtls_answer_psk(connection, example_now(), options->psk_identity,
                                  (dtls_span){.data = options->psk_key, .len = options->psk_key_len});
            break;
        case DTLS_EVENT_CONNECTED:
            say(connection, udp, options->text);
            break;
        case DTLS_EVENT_FAILED:
            fprintf(stderr, "%s\n", dtls_strerror(dtls_connection_get_failure(connection)->error));
            open = false;
            break;
        case DTLS_EVENT_PEER_CLOSED:
            open = false;
            break;
        default:
            break;
        }
    }
    while (dtls_poll_datagram(connection, example_now(), datagram, sizeof datagram, &len, NULL) == DTLS_OK)
        (void)send(udp, datagram, len, 0);
    return open;
}

/* One datagram from the socket. True once application data has come, which is then printed. */
static bool receive(dtls_connection *connection, int udp) {
    uint8_t bytes[EXAMPLE_DATAGRAM];
    ssize_t len = recv(udp, bytes, sizeof bytes, MSG_DONTWAIT);
    dtls_datagram datagram = {.bytes = bytes, .len = len > 0 ? (size_t)len : 0};
    dtls_plaintext plaintexts[4];
    size_t num = 4;
    size_t taken;
    if (len <= 0 ||
        dtls_receive(connection, example_now(), &datagram, 1, plaintexts, &num, &taken) != DTLS_OK)
        return false;
    for (size_t i = 0; i < num; i++)
        fwrite(plaintexts[i].data, 1, plaintexts[i].len, stdout);
    return num > 0;
}

int main(int argc, char **argv) {
    struct example_options options;
    dtls_connection *connection;
    dtls_config_problem problem;
    example_options_read(&options, argc, argv, usage);
    if (options.text == NULL)
        example_fail(usage);
    dtls_config config = make_config(&options);
    if (dtls_config_check(&config, &problem) != DTLS_OK)
        example_fail(problem.expected);
    int udp = open_socket(options.address, options.port);
    if (dtls_connection_open(&config, session_memory, sizeof session_memory, handshake_memory,
                             sizeof handshake_memory, &connection) != DTLS_OK ||
        dtls_connection_start(connection, example_now()) != DTLS_OK)
        example_fail("the connection cannot be opened");

    bool answered = false;
    while (take_out(connection, udp, &options) && !answered) {
        struct pollfd wait = {.fd = udp, .events = POLLIN};
        if (poll(&wait, 1, example_wait(dtls_deadline(connection))) > 0)
            answered = receive(connection, udp);
        (void)dtls_timeout(connection, example_now());
    }
    (void)dtls_close(connection, example_now());
    (void)take_out(connection, udp, &options);
    dtls_connection_wipe(connection);
    example_options_free(&options);
    close(udp);
    return answered ? 0 : 1;
}
