/* SPDX-License-Identifier: MIT
 *
 * The services for sessions with their arguments judged first.
 */
#include "netx/secure/session.h"

/* NX_SUCCESS, or what is wrong with the session that a service is called for. */
static UINT judge(const NX_SECURE_DTLS_SESSION *session) {
    if (session == NULL)
        return NX_PTR_ERROR;
    return netx_session_is_created(session) ? NX_SUCCESS : NX_SECURE_TLS_SESSION_UNINITIALIZED;
}

static UINT judge_psk(const UCHAR *key, UINT key_len, const UCHAR *identity, UINT identity_len,
                      const UCHAR *hint, UINT hint_len) {
    if (key == NULL || key_len == 0 || (identity == NULL && identity_len > 0) ||
        (hint == NULL && hint_len > 0))
        return NX_PTR_ERROR;
    return NX_SUCCESS;
}

UINT _nxe_secure_dtls_session_create(NX_SECURE_DTLS_SESSION *dtls_session,
                                     const NX_SECURE_TLS_CRYPTO *crypto_table, VOID *metadata_buffer,
                                     ULONG metadata_size, UCHAR *packet_reassembly_buffer,
                                     UINT packet_reassembly_buffer_size, UINT certs_number,
                                     UCHAR *remote_certificate_buffer, ULONG remote_certificate_buffer_size) {
    NETX_SERVICE;
    if (dtls_session == NULL || crypto_table == NULL || metadata_buffer == NULL ||
        (packet_reassembly_buffer == NULL && packet_reassembly_buffer_size != 0) ||
        netx_session_is_created(dtls_session))
        return NX_PTR_ERROR;
    return _nx_secure_dtls_session_create(dtls_session, crypto_table, metadata_buffer, metadata_size,
                                          packet_reassembly_buffer, packet_reassembly_buffer_size,
                                          certs_number, remote_certificate_buffer,
                                          remote_certificate_buffer_size);
}

UINT _nxe_secure_dtls_session_delete(NX_SECURE_DTLS_SESSION *dtls_session) {
    NETX_SERVICE;
    if (!netx_session_is_created(dtls_session))
        return NX_PTR_ERROR;
    return _nx_secure_dtls_session_delete(dtls_session);
}

UINT _nxe_secure_dtls_session_reset(NX_SECURE_DTLS_SESSION *dtls_session) {
    NETX_SERVICE;
    UINT status = judge(dtls_session);
    return status != NX_SUCCESS ? status : _nx_secure_dtls_session_reset(dtls_session);
}

UINT _nxe_secure_dtls_client_session_start(NX_SECURE_DTLS_SESSION *dtls_session, NX_UDP_SOCKET *udp_socket,
                                           NXD_ADDRESS *ip_address, UINT port, UINT wait_option) {
    NETX_SERVICE;
    UINT status = judge(dtls_session);
    if (dtls_session == NULL || udp_socket == NULL || ip_address == NULL)
        return NX_PTR_ERROR;
    if (status != NX_SUCCESS)
        return status;
    if (!netx_is_socket(udp_socket) || dtls_session->nx_secure_dtls_server_parent != NULL)
        return NX_PTR_ERROR;
    return _nx_secure_dtls_client_session_start(dtls_session, udp_socket, ip_address, port, wait_option);
}

UINT _nxe_secure_dtls_session_start(NX_SECURE_DTLS_SESSION *dtls_session, NX_UDP_SOCKET *udp_socket,
                                    UINT is_client, UINT wait_option) {
    NETX_SERVICE;
    UINT status = judge(dtls_session);
    if (dtls_session == NULL || udp_socket == NULL)
        return NX_PTR_ERROR;
    if (status != NX_SUCCESS)
        return status;
    if (!netx_is_socket(udp_socket) || dtls_session->nx_secure_dtls_server_parent != NULL)
        return NX_PTR_ERROR;
    return _nx_secure_dtls_session_start(dtls_session, udp_socket, is_client, wait_option);
}

NETX_HOT UINT _nxe_secure_dtls_packet_allocate(NX_SECURE_DTLS_SESSION *session_ptr, NX_PACKET_POOL *pool_ptr,
                                               NX_PACKET **packet_ptr, ULONG wait_option) {
    NETX_SERVICE;
    UINT status = judge(session_ptr);
    if (packet_ptr != NULL)
        *packet_ptr = NX_NULL;
    if (session_ptr == NULL || pool_ptr == NULL || packet_ptr == NULL)
        return NX_PTR_ERROR;
    if (status != NX_SUCCESS)
        return status;
    if (!netx_is_pool(pool_ptr))
        return NX_PTR_ERROR;
    return netx_session_allocate(session_ptr, pool_ptr, packet_ptr, wait_option);
}

