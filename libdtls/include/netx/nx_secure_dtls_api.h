/* SPDX-License-Identifier: MIT
 *
 * What a NetX Secure DTLS program includes: the names of the services, which
 * are those with error checking unless NX_SECURE_DISABLE_ERROR_CHECKING is
 * defined.
 */
#ifndef NX_SECURE_DTLS_API_H
#define NX_SECURE_DTLS_API_H

#include "nx_secure_dtls.h"
#include "nx_secure_tls_api.h"

/* What is built in, for programs that ask. */
#ifndef NX_SECURE_ENABLE_DTLS
#define NX_SECURE_ENABLE_DTLS
#endif

#define nx_secure_dtls_initialize _nx_secure_dtls_initialize

#ifdef NX_SECURE_DISABLE_ERROR_CHECKING
#define nx_secure_dtls_client_session_start                _nx_secure_dtls_client_session_start
#define nx_secure_dtls_packet_allocate                     _nx_secure_dtls_packet_allocate
#define nx_secure_dtls_psk_add                             _nx_secure_dtls_psk_add
#define nx_secure_dtls_server_create                       _nx_secure_dtls_server_create
#define nx_secure_dtls_server_delete                       _nx_secure_dtls_server_delete
#define nx_secure_dtls_server_local_certificate_add        _nx_secure_dtls_server_local_certificate_add
#define nx_secure_dtls_server_local_certificate_remove     _nx_secure_dtls_server_local_certificate_remove
#define nx_secure_dtls_server_notify_set                   _nx_secure_dtls_server_notify_set
#define nx_secure_dtls_server_psk_add                      _nx_secure_dtls_server_psk_add
#define nx_secure_dtls_server_session_send                 _nx_secure_dtls_server_session_send
#define nx_secure_dtls_server_session_start                _nx_secure_dtls_server_session_start
#define nx_secure_dtls_server_start                        _nx_secure_dtls_server_start
#define nx_secure_dtls_server_stop                         _nx_secure_dtls_server_stop
#define nx_secure_dtls_server_trusted_certificate_add      _nx_secure_dtls_server_trusted_certificate_add
#define nx_secure_dtls_server_trusted_certificate_remove   _nx_secure_dtls_server_trusted_certificate_remove
#define nx_secure_dtls_server_x509_client_verify_configure _nx_secure_dtls_server_x509_client_verify_configure
#define nx_secure_dtls_server_x509_client_verify_disable   _nx_secure_dtls_server_x509_client_verify_disable
#define nx_secure_dtls_session_client_info_get             _nx_secure_dtls_session_client_info_get
#define nx_secure_dtls_session_create                      _nx_secure_dtls_session_create
#define nx_secure_dtls_session_delete                      _nx_secure_dtls_session_delete
#define nx_secure_dtls_session_end                         _nx_secure_dtls_session_end
#define nx_secure_dtls_session_local_certificate_add       _nx_secure_dtls_session_local_certificate_add
#define nx_secure_dtls_session_local_certificate_remove    _nx_secure_dtls_session_local_certificate_remove
#define nx_secure_dtls_session_receive                     _nx_secure_dtls_session_receive
#define nx_secure_dtls_session_reset                       _nx_secure_dtls_session_reset
#define nx_secure_dtls_session_send                        _nx_secure_dtls_session_send
#define nx_secure_dtls_session_trusted_certificate_add     _nx_secure_dtls_session_trusted_certificate_add
#define nx_secure_dtls_session_trusted_certificate_remove  _nx_secure_dtls_session_trusted_certificate_remove
#define nx_secure_dtls_session_start                       _nx_secure_dtls_session_start
#define nx_secure_dtls_client_session_send                 _nx_secure_dtls_client_session_send
#define nx_secure_dtls_client_protocol_version_override    _nx_secure_dtls_client_protocol_version_override
#define nx_secure_dtls_server_protocol_version_override    _nx_secure_dtls_server_protocol_version_override
#define nx_secure_dtls_ecc_initialize                      _nx_secure_dtls_ecc_initialize
#define nx_secure_dtls_server_ecc_initialize               _nx_secure_dtls_server_ecc_initialize
#else
#define nx_secure_dtls_client_session_start              _nxe_secure_dtls_client_session_start
#define nx_secure_dtls_packet_allocate                   _nxe_secure_dtls_packet_allocate
#define nx_secure_dtls_psk_add                           _nxe_secure_dtls_psk_add
#define nx_secure_dtls_server_create                     _nxe_secure_dtls_server_create
#define nx_secure_dtls_server_delete                     _nxe_secure_dtls_server_delete
#define nx_secure_dtls_server_local_certificate_add      _nxe_secure_dtls_server_local_certificate_add
#define nx_secure_dtls_server_local_certificate_remove   _nxe_secure_dtls_server_local_certificate_remove
#define nx_secure_dtls_server_notify_set                 _nxe_secure_dtls_server_notify_set
#define nx_secure_dtls_server_psk_add                    _nxe_secure_dtls_server_psk_add
#define nx_secure_dtls_server_session_send               _nxe_secure_dtls_server_session_send
#define nx_secure_dtls_server_session_start              _nxe_secure_dtls_server_session_start
#define nx_secure_dtls_server_start                      _nxe_secure_dtls_server_start
#define nx_secure_dtls_server_stop                       _nxe_secure_dtls_server_stop
#define nx_secure_dtls_server_trusted_certificate_add    _nxe_secure_dtls_server_trusted_certificate_add
#define nx_secure_dtls_server_trusted_certificate_remove _nxe_secure_dtls_server_trusted_certificate_remove
#define nx_secure_dtls_server_x509_client_verify_configure                                                   \
    _nxe_secure_dtls_server_x509_client_verify_configure
