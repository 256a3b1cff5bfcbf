/* SPDX-License-Identifier: MIT */
#include "netx/secure/session.h"

/* Drops what comes until the peer has closed too, or the wait ends. NX_SECURE_TLS_SESSION_UNINITIALIZED:
 * somebody else has reset the session, or deleted it. */
static UINT wait_for_close(NX_SECURE_DTLS_SESSION *session, ULONG wait_option) {
    secure_session *own = netx_session_of(session);
    ULONG64 generation = own->generation;
    uint64_t deadline_ns = netx_kernel_deadline(wait_option);
    for (;;) {
        netx_session_take_in(session);
        if (own->generation != generation)
            return NX_SECURE_TLS_SESSION_UNINITIALIZED;
        netx_queue_release(&own->plaintext);
        if (own->closed)
            return NX_SUCCESS;
        if (tx_host_now() >= deadline_ns)
            return NX_NO_PACKET;
        kernel_woken woken = netx_session_wait(session, deadline_ns);
        if (woken == KERNEL_RESET)
            return NX_SECURE_TLS_SESSION_UNINITIALIZED;
        if (woken == KERNEL_ABORTED)
            return NX_WAIT_ABORTED;
    }
}

/* The peer's is waited for, or, without a wait, taken if it comes at once: it would stay in the program's
 * socket. */
static UINT take_close(NX_SECURE_DTLS_SESSION *session, ULONG wait_option) {
    if (wait_option != NX_NO_WAIT)
        return wait_for_close(session, wait_option);
    if (netx_session_give_way(session) == KERNEL_RESET)
        return NX_SECURE_TLS_SESSION_UNINITIALIZED;
    netx_session_take_in(session);
    return NX_SUCCESS;
}

/* Ours goes out in a packet of the IP instance's pool. */
static UINT send_close(NX_SECURE_DTLS_SESSION *session) {
    secure_session *own = netx_session_of(session);
    NX_UDP_SOCKET *socket = session->nx_secure_dtls_udp_socket;
    if (!netx_is_socket(socket) || socket->nx_udp_socket_port == 0)
        return NX_SECURE_TLS_TCP_SEND_FAILED;
    bool empty = socket->nx_udp_socket_ip_ptr->nx_ip_default_packet_pool->nx_packet_pool_available == 0;
    dtls_close(own->connection, netx_session_now(session));
    netx_engine_flush(session);
    return empty ? NX_SECURE_TLS_ALLOCATE_PACKET_FAILED : NX_SUCCESS;
}

UINT _nx_secure_dtls_session_end(NX_SECURE_DTLS_SESSION *dtls_session, UINT wait_option) {
    NETX_SERVICE;
    secure_session *own = netx_session_of(dtls_session);
    UINT answer = NX_SUCCESS;
    if (own->state == SESSION_ESTABLISHED && !own->superseded) {
        ULONG64 generation = own->generation;
        /* What has come already may be the peer's close_notify. */
        netx_session_take_in(dtls_session);
        if (own->generation == generation && !own->closed)
            answer = send_close(dtls_session);
        if (answer == NX_SUCCESS && own->generation == generation && !own->closed &&
            dtls_session->nx_secure_dtls_thread_suspended == NULL)
            answer = take_close(dtls_session, wait_option);
        if (answer == NX_SECURE_TLS_SESSION_UNINITIALIZED)
            answer = NX_SUCCESS; /* it is reset */
        else if (own->generation == generation)
            netx_session_reset(dtls_session);
    } else {
        netx_session_reset(dtls_session);
    }
    return answer;
}
