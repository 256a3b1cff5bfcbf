/* SPDX-License-Identifier: MIT
 *
 * dtls-client: standard input to a DTLS server, its answers to standard output.
 * Status 0: the session ended well; 1: it failed; 2: wrong use.
 */
#include "command_line.h"
#include "dtls/uv.h"
#include "input.h"
#include "options.h"
#include "report.h"
#include "services.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct program {
    struct options options;
    uv_loop_t loop;
    uv_signal_t interrupt;
    void *session_memory;
    void *handshake_memory;
    dtls_connection *connection;
    dtls_uv_client *client;
    struct input input;
    bool connected;
    bool over;
    bool failed;
};

static struct program program;

static void finish(void) {
    if (program.over)
        return;
    program.over = true;
    input_close(&program.input);
    uv_close((uv_handle_t *)&program.interrupt, NULL);
    dtls_uv_client_stop(program.client);
}

static void close_session(void) {
    (void)dtls_close(program.connection, dtls_posix_now());
    finish();
}

static void on_input(void *user, const uint8_t *data, size_t len) {
    (void)user;
    if (len > 0) {
        (void)dtls_uv_client_send(program.client, data, len);
        dtls_uv_client_wake(program.client);
        program.input.most = services_record_room(program.connection, sizeof program.input.bytes);
    } else if (!program.options.ignore_end) {
        close_session();
    }
}

static void on_event(void *user, dtls_uv_client *client, const dtls_event *event) {
    (void)user;
    (void)client;
    report_event(&program.options, "", program.connection, event);
    switch (event->kind) {
    case DTLS_EVENT_LOOK_UP_PSK:
        (void)dtls_answer_psk(program.connection, dtls_posix_now(), program.options.psk_identity,
                              (dtls_span){.data = program.options.psk, .len = program.options.psk_len});
        break;
    case DTLS_EVENT_VERIFY_CERTIFICATE: /* with -status, after the chain was found good */
        report_status(&program.options, event->ocsp_response);
        (void)dtls_answer_certificate(program.connection, dtls_posix_now(), DTLS_OK);
        break;
    case DTLS_EVENT_CONNECTED:
        services_connected(&program.options, "", program.connection);
        program.connected = true;
        program.input.most = services_record_room(program.connection, sizeof program.input.bytes);
        input_resume(&program.input);
        break;
    case DTLS_EVENT_FAILED:
        program.failed = true;
        finish();
        break;
    case DTLS_EVENT_PEER_CLOSED:
        finish();
        break;
    default:
        break;
    }
}

static void on_data(void *user, dtls_uv_client *client, uint8_t *data, size_t len) {
    (void)user;
    (void)client;
    if (fwrite(data, 1, len, stdout) != len || fflush(stdout) != 0)
        fail(&program.options, 1, "standard output cannot be written");
}

static void on_signal(uv_signal_t *handle, int number) {
    (void)handle;
    (void)number;
    program.failed = program.failed || !program.connected;
    close_session();
}

static void open_session(void) {
    struct options *options = &program.options;
    const char *problem = "";
    const int udp = dtls_udp_connect(options->host, options->port, options->family, &problem);
    if (udp < 0)
        fail(options, 1, "%s:%s: %s", options->host != NULL ? options->host : "localhost", options->port,
             problem);
    const size_t session_len = dtls_session_size(&options->config);
    const size_t handshake_len = dtls_handshake_size(&options->config);
    program.session_memory = malloc(session_len);
    program.handshake_memory = malloc(handshake_len);
    if (program.session_memory == NULL || program.handshake_memory == NULL)
        fail(options, 1, "no memory");
    const dtls_error error =
        dtls_connection_open(&options->config, program.session_memory, session_len, program.handshake_memory,
                             handshake_len, &program.connection);
    if (error != DTLS_OK)
        fail(options, 1, "%s", dtls_strerror(error));
    services_offer(options, program.connection);
    static const dtls_uv_client_handlers handlers = {.on_event = on_event, .on_data = on_data};
    (void)uv_loop_init(&program.loop);
    (void)uv_signal_init(&program.loop, &program.interrupt);
    (void)uv_signal_start(&program.interrupt, on_signal, SIGINT);
    input_open(&program.input, &program.loop, on_input, NULL);
    const int trouble =
        dtls_uv_client_start(&program.loop, udp, program.connection, &handlers, &program.client);
    if (trouble != 0)
        fail(options, 1, "%s", uv_strerror(trouble));
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    options_read(&program.options, DTLS_CLIENT, argc, argv);
    open_session();
    (void)uv_run(&program.loop, UV_RUN_DEFAULT);
    report_statistics(&program.options, "", program.connection);
    dtls_connection_wipe(program.connection);
    free(program.session_memory);
    free(program.handshake_memory);
    options_free(&program.options);
    return program.failed ? 1 : 0;
}
