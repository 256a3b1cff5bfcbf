/* SPDX-License-Identifier: MIT
 *
 * Drives the libdtls connection of a session.
 */
#include "netx/secure/session.h"

#define PLAINTEXTS 8

static NX_PACKET_POOL *pool_of(const NX_SECURE_DTLS_SESSION *session) {
    return session->nx_secure_dtls_udp_socket->nx_udp_socket_ip_ptr->nx_ip_default_packet_pool;
}

bool netx_engine_may_keep(const NX_SECURE_DTLS_SESSION *session, UINT kept, UINT most) {
    const NX_PACKET_POOL *pool = pool_of(session);
    return kept < most && (kept == 0 || pool->nx_packet_pool_available > pool->nx_packet_pool_total / 4);
}

UINT netx_engine_open(NX_SECURE_DTLS_SESSION *session, bool is_client) {
    secure_session *own = netx_session_of(session);
    UINT status = netx_engine_configure(session, is_client);
    if (status != NX_SUCCESS) {
        netx_engine_close(session);
        return status;
    }
    UCHAR *memory = own->session_memory + -(uintptr_t)own->session_memory % MEMORY_ALIGNMENT;
    dtls_error error = dtls_connection_open_checked(
        &own->config, memory, DTLS_SESSION_SIZE, own->handshake_memory, own->handshake_len, &own->connection);
    dtls_time now = netx_session_now(session);
    if (error == DTLS_OK && is_client)
        error = dtls_connection_start(own->connection, now);
    else if (error == DTLS_OK)
        error = dtls_connection_start_after_cookie(own->connection, now, &own->cookie);
    if (error != DTLS_OK) {
        netx_engine_close(session);
        return NX_SECURE_TLS_MISSING_CRYPTO_ROUTINE;
    }
    own->is_client = is_client;
    own->state = SESSION_HANDSHAKE;
    const nx_host_dtls_observer *observer = netx_session_observer();
    if (observer->begun != NULL)
        observer->begun(observer->context, session);
    return NX_SUCCESS;
}

void netx_engine_close(NX_SECURE_DTLS_SESSION *session) {
    secure_session *own = netx_session_of(session);
    const nx_host_dtls_observer *observer = netx_session_observer();
    if (own->connection != NULL && observer->over != NULL)
        observer->over(observer->context, session);
    dtls_connection_wipe(own->connection);
    own->connection = NULL;
    own->room = (record_room){0};
    netx_prepared_release(own->prepared);
    own->prepared = NULL;
}

/* --- Events. --- */

static void fail(secure_session *own, UINT code) {
    own->ending = code;
    if (own->state == SESSION_ESTABLISHED)
        own->closed = true;
    else
        own->state = SESSION_FAILED;
}

static void answer_psk(NX_SECURE_DTLS_SESSION *session, const dtls_event *event) {
    secure_session *own = netx_session_of(session);
    const psk_store *store = netx_session_psks(session);
    const psk_entry *entry =
        own->is_client ? netx_psk_for_hint(store, event->bytes) : netx_psk_for_identity(store, event->bytes);
    dtls_span identity = {NULL, 0};
    dtls_span key = {NULL, 0};
    if (entry != NULL) {
        key.data = entry->key;
        key.len = entry->key_len;
        if (own->is_client) {
            identity.data = entry->identity;
            identity.len = entry->identity_len;
        }
    }
    dtls_answer_psk(own->connection, own->now, identity, key);
}

static void answer_certificate(NX_SECURE_DTLS_SESSION *session, const dtls_event *event) {
    const secure_session *own = netx_session_of(session);
    ULONG64 generation = own->generation;
    dtls_error verdict = netx_verify_peer(session, event);
    /* The program's callback may have ended the session. */
    if (own->generation == generation)
        dtls_answer_certificate(own->connection, netx_session_now(session), verdict);
}

static void connected(NX_SECURE_DTLS_SESSION *session) {
    secure_session *own = netx_session_of(session);
    own->state = SESSION_ESTABLISHED;
    session->nx_secure_dtls_tls_session.nx_secure_tls_local_session_active = NX_TRUE;
    session->nx_secure_dtls_tls_session.nx_secure_tls_remote_session_active = NX_TRUE;
    dtls_connection_take_handshake_memory(own->connection);
    dtls_record_overhead(own->connection, &own->room.headroom, &own->room.tailroom);
    own->room.most = dtls_max_data(own->connection);
}

