/* SPDX-License-Identifier: MIT
 *
 * Every state of both roles meets everything that can come: all types of
 * handshake message, ChangeCipherSpec, application data, alerts, and what has
 * no type. The exported tables say what is to happen. What they allow is taken;
 * a handshake message that they do not allow is answered with
 * unexpected_message (RFC 5246 section 7.4); the rest is dropped. Where records
 * must be protected, those that are not change nothing.
 */
#include "connection/edit.h"
#include "connection/sessions.h"

#include "handshake/connection.h"
#include "wire/record_header.h"

/* Ways to come to states: each brings the two ends up to its own. */
struct shape {
    const char *name;
    void (*init)(struct pair *pair);
    const struct session_kind *session; /* with an earlier session of this kind */
    bool fresh;                         /* … or without, but willing */
};

static void init_outside(struct pair *pair) {
    static dtls_credential without_keys[2];
    pair_init_certificates(pair);
    pair->ends[SERVER_END].config.client_auth = DTLS_CLIENT_AUTH_REQUIRE;
    without_keys[0] = credentials.client_credential;
    without_keys[1] = credentials.server[0];
    for (int i = 0; i < 2; i++) {
        without_keys[i].private_key = NULL;
        pair->ends[i].config.credentials = &without_keys[i];
        pair->ends[i].config.num_credentials = 1;
        pair->ends[i].config.verification = DTLS_VERIFY_APPLICATION;
    }
}

static void init_key_transport(struct pair *pair) {
    static const dtls_cipher_suite *const suites[] = {&dtls_suite_rsa_aes_128_gcm_sha256, NULL};
    static dtls_credential without_key;
    pair_init_certificates(pair);
    without_key = credentials.server[1];
    without_key.private_key = NULL;
    pair->ends[SERVER_END].config.credentials = &without_key;
    pair->ends[SERVER_END].config.num_credentials = 1;
    for (int i = 0; i < 2; i++) {
        pair->ends[i].config.cipher_suites = suites;
        pair->ends[i].config.allow_legacy = true;
    }
}

static void init_stapling(struct pair *pair) {
    static const dtls_extension *const extensions[] = {&dtls_extension_extended_master_secret,
                                                       &dtls_extension_status_request, NULL};
    static dtls_credential stapled;
    pair_init_certificates(pair);
    stapled = credentials.server[0];
    stapled.ocsp_response = (dtls_span){(const uint8_t *)"response", 8};
    pair->ends[SERVER_END].config.credentials = &stapled;
    pair->ends[SERVER_END].config.num_credentials = 1;
    for (int i = 0; i < 2; i++)
        pair->ends[i].config.extensions = extensions;
}

static const struct shape shapes[] = {
    {"psk", pair_init_psk, NULL, false},
    {"keys and verdicts outside", init_outside, NULL, false},
    {"key transport", init_key_transport, NULL, false},
    {"stapling", init_stapling, NULL, false},
    {"ticket", NULL, &session_kinds[1], true},
    {"resumed by id", NULL, &session_kinds[0], false},
    {"resumed, ticket renewed", NULL, RENEWED, false},
};

static struct pair pair;
static struct pair earlier[sizeof shapes / sizeof shapes[0]];

/* Records on their way to the end under test, one by one. */
static int target;
static struct {
    uint8_t bytes[32][MAX_DATAGRAM];
    size_t len[32];
    size_t num;
    size_t first;
} queue;

static bool catch_records(struct pair *from_pair, int from, uint8_t *bytes, size_t *len) {
    (void)from_pair;
    if (from == target)
        return true;
    for (size_t at = 0; at < *len;) {
        const size_t record = DTLS_RECORD_HEADER + ((size_t)bytes[at + 11] << 8 | bytes[at + 12]);
        assert_true(queue.num < 32 && at + record <= *len);
        memcpy(queue.bytes[queue.num], bytes + at, record);
        queue.len[queue.num++] = record;
        at += record;
    }
    return false;
}

static dtls_connection *connection(void) {
    return pair.ends[target].connection;
}

/* Does the next thing that takes the handshake on. False: there is none. */
static bool go_on(void) {
    struct end *end = &pair.ends[target];
    if (connection()->state == DTLS_STATE_START) {
        pair_begin(&pair);
        return true;
    }
    end->answer = ANSWER_NEVER;
    pair_pump(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 2 * ONE_WAY);
    if (end->question.kind != 0) {
        end->answer = ANSWER_AT_ONCE;
        pair_pump_end(&pair, target);
        return true;
    }
    if (queue.first < queue.num) {
        pair_deliver(&pair, target, queue.bytes[queue.first], queue.len[queue.first]);
        queue.first++;
        return true;
    }
    return false;
}

