/* SPDX-License-Identifier: MIT
 *
 * What a session may use: pre-shared keys, suites of a program's own choice, groups, versions; and who
 * watches.
 */
#include "netx/secure/session.h"
#include "services_both.h"

/* Both sides in the same thread. */
static void shake_hands(void) {
    server_listen(&server);
    for (UINT i = 0; i < 6; i++) {
        client_connect(&client, NX_NO_WAIT);
        tx_thread_sleep(1);
        nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT);
    }
}

/* --- Pre-shared keys. --- */

static UCHAR key[NX_SECURE_TLS_MAX_PSK_SIZE + 1] = {1};
static UCHAR other_key[16] = {2};
static UCHAR text[NX_SECURE_TLS_MAX_PSK_ID_SIZE + 1] = {'i', 'd'};

SERVICES_TEST(a_key_that_is_set_is_judged) {
    world_make();
    client_make_bare(&client, &nx_crypto_tls_ciphers_ecc);
    NX_SECURE_TLS_SESSION *inner = &client.session.nx_secure_dtls_tls_session;
    const struct {
        NX_SECURE_TLS_SESSION *session;
        UCHAR *key, *identity, *hint;
        UINT key_len, identity_len, hint_len, expected;
    } rows[] = {
        {NX_NULL, key, text, text, 16, 2, 2, NX_PTR_ERROR},
        {inner, NX_NULL, text, text, 16, 2, 2, NX_PTR_ERROR},
        {inner, key, text, text, 0, 2, 2, NX_PTR_ERROR},
        {inner, key, NX_NULL, text, 16, 2, 2, NX_PTR_ERROR},
        {inner, key, text, NX_NULL, 16, 2, 2, NX_PTR_ERROR},
        {inner, key, text, text, sizeof key, 2, 2, NX_SECURE_TLS_NO_MORE_PSK_SPACE},
        {inner, key, text, text, 16, sizeof text, 2, NX_SECURE_TLS_NO_MORE_PSK_SPACE},
        {inner, key, text, text, 16, 2, sizeof text, NX_SECURE_TLS_NO_MORE_PSK_SPACE},
        {inner, key, NX_NULL, NX_NULL, 16, 0, 0, NX_SUCCESS},
        {inner, key, text, text, sizeof key - 1, sizeof text - 1, sizeof text - 1, NX_SUCCESS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_CODE(nx_secure_tls_client_psk_set(rows[i].session, rows[i].key, rows[i].key_len,
                                                rows[i].identity, rows[i].identity_len, rows[i].hint,
                                                rows[i].hint_len),
                   rows[i].expected);
    for (UINT i = 2; i < NX_SECURE_TLS_MAX_PSK_KEYS; i++)
        CHECK_CODE(nx_secure_tls_client_psk_set(inner, key, 16, text, 2, NX_NULL, 0), NX_SUCCESS);
    CHECK_CODE(nx_secure_tls_client_psk_set(inner, key, 16, text, 2, NX_NULL, 0),
               NX_SECURE_TLS_NO_MORE_PSK_SPACE);
    client_end(&client);
}

/* Which of two keys a client takes, by the server's hint: `hints` are those of its keys. */
static void expect_key(const char *server_hint, const char *const hints[2], UINT expected) {
    UCHAR *keys[2] = {key, other_key};
    UCHAR *names[2] = {(UCHAR *)(uintptr_t) "zero", (UCHAR *)(uintptr_t) "one"};
    server_make_bare(&server, 1, &nx_crypto_tls_ciphers_ecc);
    client_make_bare(&client, &nx_crypto_tls_ciphers_ecc);
    for (UINT i = 0; i < 2; i++)
        CHECK_CODE(nx_secure_dtls_psk_add(&client.session, keys[i], 16, names[i],
                                          (UINT)strlen((char *)names[i]), (UCHAR *)(uintptr_t)hints[i],
                                          (UINT)strlen(hints[i])),
                   NX_SUCCESS);
    /* The server has just the one. */
    CHECK_CODE(nx_secure_dtls_server_psk_add(&server.control, keys[expected], 16, names[expected],
                                             (UINT)strlen((char *)names[expected]),
                                             (UCHAR *)(uintptr_t)server_hint, (UINT)strlen(server_hint)),
               NX_SUCCESS);
    shake_hands();
    CHECK(netx_session_of(&client.session)->state == SESSION_ESTABLISHED);
    finish();
}

SERVICES_TEST(a_client_takes_the_key_of_the_servers_hint_or_its_first) {
    static const char *const two[] = {"here", "there"};
    static const char *const none[] = {"", ""};
    world_make();
    expect_key("there", two, 1);
    expect_key("here", two, 0);
    expect_key("elsewhere", two, 0);
    expect_key("thera", two, 0);
    expect_key("", two, 0);
    expect_key("here", none, 0);
}

SERVICES_TEST(a_key_that_is_set_is_taken_whatever_the_hint) {
    static UCHAR hint[] = "here";
    static UCHAR names[2][2] = {"a", "b"};
    world_make();
    server_make_bare(&server, 1, &nx_crypto_tls_ciphers_ecc);
    client_make_bare(&client, &nx_crypto_tls_ciphers_ecc);
    CHECK_CODE(nx_secure_dtls_psk_add(&client.session, key, 16, names[0], 1, hint, 4), NX_SUCCESS);
    CHECK_CODE(nx_secure_tls_client_psk_set(&client.session.nx_secure_dtls_tls_session, other_key, 16,
                                            names[1], 1, NX_NULL, 0),
               NX_SUCCESS);
    /* The hint is the first's, and the server has the second alone. */
    CHECK_CODE(nx_secure_dtls_server_psk_add(&server.control, other_key, 16, names[1], 1, hint, 4),
               NX_SUCCESS);
    server_serve(&server);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    finish();
}

static void without_keys_there_is_none(void **state) {
    (void)state;
    static const psk_store nothing;
    const dtls_span span = {(const uint8_t *)"hint", 4};
    assert_null(netx_psk_for_hint(&nothing, span));
    assert_null(netx_psk_for_identity(&nothing, span));
}

/* Servers want an identity; a client without keys of its own has none to tell. */
SERVICES_TEST(an_empty_identity_is_one_like_others) {
    world_make();
    server_make_bare(&server, 1, &nx_crypto_tls_ciphers_ecc);
    client_make_bare(&client, &nx_crypto_tls_ciphers_ecc);
    CHECK_CODE(nx_secure_dtls_server_psk_add(&server.control, other_key, 16, text, 2, NX_NULL, 0),
               NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_server_psk_add(&server.control, key, 16, NX_NULL, 0, NX_NULL, 0), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_psk_add(&client.session, key, 16, NX_NULL, 0, NX_NULL, 0), NX_SUCCESS);
    server_serve(&server);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    finish();
}

/* --- Suites. --- */

enum {
    ECDHE_ECDSA_AES_128_GCM = 0xC02B,
    ECDHE_ECDSA_CHACHA20 = 0xCCA9,
    ECDHE_ECDSA_AES_128_CBC_SHA = 0xC009,
    PSK_AES_128_GCM = 0x00A8,
    PSK_AES_128_CCM_8 = 0xC0A8,
    RSA_AES_128_GCM = 0x009C
};

static void tables_of_suites_are_judged(void **state) {
    (void)state;
    static USHORT suites[NX_HOST_MAX_SUITES + 1];
    static const USHORT unknown[] = {ECDHE_ECDSA_CHACHA20, 0x1301};
    NX_SECURE_TLS_CRYPTO table;
    const struct {
        NX_SECURE_TLS_CRYPTO *table;
        const USHORT *suites;
        UINT num, expected;
    } rows[] = {
        {NULL, suites, 1, NX_PTR_ERROR},
        {&table, NULL, 1, NX_PTR_ERROR},
        {&table, suites, 0, NX_INVALID_PARAMETERS},
        {&table, suites, NX_HOST_MAX_SUITES + 1, NX_INVALID_PARAMETERS},
        {&table, unknown, 2, NX_SECURE_TLS_UNKNOWN_CIPHERSUITE},
        {&table, unknown, 1, NX_SUCCESS},
        {&table, suites, NX_HOST_MAX_SUITES, NX_SUCCESS},
    };
    for (UINT i = 0; i <= NX_HOST_MAX_SUITES; i++)
        suites[i] = PSK_AES_128_GCM;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(nx_host_crypto_table_make(rows[i].table, rows[i].suites, rows[i].num, NX_FALSE),
                         rows[i].expected);
}

/* What a session's connection has agreed on. */
static const USHORT mixed[] = {PSK_AES_128_CCM_8, ECDHE_ECDSA_CHACHA20, PSK_AES_128_GCM,
                               ECDHE_ECDSA_AES_128_GCM};

enum { CERTIFICATES = 1, KEYS = 2 };

/* A client and a server with the same table, and credentials of these kinds. */
static void make_with(const NX_SECURE_TLS_CRYPTO *table, UINT kinds) {
    server_make_bare(&server, 1, table);
    client_make_bare(&client, table);
    if ((kinds & CERTIFICATES) != 0) {
        server_show(&server, CERT_SERVER);
        client_trust(&client);
    }
    if ((kinds & KEYS) != 0) {
        CHECK_CODE(nx_secure_dtls_server_psk_add(&server.control, key, 16, text, 2, NX_NULL, 0), NX_SUCCESS);
        CHECK_CODE(nx_secure_dtls_psk_add(&client.session, key, 16, text, 2, NX_NULL, 0), NX_SUCCESS);
    }
}

SERVICES_TEST(of_a_table_a_session_uses_what_its_credentials_are_for) {
    NX_SECURE_TLS_CRYPTO table;
    static const struct {
        UINT kinds;
        USHORT expected;
    } rows[] = {{CERTIFICATES, ECDHE_ECDSA_CHACHA20},
                {KEYS, PSK_AES_128_CCM_8},
                {CERTIFICATES | KEYS, PSK_AES_128_CCM_8}};
    world_make();
    CHECK_CODE(nx_host_crypto_table_make(&table, mixed, 4, NX_FALSE), NX_SUCCESS);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        make_with(&table, rows[i].kinds);
        CHECK(nx_host_dtls_connection(&client.session) == NULL);
        shake_hands();
        CHECK(info_of(&client.session)->cipher_suite == rows[i].expected);
        CHECK(info_of(first_slot(&server))->cipher_suite == rows[i].expected);
        finish();
    }
}

SERVICES_TEST(a_table_without_a_suite_for_the_credentials_begins_nothing) {
    NX_SECURE_TLS_CRYPTO table;
    static const USHORT keys_alone[] = {PSK_AES_128_GCM};
    static const USHORT certificates_alone[] = {ECDHE_ECDSA_CHACHA20};
    world_make();
    CHECK_CODE(nx_host_crypto_table_make(&table, keys_alone, 1, NX_FALSE), NX_SUCCESS);
    make_with(&table, CERTIFICATES);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SECURE_TLS_NO_SUPPORTED_CIPHERS);
    finish();
    CHECK_CODE(nx_host_crypto_table_make(&table, certificates_alone, 1, NX_FALSE), NX_SUCCESS);
    make_with(&table, KEYS);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SECURE_TLS_NO_SUPPORTED_CIPHERS);
    finish();
}