static void act_on_event(NX_SECURE_DTLS_SESSION *session, const dtls_event *event) {
    secure_session *own = netx_session_of(session);
    switch (event->kind) {
    case DTLS_EVENT_CONNECTED:
        connected(session);
        break;
    case DTLS_EVENT_PEER_CLOSED:
        fail(own, NX_SECURE_TLS_CLOSE_NOTIFY_RECEIVED);
        break;
    case DTLS_EVENT_FAILED:
        fail(own, netx_code_of_failure(dtls_connection_get_failure(own->connection)));
        break;
    case DTLS_EVENT_LOOK_UP_PSK:
        answer_psk(session, event);
        break;
    case DTLS_EVENT_VERIFY_CERTIFICATE:
        answer_certificate(session, event);
        break;
    default:
        break;
    }
}

static void handle_event(NX_SECURE_DTLS_SESSION *session, const dtls_event *event) {
    const secure_session *own = netx_session_of(session);
    const session_watch *watch = netx_session_watch_of(session);
    if (watch->watch != NULL)
        watch->watch(watch->context, session, event, own->expired);
    const nx_host_dtls_observer *observer = netx_session_observer();
    if (observer->event != NULL)
        observer->event(observer->context, session, event, own->expired);
    act_on_event(session, event);
}

/* Whether there were any. */
NETX_HOT static bool handle_events(NX_SECURE_DTLS_SESSION *session) {
    secure_session *own = netx_session_of(session);
    dtls_event event;
    bool any = false;
    ULONG64 generation = own->generation;
    while (own->generation == generation && own->connection != NULL &&
           dtls_poll_event(own->connection, &event) == DTLS_OK) {
        handle_event(session, &event);
        any = true;
    }
    return any;
}

/* --- Datagrams in. --- */

static void queue_copy(NX_SECURE_DTLS_SESSION *session, const dtls_plaintext *plaintext) {
    NX_PACKET *packet = netx_take_packet(pool_of(session), NX_RECEIVE_PACKET);
    if (packet == NULL)
        return;
    netx_packet_of(packet)->source = session->nx_secure_dtls_remote_ip_address;
    netx_packet_of(packet)->source_port = session->nx_secure_dtls_remote_port;
    packet->nx_packet_ip_version = session->nx_secure_dtls_remote_ip_address.nxd_ip_version;
    if (netx_append(packet, plaintext->data, (ULONG)plaintext->len) == NX_SUCCESS)
        netx_queue_append(&netx_session_of(session)->plaintext, packet);
    else
        netx_discard(packet);
}

static void queue_in_place(NX_SECURE_DTLS_SESSION *session, NX_PACKET *packet,
                           const dtls_plaintext *plaintext) {
    packet->nx_packet_prepend_ptr = plaintext->data;
    packet->nx_packet_append_ptr = plaintext->data + plaintext->len;
    packet->nx_packet_length = (ULONG)plaintext->len;
    netx_queue_append(&netx_session_of(session)->plaintext, packet);
}

/* Takes the records of a datagram; the last plaintext stays where it is if that is a packet's memory. */
NETX_HOT static void open_records(NX_SECURE_DTLS_SESSION *session, dtls_time now, dtls_datagram *datagram,
                                  NX_PACKET **in_packet) {
    secure_session *own = netx_session_of(session);
    const nx_host_dtls_observer *observer = netx_session_observer();
    dtls_plaintext plaintexts[PLAINTEXTS];
    size_t num;
    size_t taken;
    do {
        num = PLAINTEXTS;
        taken = 0;
        if (dtls_receive(own->connection, now, datagram, 1, plaintexts, &num, &taken) != DTLS_OK)
            return;
        for (size_t i = 0; i < num; i++) {
            if (plaintexts[i].len == 0 || !netx_engine_may_keep(session, own->plaintext.num, MAX_QUEUED))
                continue;
            if (observer->received != NULL)
                observer->received(observer->context, session, plaintexts[i].data, plaintexts[i].len);
            if (in_packet != NULL && taken == 1 && i + 1 == num) {
                queue_in_place(session, *in_packet, &plaintexts[i]);
                *in_packet = NULL;
            } else {
                queue_copy(session, &plaintexts[i]);
            }
        }
    } while (taken == 0 && num > 0);
}

