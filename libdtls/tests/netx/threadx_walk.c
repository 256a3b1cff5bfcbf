/* SPDX-License-Identifier: MIT
 *
 * The processor against a model of it: threads that call services at random,
 * in virtual time. Whoever runs must be the one that the model says, with the
 * answer that it says, at its time; so no wake is lost, doubled or out of order.
 *
 * `libdtls-test-netx-threadx-walk SEED` repeats one walk and tells its steps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "netx/threadx_model.h"
#include "tx_host.h"

#define WALKS          400
#define STEPS          400
#define PRIORITIES     4
#define FIRST_PRIORITY 10 /* those of the walk are the next ones */

/* The first thread never ends, and waits for time only: so there is always somebody whose turn comes. */
#define ANCHOR 0

static model m;
static TX_THREAD threads[MODEL_THREADS];
static TX_SEMAPHORE semaphores[MODEL_SEMAPHORES];
static TX_MUTEX mutexes[MODEL_MUTEXES];
static uint32_t seed;
static uint32_t state;
static unsigned steps;
static bool telling;
static char failure[256];

/* xorshift (Marsaglia, 2003). */
static uint32_t draw(uint32_t below) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % below;
}

__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    if (telling)
        vprintf(format, arguments);
    va_end(arguments);
}

static void check(const char *what, int which, long actual, long wanted) {
    if (actual == wanted || failure[0] != '\0')
        return;
    snprintf(failure, sizeof failure, "seed %u, step %u: %s %d is %ld, not %ld", seed, steps, what, which,
             actual, wanted);
    tx_host_exit(1);
}

/* What programs may see. */
static void compare(int self) {
    check("who runs is", self, m.running, self);
    check("time, seen by", self, (long)tx_time_get(), (long)m.now);
    for (int i = 0; i < MODEL_THREADS; i++) {
        check("the state of thread", i, (long)threads[i].tx_thread_state, (long)m.threads[i].state);
        check("the priority of thread", i, (long)threads[i].tx_thread_priority, (long)m.threads[i].priority);
    }
    for (int i = 0; i < MODEL_SEMAPHORES; i++) {
        const model_semaphore *s = &m.semaphores[i];
        if (!s->exists)
            continue;
        check("the count of semaphore", i, (long)semaphores[i].tx_semaphore_count, (long)s->count);
        check("those that wait for semaphore", i, (long)semaphores[i].tx_semaphore_suspended_count,
              s->waiters.num);
    }
    for (int i = 0; i < MODEL_MUTEXES; i++) {
        const model_mutex *x = &m.mutexes[i];
        const TX_THREAD *owner = x->owner == MODEL_NONE ? NULL : &threads[x->owner];
        if (!x->exists)
            continue;
        check("the owner of mutex", i, mutexes[i].tx_mutex_owner == owner, true);
        check("the count of mutex", i, (long)mutexes[i].tx_mutex_ownership_count, (long)x->count);
        check("those that wait for mutex", i, (long)mutexes[i].tx_mutex_suspended_count, x->waiters.num);
    }
}

/* --- One service, told to the model and called. --- */

static int self_now(void) {
    return (int)(tx_thread_identify() - threads);
}

static int any_but_the_anchor(void) {
    return 1 + (int)draw(MODEL_THREADS - 1);
}

static UINT any_priority(void) {
    return FIRST_PRIORITY + draw(PRIORITIES);
}

static ULONG any_wait(void) {
    uint32_t kind = draw(4);
    if (kind == 0)
        return TX_NO_WAIT;
    return kind == 1 && self_now() != ANCHOR ? TX_WAIT_FOREVER : 1 + draw(5);
}

static UINT sleep_or_relinquish(void) {
    ULONG ticks = draw(4);
    if (draw(2) == 0) {
        tell("relinquish\n");
        model_relinquish(&m);
        tx_thread_relinquish();
        return TX_SUCCESS;
    }
    tell("sleep %u\n", ticks);
    model_sleep(&m, ticks);
    return tx_thread_sleep(ticks);
}

static UINT suspend(void) {
    int thread = any_but_the_anchor();
    tell("suspend %d\n", thread);
    model_suspend(&m, thread);
    return tx_thread_suspend(&threads[thread]);
}

static UINT resume(void) {
    int thread = any_but_the_anchor();
    tell("resume %d\n", thread);
    model_resume(&m, thread);
    return tx_thread_resume(&threads[thread]);
}

static UINT abort_wait(void) {
    int thread = (int)draw(MODEL_THREADS);
    tell("abort the wait of %d\n", thread);
    model_wait_abort(&m, thread);
    return tx_thread_wait_abort(&threads[thread]);
}

static UINT change_priority(void) {
    int thread = (int)draw(MODEL_THREADS);
    UINT priority = any_priority();
    UINT old = 0;
    UINT wanted_old = m.threads[thread].own_priority;
    tell("priority of %d: %u\n", thread, priority);
    model_priority_change(&m, thread, priority);
    UINT answer = tx_thread_priority_change(&threads[thread], priority, &old);
    check("the old priority of thread", thread, (long)old, (long)wanted_old);
    return answer;
}

static VOID walk(ULONG self);

