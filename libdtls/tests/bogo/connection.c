/* SPDX-License-Identifier: MIT
 *
 * One connection, from the socket to the last byte, on the runner's clock.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bogo/shim.h"

#define START_NS     UINT64_C(1000000000)
#define SECOND       UINT64_C(1000000000)
#define CALENDAR     1767225600
#define MAX_DATAGRAM 65536
#define HELLO        "hello"

/* What the runner takes the timers of an application to be apart. */
#define GRAIN UINT64_C(10000000)

/* After so many timeouts without a word from the peer the shim gives up. RFC 6347 names no number; the
 * runner counts on this one. */
#define MAX_TIMEOUTS 13

typedef struct shim_connection {
    const shim_options *options;
    shim_setup *setup;
    dtls_connection *connection;
    void *session;
    void *handshake;
    int runner;
    dtls_time now;
    shim_peek peek;
    shim_seen seen;
    unsigned timeouts;
    size_t path_mtu;     /* not told yet; 0: nothing to tell */
    dtls_event question; /* not answered yet; kind 0: none */
    bool connected;
    bool over;
} shim_connection;

static uint8_t out[MAX_DATAGRAM];

/* Goes on from one connection to the next. */
static uint64_t clock_ns = START_NS;

static dtls_time time_at(uint64_t nanoseconds) {
    return (dtls_time){.monotonic_ns = nanoseconds,
                       .calendar_s = CALENDAR + (int64_t)((nanoseconds - START_NS) / SECOND)};
}

static void send_waiting(shim_connection *c) {
    size_t len;
    while (dtls_poll_datagram(c->connection, c->now, out, sizeof out, &len, NULL) == DTLS_OK)
        shim_write_packet(c->runner, out, len);
}

static void write_data(shim_connection *c, const uint8_t *data, size_t len) {
    size_t record_len;
    dtls_error error = dtls_write(c->connection, c->now, data, len, out, sizeof out, &record_len);
    if (error != DTLS_OK)
        shim_fail("%s when writing", dtls_error_name(error));
    shim_write_packet(c->runner, out, record_len);
}

_Noreturn static void died(shim_connection *c) {
    const dtls_failure *failure = dtls_connection_get_failure(c->connection);
    if (failure->error == DTLS_ERROR_PEER_ALERT && failure->alert == DTLS_ALERT_PROTOCOL_VERSION &&
        !c->connected && shim_allows(c->options, DTLS_VERSION_1_3))
        shim_not_applicable("dtls-1.3", "the peer wants no other version");
    fprintf(stderr, "%s %s: state %s, message %s, field %s, %s\n", dtls_error_name(failure->error),
            dtls_alert_name(failure->alert), failure->state, failure->message, failure->field,
            failure->section);
    shim_close(c->runner);
    shim_fail("the connection failed");
}

static void answer_psk(shim_connection *c) {
    const shim_options *options = c->options;
    const char *identity = options->psk_identity != NULL ? options->psk_identity : "";
    dtls_span asked = c->question.bytes;
    if (asked.len != strlen(identity) || (asked.len > 0 && memcmp(asked.data, identity, asked.len) != 0))
        shim_fail("the peer's PSK identity or hint is not the one that was agreed on");
    const char *key = options->psk != NULL ? options->psk : "";
    dtls_span own = {.data = (const uint8_t *)identity, .len = options->server ? 0 : strlen(identity)};
    dtls_answer_psk(c->connection, c->now, own,
                    (dtls_span){.data = (const uint8_t *)key, .len = strlen(key)});
}

static void answer_certificate(shim_connection *c) {
    const shim_options *options = c->options;
    bool refuses = options->verify_fail && (options->verify_peer || options->require_certificate);
    if (refuses && !options->custom_verify)
        dtls_abort(c->connection, c->now,
                   DTLS_ALERT_HANDSHAKE_FAILURE); /* what BoringSSL's older way sends */
    else
        dtls_answer_certificate(c->connection, c->now,
                                refuses                   ? DTLS_ERROR_CERTIFICATE_REFUSED
                                : options->refuses_status ? DTLS_ERROR_CERTIFICATE_STATUS
                                                          : DTLS_OK);
}

