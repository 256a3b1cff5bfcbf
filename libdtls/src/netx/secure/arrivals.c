/* SPDX-License-Identifier: MIT
 *
 * Clients that come to a server, in the IP thread: strangers are asked for a
 * cookie (RFC 6347 section 4.2.1) before anything is kept of them, or, for a
 * program that wants to be told first, with a slot that holds their address.
 */
#include "netx/secure/session.h"

#define COOKIE_SECRET_NS                                                                                     \
    UINT64_C(60000000000) /* how long a secret makes cookies; they are good for twice that */

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

/* --- Slots. --- */

static NX_SECURE_DTLS_SESSION *free_slot(NX_SECURE_DTLS_SERVER *server) {
    for (UINT i = 0; i < server->nx_dtls_server_sessions_count; i++) {
        NX_SECURE_DTLS_SESSION *session = &server->nx_dtls_server_sessions[i];
        if (netx_is_slot_of(server, session) && session->nx_secure_dtls_session_in_use == NX_FALSE)
            return session;
    }
    return NULL;
}

/* Whether a client with a good cookie may have the slot: no thread waits there, and its client has not shown
 * a cookie, or nothing has come of it for longer than the server has patience. */
static bool is_idle(NX_SECURE_DTLS_SERVER *server, NX_SECURE_DTLS_SESSION *session) {
    const secure_session *own = netx_session_of(session);
    uint64_t limit_ns = netx_server_of(server)->idle_limit_ns;
    if (!netx_is_slot_of(server, session) || own->starting ||
        session->nx_secure_dtls_thread_suspended != NULL)
        return false;
    return own->state == SESSION_STRANGER ||
           ((own->state == SESSION_PARKED || own->state == SESSION_HANDSHAKE) &&
            tx_host_now() - own->since_ns >= limit_ns);
}

/* The one that is idle for longest; NULL: none is. */
static NX_SECURE_DTLS_SESSION *idle_slot(NX_SECURE_DTLS_SERVER *server) {
    NX_SECURE_DTLS_SESSION *found = NULL;
    for (UINT i = 0; i < server->nx_dtls_server_sessions_count; i++) {
        NX_SECURE_DTLS_SESSION *session = &server->nx_dtls_server_sessions[i];
        if (is_idle(server, session) &&
            (found == NULL || netx_session_of(session)->since_ns < netx_session_of(found)->since_ns))
            found = session;
    }
    return found;
}

/* The program is told that the session is over, before it gets another client. */
static void take_back(NX_SECURE_DTLS_SERVER *server, NX_SECURE_DTLS_SESSION *session) {
    secure_session *own = netx_session_of(session);
    ULONG64 generation = own->generation;
    own->state = SESSION_FAILED;
    own->ending = NX_NO_PACKET;
    if (server->nx_secure_dtls_error_notify != NULL)
        (void)server->nx_secure_dtls_error_notify(session, NX_NO_PACKET);
    if (netx_server_is_started(server) && own->generation == generation)
        netx_session_reset(session);
}

/* A slot for a client with a good cookie. */
static NX_SECURE_DTLS_SESSION *make_slot(NX_SECURE_DTLS_SERVER *server) {
    NX_SECURE_DTLS_SESSION *session = free_slot(server);
    if (session != NULL)
        return session;
    session = idle_slot(server);
    if (session != NULL)
        take_back(server, session);
    return netx_server_is_started(server) ? free_slot(server) : NULL;
}

static void occupy(NX_SECURE_DTLS_SERVER *server, NX_SECURE_DTLS_SESSION *session, const net_packet *from) {
    session->nx_secure_dtls_session_in_use = NX_TRUE;
    session->nx_secure_dtls_udp_socket = &server->nx_dtls_server_udp_socket;
    session->nx_secure_dtls_local_port = server->nx_dtls_server_udp_socket.nx_udp_socket_port;
    session->nx_secure_dtls_remote_ip_address = from->source;
    session->nx_secure_dtls_remote_port = from->source_port;
    netx_session_of(session)->local = from->local;
}

