/* SPDX-License-Identifier: MIT
 *
 * Groups for key agreement (RFC 8422 section 5.1.1).
 */
#include "handshake/algorithms.h"

const dtls_group dtls_group_x25519 = {.name = "x25519", .code = DTLS_GROUP_X25519};
const dtls_group dtls_group_x448 = {.name = "x448", .code = DTLS_GROUP_X448};
const dtls_group dtls_group_p256 = {.name = "secp256r1", .code = DTLS_GROUP_P256};
const dtls_group dtls_group_p384 = {.name = "secp384r1", .code = DTLS_GROUP_P384};
const dtls_group dtls_group_p521 = {.name = "secp521r1", .code = DTLS_GROUP_P521};
