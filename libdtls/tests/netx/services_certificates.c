/* SPDX-License-Identifier: MIT
 *
 * Certificates and names: what is taken, and what a handshake makes of it.
 */
#include <openssl/x509.h>
#include <stdlib.h>

#include "netx/secure/session.h"
#include "services_both.h"
#include "services_edits.h"
#include "support/authority.h"

/* Linked in the place of calloc and malloc in the services (services.cmake). */
static UINT allocation_that_fails; /* 1: the next; 0: none */
void *__real_calloc(size_t num, size_t len);
void *__real_malloc(size_t len);
void *__wrap_calloc(size_t num, size_t len);
void *__wrap_malloc(size_t len);

static bool fails(void) {
    return allocation_that_fails > 0 && --allocation_that_fails == 0;
}

void *__wrap_calloc(size_t num, size_t len) {
    return fails() ? NULL : __real_calloc(num, len);
}

void *__wrap_malloc(size_t len) {
    return fails() ? NULL : __real_malloc(len);
}

/* --- Blocks. --- */

static void certificates_are_judged_when_they_are_made(void **state) {
    (void)state;
    static const UCHAR garbage[100] = {0x30, 0x62};
    NX_SECURE_X509_CERT made;
    NX_SECURE_X509_CERT ec;
    NX_SECURE_X509_CERT rsa;
    UCHAR copy[2048];
    certificate_block(&ec, CERT_SERVER, true);
    certificate_block(&rsa, CERT_RSA, true);
    const UCHAR *der = ec.nx_secure_x509_certificate_raw_data;
    const USHORT len = (USHORT)ec.nx_secure_x509_certificate_raw_data_length;
    const UCHAR *key = ec.nx_secure_x509_private_key_data;
    const USHORT key_len = (USHORT)ec.nx_secure_x509_private_key_data_length;
    const UCHAR *rsa_key = rsa.nx_secure_x509_private_key_data;
    const USHORT rsa_key_len = (USHORT)rsa.nx_secure_x509_private_key_data_length;
    enum { NONE = NX_SECURE_X509_KEY_TYPE_NONE, EC = NX_SECURE_X509_KEY_TYPE_EC_DER };
    const struct {
        NX_SECURE_X509_CERT *certificate;
        const UCHAR *der;
        UCHAR *buffer;
        const UCHAR *key;
        USHORT len, buffer_len, key_len;
        UINT key_type, expected;
    } rows[] = {
        {NULL, der, NULL, NULL, len, 0, 0, NONE, NX_PTR_ERROR},
        {&made, NULL, NULL, NULL, len, 0, 0, NONE, NX_PTR_ERROR},
        {&made, der, NULL, NULL, 0, 0, 0, NONE, NX_PTR_ERROR},
        {&made, der, copy, NULL, len, (USHORT)(len - 1), 0, NONE, NX_SECURE_X509_INSUFFICIENT_CERT_SPACE},
        {&made, der, copy, NULL, len, 0, 0, NONE, NX_SECURE_X509_INSUFFICIENT_CERT_SPACE},
        {&made, garbage, NULL, NULL, 100, 0, 0, NONE, NX_SECURE_X509_INVALID_CERTIFICATE},
        {&made, der, NULL, NULL, (USHORT)(len - 1), 0, 0, NONE, NX_SECURE_X509_INVALID_CERTIFICATE},
        {&made, der, NULL, key, len, 0, key_len, NONE, NX_SECURE_X509_INVALID_PRIVATE_KEY_TYPE},
        {&made, der, NULL, key, len, 0, key_len, NX_SECURE_X509_KEY_TYPE_HARDWARE,
         NX_SECURE_X509_INVALID_PRIVATE_KEY_TYPE},
        {&made, der, NULL, key, len, 0, (USHORT)(key_len - 1), EC, NX_SECURE_PKCS1_INVALID_PRIVATE_KEY},
        {&made, der, NULL, garbage, len, 0, 100, EC, NX_SECURE_PKCS1_INVALID_PRIVATE_KEY},
        {&made, der, NULL, rsa_key, len, 0, rsa_key_len, NX_SECURE_X509_KEY_TYPE_RSA_PKCS1_DER,
         NX_SECURE_PKCS1_INVALID_PRIVATE_KEY},
        {&made, der, NULL, NULL, len, 0, 0, NONE, NX_SUCCESS},
        {&made, der, copy, NULL, len, len, 0, NONE, NX_SUCCESS},
        {&made, der, copy, key, len, sizeof copy, key_len, EC, NX_SUCCESS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        memset(&made, 0xEE, sizeof made);
        const NX_SECURE_X509_CERT before = made;
        UINT code = nx_secure_x509_certificate_initialize(rows[i].certificate, rows[i].der, rows[i].len,
                                                          rows[i].buffer, rows[i].buffer_len, rows[i].key,
                                                          rows[i].key_len, rows[i].key_type);
        assert_int_equal(code, rows[i].expected);
        if (code != NX_SUCCESS) {
            assert_memory_equal(&made, &before, sizeof made);
            continue;
        }
        assert_ptr_equal(made.nx_secure_x509_certificate_raw_data,
                         rows[i].buffer != NULL ? rows[i].buffer : der);
        assert_memory_equal(made.nx_secure_x509_certificate_raw_data, der, len);
        assert_ptr_equal(made.nx_secure_x509_private_key_data, rows[i].key);
        assert_int_equal(made.nx_secure_x509_private_key_type, rows[i].key_type);
        assert_null(made.nx_secure_x509_next_certificate);
    }
}

/* --- Names. --- */

static const UCHAR long_name[NX_SECURE_X509_DNS_NAME_MAX + 1] = {'x'};

static void names_are_judged_when_they_are_made(void **state) {
    (void)state;
    static const UCHAR text[] = "server.test";
    NX_SECURE_X509_DNS_NAME name;
    memset(&name, 0xEE, sizeof name);
    assert_int_equal(nx_secure_x509_dns_name_initialize(NULL, text, 11), NX_PTR_ERROR);
    assert_int_equal(nx_secure_x509_dns_name_initialize(&name, NULL, 11), NX_PTR_ERROR);
    assert_int_equal(nx_secure_x509_dns_name_initialize(&name, text, 0), NX_PTR_ERROR);
    assert_int_equal(nx_secure_x509_dns_name_initialize(&name, long_name, sizeof long_name),
                     NX_SECURE_X509_NAME_STRING_TOO_LONG);
    assert_int_equal(nx_secure_x509_dns_name_initialize(&name, long_name, sizeof long_name - 1), NX_SUCCESS);
    assert_int_equal(name.nx_secure_x509_dns_name_length, NX_SECURE_X509_DNS_NAME_MAX);
    assert_int_equal(nx_secure_x509_dns_name_initialize(&name, text, 11), NX_SUCCESS);
    assert_string_equal((const char *)name.nx_secure_x509_dns_name, "server.test");
    NX_SECURE_TLS_SESSION session;
    memset(&session, 0, sizeof session);
    assert_int_equal(nx_secure_tls_session_sni_extension_set(NULL, &name), NX_PTR_ERROR);
    assert_int_equal(nx_secure_tls_session_sni_extension_set(&session, NULL), NX_PTR_ERROR);
    assert_int_equal(nx_secure_tls_session_sni_extension_set(&session, &name), NX_SUCCESS);
}

static void a_certificate_is_for_its_name(void **state) {
    (void)state;
    NX_SECURE_X509_CERT certificate;
    UCHAR longest[254];
    memset(longest, 'x', sizeof longest);
    const struct {
        const UCHAR *name;
        UINT len, expected;
    } rows[] = {
        {(const UCHAR *)"server.test", 11, NX_SUCCESS},
        {(const UCHAR *)"SERVER.test", 11, NX_SUCCESS},
        {(const UCHAR *)"server.tes", 10, NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH},
        {(const UCHAR *)"other.test", 10, NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH},
        {(const UCHAR *)"server.test\0.evil", 17, NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH},
        {(const UCHAR *)"server.test", 0, NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH},
        {longest, 253, NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH},
        {longest, 254, NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH},
        {NULL, 11, NX_PTR_ERROR},
    };
    certificate_block(&certificate, CERT_NAMED, false);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(nx_secure_x509_common_name_dns_check(&certificate, rows[i].name, rows[i].len),
                         rows[i].expected);
    assert_int_equal(nx_secure_x509_common_name_dns_check(NULL, (const UCHAR *)"server.test", 11),
                     NX_PTR_ERROR);
}

/* The server_name extension as it stands in a hello (RFC 6066 section 3). */
static const UCHAR extension[] = {0,   0,   0,   16,  0,   14,  0,   0,   11,  's',
                                  'e', 'r', 'v', 'e', 'r', '.', 't', 'e', 's', 't'};
static UINT num_hellos;
static UINT num_named;

static bool count_names(UCHAR *bytes, ULONG *len) {
    if (find_message(bytes, *len, MESSAGE_CLIENT_HELLO) != NULL) {
        num_hellos++;
        num_named += memmem(bytes, *len, extension, sizeof extension) != NULL;
    }
    return true;
}

SERVICES_TEST(a_client_tells_the_name_that_it_wants) {
    static NX_SECURE_X509_DNS_NAME name;
    make_both(1);
    num_hellos = num_named = 0;
    edit_arrivals(server_ip, count_names);
    CHECK_CODE(nx_secure_dtls_server_local_certificate_remove(&server.control, NX_NULL, 0, 1), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_server_local_certificate_add(
                   &server.control, certificate_block(&server.certificate, CERT_NAMED, true), 1),
               NX_SUCCESS);
    server_serve(&server);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    CHECK(num_hellos == 2 && num_named == 0);
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, NX_NO_WAIT), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(nx_secure_x509_dns_name_initialize(&name, (const UCHAR *)"server.test", 11), NX_SUCCESS);
    CHECK_CODE(nx_secure_tls_session_sni_extension_set(&client.session.nx_secure_dtls_tls_session, &name),
               NX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    CHECK(num_hellos == 4 && num_named == 2);
    finish();
}

/* --- Stores. --- */

#define MOST_LOCAL 4 /* credentials of one store */

SERVICES_TEST(a_store_has_four_certificates_with_keys_and_any_number_without) {
    static NX_SECURE_X509_CERT blocks[7];
    static const certificate_name names[] = {CERT_RSA,     CERT_UNDER,  CERT_INTERMEDIATE,  CERT_CLIENT,
                                             CERT_EXPIRED, CERT_SERVER, CERT_CLIENT_PURPOSE};
    make_both(1);
    CHECK_CODE(nx_secure_dtls_server_local_certificate_remove(&server.control, NX_NULL, 0, 1), NX_SUCCESS);
    for (UINT i = 0; i < 7; i++)
        CHECK_CODE(nx_secure_dtls_server_local_certificate_add(
                       &server.control,
                       certificate_block(&blocks[i], names[i], names[i] != CERT_INTERMEDIATE), i + 1),
                   NX_SUCCESS);
    server_serve(&server);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    const prepared_certificates *prepared = netx_session_of(first_slot(&server))->prepared;
    CHECK(prepared->num_credentials == MOST_LOCAL);
    /* CERT_UNDER's issuer goes with it, the root does not. */
    CHECK(prepared->credentials[0].chain_len == 1 && prepared->credentials[1].chain_len == 2);
    finish();
}

/* A block that was in a list when that went brings no others of it. */
SERVICES_TEST(a_certificate_is_added_alone) {
    static NX_SECURE_X509_CERT block;
    make_both(1);
    CHECK_CODE(nx_secure_dtls_session_trusted_certificate_add(
                   &client.session, certificate_block(&block, CERT_STRANGE_ROOT, false), 2),
               NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_delete(&client.session), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_create(&client.session, &nx_crypto_tls_ciphers_ecc, client.metadata,
                                             METADATA_SIZE, client.reassembly, REASSEMBLY_SIZE, 0, NX_NULL,
                                             0),
               NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_trusted_certificate_add(&client.session, &client.trusted, 1),
               NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_trusted_certificate_remove(&client.session, NX_NULL, 0, 2),
               NX_SECURE_TLS_CERTIFICATE_NOT_FOUND);
    finish();
}

SERVICES_TEST(a_root_goes_with_nobody_but_itself) {
    static NX_SECURE_X509_CERT root;
    static NX_SECURE_X509_CERT own;
    make_both(1);
    CHECK_CODE(nx_secure_dtls_server_local_certificate_add(&server.control,
                                                           certificate_block(&root, CERT_ROOT, false), 2),
               NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_server_local_certificate_add(
                   &server.control, certificate_block(&own, CERT_STRANGE_ROOT, true), 3),
               NX_SUCCESS);
    server_serve(&server);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    const prepared_certificates *prepared = netx_session_of(first_slot(&server))->prepared;
    CHECK(prepared->num_credentials == 2);
    CHECK(prepared->credentials[0].chain_len == 1 && prepared->credentials[1].chain_len == 1);
    finish();
}

SERVICES_TEST(a_certificate_that_is_spoiled_after_it_was_added_lets_nothing_begin) {
    static UCHAR garbage[64];
    static NX_SECURE_X509_CERT second;
    make_both(1);
    NX_SECURE_X509_CERT good = client.trusted;
    client.trusted.nx_secure_x509_certificate_raw_data = garbage;
    client.trusted.nx_secure_x509_certificate_raw_data_length = sizeof garbage;
    CHECK_CODE(nx_secure_dtls_session_trusted_certificate_add(
                   &client.session, certificate_block(&second, CERT_STRANGE_ROOT, false), 2),
               NX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SECURE_X509_INVALID_CERTIFICATE);
    /* Nobody has its name, whatever that is. */
    CHECK_CODE(
        nx_secure_dtls_session_trusted_certificate_remove(&client.session, (UCHAR *)(uintptr_t) "x", 1, 0),
        NX_SECURE_TLS_CERTIFICATE_NOT_FOUND);
    CHECK_CODE(nx_secure_dtls_session_trusted_certificate_remove(&client.session,
                                                                 (UCHAR *)(uintptr_t) "strangE.test", 12, 0),
               NX_SECURE_TLS_CERTIFICATE_NOT_FOUND);
    CHECK_CODE(nx_secure_dtls_session_trusted_certificate_remove(&client.session,
                                                                 (UCHAR *)(uintptr_t) "strange.test", 7, 0),
               NX_SECURE_TLS_CERTIFICATE_NOT_FOUND);
    CHECK_CODE(nx_secure_dtls_session_trusted_certificate_remove(&client.session,
                                                                 (UCHAR *)(uintptr_t) "strange.test", 12, 0),
               NX_SUCCESS);
    client.trusted = good;
    /* A server's key, of the first of two certificates. */
    NX_SECURE_X509_CERT *own = &server.certificate;
    server_serve(&server);
    CHECK_CODE(nx_secure_dtls_server_local_certificate_add(&server.control,
                                                           certificate_block(&second, CERT_RSA, true), 2),
               NX_SUCCESS);
    own->nx_secure_x509_private_key_data_length--;
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_NO_PACKET);
    CHECK_CODE(server.start_code, NX_SECURE_PKCS1_INVALID_PRIVATE_KEY);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    own->nx_secure_x509_private_key_data_length++;
    /* Its DER alone: the client gets what does not parse. */
    good = *own;
    CHECK_CODE(nx_secure_dtls_server_local_certificate_remove(&server.control, NX_NULL, 0, 2), NX_SUCCESS);
    own->nx_secure_x509_certificate_raw_data = garbage;
    own->nx_secure_x509_certificate_raw_data_length = sizeof garbage;
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SECURE_TLS_INVALID_CERTIFICATE);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    own->nx_secure_x509_certificate_raw_data = good.nx_secure_x509_certificate_raw_data;
    own->nx_secure_x509_certificate_raw_data_length = good.nx_secure_x509_certificate_raw_data_length;
    CHECK_CODE(nx_secure_dtls_server_local_certificate_add(&server.control,
                                                           certificate_block(&second, CERT_RSA, true), 2),
               NX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    finish();
}

