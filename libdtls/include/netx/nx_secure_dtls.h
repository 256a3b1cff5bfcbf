/* SPDX-License-Identifier: MIT
 *
 * The NetX Secure DTLS services: 28 of the published chapter, and the seven
 * public calls beside them. Programs include nx_secure_dtls_api.h.
 *
 * Each service has a page in docs/reference/netx/ that says for every code what
 * causes it here. Those that begin with `_nxe_` judge their arguments first;
 * `_nx_` ones trust them, and are what a program gets that defines
 * NX_SECURE_DISABLE_ERROR_CHECKING. Both change nothing when they answer a code
 * that is about arguments.
 *
 * Wait options are ticks (NX_IP_PERIODIC_RATE a second), real deadlines:
 * NX_NO_WAIT and NX_WAIT_FOREVER as everywhere. Handshakes repeat their flights
 * by RFC 6347 section 4.2.4 whatever the wait.
 *
 * Memory: control blocks, metadata, reassembly and certificate buffers are the
 * program's, of any alignment, and stay in place until the delete service; what a callback deletes, until
 * that callback has returned.
 */
#ifndef NX_SECURE_DTLS_H
#define NX_SECURE_DTLS_H

#include "nx_secure_tls.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NX_SECURE_DTLS_VERSION_1_0           0xFEFF
#define NX_SECURE_DTLS_VERSION_1_2           0xFEFD
#define NX_SECURE_DTLS_RECORD_HEADER_SIZE    13
#define NX_SECURE_DTLS_HANDSHAKE_HEADER_SIZE 12
#define NX_SECURE_DTLS_SESSION_NOT_FOUND     0x124

/* Retransmission: the first timeout and where doubling stops, in ticks, and how often a flight is repeated.
 */
#ifndef NX_SECURE_DTLS_RETRANSMIT_TIMEOUT
#define NX_SECURE_DTLS_RETRANSMIT_TIMEOUT (NX_IP_PERIODIC_RATE)
#endif
#ifndef NX_SECURE_DTLS_MAXIMUM_RETRANSMIT_TIMEOUT
#define NX_SECURE_DTLS_MAXIMUM_RETRANSMIT_TIMEOUT (60 * NX_IP_PERIODIC_RATE)
#endif
#define NX_SECURE_DTLS_MAXIMUM_RETRANSMIT_RETRIES 10
#define NX_SECURE_DTLS_RETRANSMIT_RETRY_SHIFT     1

struct NX_SECURE_DTLS_SERVER_STRUCT;

/* Room in a session for what is behind it, bytes; private. */
#define NX_SECURE_DTLS_SESSION_HOST_SIZE 6144
#define NX_SECURE_DTLS_SERVER_HOST_SIZE  4096

/* A session: a client's, or a slot of a server. Programs read the named members only. */
typedef struct NX_SECURE_DTLS_SESSION_STRUCT {
    NX_SECURE_TLS_SESSION nx_secure_dtls_tls_session;
    NX_UDP_SOCKET *nx_secure_dtls_udp_socket;
    UINT nx_secure_dtls_local_port;
    NXD_ADDRESS nx_secure_dtls_remote_ip_address;
    UINT nx_secure_dtls_remote_port;
    UINT nx_secure_dtls_session_in_use;
    struct NX_SECURE_DTLS_SERVER_STRUCT *nx_secure_dtls_server_parent;
    TX_THREAD *nx_secure_dtls_thread_suspended; /* the thread that waits for this session; NULL: none */
    struct NX_SECURE_DTLS_SESSION_STRUCT *nx_secure_dtls_created_next;
    ULONG64 nx_secure_dtls_host[NX_SECURE_DTLS_SESSION_HOST_SIZE / 8]; /* private */
} NX_SECURE_DTLS_SESSION;

