/* SPDX-License-Identifier: MIT
 *
 * The runner's side of the shim: a stream of packets and commands over TCP.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bogo/shim.h"

/* The longest packet that the runner sends. */
#define MAX_PACKET (1u << 18)

static uint8_t packet[MAX_PACKET];

static void write_all(int runner, const uint8_t *bytes, size_t len) {
    while (len > 0) {
        ssize_t written = send(runner, bytes, len, MSG_NOSIGNAL);
        if (written <= 0)
            return; /* the runner has closed; reading will tell */
        bytes += written;
        len -= (size_t)written;
    }
}

static bool read_all(int runner, uint8_t *bytes, size_t len) {
    while (len > 0) {
        ssize_t got = recv(runner, bytes, len, 0);
        if (got <= 0)
            return false;
        bytes += got;
        len -= (size_t)got;
    }
    return true;
}

static bool read_number(int runner, size_t width, uint64_t *out_number) {
    uint8_t bytes[8];
    if (!read_all(runner, bytes, width))
        return false;
    *out_number = 0;
    for (size_t i = 0; i < width; i++)
        *out_number = *out_number << 8 | bytes[i];
    return true;
}

int shim_connect(const shim_options *options) {
    struct sockaddr_in6 six = {.sin6_family = AF_INET6,
                               .sin6_port = htons((uint16_t)options->port),
                               .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_in four = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)options->port),
                               .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    int runner = socket(options->ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
    int failed = options->ipv6 ? connect(runner, (const struct sockaddr *)&six, sizeof six)
                               : connect(runner, (const struct sockaddr *)&four, sizeof four);
    if (failed != 0)
        shim_fail("no connection to the runner");
    int on = 1;
    setsockopt(runner, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    uint8_t id[8];
    for (size_t i = 0; i < sizeof id; i++)
        id[i] = (uint8_t)(options->shim_id >> (8 * i));
    write_all(runner, id, sizeof id);
    return runner;
}

shim_input shim_read(int runner) {
    shim_input input = {.kind = SHIM_CLOSED};
    uint8_t opcode;
    if (!read_all(runner, &opcode, 1))
        return input;
    static const struct {
        uint8_t opcode;
        uint8_t width; /* bytes of the number that follows */
        shim_input_kind kind;
    } commands[] = {
        {'P', 4, SHIM_PACKET},  {'T', 8, SHIM_ADVANCE},     {'E', 8, SHIM_EXPECT_TIMEOUT},
        {'M', 4, SHIM_SET_MTU}, {'U', 4, SHIM_SET_TIMEOUT},
    };
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (commands[i].opcode != opcode)
            continue;
        if (!read_number(runner, commands[i].width, &input.number))
            return input;
        if (opcode == 'P') {
            input.len = (size_t)input.number;
            input.bytes = packet;
            if (input.len > MAX_PACKET || !read_all(runner, packet, input.len))
                return input;
        }
        if (opcode == 'T')
            write_all(runner, (const uint8_t *)"t", 1);
        input.kind = commands[i].kind;
        return input;
    }
    shim_fail("the runner sent an unknown command, %u", opcode);
}

void shim_write_packet(int runner, const uint8_t *bytes, size_t len) {
    uint8_t header[5] = {'P', (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};
    write_all(runner, header, sizeof header);
    write_all(runner, bytes, len);
}

void shim_close(int runner) {
    /* What is still unread would make the kernel reset the connection, and take our last alert with it. */
    shutdown(runner, SHUT_WR);
    while (recv(runner, packet, sizeof packet, 0) > 0)
        continue;
    close(runner);
}
