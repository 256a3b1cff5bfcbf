/* SPDX-License-Identifier: MIT
 *
 * The UDP header (RFC 768), as a filter of received packets sees it in front of
 * the data: two words, each in the host's order once the packet has come in.
 */
#ifndef NX_UDP_H
#define NX_UDP_H

#include "nx_api.h"

typedef struct NX_UDP_HEADER_STRUCT {
    ULONG nx_udp_header_word_0; /* source port above, destination port below */
    ULONG nx_udp_header_word_1; /* length above, checksum below */
} NX_UDP_HEADER;

#endif
