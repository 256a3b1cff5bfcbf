/* SPDX-License-Identifier: MIT
 *
 * Reading capture files; see pcap.h.
 */
#include "pcap.h"

#include <string.h>

#include "check.h"

#define MAGIC_NANOSECONDS 0xa1b23c4du
#define LINK_PPP          9u
#define PROTOCOL_UDP      17

FILE *pcap_open(const char *name) {
    uint32_t header[6];
    FILE *file = fopen(name, "rb");
    assert_non_null(file);
    assert_int_equal(fread(header, 1, sizeof header, file), sizeof header);
    assert_int_equal(header[0], MAGIC_NANOSECONDS);
    assert_int_equal(header[5], LINK_PPP);
    return file;
}

int pcap_next(FILE *file, struct pcap_packet *out) {
    uint32_t header[4];
    uint8_t bytes[4096];
    if (fread(header, 1, sizeof header, file) != sizeof header)
        return 0;
    uint32_t len = header[2];
    assert_int_equal(header[3], len);
    assert_true(len <= sizeof bytes);
    assert_int_equal(fread(bytes, 1, len, file), len);
    int ipv6 = bytes[0] == 0x00 && bytes[1] == 0x57;
    uint32_t udp = ipv6 ? 42 : 22;
    assert_int_equal(bytes[ipv6 ? 8 : 11], PROTOCOL_UDP);
    assert_int_equal(bytes[udp + 4] * 256 + bytes[udp + 5], len - udp);
    out->time = header[0] * UINT64_C(1000000000) + header[1];
    out->source = bytes[ipv6 ? 25 : 17];
    out->len = len - udp - 8;
    assert_true(out->len <= sizeof out->bytes);
    memcpy(out->bytes, bytes + udp + 8, out->len);
    return 1;
}
