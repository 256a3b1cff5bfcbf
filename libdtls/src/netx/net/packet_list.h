/* SPDX-License-Identifier: MIT
 *
 * Packets one behind the other, in the order in which they came.
 */
#ifndef NETX_PACKET_LIST_H
#define NETX_PACKET_LIST_H

#include "nx_api.h"

/* By nx_packet_queue_next. */
typedef struct packet_list {
    NX_PACKET *first;
    NX_PACKET *last;
} packet_list;

static inline void netx_list_append(packet_list *list, NX_PACKET *packet) {
    packet->nx_packet_queue_next = NULL;
    if (list->last == NULL)
        list->first = packet;
    else
        list->last->nx_packet_queue_next = packet;
    list->last = packet;
}

/* The first; NULL: there is none. */
static inline NX_PACKET *netx_list_take(packet_list *list) {
    NX_PACKET *packet = list->first;
    if (packet == NULL)
        return NULL;
    list->first = packet->nx_packet_queue_next;
    if (list->first == NULL)
        list->last = NULL;
    packet->nx_packet_queue_next = NULL;
    return packet;
}

#endif
