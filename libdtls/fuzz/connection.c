/* SPDX-License-Identifier: MIT
 *
 * A whole connection, client or server by FUZZ_ROLE. The input is a byte of
 * configuration, then datagrams, each with its length in two bytes in front; a
 * length of 0 lets the connection's deadline come. Whatever comes, it must not
 * crash, must keep its promises (drive.c), and its deadline must move.
 */
#include "drive.h"
#include "fuzz.h"
#include "null_crypto.h"
#include "wire/cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    struct dtls_reader reader = dtls_reader_of(data, len);
    struct drive drive;
    null_crypto_reset();
    drive_open(&drive, FUZZ_ROLE, dtls_read_u8(&reader));
    drive_take_out(&drive, NULL, NULL);
    while (dtls_read_left(&reader) > 0) {
        dtls_span datagram = dtls_read_vector(&reader, 2, 0, DRIVE_DATAGRAM);
        if (!dtls_read_ok(&reader))
            break;
        if (datagram.len == 0)
            drive_expire(&drive);
        else
            drive_receive(&drive, datagram.data, datagram.len);
        drive_take_out(&drive, NULL, NULL);
    }
    drive_close(&drive);
    return 0;
}