/* A server: one UDP port, and a number of sessions. */
typedef struct NX_SECURE_DTLS_SERVER_STRUCT {
    ULONG nx_dtls_server_id;
    NX_IP *nx_dtls_server_ip_ptr;
    NX_UDP_SOCKET nx_dtls_server_udp_socket;
    NX_SECURE_DTLS_SESSION *nx_dtls_server_sessions;
    UINT nx_dtls_server_sessions_count;
    UINT nx_dtls_server_listen_port;
    ULONG nx_dtls_server_timeout;
    UINT(*nx_secure_dtls_connect_notify)
    (NX_SECURE_DTLS_SESSION *dtls_session, NXD_ADDRESS *ip_address, UINT port);
    UINT (*nx_secure_dtls_receive_notify)(NX_SECURE_DTLS_SESSION *dtls_session);
    UINT (*nx_secure_dtls_disconnect_notify)(NX_SECURE_DTLS_SESSION *dtls_session);
    UINT (*nx_secure_dtls_error_notify)(NX_SECURE_DTLS_SESSION *dtls_session, UINT error_code);
    USHORT nx_dtls_server_protocol_version_override;
    struct NX_SECURE_DTLS_SERVER_STRUCT *nx_dtls_server_created_next;
    ULONG64 nx_dtls_server_host[NX_SECURE_DTLS_SERVER_HOST_SIZE / 8]; /* private */
} NX_SECURE_DTLS_SERVER;

/* Connects to a server and waits until the handshake is over (RFC 6347). `udp_socket` is bound and the
 * session's alone until it ends. `ip_address` and `port` are copied. When the wait ends first, the handshake
 * is given up and the session reset; with NX_NO_WAIT it goes on, and a later call with the same peer takes it
 * up. NX_SUCCESS; NX_NOT_CONNECTED: nothing came from the peer within the wait; NX_NO_PACKET: the wait ended
 * in the middle of the handshake; NX_NOT_BOUND: the socket is not bound; NX_IP_ADDRESS_ERROR,
 * NX_INVALID_PORT: no such peer; NX_NOT_SUCCESSFUL: the session is established already;
 * NX_SECURE_TLS_ALERT_RECEIVED: the peer refused; NX_SECURE_TLS_* as the handshake fails
 * (docs/reference/netx); NX_PTR_ERROR: an argument is NULL; NX_SECURE_TLS_SESSION_UNINITIALIZED: not created.
 */
UINT _nxe_secure_dtls_client_session_start(NX_SECURE_DTLS_SESSION *dtls_session, NX_UDP_SOCKET *udp_socket,
                                           NXD_ADDRESS *ip_address, UINT port, UINT wait_option);
UINT _nx_secure_dtls_client_session_start(NX_SECURE_DTLS_SESSION *dtls_session, NX_UDP_SOCKET *udp_socket,
                                          NXD_ADDRESS *ip_address, UINT port, UINT wait_option);

/* Takes a packet with room in front for the headers and the record of this session. NX_SUCCESS;
 * NX_SECURE_TLS_ALLOCATE_PACKET_FAILED: the pool is empty for as long as the wait;
 * NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL: the pool's packets are too small for a record; NX_PTR_ERROR;
 * NX_SECURE_TLS_SESSION_UNINITIALIZED. */
UINT _nxe_secure_dtls_packet_allocate(NX_SECURE_DTLS_SESSION *session_ptr, NX_PACKET_POOL *pool_ptr,
                                      NX_PACKET **packet_ptr, ULONG wait_option);
UINT _nx_secure_dtls_packet_allocate(NX_SECURE_DTLS_SESSION *session_ptr, NX_PACKET_POOL *pool_ptr,
                                     NX_PACKET **packet_ptr, ULONG wait_option);

/* Adds a pre-shared key (RFC 4279): all three parts are copied. A client answers with the key whose hint
 * equals the server's, or the first; a server looks keys up by identity, and sends the hint of the first.
 * NX_SUCCESS; NX_SECURE_TLS_NO_MORE_PSK_SPACE: NX_SECURE_TLS_MAX_PSK_KEYS are there, or a part is longer than
 * its limit; NX_PTR_ERROR: NULL with a length, or no key; NX_SECURE_TLS_SESSION_UNINITIALIZED. */
UINT _nxe_secure_dtls_psk_add(NX_SECURE_DTLS_SESSION *session_ptr, UCHAR *pre_shared_key, UINT psk_length,
                              UCHAR *psk_identity, UINT identity_length, UCHAR *hint, UINT hint_length);
