/* SPDX-License-Identifier: MIT
 *
 * The agenda of a world: the order of deadlines and of nodes to be polled,
 * held against a plain list.
 */
#include "agenda.h"

#include <stdlib.h>

#include "check.h"
#include "dtlslab_endpoint.h"

#define NODES 150u

static uint32_t first_by_search(const uint64_t *deadlines, uint64_t *out_deadline) {
    uint32_t first = NODES;
    *out_deadline = DTLSLAB_NO_DEADLINE;
    for (uint32_t i = 0; i < NODES; i++) {
        if (deadlines[i] < *out_deadline) {
            *out_deadline = deadlines[i];
            first = i;
        }
    }
    return first;
}

static void the_first_deadline_is_that_of_a_search(void **state) {
    (void)state;
    struct dtlslab_agenda agenda;
    uint64_t deadlines[NODES];
    uint64_t random = 1;
    assert_true(dtlslab_agenda_init(&agenda, NODES));
    for (uint32_t i = 0; i < NODES; i++)
        deadlines[i] = DTLSLAB_NO_DEADLINE;
    for (uint32_t turn = 0; turn < 20000; turn++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
        uint32_t node = (uint32_t)(random >> 33) % NODES;
        uint64_t deadline = random >> 60 < 5 ? DTLSLAB_NO_DEADLINE : random >> 40 & 63; /* many are equal */
        deadlines[node] = deadline;
        dtlslab_agenda_set_deadline(&agenda, node, deadline);
        uint64_t found;
        uint64_t searched;
        assert_int_equal(dtlslab_agenda_first(&agenda, &found), first_by_search(deadlines, &searched));
        assert_true(found == searched);
        assert_true(dtlslab_agenda_deadline(&agenda, node) == deadline);
    }
    dtlslab_agenda_free(&agenda);
}

static void marked_nodes_are_found_in_order(void **state) {
    (void)state;
    static const uint32_t marked[] = {0, 1, 63, 64, 127, 128, NODES - 1};
    const uint32_t num = sizeof marked / sizeof *marked;
    struct dtlslab_agenda agenda;
    assert_true(dtlslab_agenda_init(&agenda, NODES));
    assert_int_equal(dtlslab_agenda_next_marked(&agenda, 0), NODES);
    for (uint32_t i = num; i-- > 0;) {
        dtlslab_agenda_mark(&agenda, marked[i]);
        dtlslab_agenda_mark(&agenda, marked[i]);
    }
    assert_int_equal(agenda.num_marked, num);
    uint32_t at = 0;
    for (uint32_t i = 0; i < num; i++, at++) {
        at = dtlslab_agenda_next_marked(&agenda, at);
        assert_int_equal(at, marked[i]);
        dtlslab_agenda_unmark(&agenda, at);
        dtlslab_agenda_unmark(&agenda, at);
    }
    assert_int_equal(agenda.num_marked, 0);
    assert_int_equal(dtlslab_agenda_next_marked(&agenda, NODES), NODES);
    dtlslab_agenda_free(&agenda);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_deadline_is_that_of_a_search),
        cmocka_unit_test(marked_nodes_are_found_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
