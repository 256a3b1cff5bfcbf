/* SPDX-License-Identifier: MIT
 *
 * A server: the IP thread tells of clients, data and ends; each client has a
 * thread, which starts its session and ends it.
 */
#include <stddef.h>
#include <stdlib.h>

#include "netx_adapter.h"

static struct netx_device *device_of_session(const NX_SECURE_DTLS_SESSION *session) {
    const struct netx_server *server =
        (const struct netx_server *)(const void *)((const UCHAR *)session->nx_secure_dtls_server_parent -
                                                   offsetof(struct netx_server, server));

    return server->device;
}

struct netx_slot *netx_server_slot_of(struct netx_device *device, const NX_SECURE_DTLS_SESSION *session) {
    const ptrdiff_t i = session - device->server->server.nx_dtls_server_sessions;

    return &device->server->slots[i].slot;
}

/* --- A client's thread. --- */

/* Until disconnect_notify or the laboratory ends it. */
static void wait_for_end(struct netx_server_slot *own) {
    while (!own->over)
        tx_semaphore_get(&own->work, TX_WAIT_FOREVER);
}

static void serve(struct netx_server_slot *own) {
    const UINT status = nx_secure_dtls_server_session_start(own->slot.session, NX_WAIT_FOREVER);

    if (status == NX_SUCCESS) {
        netx_report_connected(&own->slot);
        wait_for_end(own);
        const UINT code = netx_report_data(&own->slot);
        if (!own->slot.closing)
            netx_report_end(&own->slot, "session_receive", code);
    } else if (!own->slot.closing) {
        netx_report_end(&own->slot, "server_session_start", status);
    }
    nx_secure_dtls_session_end(own->slot.session, NX_NO_WAIT);
    netx_report_detach(&own->slot);
}

static VOID run(ULONG input) {
    struct netx_server_slot *own =
        (struct netx_server_slot *)(void *)((UCHAR *)tx_thread_identify() -
                                            offsetof(struct netx_server_slot, thread));

    (void)input;
    for (;;) {
        struct adapter_session *next = own->next;

        if (next == NULL) {
            tx_semaphore_get(&own->work, TX_WAIT_FOREVER);
            continue;
        }
        own->slot =
            (struct netx_slot){.endpoint = next->endpoint, .reported = next, .session = own->slot.session};
        ((struct netx_session *)next->tls)->slot = &own->slot;
        own->next = NULL;
        own->over = 0;
        serve(own);
    }
}

/* --- The IP thread. --- */

static void start_thread(struct netx_server_slot *own) {
    if (own->has_thread)
        return;
    own->has_thread = tx_semaphore_create(&own->work, (CHAR *)"work", 0) == TX_SUCCESS &&
                      tx_thread_create(&own->thread, (CHAR *)"server", run, 0, NULL, 0, NETX_PROGRAM_PRIORITY,
                                       NETX_PROGRAM_PRIORITY, TX_NO_TIME_SLICE, TX_AUTO_START) == TX_SUCCESS;
}

static UINT connect_notify(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    struct netx_device *device = device_of_session(session);
    struct netx_server_slot *own = (struct netx_server_slot *)(void *)netx_server_slot_of(device, session);
    struct adapter_session *reported = adapter_session_begin(device->endpoint, netx_path_of_address(address));

    (void)port;
    own->slot.session = session;
    start_thread(own);
    if (reported == NULL || !own->has_thread) {
        nx_secure_dtls_session_reset(session);
        return NX_NOT_SUCCESSFUL;
    }
    own->next = reported; /* the thread may be about to end the session before */
    tx_semaphore_put(&own->work);
    return NX_SUCCESS;
}

static UINT receive_notify(NX_SECURE_DTLS_SESSION *session) {
    (void)netx_report_data(netx_server_slot_of(device_of_session(session), session));
    return NX_SUCCESS;
}

static void end_soon(struct netx_server_slot *own) {
    own->over = 1;
    tx_semaphore_put(&own->work);
}

