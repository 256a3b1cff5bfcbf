/* SPDX-License-Identifier: MIT
 *
 * The processor: which thread runs, who waits for what, and what time it is.
 *
 * One thread runs at a time, so the state of the kernel, of the network and of
 * the DTLS services needs no locks: it belongs to the running thread, and when
 * none runs to the dispatcher. It changes hands under `lock`. Other POSIX
 * threads post handlers, which the running thread calls at its next service.
 */
#ifndef NETX_KERNEL_H
#define NETX_KERNEL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "tx_host.h"

/* What every record passes through stands together in a program: spread over it, these functions are in each
 * other's way in the processor's cache of code, and in that of libcrypto's. */
#define NETX_HOT __attribute__((hot))

/* Control blocks in use have these in their id. */
#define KERNEL_THREAD_ID    0x54485244u
#define KERNEL_SEMAPHORE_ID 0x53454D41u
#define KERNEL_MUTEX_ID     0x4D555445u

#define KERNEL_TICK_NS (UINT64_C(1000000000) / TX_TIMER_TICKS_PER_SECOND)

/* Threads that wait for one thing, in the order in which they came. */
typedef struct kernel_waiters {
    TX_THREAD *first;
    ULONG *num; /* NULL: nobody counts them */
} kernel_waiters;

typedef enum kernel_woken {
    KERNEL_WOKEN = 0,
    KERNEL_TIMED_OUT = 1,
    KERNEL_ABORTED = 2, /* by tx_thread_wait_abort */
    KERNEL_DELETED = 3, /* what it waited for is gone */
    KERNEL_RESET = 4    /* as is for whom it waited: its memory may be another's already */
} kernel_woken;

/* What a thread is in the middle of, whatever it waits for meanwhile; a member of what that concerns. */
typedef struct kernel_task {
    TX_THREAD *thread;         /* NULL: none is */
    struct kernel_task *outer; /* of the same thread */
    void (*abandon)(struct kernel_task *task);
} kernel_task;

/* What a thread has behind TX_THREAD. */
typedef struct kernel_thread {
    tx_host_kernel *kernel;
    pthread_cond_t turn;
    TX_THREAD *next; /* among the ready, or in `waiters` */
    TX_THREAD *next_sleeper;
    TX_THREAD *next_created; /* of an adopted one: among those that take part */
    TX_MUTEX *owned;         /* the last that it got; the others follow */
    TX_MUTEX *wanted;        /* NULL: it waits for no mutex */
    unsigned depth;          /* services that it is in; only at the end of the outermost it is preempted */
    kernel_waiters *waiters; /* NULL: waits for time only, or not at all */
    uint64_t deadline_ns;
    kernel_woken woken;
    void (*abandon)(void *what); /* if it is terminated in a wait for `what`; NULL: nothing is to be done */
    void *what;
    kernel_task *tasks; /* the innermost */
    UINT own_priority;  /* without what a mutex lends */
    bool has_pthread;
    bool sleeper;           /* has a deadline */
    bool resume_came_first; /* a resume that found nothing to resume */
    bool suspend_asked;     /* to be suspended where it waits, once the wait is over */
    bool ending;
    bool adopted;
    bool behind; /* lowered below one that was ready: preempted, it stands last among its like */
} kernel_thread;

/* A handler posted by another POSIX thread; in its memory until `done`. */
typedef struct kernel_post {
    struct kernel_post *next;
    void (*handler)(void *context);
    void *context;
    bool posted;
} kernel_post;

struct tx_host_kernel {
    pthread_mutex_t lock;
    pthread_cond_t idle; /* the dispatcher's */
    TX_THREAD *current;  /* NULL: the dispatcher has the processor */
    TX_THREAD *ready[TX_MAX_PRIORITIES];
    uint32_t ready_priorities; /* a bit for each that has one; every service looks here */
    TX_THREAD *sleepers;
    TX_THREAD *created;
    kernel_post *posts;
    TX_THREAD *arrivals;   /* adopted threads that want the processor; under `lock` */
    atomic_bool attention; /* `posts` or `arrivals` are there */
    TX_THREAD *adopted;    /* that take part */
    TX_THREAD *terminator; /* that goes on when the thread that it ends has ended; NULL: the dispatcher */
    bool handling;         /* a post: nothing waits, nothing is preempted */
    bool any_ended;
    pthread_t last_ended; /* a POSIX thread that is still to be joined */
    /* That may post: readers of the host's sockets. A virtual kernel waits for them. */
    unsigned outside_sources;
    tx_host_time time;
    uint64_t base_ns;        /* of REAL: the clock's value at tick 0 */
    _Atomic uint64_t now_ns; /* of VIRTUAL and STEPPED */
    _Atomic ULONG tick_offset;
    _Atomic int64_t calendar_s; /* at `now_ns` 0; REAL: the host's is used */
    atomic_bool running;        /* stepped: during steps only; it ends under `lock` */
    atomic_bool exiting;
    bool exited;  /* by tx_host_exit, with `status`; under `lock` */
    void *memory; /* for tx_application_define */
    UINT status;
    const void *observer;                 /* of the DTLS services; NULL: nobody */
    void *network;                        /* of the network layer: its state in this kernel */
    void (*network_close)(void *network); /* when the threads have ended */
    void (*network_free)(void *network);
};

