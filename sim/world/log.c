/* SPDX-License-Identifier: MIT
 *
 * The log of a world; see log.h.
 *
 * An entry lies in a chunk as: the entry, its event, its bytes, its text with
 * NUL, and padding to the alignment of the next. Chunks never move, so that
 * pointers into them stay valid while entries are added.
 */
#include "log.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE ((size_t)256 * 1024)

struct dtlslab_log_chunk {
    struct dtlslab_log_chunk *next;
    size_t cap;
    size_t read;
    size_t used;
    _Alignas(max_align_t) uint8_t memory[];
};

static size_t aligned(size_t size) {
    return (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
}

/* Where the parts of an entry lie, counted from its start. */
struct layout {
    size_t event;
    size_t bytes;
    size_t text;
    size_t size;
};

static struct layout lay_out(const struct dtlslab_log_entry *entry) {
    struct layout at;
    at.event = aligned(sizeof *entry);
    at.bytes = at.event + (entry->event != NULL ? sizeof *entry->event : 0);
    at.text = at.bytes + (entry->bytes != NULL ? entry->len : 0);
    at.size = aligned(at.text + (entry->text != NULL ? strlen(entry->text) + 1 : 0));
    return at;
}

/* Adds a chunk with room for `size` bytes. */
static struct dtlslab_log_chunk *add_chunk(struct dtlslab_log *log, size_t size) {
    struct dtlslab_log_chunk *chunk = log->spare;
    if (chunk != NULL && chunk->cap >= size) {
        log->spare = NULL;
    } else {
        size_t cap = size > CHUNK_SIZE ? size : CHUNK_SIZE;
        chunk = malloc(sizeof *chunk + cap);
        if (chunk == NULL)
            return NULL;
        chunk->cap = cap;
    }
    chunk->next = NULL;
    chunk->read = 0;
    chunk->used = 0;
    if (log->newest != NULL)
        log->newest->next = chunk;
    else
        log->oldest = chunk;
    log->newest = chunk;
    return chunk;
}

void dtlslab_log_put(struct dtlslab_log *log, const struct dtlslab_log_entry *entry) {
    struct layout at = lay_out(entry);
    struct dtlslab_log_chunk *chunk = log->newest;
    if (chunk == NULL || chunk->cap - chunk->used < at.size) {
        chunk = add_chunk(log, at.size);
        if (chunk == NULL) {
            log->failed = true;
            return;
        }
    }
    uint8_t *start = chunk->memory + chunk->used;
    struct dtlslab_log_entry *copy = (struct dtlslab_log_entry *)(void *)start;
    *copy = *entry;
    if (entry->event != NULL) {
        memcpy(start + at.event, entry->event, sizeof *entry->event);
        copy->event = (const struct dtlslab_event *)(const void *)(start + at.event);
    }
    if (entry->bytes != NULL) {
        memcpy(start + at.bytes, entry->bytes, entry->len);
        copy->bytes = start + at.bytes;
    }
    if (entry->text != NULL) {
        memcpy(start + at.text, entry->text, strlen(entry->text) + 1);
        copy->text = (const char *)start + at.text;
    }
    chunk->used += at.size;
}

int32_t dtlslab_log_take(struct dtlslab_log *log, struct dtlslab_log_entry *out_entry) {
    /* A chunk is let go only here, one call after its last entry was given out. */
    struct dtlslab_log_chunk *chunk = log->oldest;
    if (chunk != NULL && chunk->read == chunk->used) {
        log->oldest = chunk->next;
        if (log->oldest == NULL)
            log->newest = NULL;
        free(log->spare);
        log->spare = chunk;
        chunk = log->oldest;
    }
    if (chunk == NULL)
        return DTLSLAB_NOTHING;
    const uint8_t *start = chunk->memory + chunk->read;
    *out_entry = *(const struct dtlslab_log_entry *)(const void *)start;
    chunk->read += lay_out(out_entry).size;
    return DTLSLAB_OK;
}

void dtlslab_log_clear(struct dtlslab_log *log) {
    while (log->oldest != NULL) {
        struct dtlslab_log_chunk *next = log->oldest->next;
        free(log->oldest);
        log->oldest = next;
    }
    free(log->spare);
    *log = (struct dtlslab_log){0};
}