UINT _nx_secure_dtls_psk_add(NX_SECURE_DTLS_SESSION *session_ptr, UCHAR *pre_shared_key, UINT psk_length,
                             UCHAR *psk_identity, UINT identity_length, UCHAR *hint, UINT hint_length);

/* Makes a server: as many sessions as `session_buffer` has room for, each with its share of the metadata and
 * reassembly buffers. `connect_notify` tells of a client that has passed the cookie exchange (or before:
 * nx_secure_host.h): the program then calls `nx_secure_dtls_server_session_start`. `receive_notify` tells
 * that data is there. Both are called by the IP thread. `timeout`: ticks to wait for the port in
 * `nx_secure_dtls_server_start`. NX_SUCCESS; NX_INVALID_PARAMETERS: no room for one session, or a buffer's
 * share is too small; NX_PTR_ERROR: NULL, or the server is created already. */
UINT _nxe_secure_dtls_server_create(
    NX_SECURE_DTLS_SERVER *server_ptr, NX_IP *ip_ptr, UINT port, ULONG timeout, VOID *session_buffer,
    UINT session_buffer_size, const NX_SECURE_TLS_CRYPTO *crypto_table, VOID *crypto_metadata_buffer,
    ULONG crypto_metadata_size, UCHAR *packet_reassembly_buffer, UINT packet_reassembly_buffer_size,
    UINT (*connect_notify)(NX_SECURE_DTLS_SESSION *dtls_session, NXD_ADDRESS *ip_address, UINT port),
    UINT (*receive_notify)(NX_SECURE_DTLS_SESSION *dtls_session));
UINT _nx_secure_dtls_server_create(
    NX_SECURE_DTLS_SERVER *server_ptr, NX_IP *ip_ptr, UINT port, ULONG timeout, VOID *session_buffer,
    UINT session_buffer_size, const NX_SECURE_TLS_CRYPTO *crypto_table, VOID *crypto_metadata_buffer,
    ULONG crypto_metadata_size, UCHAR *packet_reassembly_buffer, UINT packet_reassembly_buffer_size,
    UINT (*connect_notify)(NX_SECURE_DTLS_SESSION *dtls_session, NXD_ADDRESS *ip_address, UINT port),
    UINT (*receive_notify)(NX_SECURE_DTLS_SESSION *dtls_session));

/* Ends the use of a stopped server and wipes its sessions. Certificates and buffers are the program's again.
 * NX_SUCCESS; NX_STILL_BOUND: not stopped; nothing was changed; NX_PTR_ERROR: not a created server. */
UINT _nxe_secure_dtls_server_delete(NX_SECURE_DTLS_SERVER *server_ptr);
UINT _nx_secure_dtls_server_delete(NX_SECURE_DTLS_SERVER *server_ptr);

/* Adds a certificate with its key that the server shows; issuers without a key complete its chain. It is
 * referred to, not copied. NX_SUCCESS; NX_INVALID_PARAMETERS: `cert_id` is 0, or the certificate is in a
 * store already; NX_SECURE_TLS_CERT_ID_DUPLICATE: the id is taken; NX_PTR_ERROR. */
UINT _nxe_secure_dtls_server_local_certificate_add(NX_SECURE_DTLS_SERVER *server_ptr,
                                                   NX_SECURE_X509_CERT *certificate, UINT cert_id);
UINT _nx_secure_dtls_server_local_certificate_add(NX_SECURE_DTLS_SERVER *server_ptr,
                                                  NX_SECURE_X509_CERT *certificate, UINT cert_id);

/* Removes by `cert_id` if that is not 0, else by common name. NX_SUCCESS;
 * NX_SECURE_TLS_CERTIFICATE_NOT_FOUND; NX_PTR_ERROR: the server, or neither name nor id. */
UINT _nxe_secure_dtls_server_local_certificate_remove(NX_SECURE_DTLS_SERVER *server_ptr, UCHAR *common_name,
                                                      UINT common_name_length, UINT cert_id);
