/* SPDX-License-Identifier: MIT
 *
 * The table of errors is complete.
 */
#include "support/check.h"

#include "dtls/error.h"

static const dtls_error misuse[] = {DTLS_ERROR_ARGUMENT, DTLS_ERROR_NO_ROOM, DTLS_ERROR_STATE,
                                    DTLS_ERROR_CONFIG};

static void check(dtls_error error) {
    assert_memory_equal(dtls_error_name(error), "DTLS_", 5);
    const char *sentence = dtls_strerror(error);
    assert_true(strlen(sentence) > 5);
    assert_true(sentence[0] >= 'A' && sentence[0] <= 'Z');
    assert_int_equal(sentence[strlen(sentence) - 1], '.');
    assert_string_not_equal(sentence, dtls_strerror((dtls_error)-1000));
}

static void every_error_has_a_name_and_a_sentence(void **state) {
    (void)state;
    check(DTLS_OK);
    check(DTLS_NOTHING);
    for (size_t i = 0; i < sizeof misuse / sizeof misuse[0]; i++)
        check(misuse[i]);
    for (int error = DTLS_ERROR_PEER_ALERT; error >= DTLS_ERROR_ABORTED; error--) {
        check((dtls_error)error);
        for (int other = error + 1; other <= DTLS_ERROR_PEER_ALERT; other++) {
            assert_string_not_equal(dtls_error_name((dtls_error)error), dtls_error_name((dtls_error)other));
            assert_string_not_equal(dtls_strerror((dtls_error)error), dtls_strerror((dtls_error)other));
        }
    }
}

static void unknown_errors(void **state) {
    (void)state;
    assert_string_equal(dtls_error_name((dtls_error)-1000), "unknown");
    assert_int_equal(dtls_error_alert((dtls_error)-1000), DTLS_ALERT_INTERNAL_ERROR);
    assert_non_null(dtls_strerror((dtls_error)-1000));
}

/* What the peer is to blame for is told to him. */
static void alerts_of_errors(void **state) {
    (void)state;
    for (int error = DTLS_ERROR_UNEXPECTED_MESSAGE; error >= DTLS_ERROR_ABORTED; error--) {
        const dtls_alert alert = dtls_error_alert((dtls_error)error);
        if (error != DTLS_ERROR_SEQUENCE_EXHAUSTED)
            assert_string_not_equal(dtls_alert_name(alert), "unknown");
    }
    assert_int_equal(dtls_error_alert(DTLS_ERROR_PEER_ALERT), DTLS_ALERT_NONE);
    assert_int_equal(dtls_error_alert(DTLS_ERROR_HANDSHAKE_TIMEOUT), DTLS_ALERT_NONE);
    assert_int_equal(dtls_error_alert(DTLS_ERROR_FINISHED), DTLS_ALERT_DECRYPT_ERROR);
    assert_int_equal(dtls_error_alert(DTLS_ERROR_DECODE), DTLS_ALERT_DECODE_ERROR);
}

static void names_of_alerts(void **state) {
    (void)state;
    assert_string_equal(dtls_alert_name(0), "close_notify");
    assert_string_equal(dtls_alert_name(51), "decrypt_error");
    assert_string_equal(dtls_alert_name(115), "unknown_psk_identity");
    assert_string_equal(dtls_alert_name(1), "unknown");
    assert_string_equal(dtls_alert_name(DTLS_ALERT_NONE), "unknown");
    assert_string_equal(dtls_alert_name(100000), "unknown");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_has_a_name_and_a_sentence),
        cmocka_unit_test(unknown_errors),
        cmocka_unit_test(alerts_of_errors),
        cmocka_unit_test(names_of_alerts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