SERVICES_TEST(legacy_suites_go_with_a_legacy_table_alone) {
    NX_SECURE_TLS_CRYPTO table;
    static const USHORT suites[] = {RSA_AES_128_GCM, ECDHE_ECDSA_AES_128_CBC_SHA};
    world_make();
    for (UINT legacy = NX_FALSE; legacy <= NX_TRUE; legacy++) {
        CHECK_CODE(nx_host_crypto_table_make(&table, suites, 2, legacy), NX_SUCCESS);
        make_with(&table, CERTIFICATES);
        CHECK_CODE(
            nx_secure_dtls_client_protocol_version_override(&client.session, NX_SECURE_DTLS_VERSION_1_0),
            legacy == NX_TRUE ? NX_SUCCESS : NX_PTR_ERROR);
        CHECK_CODE(
            nx_secure_dtls_server_protocol_version_override(&server.control, NX_SECURE_DTLS_VERSION_1_0),
            legacy == NX_TRUE ? NX_SUCCESS : NX_PTR_ERROR);
        shake_hands();
        CHECK((netx_session_of(&client.session)->state == SESSION_ESTABLISHED) == (legacy == NX_TRUE));
        if (legacy == NX_TRUE)
            CHECK(info_of(&client.session)->version == 0xFEFF &&
                  info_of(&client.session)->cipher_suite == ECDHE_ECDSA_AES_128_CBC_SHA);
        finish();
    }
}

