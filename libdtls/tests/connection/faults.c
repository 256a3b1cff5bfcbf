/* SPDX-License-Identifier: MIT
 *
 * A crypto provider that fails: at its first call, at its second, and so on
 * through whole handshakes. The connection dies of DTLS_ERROR_CRYPTO, tells its
 * peer internal_error, and leaves no secret behind.
 */
#include "connection/pair.h"

/* The real provider behind calls that are counted. */
static unsigned calls;
static unsigned failing; /* the call that fails; 0: none */

static bool fails(void) {
    return ++calls == failing;
}

static dtls_error faulty_random(void *state, uint8_t *out, size_t len) {
    return fails() ? DTLS_ERROR_CRYPTO : dtls_libcrypto.random(state, out, len);
}

static dtls_error faulty_hash_start(void *state, void *slot, dtls_hash hash) {
    return fails() ? DTLS_ERROR_CRYPTO : dtls_libcrypto.hash_start(state, slot, hash);
}

static dtls_error faulty_hash_update(void *slot, const uint8_t *data, size_t len) {
    return fails() ? DTLS_ERROR_CRYPTO : dtls_libcrypto.hash_update(slot, data, len);
}

static dtls_error faulty_hash_peek(const void *slot, uint8_t *out, size_t *out_len) {
    return fails() ? DTLS_ERROR_CRYPTO : dtls_libcrypto.hash_peek(slot, out, out_len);
}

static dtls_error faulty_hmac(void *state, dtls_hash hash, const uint8_t *key, size_t key_len,
                              const dtls_span *parts, size_t num_parts, uint8_t *out) {
    return fails() ? DTLS_ERROR_CRYPTO
                   : dtls_libcrypto.hmac(state, hash, key, key_len, parts, num_parts, out);
}

static dtls_error faulty_prf(void *state, dtls_hash hash, const uint8_t *secret, size_t secret_len,
                             const char *label, const dtls_span *seed, size_t num_seed, uint8_t *out,
                             size_t out_len) {
    return fails() ? DTLS_ERROR_CRYPTO
                   : dtls_libcrypto.prf(state, hash, secret, secret_len, label, seed, num_seed, out, out_len);
}

static dtls_error faulty_aead_start(void *state, void *slot, dtls_aead aead, dtls_direction direction,
                                    const uint8_t *key, size_t key_len) {
    return fails() ? DTLS_ERROR_CRYPTO
                   : dtls_libcrypto.aead_start(state, slot, aead, direction, key, key_len);
}

static dtls_error faulty_aead_seal(void *slot, const uint8_t nonce[DTLS_AEAD_NONCE],
                                   const uint8_t *associated, size_t associated_len, uint8_t *data,
                                   size_t len, uint8_t *out_tag) {
    return fails() ? DTLS_ERROR_CRYPTO
                   : dtls_libcrypto.aead_seal(slot, nonce, associated, associated_len, data, len, out_tag);
}

static dtls_error faulty_aead_open(void *slot, const uint8_t nonce[DTLS_AEAD_NONCE],
                                   const uint8_t *associated, size_t associated_len, uint8_t *data,
                                   size_t len, const uint8_t *tag) {
    return fails() ? DTLS_ERROR_CRYPTO
                   : dtls_libcrypto.aead_open(slot, nonce, associated, associated_len, data, len, tag);
}

static dtls_error faulty_key_share_start(void *state, void *slot, unsigned group, uint8_t *out_public,
                                         size_t *out_public_len) {
    return fails() ? DTLS_ERROR_CRYPTO
                   : dtls_libcrypto.key_share_start(state, slot, group, out_public, out_public_len);
}

static dtls_error faulty_key_share_agree(void *slot, const uint8_t *peer_public, size_t peer_public_len,
                                         uint8_t *out_secret, size_t *out_secret_len) {
    return fails() ? DTLS_ERROR_CRYPTO
                   : dtls_libcrypto.key_share_agree(slot, peer_public, peer_public_len, out_secret,
                                                    out_secret_len);
}

static dtls_error faulty_certificates_read(void *state, void *public_key_slot, const dtls_span *chain,
                                           size_t chain_len, dtls_key_usage usage,
                                           const dtls_trust_anchors *anchors, const dtls_identity *identity,
                                           dtls_key_type *out_type) {
    return fails() ? DTLS_ERROR_CRYPTO
                   : dtls_libcrypto.certificates_read(state, public_key_slot, chain, chain_len, usage,
                                                      anchors, identity, out_type);
}

