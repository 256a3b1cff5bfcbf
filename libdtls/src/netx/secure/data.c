/* SPDX-License-Identifier: MIT
 *
 * Application data.
 */
#include "netx/secure/session.h"

/* The most that a record holds (RFC 6347 section 4.1), bytes. */
#define MAX_PLAINTEXT 16384

static bool is_open(const secure_session *own) {
    return own->state == SESSION_ESTABLISHED && own->connection != NULL && !own->closed;
}

NETX_HOT UINT netx_session_allocate(NX_SECURE_DTLS_SESSION *session, NX_PACKET_POOL *pool,
                                    NX_PACKET **out_packet, ULONG wait_option) {
    /* Before the handshake: the widest that this library's suites have, without connection IDs. */
    static const record_room unknown = {.headroom = NX_SECURE_DTLS_RECORD_HEADER_SIZE + 16, .tailroom = 64};
    const secure_session *own = netx_session_of(session);
    const record_room *room = own->room.headroom != 0 ? &own->room : &unknown;
    *out_packet = NX_NULL;
    ULONG type = NX_UDP_PACKET + (ULONG)(room->headroom + 3) / 4 * 4;
    if (pool->nx_packet_pool_payload_size < type + room->tailroom)
        return NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL;
    UINT status = netx_wait_for_packet(pool, out_packet, type, wait_option);
    return status == NX_SUCCESS ? NX_SUCCESS : NX_SECURE_TLS_ALLOCATE_PACKET_FAILED;
}

NETX_HOT UINT _nx_secure_dtls_packet_allocate(NX_SECURE_DTLS_SESSION *session_ptr, NX_PACKET_POOL *pool_ptr,
                                              NX_PACKET **packet_ptr, ULONG wait_option) {
    NETX_SERVICE;
    return netx_session_allocate(session_ptr, pool_ptr, packet_ptr, wait_option);
}

/* Keeps the inner session's number of the last record for programs that look; one that sets it to the end of
 * the numbers gets the answer that they are used up. */
static bool count_record(NX_SECURE_TLS_SESSION *inner) {
    ULONG *number = inner->nx_secure_tls_local_sequence_number;
    if (number[0] == 0xFFFFFFFFu && number[1] == 0xFFFFFFFFu)
        return false;
    if (++number[0] == 0)
        number[1]++;
    return true;
}

/* One packet whose data is where its members say. */
static bool is_whole(const NX_PACKET *packet) {
    size_t len;
    return packet->nx_packet_next == NULL && netx_data_len(packet, &len) && len == packet->nx_packet_length;
}

/* Moves the data within its packet if it stands too near to either end. Whether there is room now. */
static bool make_room(NX_PACKET *packet, const record_room *room) {
    size_t in_front = (size_t)(packet->nx_packet_prepend_ptr - packet->nx_packet_data_start);
    size_t behind = (size_t)(packet->nx_packet_data_end - packet->nx_packet_append_ptr);
    if (in_front >= room->headroom && behind >= room->tailroom)
        return true;
    if (in_front + behind < room->headroom + room->tailroom)
        return false;
    UCHAR *to = packet->nx_packet_data_start + room->headroom;
    memmove(to, packet->nx_packet_prepend_ptr, packet->nx_packet_length);
    packet->nx_packet_prepend_ptr = to;
    packet->nx_packet_append_ptr = to + packet->nx_packet_length;
    return true;
}

NETX_HOT static UINT protect(NX_SECURE_DTLS_SESSION *session, NX_PACKET *packet) {
    secure_session *own = netx_session_of(session);
    const record_room *room = &own->room;
    size_t num = 0;
    if (packet->nx_packet_length > room->most)
        return NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL;
    if (!count_record(&session->nx_secure_dtls_tls_session))
        return NX_NOT_SUCCESSFUL;
    if (!make_room(packet, room))
        return NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL;
    dtls_record_buffer record = {.bytes = packet->nx_packet_prepend_ptr - room->headroom,
                                 .capacity = room->headroom + packet->nx_packet_length + room->tailroom,
                                 .len = packet->nx_packet_length};
    /* No number is left, or libcrypto has failed: that was the connection's end. */
    if (dtls_protect(own->connection, own->now, &record, 1, &num) != DTLS_OK)
        return NX_NOT_SUCCESSFUL;
    packet->nx_packet_prepend_ptr = record.bytes;
    packet->nx_packet_append_ptr = record.bytes + record.len;
    packet->nx_packet_length = (ULONG)record.len;
    return NX_SUCCESS;
}

static UINT protect_and_send(NX_SECURE_DTLS_SESSION *session, NX_PACKET *packet) {
    UINT answer = protect(session, packet);
    netx_packet_of(packet)->local = netx_session_of(session)->local;
    if (answer == NX_SUCCESS && netx_udp_send_judged(session->nx_secure_dtls_udp_socket, packet,
                                                     &session->nx_secure_dtls_remote_ip_address,
                                                     session->nx_secure_dtls_remote_port) != NX_SUCCESS)
        answer = NX_SECURE_TLS_TCP_SEND_FAILED;
    return answer;
}

