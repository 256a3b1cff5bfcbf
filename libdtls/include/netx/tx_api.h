/* SPDX-License-Identifier: MIT
 *
 * As much of ThreadX as a program around NetX Secure DTLS touches: threads,
 * counting semaphores, mutexes, event flags, queues, byte pools, sleep and
 * time, on POSIX threads.
 *
 * One thread runs at a time, the one of the highest priority that is ready, so
 * a program may rely on the same order as on one processor. A thread gives the
 * processor away in the calls below and in those of NetX that wait; a call
 * that makes a thread of higher priority ready gives it away at once. Threads
 * of equal priority run in the order in which they became ready.
 *
 * Time is told by the host's clock, by a carrier of a simulation, or jumps to
 * the next deadline when every thread waits (tx_host.h).
 *
 * Threads that ThreadX did not make may call any service; each then takes part
 * as a thread of the lowest priority.
 */
#ifndef TX_API_H
#define TX_API_H

#include "tx_port.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TX_TRUE  1
#define TX_FALSE 0
#define TX_NULL  ((void *)0)

#define TX_NO_WAIT      ((ULONG)0)
#define TX_WAIT_FOREVER ((ULONG)0xFFFFFFFFUL)

#define TX_NO_TIME_SLICE 0
#define TX_AUTO_START    1
#define TX_DONT_START    0
#define TX_INHERIT       1
#define TX_NO_INHERIT    0
#define TX_OR            0
#define TX_OR_CLEAR      1
#define TX_AND           2
#define TX_AND_CLEAR     3
#define TX_1_ULONG       1
#define TX_2_ULONG       2
#define TX_4_ULONG       4
#define TX_8_ULONG       8
#define TX_16_ULONG      16

#define TX_PARAMETER_NOT_USED(p) ((void)(p))

/* Thread states. */
#define TX_READY          0
#define TX_COMPLETED      1
#define TX_TERMINATED     2
#define TX_SUSPENDED      3
#define TX_SLEEP          4
#define TX_QUEUE_SUSP     5
#define TX_SEMAPHORE_SUSP 6
#define TX_EVENT_FLAG     7
#define TX_BYTE_MEMORY    9
#define TX_TCP_IP         12
#define TX_MUTEX_SUSP     13

/* Codes. */
#define TX_SUCCESS          0x00
#define TX_DELETED          0x01
#define TX_POOL_ERROR       0x02
#define TX_PTR_ERROR        0x03
#define TX_WAIT_ERROR       0x04
#define TX_SIZE_ERROR       0x05
#define TX_GROUP_ERROR      0x06
#define TX_NO_EVENTS        0x07
#define TX_OPTION_ERROR     0x08
#define TX_QUEUE_ERROR      0x09
#define TX_QUEUE_EMPTY      0x0A
#define TX_QUEUE_FULL       0x0B
#define TX_SEMAPHORE_ERROR  0x0C
#define TX_NO_INSTANCE      0x0D
#define TX_THREAD_ERROR     0x0E
#define TX_PRIORITY_ERROR   0x0F
#define TX_START_ERROR      0x10
#define TX_NO_MEMORY        0x10
#define TX_DELETE_ERROR     0x11
#define TX_RESUME_ERROR     0x12
#define TX_CALLER_ERROR     0x13
#define TX_SUSPEND_ERROR    0x14
#define TX_TICK_ERROR       0x16
#define TX_THRESH_ERROR     0x18
#define TX_SUSPEND_LIFTED   0x19
#define TX_WAIT_ABORTED     0x1A
#define TX_WAIT_ABORT_ERROR 0x1B
#define TX_MUTEX_ERROR      0x1C
#define TX_NOT_AVAILABLE    0x1D
#define TX_NOT_OWNED        0x1E
#define TX_INHERIT_ERROR    0x1F
#define TX_NOT_DONE         0x20
#define TX_CEILING_EXCEEDED 0x21

/* A thread, in memory of the program. Programs read the named members only. */
typedef struct TX_THREAD_STRUCT {
    ULONG tx_thread_id;
    ULONG tx_thread_run_count;
    CHAR *tx_thread_name;
    UINT tx_thread_priority;
    UINT tx_thread_state;
    VOID (*tx_thread_entry)(ULONG input);
    ULONG tx_thread_entry_parameter;
    ULONG64 tx_thread_host[32]; /* private */
} TX_THREAD;

