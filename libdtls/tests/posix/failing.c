/* SPDX-License-Identifier: MIT
 *
 * Sockets and loops when the system refuses: each call that can fail does, with
 * each errno that means something; a socket that takes nothing for a while; no
 * memory. The linker puts the functions below in front of the system's.
 */
#include "connection/pair.h"

#include "dtls/server.h"
#include "dtls/uv.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static unsigned calls;   /* of what opens a socket */
static unsigned failing; /* the one that fails; 0: none */
static int failing_family;
static int receive_errno;
static int send_errno;
static unsigned num_refused; /* sends that were refused */
static bool no_memory;

static bool fails(void) {
    return failing != 0 && ++calls == failing;
}

int __real_socket(int family, int type, int protocol);
int __wrap_socket(int family, int type, int protocol);
int __wrap_socket(int family, int type, int protocol) {
    if (family == failing_family || fails()) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    return __real_socket(family, type, protocol);
}

int __real_bind(int udp, const struct sockaddr *address, socklen_t len);
int __wrap_bind(int udp, const struct sockaddr *address, socklen_t len);
int __wrap_bind(int udp, const struct sockaddr *address, socklen_t len) {
    if (fails()) {
        errno = EADDRINUSE;
        return -1;
    }
    return __real_bind(udp, address, len);
}

int __real_fcntl(int udp, int command, int value);
int __wrap_fcntl(int udp, int command, int value);
int __wrap_fcntl(int udp, int command, int value) {
    if (fails()) {
        errno = EPERM;
        return -1;
    }
    return __real_fcntl(udp, command, value);
}

int __real_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **out);
int __wrap_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **out);
int __wrap_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **out) {
    return fails() ? EAI_MEMORY : __real_getaddrinfo(host, port, hints, out);
}

int __real_recvmmsg(int udp, struct mmsghdr *messages, unsigned num, int flags, struct timespec *timeout);
int __wrap_recvmmsg(int udp, struct mmsghdr *messages, unsigned num, int flags, struct timespec *timeout);
int __wrap_recvmmsg(int udp, struct mmsghdr *messages, unsigned num, int flags, struct timespec *timeout) {
    if (receive_errno != 0) {
        errno = receive_errno;
        return -1;
    }
    return __real_recvmmsg(udp, messages, num, flags, timeout);
}

int __real_sendmmsg(int udp, struct mmsghdr *messages, unsigned num, int flags);
int __wrap_sendmmsg(int udp, struct mmsghdr *messages, unsigned num, int flags);
int __wrap_sendmmsg(int udp, struct mmsghdr *messages, unsigned num, int flags) {
    if (send_errno != 0) {
        num_refused++;
        errno = send_errno;
        return -1;
    }
    return __real_sendmmsg(udp, messages, num, flags);
}

void *__real_calloc(size_t num, size_t size);
void *__wrap_calloc(size_t num, size_t size);
void *__wrap_calloc(size_t num, size_t size) {
    return no_memory ? NULL : __real_calloc(num, size);
}

/* Opens; `expected`: whether it is to succeed. */
static void check_open(const char *host, int family, bool expected) {
    const char *problem = NULL;
    calls = 0;
    const int udp = dtls_udp_bind(host, "0", family, &problem);
    assert_int_equal(udp >= 0, expected);
    if (udp < 0)
        assert_true(problem != NULL && strlen(problem) > 0);
    else
        close(udp);
}

/* getaddrinfo, socket, bind, and fcntl twice. */
static void opening(void **state) {
    (void)state;
    for (failing = 1; failing <= 5; failing++)
        check_open("127.0.0.1", AF_INET, false);
    failing = 0;
    check_open("127.0.0.1", AF_INET, true);
    check_open(NULL, AF_INET, true);
    check_open("*", AF_INET, true);
    /* Without IPv6 it is IPv4 alone; without both it is nothing. */
    failing_family = AF_INET6;
    check_open(NULL, AF_UNSPEC, true);
    check_open("*", AF_INET6, false);
    failing = 3;
    check_open("*", AF_UNSPEC, false);
    failing = 2;
    check_open("*", AF_UNSPEC, false);
    failing = 0;
    failing_family = 0;
    const char *problem;
    const int udp = dtls_udp_connect(NULL, "9", AF_INET, &problem);
    assert_true(udp >= 0);
    close(udp);
}

