/* SPDX-License-Identifier: MIT
 *
 * An echo server for many sessions in a libuv loop: docs/how-to/many-sessions.md.
 *
 *     libdtls-many-sessions PORT
 *
 * The key is 00010203…0e0f for every identity. With port 0 the system chooses
 * one; the first line of output names it. SIGTERM ends it, with close_notify to
 * every session.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "dtls/dtls.h"
#include "dtls/libcrypto.h"
#include "dtls/uv.h"

static const dtls_protocol *const protocols[] = {&dtls_server_1_2, NULL};
static const dtls_cipher_suite *const suites[] = {&dtls_suite_psk_aes_128_gcm_sha256, NULL};
static const dtls_extension *const extensions[] = {&dtls_extension_extended_master_secret,
                                                   &dtls_extension_renegotiation_info,
                                                   &dtls_extension_connection_id, NULL};

static const dtls_config connection_config = {
    .crypto = &dtls_libcrypto,
    .protocols = protocols,
    .cipher_suites = suites,
    .extensions = extensions,
    .path_policy = DTLS_PATH_FOLLOW,
};

static const dtls_server_config server_config = {
    .connection = &connection_config,
    .max_sessions = 10000,           /* established and shaking hands */
    .max_handshakes = 500,           /* shaking hands at a time */
    .max_handshakes_per_source = 50, /* from one IPv4 address or IPv6 /64 */
    .source_prefix_len = DTLS_POSIX_SOURCE_PREFIX,
    .idle_timeout_ns = UINT64_C(600000000000), /* ten minutes */
    .evict_handshake_ns = UINT64_C(5000000000),
    .connection_ids = &dtls_server_connection_ids,
};

static void on_event(void *user, dtls_uv_server *uv, const dtls_server_event *event) {
    static const uint8_t key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    dtls_server *server = dtls_uv_server_of(uv);
    (void)user;
    if (event->kind == DTLS_SERVER_EVENT_SESSION && event->event.kind == DTLS_EVENT_LOOK_UP_PSK)
        (void)dtls_answer_psk(dtls_server_connection(server, event->session), dtls_posix_now(),
                              (dtls_span){.data = NULL, .len = 0},
                              (dtls_span){.data = key, .len = sizeof key});
}

static void on_data(void *user, dtls_uv_server *uv, dtls_session session, uint8_t *data, size_t len) {
    (void)user;
    (void)dtls_uv_server_send(uv, session, data, len);
}

static void on_signal(uv_signal_t *handle, int number) {
    dtls_uv_server *uv = handle->data;
    (void)number;
    (void)dtls_server_close(dtls_uv_server_of(uv), dtls_posix_now());
    dtls_uv_server_stop(uv);
    uv_close((uv_handle_t *)handle, NULL);
}

static void print_port(int udp) {
    dtls_address own;
    char text[DTLS_POSIX_ADDRESS_TEXT];
    dtls_udp_own_address(udp, &own);
    dtls_posix_address_text(&own, text);
    printf("listening on %s\n", text);
    fflush(stdout);
}

int main(int argc, char **argv) {
    static const dtls_uv_server_handlers handlers = {.on_event = on_event, .on_data = on_data};
    const char *problem = "";
    const size_t size = dtls_server_size(&server_config);
    void *memory = malloc(size); /* pages of sessions that never begin are never touched */
    dtls_server *server;
    dtls_uv_server *uv;
    uv_signal_t end;
    uv_loop_t *loop = uv_default_loop();
    const int udp = dtls_udp_bind(NULL, argc > 1 ? argv[1] : "4433", AF_UNSPEC, &problem);
    if (udp < 0 || memory == NULL ||
        dtls_server_open(&server_config, memory, size, dtls_posix_now(), &server) != DTLS_OK ||
        dtls_uv_server_start(loop, udp, server, &handlers, &uv) != 0) {
        fprintf(stderr, "the server cannot be started: %s\n", problem);
        free(memory);
        return 1;
    }
    print_port(udp);
    (void)uv_signal_init(loop, &end);
    end.data = uv;
    (void)uv_signal_start(&end, on_signal, SIGTERM);
    (void)uv_run(loop, UV_RUN_DEFAULT);
    printf("%ju sessions\n", (uintmax_t)dtls_server_get_statistics(server)->connected);
    dtls_server_wipe(server);
    free(memory);
    return 0;
}