/* The running thread; NULL: initialisation, or a handler of the dispatcher. Every service looks here. */
__attribute__((visibility("hidden"))) extern _Thread_local TX_THREAD *netx_kernel_running;
static inline TX_THREAD *netx_kernel_self(void) {
    return netx_kernel_running;
}

static inline kernel_thread *netx_kernel_thread_of(TX_THREAD *thread) {
    return (kernel_thread *)(void *)thread->tx_thread_host;
}

/* The kernel that this POSIX thread's calls concern. Never NULL. */
tx_host_kernel *netx_kernel_used_outside(void);
static inline tx_host_kernel *netx_kernel_used(void) {
    TX_THREAD *self = netx_kernel_self();
    return self != NULL ? netx_kernel_thread_of(self)->kernel : netx_kernel_used_outside();
}

/* The outermost service of a thread ends: it is preempted if another is more urgent. */
void netx_kernel_leave_outermost(TX_THREAD *self);
/* A POSIX thread that ThreadX did not make begins to take part. NULL: it need not, as the kernel does not run
 * or the caller is its dispatcher. */
TX_THREAD *netx_kernel_adopt(void);

/* Every service begins so: a POSIX thread that ThreadX did not make takes part from here until the matching
 * leave. Nests; at the end of the outermost the thread is preempted if another is more urgent. */
static inline void netx_kernel_enter_service(void) {
    TX_THREAD *self = netx_kernel_self();
    if (self == NULL)
        self = netx_kernel_adopt();
    if (self != NULL)
        netx_kernel_thread_of(self)->depth++;
}

static inline void netx_kernel_leave_service(void) {
    TX_THREAD *self = netx_kernel_self();
    if (self == NULL)
        return;
    if (netx_kernel_thread_of(self)->depth > 1)
        netx_kernel_thread_of(self)->depth--;
    else
        netx_kernel_leave_outermost(self);
}

/* The rest of a function is a service, however it is left. */
#define NETX_SERVICE                                                                                         \
    __attribute__((unused, cleanup(netx_kernel_leave_scope))) int netx_scope = netx_kernel_enter_scope()
static inline int netx_kernel_enter_scope(void) {
    netx_kernel_enter_service();
    return 0;
}

static inline void netx_kernel_leave_scope(const int *scope) {
    (void)scope;
    netx_kernel_leave_service();
}

/* Time, and the end of a wait of so many ticks. */
uint64_t netx_kernel_now(tx_host_kernel *kernel);
uint64_t netx_kernel_end_of_wait(ULONG wait_option);
/* A wait of none is over whatever the clock says, which costs as much to read as all the rest of a call. */
static inline uint64_t netx_kernel_deadline(ULONG wait_option) {
    return wait_option == TX_NO_WAIT ? 0 : netx_kernel_end_of_wait(wait_option);
}

/* Puts the running thread to sleep until it is woken or `deadline_ns` (TX_HOST_NEVER: none) has come.
 * `waiters` may be NULL. Outside of threads nobody can wait: it answers KERNEL_TIMED_OUT at once. */
kernel_woken netx_kernel_wait(kernel_waiters *waiters, uint64_t deadline_ns, UINT state);

/* The running thread's next waits are for `what` (NULL: for nothing in particular): if it is terminated in
 * one, `abandon` is called, unless that ended with KERNEL_DELETED or _RESET. Not at the end of the kernel,
 * when `what` may be gone. */
static inline void netx_kernel_wait_is_for(void *what, void (*abandon)(void *what)) {
    TX_THREAD *thread = netx_kernel_self();
    if (thread == NULL)
        return;
    netx_kernel_thread_of(thread)->what = what;
    netx_kernel_thread_of(thread)->abandon = abandon;
}

