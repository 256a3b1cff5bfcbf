/* SPDX-License-Identifier: MIT
 *
 * The virtual clock: libraries that read clocks and random devices by
 * themselves are answered by the laboratory while a thread is inside one of
 * its endpoints, and by the system at all other times.
 *
 * `dtlslab_clock_redirect` overwrites, in the relocation tables of a few named
 * shared objects, the pointers to
 *
 *     clock_gettime  gettimeofday  time  timespec_get
 *     getrandom  getentropy  arc4random  arc4random_buf  syscall  read
 *     pthread_create
 *
 * Nothing is preloaded and nothing on disk is changed; other objects of the
 * process, among them the C library, are left alone. The replacements answer
 * virtually only between `dtlslab_clock_enter` and `dtlslab_clock_leave` of
 * the calling thread, so threads may be at different virtual times. Threads
 * that an endpoint makes inside are inside until they end, by the same
 * `struct dtlslab_virtual`: it outlives them, and they run only while the
 * caller is inside and waits for them.
 *
 * What they answer inside:
 * - CLOCK_REALTIME and its like, `time`, `gettimeofday`, `timespec_get`:
 *   `calendar_seconds` plus `now_ns`.
 * - Every other clock: DTLSLAB_CLOCK_BASE_SECONDS plus `now_ns`. Stacks take a
 *   clock that reads zero for one that was never set, hence the base.
 * - Random bytes (getrandom, getentropy, arc4random, syscall(SYS_getrandom),
 *   read from a random device, which is known by its device number): the
 *   stream of `random_state`.
 *
 * The stream is SplitMix64 (Steele, Lea and Flood, 2014), eight bytes a step,
 * least significant first; the rest of a step is thrown away at the end of a
 * call. It is made for repeatable runs and has no cryptographic strength.
 */
#ifndef DTLSLAB_VIRTUAL_CLOCK_H
#define DTLSLAB_VIRTUAL_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the monotonic clocks read at virtual time 0, in seconds. */
#define DTLSLAB_CLOCK_BASE_SECONDS 100000u

/* What one endpoint sees of time and chance. Owned by the caller, one per endpoint. */
struct dtlslab_virtual {
    uint64_t now_ns;           /* set by the caller before every enter: the carrier's time */
    uint64_t calendar_seconds; /* POSIX time at carrier time 0 */
    uint64_t random_state;     /* advances with every byte drawn */
};

/* Prepares `out_virtual` at time 0. `stream` tells endpoints of equal `seed` apart (give the node's number):
 * two peers that drew the same bytes would choose the same keys. */
void dtlslab_virtual_init(struct dtlslab_virtual *out_virtual, uint64_t seed, uint64_t stream,
                          uint64_t calendar_seconds);

/* Draws `len` bytes of the endpoint's stream. */
void dtlslab_virtual_random(struct dtlslab_virtual *virtual_time, void *out, size_t len);

/* Redirects the objects whose file names contain one of `objects` (NULL-terminated; may be NULL), and the
 * object that holds `address_in_adapter` (may be NULL). May be repeated, and called by several threads at
 * once. DTLSLAB_OK, or DTLSLAB_FAILED with a sentence in `message` (DTLSLAB_MAX_TEXT bytes): an object of the
 * list is not loaded, or its memory could not be made writable. */
int32_t dtlslab_clock_redirect(const char *const *objects, const void *address_in_adapter, char *message);

/* From here to `dtlslab_clock_leave` the calling thread sees the time and randomness of `virtual_time`.
 * Not nested: the last enter counts. Hooks and other foreign code run outside. */
void dtlslab_clock_enter(struct dtlslab_virtual *virtual_time);
void dtlslab_clock_leave(void);

#ifdef __cplusplus
}
#endif

#endif