static UINT terminate_or_make(void) {
    int thread = any_but_the_anchor();
    const UINT state_of_it = m.threads[thread].state;
    if (state_of_it != TX_COMPLETED && state_of_it != TX_TERMINATED) {
        if (draw(2) == 0)
            return resume();
        tell("terminate %d\n", thread);
        model_terminate(&m, thread);
        return tx_thread_terminate(&threads[thread]);
    }
    UINT priority = any_priority();
    UINT start = draw(4) == 0 ? TX_DONT_START : TX_AUTO_START;
    tell("make %d at %u, %u\n", thread, priority, start);
    check("deleting thread", thread, (long)tx_thread_delete(&threads[thread]), TX_SUCCESS);
    model_create(&m, thread, priority, start);
    return tx_thread_create(&threads[thread], NULL, walk, (ULONG)thread, NULL, 0, priority, priority, 0,
                            start);
}

static UINT semaphore_get(void) {
    int which = (int)draw(MODEL_SEMAPHORES);
    ULONG wait = any_wait();
    tell("get semaphore %d, %x\n", which, wait);
    model_semaphore_get(&m, which, wait);
    return tx_semaphore_get(&semaphores[which], wait);
}

static UINT semaphore_put(void) {
    int which = (int)draw(MODEL_SEMAPHORES);
    tell("put semaphore %d\n", which);
    model_semaphore_put(&m, which);
    return tx_semaphore_put(&semaphores[which]);
}

/* Whether the running thread would wait for itself. */
static bool would_deadlock(int mutex) {
    for (int owner = m.mutexes[mutex].owner; owner != MODEL_NONE;) {
        if (owner == m.running)
            return true;
        mutex = m.threads[owner].mutex;
        owner = mutex == MODEL_NONE ? MODEL_NONE : m.mutexes[mutex].owner;
    }
    return false;
}

static UINT mutex_get(void) {
    int which = (int)draw(MODEL_MUTEXES);
    ULONG wait = would_deadlock(which) ? TX_NO_WAIT : any_wait();
    tell("get mutex %d, %x\n", which, wait);
    model_mutex_get(&m, which, wait);
    return tx_mutex_get(&mutexes[which], wait);
}

static UINT mutex_put(void) {
    int which = (int)draw(MODEL_MUTEXES);
    tell("put mutex %d\n", which);
    model_mutex_put(&m, which);
    return tx_mutex_put(&mutexes[which]);
}

static UINT make_or_delete(void) {
    int semaphore = (int)draw(MODEL_SEMAPHORES);
    int mutex = (int)draw(MODEL_MUTEXES);
    ULONG any = draw(2);
    if (draw(2) == 0) {
        tell("make or delete semaphore %d\n", semaphore);
        if (!m.semaphores[semaphore].exists) {
            model_semaphore_create(&m, semaphore, any);
            return tx_semaphore_create(&semaphores[semaphore], NULL, any);
        }
        model_semaphore_delete(&m, semaphore);
        return tx_semaphore_delete(&semaphores[semaphore]);
    }
    tell("make or delete mutex %d, %u\n", mutex, any);
    if (!m.mutexes[mutex].exists) {
        model_mutex_create(&m, mutex, any == TX_INHERIT);
        return tx_mutex_create(&mutexes[mutex], NULL, any);
    }
    model_mutex_delete(&m, mutex);
    return tx_mutex_delete(&mutexes[mutex]);
}

static VOID walk(ULONG input) {
    static UINT (*const services[])(void) = {
        sleep_or_relinquish, suspend,       resume,    resume,    abort_wait,     change_priority,
        terminate_or_make,   semaphore_get, mutex_get, mutex_put, semaphore_put,  semaphore_get,
        semaphore_put,       mutex_get,     mutex_put, mutex_get, make_or_delete, sleep_or_relinquish};
    const int self = (int)input;
    for (compare(self); steps < STEPS; compare(self)) {
        steps++;
        tell("%4u %d: ", m.now, self);
        if (self != ANCHOR && draw(40) == 0) {
            tell("complete\n");
            model_complete(&m);
            return;
        }
        UINT answer = services[draw(sizeof services / sizeof *services)]();
        check("who runs is", self, m.running, self);
        check("the answer to thread", self, (long)answer, (long)m.threads[self].answer);
    }
    tx_host_exit(0);
}

/* --- Walks. --- */

static VOID define(VOID *memory) {
    (void)memory;
    memset(threads, 0, sizeof threads);
    memset(semaphores, 0, sizeof semaphores);
    memset(mutexes, 0, sizeof mutexes);
    model_start(&m, FIRST_PRIORITY + PRIORITIES);
    for (int i = 0; i < MODEL_THREADS; i++)
        tx_thread_create(&threads[i], NULL, walk, (ULONG)i, NULL, 0, FIRST_PRIORITY + PRIORITIES,
                         FIRST_PRIORITY + PRIORITIES, 0, TX_AUTO_START);
}

static UINT take_a_walk(uint32_t with_seed) {
    tx_host_kernel *kernel = tx_host_kernel_create(TX_HOST_TIME_VIRTUAL);
    seed = with_seed;
    state = seed * 2654435761u + 1;
    steps = 0;
    failure[0] = '\0';
    UINT status = tx_host_run(kernel, define);
    tx_host_kernel_destroy(kernel);
    return status;
}

static void as_the_model_says(void **unused) {
    (void)unused;
    for (uint32_t i = 1; i <= WALKS; i++) {
        if (take_a_walk(i) != 0)
            fail_msg("%s", failure);
        assert_int_equal(steps, STEPS);
    }
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_the_model_says)};
    if (argc < 2)
        return cmocka_run_group_tests(tests, NULL, NULL);
    telling = true;
    UINT status = take_a_walk((uint32_t)strtoul(argv[1], NULL, 0));
    printf("%s\n", failure);
    return (int)status;
}
