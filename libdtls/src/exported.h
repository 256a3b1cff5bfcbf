/* SPDX-License-Identifier: MIT
 *
 * Included in front of every source file of a shared library by the compiler's
 * command line: what the public headers declare is exported, all else is not.
 * Static archives are compiled without it.
 */
#ifndef DTLS_SRC_EXPORTED_H
#define DTLS_SRC_EXPORTED_H

#pragma GCC visibility push(default)
#include "dtls/dtls.h"
#include DTLS_EXPORTED_HEADER
#pragma GCC visibility pop

#endif