UINT _nx_secure_dtls_server_local_certificate_remove(NX_SECURE_DTLS_SERVER *server_ptr, UCHAR *common_name,
                                                     UINT common_name_length, UINT cert_id);

/* Sets or clears (NULL) two callbacks. `disconnect_notify`: an established session has ended, by the peer's
 * close_notify or a fatal alert; the peer's address is still there. `error_notify`: a handshake has failed or
 * timed out outside a service that says so itself; with a NULL session, NX_SECURE_TLS_NO_FREE_DTLS_SESSIONS.
 * NX_SUCCESS; NX_PTR_ERROR. */
UINT _nxe_secure_dtls_server_notify_set(NX_SECURE_DTLS_SERVER *server_ptr,
                                        UINT (*disconnect_notify)(NX_SECURE_DTLS_SESSION *dtls_session),
                                        UINT (*error_notify)(NX_SECURE_DTLS_SESSION *dtls_session,
                                                             UINT error_code));
UINT _nx_secure_dtls_server_notify_set(NX_SECURE_DTLS_SERVER *server_ptr,
                                       UINT (*disconnect_notify)(NX_SECURE_DTLS_SESSION *dtls_session),
                                       UINT (*error_notify)(NX_SECURE_DTLS_SESSION *dtls_session,
                                                            UINT error_code));

/* `nx_secure_dtls_psk_add` for all sessions of a server; either all get it or none. NX_SUCCESS;
 * NX_SECURE_TLS_NO_MORE_PSK_SPACE; NX_PTR_ERROR. */
UINT _nxe_secure_dtls_server_psk_add(NX_SECURE_DTLS_SERVER *server_ptr, UCHAR *pre_shared_key,
                                     UINT psk_length, UCHAR *psk_identity, UINT identity_length, UCHAR *hint,
                                     UINT hint_length);
UINT _nx_secure_dtls_server_psk_add(NX_SECURE_DTLS_SERVER *server_ptr, UCHAR *pre_shared_key, UINT psk_length,
                                    UCHAR *psk_identity, UINT identity_length, UCHAR *hint, UINT hint_length);

/* Sends the packet's data as one record to the peer of an established session. The packet is the stack's
 * afterwards; if a code is answered it is still the caller's, unchanged. NX_SUCCESS;
 * NX_SECURE_TLS_SESSION_UNINITIALIZED: no established session; NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL: a
 * chained packet, one whose length is not that of its data, or no room for the record;
 * NX_SECURE_TLS_TCP_SEND_FAILED: UDP refused it;
 * NX_NOT_SUCCESSFUL: the record numbers are used up; NX_PTR_ERROR. */
UINT _nxe_secure_dtls_server_session_send(NX_SECURE_DTLS_SESSION *session_ptr, NX_PACKET *packet_ptr);
UINT _nx_secure_dtls_server_session_send(NX_SECURE_DTLS_SESSION *session_ptr, NX_PACKET *packet_ptr);

/* Completes the handshake with the client of which `connect_notify` told. Waits as
 * `nx_secure_dtls_client_session_start` does. NX_SUCCESS; NX_NO_PACKET: the wait ended; NX_NOT_SUCCESSFUL:
 * established already; NX_SECURE_TLS_ALERT_RECEIVED; NX_SECURE_TLS_* as the handshake fails
 * (docs/reference/netx); NX_PTR_ERROR; NX_SECURE_TLS_SESSION_UNINITIALIZED: not a server's session in use. */
UINT _nxe_secure_dtls_server_session_start(NX_SECURE_DTLS_SESSION *session_ptr, UINT wait_option);
UINT _nx_secure_dtls_server_session_start(NX_SECURE_DTLS_SESSION *session_ptr, UINT wait_option);

/* Binds the port and answers clients. NX_SUCCESS; NX_ALREADY_BOUND: started already; NX_PORT_UNAVAILABLE:
 * another socket has the port; NX_NO_FREE_PORTS, NX_INVALID_PORT, NX_NOT_ENABLED: as UDP says; NX_PTR_ERROR.
 */
