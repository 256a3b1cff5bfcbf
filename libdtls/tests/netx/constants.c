/* SPDX-License-Identifier: MIT
 *
 * The constants of the headers are those of the table, the types have the sizes
 * that programs count on, and control blocks stand where a program's arrays are.
 */
#include <stdalign.h>

#include "nx_crypto_ecdh.h"
#include "nx_secure_dtls_api.h"
#include "support.h"

#define CONSTANT(name, value) _Static_assert((name) == (value), #name " is not " #value);
#include "constants.h"
#undef CONSTANT

_Static_assert(sizeof(ULONG) == 4 && sizeof(UINT) == 4 && sizeof(USHORT) == 2 && sizeof(UCHAR) == 1, "types");
_Static_assert(sizeof(ULONG64) == 8 && sizeof(LONG) == 4 && sizeof(INT) == 4 && sizeof(SHORT) == 2, "types");
_Static_assert(sizeof(ALIGN_TYPE) == sizeof(void *), "types");
_Static_assert(sizeof(NX_UDP_HEADER) == 8, "the header of RFC 768");
_Static_assert(sizeof(NXD_ADDRESS) == 20, "version and sixteen bytes");
/* Pools of NetX programs count a packet's header once: it and the payload stay aligned behind each other. */
_Static_assert(sizeof(NX_PACKET) % alignof(NX_PACKET) == 0 && alignof(NX_PACKET) == 8, "packets");
_Static_assert(sizeof(NX_SECURE_DTLS_SESSION) % alignof(NX_SECURE_DTLS_SESSION) == 0, "sessions");

typedef struct named {
    const char *name;
    ULONG value;
} named;

static const named table[] = {
#define CONSTANT(name, value) {#name, value},
#include "constants.h"
#undef CONSTANT
};

#define NUM (sizeof table / sizeof *table)

/* No name stands in the table twice. */
static void each_once(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM; i++) {
        for (size_t k = i + 1; k < NUM; k++)
            assert_string_not_equal(table[i].name, table[k].name);
    }
    assert_true(NUM > 230);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
