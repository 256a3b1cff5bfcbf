/* SPDX-License-Identifier: MIT
 *
 * Codecs of the hellos: they read what they write, and name the field where a
 * message ends too early.
 */
#include "support/check.h"

#include "handshake/hello.h"

static const uint8_t random_bytes[32] = {1, 2, 3};
static const uint8_t session_id[] = {4, 5};
static const uint8_t cookie[] = {6, 7, 8};
static const uint8_t suites[] = {0xc0, 0x2b, 0xc0, 0x2f};
static const uint8_t compressions[] = {0};
static const uint8_t extensions[] = {0, 23, 0, 0};

#define SPAN(array)                                                                                          \
    (dtls_span) {                                                                                            \
        array, sizeof(array)                                                                                 \
    }

static void check_span(dtls_span span, const uint8_t *expected, size_t len) {
    assert_int_equal(span.len, len);
    assert_memory_equal(span.data, expected, len);
}

static size_t write_client_hello(uint8_t *out, size_t cap, bool with_extensions) {
    const struct dtls_client_hello hello = {.version = 0xfefd,
                                            .random = SPAN(random_bytes),
                                            .session_id = SPAN(session_id),
                                            .cookie = SPAN(cookie),
                                            .suites = SPAN(suites),
                                            .compressions = SPAN(compressions)};
    struct dtls_writer writer = dtls_writer_of(out, cap);
    dtls_client_hello_write(&writer, &hello);
    if (with_extensions)
        dtls_write_vector(&writer, 2, SPAN(extensions));
    assert_true(dtls_write_ok(&writer));
    return dtls_written(&writer).len;
}

static void client_hello(void **state) {
    (void)state;
    uint8_t bytes[200];
    struct dtls_client_hello hello;
    for (int with_extensions = 0; with_extensions < 2; with_extensions++) {
        const size_t len = write_client_hello(bytes, sizeof bytes, with_extensions != 0);
        assert_null(dtls_client_hello_read((dtls_span){bytes, len}, &hello));
        assert_int_equal(hello.version, 0xfefd);
        check_span(hello.random, random_bytes, sizeof random_bytes);
        check_span(hello.session_id, session_id, sizeof session_id);
        check_span(hello.cookie, cookie, sizeof cookie);
        check_span(hello.suites, suites, sizeof suites);
        check_span(hello.compressions, compressions, sizeof compressions);
        assert_int_equal(hello.extensions.len, with_extensions ? sizeof extensions : 0);
    }
}

static void client_hello_cut_anywhere(void **state) {
    (void)state;
    uint8_t bytes[200];
    const size_t len = write_client_hello(bytes, sizeof bytes, true);
    const size_t without_extensions = len - 2 - sizeof extensions;
    struct dtls_client_hello hello;
    for (size_t cut = 0; cut < len; cut++) {
        const char *wrong = dtls_client_hello_read((dtls_span){bytes, cut}, &hello);
        if (cut == without_extensions) {
            assert_null(wrong);
            continue;
        }
        assert_string_equal(wrong, cut < 2    ? "client_version"
                                   : cut < 34 ? "random"
                                   : cut < 37 ? "session_id"
                                   : cut < 41 ? "cookie"
                                   : cut < 47 ? "cipher_suites"
                                   : cut < 49 ? "compression_methods"
                                              : "extensions");
    }
}

/* A first fragment that holds the cookie is enough for a server without a connection. */
static void head_of_a_client_hello(void **state) {
    (void)state;
    uint8_t bytes[200];
    const size_t len = write_client_hello(bytes, sizeof bytes, true);
    struct dtls_client_hello hello;
    for (size_t cut = 0; cut <= len; cut++) {
        const char *wrong = dtls_client_hello_read_head((dtls_span){bytes, cut}, &hello);
        assert_int_equal(wrong == NULL, cut >= 41);
        if (wrong == NULL)
            check_span(hello.cookie, cookie, sizeof cookie);
        assert_int_equal(hello.suites.len, cut >= 47 ? sizeof suites : 0);
    }
}

static void server_hello(void **state) {
    (void)state;
    uint8_t bytes[100];
    const struct dtls_server_hello written = {
        .version = 0xfefd, .random = SPAN(random_bytes), .session_id = SPAN(session_id), .suite = 0xc02b};
    struct dtls_writer writer = dtls_writer_of(bytes, sizeof bytes);
    dtls_server_hello_write(&writer, &written);
    dtls_write_vector(&writer, 2, SPAN(extensions));
    const size_t len = dtls_written(&writer).len;
    struct dtls_server_hello hello;
    assert_null(dtls_server_hello_read((dtls_span){bytes, len}, &hello));
    assert_int_equal(hello.suite, 0xc02b);
    check_span(hello.session_id, session_id, sizeof session_id);
    check_span(hello.extensions, extensions, sizeof extensions);
    for (size_t cut = 0; cut < len; cut++) {
        const char *wrong = dtls_server_hello_read((dtls_span){bytes, cut}, &hello);
        if (cut == 40)
            assert_null(wrong);
        else
            assert_string_equal(wrong, cut < 2    ? "server_version"
                                       : cut < 34 ? "random"
                                       : cut < 37 ? "session_id"
                                       : cut < 39 ? "cipher_suite"
                                       : cut < 40 ? "compression_method"
                                                  : "extensions");
    }
}

static void hello_verify_request(void **state) {
    (void)state;
    uint8_t bytes[20];
    const struct dtls_hello_verify_request written = {.version = 0xfeff, .cookie = SPAN(cookie)};
    struct dtls_writer writer = dtls_writer_of(bytes, sizeof bytes);
    dtls_hello_verify_request_write(&writer, &written);
    const size_t len = dtls_written(&writer).len;
    struct dtls_hello_verify_request request;
    assert_null(dtls_hello_verify_request_read((dtls_span){bytes, len}, &request));
    assert_int_equal(request.version, 0xfeff);
    check_span(request.cookie, cookie, sizeof cookie);
    for (size_t cut = 0; cut < len; cut++)
        assert_string_equal(dtls_hello_verify_request_read((dtls_span){bytes, cut}, &request),
                            cut < 2 ? "server_version" : "cookie");
    bytes[len] = 0;
    assert_string_equal(dtls_hello_verify_request_read((dtls_span){bytes, len + 1}, &request), "cookie");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client_hello),           cmocka_unit_test(client_hello_cut_anywhere),
        cmocka_unit_test(head_of_a_client_hello), cmocka_unit_test(server_hello),
        cmocka_unit_test(hello_verify_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
