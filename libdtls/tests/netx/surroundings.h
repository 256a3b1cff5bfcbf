/* SPDX-License-Identifier: MIT
 *
 * Tests of what the services around DTLS answer: one for each code of docs/reference/netx/surroundings.toml,
 * whose list is made from that table. A code without its test does not link, and a test without its code does
 * not compile.
 */
#ifndef NETX_TESTS_SURROUNDINGS_H
#define NETX_TESTS_SURROUNDINGS_H

#include "net_world.h"
#include "surroundings_list.h"

#define ROW_DECLARATION(service, code)                                                                       \
    void row_##service##__##code(void);                                                                      \
    enum { known_##service##__##code = 1 };
SURROUNDINGS(ROW_DECLARATION)

/* ROW(service, code) { … }: the body gets the code as `expected`. It runs in a kernel of its own. */
#define ROW(service, code)                                                                                   \
    static void body_##service##__##code(UINT expected);                                                     \
    void row_##service##__##code(void) {                                                                     \
        _Static_assert(known_##service##__##code == 1, "not in surroundings.toml");                          \
        body_##service##__##code(code);                                                                      \
    }                                                                                                        \
    static void body_##service##__##code(UINT expected)

/* In one line: what the service answers. */
#define ANSWERS(service, code, call)                                                                         \
    void row_##service##__##code(void) {                                                                     \
        _Static_assert(known_##service##__##code == 1, "not in surroundings.toml");                          \
        CHECK_CODE(call, code);                                                                              \
    }

/* The running thread is about to wait in a call; three ticks after, another thread calls `interrupt`: one
 * that is more urgent, or of that priority. */
void interrupted(void (*interrupt)(void));
void interrupted_at(UINT priority, void (*interrupt)(void));
/* Ends the wait of the thread that called `interrupted`. */
void abort_it(void);

/* Calls it where no thread does: in the initialisation of another kernel. */
void outside_of_threads(void (*call)(void));

#endif