#define nx_secure_dtls_server_x509_client_verify_disable  _nxe_secure_dtls_server_x509_client_verify_disable
#define nx_secure_dtls_session_client_info_get            _nxe_secure_dtls_session_client_info_get
#define nx_secure_dtls_session_create                     _nxe_secure_dtls_session_create
#define nx_secure_dtls_session_delete                     _nxe_secure_dtls_session_delete
#define nx_secure_dtls_session_end                        _nxe_secure_dtls_session_end
#define nx_secure_dtls_session_local_certificate_add      _nxe_secure_dtls_session_local_certificate_add
#define nx_secure_dtls_session_local_certificate_remove   _nxe_secure_dtls_session_local_certificate_remove
#define nx_secure_dtls_session_receive                    _nxe_secure_dtls_session_receive
#define nx_secure_dtls_session_reset                      _nxe_secure_dtls_session_reset
#define nx_secure_dtls_session_send                       _nxe_secure_dtls_session_send
#define nx_secure_dtls_session_trusted_certificate_add    _nxe_secure_dtls_session_trusted_certificate_add
#define nx_secure_dtls_session_trusted_certificate_remove _nxe_secure_dtls_session_trusted_certificate_remove
#define nx_secure_dtls_session_start                      _nxe_secure_dtls_session_start
#define nx_secure_dtls_client_session_send                _nxe_secure_dtls_client_session_send
#define nx_secure_dtls_client_protocol_version_override   _nxe_secure_dtls_client_protocol_version_override
#define nx_secure_dtls_server_protocol_version_override   _nxe_secure_dtls_server_protocol_version_override
#define nx_secure_dtls_ecc_initialize                     _nxe_secure_dtls_ecc_initialize
#define nx_secure_dtls_server_ecc_initialize              _nxe_secure_dtls_server_ecc_initialize
#endif

/* connect_notify with the first ClientHello, for a program that is not changed (nx_secure_host.h). */
#ifdef NX_HOST_DTLS_CONNECT_NOTIFY_FIRST
#undef nx_secure_dtls_server_start
#define nx_secure_dtls_server_start nx_host_dtls_server_start_notify_first
#endif

#endif