/* Where the network may refuse a datagram whose data is protected already, that is put back as it was. */
static UINT send_or_restore(NX_SECURE_DTLS_SESSION *session, NX_PACKET *packet) {
    UCHAR plaintext[MAX_PLAINTEXT];
    UCHAR *prepend = packet->nx_packet_prepend_ptr;
    ULONG len = packet->nx_packet_length;
    if (len > sizeof plaintext)
        return NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL;
    memcpy(plaintext, prepend, len);
    UINT answer = protect_and_send(session, packet);
    if (answer != NX_SUCCESS) {
        memcpy(prepend, plaintext, len);
        packet->nx_packet_prepend_ptr = prepend;
        packet->nx_packet_append_ptr = prepend + len;
        packet->nx_packet_length = len;
    }
    explicit_bzero(plaintext, len);
    return answer;
}

NETX_HOT UINT netx_session_send(NX_SECURE_DTLS_SESSION *session, NX_PACKET *packet) {
    if (!is_open(netx_session_of(session)))
        return NX_SECURE_TLS_SESSION_UNINITIALIZED;
    if (!netx_session_is_bound(session))
        return NX_SECURE_TLS_TCP_SEND_FAILED;
    if (!is_whole(packet))
        return NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL;
    const net_ip *ip = netx_ip_of(session->nx_secure_dtls_udp_socket->nx_udp_socket_ip_ptr);
    return ip->link == &netx_switch ? protect_and_send(session, packet) : send_or_restore(session, packet);
}

NETX_HOT UINT _nx_secure_dtls_server_session_send(NX_SECURE_DTLS_SESSION *session_ptr,
                                                  NX_PACKET *packet_ptr) {
    NETX_SERVICE;
    return netx_session_send(session_ptr, packet_ptr);
}

NETX_HOT UINT _nx_secure_dtls_client_session_send(NX_SECURE_DTLS_SESSION *session_ptr,
                                                  NX_PACKET *packet_ptr) {
    NETX_SERVICE;
    return netx_session_send(session_ptr, packet_ptr);
}

NETX_HOT UINT _nx_secure_dtls_session_send(NX_SECURE_DTLS_SESSION *session_ptr, NX_PACKET *packet_ptr,
                                           NXD_ADDRESS *ip_address, UINT port) {
    NETX_SERVICE;
    if (is_open(netx_session_of(session_ptr)) &&
        (port != session_ptr->nx_secure_dtls_remote_port ||
         !netx_same_address(ip_address, &session_ptr->nx_secure_dtls_remote_ip_address)))
        return NX_SECURE_TLS_SEND_ADDRESS_MISMATCH;
    return netx_session_send(session_ptr, packet_ptr);
}

static UINT wait_for_data(NX_SECURE_DTLS_SESSION *session, NX_PACKET **out_packet, ULONG wait_option) {
    secure_session *own = netx_session_of(session);
    ULONG64 generation = own->generation;
    uint64_t deadline_ns = netx_kernel_deadline(wait_option);
    for (;;) {
        netx_session_take_in(session);
        if (own->generation != generation)
            return NX_SECURE_TLS_SESSION_UNINITIALIZED;
        *out_packet = netx_queue_take(&own->plaintext);
        if (*out_packet != NULL)
            return NX_SUCCESS;
        if (own->closed)
            return own->ending;
        if (!netx_session_is_bound(session))
            return NX_NOT_BOUND;
        if (wait_option == NX_NO_WAIT || tx_host_now() >= deadline_ns)
            return NX_NO_PACKET;
        kernel_woken woken = netx_session_wait(session, deadline_ns);
        if (woken == KERNEL_RESET)
            return NX_SECURE_TLS_SESSION_UNINITIALIZED;
        if (woken == KERNEL_ABORTED)
            return NX_WAIT_ABORTED;
    }
}

NETX_HOT UINT netx_session_receive(NX_SECURE_DTLS_SESSION *session, NX_PACKET **out_packet,
                                   ULONG wait_option) {
    *out_packet = NX_NULL;
    if (netx_session_of(session)->state != SESSION_ESTABLISHED)
        return NX_SECURE_TLS_SESSION_UNINITIALIZED;
    if (session->nx_secure_dtls_thread_suspended != NULL)
        return NX_ALREADY_SUSPENDED;
    return wait_for_data(session, out_packet, wait_option);
}

NETX_HOT UINT _nx_secure_dtls_session_receive(NX_SECURE_DTLS_SESSION *dtls_session,
                                              NX_PACKET **packet_ptr_ptr, ULONG wait_option) {
    NETX_SERVICE;
    return netx_session_receive(dtls_session, packet_ptr_ptr, wait_option);
}
