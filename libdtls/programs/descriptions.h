/* SPDX-License-Identifier: MIT
 *
 * The options of dtls-client and dtls-server, as they are written and explained.
 */
#ifndef PROGRAMS_DESCRIPTIONS_H
#define PROGRAMS_DESCRIPTIONS_H

#include "dtls/dtls.h"

/* The programs that have an option. */
enum { CLIENT = 1, SERVER = 2, BOTH = 3 };

enum option_code {
    OPTION_CONNECT = 256,
    OPTION_ACCEPT,
    OPTION_4,
    OPTION_6,
    OPTION_CERT,
    OPTION_KEY,
    OPTION_CERT2,
    OPTION_KEY2,
    OPTION_PEER_KEY,
    OPTION_SERVER_RPK,
    OPTION_CLIENT_RPK,
    OPTION_STATUS,
    OPTION_STATUS_FILE,
    OPTION_SERVERNAME_FATAL,
    OPTION_CAFILE,
    OPTION_PSK,
    OPTION_PSK_IDENTITY,
    OPTION_PSK_HINT,
    OPTION_CIPHER,
    OPTION_GROUPS,
    OPTION_SIGALGS,
    OPTION_SERVERNAME,
    OPTION_VERIFY,
    OPTION_REQUIRE,
    OPTION_MTU,
    OPTION_KEYLOGFILE,
    OPTION_NO_COOKIE,
    OPTION_NO_EMS,
    OPTION_NO_ETM,
    OPTION_ALPN,
    OPTION_USE_SRTP,
    OPTION_MAXFRAGLEN,
    OPTION_KEYMATEXPORT,
    OPTION_KEYMATEXPORTLEN,
    OPTION_SESS_IN,
    OPTION_SESS_OUT,
    OPTION_NO_TICKET,
    OPTION_CID,
    OPTION_ECHO,
    OPTION_QUIET,
    OPTION_IGN_EOF,
    OPTION_NACCEPT,
    OPTION_MAX_SESSIONS,
    OPTION_MAX_HANDSHAKES,
    OPTION_IDLE,
    OPTION_INITIAL_TIMEOUT,
    OPTION_HANDSHAKE_TIMEOUT,
    OPTION_NOTHING,
    OPTION_LIST,
    OPTION_VERSION,
    OPTION_HELP
};

/* An option as it is written. */
struct description {
    const char *name;
    const char *value; /* NULL: it has none */
    int roles;
    enum option_code code;
    const char *help; /* NULL: another name of the one above, or of no effect here */
};

/* Room for all of them. */
#define MOST_DESCRIPTIONS 80

extern const struct description descriptions[];
extern const size_t num_descriptions;

/* CLIENT or SERVER. */
int description_role(dtls_role role);

/* Prints what `-help` says. */
void descriptions_print(const char *program, dtls_role role);

#endif
