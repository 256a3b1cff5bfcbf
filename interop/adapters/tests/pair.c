/* SPDX-License-Identifier: MIT */
#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *client_name;
static const char *server_name;

int pair_take_arguments(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: %s CLIENT SERVER\n", argv[0]);
        return 0;
    }
    client_name = argv[1];
    server_name = argv[2];
    return 1;
}

void pair_begin(struct loop *loop, const struct dtlslab_config *client, const struct dtlslab_config *server) {
    loop_begin(loop, client_name, client, server_name, server);
}

static void assert_refuses(const char *name, const struct dtlslab_config *config) {
    struct dtlslab_endpoint *endpoint = NULL;
    char message[DTLSLAB_MAX_TEXT];

    assert_int_equal(loop_stack(name)->create(config, &endpoint, message), DTLSLAB_UNSUPPORTED);
    assert_null(endpoint);
}

/* Whether the stack has the capability; if not, it must say so of this configuration. */
static int is_able(const char *name, const char *word, const struct dtlslab_config *config) {
    if (loop_has(loop_stack(name), word))
        return 1;
    assert_refuses(name, config);
    return 0;
}

int pair_begin_if(const char *word, struct loop *loop, const struct dtlslab_config *client,
                  const struct dtlslab_config *server) {
    const int client_can = is_able(client_name, word, client);
    const int server_can = is_able(server_name, word, server);

    if (client_can && server_can)
        pair_begin(loop, client, server);
    return client_can && server_can;
}

int pair_begin_unless(int side, const char *name, struct loop *loop, const struct dtlslab_config *client,
                      const struct dtlslab_config *server) {
    if (pair_is(side, name, "")) {
        assert_refuses(name, side == LOOP_CLIENT ? client : server);
        return 0;
    }
    pair_begin(loop, client, server);
    return 1;
}

int pair_can(int side, const char *word) {
    return loop_has(loop_stack(side == LOOP_CLIENT ? client_name : server_name), word);
}

int pair_is(int side, const char *name, const char *version) {
    const struct dtlslab_endpoint_api *api = loop_stack(side == LOOP_CLIENT ? client_name : server_name);

    return strcmp(api->name, name) == 0 && strncmp(api->version, version, strlen(version)) == 0;
}

void pair_begin_certificate(struct loop *loop) {
    const struct dtlslab_config client = loop_certificate(DTLSLAB_CLIENT, "p256");
    const struct dtlslab_config server = loop_certificate(DTLSLAB_SERVER, "p256");

    pair_begin(loop, &client, &server);
}

uint64_t pair_shake_hands(struct loop *loop) {
    const uint64_t session = loop_connect(loop, 1);

    loop_run(loop, DTLSLAB_NO_DEADLINE);
    loop_assert_connected(loop, 1);
    return session;
}

const struct dtlslab_event *pair_fail_to_shake_hands(struct loop *loop, int side) {
    loop_connect(loop, 1);
    loop_run(loop, DTLSLAB_NO_DEADLINE);
    const struct dtlslab_event *failed = loop_event(loop, side, DTLSLAB_EVENT_FAILED);
    assert_non_null(failed);
    assert_true(failed->text[0] != '\0');
    return failed;
}

void pair_assert_echo(struct loop *loop, uint64_t client_session) {
    const uint64_t server_session = loop_event(loop, LOOP_SERVER, DTLSLAB_EVENT_CONNECTED)->session;

    assert_int_equal(loop_send(loop, LOOP_CLIENT, client_session, "ping", 4), DTLSLAB_OK);
    loop_run(loop, DTLSLAB_NO_DEADLINE);
    assert_int_equal(loop->sides[LOOP_SERVER].data_len, 4);
    assert_memory_equal(loop->sides[LOOP_SERVER].data, "ping", 4);
    assert_int_equal(loop_send(loop, LOOP_SERVER, server_session, "pong", 4), DTLSLAB_OK);
    loop_run(loop, DTLSLAB_NO_DEADLINE);
    assert_int_equal(loop->sides[LOOP_CLIENT].data_len, 4);
    assert_memory_equal(loop->sides[LOOP_CLIENT].data, "pong", 4);
}
