/* SPDX-License-Identifier: MIT
 *
 * What is left in the program's memory, and what a clock of the program's may do.
 */
#include "netx/secure/session.h"
#include "services_both.h"

/* --- Secrets. --- */

static UCHAR psk[17] = "a very secret key";
static UCHAR identity[2] = "id";

static bool holds(const void *memory, size_t len, const void *secret, size_t secret_len) {
    return memmem(memory, len, secret, secret_len) != NULL;
}

SERVICES_TEST(keys_are_nowhere_after_a_delete) {
    world_make();
    server_make_bare(&server, 1, &nx_crypto_tls_ciphers_ecc);
    client_make_bare(&client, &nx_crypto_tls_ciphers_ecc);
    CHECK_CODE(nx_secure_dtls_server_psk_add(&server.control, psk, sizeof psk, identity, 2, NX_NULL, 0),
               NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_psk_add(&client.session, psk, sizeof psk, identity, 2, NX_NULL, 0), NX_SUCCESS);
    server_serve(&server);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    CHECK(holds(&server.control, sizeof server.control, psk, sizeof psk));
    CHECK(holds(&client.session, sizeof client.session, psk, sizeof psk));
    finish();
    CHECK(!holds(&server.control, sizeof server.control, psk, sizeof psk));
    CHECK(!holds(server.slots, sizeof *server.slots, psk, sizeof psk));
    CHECK(!holds(server.metadata, METADATA_SIZE, psk, sizeof psk));
    CHECK(!holds(&client.session, sizeof client.session, psk, sizeof psk));
    CHECK(!holds(client.metadata, METADATA_SIZE, psk, sizeof psk));
}