static void answer_signature(shim_connection *c) {
    uint8_t signature[DTLS_MAX_SIGNATURE];
    size_t len = sizeof signature;
    const dtls_private_key *key = shim_key_of(c->setup, c->question.credential);
    dtls_error error = dtls_libcrypto.sign(dtls_libcrypto.state, key, c->question.scheme,
                                           c->question.bytes.data, c->question.bytes.len, signature, &len);
    if (error != DTLS_OK)
        len = 0;
    dtls_answer_signature(c->connection, c->now, (dtls_span){.data = signature, .len = len});
}

static void answer_decryption(shim_connection *c) {
    dtls_premaster premaster;
    const dtls_private_key *key = shim_key_of(c->setup, c->question.credential);
    if (dtls_libcrypto.decrypt_premaster(
            dtls_libcrypto.state, key, dtls_connection_get_info(c->connection)->version,
            c->question.bytes.data, c->question.bytes.len, premaster.bytes) == DTLS_OK)
        dtls_answer_decryption(c->connection, c->now, &premaster);
    else
        dtls_abort(c->connection, c->now, DTLS_ALERT_INTERNAL_ERROR);
}

static void answer(shim_connection *c) {
    dtls_event_kind kind = c->question.kind;
    c->question.kind = 0;
    if (kind == DTLS_EVENT_LOOK_UP_PSK)
        answer_psk(c);
    else if (kind == DTLS_EVENT_VERIFY_CERTIFICATE)
        answer_certificate(c);
    else if (kind == DTLS_EVENT_SIGN)
        answer_signature(c);
    else if (kind == DTLS_EVENT_DECRYPT)
        answer_decryption(c);
    else if (kind == DTLS_EVENT_LOOK_UP_SESSION)
        shim_answer_session(c->connection, c->now, c->question.bytes);
}

static void note_certificate(shim_connection *c, const dtls_event *event) {
    c->seen.peer_certificate = true;
    c->seen.peer_leaf_len = event->chain[0].len < sizeof c->seen.peer_leaf ? event->chain[0].len : 0;
    memcpy(c->seen.peer_leaf, event->chain[0].data, c->seen.peer_leaf_len);
    c->seen.peer_type = event->certificate_type;
    c->seen.status_len = event->ocsp_response.len < sizeof c->seen.status ? event->ocsp_response.len : 0;
    if (c->seen.status_len > 0)
        memcpy(c->seen.status, event->ocsp_response.data, c->seen.status_len);
}

static void connected(shim_connection *c) {
    c->connected = true;
    if (dtls_connection_get_failure(c->connection) != NULL)
        return; /* by what came in the same datagram */
    c->seen.new_session = shim_keep_session(c->options, c->connection);
    bool resumed = dtls_connection_get_info(c->connection)->resumed;
    if (resumed && c->options->reverify_on_resume && c->options->verify_fail) {
        send_waiting(c); /* without our Finished the peer could not read the alert */
        dtls_abort(c->connection, c->now, DTLS_ALERT_CERTIFICATE_UNKNOWN);
        return;
    }
    shim_check(c->options, c->connection, &c->seen);
}

static void take_event(shim_connection *c, const dtls_event *event) {
    switch (event->kind) {
    case DTLS_EVENT_CONNECTED:
        connected(c);
        break;
    case DTLS_EVENT_PEER_CLOSED:
        c->over = true;
        break;
    case DTLS_EVENT_FAILED:
        send_waiting(c);
        died(c);
    case DTLS_EVENT_VERIFY_CERTIFICATE:
        note_certificate(c, event);
        c->question = *event;
        break;
    case DTLS_EVENT_SIGN:
    case DTLS_EVENT_DECRYPT:
        c->seen.credential = shim_number_of(c->setup, event->credential);
        c->question = *event;
        break;
    case DTLS_EVENT_LOOK_UP_PSK:
    case DTLS_EVENT_LOOK_UP_SESSION:
        c->question = *event;
        break;
    default:
        break;
    }
}

