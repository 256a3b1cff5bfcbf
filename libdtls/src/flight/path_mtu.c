/* SPDX-License-Identifier: MIT
 *
 * The size of datagrams while the path's is not known (RFC 6347 section
 * 4.1.1.1).
 */
#include "flight/path_mtu.h"

/* So many repetitions of one flight at one size go without an answer. */
#define PATIENCE 2

/* Without the headers of IPv4 and UDP: the datagram that every IPv4 host takes (RFC 791); and what
 * constrained networks are built for. IPv6 carries 1,232 bytes always, more than is sent by default. */
static const uint16_t steps[] = {576 - 28, 256};

struct dtls_path_mtu dtls_path_mtu_of(size_t configured, size_t least) {
    return (struct dtls_path_mtu){.now = (uint16_t)configured,
                                  .least = (uint16_t)(least < configured ? least : configured)};
}

void dtls_path_mtu_tell(struct dtls_path_mtu *path, size_t mtu) {
    path->now = (uint16_t)mtu;
    path->told = true;
}

void dtls_path_mtu_answered(struct dtls_path_mtu *path) {
    path->repeats = 0;
}

void dtls_path_mtu_repeat(struct dtls_path_mtu *path) {
    if (path->told || ++path->repeats < PATIENCE)
        return;
    path->repeats = 0;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (steps[i] < path->now && path->now > path->least) {
            path->now = steps[i] > path->least ? steps[i] : path->least;
            return;
        }
    }
}
