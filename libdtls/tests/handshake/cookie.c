/* SPDX-License-Identifier: MIT
 *
 * The stateless cookie exchange (RFC 6347 section 4.2.1).
 */
#include "support/check.h"

#include "dtls/cookie.h"
#include "dtls/libcrypto.h"
#include "flight/message_header.h"
#include "handshake/hello.h"
#include "wire/record_header.h"

static const uint8_t address[] = "192.0.2.1:4433";

struct hello {
    uint16_t version;
    uint16_t record_version;
    uint8_t random;
    dtls_span cookie;
    uint64_t sequence;
    uint16_t message_seq;
    uint8_t suite;
    size_t cut; /* length of the first fragment; 0: all */
};

static size_t write_hello(const struct hello *hello, uint8_t *out, size_t cap) {
    uint8_t random_bytes[32];
    memset(random_bytes, hello->random, sizeof random_bytes);
    const uint8_t suites[] = {0, 0xa8, 0xc0, hello->suite};
    static const uint8_t no_compression[] = {0};
    const struct dtls_client_hello body = {.version = hello->version,
                                           .random = {random_bytes, sizeof random_bytes},
                                           .cookie = hello->cookie,
                                           .suites = {suites, sizeof suites},
                                           .compressions = {no_compression, 1}};
    uint8_t bytes[400];
    struct dtls_writer body_writer = dtls_writer_of(bytes, sizeof bytes);
    dtls_client_hello_write(&body_writer, &body);
    const size_t len = dtls_written(&body_writer).len;
    const size_t part = hello->cut != 0 ? hello->cut : len;
    struct dtls_writer writer = dtls_writer_of(out, cap);
    dtls_record_header_write(&writer, &(struct dtls_record_header){.type = DTLS_CONTENT_HANDSHAKE,
                                                                   .version = hello->record_version,
                                                                   .sequence = hello->sequence,
                                                                   .length = (uint16_t)(12 + part)});
    dtls_message_header_write(&writer, &(struct dtls_message_header){.type = DTLS_MESSAGE_CLIENT_HELLO,
                                                                     .seq = hello->message_seq,
                                                                     .length = (uint32_t)len,
                                                                     .fragment_length = (uint32_t)part});
    dtls_write_bytes(&writer, bytes, part);
    assert_true(dtls_write_ok(&writer));
    return dtls_written(&writer).len;
}

struct fixture {
    dtls_cookie_secret secret;
    struct hello hello;
    uint8_t reply[DTLS_COOKIE_REPLY_MAX];
    size_t reply_len;
    dtls_cookie_state state;
    uint8_t cookie[64];
};

static void init(struct fixture *fixture) {
    memset(fixture, 0, sizeof *fixture);
    memset(fixture->secret.current, 1, sizeof fixture->secret.current);
    fixture->hello = (struct hello){.version = 0xfefd, .record_version = 0xfeff};
}

static dtls_cookie_verdict judge(struct fixture *fixture) {
    uint8_t datagram[500];
    const size_t len = write_hello(&fixture->hello, datagram, sizeof datagram);
    return dtls_cookie_judge(&dtls_libcrypto, &fixture->secret, (dtls_span){address, sizeof address},
                             (dtls_span){datagram, len}, fixture->reply, &fixture->reply_len,
                             &fixture->state);
}

