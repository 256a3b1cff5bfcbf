/* SPDX-License-Identifier: MIT
 *
 * The packets and UDP sockets that the services use, for a program that calls
 * libdtls itself.
 */
#include "netx.h"
#include "nx_api.h"
#include "nx_host.h"

#define PAYLOAD 1700
#define PACKETS 16
#define PORT    5000

static struct host {
    NX_PACKET_POOL pool;
    NX_IP ip;
    NX_UDP_SOCKET socket;
    ULONG64 pool_memory[PACKETS * (PAYLOAD + sizeof(NX_PACKET)) / 8];
} hosts[2]; /* by dtls_role */

static void need(UINT status) {
    netx_bench_need(status == NX_SUCCESS, "sockets");
}

static ULONG address_of(dtls_role role) {
    return IP_ADDRESS(10, 0, 1, 1) + (ULONG)role;
}

void netx_bench_sockets_prepare(void) {
    nx_host_inline_delivery_set(NX_TRUE);
    for (int role = 0; role < 2; role++) {
        struct host *host = &hosts[role];
        need(nx_packet_pool_create(&host->pool, (CHAR *)"pool", PAYLOAD, host->pool_memory,
                                   sizeof host->pool_memory));
        need(nx_ip_create(&host->ip, (CHAR *)"ip", address_of((dtls_role)role), 0xFFFFFF00, &host->pool,
                          _nx_ram_network_driver_1500, NULL, 0, 1));
        need(nx_udp_enable(&host->ip));
        need(nx_udp_socket_create(&host->ip, &host->socket, (CHAR *)"socket", NX_IP_NORMAL, NX_DONT_FRAGMENT,
                                  NX_IP_TIME_TO_LIVE, PACKETS));
        need(nx_udp_socket_bind(&host->socket, PORT, NX_NO_WAIT));
    }
}

static void send_and_take(dtls_role from, NX_PACKET *packet,
                          void (*take)(dtls_role to, uint8_t *bytes, size_t len)) {
    const dtls_role to = 1 - from;
    need(nx_udp_socket_send(&hosts[from].socket, packet, address_of(to), PORT));
    need(nx_udp_socket_receive(&hosts[to].socket, &packet, NX_NO_WAIT));
    take(to, packet->nx_packet_prepend_ptr, packet->nx_packet_length);
    nx_packet_release(packet);
}

void netx_bench_socket_carry(dtls_role from, const uint8_t *bytes, size_t len,
                             void (*take)(dtls_role to, uint8_t *bytes, size_t len)) {
    NX_PACKET *packet;
    need(nx_packet_allocate(&hosts[from].pool, &packet, NX_UDP_PACKET, NX_NO_WAIT));
    need(nx_packet_data_append(packet, (VOID *)(uintptr_t)bytes, (ULONG)len, &hosts[from].pool, NX_NO_WAIT));
    send_and_take(from, packet, take);
}

void netx_bench_socket_carry_record(const uint8_t *data, size_t len, size_t headroom, size_t tailroom,
                                    size_t (*seal)(uint8_t **bytes, size_t headroom, size_t len,
                                                   size_t tailroom),
                                    void (*open)(dtls_role to, uint8_t *bytes, size_t len)) {
    NX_PACKET *packet;
    need(nx_packet_allocate(&hosts[DTLS_CLIENT].pool, &packet, NX_UDP_PACKET, NX_NO_WAIT));
    uint8_t *bytes = packet->nx_packet_prepend_ptr;
    packet->nx_packet_prepend_ptr += headroom;
    packet->nx_packet_append_ptr = packet->nx_packet_prepend_ptr;
    need(nx_packet_data_append(packet, (VOID *)(uintptr_t)data, (ULONG)len, &hosts[DTLS_CLIENT].pool,
                               NX_NO_WAIT));
    const size_t record_len = seal(&bytes, headroom, len, tailroom);
    packet->nx_packet_prepend_ptr = bytes;
    packet->nx_packet_append_ptr = bytes + record_len;
    packet->nx_packet_length = (ULONG)record_len;
    send_and_take(DTLS_CLIENT, packet, open);
}
