/* SPDX-License-Identifier: MIT
 *
 * Echo: application data that goes back where it came from, and waits when the
 * endpoint cannot send it yet.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define MAX_ECHO_BYTES ((size_t)1024 * 1024)

bool dtlslab_echo_has_room(const struct dtlslab_node *node) {
    return node->echo_bytes < MAX_ECHO_BYTES;
}

int32_t dtlslab_echo_keep(struct dtlslab_node *node, uint64_t session, const uint8_t *bytes, uint32_t len) {
    struct dtlslab_echo_piece *piece = malloc(sizeof *piece + len);
    if (piece == NULL)
        return DTLSLAB_FAILED;
    piece->next = NULL;
    piece->session = session;
    piece->len = len;
    piece->blocked = false;
    memcpy(piece->bytes, bytes, len);
    *node->echo_last = piece;
    node->echo_last = &piece->next;
    node->echo_bytes += sizeof *piece + len;
    return DTLSLAB_OK;
}

/* Whether a piece before `piece` waits for the same session. */
static bool behind_blocked(const struct dtlslab_node *node, const struct dtlslab_echo_piece *piece) {
    for (const struct dtlslab_echo_piece *p = node->echo_first; p != piece; p = p->next) {
        if (p->session == piece->session)
            return p->blocked;
    }
    return false;
}

bool dtlslab_echo_send(struct dtlslab_world *world, uint32_t node_number) {
    struct dtlslab_node *node = &world->nodes[node_number];
    uint64_t now = dtlslab_world_time(world);
    bool sent = false;
    struct dtlslab_echo_piece **link = &node->echo_first;
    while (*link != NULL) {
        struct dtlslab_echo_piece *piece = *link;
        int32_t result = DTLSLAB_WOULD_BLOCK;
        if (!behind_blocked(node, piece)) {
            dtlslab_node_enter(node, now);
            result = node->api->send(node->endpoint, now, piece->session, piece->bytes, piece->len);
            dtlslab_node_leave(node);
        }
        piece->blocked = result == DTLSLAB_WOULD_BLOCK;
        if (piece->blocked) {
            link = &piece->next;
            continue;
        }
        if (result == DTLSLAB_OK) {
            sent = true;
            dtlslab_world_log(world, (struct dtlslab_log_entry){.kind = DTLSLAB_LOG_DATA_SENT,
                                                                .node = node_number,
                                                                .session = piece->session,
                                                                .value = piece->len});
        }
        /* Any other answer means that the session is no more: there is nobody to send it to. */
        *link = piece->next;
        node->echo_bytes -= sizeof *piece + piece->len;
        free(piece);
    }
    node->echo_last = link;
    return sent;
}

void dtlslab_echo_clear(struct dtlslab_node *node) {
    while (node->echo_first != NULL) {
        struct dtlslab_echo_piece *next = node->echo_first->next;
        free(node->echo_first);
        node->echo_first = next;
    }
    node->echo_last = &node->echo_first;
    node->echo_bytes = 0;
}
