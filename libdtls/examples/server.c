/* SPDX-License-Identifier: MIT
 *
 * A DTLS server in one loop: a few clients at a time behind one socket, each
 * admitted by a stateless cookie, each told what it says.
 *
 *     libdtls-server ADDRESS PORT [--once] --psk IDENTITY:KEY
 *     libdtls-server ADDRESS PORT [--once] --cert FILE --key FILE [--ca FILE]
 *
 * With port 0 the system chooses one; the first line of output names it. With
 * --ca clients must show a certificate.
 */
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared.h"

static const char usage[] = "usage: libdtls-server ADDRESS PORT [--once] --psk IDENTITY:KEY\n"
                            "       libdtls-server ADDRESS PORT [--once] --cert FILE --key FILE [--ca FILE]";

#define MAX_SESSIONS 8

/* One client. The blocks are the library's memory. */
struct session {
    _Alignas(max_align_t) uint8_t session_memory[DTLS_SESSION_SIZE];
    _Alignas(max_align_t) uint8_t handshake_memory[DTLS_HANDSHAKE_SIZE(4000, 4000)];
    socklen_t peer_len;
    struct sockaddr_storage peer;
    dtls_connection *connection; /* NULL: the place is free */
};

static struct session sessions[MAX_SESSIONS];

static const dtls_protocol *const protocols[] = {&dtls_server_1_2, NULL};
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
        .client_auth = options->anchors != NULL ? DTLS_CLIENT_AUTH_REQUIRE : DTLS_CLIENT_AUTH_NONE,
    };
}

/* A bound UDP socket; prints its port. */
static int open_socket(const char *address, const char *port) {
    const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    if (getaddrinfo(address, port, &hints, &found) != 0)
        example_fail("no such address");
    int udp = socket(found->ai_family, SOCK_DGRAM, 0);
    if (udp < 0 || bind(udp, found->ai_addr, found->ai_addrlen) != 0)
        example_fail("the address cannot be bound");
    freeaddrinfo(found);

    struct sockaddr_storage own;
    socklen_t own_len = sizeof own;
    char number[16];
    if (getsockname(udp, (struct sockaddr *)&own, &own_len) != 0 ||
        getnameinfo((struct sockaddr *)&own, own_len, NULL, 0, number, sizeof number, NI_NUMERICSERV) != 0)
        example_fail("the socket has no name");
    printf("port %s\n", number);
    fflush(stdout);
    return udp;
}

static struct session *find_session(const struct sockaddr_storage *peer, socklen_t peer_len) {
    for (size_t i = 0; i < MAX_SESSIONS; i++) {
        if (sessions[i].connection != NULL && sessions[i].peer_len == peer_len &&
            memcmp(&sessions[i].peer, peer, peer_len) == 0)
            return &sessions[i];
    }
    return NULL;
}

/* A datagram from a stranger: answered with a cookie, admitted, or dropped. Nothing is kept of it before
 * that. */
static struct session *admit(int udp, const dtls_config *config, const dtls_cookie_secret *secret,
                             const struct sockaddr_storage *peer, socklen_t peer_len, dtls_span datagram) {
    uint8_t reply[DTLS_COOKIE_REPLY_MAX];
    size_t reply_len;
    dtls_cookie_state state;
    const dtls_span address = {.data = (const uint8_t *)peer, .len = peer_len};
    dtls_cookie_verdict verdict =
        dtls_cookie_judge(config->crypto, secret, address, datagram, reply, &reply_len, &state);
    if (verdict == DTLS_COOKIE_REPLY)
        (void)sendto(udp, reply, reply_len, 0, (const struct sockaddr *)peer, peer_len);
    if (verdict != DTLS_COOKIE_GOOD)
        return NULL;

    for (size_t i = 0; i < MAX_SESSIONS; i++) {
        struct session *session = &sessions[i];
        if (session->connection != NULL)
            continue;
        session->peer = *peer;
        session->peer_len = peer_len;
        if (dtls_connection_open(config, session->session_memory, sizeof session->session_memory,
                                 session->handshake_memory, sizeof session->handshake_memory,
                                 &session->connection) != DTLS_OK ||
            dtls_connection_start_after_cookie(session->connection, example_now(), &state) != DTLS_OK)
            example_fail("a connection cannot be opened");
        return session;
    }
    return NULL;
}

/* A server accepts exactly the identity that it was told. */
static void answer_psk(dtls_connection *connection, dtls_span identity,
                       const struct example_options *options) {
    bool known = identity.len == options->psk_identity.len &&
                 memcmp(identity.data, options->psk_identity.data, identity.len) == 0;
    (void)dtls_answer_psk(connection, example_now(), (dtls_span){.data = NULL, .len = 0},
                          (dtls_span){.data = options->psk_key, .len = known ? options->psk_key_len : 0});
}

