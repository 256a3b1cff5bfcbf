/* SPDX-License-Identifier: MIT
 *
 * libdtls against OpenSSL's libssl in the same process, over a pair of local
 * datagram sockets, in both directions: the other side is none of ours. Nothing
 * is lost here, so nobody waits for a timer.
 */
#include "connection/pair.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct openssl {
    SSL_CTX *context;
    SSL *ssl;
    int socket; /* our end */
    bool connected;
};

struct setting {
    const char *ciphers;
    const char *groups;
    const char *schemes;
    bool server_rsa;
    bool client_auth;
    bool cookies;
    bool no_extended_master_secret;
    size_t mtu;
    const char *hint;
    uint8_t fragment_code; /* max_fragment_length that OpenSSL asks for as a client */
};

static const uint8_t psk_key[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

static unsigned give_psk_client(SSL *ssl, const char *hint, char *identity, unsigned max_identity,
                                unsigned char *psk, unsigned max_psk) {
    (void)ssl;
    (void)hint;
    (void)max_psk;
    BIO_snprintf(identity, max_identity, "dtlslab");
    memcpy(psk, psk_key, sizeof psk_key);
    return sizeof psk_key;
}

static unsigned give_psk_server(SSL *ssl, const char *identity, unsigned char *psk, unsigned max_psk) {
    (void)ssl;
    (void)max_psk;
    if (strcmp(identity, "dtlslab") != 0)
        return 0;
    memcpy(psk, psk_key, sizeof psk_key);
    return sizeof psk_key;
}

static int make_cookie(SSL *ssl, unsigned char *cookie, unsigned *len) {
    (void)ssl;
    memset(cookie, 0x42, 16);
    *len = 16;
    return 1;
}

static int check_cookie(SSL *ssl, const unsigned char *cookie, unsigned len) {
    (void)ssl;
    return len == 16 && cookie[0] == 0x42;
}

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                           const unsigned char *in, unsigned in_len, void *user) {
    static const unsigned char known[] = "\1x\4coap";
    (void)ssl;
    (void)user;
    return SSL_select_next_proto((unsigned char **)(uintptr_t)out, out_len, known, sizeof known - 1, in,
                                 in_len) == OPENSSL_NPN_NEGOTIATED
               ? SSL_TLSEXT_ERR_OK
               : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* A pair of connected datagram sockets: OpenSSL's datagram BIO at one end. */
static void attach_socket(struct openssl *openssl) {
    int sockets[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets), 0);
    openssl->socket = sockets[0];
    assert_int_not_equal(fcntl(sockets[1], F_SETFL, O_NONBLOCK), -1);
    BIO *bio = BIO_new_dgram(sockets[1], BIO_CLOSE);
    BIO_ADDR *nowhere = BIO_ADDR_new();
    BIO_ctrl_set_connected(bio, nowhere);
    BIO_ADDR_free(nowhere);
    SSL_set_bio(openssl->ssl, bio, bio);
}