UINT _nxe_secure_dtls_server_start(NX_SECURE_DTLS_SERVER *server_ptr);
UINT _nx_secure_dtls_server_start(NX_SECURE_DTLS_SERVER *server_ptr);
/* The same with NX_HOST_DTLS_CONNECT_NOTIFY_FIRST (nx_secure_host.h). */
UINT nx_host_dtls_server_start_notify_first(NX_SECURE_DTLS_SERVER *server_ptr);

/* Releases the port and resets all sessions; no close_notify is sent. Threads that wait for a session get
 * NX_SECURE_TLS_SESSION_UNINITIALIZED. NX_SUCCESS; NX_NOT_BOUND: not started; NX_PTR_ERROR. */
UINT _nxe_secure_dtls_server_stop(NX_SECURE_DTLS_SERVER *server_ptr);
UINT _nx_secure_dtls_server_stop(NX_SECURE_DTLS_SERVER *server_ptr);

/* Adds a trust anchor for clients' certificates, or an issuer between. It is referred to, not copied.
 * NX_SUCCESS; NX_INVALID_PARAMETERS: `cert_id` is 0, or the certificate is in a store already;
 * NX_SECURE_TLS_CERT_ID_DUPLICATE; NX_PTR_ERROR. */
UINT _nxe_secure_dtls_server_trusted_certificate_add(NX_SECURE_DTLS_SERVER *server_ptr,
                                                     NX_SECURE_X509_CERT *certificate, UINT cert_id);
UINT _nx_secure_dtls_server_trusted_certificate_add(NX_SECURE_DTLS_SERVER *server_ptr,
                                                    NX_SECURE_X509_CERT *certificate, UINT cert_id);

/* Removes by `cert_id` if that is not 0, else by common name. NX_SUCCESS;
 * NX_SECURE_TLS_CERTIFICATE_NOT_FOUND; NX_PTR_ERROR. */
UINT _nxe_secure_dtls_server_trusted_certificate_remove(NX_SECURE_DTLS_SERVER *server_ptr, UCHAR *common_name,
                                                        UINT common_name_length, UINT cert_id);
UINT _nx_secure_dtls_server_trusted_certificate_remove(NX_SECURE_DTLS_SERVER *server_ptr, UCHAR *common_name,
                                                       UINT common_name_length, UINT cert_id);

/* Demands certificates of clients, chains of up to `certs_per_session`. `certs_buffer` is divided among the
 * sessions. NX_SUCCESS; NX_INVALID_PARAMETERS: 0 certificates or bytes, or a certificate's share is less than
 * NX_SECURE_TLS_MINIMUM_CERTIFICATE_SIZE besides its block; NX_PTR_ERROR. */
UINT _nxe_secure_dtls_server_x509_client_verify_configure(NX_SECURE_DTLS_SERVER *server_ptr,
                                                          UINT certs_per_session, UCHAR *certs_buffer,
                                                          ULONG buffer_size);
UINT _nx_secure_dtls_server_x509_client_verify_configure(NX_SECURE_DTLS_SERVER *server_ptr,
                                                         UINT certs_per_session, UCHAR *certs_buffer,
                                                         ULONG buffer_size);

/* Clients' certificates are not asked for any more. NX_SUCCESS; NX_PTR_ERROR. */
UINT _nxe_secure_dtls_server_x509_client_verify_disable(NX_SECURE_DTLS_SERVER *server_ptr);
UINT _nx_secure_dtls_server_x509_client_verify_disable(NX_SECURE_DTLS_SERVER *server_ptr);

/* The peer of a server's session in use, from anywhere, callbacks included. Each output may be NULL.
 * NX_SUCCESS; NX_NOT_CONNECTED: the slot is not in use; NX_INVALID_SOCKET: not a server's session;
 * NX_PTR_ERROR; NX_SECURE_TLS_SESSION_UNINITIALIZED. */
UINT _nxe_secure_dtls_session_client_info_get(NX_SECURE_DTLS_SESSION *session_ptr,
                                              NXD_ADDRESS *client_ip_address, UINT *client_port,
                                              UINT *local_port);
