/* SPDX-License-Identifier: MIT */
#include "netx/secure/session.h"

/* The slots begin at the first place in the program's buffer that is aligned; the last one's unused end makes
 * up for what is skipped. */
static NX_SECURE_DTLS_SESSION *first_slot(VOID *buffer) {
    return (NX_SECURE_DTLS_SESSION *)((UCHAR *)buffer +
                                      -(uintptr_t)buffer % _Alignof(NX_SECURE_DTLS_SESSION));
}

static void unmake_slots(NX_SECURE_DTLS_SERVER *server) {
    for (UINT i = 0; i < server->nx_dtls_server_sessions_count; i++)
        server->nx_dtls_server_sessions[i].nx_secure_dtls_tls_session.nx_secure_tls_id = 0;
}

static UINT make_slots(NX_SECURE_DTLS_SERVER *server, const NX_SECURE_TLS_CRYPTO *table,
                       const session_memory *all) {
    UINT num = server->nx_dtls_server_sessions_count;
    for (UINT i = 0; i < num; i++) {
        session_memory share = {.metadata = (UCHAR *)all->metadata + (size_t)i * (all->metadata_len / num),
                                .metadata_len = all->metadata_len / num,
                                .reassembly = all->reassembly + (size_t)i * (all->reassembly_len / num),
                                .reassembly_len = all->reassembly_len / num};
        UINT status = netx_session_make(&server->nx_dtls_server_sessions[i], table, &share);
        if (status != NX_SUCCESS)
            return status;
        server->nx_dtls_server_sessions[i].nx_secure_dtls_server_parent = server;
    }
    return NX_SUCCESS;
}

UINT _nx_secure_dtls_server_create(
    NX_SECURE_DTLS_SERVER *server_ptr, NX_IP *ip_ptr, UINT port, ULONG timeout, VOID *session_buffer,
    UINT session_buffer_size, const NX_SECURE_TLS_CRYPTO *crypto_table, VOID *crypto_metadata_buffer,
    ULONG crypto_metadata_size, UCHAR *packet_reassembly_buffer, UINT packet_reassembly_buffer_size,
    UINT (*connect_notify)(NX_SECURE_DTLS_SESSION *dtls_session, NXD_ADDRESS *ip_address, UINT port),
    UINT (*receive_notify)(NX_SECURE_DTLS_SESSION *dtls_session)) {
    NETX_SERVICE;
    if (crypto_table == NULL)
        return NX_PTR_ERROR;
    if (session_buffer_size < sizeof(NX_SECURE_DTLS_SESSION))
        return NX_INVALID_PARAMETERS;
    session_memory memory = {.metadata = crypto_metadata_buffer,
                             .metadata_len = crypto_metadata_size,
                             .reassembly = packet_reassembly_buffer,
                             .reassembly_len = packet_reassembly_buffer_size};
    memset(server_ptr, 0, sizeof *server_ptr);
    server_ptr->nx_dtls_server_ip_ptr = ip_ptr;
    server_ptr->nx_dtls_server_listen_port = port;
    server_ptr->nx_dtls_server_timeout = timeout;
    server_ptr->nx_secure_dtls_connect_notify = connect_notify;
    server_ptr->nx_secure_dtls_receive_notify = receive_notify;
    server_ptr->nx_dtls_server_sessions = first_slot(session_buffer);
    server_ptr->nx_dtls_server_sessions_count = (UINT)(session_buffer_size / sizeof(NX_SECURE_DTLS_SESSION));
    netx_server_of(server_ptr)->policy.crypto_table = crypto_table;
    netx_server_of(server_ptr)->idle_limit_ns = (ULONG64)NX_HOST_DTLS_IDLE_LIMIT * KERNEL_TICK_NS;
    UINT answer = make_slots(server_ptr, crypto_table, &memory);
    if (answer == NX_SUCCESS)
        answer = _nx_udp_socket_create(ip_ptr, &server_ptr->nx_dtls_server_udp_socket, (CHAR *)"DTLS server",
                                       NX_IP_NORMAL, NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 256);
    if (answer == NX_SUCCESS) {
        server_ptr->nx_dtls_server_udp_socket.nx_udp_socket_reserved_ptr = server_ptr;
        server_ptr->nx_dtls_server_id = SERVER_ID;
    } else {
        unmake_slots(server_ptr);
    }
    return answer;
}

UINT _nx_secure_dtls_server_delete(NX_SECURE_DTLS_SERVER *server_ptr) {
    NETX_SERVICE;
    if (netx_server_of(server_ptr)->started)
        return NX_STILL_BOUND;
    for (UINT i = 0; i < server_ptr->nx_dtls_server_sessions_count; i++)
        if (netx_is_slot_of(server_ptr, &server_ptr->nx_dtls_server_sessions[i]))
            _nx_secure_dtls_session_delete(&server_ptr->nx_dtls_server_sessions[i]);
    _nx_udp_socket_delete(&server_ptr->nx_dtls_server_udp_socket);
    netx_store_clear(&netx_server_of(server_ptr)->certificates);
    explicit_bzero(netx_server_of(server_ptr), sizeof(secure_server));
    server_ptr->nx_dtls_server_id = 0;
    return NX_SUCCESS;
}

