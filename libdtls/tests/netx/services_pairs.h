/* SPDX-License-Identifier: MIT
 *
 * Tests of what services answer: one for each code of docs/reference/netx/services.toml that is not marked
 * `never`. The list of them is made from that table; a code without its test does not link, and a test
 * without its code does not compile.
 */
#ifndef NETX_TESTS_SERVICES_PAIRS_H
#define NETX_TESTS_SERVICES_PAIRS_H

#include "services_both.h"
#include "services_list.h"

#define PAIR_DECLARATION(service, code)                                                                      \
    void pair_##service##__##code(void);                                                                     \
    enum { known_##service##__##code = 1 };
SERVICES_PAIRS(PAIR_DECLARATION)

/* PAIR(service, code) { … }: the body gets the code as `expected`. */
#define PAIR(service, code)                                                                                  \
    static void body_##service##__##code(UINT expected);                                                     \
    void pair_##service##__##code(void) {                                                                    \
        _Static_assert(known_##service##__##code == 1, "not in services.toml");                              \
        body_##service##__##code(code);                                                                      \
    }                                                                                                        \
    static void body_##service##__##code(UINT expected)

/* The crypto provider of the sessions: the function that fails ("random", "prf", "key share"), or with
 * "server finished" the label of the one PRF result that is wrong; NULL: none. */
extern const char *provider_fails;

/* A thread that after so many ticks ends what `thread` waits for. */
void abort_later(TX_THREAD *thread, ULONG ticks);

#endif