static dtls_error faulty_verify(const void *public_key_slot, unsigned scheme, const uint8_t *digest,
                                size_t digest_len, const uint8_t *signature, size_t signature_len) {
    return fails()
               ? DTLS_ERROR_CRYPTO
               : dtls_libcrypto.verify(public_key_slot, scheme, digest, digest_len, signature, signature_len);
}

static dtls_error faulty_sign(void *state, const dtls_private_key *key, unsigned scheme,
                              const uint8_t *digest, size_t digest_len, uint8_t *out, size_t *out_len) {
    return fails() ? DTLS_ERROR_CRYPTO
                   : dtls_libcrypto.sign(state, key, scheme, digest, digest_len, out, out_len);
}

static dtls_crypto faulty(void) {
    dtls_crypto crypto = dtls_libcrypto;
    crypto.random = faulty_random;
    crypto.hash_start = faulty_hash_start;
    crypto.hash_update = faulty_hash_update;
    crypto.hash_peek = faulty_hash_peek;
    crypto.hmac = faulty_hmac;
    crypto.prf = faulty_prf;
    crypto.aead_start = faulty_aead_start;
    crypto.aead_seal = faulty_aead_seal;
    crypto.aead_open = faulty_aead_open;
    crypto.gcm_record_seal = NULL;
    crypto.gcm_record_open = NULL;
    crypto.key_share_start = faulty_key_share_start;
    crypto.key_share_agree = faulty_key_share_agree;
    crypto.certificates_read = faulty_certificates_read;
    crypto.verify = faulty_verify;
    crypto.sign = faulty_sign;
    return crypto;
}

static void check_zero(const uint8_t *memory, size_t len) {
    for (size_t i = 0; i < len; i++)
        assert_int_equal(memory[i], 0);
}

static void check_died(struct pair *pair, int end) {
    const dtls_failure *failure = dtls_connection_get_failure(pair->ends[end].connection);
    assert_non_null(failure);
    assert_true(pair->ends[end].failed);
    assert_int_equal(failure->error, DTLS_ERROR_CRYPTO);
    assert_int_equal(failure->alert, DTLS_ALERT_INTERNAL_ERROR);
    assert_int_equal(pair->ends[end].last_alert_sent.alert, DTLS_ALERT_INTERNAL_ERROR);
    check_zero(pair->ends[end].handshake_memory, pair->ends[end].handshake_len);
    assert_false(pair->ends[!end].connected && pair->ends[end].connected);
}

/* A handshake in which call `failing` of one end's provider fails. False: there are not so many calls. */
static bool run(void (*init)(struct pair *), int end, const dtls_crypto *crypto) {
    struct pair pair;
    init(&pair);
    pair.ends[SERVER_END].config.client_auth = DTLS_CLIENT_AUTH_REQUIRE;
    pair.ends[end].config.crypto = crypto;
    calls = 0;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 170 * SECOND);
    const bool reached = calls >= failing;
    /* A record that could not be opened is like one that was lost. */
    if (!pair.ends[end].connected)
        check_died(&pair, end);
    pair_free(&pair);
    return reached;
}

static void every_call(void (*init)(struct pair *), unsigned least) {
    const dtls_crypto crypto = faulty();
    for (int end = 0; end < 2; end++) {
        unsigned num_calls = 0;
        /* The first call is that of `dtls_connection_open`, which says so itself. */
        for (failing = 2; run(init, end, &crypto); failing++)
            num_calls++;
        assert_true(num_calls >= least);
    }
    failing = 0;
}

static void psk(void **state) {
    (void)state;
    every_call(pair_init_psk, 15);
}

static void certificates(void **state) {
    (void)state;
    every_call(pair_init_certificates, 30);
}

static void no_randomness(void **state) {
    (void)state;
    static _Alignas(16) uint8_t session[DTLS_SESSION_SIZE];
    static _Alignas(16) uint8_t handshake[DTLS_HANDSHAKE_SIZE(4000, 0)];
    const dtls_crypto crypto = faulty();
    struct pair pair;
    pair_init_psk(&pair);
    pair.ends[0].config.crypto = &crypto;
    calls = 0;
    failing = 1;
    dtls_connection *connection;
    assert_int_equal(dtls_connection_open(&pair.ends[0].config, session, sizeof session, handshake,
                                          sizeof handshake, &connection),
                     DTLS_ERROR_CRYPTO);
    assert_null(connection);
    failing = 0;
}

