/* SPDX-License-Identifier: MIT */
#include "netx/threadx_model.h"

#include <string.h>

/* --- Lists. --- */

static void insert(model_list *list, int place, int item) {
    memmove(&list->at[place + 1], &list->at[place], (size_t)(list->num++ - place) * sizeof *list->at);
    list->at[place] = item;
}

static void append(model_list *list, int item) {
    insert(list, list->num, item);
}

static void take_out(model_list *list, int item) {
    int kept = 0;
    for (int i = 0; i < list->num; i++) {
        if (list->at[i] != item)
            list->at[kept++] = list->at[i];
    }
    list->num = kept;
}

/* --- The processor. --- */

static bool is_ready(const model *m, int thread) {
    return m->threads[thread].state == TX_READY && thread != m->running;
}

static bool has_ended(const model_thread *thread) {
    return thread->state == TX_COMPLETED || thread->state == TX_TERMINATED;
}

static void make_ready(model *m, int thread) {
    m->threads[thread].state = TX_READY;
    append(&m->ready[m->threads[thread].priority], thread);
}

static int most_urgent(const model *m) {
    for (UINT priority = 0; priority < TX_MAX_PRIORITIES; priority++) {
        if (m->ready[priority].num > 0)
            return m->ready[priority].at[0];
    }
    return MODEL_NONE;
}

static void wake(model *m, int thread, UINT answer);

/* The running thread waits, or has ended. Time goes on when nobody is ready. */
static void run_next(model *m) {
    m->running = MODEL_NONE;
    m->behind = false;
    while (most_urgent(m) == MODEL_NONE && m->sleepers.num > 0) {
        m->now = m->threads[m->sleepers.at[0]].deadline;
        while (m->sleepers.num > 0 && m->threads[m->sleepers.at[0]].deadline <= m->now) {
            model_thread *thread = &m->threads[m->sleepers.at[0]];
            UINT answer = TX_SUCCESS;
            if (thread->state != TX_SLEEP)
                answer = thread->state == TX_MUTEX_SUSP ? TX_NOT_AVAILABLE : TX_NO_INSTANCE;
            wake(m, m->sleepers.at[0], answer);
        }
    }
    m->running = most_urgent(m);
    if (m->running != MODEL_NONE)
        take_out(&m->ready[m->threads[m->running].priority], m->running);
}

/* The end of a service: one that is more urgent runs; who is preempted runs before others of its priority,
 * unless it has just been lowered below one that was ready. */
static void preempt(model *m) {
    int urgent = most_urgent(m);
    int running = m->running;
    if (urgent != MODEL_NONE && m->threads[urgent].priority < m->threads[running].priority) {
        model_list *ready = &m->ready[m->threads[running].priority];
        insert(ready, m->behind ? ready->num : 0, running);
        run_next(m);
    }
    m->behind = false;
}

static void answer(model *m, UINT code) {
    m->threads[m->running].answer = code;
    preempt(m);
}

/* --- Priority that is lent: always that of the most urgent who waits, directly or not. --- */

static UINT priority_of(const model *m, const model_thread *thread) {
    UINT priority = thread->own_priority;
    for (int i = 0; i < thread->owned.num; i++) {
        const model_mutex *mutex = &m->mutexes[thread->owned.at[i]];
        for (int k = 0; mutex->inherit && k < mutex->waiters.num; k++) {
            if (m->threads[mutex->waiters.at[k]].priority < priority)
                priority = m->threads[mutex->waiters.at[k]].priority;
        }
    }
    return priority;
}

static void set_priority(model *m, int thread, UINT priority) {
    if (is_ready(m, thread)) {
        take_out(&m->ready[m->threads[thread].priority], thread);
        append(&m->ready[priority], thread);
    }
    m->threads[thread].priority = priority;
    int urgent = most_urgent(m);
    if (thread == m->running)
        m->behind = urgent != MODEL_NONE && m->threads[urgent].priority < priority;
}

static void settle(model *m) {
    for (bool changed = true; changed;) {
        changed = false;
        for (int i = 0; i < MODEL_THREADS; i++) {
            UINT priority = priority_of(m, &m->threads[i]);
            if (priority != m->threads[i].priority) {
                set_priority(m, i, priority);
                changed = true;
            }
        }
    }
}

/* --- Waits. --- */

