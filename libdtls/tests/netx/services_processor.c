/* SPDX-License-Identifier: MIT
 *
 * A POSIX thread that ThreadX did not make asks for the processor first, whichever service it calls: nothing
 * of a session is looked at while another thread may change it.
 */
#include "netx/threadx/kernel.h"
#include "services_world.h"

static NX_SECURE_DTLS_SESSION session;
static NX_SECURE_DTLS_SERVER server;
static NX_SECURE_X509_CERT certificate;
static NX_UDP_SOCKET udp_socket;
static NX_PACKET_POOL pool;
static NX_PACKET packet;
static NX_PACKET *received;
static NXD_ADDRESS address;
static NX_SECURE_X509_DNS_NAME name;
static UCHAR key[1];
static ULONG size;

static UINT num_asked;

TX_THREAD *__real_netx_kernel_adopt(void);
TX_THREAD *__wrap_netx_kernel_adopt(void);

TX_THREAD *__wrap_netx_kernel_adopt(void) {
    num_asked++;
    return __real_netx_kernel_adopt();
}

#define ASKS(call)                                                                                           \
    do {                                                                                                     \
        num_asked = 0;                                                                                       \
        (void)(call);                                                                                        \
        if (num_asked == 0)                                                                                  \
            fail_msg("%s", #call);                                                                           \
    } while (0)

/* Blocks of zeros are enough: what is called last says no at once. */
static int begin(void **state) {
    (void)state;
    memset(&session, 0, sizeof session);
    memset(&server, 0, sizeof server);
    server.nx_dtls_server_sessions = &session;
    server.nx_dtls_server_sessions_count = 1;
    return 0;
}

static void sessions_checked(void **state) {
    (void)state;
    ASKS(_nxe_secure_dtls_session_create(0, 0, 0, 0, 0, 0, 0, 0, 0));
    ASKS(_nxe_secure_dtls_session_delete(0));
    ASKS(_nxe_secure_dtls_session_reset(0));
    ASKS(_nxe_secure_dtls_client_session_start(0, 0, 0, 0, 0));
    ASKS(_nxe_secure_dtls_session_start(0, 0, 0, 0));
    ASKS(_nxe_secure_dtls_packet_allocate(0, 0, 0, 0));
    ASKS(_nxe_secure_dtls_psk_add(0, 0, 0, 0, 0, 0, 0));
    ASKS(_nxe_secure_dtls_session_send(0, 0, 0, 0));
    ASKS(_nxe_secure_dtls_server_session_send(0, 0));
    ASKS(_nxe_secure_dtls_client_session_send(0, 0));
    ASKS(_nxe_secure_dtls_session_receive(0, 0, 0));
    ASKS(_nxe_secure_dtls_session_end(0, 0));
    ASKS(_nxe_secure_dtls_session_local_certificate_add(0, 0, 0));
    ASKS(_nxe_secure_dtls_session_trusted_certificate_add(0, 0, 0));
    ASKS(_nxe_secure_dtls_session_local_certificate_remove(0, 0, 0, 0));
    ASKS(_nxe_secure_dtls_session_trusted_certificate_remove(0, 0, 0, 0));
    ASKS(_nxe_secure_dtls_server_session_start(0, 0));
    ASKS(_nxe_secure_dtls_session_client_info_get(0, 0, 0, 0));
    ASKS(_nxe_secure_dtls_client_protocol_version_override(0, 0));
    ASKS(_nxe_secure_dtls_ecc_initialize(0, 0, 0, 0));
}

static void servers_checked(void **state) {
    (void)state;
    ASKS(_nxe_secure_dtls_server_create(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    ASKS(_nxe_secure_dtls_server_delete(0));
    ASKS(_nxe_secure_dtls_server_start(0));
    ASKS(_nxe_secure_dtls_server_stop(0));
    ASKS(_nxe_secure_dtls_server_notify_set(0, 0, 0));
    ASKS(_nxe_secure_dtls_server_psk_add(0, 0, 0, 0, 0, 0, 0));
    ASKS(_nxe_secure_dtls_server_local_certificate_add(0, 0, 0));
    ASKS(_nxe_secure_dtls_server_trusted_certificate_add(0, 0, 0));
    ASKS(_nxe_secure_dtls_server_local_certificate_remove(0, 0, 0, 0));
    ASKS(_nxe_secure_dtls_server_trusted_certificate_remove(0, 0, 0, 0));
    ASKS(_nxe_secure_dtls_server_x509_client_verify_configure(0, 0, 0, 0));
    ASKS(_nxe_secure_dtls_server_x509_client_verify_disable(0));
    ASKS(_nxe_secure_dtls_server_protocol_version_override(0, 0));
    ASKS(_nxe_secure_dtls_server_ecc_initialize(0, 0, 0, 0));
    ASKS(nx_host_dtls_server_connect_notify_first_set(0, 0));
    ASKS(nx_host_dtls_server_start_notify_first(0));
    ASKS(nx_host_dtls_server_idle_limit_set(0, 0));
}

static void sessions_unchecked(void **state) {
    (void)state;
    NX_SECURE_TLS_SESSION *inner = &session.nx_secure_dtls_tls_session;
    ASKS(_nx_secure_dtls_session_create(&session, &nx_crypto_tls_ciphers_ecc, key, 1, 0, 0, 0, 0, 0));
    ASKS(_nx_secure_dtls_client_session_start(&session, &udp_socket, &address, 0, 0));
    ASKS(_nx_secure_dtls_session_start(&session, &udp_socket, 1, 0));
    ASKS(_nx_secure_dtls_packet_allocate(&session, &pool, &received, 0));
    ASKS(_nx_secure_dtls_psk_add(&session, key, 1, key, 1, 0, 0));
    ASKS(_nx_secure_dtls_session_send(&session, &packet, &address, 0));
    ASKS(_nx_secure_dtls_server_session_send(&session, &packet));
    ASKS(_nx_secure_dtls_client_session_send(&session, &packet));
    ASKS(_nx_secure_dtls_session_receive(&session, &received, 0));
    ASKS(_nx_secure_dtls_session_local_certificate_add(&session, &certificate, 1));
    ASKS(_nx_secure_dtls_session_local_certificate_remove(&session, key, 1, 1));
    ASKS(_nx_secure_dtls_session_trusted_certificate_add(&session, &certificate, 1));
    ASKS(_nx_secure_dtls_session_trusted_certificate_remove(&session, key, 1, 1));
    ASKS(_nx_secure_dtls_server_session_start(&session, 0));
    ASKS(_nx_secure_dtls_session_client_info_get(&session, 0, 0, 0));
    ASKS(_nx_secure_dtls_client_protocol_version_override(&session, 0));
    ASKS(_nx_secure_dtls_ecc_initialize(&session, 0, 0, 0));
    ASKS(_nx_secure_dtls_session_end(&session, 0));
    ASKS(_nx_secure_dtls_session_reset(&session));
    ASKS(_nx_secure_dtls_session_delete(&session));
    ASKS(_nx_secure_tls_metadata_size_calculate(&nx_crypto_tls_ciphers_ecc, &size));
    ASKS(_nx_secure_tls_session_time_function_set(inner, 0));
    ASKS(_nx_secure_tls_session_certificate_callback_set(inner, 0));
    ASKS(_nx_secure_tls_session_sni_extension_set(inner, &name));
    ASKS(_nx_secure_tls_client_psk_set(inner, key, 1, key, 1, 0, 0));
}

static void servers_unchecked(void **state) {
    (void)state;
    ASKS(_nx_secure_dtls_server_start(&server));
    ASKS(_nx_secure_dtls_server_stop(&server));
    ASKS(_nx_secure_dtls_server_notify_set(&server, 0, 0));
    ASKS(_nx_secure_dtls_server_psk_add(&server, key, 1, key, 1, 0, 0));
    ASKS(_nx_secure_dtls_server_local_certificate_add(&server, &certificate, 1));
    ASKS(_nx_secure_dtls_server_local_certificate_remove(&server, key, 1, 1));
    ASKS(_nx_secure_dtls_server_trusted_certificate_add(&server, &certificate, 1));
    ASKS(_nx_secure_dtls_server_trusted_certificate_remove(&server, key, 1, 1));
    ASKS(_nx_secure_dtls_server_x509_client_verify_configure(&server, 0, 0, 0));
    ASKS(_nx_secure_dtls_server_x509_client_verify_disable(&server));
    ASKS(_nx_secure_dtls_server_protocol_version_override(&server, 0));
    ASKS(_nx_secure_dtls_server_ecc_initialize(&server, 0, 0, 0));
    ASKS(_nx_secure_dtls_server_delete(&server));
    ASKS(_nx_secure_dtls_server_create(&server, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
}

static void threads(void **state) {
    static TX_THREAD none;
    UINT was;
    (void)state;
    ASKS(_tx_thread_delete(0));
    ASKS((_tx_thread_relinquish(), 0));
    ASKS(_tx_thread_resume(0));
    ASKS(_tx_thread_sleep(1));
    ASKS(_tx_thread_suspend(0));
    ASKS(_tx_thread_terminate(0));
    ASKS(_tx_thread_wait_abort(0));
    ASKS(_tx_thread_priority_change(&none, 1, &was));
    ASKS(_tx_mutex_delete(0));
    ASKS(_tx_mutex_get(0, 0));
    ASKS(_tx_mutex_put(0));
    ASKS(_tx_semaphore_delete(0));
    ASKS(_tx_semaphore_get(0, 0));
    ASKS(_tx_semaphore_put(0));
}

static void packets(void **state) {
    static UCHAR memory[4 * (sizeof(NX_PACKET) + 64)];
    static nx_host_datagram datagram;
    NX_PACKET *copy;
    (void)state;
    assert_int_equal(_nx_packet_pool_create(&pool, NX_NULL, 64, memory, sizeof memory), NX_SUCCESS);
    ASKS(_nx_packet_allocate(&pool, &received, 0, 0));
    ASKS(_nx_packet_data_append(received, key, 1, &pool, 0));
    ASKS(_nx_packet_copy(received, &copy, &pool, 0));
    ASKS(_nx_packet_release(&copy));
    ASKS(_nxd_udp_socket_send(&udp_socket, received, &address, 1));
    ASKS(_nx_packet_release(&received));
    ASKS(_nx_packet_pool_delete(&pool));
    ASKS(_nx_udp_socket_bind(0, 0, 0));
    ASKS(_nx_udp_socket_unbind(0));
    ASKS(_nx_udp_socket_receive(0, &received, 0));
    ASKS(_nx_udp_socket_delete(0));
    ASKS((_nx_udp_packet_receive(0, 0), 0));
    ASKS(_nx_udp_enable(0));
    ASKS(_nx_ip_delete(0));
    ASKS(nx_host_deliver(&datagram));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(sessions_checked, begin),
        cmocka_unit_test_setup(servers_checked, begin),
        cmocka_unit_test_setup(sessions_unchecked, begin),
        cmocka_unit_test_setup(servers_unchecked, begin),
        cmocka_unit_test(threads),
        cmocka_unit_test(packets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
