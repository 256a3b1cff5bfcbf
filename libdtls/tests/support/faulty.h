/* SPDX-License-Identifier: MIT
 *
 * The libcrypto provider behind calls that are counted, one of which fails.
 */
#ifndef DTLS_TESTS_SUPPORT_FAULTY_H
#define DTLS_TESTS_SUPPORT_FAULTY_H

#include "dtls/libcrypto.h"

/* Calls so far of functions that can fail, and the one that does; 0: none. */
extern unsigned faulty_calls;
extern unsigned faulty_failing;

/* Counts from zero, and fails at call `failing`. */
void faulty_reset(unsigned failing);

/* A provider whose functions are all counted; `whole_records`: with the functions for GCM records, which take
 * the place of those for AEADs. */
dtls_crypto faulty_provider(bool whole_records);

#endif
