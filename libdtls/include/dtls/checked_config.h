/* SPDX-License-Identifier: MIT
 *
 * A configuration that is checked once, for many connections.
 * `dtls_connection_open` checks its configuration each time, and works out how
 * memory is laid out for it; that takes as long as a few hashes.
 */
#ifndef DTLS_CHECKED_CONFIG_H
#define DTLS_CHECKED_CONFIG_H

#include "dtls/connection.h"

#ifdef __cplusplus
extern "C" {
#endif

/* In memory of the caller, where it must stay as long as a connection made by it. Read only, once it is made:
 * threads may share it. */
typedef struct dtls_checked_config {
    dtls_config config;    /* a copy; what it points to must not change any more */
    size_t session_size;   /* as `dtls_session_size` says, bytes */
    size_t handshake_size; /* as `dtls_handshake_size` says, bytes */
    size_t own[32];        /* the library's */
} dtls_checked_config;

/* Checks `config` as `dtls_config_check` does. DTLS_OK, DTLS_ERROR_ARGUMENT (`out_checked` is NULL), or
 * DTLS_ERROR_CONFIG with `*out_problem` (may be NULL) filled; `*out_checked` is of no use then. */
dtls_error dtls_checked_config_make(const dtls_config *config, dtls_checked_config *out_checked,
                                    dtls_config_problem *out_problem);

/* `dtls_connection_open` without the check. `checked` has been made by `dtls_checked_config_make`. */
dtls_error dtls_connection_open_checked(const dtls_checked_config *checked, void *session_memory,
                                        size_t session_len, void *handshake_memory, size_t handshake_len,
                                        dtls_connection **out_connection);

#ifdef __cplusplus
}
#endif

#endif
