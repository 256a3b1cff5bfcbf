/* SPDX-License-Identifier: MIT
 *
 * The tables of the protocols: unambiguous, connected, and exported as they are.
 */
#include "support/check.h"

#include "handshake/connection.h"

static const dtls_protocol *const protocols[] = {&dtls_client_1_2, &dtls_server_1_2};

static void one_row_for_each_state_and_input(void **state) {
    (void)state;
    for (size_t p = 0; p < 2; p++) {
        for (size_t i = 0; i < protocols[p]->num_rows; i++) {
            const struct dtls_state_row *row = &protocols[p]->rows[i];
            assert_non_null(row->handle);
            assert_true(row->next[0] != 0);
            assert_string_not_equal(dtls_input_name(row->input), "unknown message");
            for (size_t j = 0; j < i; j++)
                assert_false(protocols[p]->rows[j].state == row->state &&
                             protocols[p]->rows[j].input == row->input);
        }
    }
}

/* Messages wait while the application is asked: such states take nothing but answers, and a ChangeCipherSpec
 * that is noted. */
static void states_that_ask_take_answers_only(void **state) {
    (void)state;
    for (size_t p = 0; p < 2; p++) {
        for (size_t i = 0; i < protocols[p]->num_rows; i++) {
            const struct dtls_state_row *row = &protocols[p]->rows[i];
            if (dtls_state_asks(row->state))
                assert_true(row->input > DTLS_INPUT_START);
            else
                assert_true(row->input <= DTLS_INPUT_CHANGE_CIPHER_SPEC);
        }
    }
}

/* Every state leads to CONNECTED, and every state but the first is led to. */
static void all_states_are_on_the_way(void **state) {
    (void)state;
    for (size_t p = 0; p < 2; p++) {
        const dtls_protocol *protocol = protocols[p];
        bool reached[DTLS_STATE_FAILED + 1] = {false};
        bool leads[DTLS_STATE_FAILED + 1] = {false};
        reached[p == 0 ? DTLS_STATE_START : DTLS_STATE_WAIT_CLIENT_HELLO] = true;
        leads[DTLS_STATE_CONNECTED] = true;
        for (size_t round = 0; round < 20; round++) {
            for (size_t i = 0; i < protocol->num_rows; i++) {
                const struct dtls_state_row *row = &protocol->rows[i];
                for (size_t n = 0; n < DTLS_ROW_NEXT && row->next[n] != 0; n++) {
                    reached[row->next[n]] = reached[row->next[n]] || reached[row->state];
                    leads[row->state] = leads[row->state] || leads[row->next[n]];
                }
            }
        }
        for (size_t i = 0; i < protocol->num_rows; i++) {
            assert_true(reached[protocol->rows[i].state]);
            assert_true(leads[protocol->rows[i].state]);
        }
    }
}

static void exports_every_transition(void **state) {
    (void)state;
    for (size_t p = 0; p < 2; p++) {
        size_t expected = 0;
        for (size_t i = 0; i < protocols[p]->num_rows; i++) {
            for (size_t n = 0; n < DTLS_ROW_NEXT && protocols[p]->rows[i].next[n] != 0; n++)
                expected++;
        }
        size_t num = 0;
        dtls_transition transition;
        while (dtls_protocol_transition(protocols[p], num, &transition) == DTLS_OK) {
            assert_true(strlen(transition.state) > 0);
            assert_true(strlen(transition.message) > 0);
            assert_true(strlen(transition.next) > 0);
            num++;
        }
        assert_int_equal(num, expected);
        assert_int_equal(dtls_protocol_transition(protocols[p], num + 5, &transition), DTLS_NOTHING);
    }
    dtls_transition first;
    assert_int_equal(dtls_protocol_transition(&dtls_server_1_2, 0, &first), DTLS_OK);
    assert_string_equal(first.state, "wait ClientHello");
    assert_string_equal(first.message, "ClientHello");
    assert_string_equal(first.next, "wait ClientKeyExchange");
}

static void names(void **state) {
    (void)state;
    for (unsigned i = 0; i <= DTLS_STATE_FAILED; i++)
        assert_true(strlen(dtls_state_name(i)) > 0);
    static const uint16_t inputs[] = {0,
                                      1,
                                      2,
                                      3,
                                      4,
                                      11,
                                      12,
                                      13,
                                      14,
                                      15,
                                      16,
                                      20,
                                      DTLS_INPUT_START,
                                      DTLS_INPUT_CHANGE_CIPHER_SPEC,
                                      DTLS_INPUT_CERTIFICATE_VERDICT,
                                      DTLS_INPUT_PSK,
                                      DTLS_INPUT_SIGNATURE,
                                      DTLS_INPUT_SESSION};
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
        assert_string_not_equal(dtls_input_name(inputs[i]), "unknown message");
    assert_string_equal(dtls_input_name(5), "unknown message");
    assert_int_equal(dtls_protocol_role(&dtls_client_1_2), DTLS_CLIENT);
    assert_int_equal(dtls_protocol_role(&dtls_server_1_2), DTLS_SERVER);
    assert_int_equal(dtls_protocol_version(&dtls_client_1_2), DTLS_VERSION_1_2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_row_for_each_state_and_input),
        cmocka_unit_test(states_that_ask_take_answers_only),
        cmocka_unit_test(all_states_are_on_the_way),
        cmocka_unit_test(exports_every_transition),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