/* A counting semaphore. */
typedef struct TX_SEMAPHORE_STRUCT {
    ULONG tx_semaphore_id;
    CHAR *tx_semaphore_name;
    ULONG tx_semaphore_count;
    ULONG tx_semaphore_suspended_count;
    ULONG64 tx_semaphore_host[4]; /* private */
} TX_SEMAPHORE;

/* A mutex, which its owner may take again. */
typedef struct TX_MUTEX_STRUCT {
    ULONG tx_mutex_id;
    CHAR *tx_mutex_name;
    UINT tx_mutex_ownership_count;
    TX_THREAD *tx_mutex_owner;
    UINT tx_mutex_inherit;
    ULONG tx_mutex_suspended_count;
    ULONG64 tx_mutex_host[4]; /* private */
} TX_MUTEX;

/* 32 flags, for which threads wait. */
typedef struct TX_EVENT_FLAGS_GROUP_STRUCT {
    ULONG tx_event_flags_group_id;
    CHAR *tx_event_flags_group_name;
    ULONG tx_event_flags_group_current;
    ULONG tx_event_flags_group_suspended_count;
    ULONG64 tx_event_flags_group_host[4]; /* private */
} TX_EVENT_FLAGS_GROUP;

/* A queue of messages of one size, in memory of the program. */
typedef struct TX_QUEUE_STRUCT {
    ULONG tx_queue_id;
    CHAR *tx_queue_name;
    UINT tx_queue_message_size; /* in ULONGs */
    UINT tx_queue_capacity;     /* in messages, as the next two */
    UINT tx_queue_enqueued;
    UINT tx_queue_available_storage;
    UINT tx_queue_first; /* private */
    ULONG *tx_queue_start;
    ULONG tx_queue_suspended_count;
    ULONG64 tx_queue_host[4]; /* private */
} TX_QUEUE;

/* Memory of the program that is given out in pieces. */
typedef struct TX_BYTE_POOL_STRUCT {
    ULONG tx_byte_pool_id;
    CHAR *tx_byte_pool_name;
    ULONG tx_byte_pool_available;
    VOID *tx_byte_pool_first; /* private */
    ULONG tx_byte_pool_suspended_count;
    ULONG64 tx_byte_pool_host[4]; /* private */
} TX_BYTE_POOL;

/* Starts ThreadX: calls `tx_application_define` with memory that is not used for anything, then runs the
 * threads. Returns only if the program ends it (tx_host.h). */
UINT _tx_initialize_kernel_enter(VOID);

/* Of the program: makes the first threads. */
VOID tx_application_define(VOID *first_unused_memory);

/* Makes a thread. The stack's memory is not used, its size is not judged: POSIX threads have their own.
 * `preempt_threshold` and `time_slice` are accepted and have no effect. TX_SUCCESS, TX_THREAD_ERROR,
 * TX_PTR_ERROR, TX_PRIORITY_ERROR, TX_THRESH_ERROR, TX_START_ERROR. */
UINT _tx_thread_create(TX_THREAD *thread_ptr, CHAR *name, VOID (*entry_function)(ULONG), ULONG entry_input,
                       VOID *stack_start, ULONG stack_size, UINT priority, UINT preempt_threshold,
                       ULONG time_slice, UINT auto_start);
/* A thread that has ended or was terminated. TX_SUCCESS, TX_THREAD_ERROR, TX_DELETE_ERROR. */
UINT _tx_thread_delete(TX_THREAD *thread_ptr);
/* The running thread; NULL outside. */
TX_THREAD *_tx_thread_identify(VOID);
/* Lets the other ready threads of the same priority run first. */
VOID _tx_thread_relinquish(VOID);
/* A resume that comes before the suspend is not lost: the suspend then does nothing. TX_SUCCESS,
 * TX_SUSPEND_LIFTED (it waits, and will not be suspended after), TX_THREAD_ERROR, TX_RESUME_ERROR (ended). */
