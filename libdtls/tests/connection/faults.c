/* SPDX-License-Identifier: MIT
 *
 * A crypto provider that fails: at its first call, at its second, and so on
 * through whole handshakes. The connection dies of DTLS_ERROR_CRYPTO, tells its
 * peer internal_error, and leaves no secret behind.
 */
#include "connection/sessions.h"

#include "dtls/connection_id.h"
#include "dtls/exporter.h"
#include "dtls/srtp.h"
#include "dtls/transfer.h"
#include "support/faulty.h"

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

/* Shapes of a handshake; `session` is what the client has of an earlier one. */
struct shape {
    const char *name;
    void (*init)(struct pair *pair);
    const struct session_kind *resumes; /* NULL: a full handshake */
    unsigned least;                     /* calls of one end, at least */
};

static const dtls_extension *const every_extension[] = {
    &dtls_extension_extended_master_secret, &dtls_extension_renegotiation_info, &dtls_extension_connection_id,
    &dtls_extension_use_srtp, NULL};
static const dtls_extension *const no_extension[] = {&dtls_extension_renegotiation_info, NULL};

static void set_suites(struct pair *pair, const dtls_cipher_suite *const *suites) {
    for (int i = 0; i < 2; i++) {
        pair->ends[i].config.cipher_suites = suites;
        pair->ends[i].config.groups = dtls_default_groups;
        pair->ends[i].config.allow_legacy = true;
    }
}

static void init_psk(struct pair *pair) {
    static const uint16_t profiles[] = {DTLS_SRTP_AES128_CM_SHA1_80};
    static const dtls_srtp srtp = {.profiles = profiles, .num_profiles = 1};
    pair_init_psk(pair);
    for (int i = 0; i < 2; i++) {
        pair->ends[i].config.extensions = every_extension;
        pair->ends[i].config.srtp = &srtp;
        pair->ends[i].config.keep_secrets = true;
        pair->ends[i].id = (dtls_span){(const uint8_t *)"id", 2};
    }
    pair->ends[SERVER_END].config.psk_identity_hint = (dtls_span){(const uint8_t *)"hint", 4};
}

/* The keys do not depend on the transcript (RFC 5246 section 8.1). */
static void init_legacy_master_secret(struct pair *pair) {
    pair_init_psk(pair);
    for (int i = 0; i < 2; i++)
        pair->ends[i].config.extensions = no_extension;
}

static void init_ecdhe_psk(struct pair *pair) {
    static const dtls_cipher_suite *const suites[] = {&dtls_suite_ecdhe_psk_aes_128_ccm_8_sha256, NULL};
    pair_init_psk(pair);
    set_suites(pair, suites);
    pair->cookies = true;
}

static void init_mutual(struct pair *pair) {
    pair_init_certificates(pair);
    pair->ends[SERVER_END].config.client_auth = DTLS_CLIENT_AUTH_REQUIRE;
}

/* Keys are outside, and verdicts are the application's. */
static void init_outside(struct pair *pair) {
    static dtls_credential without_keys[2];
    init_mutual(pair);
    without_keys[0] = credentials.client_credential;
    without_keys[1] = credentials.server[0];
    for (int i = 0; i < 2; i++) {
        without_keys[i].private_key = NULL;
        pair->ends[i].config.credentials = &without_keys[i];
        pair->ends[i].config.num_credentials = 1;
        pair->ends[i].config.verification = DTLS_VERIFY_APPLICATION;
    }
}

static void init_rsa(struct pair *pair) {
    static const dtls_cipher_suite *const suites[] = {&dtls_suite_rsa_aes_128_cbc_sha256, NULL};
    init_mutual(pair);
    set_suites(pair, suites);
}

/* MD5 and SHA-1 over the transcript, and CBC. */
static void init_1_0(struct pair *pair) {
    static const dtls_protocol *const client[] = {&dtls_client_1_0, NULL};
    static const dtls_protocol *const server[] = {&dtls_server_1_0, NULL};
    static const dtls_cipher_suite *const suites[] = {&dtls_suite_ecdhe_ecdsa_aes_128_cbc_sha, NULL};
    init_mutual(pair);
    set_suites(pair, suites);
    pair->ends[CLIENT_END].config.protocols = client;
    pair->ends[SERVER_END].config.protocols = server;
}

static const struct shape shapes[] = {
    {"psk, with connection IDs", init_psk, NULL, 15},
    {"psk, no extended master secret", init_legacy_master_secret, NULL, 15},
    {"ecdhe_psk", init_ecdhe_psk, NULL, 20},
    {"certificates", init_mutual, NULL, 30},
    {"keys and verdicts outside", init_outside, NULL, 25},
    {"rsa", init_rsa, NULL, 25},
    {"dtls 1.0", init_1_0, NULL, 30},
    {"resumed by id", NULL, BY_ID, 10},
    {"resumed by ticket", NULL, BY_TICKET, 10},
    {"resumed, ticket renewed", NULL, RENEWED, 10},
    {"ticket given", NULL, &session_kinds[1], 10},
};

static struct pair earlier;

static void init_shape(struct pair *pair, const struct shape *shape) {
    if (shape->resumes != NULL)
        *pair = sessions_offer(&earlier, shape->resumes, 1200);
    else
        shape->init(pair);
}

