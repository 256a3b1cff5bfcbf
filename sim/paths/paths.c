/* SPDX-License-Identifier: MIT */
#include "paths.h"

#include "dtlslab_endpoint.h"

int32_t dtlslab_paths_path(uint32_t num_nodes, uint32_t from, uint32_t to, uint64_t *out_path) {
    if (from >= num_nodes || to >= num_nodes || from == to)
        return DTLSLAB_INVALID;
    *out_path = (uint64_t)to + 1;
    return DTLSLAB_OK;
}

int32_t dtlslab_paths_peer(uint32_t num_nodes, uint32_t node, uint64_t path, uint32_t *out_peer) {
    if (node >= num_nodes || path == 0 || path > num_nodes || path - 1 == node)
        return DTLSLAB_INVALID;
    *out_peer = (uint32_t)(path - 1);
    return DTLSLAB_OK;
}
