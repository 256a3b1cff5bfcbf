/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "netx/threadx/kernel.h"

/* Room for what crypto libraries and sanitizers put on a stack. */
#define STACK_SIZE ((size_t)1024 * 1024)

static bool is_thread(const TX_THREAD *thread) {
    return thread != NULL && thread->tx_thread_id == KERNEL_THREAD_ID;
}

static bool has_ended(const TX_THREAD *thread) {
    return thread->tx_thread_state == TX_COMPLETED || thread->tx_thread_state == TX_TERMINATED;
}

/* The POSIX thread behind a thread. The control block is the program's again once the processor is given
 * away for the last time. */
static void *run_thread(void *argument) {
    TX_THREAD *thread = argument;
    tx_host_kernel *kernel = netx_kernel_thread_of(thread)->kernel;
    netx_kernel_running = thread;
    tx_host_kernel_use(kernel);
    /* It was made when its turn had come, by one that is still handing over. */
    pthread_mutex_lock(&kernel->lock);
    pthread_mutex_unlock(&kernel->lock);
    thread->tx_thread_entry(thread->tx_thread_entry_parameter);
    thread->tx_thread_state = TX_COMPLETED;
    pthread_exit(NULL);
}

/* Runs when a POSIX thread ends, by its entry function or by termination in the middle of a wait. Each waits
 * for the one that has ended before it, so that one is left for `netx_kernel_join`. */
static void finish(void *argument) {
    TX_THREAD *thread = argument;
    tx_host_kernel *kernel = netx_kernel_thread_of(thread)->kernel;
    netx_kernel_release_mutexes(thread);
    netx_kernel_running = NULL;
    pthread_mutex_lock(&kernel->lock);
    netx_kernel_thread_of(thread)->has_pthread = false;
    bool any = kernel->any_ended;
    pthread_t former = kernel->last_ended;
    kernel->any_ended = true;
    kernel->last_ended = pthread_self();
    TX_THREAD *next = kernel->terminator;
    kernel->terminator = NULL;
    netx_kernel_hand_over(kernel, next);
    pthread_mutex_unlock(&kernel->lock);
    if (any)
        pthread_join(former, NULL);
}

void netx_kernel_join(tx_host_kernel *kernel) {
    if (kernel->any_ended)
        pthread_join(kernel->last_ended, NULL);
    kernel->any_ended = false;
}

static void *run_and_finish(void *argument) {
    pthread_cleanup_push(finish, argument);
    run_thread(argument);
    pthread_cleanup_pop(1);
    return NULL;
}

void netx_kernel_let_end(TX_THREAD *thread) {
    tx_host_kernel *kernel = netx_kernel_thread_of(thread)->kernel;
    TX_THREAD *self = netx_kernel_self();
    pthread_mutex_lock(&kernel->lock);
    kernel->terminator = self;
    netx_kernel_hand_over(kernel, thread);
    if (self == NULL) {
        while (kernel->current != NULL)
            pthread_cond_wait(&kernel->idle, &kernel->lock);
    } else {
        while (kernel->current != self)
            pthread_cond_wait(&netx_kernel_thread_of(self)->turn, &kernel->lock);
    }
    pthread_mutex_unlock(&kernel->lock);
}

bool netx_kernel_start_thread(TX_THREAD *thread) {
    kernel_thread *host = netx_kernel_thread_of(thread);
    pthread_attr_t attributes;
    pthread_t pthread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    host->has_pthread = pthread_create(&pthread, &attributes, run_and_finish, thread) == 0;
    pthread_attr_destroy(&attributes);
    return host->has_pthread;
}

static UINT judge(VOID (*entry_function)(ULONG), UINT priority, UINT preempt_threshold, UINT auto_start) {
    if (entry_function == NULL)
        return TX_PTR_ERROR;
    if (priority >= TX_MAX_PRIORITIES)
        return TX_PRIORITY_ERROR;
    if (preempt_threshold > priority)
        return TX_THRESH_ERROR;
    return auto_start > TX_AUTO_START ? TX_START_ERROR : TX_SUCCESS;
}

