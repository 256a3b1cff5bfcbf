/* SPDX-License-Identifier: MIT
 *
 * What is seen of the program's sessions, told to the laboratory.
 */
#include <stdlib.h>

#include "device.h"
#include "libdtls_report.h"

static struct device_session *find(const struct device *device, const NX_SECURE_DTLS_SESSION *session) {
    struct device_session *own = device->sessions;

    while (own != NULL && own->session != session)
        own = own->next;
    return own;
}

struct device_session *device_promised(const struct device *device) {
    struct device_session *own = device->sessions;

    while (own != NULL && (own->session != NULL || own->reported->state != ADAPTER_HANDSHAKING))
        own = own->next;
    return own;
}

/* A client's first session is the one that `connect` has promised. */
static VOID begun(VOID *context, NX_SECURE_DTLS_SESSION *session) {
    struct device *device = context;
    struct device_session *own = device_promised(device);

    device_meet(device, session);
    if (own == NULL) {
        struct adapter_session *reported =
            adapter_session_begin(device->endpoint, device_path_of(device, session));
        own = reported != NULL ? reported->tls : NULL;
    }
    if (own != NULL)
        own->session = session;
}

/* --- Events. --- */

static void put_connected(struct device_session *own) {
    const dtls_connection *connection = nx_host_dtls_connection(own->session);
    const dtls_connection_info *info = dtls_connection_get_info(connection);

    adapter_libdtls_describe(connection, &own->described);
    adapter_tell_hint(&own->described, own->hint, own->hint_len);
    adapter_connected(own->reported, info->version, info->cipher_suite, info->group, info->resumed);
}

static void put_failed(const struct device_session *own) {
    char text[DTLSLAB_MAX_TEXT] = "the connection has failed";

    adapter_libdtls_failure(nx_host_dtls_connection(own->session), text, sizeof text);
    adapter_failed(own->reported, text);
}

static void put_alert(struct device_session *own, const dtls_event *event) {
    if (event->kind == DTLS_EVENT_ALERT_RECEIVED) {
        adapter_alert_received(own->reported, event->alert_level, event->alert);
    } else {
        own->closing |= event->alert == DTLS_ALERT_CLOSE_NOTIFY;
        adapter_alert_sent(own->reported, event->alert_level, event->alert);
    }
}

static void keep_hint(struct device_session *own, const dtls_event *event) {
    const int is_client = own->reported->endpoint->role == DTLSLAB_CLIENT;

    own->hint_len = is_client && event->bytes.len <= sizeof own->hint ? event->bytes.len : 0;
    if (own->hint_len > 0)
        memcpy(own->hint, event->bytes.data, own->hint_len);
}

static VOID watch(VOID *context, NX_SECURE_DTLS_SESSION *session, const dtls_event *event, UINT expired) {
    struct device_session *own = find(context, session);

    if (own == NULL)
        return;
    switch (event->kind) {
    case DTLS_EVENT_CONNECTED:
        put_connected(own);
        break;
    case DTLS_EVENT_PEER_CLOSED:
        adapter_closed(own->reported);
        break;
    case DTLS_EVENT_FAILED:
        put_failed(own);
        break;
    case DTLS_EVENT_ALERT_RECEIVED:
    case DTLS_EVENT_ALERT_SENT:
        put_alert(own, event);
        break;
    case DTLS_EVENT_RETRANSMITTED:
        if (expired)
            adapter_repeated(own->reported);
        break;
    case DTLS_EVENT_KEY_LOG:
        adapter_libdtls_keylog(own->reported, event->bytes);
        break;
    case DTLS_EVENT_LOOK_UP_PSK:
        keep_hint(own, event);
        break;
    default:
        break;
    }
}

static VOID received(VOID *context, NX_SECURE_DTLS_SESSION *session, const UCHAR *data, size_t len) {
    const struct device_session *own = find(context, session);

    if (own != NULL)
        adapter_put_data(own->reported, data, len);
}

/* --- The end. --- */

static VOID over(VOID *context, NX_SECURE_DTLS_SESSION *session) {
    const struct device *device = context;
    struct device_session *own = find(device, session);

    if (own == NULL)
        return;
    own->session = NULL;
    if (device->ending || own->reported->state == ADAPTER_CLOSED || own->reported->state == ADAPTER_FAILED)
        return;
    if (own->closing)
        adapter_closed(own->reported);
    else if (own->reported->state == ADAPTER_CONNECTED)
        adapter_failed(own->reported, "the program has dropped the session without close_notify");
    else
        adapter_failed(own->reported, "the program has given the handshake up");
}

void device_observe(struct device *device) {
    device->observer = (nx_host_dtls_observer){
        .context = device, .begun = begun, .event = watch, .received = received, .over = over};
    nx_host_dtls_observer_set(&device->observer);
}

/* A connection has memory of libcrypto. */
void device_end_sessions(struct device *device) {
    device->ending = 1;
    for (struct device_session *own = device->sessions; own != NULL; own = own->next) {
        if (own->session != NULL)
            (void)nx_secure_dtls_session_reset(own->session);
    }
}
