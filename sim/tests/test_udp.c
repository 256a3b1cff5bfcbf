/* SPDX-License-Identifier: MIT
 *
 * The UDP carrier: sockets between nodes of the world, and programs outside,
 * played by sockets of this test. What the kernel does on loopback is done when
 * `sendto` returns, so nothing here waits but for deadlines it sets itself.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "check.h"
#include "pair.h"

static char text[64 * 1024];

static int open_program(struct sockaddr_in *out_address) {
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    assert_true(fd >= 0);
    *out_address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(bind(fd, (struct sockaddr *)out_address, sizeof *out_address), 0);
    socklen_t len = sizeof *out_address;
    assert_int_equal(getsockname(fd, (struct sockaddr *)out_address, &len), 0);
    return fd;
}

static void program_sends(int fd, uint32_t port, const char *bytes) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    to.sin_port = htons((uint16_t)port);
    assert_int_equal(sendto(fd, bytes, strlen(bytes), 0, (struct sockaddr *)&to, sizeof to), strlen(bytes));
}

/* What the program received, and from which port; empty when there is nothing within a second. */
static const char *program_receives(int fd, uint32_t *out_port) {
    static char bytes[2048];
    struct sockaddr_in from = {0};
    socklen_t len = sizeof from;
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    bytes[0] = '\0';
    if (poll(&ready, 1, 1000) == 1) {
        ssize_t got = recvfrom(fd, bytes, sizeof bytes - 1, 0, (struct sockaddr *)&from, &len);
        assert_true(got >= 0);
        bytes[got] = '\0';
        *out_port = ntohs(from.sin_port);
    }
    return bytes;
}

static uint32_t port_of(struct pair *pair, uint32_t node) {
    return dtlslab_udp_carrier_port(pair->carrier, node);
}

/* A world whose node `external` is a program; the other has an endpoint. */
static void open_with_program(struct pair *pair, uint32_t external, const char *program) {
    const struct dtlslab_parameter parameter = {external == 0 ? "node.0" : "node.1", program};
    char message[DTLSLAB_MAX_TEXT] = "";
    memset(pair, 0, sizeof *pair);
    pair->api = dtlslab_udp_carrier();
    (void)pair->api->create(2, 1, 1, &parameter, 1, &pair->carrier, message);
    assert_string_equal(message, "");
    pair->world = dtlslab_world_create(pair->api, pair->carrier);
    ping_init(&pair->client);
    assert_int_equal(dtlslab_world_place(pair->world, 1 - external, &ping_api, &pair->client, 1, 0),
                     DTLSLAB_OK);
}

static void two_nodes_talk_through_the_kernel(void **state) {
    (void)state;
    struct pair pair;
    pair_open(&pair, dtlslab_udp_carrier(), 1, 1, NULL);
    pair_connect(&pair);
    assert_int_equal(pair_run(&pair, 10 * SECOND, 0), DTLSLAB_STOP_QUIET);
    pair_log(&pair, text, sizeof text);
    assert_non_null(strstr(text, "delivered 1 peer 0 #1 PING\n"));
    assert_non_null(strstr(text, "delivered 0 peer 1 #2 PONG\n"));
    assert_non_null(strstr(text, "event 0 1\n"));
    pair_close(&pair);
}

static void the_world_is_client_of_a_program(void **state) {
    (void)state;
    struct sockaddr_in address;
    int program = open_program(&address);
    char name[64];
    (void)snprintf(name, sizeof name, "127.0.0.1:%u", ntohs(address.sin_port));
    struct pair pair;
    open_with_program(&pair, 1, name);
    pair_connect(&pair);
    assert_int_equal(pair_run(&pair, 1, 0), DTLSLAB_STOP_UNTIL);
    uint32_t port = 0;
    assert_string_equal(program_receives(program, &port), "PING");
    assert_int_equal(port, port_of(&pair, 0));
    program_sends(program, port, "PONG");
    assert_int_equal(pair_run(&pair, 10 * SECOND, 1u << DTLSLAB_EVENT_CONNECTED), DTLSLAB_STOP_EVENT);
    pair_log(&pair, text, sizeof text);
    assert_non_null(strstr(text, " sent 0 peer 1 #1 PING\n"));
    assert_non_null(strstr(text, " sent 1 peer 0 #2 PONG\n"));
    assert_non_null(strstr(text, " delivered 0 peer 1 #2 PONG\n"));
    pair_close(&pair);
    (void)close(program);
}

