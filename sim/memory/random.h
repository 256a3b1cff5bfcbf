/* SPDX-License-Identifier: MIT
 *
 * Random streams of a carrier: SplitMix64 (Steele, Lea and Flood, 2014), one
 * stream for each direction, all different for different seeds and runs.
 */
#ifndef DTLSLAB_RANDOM_H
#define DTLSLAB_RANDOM_H

#include <stdint.h>

struct dtlslab_random {
    uint64_t state;
};

/* Begins the stream of one direction. */
void dtlslab_random_init(struct dtlslab_random *random, uint64_t seed, uint64_t run, uint32_t from,
                         uint32_t to);

/* Draws 64 bits. */
uint64_t dtlslab_random_next(struct dtlslab_random *random);

/* Draws a number from 0 up to but not including 1, in steps of 2^-53. */
double dtlslab_random_unit(struct dtlslab_random *random);

#endif