UINT _tx_thread_create(TX_THREAD *thread_ptr, CHAR *name, VOID (*entry_function)(ULONG), ULONG entry_input,
                       VOID *stack_start, ULONG stack_size, UINT priority, UINT preempt_threshold,
                       ULONG time_slice, UINT auto_start) {
    (void)stack_start;
    (void)stack_size;
    (void)time_slice;
    if (thread_ptr == NULL || is_thread(thread_ptr))
        return TX_THREAD_ERROR;
    UINT fault = judge(entry_function, priority, preempt_threshold, auto_start);
    if (fault != TX_SUCCESS)
        return fault;
    netx_kernel_enter_service();
    tx_host_kernel *kernel = netx_kernel_used();
    memset(thread_ptr, 0, sizeof *thread_ptr);
    thread_ptr->tx_thread_id = KERNEL_THREAD_ID;
    thread_ptr->tx_thread_name = name;
    thread_ptr->tx_thread_priority = priority;
    thread_ptr->tx_thread_entry = entry_function;
    thread_ptr->tx_thread_entry_parameter = entry_input;
    kernel_thread *host = netx_kernel_thread_of(thread_ptr);
    host->kernel = kernel;
    host->own_priority = priority;
    pthread_cond_init(&host->turn, NULL);
    host->next_created = kernel->created;
    kernel->created = thread_ptr;
    if (auto_start == TX_AUTO_START)
        netx_kernel_make_ready(thread_ptr);
    else
        thread_ptr->tx_thread_state = TX_SUSPENDED;
    netx_kernel_leave_service();
    return TX_SUCCESS;
}

static void forget(TX_THREAD *thread) {
    kernel_thread *host = netx_kernel_thread_of(thread);
    TX_THREAD **place = &host->kernel->created;
    while (*place != thread)
        place = &netx_kernel_thread_of(*place)->next_created;
    *place = host->next_created;
    pthread_cond_destroy(&host->turn);
    thread->tx_thread_id = 0;
}

UINT _tx_thread_delete(TX_THREAD *thread_ptr) {
    netx_kernel_enter_service();
    UINT answer = TX_SUCCESS;
    if (!is_thread(thread_ptr))
        answer = TX_THREAD_ERROR;
    else if (!has_ended(thread_ptr))
        answer = TX_DELETE_ERROR;
    else
        forget(thread_ptr);
    netx_kernel_leave_service();
    return answer;
}

TX_THREAD *_tx_thread_identify(VOID) {
    return netx_kernel_self();
}

VOID _tx_thread_relinquish(VOID) {
    netx_kernel_enter_service();
    TX_THREAD *thread = netx_kernel_self();
    if (thread != NULL && !netx_kernel_thread_of(thread)->kernel->handling) {
        netx_kernel_make_ready(thread);
        netx_kernel_switch(thread);
    }
    netx_kernel_leave_service();
}

static UINT lift_suspend(TX_THREAD *thread) {
    netx_kernel_thread_of(thread)->suspend_asked = false;
    return TX_SUSPEND_LIFTED;
}

UINT _tx_thread_resume(TX_THREAD *thread_ptr) {
    netx_kernel_enter_service();
    UINT answer = TX_SUCCESS;
    if (!is_thread(thread_ptr))
        answer = TX_THREAD_ERROR;
    else if (has_ended(thread_ptr))
        answer = TX_RESUME_ERROR;
    else if (thread_ptr->tx_thread_state == TX_SUSPENDED)
        netx_kernel_make_ready(thread_ptr);
    else if (netx_kernel_thread_of(thread_ptr)->suspend_asked)
        answer = lift_suspend(thread_ptr);
    else
        netx_kernel_thread_of(thread_ptr)->resume_came_first = true;
    netx_kernel_leave_service();
    return answer;
}

UINT _tx_thread_sleep(ULONG timer_ticks) {
    netx_kernel_enter_service();
    UINT answer = TX_CALLER_ERROR;
    if (netx_kernel_self() != NULL) {
        kernel_woken woken = KERNEL_TIMED_OUT;
        if (timer_ticks != 0)
            woken = netx_kernel_wait(NULL, netx_kernel_deadline(timer_ticks), TX_SLEEP);
        answer = woken == KERNEL_ABORTED ? TX_WAIT_ABORTED : TX_SUCCESS;
    }
    netx_kernel_leave_service();
    return answer;
}

static void suspend(TX_THREAD *thread) {
    kernel_thread *host = netx_kernel_thread_of(thread);
    if (host->resume_came_first) {
        host->resume_came_first = false;
    } else if (thread == netx_kernel_self()) {
        netx_kernel_wait(NULL, TX_HOST_NEVER, TX_SUSPENDED);
    } else if (thread->tx_thread_state == TX_READY) {
        netx_kernel_unready(thread);
        thread->tx_thread_state = TX_SUSPENDED;
    } else if (thread->tx_thread_state != TX_SUSPENDED) {
        host->suspend_asked = true;
    }
}

