/* SPDX-License-Identifier: MIT
 *
 * Event flags and queues.
 */
#include "surroundings.h"

static UINT answer;

/* --- Event flags. --- */

static TX_EVENT_FLAGS_GROUP group;
static ULONG actual;

static TX_EVENT_FLAGS_GROUP *group_of(ULONG flags) {
    memset(&group, 0, sizeof group);
    CHECK_CODE(tx_event_flags_create(&group, NULL), TX_SUCCESS);
    CHECK_CODE(tx_event_flags_set(&group, flags, TX_OR), TX_SUCCESS);
    return &group;
}

static TX_EVENT_FLAGS_GROUP *no_group(void) {
    CHECK_CODE(tx_event_flags_delete(group_of(0)), TX_SUCCESS);
    return &group;
}

static UINT flags_get(ULONG flags, UINT option, ULONG wait_option) {
    return tx_event_flags_get(&group, flags, option, &actual, wait_option);
}

static void set_six(void) {
    CHECK_CODE(tx_event_flags_set(&group, 6, TX_OR), TX_SUCCESS);
}

static void delete_group(void) {
    CHECK_CODE(tx_event_flags_delete(&group), TX_SUCCESS);
}

ANSWERS(tx_event_flags_create, TX_SUCCESS, tx_event_flags_create(no_group(), NULL))
ROW(tx_event_flags_create, TX_GROUP_ERROR) {
    CHECK_CODE(tx_event_flags_create(TX_NULL, NULL), expected);
    CHECK_CODE(tx_event_flags_create(group_of(0), NULL), expected);
}

ANSWERS(tx_event_flags_delete, TX_SUCCESS, tx_event_flags_delete(group_of(0)))
ROW(tx_event_flags_delete, TX_GROUP_ERROR) {
    CHECK_CODE(tx_event_flags_delete(TX_NULL), expected);
    CHECK_CODE(tx_event_flags_delete(no_group()), expected);
}

static void got(ULONG told, ULONG left) {
    CHECK(actual == told && group.tx_event_flags_group_current == left);
}

static VOID take_two(ULONG input) {
    CHECK_CODE(tx_event_flags_get(&group, 2, TX_OR_CLEAR, netx_test_memory(sizeof actual), TX_WAIT_FOREVER),
               TX_SUCCESS);
    answer += input;
}

ROW(tx_event_flags_get, TX_SUCCESS) {
    group_of(7);
    CHECK_CODE(flags_get(12, TX_OR, TX_NO_WAIT), expected);
    got(7, 7);
    CHECK_CODE(flags_get(10, TX_OR_CLEAR, TX_NO_WAIT), expected);
    got(7, 5);
    CHECK_CODE(flags_get(1, TX_AND_CLEAR, TX_NO_WAIT), expected);
    got(5, 4);
    CHECK_CODE(flags_get(4, TX_AND, TX_NO_WAIT), expected);
    got(4, 4);
    interrupted(set_six);
    CHECK_CODE(flags_get(6, TX_AND, TX_WAIT_FOREVER), expected);
    got(6, 6);
    CHECK_CODE(flags_get(6, TX_AND_CLEAR, TX_NO_WAIT), expected);
    got(6, 0);
    CHECK(netx_test_ticks() == 3 && group.tx_event_flags_group_suspended_count == 0);
}

ROW(tx_event_flags_get, TX_NO_EVENTS) {
    group_of(5);
    CHECK_CODE(flags_get(2, TX_OR, TX_NO_WAIT), expected);
    CHECK_CODE(flags_get(7, TX_AND, TX_NO_WAIT), expected);
    CHECK_CODE(flags_get(0, TX_AND, TX_NO_WAIT), expected);
    interrupted(set_six);
    CHECK_CODE(flags_get(10, TX_AND_CLEAR, 4), expected);
    CHECK(netx_test_ticks() == 4 && group.tx_event_flags_group_current == 7);
}

ROW(tx_event_flags_get, TX_DELETED) {
    group_of(0);
    interrupted(delete_group);
    CHECK_CODE(flags_get(1, TX_OR, 9), expected);
}

ROW(tx_event_flags_get, TX_WAIT_ABORTED) {
    group_of(0);
    interrupted(abort_it);
    CHECK_CODE(flags_get(1, TX_OR, 9), expected);
}

