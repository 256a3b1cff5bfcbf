/* SPDX-License-Identifier: MIT
 *
 * What purity.cmake must find: a counter that changes, and a call of malloc.
 */
#include <stdlib.h>

void *dtls_test_unclean(void);

void *dtls_test_unclean(void) {
    static size_t calls;
    return malloc(++calls);
}
