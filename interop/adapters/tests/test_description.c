/* SPDX-License-Identifier: MIT
 *
 * What was added to the contract after its first version, held by one adapter
 * alone: longer configurations, and the description of sessions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "loop.h"

static const char *name;

static const char label[] = "EXPERIMENTAL-dtlslab";
static const uint8_t protocol[] = {'e', 'c', 'h', 'o', 0xff};

/* A caller that knows a field more: nobody asks for what it is, and then somebody does. */
static void test_longer_configuration(void **state) {
    const struct dtlslab_endpoint_api *api = loop_stack(name);
    struct {
        struct dtlslab_config config;
        uint64_t more;
    } longer = {.config = loop_psk(DTLSLAB_CLIENT)};
    struct dtlslab_endpoint *endpoint = NULL;
    char message[DTLSLAB_MAX_TEXT] = "";

    (void)state;
    longer.config.size = sizeof longer;
    assert_int_equal(api->create(&longer.config, &endpoint, message), DTLSLAB_OK);
    api->destroy(endpoint);
    longer.more = 1;
    assert_int_equal(api->create(&longer.config, &endpoint, message), DTLSLAB_UNSUPPORTED);
    assert_non_null(strstr(message, name));
}

static void test_description(void **state) {
    const struct dtlslab_bytes protocols[] = {{protocol, sizeof protocol}};
    struct dtlslab_config configs[2] = {loop_certificate(DTLSLAB_CLIENT, "p256"),
                                        loop_certificate(DTLSLAB_SERVER, "p256")};
    struct dtlslab_session_info infos[2];
    struct loop loop = {0};

    const int has_protocols = loop_has(loop_stack(name), "alpn");
    const int exports = loop_has(loop_stack(name), "exporter");
    const uint8_t protocol_len = has_protocols ? sizeof protocol : 0;

    (void)state;
    for (int side = LOOP_CLIENT; side <= LOOP_SERVER; side++) {
        configs[side].application_protocols = protocols;
        configs[side].num_application_protocols = has_protocols ? 1 : 0;
        configs[side].exporter_label = exports ? label : NULL;
        memset(&infos[side], 0, sizeof infos[side]);
        infos[side].size = sizeof infos[side];
    }
    loop_begin(&loop, name, &configs[LOOP_CLIENT], name, &configs[LOOP_SERVER]);
    const struct dtlslab_endpoint_api *api = loop.sides[LOOP_CLIENT].api;
    const uint64_t session = loop_connect(&loop, 1);
    assert_int_equal(api->session_info(loop.sides[LOOP_CLIENT].endpoint, session, &infos[LOOP_CLIENT]),
                     DTLSLAB_NOTHING);
    loop_run(&loop, LOOP_SECOND * 60);
    loop_assert_connected(&loop, 1);
    for (int side = LOOP_CLIENT; side <= LOOP_SERVER; side++) {
        const uint64_t id = loop_event(&loop, side, DTLSLAB_EVENT_CONNECTED)->session;

        assert_int_equal(api->session_info(loop.sides[side].endpoint, id, &infos[side]), DTLSLAB_OK);
        assert_int_equal(infos[side].size, sizeof infos[side]);
        assert_int_equal(infos[side].application_protocol_len, protocol_len);
        assert_memory_equal(infos[side].application_protocol, protocol, protocol_len);
        assert_int_equal(infos[side].exported_len, exports ? DTLSLAB_EXPORTED_LEN : 0);
    }
    assert_memory_equal(infos[LOOP_CLIENT].exported, infos[LOOP_SERVER].exported, DTLSLAB_EXPORTED_LEN);
    assert_int_equal(api->session_info(loop.sides[LOOP_CLIENT].endpoint, 99, &infos[LOOP_CLIENT]),
                     DTLSLAB_INVALID);

    /* A caller that knows less gets no more. */
    struct dtlslab_session_info shorter = {.size = offsetof(struct dtlslab_session_info, exported)};
    memset(shorter.exported, 0xa5, sizeof shorter.exported);
    assert_int_equal(api->session_info(loop.sides[LOOP_CLIENT].endpoint, session, &shorter), DTLSLAB_OK);
    assert_int_equal(shorter.application_protocol_len, protocol_len);
    assert_int_equal(shorter.exported[0], 0xa5);
    loop_end(&loop);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_longer_configuration),
        cmocka_unit_test(test_description),
    };

    if (argc != 2) {
        fprintf(stderr, "usage: %s STACK\n", argv[0]);
        return 2;
    }
    name = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
