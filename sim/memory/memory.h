/* SPDX-License-Identifier: MIT
 *
 * The memory carrier: a network of numbers in virtual time.
 *
 * Parameters, each for the whole network or for one direction (`loss.0-1`):
 *
 *   delay          duration     0      of every datagram
 *   jitter         duration     0      more delay, uniform from 0 to this; keeps the order of a direction
 *   loss           probability  0      a datagram is lost ("loss")
 *   duplicate      probability  0      a datagram arrives twice
 *   reorder        probability  0      a datagram is held back, and those behind it pass
 *   reorder-delay  duration     10ms   how long it is held back
 *   rate           rate         0      of the line, counted in payload bytes alone; 0: no limit
 *   queue          count        1000   datagrams that wait for the line at most; the next is lost ("queue")
 *   mtu            count        65535  a larger payload is lost ("mtu")
 *
 * Each direction draws from its own random stream, fixed by seed and run: always the same number of draws for
 * a datagram, so that changing one parameter does not change what another one decides. A duplicate arrives
 * right behind its original, under the same id. Losses are told at the time of what would have been the
 * arrival; losses to `queue` and `mtu` at the time of sending.
 */
#ifndef DTLSLAB_MEMORY_H
#define DTLSLAB_MEMORY_H

#include "dtlslab_world.h" /* dtlslab_memory_carrier */

#endif
