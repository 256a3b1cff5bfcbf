/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "reader.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef time_t (*time_function)(time_t *);

static time_function volatile in_data = time;
static const time_function in_constants = time;
static const time_function *volatile constants =
    &in_constants; /* or the compiler would call `time` directly */
static time_function volatile saved;

__attribute__((constructor)) static void save(void) {
    saved = time;
}

static time_t time_by_call(void) {
    return time(NULL);
}

static time_t time_by_pointer(void) {
    return in_data(NULL);
}

static time_t time_by_constant(void) {
    return (*constants)(NULL);
}

static time_t time_saved(void) {
    return saved(NULL);
}

static void must(int good) {
    if (!good)
        abort();
}

static void read_clock(clockid_t clock, struct timespec *out) {
    must(clock_gettime(clock, out) == 0);
}

static void read_day(struct timeval *out) {
    must(gettimeofday(out, NULL) == 0);
}

static void read_timespec(struct timespec *out) {
    must(timespec_get(out, TIME_UTC) == TIME_UTC);
}

static void draw_getrandom(void *out, size_t len) {
    must(getrandom(out, len, 0) == (ssize_t)len);
}

static void draw_getentropy(void *out, size_t len) {
    must(getentropy(out, len) == 0);
}

static void draw_syscall(void *out, size_t len) {
    must(syscall(SYS_getrandom, out, len, 0) == (long)len);
}

static void draw_device(const char *path, void *out, size_t len) {
    const int fd = open(path, O_RDONLY);

    must(fd >= 0);
    must(read(fd, out, len) == (ssize_t)len);
    close(fd);
}

static void *draw_in_thread(void *argument) {
    struct in_thread *drawn = argument;

    drawn->time = time(NULL);
    draw_getrandom(drawn->bytes, sizeof drawn->bytes);
    return NULL;
}

static void thread(struct in_thread *out) {
    pthread_t made;

    must(pthread_create(&made, NULL, draw_in_thread, out) == 0);
    must(pthread_join(made, NULL) == 0);
}

__attribute__((visibility("default"))) const struct reader *reader(void) {
    static const struct reader functions = {
        .time_by_call = time_by_call,
        .time_by_pointer = time_by_pointer,
        .time_by_constant = time_by_constant,
        .time_saved = time_saved,
        .clock_gettime = read_clock,
        .gettimeofday = read_day,
        .timespec_get = read_timespec,
        .getrandom = draw_getrandom,
        .getentropy = draw_getentropy,
        .syscall_getrandom = draw_syscall,
        .device = draw_device,
        .thread = thread,
    };

    return &functions;
}
