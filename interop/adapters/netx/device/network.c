/* SPDX-License-Identifier: MIT
 *
 * The program's network. What its sessions send leaves by the carrier; what the
 * carrier brings seems to come from where the program believes its peer.
 */
#include <stdlib.h>

#include "device.h"

/* A server's clients are at addresses that nobody has, RFC 2544 and RFC 4193. */
#define FIRST_CLIENT_V4 IP_ADDRESS(198, 18, 0, 1)
#define NUM_CLIENTS_V4  ((1u << 17) - 2)
#define CLIENTS_V6      UINT32_C(0xFD000001)
#define CLIENT_PORT     49152u

static int is_client(const struct device *device) {
    return device->endpoint->role == DTLSLAB_CLIENT;
}

static int is_same(const NXD_ADDRESS *one, const NXD_ADDRESS *other) {
    if (one->nxd_ip_version != other->nxd_ip_version)
        return 0;
    if (one->nxd_ip_version == NX_IP_VERSION_V4)
        return one->nxd_ip_address.v4 == other->nxd_ip_address.v4;
    return memcmp(one->nxd_ip_address.v6, other->nxd_ip_address.v6, sizeof one->nxd_ip_address.v6) == 0;
}

static struct device_peer *peer_at(const struct device *device, const NXD_ADDRESS *address, UINT port) {
    for (size_t i = 0; i < device->num_peers; i++) {
        if (device->peers[i].port == port && is_same(&device->peers[i].address, address))
            return &device->peers[i];
    }
    return NULL;
}

static struct device_peer *peer_by(const struct device *device, uint64_t path) {
    for (size_t i = 0; i < device->num_peers; i++) {
        if (device->peers[i].path == path)
            return &device->peers[i];
    }
    return NULL;
}

/* --- Out. --- */

/* What is for no peer of a session, such as a question for the time of day, is lost. */
static VOID carry(VOID *context, const nx_host_datagram *datagram) {
    const struct device *device = context;
    struct device_peer *peer = peer_at(device, &datagram->destination, datagram->destination_port);

    if (peer == NULL)
        return;
    peer->own_address = datagram->source;
    peer->own_port = datagram->source_port;
    (void)adapter_queue_put(&device->endpoint->datagrams, peer->path, datagram->data, datagram->length);
}

void device_network_begin(struct device *device) {
    nx_host_uplink_set(carry, device);
}

void device_meet(struct device *device, const NX_SECURE_DTLS_SESSION *session) {
    if (!is_client(device))
        return;
    device->peers->address = session->nx_secure_dtls_remote_ip_address;
    device->peers->port = session->nx_secure_dtls_remote_port;
    device->peers->own_port = 0;
}

uint64_t device_path_of(const struct device *device, const NX_SECURE_DTLS_SESSION *session) {
    const struct device_peer *peer = is_client(device)
                                         ? device->peers
                                         : peer_at(device, &session->nx_secure_dtls_remote_ip_address,
                                                   session->nx_secure_dtls_remote_port);

    return peer != NULL ? peer->path : 0;
}

/* --- In. --- */

/* The socket that clients speak to: at the port that is told, else a DTLS server's, else any. */
static NX_UDP_SOCKET *listening_socket(void) {
    NX_UDP_SOCKET *found = NULL;

    for (NX_UDP_SOCKET *socket = nx_host_bound_next(NULL); socket != NULL;
         socket = nx_host_bound_next(socket)) {
        const int is_told = device_settings.port != 0 && socket->nx_udp_socket_port == device_settings.port;
        const int is_server = device_settings.port == 0 && socket->nx_udp_socket_reserved_ptr != NULL;

        if (is_told || is_server || (device_settings.port == 0 && found == NULL))
            found = socket;
        if (is_told || is_server)
            break;
    }
    return found;
}

/* Addresses for a client that is heard of for the first time, of a version that the program has. */
static int place_client(struct device_peer *client, ULONG number, const NX_UDP_SOCKET *socket) {
    NX_IP *ip = socket->nx_udp_socket_ip_ptr;

    client->own_port = socket->nx_udp_socket_port;
    client->port = CLIENT_PORT + number / NUM_CLIENTS_V4;
    client->address = (NXD_ADDRESS){.nxd_ip_version = NX_IP_VERSION_V4,
                                    .nxd_ip_address.v4 = FIRST_CLIENT_V4 + number % NUM_CLIENTS_V4};
    if (nx_host_address_for(ip, &client->address, &client->own_address))
        return 1;
    client->address = (NXD_ADDRESS){.nxd_ip_version = NX_IP_VERSION_V6,
                                    .nxd_ip_address.v6 = {CLIENTS_V6, 0, 0, number + 1}};
    return nx_host_address_for(ip, &client->address, &client->own_address) != NX_FALSE;
}

static struct device_peer *new_client(struct device *device, uint64_t path) {
    const NX_UDP_SOCKET *socket = listening_socket();
    struct device_peer client = {.path = path};

    if (socket == NULL || !place_client(&client, (ULONG)device->num_peers, socket))
        return NULL;
    struct device_peer *more = realloc(device->peers, (device->num_peers + 1) * sizeof *more);
    if (more == NULL)
        return NULL;
    device->peers = more;
    more[device->num_peers] = client;
    return &more[device->num_peers++];
}

void device_deliver(struct device *device, uint64_t path, const uint8_t *datagram, uint32_t len) {
    struct device_peer *peer = peer_by(device, path);

    tx_host_kernel_use(device->kernel);
    if (peer == NULL && !is_client(device))
        peer = new_client(device, path);
    if (peer != NULL && peer->own_port != 0) {
        const nx_host_datagram arrival = {.source = peer->address,
                                          .destination = peer->own_address,
                                          .source_port = peer->port,
                                          .destination_port = peer->own_port,
                                          .length = len,
                                          .data = datagram};
        (void)nx_host_deliver(&arrival); /* what the device has no room for is lost */
    }
    tx_host_kernel_use(NULL);
}
