/* SPDX-License-Identifier: MIT
 *
 * What the nodes of a world have to do: those to be polled, and those that
 * wait for a deadline. No call looks at nodes that it does not concern.
 */
#ifndef DTLSLAB_AGENDA_H
#define DTLSLAB_AGENDA_H

#include <stdbool.h>
#include <stdint.h>

struct dtlslab_agenda {
    uint32_t num_nodes;
    uint32_t num_marked;
    uint64_t *marked;    /* a bit for each node that is to be polled */
    uint64_t *deadlines; /* by node */
    uint32_t *heap;      /* the nodes with a deadline, the earliest first, of equals the lowest number */
    uint32_t *places;    /* by node: where in the heap, from 1; 0: nowhere */
    uint32_t num_waiting;
};

/* Nobody is marked and nobody waits. False: out of memory. */
bool dtlslab_agenda_init(struct dtlslab_agenda *agenda, uint32_t num_nodes);
void dtlslab_agenda_free(struct dtlslab_agenda *agenda);

/* Notes that a node is to be polled, or that it has been. */
void dtlslab_agenda_mark(struct dtlslab_agenda *agenda, uint32_t node);
void dtlslab_agenda_unmark(struct dtlslab_agenda *agenda, uint32_t node);

/* The first marked node from number `from` on; `num_nodes` when there is none. */
uint32_t dtlslab_agenda_next_marked(const struct dtlslab_agenda *agenda, uint32_t from);

/* The deadline of a node: absolute, DTLSLAB_NO_DEADLINE for none. */
uint64_t dtlslab_agenda_deadline(const struct dtlslab_agenda *agenda, uint32_t node);
void dtlslab_agenda_set_deadline(struct dtlslab_agenda *agenda, uint32_t node, uint64_t deadline);

/* The node whose deadline comes first; among equals that of the lowest number. `num_nodes`, and
 * DTLSLAB_NO_DEADLINE, when none has one. */
uint32_t dtlslab_agenda_first(const struct dtlslab_agenda *agenda, uint64_t *out_deadline);

#endif
