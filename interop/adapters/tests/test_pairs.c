/* SPDX-License-Identifier: MIT
 *
 * Every pair of adapters through the cases that all must carry.
 * Usage: test_pairs CLIENT SERVER
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "loop.h"

static const char *client_name;
static const char *server_name;

static void begin(struct loop *loop, const struct dtlslab_config *client, const struct dtlslab_config *server)
{
    loop_begin(loop, client_name, client, server_name, server);
}

/* Connects path 1 and runs until all is quiet. */
static uint64_t shake_hands(struct loop *loop)
{
    const uint64_t session = loop_connect(loop, 1);

    loop_run(loop, DTLSLAB_NO_DEADLINE);
    loop_assert_connected(loop, 1);
    return session;
}

static void assert_echo(struct loop *loop, uint64_t session)
{
    const uint64_t server_session = loop_event(loop, LOOP_SERVER, DTLSLAB_EVENT_CONNECTED)->session;

    assert_int_equal(loop_send(loop, LOOP_CLIENT, session, "ping", 4), DTLSLAB_OK);
    loop_run(loop, DTLSLAB_NO_DEADLINE);
    assert_int_equal(loop->sides[LOOP_SERVER].data_len, 4);
    assert_memory_equal(loop->sides[LOOP_SERVER].data, "ping", 4);
    assert_int_equal(loop_send(loop, LOOP_SERVER, server_session, "pong", 4), DTLSLAB_OK);
    loop_run(loop, DTLSLAB_NO_DEADLINE);
    assert_int_equal(loop->sides[LOOP_CLIENT].data_len, 4);
    assert_memory_equal(loop->sides[LOOP_CLIENT].data, "pong", 4);
}

static void test_certificate(void **state)
{
    const char *const kinds[] = {"p256", "rsa2048"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct dtlslab_config client = loop_certificate(DTLSLAB_CLIENT, kinds[i]);
        const struct dtlslab_config server = loop_certificate(DTLSLAB_SERVER, kinds[i]);
        struct loop loop;

        begin(&loop, &client, &server);
        const uint64_t session = shake_hands(&loop);
        const struct dtlslab_event *connected = loop_event(&loop, LOOP_CLIENT, DTLSLAB_EVENT_CONNECTED);
        const struct dtlslab_event *other = loop_event(&loop, LOOP_SERVER, DTLSLAB_EVENT_CONNECTED);
        assert_int_equal(connected->version, 0xfefd);
        assert_int_equal(connected->cipher_suite, other->cipher_suite);
        assert_int_not_equal(connected->group, 0);
        assert_int_equal(connected->group, other->group);
        assert_int_equal(loop_count(&loop, LOOP_SERVER, DTLSLAB_EVENT_SESSION_NEW), 1);
        assert_echo(&loop, session);
        loop_end(&loop);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_certificate),
    };

    if (argc != 3) {
        fprintf(stderr, "usage: %s CLIENT SERVER\n", argv[0]);
        return 2;
    }
    client_name = argv[1];
    server_name = argv[2];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
