/* SPDX-License-Identifier: MIT */
#include "netx/secure/session.h"

void netx_queue_release(packet_queue *queue) {
    for (NX_PACKET *packet = netx_queue_take(queue); packet != NULL; packet = netx_queue_take(queue))
        netx_discard(packet);
}
