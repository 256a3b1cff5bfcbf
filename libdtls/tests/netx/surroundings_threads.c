/* SPDX-License-Identifier: MIT
 *
 * Threads, semaphores and mutexes.
 */
#include "surroundings.h"

static UINT answer;

/* --- Threads. --- */

static VOID stop(ULONG input) {
    (void)input;
}

static VOID stay(ULONG input) {
    (void)input;
    answer = tx_thread_sleep(TX_WAIT_FOREVER);
}

static UINT create(TX_THREAD *thread, VOID (*entry)(ULONG), UINT priority, UINT threshold, UINT start) {
    return tx_thread_create(thread, NULL, entry, 0, NULL, 0, priority, threshold, TX_NO_TIME_SLICE, start);
}

static TX_THREAD *block(void) {
    return netx_test_memory(sizeof(TX_THREAD));
}

static TX_THREAD *ended(void) {
    return netx_test_thread(1, stop, 0);
}

static TX_THREAD *asleep(void) {
    return netx_test_thread(1, stay, 0);
}

ROW(tx_thread_create, TX_SUCCESS) {
    TX_THREAD *thread = block();
    CHECK_CODE(create(thread, stay, TX_MAX_PRIORITIES - 1, 0, TX_DONT_START), expected);
    CHECK(thread->tx_thread_state == TX_SUSPENDED && thread->tx_thread_priority == TX_MAX_PRIORITIES - 1);
}

ROW(tx_thread_create, TX_THREAD_ERROR) {
    CHECK_CODE(create(TX_NULL, stay, 1, 1, TX_AUTO_START), expected);
    CHECK_CODE(create(asleep(), stay, 1, 1, TX_AUTO_START), expected);
}

ANSWERS(tx_thread_create, TX_PTR_ERROR, create(block(), TX_NULL, 1, 1, TX_AUTO_START))
ANSWERS(tx_thread_create, TX_PRIORITY_ERROR, create(block(), stay, TX_MAX_PRIORITIES, 1, TX_AUTO_START))
ANSWERS(tx_thread_create, TX_THRESH_ERROR, create(block(), stay, 1, 2, TX_AUTO_START))
ANSWERS(tx_thread_create, TX_START_ERROR, create(block(), stay, 1, 1, 2))

ANSWERS(tx_thread_delete, TX_SUCCESS, tx_thread_delete(ended()))
ROW(tx_thread_delete, TX_THREAD_ERROR) {
    TX_THREAD *thread = ended();
    CHECK_CODE(tx_thread_delete(TX_NULL), expected);
    CHECK_CODE(tx_thread_delete(block()), expected);
    CHECK_CODE(tx_thread_delete(thread), TX_SUCCESS);
    CHECK_CODE(tx_thread_delete(thread), expected);
}
ANSWERS(tx_thread_delete, TX_DELETE_ERROR, tx_thread_delete(asleep()))

ROW(tx_thread_resume, TX_SUCCESS) {
    TX_THREAD *thread = block();
    CHECK_CODE(create(thread, stop, 1, 1, TX_DONT_START), TX_SUCCESS);
    CHECK_CODE(tx_thread_resume(thread), expected);
    CHECK(thread->tx_thread_state == TX_COMPLETED);
}

ROW(tx_thread_resume, TX_SUSPEND_LIFTED) {
    TX_THREAD *thread = asleep();
    CHECK_CODE(tx_thread_suspend(thread), TX_SUCCESS);
    CHECK_CODE(tx_thread_resume(thread), expected);
    CHECK_CODE(tx_thread_wait_abort(thread), TX_SUCCESS);
    CHECK(thread->tx_thread_state == TX_COMPLETED);
}

ROW(tx_thread_resume, TX_THREAD_ERROR) {
    CHECK_CODE(tx_thread_resume(TX_NULL), expected);
    CHECK_CODE(tx_thread_resume(block()), expected);
}
ANSWERS(tx_thread_resume, TX_RESUME_ERROR, tx_thread_resume(ended()))

ROW(tx_thread_sleep, TX_SUCCESS) {
    CHECK_CODE(tx_thread_sleep(0), expected);
    CHECK_CODE(tx_thread_sleep(2), expected);
    CHECK(netx_test_ticks() == 2);
}

