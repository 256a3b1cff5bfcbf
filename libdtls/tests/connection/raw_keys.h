/* SPDX-License-Identifier: MIT
 *
 * Pairs whose ends show raw public keys.
 */
#ifndef DTLS_TESTS_CONNECTION_RAW_KEYS_H
#define DTLS_TESTS_CONNECTION_RAW_KEYS_H

#include "connection/pair.h"

#define RAW  DTLS_CERTIFICATE_RAW_PUBLIC_KEY
#define X509 DTLS_CERTIFICATE_X509

/* Extensions with both types, and without either. */
extern const dtls_extension *const raw_keys_both[];
extern const dtls_extension *const raw_keys_without[];

extern const dtls_certificate_type raw_only[1];
extern const dtls_certificate_type raw_first[2];
extern const dtls_certificate_type x509_first[2];

/* Server ECDSA, server RSA, client. */
extern dtls_span raw_keys[3];
extern dtls_credential raw_credentials[3];
extern dtls_credential mixed_credentials[3]; /* the server's ECDSA key raw, then its certificates */

/* For a program's beginning: keys and credentials. */
int raw_keys_make(void **state);

/* The end takes certificates of these types. */
void raw_keys_take(struct end *end, const dtls_certificate_type *types, size_t num);

/* The server shows its raw keys, and the client takes nothing else; and the other way round as well. */
void raw_keys_init(struct pair *pair);
void raw_keys_init_mutual(struct pair *pair);

/* Opens the pair and runs it. */
void raw_keys_run(struct pair *pair);

const dtls_connection_info *raw_keys_info(const struct pair *pair, int end);

/* What both ends say of both types. */
void raw_keys_check_types(const struct pair *pair, dtls_certificate_type servers,
                          dtls_certificate_type clients);

/* Runs it: it is connected, by these types, and the client knows the server. */
void raw_keys_connect(struct pair *pair, dtls_certificate_type servers, dtls_certificate_type clients);

/* Runs it: `end` fails, and tells the other why. Frees the pair. */
void raw_keys_check_refused(struct pair *pair, int end, dtls_error error, dtls_alert alert,
                            const char *field);

#endif
