/* SPDX-License-Identifier: MIT
 *
 * The size of datagrams while the path's is not known (RFC 6347 section
 * 4.1.1.1).
 */
#include "support/check.h"

#include "flight/path_mtu.h"

static void repeat(struct dtls_path_mtu *path, unsigned times) {
    for (unsigned i = 0; i < times; i++)
        dtls_path_mtu_repeat(path);
}

static void shrinks_step_by_step(void **state) {
    (void)state;
    struct dtls_path_mtu path = dtls_path_mtu_of(1200, 256);
    static const uint16_t expected[] = {1200, 548, 548, 256, 256, 256, 256};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        repeat(&path, 1);
        assert_int_equal(path.now, expected[i]);
    }
}

static void answers_begin_the_count_anew_at_the_same_size(void **state) {
    (void)state;
    struct dtls_path_mtu path = dtls_path_mtu_of(1200, 256);
    repeat(&path, 1);
    dtls_path_mtu_answered(&path);
    repeat(&path, 1);
    assert_int_equal(path.now, 1200);
    repeat(&path, 1);
    assert_int_equal(path.now, 548);
    dtls_path_mtu_answered(&path);
    assert_int_equal(path.now, 548);
}

static void never_below_the_least(void **state) {
    (void)state;
    static const struct {
        size_t configured;
        size_t least;
        uint16_t end;
    } cases[] = {{1200, 300, 300}, {1200, 600, 600}, {200, 256, 200}, {256, 256, 256}, {65507, 256, 256}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct dtls_path_mtu path = dtls_path_mtu_of(cases[i].configured, cases[i].least);
        repeat(&path, 20);
        assert_int_equal(path.now, cases[i].end);
    }
}

static void what_is_told_stays(void **state) {
    (void)state;
    struct dtls_path_mtu path = dtls_path_mtu_of(1200, 256);
    repeat(&path, 2);
    dtls_path_mtu_tell(&path, 1000);
    repeat(&path, 20);
    assert_int_equal(path.now, 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shrinks_step_by_step),
        cmocka_unit_test(answers_begin_the_count_anew_at_the_same_size),
        cmocka_unit_test(never_below_the_least),
        cmocka_unit_test(what_is_told_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