/* Events and datagrams, until there are no more. False once the session is over. */
static bool take_out(struct session *session, int udp, const struct example_options *options) {
    dtls_event event;
    uint8_t datagram[EXAMPLE_DATAGRAM];
    size_t len;
    bool open = true;
    while (dtls_poll_event(session->connection, &event) == DTLS_OK) {
        if (event.kind == DTLS_EVENT_LOOK_UP_PSK)
            answer_psk(session->connection, event.bytes, options);
        if (event.kind == DTLS_EVENT_FAILED)
            fprintf(stderr, "%s\n", dtls_strerror(dtls_connection_get_failure(session->connection)->error));
        if (event.kind == DTLS_EVENT_FAILED || event.kind == DTLS_EVENT_PEER_CLOSED)
            open = false;
    }
    while (dtls_poll_datagram(session->connection, example_now(), datagram, sizeof datagram, &len, NULL) ==
           DTLS_OK)
        (void)sendto(udp, datagram, len, 0, (struct sockaddr *)&session->peer, session->peer_len);
    return open;
}

/* Application data goes back to where it came from: a new record, made in place. */
static void echo(struct session *session, int udp, const dtls_plaintext *plaintext) {
    uint8_t record[EXAMPLE_DATAGRAM + DTLS_MAX_HEADROOM + DTLS_MAX_TAILROOM];
    size_t headroom;
    size_t tailroom;
    dtls_record_overhead(session->connection, &headroom, &tailroom);
    dtls_record_buffer buffer = {.bytes = record, .capacity = sizeof record, .len = plaintext->len};
    memcpy(record + headroom, plaintext->data, plaintext->len);
    size_t done;
    if (dtls_protect(session->connection, example_now(), &buffer, 1, &done) == DTLS_OK)
        (void)sendto(udp, record, buffer.len, 0, (struct sockaddr *)&session->peer, session->peer_len);
}

static void receive(int udp, const dtls_config *config, const dtls_cookie_secret *secret) {
    uint8_t bytes[EXAMPLE_DATAGRAM];
    struct sockaddr_storage peer = {.ss_family = AF_UNSPEC};
    socklen_t peer_len = sizeof peer;
    ssize_t len = recvfrom(udp, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&peer, &peer_len);
    if (len <= 0)
        return;
    struct session *session = find_session(&peer, peer_len);
    if (session == NULL)
        session = admit(udp, config, secret, &peer, peer_len, (dtls_span){.data = bytes, .len = (size_t)len});
    if (session == NULL)
        return;
    dtls_datagram datagram = {.bytes = bytes, .len = (size_t)len};
    dtls_plaintext plaintexts[4];
    size_t num = 4;
    size_t taken;
    if (dtls_receive(session->connection, example_now(), &datagram, 1, plaintexts, &num, &taken) == DTLS_OK) {
        for (size_t i = 0; i < num; i++)
            echo(session, udp, &plaintexts[i]);
    }
}

/* The earliest deadline of all sessions. */
static uint64_t earliest_deadline(void) {
    uint64_t earliest = DTLS_NO_DEADLINE;
    for (size_t i = 0; i < MAX_SESSIONS; i++) {
        uint64_t deadline =
            sessions[i].connection != NULL ? dtls_deadline(sessions[i].connection) : DTLS_NO_DEADLINE;
        earliest = deadline < earliest ? deadline : earliest;
    }
    return earliest;
}

int main(int argc, char **argv) {
    struct example_options options;
    dtls_config_problem problem;
    dtls_cookie_secret secret;
    example_options_read(&options, argc, argv, usage);
    dtls_config config = make_config(&options);
    if (dtls_config_check(&config, &problem) != DTLS_OK)
        example_fail(problem.expected);
    if (config.crypto->random(config.crypto->state, (uint8_t *)&secret, sizeof secret) != DTLS_OK)
        example_fail("no randomness");
    int udp = open_socket(options.address, options.port);

    bool serving = true;
    while (serving) {
        struct pollfd wait = {.fd = udp, .events = POLLIN};
        if (poll(&wait, 1, example_wait(earliest_deadline())) > 0)
            receive(udp, &config, &secret);
        for (size_t i = 0; i < MAX_SESSIONS; i++) {
            if (sessions[i].connection == NULL)
                continue;
            (void)dtls_timeout(sessions[i].connection, example_now());
            if (!take_out(&sessions[i], udp, &options)) {
                dtls_connection_wipe(sessions[i].connection);
                sessions[i].connection = NULL;
                serving = !options.once;
            }
        }
    }
    example_options_free(&options);
    close(udp);
    return 0;
}
