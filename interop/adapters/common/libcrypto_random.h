/* SPDX-License-Identifier: MIT
 *
 * Repeatable randomness for stacks over libcrypto.
 */
#ifndef ADAPTER_LIBCRYPTO_RANDOM_H
#define ADAPTER_LIBCRYPTO_RANDOM_H

/* Makes libcrypto draw its random bytes from `adapter_random`. Its own generators are seeded once and then
 * live through all runs, while the laboratory needs each run to start anew. The method is one for the whole
 * process; outside of the laboratory its bytes are the system's. */
void adapter_libcrypto_random(void);

#endif
