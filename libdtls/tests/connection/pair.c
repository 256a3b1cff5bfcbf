/* SPDX-License-Identifier: MIT
 *
 * A client and a server over a network in memory.
 */
#include "connection/pair.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>

#define CANARY 64

struct credentials credentials;

static dtls_credential make_credential(const struct test_identity *identity, dtls_span *chain) {
    dtls_credential credential = {.chain = chain, .chain_len = 2};
    chain[0] = test_certificate_der(identity);
    chain[1] = test_certificate_der(&credentials.authority);
    credential.private_key = test_private_key(identity, &credential.key_type);
    credential.curve = dtls_libcrypto_private_key_curve(credential.private_key);
    return credential;
}

int credentials_make(void **state) {
    (void)state;
    credentials.authority =
        test_issue(&(struct test_request){.common_name = "Test Authority", .authority = true});
    credentials.server_ecdsa = test_issue(&(struct test_request){.common_name = "server",
                                                                 .dns_name = "server.test",
                                                                 .key_usage = "critical,digitalSignature",
                                                                 .extended_key_usage = "serverAuth",
                                                                 .issuer = &credentials.authority});
    credentials.server_rsa =
        test_issue(&(struct test_request){.common_name = "server",
                                          .dns_name = "server.test",
                                          .key_usage = "critical,digitalSignature,keyEncipherment",
                                          .extended_key_usage = "serverAuth",
                                          .issuer = &credentials.authority,
                                          .rsa_bits = 2048});
    credentials.client = test_issue(&(struct test_request){.common_name = "client",
                                                           .key_usage = "critical,digitalSignature",
                                                           .extended_key_usage = "clientAuth",
                                                           .issuer = &credentials.authority});
    credentials.anchors = test_anchors(&credentials.authority);
    credentials.server[0] = make_credential(&credentials.server_ecdsa, credentials.chains[0]);
    credentials.server[1] = make_credential(&credentials.server_rsa, credentials.chains[1]);
    credentials.client_credential = make_credential(&credentials.client, credentials.chains[2]);
    return 0;
}

static void free_private_key(const dtls_private_key *key) {
    dtls_libcrypto_private_key_free((dtls_private_key *)(uintptr_t)key);
}

int credentials_free(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        free((void *)(uintptr_t)credentials.chains[i][0].data);
        free((void *)(uintptr_t)credentials.chains[i][1].data);
    }
    free_private_key(credentials.server[0].private_key);
    free_private_key(credentials.server[1].private_key);
    free_private_key(credentials.client_credential.private_key);
    dtls_libcrypto_trust_anchors_free(credentials.anchors);
    test_identity_free(&credentials.authority);
    test_identity_free(&credentials.server_ecdsa);
    test_identity_free(&credentials.server_rsa);
    test_identity_free(&credentials.client);
    return 0;
}

static const dtls_protocol *const client_protocols[] = {&dtls_client_1_2, NULL};
static const dtls_protocol *const server_protocols[] = {&dtls_server_1_2, NULL};

static const dtls_cipher_suite *const certificate_suites[] = {&dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256,
                                                              &dtls_suite_ecdhe_rsa_aes_128_gcm_sha256, NULL};

static const dtls_cipher_suite *const psk_suites[] = {&dtls_suite_psk_aes_128_gcm_sha256,
                                                      &dtls_suite_psk_aes_128_ccm_8, NULL};

static void init(struct pair *pair, const dtls_cipher_suite *const *suites) {
    memset(pair, 0, sizeof *pair);
    for (int i = 0; i < 2; i++) {
        pair->ends[i].config = (dtls_config){
            .crypto = &dtls_libcrypto,
            .protocols = i == CLIENT_END ? client_protocols : server_protocols,
            .cipher_suites = suites,
            .extensions = dtls_default_extensions,
            .key_log = true,
        };
    }
    pair->now = (dtls_time){.monotonic_ns = 5 * SECOND, .calendar_s = TEST_NOW};
    memset(pair->secret.current, 7, sizeof pair->secret.current);
    for (uint8_t i = 0; i < sizeof pair->psk; i++)
        pair->psk[i] = i;
    pair->psk_len = sizeof pair->psk;
}

