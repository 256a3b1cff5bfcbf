/* SPDX-License-Identifier: MIT
 *
 * Detection of the peer's repeated flights (RFC 6347 section 4.2.4).
 */
#include "flight/repeat.h"

#include "flight/timer.h"

bool dtls_repeat_watch(struct dtls_repeat_watch *watch, uint64_t number, uint16_t message_seq,
                       uint32_t offset) {
    /* One more than the offset, so that no fragment has the place of "nothing seen yet". */
    const uint64_t place = (uint64_t)message_seq << 32 | (offset + 1U);
    if (number < watch->newest)
        return false;
    const bool repeated = number > watch->newest && place <= watch->place;
    watch->newest = number;
    watch->place = place;
    return repeated;
}

bool dtls_repeat_allowed(struct dtls_repeat_limit *limit, uint64_t now, uint64_t period, unsigned most) {
    if (now >= limit->period_end)
        *limit = (struct dtls_repeat_limit){.period_end = dtls_time_after(now, period)};
    if (limit->answers >= most)
        return false;
    limit->answers++;
    return true;
}