UINT _tx_thread_resume(TX_THREAD *thread_ptr);
/* TX_SUCCESS, TX_CALLER_ERROR (no thread calls), TX_WAIT_ABORTED. */
UINT _tx_thread_sleep(ULONG timer_ticks);
/* TX_SUCCESS, TX_THREAD_ERROR, TX_SUSPEND_ERROR (ended). */
UINT _tx_thread_suspend(TX_THREAD *thread_ptr);
/* TX_SUCCESS, TX_THREAD_ERROR. */
UINT _tx_thread_terminate(TX_THREAD *thread_ptr);
/* Ends another thread's wait with TX_WAIT_ABORTED. TX_SUCCESS, TX_THREAD_ERROR, TX_WAIT_ABORT_ERROR (it does
 * not wait). */
UINT _tx_thread_wait_abort(TX_THREAD *thread_ptr);
/* TX_SUCCESS, TX_THREAD_ERROR, TX_PTR_ERROR, TX_PRIORITY_ERROR. */
UINT _tx_thread_priority_change(TX_THREAD *thread_ptr, UINT new_priority, UINT *old_priority);

/* TX_SUCCESS, TX_SEMAPHORE_ERROR. */
UINT _tx_semaphore_create(TX_SEMAPHORE *semaphore_ptr, CHAR *name_ptr, ULONG initial_count);
/* Whoever waits gets TX_DELETED. */
UINT _tx_semaphore_delete(TX_SEMAPHORE *semaphore_ptr);
/* TX_SUCCESS, TX_NO_INSTANCE, TX_SEMAPHORE_ERROR, TX_DELETED, TX_WAIT_ABORTED, TX_WAIT_ERROR. */
UINT _tx_semaphore_get(TX_SEMAPHORE *semaphore_ptr, ULONG wait_option);
UINT _tx_semaphore_put(TX_SEMAPHORE *semaphore_ptr);

/* TX_SUCCESS, TX_MUTEX_ERROR, TX_INHERIT_ERROR. With TX_INHERIT the owner runs at the priority of whoever
 * waits. */
UINT _tx_mutex_create(TX_MUTEX *mutex_ptr, CHAR *name_ptr, UINT inherit);
UINT _tx_mutex_delete(TX_MUTEX *mutex_ptr);
/* TX_SUCCESS, TX_NOT_AVAILABLE, TX_MUTEX_ERROR, TX_DELETED, TX_WAIT_ABORTED, TX_WAIT_ERROR. */
UINT _tx_mutex_get(TX_MUTEX *mutex_ptr, ULONG wait_option);
/* TX_SUCCESS, TX_NOT_OWNED, TX_MUTEX_ERROR. */
UINT _tx_mutex_put(TX_MUTEX *mutex_ptr);

/* TX_SUCCESS, TX_GROUP_ERROR. */
UINT _tx_event_flags_create(TX_EVENT_FLAGS_GROUP *group_ptr, CHAR *name_ptr);
/* Whoever waits gets TX_DELETED. */
UINT _tx_event_flags_delete(TX_EVENT_FLAGS_GROUP *group_ptr);
/* Waits for one of the flags (TX_OR) or all (TX_AND), and takes them away (…_CLEAR); `actual_flags_ptr` gets
 * all that were set. TX_SUCCESS, TX_NO_EVENTS, TX_GROUP_ERROR, TX_PTR_ERROR, TX_OPTION_ERROR, TX_DELETED,
 * TX_WAIT_ABORTED, TX_WAIT_ERROR. */
UINT _tx_event_flags_get(TX_EVENT_FLAGS_GROUP *group_ptr, ULONG requested_flags, UINT get_option,
                         ULONG *actual_flags_ptr, ULONG wait_option);
/* Sets flags (TX_OR), or takes away all others (TX_AND). TX_SUCCESS, TX_GROUP_ERROR, TX_OPTION_ERROR. */
UINT _tx_event_flags_set(TX_EVENT_FLAGS_GROUP *group_ptr, ULONG flags_to_set, UINT set_option);

/* Messages have `message_size` ULONGs of 32 bits, 1 to 16; a pointer of a 64-bit host takes two. TX_SUCCESS,
 * TX_QUEUE_ERROR, TX_PTR_ERROR, TX_SIZE_ERROR. */