/* Takes out all that waits, and answers questions until there are none. */
static void settle(shim_connection *c) {
    dtls_event event;
    do {
        while (dtls_poll_event(c->connection, &event) == DTLS_OK)
            take_event(c, &event);
        if (c->options->async || c->question.kind == 0)
            send_waiting(c); /* with -async a question waits while the flight before it goes out */
        if (c->question.kind != 0)
            answer(c);
    } while (dtls_poll_event(c->connection, &event) == DTLS_OK && (take_event(c, &event), true));
    send_waiting(c);
}

static void echo(shim_connection *c, const dtls_plaintext *plaintext) {
    uint8_t reply[DTLS_MAX_PLAINTEXT];
    if (plaintext->len == 0)
        return;
    for (size_t i = 0; i < plaintext->len; i++)
        reply[i] = plaintext->data[i] ^ 0xff;
    write_data(c, reply, plaintext->len);
}

static void take_packet(shim_connection *c, const shim_input *input) {
    if (shim_allows(c->options, DTLS_VERSION_1_3) &&
        shim_peer_prefers_1_3(&c->peek, c->options->server, input->bytes, input->len))
        shim_not_applicable("dtls-1.3", "by its hello");
    uint64_t before = dtls_connection_get_statistics(c->connection)->records_received;
    dtls_datagram datagram = {.bytes = input->bytes, .len = input->len};
    dtls_plaintext plaintexts[64];
    size_t num = sizeof plaintexts / sizeof plaintexts[0];
    size_t taken;
    dtls_error error = dtls_receive(c->connection, c->now, &datagram, 1, plaintexts, &num, &taken);
    if (error != DTLS_OK && error != DTLS_ERROR_STATE)
        shim_fail("%s when receiving", dtls_error_name(error));
    if (dtls_connection_get_statistics(c->connection)->records_received != before)
        c->timeouts = 0;
    settle(c);
    for (size_t i = 0; i < num; i++)
        echo(c, &plaintexts[i]);
}

/* An event loop with coarse timers takes what is due within its grain for due. libdtls is told the time and
 * has no grain of its own. */
static void advance_clock(const shim_connection *c, uint64_t nanoseconds) {
    const uint64_t deadline = dtls_deadline(c->connection);
    clock_ns += nanoseconds;
    if (!c->connected && deadline > clock_ns && deadline - clock_ns <= GRAIN)
        clock_ns = deadline;
}

static void advance(shim_connection *c, uint64_t nanoseconds) {
    advance_clock(c, nanoseconds);
    c->now = time_at(clock_ns);
    uint64_t before = dtls_connection_get_statistics(c->connection)->timeouts;
    /* Told at once, libdtls would repeat the flight at once; the runner waits for the timeout. */
    if (c->path_mtu != 0)
        dtls_set_path_mtu(c->connection, c->path_mtu);
    c->path_mtu = 0;
    dtls_timeout(c->connection, c->now);
    if (dtls_connection_get_statistics(c->connection)->timeouts != before && ++c->timeouts == MAX_TIMEOUTS)
        shim_fail("READ_TIMEOUT_EXPIRED: the peer is silent");
    settle(c);
}

/* The next retransmission. In DTLS 1.2 none is due after the handshake: what is left of the deadline is the
 * time at which the last flight is forgotten, which BoringSSL does without a timer. */
static uint64_t next_timeout(const shim_connection *c) {
    uint64_t deadline = dtls_deadline(c->connection);
    if (deadline == DTLS_NO_DEADLINE || c->connected)
        return UINT64_MAX;
    return deadline > c->now.monotonic_ns ? deadline - c->now.monotonic_ns : 0;
}