static void sleep_outside(void) {
    answer = tx_thread_sleep(1);
}

ROW(tx_thread_sleep, TX_CALLER_ERROR) {
    outside_of_threads(sleep_outside);
    CHECK_CODE(answer, expected);
}

ROW(tx_thread_sleep, TX_WAIT_ABORTED) {
    interrupted(abort_it);
    CHECK_CODE(tx_thread_sleep(9), expected);
    CHECK(netx_test_ticks() == 3);
}

ROW(tx_thread_suspend, TX_SUCCESS) {
    TX_THREAD *thread = netx_test_thread(NETX_TEST_PRIORITY + 1, stop, 0);
    CHECK_CODE(tx_thread_suspend(thread), expected);
    CHECK(thread->tx_thread_state == TX_SUSPENDED);
    CHECK_CODE(tx_thread_suspend(thread), expected);
    thread = asleep();
    CHECK_CODE(tx_thread_suspend(thread), expected);
    CHECK(thread->tx_thread_state == TX_SLEEP);
    CHECK_CODE(tx_thread_wait_abort(thread), TX_SUCCESS);
    CHECK(thread->tx_thread_state == TX_SUSPENDED);
}

ROW(tx_thread_suspend, TX_THREAD_ERROR) {
    CHECK_CODE(tx_thread_suspend(TX_NULL), expected);
    CHECK_CODE(tx_thread_suspend(block()), expected);
}
ANSWERS(tx_thread_suspend, TX_SUSPEND_ERROR, tx_thread_suspend(ended()))

ROW(tx_thread_terminate, TX_SUCCESS) {
    TX_THREAD *thread = asleep();
    CHECK_CODE(tx_thread_terminate(thread), expected);
    CHECK(thread->tx_thread_state == TX_TERMINATED);
    CHECK_CODE(tx_thread_terminate(thread), expected);
}

ROW(tx_thread_terminate, TX_THREAD_ERROR) {
    CHECK_CODE(tx_thread_terminate(TX_NULL), expected);
    CHECK_CODE(tx_thread_terminate(block()), expected);
}

ANSWERS(tx_thread_wait_abort, TX_SUCCESS, tx_thread_wait_abort(asleep()))
ROW(tx_thread_wait_abort, TX_THREAD_ERROR) {
    CHECK_CODE(tx_thread_wait_abort(TX_NULL), expected);
    CHECK_CODE(tx_thread_wait_abort(block()), expected);
}
ROW(tx_thread_wait_abort, TX_WAIT_ABORT_ERROR) {
    TX_THREAD *thread = block();
    CHECK_CODE(create(thread, stop, 9, 9, TX_DONT_START), TX_SUCCESS);
    CHECK_CODE(tx_thread_wait_abort(thread), expected);
    CHECK_CODE(tx_thread_resume(thread), TX_SUCCESS);
    CHECK_CODE(tx_thread_wait_abort(thread), expected);
    CHECK_CODE(tx_thread_wait_abort(ended()), expected);
    thread = asleep();
    CHECK_CODE(tx_thread_terminate(thread), TX_SUCCESS);
    CHECK_CODE(tx_thread_wait_abort(thread), expected);
}

ROW(tx_thread_priority_change, TX_SUCCESS) {
    UINT old = 0;
    TX_THREAD *thread = asleep();
    CHECK_CODE(tx_thread_priority_change(thread, 5, &old), expected);
    CHECK(old == 1 && thread->tx_thread_priority == 5);
}

ROW(tx_thread_priority_change, TX_THREAD_ERROR) {
    UINT old = 0;
    CHECK_CODE(tx_thread_priority_change(TX_NULL, 5, &old), expected);
    CHECK_CODE(tx_thread_priority_change(block(), 5, &old), expected);
    CHECK_CODE(tx_thread_priority_change(block(), 5, TX_NULL), expected);
    CHECK_CODE(tx_thread_priority_change(block(), TX_MAX_PRIORITIES, &old), expected);
}
ANSWERS(tx_thread_priority_change, TX_PTR_ERROR, tx_thread_priority_change(asleep(), 5, TX_NULL))
ANSWERS(tx_thread_priority_change, TX_PRIORITY_ERROR,
        tx_thread_priority_change(asleep(), TX_MAX_PRIORITIES, &answer))

