/* SPDX-License-Identifier: MIT
 *
 * libdtls against GnuTLS in the same process, in both directions, over queues
 * in memory: raw public keys (RFC 7250), OCSP stapling and the server's name
 * (RFC 6066), which the other side has from elsewhere than we.
 */
#include "connection/pair.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>
#include <gnutls/ocsp.h>
#include <openssl/evp.h>
#include <stdlib.h>

#define MAX_QUEUE 32

/* Datagrams on their way to GnuTLS. */
struct queue {
    uint8_t bytes[MAX_QUEUE][MAX_DATAGRAM];
    size_t len[MAX_QUEUE];
    size_t first;
    size_t num;
};

struct theirs {
    gnutls_session_t session;
    gnutls_certificate_credentials_t credentials;
    struct queue in;
    struct pair *pair;
    int role; /* ours */
    bool connected;
    int error;
};

struct setting {
    bool raw_server;
    bool raw_client;
    bool client_auth;
    bool status;
};

static const char response[] = "an OCSP response, of which nobody here takes notice";

static const dtls_extension *const all[] = {&dtls_extension_server_name,
                                            &dtls_extension_extended_master_secret,
                                            &dtls_extension_renegotiation_info,
                                            &dtls_extension_server_certificate_type,
                                            &dtls_extension_client_certificate_type,
                                            &dtls_extension_status_request,
                                            NULL};

static uint8_t key_bytes[2][512];
static dtls_span keys[2]; /* the server's, the client's */

static int make(void **state) {
    credentials_make(state);
    const struct test_identity *identities[] = {&credentials.server_ecdsa, &credentials.client};
    for (size_t i = 0; i < 2; i++) {
        char *pem = test_certificate_pem(identities[i]);
        assert_int_equal(dtls_libcrypto_public_key_read((const uint8_t *)pem, strlen(pem), key_bytes[i],
                                                        sizeof key_bytes[i], &keys[i].len),
                         DTLS_OK);
        keys[i].data = key_bytes[i];
        free(pem);
    }
    return 0;
}

static ssize_t push(gnutls_transport_ptr_t user, const void *bytes, size_t len) {
    struct theirs *theirs = user;
    pair_deliver(theirs->pair, theirs->role, bytes, len);
    return (ssize_t)len;
}

static ssize_t pull(gnutls_transport_ptr_t user, void *out, size_t cap) {
    struct theirs *theirs = user;
    struct queue *in = &theirs->in;
    if (in->num == 0) {
        gnutls_transport_set_errno(theirs->session, EAGAIN);
        return -1;
    }
    const size_t len = in->len[in->first] < cap ? in->len[in->first] : cap;
    memcpy(out, in->bytes[in->first], len);
    in->first = (in->first + 1) % MAX_QUEUE;
    in->num--;
    return (ssize_t)len;
}

static int pull_timeout(gnutls_transport_ptr_t user, unsigned ms) {
    struct theirs *theirs = user;
    (void)ms;
    return theirs->in.num > 0;
}

static int give_status(gnutls_session_t session, void *user, gnutls_datum_t *out) {
    (void)session;
    (void)user;
    out->data = gnutls_malloc(sizeof response);
    memcpy(out->data, response, sizeof response);
    out->size = sizeof response;
    return 0;
}

/* Sanity of status is not looked at: ours is none. */
static int accept_all(gnutls_session_t session) {
    (void)session;
    return 0;
}

static gnutls_datum_t datum_of(char *text) {
    return (gnutls_datum_t){.data = (unsigned char *)text, .size = (unsigned)strlen(text)};
}

static void show_certificate(struct theirs *theirs, const struct test_identity *identity) {
    char *key_pem = test_key_pem(identity);
    char *pem = test_certificate_pem(identity);
    const gnutls_datum_t key = datum_of(key_pem);
    const gnutls_datum_t certificate = datum_of(pem);
    assert_int_equal(
        gnutls_certificate_set_x509_key_mem(theirs->credentials, &certificate, &key, GNUTLS_X509_FMT_PEM),
        GNUTLS_E_SUCCESS);
    free(key_pem);
    free(pem);
}

static void show_raw(struct theirs *theirs, const struct test_identity *identity) {
    const dtls_span *own = &keys[theirs->role == SERVER_END];
    const gnutls_datum_t public_key = {.data = (unsigned char *)(uintptr_t)own->data,
                                       .size = (unsigned)own->len};
    gnutls_datum_t key = {.data = NULL};
    key.size = (unsigned)i2d_PrivateKey(identity->key, &key.data);
    assert_int_equal(gnutls_certificate_set_rawpk_key_mem(theirs->credentials, &public_key, &key,
                                                          GNUTLS_X509_FMT_DER, NULL, 0, NULL, 0, 0),
                     GNUTLS_E_SUCCESS);
    OPENSSL_free(key.data);
}

static void show(struct theirs *theirs, const struct test_identity *identity, bool raw) {
    if (raw)
        show_raw(theirs, identity);
    else
        show_certificate(theirs, identity);
}