void pair_init_certificates(struct pair *pair) {
    init(pair, certificate_suites);
    for (int i = 0; i < 2; i++) {
        pair->ends[i].config.groups = dtls_default_groups;
        pair->ends[i].config.signature_schemes = dtls_default_signature_schemes;
        pair->ends[i].config.trust_anchors = credentials.anchors;
    }
    pair->ends[CLIENT_END].config.peer_name = "server.test";
    pair->ends[CLIENT_END].config.credentials = &credentials.client_credential;
    pair->ends[CLIENT_END].config.num_credentials = 1;
    pair->ends[SERVER_END].config.credentials = credentials.server;
    pair->ends[SERVER_END].config.num_credentials = 2;
}

void pair_init_psk(struct pair *pair) {
    init(pair, psk_suites);
}

static uint8_t *guarded(size_t len) {
    uint8_t *memory = malloc(len + 2 * (size_t)CANARY);
    assert_non_null(memory);
    memset(memory, 0xa5, len + 2 * (size_t)CANARY);
    return memory + CANARY;
}

static void check_guarded(const uint8_t *memory, size_t len) {
    if (memory == NULL)
        return;
    for (size_t i = 0; i < CANARY; i++) {
        assert_int_equal(memory[-1 - (ptrdiff_t)i], 0xa5);
        assert_int_equal(memory[len + i], 0xa5);
    }
}

void pair_check_canaries(const struct pair *pair) {
    for (int i = 0; i < 2; i++) {
        check_guarded(pair->ends[i].session_memory, pair->ends[i].session_len);
        check_guarded(pair->ends[i].handshake_memory, pair->ends[i].handshake_len);
    }
}

static void open_end(struct pair *pair, int which) {
    struct end *end = &pair->ends[which];
    dtls_config_problem problem = {.field = "", .expected = ""};
    if (dtls_config_check(&end->config, &problem) != DTLS_OK)
        fail_msg("%s: expected %s", problem.field, problem.expected);
    end->session_len = dtls_session_size(&end->config);
    end->handshake_len = dtls_handshake_size(&end->config);
    end->session_memory = guarded(end->session_len);
    end->handshake_memory = guarded(end->handshake_len);
    assert_int_equal(dtls_connection_open(&end->config, end->session_memory, end->session_len,
                                          end->handshake_memory, end->handshake_len, &end->connection),
                     DTLS_OK);
    if (end->id.len > 0)
        assert_int_equal(dtls_set_connection_id(end->connection, end->id), DTLS_OK);
}

void pair_open_ends(struct pair *pair) {
    open_end(pair, CLIENT_END);
    open_end(pair, SERVER_END);
    pair->server_open = !pair->cookies;
}

void pair_begin(struct pair *pair) {
    if (pair->offered_len > 0)
        assert_int_equal(dtls_connection_offer_session(pair->ends[CLIENT_END].connection, pair->now,
                                                       (dtls_span){pair->offered, pair->offered_len}),
                         DTLS_OK);
    assert_int_equal(dtls_connection_start(pair->ends[CLIENT_END].connection, pair->now), DTLS_OK);
}

void pair_open(struct pair *pair) {
    pair_open_ends(pair);
    pair_begin(pair);
}

void pair_free(struct pair *pair) {
    pair_check_canaries(pair);
    for (int i = 0; i < 2; i++) {
        dtls_connection_wipe(pair->ends[i].connection);
        check_guarded(pair->ends[i].session_memory, pair->ends[i].session_len);
        free(pair->ends[i].session_memory - CANARY);
        free(pair->ends[i].handshake_memory - CANARY);
    }
}

static void fly(struct pair *pair, int to, const uint8_t *bytes, size_t len, uint64_t delay) {
    assert_true(pair->num_flying < MAX_FLYING);
    assert_true(len <= MAX_DATAGRAM);
    struct flying *flying = &pair->flying[pair->num_flying++];
    *flying = (struct flying){
        .arrival = pair->now.monotonic_ns + delay, .order = pair->order++, .to = to, .len = len};
    memcpy(flying->bytes, bytes, len);
}

static void send(struct pair *pair, int from, uint8_t *bytes, size_t len) {
    const unsigned number = pair->num_datagrams++;
    const enum fate fate = number < MAX_SCRIPT ? pair->script[number] : DELIVER;
    pair->ends[from].num_sent++;
    if (pair->hook != NULL && !pair->hook(pair, from, bytes, &len))
        return;
    if (fate == DROP)
        return;
    fly(pair, !from, bytes, len, fate == DELAY ? ONE_WAY + DELAYED : ONE_WAY);
    if (fate == DUPLICATE)
        fly(pair, !from, bytes, len, ONE_WAY);
}

