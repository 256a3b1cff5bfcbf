/* SPDX-License-Identifier: MIT
 *
 * A client in a loop whose system refuses datagrams that are too long for the
 * path: the linker puts the functions of this file in the way of the sockets'.
 */
#include "dtls/dtls.h"
#include "dtls/libcrypto.h"
#include "dtls/uv.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define PATH 200

static size_t num_refused;
static size_t num_sent;
static size_t longest;

int __wrap_dtls_udp_send(int udp, const dtls_server_datagram *datagrams, size_t num);
size_t __wrap_dtls_udp_path_mtu(int udp);

int __wrap_dtls_udp_send(int udp, const dtls_server_datagram *datagrams, size_t num) {
    (void)udp;
    assert_true(num > 0);
    const bool refused = datagrams[0].len > PATH;
    errno = refused ? EMSGSIZE : 0;
    num_refused += refused;
    num_sent += !refused;
    if (!refused && datagrams[0].len > longest)
        longest = datagrams[0].len;
    return 1;
}

size_t __wrap_dtls_udp_path_mtu(int udp) {
    (void)udp;
    return PATH;
}

static void on_event(void *user, dtls_uv_client *client, const dtls_event *event) {
    (void)user;
    (void)client;
    (void)event;
}

static void on_data(void *user, dtls_uv_client *client, uint8_t *data, size_t len) {
    (void)user;
    (void)client;
    (void)data;
    (void)len;
}

static void refused_flight_goes_out_in_pieces(void **state) {
    (void)state;
    static const dtls_protocol *const protocols[] = {&dtls_client_1_2, NULL};
    const dtls_config config = {.crypto = &dtls_libcrypto,
                                .protocols = protocols,
                                .cipher_suites = dtls_default_cipher_suites,
                                .groups = dtls_default_groups,
                                .signature_schemes = dtls_default_signature_schemes,
                                .extensions = dtls_default_extensions,
                                .verification = DTLS_VERIFY_NOTHING,
                                .peer_name =
                                    "a.name.that.makes.the.hello.longer.than.the.path.is.wide.example"};
    static const dtls_uv_client_handlers handlers = {.on_event = on_event, .on_data = on_data};
    const size_t session_len = dtls_session_size(&config);
    const size_t handshake_len = dtls_handshake_size(&config);
    void *session = malloc(session_len);
    void *handshake = malloc(handshake_len);
    dtls_connection *connection;
    dtls_uv_client *client;
    uv_loop_t loop;
    const char *problem = "";
    assert_int_equal(
        dtls_connection_open(&config, session, session_len, handshake, handshake_len, &connection), DTLS_OK);
    const int udp = dtls_udp_connect("127.0.0.1", "9", AF_INET, &problem);
    assert_true(udp >= 0);
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(dtls_uv_client_start(&loop, udp, connection, &handlers, &client), 0);
    assert_int_equal(num_refused, 1);
    assert_int_equal(dtls_path_mtu(connection), PATH);
    assert_true(num_sent >= 2);
    assert_true(longest <= PATH);
    dtls_uv_client_stop(client);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
    dtls_connection_wipe(connection);
    free(session);
    free(handshake);
}

size_t __real_dtls_udp_path_mtu(int udp);

/* On loopback the system tells of tens of thousands of bytes, and of nothing without a peer. */
static void system_tells_of_its_path(void **state) {
    (void)state;
    const char *problem = "";
    const int connected = dtls_udp_connect("127.0.0.1", "9", AF_INET, &problem);
    const int bound = dtls_udp_bind("127.0.0.1", "0", AF_INET, &problem);
    assert_true(connected >= 0 && bound >= 0);
#if defined(__linux__)
    assert_true(__real_dtls_udp_path_mtu(connected) > 1000);
#endif
    assert_int_equal(__real_dtls_udp_path_mtu(bound), 0);
    close(connected);
    close(bound);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused_flight_goes_out_in_pieces),
        cmocka_unit_test(system_tells_of_its_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