static const char *priority_of(const struct setting *setting) {
    if (setting->raw_server && setting->raw_client)
        return "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-CTYPE-ALL:+CTYPE-SRV-RAWPK:+CTYPE-CLI-RAWPK";
    if (setting->raw_server)
        return "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-CTYPE-ALL:+CTYPE-SRV-RAWPK:+CTYPE-CLI-X509";
    if (setting->raw_client)
        return "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-CTYPE-ALL:+CTYPE-SRV-X509:+CTYPE-CLI-RAWPK";
    return "NORMAL:-VERS-ALL:+VERS-DTLS1.2";
}

static void open_theirs(struct theirs *theirs, struct pair *pair, int our_role,
                        const struct setting *setting) {
    const bool server = our_role == CLIENT_END;
    *theirs = (struct theirs){.pair = pair, .role = our_role};
    gnutls_certificate_allocate_credentials(&theirs->credentials);
    if (server)
        show(theirs, &credentials.server_ecdsa, setting->raw_server);
    else if (setting->client_auth)
        show(theirs, &credentials.client, setting->raw_client);
    if (server && setting->status)
        gnutls_certificate_set_ocsp_status_request_function(theirs->credentials, give_status, NULL);
    gnutls_certificate_set_verify_function(theirs->credentials, accept_all);
    gnutls_init(&theirs->session, (server ? (unsigned)GNUTLS_SERVER : (unsigned)GNUTLS_CLIENT) |
                                      GNUTLS_DATAGRAM | GNUTLS_NONBLOCK | GNUTLS_ENABLE_RAWPK);
    assert_int_equal(gnutls_priority_set_direct(theirs->session, priority_of(setting), NULL),
                     GNUTLS_E_SUCCESS);
    gnutls_credentials_set(theirs->session, GNUTLS_CRD_CERTIFICATE, theirs->credentials);
    gnutls_dtls_set_mtu(theirs->session, 1200);
    gnutls_transport_set_ptr(theirs->session, theirs);
    gnutls_transport_set_push_function(theirs->session, push);
    gnutls_transport_set_pull_function(theirs->session, pull);
    gnutls_transport_set_pull_timeout_function(theirs->session, pull_timeout);
    if (server && setting->client_auth)
        gnutls_certificate_server_set_request(theirs->session, GNUTLS_CERT_REQUIRE);
    if (!server)
        gnutls_server_name_set(theirs->session, GNUTLS_NAME_DNS, "server.test", strlen("server.test"));
}

static void close_theirs(struct theirs *theirs) {
    gnutls_deinit(theirs->session);
    gnutls_certificate_free_credentials(theirs->credentials);
}

static const dtls_certificate_type raw_only[] = {DTLS_CERTIFICATE_RAW_PUBLIC_KEY};

static dtls_credential own_credential;

/* Our side: raw public keys are known ones. */
static void configure(struct pair *pair, int role, const struct setting *setting) {
    const bool shows_raw = role == SERVER_END ? setting->raw_server : setting->raw_client;
    const bool takes_raw = role == SERVER_END ? setting->raw_client : setting->raw_server;
    pair_init_certificates(pair);
    dtls_config *config = &pair->ends[role].config;
    config->extensions = all;
    config->max_server_name = role == SERVER_END ? 255 : 0;
    own_credential = config->credentials[0];
    own_credential.ocsp_response =
        (dtls_span){(const uint8_t *)response, setting->status && !shows_raw ? sizeof response : 0};
    if (shows_raw) {
        own_credential.type = DTLS_CERTIFICATE_RAW_PUBLIC_KEY;
        own_credential.chain = &keys[role == CLIENT_END];
        own_credential.chain_len = 1;
    }
    config->credentials = &own_credential;
    config->num_credentials = 1;
    if (role == SERVER_END && setting->client_auth)
        config->client_auth = DTLS_CLIENT_AUTH_REQUIRE;
    if (takes_raw) {
        config->peer_certificate_types = raw_only;
        config->num_peer_certificate_types = 1;
        config->known_public_keys = keys;
        config->num_known_public_keys = 2;
    }
}

static bool carry(struct theirs *theirs) {
    struct pair *pair = theirs->pair;
    bool any = pair_pump_end(pair, theirs->role);
    for (size_t i = 0; i < pair->num_flying; i++) {
        struct queue *in = &theirs->in;
        assert_true(in->num < MAX_QUEUE);
        const size_t place = (in->first + in->num++) % MAX_QUEUE;
        in->len[place] = pair->flying[i].len;
        memcpy(in->bytes[place], pair->flying[i].bytes, pair->flying[i].len);
        any = true;
    }
    pair->num_flying = 0;
    return any;
}

static void shake_hands(struct theirs *theirs) {
    for (unsigned turns = 0; turns < 100; turns++) {
        const bool any = carry(theirs);
        if (!theirs->connected) {
            const int result = gnutls_handshake(theirs->session);
            theirs->connected = result == GNUTLS_E_SUCCESS;
            if (result < 0 && gnutls_error_is_fatal(result) && theirs->error == 0) {
                theirs->error = result;
                gnutls_alert_send_appropriate(theirs->session, result);
            }
        }
        if (!any && !carry(theirs) && theirs->in.num == 0)
            return;
    }
}

