/* SPDX-License-Identifier: MIT
 *
 * How services wait for a session.
 */
#include "netx/secure/session.h"

static kernel_waiters *waiters_of(NX_SECURE_DTLS_SESSION *session) {
    secure_session *own = netx_session_of(session);
    if (session->nx_secure_dtls_server_parent == NULL)
        return &netx_socket_of(session->nx_secure_dtls_udp_socket)->receivers;
    return &own->waiters;
}

/* The thread that waited has been terminated: another may wait. */
static void abandon(void *what) {
    NX_SECURE_DTLS_SESSION *session = what;
    session->nx_secure_dtls_thread_suspended = NULL;
}

/* When a stranger has had time enough to show its cookie. */
static uint64_t patience_of(NX_SECURE_DTLS_SESSION *session) {
    uint64_t limit_ns = netx_server_of(session->nx_secure_dtls_server_parent)->idle_limit_ns;
    uint64_t since_ns = netx_session_of(session)->since_ns;
    return limit_ns == TX_HOST_NEVER ? TX_HOST_NEVER : since_ns + limit_ns;
}

static uint64_t deadline_of(NX_SECURE_DTLS_SESSION *session) {
    if (netx_session_of(session)->state == SESSION_STRANGER)
        return patience_of(session);
    return netx_engine_deadline(session);
}

kernel_woken netx_session_wait(NX_SECURE_DTLS_SESSION *session, uint64_t deadline_ns) {
    secure_session *own = netx_session_of(session);
    ULONG64 generation = own->generation;
    uint64_t due_ns = deadline_of(session);
    session->nx_secure_dtls_thread_suspended = netx_kernel_self();
    netx_kernel_wait_is_for(session, abandon);
    kernel_woken woken =
        netx_kernel_wait(waiters_of(session), due_ns < deadline_ns ? due_ns : deadline_ns, TX_TCP_IP);
    netx_kernel_wait_is_for(NULL, NULL);
    if (woken == KERNEL_RESET)
        return KERNEL_RESET;
    session->nx_secure_dtls_thread_suspended = NULL;
    /* What has come in time is taken before a flight is repeated for its lack. */
    if (woken == KERNEL_TIMED_OUT)
        netx_session_take_in(session);
    if (own->generation != generation)
        return KERNEL_RESET;
    if (woken == KERNEL_TIMED_OUT && tx_host_now() < deadline_ns)
        woken = KERNEL_WOKEN; /* a flight is due, not the caller */
    netx_engine_timeout(session);
    return own->generation != generation ? KERNEL_RESET : woken;
}

kernel_woken netx_session_give_way(NX_SECURE_DTLS_SESSION *session) {
    session->nx_secure_dtls_thread_suspended = netx_kernel_self();
    netx_kernel_wait_is_for(session, abandon);
    kernel_woken woken = netx_kernel_give_way();
    netx_kernel_wait_is_for(NULL, NULL);
    if (woken != KERNEL_RESET)
        session->nx_secure_dtls_thread_suspended = NULL;
    return woken;
}

static bool is_from_peer(NX_SECURE_DTLS_SESSION *session, NX_PACKET *packet) {
    return netx_packet_of(packet)->source_port == session->nx_secure_dtls_remote_port &&
           netx_same_address(&netx_packet_of(packet)->source, &session->nx_secure_dtls_remote_ip_address);
}

NETX_HOT void netx_session_take_in(NX_SECURE_DTLS_SESSION *session) {
    secure_session *own = netx_session_of(session);
    ULONG64 generation = own->generation;
    NX_PACKET *packet;
    if (session->nx_secure_dtls_server_parent != NULL)
        return; /* its IP thread does so */
    while (own->generation == generation && own->connection != NULL && netx_session_is_bound(session) &&
           (packet = netx_udp_take(session->nx_secure_dtls_udp_socket)) != NULL) {
        if (!is_from_peer(session, packet)) {
            netx_discard(packet);
            continue;
        }
        netx_engine_receive(session, packet);
        if (own->generation == generation)
            netx_engine_flush(session);
    }
}

/* The handshake is over before its end. */
static UINT give_up(NX_SECURE_DTLS_SESSION *session, UINT code) {
    secure_session *own = netx_session_of(session);
    netx_engine_close(session);
    own->state = SESSION_FAILED;
    own->ending = code;
    return code;
}

/* What the end of a wait means: a client says whether there is a server at all. */
static UINT silence(const secure_session *own) {
    return own->is_client && !own->heard ? NX_NOT_CONNECTED : NX_NO_PACKET;
}

UINT netx_session_finish_handshake(NX_SECURE_DTLS_SESSION *session, ULONG wait_option, uint64_t deadline_ns) {
    secure_session *own = netx_session_of(session);
    ULONG64 generation = own->generation;
    kernel_woken woken = KERNEL_WOKEN;
    for (;;) {
        netx_session_take_in(session);
        /* A program that does not wait looks in like this, and flights that are due are still repeated. */
        if (own->generation == generation)
            netx_engine_timeout(session);
        if (own->generation != generation)
            return NX_SECURE_TLS_SESSION_UNINITIALIZED;
        if (own->state == SESSION_ESTABLISHED)
            return NX_SUCCESS;
        if (own->state == SESSION_FAILED)
            return own->ending == NX_NO_PACKET ? silence(own) : own->ending;
        if (!netx_session_is_bound(session))
            return give_up(session, NX_NOT_BOUND);
        if (wait_option == NX_NO_WAIT)
            return silence(own);
        if (woken == KERNEL_ABORTED || tx_host_now() >= deadline_ns ||
            (own->state == SESSION_STRANGER && tx_host_now() >= patience_of(session)))
            return give_up(session, silence(own));
        woken = netx_session_wait(session, deadline_ns);
        if (woken == KERNEL_RESET)
            return NX_SECURE_TLS_SESSION_UNINITIALIZED;
    }
}