/* The credentials of these tests are as valid in 2026 as they are today. */
static struct openssl openssl_make(int role, const struct setting *setting) {
    struct openssl openssl = {
        .context = SSL_CTX_new(role == SERVER_END ? DTLS_server_method() : DTLS_client_method())};
    SSL_CTX *context = openssl.context;
    SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
    assert_int_equal(SSL_CTX_set_cipher_list(context, setting->ciphers), 1);
    if (setting->groups != NULL)
        assert_int_equal(SSL_CTX_set1_groups_list(context, setting->groups), 1);
    if (setting->schemes != NULL)
        assert_int_equal(SSL_CTX_set1_sigalgs_list(context, setting->schemes), 1);
    SSL_CTX_set_psk_client_callback(context, give_psk_client);
    SSL_CTX_set_psk_server_callback(context, give_psk_server);
    if (setting->hint != NULL)
        SSL_CTX_use_psk_identity_hint(context, setting->hint);
    if (setting->no_extended_master_secret)
        SSL_CTX_set_options(context, SSL_OP_NO_EXTENDED_MASTER_SECRET);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), credentials.authority.certificate);
    const struct test_identity *identity = role == CLIENT_END    ? &credentials.client
                                           : setting->server_rsa ? &credentials.server_rsa
                                                                 : &credentials.server_ecdsa;
    if (role == SERVER_END || setting->client_auth) {
        assert_int_equal(SSL_CTX_use_certificate(context, identity->certificate), 1);
        assert_int_equal(SSL_CTX_use_PrivateKey(context, identity->key), 1);
        SSL_CTX_add1_chain_cert(context, credentials.authority.certificate);
    }
    SSL_CTX_set_verify(context,
                       role == CLIENT_END || setting->client_auth
                           ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
                           : SSL_VERIFY_NONE,
                       NULL);
    static const unsigned char protocols[] = "\4coap\1x";
    SSL_CTX_set_alpn_protos(context, protocols, sizeof protocols - 1);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    SSL_CTX_set_tlsext_max_fragment_length(context, setting->fragment_code);
    SSL_CTX_set_cookie_generate_cb(context, make_cookie);
    SSL_CTX_set_cookie_verify_cb(context, check_cookie);
    if (setting->cookies)
        SSL_CTX_set_options(context, SSL_OP_COOKIE_EXCHANGE);
    openssl.ssl = SSL_new(context);
    SSL_set_options(openssl.ssl, SSL_OP_NO_QUERY_MTU);
    DTLS_set_link_mtu(openssl.ssl, setting->mtu != 0 ? (long)setting->mtu : 1200);
    if (role == CLIENT_END)
        SSL_set_connect_state(openssl.ssl);
    else
        SSL_set_accept_state(openssl.ssl);
    attach_socket(&openssl);
    return openssl;
}

static void openssl_free(struct openssl *openssl) {
    SSL_free(openssl->ssl);
    SSL_CTX_free(openssl->context);
    close(openssl->socket);
}

static void openssl_turn(struct openssl *openssl) {
    if (openssl->connected)
        return;
    ERR_clear_error();
    const int result = SSL_do_handshake(openssl->ssl);
    openssl->connected = result == 1;
    if (result != 1 && SSL_get_error(openssl->ssl, result) != SSL_ERROR_WANT_READ)
        ERR_print_errors_fp(stderr);
}