ROW(tx_event_flags_get, TX_GROUP_ERROR) {
    CHECK_CODE(tx_event_flags_get(TX_NULL, 1, TX_OR, &actual, 9), expected);
    CHECK_CODE(tx_event_flags_get(no_group(), 1, TX_OR, &actual, 9), expected);
}

ANSWERS(tx_event_flags_get, TX_PTR_ERROR, tx_event_flags_get(group_of(1), 1, TX_OR, TX_NULL, 9))
ANSWERS(tx_event_flags_get, TX_OPTION_ERROR, tx_event_flags_get(group_of(1), 1, 4, &actual, 9))

static void get_flags_outside(void) {
    group_of(0);
    answer = flags_get(1, TX_OR, 9);
}

ROW(tx_event_flags_get, TX_WAIT_ERROR) {
    outside_of_threads(get_flags_outside);
    CHECK_CODE(answer, expected);
}

/* All that wait for a flag have it, also those that take it away; another waits on. */
ROW(tx_event_flags_set, TX_SUCCESS) {
    answer = 0;
    group_of(8);
    netx_test_thread(1, take_two, 1);
    netx_test_thread(1, take_two, 10);
    CHECK_CODE(tx_event_flags_set(&group, 4, TX_OR), expected);
    CHECK(answer == 0 && group.tx_event_flags_group_suspended_count == 2);
    CHECK_CODE(tx_event_flags_set(&group, 2, TX_OR), expected);
    CHECK(answer == 11 && group.tx_event_flags_group_current == 12);
    CHECK_CODE(tx_event_flags_set(&group, ~4u, TX_AND), expected);
    CHECK(group.tx_event_flags_group_current == 8);
}

ROW(tx_event_flags_set, TX_GROUP_ERROR) {
    CHECK_CODE(tx_event_flags_set(TX_NULL, 1, TX_OR), expected);
    CHECK_CODE(tx_event_flags_set(no_group(), 1, TX_OR), expected);
}

ANSWERS(tx_event_flags_set, TX_OPTION_ERROR, tx_event_flags_set(group_of(0), 1, TX_OR_CLEAR))

/* --- Queues. --- */

static TX_QUEUE queue;
static ULONG places[7]; /* of two ULONGs: three, and one ULONG too few for a fourth */
static ULONG letter[2];

static TX_QUEUE *queue_of(ULONG num) {
    memset(&queue, 0, sizeof queue);
    CHECK_CODE(tx_queue_create(&queue, NULL, TX_2_ULONG, places, sizeof places), TX_SUCCESS);
    for (ULONG i = 0; i < num; i++)
        CHECK_CODE(tx_queue_send(&queue, (ULONG[]){i, i + 100}, TX_NO_WAIT), TX_SUCCESS);
    return &queue;
}

static TX_QUEUE *no_queue(void) {
    CHECK_CODE(tx_queue_delete(queue_of(0)), TX_SUCCESS);
    return &queue;
}

static UINT make_queue(UINT message_size, VOID *memory, ULONG size) {
    return tx_queue_create(no_queue(), NULL, message_size, memory, size);
}

static void send_nine(void) {
    CHECK_CODE(tx_queue_send(&queue, (ULONG[]){9, 109}, TX_NO_WAIT), TX_SUCCESS);
}

static void receive_one(void) {
    CHECK_CODE(tx_queue_receive(&queue, letter, TX_NO_WAIT), TX_SUCCESS);
}

static void delete_queue(void) {
    CHECK_CODE(tx_queue_delete(&queue), TX_SUCCESS);
}

static void received(ULONG number) {
    receive_one();
    CHECK(letter[0] == number && letter[1] == number + 100);
}

ROW(tx_queue_create, TX_SUCCESS) {
    CHECK_CODE(make_queue(TX_16_ULONG, places, 64), expected);
    CHECK_CODE(make_queue(TX_2_ULONG, places, sizeof places), expected);
    CHECK(queue.tx_queue_capacity == 3 && queue.tx_queue_available_storage == 3);
}

ROW(tx_queue_create, TX_QUEUE_ERROR) {
    CHECK_CODE(tx_queue_create(TX_NULL, NULL, 1, places, sizeof places), expected);
    CHECK_CODE(tx_queue_create(queue_of(0), NULL, 1, places, sizeof places), expected);
}

ANSWERS(tx_queue_create, TX_PTR_ERROR, make_queue(1, TX_NULL, sizeof places))
ROW(tx_queue_create, TX_SIZE_ERROR) {
    CHECK_CODE(make_queue(0, places, sizeof places), expected);
    CHECK_CODE(make_queue(17, places, 100), expected);
    CHECK_CODE(make_queue(2, places, 7), expected);
}