/* --- Semaphores. --- */

static TX_SEMAPHORE semaphore;

static TX_SEMAPHORE *semaphore_of(ULONG count) {
    memset(&semaphore, 0, sizeof semaphore);
    CHECK_CODE(tx_semaphore_create(&semaphore, NULL, count), TX_SUCCESS);
    return &semaphore;
}

static TX_SEMAPHORE *no_semaphore(void) {
    CHECK_CODE(tx_semaphore_delete(semaphore_of(1)), TX_SUCCESS);
    return &semaphore;
}

static void delete_semaphore(void) {
    CHECK_CODE(tx_semaphore_delete(&semaphore), TX_SUCCESS);
}

static void put_semaphore(void) {
    CHECK_CODE(tx_semaphore_put(&semaphore), TX_SUCCESS);
}

ANSWERS(tx_semaphore_create, TX_SUCCESS, tx_semaphore_create(no_semaphore(), NULL, 3))
ROW(tx_semaphore_create, TX_SEMAPHORE_ERROR) {
    CHECK_CODE(tx_semaphore_create(TX_NULL, NULL, 0), expected);
    CHECK_CODE(tx_semaphore_create(semaphore_of(0), NULL, 0), expected);
}

ANSWERS(tx_semaphore_delete, TX_SUCCESS, tx_semaphore_delete(semaphore_of(0)))
ROW(tx_semaphore_delete, TX_SEMAPHORE_ERROR) {
    CHECK_CODE(tx_semaphore_delete(TX_NULL), expected);
    CHECK_CODE(tx_semaphore_delete(no_semaphore()), expected);
}

ROW(tx_semaphore_get, TX_SUCCESS) {
    CHECK_CODE(tx_semaphore_get(semaphore_of(1), TX_NO_WAIT), expected);
    interrupted(put_semaphore);
    CHECK_CODE(tx_semaphore_get(&semaphore, TX_WAIT_FOREVER), expected);
    CHECK(semaphore.tx_semaphore_count == 0);
}

ROW(tx_semaphore_get, TX_DELETED) {
    interrupted(delete_semaphore);
    CHECK_CODE(tx_semaphore_get(semaphore_of(0), 9), expected);
}

ROW(tx_semaphore_get, TX_NO_INSTANCE) {
    CHECK_CODE(tx_semaphore_get(semaphore_of(0), TX_NO_WAIT), expected);
    CHECK_CODE(tx_semaphore_get(&semaphore, 2), expected);
    CHECK(netx_test_ticks() == 2 && semaphore.tx_semaphore_suspended_count == 0);
}

ROW(tx_semaphore_get, TX_WAIT_ABORTED) {
    interrupted(abort_it);
    CHECK_CODE(tx_semaphore_get(semaphore_of(0), 9), expected);
}

ROW(tx_semaphore_get, TX_SEMAPHORE_ERROR) {
    CHECK_CODE(tx_semaphore_get(TX_NULL, 9), expected);
    CHECK_CODE(tx_semaphore_get(no_semaphore(), 9), expected);
}

static void get_semaphore_outside(void) {
    answer = tx_semaphore_get(semaphore_of(0), 9);
}

ROW(tx_semaphore_get, TX_WAIT_ERROR) {
    outside_of_threads(get_semaphore_outside);
    CHECK_CODE(answer, expected);
}

ANSWERS(tx_semaphore_put, TX_SUCCESS, tx_semaphore_put(semaphore_of(0)))
ROW(tx_semaphore_put, TX_SEMAPHORE_ERROR) {
    CHECK_CODE(tx_semaphore_put(TX_NULL), expected);
    CHECK_CODE(tx_semaphore_put(no_semaphore()), expected);
}

/* --- Mutexes. --- */

static TX_MUTEX mutex;

static TX_MUTEX *mutex_of(UINT inherit) {
    memset(&mutex, 0, sizeof mutex);
    CHECK_CODE(tx_mutex_create(&mutex, NULL, inherit), TX_SUCCESS);
    return &mutex;
}

static TX_MUTEX *no_mutex(void) {
    CHECK_CODE(tx_mutex_delete(mutex_of(TX_INHERIT)), TX_SUCCESS);
    return &mutex;
}

