/* SPDX-License-Identifier: MIT
 *
 * What ThreadX says: a model of the processor in which nothing runs. Services
 * are told to it in the order in which they are called; it says who has the
 * processor next, what each service answers, and what time it is.
 */
#ifndef NETX_TESTS_THREADX_MODEL_H
#define NETX_TESTS_THREADX_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "tx_api.h"

#define MODEL_THREADS    7
#define MODEL_SEMAPHORES 2
#define MODEL_MUTEXES    3
#define MODEL_NONE       (-1)
#define MODEL_NEVER      UINT32_MAX

/* Threads, or mutexes, in an order. */
typedef struct model_list {
    int num;
    int at[MODEL_THREADS];
} model_list;

typedef struct model_thread {
    UINT state;
    UINT priority;
    UINT own_priority;
    UINT answer; /* of the service that it is in, once it has the processor again */
    bool suspend_asked;
    bool resume_came_first;
    uint32_t deadline; /* ticks */
    int semaphore;     /* that it waits for */
    int mutex;
    model_list owned; /* mutexes, the one that it got first first */
} model_thread;

typedef struct model_semaphore {
    bool exists;
    ULONG count;
    model_list waiters;
} model_semaphore;

typedef struct model_mutex {
    bool exists;
    bool inherit;
    int owner;
    UINT count;
    model_list waiters;
} model_mutex;

typedef struct model {
    uint32_t now;
    int running;
    bool behind; /* the running thread was lowered below one that is ready */
    model_thread threads[MODEL_THREADS];
    model_list ready[TX_MAX_PRIORITIES];
    model_list sleepers; /* by deadline, and by their coming */
    model_semaphore semaphores[MODEL_SEMAPHORES];
    model_mutex mutexes[MODEL_MUTEXES];
} model;

/* All threads made and ready, in their order and of one priority; the first runs. */
void model_start(model *m, UINT priority);

/* Each is what the service of this name does when the running thread calls it; the answer is in the thread's
 * `answer` when the model says that it runs again. */
void model_create(model *m, int thread, UINT priority, UINT auto_start);
void model_complete(model *m);
void model_relinquish(model *m);
void model_sleep(model *m, ULONG ticks);
void model_suspend(model *m, int thread);
void model_resume(model *m, int thread);
void model_terminate(model *m, int thread);
void model_wait_abort(model *m, int thread);
void model_priority_change(model *m, int thread, UINT priority);

void model_semaphore_create(model *m, int semaphore, ULONG count);
void model_semaphore_delete(model *m, int semaphore);
void model_semaphore_get(model *m, int semaphore, ULONG wait);
void model_semaphore_put(model *m, int semaphore);

void model_mutex_create(model *m, int mutex, bool inherit);
void model_mutex_delete(model *m, int mutex);
void model_mutex_get(model *m, int mutex, ULONG wait);
void model_mutex_put(model *m, int mutex);

#endif
