/* SPDX-License-Identifier: MIT
 *
 * The virtual clock over a library that is built three times: bound lazily,
 * bound at once behind RELRO, and without a procedure linkage table.
 * Usage: test_virtual_clock LIBRARY
 */
#define _GNU_SOURCE
#include "virtual_clock.h"

#include <dlfcn.h>
#include <endian.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dtlslab_endpoint.h"
#include "reader.h"
#include "relocation.h"

#define CALENDAR    1767225600u
#define NS_PER_S    1000000000u
#define YEAR_2020   1577836800
#define NUM_THREADS 4
#define NUM_READS   20000

static const char *library_path;
static const char *library_name;
static const struct reader *library;

static int load(void **state) {
    const struct reader *(*get)(void) = NULL;
    void *object = dlopen(library_path, RTLD_LAZY | RTLD_LOCAL);
    void *symbol = object != NULL ? dlsym(object, "reader") : NULL;

    (void)state;
    if (symbol == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return -1;
    }
    memcpy(&get, &symbol, sizeof symbol);
    library = get();
    return 0;
}

static void redirect(void) {
    const char *const objects[] = {library_name, NULL};
    char message[DTLSLAB_MAX_TEXT] = "";

    if (dtlslab_clock_redirect(objects, NULL, message) != DTLSLAB_OK)
        fail_msg("%s", message);
}

/* Comes first: whatever is bound or saved by then is bound to the system's functions. */
static void test_real_before(void **state) {
    (void)state;
    assert_true(library->time_by_call() > YEAR_2020 && library->time_by_call() != CALENDAR);
    assert_true(library->time_by_pointer() > YEAR_2020);
    assert_true(library->time_by_constant() > YEAR_2020);
}

static void test_clocks_inside(void **state) {
    struct dtlslab_virtual virtual_time;
    struct timespec spec = {0};
    struct timeval val = {0};

    (void)state;
    redirect();
    dtlslab_virtual_init(&virtual_time, 1, 0, CALENDAR);
    virtual_time.now_ns = 5 * (uint64_t)NS_PER_S + 123456789u;
    dtlslab_clock_enter(&virtual_time);
    const time_t times[] = {library->time_by_call(), library->time_by_pointer(), library->time_by_constant()};
    library->gettimeofday(&val);
    library->timespec_get(&spec);
    dtlslab_clock_leave();
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(times[i], CALENDAR + 5);
    assert_int_equal(val.tv_sec, CALENDAR + 5);
    assert_int_equal(val.tv_usec, 123456);
    assert_int_equal(spec.tv_sec, CALENDAR + 5);
    assert_int_equal(spec.tv_nsec, 123456789);
}

static void test_clock_kinds_inside(void **state) {
    const clockid_t calendar_clocks[] = {CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_TAI};
    const clockid_t other_clocks[] = {CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW,      CLOCK_MONOTONIC_COARSE,
                                      CLOCK_BOOTTIME,  CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID};
    struct dtlslab_virtual virtual_time;
    struct timespec spec = {0};

    (void)state;
    redirect();
    dtlslab_virtual_init(&virtual_time, 1, 0, CALENDAR);
    virtual_time.now_ns = 7;
    dtlslab_clock_enter(&virtual_time);
    for (size_t i = 0; i < sizeof calendar_clocks / sizeof calendar_clocks[0]; i++) {
        library->clock_gettime(calendar_clocks[i], &spec);
        assert_int_equal(spec.tv_sec, CALENDAR);
        assert_int_equal(spec.tv_nsec, 7);
    }
    for (size_t i = 0; i < sizeof other_clocks / sizeof other_clocks[0]; i++) {
        library->clock_gettime(other_clocks[i], &spec);
        assert_int_equal(spec.tv_sec, DTLSLAB_CLOCK_BASE_SECONDS);
        assert_int_equal(spec.tv_nsec, 7);
    }
    dtlslab_clock_leave();
}