/* One record of application data and nothing else, which nobody answers. */
static bool is_data_alone(const dtls_datagram *datagram) {
    const UCHAR *bytes = datagram->bytes;
    return datagram->len > NX_SECURE_DTLS_RECORD_HEADER_SIZE && bytes[0] == NX_SECURE_TLS_APPLICATION_DATA &&
           datagram->len == NX_SECURE_DTLS_RECORD_HEADER_SIZE + ((size_t)bytes[11] << 8 | bytes[12]);
}

NETX_HOT bool netx_engine_take(NX_SECURE_DTLS_SESSION *session, NX_PACKET *packet) {
    secure_session *own = netx_session_of(session);
    bool to_answer = false;
    if (packet->nx_packet_next == NULL) {
        dtls_datagram datagram = {.bytes = packet->nx_packet_prepend_ptr, .len = packet->nx_packet_length};
        own->heard = true;
        to_answer = own->state != SESSION_ESTABLISHED || !is_data_alone(&datagram);
        open_records(session, to_answer ? netx_session_now(session) : own->now, &datagram, &packet);
        to_answer = handle_events(session) || to_answer;
    } else if (packet->nx_packet_length <= own->reassembly_len) {
        dtls_datagram datagram = {.bytes = own->reassembly, .len = packet->nx_packet_length};
        own->heard = true;
        netx_gather(packet, own->reassembly);
        open_records(session, netx_session_now(session), &datagram, NULL);
        explicit_bzero(own->reassembly, packet->nx_packet_length);
        handle_events(session);
        to_answer = true;
    }
    if (packet != NULL)
        netx_discard(packet);
    return to_answer;
}

/* --- Datagrams out. --- */

/* One datagram in a packet; NULL: there is none, or no packet. */
static NX_PACKET *next_datagram(NX_SECURE_DTLS_SESSION *session) {
    secure_session *own = netx_session_of(session);
    size_t len;
    NX_PACKET *packet = netx_take_packet(pool_of(session), NX_UDP_PACKET);
    if (packet == NULL)
        return NULL;
    size_t room = (size_t)(packet->nx_packet_data_end - packet->nx_packet_append_ptr);
    if (dtls_poll_datagram(own->connection, own->now, packet->nx_packet_append_ptr, room, &len, NULL) !=
        DTLS_OK) {
        netx_discard(packet);
        return NULL;
    }
    packet->nx_packet_append_ptr += len;
    packet->nx_packet_length = (ULONG)len;
    return packet;
}

void netx_engine_flush(NX_SECURE_DTLS_SESSION *session) {
    secure_session *own = netx_session_of(session);
    ULONG64 generation = own->generation;
    while (own->generation == generation && own->connection != NULL && netx_session_is_bound(session)) {
        NX_UDP_SOCKET *socket = session->nx_secure_dtls_udp_socket;
        NXD_ADDRESS address = session->nx_secure_dtls_remote_ip_address;
        NX_PACKET *packet = next_datagram(session);
        if (packet == NULL)
            break;
        netx_packet_of(packet)->local = own->local;
        if (netx_udp_send(socket, packet, &address, session->nx_secure_dtls_remote_port) != NX_SUCCESS)
            netx_discard(packet);
    }
    if (own->generation == generation)
        handle_events(session);
}

uint64_t netx_engine_deadline(NX_SECURE_DTLS_SESSION *session) {
    secure_session *own = netx_session_of(session);
    return own->connection == NULL ? TX_HOST_NEVER : dtls_deadline(own->connection);
}

void netx_engine_timeout(NX_SECURE_DTLS_SESSION *session) {
    secure_session *own = netx_session_of(session);
    const uint64_t due_ns = netx_engine_deadline(session);
    if (due_ns == TX_HOST_NEVER || due_ns > netx_session_now(session).monotonic_ns)
        return;
    ULONG64 generation = own->generation;
    own->expired = true;
    dtls_timeout(own->connection, own->now);
    handle_events(session);
    own->expired = false;
    if (own->generation == generation)
        netx_engine_flush(session);
}
