/* SPDX-License-Identifier: MIT
 *
 * What a configuration chooses from: protocols, cipher suites, groups,
 * signature schemes and extensions, each a const object.
 *
 * An object is reached only through a configuration that names it, and brings
 * along only the code that it needs, so the linker leaves out the rest. The
 * default lists and the look-ups by code point stand in object files of their
 * own (`dtls_default_*`, `dtls_*_by_code`); a program that names its own
 * objects links neither.
 */
#ifndef DTLS_ALGORITHMS_H
#define DTLS_ALGORITHMS_H

#include "dtls/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One version in one role: its state machine. */
typedef struct dtls_protocol dtls_protocol;
/* A cipher suite with its key exchange and record protection. */
typedef struct dtls_cipher_suite dtls_cipher_suite;
/* A group for ephemeral key agreement. */
typedef struct dtls_group dtls_group;
/* A signature scheme. */
typedef struct dtls_signature_scheme dtls_signature_scheme;
/* A hello extension. What a suite itself needs (supported groups, point formats, signature algorithms) comes
 * with the suite and is not listed. */
typedef struct dtls_extension dtls_extension;
/* Abbreviated handshakes in one role (resumption.h). */
typedef struct dtls_resumption dtls_resumption;

/* DTLS 1.2, RFC 6347. */
extern const dtls_protocol dtls_client_1_2;
extern const dtls_protocol dtls_server_1_2;

/* DTLS 1.0, RFC 4347, for peers that have nothing newer (RFC 8996 forbids it elsewhere): with MD5 and SHA-1,
 * and of the suites only those with CBC and HMAC-SHA-1. Named behind the objects of 1.2, it is what is fallen
 * back to. */
extern const dtls_protocol dtls_client_1_0;
extern const dtls_protocol dtls_server_1_0;

/* With certificates and ephemeral keys. An ECDSA suite takes Ed25519 keys too (RFC 8422 section 5.10), an RSA
 * suite RSASSA-PSS keys. */
extern const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256;       /* 0xc02b, RFC 5289 */
extern const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_aes_256_gcm_sha384;       /* 0xc02c, RFC 5289 */
extern const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_chacha20_poly1305_sha256; /* 0xcca9, RFC 7905 */
extern const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_aes_128_ccm;              /* 0xc0ac, RFC 7251 */
extern const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_aes_256_ccm;              /* 0xc0ad, RFC 7251 */
extern const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_aes_128_ccm_8;            /* 0xc0ae, RFC 7251 */
extern const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_aes_256_ccm_8;            /* 0xc0af, RFC 7251 */
extern const dtls_cipher_suite dtls_suite_ecdhe_rsa_aes_128_gcm_sha256;         /* 0xc02f, RFC 5289 */
extern const dtls_cipher_suite dtls_suite_ecdhe_rsa_aes_256_gcm_sha384;         /* 0xc030, RFC 5289 */
extern const dtls_cipher_suite dtls_suite_ecdhe_rsa_chacha20_poly1305_sha256;   /* 0xcca8, RFC 7905 */

/* With pre-shared keys and ephemeral keys. */
extern const dtls_cipher_suite dtls_suite_ecdhe_psk_aes_128_gcm_sha256;       /* 0xd001, RFC 8442 */
extern const dtls_cipher_suite dtls_suite_ecdhe_psk_aes_256_gcm_sha384;       /* 0xd002, RFC 8442 */
extern const dtls_cipher_suite dtls_suite_ecdhe_psk_aes_128_ccm_8_sha256;     /* 0xd003, RFC 8442 */
extern const dtls_cipher_suite dtls_suite_ecdhe_psk_aes_128_ccm_sha256;       /* 0xd005, RFC 8442 */
extern const dtls_cipher_suite dtls_suite_ecdhe_psk_chacha20_poly1305_sha256; /* 0xccac, RFC 7905 */

/* With pre-shared keys alone. */
extern const dtls_cipher_suite dtls_suite_psk_aes_128_gcm_sha256;       /* 0x00a8, RFC 5487 */
extern const dtls_cipher_suite dtls_suite_psk_aes_256_gcm_sha384;       /* 0x00a9, RFC 5487 */
extern const dtls_cipher_suite dtls_suite_psk_chacha20_poly1305_sha256; /* 0xccab, RFC 7905 */
extern const dtls_cipher_suite dtls_suite_psk_aes_128_ccm;              /* 0xc0a4, RFC 6655 */
extern const dtls_cipher_suite dtls_suite_psk_aes_256_ccm;              /* 0xc0a5, RFC 6655 */
extern const dtls_cipher_suite dtls_suite_psk_aes_128_ccm_8;            /* 0xc0a8, RFC 6655 */
extern const dtls_cipher_suite dtls_suite_psk_aes_256_ccm_8;            /* 0xc0a9, RFC 6655 */

