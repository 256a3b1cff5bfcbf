/* SPDX-License-Identifier: MIT
 *
 * dtls-server: many DTLS sessions behind one UDP socket. It echoes, or writes
 * what comes to standard output and sends standard input to the latest session.
 * Status 0: ended by -naccept or a signal; 1: it cannot serve; 2: wrong use.
 */
#include "command_line.h"
#include "dtls/uv.h"
#include "input.h"
#include "options.h"
#include "report.h"
#include "services.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct program {
    struct options options;
    uv_loop_t loop;
    uv_signal_t signals[2];
    void *memory;
    dtls_server *server;
    dtls_uv_server *uv;
    struct input input;
    dtls_session latest;
    unsigned long num_ended;
    bool over;
};

static struct program program;

static void finish(void) {
    if (program.over)
        return;
    program.over = true;
    (void)dtls_server_close(program.server, dtls_posix_now());
    input_close(&program.input);
    uv_close((uv_handle_t *)&program.signals[0], NULL);
    uv_close((uv_handle_t *)&program.signals[1], NULL);
    dtls_uv_server_stop(program.uv);
}

static void on_input(void *user, const uint8_t *data, size_t len) {
    (void)user;
    dtls_connection *connection = dtls_server_connection(program.server, program.latest);
    if (len > 0)
        (void)dtls_uv_server_send(program.uv, program.latest, data, len);
    else if (connection != NULL && program.options.sessions != 0)
        (void)dtls_close(connection, dtls_posix_now());
    dtls_uv_server_wake(program.uv);
}

static void answer_psk(dtls_connection *connection, dtls_span identity) {
    const struct options *options = &program.options;
    const bool known = identity.len == options->psk_identity.len &&
                       memcmp(identity.data, options->psk_identity.data, identity.len) == 0;
    (void)dtls_answer_psk(connection, dtls_posix_now(), (dtls_span){NULL, 0},
                          (dtls_span){.data = options->psk, .len = known ? options->psk_len : 0});
}

static void on_session_event(const dtls_server_event *event, const char *peer) {
    dtls_connection *connection = dtls_server_connection(program.server, event->session);
    report_event(&program.options, peer, connection, &event->event);
    switch (event->event.kind) {
    case DTLS_EVENT_LOOK_UP_PSK:
        answer_psk(connection, event->event.bytes);
        break;
    case DTLS_EVENT_LOOK_UP_SESSION:
        services_answer(&program.options, connection, event->event.bytes);
        break;
    case DTLS_EVENT_CONNECTED:
        services_connected(&program.options, peer, connection);
        program.latest = event->session;
        program.input.most = services_record_room(connection, sizeof program.input.bytes);
        if (!program.options.echo)
            input_resume(&program.input);
        break;
    default:
        break;
    }
}

static void on_end(const dtls_server_event *event, const char *peer) {
    static const char *const reasons[] = {"",
                                          "closed",
                                          "closed: failed",
                                          "closed: silent for too long",
                                          "closed: made room for another",
                                          "closed: its peer has begun anew",
                                          "closed: the server ends"};
    const dtls_connection *connection = dtls_server_connection(program.server, event->session);
    if (!program.options.quiet)
        fprintf(stderr, "%s%s\n", peer, reasons[event->end]);
    report_statistics(&program.options, peer, connection);
    if (event->session.slot == program.latest.slot &&
        event->session.generation == program.latest.generation) {
        program.latest = (dtls_session){.slot = 0};
        input_pause(&program.input);
    }
    if (++program.num_ended == program.options.sessions)
        finish();
}

static void on_event(void *user, dtls_uv_server *server, const dtls_server_event *event) {
    (void)user;
    (void)server;
    dtls_address address = {.len = 0};
    char text[DTLS_POSIX_ADDRESS_TEXT];
    char peer[sizeof text + 2];
    (void)dtls_server_peer(program.server, event->session, &address, NULL);
    dtls_posix_address_text(&address, text);
    (void)snprintf(peer, sizeof peer, "%s: ", text);
    if (event->kind == DTLS_SERVER_EVENT_SESSION)
        on_session_event(event, peer);
    else if (event->kind == DTLS_SERVER_EVENT_ENDED)
        on_end(event, peer);
    else if (!program.options.quiet)
        fprintf(stderr, "%smoved\n", peer);
}

