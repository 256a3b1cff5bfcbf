/* SPDX-License-Identifier: MIT
 *
 * The server's one block of memory: whether a configuration makes sense, and
 * what lies where.
 */
#include "server/server.h"

#include <stdalign.h>

#define MAX_REPLIES 65536u

/* Half of what an address space can hold, so that no sum below overflows. */
#define MAX_BLOCK (SIZE_MAX / 4)

static dtls_error problem(dtls_config_problem *out, const char *field, const char *expected) {
    if (out != NULL)
        *out = (dtls_config_problem){.field = field, .expected = expected};
    return DTLS_ERROR_CONFIG;
}

static size_t round_up(size_t len) {
    const size_t unit = alignof(max_align_t);
    return (len + unit - 1) / unit * unit;
}

/* Whether `num` blocks of `len` bytes are more than can be addressed. */
static bool too_much(size_t num, size_t len) {
    return len > MAX_BLOCK / num;
}

dtls_error dtls_server_config_check(const dtls_server_config *config, dtls_config_problem *out_problem) {
    if (config == NULL || config->connection == NULL)
        return problem(out_problem, "connection", "a configuration of connections");
    const dtls_error error = dtls_config_check(config->connection, out_problem);
    if (error != DTLS_OK)
        return error;
    if (config->connection->protocols[0]->role != DTLS_SERVER)
        return problem(out_problem, "connection", "protocols whose role is server");
    if (config->max_sessions == 0 || config->max_sessions > DTLS_SERVER_MAX_SESSIONS)
        return problem(out_problem, "max_sessions", "1 to DTLS_SERVER_MAX_SESSIONS");
    if (config->max_handshakes == 0 || config->max_handshakes > config->max_sessions)
        return problem(out_problem, "max_handshakes", "1 to max_sessions");
    if (config->connection_ids != NULL && !config->connection_ids->fits(config->connection))
        return problem(out_problem, "connection_ids",
                       "dtls_extension_connection_id in `connection`, and IDs of DTLS_SERVER_ID_LEN bytes");
    if (config->source_prefix_len > DTLS_MAX_ADDRESS)
        return problem(out_problem, "source_prefix_len", "at most DTLS_MAX_ADDRESS");
    if (config->max_replies > MAX_REPLIES)
        return problem(out_problem, "max_replies", "at most 65,536");
    if (too_much(config->max_sessions,
                 round_up(dtls_session_size(config->connection)) + 4 * sizeof(struct dtls_slot)) ||
        too_much(config->max_handshakes, round_up(dtls_handshake_size(config->connection)) + 64))
        return problem(out_problem, "max_sessions", "no more than memory can hold");
    return DTLS_OK;
}

/* The least power of two that is not below `num`. */
static uint32_t power_of_two(size_t num) {
    uint32_t power = 1;
    while (power < num)
        power *= 2;
    return power;
}

/* Room for `num` things of `len` bytes at the block's end. */
static size_t place(struct dtls_server_layout *layout, size_t num, size_t len) {
    const size_t at = layout->size;
    layout->size += round_up(num * len);
    return at;
}

struct dtls_server_layout dtls_server_layout_of(const dtls_server_config *config) {
    struct dtls_server_layout layout = {.size = round_up(sizeof(struct dtls_server)),
                                        .session_stride = round_up(dtls_session_size(config->connection)),
                                        .handshake_stride = round_up(dtls_handshake_size(config->connection)),
                                        .num_routes = power_of_two(config->max_sessions),
                                        .num_sources = power_of_two(config->max_handshakes),
                                        .num_replies =
                                            config->max_replies != 0 ? (uint32_t)config->max_replies : 64};
    layout.slots = place(&layout, config->max_sessions, sizeof(struct dtls_slot));
    layout.heap = place(&layout, config->max_sessions, sizeof(uint32_t));
    layout.routes = place(&layout, layout.num_routes, sizeof(uint32_t));
    layout.places = place(&layout, config->max_handshakes, sizeof(struct dtls_handshake_place));
    layout.sources = place(&layout, layout.num_sources, sizeof(uint32_t));
    layout.replies = place(&layout, layout.num_replies, sizeof(struct dtls_server_reply));
    layout.scratch = place(&layout, 1, DTLS_SERVER_SCRATCH);
    layout.sessions = place(&layout, config->max_sessions, layout.session_stride);
    layout.handshakes = place(&layout, config->max_handshakes, layout.handshake_stride);
    return layout;
}

size_t dtls_server_size(const dtls_server_config *config) {
    return dtls_server_config_check(config, NULL) == DTLS_OK ? dtls_server_layout_of(config).size : 0;
}
