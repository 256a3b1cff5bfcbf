/* SPDX-License-Identifier: MIT
 *
 * What memcheck watches: handshakes with a secret key, cookies with a secret
 * of the server's, an RSA premaster secret that may be wrong, CBC records with
 * secret keys and contents, and the paths of cases.h. `leak` shows that it
 * would be seen.
 *
 *     valgrind --error-exitcode=1 libdtls-test-constant-time CASE
 */
#include "connection/pair.h"
#include "constant_time/cases.h"
#include "constant_time/secret.h"
#include "handshake/connection.h"
#include "handshake/constant_time.h"
#include "handshake/rsa.h"

#include <stdio.h>

static void handshake(const dtls_cipher_suite *suite) {
    const dtls_cipher_suite *const suites[] = {suite, NULL};
    struct pair pair;
    pair_init_psk(&pair);
    for (int end = 0; end < 2; end++) {
        pair.ends[end].config.cipher_suites = suites;
        pair.ends[end].config.groups = dtls_default_groups;
    }
    case_watch(&pair);
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + SECOND);
    pair_check_connected(&pair);
    pair_free(&pair);
}

static void handshakes(void) {
    handshake(&dtls_suite_psk_aes_128_gcm_sha256);
    handshake(&dtls_suite_psk_aes_128_ccm_8);
    handshake(&dtls_suite_ecdhe_psk_aes_128_gcm_sha256);
}

/* dtls_cookie_judge with libcrypto behind the border, as a server without state calls it. */
static void cookies(void) {
    static const uint8_t hello[] = {
        22,   0xfe, 0xff, 0,    0, 0, 0, 0, 0,  0,  0,  0,  54, /* record */
        1,    0,    0,    42,   0, 0, 0, 0, 0,  0,  0,  42,     /* message */
        0xfe, 0xfd,                                             /* client_version */
        1,    2,    3,    4,    5, 6, 7, 8, 9,  10, 11, 12, 13, 14, 15, 16, 1,
        2,    3,    4,    5,    6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0, /* session_id */
        0,                                                                 /* cookie */
        0,    2,    0,    0xa8,                                            /* cipher_suites */
        1,    0                                                            /* compression_methods */
    };
    dtls_cookie_secret secret;
    memset(&secret, 7, sizeof secret);
    make_secret(&secret, sizeof secret);
    const dtls_span address = {(const uint8_t *)"10.0.0.1", 8};
    uint8_t reply[DTLS_COOKIE_REPLY_MAX];
    size_t len;
    dtls_cookie_state state;
    assert_int_equal(dtls_cookie_judge(&bordered_crypto, &secret, address, (dtls_span){hello, sizeof hello},
                                       reply, &len, &state),
                     DTLS_COOKIE_REPLY);
    /* The cookie comes back, and one that was made up. */
    make_public(reply, len);
    const uint8_t cookie_len = reply[27];
    uint8_t again[sizeof hello + 255];
    for (int forged = 0; forged < 2; forged++) {
        memcpy(again, hello, 60);
        again[60] = cookie_len;
        memcpy(again + 61, reply + 28, cookie_len);
        memcpy(again + 61 + cookie_len, hello + 61, sizeof hello - 61);
        again[12] = (uint8_t)(again[12] + cookie_len);
        again[16] = (uint8_t)(again[16] + cookie_len);
        again[24] = (uint8_t)(again[24] + cookie_len);
        again[61] ^= (uint8_t)forged;
        assert_int_equal(dtls_cookie_judge(&bordered_crypto, &secret, address,
                                           (dtls_span){again, sizeof hello + cookie_len}, reply, &len,
                                           &state),
                         forged ? DTLS_COOKIE_REPLY : DTLS_COOKIE_GOOD);
    }
}

/* The application has decrypted something, and nobody may see whether it is right. */
static void rsa(void) {
    static struct dtls_handshake handshake;
    static dtls_config config = {.crypto = &dtls_libcrypto};
    static struct dtls_connection connection = {
        .config = &config, .crypto = &dtls_libcrypto, .handshake = &handshake};
    handshake.client_version = DTLS_VERSION_1_2;
    for (unsigned first = 0xfd; first <= 0xfe; first++) {
        dtls_premaster decrypted = {{(uint8_t)first, 0xfd, 1, 2, 3}};
        make_secret(&decrypted, sizeof decrypted);
        assert_int_equal(dtls_key_exchange_rsa.take_decryption(&connection, &decrypted), DTLS_OK);
        make_public(&decrypted, sizeof decrypted);
        make_public(handshake.premaster, sizeof handshake.premaster);
        assert_int_equal(memcmp(handshake.premaster, &decrypted, sizeof decrypted) == 0, first == 0xfe);
    }
}