SERVICES_TEST(data_that_came_in_parts_is_not_left_in_the_reassembly_buffer) {
    static const char text[] = "some text that comes in a chain of packets, since they are small";
    static UCHAR bytes[400];
    NX_PACKET *packet;
    world_make_with(256, 1536);
    server_make(&server, 1);
    server_serve(&server);
    client_make(&client);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    memcpy(bytes, text, sizeof text);
    NX_PACKET_POOL *pool = client_ip->nx_ip_default_packet_pool;
    CHECK_CODE(nx_secure_dtls_packet_allocate(&client.session, pool, &packet, NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(nx_packet_data_append(packet, bytes, sizeof bytes, pool, NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_client_session_send(&client.session, packet), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_receive(first_slot(&server), &packet, SECONDS(1)), NX_SUCCESS);
    nx_packet_release(packet);
    CHECK(!holds(server.reassembly, REASSEMBLY_SIZE, text, sizeof text));
    finish();
}

SERVICES_TEST(what_cookies_are_made_of_goes_with_a_reset) {
    static const dtls_cookie_secret none;
    world_make();
    client_make(&client);
    const dtls_cookie_secret *secret = &netx_session_of(&client.session)->cookie_secret;
    CHECK_CODE(nx_secure_dtls_session_start(&client.session, &client.socket, NX_FALSE, NX_NO_WAIT),
               NX_NO_PACKET);
    CHECK(memcmp(secret, &none, sizeof none) != 0);
    CHECK_CODE(nx_secure_dtls_session_reset(&client.session), NX_SUCCESS);
    CHECK(memcmp(secret, &none, sizeof none) == 0);
    client_end(&client);
}

/* --- Clocks. --- */

static UINT num_read;

static ULONG read_unset(VOID) {
    num_read++;
    return 0;
}

SERVICES_TEST(no_certificate_is_valid_by_a_clock_that_is_not_set) {
    world_make();
    server_make(&server, 1);
    server_serve(&server);
    client_make(&client);
    NX_SECURE_TLS_SESSION *inner = &client.session.nx_secure_dtls_tls_session;
    CHECK_CODE(nx_secure_tls_session_time_function_set(inner, read_unset), NX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SECURE_X509_CERTIFICATE_EXPIRED);
    finish();
}

static ULONG read_and_reset(VOID) {
    num_read++;
    CHECK_CODE(nx_secure_dtls_session_delete(&client.session), NX_SUCCESS);
    memset(&client.session, 0xA5, sizeof client.session);
    return 1767225600;
}

SERVICES_TEST(a_clock_may_do_what_it_likes) {
    world_make();
    server_make(&server, 1);
    server_serve(&server);
    client_make(&client);
    NX_SECURE_TLS_SESSION *inner = &client.session.nx_secure_dtls_tls_session;
    CHECK_CODE(nx_secure_tls_session_time_function_set(inner, read_and_reset), NX_SUCCESS);
    num_read = 0;
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SECURE_TLS_SESSION_UNINITIALIZED);
    CHECK(num_read == 1);
    CHECK_CODE(nx_udp_socket_unbind(&client.socket), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_delete(&client.socket), NX_SUCCESS);
    server_end(&server);
}

static ULONG judge_and_delete(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate) {
    (void)session;
    (void)certificate;
    CHECK_CODE(nx_secure_dtls_session_delete(&client.session), NX_SUCCESS);
    memset(&client.session, 0xA5, sizeof client.session);
    return NX_SUCCESS;
}

SERVICES_TEST(who_judges_a_certificate_may_delete_the_session) {
    make_both(1);
    server_serve(&server);
    NX_SECURE_TLS_SESSION *inner = &client.session.nx_secure_dtls_tls_session;
    CHECK_CODE(nx_secure_tls_session_certificate_callback_set(inner, judge_and_delete), NX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SECURE_TLS_SESSION_UNINITIALIZED);
    for (size_t i = 0; i < sizeof client.session; i++)
        CHECK(((UCHAR *)&client.session)[i] == 0xA5);
    CHECK_CODE(nx_udp_socket_unbind(&client.socket), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_delete(&client.socket), NX_SUCCESS);
    server_end(&server);
}

static UINT num_shown;

static ULONG count_shown(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate) {
    (void)session;
    for (; certificate != NX_NULL; certificate = certificate->nx_secure_x509_next_certificate)
        num_shown++;
    return NX_SUCCESS;
}

SERVICES_TEST(no_more_certificates_are_shown_than_have_come) {
    static UCHAR space[3 * 2048];
    make_both(1);
    server_serve(&server);
    CHECK_CODE(nx_secure_dtls_session_delete(&client.session), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_create(&client.session, &nx_crypto_tls_ciphers_ecc, client.metadata,
                                             METADATA_SIZE, client.reassembly, REASSEMBLY_SIZE, 3, space,
                                             sizeof space),
               NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_trusted_certificate_add(&client.session, &client.trusted, 1),
               NX_SUCCESS);
    NX_SECURE_TLS_SESSION *inner = &client.session.nx_secure_dtls_tls_session;
    CHECK_CODE(nx_secure_tls_session_certificate_callback_set(inner, count_shown), NX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    CHECK(num_shown == 1);
    finish();
}

SERVICES_TEST(a_key_is_only_set_for_a_session) {
    static NX_SECURE_DTLS_SESSION none;
    memset(&none, 0xA5, sizeof none);
    CHECK_CODE(nx_secure_tls_client_psk_set(&none.nx_secure_dtls_tls_session, psk, sizeof psk, identity, 2,
                                            NX_NULL, 0),
               NX_PTR_ERROR);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_nowhere_after_a_delete),
        cmocka_unit_test(data_that_came_in_parts_is_not_left_in_the_reassembly_buffer),
        cmocka_unit_test(what_cookies_are_made_of_goes_with_a_reset),
        cmocka_unit_test(no_certificate_is_valid_by_a_clock_that_is_not_set),
        cmocka_unit_test(a_clock_may_do_what_it_likes),
        cmocka_unit_test(who_judges_a_certificate_may_delete_the_session),
        cmocka_unit_test(no_more_certificates_are_shown_than_have_come),
        cmocka_unit_test(a_key_is_only_set_for_a_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
