/* SPDX-License-Identifier: MIT
 *
 * A whole connection, client or server by FUZZ_ROLE. The input is four bytes
 * of settings, a session's state with its length in two bytes in front, which
 * a client offers and a server finds, and a script (drive.h). Whatever comes,
 * it must not crash, and must keep its promises.
 */
#include "drive.h"
#include "fuzz.h"
#include "mutate.h"
#include "null_crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    struct dtls_reader reader = dtls_reader_of(data, len);
    struct drive drive;
    null_crypto_reset();
    const uint32_t bits = dtls_read_u32(&reader);
    const dtls_span session = dtls_read_vector(&reader, 2, 0, 0xffff);
    if (!dtls_read_ok(&reader) || !drive_open(&drive, FUZZ_ROLE, bits, session))
        return 0;
    drive_run(&drive, &reader);
    drive_close(&drive);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max_len, unsigned seed) {
    return mutate_script(data, len, max_len, seed, 4, true, 0);
}
