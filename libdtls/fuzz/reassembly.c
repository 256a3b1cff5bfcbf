/* SPDX-License-Identifier: MIT
 *
 * Reassembly: the input is fragments, header and body, one behind the other.
 * Messages come out in sequence, whole, and no longer than allowed.
 */
#include "flight/reassembly.h"
#include "fuzz.h"

#define MAX_MESSAGE ((size_t)512)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    struct dtls_reassembly reassembly;
    uint8_t *buffer = malloc(DTLS_REASSEMBLY_SIZE(MAX_MESSAGE));
    fuzz_check(buffer != NULL);
    dtls_reassembly_init(&reassembly, buffer, MAX_MESSAGE, 0);

    struct dtls_reader reader = dtls_reader_of(data, len);
    uint16_t expected = 0;
    while (dtls_read_left(&reader) > 0) {
        struct dtls_message_header header;
        struct dtls_message message;
        dtls_message_header_read(&reader, &header);
        dtls_span body = dtls_read_bytes(&reader, header.fragment_length);
        if (!dtls_read_ok(&reader) ||
            dtls_reassembly_add(&reassembly, &header, body.data) > DTLS_FRAGMENT_AHEAD)
            break;
        while (dtls_reassembly_next(&reassembly, &message)) {
            size_t sum = 0;
            for (size_t i = 0; i < message.len; i++)
                sum += message.body[i];
            fuzz_check(sum <= 255 * MAX_MESSAGE && message.seq == expected++ && message.len <= MAX_MESSAGE);
            dtls_reassembly_release(&reassembly);
        }
    }
    free(buffer);
    return 0;
}