SERVICES_TEST(suites_are_for_what_a_session_has) {
    static const NX_SECURE_TLS_CRYPTO *const tables[] = {&nx_crypto_tls_ciphers_ecc,
                                                         &nx_crypto_tls_ciphers_legacy};
    for (UINT i = 0; i < 8; i++) {
        const bool legacy = (i & 1) != 0, certificates = (i & 2) != 0, keys = (i & 4) != 0;
        const dtls_cipher_suite *suites[POLICY_MAX_SUITES];
        UINT for_certificates = 0, for_keys = 0;
        netx_policy_suites(tables[legacy], certificates, keys, suites);
        for (UINT j = 0; suites[j] != NULL; j++) {
            for_certificates += dtls_cipher_suite_uses_certificates(suites[j]);
            for_keys += dtls_cipher_suite_uses_psk(suites[j]);
        }
        CHECK(for_certificates == (certificates ? (legacy ? 17 : 8) : 0));
        CHECK(for_keys == (keys ? (legacy ? 9 : 6) : 0));
    }
}

/* --- Versions. --- */

SERVICES_TEST(a_table_of_any_version_meets_peers_of_both) {
    static const NX_SECURE_TLS_CRYPTO *const any = &nx_crypto_tls_ciphers_any_version;
    static const struct {
        USHORT of_client, of_server; /* 0: no override */
        unsigned expected;
    } rows[] = {{0, 0, 0xFEFD},
                {NX_SECURE_DTLS_VERSION_1_0, 0, 0xFEFF},
                {0, NX_SECURE_DTLS_VERSION_1_0, 0xFEFF},
                {NX_SECURE_DTLS_VERSION_1_2, 0, 0xFEFD},
                {NX_SECURE_DTLS_VERSION_1_0, NX_SECURE_DTLS_VERSION_1_2, 0}};
    world_make();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        make_with(any, i % 2 == 0 ? CERTIFICATES : KEYS);
        if (rows[i].of_client != 0)
            CHECK_CODE(nx_secure_dtls_client_protocol_version_override(&client.session, rows[i].of_client),
                       NX_SUCCESS);
        if (rows[i].of_server != 0)
            CHECK_CODE(nx_secure_dtls_server_protocol_version_override(&server.control, rows[i].of_server),
                       NX_SUCCESS);
        shake_hands();
        if (rows[i].expected == 0)
            CHECK(netx_session_of(&client.session)->state == SESSION_FAILED);
        else
            CHECK(info_of(&client.session)->version == rows[i].expected);
        finish();
    }
}

