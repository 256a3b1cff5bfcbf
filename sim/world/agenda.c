/* SPDX-License-Identifier: MIT
 *
 * A set of bits and a binary heap that knows where each node stands; see
 * agenda.h.
 */
#include "agenda.h"

#include <stdlib.h>

#include "dtlslab_endpoint.h"

#define WORD_BITS 64u

bool dtlslab_agenda_init(struct dtlslab_agenda *agenda, uint32_t num_nodes) {
    *agenda = (struct dtlslab_agenda){
        .num_nodes = num_nodes,
        .marked = calloc((size_t)num_nodes / WORD_BITS + 1, sizeof *agenda->marked),
        .deadlines = calloc((size_t)num_nodes + 1, sizeof *agenda->deadlines),
        .heap = calloc((size_t)num_nodes + 1, sizeof *agenda->heap),
        .places = calloc((size_t)num_nodes + 1, sizeof *agenda->places),
    };
    if (agenda->marked == NULL || agenda->deadlines == NULL || agenda->heap == NULL ||
        agenda->places == NULL) {
        dtlslab_agenda_free(agenda);
        return false;
    }
    for (uint32_t i = 0; i < num_nodes; i++)
        agenda->deadlines[i] = DTLSLAB_NO_DEADLINE;
    return true;
}

void dtlslab_agenda_free(struct dtlslab_agenda *agenda) {
    free(agenda->marked);
    free(agenda->deadlines);
    free(agenda->heap);
    free(agenda->places);
    *agenda = (struct dtlslab_agenda){0};
}

static bool is_marked(const struct dtlslab_agenda *agenda, uint32_t node) {
    return (agenda->marked[node / WORD_BITS] >> node % WORD_BITS & 1) != 0;
}

void dtlslab_agenda_mark(struct dtlslab_agenda *agenda, uint32_t node) {
    if (!is_marked(agenda, node)) {
        agenda->marked[node / WORD_BITS] |= UINT64_C(1) << node % WORD_BITS;
        agenda->num_marked++;
    }
}

void dtlslab_agenda_unmark(struct dtlslab_agenda *agenda, uint32_t node) {
    if (is_marked(agenda, node)) {
        agenda->marked[node / WORD_BITS] &= ~(UINT64_C(1) << node % WORD_BITS);
        agenda->num_marked--;
    }
}

uint32_t dtlslab_agenda_next_marked(const struct dtlslab_agenda *agenda, uint32_t from) {
    if (agenda->num_marked == 0 || from >= agenda->num_nodes)
        return agenda->num_nodes;
    uint32_t word = from / WORD_BITS;
    uint64_t bits = agenda->marked[word] >> from % WORD_BITS << from % WORD_BITS;
    while (bits == 0) {
        if (++word > (agenda->num_nodes - 1) / WORD_BITS)
            return agenda->num_nodes;
        bits = agenda->marked[word];
    }
    return word * WORD_BITS + (uint32_t)__builtin_ctzll(bits);
}

uint64_t dtlslab_agenda_deadline(const struct dtlslab_agenda *agenda, uint32_t node) {
    return agenda->deadlines[node];
}

static bool earlier(const struct dtlslab_agenda *agenda, uint32_t a, uint32_t b) {
    uint64_t of_a = agenda->deadlines[a];
    uint64_t of_b = agenda->deadlines[b];
    return of_a != of_b ? of_a < of_b : a < b;
}

static void put(struct dtlslab_agenda *agenda, uint32_t at, uint32_t node) {
    agenda->heap[at] = node;
    agenda->places[node] = at + 1;
}

static void move_up(struct dtlslab_agenda *agenda, uint32_t at, uint32_t node) {
    while (at > 0 && earlier(agenda, node, agenda->heap[(at - 1) / 2])) {
        put(agenda, at, agenda->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    put(agenda, at, node);
}

static void move_down(struct dtlslab_agenda *agenda, uint32_t at, uint32_t node) {
    for (uint32_t child = 2 * at + 1; child < agenda->num_waiting; child = 2 * at + 1) {
        if (child + 1 < agenda->num_waiting &&
            earlier(agenda, agenda->heap[child + 1], agenda->heap[child])) {
            child++;
        }
        if (!earlier(agenda, agenda->heap[child], node))
            break;
        put(agenda, at, agenda->heap[child]);
        at = child;
    }
    put(agenda, at, node);
}

/* Finds the place in the heap for a node whose deadline is another now; `at` is where it stands. */
static void settle(struct dtlslab_agenda *agenda, uint32_t at, uint32_t node) {
    if (at > 0 && earlier(agenda, node, agenda->heap[(at - 1) / 2]))
        move_up(agenda, at, node);
    else
        move_down(agenda, at, node);
}

void dtlslab_agenda_set_deadline(struct dtlslab_agenda *agenda, uint32_t node, uint64_t deadline) {
    uint32_t place = agenda->places[node];
    agenda->deadlines[node] = deadline;
    if (deadline != DTLSLAB_NO_DEADLINE) {
        settle(agenda, place == 0 ? agenda->num_waiting++ : place - 1, node);
    } else if (place != 0) {
        uint32_t last = agenda->heap[--agenda->num_waiting];
        agenda->places[node] = 0;
        if (last != node)
            settle(agenda, place - 1, last);
    }
}

uint32_t dtlslab_agenda_first(const struct dtlslab_agenda *agenda, uint64_t *out_deadline) {
    if (agenda->num_waiting == 0) {
        *out_deadline = DTLSLAB_NO_DEADLINE;
        return agenda->num_nodes;
    }
    *out_deadline = agenda->deadlines[agenda->heap[0]];
    return agenda->heap[0];
}
