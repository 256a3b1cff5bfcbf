/* SPDX-License-Identifier: MIT
 *
 * The bodies of extensions that a configuration may name: connection_id (RFC
 * 9146), ALPN (RFC 7301), max_fragment_length (RFC 6066), record_size_limit
 * (RFC 8449), good and bad.
 */
#include "handshake/opened.h"

#include "dtls/connection_id.h"
#include "handshake/extensions.h"

static struct opened opened;
static const dtls_cipher_suite *const psk_suites[] = {&dtls_suite_psk_aes_128_ccm_8, NULL};
static const dtls_span protocols[] = {{(const uint8_t *)"ab", 2}, {(const uint8_t *)"c", 1}};

/* The extensions come in the session block, so that it needs some more than usual. */
static _Alignas(16) uint8_t session_memory[DTLS_SESSION_SIZE + 64];
static const dtls_extension *const extensions[] = {&dtls_extension_connection_id, &dtls_extension_alpn,
                                                   &dtls_extension_max_fragment_length,
                                                   &dtls_extension_record_size_limit, NULL};

static void open_with(const dtls_protocol *protocol) {
    opened.protocols[0] = protocol;
    opened.protocols[1] = NULL;
    opened.config = (dtls_config){.crypto = &dtls_libcrypto,
                                  .protocols = opened.protocols,
                                  .cipher_suites = psk_suites,
                                  .extensions = extensions,
                                  .application_protocols = protocols,
                                  .num_application_protocols = 2,
                                  .max_fragment_length = 1024};
    assert_int_equal(dtls_connection_open(&opened.config, session_memory, sizeof session_memory,
                                          opened.handshake_memory, sizeof opened.handshake_memory,
                                          &opened.connection),
                     DTLS_OK);
    opened.handshake = opened.connection->handshake;
}

struct body {
    const char *bytes;
    size_t len;
    dtls_error error;
    const char *field;
};

#define BODY(literal, error, field)                                                                          \
    { literal, sizeof(literal) - 1, error, field }

static void check(const struct body *body, dtls_error error) {
    assert_int_equal(error, body->error);
    const dtls_failure *failure = dtls_connection_get_failure(opened.connection);
    if (error != DTLS_OK)
        assert_string_equal(failure->field, body->field);
    dtls_connection_wipe(opened.connection);
}

static const struct body offers[] = {
    BODY("\0\66\0\1\0", DTLS_OK, ""),
    BODY("\0\66\0\4\3abc", DTLS_OK, ""),
    BODY("\0\66\0\0", DTLS_ERROR_DECODE, "connection_id"),
    BODY("\0\66\0\4\4abc", DTLS_ERROR_DECODE, "connection_id"),
    BODY("\0\66\0\4\2abc", DTLS_ERROR_DECODE, "connection_id"),
    BODY("\0\20\0\7\0\5\1x\2ab", DTLS_OK, ""),
    BODY("\0\20\0\4\0\2\1x", DTLS_ERROR_NO_APPLICATION_PROTOCOL, "protocol_name_list"),
    BODY("\0\20\0\2\0\0", DTLS_ERROR_DECODE, "application_layer_protocol_negotiation"),
    BODY("\0\20\0\3\0\1\0", DTLS_ERROR_DECODE, "application_layer_protocol_negotiation"),
    BODY("\0\20\0\5\0\3\0\1c", DTLS_ERROR_DECODE, "application_layer_protocol_negotiation"),
    BODY("\0\20\0\5\0\3\3ab", DTLS_ERROR_DECODE, "application_layer_protocol_negotiation"),
    BODY("\0\20\0\5\0\2\1cc", DTLS_ERROR_DECODE, "application_layer_protocol_negotiation"),
    BODY("\0\1\0\1\4", DTLS_OK, ""),
    BODY("\0\1\0\1\5", DTLS_ERROR_ILLEGAL_PARAMETER, "max_fragment_length"),
    BODY("\0\1\0\1\0", DTLS_ERROR_ILLEGAL_PARAMETER, "max_fragment_length"),
    BODY("\0\1\0\0", DTLS_ERROR_DECODE, "max_fragment_length"),
    BODY("\0\1\0\2\1\1", DTLS_ERROR_DECODE, "max_fragment_length"),
    BODY("\0\34\0\2\0\100", DTLS_OK, ""),
    BODY("\0\34\0\2\377\377", DTLS_OK, ""),
    BODY("\0\34\0\2\0\77", DTLS_ERROR_ILLEGAL_PARAMETER, "record_size_limit"),
    BODY("\0\34\0\1\1", DTLS_ERROR_DECODE, "record_size_limit"),
    BODY("\0\34\0\3\1\1\1", DTLS_ERROR_DECODE, "record_size_limit"),
};