/* Puts the cookie of the reply into the hello. */
static void take_cookie(struct fixture *fixture) {
    struct dtls_reader reader = dtls_reader_of(fixture->reply, fixture->reply_len);
    struct dtls_record_header record;
    struct dtls_message_header header;
    struct dtls_hello_verify_request request;
    dtls_record_header_read(&reader, &record);
    dtls_message_header_read(&reader, &header);
    assert_int_equal(record.type, DTLS_CONTENT_HANDSHAKE);
    assert_int_equal(record.version, DTLS_VERSION_1_0);
    assert_int_equal(record.epoch, 0);
    assert_int_equal(record.sequence, fixture->hello.sequence);
    assert_int_equal(header.type, DTLS_MESSAGE_HELLO_VERIFY_REQUEST);
    assert_int_equal(header.seq, fixture->hello.message_seq);
    assert_int_equal(header.length, header.fragment_length);
    assert_null(dtls_hello_verify_request_read(dtls_read_rest(&reader), &request));
    assert_int_equal(request.version, DTLS_VERSION_1_0);
    memcpy(fixture->cookie, request.cookie.data, request.cookie.len);
    fixture->hello.cookie = (dtls_span){fixture->cookie, request.cookie.len};
}

static void exchange(void **state) {
    (void)state;
    struct fixture fixture;
    init(&fixture);
    fixture.hello.sequence = 5;
    assert_int_equal(judge(&fixture), DTLS_COOKIE_REPLY);
    take_cookie(&fixture);
    fixture.hello.sequence = 6;
    fixture.hello.message_seq = 1;
    assert_int_equal(judge(&fixture), DTLS_COOKIE_GOOD);
    assert_int_equal(fixture.reply_len, 0);
    assert_int_equal(fixture.state.record_sequence, 6);
    assert_int_equal(fixture.state.message_seq, 1);
}

static void cookie_is_for_one_address_and_one_hello(void **state) {
    (void)state;
    struct fixture fixture;
    init(&fixture);
    judge(&fixture);
    take_cookie(&fixture);
    const struct fixture good = fixture;
    fixture.hello.random = 1;
    assert_int_equal(judge(&fixture), DTLS_COOKIE_REPLY);
    fixture = good;
    fixture.hello.suite = 1;
    assert_int_equal(judge(&fixture), DTLS_COOKIE_REPLY);
    fixture = good;
    fixture.hello.version = 0xfefc;
    assert_int_equal(judge(&fixture), DTLS_COOKIE_REPLY);
    fixture = good;
    fixture.cookie[3] ^= 1;
    fixture.hello.cookie.data = fixture.cookie;
    assert_int_equal(judge(&fixture), DTLS_COOKIE_REPLY);
    uint8_t datagram[500];
    fixture = good;
    fixture.hello.cookie.data = fixture.cookie;
    const size_t len = write_hello(&fixture.hello, datagram, sizeof datagram);
    assert_int_equal(dtls_cookie_judge(&dtls_libcrypto, &fixture.secret, (dtls_span){address, 5},
                                       (dtls_span){datagram, len}, fixture.reply, &fixture.reply_len,
                                       &fixture.state),
                     DTLS_COOKIE_REPLY);
}

static void change_of_the_secret(void **state) {
    (void)state;
    struct fixture fixture;
    init(&fixture);
    judge(&fixture);
    take_cookie(&fixture);
    memcpy(fixture.secret.previous, fixture.secret.current, 32);
    memset(fixture.secret.current, 2, 32);
    assert_int_equal(judge(&fixture), DTLS_COOKIE_GOOD);
    memset(fixture.secret.previous, 3, 32);
    assert_int_equal(judge(&fixture), DTLS_COOKIE_REPLY);
}

/* A secret of zeros is none: everybody could make its cookies. */
static void zeros_are_no_secret(void **state) {
    (void)state;
    struct fixture fixture;
    init(&fixture);
    memset(fixture.secret.current, 0, 32);
    assert_int_equal(judge(&fixture), DTLS_COOKIE_REPLY);
    take_cookie(&fixture);
    assert_int_equal(judge(&fixture), DTLS_COOKIE_REPLY);
    memset(fixture.secret.current, 1, 32);
    assert_int_equal(judge(&fixture), DTLS_COOKIE_REPLY);
}

