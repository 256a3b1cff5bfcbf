/* SPDX-License-Identifier: MIT
 *
 * Groups for key agreement (RFC 8422 section 5.1.1): X25519 and P-256.
 */
#include "handshake/algorithms.h"

const dtls_group dtls_group_x25519 = {.name = "x25519", .code = DTLS_GROUP_X25519};
const dtls_group dtls_group_p256 = {.name = "secp256r1", .code = DTLS_GROUP_P256};
