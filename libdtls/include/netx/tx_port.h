/* SPDX-License-Identifier: MIT
 *
 * The types of a ThreadX program, with the sizes that they have on the
 * ThreadX ports to 64-bit hosts: a ULONG has 32 bits, and holds no pointer.
 */
#ifndef TX_PORT_H
#define TX_PORT_H

#include <stdint.h>

#define VOID void
typedef char CHAR;
typedef unsigned char UCHAR;
typedef int INT;
typedef unsigned int UINT;
typedef int LONG;
typedef unsigned int ULONG;
typedef short SHORT;
typedef unsigned short USHORT;
typedef uint64_t ULONG64;
typedef uintptr_t ALIGN_TYPE;

/* Ticks of the ThreadX clock in a second: the library's, which a program cannot change. */
#ifndef TX_TIMER_TICKS_PER_SECOND
#define TX_TIMER_TICKS_PER_SECOND 100
#elif TX_TIMER_TICKS_PER_SECOND != 100
#error "the library was built with 100 ticks a second"
#endif

/* Priorities are 0, the most urgent, to TX_MAX_PRIORITIES - 1. */
#define TX_MAX_PRIORITIES 32
#define TX_MINIMUM_STACK  200

#endif
