/* SPDX-License-Identifier: MIT
 *
 * Hello extensions, written and read (RFC 5246 section 7.4.1.4 and those that
 * define each).
 */
#include "handshake/opened.h"

#include "handshake/extensions.h"

static struct opened opened;

/* Bits of `offered` are places: these three, then those of ECDHE. */
static void open_with_three(const dtls_protocol *protocol) {
    static const dtls_extension *const three[] = {&dtls_extension_server_name,
                                                  &dtls_extension_extended_master_secret,
                                                  &dtls_extension_renegotiation_info, NULL};
    open_connection(&opened, protocol);
    opened.config.extensions = three;
}

static dtls_error offer(const char *bytes, size_t len) {
    open_with_three(&dtls_server_1_2);
    return dtls_extensions_read_offers(opened.connection, (dtls_span){(const uint8_t *)bytes, len});
}

#define OFFER(literal) offer(literal, sizeof(literal) - 1)

static void close_connection(void) {
    dtls_connection_wipe(opened.connection);
}

static void good_offers(void **state) {
    (void)state;
    assert_int_equal(OFFER(""), DTLS_OK);
    close_connection();
    /* Unknown ones, GREASE among them, with whatever they hold (RFC 8701). */
    assert_int_equal(OFFER("\x2a\x2a\0\0\x3a\x3a\0\3abc\0\x2b\0\3\2\xfe\xfc"), DTLS_OK);
    assert_int_equal(opened.handshake->offered, 0);
    close_connection();
    /* Groups and schemes that nobody knows, in front of those that we have. */
    assert_int_equal(OFFER("\0\12\0\10\0\6\x0a\x0a\0\x17\0\x1d"), DTLS_OK);
    assert_int_equal(opened.handshake->peer_groups, 3);
    close_connection();
    assert_int_equal(OFFER("\0\15\0\10\0\6\x1a\x1a\4\1\6\1"), DTLS_OK);
    assert_int_equal(opened.handshake->peer_schemes, 1 << 10 | 1 << 12);
    close_connection();
    assert_int_equal(OFFER("\0\0\0\11\0\7\0\0\4host\0\x17\0\0\xff\1\0\1\0\0\13\0\3\2\1\0"), DTLS_OK);
    assert_true(opened.handshake->session_hash);
    close_connection();
}

struct bad {
    const char *bytes;
    size_t len;
    dtls_error error;
    const char *field;
};

#define BAD(literal, error, field)                                                                           \
    { literal, sizeof(literal) - 1, error, field }

static const struct bad bad_offers[] = {
    BAD("\0", DTLS_ERROR_DECODE, "extensions"),
    BAD("\0\x17\0", DTLS_ERROR_DECODE, "extensions"),
    BAD("\0\x17\0\1", DTLS_ERROR_DECODE, "extensions"),
    BAD("\0\x17\0\0\0", DTLS_ERROR_DECODE, "extensions"),
    BAD("\0\x17\0\0\0\x17\0\0", DTLS_ERROR_ILLEGAL_PARAMETER, "extension_type"),
    BAD("\x2a\x2a\0\0\0\x17\0\0\x2a\x2a\0\0", DTLS_ERROR_ILLEGAL_PARAMETER, "extension_type"),
    BAD("\0\x17\0\1\0", DTLS_ERROR_DECODE, "extended_master_secret"),
    BAD("\xff\1\0\0", DTLS_ERROR_DECODE, "renegotiation_info"),
    BAD("\xff\1\0\2\1\1", DTLS_ERROR_RENEGOTIATION_INFO, "renegotiated_connection"),
    BAD("\0\0\0\0", DTLS_ERROR_DECODE, "server_name"),
    BAD("\0\0\0\2\0\0", DTLS_ERROR_DECODE, "server_name"),
    BAD("\0\0\0\5\0\3\0\0\0", DTLS_ERROR_DECODE, "server_name"),
    BAD("\0\0\0\7\0\4\0\0\1aa", DTLS_ERROR_DECODE, "server_name"),
    BAD("\0\0\0\12\0\10\0\0\1a\0\0\1b", DTLS_ERROR_ILLEGAL_PARAMETER, "server_name"),
    BAD("\0\12\0\0", DTLS_ERROR_DECODE, "supported_groups"),
    BAD("\0\12\0\2\0\0", DTLS_ERROR_DECODE, "supported_groups"),
    BAD("\0\12\0\5\0\3\0\x17\0", DTLS_ERROR_DECODE, "supported_groups"),
    BAD("\0\13\0\1\0", DTLS_ERROR_DECODE, "ec_point_formats"),
    BAD("\0\13\0\2\1\1", DTLS_ERROR_ILLEGAL_PARAMETER, "ec_point_format_list"),
    BAD("\0\15\0\2\0\0", DTLS_ERROR_DECODE, "signature_algorithms"),
    BAD("\0\15\0\4\0\1\4\1", DTLS_ERROR_DECODE, "signature_algorithms"),
};

static void bad_ones(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad_offers / sizeof bad_offers[0]; i++) {
        assert_int_equal(offer(bad_offers[i].bytes, bad_offers[i].len), bad_offers[i].error);
        const dtls_failure *failure = dtls_connection_get_failure(opened.connection);
        assert_non_null(failure);
        assert_string_equal(failure->field, bad_offers[i].field);
        close_connection();
    }
}