static void a_server_reads_offers(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++) {
        open_with(&dtls_server_1_2);
        check(&offers[i],
              dtls_extensions_read_offers(opened.connection,
                                          (dtls_span){(const uint8_t *)offers[i].bytes, offers[i].len}));
    }
}

static const struct body answers[] = {
    BODY("\0\66\0\4\3abc", DTLS_OK, ""),
    BODY("\0\66\0\42\41aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", DTLS_ERROR_CONNECTION_ID, "cid"),
    BODY("\0\66\0\0", DTLS_ERROR_DECODE, "connection_id"),
    BODY("\0\20\0\4\0\2\1c", DTLS_OK, ""),
    BODY("\0\20\0\4\0\2\1d", DTLS_ERROR_ILLEGAL_PARAMETER, "protocol_name_list"),
    BODY("\0\20\0\7\0\5\2ab\1c", DTLS_ERROR_ILLEGAL_PARAMETER, "protocol_name_list"),
    BODY("\0\20\0\2\0\0", DTLS_ERROR_DECODE, "application_layer_protocol_negotiation"),
    BODY("\0\1\0\1\2", DTLS_OK, ""),
    BODY("\0\1\0\1\3", DTLS_ERROR_ILLEGAL_PARAMETER, "max_fragment_length"),
    BODY("\0\1\0\0", DTLS_ERROR_DECODE, "max_fragment_length"),
    BODY("\0\34\0\2\2\0", DTLS_OK, ""),
    BODY("\0\34\0\2\0\0", DTLS_ERROR_ILLEGAL_PARAMETER, "record_size_limit"),
    /* RFC 8449 section 5: both at once, in either order. */
    BODY("\0\1\0\1\2\0\34\0\2\2\0", DTLS_ERROR_ILLEGAL_PARAMETER, "max_fragment_length"),
    BODY("\0\34\0\2\2\0\0\1\0\1\2", DTLS_ERROR_ILLEGAL_PARAMETER, "max_fragment_length"),
};

static void a_client_reads_answers(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        open_with(&dtls_client_1_2);
        opened.handshake->offered = 0xf;
        check(&answers[i],
              dtls_extensions_read_answers(opened.connection,
                                           (dtls_span){(const uint8_t *)answers[i].bytes, answers[i].len}));
    }
}

/* Byte for byte, in the order of the configuration. */
static void a_client_writes_offers(void **state) {
    (void)state;
    uint8_t bytes[100];
    static const uint8_t id[2] = {0xc1, 0xd0};
    open_with(&dtls_client_1_2);
    assert_int_equal(dtls_set_connection_id(opened.connection, (dtls_span){id, 2}), DTLS_OK);
    struct dtls_writer writer = dtls_writer_of(bytes, sizeof bytes);
    dtls_extensions_write_offers(opened.connection, &writer);
    static const char expected[] = "\0\35"
                                   "\0\66\0\3\2\xc1\xd0"
                                   "\0\20\0\7\0\5\2ab\1c"
                                   "\0\1\0\1\2"
                                   "\0\34\0\2\100";
    const dtls_span written = dtls_written(&writer);
    assert_int_equal(written.len, sizeof expected);
    assert_memory_equal(written.data, expected, written.len);
    dtls_connection_wipe(opened.connection);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_reads_offers),
        cmocka_unit_test(a_client_reads_answers),
        cmocka_unit_test(a_client_writes_offers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