UINT _nx_secure_dtls_session_client_info_get(NX_SECURE_DTLS_SESSION *session_ptr,
                                             NXD_ADDRESS *client_ip_address, UINT *client_port,
                                             UINT *local_port);

/* Makes a client's session. `remote_certificate_buffer` holds the peer's chain of up to `certs_number` for
 * the certificate callback; with NULL the reassembly buffer lends the space. NX_SUCCESS;
 * NX_INVALID_PARAMETERS: the metadata is less than `nx_secure_tls_metadata_size_calculate` says, or a
 * certificate's share too small; NX_PTR_ERROR: NULL, or created already. */
UINT _nxe_secure_dtls_session_create(NX_SECURE_DTLS_SESSION *dtls_session,
                                     const NX_SECURE_TLS_CRYPTO *crypto_table, VOID *metadata_buffer,
                                     ULONG metadata_size, UCHAR *packet_reassembly_buffer,
                                     UINT packet_reassembly_buffer_size, UINT certs_number,
                                     UCHAR *remote_certificate_buffer, ULONG remote_certificate_buffer_size);
UINT _nx_secure_dtls_session_create(NX_SECURE_DTLS_SESSION *dtls_session,
                                    const NX_SECURE_TLS_CRYPTO *crypto_table, VOID *metadata_buffer,
                                    ULONG metadata_size, UCHAR *packet_reassembly_buffer,
                                    UINT packet_reassembly_buffer_size, UINT certs_number,
                                    UCHAR *remote_certificate_buffer, ULONG remote_certificate_buffer_size);

/* Ends the use of a session and wipes it; nothing is sent. Buffers and certificates are the program's again.
 * NX_SUCCESS; NX_PTR_ERROR: not created. */
UINT _nxe_secure_dtls_session_delete(NX_SECURE_DTLS_SESSION *dtls_session);
UINT _nx_secure_dtls_session_delete(NX_SECURE_DTLS_SESSION *dtls_session);

/* Sends close_notify (RFC 5246 section 7.2.1), waits for the peer's unless it has come, drops what else
 * comes, and resets the session in any case. Of a session that is not established it only resets. NX_SUCCESS;
 * NX_NO_PACKET: no close_notify came within a wait that is not NX_NO_WAIT; NX_SECURE_TLS_TCP_SEND_FAILED: UDP
 * refused ours; NX_SECURE_TLS_ALLOCATE_PACKET_FAILED: no packet for ours; NX_PTR_ERROR;
 * NX_SECURE_TLS_SESSION_UNINITIALIZED: not created, or not in use. */
UINT _nxe_secure_dtls_session_end(NX_SECURE_DTLS_SESSION *dtls_session, UINT wait_option);
UINT _nx_secure_dtls_session_end(NX_SECURE_DTLS_SESSION *dtls_session, UINT wait_option);

/* Adds a certificate with its key that the session shows; issuers without a key complete its chain. It is
 * referred to, not copied. NX_SUCCESS; NX_INVALID_PARAMETERS: `cert_id` is 0, or the certificate is in a
 * store already; NX_SECURE_TLS_CERT_ID_DUPLICATE; NX_PTR_ERROR; NX_SECURE_TLS_SESSION_UNINITIALIZED. */
UINT _nxe_secure_dtls_session_local_certificate_add(NX_SECURE_DTLS_SESSION *session_ptr,
                                                    NX_SECURE_X509_CERT *certificate, UINT cert_id);
UINT _nx_secure_dtls_session_local_certificate_add(NX_SECURE_DTLS_SESSION *session_ptr,
                                                   NX_SECURE_X509_CERT *certificate, UINT cert_id);

/* Removes by `cert_id` if that is not 0, else by common name. NX_SUCCESS;
 * NX_SECURE_TLS_CERTIFICATE_NOT_FOUND; NX_PTR_ERROR; NX_SECURE_TLS_SESSION_UNINITIALIZED. */
UINT _nxe_secure_dtls_session_local_certificate_remove(NX_SECURE_DTLS_SESSION *session_ptr,
                                                       UCHAR *common_name, UINT common_name_length,
                                                       UINT cert_id);
