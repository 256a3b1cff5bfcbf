/* SPDX-License-Identifier: MIT
 *
 * What a server does with clients that have shown nothing yet (nx_secure_host.h).
 */
#include "netx/secure/session.h"

UINT nx_host_dtls_server_connect_notify_first_set(NX_SECURE_DTLS_SERVER *server_ptr, UINT first) {
    NETX_SERVICE;
    if (!netx_server_is_created(server_ptr))
        return NX_PTR_ERROR;
    netx_server_of(server_ptr)->notifies_first = first != NX_FALSE;
    return NX_SUCCESS;
}

UINT nx_host_dtls_server_start_notify_first(NX_SECURE_DTLS_SERVER *server_ptr) {
    NETX_SERVICE;
    (void)nx_host_dtls_server_connect_notify_first_set(server_ptr, NX_TRUE);
    return _nxe_secure_dtls_server_start(server_ptr);
}

UINT nx_host_dtls_server_idle_limit_set(NX_SECURE_DTLS_SERVER *server_ptr, ULONG ticks) {
    NETX_SERVICE;
    if (!netx_server_is_created(server_ptr))
        return NX_PTR_ERROR;
    if (ticks == 0)
        return NX_INVALID_PARAMETERS;
    netx_server_of(server_ptr)->idle_limit_ns =
        ticks == NX_WAIT_FOREVER ? TX_HOST_NEVER : ticks * KERNEL_TICK_NS;
    return NX_SUCCESS;
}