/* Brings the target to a state. False: this shape does not come by. */
static bool bring(const struct shape *shape, unsigned state) {
    if (shape->session != NULL && !shape->fresh)
        pair = sessions_offer(&earlier[shape - shapes], shape->session, 1200);
    else if (shape->session != NULL)
        sessions_init(&pair, shape->session, 1200);
    else
        shape->init(&pair);
    pair.cookies = false;
    pair.hook = catch_records;
    queue.num = 0;
    queue.first = 0;
    pair_open_ends(&pair);
    if (target == SERVER_END)
        pair_begin(&pair);
    while (connection()->state != state) {
        if (connection()->state == DTLS_STATE_CONNECTED && state == DTLS_STATE_CLOSED)
            assert_int_equal(dtls_close(connection(), pair.now), DTLS_OK);
        else if (!go_on()) {
            pair_free(&pair);
            return false;
        }
    }
    return true;
}

/* The row's next states among those that the target's configuration has; 0: no row. */
typedef int (*transition_at)(const void *table, size_t index, dtls_transition *out_row);

static int protocol_row(const void *table, size_t index, dtls_transition *out_row) {
    return dtls_protocol_transition(table, index, out_row);
}

static int resumption_row(const void *table, size_t index, dtls_transition *out_row) {
    return dtls_resumption_transition(table, index, out_row);
}

static int extension_row(const void *table, size_t index, dtls_transition *out_row) {
    return dtls_extension_transition(table, index, out_row);
}

static bool table_has(transition_at at, const void *table, const char *state, const char *message,
                      const char *next) {
    dtls_transition row;
    for (size_t i = 0; at(table, i, &row) == DTLS_OK; i++) {
        if (strcmp(row.state, state) == 0 && strcmp(row.message, message) == 0 &&
            (next == NULL || strcmp(row.next, next) == 0))
            return true;
    }
    return false;
}

/* `next` NULL: any. */
static bool allowed(const char *state, const char *message, const char *next) {
    const dtls_config *config = &pair.ends[target].config;
    if (table_has(protocol_row, config->protocols[0], state, message, next))
        return true;
    if (config->resumption != NULL && table_has(resumption_row, config->resumption, state, message, next))
        return true;
    for (size_t i = 0; config->extensions[i] != NULL; i++) {
        if (table_has(extension_row, config->extensions[i], state, message, next))
            return true;
    }
    return false;
}

/* A record for the target, protected by its peer if that is due. */
static void inject(uint8_t type, const uint8_t *content, size_t len, bool sealed) {
    uint8_t record[MAX_DATAGRAM] = {0};
    if (sealed) {
        struct dtls_record_layer *layer = &pair.ends[!target].connection->records;
        memcpy(record + dtls_record_headroom(layer, 1), content, len);
        assert_int_equal(dtls_record_seal(layer, 1, type, record, sizeof record, &len), DTLS_OK);
    } else {
        const struct dtls_record_header header = {
            .type = type, .version = DTLS_VERSION_1_2, .sequence = 5000, .length = (uint16_t)len};
        struct dtls_writer writer = dtls_writer_of(record, sizeof record);
        dtls_record_header_write(&writer, &header);
        dtls_write_bytes(&writer, content, len);
        len = dtls_written(&writer).len;
    }
    pair_deliver(&pair, target, record, len);
    pair_check_canaries(&pair);
}

static bool protected_state(unsigned state) {
    return state == DTLS_STATE_WAIT_FINISHED || state == DTLS_STATE_WAIT_RESUMED_FINISHED ||
           state == DTLS_STATE_CONNECTED || state == DTLS_STATE_CLOSED;
}

static dtls_error failure(void) {
    const dtls_failure *found = dtls_connection_get_failure(connection());
    return found == NULL ? DTLS_OK : found->error;
}

/* A whole message without a body, next in sequence; one further where messages wait. */
static void inject_message(uint8_t type, bool sealed) {
    const struct dtls_handshake *handshake = connection()->handshake;
    const unsigned next = handshake != NULL ? handshake->reassembly.next_seq : connection()->next_receive_seq;
    const unsigned seq = next + (dtls_state_asks(connection()->state) ? 1 : 0);
    const uint8_t message[DTLS_MESSAGE_HEADER] = {type, 0, 0, 0, (uint8_t)(seq >> 8), (uint8_t)seq};
    inject(DTLS_CONTENT_HANDSHAKE, message, sizeof message, sealed);
}

/* Messages are neither taken nor refused: they wait, the handshake has not begun or is long over, or it is a
 * HelloRequest in the middle of it (RFC 5246 section 7.4.1.1). */