static void stop_waiting(model *m, int thread) {
    model_thread *t = &m->threads[thread];
    take_out(&m->sleepers, thread);
    if (t->semaphore != MODEL_NONE)
        take_out(&m->semaphores[t->semaphore].waiters, thread);
    if (t->mutex != MODEL_NONE)
        take_out(&m->mutexes[t->mutex].waiters, thread);
    t->semaphore = MODEL_NONE;
    t->mutex = MODEL_NONE;
    t->deadline = MODEL_NEVER;
}

static void wake(model *m, int thread, UINT code) {
    model_thread *t = &m->threads[thread];
    stop_waiting(m, thread);
    settle(m);
    t->answer = code;
    if (t->suspend_asked)
        t->state = TX_SUSPENDED;
    else
        make_ready(m, thread);
    t->suspend_asked = false;
}

static void wait_so(model *m, UINT state, ULONG ticks) {
    model_thread *t = &m->threads[m->running];
    t->state = state;
    if (ticks != TX_WAIT_FOREVER) {
        int place = 0;
        t->deadline = m->now + ticks;
        while (place < m->sleepers.num && m->threads[m->sleepers.at[place]].deadline <= t->deadline)
            place++;
        insert(&m->sleepers, place, m->running);
    }
    settle(m);
    run_next(m);
}

/* --- Threads. --- */

static void make(model *m, int thread, UINT priority, UINT auto_start) {
    m->threads[thread] = (model_thread){.state = TX_SUSPENDED,
                                        .priority = priority,
                                        .own_priority = priority,
                                        .deadline = MODEL_NEVER,
                                        .semaphore = MODEL_NONE,
                                        .mutex = MODEL_NONE};
    if (auto_start == TX_AUTO_START)
        make_ready(m, thread);
}

void model_create(model *m, int thread, UINT priority, UINT auto_start) {
    make(m, thread, priority, auto_start);
    answer(m, TX_SUCCESS);
}

void model_start(model *m, UINT priority) {
    *m = (model){.running = MODEL_NONE};
    for (int i = 0; i < MODEL_MUTEXES; i++)
        m->mutexes[i].owner = MODEL_NONE;
    for (int i = 0; i < MODEL_THREADS; i++)
        make(m, i, priority, TX_AUTO_START);
    run_next(m);
}

static void pass_on(model *m, int mutex);

static void end(model *m, int thread, UINT state) {
    model_thread *t = &m->threads[thread];
    if (is_ready(m, thread))
        take_out(&m->ready[t->priority], thread);
    stop_waiting(m, thread);
    t->state = state;
    settle(m);
    while (t->owned.num > 0)
        pass_on(m, t->owned.at[0]);
    if (thread == m->running)
        run_next(m);
}

void model_complete(model *m) {
    end(m, m->running, TX_COMPLETED);
}

void model_relinquish(model *m) {
    m->threads[m->running].answer = TX_SUCCESS;
    make_ready(m, m->running);
    run_next(m);
}

void model_sleep(model *m, ULONG ticks) {
    m->threads[m->running].answer = TX_SUCCESS;
    if (ticks != 0)
        wait_so(m, TX_SLEEP, ticks);
}

void model_suspend(model *m, int thread) {
    model_thread *t = &m->threads[thread];
    m->threads[m->running].answer = has_ended(t) ? TX_SUSPEND_ERROR : TX_SUCCESS;
    if (t->resume_came_first) {
        t->resume_came_first = false;
    } else if (t->state == TX_READY) {
        if (thread != m->running)
            take_out(&m->ready[t->priority], thread);
        t->state = TX_SUSPENDED;
        if (thread == m->running)
            run_next(m);
    } else if (t->state >= TX_SLEEP) {
        t->suspend_asked = true;
    }
}

void model_resume(model *m, int thread) {
    model_thread *t = &m->threads[thread];
    UINT code = TX_SUCCESS;
    if (has_ended(t)) {
        code = TX_RESUME_ERROR;
    } else if (t->state == TX_SUSPENDED) {
        make_ready(m, thread);
    } else if (t->suspend_asked) {
        t->suspend_asked = false;
        code = TX_SUSPEND_LIFTED;
    } else {
        t->resume_came_first = true;
    }
    answer(m, code);
}

void model_terminate(model *m, int thread) {
    m->threads[m->running].answer = TX_SUCCESS;
    bool self = thread == m->running;
    if (!has_ended(&m->threads[thread]))
        end(m, thread, TX_TERMINATED);
    if (!self)
        preempt(m);
}

void model_wait_abort(model *m, int thread) {
    bool waits = m->threads[thread].state >= TX_SLEEP;
    if (waits)
        wake(m, thread, TX_WAIT_ABORTED);
    answer(m, waits ? TX_SUCCESS : TX_WAIT_ABORT_ERROR);
}

