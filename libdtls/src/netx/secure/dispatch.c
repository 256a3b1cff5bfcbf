/* SPDX-License-Identifier: MIT
 *
 * A server's datagrams, in the IP thread: strangers are asked for a cookie
 * before anything is kept of them (RFC 6347 section 4.2.1), everything else goes
 * to its session.
 */
#include "netx/secure/session.h"

#define COOKIE_SECRET_NS                                                                                     \
    UINT64_C(60000000000) /* how long a secret makes cookies; they are good for twice that */

static NX_SECURE_DTLS_SESSION *slot_of_peer(NX_SECURE_DTLS_SERVER *server, NX_PACKET *packet) {
    const net_packet *from = netx_packet_of(packet);
    for (UINT i = 0; i < server->nx_dtls_server_sessions_count; i++) {
        NX_SECURE_DTLS_SESSION *session = &server->nx_dtls_server_sessions[i];
        if (netx_is_slot_of(server, session) && session->nx_secure_dtls_session_in_use != NX_FALSE &&
            !netx_session_of(session)->superseded &&
            session->nx_secure_dtls_remote_port == from->source_port &&
            netx_same_address(&session->nx_secure_dtls_remote_ip_address, &from->source))
            return session;
    }
    return NULL;
}

static NX_SECURE_DTLS_SESSION *free_slot(NX_SECURE_DTLS_SERVER *server) {
    for (UINT i = 0; i < server->nx_dtls_server_sessions_count; i++) {
        NX_SECURE_DTLS_SESSION *session = &server->nx_dtls_server_sessions[i];
        if (netx_is_slot_of(server, session) && session->nx_secure_dtls_session_in_use == NX_FALSE)
            return session;
    }
    return NULL;
}

/* --- The cookie exchange. --- */

static void renew_secret(secure_server *own) {
    uint64_t age_ns = tx_host_now() - own->cookie_secret_made_ns;
    if (age_ns < COOKIE_SECRET_NS)
        return;
    uint8_t fresh[sizeof own->cookie_secret.current];
    if (!netx_make_cookie_secret(fresh))
        return;
    /* After a long silence the current one is too old as well. */
    bool late = age_ns >= 2 * COOKIE_SECRET_NS;
    memcpy(own->cookie_secret.previous, late ? fresh : own->cookie_secret.current, sizeof fresh);
    memcpy(own->cookie_secret.current, fresh, sizeof fresh);
    explicit_bzero(fresh, sizeof fresh);
    own->cookie_secret_made_ns += late ? age_ns : COOKIE_SECRET_NS;
}

static bool has_cookie(NX_SECURE_DTLS_SERVER *server, NX_PACKET *packet, dtls_cookie_state *out_state) {
    secure_server *own = netx_server_of(server);
    renew_secret(own);
    return netx_has_cookie(&server->nx_dtls_server_udp_socket, &own->cookie_secret, packet, out_state);
}

/* --- New sessions. --- */

static void refuse(NX_SECURE_DTLS_SERVER *server, NX_PACKET *packet, const dtls_cookie_state *cookie) {
    /* An alert in the clear, epoch 0, behind the records of the cookie exchange: internal_error. */
    UCHAR alert[] = {NX_SECURE_TLS_ALERT,      0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2,
                     DTLS_ALERT_INTERNAL_ERROR};
    for (int i = 0; i < 6; i++)
        alert[10 - i] = (UCHAR)(cookie->record_sequence >> (8 * i));
    netx_answer_stranger(&server->nx_dtls_server_udp_socket, packet, alert, sizeof alert);
    if (server->nx_secure_dtls_error_notify != NULL)
        (void)server->nx_secure_dtls_error_notify(NULL, NX_SECURE_TLS_NO_FREE_DTLS_SESSIONS);
}

static void take_client(NX_SECURE_DTLS_SERVER *server, NX_PACKET *packet, const dtls_cookie_state *cookie) {
    NX_SECURE_DTLS_SESSION *session = free_slot(server);
    if (session == NULL) {
        refuse(server, packet, cookie);
        netx_discard(packet);
        return;
    }
    secure_session *own = netx_session_of(session);
    NXD_ADDRESS address = netx_packet_of(packet)->source;
    UINT port = netx_packet_of(packet)->source_port;
    session->nx_secure_dtls_session_in_use = NX_TRUE;
    session->nx_secure_dtls_udp_socket = &server->nx_dtls_server_udp_socket;
    session->nx_secure_dtls_local_port = server->nx_dtls_server_udp_socket.nx_udp_socket_port;
    session->nx_secure_dtls_remote_ip_address = address;
    session->nx_secure_dtls_remote_port = port;
    own->state = SESSION_PARKED;
    own->cookie = *cookie;
    own->heard = true;
    memcpy(own->client_random, netx_hello_random(packet), sizeof own->client_random);
    netx_queue_append(&own->parked, packet);
    if (server->nx_secure_dtls_connect_notify != NULL)
        (void)server->nx_secure_dtls_connect_notify(session, &address, port);
}