static void errors_of_the_network(void **state) {
    (void)state;
    static const struct {
        int error;
        int received;
        int sent;
    } errors[] = {{EAGAIN, 0, 0},        {EINTR, 0, 1},   {ECONNREFUSED, 0, 1}, {ENOBUFS, -1, 0},
                  {EHOSTUNREACH, -1, 1}, {EBADF, -1, -1}, {ENOTSOCK, -1, -1},   {EFAULT, -1, -1}};
    const char *problem;
    uint8_t bytes[4] = {0};
    dtls_server_datagram datagram = {.bytes = bytes, .len = sizeof bytes};
    const int udp = dtls_udp_bind("127.0.0.1", "0", AF_INET, &problem);
    dtls_udp_own_address(udp, &datagram.address);
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        receive_errno = errors[i].error;
        send_errno = errors[i].error;
        assert_int_equal(dtls_udp_receive(udp, &datagram, 1), errors[i].received);
        assert_int_equal(dtls_udp_send(udp, &datagram, 1), errors[i].sent);
    }
    receive_errno = 0;
    send_errno = 0;
    /* One that does not fit its buffer is told as empty. */
    assert_int_equal(dtls_udp_send(udp, &datagram, 1), 1);
    datagram.len = 2;
    assert_int_equal(dtls_udp_receive(udp, &datagram, 1), 1);
    assert_int_equal(datagram.len, 0);
    assert_int_equal(dtls_udp_receive(udp, NULL, 0), 0);
    assert_int_equal(dtls_udp_send(udp, NULL, 0), 0);
    close(udp);
}

static void addresses(void **state) {
    (void)state;
    const struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = 0x1151, .sin_addr = {0x0100007f}};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = 0x1151};
    struct sockaddr_storage out;
    dtls_address address;
    char text[DTLS_POSIX_ADDRESS_TEXT];
    dtls_posix_address((const struct sockaddr *)&v4, &address);
    dtls_posix_address_text(&address, text);
    assert_string_equal(text, "127.0.0.1:20753");
    assert_int_equal(dtls_posix_sockaddr(&address, AF_INET, &out), sizeof v4);
    assert_int_equal(dtls_posix_sockaddr(&address, AF_INET6, &out), sizeof v6);
    assert_int_equal(dtls_posix_sockaddr(&address, AF_UNIX, &out), 0);
    /* Addresses that look a little like mapped ones. */
    for (size_t i = 0; i < 16; i++) {
        memset(&v6.sin6_addr, 0, sizeof v6.sin6_addr);
        v6.sin6_addr.s6_addr[i] = 1;
        dtls_posix_address((const struct sockaddr *)&v6, &address);
        assert_int_equal(dtls_posix_sockaddr(&address, AF_INET, &out), 0);
        assert_int_equal(dtls_posix_sockaddr(&address, AF_INET6, &out), sizeof v6);
        assert_memory_equal(&((struct sockaddr_in6 *)&out)->sin6_addr, &v6.sin6_addr, 16);
        dtls_posix_address_text(&address, text);
        assert_int_equal(text[0], '[');
    }
}

/* A server and a client in one loop. */
static struct {
    uv_loop_t loop;
    uv_timer_t timer;
    struct pair pair; /* for the configurations */
    void *server_memory;
    dtls_server *server;
    dtls_uv_server *uv_server;
    dtls_session session;
    dtls_connection *connection;
    dtls_uv_client *uv_client;
    bool connected;
    size_t received;
    bool stop_on_data;
} world;

static dtls_span span_of(const void *data, size_t len) {
    return (dtls_span){data, len};
}

static void on_session(void *user, dtls_uv_server *server, const dtls_server_event *event) {
    (void)user;
    if (event->kind != DTLS_SERVER_EVENT_SESSION)
        return;
    world.session = event->session;
    if (event->event.kind == DTLS_EVENT_LOOK_UP_PSK)
        dtls_answer_psk(dtls_server_connection(dtls_uv_server_of(server), event->session), dtls_posix_now(),
                        span_of(NULL, 0), span_of("key", 3));
}