/* Each is compared with every other: a hello of nothing but extensions would take long (a client's first
 * message costs a server little). 128 are taken. */
static void not_too_many(void **state) {
    (void)state;
    char bytes[4 * 129] = {0};
    for (size_t i = 0; i < 129; i++) {
        bytes[4 * i] = 0x40;
        bytes[4 * i + 1] = (char)i;
    }
    assert_int_equal(offer(bytes, 4 * 128), DTLS_OK);
    close_connection();
    assert_int_equal(offer(bytes, 4 * 129), DTLS_ERROR_DECODE);
    assert_string_equal(dtls_connection_get_failure(opened.connection)->field, "extensions");
    close_connection();
}

/* The suite code that stands for renegotiation_info (RFC 5746 section 3.3). */
static void signal_is_an_offer(void **state) {
    (void)state;
    uint8_t answer[64];
    open_with_three(&dtls_server_1_2);
    dtls_extensions_read_signal(opened.connection, 0xc02b);
    struct dtls_writer writer = dtls_writer_of(answer, sizeof answer);
    dtls_extensions_write_answers(opened.connection, &writer);
    assert_int_equal(dtls_written(&writer).len, 0);
    dtls_extensions_read_signal(opened.connection, 0x00ff);
    dtls_extensions_write_answers(opened.connection, &writer);
    assert_int_equal(dtls_written(&writer).len, 7);
    assert_memory_equal(answer, "\0\5\xff\1\0\1\0", 7);
    close_connection();
}

/* What a client offers can be read by a server. */
static void offers_are_good(void **state) {
    (void)state;
    uint8_t bytes[300];
    open_with_three(&dtls_client_1_2);
    struct dtls_writer writer = dtls_writer_of(bytes, sizeof bytes);
    dtls_extensions_write_offers(opened.connection, &writer);
    assert_true(dtls_write_ok(&writer));
    assert_int_equal(opened.handshake->offered, 0x3f);
    close_connection();
    assert_int_equal(offer((const char *)bytes + 2, dtls_written(&writer).len - 2), DTLS_OK);
    assert_int_equal(opened.handshake->offered, 0x3f);
    assert_int_equal(opened.handshake->peer_groups, 0x1f);
    assert_int_equal(opened.handshake->peer_schemes, 0x1fff);
    close_connection();
}

/* A literal address is no server_name (RFC 6066 section 3). */
static void addresses_are_not_names(void **state) {
    (void)state;
    static const char *const names[] = {"192.0.2.1", "2001:db8::1", ""};
    for (size_t i = 0; i < 3; i++) {
        uint8_t bytes[300];
        open_with_three(&dtls_client_1_2);
        opened.config.peer_name = names[i];
        struct dtls_writer writer = dtls_writer_of(bytes, sizeof bytes);
        dtls_extensions_write_offers(opened.connection, &writer);
        assert_int_equal(opened.handshake->offered, 0x3e);
        close_connection();
    }
}

static dtls_error answer(const char *bytes, size_t len, uint32_t offered) {
    open_with_three(&dtls_client_1_2);
    opened.handshake->offered = offered;
    return dtls_extensions_read_answers(opened.connection, (dtls_span){(const uint8_t *)bytes, len});
}

static const struct bad bad_answers[] = {
    BAD("\0\x10\0\0", DTLS_ERROR_UNSUPPORTED_EXTENSION, "extension_type"),
    BAD("\0\0\0\1\0", DTLS_ERROR_DECODE, "server_name"),
    BAD("\0\x17\0\1\0", DTLS_ERROR_DECODE, "extended_master_secret"),
    BAD("\xff\1\0\2\1\0", DTLS_ERROR_RENEGOTIATION_INFO, "renegotiated_connection"),
    BAD("\0\13\0\2\1\1", DTLS_ERROR_ILLEGAL_PARAMETER, "ec_point_format_list"),
    BAD("\0\15\0\2\0\0", DTLS_ERROR_ILLEGAL_PARAMETER, "signature_algorithms"),
    BAD("\0\x17\0\0\0\x17\0\0", DTLS_ERROR_ILLEGAL_PARAMETER, "extension_type"),
    BAD("\0\x17\0", DTLS_ERROR_DECODE, "extensions"),
};

static void answers(void **state) {
    (void)state;
    static const char good[] = "\0\0\0\0\0\x17\0\0\xff\1\0\1\0\0\13\0\2\1\0\0\12\0\4\0\2\0\x1d";
    assert_int_equal(answer(good, sizeof good - 1, 0x3f), DTLS_OK);
    assert_true(opened.handshake->session_hash);
    close_connection();
    assert_int_equal(answer(good, sizeof good - 1, 0x3e), DTLS_ERROR_UNSUPPORTED_EXTENSION);
    close_connection();
    for (size_t i = 0; i < sizeof bad_answers / sizeof bad_answers[0]; i++) {
        assert_int_equal(answer(bad_answers[i].bytes, bad_answers[i].len, 0x3f), bad_answers[i].error);
        assert_string_equal(dtls_connection_get_failure(opened.connection)->field, bad_answers[i].field);
        close_connection();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_offers),     cmocka_unit_test(bad_ones),
        cmocka_unit_test(not_too_many),    cmocka_unit_test(signal_is_an_offer),
        cmocka_unit_test(offers_are_good), cmocka_unit_test(addresses_are_not_names),
        cmocka_unit_test(answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