/* A ClientHello in fragments is judged by the first, as long as that holds the cookie. */
static void fragments(void **state) {
    (void)state;
    struct fixture fixture;
    init(&fixture);
    fixture.hello.cut = 36;
    assert_int_equal(judge(&fixture), DTLS_COOKIE_REPLY);
    take_cookie(&fixture);
    fixture.hello.cut = 56;
    assert_int_equal(judge(&fixture), DTLS_COOKIE_GOOD);
    fixture.hello.cut = 55;
    assert_int_equal(judge(&fixture), DTLS_COOKIE_IGNORE);
}

static void never_longer_than_what_came(void **state) {
    (void)state;
    struct fixture fixture;
    init(&fixture);
    for (size_t cut = 36; cut < 43; cut++) {
        fixture.hello.cut = cut;
        assert_int_equal(judge(&fixture), DTLS_COOKIE_REPLY);
        assert_true(fixture.reply_len <= 13 + 12 + cut);
        assert_true(fixture.reply_len <= DTLS_COOKIE_REPLY_MAX);
    }
}

static void all_else_is_ignored(void **state) {
    (void)state;
    struct fixture fixture;
    init(&fixture);
    uint8_t good[500];
    const size_t len = write_hello(&fixture.hello, good, sizeof good);
    /* Bytes whose change makes it something else: type, version, epoch, msg_type, fragment_offset. */
    static const size_t places[] = {0, 1, 4, 13, 21};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        uint8_t datagram[500];
        memcpy(datagram, good, len);
        datagram[places[i]] ^= 2;
        assert_int_equal(dtls_cookie_judge(&dtls_libcrypto, &fixture.secret, (dtls_span){address, 4},
                                           (dtls_span){datagram, len}, fixture.reply, &fixture.reply_len,
                                           &fixture.state),
                         DTLS_COOKIE_IGNORE);
        assert_int_equal(fixture.reply_len, 0);
    }
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(dtls_cookie_judge(&dtls_libcrypto, &fixture.secret, (dtls_span){address, 4},
                                           (dtls_span){good, cut}, fixture.reply, &fixture.reply_len,
                                           &fixture.state),
                         DTLS_COOKIE_IGNORE);
    assert_int_equal(dtls_cookie_judge(NULL, &fixture.secret, (dtls_span){address, 4}, (dtls_span){good, len},
                                       fixture.reply, &fixture.reply_len, &fixture.state),
                     DTLS_COOKIE_IGNORE);
}

static void misuse(void **state) {
    (void)state;
    static const dtls_protocol *const client[] = {&dtls_client_1_2, NULL};
    static const dtls_cipher_suite *const suites[] = {&dtls_suite_psk_aes_128_ccm_8, NULL};
    static _Alignas(16) uint8_t session[DTLS_SESSION_SIZE];
    static _Alignas(16) uint8_t handshake[DTLS_HANDSHAKE_SIZE(4000, 0)];
    const dtls_config config = {.crypto = &dtls_libcrypto, .protocols = client, .cipher_suites = suites};
    const dtls_cookie_state cookie_state = {0};
    dtls_connection *connection;
    assert_int_equal(
        dtls_connection_open(&config, session, sizeof session, handshake, sizeof handshake, &connection),
        DTLS_OK);
    assert_int_equal(dtls_connection_start_after_cookie(connection, (dtls_time){0}, &cookie_state),
                     DTLS_ERROR_STATE);
    assert_int_equal(dtls_connection_start_after_cookie(connection, (dtls_time){0}, NULL),
                     DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_connection_start_after_cookie(NULL, (dtls_time){0}, &cookie_state),
                     DTLS_ERROR_ARGUMENT);
    dtls_connection_wipe(connection);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchange),
        cmocka_unit_test(cookie_is_for_one_address_and_one_hello),
        cmocka_unit_test(change_of_the_secret),
        cmocka_unit_test(zeros_are_no_secret),
        cmocka_unit_test(fragments),
        cmocka_unit_test(never_longer_than_what_came),
        cmocka_unit_test(all_else_is_ignored),
        cmocka_unit_test(misuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
