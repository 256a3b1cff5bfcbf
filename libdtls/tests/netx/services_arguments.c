/* SPDX-License-Identifier: MIT
 *
 * Arguments and states that the table of codes has no row for.
 */
#include <openssl/x509.h>
#include <stdlib.h>

#include "netx/secure/session.h"
#include "services_both.h"
#include "support/authority.h"

static test_client other;

/* --- Sessions that were not created. --- */

SERVICES_TEST(nothing_is_done_with_a_session_that_was_not_created) {
    static NX_SECURE_DTLS_SESSION session;
    static NX_SECURE_DTLS_SESSION kept;
    NX_PACKET *packet;
    NX_PACKET *received = (NX_PACKET *)(void *)&session;
    make_both(1);
    CHECK_CODE(nx_packet_allocate(client_ip->nx_ip_default_packet_pool, &packet, NX_UDP_PACKET, 0),
               NX_SUCCESS);
    const UINT codes[] = {
        _nxe_secure_dtls_client_session_start(&session, &client.socket, &server_address, SERVER_PORT, 0),
        _nxe_secure_dtls_session_start(&session, &client.socket, NX_TRUE, 0),
        _nxe_secure_dtls_server_session_start(&session, 0),
        _nxe_secure_dtls_server_session_start(&client.session, 0),
        _nxe_secure_dtls_session_send(&session, packet, &server_address, SERVER_PORT),
        _nxe_secure_dtls_client_session_send(&session, packet),
        _nxe_secure_dtls_server_session_send(&session, packet),
        _nxe_secure_dtls_session_receive(&session, &received, 0),
        _nxe_secure_dtls_session_end(&session, 0),
        _nxe_secure_dtls_session_reset(&session),
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        CHECK_CODE(codes[i], NX_SECURE_TLS_SESSION_UNINITIALIZED);
    CHECK(received == NX_NULL && memcmp(&session, &kept, sizeof session) == 0);
    nx_packet_release(packet);
    finish();
}

SERVICES_TEST(no_functions_for_no_session) {
    ULONG size;
    CHECK_CODE(nx_secure_tls_session_time_function_set(NX_NULL, NX_NULL), NX_PTR_ERROR);
    CHECK_CODE(nx_secure_tls_session_certificate_callback_set(NX_NULL, NX_NULL), NX_PTR_ERROR);
    CHECK_CODE(nx_secure_tls_metadata_size_calculate(NX_NULL, &size), NX_PTR_ERROR);
    CHECK_CODE(nx_secure_tls_metadata_size_calculate(&nx_crypto_tls_ciphers_ecc, NX_NULL), NX_PTR_ERROR);
    CHECK_CODE(nx_secure_tls_metadata_size_calculate(&nx_crypto_tls_ciphers_ecc, &size), NX_SUCCESS);
    CHECK(size > 0 && size <= METADATA_SIZE);
}

/* --- Buffers. --- */

SERVICES_TEST(a_reassembly_buffer_is_there_or_is_large_enough) {
    static const struct {
        UINT len; /* 0: none */
        UINT expected;
    } rows[] = {{0, NX_SUCCESS},
                {1, NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL},
                {12, NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL},
                {13, NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL},
                {523, NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL},
                {524, NX_SUCCESS}};
    make_both(1);
    server_serve(&server);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK_CODE(nx_secure_dtls_session_delete(&client.session), NX_SUCCESS);
        CHECK_CODE(nx_secure_dtls_session_create(
                       &client.session, &nx_crypto_tls_ciphers_ecc, client.metadata, METADATA_SIZE,
                       rows[i].len == 0 ? NX_NULL : client.reassembly, rows[i].len, 0, NX_NULL, 0),
                   NX_SUCCESS);
        client_trust(&client);
        CHECK_CODE(client_connect(&client, SECONDS(1)), rows[i].expected);
        if (rows[i].expected == NX_SUCCESS)
            CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    }
    finish();
}

SERVICES_TEST(lengths_without_buffers_are_none) {
    static NX_SECURE_DTLS_SESSION session;
    const struct {
        UCHAR *reassembly, *certificates;
        UINT reassembly_len, num;
        ULONG certificates_len;
        UINT expected;
    } rows[] = {
        {NX_NULL, NX_NULL, 4000, 0, 0, NX_SUCCESS},
        {NX_NULL, NX_NULL, 0, 2, 4000, NX_SUCCESS},
        {NX_NULL, client.reassembly, 0, 0, 4000, NX_INVALID_PARAMETERS},
    };
    make_both(1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        UCHAR *certificates = i == 2 ? client.reassembly : NX_NULL;
        CHECK_CODE(_nx_secure_dtls_session_create(&session, &nx_crypto_tls_ciphers_ecc, client.metadata,
                                                  METADATA_SIZE, rows[i].reassembly, rows[i].reassembly_len,
                                                  rows[i].num, certificates, rows[i].certificates_len),
                   rows[i].expected);
        if (rows[i].expected == NX_SUCCESS) {
            CHECK(netx_session_of(&session)->reassembly_len == 0);
            CHECK_CODE(nx_secure_dtls_session_delete(&session), NX_SUCCESS);
        }
    }
    finish();
}

