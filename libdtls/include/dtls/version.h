/* SPDX-License-Identifier: MIT
 *
 * The version of libdtls: of these headers, and of the library that a program
 * runs with. Versions of the protocol are in types.h.
 *
 * While the major number is 0, a new minor number may change the interface, and
 * the shared library's name with it.
 */
#ifndef DTLS_VERSION_H
#define DTLS_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the headers. */
#define DTLS_VERSION_MAJOR 0
#define DTLS_VERSION_MINOR 1
#define DTLS_VERSION_PATCH 0

/* The version `major`.`minor`.`patch` as one number, for comparisons. */
#define DTLS_VERSION_OF(major, minor, patch) (((major) << 16) | ((minor) << 8) | (patch))

/* The version of the headers as one number. */
#define DTLS_VERSION DTLS_VERSION_OF(DTLS_VERSION_MAJOR, DTLS_VERSION_MINOR, DTLS_VERSION_PATCH)

/* The version of the library, made as DTLS_VERSION is. */
unsigned dtls_version(void);

/* The same as text, "0.1.0". Static. */
const char *dtls_version_text(void);

#ifdef __cplusplus
}
#endif

#endif