static void expect_timeout(const shim_connection *c, uint64_t expected) {
    uint64_t found = next_timeout(c);
    if (found != expected)
        shim_fail("the next timeout is in %" PRIu64 " ns; expected %" PRIu64, found, expected);
}

static void take_input(shim_connection *c, const shim_input *input) {
    switch (input->kind) {
    case SHIM_PACKET:
        take_packet(c, input);
        break;
    case SHIM_ADVANCE:
        advance(c, input->number);
        break;
    case SHIM_EXPECT_TIMEOUT:
        expect_timeout(c, input->number);
        break;
    case SHIM_SET_MTU:
        c->path_mtu = (size_t)input->number;
        break;
    case SHIM_SET_TIMEOUT:
        shim_not_applicable("timeout-change", "a timeout changed during the handshake");
    case SHIM_CLOSED:
        c->over = true;
        break;
    }
}

static void export_keys(shim_connection *c) {
    uint8_t keys[2048];
    const shim_options *options = c->options;
    const char *text = options->export_context != NULL ? options->export_context : "";
    dtls_span context = {.data = (const uint8_t *)text, .len = strlen(text)};
    size_t len = (size_t)options->export_len;
    dtls_error error =
        len > sizeof keys
            ? DTLS_ERROR_NO_ROOM
            : dtls_export_keying_material(c->connection, options->export_label,
                                          options->use_export_context ? &context : NULL, keys, len);
    if (error != DTLS_OK)
        shim_fail("%s when exporting keys", dtls_error_name(error));
    write_data(c, keys, len);
}

/* What the shim does of its own accord once it is connected. */
static void speak_first(shim_connection *c) {
    const shim_options *options = c->options;
    if (options->export_len > 0)
        export_keys(c);
    if (options->send_alert) {
        dtls_abort(c->connection, c->now,
                   (dtls_alert)30); /* decompression_failure: what the runner waits for */
        send_waiting(c);
        c->over = true;
    } else if (options->writes_first) {
        write_data(c, (const uint8_t *)HELLO, strlen(HELLO));
    }
    if (options->shuts_down) {
        if (options->check_close_notify)
            dtls_close(c->connection, c->now);
        send_waiting(c);
        c->over = !options->check_close_notify;
    }
}

static void open_connection(shim_connection *c) {
    const dtls_config *config = shim_config(c->setup);
    size_t session_len = dtls_session_size(config);
    size_t handshake_len = dtls_handshake_size(config);
    c->session = malloc(session_len);
    c->handshake = malloc(handshake_len);
    dtls_error error =
        dtls_connection_open(config, c->session, session_len, c->handshake, handshake_len, &c->connection);
    if (error != DTLS_OK)
        shim_fail("%s when opening", dtls_error_name(error));
    if (c->seen.resumes)
        shim_offer_session(c->options, c->connection, c->now);
    if (!c->options->server)
        dtls_connection_start(c->connection, c->now);
}

void shim_run(const shim_options *options, bool resumes) {
    shim_connection *c = calloc(1, sizeof *c);
    if (c == NULL)
        shim_fail("no memory");
    c->options = options;
    c->setup = shim_configure(options);
    c->now = time_at(clock_ns);
    c->seen.credential = -1;
    c->seen.resumes = resumes;
    c->runner = shim_connect(options);
    open_connection(c);
    settle(c);
    bool spoke = false;
    while (!c->over) {
        if (c->connected && !spoke) {
            spoke = true;
            speak_first(c);
            continue;
        }
        shim_input input = shim_read(c->runner);
        take_input(c, &input);
    }
    if (!c->connected)
        shim_fail("the runner closed before the handshake was over");
    dtls_connection_wipe(c->connection);
    if (options->resumption_delay_s > 0)
        clock_ns += (uint64_t)options->resumption_delay_s * SECOND;
    shim_close(c->runner);
    free(c->session);
    free(c->handshake);
    shim_setup_free(c->setup);
    free(c);
}
