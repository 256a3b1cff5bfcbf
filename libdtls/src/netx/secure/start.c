/* SPDX-License-Identifier: MIT
 *
 * Handshakes.
 */
#include "netx/secure/session.h"

static bool is_peer(const NX_SECURE_DTLS_SESSION *session, const NXD_ADDRESS *address, UINT port) {
    return session->nx_secure_dtls_remote_port == port &&
           netx_same_address(&session->nx_secure_dtls_remote_ip_address, address);
}

static UINT begin_as_client(NX_SECURE_DTLS_SESSION *session, NX_UDP_SOCKET *socket,
                            const NXD_ADDRESS *address, UINT port) {
    netx_session_reset(session);
    session->nx_secure_dtls_udp_socket = socket;
    session->nx_secure_dtls_local_port = socket->nx_udp_socket_port;
    session->nx_secure_dtls_remote_ip_address = *address;
    session->nx_secure_dtls_remote_port = port;
    session->nx_secure_dtls_session_in_use = NX_TRUE;
    UINT status = netx_engine_open(session, true);
    if (status == NX_SUCCESS)
        netx_engine_flush(session);
    else
        netx_session_reset(session);
    return status;
}

UINT _nx_secure_dtls_client_session_start(NX_SECURE_DTLS_SESSION *dtls_session, NX_UDP_SOCKET *udp_socket,
                                          NXD_ADDRESS *ip_address, UINT port, UINT wait_option) {
    NETX_SERVICE;
    secure_session *own = netx_session_of(dtls_session);
    if (!netx_is_address(ip_address))
        return NX_IP_ADDRESS_ERROR;
    if (port == 0 || port > NX_MAX_PORT)
        return NX_INVALID_PORT;
    if (udp_socket->nx_udp_socket_port == 0)
        return NX_NOT_BOUND;
    if (own->state == SESSION_ESTABLISHED)
        return NX_NOT_SUCCESSFUL;
    if (dtls_session->nx_secure_dtls_thread_suspended != NULL)
        return NX_ALREADY_SUSPENDED;
    NXD_ADDRESS address = *ip_address;
    UINT answer = NX_SUCCESS;
    if (own->state != SESSION_HANDSHAKE || !own->is_client ||
        dtls_session->nx_secure_dtls_udp_socket != udp_socket || !is_peer(dtls_session, &address, port))
        answer = begin_as_client(dtls_session, udp_socket, &address, port);
    if (answer == NX_SUCCESS)
        answer = netx_session_finish_handshake(dtls_session, wait_option, netx_kernel_deadline(wait_option));
    return answer;
}

/* Gives the connection what came while the program had not answered `connect_notify`. */
static void take_parked(NX_SECURE_DTLS_SESSION *session) {
    secure_session *own = netx_session_of(session);
    ULONG64 generation = own->generation;
    NX_PACKET *packet;
    /* Before one is in hand, which nobody would have if the thread is terminated there. */
    if (!netx_session_read_calendar(session))
        return;
    while (own->generation == generation && (packet = netx_queue_take(&own->parked)) != NULL)
        netx_engine_take(session, packet);
    if (own->generation == generation)
        netx_engine_flush(session);
}

/* Tells once more what came before the program could know of the session (the IP thread was silent). */
static void tell_of_early_data(NX_SECURE_DTLS_SESSION *session) {
    const NX_SECURE_DTLS_SERVER *server = session->nx_secure_dtls_server_parent;
    if (netx_session_of(session)->plaintext.num > 0 && server->nx_secure_dtls_receive_notify != NULL)
        (void)server->nx_secure_dtls_receive_notify(session);
}

UINT netx_server_begin(NX_SECURE_DTLS_SESSION *session) {
    UINT status = netx_engine_open(session, false);
    if (status != NX_SUCCESS)
        return status;
    netx_session_of(session)->since_ns = tx_host_now();
    take_parked(session);
    return NX_SUCCESS;
}

/* Begins the handshake, or sees to it that it begins with the cookie. */
static UINT begin_as_server(NX_SECURE_DTLS_SESSION *session) {
    secure_session *own = netx_session_of(session);
    if (own->state == SESSION_PARKED)
        return netx_server_begin(session);
    if (own->state == SESSION_STRANGER) {
        own->asked = true;
        own->since_ns = tx_host_now();
    }
    return NX_SUCCESS;
}

/* The thread has been terminated: another may start it, and a client that does not go on is idle. */
static void abandon_start(kernel_task *task) {
    secure_session *own = (secure_session *)(void *)((UCHAR *)task - offsetof(secure_session, start));
    own->starting = false;
}