/* --- Sessions that are there. --- */

static void tell(NX_SECURE_DTLS_SESSION *session, UINT had, bool was_closed, session_state was) {
    const NX_SECURE_DTLS_SERVER *server = session->nx_secure_dtls_server_parent;
    secure_session *own = netx_session_of(session);
    ULONG64 generation = own->generation;
    /* A thread that has just completed the handshake, or is about to, tells of early data itself. */
    if (own->plaintext.num > had && !own->starting && server->nx_secure_dtls_receive_notify != NULL)
        (void)server->nx_secure_dtls_receive_notify(session);
    if (own->generation != generation)
        return;
    if (own->closed && !was_closed && server->nx_secure_dtls_disconnect_notify != NULL)
        (void)server->nx_secure_dtls_disconnect_notify(session);
    if (own->generation != generation)
        return;
    if (own->state == SESSION_FAILED && was != SESSION_FAILED && !own->starting &&
        server->nx_secure_dtls_error_notify != NULL)
        (void)server->nx_secure_dtls_error_notify(session, own->ending);
}

static void feed(NX_SECURE_DTLS_SESSION *session, NX_PACKET *packet) {
    secure_session *own = netx_session_of(session);
    if (own->state == SESSION_PARKED && netx_engine_may_keep(session, own->parked.num, MAX_PARKED)) {
        netx_queue_append(&own->parked, packet);
        return;
    }
    if (own->state != SESSION_HANDSHAKE && own->state != SESSION_ESTABLISHED) {
        netx_discard(packet);
        return;
    }
    ULONG64 generation = own->generation;
    session_state was = own->state;
    bool was_closed = own->closed;
    UINT had = own->plaintext.num;
    if (netx_engine_receive(session, packet) && own->generation == generation)
        netx_engine_flush(session);
    if (own->generation != generation)
        return;
    if (own->plaintext.num > had || own->closed != was_closed || own->state != was)
        netx_kernel_wake(&own->waiters, KERNEL_WOKEN);
    tell(session, had, was_closed, was);
}

/* The client has lost its session, and begins anew from the same address (RFC 6347 section 4.2.8): it has
 * shown a cookie, so the old session is over. */
static void supersede(NX_SECURE_DTLS_SESSION *session) {
    secure_session *own = netx_session_of(session);
    session_state was = own->state;
    bool was_closed = own->closed || was != SESSION_ESTABLISHED;
    own->superseded = true;
    netx_engine_close(session);
    own->ending = NX_SECURE_TLS_CLOSE_NOTIFY_RECEIVED;
    own->closed = true;
    if (was != SESSION_ESTABLISHED)
        own->state = SESSION_FAILED;
    netx_kernel_wake(&own->waiters, KERNEL_WOKEN);
    tell(session, own->plaintext.num, was_closed, was);
}

/* Whether it is the session's, be it a hello that comes again. */
static bool is_for(NX_SECURE_DTLS_SESSION *session, const NX_PACKET *packet) {
    const UCHAR *random = netx_hello_random(packet);
    return random == NULL || memcmp(netx_session_of(session)->client_random, random, HELLO_RANDOM_LEN) == 0;
}

static void dispatch(NX_SECURE_DTLS_SERVER *server, NX_PACKET *packet) {
    dtls_cookie_state cookie;
    NX_SECURE_DTLS_SESSION *session = slot_of_peer(server, packet);
    if (session != NULL && is_for(session, packet)) {
        feed(session, packet);
        return;
    }
    if (!has_cookie(server, packet, &cookie)) {
        netx_discard(packet);
        return;
    }
    if (session != NULL)
        supersede(session);
    if (netx_server_of(server)->started)
        take_client(server, packet, &cookie);
    else
        netx_discard(packet);
}

VOID netx_server_dispatch(NX_UDP_SOCKET *socket) {
    NX_SECURE_DTLS_SERVER *server = socket->nx_udp_socket_reserved_ptr;
    NX_PACKET *packet;
    while (netx_server_is_created(server) && netx_server_of(server)->started &&
           (packet = netx_udp_take(socket)) != NULL)
        dispatch(server, packet);
}
