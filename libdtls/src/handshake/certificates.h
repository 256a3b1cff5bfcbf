/* SPDX-License-Identifier: MIT
 *
 * Certificates and the proofs of their possession (RFC 5246 sections 7.4.2,
 * 7.4.4, 7.4.6, 7.4.8).
 */
#ifndef DTLS_HANDSHAKE_CERTIFICATES_H
#define DTLS_HANDSHAKE_CERTIFICATES_H

#include "handshake/connection.h"

extern const struct dtls_certificates dtls_certificates_x509;

/* The scheme with a code point, if the configuration offers it and it is for such keys; else NULL. */
const dtls_signature_scheme *dtls_scheme_offered(const dtls_config *config, unsigned code,
                                                 dtls_key_type key_type);

#endif
