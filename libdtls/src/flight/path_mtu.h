/* SPDX-License-Identifier: MIT
 *
 * How large datagrams of a handshake may be, as a value (RFC 6347 section
 * 4.1.1.1): as configured, or as the path was told to be; and while nobody
 * knows, smaller the longer no answer comes.
 */
#ifndef DTLS_FLIGHT_PATH_MTU_H
#define DTLS_FLIGHT_PATH_MTU_H

#include "dtls/types.h"

struct dtls_path_mtu {
    uint16_t now;   /* the largest datagram at present, bytes of UDP payload */
    uint16_t least; /* it is not made smaller than this of its own accord */
    uint8_t repeats;
    bool told;
};

/* At most `configured`; at least `least`, or `configured` if that is less. */
struct dtls_path_mtu dtls_path_mtu_of(size_t configured, size_t least);

/* The path is known to carry `mtu` bytes, at most 65,535. */
void dtls_path_mtu_tell(struct dtls_path_mtu *path, size_t mtu);

/* A flight is answered: counting begins anew, at the size that got through. */
void dtls_path_mtu_answered(struct dtls_path_mtu *path);

/* A flight is about to be repeated, and nothing of the answer has come. */
void dtls_path_mtu_repeat(struct dtls_path_mtu *path);

#endif
