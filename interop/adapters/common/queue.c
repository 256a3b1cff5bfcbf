/* SPDX-License-Identifier: MIT */
#include "queue.h"

#include <stdlib.h>
#include <string.h>

#include "dtlslab_endpoint.h"

struct adapter_queue_item {
    struct adapter_queue_item *next;
    uint64_t tag;
    uint32_t len;
    uint8_t bytes[];
};

static uint32_t weight(uint32_t len) {
    return len + (uint32_t)sizeof(struct adapter_queue_item);
}

int adapter_queue_has_room(const struct adapter_queue *queue, uint32_t len) {
    return len <= ADAPTER_QUEUE_MAX_BYTES && weight(len) <= ADAPTER_QUEUE_MAX_BYTES - queue->num_bytes;
}

int32_t adapter_queue_put(struct adapter_queue *queue, uint64_t tag, const void *bytes, uint32_t len) {
    struct adapter_queue_item *item = adapter_queue_has_room(queue, len) ? malloc(sizeof *item + len) : NULL;

    if (item == NULL)
        return DTLSLAB_WOULD_BLOCK;
    item->next = NULL;
    item->tag = tag;
    item->len = len;
    if (len > 0)
        memcpy(item->bytes, bytes, len);
    if (queue->last != NULL)
        queue->last->next = item;
    else
        queue->first = item;
    queue->last = item;
    queue->num_bytes += weight(len);
    return DTLSLAB_OK;
}

static void drop_first(struct adapter_queue *queue) {
    struct adapter_queue_item *item = queue->first;

    queue->first = item->next;
    if (queue->first == NULL)
        queue->last = NULL;
    queue->num_bytes -= weight(item->len);
    free(item);
}

int32_t adapter_queue_take(struct adapter_queue *queue, uint64_t *out_tag, void *out, uint32_t out_cap,
                           uint32_t *out_len) {
    const struct adapter_queue_item *item = queue->first;

    if (item == NULL)
        return DTLSLAB_NOTHING;
    if (item->len > out_cap)
        return DTLSLAB_NO_ROOM;
    if (item->len > 0)
        memcpy(out, item->bytes, item->len);
    if (out_tag != NULL)
        *out_tag = item->tag;
    if (out_len != NULL)
        *out_len = item->len;
    drop_first(queue);
    return DTLSLAB_OK;
}

void adapter_queue_clear(struct adapter_queue *queue) {
    while (queue->first != NULL)
        drop_first(queue);
}
