/* SPDX-License-Identifier: MIT
 *
 * A ticket: the input is what a client shows, of which the null provider seals
 * nothing, so it is a session's state that anybody may have made. The server
 * must resume it or go on with a full handshake.
 */
#include "drive.h"
#include "fuzz.h"
#include "null_crypto.h"
#include "wire/record_header.h"

/* A ClientHello with a session id, the ticket, and an extended master secret. */
static size_t write_hello(dtls_span ticket, uint8_t *out, size_t cap) {
    static const uint8_t random[32] = {1, 2, 3};
    struct dtls_writer writer = dtls_writer_of(out, cap);
    const struct dtls_record_header header = {.type = DTLS_CONTENT_HANDSHAKE, .version = DTLS_VERSION_1_2};
    dtls_record_number_write(&writer, &header);
    struct dtls_block record = dtls_write_open(&writer, 2);
    const size_t message = writer.at;
    dtls_write_u32(&writer, 1U << 24); /* client_hello; its length is filled in below */
    dtls_write_u32(&writer, 0);
    dtls_write_u32(&writer, 0);
    dtls_write_u16(&writer, DTLS_VERSION_1_2);
    dtls_write_bytes(&writer, random, sizeof random);
    dtls_write_vector(&writer, 1, (dtls_span){random, sizeof random});
    dtls_write_u8(&writer, 0);
    struct dtls_block suites = dtls_write_open(&writer, 2);
    dtls_write_u16(&writer, dtls_cipher_suite_code(&dtls_suite_psk_aes_128_ccm_8));
    dtls_write_u16(&writer, dtls_cipher_suite_code(&dtls_suite_psk_aes_128_gcm_sha256));
    dtls_write_close(&writer, suites);
    dtls_write_u16(&writer, 0x0100);
    struct dtls_block extensions = dtls_write_open(&writer, 2);
    dtls_write_u32(&writer, 23U << 16);
    dtls_write_u16(&writer, 35);
    dtls_write_vector(&writer, 2, ticket);
    dtls_write_close(&writer, extensions);
    dtls_write_close(&writer, record);
    fuzz_check(dtls_write_ok(&writer));
    const size_t len = writer.at - message - 12;
    for (unsigned i = 0; i < 3; i++)
        out[message + 1 + i] = out[message + 9 + i] = (uint8_t)(len >> (16 - 8 * i));
    return writer.at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    uint8_t hello[DRIVE_DATAGRAM];
    struct drive drive;
    if (len > 1200)
        return 0;
    null_crypto_reset();
    fuzz_check(
        drive_open(&drive, DTLS_SERVER, SETTINGS_PSK | SETTINGS_RESUMPTION, (dtls_span){.data = NULL}));
    drive_receive(&drive, hello, write_hello((dtls_span){data, len}, hello, sizeof hello));
    drive_take_out(&drive, NULL, NULL);
    fuzz_check(!drive.dead);
    drive_expire(&drive);
    drive_take_out(&drive, NULL, NULL);
    drive_close(&drive);
    return 0;
}