static void test_real_outside(void **state) {
    struct timespec own = {0};
    struct timespec spec = {0};
    struct timeval val = {0};

    (void)state;
    redirect();
    redirect();
    clock_gettime(CLOCK_REALTIME, &own);
    library->clock_gettime(CLOCK_REALTIME, &spec);
    library->gettimeofday(&val);
    assert_in_range(spec.tv_sec, own.tv_sec, own.tv_sec + 5);
    assert_in_range(val.tv_sec, own.tv_sec, own.tv_sec + 5);
    assert_in_range(library->time_by_call(), own.tv_sec - 1, own.tv_sec + 5);
    assert_in_range(library->time_by_pointer(), own.tv_sec - 1, own.tv_sec + 5);
    clock_gettime(CLOCK_MONOTONIC, &own);
    library->clock_gettime(CLOCK_MONOTONIC, &spec);
    assert_in_range(spec.tv_sec, own.tv_sec, own.tv_sec + 5);
}

/* What a constructor has copied stays real: such a stack needs a hook of its own. And objects that were not
 * named, this program among them, see the real time even inside. */
static void test_others_stay_real(void **state) {
    struct dtlslab_virtual virtual_time;

    (void)state;
    redirect();
    dtlslab_virtual_init(&virtual_time, 1, 0, 1000);
    dtlslab_clock_enter(&virtual_time);
    const time_t saved = library->time_saved();
    const time_t own = time(NULL);
    dtlslab_clock_leave();
    assert_true(saved > YEAR_2020);
    assert_true(own > YEAR_2020);
}

static void draw_all(uint8_t out[5][64]) {
    library->getrandom(out[0], 64);
    library->getentropy(out[1], 64);
    library->syscall_getrandom(out[2], 64);
    library->device("/dev/urandom", out[3], 64);
    library->device("/dev/random", out[4], 64);
}

static void test_randomness(void **state) {
    struct dtlslab_virtual virtual_time;
    uint8_t first[5][64];
    uint8_t again[5][64];
    uint8_t expected[5][64];

    (void)state;
    redirect();
    for (int i = 0; i < 2; i++) {
        dtlslab_virtual_init(&virtual_time, 42, 3, CALENDAR);
        dtlslab_clock_enter(&virtual_time);
        draw_all(i == 0 ? first : again);
        dtlslab_clock_leave();
    }
    assert_memory_equal(first, again, sizeof first);
    dtlslab_virtual_init(&virtual_time, 42, 3, CALENDAR);
    dtlslab_virtual_random(&virtual_time, expected, sizeof expected);
    assert_memory_equal(first, expected, sizeof first);
    draw_all(again);
    assert_memory_not_equal(first, again, sizeof first);
}

static void test_other_files_are_read(void **state) {
    char path[] = "/tmp/dtlslab-clock-XXXXXX";
    struct dtlslab_virtual virtual_time;
    char text[4];

    (void)state;
    redirect();
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    fputs("text", file);
    fclose(file);
    dtlslab_virtual_init(&virtual_time, 1, 0, CALENDAR);
    dtlslab_clock_enter(&virtual_time);
    library->device(path, text, sizeof text);
    dtlslab_clock_leave();
    remove(path);
    assert_memory_equal(text, "text", 4);
}

static void test_streams_differ(void **state) {
    const uint64_t seeds[][2] = {{1, 0}, {1, 1}, {2, 0}, {0, 1}, {0, 0}};
    uint8_t drawn[5][16];

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        struct dtlslab_virtual virtual_time;

        dtlslab_virtual_init(&virtual_time, seeds[i][0], seeds[i][1], CALENDAR);
        dtlslab_virtual_random(&virtual_time, drawn[i], sizeof drawn[i]);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(drawn[i], drawn[j], sizeof drawn[i]);
    }
}

/* The outputs for seed 1234567 that implementations of SplitMix64 are compared by. */
static void test_known_stream(void **state) {
    static const uint64_t expected[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                        4593380528125082431u, 16408922859458223821u};
    struct dtlslab_virtual virtual_time = {.random_state = 1234567};

    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        uint64_t drawn = 0;

        dtlslab_virtual_random(&virtual_time, &drawn, sizeof drawn);
        assert_true(le64toh(drawn) == expected[i]);
    }
}

struct thread {
    pthread_t id;
    uint64_t number;
    int wrong;
};