/* Sealing fails in the middle of the data: the batch stops there, and the connection is dead. */
static void sealing_data_fails(void **state) {
    (void)state;
    const dtls_crypto crypto = faulty();
    struct pair pair;
    pair_init_psk(&pair);
    pair.ends[0].config.crypto = &crypto;
    failing = 0;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 20 * SECOND);
    pair_check_connected(&pair);
    uint8_t bytes[2][100] = {{0}};
    dtls_record_buffer records[2] = {{bytes[0], 100, 1}, {bytes[1], 100, 1}};
    calls = 0;
    failing = 2;
    size_t num;
    assert_int_equal(dtls_protect(pair.ends[0].connection, pair.now, records, 2, &num), DTLS_ERROR_CRYPTO);
    assert_int_equal(num, 1);
    assert_int_equal(dtls_connection_get_failure(pair.ends[0].connection)->error, DTLS_ERROR_CRYPTO);
    assert_int_equal(dtls_protect(pair.ends[0].connection, pair.now, records, 2, &num), DTLS_ERROR_STATE);
    pair_free(&pair);
    failing = 0;
}

/* A client meets a server whose Finished is wrong though its keys are right. */
static dtls_error lying_prf(void *state, dtls_hash hash, const uint8_t *secret, size_t secret_len,
                            const char *label, const dtls_span *seed, size_t num_seed, uint8_t *out,
                            size_t out_len) {
    const dtls_error error =
        dtls_libcrypto.prf(state, hash, secret, secret_len, label, seed, num_seed, out, out_len);
    if (strcmp(label, "server finished") == 0)
        out[out_len - 1] ^= 1;
    return error;
}

static void server_finished_does_not_verify(void **state) {
    (void)state;
    dtls_crypto crypto = dtls_libcrypto;
    crypto.prf = lying_prf;
    struct pair pair;
    pair_init_psk(&pair);
    pair.ends[SERVER_END].config.crypto = &crypto;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + SECOND / 2);
    const dtls_failure *failure = dtls_connection_get_failure(pair.ends[CLIENT_END].connection);
    assert_int_equal(failure->error, DTLS_ERROR_FINISHED);
    assert_int_equal(failure->alert, DTLS_ALERT_DECRYPT_ERROR);
    assert_string_equal(failure->state, "wait Finished");
    assert_string_equal(failure->message, "Finished");
    assert_string_equal(failure->field, "verify_data");
    assert_string_equal(failure->section, "RFC 5246 section 7.4.9");
    assert_int_equal(pair.ends[SERVER_END].last_alert_received.alert, DTLS_ALERT_DECRYPT_ERROR);
    pair_free(&pair);
}

/* A cookie cannot be made: the hello is ignored. */
static void no_cookie(void **state) {
    (void)state;
    const dtls_crypto crypto = faulty();
    struct pair pair;
    pair_init_psk(&pair);
    pair_open(&pair);
    uint8_t hello[1200];
    size_t len;
    assert_int_equal(dtls_poll_datagram(pair.ends[0].connection, pair.now, hello, sizeof hello, &len, NULL),
                     DTLS_OK);
    uint8_t reply[DTLS_COOKIE_REPLY_MAX];
    size_t reply_len;
    dtls_cookie_state cookie_state;
    calls = 0;
    failing = 1;
    assert_int_equal(dtls_cookie_judge(&crypto, &pair.secret, (dtls_span){reply, 4}, (dtls_span){hello, len},
                                       reply, &reply_len, &cookie_state),
                     DTLS_COOKIE_IGNORE);
    assert_int_equal(reply_len, 0);
    failing = 0;
    pair_free(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(psk),
        cmocka_unit_test(certificates),
        cmocka_unit_test(no_randomness),
        cmocka_unit_test(sealing_data_fails),
        cmocka_unit_test(server_finished_does_not_verify),
        cmocka_unit_test(no_cookie),
    };
    return cmocka_run_group_tests(tests, credentials_make, credentials_free);
}
