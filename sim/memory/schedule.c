/* SPDX-License-Identifier: MIT
 *
 * A binary heap of arrivals to come; see schedule.h.
 */
#include "schedule.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool earlier(const struct dtlslab_pending *a, const struct dtlslab_pending *b) {
    return a->arrival.time != b->arrival.time ? a->arrival.time < b->arrival.time : a->order < b->order;
}

static bool grow(struct dtlslab_schedule *schedule) {
    if (schedule->num < schedule->cap)
        return true;
    uint32_t cap = schedule->cap == 0 ? 32 : schedule->cap * 2;
    struct dtlslab_pending **heap = realloc(schedule->heap, cap * sizeof(struct dtlslab_pending *));
    if (heap == NULL)
        return false;
    schedule->heap = heap;
    schedule->cap = cap;
    return true;
}

int32_t dtlslab_schedule_put(struct dtlslab_schedule *schedule, const struct dtlslab_arrival *arrival) {
    uint32_t len = arrival->bytes == NULL ? 0 : arrival->len;
    struct dtlslab_pending *pending = malloc(sizeof *pending + len);
    if (pending == NULL || !grow(schedule)) {
        free(pending);
        return DTLSLAB_FAILED;
    }
    pending->order = schedule->next_order++;
    pending->arrival = *arrival;
    if (arrival->bytes != NULL) {
        memcpy(pending->bytes, arrival->bytes, len);
        pending->arrival.bytes = pending->bytes;
    }
    uint32_t at = schedule->num++;
    while (at > 0 && earlier(pending, schedule->heap[(at - 1) / 2])) {
        schedule->heap[at] = schedule->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    schedule->heap[at] = pending;
    return DTLSLAB_OK;
}

uint64_t dtlslab_schedule_next(const struct dtlslab_schedule *schedule) {
    return schedule->num == 0 ? DTLSLAB_NO_DEADLINE : schedule->heap[0]->arrival.time;
}

struct dtlslab_pending *dtlslab_schedule_take(struct dtlslab_schedule *schedule) {
    if (schedule->num == 0)
        return NULL;
    struct dtlslab_pending *first = schedule->heap[0];
    struct dtlslab_pending *last = schedule->heap[--schedule->num];
    uint32_t at = 0;
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= schedule->num)
            break;
        if (child + 1 < schedule->num && earlier(schedule->heap[child + 1], schedule->heap[child]))
            child++;
        if (!earlier(schedule->heap[child], last))
            break;
        schedule->heap[at] = schedule->heap[child];
        at = child;
    }
    schedule->heap[at] = last;
    return first;
}

void dtlslab_schedule_clear(struct dtlslab_schedule *schedule) {
    for (uint32_t i = 0; i < schedule->num; i++)
        free(schedule->heap[i]);
    free(schedule->heap);
    *schedule = (struct dtlslab_schedule){0};
}
