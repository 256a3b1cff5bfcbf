/* SPDX-License-Identifier: MIT
 *
 * The signatures of DTLS 1.0.
 */
#ifndef DTLS_HANDSHAKE_SCHEMES_1_0_H
#define DTLS_HANDSHAKE_SCHEMES_1_0_H

#include "handshake/algorithms.h"

extern const dtls_signature_scheme *const dtls_schemes_1_0[];

#endif