/* Data, keys, and a connection that moves. */
static void use(struct pair *pair, int end) {
    const dtls_config *config = &pair->ends[end].config;
    dtls_connection *connection = pair->ends[end].connection;
    uint8_t out[DTLS_CONNECTION_STATE_SIZE] = {0};
    size_t len;
    dtls_srtp_keys keys;
    (void)dtls_write(connection, pair->now, out, 1, out, sizeof out, &len);
    (void)dtls_srtp_export_keys(connection, &keys);
    if (dtls_connection_export(connection, pair->now, out, sizeof out, &len) != DTLS_OK)
        return;
    dtls_connection_wipe(connection);
    const unsigned before = faulty_calls;
    const dtls_error error =
        dtls_connection_import(config, pair->now, (dtls_span){out, len}, pair->ends[end].session_memory,
                               pair->ends[end].session_len, &connection);
    const bool failed = before < faulty_failing && faulty_calls >= faulty_failing;
    assert_int_equal(error, failed ? DTLS_ERROR_CRYPTO : DTLS_OK);
}

/* A handshake, and what comes after it, in which call `failing` of one end's provider fails. False: there are
 * not so many calls. */
static bool run(const struct shape *shape, int end, const dtls_crypto *crypto, unsigned failing) {
    struct pair pair;
    init_shape(&pair, shape);
    pair.ends[end].config.crypto = crypto;
    /* The first call is that of `dtls_connection_open`, which says so itself. */
    faulty_reset(failing);
    pair_open_ends(&pair);
    if (pair.offered_len > 0 &&
        dtls_connection_offer_session(pair.ends[CLIENT_END].connection, pair.now,
                                      (dtls_span){pair.offered, pair.offered_len}) == DTLS_ERROR_CRYPTO)
        assert_int_equal(faulty_calls, failing);
    pair.offered_len = 0;
    pair_begin(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 170 * SECOND);
    /* A record that could not be opened is like one that was lost. */
    if (!pair.ends[end].connected)
        check_died(&pair, end);
    else
        use(&pair, end);
    pair_free(&pair);
    return faulty_calls >= failing;
}

static void every_call_of(const struct shape *shape, const dtls_crypto *crypto) {
    if (shape->resumes != NULL)
        sessions_make(shape->resumes, &earlier, NULL);
    for (int end = 0; end < 2; end++) {
        unsigned failing = 2;
        while (run(shape, end, crypto, failing))
            failing++;
        print_message("%s: %u calls\n", shape->name, failing - 1);
        assert_true(failing - 1 >= shape->least);
    }
    faulty_reset(0);
}

static void every_call(void **state) {
    (void)state;
    const dtls_crypto crypto = faulty_provider(false);
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        every_call_of(&shapes[i], &crypto);
}

/* The functions for whole records, instead of those for AEADs. */
static void every_call_with_whole_records(void **state) {
    (void)state;
    const dtls_crypto crypto = faulty_provider(true);
    every_call_of(&shapes[1], &crypto);
}

static void no_randomness(void **state) {
    (void)state;
    static _Alignas(16) uint8_t session[DTLS_SESSION_SIZE];
    static _Alignas(16) uint8_t handshake[DTLS_HANDSHAKE_SIZE(4000, 0)];
    const dtls_crypto crypto = faulty_provider(false);
    struct pair pair;
    pair_init_psk(&pair);
    pair.ends[0].config.crypto = &crypto;
    faulty_reset(1);
    dtls_connection *connection;
    assert_int_equal(dtls_connection_open(&pair.ends[0].config, session, sizeof session, handshake,
                                          sizeof handshake, &connection),
                     DTLS_ERROR_CRYPTO);
    assert_null(connection);
    faulty_reset(0);
}

/* Sealing fails in the middle of the data: the batch stops there, and the connection is dead. */
static void sealing_data_fails(void **state) {
    (void)state;
    const dtls_crypto crypto = faulty_provider(false);
    struct pair pair;
    pair_init_psk(&pair);
    pair.ends[0].config.crypto = &crypto;
    faulty_reset(0);
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 20 * SECOND);
    pair_check_connected(&pair);
    uint8_t bytes[2][100] = {{0}};
    dtls_record_buffer records[2] = {{bytes[0], 100, 1}, {bytes[1], 100, 1}};
    faulty_reset(2);
    size_t num;
    assert_int_equal(dtls_protect(pair.ends[0].connection, pair.now, records, 2, &num), DTLS_ERROR_CRYPTO);
    assert_int_equal(num, 1);
    assert_int_equal(dtls_connection_get_failure(pair.ends[0].connection)->error, DTLS_ERROR_CRYPTO);
    assert_int_equal(dtls_protect(pair.ends[0].connection, pair.now, records, 2, &num), DTLS_ERROR_STATE);
    pair_free(&pair);
    faulty_reset(0);
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
    const dtls_crypto crypto = faulty_provider(false);
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
    faulty_reset(1);
    assert_int_equal(dtls_cookie_judge(&crypto, &pair.secret, (dtls_span){reply, 4}, (dtls_span){hello, len},
                                       reply, &reply_len, &cookie_state),
                     DTLS_COOKIE_IGNORE);
    assert_int_equal(reply_len, 0);
    faulty_reset(0);
    pair_free(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call),
        cmocka_unit_test(every_call_with_whole_records),
        cmocka_unit_test(no_randomness),
        cmocka_unit_test(sealing_data_fails),
        cmocka_unit_test(server_finished_does_not_verify),
        cmocka_unit_test(no_cookie),
    };
    return cmocka_run_group_tests(tests, sessions_make_keys, credentials_free);
}