UINT _tx_thread_suspend(TX_THREAD *thread_ptr) {
    netx_kernel_enter_service();
    UINT answer = TX_SUCCESS;
    if (!is_thread(thread_ptr))
        answer = TX_THREAD_ERROR;
    else if (has_ended(thread_ptr))
        answer = TX_SUSPEND_ERROR;
    else
        suspend(thread_ptr);
    netx_kernel_leave_service();
    return answer;
}

void netx_kernel_begin_task(kernel_task *task, void (*abandon)(kernel_task *task)) {
    TX_THREAD *thread = netx_kernel_self();
    netx_kernel_end_task(task);
    if (thread == NULL)
        return;
    task->thread = thread;
    task->outer = netx_kernel_thread_of(thread)->tasks;
    task->abandon = abandon;
    netx_kernel_thread_of(thread)->tasks = task;
}

void netx_kernel_end_task(kernel_task *task) {
    if (task->thread == NULL)
        return;
    kernel_task **place = &netx_kernel_thread_of(task->thread)->tasks;
    while (*place != task)
        place = &(*place)->outer;
    *place = task->outer;
    task->thread = NULL;
}

static void abandon_all(kernel_thread *host) {
    if (host->abandon != NULL)
        host->abandon(host->what);
    while (host->tasks != NULL) {
        kernel_task *task = host->tasks;
        netx_kernel_end_task(task);
        task->abandon(task);
    }
}

static void terminate(TX_THREAD *thread) {
    kernel_thread *host = netx_kernel_thread_of(thread);
    if (!atomic_load(&host->kernel->exiting))
        abandon_all(host);
    host->abandon = NULL;
    if (thread->tx_thread_state == TX_READY)
        netx_kernel_unready(thread);
    netx_kernel_remove_waiter(thread);
    if (host->sleeper)
        netx_kernel_remove_sleeper(thread);
    host->ending = true;
    thread->tx_thread_state = TX_TERMINATED;
    if (thread == netx_kernel_self())
        pthread_exit(NULL);
    if (host->has_pthread)
        netx_kernel_let_end(thread);
}

UINT _tx_thread_terminate(TX_THREAD *thread_ptr) {
    netx_kernel_enter_service();
    UINT answer = TX_SUCCESS;
    if (!is_thread(thread_ptr) || netx_kernel_thread_of(thread_ptr)->adopted)
        answer = TX_THREAD_ERROR;
    else if (!has_ended(thread_ptr))
        terminate(thread_ptr);
    netx_kernel_leave_service();
    return answer;
}

UINT _tx_thread_wait_abort(TX_THREAD *thread_ptr) {
    netx_kernel_enter_service();
    UINT answer = TX_WAIT_ABORT_ERROR;
    if (!is_thread(thread_ptr)) {
        answer = TX_THREAD_ERROR;
    } else if (thread_ptr->tx_thread_state != TX_READY && thread_ptr->tx_thread_state != TX_SUSPENDED &&
               !has_ended(thread_ptr)) {
        netx_kernel_wake_thread(thread_ptr, KERNEL_ABORTED);
        answer = TX_SUCCESS;
    }
    netx_kernel_leave_service();
    return answer;
}

/* `priority` from now on, in whichever list the thread is. */
void netx_kernel_set_priority(TX_THREAD *thread, UINT priority) {
    kernel_thread *host = netx_kernel_thread_of(thread);
    bool was_ready = thread->tx_thread_state == TX_READY && netx_kernel_unready(thread);
    thread->tx_thread_priority = priority;
    if (was_ready) {
        netx_kernel_make_ready(thread);
    } else if (thread->tx_thread_state == TX_READY) {
        const TX_THREAD *urgent = netx_kernel_most_urgent(host->kernel);
        host->behind = urgent != NULL && urgent->tx_thread_priority < priority;
    }
}

UINT _tx_thread_priority_change(TX_THREAD *thread_ptr, UINT new_priority, UINT *old_priority) {
    if (old_priority == NULL)
        return is_thread(thread_ptr) ? TX_PTR_ERROR : TX_THREAD_ERROR;
    if (new_priority >= TX_MAX_PRIORITIES)
        return is_thread(thread_ptr) ? TX_PRIORITY_ERROR : TX_THREAD_ERROR;
    netx_kernel_enter_service();
    UINT answer = TX_THREAD_ERROR;
    if (is_thread(thread_ptr)) {
        *old_priority = netx_kernel_thread_of(thread_ptr)->own_priority;
        netx_kernel_thread_of(thread_ptr)->own_priority = new_priority;
        netx_kernel_restore_priority(thread_ptr);
        answer = TX_SUCCESS;
    }
    netx_kernel_leave_service();
    return answer;
}