SERVICES_TEST(a_start_without_memory_can_be_repeated) {
    make_both(1);
    allocation_that_fails = 1;
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SECURE_TLS_INSUFFICIENT_METADATA_SPACE);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, NX_NO_WAIT), NX_SUCCESS);
    /* A server's credentials, and their copies. */
    server.start_wait = SECONDS(1);
    for (UINT which = 1; which <= 2; which++) {
        server_listen(&server);
        CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
        tx_thread_sleep(1);
        CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NO_PACKET);
        tx_thread_sleep(1);
        allocation_that_fails = which;
        CHECK_CODE(nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT),
                   NX_SECURE_TLS_INSUFFICIENT_METADATA_SPACE);
        CHECK(allocation_that_fails == 0);
        CHECK_CODE(nx_secure_dtls_session_end(&client.session, NX_NO_WAIT), NX_SUCCESS);
        CHECK_CODE(nx_secure_dtls_server_stop(&server.control), NX_SUCCESS);
    }
    server_serve(&server);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    finish();
}

/* A chain of more certificates than a handshake tells of, leaf first in `made`. */
static void the_longest_chain_ends_where_libdtls_does(void **state) {
    (void)state;
    enum { NUM = DTLS_MAX_CHAIN + 2 };
    static struct test_identity issued[NUM];
    static NX_SECURE_X509_CERT made[NUM];
    certificate_store store = {.local = NULL};
    prepared_certificates *prepared;
    for (UINT i = NUM; i-- > 0;) {
        char name[16];
        snprintf(name, sizeof name, "at %u", i);
        issued[i] = test_issue(&(struct test_request){
            .common_name = name, .authority = i > 0, .issuer = i + 1 == NUM ? NULL : &issued[i + 1]});
        dtls_span der = test_certificate_der(&issued[i]);
        made[i].nx_secure_x509_certificate_raw_data = der.data;
        made[i].nx_secure_x509_certificate_raw_data_length = (UINT)der.len;
    }
    UCHAR *key = NULL;
    made[0].nx_secure_x509_private_key_data_length = (UINT)i2d_PrivateKey(issued[0].key, &key);
    made[0].nx_secure_x509_private_key_data = key;
    made[0].nx_secure_x509_private_key_type = NX_SECURE_X509_KEY_TYPE_EC_DER;
    for (UINT i = 0; i < NUM; i++)
        assert_int_equal(netx_store_add(&store, true, &made[i], i + 1), NX_SUCCESS);
    assert_int_equal(netx_store_prepare(&store, &prepared), NX_SUCCESS);
    assert_int_equal(prepared->num_credentials, 1);
    assert_int_equal(prepared->credentials[0].chain_len, DTLS_MAX_CHAIN);
    for (UINT i = 0; i < DTLS_MAX_CHAIN; i++) {
        const dtls_span *span = &prepared->chains[0][i];
        assert_int_equal(span->len, made[i].nx_secure_x509_certificate_raw_data_length);
        assert_memory_equal(span->data, made[i].nx_secure_x509_certificate_raw_data, span->len);
    }
    netx_prepared_release(prepared);
    netx_store_clear(&store);
    OPENSSL_free(key);
    for (UINT i = 0; i < NUM; i++) {
        free((void *)(uintptr_t)made[i].nx_secure_x509_certificate_raw_data);
        test_identity_free(&issued[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_are_judged_when_they_are_made),
        cmocka_unit_test(names_are_judged_when_they_are_made),
        cmocka_unit_test(a_certificate_is_for_its_name),
        cmocka_unit_test(a_client_tells_the_name_that_it_wants),
        cmocka_unit_test(a_store_has_four_certificates_with_keys_and_any_number_without),
        cmocka_unit_test(a_certificate_is_added_alone),
        cmocka_unit_test(a_root_goes_with_nobody_but_itself),
        cmocka_unit_test(a_certificate_that_is_spoiled_after_it_was_added_lets_nothing_begin),
        cmocka_unit_test(a_start_without_memory_can_be_repeated),
        cmocka_unit_test(the_longest_chain_ends_where_libdtls_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
