/* SPDX-License-Identifier: MIT
 *
 * What the programs show of themselves, and what they take from their peers:
 * certificates, raw public keys, OCSP responses, names.
 */
#ifndef DTLS_PROGRAMS_AUTHENTICATION_H
#define DTLS_PROGRAMS_AUTHENTICATION_H

#include "options.h"

/* What the command line says of it: names of files, unless it says otherwise. NULL: nothing. */
struct authentication {
    const char *cert;
    const char *key;
    const char *cert2;
    const char *key2;
    const char *anchors;
    const char *peer_key;
    const char *status_file;
    const char *server_name; /* a name */
    bool server_name_fatal;
    bool status;
    bool server_rpk;
    bool client_rpk;
};

/* Reads the files, and completes the configuration with them. */
void authentication_read(struct options *options, const struct authentication *given);

/* Adds the extensions that go with it to a list, which has room. The number. */
size_t authentication_extensions(const struct options *options, const struct authentication *given,
                                 const dtls_extension **out);

void authentication_free(struct options *options);

#endif
