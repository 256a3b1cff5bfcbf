/* SPDX-License-Identifier: MIT
 *
 * Certificates and the proofs of their possession (RFC 5246 sections 7.4.2,
 * 7.4.4, 7.4.6, 7.4.8).
 */
#ifndef DTLS_HANDSHAKE_CERTIFICATES_H
#define DTLS_HANDSHAKE_CERTIFICATES_H

#include "handshake/connection.h"

extern const struct dtls_certificates dtls_certificates_x509;

/* Server: whether our credential at a place can be used with a suite and this client. DTLS_OK;
 * DTLS_ERROR_NO_SHARED_SUITE: its key does not fit, or it is for other names;
 * DTLS_ERROR_CERTIFICATE_UNSUPPORTED: the client does not take its type. */
dtls_error dtls_credential_fits(const struct dtls_connection *connection, const dtls_cipher_suite *suite,
                                size_t place);

/* The schemes of ours that this version has. */
const dtls_signature_scheme *const *dtls_schemes_of(const struct dtls_connection *connection);

/* The scheme with a code point, if we have it and it is for such keys; else NULL. A version that prescribes
 * its schemes has no code points in its messages: `code` is then of no matter. */
const dtls_signature_scheme *dtls_scheme_offered(const struct dtls_connection *connection, unsigned code,
                                                 dtls_key_type key_type);

/* The code point in front of a signature, where the version has one. */
void dtls_scheme_write(const struct dtls_connection *connection, struct dtls_writer *writer);
unsigned dtls_scheme_read(const struct dtls_connection *connection, struct dtls_reader *reader);

#endif