/* What a service of ThreadX answers that waits for `what`: TX_SUCCESS when the thread is woken, which has
 * been given it then; `none` when it has not come, at once with TX_NO_WAIT. */
UINT netx_kernel_wait_in_service(kernel_waiters *waiters, void *what, ULONG wait_option, UINT state,
                                 UINT none);

/* The running thread is in the middle of it until the end, or another thread's beginning: if it is terminated
 * before, `abandon` is called, at the end of the kernel not. Outside of threads nothing is kept. */
void netx_kernel_begin_task(kernel_task *task, void (*abandon)(kernel_task *task));
/* Of whatever thread; nothing if there is none. */
void netx_kernel_end_task(kernel_task *task);

/* Makes the first, or this, or all that wait ready; whether there was one. The running thread goes on until
 * `netx_kernel_preempt`. */
void netx_kernel_wake_thread(TX_THREAD *thread, kernel_woken woken);
static inline bool netx_kernel_wake(kernel_waiters *waiters, kernel_woken woken) {
    if (waiters->first == NULL)
        return false;
    netx_kernel_wake_thread(waiters->first, woken);
    return true;
}
void netx_kernel_wake_all(kernel_waiters *waiters, kernel_woken woken);

/* Gives the processor to a ready thread of higher priority, if there is one; handles posts and expired waits
 * first. Within services it does nothing. */
void netx_kernel_preempt(void);
/* The same within services, as a wait that ends at once: KERNEL_TIMED_OUT, or what somebody has woken it for.
 */
kernel_woken netx_kernel_give_way(void);

/* From any POSIX thread: `post->handler` is called with the processor, soon; what it wakes runs. A post that
 * is waiting already is not queued twice. */
void netx_kernel_post_handler(tx_host_kernel *kernel, kernel_post *post);
/* A post whose memory is to go: it will not be called any more. */
void netx_kernel_forget_post(tx_host_kernel *kernel, kernel_post *post);

/* Behind the functions above, for the files of this folder. */
void netx_kernel_make_ready(TX_THREAD *thread);
void netx_kernel_make_ready_first(TX_THREAD *thread);
/* Whether it was among the ready: the running thread is not. */
bool netx_kernel_unready(TX_THREAD *thread);
TX_THREAD *netx_kernel_most_urgent(tx_host_kernel *kernel);
void netx_kernel_remove_waiter(TX_THREAD *thread);
void netx_kernel_remove_sleeper(TX_THREAD *thread);
void netx_kernel_expire(tx_host_kernel *kernel);
uint64_t netx_kernel_next_deadline(tx_host_kernel *kernel);
void netx_kernel_attend(tx_host_kernel *kernel);
/* The running thread gives the processor away; it is ready, waits, or ends (then it does not return). */
void netx_kernel_switch(TX_THREAD *self);
/* Whether this POSIX thread is a kernel's dispatcher: its calls need not ask for the processor. */
bool netx_kernel_is_dispatching(void);
/* Gives `next` (NULL: the dispatcher) the processor. Under `lock`. */
void netx_kernel_hand_over(tx_host_kernel *kernel, TX_THREAD *next);
/* Runs until all wait (STEPPED), or `exiting`. In the dispatcher. */
void netx_kernel_dispatch(tx_host_kernel *kernel);
/* Ends all threads. In the dispatcher. */
void netx_kernel_end_threads(tx_host_kernel *kernel);
/* Gives a thread its POSIX thread. */
bool netx_kernel_start_thread(TX_THREAD *thread);
/* Lets a thread that is marked as ending leave its POSIX thread, and waits until it has. */
void netx_kernel_let_end(TX_THREAD *thread);
/* Waits until the last POSIX threads are gone. */
void netx_kernel_join(tx_host_kernel *kernel);
/* Ends the waits of adopted threads, and lets them leave their services. In the dispatcher, when `exiting`.
 */
void netx_kernel_release_adopted(tx_host_kernel *kernel);
void netx_kernel_set_priority(TX_THREAD *thread, UINT priority);
/* The thread's own priority, or that of who waits for a mutex of its that lends it; and so on, along those
 * that wait for each other. */
void netx_kernel_restore_priority(TX_THREAD *thread);
/* A thread does not wait for its mutex any more: what it lent the owner ends. */
void netx_kernel_stop_wanting(TX_THREAD *thread);
/* The mutexes of a thread that ends go to those that wait. */
void netx_kernel_release_mutexes(TX_THREAD *thread);

#endif
