/* SPDX-License-Identifier: MIT
 *
 * One handshake after the other of the same session: what the program changes in between, what stays behind,
 * and what is looked up once.
 */
#include "netx/secure/session.h"
#include "services_both.h"

static const USHORT p256[] = {DTLS_GROUP_P256};
static const USHORT p384[] = {DTLS_GROUP_P384};

/* Both sides in the same thread, as often as they need. */
static void shake_hands(void) {
    for (UINT i = 0; i < 6; i++) {
        client_connect(&client, NX_NO_WAIT);
        tx_thread_sleep(1);
        nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT);
    }
}

static void say_goodbye(void) {
    nx_secure_dtls_session_end(&client.session, NX_NO_WAIT);
    tx_thread_sleep(1);
    nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT);
}

static void choose_groups(const USHORT *groups) {
    CHECK_CODE(nx_secure_dtls_ecc_initialize(&client.session, groups, 1, nx_crypto_ecc_curves), NX_SUCCESS);
}

/* --- Changes. --- */

SERVICES_TEST(groups_hold_from_the_next_handshake_on) {
    static const USHORT *const rounds[] = {p256, p384, p384, p256};
    world_make();
    /* Its key is on no curve, which a client that lacks the curve would not take. */
    server_make_bare(&server, 1, &nx_crypto_tls_ciphers_ecc);
    CHECK_CODE(nx_secure_dtls_server_local_certificate_add(
                   &server.control, certificate_block(&server.certificate, CERT_RSA, true), 1),
               NX_SUCCESS);
    client_make(&client);
    server_listen(&server);
    for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++) {
        choose_groups(rounds[i]);
        shake_hands();
        CHECK(info_of(&client.session)->group == *rounds[i]);
        say_goodbye();
    }
    finish();
}

SERVICES_TEST(a_handshake_under_way_keeps_the_groups_that_it_began_with) {
    make_both(1);
    choose_groups(p256);
    /* The hello names them; the server hears it later. */
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    choose_groups(p384);
    server_listen(&server);
    tx_thread_sleep(SECONDS(1));
    shake_hands();
    CHECK(info_of(&client.session)->group == DTLS_GROUP_P256);
    finish();
}

SERVICES_TEST(versions_hold_from_the_next_handshake_on) {
    static const USHORT rounds[] = {NX_SECURE_DTLS_VERSION_1_2, NX_SECURE_DTLS_VERSION_1_0,
                                    NX_SECURE_DTLS_VERSION_1_2};
    world_make();
    client_make_bare(&client, &nx_crypto_tls_ciphers_any_version);
    server_make_bare(&server, 1, &nx_crypto_tls_ciphers_any_version);
    server_show(&server, CERT_SERVER);
    client_trust(&client);
    server_listen(&server);
    for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++) {
        CHECK_CODE(nx_secure_dtls_client_protocol_version_override(&client.session, rounds[i]), NX_SUCCESS);
        shake_hands();
        CHECK(info_of(&client.session)->version == rounds[i]);
        say_goodbye();
    }
    finish();
}

/* The block stays where it is: only its contents tell that it is another certificate. */
SERVICES_TEST(certificates_hold_from_the_next_handshake_on) {
    static const struct {
        certificate_name name;
        bool rsa;
    } rounds[] = {{CERT_SERVER, false}, {CERT_RSA, true}, {CERT_SERVER, false}, {CERT_RSA, true}};
    world_make();
    server_make_bare(&server, 1, &nx_crypto_tls_ciphers_ecc);
    client_make(&client);
    server_listen(&server);
    for (UINT i = 0; i < sizeof rounds / sizeof *rounds; i++) {
        CHECK_CODE(nx_secure_dtls_server_local_certificate_add(
                       &server.control, certificate_block(&server.certificate, rounds[i].name, true), 7),
                   NX_SUCCESS);
        shake_hands();
        const USHORT suite = info_of(&client.session)->cipher_suite;
        CHECK(suite == (rounds[i].rsa ? 0xC02F : 0xC02B)); /* ECDHE_RSA, ECDHE_ECDSA */
        say_goodbye();
        CHECK_CODE(nx_secure_dtls_server_local_certificate_remove(&server.control, NX_NULL, 0, 7),
                   NX_SUCCESS);
    }
    finish();
}

SERVICES_TEST(certificates_that_have_not_changed_are_read_once) {
    make_both(1);
    server_listen(&server);
    shake_hands();
    ULONG64 of_client = netx_session_of(&client.session)->edition;
    ULONG64 of_server = netx_session_of(first_slot(&server))->edition;
    CHECK(of_client != 0 && of_server != 0);
    say_goodbye();
    shake_hands();
    CHECK(netx_session_of(&client.session)->state == SESSION_ESTABLISHED);
    CHECK(netx_session_of(&client.session)->edition == of_client);
    CHECK(netx_session_of(first_slot(&server))->edition == of_server);
    say_goodbye();
    finish();
}