static dtls_span span_of(const void *data, size_t len) {
    return (dtls_span){data, len};
}

static void sign(struct pair *pair, struct end *end) {
    uint8_t signature[DTLS_MAX_SIGNATURE];
    size_t len = sizeof signature;
    const dtls_private_key *key =
        end->question.credential == &credentials.client_credential || end == &pair->ends[CLIENT_END]
            ? credentials.client_credential.private_key
        : end->question.credential->key_type == DTLS_KEY_RSA ? credentials.server[1].private_key
                                                             : credentials.server[0].private_key;
    assert_int_equal(dtls_libcrypto.sign(dtls_libcrypto.state, key, end->question.scheme, end->question_bytes,
                                         end->question.bytes.len, signature, &len),
                     DTLS_OK);
    dtls_answer_signature(end->connection, pair->now, span_of(signature, len));
}

/* RSAES-PKCS1-v1_5 as a key outside does it; random bytes if the padding or the length is wrong. */
static void decrypt(struct pair *pair, struct end *end) {
    uint8_t decrypted[512];
    size_t len = sizeof decrypted;
    dtls_premaster premaster;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, credentials.server_rsa.key, NULL);
    assert_int_equal(EVP_PKEY_decrypt_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING), 1);
    assert_int_equal(dtls_libcrypto.random(dtls_libcrypto.state, premaster.bytes, sizeof premaster), DTLS_OK);
    if (EVP_PKEY_decrypt(context, decrypted, &len, end->question_bytes, end->question.bytes.len) == 1 &&
        len == sizeof premaster)
        memcpy(premaster.bytes, decrypted, sizeof premaster);
    EVP_PKEY_CTX_free(context);
    dtls_answer_decryption(end->connection, pair->now, &premaster);
}

static void answer(struct pair *pair, struct end *end) {
    const dtls_event_kind kind = end->question.kind;
    const bool refuse = end->answer == ANSWER_REFUSING;
    end->question.kind = 0;
    if (kind == DTLS_EVENT_LOOK_UP_PSK) {
        const bool client = end == &pair->ends[CLIENT_END];
        dtls_answer_psk(end->connection, pair->now, client ? span_of("dtlslab", 7) : span_of(NULL, 0),
                        refuse ? span_of(NULL, 0) : span_of(pair->psk, pair->psk_len));
    } else if (kind == DTLS_EVENT_LOOK_UP_SESSION) {
        pair->num_looked_up++;
        dtls_answer_session(end->connection, pair->now,
                            refuse ? span_of(NULL, 0) : span_of(pair->cached, pair->cached_len));
    } else if (kind == DTLS_EVENT_VERIFY_CERTIFICATE) {
        dtls_answer_certificate(end->connection, pair->now,
                                refuse ? DTLS_ERROR_CERTIFICATE_REFUSED : end->verdict);
    } else if (kind == DTLS_EVENT_DECRYPT) {
        decrypt(pair, end);
    } else if (refuse) {
        dtls_answer_signature(end->connection, pair->now, span_of(NULL, 0));
    } else {
        sign(pair, end);
    }
}

static void note_certificate(struct end *end, const dtls_event *event) {
    const bool raw = event->certificate_type == DTLS_CERTIFICATE_RAW_PUBLIC_KEY;
    assert_in_range(event->chain_len, 1, raw ? 1 : 2);
    if (event->chain_len == 2)
        assert_memory_equal(event->chain[1].data, credentials.chains[0][1].data, event->chain[1].len);
    end->judged_type = event->certificate_type;
    end->judged_leaf_len = event->chain[0].len;
    end->judged_status_len = event->ocsp_response.len;
    assert_true(end->judged_leaf_len <= sizeof end->judged_leaf);
    assert_true(end->judged_status_len <= sizeof end->judged_status);
    memcpy(end->judged_leaf, event->chain[0].data, event->chain[0].len);
    if (event->ocsp_response.len > 0)
        memcpy(end->judged_status, event->ocsp_response.data, event->ocsp_response.len);
}

