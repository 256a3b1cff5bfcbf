/* SPDX-License-Identifier: MIT
 *
 * What the program's threads tell the laboratory.
 */
#include <stdio.h>
#include <string.h>

#include "libdtls_report.h"
#include "netx_adapter.h"

#define SERVICE_PREFIX "nx_secure_dtls_"

static void keep_hint(struct netx_slot *slot, const dtls_event *event) {
    slot->hint_len = event->bytes.len <= sizeof slot->hint ? event->bytes.len : 0;
    if (slot->hint_len > 0)
        memcpy(slot->hint, event->bytes.data, slot->hint_len);
}

VOID netx_watch(VOID *context, NX_SECURE_DTLS_SESSION *session, const dtls_event *event, UINT expired) {
    struct netx_device *device = context;
    struct netx_slot *slot =
        device->server != NULL ? netx_server_slot_of(device, session) : netx_client_slot(device, session);

    if (slot == NULL || slot->reported == NULL)
        return;
    switch (event->kind) {
    case DTLS_EVENT_ALERT_RECEIVED:
        adapter_alert_received(slot->reported, event->alert_level, event->alert);
        break;
    case DTLS_EVENT_ALERT_SENT:
        adapter_alert_sent(slot->reported, event->alert_level, event->alert);
        break;
    case DTLS_EVENT_RETRANSMITTED:
        if (expired)
            adapter_repeated(slot->reported);
        break;
    case DTLS_EVENT_KEY_LOG:
        adapter_libdtls_keylog(slot->reported, event->bytes);
        break;
    case DTLS_EVENT_LOOK_UP_PSK:
        if (device->server == NULL)
            keep_hint(slot, event);
        break;
    case DTLS_EVENT_FAILED:
        adapter_libdtls_failure(nx_host_dtls_connection(session), slot->why, sizeof slot->why);
        break;
    default:
        break;
    }
}

void netx_report_connected(struct netx_slot *slot) {
    const dtls_connection *connection = nx_host_dtls_connection(slot->session);
    const dtls_connection_info *info = dtls_connection_get_info(connection);

    if (slot->reported == NULL || info == NULL)
        return;
    struct dtlslab_session_info *described = &((struct netx_session *)slot->reported->tls)->described;
    adapter_libdtls_describe(connection, described);
    adapter_tell_hint(described, slot->hint, slot->hint_len);
    adapter_connected(slot->reported, info->version, info->cipher_suite, info->group, info->resumed);
}

void netx_report_packet(struct netx_slot *slot, NX_PACKET *packet) {
    struct netx_device *device = netx_device_of(slot->endpoint);
    ULONG len = 0;

    if (slot->reported != NULL && packet->nx_packet_length <= sizeof device->received &&
        nx_packet_data_retrieve(packet, device->received, &len) == NX_SUCCESS) {
        adapter_put_data(slot->reported, device->received, len);
    }
    nx_packet_release(packet);
}

UINT netx_report_data(struct netx_slot *slot) {
    NX_PACKET *packet;
    UINT status;

    while ((status = nx_secure_dtls_session_receive(slot->session, &packet, NX_NO_WAIT)) == NX_SUCCESS)
        netx_report_packet(slot, packet);
    return status;
}

void netx_report_end(struct netx_slot *slot, const char *service, UINT code) {
    char text[DTLSLAB_MAX_TEXT + sizeof SERVICE_PREFIX + 64];

    if (slot->reported == NULL)
        return;
    if (code == NX_SECURE_TLS_CLOSE_NOTIFY_RECEIVED) {
        adapter_closed(slot->reported);
        return;
    }
    snprintf(text, sizeof text, SERVICE_PREFIX "%s: %s (0x%02x)%s%s", service, netx_code_name(code), code,
             *slot->why != '\0' ? "; " : "", slot->why);
    adapter_failed(slot->reported, text);
}

void netx_report_detach(struct netx_slot *slot) {
    if (slot->reported != NULL && slot->reported->tls != NULL)
        ((struct netx_session *)slot->reported->tls)->slot = NULL;
    slot->reported = NULL;
}