/* --- Watches. --- */

typedef struct seen {
    NX_SECURE_DTLS_SESSION *session;
    UINT num, num_connected, num_key_log, num_expired, num_retransmitted;
} seen;

static VOID see(VOID *context, NX_SECURE_DTLS_SESSION *session, const dtls_event *event, UINT expired) {
    seen *what = context;
    what->session = session;
    what->num++;
    what->num_connected += event->kind == DTLS_EVENT_CONNECTED;
    what->num_key_log += event->kind == DTLS_EVENT_KEY_LOG;
    what->num_retransmitted += event->kind == DTLS_EVENT_RETRANSMITTED;
    what->num_expired += expired;
}

SERVICES_TEST(watches_see_what_happens_to_their_sessions) {
    static NX_SECURE_DTLS_SESSION not_created;
    static NX_SECURE_DTLS_SERVER no_server;
    seen of_client = {.num = 0};
    seen of_server = {.num = 0};
    world_make();
    CHECK_CODE(nx_host_dtls_session_watch_set(NX_NULL, see, &of_client), NX_PTR_ERROR);
    CHECK_CODE(nx_host_dtls_session_watch_set(&not_created, see, &of_client), NX_PTR_ERROR);
    CHECK_CODE(nx_host_dtls_server_watch_set(NX_NULL, see, &of_server), NX_PTR_ERROR);
    CHECK_CODE(nx_host_dtls_server_watch_set(&no_server, see, &of_server), NX_PTR_ERROR);
    CHECK(nx_host_dtls_connection(NX_NULL) == NULL && nx_host_dtls_connection(&not_created) == NULL);
    make_with(&nx_crypto_tls_ciphers_ecc, CERTIFICATES);
    CHECK_CODE(nx_host_dtls_session_watch_set(&client.session, see, &of_client), NX_SUCCESS);
    CHECK_CODE(nx_host_dtls_server_watch_set(&server.control, see, &of_server), NX_SUCCESS);
    /* Nobody answers for a second. */
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    tx_thread_sleep(SECONDS(1));
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    CHECK(of_client.num_retransmitted == 1 && of_client.num_expired == 1);
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, NX_NO_WAIT), NX_SUCCESS);
    shake_hands();
    CHECK(of_client.session == &client.session && of_server.session == first_slot(&server));
    CHECK(of_client.num_connected == 1 && of_server.num_connected == 1);
    CHECK(of_client.num_key_log == 1 && of_server.num_key_log == 1);
    CHECK(of_client.num_expired == 1 && of_server.num_expired == 0);
    /* Nobody watches any more, and the next sessions give no secrets. */
    CHECK_CODE(nx_host_dtls_session_watch_set(&client.session, NULL, NULL), NX_SUCCESS);
    UINT num = of_client.num;
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, NX_NO_WAIT), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK(nx_host_dtls_connection(&client.session) == NULL);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_server_stop(&server.control), NX_SUCCESS);
    shake_hands();
    CHECK(of_client.num == num && of_server.num_connected == 2);
    finish();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_that_is_set_is_judged),
        cmocka_unit_test(a_client_takes_the_key_of_the_servers_hint_or_its_first),
        cmocka_unit_test(a_key_that_is_set_is_taken_whatever_the_hint),
        cmocka_unit_test(without_keys_there_is_none),
        cmocka_unit_test(an_empty_identity_is_one_like_others),
        cmocka_unit_test(tables_of_suites_are_judged),
        cmocka_unit_test(of_a_table_a_session_uses_what_its_credentials_are_for),
        cmocka_unit_test(a_table_without_a_suite_for_the_credentials_begins_nothing),
        cmocka_unit_test(legacy_suites_go_with_a_legacy_table_alone),
        cmocka_unit_test(suites_are_for_what_a_session_has),
        cmocka_unit_test(a_table_of_any_version_meets_peers_of_both),
        cmocka_unit_test(watches_see_what_happens_to_their_sessions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