ANSWERS(tx_queue_delete, TX_SUCCESS, tx_queue_delete(queue_of(1)))
ROW(tx_queue_delete, TX_QUEUE_ERROR) {
    CHECK_CODE(tx_queue_delete(TX_NULL), expected);
    CHECK_CODE(tx_queue_delete(no_queue()), expected);
}

static ULONG ninth[] = {9, 109};

ROW(tx_queue_send, TX_SUCCESS) {
    interrupted(receive_one);
    CHECK_CODE(tx_queue_send(queue_of(3), ninth, TX_WAIT_FOREVER), expected);
    CHECK(netx_test_ticks() == 3 && letter[0] == 0 && queue.tx_queue_suspended_count == 0);
    received(1);
    CHECK_CODE(tx_queue_send(&queue, (ULONG[]){4, 104}, TX_WAIT_FOREVER), expected);
    received(2);
    received(9);
    received(4);
    CHECK(queue.tx_queue_enqueued == 0 && queue.tx_queue_available_storage == 3);
}

ROW(tx_queue_send, TX_QUEUE_FULL) {
    CHECK_CODE(tx_queue_send(queue_of(3), ninth, TX_NO_WAIT), expected);
    CHECK_CODE(tx_queue_send(&queue, ninth, 4), expected);
    CHECK(netx_test_ticks() == 4 && queue.tx_queue_enqueued == 3);
}

ROW(tx_queue_send, TX_DELETED) {
    interrupted(delete_queue);
    CHECK_CODE(tx_queue_send(queue_of(3), ninth, 9), expected);
}

ROW(tx_queue_send, TX_WAIT_ABORTED) {
    interrupted(abort_it);
    CHECK_CODE(tx_queue_send(queue_of(3), ninth, 9), expected);
}

ROW(tx_queue_send, TX_QUEUE_ERROR) {
    CHECK_CODE(tx_queue_send(TX_NULL, ninth, 9), expected);
    CHECK_CODE(tx_queue_send(no_queue(), ninth, 9), expected);
}

ANSWERS(tx_queue_send, TX_PTR_ERROR, tx_queue_send(queue_of(0), TX_NULL, 9))

static void send_outside(void) {
    answer = tx_queue_send(queue_of(3), ninth, 9);
}

ROW(tx_queue_send, TX_WAIT_ERROR) {
    outside_of_threads(send_outside);
    CHECK_CODE(answer, expected);
}

ROW(tx_queue_receive, TX_SUCCESS) {
    interrupted(send_nine);
    CHECK_CODE(tx_queue_receive(queue_of(0), letter, TX_WAIT_FOREVER), expected);
    CHECK(netx_test_ticks() == 3 && letter[0] == 9 && letter[1] == 109 && queue.tx_queue_enqueued == 0);
    CHECK_CODE(tx_queue_receive(queue_of(2), letter, TX_NO_WAIT), expected);
    CHECK(letter[0] == 0 && letter[1] == 100);
}

ROW(tx_queue_receive, TX_QUEUE_EMPTY) {
    CHECK_CODE(tx_queue_receive(queue_of(0), letter, TX_NO_WAIT), expected);
    CHECK_CODE(tx_queue_receive(&queue, letter, 4), expected);
    CHECK(netx_test_ticks() == 4);
}

ROW(tx_queue_receive, TX_DELETED) {
    interrupted(delete_queue);
    CHECK_CODE(tx_queue_receive(queue_of(0), letter, 9), expected);
}

ROW(tx_queue_receive, TX_WAIT_ABORTED) {
    interrupted(abort_it);
    CHECK_CODE(tx_queue_receive(queue_of(0), letter, 9), expected);
}

ROW(tx_queue_receive, TX_QUEUE_ERROR) {
    CHECK_CODE(tx_queue_receive(TX_NULL, letter, 9), expected);
    CHECK_CODE(tx_queue_receive(no_queue(), letter, 9), expected);
}

ANSWERS(tx_queue_receive, TX_PTR_ERROR, tx_queue_receive(queue_of(1), TX_NULL, 9))

static void receive_outside(void) {
    answer = tx_queue_receive(queue_of(0), letter, 9);
}

ROW(tx_queue_receive, TX_WAIT_ERROR) {
    outside_of_threads(receive_outside);
    CHECK_CODE(answer, expected);
}