/* Our side: one end of a pair, whose other end is not used. */
static bool our_turn(struct pair *pair, int role, struct openssl *openssl) {
    uint8_t bytes[2048];
    ssize_t len;
    bool any = false;
    while ((len = recv(openssl->socket, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
        any = true;
        pair_deliver(pair, role, bytes, (size_t)len);
        pair_pump_end(pair, role);
    }
    pair_pump_end(pair, role);
    for (size_t i = 0; i < pair->num_flying; i++) {
        any = true;
        assert_int_equal(send(openssl->socket, pair->flying[i].bytes, pair->flying[i].len, 0),
                         pair->flying[i].len);
    }
    pair->num_flying = 0;
    return any;
}

static void check_echo(struct pair *pair, int role, struct openssl *openssl) {
    uint8_t record[256];
    size_t len;
    char text[64] = "";
    assert_int_equal(dtls_write(pair->ends[role].connection, pair->now, (const uint8_t *)"hello", 5, record,
                                sizeof record, &len),
                     DTLS_OK);
    assert_int_equal(send(openssl->socket, record, len, 0), len);
    assert_int_equal(SSL_read(openssl->ssl, text, sizeof text), 5);
    assert_int_equal(SSL_write(openssl->ssl, text, 5), 5);
    our_turn(pair, role, openssl);
    assert_int_equal(pair->ends[role].received_len, 5);
    assert_memory_equal(pair->ends[role].received, "hello", 5);
}

/* Of a setting with them, both sides say the same. */
static void check_extensions(const struct pair *pair, int role, const struct openssl *openssl) {
    const dtls_connection *connection = pair->ends[role].connection;
    const dtls_span ours = dtls_connection_get_info(connection)->application_protocol;
    const unsigned char *theirs;
    unsigned theirs_len;
    if (pair->ends[role].config.num_application_protocols == 0)
        return;
    SSL_get0_alpn_selected(openssl->ssl, &theirs, &theirs_len);
    assert_int_equal(ours.len, 4);
    assert_int_equal(theirs_len, 4);
    assert_memory_equal(ours.data, "coap", 4);
    assert_memory_equal(theirs, "coap", 4);
    assert_int_equal(SSL_SESSION_get_max_fragment_length(SSL_get_session(openssl->ssl)),
                     TLSEXT_max_fragment_length_512);
    assert_int_equal(dtls_max_data(connection), 512);
}

/* OpenSSL closes, we answer. */
static void check_close(struct pair *pair, int role, struct openssl *openssl) {
    assert_int_equal(SSL_shutdown(openssl->ssl), 0);
    our_turn(pair, role, openssl);
    assert_true(pair->ends[role].peer_closed);
    assert_int_equal(SSL_shutdown(openssl->ssl), 1);
}

static void run(struct pair *pair, int role, const struct setting *setting) {
    struct openssl openssl = openssl_make(!role, setting);
    if (setting->mtu != 0)
        pair->ends[role].config.mtu = setting->mtu;
    pair_open(pair);
    if (role == SERVER_END)
        dtls_connection_wipe(pair->ends[CLIENT_END].connection);
    for (int i = 0; i < 20 && !(openssl.connected && pair->ends[role].connected); i++) {
        our_turn(pair, role, &openssl);
        openssl_turn(&openssl);
    }
    const dtls_failure *failure = dtls_connection_get_failure(pair->ends[role].connection);
    if (failure != NULL)
        fail_msg("%s: %s in \"%s\", message \"%s\", field \"%s\", %s", setting->ciphers,
                 dtls_error_name(failure->error), failure->state, failure->message, failure->field,
                 failure->section);
    assert_true(openssl.connected);
    assert_true(pair->ends[role].connected);
    assert_int_equal(dtls_connection_get_info(pair->ends[role].connection)->extended_master_secret,
                     !setting->no_extended_master_secret);
    assert_int_equal(pair->ends[role].num_retransmitted, 0);
    check_extensions(pair, role, &openssl);
    check_echo(pair, role, &openssl);
    check_close(pair, role, &openssl);
    openssl_free(&openssl);
    pair_free(pair);
}

static const struct setting certificate_settings[] = {
    {.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256"},
    {.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256", .groups = "P-256"},
    {.ciphers = "ECDHE-RSA-AES128-GCM-SHA256", .server_rsa = true, .groups = "X25519"},
    {.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256", .groups = "X25519:P-256"},
    {.ciphers = "ECDHE-RSA-AES128-GCM-SHA256", .server_rsa = true},
    {.ciphers = "ECDHE-RSA-AES128-GCM-SHA256", .server_rsa = true, .schemes = "RSA+SHA256"},
    {.ciphers = "ECDHE-RSA-AES128-GCM-SHA256", .server_rsa = true, .schemes = "RSA-PSS+SHA256"},
    {.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256", .client_auth = true},
    {.ciphers = "ECDHE-RSA-AES128-GCM-SHA256", .server_rsa = true, .client_auth = true},
    {.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256", .cookies = true},
    {.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256", .no_extended_master_secret = true},
    {.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256", .mtu = 300, .client_auth = true},
    {.ciphers = "ECDHE-RSA-AES128-GCM-SHA256", .server_rsa = true, .mtu = 300, .cookies = true},
    {.ciphers = "ALL"},
};

static const struct setting psk_settings[] = {
    {.ciphers = "PSK-AES128-GCM-SHA256"},
    {.ciphers = "PSK-AES128-CCM8"},
    {.ciphers = "PSK-AES128-GCM-SHA256", .cookies = true},
    {.ciphers = "PSK-AES128-GCM-SHA256", .hint = "a hint"},
    {.ciphers = "PSK-AES128-GCM-SHA256", .no_extended_master_secret = true},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void with_certificates(int role) {
    for (size_t i = 0; i < COUNT(certificate_settings); i++) {
        const struct setting *setting = &certificate_settings[i];
        struct pair pair;
        pair_init_certificates(&pair);
        pair.cookies = setting->cookies && role == SERVER_END;
        if (setting->client_auth)
            pair.ends[SERVER_END].config.client_auth = DTLS_CLIENT_AUTH_REQUIRE;
        if (setting->schemes != NULL && setting->client_auth)
            continue;
        run(&pair, role, setting);
    }
}

static void with_psk(int role) {
    for (size_t i = 0; i < COUNT(psk_settings); i++) {
        const struct setting *setting = &psk_settings[i];
        struct pair pair;
        pair_init_psk(&pair);
        pair.cookies = setting->cookies && role == SERVER_END;
        if (setting->hint != NULL)
            pair.ends[SERVER_END].config.psk_identity_hint =
                (dtls_span){(const uint8_t *)setting->hint, strlen(setting->hint)};
        run(&pair, role, setting);
    }
}

static const dtls_extension *const more_extensions[] = {&dtls_extension_extended_master_secret,
                                                        &dtls_extension_renegotiation_info,
                                                        &dtls_extension_alpn,
                                                        &dtls_extension_max_fragment_length,
                                                        &dtls_extension_record_size_limit,
                                                        &dtls_extension_connection_id,
                                                        NULL};

static const dtls_span protocol_names[] = {{(const uint8_t *)"other", 5}, {(const uint8_t *)"coap", 4}};

/* ALPN, and max_fragment_length of either client; OpenSSL passes over the rest. */
static void with_more_extensions(int role) {
    static const struct setting setting = {.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256",
                                           .fragment_code = TLSEXT_max_fragment_length_512};
    struct pair pair;
    pair_init_certificates(&pair);
    dtls_config *config = &pair.ends[role].config;
    config->extensions = more_extensions;
    config->application_protocols = protocol_names;
    config->num_application_protocols = 2;
    config->max_fragment_length = 512;
    run(&pair, role, &setting);
}

static void client_with_more_extensions(void **state) {
    (void)state;
    with_more_extensions(CLIENT_END);
}

static void server_with_more_extensions(void **state) {
    (void)state;
    with_more_extensions(SERVER_END);
}

static void client_with_certificates(void **state) {
    (void)state;
    with_certificates(CLIENT_END);
}

static void server_with_certificates(void **state) {
    (void)state;
    with_certificates(SERVER_END);
}

static void client_with_psk(void **state) {
    (void)state;
    with_psk(CLIENT_END);
}

static void server_with_psk(void **state) {
    (void)state;
    with_psk(SERVER_END);
}

/* The MAC inside the ciphertext, and outside when both have RFC 7366. */
static void with_cbc(int role) {
    static const struct {
        struct setting setting;
        const dtls_cipher_suite *suite;
    } rows[] = {
        {{.ciphers = "ECDHE-ECDSA-AES128-SHA"}, &dtls_suite_ecdhe_ecdsa_aes_128_cbc_sha},
        {{.ciphers = "ECDHE-ECDSA-AES128-SHA256"}, &dtls_suite_ecdhe_ecdsa_aes_128_cbc_sha256},
        {{.ciphers = "ECDHE-ECDSA-AES256-SHA384"}, &dtls_suite_ecdhe_ecdsa_aes_256_cbc_sha384},
        {{.ciphers = "ECDHE-RSA-AES256-SHA", .server_rsa = true}, &dtls_suite_ecdhe_rsa_aes_256_cbc_sha},
    };
    static const dtls_extension *const without[] = {&dtls_extension_extended_master_secret,
                                                    &dtls_extension_renegotiation_info, NULL};
    for (size_t i = 0; i < 2 * COUNT(rows); i++) {
        const dtls_cipher_suite *const suites[] = {rows[i / 2].suite, NULL};
        struct pair pair;
        pair_init_certificates(&pair);
        pair.ends[role].config.cipher_suites = suites;
        pair.ends[role].config.extensions = i % 2 == 0 ? without : dtls_default_extensions;
        run(&pair, role, &rows[i / 2].setting);
    }
}

static void cbc_client(void **state) {
    (void)state;
    with_cbc(CLIENT_END);
}

static void cbc_server(void **state) {
    (void)state;
    with_cbc(SERVER_END);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cbc_client),
        cmocka_unit_test(cbc_server),
        cmocka_unit_test(client_with_psk),
        cmocka_unit_test(server_with_psk),
        cmocka_unit_test(client_with_more_extensions),
        cmocka_unit_test(server_with_more_extensions),
        cmocka_unit_test(client_with_certificates),
        cmocka_unit_test(server_with_certificates),
    };
    return cmocka_run_group_tests(tests, credentials_make, credentials_free);
}
