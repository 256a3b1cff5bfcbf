/* SPDX-License-Identifier: MIT
 *
 * Wrong use of sockets and loops.
 */
#include "misuse/misuse.h"

#include "dtls/dtls.h"
#include "dtls/uv.h"

#include <netinet/in.h>
#include <unistd.h>

static uint8_t bytes[64];

void misuse_of_sockets(void **state) {
    (void)state;
    const char *problem = NULL;
    dtls_server_datagram datagram = {.bytes = bytes, .len = sizeof bytes};
    dtls_address address = {.len = 0};
    struct sockaddr_storage out;
    const struct sockaddr_storage local = {.ss_family = AF_UNIX};
    char text[DTLS_POSIX_ADDRESS_TEXT];
    misuse_cannot("dtls_posix_now", "it takes nothing");
    ROW(0, dtls_posix_wait, 0);
    ROW(-1, dtls_posix_wait, DTLS_NO_DEADLINE);
    ROW(INT32_MAX, dtls_posix_wait, DTLS_NO_DEADLINE - 1);
    ROW_VOID(dtls_posix_address, (const struct sockaddr *)&local, &address);
    assert_int_equal(address.len, 0);
    ROW(0, dtls_posix_sockaddr, &address, AF_INET, &out);
    ROW(0, dtls_posix_sockaddr, NULL, AF_INET, &out);
    ROW_VOID(dtls_posix_address, NULL, &address);
    assert_int_equal(address.len, 0);
    ROW_VOID(dtls_posix_address_text, NULL, text);
    assert_string_equal(text, "an unknown address");
    address = (dtls_address){.len = DTLS_MAX_ADDRESS};
    ROW(0, dtls_posix_sockaddr, &address, AF_INET6, &out);
    ROW_VOID(dtls_posix_address_text, &address, text);
    assert_string_equal(text, "an unknown address");
    ROW(-1, dtls_udp_bind, "300.0.0.1", "0", AF_INET, &problem);
    assert_true(strlen(problem) > 0);
    problem = NULL;
    ROW(-1, dtls_udp_bind, NULL, "no such port", AF_UNSPEC, &problem);
    assert_true(strlen(problem) > 0);
    problem = NULL;
    ROW(-1, dtls_udp_bind, "192.0.2.1", "0", AF_INET, &problem);
    assert_true(strlen(problem) > 0);
    problem = NULL;
    ROW(-1, dtls_udp_connect, "127.0.0.1", "no such port", AF_INET, &problem);
    assert_true(strlen(problem) > 0);
    ROW(-1, dtls_udp_bind, "300.0.0.1", "0", AF_INET, NULL);
    ROW(0, dtls_udp_path_mtu, -1);
    ROW_VOID(dtls_udp_own_address, -1, &address);
    assert_int_equal(address.len, 0);
    ROW(-1, dtls_udp_receive, -1, &datagram, 1);
    ROW(-1, dtls_udp_send, -1, &datagram, 1);
    ROW(-1, dtls_udp_receive, -1, NULL, 1);
    ROW(-1, dtls_udp_send, -1, NULL, 1);
}

static void on_session(void *user, dtls_uv_server *server, const dtls_server_event *event) {
    (void)user;
    (void)server;
    (void)event;
}

static void on_session_data(void *user, dtls_uv_server *server, dtls_session session, uint8_t *data,
                            size_t len) {
    (void)user;
    (void)server;
    (void)session;
    (void)data;
    (void)len;
}

static void on_data(void *user, dtls_uv_client *client, uint8_t *data, size_t len) {
    (void)user;
    (void)client;
    (void)data;
    (void)len;
}

static void on_event(void *user, dtls_uv_client *client, const dtls_event *event) {
    (void)user;
    (void)client;
    (void)event;
}

static void rows_of_servers(uv_loop_t *loop, int udp) {
    const dtls_uv_server_handlers handlers = {.on_event = on_session, .on_data = on_session_data};
    const dtls_uv_server_handlers no_handlers = {.user = NULL};
    dtls_server *server = (dtls_server *)(void *)bytes; /* is not looked at */
    dtls_uv_server *out = NULL;
    ROW(UV_EINVAL, dtls_uv_server_start, NULL, udp, server, &handlers, &out);
    ROW(UV_EINVAL, dtls_uv_server_start, loop, udp, NULL, &handlers, &out);
    ROW(UV_EINVAL, dtls_uv_server_start, loop, udp, server, NULL, &out);
    ROW(UV_EINVAL, dtls_uv_server_start, loop, udp, server, &no_handlers, &out);
    ROW(UV_EINVAL, dtls_uv_server_start, loop, udp, server, &handlers, NULL);
    assert_null(out);
    ROW_NULL(dtls_uv_server_of, NULL);
    ROW(DTLS_ERROR_ARGUMENT, dtls_uv_server_send, NULL, ((dtls_session){.slot = 0}), bytes, 1);
    ROW_VOID(dtls_uv_server_wake, NULL);
    ROW_VOID(dtls_uv_server_stop, NULL);
}

static void rows_of_clients(uv_loop_t *loop, int udp) {
    const dtls_uv_client_handlers handlers = {.on_event = on_event, .on_data = on_data};
    const dtls_uv_client_handlers no_handlers = {.user = NULL};
    dtls_connection *connection = (dtls_connection *)(void *)bytes; /* is not looked at */
    dtls_uv_client *out = NULL;
    ROW(UV_EINVAL, dtls_uv_client_start, NULL, udp, connection, &handlers, &out);
    ROW(UV_EINVAL, dtls_uv_client_start, loop, udp, NULL, &handlers, &out);
    ROW(UV_EINVAL, dtls_uv_client_start, loop, udp, connection, NULL, &out);
    ROW(UV_EINVAL, dtls_uv_client_start, loop, udp, connection, &no_handlers, &out);
    ROW(UV_EINVAL, dtls_uv_client_start, loop, udp, connection, &handlers, NULL);
    assert_null(out);
    ROW_NULL(dtls_uv_client_of, NULL);
    ROW(DTLS_ERROR_ARGUMENT, dtls_uv_client_send, NULL, bytes, 1);
    ROW_VOID(dtls_uv_client_wake, NULL);
    ROW_VOID(dtls_uv_client_stop, NULL);
}

void misuse_of_loops(void **state) {
    (void)state;
    const char *problem;
    const int udp = dtls_udp_bind("127.0.0.1", "0", AF_INET, &problem);
    assert_true(udp >= 0);
    uv_loop_t loop;
    assert_int_equal(uv_loop_init(&loop), 0);
    rows_of_servers(&loop, udp);
    rows_of_clients(&loop, udp);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
    close(udp);
}