UINT _nxe_secure_dtls_psk_add(NX_SECURE_DTLS_SESSION *session_ptr, UCHAR *pre_shared_key, UINT psk_length,
                              UCHAR *psk_identity, UINT identity_length, UCHAR *hint, UINT hint_length) {
    NETX_SERVICE;
    UINT status = judge(session_ptr);
    if (status == NX_SUCCESS)
        status = judge_psk(pre_shared_key, psk_length, psk_identity, identity_length, hint, hint_length);
    if (status != NX_SUCCESS)
        return status;
    return _nx_secure_dtls_psk_add(session_ptr, pre_shared_key, psk_length, psk_identity, identity_length,
                                   hint, hint_length);
}

/* --- Data. --- */

NETX_HOT UINT _nxe_secure_dtls_session_send(NX_SECURE_DTLS_SESSION *session_ptr, NX_PACKET *packet_ptr,
                                            NXD_ADDRESS *ip_address, UINT port) {
    NETX_SERVICE;
    UINT status = judge(session_ptr);
    if (session_ptr == NULL || packet_ptr == NULL || ip_address == NULL)
        return NX_PTR_ERROR;
    if (status != NX_SUCCESS)
        return status;
    if (!netx_is_packet(packet_ptr))
        return NX_PTR_ERROR;
    return _nx_secure_dtls_session_send(session_ptr, packet_ptr, ip_address, port);
}

static UINT judge_send(const NX_SECURE_DTLS_SESSION *session, const NX_PACKET *packet) {
    UINT status = judge(session);
    if (session == NULL || packet == NULL)
        return NX_PTR_ERROR;
    if (status != NX_SUCCESS)
        return status;
    return netx_is_packet(packet) ? NX_SUCCESS : NX_PTR_ERROR;
}

NETX_HOT UINT _nxe_secure_dtls_server_session_send(NX_SECURE_DTLS_SESSION *session_ptr,
                                                   NX_PACKET *packet_ptr) {
    NETX_SERVICE;
    UINT status = judge_send(session_ptr, packet_ptr);
    return status != NX_SUCCESS ? status : netx_session_send(session_ptr, packet_ptr);
}

NETX_HOT UINT _nxe_secure_dtls_client_session_send(NX_SECURE_DTLS_SESSION *session_ptr,
                                                   NX_PACKET *packet_ptr) {
    NETX_SERVICE;
    UINT status = judge_send(session_ptr, packet_ptr);
    return status != NX_SUCCESS ? status : netx_session_send(session_ptr, packet_ptr);
}

NETX_HOT UINT _nxe_secure_dtls_session_receive(NX_SECURE_DTLS_SESSION *dtls_session,
                                               NX_PACKET **packet_ptr_ptr, ULONG wait_option) {
    NETX_SERVICE;
    if (packet_ptr_ptr != NULL)
        *packet_ptr_ptr = NX_NULL;
    if (dtls_session == NULL || packet_ptr_ptr == NULL)
        return NX_PTR_ERROR;
    UINT status = judge(dtls_session);
    return status != NX_SUCCESS ? status : netx_session_receive(dtls_session, packet_ptr_ptr, wait_option);
}

UINT _nxe_secure_dtls_session_end(NX_SECURE_DTLS_SESSION *dtls_session, UINT wait_option) {
    NETX_SERVICE;
    UINT status = judge(dtls_session);
    if (status == NX_SUCCESS && dtls_session->nx_secure_dtls_session_in_use == NX_FALSE)
        status = NX_SECURE_TLS_SESSION_UNINITIALIZED;
    return status != NX_SUCCESS ? status : _nx_secure_dtls_session_end(dtls_session, wait_option);
}

/* --- Certificates. --- */

static UINT judge_add(const NX_SECURE_DTLS_SESSION *session, const NX_SECURE_X509_CERT *certificate,
                      UINT cert_id) {
    UINT status = judge(session);
    if (session == NULL || certificate == NULL)
        return NX_PTR_ERROR;
    if (status != NX_SUCCESS)
        return status;
    return cert_id == 0 ? NX_INVALID_PARAMETERS : NX_SUCCESS;
}