/* The name is in the program's memory, which says another behind the same pointer. */
SERVICES_TEST(names_hold_from_the_next_handshake_on) {
    static NX_SECURE_X509_DNS_NAME name;
    static const struct {
        const char *name;
        bool good;
    } rounds[] = {{"x", false}, {"server.test", true}, {"another.test", false}, {"server.test", true}};
    world_make();
    server_make_bare(&server, 1, &nx_crypto_tls_ciphers_ecc);
    CHECK_CODE(nx_secure_dtls_server_local_certificate_add(
                   &server.control, certificate_block(&server.certificate, CERT_NAMED, true), 1),
               NX_SUCCESS);
    client_make(&client);
    server_listen(&server);
    for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++) {
        CHECK_CODE(nx_secure_x509_dns_name_initialize(&name, (const UCHAR *)rounds[i].name,
                                                      (USHORT)strlen(rounds[i].name)),
                   NX_SUCCESS);
        CHECK_CODE(nx_secure_tls_session_sni_extension_set(&client.session.nx_secure_dtls_tls_session, &name),
                   NX_SUCCESS);
        shake_hands();
        CHECK((netx_session_of(&client.session)->state == SESSION_ESTABLISHED) == rounds[i].good);
        say_goodbye();
    }
    finish();
}

static ULONG refuse(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate) {
    (void)session;
    (void)certificate;
    return NX_SECURE_X509_CERTIFICATE_EXPIRED;
}

SERVICES_TEST(callbacks_hold_from_the_next_handshake_on) {
    static ULONG (*const rounds[])(NX_SECURE_TLS_SESSION *, NX_SECURE_X509_CERT *) = {NULL, refuse, NULL};
    make_both(1);
    server_listen(&server);
    for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++) {
        CHECK_CODE(nx_secure_tls_session_certificate_callback_set(&client.session.nx_secure_dtls_tls_session,
                                                                  rounds[i]),
                   NX_SUCCESS);
        shake_hands();
        CHECK((netx_session_of(&client.session)->state == SESSION_ESTABLISHED) == (rounds[i] == NULL));
        say_goodbye();
    }
    finish();
}

/* --- What stays behind. --- */

static void expect_nothing_in(const UCHAR *metadata) {
    for (UINT i = 0; i < METADATA_SIZE; i++)
        CHECK(metadata[i] == 0 || metadata[i] == 0xA5);
}

static void fill_metadata(void) {
    memset(client.metadata, 0xA5, METADATA_SIZE);
    memset(server.metadata, 0xA5, METADATA_SIZE);
}

SERVICES_TEST(nothing_of_a_handshake_stays_in_the_metadata) {
    make_both(1);
    server_listen(&server);
    fill_metadata();
    shake_hands();
    CHECK(netx_session_of(&client.session)->state == SESSION_ESTABLISHED);
    /* It is wiped with the handshake's end, not with the session's. */
    expect_nothing_in(client.metadata);
    expect_nothing_in(server.metadata);
    say_goodbye();
    /* One that is given up half way, at either end. */
    fill_metadata();
    client_connect(&client, NX_NO_WAIT);
    tx_thread_sleep(1);
    client_connect(&client, NX_NO_WAIT);
    tx_thread_sleep(1);
    nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT);
    CHECK(netx_session_of(first_slot(&server))->state == SESSION_HANDSHAKE);
    say_goodbye();
    expect_nothing_in(client.metadata);
    expect_nothing_in(server.metadata);
    finish();
}

/* --- What is looked up once. --- */

static uint64_t time_of(NX_SECURE_DTLS_SESSION *session) {
    return netx_session_of(session)->now.monotonic_ns;
}

/* It moves no timer, so the clock is not read for it. */
SERVICES_TEST(application_data_does_not_ask_for_the_time) {
    connected_pair(&server, &client);
    NX_SECURE_DTLS_SESSION *slot = first_slot(&server);
    const uint64_t of_client = time_of(&client.session);
    const uint64_t of_server = time_of(slot);
    for (UINT i = 0; i < 10; i++) {
        tx_thread_sleep(1);
        CHECK_CODE(nx_secure_dtls_client_session_send(&client.session,
                                                      packet_with(&client.session, client_ip, "data")),
                   NX_SUCCESS);
        tx_thread_sleep(1);
        expect_data(slot, "data");
    }
    CHECK(time_of(&client.session) == of_client && time_of(slot) == of_server);
    /* For what ends the session it is. */
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, NX_NO_WAIT), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK(time_of(&client.session) > of_client && time_of(slot) > of_server);
    finish();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_hold_from_the_next_handshake_on),
        cmocka_unit_test(a_handshake_under_way_keeps_the_groups_that_it_began_with),
        cmocka_unit_test(versions_hold_from_the_next_handshake_on),
        cmocka_unit_test(certificates_hold_from_the_next_handshake_on),
        cmocka_unit_test(certificates_that_have_not_changed_are_read_once),
        cmocka_unit_test(names_hold_from_the_next_handshake_on),
        cmocka_unit_test(callbacks_hold_from_the_next_handshake_on),
        cmocka_unit_test(nothing_of_a_handshake_stays_in_the_metadata),
        cmocka_unit_test(application_data_does_not_ask_for_the_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