static void note_question(struct pair *pair, struct end *end, const dtls_event *event) {
    end->num_questions++;
    end->question = *event;
    if (event->bytes.len > 0 && event->bytes.len <= sizeof end->question_bytes)
        memcpy(end->question_bytes, event->bytes.data, event->bytes.len);
    end->answer_at = end->answer == ANSWER_LATER ? pair->now.monotonic_ns + 300 * MS : pair->now.monotonic_ns;
    if (event->kind == DTLS_EVENT_VERIFY_CERTIFICATE)
        note_certificate(end, event);
}

static void note_event(struct pair *pair, struct end *end, const dtls_event *event) {
    switch (event->kind) {
    case DTLS_EVENT_CONNECTED:
        end->connected = true;
        break;
    case DTLS_EVENT_FAILED:
        end->failed = true;
        break;
    case DTLS_EVENT_PEER_CLOSED:
        end->peer_closed = true;
        break;
    case DTLS_EVENT_RETRANSMITTED:
        end->num_retransmitted++;
        break;
    case DTLS_EVENT_ALERT_SENT:
        end->num_alerts_sent++;
        end->last_alert_sent = *event;
        break;
    case DTLS_EVENT_ALERT_RECEIVED:
        end->last_alert_received = *event;
        break;
    case DTLS_EVENT_PATH_CHANGED:
        end->num_moved++;
        end->moved_to = event->path;
        break;
    case DTLS_EVENT_KEY_LOG:
        memcpy(end->key_log, event->bytes.data, event->bytes.len);
        break;
    default:
        note_question(pair, end, event);
        break;
    }
}

bool pair_pump_end(struct pair *pair, int which) {
    struct end *end = &pair->ends[which];
    bool any = false;
    dtls_event event;
    while (dtls_poll_event(end->connection, &event) == DTLS_OK) {
        note_event(pair, end, &event);
        any = true;
    }
    if (end->question.kind != 0 && end->answer != ANSWER_NEVER && end->answer_at <= pair->now.monotonic_ns) {
        answer(pair, end);
        any = true;
    }
    uint8_t bytes[MAX_DATAGRAM];
    size_t len;
    while (dtls_poll_datagram(end->connection, pair->now, bytes, sizeof bytes, &len, NULL) == DTLS_OK) {
        assert_true(len > 0);
        assert_true(len <= (end->config.mtu != 0 ? end->config.mtu : 1200));
        send(pair, which, bytes, len);
        any = true;
    }
    return any;
}

void pair_pump(struct pair *pair) {
    bool any = true;
    while (any) {
        any = pair_pump_end(pair, CLIENT_END);
        any = pair_pump_end(pair, SERVER_END) || any;
    }
}

/* The server's front door, while there is no session. */
static bool judge_cookie(struct pair *pair, const uint8_t *bytes, size_t len) {
    uint8_t reply[DTLS_COOKIE_REPLY_MAX];
    size_t reply_len;
    dtls_cookie_state state;
    switch (dtls_cookie_judge(&dtls_libcrypto, &pair->secret, span_of("10.0.0.1:4433", 13),
                              span_of(bytes, len), reply, &reply_len, &state)) {
    case DTLS_COOKIE_GOOD:
        pair->server_open = true;
        assert_int_equal(
            dtls_connection_start_after_cookie(pair->ends[SERVER_END].connection, pair->now, &state),
            DTLS_OK);
        return true;
    case DTLS_COOKIE_REPLY:
        send(pair, SERVER_END, reply, reply_len);
        return false;
    default:
        return false;
    }
}

void pair_deliver(struct pair *pair, int to, const uint8_t *bytes, size_t len) {
    struct end *end = &pair->ends[to];
    if (to == SERVER_END && !pair->server_open && !judge_cookie(pair, bytes, len))
        return;
    uint8_t *copy = malloc(len);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    dtls_datagram datagram = {.bytes = copy, .len = len, .path = 1};
    size_t taken = 0;
    while (taken == 0) {
        dtls_plaintext plaintext;
        size_t num = 1;
        if (dtls_receive(end->connection, pair->now, &datagram, 1, &plaintext, &num, &taken) != DTLS_OK)
            break;
        if (num == 0)
            continue;
        assert_true(end->received_len + plaintext.len <= sizeof end->received);
        memcpy(end->received + end->received_len, plaintext.data, plaintext.len);
        end->received_len += plaintext.len;
    }
    free(copy);
}

