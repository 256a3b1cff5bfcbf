/* SPDX-License-Identifier: MIT
 *
 * SplitMix64 streams; see random.h.
 */
#include "random.h"

static uint64_t mix(uint64_t value) {
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

void dtlslab_random_init(struct dtlslab_random *random, uint64_t seed, uint64_t run, uint32_t from,
                         uint32_t to) {
    /* Each input is mixed before the next comes in, so that (seed 1, run 2) and (seed 2, run 1) part ways. */
    uint64_t state = mix(seed + UINT64_C(0x9e3779b97f4a7c15));
    state = mix(state ^ (run + UINT64_C(0x632be59bd9b4e019)));
    state = mix(state ^ ((uint64_t)from << 32 | to));
    random->state = state;
}

uint64_t dtlslab_random_next(struct dtlslab_random *random) {
    random->state += UINT64_C(0x9e3779b97f4a7c15);
    return mix(random->state);
}

double dtlslab_random_unit(struct dtlslab_random *random) {
    return (double)(dtlslab_random_next(random) >> 11) * 0x1p-53;
}