static UINT disconnect_notify(NX_SECURE_DTLS_SESSION *session) {
    struct netx_slot *slot = netx_server_slot_of(device_of_session(session), session);

    end_soon((struct netx_server_slot *)(void *)slot);
    return NX_SUCCESS;
}

/* --- Making and ending. --- */

static ULONG calendar(VOID) {
    return (ULONG)tx_host_calendar();
}

static UINT add_credentials(struct netx_device *device) {
    NX_SECURE_DTLS_SERVER *server = &device->server->server;
    struct netx_credentials *credentials = &device->credentials;
    struct netx_settings *settings = &device->settings;
    UINT id = 0;
    UINT status = NX_SUCCESS;

    for (size_t i = 0; i < credentials->chain_len && status == NX_SUCCESS; i++)
        status = nx_secure_dtls_server_local_certificate_add(server, &credentials->chain[i], ++id);
    for (size_t i = 0; i < credentials->num_anchors && status == NX_SUCCESS; i++)
        status = nx_secure_dtls_server_trusted_certificate_add(server, &credentials->anchors[i], ++id);
    if (status == NX_SUCCESS && settings->has_psk)
        status = nx_secure_dtls_server_psk_add(server, settings->psk_key, settings->psk_key_len,
                                               settings->psk_identity, settings->psk_identity_len,
                                               settings->psk_hint, settings->psk_hint_len);
    if (status == NX_SUCCESS && settings->asks_for_certificate)
        status = nx_secure_dtls_server_x509_client_verify_configure(
            server, NETX_CERTIFICATES, device->server->certificates, sizeof device->server->certificates);
    return status;
}

static UINT set_policy(struct netx_device *device) {
    NX_SECURE_DTLS_SERVER *server = &device->server->server;
    struct netx_settings *settings = &device->settings;
    UINT status = nx_secure_dtls_server_notify_set(server, disconnect_notify, NULL);

    if (status == NX_SUCCESS && settings->version != 0)
        status = nx_secure_dtls_server_protocol_version_override(server, settings->version);
    if (status == NX_SUCCESS && settings->num_groups > 0)
        status = nx_secure_dtls_server_ecc_initialize(server, settings->groups, settings->num_groups,
                                                      nx_crypto_ecc_curves);
    if (status == NX_SUCCESS)
        status = nx_host_dtls_server_watch_set(server, netx_watch, device);
    for (UINT i = 0; i < server->nx_dtls_server_sessions_count && status == NX_SUCCESS; i++) {
        status = nx_secure_tls_session_time_function_set(
            &server->nx_dtls_server_sessions[i].nx_secure_dtls_tls_session, calendar);
    }
    return status;
}

UINT netx_server_make(struct netx_device *device) {
    struct netx_server *own = calloc(1, sizeof *own);
    UINT status;

    if (own == NULL)
        return NX_NO_PACKET;
    device->server = own;
    own->device = device;
    status = nx_secure_dtls_server_create(&own->server, &device->ip, NETX_PORT, NX_NO_WAIT, own->sessions,
                                          sizeof own->sessions, &device->settings.table, own->metadata,
                                          sizeof own->metadata, own->reassembly, sizeof own->reassembly,
                                          connect_notify, receive_notify);
    if (status == NX_SUCCESS)
        status = add_credentials(device);
    if (status == NX_SUCCESS)
        status = set_policy(device);
    if (status == NX_SUCCESS)
        status = nx_secure_dtls_server_start(&own->server);
    return status;
}

void netx_server_close(struct netx_slot *slot) {
    struct netx_server_slot *own = (struct netx_server_slot *)(void *)slot;

    /* The thread waits in the middle of the handshake, or for this. */
    if (slot->reported != NULL && !slot->reported->was_connected)
        tx_thread_wait_abort(&own->thread);
    else
        end_soon(own);
}

void netx_server_end(struct netx_device *device) {
    if (device->server == NULL)
        return;
    (void)nx_secure_dtls_server_stop(&device->server->server);
    (void)nx_secure_dtls_server_delete(&device->server->server);
}
