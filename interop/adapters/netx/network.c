/* SPDX-License-Identifier: MIT
 *
 * The device's network. Its other hosts are the carrier's paths: a path's
 * number is the last 64 bits of an address of fd00::1:0:0:0:0/64 (RFC 4193).
 */
#include <string.h>

#include "netx_adapter.h"

#define PREFIX        UINT32_C(0xFD000000)
#define PATHS_SUBNET  1
#define DEVICE_SUBNET 0
#define PAYLOAD_UNIT  8 /* bytes */

static NXD_ADDRESS address_of(ULONG subnet, uint64_t host) {
    NXD_ADDRESS address;

    memset(&address, 0, sizeof address);
    address.nxd_ip_version = NX_IP_VERSION_V6;
    address.nxd_ip_address.v6[0] = PREFIX;
    address.nxd_ip_address.v6[1] = subnet;
    address.nxd_ip_address.v6[2] = (ULONG)(host >> 32);
    address.nxd_ip_address.v6[3] = (ULONG)(host & UINT32_MAX);
    return address;
}

NXD_ADDRESS netx_address_of_path(uint64_t path) {
    return address_of(PATHS_SUBNET, path);
}

uint64_t netx_path_of_address(const NXD_ADDRESS *address) {
    return (uint64_t)address->nxd_ip_address.v6[2] << 32 | address->nxd_ip_address.v6[3];
}

/* A datagram leaves the device. One that does not fit into the queue is lost. */
static VOID carry(VOID *context, const nx_host_datagram *datagram) {
    const struct netx_device *device = context;

    (void)adapter_queue_put(&device->endpoint->datagrams, netx_path_of_address(&datagram->destination),
                            datagram->data, datagram->length);
}

/* Packets are as large as the MTU wants them: the services write no longer datagrams than one holds. Pools
 * round payloads up. */
static UINT make_pools(struct netx_device *device) {
    const ULONG mtu = device->settings.mtu / PAYLOAD_UNIT * PAYLOAD_UNIT;
    const ULONG payload = mtu != 0 && mtu + NX_UDP_PACKET < NETX_PAYLOAD ? mtu + NX_UDP_PACKET : NETX_PAYLOAD;
    UINT status = nx_packet_pool_create(&device->pool, (CHAR *)"datagrams", payload, device->pool_memory,
                                        sizeof device->pool_memory);

    if (status == NX_SUCCESS)
        status = nx_packet_pool_create(&device->data_pool, (CHAR *)"data", NETX_DATA_PAYLOAD,
                                       device->data_pool_memory, sizeof device->data_pool_memory);
    return status;
}

UINT netx_network_make(struct netx_device *device) {
    NXD_ADDRESS own = address_of(DEVICE_SUBNET, 1);
    UINT status = make_pools(device);

    if (status == NX_SUCCESS)
        status = nx_ip_create(&device->ip, (CHAR *)"device", IP_ADDRESS(10, 0, 0, 1), 0xFF000000u,
                              &device->pool, _nx_ram_network_driver_1500, NULL, 0, NETX_IP_PRIORITY);
    if (status == NX_SUCCESS)
        status = nxd_ipv6_enable(&device->ip);
    if (status == NX_SUCCESS)
        status = nxd_ipv6_address_set(&device->ip, 0, &own, 64, NULL);
    if (status == NX_SUCCESS)
        status = nx_udp_enable(&device->ip);
    if (status == NX_SUCCESS)
        nx_host_uplink_set(carry, device);
    return status;
}

/* A server has one port; of a client the newest socket that talks to the path. */
static UINT port_for(const struct netx_device *device, uint64_t path) {
    UINT port = NETX_PORT;

    for (const struct netx_client *client = device->clients; client != NULL; client = client->next) {
        if (client->running && netx_path_of_address(&client->peer) == path)
            port = client->socket.nx_udp_socket_port;
    }
    return port;
}

void netx_network_deliver(struct netx_device *device, uint64_t path, const uint8_t *bytes, uint32_t len) {
    const nx_host_datagram datagram = {.source = netx_address_of_path(path),
                                       .destination = address_of(DEVICE_SUBNET, 1),
                                       .source_port = NETX_PORT,
                                       .destination_port = port_for(device, path),
                                       .length = len,
                                       .data = bytes};

    tx_host_kernel_use(device->kernel);
    (void)nx_host_deliver(&datagram); /* what the device has no room for is lost */
    tx_host_kernel_use(NULL);
}

void netx_run(struct netx_device *device) {
    const uint64_t next = tx_host_step(device->kernel, device->endpoint->now);

    device->deadline = next == TX_HOST_NEVER ? DTLSLAB_NO_DEADLINE : next;
}
