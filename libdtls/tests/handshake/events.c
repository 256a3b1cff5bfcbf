/* SPDX-License-Identifier: MIT
 *
 * The event queue.
 */
#include "support/check.h"

#include "handshake/events.h"

static void first_in_first_out(void **state) {
    (void)state;
    struct dtls_events events = {0};
    struct dtls_queued_event event;
    for (unsigned round = 0; round < 50; round++) {
        assert_false(dtls_events_take(&events, &event));
        dtls_events_put(&events, DTLS_EVENT_ALERT_RECEIVED, 1, 90);
        dtls_events_put(&events, DTLS_EVENT_CONNECTED, 0, 0);
        dtls_events_put(&events, DTLS_EVENT_FAILED, 0, 0);
        assert_true(dtls_events_take(&events, &event));
        assert_int_equal(event.kind, DTLS_EVENT_ALERT_RECEIVED);
        assert_int_equal(event.alert_level, 1);
        assert_int_equal(event.alert, 90);
        assert_true(dtls_events_take(&events, &event));
        assert_int_equal(event.kind, DTLS_EVENT_CONNECTED);
        assert_true(dtls_events_take(&events, &event));
        assert_int_equal(event.kind, DTLS_EVENT_FAILED);
    }
}

/* Whoever does not poll loses alerts and retransmissions, but never what there is once. */
static void never_loses_what_matters(void **state) {
    (void)state;
    static const dtls_event_kind once[] = {DTLS_EVENT_KEY_LOG, DTLS_EVENT_CONNECTED, DTLS_EVENT_PEER_CLOSED,
                                           DTLS_EVENT_LOOK_UP_PSK, DTLS_EVENT_FAILED};
    struct dtls_events events = {0};
    for (size_t i = 0; i < 5; i++) {
        for (unsigned n = 0; n < 20; n++) {
            dtls_events_put(&events, DTLS_EVENT_RETRANSMITTED, 0, 0);
            dtls_events_put(&events, DTLS_EVENT_ALERT_RECEIVED, 1, 0);
            dtls_events_put(&events, DTLS_EVENT_ALERT_SENT, 1, 0);
        }
        dtls_events_put(&events, once[i], 0, 0);
    }
    struct dtls_queued_event event;
    size_t num = 0;
    while (dtls_events_take(&events, &event)) {
        if (num < 5 && event.kind == once[num])
            num++;
    }
    assert_int_equal(num, 5);
}

static void questions_can_be_withdrawn(void **state) {
    (void)state;
    struct dtls_events events = {0};
    dtls_events_put(&events, DTLS_EVENT_KEY_LOG, 0, 0);
    dtls_events_put(&events, DTLS_EVENT_SIGN, 0, 0);
    dtls_events_put(&events, DTLS_EVENT_ALERT_SENT, 2, 40);
    dtls_events_withdraw_questions(&events);
    struct dtls_queued_event event;
    assert_true(dtls_events_take(&events, &event));
    assert_int_equal(event.kind, DTLS_EVENT_KEY_LOG);
    assert_true(dtls_events_take(&events, &event));
    assert_int_equal(event.kind, DTLS_EVENT_ALERT_SENT);
    assert_int_equal(event.alert, 40);
    assert_false(dtls_events_take(&events, &event));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_in_first_out),
        cmocka_unit_test(never_loses_what_matters),
        cmocka_unit_test(questions_can_be_withdrawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
