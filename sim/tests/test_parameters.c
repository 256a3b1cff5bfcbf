/* SPDX-License-Identifier: MIT
 *
 * Parameters: values with units, places, and what is said of wrong ones.
 */
#include <string.h>

#include "check.h"
#include "parameters.h"

static char message[DTLSLAB_MAX_TEXT];

static const struct dtlslab_parameter_rule rules[] = {
    {"delay", DTLSLAB_SUFFIX_DIRECTION}, {"port", DTLSLAB_SUFFIX_NODE}, {"bind", DTLSLAB_SUFFIX_NONE}};

static struct dtlslab_parameters of(const struct dtlslab_parameter *list, uint32_t num) {
    message[0] = '\0';
    return (struct dtlslab_parameters){list, num, 3, "test", message};
}

static const struct dtlslab_place anywhere = {0};

/* Reads one duration; UINT64_MAX when it is refused. */
static uint64_t duration(const char *text) {
    struct dtlslab_parameter parameter = {"delay", text};
    struct dtlslab_parameters parameters = of(&parameter, 1);
    uint64_t value = 0;
    return dtlslab_parameter_duration(&parameters, "delay", anywhere, &value) == DTLSLAB_OK ? value
                                                                                            : UINT64_MAX;
}

static uint64_t rate(const char *text) {
    struct dtlslab_parameter parameter = {"delay", text};
    struct dtlslab_parameters parameters = of(&parameter, 1);
    uint64_t value = 0;
    return dtlslab_parameter_rate(&parameters, "delay", anywhere, &value) == DTLSLAB_OK ? value : UINT64_MAX;
}

static void durations_have_units(void **state) {
    (void)state;
    assert_int_equal(duration("15ms"), 15000000);
    assert_int_equal(duration("250us"), 250000);
    assert_int_equal(duration("1.5s"), 1500000000);
    assert_int_equal(duration("40ns"), 40);
    assert_int_equal(duration("2min"), 120000000000);
    assert_int_equal(duration("0"), 0);
    assert_int_equal(duration("0.1s"), 100000000);
    assert_int_equal(duration("1e-3s"), 1000000);
    const char *const wrong[] = {"",    "15",  "ms",  "15 ms",  "-1ms",  "1.s",
                                 ".5s", "inf", "nan", "0x10ms", "1e99s", "15mss"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_true(duration(wrong[i]) == UINT64_MAX);
        assert_non_null(strstr(message, "test carrier: parameter delay="));
        assert_non_null(strstr(message, "expected a duration such as 15ms"));
    }
}

static void rates_have_units(void **state) {
    (void)state;
    assert_int_equal(rate("10Mbps"), 10000000);
    assert_int_equal(rate("250kbps"), 250000);
    assert_int_equal(rate("1.5Gbps"), 1500000000);
    assert_int_equal(rate("9600bps"), 9600);
    assert_int_equal(rate("0"), 0);
    assert_true(rate("10mbps") == UINT64_MAX);
    assert_true(rate("10") == UINT64_MAX);
}

static void probabilities_and_counts_have_limits(void **state) {
    (void)state;
    const struct dtlslab_parameter list[] = {{"delay", "0.30000000000000004"},
                                             {"delay.0-1", "1.01"},
                                             {"delay.1-0", "1e-05"},
                                             {"port", "70000"},
                                             {"port.1", "4433"},
                                             {"port.2", "1.0"}};
    struct dtlslab_parameters parameters = of(list, 6);
    double probability = -1;
    uint64_t count = 0;
    struct dtlslab_place forth = {DTLSLAB_SUFFIX_DIRECTION, 0, 1};
    struct dtlslab_place back = {DTLSLAB_SUFFIX_DIRECTION, 1, 0};
    assert_int_equal(dtlslab_parameter_probability(&parameters, "delay", anywhere, &probability), DTLSLAB_OK);
    assert_true(probability == 0.30000000000000004);
    assert_int_equal(dtlslab_parameter_probability(&parameters, "delay", back, &probability), DTLSLAB_OK);
    assert_true(probability == 1e-05);
    assert_int_equal(dtlslab_parameter_probability(&parameters, "delay", forth, &probability),
                     DTLSLAB_INVALID);
    assert_string_equal(
        message, "test carrier: parameter delay.0-1=1.01: expected a probability from 0 to 1 such as 0.05");
    struct dtlslab_place node = {DTLSLAB_SUFFIX_NODE, 1, 0};
    assert_int_equal(dtlslab_parameter_count(&parameters, "port", node, 0, 65535, &count), DTLSLAB_OK);
    assert_int_equal(count, 4433);
    node.node = 2;
    assert_int_equal(dtlslab_parameter_count(&parameters, "port", node, 0, 65535, &count), DTLSLAB_INVALID);
    node.node = 0;
    assert_int_equal(dtlslab_parameter_count(&parameters, "port", node, 0, 65535, &count), DTLSLAB_INVALID);
    assert_string_equal(message,
                        "test carrier: parameter port=70000: expected a whole number from 0 to 65535");
    assert_null(dtlslab_parameter_text(&parameters, "bind", anywhere));
}

/* Checks one name against the rules and answers the message. */
static const char *check(const char *name) {
    struct dtlslab_parameter parameter = {name, "1"};
    struct dtlslab_parameters parameters = of(&parameter, 1);
    int32_t result = dtlslab_parameters_check(&parameters, rules, 3);
    assert_int_equal(result, message[0] == '\0' ? DTLSLAB_OK : DTLSLAB_INVALID);
    return message;
}

static void names_are_checked_with_their_suffixes(void **state) {
    (void)state;
    assert_string_equal(check("delay"), "");
    assert_string_equal(check("delay.0-2"), "");
    assert_string_equal(check("port.2"), "");
    assert_string_equal(check("lag"), "test carrier: unknown parameter lag; known: delay port bind");
    assert_string_equal(check("delay.1"),
                        "test carrier: parameter delay.1=1: expected the suffix .FROM-TO or none");
    assert_string_equal(check("port.0-1"),
                        "test carrier: parameter port.0-1=1: expected the suffix .NODE or none");
    assert_string_equal(check("bind.1"), "test carrier: parameter bind.1=1: expected no suffix on this name");
    assert_string_equal(check("delay.0-3"),
                        "test carrier: parameter delay.0-3=1: expected nodes from 0 to 2 in the suffix");
    assert_string_equal(check("delay.1-1"),
                        "test carrier: parameter delay.1-1=1: expected two different nodes");
    assert_non_null(strstr(check("delay.x"), "in decimal"));
    assert_non_null(strstr(check("port.99999999999"), "in decimal"));
    struct dtlslab_parameter twice[] = {{"delay", "1"}, {"delay", "2"}};
    struct dtlslab_parameters parameters = of(twice, 2);
    assert_int_equal(dtlslab_parameters_check(&parameters, rules, 3), DTLSLAB_INVALID);
    assert_string_equal(message, "test carrier: parameter delay=2: expected the name only once");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_have_units),
        cmocka_unit_test(rates_have_units),
        cmocka_unit_test(probabilities_and_counts_have_limits),
        cmocka_unit_test(names_are_checked_with_their_suffixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
