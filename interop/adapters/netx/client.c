/* SPDX-License-Identifier: MIT
 *
 * A client: a thread for each session, which starts it and receives.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "netx_adapter.h"

struct netx_slot *netx_client_slot(struct netx_device *device, const NX_SECURE_DTLS_SESSION *session) {
    struct netx_client *client = device->clients;

    while (client != NULL && &client->session != session)
        client = client->next;
    return client != NULL ? &client->slot : NULL;
}

static ULONG calendar(VOID) {
    return (ULONG)tx_host_calendar();
}

/* The chain is good; is it the server's that was asked for? */
static ULONG check_name(NX_SECURE_TLS_SESSION *inner, NX_SECURE_X509_CERT *certificate) {
    const struct netx_client *client =
        (struct netx_client *)(void *)((UCHAR *)inner - offsetof(struct netx_client, session) -
                                       offsetof(NX_SECURE_DTLS_SESSION, nx_secure_dtls_tls_session));
    const NX_SECURE_X509_DNS_NAME *name = &netx_device_of(client->slot.endpoint)->settings.server_name;

    return nx_secure_x509_common_name_dns_check(certificate, name->nx_secure_x509_dns_name,
                                                name->nx_secure_x509_dns_name_length);
}

static UINT add_certificates(NX_SECURE_DTLS_SESSION *session, struct netx_credentials *credentials) {
    UINT id = 0;
    UINT status = NX_SUCCESS;

    for (size_t i = 0; i < credentials->chain_len && status == NX_SUCCESS; i++)
        status = nx_secure_dtls_session_local_certificate_add(session, &credentials->chain[i], ++id);
    for (size_t i = 0; i < credentials->num_anchors && status == NX_SUCCESS; i++)
        status = nx_secure_dtls_session_trusted_certificate_add(session, &credentials->anchors[i], ++id);
    return status;
}

/* Certificate blocks are in one store at a time: sessions that are there at once have copies. */
static UINT add_credentials(struct netx_client *client, struct netx_device *device) {
    struct netx_settings *settings = &device->settings;
    UINT status;

    client->credentials = device->credentials;
    status = add_certificates(&client->session, &client->credentials);
    if (status == NX_SUCCESS && settings->has_psk)
        status = nx_secure_dtls_psk_add(&client->session, settings->psk_key, settings->psk_key_len,
                                        settings->psk_identity, settings->psk_identity_len,
                                        settings->psk_hint, settings->psk_hint_len);
    return status;
}

static UINT make_session(struct netx_client *client, struct netx_device *device) {
    struct netx_settings *settings = &device->settings;
    NX_SECURE_DTLS_SESSION *session = &client->session;
    NX_SECURE_TLS_SESSION *inner = &session->nx_secure_dtls_tls_session;
    UINT status = nx_secure_dtls_session_create(
        session, &settings->table, client->metadata, sizeof client->metadata, client->reassembly,
        sizeof client->reassembly, NETX_CERTIFICATES, client->certificates, sizeof client->certificates);

    if (status == NX_SUCCESS)
        status = add_credentials(client, device);
    if (status == NX_SUCCESS && settings->version != 0)
        status = nx_secure_dtls_client_protocol_version_override(session, settings->version);
    if (status == NX_SUCCESS && settings->num_groups > 0)
        status = nx_secure_dtls_ecc_initialize(session, settings->groups, settings->num_groups,
                                               nx_crypto_ecc_curves);
    if (status == NX_SUCCESS)
        status = nx_secure_tls_session_time_function_set(inner, calendar);
    if (status == NX_SUCCESS && settings->server_name.nx_secure_x509_dns_name_length > 0) {
        status = nx_secure_tls_session_sni_extension_set(inner, &settings->server_name);
        if (status == NX_SUCCESS)
            status = nx_secure_tls_session_certificate_callback_set(inner, check_name);
    }
    if (status == NX_SUCCESS)
        status = nx_host_dtls_session_watch_set(session, netx_watch, device);
    return status;
}

/* --- The thread. --- */

