/* SPDX-License-Identifier: MIT
 *
 * Wrong use of the public interface, a row for each way: the call gets the
 * error that the header names, and does nothing else. Every public function
 * must have at least one row, which `every_function_has_a_row` sees to by
 * reading the headers.
 */
#ifndef DTLS_TESTS_MISUSE_MISUSE_H
#define DTLS_TESTS_MISUSE_MISUSE_H

#include "support/check.h"

/* A row: the function, with these arguments, answers `expected`. */
#define ROW(expected, function, ...)                                                                         \
    do {                                                                                                     \
        misuse_note(#function);                                                                              \
        assert_int_equal(function(__VA_ARGS__), expected);                                                   \
    } while (0)

/* The same for functions that answer a pointer, which is then NULL, and for those that answer nothing. */
#define ROW_NULL(function, ...)                                                                              \
    do {                                                                                                     \
        misuse_note(#function);                                                                              \
        assert_null(function(__VA_ARGS__));                                                                  \
    } while (0)
#define ROW_VOID(function, ...)                                                                              \
    do {                                                                                                     \
        misuse_note(#function);                                                                              \
        function(__VA_ARGS__);                                                                               \
    } while (0)

/* A public function is called here, or `why` there is no wrong way to call it. */
void misuse_note(const char *function);
void misuse_cannot(const char *function, const char *why);

/* cmocka tests. */
void misuse_of_objects(void **state);
void misuse_of_configurations(void **state);
void misuse_of_libcrypto(void **state);
void misuse_of_opening(void **state);
void misuse_before_the_start(void **state);
void misuse_during_the_handshake(void **state);
void misuse_of_a_connection(void **state);
void misuse_of_a_dead_connection(void **state);
void misuse_of_a_wiped_connection(void **state);
void misuse_of_sessions(void **state);
void misuse_of_cookies(void **state);
void misuse_of_servers(void **state);
void misuse_of_sockets(void **state);
void misuse_of_loops(void **state);
void every_function_has_a_row(void **state);

#endif
