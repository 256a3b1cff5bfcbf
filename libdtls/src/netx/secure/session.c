/* SPDX-License-Identifier: MIT */
#include "netx/secure/session.h"

/* The least length of a handshake message that a session must be able to take, bytes: a certificate chain of
 * usual size does not come in less. */
#define LEAST_MESSAGE 3000

_Static_assert(sizeof(secure_session) <= NX_SECURE_DTLS_SESSION_HOST_SIZE - 16,
               "NX_SECURE_DTLS_SESSION has too little room");
_Static_assert(sizeof(secure_server) <= NX_SECURE_DTLS_SERVER_HOST_SIZE,
               "NX_SECURE_DTLS_SERVER has too little room");

certificate_store *netx_session_certificates(NX_SECURE_DTLS_SESSION *session) {
    if (session->nx_secure_dtls_server_parent != NULL)
        return &netx_server_of(session->nx_secure_dtls_server_parent)->certificates;
    return &netx_session_of(session)->certificates;
}

psk_store *netx_session_psks(NX_SECURE_DTLS_SESSION *session) {
    if (session->nx_secure_dtls_server_parent != NULL)
        return &netx_server_of(session->nx_secure_dtls_server_parent)->psks;
    return &netx_session_of(session)->psks;
}

session_policy *netx_session_policy_of(NX_SECURE_DTLS_SESSION *session) {
    if (session->nx_secure_dtls_server_parent != NULL)
        return &netx_server_of(session->nx_secure_dtls_server_parent)->policy;
    return &netx_session_of(session)->policy;
}

NETX_HOT dtls_time netx_session_now(NX_SECURE_DTLS_SESSION *session) {
    secure_session *own = netx_session_of(session);
    own->now = (dtls_time){.monotonic_ns = tx_host_now(), .calendar_s = own->calendar_s};
    return own->now;
}

bool netx_session_read_calendar(NX_SECURE_DTLS_SESSION *session) {
    ULONG (*calendar)(VOID) = session->nx_secure_dtls_tls_session.nx_secure_tls_session_time_function;
    secure_session *own = netx_session_of(session);
    ULONG64 generation = own->generation;
    int64_t calendar_s = 0;
    /* A clock that is not set is one at which no certificate is valid. */
    if (calendar != NULL && (calendar_s = (int64_t)calendar()) == 0)
        calendar_s = 1;
    if (own->generation != generation)
        return false;
    own->calendar_s = calendar_s;
    return true;
}

ULONG64 netx_session_generation(void) {
    static _Atomic ULONG64 last;
    return ++last;
}

ULONG netx_session_metadata_size(void) {
    return (ULONG)DTLS_HANDSHAKE_SIZE(LEAST_MESSAGE, 1500) + (ULONG)MEMORY_ALIGNMENT;
}

bool netx_session_certificate_space(const UCHAR *buffer, ULONG len, UINT num) {
    if (buffer == NULL || num == 0)
        return buffer == NULL;
    return len / num >= sizeof(NX_SECURE_X509_CERT) + NX_SECURE_TLS_MINIMUM_CERTIFICATE_SIZE;
}

UINT netx_session_make(NX_SECURE_DTLS_SESSION *session, const NX_SECURE_TLS_CRYPTO *table,
                       const session_memory *memory) {
    if (memory->metadata_len < netx_session_metadata_size() ||
        !netx_session_certificate_space(memory->certificates, memory->certificates_len,
                                        memory->num_certificates))
        return NX_INVALID_PARAMETERS;
    /* The end of the block may be another's: slots begin where their buffer is aligned (server.c). */
    memset(session, 0, offsetof(NX_SECURE_DTLS_SESSION, nx_secure_dtls_host) + sizeof(secure_session));
    secure_session *own = netx_session_of(session);
    ULONG skipped = (ULONG)(-(uintptr_t)memory->metadata % MEMORY_ALIGNMENT);
    own->handshake_memory = (UCHAR *)memory->metadata + skipped;
    own->handshake_len = memory->metadata_len - skipped;
    own->reassembly = memory->reassembly;
    own->reassembly_len = memory->reassembly == NULL ? 0 : memory->reassembly_len;
    own->remote_certificates = memory->certificates;
    own->remote_certificates_len = memory->certificates_len;
    own->max_remote_certificates = memory->num_certificates;
    own->policy.crypto_table = table;
    own->generation = netx_session_generation();
    session->nx_secure_dtls_tls_session.nx_secure_tls_id = SESSION_ID;
    return NX_SUCCESS;
}