void model_priority_change(model *m, int thread, UINT priority) {
    m->threads[thread].own_priority = priority;
    settle(m);
    answer(m, TX_SUCCESS);
}

/* --- Semaphores. --- */

void model_semaphore_create(model *m, int semaphore, ULONG count) {
    m->semaphores[semaphore].exists = true;
    m->semaphores[semaphore].count = count;
    answer(m, TX_SUCCESS);
}

void model_semaphore_delete(model *m, int semaphore) {
    model_semaphore *s = &m->semaphores[semaphore];
    s->exists = false;
    while (s->waiters.num > 0)
        wake(m, s->waiters.at[0], TX_DELETED);
    answer(m, TX_SUCCESS);
}

void model_semaphore_get(model *m, int semaphore, ULONG wait) {
    model_semaphore *s = &m->semaphores[semaphore];
    if (!s->exists) {
        answer(m, TX_SEMAPHORE_ERROR);
    } else if (s->count > 0) {
        s->count--;
        answer(m, TX_SUCCESS);
    } else if (wait == TX_NO_WAIT) {
        answer(m, TX_NO_INSTANCE);
    } else {
        m->threads[m->running].semaphore = semaphore;
        append(&s->waiters, m->running);
        wait_so(m, TX_SEMAPHORE_SUSP, wait);
    }
}

void model_semaphore_put(model *m, int semaphore) {
    model_semaphore *s = &m->semaphores[semaphore];
    if (s->exists && s->waiters.num > 0)
        wake(m, s->waiters.at[0], TX_SUCCESS);
    else if (s->exists)
        s->count++;
    answer(m, s->exists ? TX_SUCCESS : TX_SEMAPHORE_ERROR);
}

/* --- Mutexes. --- */

static void give(model *m, int mutex, int owner) {
    m->mutexes[mutex].owner = owner;
    m->mutexes[mutex].count = 1;
    append(&m->threads[owner].owned, mutex);
    settle(m);
}

static void take_away(model *m, int mutex) {
    model_mutex *x = &m->mutexes[mutex];
    if (x->owner != MODEL_NONE)
        take_out(&m->threads[x->owner].owned, mutex);
    x->owner = MODEL_NONE;
    x->count = 0;
    settle(m);
}

static void pass_on(model *m, int mutex) {
    model_mutex *x = &m->mutexes[mutex];
    take_away(m, mutex);
    if (x->waiters.num == 0)
        return;
    int next = x->waiters.at[0];
    for (int i = 1; x->inherit && i < x->waiters.num; i++) {
        if (m->threads[x->waiters.at[i]].priority < m->threads[next].priority)
            next = x->waiters.at[i];
    }
    wake(m, next, TX_SUCCESS);
    give(m, mutex, next);
}

void model_mutex_create(model *m, int mutex, bool inherit) {
    m->mutexes[mutex].exists = true;
    m->mutexes[mutex].inherit = inherit;
    m->mutexes[mutex].owner = MODEL_NONE;
    answer(m, TX_SUCCESS);
}

void model_mutex_delete(model *m, int mutex) {
    model_mutex *x = &m->mutexes[mutex];
    x->exists = false;
    take_away(m, mutex);
    while (x->waiters.num > 0)
        wake(m, x->waiters.at[0], TX_DELETED);
    answer(m, TX_SUCCESS);
}

void model_mutex_get(model *m, int mutex, ULONG wait) {
    model_mutex *x = &m->mutexes[mutex];
    if (!x->exists) {
        answer(m, TX_MUTEX_ERROR);
    } else if (x->owner == MODEL_NONE) {
        give(m, mutex, m->running);
        answer(m, TX_SUCCESS);
    } else if (x->owner == m->running) {
        x->count++;
        answer(m, TX_SUCCESS);
    } else if (wait == TX_NO_WAIT) {
        answer(m, TX_NOT_AVAILABLE);
    } else {
        m->threads[m->running].mutex = mutex;
        append(&x->waiters, m->running);
        wait_so(m, TX_MUTEX_SUSP, wait);
    }
}

void model_mutex_put(model *m, int mutex) {
    model_mutex *x = &m->mutexes[mutex];
    UINT code = TX_SUCCESS;
    if (!x->exists)
        code = TX_MUTEX_ERROR;
    else if (x->owner != m->running)
        code = TX_NOT_OWNED;
    else if (x->count > 1)
        x->count--;
    else
        pass_on(m, mutex);
    answer(m, code);
}