static ULONG num_asked;

static ULONG ask(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate) {
    (void)session;
    (void)certificate;
    num_asked++;
    return NX_SUCCESS;
}

SERVICES_TEST(a_callback_without_a_buffer_is_not_asked_and_has_refused) {
    make_both(1);
    server_serve(&server);
    CHECK_CODE(nx_secure_dtls_session_delete(&client.session), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_create(&client.session, &nx_crypto_tls_ciphers_ecc, client.metadata,
                                             METADATA_SIZE, NX_NULL, 0, 0, NX_NULL, 0),
               NX_SUCCESS);
    client_trust(&client);
    NX_SECURE_TLS_SESSION *inner = &client.session.nx_secure_dtls_tls_session;
    num_asked = 0;
    CHECK_CODE(nx_secure_tls_session_certificate_callback_set(inner, ask), NX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SECURE_TLS_CERTIFICATE_VERIFY_FAILURE);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    /* One that is taken away in the middle of a handshake is not asked either. */
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    CHECK_CODE(nx_secure_tls_session_certificate_callback_set(inner, NX_NULL), NX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    CHECK(num_asked == 0);
    finish();
}

/* Own certificates whose message the metadata has no room for. */
SERVICES_TEST(a_chain_that_is_longer_than_the_metadata_lets_nothing_begin) {
    enum { NUM = DTLS_MAX_CHAIN };
    static struct test_identity issued[NUM];
    static NX_SECURE_X509_CERT blocks[NUM];
    static char dns_name[240];
    ULONG least;
    make_both(1);
    CHECK_CODE(nx_secure_tls_metadata_size_calculate(&nx_crypto_tls_ciphers_ecc, &least), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_delete(&client.session), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_create(&client.session, &nx_crypto_tls_ciphers_ecc, client.metadata,
                                             least, client.reassembly, REASSEMBLY_SIZE, 0, NX_NULL, 0),
               NX_SUCCESS);
    memset(dns_name, 'x', sizeof dns_name - 1);
    for (UINT i = NUM; i-- > 0;) {
        char name[64];
        snprintf(name, sizeof name, "at %060u", i);
        issued[i] = test_issue(&(struct test_request){.common_name = name,
                                                      .dns_name = dns_name,
                                                      .authority = true,
                                                      .issuer = i + 1 == NUM ? NULL : &issued[i + 1]});
        dtls_span der = test_certificate_der(&issued[i]);
        memset(&blocks[i], 0, sizeof blocks[i]);
        blocks[i].nx_secure_x509_certificate_raw_data = der.data;
        blocks[i].nx_secure_x509_certificate_raw_data_length = (UINT)der.len;
    }
    UCHAR *key = NULL;
    blocks[0].nx_secure_x509_private_key_data_length = (UINT)i2d_PrivateKey(issued[0].key, &key);
    blocks[0].nx_secure_x509_private_key_data = key;
    blocks[0].nx_secure_x509_private_key_type = NX_SECURE_X509_KEY_TYPE_EC_DER;
    for (UINT i = 0; i < NUM; i++)
        CHECK_CODE(nx_secure_dtls_session_local_certificate_add(&client.session, &blocks[i], i + 2),
                   NX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL);
    finish();
    OPENSSL_free(key);
    for (UINT i = 0; i < NUM; i++) {
        free((void *)(uintptr_t)blocks[i].nx_secure_x509_certificate_raw_data);
        test_identity_free(&issued[i]);
    }
}

/* --- Other states and peers. --- */

SERVICES_TEST(another_peer_means_another_handshake) {
    make_both(1);
    server_serve(&server);
    NXD_ADDRESS nobody = server_address;
    nobody.nxd_ip_address.v4++;
    const struct {
        NXD_ADDRESS address;
        UINT port;
    } peers[] = {{server_address, SERVER_PORT + 1}, {nobody, SERVER_PORT + 1}, {nobody, SERVER_PORT}};
    for (size_t i = 0; i < 3; i++) {
        NXD_ADDRESS address = peers[i].address;
        CHECK_CODE(nx_secure_dtls_client_session_start(&client.session, &client.socket, &address,
                                                       peers[i].port, NX_NO_WAIT),
                   NX_NOT_CONNECTED);
        CHECK(client.session.nx_secure_dtls_remote_port == peers[i].port);
    }
    /* It is no server's. */
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    CHECK_CODE(_nx_secure_dtls_server_session_start(&client.session, SECONDS(1)),
               NX_SECURE_TLS_SESSION_UNINITIALIZED);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    finish();
}

/* The client's socket takes datagrams of anybody; its session does not. */
SERVICES_TEST(a_client_hears_its_server_alone) {
    static const UCHAR noise[] = "noise";
    NXD_ADDRESS address = {.nxd_ip_version = NX_IP_VERSION_V4, .nxd_ip_address.v4 = CLIENT_ADDRESS};
    NX_UDP_SOCKET same_port;
    make_both(1);
    client_make(&other);
    memset(&same_port, 0, sizeof same_port);
    CHECK_CODE(nx_udp_socket_create(client_ip, &same_port, (CHAR *)"x", NX_IP_NORMAL, NX_FRAGMENT_OKAY,
                                    NX_IP_TIME_TO_LIVE, 16),
               NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_bind(&same_port, SERVER_PORT, NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    send_raw(&other.socket, address, client.socket.nx_udp_socket_port, noise, 5);
    send_raw(&same_port, address, client.socket.nx_udp_socket_port, noise, 5);
    tx_thread_sleep(1);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    server_serve(&server);
    CHECK_CODE(client_connect(&client, SECONDS(2)), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_unbind(&same_port), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_delete(&same_port), NX_SUCCESS);
    client_end(&other);
    finish();
}

SERVICES_TEST(a_socket_that_is_deleted_sends_and_receives_nothing) {
    NX_PACKET *packet;
    connected_pair(&server, &client);
    CHECK_CODE(nx_udp_socket_unbind(&client.socket), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_delete(&client.socket), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_receive(&client.session, &packet, SECONDS(1)), NX_NOT_BOUND);
    packet = packet_with(&client.session, client_ip, "x");
    CHECK_CODE(nx_secure_dtls_client_session_send(&client.session, packet), NX_SECURE_TLS_TCP_SEND_FAILED);
    nx_packet_release(packet);
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, SECONDS(1)), NX_SECURE_TLS_TCP_SEND_FAILED);
    CHECK_CODE(nx_secure_dtls_session_delete(&client.session), NX_SUCCESS);
    server_end(&server);
}

/* A link that may refuse, as the host's: data is kept aside until it has not. */
SERVICES_TEST(records_have_the_same_limits_on_a_link_that_may_refuse) {
    static UCHAR data[16385];
    NX_PACKET *packet;
    connected_pair(&server, &client);
    const net_link *usual = netx_ip_of(client_ip)->link;
    net_link like_it = *usual;
    NX_PACKET_POOL *pool = netx_test_pool(1, 20000);
    for (UINT len = 16384; len <= 16385; len++) {
        CHECK_CODE(nx_packet_allocate(pool, &packet, NX_UDP_PACKET, NX_NO_WAIT), NX_SUCCESS);
        CHECK_CODE(nx_packet_data_append(packet, data, len, pool, NX_NO_WAIT), NX_SUCCESS);
        netx_ip_of(client_ip)->link = &like_it;
        UINT code = nx_secure_dtls_client_session_send(&client.session, packet);
        netx_ip_of(client_ip)->link = usual;
        CHECK_CODE(code, len == 16384 ? NX_SUCCESS : NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL);
        if (code != NX_SUCCESS)
            nx_packet_release(packet);
    }
    finish();
}

SERVICES_TEST(a_session_without_peer_tells_of_none) {
    NXD_ADDRESS address;
    make_both(1);
    CHECK_CODE(nx_secure_dtls_session_client_info_get(&client.session, &address, NX_NULL, NX_NULL),
               NX_INVALID_SOCKET);
    CHECK_CODE(nx_secure_dtls_session_client_info_get(first_slot(&server), &address, NX_NULL, NX_NULL),
               NX_NOT_CONNECTED);
    finish();
}

SERVICES_TEST(metadata_that_is_short_for_the_reassembly_buffer_shortens_messages) {
    make_both(1);
    server_serve(&server);
    CHECK_CODE(nx_secure_dtls_session_delete(&client.session), NX_SUCCESS);
    UCHAR *reassembly = netx_test_memory(20000);
    CHECK_CODE(nx_secure_dtls_session_create(&client.session, &nx_crypto_tls_ciphers_ecc, client.metadata,
                                             METADATA_SIZE, reassembly, 20000, 0, NX_NULL, 0),
               NX_SUCCESS);
    client_trust(&client);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    finish();
}

static UCHAR hello[6000];

/* A slot whose memory the program has made something else of is nobody's any more. */
SERVICES_TEST(a_slot_that_was_made_a_session_takes_no_clients) {
    world_make();
    server_make(&server, 2);
    server_serve(&server);
    client_make(&client);
    client_make(&other);
    CHECK_CODE(nx_secure_dtls_session_delete(first_slot(&server)), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_create(first_slot(&server), &nx_crypto_tls_ciphers_ecc, server.metadata,
                                             METADATA_SIZE, server.reassembly, REASSEMBLY_SIZE, 0, NX_NULL,
                                             0),
               NX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    CHECK(server.arrivals[0] == &server.slots[1]);
    CHECK_CODE(client_connect(&other, SECONDS(1)), NX_SECURE_TLS_ALERT_RECEIVED);
    CHECK(server.error == NX_SECURE_TLS_NO_FREE_DTLS_SESSIONS);
    CHECK(netx_session_of(first_slot(&server))->state == SESSION_IDLE);
    CHECK_CODE(nx_secure_dtls_server_x509_client_verify_configure(&server.control, 1, hello, sizeof hello),
               NX_SUCCESS);
    CHECK(netx_session_of(first_slot(&server))->remote_certificates == NX_NULL);
    client_end(&other);
    finish();
}

static ULONG hello_len;

static bool keep_hello(UCHAR *bytes, ULONG *len) {
    memcpy(hello, bytes, *len);
    hello_len = *len;
    return false;
}

/* A ClientHello of 5,000 bytes in many packets. */
SERVICES_TEST(a_hello_beyond_all_measure_is_not_answered) {
    world_make_with(256, 6000);
    server_make(&server, 1);
    server_listen(&server);
    client_make(&client);
    edit_arrivals(server_ip, keep_hello);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    tx_thread_sleep(1);
    edit_arrivals(server_ip, NULL);
    ULONG sent = server_ip->nx_ip_udp_packets_sent;
    send_raw(&client.socket, server_address, SERVER_PORT, hello, 4096);
    tx_thread_sleep(1);
    CHECK(server_ip->nx_ip_udp_packets_sent == sent + 1);
    send_raw(&client.socket, server_address, SERVER_PORT, hello, 4097);
    tx_thread_sleep(1);
    CHECK(server_ip->nx_ip_udp_packets_sent == sent + 1);
    finish();
}

static void every_failure_has_a_code(void **state) {
    (void)state;
    assert_int_equal(netx_code_of_failure(NULL), NX_SECURE_TLS_HANDSHAKE_FAILURE);
    const dtls_failure unknown = {.error = (dtls_error)9999, .field = ""};
    assert_int_equal(netx_code_of_failure(&unknown), NX_SECURE_TLS_HANDSHAKE_FAILURE);
    const dtls_failure group = {.error = DTLS_ERROR_ILLEGAL_PARAMETER, .field = "group"};
    assert_int_equal(netx_code_of_failure(&group), NX_SECURE_TLS_HANDSHAKE_FAILURE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_done_with_a_session_that_was_not_created),
        cmocka_unit_test(no_functions_for_no_session),
        cmocka_unit_test(a_reassembly_buffer_is_there_or_is_large_enough),
        cmocka_unit_test(lengths_without_buffers_are_none),
        cmocka_unit_test(a_callback_without_a_buffer_is_not_asked_and_has_refused),
        cmocka_unit_test(a_chain_that_is_longer_than_the_metadata_lets_nothing_begin),
        cmocka_unit_test(another_peer_means_another_handshake),
        cmocka_unit_test(a_client_hears_its_server_alone),
        cmocka_unit_test(a_socket_that_is_deleted_sends_and_receives_nothing),
        cmocka_unit_test(records_have_the_same_limits_on_a_link_that_may_refuse),
        cmocka_unit_test(a_session_without_peer_tells_of_none),
        cmocka_unit_test(metadata_that_is_short_for_the_reassembly_buffer_shortens_messages),
        cmocka_unit_test(a_slot_that_was_made_a_session_takes_no_clients),
        cmocka_unit_test(a_hello_beyond_all_measure_is_not_answered),
        cmocka_unit_test(every_failure_has_a_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