static VOID hold(ULONG ticks) {
    CHECK_CODE(tx_mutex_get(&mutex, TX_NO_WAIT), TX_SUCCESS);
    tx_thread_sleep(ticks);
    if (tx_mutex_put(&mutex) != TX_SUCCESS)
        CHECK(mutex.tx_mutex_id == 0);
}

static TX_MUTEX *held_for(ULONG ticks) {
    mutex_of(TX_INHERIT);
    netx_test_thread(1, hold, ticks);
    return &mutex;
}

static void delete_mutex(void) {
    CHECK_CODE(tx_mutex_delete(&mutex), TX_SUCCESS);
}

ANSWERS(tx_mutex_create, TX_SUCCESS, tx_mutex_create(no_mutex(), NULL, TX_NO_INHERIT))
ANSWERS(tx_mutex_create, TX_INHERIT_ERROR, tx_mutex_create(no_mutex(), NULL, 2))
ROW(tx_mutex_create, TX_MUTEX_ERROR) {
    CHECK_CODE(tx_mutex_create(TX_NULL, NULL, TX_INHERIT), expected);
    CHECK_CODE(tx_mutex_create(mutex_of(TX_INHERIT), NULL, TX_INHERIT), expected);
}

ANSWERS(tx_mutex_delete, TX_SUCCESS, tx_mutex_delete(held_for(5)))
ROW(tx_mutex_delete, TX_MUTEX_ERROR) {
    CHECK_CODE(tx_mutex_delete(TX_NULL), expected);
    CHECK_CODE(tx_mutex_delete(no_mutex()), expected);
}

ROW(tx_mutex_get, TX_SUCCESS) {
    CHECK_CODE(tx_mutex_get(held_for(5), TX_WAIT_FOREVER), expected);
    CHECK_CODE(tx_mutex_get(&mutex, TX_NO_WAIT), expected);
    CHECK(netx_test_ticks() == 5 && mutex.tx_mutex_ownership_count == 2);
}

ROW(tx_mutex_get, TX_DELETED) {
    interrupted(delete_mutex);
    CHECK_CODE(tx_mutex_get(held_for(5), TX_WAIT_FOREVER), expected);
}

ROW(tx_mutex_get, TX_NOT_AVAILABLE) {
    CHECK_CODE(tx_mutex_get(held_for(5), TX_NO_WAIT), expected);
    CHECK_CODE(tx_mutex_get(&mutex, 2), expected);
    CHECK(netx_test_ticks() == 2);
}

ROW(tx_mutex_get, TX_WAIT_ABORTED) {
    interrupted(abort_it);
    CHECK_CODE(tx_mutex_get(held_for(5), 4), expected);
}

ROW(tx_mutex_get, TX_MUTEX_ERROR) {
    CHECK_CODE(tx_mutex_get(TX_NULL, TX_NO_WAIT), expected);
    CHECK_CODE(tx_mutex_get(no_mutex(), TX_NO_WAIT), expected);
}

static void get_mutex_outside(void) {
    answer = tx_mutex_get(&mutex, 9);
}

ROW(tx_mutex_get, TX_WAIT_ERROR) {
    held_for(5);
    outside_of_threads(get_mutex_outside);
    CHECK_CODE(answer, expected);
}

ROW(tx_mutex_put, TX_SUCCESS) {
    CHECK_CODE(tx_mutex_get(mutex_of(TX_NO_INHERIT), TX_NO_WAIT), TX_SUCCESS);
    CHECK_CODE(tx_mutex_put(&mutex), expected);
    CHECK(mutex.tx_mutex_ownership_count == 0 && mutex.tx_mutex_owner == NULL);
}

ROW(tx_mutex_put, TX_NOT_OWNED) {
    CHECK_CODE(tx_mutex_put(mutex_of(TX_INHERIT)), expected);
    CHECK_CODE(tx_mutex_put(held_for(5)), expected);
}

ROW(tx_mutex_put, TX_MUTEX_ERROR) {
    CHECK_CODE(tx_mutex_put(TX_NULL), expected);
    CHECK_CODE(tx_mutex_put(no_mutex()), expected);
}
