/* SPDX-License-Identifier: MIT
 *
 * What holds for every object that exports the contract, the skeleton included: the table, what is refused,
 * what an endpoint answers when there is nothing to do. Usage: test_contract STACK
 */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "loop.h"

static const char *name;

static int32_t create(const struct dtlslab_config *config, struct dtlslab_endpoint **out_endpoint,
                      char *message) {
    memset(message, 0, DTLSLAB_MAX_TEXT);
    return loop_stack(name)->create(config, out_endpoint, message);
}

/* The stack refuses this configuration with `result`, in words. */
static void assert_refused(const struct dtlslab_config *config, int32_t result) {
    struct dtlslab_endpoint *endpoint = NULL;
    char message[DTLSLAB_MAX_TEXT];

    assert_int_equal(create(config, &endpoint, message), result);
    assert_true(strlen(message) > 10);
    assert_null(endpoint);
}

static void test_table(void **state) {
    const struct dtlslab_endpoint_api *api = loop_stack(name);

    (void)state;
    assert_int_equal(api->size, sizeof *api);
    assert_true(strcmp(api->name, name) == 0);
    assert_true(strlen(api->version) > 0);
    assert_ptr_equal(api, loop_stack(name));
    const char *const *words = api->capabilities;
    for (size_t i = 0; words[i] != NULL; i++) {
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(words[i], words[j]);
    }
}

static void test_nothing_else_is_exported(void **state) {
    char path[1024];

    (void)state;
    loop_object_path(name, path, sizeof path);
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(object);
    assert_non_null(dlsym(object, "dtlslab_endpoint_api"));
    assert_null(dlsym(object, "adapter_stack"));
    assert_null(dlsym(object, "adapter_queue_put"));
    assert_null(dlsym(object, "dtlslab_relocate"));
}

static void test_skeleton_refuses(void **state) {
    const struct dtlslab_config config = loop_psk(DTLSLAB_CLIENT);

    (void)state;
    assert_refused(&config, DTLSLAB_UNSUPPORTED);
}

static void test_unsupported_is_refused(void **state) {
    static const uint16_t tls13_suite = 0x1301;
    static const uint16_t no_group = 0xfafa;
    struct dtlslab_config config = loop_psk(DTLSLAB_CLIENT);

    (void)state;
    config.min_version = 0xfefc;
    assert_refused(&config, DTLSLAB_UNSUPPORTED);
    config = loop_psk(DTLSLAB_CLIENT);
    config.cipher_suites = (struct dtlslab_codes){&tls13_suite, 1};
    assert_refused(&config, DTLSLAB_UNSUPPORTED);
    config = loop_psk(DTLSLAB_CLIENT);
    config.groups = (struct dtlslab_codes){&no_group, 1};
    assert_refused(&config, DTLSLAB_UNSUPPORTED);
    config = loop_psk(DTLSLAB_CLIENT);
    config.signature_schemes = (struct dtlslab_codes){&no_group, 1};
    assert_refused(&config, DTLSLAB_UNSUPPORTED);
    config = loop_psk(DTLSLAB_CLIENT);
    config.connection_id = DTLSLAB_ON;
    if (!loop_has(loop_stack(name), "cid"))
        assert_refused(&config, DTLSLAB_UNSUPPORTED);
    config = loop_psk(DTLSLAB_CLIENT);
    config.mtu = 50;
    assert_refused(&config, DTLSLAB_UNSUPPORTED);
}

static void test_broken_input_is_refused(void **state) {
    struct dtlslab_config config = loop_certificate(DTLSLAB_SERVER, "p256");

    (void)state;
    config.private_key = loop_credential("server-rsa2048.key.pem");
    assert_refused(&config, DTLSLAB_INVALID);
    config = loop_certificate(DTLSLAB_SERVER, "p256");
    config.certificate_chain = (struct dtlslab_bytes){(const uint8_t *)"no PEM", 6};
    assert_refused(&config, DTLSLAB_INVALID);
    config = loop_certificate(DTLSLAB_CLIENT, "p256");
    config.trust_anchors = (struct dtlslab_bytes){(const uint8_t *)"no PEM", 6};
    assert_refused(&config, DTLSLAB_INVALID);
    config = loop_psk(2);
    assert_refused(&config, DTLSLAB_INVALID);
    config = loop_psk(DTLSLAB_CLIENT);
    config.min_version = 0x0303;
    assert_refused(&config, DTLSLAB_INVALID);
}

/* The code of a word such as "suite:c02b"; 0 when `word` is not of that kind. */
static uint16_t code_of(const char *word, const char *kind) {
    const size_t len = strlen(kind);

    return strncmp(word, kind, len) == 0 ? (uint16_t)strtoul(word + len, NULL, 16) : 0;
}

