/* SPDX-License-Identifier: MIT
 *
 * Bytes that are said to be a connection. The input is four bytes of settings,
 * of which bit 31 is the role, the state with its length in two bytes in front,
 * and a script (drive.h). A connection that was taken must keep its promises,
 * and export what it was made of.
 */
#include "drive.h"
#include "fuzz.h"
#include "mutate.h"
#include "null_crypto.h"

unsigned fuzz_taken;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    struct dtls_reader reader = dtls_reader_of(data, len);
    struct drive drive;
    null_crypto_reset();
    const uint32_t bits = dtls_read_u32(&reader);
    const dtls_span state = dtls_read_vector(&reader, 2, 0, 0xffff);
    const dtls_role role = (bits >> 31) != 0 ? DTLS_SERVER : DTLS_CLIENT;
    if (!dtls_read_ok(&reader) || !drive_import(&drive, role, bits | SETTINGS_KEEP_SECRETS, state))
        return 0;
    fuzz_taken++;
    drive_run(&drive, &reader);
    drive_close(&drive);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max_len, unsigned seed) {
    return mutate_script(data, len, max_len, seed, 4, true, 0);
}
