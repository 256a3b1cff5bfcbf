/* SPDX-License-Identifier: MIT
 *
 * What the shared library of the NetX services exports: its headers, and the
 * crypto tables, which no header declares since programs do so themselves, with
 * const and without.
 */
#ifndef NETX_EXPORTED_H
#define NETX_EXPORTED_H

#include "nx_crypto_ecdh.h"
#include "nx_host.h"
#include "nx_secure_dtls_api.h"
#include "nx_secure_host.h"
#include "nx_udp.h"
#include "tx_host.h"

extern const NX_SECURE_TLS_CRYPTO nx_crypto_tls_ciphers;
extern const NX_SECURE_TLS_CRYPTO nx_crypto_tls_ciphers_ecc;

/* Of the program; one that starts its threads by tx_host_run has none. */
#pragma weak tx_application_define

#endif