/* Every suite, group and scheme of the list makes an endpoint by itself. */
static void test_capabilities_are_true(void **state) {
    const struct dtlslab_endpoint_api *api = loop_stack(name);
    unsigned num_suites = 0;

    (void)state;
    for (const char *const *word = api->capabilities; *word != NULL; word++) {
        const uint16_t suite = code_of(*word, "suite:");
        const uint16_t group = code_of(*word, "group:");
        const uint16_t scheme = code_of(*word, "scheme:");
        struct dtlslab_config config = loop_psk(DTLSLAB_CLIENT);
        struct dtlslab_endpoint *endpoint = NULL;
        char message[DTLSLAB_MAX_TEXT];

        config.cipher_suites = (struct dtlslab_codes){&suite, suite != 0};
        config.groups = (struct dtlslab_codes){&group, group != 0};
        config.signature_schemes = (struct dtlslab_codes){&scheme, scheme != 0};
        num_suites += suite != 0;
        if (create(&config, &endpoint, message) != DTLSLAB_OK)
            fail_msg("%s: %s", *word, message);
        api->destroy(endpoint);
    }
    assert_true(num_suites >= 4);
    assert_true(loop_has(api, "suite:c02b") && loop_has(api, "group:001d"));
    assert_true(loop_has(api, "suite:c0a8") || loop_has(api, "suite:ccab"));
}

/* A caller that knows a shorter structure than this object. */
static void test_shorter_configuration(void **state) {
    struct dtlslab_config config = loop_psk(DTLSLAB_CLIENT);
    struct dtlslab_endpoint *endpoint = NULL;
    char message[DTLSLAB_MAX_TEXT];

    (void)state;
    config.size = (uint32_t)offsetof(struct dtlslab_config, mtu);
    config.mtu = 50;
    assert_int_equal(create(&config, &endpoint, message), DTLSLAB_OK);
    loop_stack(name)->destroy(endpoint);
}

static void test_idle_endpoint(void **state) {
    const struct dtlslab_endpoint_api *api = loop_stack(name);
    const struct dtlslab_config config = loop_psk(DTLSLAB_SERVER);
    struct dtlslab_endpoint *endpoint = NULL;
    struct dtlslab_event event;
    char message[DTLSLAB_MAX_TEXT];
    uint8_t bytes[DTLSLAB_MAX_KEYLOG_LINE];
    uint64_t number = 0;
    uint32_t len = 0;

    (void)state;
    assert_int_equal(create(&config, &endpoint, message), DTLSLAB_OK);
    assert_int_equal(api->connect(endpoint, 0, 1, &number), DTLSLAB_INVALID);
    assert_int_equal(api->poll_datagram(endpoint, 0, &number, bytes, sizeof bytes, &len), DTLSLAB_NOTHING);
    assert_int_equal(api->poll_event(endpoint, &event), DTLSLAB_NOTHING);
    assert_int_equal(api->poll_data(endpoint, &number, bytes, sizeof bytes, &len), DTLSLAB_NOTHING);
    assert_int_equal(api->poll_keylog(endpoint, (char *)bytes, sizeof bytes), DTLSLAB_NOTHING);
    assert_int_equal(api->deadline(endpoint, 0), DTLSLAB_NO_DEADLINE);
    assert_int_equal(api->timeout(endpoint, 0), DTLSLAB_OK);
    assert_int_equal(api->send(endpoint, 0, 1, bytes, 1), DTLSLAB_INVALID);
    assert_int_equal(api->close(endpoint, 0, 1), DTLSLAB_INVALID);
    assert_int_equal(api->receive(endpoint, 0, 1, bytes, 0), DTLSLAB_OK);
    api->destroy(endpoint);
}

static void test_send_before_the_handshake_is_over(void **state) {
    const struct dtlslab_endpoint_api *api = loop_stack(name);
    const struct dtlslab_config config = loop_psk(DTLSLAB_CLIENT);
    struct dtlslab_endpoint *endpoint = NULL;
    char message[DTLSLAB_MAX_TEXT];
    uint8_t bytes[10];
    uint64_t session = 0;
    uint64_t path = 0;
    uint32_t len = 0;

    (void)state;
    assert_int_equal(create(&config, &endpoint, message), DTLSLAB_OK);
    assert_int_equal(api->connect(endpoint, 0, 5, &session), DTLSLAB_OK);
    assert_int_equal(api->send(endpoint, 0, session, bytes, 1), DTLSLAB_WOULD_BLOCK);
    assert_int_equal(api->poll_datagram(endpoint, 0, &path, bytes, sizeof bytes, &len), DTLSLAB_NO_ROOM);
    api->destroy(endpoint);
}

int main(int argc, char **argv) {
    const struct CMUnitTest skeleton_tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_nothing_else_is_exported),
        cmocka_unit_test(test_skeleton_refuses),
    };
    const struct CMUnitTest stack_tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_nothing_else_is_exported),
        cmocka_unit_test(test_unsupported_is_refused),
        cmocka_unit_test(test_broken_input_is_refused),
        cmocka_unit_test(test_capabilities_are_true),
        cmocka_unit_test(test_shorter_configuration),
        cmocka_unit_test(test_idle_endpoint),
        cmocka_unit_test(test_send_before_the_handshake_is_over),
    };

    if (argc != 2) {
        fprintf(stderr, "usage: %s STACK\n", argv[0]);
        return 2;
    }
    name = argv[1];
    return strcmp(name, "skeleton") == 0 ? cmocka_run_group_tests(skeleton_tests, NULL, NULL)
                                         : cmocka_run_group_tests(stack_tests, NULL, NULL);
}
