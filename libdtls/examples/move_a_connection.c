/* SPDX-License-Identifier: MIT
 *
 * A server's connection that another process carries on:
 * docs/how-to/move-a-connection.md.
 */
#define _POSIX_C_SOURCE 200809L

#include "both_sides.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const dtls_cipher_suite *const suites[] = {&dtls_suite_psk_aes_128_gcm_sha256, NULL};
static const dtls_protocol *const client_protocols[] = {&dtls_client_1_2, NULL};
static const dtls_config client_config = {.crypto = &dtls_libcrypto,
                                          .protocols = client_protocols,
                                          .cipher_suites = suites,
                                          .extensions = dtls_default_extensions};
static const dtls_protocol *const server_protocols[] = {&dtls_server_1_2, NULL};
static const dtls_config server_config = {
    .crypto = &dtls_libcrypto,
    .protocols = server_protocols,
    .cipher_suites = suites,
    .extensions = dtls_default_extensions,
    .keep_secrets = true,
};

/* The process that takes over: reads the connection from a pipe and says something on it. */
static void carry_on(int from, int to) {
    static _Alignas(max_align_t) uint8_t memory[DTLS_SESSION_SIZE];
    uint8_t state[DTLS_CONNECTION_STATE_SIZE];
    uint8_t record[256];
    size_t len;
    dtls_connection *connection;
    const ssize_t state_len = read(from, state, sizeof state);
    example_expect(state_len > 0, "the connection is read");
    example_expect(dtls_connection_import(&server_config, example_time,
                                          (dtls_span){.data = state, .len = (size_t)state_len}, memory,
                                          sizeof memory, &connection) == DTLS_OK,
                   "the connection is taken over");
    dtls_libcrypto.wipe(state, sizeof state);
    (void)dtls_write(connection, example_time, (const uint8_t *)"from the new process", 20, record,
                     sizeof record, &len);
    example_expect(write(to, record, len) == (ssize_t)len, "a record is handed back");
    dtls_connection_wipe(connection);
}

/* The process that gives away: the connection is dead here from now on. */
static void give_away(dtls_connection *connection, int to) {
    uint8_t state[DTLS_CONNECTION_STATE_SIZE];
    size_t len;
    example_expect(dtls_connection_export(connection, example_time, state, sizeof state, &len) == DTLS_OK,
                   "the connection is given away");
    example_expect(write(to, state, len) == (ssize_t)len, "it is in the pipe");
    dtls_libcrypto.wipe(state, sizeof state);
}

int main(void) {
    int state_pipe[2];
    int record_pipe[2];
    int status;
    uint8_t record[256];
    struct example_side client = {.path = 1};
    struct example_side server = {.path = 2};
    if (pipe(state_pipe) != 0 || pipe(record_pipe) != 0)
        return 1;
    example_open(&client, &client_config, example_answer_psk);
    example_open(&server, &server_config, example_answer_psk);
    example_expect(example_connect(&client, &server), "the handshake finishes");

    pid_t child = fork();
    if (child == 0) {
        carry_on(state_pipe[0], record_pipe[1]);
        _exit(0);
    }
    give_away(server.connection, state_pipe[1]);

    /* The client notices nothing. */
    ssize_t len = read(record_pipe[0], record, sizeof record);
    dtls_datagram datagram = {.bytes = record, .len = len > 0 ? (size_t)len : 0, .path = server.path};
    dtls_plaintext arrived;
    size_t num = 1;
    size_t taken;
    example_expect(
        len > 0 && waitpid(child, &status, 0) == child && status == 0 &&
            dtls_receive(client.connection, example_time, &datagram, 1, &arrived, &num, &taken) == DTLS_OK &&
            num == 1 && arrived.len == 20 && memcmp(arrived.data, "from the new process", arrived.len) == 0,
        "what the new process says arrives");
    example_close(&client);
    example_close(&server);
    return 0;
}
