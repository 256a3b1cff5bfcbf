/* SPDX-License-Identifier: MIT
 *
 * Ways to the same handshakes and records: through the services of NetX Secure
 * DTLS, and by calls of libdtls, in memory and over the same sockets.
 */
#ifndef DTLS_BENCH_NETX_H
#define DTLS_BENCH_NETX_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "dtls/dtls.h"
#include "dtls/libcrypto.h"

/* Bytes of application data in a record. */
#define NETX_BENCH_RECORD 1400

/* Cipher suites of the handshakes; records use the last. */
enum netx_bench_kind { NETX_BENCH_ECDSA, NETX_BENCH_ECDHE_PSK, NETX_BENCH_PSK, NETX_BENCH_KINDS };

static const uint16_t netx_bench_suites[NETX_BENCH_KINDS] = {
    [NETX_BENCH_ECDSA] = 0xC02B, [NETX_BENCH_ECDHE_PSK] = 0xD001, [NETX_BENCH_PSK] = 0x00A8};

/* A certificate's, in DER; its authority is the anchor. */
struct netx_bench_credentials {
    dtls_span certificate;
    dtls_span key; /* RFC 5915 */
    dtls_span anchor;
};

static const uint8_t netx_bench_psk[16] = {1, 2, 3};
static const uint8_t netx_bench_identity[] = {'b', 'e', 'n', 'c', 'h'};

/* One way. Functions end the program when the work fails; `carry` works on the pair that is connected. */
struct netx_bench_subject {
    void (*prepare)(const struct netx_bench_credentials *credentials);
    /* Cookie exchange and handshake; both ends say goodbye. */
    void (*connect)(enum netx_bench_kind kind);
    void (*close)(void);
    /* Application data from the client's buffer to where the server reads it. */
    void (*carry)(const uint8_t *data, size_t len);
};

extern const struct netx_bench_subject netx_bench_direct; /* prepared first */
extern const struct netx_bench_subject netx_bench_over_sockets;
extern const struct netx_bench_subject netx_bench_services;

/* UDP sockets of a client and a server on IP instances of their own, delivering inline. */
void netx_bench_sockets_prepare(void);
/* Sends a datagram and gives `take` what arrives. */
void netx_bench_socket_carry(dtls_role from, const uint8_t *bytes, size_t len,
                             void (*take)(dtls_role to, uint8_t *bytes, size_t len));
/* Data in a packet with room for a record around it; `seal` is given where that room begins, changes it to
 * where the record does, and answers the record's length. */
void netx_bench_socket_carry_record(const uint8_t *data, size_t len, size_t headroom, size_t tailroom,
                                    size_t (*seal)(uint8_t **bytes, size_t headroom, size_t len,
                                                   size_t tailroom),
                                    void (*open)(dtls_role to, uint8_t *bytes, size_t len));

/* With IP threads that deliver and a server's thread that waits: `num` records, one after the other. */
void netx_bench_carry_to_waiting(const uint8_t *data, size_t len, size_t num);

/* Calls `work` in a ThreadX thread, on the host's clock. */
void netx_bench_in_thread(void (*work)(void));

/* The control blocks, beside those of NetX: as a table, and as members of a JSON object. */
void netx_bench_print_sizes(void);
void netx_bench_write_sizes(FILE *out);

void netx_bench_need(int good, const char *what);

#endif