UINT _tx_queue_create(TX_QUEUE *queue_ptr, CHAR *name_ptr, UINT message_size, VOID *queue_start,
                      ULONG queue_size);
/* Whoever waits gets TX_DELETED. */
UINT _tx_queue_delete(TX_QUEUE *queue_ptr);
/* TX_SUCCESS, TX_QUEUE_FULL, TX_QUEUE_ERROR, TX_PTR_ERROR, TX_DELETED, TX_WAIT_ABORTED, TX_WAIT_ERROR. */
UINT _tx_queue_send(TX_QUEUE *queue_ptr, VOID *source_ptr, ULONG wait_option);
/* The same, with TX_QUEUE_EMPTY. */
UINT _tx_queue_receive(TX_QUEUE *queue_ptr, VOID *destination_ptr, ULONG wait_option);

/* TX_SUCCESS, TX_POOL_ERROR, TX_PTR_ERROR, TX_SIZE_ERROR. */
UINT _tx_byte_pool_create(TX_BYTE_POOL *pool_ptr, CHAR *name_ptr, VOID *pool_start, ULONG pool_size);
/* Whoever waits gets TX_DELETED. */
UINT _tx_byte_pool_delete(TX_BYTE_POOL *pool_ptr);
/* Memory with the alignment of 16, behind a head of 16 bytes. TX_SUCCESS, TX_NO_MEMORY, TX_POOL_ERROR,
 * TX_PTR_ERROR, TX_SIZE_ERROR, TX_DELETED, TX_WAIT_ABORTED, TX_WAIT_ERROR. */
UINT _tx_byte_allocate(TX_BYTE_POOL *pool_ptr, VOID **memory_ptr, ULONG memory_size, ULONG wait_option);
/* TX_SUCCESS, TX_PTR_ERROR. */
UINT _tx_byte_release(VOID *memory_ptr);

/* Ticks since the start, and setting them. */
ULONG _tx_time_get(VOID);
VOID _tx_time_set(ULONG new_time);

#define tx_kernel_enter           _tx_initialize_kernel_enter
#define tx_thread_create          _tx_thread_create
#define tx_thread_delete          _tx_thread_delete
#define tx_thread_identify        _tx_thread_identify
#define tx_thread_relinquish      _tx_thread_relinquish
#define tx_thread_resume          _tx_thread_resume
#define tx_thread_sleep           _tx_thread_sleep
#define tx_thread_suspend         _tx_thread_suspend
#define tx_thread_terminate       _tx_thread_terminate
#define tx_thread_wait_abort      _tx_thread_wait_abort
#define tx_thread_priority_change _tx_thread_priority_change
#define tx_semaphore_create       _tx_semaphore_create
#define tx_semaphore_delete       _tx_semaphore_delete
#define tx_semaphore_get          _tx_semaphore_get
#define tx_semaphore_put          _tx_semaphore_put
#define tx_mutex_create           _tx_mutex_create
#define tx_mutex_delete           _tx_mutex_delete
#define tx_mutex_get              _tx_mutex_get
#define tx_mutex_put              _tx_mutex_put
#define tx_event_flags_create     _tx_event_flags_create
#define tx_event_flags_delete     _tx_event_flags_delete
#define tx_event_flags_get        _tx_event_flags_get
#define tx_event_flags_set        _tx_event_flags_set
#define tx_queue_create           _tx_queue_create
#define tx_queue_delete           _tx_queue_delete
#define tx_queue_send             _tx_queue_send
#define tx_queue_receive          _tx_queue_receive
#define tx_byte_pool_create       _tx_byte_pool_create
#define tx_byte_pool_delete       _tx_byte_pool_delete
#define tx_byte_allocate          _tx_byte_allocate
#define tx_byte_release           _tx_byte_release
#define tx_time_get               _tx_time_get
#define tx_time_set               _tx_time_set

/* The names of the checked versions, for programs that call them directly. */
#define _txe_mutex_get _tx_mutex_get
#define _txe_mutex_put _tx_mutex_put

#ifdef __cplusplus
}
#endif

#endif