static void check_types(const struct theirs *theirs, const struct setting *setting) {
    const int server = setting->raw_server ? GNUTLS_CRT_RAWPK : GNUTLS_CRT_X509;
    assert_int_equal(gnutls_certificate_type_get2(theirs->session, GNUTLS_CTYPE_SERVER), server);
    const dtls_connection_info *info = dtls_connection_get_info(theirs->pair->ends[theirs->role].connection);
    const bool client = theirs->role == CLIENT_END;
    assert_int_equal(client ? info->peer_certificate_type : info->certificate_type,
                     setting->raw_server ? DTLS_CERTIFICATE_RAW_PUBLIC_KEY : DTLS_CERTIFICATE_X509);
    if (!setting->client_auth)
        return;
    assert_int_equal(gnutls_certificate_type_get2(theirs->session, GNUTLS_CTYPE_CLIENT),
                     setting->raw_client ? GNUTLS_CRT_RAWPK : GNUTLS_CRT_X509);
    assert_int_equal(client ? info->certificate_type : info->peer_certificate_type,
                     setting->raw_client ? DTLS_CERTIFICATE_RAW_PUBLIC_KEY : DTLS_CERTIFICATE_X509);
}

static void check_status(const struct theirs *theirs, const struct setting *setting) {
    const struct end *end = &theirs->pair->ends[theirs->role];
    /* GnuTLS staples to raw public keys too. */
    const bool there = setting->status && (theirs->role == CLIENT_END || !setting->raw_server);
    assert_int_equal(dtls_connection_get_info(end->connection)->certificate_status, there);
    if (theirs->role == CLIENT_END) {
        assert_int_equal(end->judged_status_len, there ? sizeof response : 0);
        return;
    }
    gnutls_datum_t got = {.size = 0};
    assert_int_equal(gnutls_ocsp_status_request_get(theirs->session, &got) == GNUTLS_E_SUCCESS, there);
    assert_int_equal(got.size, there ? sizeof response : 0);
}

static void check_name(const struct theirs *theirs) {
    char name[64];
    size_t len = sizeof name;
    unsigned type;
    const dtls_span ours = dtls_connection_get_info(theirs->pair->ends[theirs->role].connection)->server_name;
    if (theirs->role == SERVER_END) {
        assert_int_equal(ours.len, strlen("server.test"));
        assert_memory_equal(ours.data, "server.test", ours.len);
        return;
    }
    assert_int_equal(gnutls_server_name_get(theirs->session, name, &len, &type, 0), GNUTLS_E_SUCCESS);
    assert_string_equal(name, "server.test");
}

static void run(struct pair *pair, struct theirs *theirs, int role, const struct setting *setting) {
    configure(pair, role, setting);
    pair_open(pair);
    /* The end of the pair that GnuTLS stands for has nothing to say. */
    pair->num_flying = 0;
    open_theirs(theirs, pair, role, setting);
    shake_hands(theirs);
}

static void each_setting(void **state) {
    (void)state;
    for (unsigned i = 0; i < 32; i++) {
        const int role = i & 1;
        const struct setting setting = {
            .raw_server = i & 2, .raw_client = i & 4, .client_auth = i & 8, .status = i & 16};
        struct theirs *theirs = malloc(sizeof *theirs);
        struct pair pair;
        assert_non_null(theirs);
        run(&pair, theirs, role, &setting);
        if (!theirs->connected || !pair.ends[role].connected)
            fail_msg("we are the %s, setting %u: %s", role == CLIENT_END ? "client" : "server", i,
                     gnutls_strerror(theirs->error));
        check_types(theirs, &setting);
        check_status(theirs, &setting);
        check_name(theirs);
        close_theirs(theirs);
        free(theirs);
        pair_free(&pair);
    }
}

/* Types that nobody has in common: GnuTLS takes our alert, or we its. */
static void no_type_in_common(void **state) {
    (void)state;
    for (int role = 0; role < 2; role++) {
        const struct setting ours = {.raw_server = true};
        const struct setting others = {.raw_server = false};
        struct theirs *theirs = malloc(sizeof *theirs);
        struct pair pair;
        assert_non_null(theirs);
        configure(&pair, role, &ours);
        pair_open(&pair);
        pair.num_flying = 0;
        open_theirs(theirs, &pair, role, &others);
        shake_hands(theirs);
        const dtls_failure *failure = dtls_connection_get_failure(pair.ends[role].connection);
        assert_non_null(failure);
        assert_int_equal(failure->alert, DTLS_ALERT_UNSUPPORTED_CERTIFICATE);
        assert_false(theirs->connected);
        close_theirs(theirs);
        free(theirs);
        pair_free(&pair);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_setting),
        cmocka_unit_test(no_type_in_common),
    };
    return cmocka_run_group_tests(tests, make, credentials_free);
}
