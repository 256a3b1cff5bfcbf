/* SPDX-License-Identifier: MIT
 *
 * A bounded first-in first-out queue of byte strings, each with a number: what
 * an adapter keeps for the laboratory to poll.
 */
#ifndef ADAPTER_QUEUE_H
#define ADAPTER_QUEUE_H

#include <stdint.h>

/* The most that one queue holds, in bytes. What comes on top is refused, as a full socket buffer would. */
#define ADAPTER_QUEUE_MAX_BYTES 8388608u

struct adapter_queue_item;

/* Zero is an empty queue. */
struct adapter_queue {
    struct adapter_queue_item *first;
    struct adapter_queue_item *last;
    uint32_t num_bytes;
};

/* Copies `len` bytes to the end of the queue. `tag` comes back with them. DTLSLAB_OK, or DTLSLAB_WOULD_BLOCK
 * when the queue is full or memory is short. */
int32_t adapter_queue_put(struct adapter_queue *queue, uint64_t tag, const void *bytes, uint32_t len);

/* Moves the oldest item to `out`. `out_tag` and `out_len` may be NULL. DTLSLAB_NOTHING when empty;
 * DTLSLAB_NO_ROOM when it is longer than `out_cap`, and then it stays. */
int32_t adapter_queue_take(struct adapter_queue *queue, uint64_t *out_tag, void *out, uint32_t out_cap,
                           uint32_t *out_len);

/* Whether `len` more bytes would be taken. */
int adapter_queue_has_room(const struct adapter_queue *queue, uint32_t len);

void adapter_queue_clear(struct adapter_queue *queue);

#endif
