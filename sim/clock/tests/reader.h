/* SPDX-License-Identifier: MIT
 *
 * A library that reads clocks and random devices, in every way that an object
 * file can refer to a function; it knows nothing of the laboratory.
 */
#ifndef TESTS_READER_H
#define TESTS_READER_H

#include <stddef.h>
#include <sys/time.h>
#include <time.h>

/* What a thread of the library has seen. */
struct in_thread {
    time_t time;
    unsigned char bytes[8];
};

struct reader {
    time_t (*time_by_call)(void);
    time_t (*time_by_pointer)(void);  /* the pointer is initialised in writable data */
    time_t (*time_by_constant)(void); /* the pointer is initialised in constant data, behind RELRO */
    time_t (*time_saved)(void);       /* the pointer was copied by a constructor, before any redirection */
    void (*clock_gettime)(clockid_t clock, struct timespec *out);
    void (*gettimeofday)(struct timeval *out);
    void (*timespec_get)(struct timespec *out);
    void (*getrandom)(void *out, size_t len);
    void (*getentropy)(void *out, size_t len);
    void (*syscall_getrandom)(void *out, size_t len);
    void (*device)(const char *path, void *out, size_t len);
    void (*thread)(struct in_thread *out); /* in a thread that is made for it */
};

/* The one symbol of the library. */
const struct reader *reader(void);

#endif
