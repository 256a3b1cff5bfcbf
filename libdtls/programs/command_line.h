/* SPDX-License-Identifier: MIT
 *
 * The command lines of dtls-client and dtls-server. Options are named as those
 * of `openssl s_client` and `s_server` where they mean the same.
 */
#ifndef DTLS_PROGRAMS_COMMAND_LINE_H
#define DTLS_PROGRAMS_COMMAND_LINE_H

#include "options.h"

/* Reads the command line and the files that it names. Ends the program with status 2 and a sentence if
 * something is wrong, and with 0 after -help and -version. `options` is zeroed first. */
void options_read(struct options *options, dtls_role role, int argc, char **argv);
void options_free(struct options *options);

#endif