static bool passes_over(unsigned state, uint8_t type) {
    if (dtls_state_asks(state) || state == DTLS_STATE_START || state == DTLS_STATE_CLOSED)
        return true;
    return target == CLIENT_END && type == DTLS_MESSAGE_HELLO_REQUEST && state != DTLS_STATE_CONNECTED;
}

static void check_message(unsigned state, uint8_t type) {
    const char *name = dtls_input_name(type);
    inject_message(type, protected_state(state));
    if (passes_over(state, type)) {
        assert_int_equal(failure(), DTLS_OK);
        assert_int_equal(connection()->state, state);
    } else if (allowed(dtls_state_name(state), name, NULL)) {
        assert_int_not_equal(failure(), DTLS_ERROR_UNEXPECTED_MESSAGE);
    } else {
        const dtls_failure *found = dtls_connection_get_failure(connection());
        assert_non_null(found);
        assert_int_equal(found->error, DTLS_ERROR_UNEXPECTED_MESSAGE);
        assert_int_equal(found->alert, DTLS_ALERT_UNEXPECTED_MESSAGE);
        assert_string_equal(found->state, dtls_state_name(state));
        assert_string_equal(found->message, name);
        pair_pump(&pair);
        assert_int_equal(pair.ends[target].last_alert_sent.alert, DTLS_ALERT_UNEXPECTED_MESSAGE);
        assert_int_equal(pair.ends[target].last_alert_sent.alert_level, 2);
    }
}

/* It has no sequence number and, before there are keys, no authentication: it is never answered. */
static void check_change_cipher_spec(unsigned state) {
    static const uint8_t one[] = {1};
    const uint64_t dropped = connection()->statistics.dropped_unexpected;
    inject(DTLS_CONTENT_CHANGE_CIPHER_SPEC, one, 1, protected_state(state));
    assert_int_equal(failure(), DTLS_OK);
    if (allowed(dtls_state_name(state), "ChangeCipherSpec", NULL)) {
        assert_true(
            allowed(dtls_state_name(state), "ChangeCipherSpec", dtls_state_name(connection()->state)));
    } else {
        assert_int_equal(connection()->state, state);
        assert_int_equal(connection()->statistics.dropped_unexpected, dropped + (state != DTLS_STATE_START));
    }
}

static void check_data(unsigned state) {
    const size_t before = pair.ends[target].received_len;
    inject(DTLS_CONTENT_APPLICATION_DATA, (const uint8_t *)"data", 4, protected_state(state));
    const bool taken = state == DTLS_STATE_CONNECTED || state == DTLS_STATE_CLOSED;
    assert_int_equal(pair.ends[target].received_len - before, taken ? 4 : 0);
    assert_int_equal(failure(), DTLS_OK);
    assert_int_equal(connection()->state, state);
}

static void check_alert(unsigned state, uint8_t level, uint8_t description) {
    const uint8_t alert[] = {level, description};
    inject(DTLS_CONTENT_ALERT, alert, 2, protected_state(state));
    const bool over = state == DTLS_STATE_CONNECTED || state == DTLS_STATE_CLOSED;
    const bool closes = description == DTLS_ALERT_CLOSE_NOTIFY;
    const bool kills = state != DTLS_STATE_START && (closes ? !over : level == DTLS_ALERT_LEVEL_FATAL);
    assert_int_equal(failure(), kills ? DTLS_ERROR_PEER_ALERT : DTLS_OK);
    if (!kills)
        assert_int_equal(connection()->state, closes && over ? DTLS_STATE_CLOSED : state);
}

/* Content types that there are not, a ChangeCipherSpec and an alert that are none. */
static void check_noise(unsigned state, unsigned number) {
    static const struct {
        uint8_t type;
        uint8_t bytes[2];
        size_t len;
    } noise[] = {{24, {1, 2}, 2}, {0, {0}, 1}, {255, {0}, 0}, {20, {2}, 1}, {21, {3, 0}, 2}, {22, {1, 1}, 2}};
    inject(noise[number].type, noise[number].bytes, noise[number].len, protected_state(state));
    assert_int_equal(failure(), DTLS_OK);
    assert_int_equal(connection()->state, state);
}

/* What is not protected, where it must be. */
static void check_forged(unsigned state, uint8_t type) {
    static const uint8_t fatal[] = {DTLS_ALERT_LEVEL_FATAL, DTLS_ALERT_HANDSHAKE_FAILURE};
    inject_message(type, false);
    inject(DTLS_CONTENT_ALERT, fatal, 2, false);
    inject(DTLS_CONTENT_CHANGE_CIPHER_SPEC, (const uint8_t *)"\1", 1, false);
    assert_int_equal(failure(), DTLS_OK);
    assert_int_equal(connection()->state, state);
    assert_int_equal(pair.ends[target].num_alerts_sent, 0);
}