static void on_data(void *user, dtls_uv_server *server, dtls_session session, uint8_t *data, size_t len) {
    (void)user;
    if (program.options.echo)
        (void)dtls_uv_server_send(server, session, data, len);
    else if (fwrite(data, 1, len, stdout) != len || fflush(stdout) != 0)
        fail(&program.options, 1, "standard output cannot be written");
}

static void on_signal(uv_signal_t *handle, int number) {
    (void)handle;
    (void)number;
    finish();
}

static int open_socket(void) {
    const struct options *options = &program.options;
    const char *problem = "";
    const int udp = dtls_udp_bind(options->host, options->port, options->family, &problem);
    dtls_address own;
    char text[DTLS_POSIX_ADDRESS_TEXT];
    if (udp < 0)
        fail(options, 1, "%s:%s: %s", options->host != NULL ? options->host : "*", options->port, problem);
    dtls_udp_own_address(udp, &own);
    dtls_posix_address_text(&own, text);
    fprintf(stderr, "listening on %s\n", text);
    return udp;
}

static void open_server(void) {
    const struct options *options = &program.options;
    const dtls_server_config config = {
        .connection = &options->config,
        .max_sessions = options->max_sessions,
        .max_handshakes =
            options->max_handshakes < options->max_sessions ? options->max_handshakes : options->max_sessions,
        .source_prefix_len = DTLS_POSIX_SOURCE_PREFIX,
        .idle_timeout_ns = options->idle_timeout_ns,
        .evict_handshake_ns = UINT64_C(10000000000),
        .connection_ids = options->connection_ids ? &dtls_server_connection_ids : NULL,
        .no_cookies = options->no_cookie};
    dtls_config_problem problem;
    if (dtls_server_config_check(&config, &problem) != DTLS_OK)
        fail(options, 2, "%s: expected %s", problem.field, problem.expected);
    const size_t size = dtls_server_size(&config);
    program.memory = malloc(size);
    if (program.memory == NULL)
        fail(options, 1, "no memory for %lu sessions", options->max_sessions);
    const dtls_error error =
        dtls_server_open(&config, program.memory, size, dtls_posix_now(), &program.server);
    if (error != DTLS_OK)
        fail(options, 1, "%s", dtls_strerror(error));
}

static void serve(void) {
    static const dtls_uv_server_handlers handlers = {.on_event = on_event, .on_data = on_data};
    static const int numbers[] = {SIGINT, SIGTERM};
    (void)uv_loop_init(&program.loop);
    for (int i = 0; i < 2; i++) {
        (void)uv_signal_init(&program.loop, &program.signals[i]);
        (void)uv_signal_start(&program.signals[i], on_signal, numbers[i]);
    }
    input_open(&program.input, &program.loop, on_input, NULL);
    const int trouble =
        dtls_uv_server_start(&program.loop, open_socket(), program.server, &handlers, &program.uv);
    if (trouble != 0)
        fail(&program.options, 1, "%s", uv_strerror(trouble));
    (void)uv_run(&program.loop, UV_RUN_DEFAULT);
}

static void report_server(void) {
    const dtls_server_statistics *counted = dtls_server_get_statistics(program.server);
    if (!program.options.quiet)
        fprintf(stderr,
                "statistics: %ju datagrams in (%ju from nobody known), %ju newcomers, %ju cookies sent, %ju "
                "good, "
                "%ju refused, %ju sessions connected\n",
                (uintmax_t)counted->datagrams_received, (uintmax_t)counted->datagrams_unknown,
                (uintmax_t)counted->hellos, (uintmax_t)counted->cookies_sent,
                (uintmax_t)counted->cookies_accepted,
                (uintmax_t)(counted->refused_handshakes + counted->refused_sessions +
                            counted->refused_source + counted->refused_busy + counted->refused_closing),
                (uintmax_t)counted->connected);
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    options_read(&program.options, DTLS_SERVER, argc, argv);
    open_server();
    serve();
    report_server();
    dtls_server_wipe(program.server);
    free(program.memory);
    options_free(&program.options);
    return 0;
}
