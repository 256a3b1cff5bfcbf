/* SPDX-License-Identifier: MIT
 *
 * Certificates (X.509, DER) and private keys (RFC 5915, DER) for the examples,
 * as a device has them in its memory. Everybody knows these keys.
 */
#ifndef EXAMPLE_CREDENTIALS_H
#define EXAMPLE_CREDENTIALS_H

#include "nx_api.h"

/* Issuer of the three below; without its key. */
extern const UCHAR example_authority[334];
/* An authority that has issued none of them. */
extern const UCHAR example_other_authority[331];
/* For server.example. */
extern const UCHAR example_server_certificate[378];
extern const UCHAR example_server_key[121];
/* For new.server.example. */
extern const UCHAR example_new_server_certificate[385];
extern const UCHAR example_new_server_key[121];
/* For pump-7.example, a client. */
extern const UCHAR example_client_certificate[378];
extern const UCHAR example_client_key[121];

#endif
