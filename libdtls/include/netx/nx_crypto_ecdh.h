/* SPDX-License-Identifier: MIT
 *
 * There for programs that include it; see nx_crypto.h.
 */
#ifndef NX_CRYPTO_ECDH_H
#define NX_CRYPTO_ECDH_H

#include "nx_crypto.h"

#endif
