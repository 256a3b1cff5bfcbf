/* SPDX-License-Identifier: MIT
 *
 * Crypto methods. Here they are names: what computes is libdtls's provider.
 */
#ifndef NX_CRYPTO_H
#define NX_CRYPTO_H

#include "nx_api.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A named group, as a method table lists it. */
typedef struct NX_CRYPTO_METHOD_STRUCT {
    USHORT nx_crypto_algorithm; /* its IANA code point (RFC 8422 section 5.1.1) */
    USHORT nx_crypto_key_size_in_bits;
} NX_CRYPTO_METHOD;

extern const NX_CRYPTO_METHOD crypto_method_ec_secp256;
extern const NX_CRYPTO_METHOD crypto_method_ec_secp384;
extern const NX_CRYPTO_METHOD crypto_method_ec_secp521;
extern const NX_CRYPTO_METHOD crypto_method_ec_x25519;
extern const NX_CRYPTO_METHOD crypto_method_ec_x448;

/* The groups of this library by code point, and their methods in the same order. */
extern const USHORT nx_crypto_ecc_supported_groups[];
extern const UINT nx_crypto_ecc_supported_groups_size; /* how many there are */
extern const NX_CRYPTO_METHOD *nx_crypto_ecc_curves[];

#ifdef __cplusplus
}
#endif

#endif