static int32_t drop_first_of_each(void *user, const struct dtlslab_passing *passing,
                                  struct dtlslab_fate *out_fate) {
    (void)user;
    out_fate->kind = passing->nth == 1 ? DTLSLAB_DROP : DTLSLAB_PASS;
    return 0;
}

static void the_hook_stands_between_a_program_and_the_server(void **state) {
    (void)state;
    struct sockaddr_in address;
    int program = open_program(&address);
    struct pair pair;
    open_with_program(&pair, 0, "client");
    dtlslab_world_set_hook(pair.world, drop_first_of_each, NULL);
    program_sends(program, port_of(&pair, 1), "PING 1");
    program_sends(program, port_of(&pair, 1), "PING 2");
    program_sends(program, port_of(&pair, 1), "PING 3");
    assert_int_equal(pair_run(&pair, 20 * MS, 0), DTLSLAB_STOP_UNTIL);
    assert_int_equal(pair.client.received, 2);
    uint32_t port = 0;
    assert_string_equal(program_receives(program, &port), "PONG");
    assert_int_equal(port, port_of(&pair, 1));
    pair_log(&pair, text, sizeof text);
    assert_int_equal(lines_with(text, "dropped"), 2);
    assert_int_equal(lines_with(text, "delivered"), 2);
    assert_non_null(strstr(text, " sent 0 peer 1 #1 PING 1\n"));
    assert_non_null(strstr(text, " dropped 0 peer 1 #1 hook\n"));

    /* Another program has no node of its own here. */
    int stranger = open_program(&address);
    program_sends(stranger, port_of(&pair, 1), "PING");
    assert_int_equal(pair_run(&pair, 40 * MS, 0), DTLSLAB_STOP_UNTIL);
    assert_int_equal(dtlslab_udp_carrier_strays(pair.carrier), 1);
    assert_int_equal(pair.client.received, 2);
    pair_close(&pair);
    (void)close(program);
    (void)close(stranger);
}

static int32_t delay_by_30ms(void *user, const struct dtlslab_passing *passing,
                             struct dtlslab_fate *out_fate) {
    (void)user;
    (void)passing;
    *out_fate = (struct dtlslab_fate){.kind = DTLSLAB_CHANGE, .delay_ns = 30 * MS};
    return 0;
}

/* Runs the world until the program has something to read; on a busy host that may take a while. */
static void run_until_readable(struct pair *pair, int fd) {
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    for (uint32_t i = 0; i < 1000 && poll(&ready, 1, 0) == 0; i++)
        assert_int_equal(pair_run(pair, dtlslab_world_now(pair->world) + 10 * MS, 0), DTLSLAB_STOP_UNTIL);
}

static void a_world_can_stand_between_two_programs(void **state) {
    (void)state;
    struct sockaddr_in address;
    int server = open_program(&address);
    char name[64];
    (void)snprintf(name, sizeof name, "127.0.0.1:%u", ntohs(address.sin_port));
    int client = open_program(&address);
    const struct dtlslab_parameter parameters[] = {{"node.0", "client"}, {"node.1", name}, {NULL, NULL}};
    struct pair pair = {.api = dtlslab_udp_carrier()};
    char message[DTLSLAB_MAX_TEXT];
    assert_int_equal(pair.api->create(2, 1, 1, parameters, 2, &pair.carrier, message), DTLSLAB_OK);
    pair.world = dtlslab_world_create(pair.api, pair.carrier);
    dtlslab_world_set_hook(pair.world, delay_by_30ms, NULL);
    program_sends(client, port_of(&pair, 1), "hello");
    run_until_readable(&pair, server);
    uint32_t port = 0;
    assert_string_equal(program_receives(server, &port), "hello");
    assert_int_equal(port, port_of(&pair, 0));
    program_sends(server, port, "welcome");
    run_until_readable(&pair, client);
    assert_string_equal(program_receives(client, &port), "welcome");
    assert_int_equal(port, port_of(&pair, 1));
    pair_log(&pair, text, sizeof text);
    assert_int_equal(lines_with(text, "changed"), 2);
    pair_close(&pair);
    (void)close(client);
    (void)close(server);
}

