/* SPDX-License-Identifier: MIT
 *
 * The path ids of every carrier here: a path is the number of the node at its
 * other end, counted from 1.
 */
#ifndef DTLSLAB_PATHS_H
#define DTLSLAB_PATHS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The path by which `from` reaches `to`. DTLSLAB_OK; DTLSLAB_INVALID if a node is not one of `num_nodes`, or
 * both are the same. */
int32_t dtlslab_paths_path(uint32_t num_nodes, uint32_t from, uint32_t to, uint64_t *out_path);

/* The node at the other end of `path` as `node` sees it. DTLSLAB_OK; DTLSLAB_INVALID if there is none. */
int32_t dtlslab_paths_peer(uint32_t num_nodes, uint32_t node, uint64_t path, uint32_t *out_peer);

#ifdef __cplusplus
}
#endif

#endif