static void on_session_data(void *user, dtls_uv_server *server, dtls_session session, uint8_t *data,
                            size_t len) {
    (void)user;
    (void)session;
    (void)data;
    world.received += len;
    if (world.stop_on_data)
        dtls_uv_server_stop(server);
}

static void on_event(void *user, dtls_uv_client *client, const dtls_event *event) {
    (void)user;
    if (event->kind == DTLS_EVENT_LOOK_UP_PSK)
        dtls_answer_psk(dtls_uv_client_of(client), dtls_posix_now(), span_of("me", 2), span_of("key", 3));
    world.connected = world.connected || event->kind == DTLS_EVENT_CONNECTED;
}

static void on_data(void *user, dtls_uv_client *client, uint8_t *data, size_t len) {
    (void)user;
    (void)client;
    (void)data;
    (void)len;
}

static const dtls_uv_server_handlers server_handlers = {.on_event = on_session, .on_data = on_session_data};
static const dtls_uv_client_handlers client_handlers = {.on_event = on_event, .on_data = on_data};

static void open_ends(void) {
    memset(&world, 0, sizeof world);
    pair_init_psk(&world.pair);
    const dtls_server_config config = {
        .connection = &world.pair.ends[SERVER_END].config, .max_sessions = 2, .max_handshakes = 2};
    world.server_memory = malloc(dtls_server_size(&config));
    assert_int_equal(dtls_server_open(&config, world.server_memory, dtls_server_size(&config),
                                      dtls_posix_now(), &world.server),
                     DTLS_OK);
    pair_open_ends(&world.pair);
    world.connection = world.pair.ends[CLIENT_END].connection;
    assert_int_equal(uv_loop_init(&world.loop), 0);
}

static int server_socket(char port[8]) {
    struct sockaddr_in own;
    socklen_t len = sizeof own;
    const char *problem;
    const int udp = dtls_udp_bind("127.0.0.1", "0", AF_INET, &problem);
    assert_true(udp >= 0);
    assert_int_equal(getsockname(udp, (struct sockaddr *)&own, &len), 0);
    snprintf(port, 8, "%u", ntohs(own.sin_port));
    return udp;
}

static void start(void) {
    char port[8];
    const char *problem;
    open_ends();
    assert_int_equal(dtls_uv_server_start(&world.loop, server_socket(port), world.server, &server_handlers,
                                          &world.uv_server),
                     0);
    const int udp = dtls_udp_connect("127.0.0.1", port, AF_INET, &problem);
    assert_true(udp >= 0);
    assert_int_equal(
        dtls_uv_client_start(&world.loop, udp, world.connection, &client_handlers, &world.uv_client), 0);
    while (!world.connected)
        uv_run(&world.loop, UV_RUN_ONCE);
}

static void end(void) {
    uv_run(&world.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&world.loop), 0);
    dtls_server_wipe(world.server);
    free(world.server_memory);
    pair_free(&world.pair);
}

/* While the socket takes nothing a batch is kept, and what is more than that is dropped. */
static void socket_that_takes_nothing(void **state) {
    (void)state;
    start();
    send_errno = EAGAIN;
    num_refused = 0;
    unsigned taken = 0;
    while (dtls_uv_client_send(world.uv_client, (const uint8_t *)"data", 4) == DTLS_OK)
        taken++;
    assert_int_equal(taken, DTLS_UDP_BATCH);
    dtls_uv_client_wake(world.uv_client);
    uv_run(&world.loop, UV_RUN_NOWAIT);
    assert_true(num_refused > 1);
    send_errno = 0;
    while (world.received < (size_t)4 * taken)
        uv_run(&world.loop, UV_RUN_ONCE);
    /* What the network refuses is gone; an error of the socket's own throws the batch away. */
    send_errno = EHOSTUNREACH;
    assert_int_equal(dtls_uv_client_send(world.uv_client, (const uint8_t *)"data", 4), DTLS_OK);
    dtls_uv_client_wake(world.uv_client);
    send_errno = EBADF;
    assert_int_equal(dtls_uv_client_send(world.uv_client, (const uint8_t *)"data", 4), DTLS_OK);
    dtls_uv_client_wake(world.uv_client);
    send_errno = EAGAIN;
    taken = 0;
    while (dtls_uv_server_send(world.uv_server, world.session, (const uint8_t *)"data", 4) == DTLS_OK)
        taken++;
    assert_int_equal(taken, DTLS_UDP_BATCH);
    send_errno = 0;
    receive_errno = EIO;
    uv_run(&world.loop, UV_RUN_NOWAIT);
    receive_errno = 0;
    dtls_uv_server_stop(world.uv_server);
    dtls_uv_client_stop(world.uv_client);
    end();
}