/* CBC, for peers that have nothing better; none of them is among the defaults. Name
 * `dtls_extension_encrypt_then_mac` with them. */
extern const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_aes_128_cbc_sha;    /* 0xc009, RFC 8422 */
extern const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_aes_256_cbc_sha;    /* 0xc00a, RFC 8422 */
extern const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_aes_128_cbc_sha256; /* 0xc023, RFC 5289 */
extern const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_aes_256_cbc_sha384; /* 0xc024, RFC 5289 */
extern const dtls_cipher_suite dtls_suite_ecdhe_rsa_aes_128_cbc_sha;      /* 0xc013, RFC 8422 */
extern const dtls_cipher_suite dtls_suite_ecdhe_rsa_aes_256_cbc_sha;      /* 0xc014, RFC 8422 */
extern const dtls_cipher_suite dtls_suite_ecdhe_rsa_aes_128_cbc_sha256;   /* 0xc027, RFC 5289 */
extern const dtls_cipher_suite dtls_suite_ecdhe_rsa_aes_256_cbc_sha384;   /* 0xc028, RFC 5289 */
extern const dtls_cipher_suite dtls_suite_ecdhe_psk_aes_128_cbc_sha;      /* 0xc035, RFC 5489 */
extern const dtls_cipher_suite dtls_suite_ecdhe_psk_aes_256_cbc_sha;      /* 0xc036, RFC 5489 */
extern const dtls_cipher_suite dtls_suite_ecdhe_psk_aes_128_cbc_sha256;   /* 0xc037, RFC 5489 */
extern const dtls_cipher_suite dtls_suite_ecdhe_psk_aes_256_cbc_sha384;   /* 0xc038, RFC 5489 */
extern const dtls_cipher_suite dtls_suite_psk_aes_128_cbc_sha;            /* 0x008c, RFC 4279 */
extern const dtls_cipher_suite dtls_suite_psk_aes_256_cbc_sha;            /* 0x008d, RFC 4279 */
extern const dtls_cipher_suite dtls_suite_psk_aes_128_cbc_sha256;         /* 0x00ae, RFC 5487 */
extern const dtls_cipher_suite dtls_suite_psk_aes_256_cbc_sha384;         /* 0x00af, RFC 5487 */

/* RSA key transport, for peers that have nothing else: `allow_legacy` must be set. None of them is among the
 * defaults. */
extern const dtls_cipher_suite dtls_suite_rsa_aes_128_gcm_sha256; /* 0x009c, RFC 5288 */
extern const dtls_cipher_suite dtls_suite_rsa_aes_256_gcm_sha384; /* 0x009d, RFC 5288 */
extern const dtls_cipher_suite dtls_suite_rsa_aes_128_cbc_sha256; /* 0x003c, RFC 5246 */
extern const dtls_cipher_suite dtls_suite_rsa_aes_256_cbc_sha256; /* 0x003d, RFC 5246 */
extern const dtls_cipher_suite dtls_suite_rsa_aes_128_cbc_sha;    /* 0x002f, RFC 5246 */
extern const dtls_cipher_suite dtls_suite_rsa_aes_256_cbc_sha;    /* 0x0035, RFC 5246 */

extern const dtls_group dtls_group_x25519; /* 0x001d, RFC 8422 */
extern const dtls_group dtls_group_x448;   /* 0x001e, RFC 8422 */
extern const dtls_group dtls_group_p256;   /* 0x0017, RFC 8422 */
extern const dtls_group dtls_group_p384;   /* 0x0018, RFC 8422 */
extern const dtls_group dtls_group_p521;   /* 0x0019, RFC 8422 */

/* RFC 8446 section 4.2.3; for DTLS 1.2, the names' curves bind nobody (RFC 5246 section 7.4.1.4.1). */
extern const dtls_signature_scheme dtls_scheme_ecdsa_secp256r1_sha256; /* 0x0403 */
extern const dtls_signature_scheme dtls_scheme_ecdsa_secp384r1_sha384; /* 0x0503 */
extern const dtls_signature_scheme dtls_scheme_ecdsa_secp521r1_sha512; /* 0x0603 */
extern const dtls_signature_scheme dtls_scheme_ed25519;                /* 0x0807 */
extern const dtls_signature_scheme dtls_scheme_rsa_pss_rsae_sha256;    /* 0x0804 */
extern const dtls_signature_scheme dtls_scheme_rsa_pss_rsae_sha384;    /* 0x0805 */
extern const dtls_signature_scheme dtls_scheme_rsa_pss_rsae_sha512;    /* 0x0806 */
extern const dtls_signature_scheme dtls_scheme_rsa_pss_pss_sha256;     /* 0x0809 */
extern const dtls_signature_scheme dtls_scheme_rsa_pss_pss_sha384;     /* 0x080a */
extern const dtls_signature_scheme dtls_scheme_rsa_pss_pss_sha512;     /* 0x080b */
extern const dtls_signature_scheme dtls_scheme_rsa_pkcs1_sha256;       /* 0x0401 */
extern const dtls_signature_scheme dtls_scheme_rsa_pkcs1_sha384;       /* 0x0501 */
extern const dtls_signature_scheme dtls_scheme_rsa_pkcs1_sha512;       /* 0x0601 */