static void end(struct netx_client *client) {
    nx_secure_dtls_session_end(&client->session, NX_NO_WAIT);
    nx_udp_socket_unbind(&client->socket);
    nx_udp_socket_delete(&client->socket);
    nx_secure_dtls_session_delete(&client->session);
    netx_report_detach(&client->slot);
    client->running = 0;
}

/* Receives until the session is over, or the laboratory wants to close it. */
static void receive(struct netx_client *client) {
    NX_PACKET *packet;
    UINT status;

    while ((status = nx_secure_dtls_session_receive(&client->session, &packet, NX_WAIT_FOREVER)) ==
           NX_SUCCESS) {
        netx_report_packet(&client->slot, packet);
    }
    if (!client->slot.closing)
        netx_report_end(&client->slot, "session_receive", status);
}

static VOID run(ULONG input) {
    struct netx_client *client =
        (struct netx_client *)(void *)((UCHAR *)tx_thread_identify() - offsetof(struct netx_client, thread));
    NXD_ADDRESS peer = client->peer;
    UINT status;

    (void)input;
    status = nx_secure_dtls_client_session_start(&client->session, &client->socket, &peer, NETX_PORT,
                                                 NX_WAIT_FOREVER);
    if (status == NX_SUCCESS) {
        netx_report_connected(&client->slot);
        receive(client);
    } else if (!client->slot.closing) {
        netx_report_end(&client->slot, "client_session_start", status);
    }
    end(client);
}

/* --- From outside. --- */

/* One whose thread has ended, or a new one. */
static struct netx_client *free_client(struct netx_device *device) {
    struct netx_client **place = &device->clients;

    while (*place != NULL && (*place)->running)
        place = &(*place)->next;
    if (*place == NULL)
        *place = calloc(1, sizeof **place);
    else if (tx_thread_delete(&(*place)->thread) != TX_SUCCESS)
        return NULL;
    return *place;
}

static UINT make_socket(struct netx_client *client, struct netx_device *device) {
    UINT status = nx_udp_socket_create(&device->ip, &client->socket, (CHAR *)"DTLS client", NX_IP_NORMAL,
                                       NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, NETX_PACKETS / 4);

    if (status == NX_SUCCESS)
        status = nx_udp_socket_bind(&client->socket, NX_ANY_PORT, NX_NO_WAIT);
    return status;
}

struct netx_client *netx_client_make(struct netx_device *device, struct adapter_session *session) {
    UINT status = NX_NO_PACKET;

    tx_host_kernel_use(device->kernel);
    struct netx_client *client = free_client(device);
    if (client != NULL) {
        client->slot = (struct netx_slot){
            .endpoint = session->endpoint, .reported = session, .session = &client->session};
        client->peer = netx_address_of_path(session->path);
        status = make_socket(client, device);
    }
    if (status == NX_SUCCESS)
        status = make_session(client, device);
    if (status == NX_SUCCESS &&
        tx_thread_create(&client->thread, (CHAR *)"client", run, 0, NULL, 0, NETX_PROGRAM_PRIORITY,
                         NETX_PROGRAM_PRIORITY, TX_NO_TIME_SLICE, TX_DONT_START) == TX_SUCCESS) {
        client->running = 1;
    }
    tx_host_kernel_use(NULL);
    return client != NULL && client->running ? client : NULL;
}

void netx_client_begin(struct netx_client *client) {
    struct netx_device *device = netx_device_of(client->slot.endpoint);

    tx_host_kernel_use(device->kernel);
    tx_thread_resume(&client->thread);
    tx_host_kernel_use(NULL);
}

void netx_client_close(struct netx_slot *slot) {
    struct netx_client *client = (struct netx_client *)(void *)slot;

    tx_thread_wait_abort(&client->thread);
}

void netx_clients_end(struct netx_device *device) {
    for (struct netx_client *client = device->clients; client != NULL; client = client->next)
        (void)nx_secure_dtls_session_delete(&client->session);
}

void netx_clients_free(struct netx_device *device) {
    while (device->clients != NULL) {
        struct netx_client *client = device->clients;

        device->clients = client->next;
        free(client);
    }
}