UINT _nx_secure_dtls_session_local_certificate_remove(NX_SECURE_DTLS_SESSION *session_ptr, UCHAR *common_name,
                                                      UINT common_name_length, UINT cert_id);

/* Waits for data: one record's plaintext in a packet of the IP instance's default pool, which the caller
 * releases. `*packet_ptr_ptr` is NULL with every other code. Forged and damaged records never make it answer.
 * NX_SUCCESS; NX_NO_PACKET: nothing within the wait; NX_SECURE_TLS_CLOSE_NOTIFY_RECEIVED: the peer has
 * closed, and everything before was received; NX_SECURE_TLS_ALERT_RECEIVED: a fatal alert;
 * NX_ALREADY_SUSPENDED: another thread waits for this session; NX_NOT_BOUND: a client's socket is not bound
 * any more; NX_WAIT_ABORTED; NX_PTR_ERROR; NX_SECURE_TLS_SESSION_UNINITIALIZED: not established, or reset
 * meanwhile. */
UINT _nxe_secure_dtls_session_receive(NX_SECURE_DTLS_SESSION *dtls_session, NX_PACKET **packet_ptr_ptr,
                                      ULONG wait_option);
UINT _nx_secure_dtls_session_receive(NX_SECURE_DTLS_SESSION *dtls_session, NX_PACKET **packet_ptr_ptr,
                                     ULONG wait_option);

/* Forgets the peer and all keys; keeps certificates, PSKs, buffers and callbacks. Nothing is sent. A thread
 * that waits gets NX_SECURE_TLS_SESSION_UNINITIALIZED. NX_SUCCESS; NX_PTR_ERROR;
 * NX_SECURE_TLS_SESSION_UNINITIALIZED. */
UINT _nxe_secure_dtls_session_reset(NX_SECURE_DTLS_SESSION *dtls_session);
UINT _nx_secure_dtls_session_reset(NX_SECURE_DTLS_SESSION *dtls_session);

/* As `nx_secure_dtls_server_session_send`, with the peer's address given once more. NX_SUCCESS;
 * NX_SECURE_TLS_SEND_ADDRESS_MISMATCH: not the session's peer; NX_SECURE_TLS_SESSION_UNINITIALIZED;
 * NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL; NX_SECURE_TLS_TCP_SEND_FAILED; NX_NOT_SUCCESSFUL; NX_PTR_ERROR. */
UINT _nxe_secure_dtls_session_send(NX_SECURE_DTLS_SESSION *session_ptr, NX_PACKET *packet_ptr,
                                   NXD_ADDRESS *ip_address, UINT port);
UINT _nx_secure_dtls_session_send(NX_SECURE_DTLS_SESSION *session_ptr, NX_PACKET *packet_ptr,
                                  NXD_ADDRESS *ip_address, UINT port);

/* Adds a trust anchor for the peer's certificate, or an issuer between. It is referred to, not copied.
 * NX_SUCCESS; NX_INVALID_PARAMETERS: `cert_id` is 0, or the certificate is in a store already;
 * NX_SECURE_TLS_CERT_ID_DUPLICATE; NX_PTR_ERROR; NX_SECURE_TLS_SESSION_UNINITIALIZED. */
UINT _nxe_secure_dtls_session_trusted_certificate_add(NX_SECURE_DTLS_SESSION *session_ptr,
                                                      NX_SECURE_X509_CERT *certificate, UINT cert_id);
UINT _nx_secure_dtls_session_trusted_certificate_add(NX_SECURE_DTLS_SESSION *session_ptr,
                                                     NX_SECURE_X509_CERT *certificate, UINT cert_id);

/* Removes by `cert_id` if that is not 0, else by common name. NX_SUCCESS;
 * NX_SECURE_TLS_CERTIFICATE_NOT_FOUND; NX_PTR_ERROR; NX_SECURE_TLS_SESSION_UNINITIALIZED. */
UINT _nxe_secure_dtls_session_trusted_certificate_remove(NX_SECURE_DTLS_SESSION *session_ptr,
                                                         UCHAR *common_name, UINT common_name_length,
                                                         UINT cert_id);