UINT _nx_secure_dtls_server_session_start(NX_SECURE_DTLS_SESSION *session_ptr, UINT wait_option) {
    NETX_SERVICE;
    secure_session *own = netx_session_of(session_ptr);
    if (own->state == SESSION_ESTABLISHED)
        return NX_NOT_SUCCESSFUL;
    if (own->state == SESSION_IDLE || session_ptr->nx_secure_dtls_server_parent == NULL)
        return NX_SECURE_TLS_SESSION_UNINITIALIZED;
    if (session_ptr->nx_secure_dtls_thread_suspended != NULL)
        return NX_ALREADY_SUSPENDED;
    ULONG64 generation = own->generation;
    uint64_t deadline_ns = netx_kernel_deadline(wait_option);
    /* Until it has answered, it alone tells what becomes of the handshake. */
    own->starting = true;
    netx_kernel_begin_task(&own->start, abandon_start);
    UINT answer = begin_as_server(session_ptr);
    if (own->generation != generation)
        answer = NX_SECURE_TLS_SESSION_UNINITIALIZED;
    else if (answer == NX_SUCCESS)
        answer = netx_session_finish_handshake(session_ptr, wait_option, deadline_ns);
    if (answer != NX_SECURE_TLS_SESSION_UNINITIALIZED) {
        own->starting = false;
        netx_kernel_end_task(&own->start);
    }
    if (answer == NX_SUCCESS)
        tell_of_early_data(session_ptr);
    return answer;
}

static bool make_secret_once(secure_session *own) {
    if (!own->has_cookie_secret)
        own->has_cookie_secret = netx_make_cookie_secret(own->cookie_secret.current);
    memcpy(own->cookie_secret.previous, own->cookie_secret.current, sizeof own->cookie_secret.previous);
    return own->has_cookie_secret;
}

/* The first hello with a cookie. NX_SECURE_TLS_SESSION_UNINITIALIZED: the session is another meanwhile. */
static UINT receive_hello(NX_SECURE_DTLS_SESSION *session, NX_UDP_SOCKET *socket, uint64_t deadline_ns,
                          NX_PACKET **out_packet, dtls_cookie_state *out_cookie) {
    const secure_session *own = netx_session_of(session);
    kernel_woken woken = KERNEL_WOKEN;
    session->nx_secure_dtls_udp_socket = socket;
    for (;;) {
        while (_nx_udp_socket_receive(socket, out_packet, NX_NO_WAIT) == NX_SUCCESS) {
            if (netx_has_cookie(socket, &own->cookie_secret, *out_packet, out_cookie))
                return NX_SUCCESS;
            _nx_packet_release(out_packet);
        }
        if (!netx_session_is_bound(session))
            return NX_NOT_BOUND;
        if (woken == KERNEL_ABORTED || tx_host_now() >= deadline_ns)
            return NX_NO_PACKET;
        woken = netx_session_wait(session, deadline_ns);
        if (woken == KERNEL_RESET)
            return NX_SECURE_TLS_SESSION_UNINITIALIZED;
    }
}

/* A server of one session, without the services for servers: the first client on the socket is its peer. */
static UINT wait_for_client(NX_SECURE_DTLS_SESSION *session, NX_UDP_SOCKET *socket, uint64_t deadline_ns) {
    secure_session *own = netx_session_of(session);
    NX_PACKET *packet;
    dtls_cookie_state cookie;
    if (!make_secret_once(own))
        return NX_SECURE_TLS_MISSING_CRYPTO_ROUTINE;
    UINT status = receive_hello(session, socket, deadline_ns, &packet, &cookie);
    if (status != NX_SUCCESS && status != NX_SECURE_TLS_SESSION_UNINITIALIZED)
        session->nx_secure_dtls_udp_socket = NULL;
    if (status != NX_SUCCESS)
        return status;
    netx_session_reset(session);
    session->nx_secure_dtls_udp_socket = socket;
    session->nx_secure_dtls_local_port = socket->nx_udp_socket_port;
    session->nx_secure_dtls_remote_ip_address = netx_packet_of(packet)->source;
    session->nx_secure_dtls_remote_port = netx_packet_of(packet)->source_port;
    session->nx_secure_dtls_session_in_use = NX_TRUE;
    own->local = netx_packet_of(packet)->local;
    own->cookie = cookie;
    status = netx_engine_open(session, false);
    if (status != NX_SUCCESS) {
        netx_session_reset(session);
        netx_discard(packet);
        return status;
    }
    netx_engine_receive(session, packet);
    netx_engine_flush(session);
    return NX_SUCCESS;
}

UINT _nx_secure_dtls_session_start(NX_SECURE_DTLS_SESSION *dtls_session, NX_UDP_SOCKET *udp_socket,
                                   UINT is_client, UINT wait_option) {
    NETX_SERVICE;
    secure_session *own = netx_session_of(dtls_session);
    if (is_client != 0) {
        NXD_ADDRESS address = dtls_session->nx_secure_dtls_remote_ip_address;
        return _nx_secure_dtls_client_session_start(dtls_session, udp_socket, &address,
                                                    dtls_session->nx_secure_dtls_remote_port, wait_option);
    }
    if (own->state == SESSION_ESTABLISHED)
        return NX_NOT_SUCCESSFUL;
    if (dtls_session->nx_secure_dtls_thread_suspended != NULL)
        return NX_ALREADY_SUSPENDED;
    uint64_t deadline_ns = netx_kernel_deadline(wait_option);
    UINT answer = NX_SUCCESS;
    if (own->state != SESSION_HANDSHAKE)
        answer = wait_for_client(dtls_session, udp_socket, deadline_ns);
    if (answer == NX_SUCCESS)
        answer = netx_session_finish_handshake(dtls_session, wait_option, deadline_ns);
    return answer;
}
