/* SPDX-License-Identifier: MIT
 *
 * Configurations that are checked once.
 */
#include "dtls/checked_config.h"

#include "handshake/config.h"

#include <assert.h>

static_assert(sizeof(struct dtls_layouts) <= sizeof((dtls_checked_config *)NULL)->own,
              "there is room for the layouts");

dtls_error dtls_checked_config_make(const dtls_config *config, dtls_checked_config *out_checked,
                                    dtls_config_problem *out_problem) {
    if (out_checked == NULL)
        return DTLS_ERROR_ARGUMENT;
    const dtls_error error = dtls_config_check(config, out_problem);
    if (error != DTLS_OK)
        return error;
    struct dtls_layouts *layouts = (void *)out_checked->own;
    dtls_layouts_of(config, layouts);
    out_checked->config = *config;
    out_checked->session_size = layouts->session.size;
    out_checked->handshake_size = layouts->handshake.size;
    return DTLS_OK;
}

dtls_error dtls_connection_open_checked(const dtls_checked_config *checked, void *session_memory,
                                        size_t session_len, void *handshake_memory, size_t handshake_len,
                                        dtls_connection **out_connection) {
    if (checked == NULL)
        return DTLS_ERROR_ARGUMENT;
    const struct dtls_connection_memory memory = {session_memory, session_len, handshake_memory,
                                                  handshake_len};
    return dtls_connection_make(&checked->config, (const void *)checked->own, &memory, out_connection);
}