static void sends_that_fail(void **state) {
    (void)state;
    start();
    const dtls_session nobody = {.slot = 0, .generation = 0};
    static const uint8_t big[DTLS_MAX_PLAINTEXT + 1];
    assert_int_equal(dtls_uv_server_send(world.uv_server, nobody, big, 1), DTLS_ERROR_STATE);
    assert_int_equal(dtls_uv_server_send(world.uv_server, world.session, big, sizeof big),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_uv_client_send(world.uv_client, big, sizeof big), DTLS_ERROR_ARGUMENT);
    /* The server ends in the middle of what it receives. */
    world.stop_on_data = true;
    for (int i = 0; i < 3; i++)
        assert_int_equal(dtls_uv_client_send(world.uv_client, big, 1), DTLS_OK);
    dtls_uv_client_wake(world.uv_client);
    while (world.received == 0)
        uv_run(&world.loop, UV_RUN_ONCE);
    /* Dead, it receives no more. */
    assert_int_equal(dtls_abort(world.connection, dtls_posix_now(), DTLS_ALERT_USER_CANCELED), DTLS_OK);
    dtls_uv_client_wake(world.uv_client);
    dtls_uv_client_stop(world.uv_client);
    end();
}

/* Senders without an address that a server could answer to. */
static void strangers_without_address(void **state) {
    (void)state;
    int ends[2];
    open_ends();
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
    assert_int_equal(
        dtls_uv_server_start(&world.loop, ends[0], world.server, &server_handlers, &world.uv_server), 0);
    assert_int_equal(write(ends[1], "hello", 5), 5);
    uv_run(&world.loop, UV_RUN_ONCE);
    assert_int_equal(dtls_server_get_statistics(world.server)->datagrams_received, 0);
    dtls_uv_server_stop(world.uv_server);
    close(ends[1]);
    end();
}

static void starts_that_fail(void **state) {
    (void)state;
    open_ends();
    dtls_uv_server *server = NULL;
    dtls_uv_client *client = NULL;
    no_memory = true;
    assert_int_equal(dtls_uv_server_start(&world.loop, 0, world.server, &server_handlers, &server),
                     UV_ENOMEM);
    assert_int_equal(dtls_uv_client_start(&world.loop, 0, world.connection, &client_handlers, &client),
                     UV_ENOMEM);
    no_memory = false;
    assert_true(dtls_uv_server_start(&world.loop, -1, world.server, &server_handlers, &server) < 0);
    assert_true(dtls_uv_client_start(&world.loop, -1, world.connection, &client_handlers, &client) < 0);
    const dtls_uv_server_handlers deaf_server = {.on_event = on_session};
    const dtls_uv_client_handlers deaf_client = {.on_event = on_event};
    assert_int_equal(dtls_uv_server_start(&world.loop, 0, world.server, &deaf_server, &server), UV_EINVAL);
    assert_int_equal(dtls_uv_client_start(&world.loop, 0, world.connection, &deaf_client, &client),
                     UV_EINVAL);
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening),          cmocka_unit_test(errors_of_the_network),
        cmocka_unit_test(addresses),        cmocka_unit_test(socket_that_takes_nothing),
        cmocka_unit_test(sends_that_fail),  cmocka_unit_test(strangers_without_address),
        cmocka_unit_test(starts_that_fail),
    };
    return cmocka_run_group_tests(tests, credentials_make, credentials_free);
}
