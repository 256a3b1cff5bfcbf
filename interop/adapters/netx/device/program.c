/* SPDX-License-Identifier: MIT
 *
 * The program: its `main` is a coroutine of whoever steps the kernel, on a stack
 * of its own. It comes back when it enters ThreadX, and goes on when ThreadX has
 * ended. One that has no `main` begins with `tx_application_define`.
 *
 * `exit` in the program ends the program, not the process: the linker gives it
 * the functions with `__wrap_` here. Nothing else of the process hears of it.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "device.h"

#define STACK_SIZE ((size_t)8 * 1024 * 1024)

/* The program's own, whatever type its `main` has. */
int device_main(int argc, char **argv) __asm__("main") __attribute__((weak));
#pragma weak tx_application_define

enum state { NOT_STARTED, BEFORE_THREADX, IN_THREADX, AFTER_THREADX, ENDED };

struct device_program {
    enum state state;
    int status;
    int is_told; /* that it has ended */
    tx_host_kernel *kernel;
    char **arguments;
    void *stack;
    ucontext_t own;
    ucontext_t caller;
};

/* A copy of the object has one. */
static struct device_program program;

/* --- In the program. --- */

static void leave(void) {
    (void)swapcontext(&program.own, &program.caller);
}

static void run_main(void) {
    int argc = 0;

    while (program.arguments[argc] != NULL)
        argc++;
    program.status = device_main(argc, program.arguments);
    program.state = ENDED;
}

static _Noreturn void end_here(int status) {
    const enum state was = program.state;

    program.status = status;
    program.state = ENDED;
    if (tx_thread_identify() != NULL)
        tx_host_exit((UINT)status);
    if (was == IN_THREADX)
        pthread_exit(NULL); /* the thread of tx_application_define */
    leave();
    abort(); /* nobody goes on with it */
}

static void *define(void *argument) {
    tx_host_kernel_use(program.kernel);
    tx_host_define(program.kernel, tx_application_define);
    return argument;
}

/* In a thread of its own, since the program may end there. */
static void define_application(void) {
    pthread_t thread;

    program.state = IN_THREADX;
    if (pthread_create(&thread, NULL, define, NULL) == 0)
        (void)pthread_join(thread, NULL);
    else
        program.state = ENDED;
}

UINT _tx_initialize_kernel_enter(VOID) {
    define_application();
    leave();
    UINT status = 0;
    (void)tx_host_exited(program.kernel, &status);
    return status;
}

/* What the linker calls these is not up to us. */
/* NOLINTBEGIN(bugprone-reserved-identifier) */
_Noreturn void __wrap_exit(int status);
_Noreturn void __wrap__exit(int status);
_Noreturn void __wrap__Exit(int status);
int __wrap_rand(void);
void __wrap_srand(unsigned seed);
long __wrap_random(void);
void __wrap_srandom(unsigned seed);

_Noreturn void __wrap_exit(int status) {
    end_here(status);
}

_Noreturn void __wrap__exit(int status) {
    end_here(status);
}

_Noreturn void __wrap__Exit(int status) {
    end_here(status);
}

/* The C library's generator is the whole process's; a device begins with its own, as after power-on. */
static unsigned rand_state = 1;

int __wrap_rand(void) {
    return rand_r(&rand_state);
}

void __wrap_srand(unsigned seed) {
    rand_state = seed;
}

long __wrap_random(void) {
    return rand_r(&rand_state);
}

void __wrap_srandom(unsigned seed) {
    rand_state = seed;
}
/* NOLINTEND(bugprone-reserved-identifier) */

/* --- From outside. --- */

static void resume(void) {
    tx_host_kernel *used = tx_host_kernel_used();

    tx_host_kernel_use(program.kernel);
    (void)swapcontext(&program.caller, &program.own);
    tx_host_kernel_use(used);
}

static int begin_main(void) {
    program.stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (program.stack == MAP_FAILED || getcontext(&program.own) != 0) {
        program.stack = NULL;
        return 0;
    }
    program.own.uc_stack.ss_sp = program.stack;
    program.own.uc_stack.ss_size = STACK_SIZE;
    program.own.uc_link = &program.caller;
    optind = 0; /* getopt begins anew, though it is the whole process's */
    makecontext(&program.own, run_main, 0);
    program.state = BEFORE_THREADX;
    resume();
    return 1;
}

int32_t device_program_start(struct device *device, char *message) {
    device->program = &program;
    program.kernel = device->kernel;
    program.arguments = device->arguments;
    if (device_main == NULL && tx_application_define == NULL)
        return adapter_refuse(DTLSLAB_FAILED, message,
                              "the program has neither main nor tx_application_define");
    if (device_main == NULL)
        define_application();
    else if (!begin_main())
        return adapter_refuse(DTLSLAB_FAILED, message, "there is no memory for the program's stack");
    if (program.state != IN_THREADX) {
        program.is_told = 1;
        return adapter_refuse(DTLSLAB_FAILED, message,
                              "the program has ended with status %d before its threads began: %s",
                              program.status, device_last_line());
    }
    return DTLSLAB_OK;
}

int device_program_runs(const struct device *device) {
    return device->program != NULL && program.state == IN_THREADX;
}

int device_program_ends(struct device *device, int *out_status) {
    UINT status = 0;

    if (device->program == NULL || program.is_told)
        return 0;
    if (program.state == IN_THREADX && tx_host_exited(program.kernel, &status) != TX_FALSE) {
        program.state = AFTER_THREADX;
        program.status = (int)status;
        if (device_main != NULL)
            resume();
        program.state = ENDED;
    }
    if (program.state != ENDED)
        return 0;
    program.is_told = 1;
    *out_status = program.status;
    return 1;
}

void device_program_free(struct device *device) {
    (void)device;
    if (program.stack != NULL)
        (void)munmap(program.stack, STACK_SIZE);
    program.stack = NULL;
}