static int earliest(const struct pair *pair) {
    int best = -1;
    for (size_t i = 0; i < pair->num_flying; i++) {
        const struct flying *flying = &pair->flying[i];
        if (best < 0 || flying->arrival < pair->flying[best].arrival ||
            (flying->arrival == pair->flying[best].arrival && flying->order < pair->flying[best].order))
            best = (int)i;
    }
    return best;
}

static uint64_t next_time(const struct pair *pair) {
    const int next = earliest(pair);
    uint64_t time = next < 0 ? DTLS_NO_DEADLINE : pair->flying[next].arrival;
    for (int i = 0; i < 2; i++) {
        const struct end *end = &pair->ends[i];
        const uint64_t deadline = dtls_deadline(end->connection);
        const bool over = end->connected || end->failed;
        if (!over && deadline < time)
            time = deadline;
        if (end->question.kind != 0 && end->answer == ANSWER_LATER && end->answer_at < time)
            time = end->answer_at;
    }
    return time;
}

static void step(struct pair *pair) {
    for (int next = earliest(pair); next >= 0 && pair->flying[next].arrival <= pair->now.monotonic_ns;
         next = earliest(pair)) {
        const struct flying flying = pair->flying[next];
        pair->flying[next] = pair->flying[--pair->num_flying];
        pair_deliver(pair, flying.to, flying.bytes, flying.len);
        pair_pump(pair);
    }
    for (int i = 0; i < 2; i++) {
        if (dtls_deadline(pair->ends[i].connection) <= pair->now.monotonic_ns)
            dtls_timeout(pair->ends[i].connection, pair->now);
    }
    pair_pump(pair);
}

void pair_run(struct pair *pair, uint64_t until) {
    pair_pump(pair);
    for (unsigned steps = 0;; steps++) {
        assert_true(steps < 20000);
        const uint64_t time = next_time(pair);
        if (time == DTLS_NO_DEADLINE || time > until)
            return;
        if (time > pair->now.monotonic_ns)
            pair->now.monotonic_ns = time;
        step(pair);
    }
}

static void send_data(struct pair *pair, int from, const char *text) {
    uint8_t record[512];
    size_t len;
    assert_int_equal(dtls_write(pair->ends[from].connection, pair->now, (const uint8_t *)text, strlen(text),
                                record, sizeof record, &len),
                     DTLS_OK);
    struct end *to = &pair->ends[!from];
    const size_t before = to->received_len;
    pair_deliver(pair, !from, record, len);
    assert_int_equal(to->received_len - before, strlen(text));
    assert_memory_equal(to->received + before, text, strlen(text));
}

void pair_check_data(struct pair *pair) {
    send_data(pair, CLIENT_END, "from the client");
    send_data(pair, SERVER_END, "from the server");
}

static void explain(const struct end *end, const char *name) {
    const dtls_failure *failure = dtls_connection_get_failure(end->connection);
    if (failure != NULL)
        fprintf(stderr, "%s: %s in state \"%s\", message \"%s\", field \"%s\", %s\n", name,
                dtls_error_name(failure->error), failure->state, failure->message, failure->field,
                failure->section);
}

void pair_check_connected(struct pair *pair) {
    explain(&pair->ends[0], "client");
    explain(&pair->ends[1], "server");
    assert_true(pair->ends[0].connected);
    assert_true(pair->ends[1].connected);
    const dtls_connection_info *client = dtls_connection_get_info(pair->ends[0].connection);
    const dtls_connection_info *server = dtls_connection_get_info(pair->ends[1].connection);
    assert_int_equal(client->version, server->version);
    assert_true(client->version == DTLS_VERSION_1_2 || client->version == DTLS_VERSION_1_0);
    assert_int_equal(client->cipher_suite, server->cipher_suite);
    assert_int_equal(client->group, server->group);
    assert_int_equal(client->extended_master_secret, server->extended_master_secret);
    if (pair->ends[0].config.key_log && pair->ends[1].config.key_log)
        assert_string_equal(pair->ends[0].key_log, pair->ends[1].key_log);
    pair_check_data(pair);
    pair_check_canaries(pair);
}
