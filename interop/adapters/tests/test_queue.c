/* SPDX-License-Identifier: MIT */
#include "queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "dtlslab_endpoint.h"

static void test_first_in_first_out(void **state) {
    struct adapter_queue queue = {0};
    uint8_t out[8];
    uint64_t tag = 0;
    uint32_t len = 0;

    (void)state;
    assert_int_equal(adapter_queue_take(&queue, &tag, out, sizeof out, &len), DTLSLAB_NOTHING);
    assert_int_equal(adapter_queue_put(&queue, 1, "one", 3), DTLSLAB_OK);
    assert_int_equal(adapter_queue_put(&queue, 2, NULL, 0), DTLSLAB_OK);
    assert_int_equal(adapter_queue_put(&queue, 3, "three", 5), DTLSLAB_OK);
    assert_int_equal(adapter_queue_take(&queue, &tag, out, sizeof out, &len), DTLSLAB_OK);
    assert_int_equal(tag, 1);
    assert_int_equal(len, 3);
    assert_memory_equal(out, "one", 3);
    assert_int_equal(adapter_queue_take(&queue, &tag, out, sizeof out, &len), DTLSLAB_OK);
    assert_int_equal(tag, 2);
    assert_int_equal(len, 0);
    assert_int_equal(adapter_queue_take(&queue, NULL, out, sizeof out, NULL), DTLSLAB_OK);
    assert_memory_equal(out, "three", 5);
    assert_int_equal(adapter_queue_take(&queue, &tag, out, sizeof out, &len), DTLSLAB_NOTHING);
    assert_int_equal(queue.num_bytes, 0);
}

static void test_no_room_consumes_nothing(void **state) {
    struct adapter_queue queue = {0};
    uint8_t out[5];

    (void)state;
    assert_int_equal(adapter_queue_put(&queue, 0, "three", 5), DTLSLAB_OK);
    assert_int_equal(adapter_queue_take(&queue, NULL, out, 4, NULL), DTLSLAB_NO_ROOM);
    assert_int_equal(adapter_queue_take(&queue, NULL, out, 5, NULL), DTLSLAB_OK);
}

static void test_bounded(void **state) {
    static uint8_t bytes[1024 * 1024];
    struct adapter_queue queue = {0};
    unsigned num = 0;

    (void)state;
    while (adapter_queue_put(&queue, 0, bytes, sizeof bytes) == DTLSLAB_OK)
        num++;
    assert_int_equal(num, ADAPTER_QUEUE_MAX_BYTES / sizeof bytes - 1);
    assert_false(adapter_queue_has_room(&queue, sizeof bytes));
    assert_true(adapter_queue_has_room(&queue, 1000));
    adapter_queue_clear(&queue);
    assert_int_equal(queue.num_bytes, 0);
    assert_true(adapter_queue_has_room(&queue, sizeof bytes));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_in_first_out),
        cmocka_unit_test(test_no_room_consumes_nothing),
        cmocka_unit_test(test_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