static void *read_at_own_time(void *user) {
    struct thread *thread = user;
    struct dtlslab_virtual virtual_time;
    struct timespec spec = {0};

    dtlslab_virtual_init(&virtual_time, 1, thread->number, CALENDAR);
    for (uint64_t i = 0; i < NUM_READS; i++) {
        if (i % 256 == 0)
            redirect();
        virtual_time.now_ns = (thread->number * 1000 + i) * NS_PER_S;
        dtlslab_clock_enter(&virtual_time);
        library->clock_gettime(CLOCK_MONOTONIC, &spec);
        dtlslab_clock_leave();
        thread->wrong += (uint64_t)spec.tv_sec != DTLSLAB_CLOCK_BASE_SECONDS + thread->number * 1000 + i;
        thread->wrong += library->time_by_call() < YEAR_2020 || library->time_by_call() >= CALENDAR * 3L;
    }
    return NULL;
}

static void test_threads(void **state) {
    struct thread threads[NUM_THREADS] = {0};

    (void)state;
    for (size_t i = 0; i < NUM_THREADS; i++) {
        threads[i].number = i + 1;
        assert_int_equal(pthread_create(&threads[i].id, NULL, read_at_own_time, &threads[i]), 0);
    }
    for (size_t i = 0; i < NUM_THREADS; i++) {
        pthread_join(threads[i].id, NULL);
        assert_int_equal(threads[i].wrong, 0);
    }
}

/* A thread that a library makes inside has its endpoint's time and stream; one made outside the system's. */
static void test_threads_of_library(void **state) {
    struct dtlslab_virtual virtual_time;
    struct dtlslab_virtual same;
    struct in_thread drawn = {0};
    unsigned char expected[sizeof drawn.bytes];

    (void)state;
    redirect();
    dtlslab_virtual_init(&virtual_time, 1, 0, CALENDAR);
    same = virtual_time;
    dtlslab_virtual_random(&same, expected, sizeof expected);
    dtlslab_clock_enter(&virtual_time);
    library->thread(&drawn);
    dtlslab_clock_leave();
    assert_int_equal(drawn.time, CALENDAR);
    assert_memory_equal(drawn.bytes, expected, sizeof expected);
    assert_true(virtual_time.random_state == same.random_state);
    library->thread(&drawn);
    assert_true(drawn.time > YEAR_2020 && drawn.time != CALENDAR);
    assert_true(virtual_time.random_state == same.random_state);
}

static void test_unknown_object(void **state) {
    const char *const objects[] = {"libnothing-of-this-name.so", NULL};
    char message[DTLSLAB_MAX_TEXT] = "";

    (void)state;
    assert_int_equal(dtlslab_clock_redirect(objects, NULL, message), DTLSLAB_FAILED);
    assert_non_null(strstr(message, "libnothing-of-this-name.so"));
    assert_int_equal(dtlslab_clock_redirect(NULL, NULL, message), DTLSLAB_OK);
}

/* By an address instead of a name: what finds an adapter, whatever its file is called. */
static void test_object_by_address(void **state) {
    char message[DTLSLAB_MAX_TEXT] = "";
    const struct dtlslab_redirection none = {"no such function", NULL};

    (void)state;
    assert_int_equal(dtlslab_clock_redirect(NULL, library, message), DTLSLAB_OK);
    assert_int_equal(dtlslab_relocate(NULL, library, &none, 1), 1);
    assert_int_equal(dtlslab_relocate(library_name, NULL, &none, 1), 1);
    assert_int_equal(dtlslab_relocate(NULL, NULL, &none, 1), 0);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_before),          cmocka_unit_test(test_clocks_inside),
        cmocka_unit_test(test_clock_kinds_inside),   cmocka_unit_test(test_real_outside),
        cmocka_unit_test(test_others_stay_real),     cmocka_unit_test(test_randomness),
        cmocka_unit_test(test_other_files_are_read), cmocka_unit_test(test_streams_differ),
        cmocka_unit_test(test_known_stream),         cmocka_unit_test(test_threads),
        cmocka_unit_test(test_threads_of_library),   cmocka_unit_test(test_unknown_object),
        cmocka_unit_test(test_object_by_address),
    };

    if (argc != 2) {
        fprintf(stderr, "usage: %s LIBRARY\n", argv[0]);
        return 2;
    }
    library_path = argv[1];
    library_name = strrchr(argv[1], '/') != NULL ? strrchr(argv[1], '/') + 1 : argv[1];
    return cmocka_run_group_tests(tests, load, NULL);
}
