/* SPDX-License-Identifier: MIT */
#include "netx/secure/session.h"

session_watch *netx_session_watch_of(NX_SECURE_DTLS_SESSION *session) {
    if (session->nx_secure_dtls_server_parent != NULL)
        return &netx_server_of(session->nx_secure_dtls_server_parent)->watch;
    return &netx_session_of(session)->watch;
}

UINT nx_host_dtls_session_watch_set(NX_SECURE_DTLS_SESSION *session_ptr, nx_host_dtls_watch watch,
                                    VOID *context) {
    if (!netx_session_is_created(session_ptr))
        return NX_PTR_ERROR;
    netx_session_of(session_ptr)->watch = (session_watch){.watch = watch, .context = context};
    return NX_SUCCESS;
}

UINT nx_host_dtls_server_watch_set(NX_SECURE_DTLS_SERVER *server_ptr, nx_host_dtls_watch watch,
                                   VOID *context) {
    if (!netx_server_is_created(server_ptr))
        return NX_PTR_ERROR;
    netx_server_of(server_ptr)->watch = (session_watch){.watch = watch, .context = context};
    return NX_SUCCESS;
}

VOID nx_host_dtls_observer_set(const nx_host_dtls_observer *observer) {
    netx_kernel_used()->observer = observer;
}

const dtls_connection *nx_host_dtls_connection(NX_SECURE_DTLS_SESSION *session_ptr) {
    return netx_session_is_created(session_ptr) ? netx_session_of(session_ptr)->connection : NULL;
}
