/* SPDX-License-Identifier: MIT
 *
 * The services for servers with their arguments judged first.
 */
#include "netx/secure/session.h"

UINT _nxe_secure_dtls_server_create(
    NX_SECURE_DTLS_SERVER *server_ptr, NX_IP *ip_ptr, UINT port, ULONG timeout, VOID *session_buffer,
    UINT session_buffer_size, const NX_SECURE_TLS_CRYPTO *crypto_table, VOID *crypto_metadata_buffer,
    ULONG crypto_metadata_size, UCHAR *packet_reassembly_buffer, UINT packet_reassembly_buffer_size,
    UINT (*connect_notify)(NX_SECURE_DTLS_SESSION *dtls_session, NXD_ADDRESS *ip_address, UINT port),
    UINT (*receive_notify)(NX_SECURE_DTLS_SESSION *dtls_session)) {
    NETX_SERVICE;
    if (server_ptr == NULL || !netx_is_ip(ip_ptr) || session_buffer == NULL ||
        crypto_metadata_buffer == NULL || packet_reassembly_buffer == NULL || connect_notify == NULL ||
        receive_notify == NULL || netx_server_is_created(server_ptr))
        return NX_PTR_ERROR;
    return _nx_secure_dtls_server_create(server_ptr, ip_ptr, port, timeout, session_buffer,
                                         session_buffer_size, crypto_table, crypto_metadata_buffer,
                                         crypto_metadata_size, packet_reassembly_buffer,
                                         packet_reassembly_buffer_size, connect_notify, receive_notify);
}

UINT _nxe_secure_dtls_server_delete(NX_SECURE_DTLS_SERVER *server_ptr) {
    NETX_SERVICE;
    return netx_server_is_created(server_ptr) ? _nx_secure_dtls_server_delete(server_ptr) : NX_PTR_ERROR;
}

UINT _nxe_secure_dtls_server_start(NX_SECURE_DTLS_SERVER *server_ptr) {
    NETX_SERVICE;
    return netx_server_is_created(server_ptr) ? _nx_secure_dtls_server_start(server_ptr) : NX_PTR_ERROR;
}

UINT _nxe_secure_dtls_server_stop(NX_SECURE_DTLS_SERVER *server_ptr) {
    NETX_SERVICE;
    return netx_server_is_created(server_ptr) ? _nx_secure_dtls_server_stop(server_ptr) : NX_PTR_ERROR;
}

UINT _nxe_secure_dtls_server_notify_set(NX_SECURE_DTLS_SERVER *server_ptr,
                                        UINT (*disconnect_notify)(NX_SECURE_DTLS_SESSION *dtls_session),
                                        UINT (*error_notify)(NX_SECURE_DTLS_SESSION *dtls_session,
                                                             UINT error_code)) {
    NETX_SERVICE;
    if (!netx_server_is_created(server_ptr))
        return NX_PTR_ERROR;
    return _nx_secure_dtls_server_notify_set(server_ptr, disconnect_notify, error_notify);
}

UINT _nxe_secure_dtls_server_psk_add(NX_SECURE_DTLS_SERVER *server_ptr, UCHAR *pre_shared_key,
                                     UINT psk_length, UCHAR *psk_identity, UINT identity_length, UCHAR *hint,
                                     UINT hint_length) {
    NETX_SERVICE;
    if (!netx_server_is_created(server_ptr) || pre_shared_key == NULL || psk_length == 0 ||
        (psk_identity == NULL && identity_length > 0) || (hint == NULL && hint_length > 0))
        return NX_PTR_ERROR;
    return _nx_secure_dtls_server_psk_add(server_ptr, pre_shared_key, psk_length, psk_identity,
                                          identity_length, hint, hint_length);
}

static UINT judge_add(const NX_SECURE_DTLS_SERVER *server, const NX_SECURE_X509_CERT *certificate,
                      UINT cert_id) {
    if (!netx_server_is_created(server) || certificate == NULL)
        return NX_PTR_ERROR;
    return cert_id == 0 ? NX_INVALID_PARAMETERS : NX_SUCCESS;
}