static void what_cannot_be_sent_is_lost(void **state) {
    (void)state;
    struct pair pair;
    open_with_program(&pair, 1, "client");
    pair_connect(&pair);
    static uint8_t large[65535];
    assert_int_equal(dtlslab_world_inject(pair.world, 0, 1, large, sizeof large), DTLSLAB_OK);
    assert_int_equal(pair_run(&pair, 5 * MS, 0), DTLSLAB_STOP_UNTIL);
    pair_log(&pair, text, sizeof text);
    assert_non_null(strstr(text, " lost 1 peer 0 #2 no-address\n"));
    pair_close(&pair);

    pair_open(&pair, dtlslab_udp_carrier(), 1, 1, NULL);
    assert_int_equal(dtlslab_world_inject(pair.world, 0, 1, large, sizeof large), DTLSLAB_OK);
    assert_int_equal(pair_run(&pair, DTLSLAB_NO_DEADLINE, 0), DTLSLAB_STOP_QUIET);
    pair_log(&pair, text, sizeof text);
    assert_non_null(strstr(text, " lost 1 peer 0 #1 mtu\n"));
    pair_close(&pair);
}

static void ignore(int number) {
    (void)number;
}

static void a_signal_ends_the_wait(void **state) {
    (void)state;
    struct pair pair;
    open_with_program(&pair, 1, "client");
    struct sigaction action = {.sa_handler = ignore};
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    struct itimerval timer = {.it_value.tv_usec = 20000, .it_interval.tv_usec = 20000};
    assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
    assert_int_equal(pair_run(&pair, DTLSLAB_NO_DEADLINE, 0), DTLSLAB_STOP_INTERRUPTED);
    timer = (struct itimerval){0};
    assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
    assert_true(dtlslab_world_now(pair.world) < 10 * SECOND);
    pair_close(&pair);
}

/* Makes a carrier with one parameter that is wrong, and answers the message. */
static const char *refused(const char *name, const char *value) {
    static char message[DTLSLAB_MAX_TEXT];
    struct dtlslab_carrier *carrier;
    const struct dtlslab_parameter parameter = {name, value};
    assert_true(dtlslab_udp_carrier()->create(2, 1, 1, &parameter, 1, &carrier, message) < 0);
    assert_null(carrier);
    return message;
}

static void wrong_parameters_are_named(void **state) {
    (void)state;
    assert_string_equal(
        refused("node.1", "localhost:4433"),
        "udp carrier: parameter node.1=localhost:4433: expected a numeric ADDRESS:PORT such as "
        "127.0.0.1:4433 or [::1]:4433, or client");
    assert_non_null(strstr(refused("node.1", "127.0.0.1:0"), "numeric ADDRESS:PORT"));
    assert_non_null(strstr(refused("node.1", "127.0.0.1:65536"), "numeric ADDRESS:PORT"));
    assert_non_null(strstr(refused("node.1", "[::1]:4433"), "same family"));
    assert_string_equal(refused("node.1", "192.0.2.1:4433"),
                        "udp carrier: parameter node.1=192.0.2.1:4433: expected a loopback address, unless "
                        "beyond-loopback=1 is given");
    assert_non_null(strstr(refused("bind", "0.0.0.0"), "expected a loopback address"));
    assert_non_null(strstr(refused("bind", "here"), "expected a numeric address"));
    struct sockaddr_in address;
    int taken = open_program(&address);
    char port[16];
    (void)snprintf(port, sizeof port, "%u", ntohs(address.sin_port));
    assert_non_null(strstr(refused("port.0", port), "Address already in use"));
    (void)close(taken);
}

static void ports_can_be_fixed_and_ipv6_works(void **state) {
    (void)state;
    struct sockaddr_in address;
    (void)close(open_program(&address)); /* a port that is free now */
    char port[16];
    (void)snprintf(port, sizeof port, "%u", ntohs(address.sin_port));
    const struct dtlslab_parameter parameters[] = {{"bind", "::1"}, {"port.1", port}, {NULL, NULL}};
    struct pair pair;
    pair_open(&pair, dtlslab_udp_carrier(), 1, 1, parameters);
    assert_int_equal(port_of(&pair, 1), ntohs(address.sin_port));
    assert_int_equal(port_of(&pair, 2), 0);
    pair_connect(&pair);
    assert_int_equal(pair_run(&pair, 10 * SECOND, 1u << DTLSLAB_EVENT_CONNECTED), DTLSLAB_STOP_EVENT);
    pair_close(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_nodes_talk_through_the_kernel),
        cmocka_unit_test(the_world_is_client_of_a_program),
        cmocka_unit_test(the_hook_stands_between_a_program_and_the_server),
        cmocka_unit_test(a_world_can_stand_between_two_programs),
        cmocka_unit_test(what_cannot_be_sent_is_lost),
        cmocka_unit_test(a_signal_ends_the_wait),
        cmocka_unit_test(wrong_parameters_are_named),
        cmocka_unit_test(ports_can_be_fixed_and_ipv6_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
