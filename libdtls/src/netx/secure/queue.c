/* SPDX-License-Identifier: MIT */
#include "netx/secure/session.h"

void netx_queue_append(packet_queue *queue, NX_PACKET *packet) {
    packet->nx_packet_queue_next = NULL;
    if (queue->last == NULL)
        queue->first = packet;
    else
        queue->last->nx_packet_queue_next = packet;
    queue->last = packet;
    queue->num++;
}

NX_PACKET *netx_queue_take(packet_queue *queue) {
    NX_PACKET *packet = queue->first;
    if (packet == NULL)
        return NULL;
    queue->first = packet->nx_packet_queue_next;
    if (queue->first == NULL)
        queue->last = NULL;
    queue->num--;
    packet->nx_packet_queue_next = NULL;
    return packet;
}

void netx_queue_release(packet_queue *queue) {
    for (NX_PACKET *packet = netx_queue_take(queue); packet != NULL; packet = netx_queue_take(queue))
        netx_discard(packet);
}
