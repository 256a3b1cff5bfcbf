/* SPDX-License-Identifier: MIT
 *
 * The functions that answer in place of the C library's; see virtual_clock.h.
 */
#define _GNU_SOURCE
#include "virtual_clock.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "dtlslab_endpoint.h"
#include "relocation.h"

#define NS_PER_SECOND 1000000000u
#define MAX_ENTROPY   256u /* of one getentropy, by POSIX */

static _Thread_local struct dtlslab_virtual *inside;

/* The functions of the system. Looked up by name, because the slots of this object may themselves be
 * redirected (when an adapter is linked with it), and because a slot is not a function: `time` is chosen at
 * load time. */
static struct {
    int (*clock_gettime)(clockid_t, struct timespec *);
    int (*gettimeofday)(struct timeval *, void *);
    time_t (*time)(time_t *);
    int (*timespec_get)(struct timespec *, int);
    ssize_t (*getrandom)(void *, size_t, unsigned);
    int (*getentropy)(void *, size_t);
    uint32_t (*arc4random)(void);
    void (*arc4random_buf)(void *, size_t);
    long (*syscall)(long, ...);
    ssize_t (*read)(int, void *, size_t);
    ssize_t (*read_chk)(int, void *, size_t, size_t);
    int (*pthread_create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
} real;

static uint64_t splitmix64(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void dtlslab_virtual_init(struct dtlslab_virtual *out_virtual, uint64_t seed, uint64_t stream,
                          uint64_t calendar_seconds) {
    uint64_t state = seed;
    const uint64_t start = splitmix64(&state);

    state = stream ^ start;
    *out_virtual =
        (struct dtlslab_virtual){.calendar_seconds = calendar_seconds, .random_state = splitmix64(&state)};
}

void dtlslab_virtual_random(struct dtlslab_virtual *virtual_time, void *out, size_t len) {
    uint8_t *bytes = out;
    uint64_t word = 0;

    for (size_t i = 0; i < len; i++) {
        word = i % 8u == 0 ? splitmix64(&virtual_time->random_state) : word >> 8;
        bytes[i] = (uint8_t)word;
    }
}

static struct timespec calendar_now(void) {
    return (struct timespec){
        .tv_sec = (time_t)(inside->calendar_seconds + inside->now_ns / NS_PER_SECOND),
        .tv_nsec = (long)(inside->now_ns % NS_PER_SECOND),
    };
}

static struct timespec monotonic_now(void) {
    return (struct timespec){
        .tv_sec = (time_t)(DTLSLAB_CLOCK_BASE_SECONDS + inside->now_ns / NS_PER_SECOND),
        .tv_nsec = (long)(inside->now_ns % NS_PER_SECOND),
    };
}

static int virtual_clock_gettime(clockid_t clock, struct timespec *out) {
    if (inside == NULL)
        return real.clock_gettime(clock, out);
    const int is_calendar = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ||
                            clock == CLOCK_REALTIME_ALARM || clock == CLOCK_TAI;
    *out = is_calendar ? calendar_now() : monotonic_now();
    return 0;
}

static int virtual_gettimeofday(struct timeval *out, void *zone) {
    if (inside == NULL)
        return real.gettimeofday(out, zone);
    const struct timespec now = calendar_now();
    *out = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}

static time_t virtual_time(time_t *out) {
    if (inside == NULL)
        return real.time(out);
    const time_t seconds = calendar_now().tv_sec;
    if (out != NULL)
        *out = seconds;
    return seconds;
}

static int virtual_timespec_get(struct timespec *out, int base) {
    if (inside == NULL || base != TIME_UTC)
        return real.timespec_get(out, base);
    *out = calendar_now();
    return base;
}

static ssize_t virtual_getrandom(void *out, size_t len, unsigned flags) {
    if (inside == NULL)
        return real.getrandom(out, len, flags);
    dtlslab_virtual_random(inside, out, len);
    return (ssize_t)len;
}

static int virtual_getentropy(void *out, size_t len) {
    if (inside == NULL || len > MAX_ENTROPY)
        return real.getentropy(out, len);
    dtlslab_virtual_random(inside, out, len);
    return 0;
}

static void virtual_arc4random_buf(void *out, size_t len) {
    if (inside == NULL) {
        real.arc4random_buf(out, len);
        return;
    }
    dtlslab_virtual_random(inside, out, len);
}

static uint32_t virtual_arc4random(void) {
    uint32_t word;

    if (inside == NULL)
        return real.arc4random();
    dtlslab_virtual_random(inside, &word, sizeof word);
    return word;
}

/* NOLINTBEGIN(performance-no-int-to-ptr): a system call has its pointers as numbers. */
/* Takes all the arguments that a system call can have; a caller that gave fewer leaves the rest undefined,
 * and the kernel does not look at them. */
static long virtual_syscall(long number, long a, long b, long c, long d, long e, long f) {
    if (inside != NULL && number == SYS_getrandom)
        return virtual_getrandom((void *)a, (size_t)b, (unsigned)c);
    if (inside != NULL && number == SYS_clock_gettime)
        return virtual_clock_gettime((clockid_t)a, (struct timespec *)b);
    return real.syscall(number, a, b, c, d, e, f);
}
/* NOLINTEND(performance-no-int-to-ptr) */

/* /dev/random and /dev/urandom are devices 1:8 and 1:9 on every Linux, under whatever name they were opened.
 */
static int is_random_device(int fd) {
    struct stat status;

    return fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) && major(status.st_rdev) == 1 &&
           (minor(status.st_rdev) == 8 || minor(status.st_rdev) == 9);
}

static ssize_t virtual_read(int fd, void *out, size_t len) {
    if (inside == NULL || !is_random_device(fd))
        return real.read(fd, out, len);
    dtlslab_virtual_random(inside, out, len);
    return (ssize_t)len;
}

static ssize_t virtual_read_chk(int fd, void *out, size_t len, size_t out_cap) {
    return len <= out_cap ? virtual_read(fd, out, len) : real.read_chk(fd, out, len, out_cap);
}

/* A thread that is made inside, until it runs. */
struct begun {
    struct dtlslab_virtual *inside;
    void *(*function)(void *);
    void *argument;
};

static void *begin_inside(void *argument) {
    const struct begun begun = *(struct begun *)argument;

    free(argument);
    inside = begun.inside;
    return begun.function(begun.argument);
}

static int virtual_pthread_create(pthread_t *out_thread, const pthread_attr_t *attributes,
                                  void *(*function)(void *), void *argument) {
    if (inside == NULL)
        return real.pthread_create(out_thread, attributes, function, argument);
    struct begun *begun = malloc(sizeof *begun);
    if (begun == NULL)
        return EAGAIN;
    *begun = (struct begun){.inside = inside, .function = function, .argument = argument};
    const int error = real.pthread_create(out_thread, attributes, begin_inside, begun);
    if (error != 0)
        free(begun);
    return error;
}

/* POSIX gives dlsym's answer no function type; copying its bytes is the conversion that needs no cast. */
static void look_up(const char *symbol, void *out_function) {
    void *address = dlsym(RTLD_DEFAULT, symbol);

    memcpy(out_function, &address, sizeof address);
}

static void look_up_all(void) {
    look_up("clock_gettime", &real.clock_gettime);
    look_up("gettimeofday", &real.gettimeofday);
    look_up("time", &real.time);
    look_up("timespec_get", &real.timespec_get);
    look_up("getrandom", &real.getrandom);
    look_up("getentropy", &real.getentropy);
    look_up("arc4random", &real.arc4random);
    look_up("arc4random_buf", &real.arc4random_buf);
    look_up("syscall", &real.syscall);
    look_up("read", &real.read);
    look_up("__read_chk", &real.read_chk);
    look_up("pthread_create", &real.pthread_create);
}

static const struct dtlslab_redirection redirections[] = {
    {"clock_gettime", (dtlslab_function)virtual_clock_gettime},
    {"gettimeofday", (dtlslab_function)virtual_gettimeofday},
    {"time", (dtlslab_function)virtual_time},
    {"timespec_get", (dtlslab_function)virtual_timespec_get},
    {"getrandom", (dtlslab_function)virtual_getrandom},
    {"getentropy", (dtlslab_function)virtual_getentropy},
    {"arc4random", (dtlslab_function)virtual_arc4random},
    {"arc4random_buf", (dtlslab_function)virtual_arc4random_buf},
    {"syscall", (dtlslab_function)virtual_syscall},
    {"read", (dtlslab_function)virtual_read},
    {"__read_chk", (dtlslab_function)virtual_read_chk},
    {"pthread_create", (dtlslab_function)virtual_pthread_create},
};

static int redirect_object(const char *name_part, const void *address, char *message) {
    const int num =
        dtlslab_relocate(name_part, address, redirections, sizeof redirections / sizeof redirections[0]);

    if (num > 0)
        return DTLSLAB_OK;
    snprintf(message, DTLSLAB_MAX_TEXT,
             num < 0 ? "the clock entries of %s could not be redirected: its memory cannot be made writable"
                     : "the clock entries of %s cannot be redirected: no such object is loaded",
             name_part != NULL ? name_part : "the adapter");
    return DTLSLAB_FAILED;
}

int32_t dtlslab_clock_redirect(const char *const *objects, const void *address_in_adapter, char *message) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    int32_t result = DTLSLAB_OK;

    pthread_once(&once, look_up_all);
    for (; objects != NULL && *objects != NULL && result == DTLSLAB_OK; objects++)
        result = redirect_object(*objects, NULL, message);
    if (address_in_adapter != NULL && result == DTLSLAB_OK)
        result = redirect_object(NULL, address_in_adapter, message);
    return result;
}

void dtlslab_clock_enter(struct dtlslab_virtual *virtual_time) {
    inside = virtual_time;
}

void dtlslab_clock_leave(void) {
    inside = NULL;
}
