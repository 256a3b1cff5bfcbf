/* SPDX-License-Identifier: MIT
 *
 * What a device with NetX Secure can do, and the contract's calls over it.
 */
#include <stdlib.h>
#include <string.h>

#include "dtls/version.h"
#include "libcrypto_random.h"
#include "netx_adapter.h"

static const char *version(void) {
    return dtls_version_text();
}

static void add_capabilities(struct adapter_words *words) {
    static const char *const always[] = {"client", "server", "dtls1.0",       "dtls1.2", "certificate",
                                         "verify", "psk",    "psk-hint",      "cookie",  "client-auth",
                                         "ems",    "mtu",    "deterministic", "keylog",  "alert-events"};

    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        adapter_words_add(words, "%s", always[i]);
    for (size_t i = 0; dtls_all_cipher_suites[i] != NULL; i++)
        adapter_words_add(words, "suite:%04x", dtls_cipher_suite_code(dtls_all_cipher_suites[i]));
    for (UINT i = 0; i < nx_crypto_ecc_supported_groups_size; i++)
        adapter_words_add(words, "group:%04x", nx_crypto_ecc_supported_groups[i]);
}

struct netx_device *netx_device_of(const struct dtlslab_endpoint *endpoint) {
    return endpoint->context;
}

static struct netx_slot *slot_of(const struct adapter_session *session) {
    struct netx_session *own = session->tls;

    return own != NULL ? own->slot : NULL;
}

static int32_t open_session(struct adapter_session *session) {
    struct netx_device *device = netx_device_of(session->endpoint);
    struct netx_session *own = calloc(1, sizeof *own);

    if (own == NULL)
        return DTLSLAB_FAILED;
    session->tls = own;
    if (device->server != NULL)
        return DTLSLAB_OK; /* server.c knows which of its sessions it is */
    struct netx_client *client = netx_client_make(device, session);
    if (client == NULL) {
        free(own);
        session->tls = NULL;
        return DTLSLAB_FAILED;
    }
    own->slot = &client->slot;
    return DTLSLAB_OK;
}

/* What the program has for the session ends by itself, or with the device. */
static void free_session(struct adapter_session *session) {
    struct netx_slot *slot = slot_of(session);

    if (slot != NULL)
        slot->reported = NULL;
    free(session->tls);
}

/* A client's session begins. */
static void advance(struct adapter_session *session) {
    struct netx_slot *slot = slot_of(session);

    if (slot == NULL)
        return;
    netx_client_begin((struct netx_client *)(void *)slot);
    netx_run(netx_device_of(session->endpoint));
}

static void expire_session(struct adapter_session *session) {
    netx_run(netx_device_of(session->endpoint));
}

static uint64_t time_left(const struct adapter_session *session) {
    (void)session;
    return DTLSLAB_NO_DEADLINE; /* the device has one for all */
}

static int listen_nowhere(struct adapter_session *session) {
    (void)session;
    return 0;
}

/* The device receives for all its sessions. */
static void receive(struct dtlslab_endpoint *endpoint, uint64_t path, const uint8_t *datagram, uint32_t len) {
    struct netx_device *device = netx_device_of(endpoint);

    netx_network_deliver(device, path, datagram, len);
    netx_run(device);
}

static uint64_t deadline(const struct dtlslab_endpoint *endpoint) {
    return netx_device_of(endpoint)->deadline;
}

static void expire(struct dtlslab_endpoint *endpoint) {
    netx_run(netx_device_of(endpoint));
}

static const struct adapter_server *server_of(const struct dtlslab_endpoint *endpoint) {
    static const struct adapter_server device = {.receive = receive, .deadline = deadline, .expire = expire};

    (void)endpoint;
    return &device;
}

/* Whether a record of so much data keeps to the MTU that was asked for. */
static int fits(const struct netx_device *device, NX_SECURE_DTLS_SESSION *session, uint32_t len) {
    size_t headroom = 0;
    size_t tailroom = 0;

    dtls_record_overhead(nx_host_dtls_connection(session), &headroom, &tailroom);
    return device->settings.mtu == 0 || headroom + len + tailroom <= device->settings.mtu;
}

static UINT send_packet(struct netx_device *device, struct netx_slot *slot, const uint8_t *data,
                        uint32_t len) {
    NX_PACKET *packet = NULL;
    UINT status = nx_secure_dtls_packet_allocate(slot->session, &device->data_pool, &packet, NX_NO_WAIT);

    if (status != NX_SUCCESS)
        return status;
    if (len > 0)
        status = nx_packet_data_append(packet, (VOID *)(uintptr_t)data, len, &device->data_pool, NX_NO_WAIT);
    if (status == NX_SUCCESS)
        status = device->server != NULL ? nx_secure_dtls_server_session_send(slot->session, packet)
                                        : nx_secure_dtls_client_session_send(slot->session, packet);
    if (status != NX_SUCCESS)
        nx_packet_release(packet);
    return status;
}

static int32_t send_data(struct adapter_session *session, const uint8_t *data, uint32_t len) {
    struct netx_device *device = netx_device_of(session->endpoint);
    struct netx_slot *slot = slot_of(session);

    if (slot == NULL)
        return DTLSLAB_FAILED;
    netx_run(device); /* the time is told */
    if (slot->reported != session)
        return DTLSLAB_FAILED;
    if (!fits(device, slot->session, len))
        return DTLSLAB_INVALID;
    tx_host_kernel_use(device->kernel);
    const UINT status = send_packet(device, slot, data, len);
    tx_host_kernel_use(NULL);
    netx_run(device);
    if (status == NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL)
        return DTLSLAB_INVALID;
    return status == NX_SUCCESS ? DTLSLAB_OK : DTLSLAB_FAILED;
}

static void close_session(struct adapter_session *session) {
    struct netx_device *device = netx_device_of(session->endpoint);
    struct netx_slot *slot = slot_of(session);

    if (slot == NULL)
        return;
    slot->closing = 1;
    tx_host_kernel_use(device->kernel);
    if (device->server != NULL)
        netx_server_close(slot);
    else
        netx_client_close(slot);
    tx_host_kernel_use(NULL);
    netx_run(device);
}

static void describe(const struct adapter_session *session, struct dtlslab_session_info *out) {
    const struct netx_session *own = session->tls;
    const uint32_t size = out->size;

    *out = own->described;
    out->size = size;
}

static const char *const clock_objects[] = {"libcrypto.so", NULL};

const struct adapter_stack adapter_stack = {
    .name = "netx",
    .clock_objects = clock_objects,
    .prepare = adapter_libcrypto_random,
    .version = version,
    .add_capabilities = add_capabilities,
    .configure = netx_configure,
    .free_context = netx_free_context,
    .open = open_session,
    .free_tls = free_session,
    .listen = listen_nowhere,
    .server_of = server_of,
    .advance = advance,
    .expire = expire_session,
    .time_left = time_left,
    .send = send_data,
    .close = close_session,
    .describe = describe,
};