UINT _nx_secure_dtls_session_trusted_certificate_remove(NX_SECURE_DTLS_SESSION *session_ptr,
                                                        UCHAR *common_name, UINT common_name_length,
                                                        UINT cert_id);

/* Not in the chapter. As a client (`is_client` not 0): `nx_secure_dtls_client_session_start` with the peer
 * that the session had last. As a server: of a session that is no server's slot, takes the first client on
 * `udp_socket`. Codes as nx_secure_dtls_client_session_start. */
UINT _nxe_secure_dtls_session_start(NX_SECURE_DTLS_SESSION *dtls_session, NX_UDP_SOCKET *udp_socket,
                                    UINT is_client, UINT wait_option);
UINT _nx_secure_dtls_session_start(NX_SECURE_DTLS_SESSION *dtls_session, NX_UDP_SOCKET *udp_socket,
                                   UINT is_client, UINT wait_option);

/* Not in the chapter. `nx_secure_dtls_server_session_send` of a client. Codes as there. */
UINT _nxe_secure_dtls_client_session_send(NX_SECURE_DTLS_SESSION *session_ptr, NX_PACKET *packet_ptr);
UINT _nx_secure_dtls_client_session_send(NX_SECURE_DTLS_SESSION *session_ptr, NX_PACKET *packet_ptr);

/* Not in the chapter. Allows just this version, NX_SECURE_DTLS_VERSION_1_2, or _1_0 with a crypto table that
 * has suites for it. NX_SUCCESS; NX_PTR_ERROR: NULL, or another version; NX_SECURE_TLS_SESSION_UNINITIALIZED.
 */
UINT _nxe_secure_dtls_client_protocol_version_override(NX_SECURE_DTLS_SESSION *session_ptr,
                                                       USHORT protocol_version);
UINT _nx_secure_dtls_client_protocol_version_override(NX_SECURE_DTLS_SESSION *session_ptr,
                                                      USHORT protocol_version);

/* Not in the chapter. Allows just this version, NX_SECURE_DTLS_VERSION_1_2, or _1_0 with a crypto table that
 * has suites for it. NX_SUCCESS; NX_PTR_ERROR: NULL, or another version. */
UINT _nxe_secure_dtls_server_protocol_version_override(NX_SECURE_DTLS_SERVER *server_ptr,
                                                       USHORT protocol_version);
UINT _nx_secure_dtls_server_protocol_version_override(NX_SECURE_DTLS_SERVER *server_ptr,
                                                      USHORT protocol_version);

/* Not in the chapter. Narrows the groups to these, most preferred first; without it all of this library's are
 * used. NX_SUCCESS; NX_INVALID_PARAMETERS: none of them is known; NX_PTR_ERROR;
 * NX_SECURE_TLS_SESSION_UNINITIALIZED. */
UINT _nxe_secure_dtls_ecc_initialize(NX_SECURE_DTLS_SESSION *session_ptr, const USHORT *supported_groups,
                                     USHORT supported_group_count, const NX_CRYPTO_METHOD **curves);
UINT _nx_secure_dtls_ecc_initialize(NX_SECURE_DTLS_SESSION *session_ptr, const USHORT *supported_groups,
                                    USHORT supported_group_count, const NX_CRYPTO_METHOD **curves);

/* Not in the chapter. `nx_secure_dtls_ecc_initialize` for a server. NX_SUCCESS; NX_INVALID_PARAMETERS;
 * NX_PTR_ERROR. */
UINT _nxe_secure_dtls_server_ecc_initialize(NX_SECURE_DTLS_SERVER *server_ptr, const USHORT *supported_groups,
                                            USHORT supported_group_count, const NX_CRYPTO_METHOD **curves);
UINT _nx_secure_dtls_server_ecc_initialize(NX_SECURE_DTLS_SERVER *server_ptr, const USHORT *supported_groups,
                                           USHORT supported_group_count, const NX_CRYPTO_METHOD **curves);

/* Optional: there is nothing to make ready. */
VOID _nx_secure_dtls_initialize(VOID);

#ifdef __cplusplus
}
#endif

#endif
