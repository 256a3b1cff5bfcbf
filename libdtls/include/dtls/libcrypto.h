/* SPDX-License-Identifier: MIT
 *
 * The provider over OpenSSL's libcrypto 3. The only part of libdtls that names
 * libcrypto; an archive of its own, `libdtls_libcrypto.a`.
 */
#ifndef DTLS_LIBCRYPTO_H
#define DTLS_LIBCRYPTO_H

#include "dtls/crypto.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The provider as a constant. Libcrypto then looks algorithms up at each use, by name and behind locks, which
 * takes as long as half a PSK handshake. */
extern const dtls_crypto dtls_libcrypto;

/* The provider with its algorithms looked up once: what a program with more than a few handshakes names in
 * its configuration, as `&provider.crypto`. In memory of the caller, where it must stay. Threads may share
 * it. */
typedef struct dtls_libcrypto_provider {
    dtls_crypto crypto;
    uint64_t own[40]; /* the provider's */
} dtls_libcrypto_provider;

/* Looks everything up that libcrypto has, and makes `*out_provider` of it. DTLS_ERROR_CRYPTO: it does not
 * even have HMAC with SHA-256, or no memory. */
dtls_error dtls_libcrypto_open(dtls_libcrypto_provider *out_provider);

/* Frees what was looked up. Nothing may use the provider any more: connections are wiped first. Safe with
 * NULL, twice, and with a provider that is all zero bytes. */
void dtls_libcrypto_close(dtls_libcrypto_provider *provider);

/* A place for a chain that was found good. */
typedef struct dtls_libcrypto_known_chain {
    uint64_t own[10]; /* the provider's */
} dtls_libcrypto_known_chain;

/* Has the provider remember chains that it has found good, in `entries`, memory of the caller that stays in
 * place until the provider is closed. A chain of the same certificates, byte for byte, that is to be judged
 * by the same anchors, name, role and use of its key, is then good without being parsed or verified again:
 * for `lifetime_s` seconds of calendar time, 1 to 86,400, while none of its certificates, its anchor among
 * them, has ended. Nothing is remembered of chains that are refused, or if calendar time is not known
 * (`dtls_time`). When all entries are taken, a new chain takes that of the one used longest ago. Each entry
 * holds its trust anchors and a public key.
 * To be called between `dtls_libcrypto_open` and the first use. DTLS_ERROR_ARGUMENT: NULL, no entries, or a
 * lifetime past those limits. DTLS_ERROR_STATE: not open, or chains are remembered already.
 * DTLS_ERROR_CRYPTO: no memory for a lock. */
dtls_error dtls_libcrypto_remember_chains(dtls_libcrypto_provider *provider,
                                          dtls_libcrypto_known_chain *entries, size_t num_entries,
                                          uint32_t lifetime_s);

/* Reads a private key from PEM or DER bytes (PKCS#8 or the traditional forms; no passphrase). `*out_key` is
 * the caller's, to be freed with `dtls_libcrypto_private_key_free`; it may be shared by threads. `*out_type`
 * is what a `dtls_credential` says of it.
 * DTLS_ERROR_ARGUMENT: not a private key. */
dtls_error dtls_libcrypto_private_key_read(const uint8_t *bytes, size_t len, dtls_private_key **out_key,
                                           dtls_key_type *out_type);
/* The curve of an ECDSA key, DTLS_GROUP_*; 0: another key, or another curve. */
uint16_t dtls_libcrypto_private_key_curve(const dtls_private_key *key);

/* Frees a key; NULL is no key. */
void dtls_libcrypto_private_key_free(dtls_private_key *key);

/* Reads trust anchors from `bytes`: every certificate of a PEM text, or one in DER. `*out_anchors` is the
 * caller's, to be freed with `dtls_libcrypto_trust_anchors_free`. DTLS_ERROR_ARGUMENT: none found, or
 * one that does not parse. */
dtls_error dtls_libcrypto_trust_anchors_read(const uint8_t *bytes, size_t len,
                                             dtls_trust_anchors **out_anchors);

/* Frees trust anchors; NULL is none. */
void dtls_libcrypto_trust_anchors_free(dtls_trust_anchors *anchors);

/* Splits a PEM text into certificates in DER, written one behind the other into `out`, of which `out_spans`
 * tells the places. `*num_spans` holds the capacity and is set to the number found. DTLS_ERROR_NO_ROOM: too
 * many, or too long; DTLS_ERROR_ARGUMENT: not PEM. */
dtls_error dtls_libcrypto_chain_read(const uint8_t *pem, size_t len, uint8_t *out, size_t out_cap,
                                     dtls_span *out_spans, size_t *num_spans);

/* Writes the SubjectPublicKeyInfo (DER) of a key, which is what a raw public key is (RFC 7250), to `out`.
 * `bytes` is one already; or a PEM text with a public key, a certificate, or a private key without
 * passphrase. DTLS_ERROR_NO_ROOM: longer than `out_cap`. DTLS_ERROR_ARGUMENT: no such thing, or NULL. */
dtls_error dtls_libcrypto_public_key_read(const uint8_t *bytes, size_t len, uint8_t *out, size_t out_cap,
                                          size_t *out_len);

/* What `dtls_libcrypto_certificate_read` tells. */
typedef struct dtls_libcrypto_certificate_facts {
    char common_name[64];   /* of the subject (RFC 5280, ub-common-name), not NUL-terminated */
    size_t common_name_len; /* 0: it has none, or a longer one */
    bool self_issued;
} dtls_libcrypto_certificate_facts;

/* Reads a certificate in DER. DTLS_ERROR_ARGUMENT: it is none, or `out_facts` is NULL. */
dtls_error dtls_libcrypto_certificate_read(dtls_span der, dtls_libcrypto_certificate_facts *out_facts);

/* Whether the certificate `issuer` can have issued `subject`, by names and key identifiers (RFC 5280 section
 * 6.1); signatures are not looked at. */
bool dtls_libcrypto_certificate_issued(dtls_span issuer, dtls_span subject);

/* Whether the certificate is for `name`, a DNS name or an IP address as text, by its subjectAltName (RFC 9525
 * section 6): as a configuration's name is matched. */
bool dtls_libcrypto_certificate_is_for(dtls_span certificate, const char *name);

/* Whether `key` is that of the certificate. */
bool dtls_libcrypto_private_key_fits(const dtls_private_key *key, dtls_span certificate);

/* Adds a certificate in DER to `*anchors`, which is made if it is NULL. DTLS_ERROR_ARGUMENT: it does not
 * parse. */
dtls_error dtls_libcrypto_trust_anchors_add(dtls_trust_anchors **anchors, dtls_span der);

#ifdef __cplusplus
}
#endif

#endif
