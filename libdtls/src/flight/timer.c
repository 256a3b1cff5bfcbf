/* SPDX-License-Identifier: MIT
 *
 * The retransmission timer (RFC 6347 section 4.2.4.1).
 */
#include "flight/timer.h"

uint64_t dtls_time_after(uint64_t now, uint64_t delay) {
    return delay < DTLS_NO_DEADLINE - 1 - now ? now + delay : DTLS_NO_DEADLINE - 1;
}

struct dtls_timer dtls_timer_of(uint64_t initial, uint64_t max, bool reset) {
    return (struct dtls_timer){
        .initial = initial, .max = max, .timeout = initial, .deadline = DTLS_NO_DEADLINE, .reset = reset};
}

void dtls_timer_set_initial(struct dtls_timer *timer, uint64_t initial) {
    timer->initial = initial;
}

void dtls_timer_start(struct dtls_timer *timer, uint64_t now) {
    if (!timer->lossy || timer->reset)
        timer->timeout = timer->initial;
    timer->lossy = false;
    timer->deadline = dtls_time_after(now, timer->timeout);
}

void dtls_timer_back_off(struct dtls_timer *timer, uint64_t now) {
    timer->lossy = true;
    timer->timeout = timer->timeout < timer->max / 2 ? timer->timeout * 2 : timer->max;
    timer->deadline = dtls_time_after(now, timer->timeout);
}

void dtls_timer_restart(struct dtls_timer *timer, uint64_t now) {
    timer->lossy = true;
    timer->deadline = dtls_time_after(now, timer->timeout);
}

bool dtls_timer_fresh(const struct dtls_timer *timer, uint64_t now) {
    if (timer->deadline == DTLS_NO_DEADLINE || timer->deadline <= now)
        return false;
    return timer->timeout - (timer->deadline - now) < timer->initial / 16;
}

void dtls_timer_stop(struct dtls_timer *timer) {
    timer->deadline = DTLS_NO_DEADLINE;
}