/* The client has shown its cookie, and its hello waits for the start. */
static void park(NX_SECURE_DTLS_SESSION *session, NX_PACKET *packet, const dtls_cookie_state *cookie) {
    secure_session *own = netx_session_of(session);
    own->state = SESSION_PARKED;
    own->since_ns = tx_host_now();
    own->cookie = *cookie;
    own->heard = true;
    memcpy(own->client_random, netx_hello_random(packet), sizeof own->client_random);
    netx_queue_append(&own->parked, packet);
}

/* --- New sessions. --- */

static void notify(NX_SECURE_DTLS_SERVER *server, NX_SECURE_DTLS_SESSION *session) {
    NXD_ADDRESS address = session->nx_secure_dtls_remote_ip_address;
    if (server->nx_secure_dtls_connect_notify != NULL)
        (void)server->nx_secure_dtls_connect_notify(session, &address, session->nx_secure_dtls_remote_port);
}

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

/* A callback may have stopped the server, or deleted it. */
static void take_client(NX_SECURE_DTLS_SERVER *server, NX_PACKET *packet, const dtls_cookie_state *cookie) {
    NX_SECURE_DTLS_SESSION *session = NULL;
    if (netx_server_is_started(server))
        session = make_slot(server);
    if (session != NULL) {
        occupy(server, session, netx_packet_of(packet));
        park(session, packet, cookie);
        notify(server, session);
        return;
    }
    if (netx_server_is_started(server))
        refuse(server, packet, cookie);
    netx_discard(packet);
}

/* Tells the program of a client before its cookie, if there is a slot. false: the program does not want it.
 */
static bool announce(NX_SECURE_DTLS_SERVER *server, const net_packet *from) {
    NX_SECURE_DTLS_SESSION *session = free_slot(server);
    if (session == NULL)
        return true;
    secure_session *own = netx_session_of(session);
    ULONG64 generation = own->generation;
    occupy(server, session, from);
    own->state = SESSION_STRANGER;
    own->since_ns = tx_host_now();
    own->asked = false;
    notify(server, session);
    return netx_server_is_started(server) && own->generation == generation;
}

/* A stranger has shown its cookie: its session goes on if it has been started, and is parked if not. */
static void proceed(NX_SECURE_DTLS_SESSION *session, NX_PACKET *packet, const dtls_cookie_state *cookie) {
    const NX_SECURE_DTLS_SERVER *server = session->nx_secure_dtls_server_parent;
    secure_session *own = netx_session_of(session);
    ULONG64 generation = own->generation;
    park(session, packet, cookie);
    if (!own->asked)
        return;
    UINT status = netx_server_begin(session);
    if (own->generation != generation)
        return;
    if (status != NX_SUCCESS) {
        own->state = SESSION_FAILED;
        own->ending = status;
    }
    netx_kernel_wake(&own->waiters, KERNEL_WOKEN);
    if (own->state == SESSION_FAILED && !own->starting && server->nx_secure_dtls_error_notify != NULL)
        (void)server->nx_secure_dtls_error_notify(session, own->ending);
}

void netx_server_greet(NX_SECURE_DTLS_SERVER *server, NX_SECURE_DTLS_SESSION *session, NX_PACKET *packet) {
    hello_verdict hello;
    renew_secret(netx_server_of(server));
    netx_judge_hello(&netx_server_of(server)->cookie_secret, packet, &hello);
    if (hello.cookie == DTLS_COOKIE_GOOD) {
        if (session != NULL && netx_session_of(session)->state == SESSION_STRANGER) {
            proceed(session, packet, &hello.state);
            return;
        }
        if (session != NULL)
            netx_server_supersede(session);
        take_client(server, packet, &hello.state);
        return;
    }
    bool wanted = hello.cookie == DTLS_COOKIE_REPLY;
    if (wanted && session == NULL && netx_server_of(server)->notifies_first)
        wanted = announce(server, netx_packet_of(packet));
    if (wanted)
        netx_answer_stranger(&server->nx_dtls_server_udp_socket, packet, hello.reply, hello.reply_len);
    netx_discard(packet);
}