enum { TYPES = 27, NOISE = 6, ALERTS = 4, OTHERS = 2 + ALERTS + NOISE };

/* Everything that can come, by number. */
static void check_input(unsigned state, unsigned number) {
    static const uint8_t alerts[ALERTS][2] = {{1, 0}, {1, 90}, {2, 0}, {2, 40}};
    static const uint8_t unknown[2] = {99, 255};
    if (number < TYPES)
        check_message(state, number < TYPES - 1 ? (uint8_t)number : unknown[target]);
    else if (number == TYPES)
        check_change_cipher_spec(state);
    else if (number == TYPES + 1)
        check_data(state);
    else if (number < TYPES + 2 + ALERTS)
        check_alert(state, alerts[number - TYPES - 2][0], alerts[number - TYPES - 2][1]);
    else if (number < TYPES + OTHERS)
        check_noise(state, number - TYPES - 2 - ALERTS);
    else
        check_forged(state, (uint8_t)(number - TYPES - OTHERS));
}

static void check_state(const struct shape *shape, unsigned state) {
    const unsigned num_inputs = TYPES + OTHERS + (protected_state(state) ? TYPES : 0);
    for (unsigned i = 0; i < num_inputs; i++) {
        assert_true(bring(shape, state));
        check_input(state, i);
        pair_free(&pair);
    }
}

/* The honest next step from here on leads where the table says. */
static void check_honest_ways(const struct shape *shape) {
    assert_true(bring(shape, target == CLIENT_END ? DTLS_STATE_START : DTLS_STATE_WAIT_CLIENT_HELLO));
    do {
        const unsigned before = connection()->state;
        const bool more = go_on();
        const unsigned after = connection()->state;
        if (!more)
            break;
        if (after == before)
            continue;
        bool found = false;
        for (unsigned kind = 0; kind < 256 && !found; kind++)
            found = allowed(dtls_state_name(before), dtls_input_name(kind), dtls_state_name(after));
        for (unsigned kind = DTLS_INPUT_START; kind <= DTLS_INPUT_DECRYPTION && !found; kind++)
            found = allowed(dtls_state_name(before), dtls_input_name(kind), dtls_state_name(after));
        if (!found)
            fail_msg("%s: \"%s\" to \"%s\"", shape->name, dtls_state_name(before), dtls_state_name(after));
    } while (true);
    assert_int_equal(connection()->state, DTLS_STATE_CONNECTED);
    pair_free(&pair);
}

/* States that a role has, by its tables. */
static bool in_tables(unsigned state) {
    const char *name = dtls_state_name(state);
    const dtls_protocol *protocol = target == CLIENT_END ? &dtls_client_1_2 : &dtls_server_1_2;
    const dtls_resumption *resumption =
        target == CLIENT_END ? &dtls_resumption_client : &dtls_resumption_server;
    for (unsigned kind = 0; kind <= DTLS_INPUT_DECRYPTION; kind++) {
        const char *message = dtls_input_name(kind);
        if (table_has(protocol_row, protocol, name, message, NULL) ||
            table_has(resumption_row, resumption, name, message, NULL) ||
            (target == CLIENT_END &&
             table_has(extension_row, &dtls_extension_status_request, name, message, NULL)))
            return true;
    }
    return false;
}

static void walk(int end) {
    const size_t num_shapes = sizeof shapes / sizeof shapes[0];
    target = end;
    unsigned num_states = 0;
    for (unsigned state = DTLS_STATE_START; state < DTLS_STATE_FAILED; state++) {
        if (!in_tables(state) && state != DTLS_STATE_CLOSED)
            continue;
        size_t i = 0;
        while (i < num_shapes && !bring(&shapes[i], state))
            i++;
        if (i == num_shapes)
            fail_msg("no shape comes by \"%s\"", dtls_state_name(state));
        pair_free(&pair);
        check_state(&shapes[i], state);
        num_states++;
    }
    assert_true(num_states >= 12);
    for (size_t i = 0; i < num_shapes; i++)
        check_honest_ways(&shapes[i]);
}

static void client(void **state) {
    (void)state;
    walk(CLIENT_END);
}

static void server(void **state) {
    (void)state;
    walk(SERVER_END);
}

static int set_up(void **state) {
    const int error = sessions_make_keys(state);
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        if (shapes[i].session != NULL && !shapes[i].fresh)
            sessions_make(shapes[i].session, &earlier[i], NULL);
    }
    return error;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(client), cmocka_unit_test(server)};
    return cmocka_run_group_tests(tests, set_up, credentials_free);
}