#define MOST_DATA 300

/* One CBC record whose contents, and whether they are sound, nobody may see but by the verdict. */
static void cbc_record(const dtls_cbc *cbc, size_t len, size_t changed) {
    uint8_t mac_key[DTLS_MAX_HASH] = {1, 2, 3};
    uint8_t key[32] = {4, 5, 6};
    uint8_t associated[13] = {0};
    uint8_t record[DTLS_CBC_BLOCK + MOST_DATA + 2 * DTLS_MAX_HASH] = {0};
    void *slots[2] = {NULL, NULL};
    const size_t mac = cbc->hash == DTLS_HASH_SHA1 ? 20 : cbc->hash == DTLS_HASH_SHA256 ? 32 : 48;
    const size_t inner = len + (cbc->encrypt_then_mac ? 0 : mac);
    size_t total = DTLS_CBC_BLOCK + (inner / DTLS_CBC_BLOCK + 1) * DTLS_CBC_BLOCK;
    total += cbc->encrypt_then_mac ? mac : 0;
    assert_int_equal(dtls_libcrypto.cbc_start(dtls_libcrypto.state, &slots[0], cbc, DTLS_SEAL, mac_key, key),
                     DTLS_OK);
    assert_int_equal(dtls_libcrypto.cbc_seal(&slots[0], associated, sizeof associated, record, len), DTLS_OK);
    if (changed > 0)
        record[total - changed] ^= 1;
    make_secret(mac_key, sizeof mac_key);
    /* Padding that has authenticated may be looked at. */
    if (!cbc->encrypt_then_mac)
        make_secret(key, sizeof key);
    assert_int_equal(dtls_libcrypto.cbc_start(dtls_libcrypto.state, &slots[1], cbc, DTLS_OPEN, mac_key, key),
                     DTLS_OK);
    const dtls_error error =
        dtls_libcrypto.cbc_open(&slots[1], associated, sizeof associated, record, &total);
    assert_int_equal(error, changed > 0 ? DTLS_NOTHING : DTLS_OK);
    make_public(&total, sizeof total);
    if (error == DTLS_OK)
        assert_int_equal(total, len);
    dtls_libcrypto.cbc_clear(&slots[0]);
    dtls_libcrypto.cbc_clear(&slots[1]);
}

static void cbc(void) {
    static const dtls_hash hashes[] = {DTLS_HASH_SHA1, DTLS_HASH_SHA256, DTLS_HASH_SHA384};
    static const size_t lens[] = {0, 1, 15, 16, 63, 200, MOST_DATA};
    static const size_t changes[] = {0, 1, 17, 40}; /* from behind: nothing, padding, MAC or data */
    for (size_t i = 0; i < 12; i++) {
        const dtls_cbc kind = {
            .hash = hashes[i % 3], .key_len = i % 2 == 0 ? 16 : 32, .encrypt_then_mac = i >= 6};
        for (size_t l = 0; l < sizeof lens / sizeof *lens; l++) {
            for (size_t c = 0; c < sizeof changes / sizeof *changes; c++)
                cbc_record(&kind, lens[l], changes[c]);
        }
    }
}

static void comparison(void) {
    uint8_t a[48] = {0};
    uint8_t b[48] = {0};
    b[47] = 1;
    make_secret(a, sizeof a);
    assert_false(dtls_ct_equal(a, b, sizeof a));
    assert_true(dtls_ct_equal(a, b, 47));
}

/* Memcheck must find this. */
static void leak(void) {
    volatile uint8_t secret = 5;
    make_secret((const void *)&secret, 1);
    if (secret == 5)
        puts("the secret has decided");
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*run)(void);
    } cases[] = {{"comparison", comparison},
                 {"handshakes", handshakes},
                 {"cookies", cookies},
                 {"rsa", rsa},
                 {"rsa-handshakes", case_rsa_handshakes},
                 {"cbc", cbc},
                 {"cbc-handshakes", case_cbc_handshakes},
                 {"resumption", case_resumption},
                 {"exports", case_exports},
                 {"siphash", case_siphash},
                 {"leak", leak}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (argc == 2 && strcmp(argv[1], cases[i].name) == 0) {
            cases[i].run();
            return 0;
        }
    }
    fputs("usage: libdtls-test-constant-time CASE\n", stderr);
    return 2;
}
