/* SPDX-License-Identifier: MIT
 *
 * The flags of the shim as a table.
 */
#ifndef DTLS_TESTS_BOGO_FLAGS_H
#define DTLS_TESTS_BOGO_FLAGS_H

#include "bogo/shim.h"

typedef enum flag_kind {
    FLAG_TRUE,          /* sets a bool */
    FLAG_INT,           /* an int follows */
    FLAG_U64,           /* a uint64_t follows */
    FLAG_STRING,        /* text follows */
    FLAG_BYTES,         /* base64 follows, for a dtls_span */
    FLAG_LIST,          /* a number follows, appended to a list of 16-bit numbers with its count */
    FLAG_CREDENTIAL,    /* begins a credential */
    FLAG_PUBLIC_KEY,    /* begins a raw public key */
    FLAG_OF_CREDENTIAL, /* as FLAG_STRING, of the credential that was begun last */
    FLAG_BYTES_OF_CREDENTIAL,
    FLAG_LIST_OF_CREDENTIAL,
    FLAG_NOTHING,      /* means nothing to libdtls; alone */
    FLAG_NOTHING_TEXT, /* the same, with a word behind it */
    FLAG_REFUSED,      /* not applicable, for `reason`; alone */
    FLAG_REFUSED_TEXT  /* the same, with a word behind it */
} flag_kind;

typedef struct flag {
    const char *name;
    flag_kind kind;
    size_t offset;  /* into shim_options or shim_credential */
    size_t counter; /* of a list */
    const char *reason;
} flag;

/* The row of a flag; NULL if there is none. */
const flag *flag_find(const char *name);

#endif