static UINT judge_remove(const NX_SECURE_DTLS_SESSION *session, const UCHAR *common_name, UINT len,
                         UINT cert_id) {
    UINT status = judge(session);
    if (status == NX_SUCCESS && cert_id == 0 && (common_name == NULL || len == 0))
        status = NX_PTR_ERROR;
    return status;
}

UINT _nxe_secure_dtls_session_local_certificate_add(NX_SECURE_DTLS_SESSION *session_ptr,
                                                    NX_SECURE_X509_CERT *certificate, UINT cert_id) {
    NETX_SERVICE;
    UINT status = judge_add(session_ptr, certificate, cert_id);
    return status != NX_SUCCESS
               ? status
               : _nx_secure_dtls_session_local_certificate_add(session_ptr, certificate, cert_id);
}

UINT _nxe_secure_dtls_session_trusted_certificate_add(NX_SECURE_DTLS_SESSION *session_ptr,
                                                      NX_SECURE_X509_CERT *certificate, UINT cert_id) {
    NETX_SERVICE;
    UINT status = judge_add(session_ptr, certificate, cert_id);
    return status != NX_SUCCESS
               ? status
               : _nx_secure_dtls_session_trusted_certificate_add(session_ptr, certificate, cert_id);
}

UINT _nxe_secure_dtls_session_local_certificate_remove(NX_SECURE_DTLS_SESSION *session_ptr,
                                                       UCHAR *common_name, UINT common_name_length,
                                                       UINT cert_id) {
    NETX_SERVICE;
    UINT status = judge_remove(session_ptr, common_name, common_name_length, cert_id);
    if (status != NX_SUCCESS)
        return status;
    return _nx_secure_dtls_session_local_certificate_remove(session_ptr, common_name, common_name_length,
                                                            cert_id);
}

UINT _nxe_secure_dtls_session_trusted_certificate_remove(NX_SECURE_DTLS_SESSION *session_ptr,
                                                         UCHAR *common_name, UINT common_name_length,
                                                         UINT cert_id) {
    NETX_SERVICE;
    UINT status = judge_remove(session_ptr, common_name, common_name_length, cert_id);
    if (status != NX_SUCCESS)
        return status;
    return _nx_secure_dtls_session_trusted_certificate_remove(session_ptr, common_name, common_name_length,
                                                              cert_id);
}

/* --- Of a server's slots, and others. --- */

UINT _nxe_secure_dtls_server_session_start(NX_SECURE_DTLS_SESSION *session_ptr, UINT wait_option) {
    NETX_SERVICE;
    if (session_ptr == NULL)
        return NX_PTR_ERROR;
    if (!netx_session_is_created(session_ptr) || session_ptr->nx_secure_dtls_server_parent == NULL ||
        session_ptr->nx_secure_dtls_udp_socket == NULL ||
        session_ptr->nx_secure_dtls_session_in_use == NX_FALSE)
        return NX_SECURE_TLS_SESSION_UNINITIALIZED;
    return _nx_secure_dtls_server_session_start(session_ptr, wait_option);
}

UINT _nxe_secure_dtls_session_client_info_get(NX_SECURE_DTLS_SESSION *session_ptr,
                                              NXD_ADDRESS *client_ip_address, UINT *client_port,
                                              UINT *local_port) {
    NETX_SERVICE;
    UINT status = judge(session_ptr);
    if (status != NX_SUCCESS)
        return status;
    return _nx_secure_dtls_session_client_info_get(session_ptr, client_ip_address, client_port, local_port);
}

UINT _nxe_secure_dtls_client_protocol_version_override(NX_SECURE_DTLS_SESSION *session_ptr,
                                                       USHORT protocol_version) {
    NETX_SERVICE;
    UINT status = judge(session_ptr);
    return status != NX_SUCCESS
               ? status
               : _nx_secure_dtls_client_protocol_version_override(session_ptr, protocol_version);
}

UINT _nxe_secure_dtls_ecc_initialize(NX_SECURE_DTLS_SESSION *session_ptr, const USHORT *supported_groups,
                                     USHORT supported_group_count, const NX_CRYPTO_METHOD **curves) {
    NETX_SERVICE;
    UINT status = judge(session_ptr);
    if (session_ptr == NULL || supported_groups == NULL || curves == NULL)
        return NX_PTR_ERROR;
    if (status != NX_SUCCESS)
        return status;
    return _nx_secure_dtls_ecc_initialize(session_ptr, supported_groups, supported_group_count, curves);
}