static UINT judge_remove(const NX_SECURE_DTLS_SERVER *server, const UCHAR *common_name, UINT len,
                         UINT cert_id) {
    bool named = cert_id != 0 || (common_name != NULL && len != 0);
    return netx_server_is_created(server) && named ? NX_SUCCESS : NX_PTR_ERROR;
}

UINT _nxe_secure_dtls_server_local_certificate_add(NX_SECURE_DTLS_SERVER *server_ptr,
                                                   NX_SECURE_X509_CERT *certificate, UINT cert_id) {
    NETX_SERVICE;
    UINT status = judge_add(server_ptr, certificate, cert_id);
    return status != NX_SUCCESS
               ? status
               : _nx_secure_dtls_server_local_certificate_add(server_ptr, certificate, cert_id);
}

UINT _nxe_secure_dtls_server_trusted_certificate_add(NX_SECURE_DTLS_SERVER *server_ptr,
                                                     NX_SECURE_X509_CERT *certificate, UINT cert_id) {
    NETX_SERVICE;
    UINT status = judge_add(server_ptr, certificate, cert_id);
    return status != NX_SUCCESS
               ? status
               : _nx_secure_dtls_server_trusted_certificate_add(server_ptr, certificate, cert_id);
}

UINT _nxe_secure_dtls_server_local_certificate_remove(NX_SECURE_DTLS_SERVER *server_ptr, UCHAR *common_name,
                                                      UINT common_name_length, UINT cert_id) {
    NETX_SERVICE;
    UINT status = judge_remove(server_ptr, common_name, common_name_length, cert_id);
    if (status != NX_SUCCESS)
        return status;
    return _nx_secure_dtls_server_local_certificate_remove(server_ptr, common_name, common_name_length,
                                                           cert_id);
}

UINT _nxe_secure_dtls_server_trusted_certificate_remove(NX_SECURE_DTLS_SERVER *server_ptr, UCHAR *common_name,
                                                        UINT common_name_length, UINT cert_id) {
    NETX_SERVICE;
    UINT status = judge_remove(server_ptr, common_name, common_name_length, cert_id);
    if (status != NX_SUCCESS)
        return status;
    return _nx_secure_dtls_server_trusted_certificate_remove(server_ptr, common_name, common_name_length,
                                                             cert_id);
}

UINT _nxe_secure_dtls_server_x509_client_verify_configure(NX_SECURE_DTLS_SERVER *server_ptr,
                                                          UINT certs_per_session, UCHAR *certs_buffer,
                                                          ULONG buffer_size) {
    NETX_SERVICE;
    if (!netx_server_is_created(server_ptr) || certs_buffer == NULL)
        return NX_PTR_ERROR;
    if (certs_per_session == 0 || buffer_size == 0)
        return NX_INVALID_PARAMETERS;
    return _nx_secure_dtls_server_x509_client_verify_configure(server_ptr, certs_per_session, certs_buffer,
                                                               buffer_size);
}

UINT _nxe_secure_dtls_server_x509_client_verify_disable(NX_SECURE_DTLS_SERVER *server_ptr) {
    NETX_SERVICE;
    return netx_server_is_created(server_ptr) ? _nx_secure_dtls_server_x509_client_verify_disable(server_ptr)
                                              : NX_PTR_ERROR;
}

UINT _nxe_secure_dtls_server_protocol_version_override(NX_SECURE_DTLS_SERVER *server_ptr,
                                                       USHORT protocol_version) {
    NETX_SERVICE;
    if (!netx_server_is_created(server_ptr))
        return NX_PTR_ERROR;
    return _nx_secure_dtls_server_protocol_version_override(server_ptr, protocol_version);
}

UINT _nxe_secure_dtls_server_ecc_initialize(NX_SECURE_DTLS_SERVER *server_ptr, const USHORT *supported_groups,
                                            USHORT supported_group_count, const NX_CRYPTO_METHOD **curves) {
    NETX_SERVICE;
    if (!netx_server_is_created(server_ptr) || supported_groups == NULL || curves == NULL)
        return NX_PTR_ERROR;
    return _nx_secure_dtls_server_ecc_initialize(server_ptr, supported_groups, supported_group_count, curves);
}
