/* SPDX-License-Identifier: MIT
 *
 * A server's datagrams, in the IP thread: each goes to its session, or to where
 * clients arrive.
 */
#include "handshake/connection.h"
#include "netx/secure/session.h"

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

NETX_HOT static void tell(NX_SECURE_DTLS_SESSION *session, UINT had, bool was_closed, session_state was) {
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

/* How many messages of its handshake the connection has taken: anyone can send what is none in the peer's
 * name. */
static UINT num_taken(const secure_session *own) {
    const bool over = own->connection == NULL || own->connection->handshake == NULL;
    return over ? 0 : own->connection->handshake->reassembly.next_seq;
}

NETX_HOT static void feed(NX_SECURE_DTLS_SESSION *session, NX_PACKET *packet) {
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
    UINT had_taken = was == SESSION_HANDSHAKE ? num_taken(own) : 0;
    if (netx_engine_receive(session, packet) && own->generation == generation)
        netx_engine_flush(session);
    if (own->generation != generation)
        return;
    if (was == SESSION_HANDSHAKE && num_taken(own) != had_taken)
        own->since_ns = own->now.monotonic_ns;
    if (own->plaintext.num > had || own->closed != was_closed || own->state != was) {
        netx_kernel_wake(&own->waiters, KERNEL_WOKEN);
        tell(session, had, was_closed, was);
    }
}

/* The client has lost its session, and begins anew from the same address (RFC 6347 section 4.2.8): it has
 * shown a cookie, so the old session is over. */
void netx_server_supersede(NX_SECURE_DTLS_SESSION *session) {
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

NETX_HOT static void dispatch(NX_SECURE_DTLS_SERVER *server, NX_PACKET *packet) {
    NX_SECURE_DTLS_SESSION *session = slot_of_peer(server, packet);
    if (session != NULL && netx_session_of(session)->state != SESSION_STRANGER && is_for(session, packet))
        feed(session, packet);
    else
        netx_server_greet(server, session, packet);
}

NETX_HOT VOID netx_server_dispatch(NX_UDP_SOCKET *socket) {
    NX_SECURE_DTLS_SERVER *server = socket->nx_udp_socket_reserved_ptr;
    NX_PACKET *packet;
    while (netx_server_is_started(server) && (packet = netx_udp_take(socket)) != NULL)
        dispatch(server, packet);
}