void netx_session_reset(NX_SECURE_DTLS_SESSION *session) {
    secure_session *own = netx_session_of(session);
    netx_engine_close(session);
    own->state = SESSION_IDLE;
    own->generation = netx_session_generation();
    own->heard = false;
    own->starting = false;
    netx_kernel_end_task(&own->start);
    own->closed = false;
    own->superseded = false;
    own->ending = NX_SUCCESS;
    own->has_cookie_secret = false;
    explicit_bzero(&own->cookie_secret, sizeof own->cookie_secret);
    NX_SECURE_TLS_SESSION *inner = &session->nx_secure_dtls_tls_session;
    inner->nx_secure_tls_local_session_active = 0;
    inner->nx_secure_tls_remote_session_active = 0;
    memset(inner->nx_secure_tls_local_sequence_number, 0, sizeof inner->nx_secure_tls_local_sequence_number);
    memset(&session->nx_secure_dtls_remote_ip_address, 0, sizeof session->nx_secure_dtls_remote_ip_address);
    session->nx_secure_dtls_remote_port = 0;
    memset(&own->local, 0, sizeof own->local);
    session->nx_secure_dtls_session_in_use = NX_FALSE;
    if (own->is_client || session->nx_secure_dtls_server_parent == NULL)
        session->nx_secure_dtls_udp_socket = NULL;
    /* Whoever waits is woken before packets are released, which may give the processor away. */
    if (session->nx_secure_dtls_thread_suspended != NULL)
        netx_kernel_wake_thread(session->nx_secure_dtls_thread_suspended, KERNEL_RESET);
    session->nx_secure_dtls_thread_suspended = NULL;
    packet_queue parked = own->parked;
    packet_queue plaintext = own->plaintext;
    memset(&own->parked, 0, sizeof own->parked);
    memset(&own->plaintext, 0, sizeof own->plaintext);
    netx_queue_release(&parked);
    netx_queue_release(&plaintext);
}

UINT _nx_secure_dtls_session_create(NX_SECURE_DTLS_SESSION *dtls_session,
                                    const NX_SECURE_TLS_CRYPTO *crypto_table, VOID *metadata_buffer,
                                    ULONG metadata_size, UCHAR *packet_reassembly_buffer,
                                    UINT packet_reassembly_buffer_size, UINT certs_number,
                                    UCHAR *remote_certificate_buffer, ULONG remote_certificate_buffer_size) {
    NETX_SERVICE;
    session_memory memory = {.metadata = metadata_buffer,
                             .metadata_len = metadata_size,
                             .reassembly = packet_reassembly_buffer,
                             .reassembly_len = packet_reassembly_buffer_size,
                             .certificates = remote_certificate_buffer,
                             .certificates_len = remote_certificate_buffer_size,
                             .num_certificates = certs_number};
    return netx_session_make(dtls_session, crypto_table, &memory);
}

UINT _nx_secure_dtls_session_delete(NX_SECURE_DTLS_SESSION *dtls_session) {
    NETX_SERVICE;
    netx_session_reset(dtls_session);
    netx_store_clear(&netx_session_of(dtls_session)->certificates);
    dtls_session->nx_secure_dtls_tls_session.nx_secure_tls_id = 0;
    explicit_bzero(netx_session_of(dtls_session), sizeof(secure_session));
    /* Whoever has waited sees that the session is another. */
    netx_session_of(dtls_session)->generation = netx_session_generation();
    return NX_SUCCESS;
}

UINT _nx_secure_dtls_session_reset(NX_SECURE_DTLS_SESSION *dtls_session) {
    NETX_SERVICE;
    netx_session_reset(dtls_session);
    return NX_SUCCESS;
}

VOID _nx_secure_dtls_initialize(VOID) {
}

VOID _nx_secure_tls_initialize(VOID) {
}

UINT _nx_secure_tls_metadata_size_calculate(const NX_SECURE_TLS_CRYPTO *cipher_table, ULONG *metadata_size) {
    NETX_SERVICE;
    if (cipher_table == NULL || metadata_size == NULL)
        return NX_PTR_ERROR;
    *metadata_size = netx_session_metadata_size();
    return NX_SUCCESS;
}

UINT _nx_secure_tls_session_time_function_set(NX_SECURE_TLS_SESSION *tls_session,
                                              ULONG (*time_func_ptr)(VOID)) {
    NETX_SERVICE;
    if (tls_session == NULL)
        return NX_PTR_ERROR;
    tls_session->nx_secure_tls_session_time_function = time_func_ptr;
    return NX_SUCCESS;
}

UINT _nx_secure_tls_session_certificate_callback_set(NX_SECURE_TLS_SESSION *tls_session,
                                                     ULONG (*func_ptr)(NX_SECURE_TLS_SESSION *session,
                                                                       NX_SECURE_X509_CERT *certificate)) {
    NETX_SERVICE;
    if (tls_session == NULL)
        return NX_PTR_ERROR;
    tls_session->nx_secure_tls_session_certificate_callback = func_ptr;
    return NX_SUCCESS;
}
