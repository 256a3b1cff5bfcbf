/* SPDX-License-Identifier: MIT
 *
 * Reading the capture files that ns-3 writes: nanoseconds, PPP, IP, UDP.
 */
#ifndef DTLSLAB_TEST_PCAP_H
#define DTLSLAB_TEST_PCAP_H

#include <stdint.h>
#include <stdio.h>

struct pcap_packet {
    uint64_t time;
    uint32_t source; /* last octet of the sender's IP address */
    uint32_t len;    /* of the UDP payload */
    uint8_t bytes[2048];
};

/* Opens the capture and checks its header; fails the test if it is not what ns-3 writes. */
FILE *pcap_open(const char *name);

/* Reads the next packet; 0 at the end. Fails the test when it is anything but a whole UDP datagram. */
int pcap_next(FILE *file, struct pcap_packet *out);

#endif