extern const dtls_extension dtls_extension_server_name;            /* RFC 6066 section 3 */
extern const dtls_extension dtls_extension_extended_master_secret; /* RFC 7627 */
extern const dtls_extension dtls_extension_encrypt_then_mac;   /* RFC 7366: offered if there is a CBC suite */
extern const dtls_extension dtls_extension_renegotiation_info; /* RFC 5746: answered, renegotiation refused */

extern const dtls_extension dtls_extension_use_srtp; /* RFC 5764, with `srtp`: srtp.h */

/* Not among the default ones: each has fields of its own in the configuration. */
extern const dtls_extension dtls_extension_connection_id;           /* RFC 9146: connection_id.h */
extern const dtls_extension dtls_extension_alpn;                    /* RFC 7301 */
extern const dtls_extension dtls_extension_max_fragment_length;     /* RFC 6066 section 4 */
extern const dtls_extension dtls_extension_record_size_limit;       /* RFC 8449 */
extern const dtls_extension dtls_extension_status_request;          /* RFC 6066 section 8: OCSP stapling */
extern const dtls_extension dtls_extension_server_certificate_type; /* RFC 7250: raw public keys of servers */
extern const dtls_extension dtls_extension_client_certificate_type; /* RFC 7250: … and of clients */

/* What a configuration without lists of its own should name, best first, NULL-terminated: all of the above,
 * unless it says otherwise, and of the cipher suites only AEADs, forward secrecy first. */
extern const dtls_cipher_suite *const dtls_default_cipher_suites[];
extern const dtls_group *const dtls_default_groups[];
extern const dtls_signature_scheme *const dtls_default_signature_schemes[];
extern const dtls_extension *const dtls_default_extensions[];

/* IANA code points and names of objects. The names are static. For NULL 0, and "". */
unsigned dtls_cipher_suite_code(const dtls_cipher_suite *suite);
const char *dtls_cipher_suite_name(const dtls_cipher_suite *suite);
unsigned dtls_group_code(const dtls_group *group);
const char *dtls_group_name(const dtls_group *group);
unsigned dtls_signature_scheme_code(const dtls_signature_scheme *scheme);
const char *dtls_signature_scheme_name(const dtls_signature_scheme *scheme);
dtls_role dtls_protocol_role(const dtls_protocol *protocol);
unsigned dtls_protocol_version(const dtls_protocol *protocol);

/* Whether peers show certificates with a suite, and whether they use a pre-shared key. */
bool dtls_cipher_suite_uses_certificates(const dtls_cipher_suite *suite);
bool dtls_cipher_suite_uses_psk(const dtls_cipher_suite *suite);

/* All cipher suites of the library, NULL-terminated. */
extern const dtls_cipher_suite *const dtls_all_cipher_suites[];

/* The object with an IANA code point; NULL if the library has none. Links every object. */
const dtls_cipher_suite *dtls_cipher_suite_by_code(unsigned code);
const dtls_group *dtls_group_by_code(unsigned code);
const dtls_signature_scheme *dtls_signature_scheme_by_code(unsigned code);

/* One row of a protocol's state table, for tests and diagrams. */
typedef struct dtls_transition {
    const char *state;
    const char *message; /* what may come in this state, e.g. "ServerHello" */
    const char *next;    /* the state afterwards; "chosen by the handler" where the negotiation decides */
} dtls_transition;

/* Writes row `index` of the table into `*out_transition`; DTLS_NOTHING (1) past its end, DTLS_ERROR_ARGUMENT
 * for NULL, DTLS_OK (0) otherwise. */
int dtls_protocol_transition(const dtls_protocol *protocol, size_t index, dtls_transition *out_transition);

/* The same for row `index`, as `*out_transition`, of those that an extension adds; most add none. */
int dtls_extension_transition(const dtls_extension *extension, size_t index, dtls_transition *out_transition);

#ifdef __cplusplus
}
#endif

#endif