UINT _nx_secure_dtls_server_start(NX_SECURE_DTLS_SERVER *server_ptr) {
    NETX_SERVICE;
    secure_server *own = netx_server_of(server_ptr);
    if (own->started)
        return NX_ALREADY_BOUND;
    UINT answer =
        _nx_udp_socket_bind(&server_ptr->nx_dtls_server_udp_socket, server_ptr->nx_dtls_server_listen_port,
                            server_ptr->nx_dtls_server_timeout);
    if (answer == NX_SUCCESS && !netx_make_cookie_secret(own->cookie_secret.current)) {
        _nx_udp_socket_unbind(&server_ptr->nx_dtls_server_udp_socket);
        answer = NX_NOT_SUCCESSFUL;
    }
    if (answer == NX_SUCCESS) {
        memcpy(own->cookie_secret.previous, own->cookie_secret.current, sizeof own->cookie_secret.previous);
        own->cookie_secret_made_ns = tx_host_now();
        own->started = true;
        _nx_udp_socket_receive_notify(&server_ptr->nx_dtls_server_udp_socket, netx_server_dispatch);
    }
    return answer;
}

UINT _nx_secure_dtls_server_stop(NX_SECURE_DTLS_SERVER *server_ptr) {
    NETX_SERVICE;
    secure_server *own = netx_server_of(server_ptr);
    if (!own->started)
        return NX_NOT_BOUND;
    own->started = false;
    _nx_udp_socket_receive_notify(&server_ptr->nx_dtls_server_udp_socket, NULL);
    for (UINT i = 0; i < server_ptr->nx_dtls_server_sessions_count; i++)
        if (netx_is_slot_of(server_ptr, &server_ptr->nx_dtls_server_sessions[i]))
            netx_session_reset(&server_ptr->nx_dtls_server_sessions[i]);
    _nx_udp_socket_unbind(&server_ptr->nx_dtls_server_udp_socket);
    return NX_SUCCESS;
}

UINT _nx_secure_dtls_server_notify_set(NX_SECURE_DTLS_SERVER *server_ptr,
                                       UINT (*disconnect_notify)(NX_SECURE_DTLS_SESSION *dtls_session),
                                       UINT (*error_notify)(NX_SECURE_DTLS_SESSION *dtls_session,
                                                            UINT error_code)) {
    NETX_SERVICE;
    server_ptr->nx_secure_dtls_disconnect_notify = disconnect_notify;
    server_ptr->nx_secure_dtls_error_notify = error_notify;
    return NX_SUCCESS;
}

UINT _nx_secure_dtls_server_x509_client_verify_configure(NX_SECURE_DTLS_SERVER *server_ptr,
                                                         UINT certs_per_session, UCHAR *certs_buffer,
                                                         ULONG buffer_size) {
    NETX_SERVICE;
    UINT num = server_ptr->nx_dtls_server_sessions_count;
    ULONG share = buffer_size / num;
    if (certs_per_session == 0 || !netx_session_certificate_space(certs_buffer, share, certs_per_session))
        return NX_INVALID_PARAMETERS;
    for (UINT i = 0; i < num; i++) {
        secure_session *own = netx_session_of(&server_ptr->nx_dtls_server_sessions[i]);
        if (!netx_is_slot_of(server_ptr, &server_ptr->nx_dtls_server_sessions[i]))
            continue;
        own->remote_certificates = certs_buffer + (size_t)i * share;
        own->remote_certificates_len = share;
        own->max_remote_certificates = certs_per_session;
    }
    netx_server_of(server_ptr)->client_certificates = certs_per_session;
    return NX_SUCCESS;
}

UINT _nx_secure_dtls_server_x509_client_verify_disable(NX_SECURE_DTLS_SERVER *server_ptr) {
    NETX_SERVICE;
    netx_server_of(server_ptr)->client_certificates = 0;
    return NX_SUCCESS;
}

UINT _nx_secure_dtls_session_client_info_get(NX_SECURE_DTLS_SESSION *session_ptr,
                                             NXD_ADDRESS *client_ip_address, UINT *client_port,
                                             UINT *local_port) {
    NETX_SERVICE;
    if (session_ptr->nx_secure_dtls_server_parent == NULL && netx_session_of(session_ptr)->is_client)
        return NX_INVALID_SOCKET;
    if (session_ptr->nx_secure_dtls_server_parent == NULL && session_ptr->nx_secure_dtls_udp_socket == NULL)
        return NX_INVALID_SOCKET;
    if (session_ptr->nx_secure_dtls_session_in_use == NX_FALSE)
        return NX_NOT_CONNECTED;
    if (client_ip_address != NULL)
        *client_ip_address = session_ptr->nx_secure_dtls_remote_ip_address;
    if (client_port != NULL)
        *client_port = session_ptr->nx_secure_dtls_remote_port;
    if (local_port != NULL)
        *local_port = session_ptr->nx_secure_dtls_local_port;
    return NX_SUCCESS;
}
