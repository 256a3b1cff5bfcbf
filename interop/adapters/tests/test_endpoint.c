/* SPDX-License-Identifier: MIT
 *
 * What the adapters share, over a stack that does as it is told: sessions and their limits, deadlines, full
 * queues.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "adapter.h"

#define MS UINT64_C(1000000)

/* What the fake stack answers. */
static struct {
    uint64_t time_left;
    int sends_on_expiry;
    int accepts;
    unsigned num_tls; /* open ones */
} fake;

/* The first byte of a datagram tells the fake stack what happens to the session. */
enum order { IGNORE = 0, CONNECT = 1, CLOSE = 2, FAIL = 3, ANSWER = 4, DATA = 5 };

static const uint8_t client_hello[14] = {22, 0xfe, 0xfd, [13] = 1};

static void prepare(void) {
}

static const char *version(void) {
    return "1";
}

static void add_capabilities(struct adapter_words *words) {
    adapter_words_add(words, "%s", "client");
    adapter_words_add(words, "%s", "server");
    adapter_words_add(words, "suite:%04x", 0xc02b);
}

static int32_t configure(struct dtlslab_endpoint *endpoint, const struct dtlslab_config *config,
                         char *message) {
    (void)config;
    (void)message;
    endpoint->context = &fake;
    return DTLSLAB_OK;
}

static void free_context(void *context) {
    assert_ptr_equal(context, &fake);
}

static int32_t open_tls(struct adapter_session *session) {
    session->tls = &fake;
    fake.num_tls++;
    return DTLSLAB_OK;
}

static void free_tls(struct adapter_session *session) {
    assert_non_null(session->tls);
    fake.num_tls--;
}

static int listen_to(struct adapter_session *session) {
    (void)session;
    return fake.accepts;
}

static void advance(struct adapter_session *session) {
    uint8_t datagram[64] = {0};

    if (adapter_take_datagram(session, datagram, sizeof datagram) == 0)
        return;
    switch (datagram[0]) {
    case CONNECT:
        adapter_connected(session, 0xfefd, 0xc02b, 0x1d, 0);
        break;
    case CLOSE:
        adapter_closed(session);
        break;
    case FAIL:
        adapter_alert_received(session, 2, 40);
        adapter_failed(session, "told to fail");
        break;
    case ANSWER:
        adapter_put_datagram(session, "answer", 6);
        break;
    case DATA:
        adapter_put_data(session, "data", 4);
        break;
    default:
        break;
    }
}

static void expire(struct adapter_session *session) {
    if (fake.sends_on_expiry) {
        adapter_put_datagram(session, "again", 5);
        adapter_repeated(session);
    }
}

static uint64_t time_left(const struct adapter_session *session) {
    (void)session;
    return fake.time_left;
}

static int32_t send_data(struct adapter_session *session, const uint8_t *data, uint32_t len) {
    adapter_put_datagram(session, data, len);
    return DTLSLAB_OK;
}

static void close_tls(struct adapter_session *session) {
    adapter_alert_sent(session, 1, 0);
}

const struct adapter_stack adapter_stack = {
    .name = "fake",
    .timer_slack_ns = MS,
    .prepare = prepare,
    .version = version,
    .add_capabilities = add_capabilities,
    .configure = configure,
    .free_context = free_context,
    .open = open_tls,
    .free_tls = free_tls,
    .listen = listen_to,
    .advance = advance,
    .expire = expire,
    .time_left = time_left,
    .send = send_data,
    .close = close_tls,
};

static const struct dtlslab_endpoint_api *api;
static struct dtlslab_endpoint *endpoint;

static void make(uint32_t role) {
    const struct dtlslab_config config = {.size = sizeof config, .role = role};
    char message[DTLSLAB_MAX_TEXT];

    fake.time_left = DTLSLAB_NO_DEADLINE;
    fake.sends_on_expiry = 0;
    fake.accepts = 1;
    fake.num_tls = 0;
    api = dtlslab_endpoint_api();
    assert_int_equal(api->create(&config, &endpoint, message), DTLSLAB_OK);
}

static void unmake(void) {
    api->destroy(endpoint);
    assert_int_equal(fake.num_tls, 0);
}

static void order(uint64_t now, uint64_t path, enum order what) {
    const uint8_t datagram[1] = {(uint8_t)what};

    assert_int_equal(api->receive(endpoint, now, path, datagram, sizeof datagram), DTLSLAB_OK);
}

static struct dtlslab_event next_event(uint32_t kind) {
    struct dtlslab_event event = {0};

    assert_int_equal(api->poll_event(endpoint, &event), DTLSLAB_OK);
    assert_int_equal(event.kind, kind);
    return event;
}

static unsigned take_datagrams(void) {
    uint8_t out[ADAPTER_MAX_RECORD_DATA];
    uint64_t path = 0;
    uint32_t len = 0;
    unsigned num = 0;

    while (api->poll_datagram(endpoint, 0, &path, out, sizeof out, &len) == DTLSLAB_OK)
        num++;
    return num;
}

static void test_events_of_a_session(void **state) {
    (void)state;
    make(DTLSLAB_SERVER);
    order(0, 9, CONNECT);
    assert_int_equal(next_event(DTLSLAB_EVENT_SESSION_NEW).path, 9);
    const struct dtlslab_event connected = next_event(DTLSLAB_EVENT_CONNECTED);
    assert_int_equal(connected.session, 1);
    assert_int_equal(connected.version, 0xfefd);
    assert_int_equal(connected.cipher_suite, 0xc02b);
    assert_int_equal(connected.group, 0x1d);
    order(0, 9, FAIL);
    next_event(DTLSLAB_EVENT_ALERT_RECEIVED);
    const struct dtlslab_event failed = next_event(DTLSLAB_EVENT_FAILED);
    assert_string_equal(failed.text, "told to fail");
    assert_int_equal(failed.alert_description, 40);
    assert_int_equal(fake.num_tls, 0);
    order(0, 9, FAIL);
    assert_int_equal(api->close(endpoint, 0, 1), DTLSLAB_OK);
    assert_int_equal(api->poll_event(endpoint, &(struct dtlslab_event){0}), DTLSLAB_NOTHING);
    unmake();
}

static void test_refused_peers_leave_nothing(void **state) {
    (void)state;
    make(DTLSLAB_SERVER);
    fake.accepts = 0;
    for (uint64_t path = 0; path < 100; path++)
        order(0, path, CONNECT);
    assert_int_equal(fake.num_tls, 1);
    assert_int_equal(api->poll_event(endpoint, &(struct dtlslab_event){0}), DTLSLAB_NOTHING);
    fake.accepts = 1;
    order(0, 5, CONNECT);
    assert_int_equal(next_event(DTLSLAB_EVENT_SESSION_NEW).session, 1);
    unmake();
}

static void test_dead_session_gives_way_to_a_new_hello(void **state) {
    (void)state;
    make(DTLSLAB_SERVER);
    order(0, 9, CLOSE);
    next_event(DTLSLAB_EVENT_SESSION_NEW);
    next_event(DTLSLAB_EVENT_CLOSED);
    order(0, 9, DATA);
    assert_int_equal(api->poll_event(endpoint, &(struct dtlslab_event){0}), DTLSLAB_NOTHING);
    assert_int_equal(api->receive(endpoint, 0, 9, client_hello, sizeof client_hello), DTLSLAB_OK);
    assert_int_equal(next_event(DTLSLAB_EVENT_SESSION_NEW).session, 2);
    assert_int_equal(api->close(endpoint, 0, 1), DTLSLAB_INVALID);
    assert_int_equal(fake.num_tls, 1);
    unmake();
}

static void test_sessions_are_bounded(void **state) {
    struct dtlslab_event event;

    (void)state;
    make(DTLSLAB_SERVER);
    for (uint64_t path = 0; path < ADAPTER_MAX_SESSIONS + 10u; path++)
        order(0, path << 40, CONNECT);
    assert_int_equal(fake.num_tls, ADAPTER_MAX_SESSIONS);
    order(0, 1234ull << 40, CLOSE);
    order(0, 77777ull << 40, CONNECT);
    assert_int_equal(fake.num_tls, ADAPTER_MAX_SESSIONS);
    unsigned num_events = 0;
    while (api->poll_event(endpoint, &event) == DTLSLAB_OK)
        num_events++;
    assert_int_equal(num_events, 2 * ADAPTER_MAX_SESSIONS + 3);
    assert_int_equal(api->send(endpoint, 0, 1235, (const uint8_t *)"x", 1), DTLSLAB_INVALID);
    assert_int_equal(api->send(endpoint, 0, ADAPTER_MAX_SESSIONS + 1u, (const uint8_t *)"x", 1), DTLSLAB_OK);
    unmake();
}

static uint64_t connect_client(uint64_t now, uint64_t path) {
    uint64_t session = 0;

    assert_int_equal(api->connect(endpoint, now, path, &session), DTLSLAB_OK);
    return session;
}

/* A stack that counts coarse milliseconds tells 999 ms when 999.4 are left; the deadline does not follow it.
 */
static void test_deadline_does_not_drift(void **state) {
    (void)state;
    make(DTLSLAB_CLIENT);
    fake.time_left = 1000 * MS;
    connect_client(5, 1);
    assert_int_equal(api->deadline(endpoint, 5), 1000 * MS + 5);
    fake.time_left = 999 * MS;
    order(600000, 1, IGNORE);
    assert_int_equal(api->deadline(endpoint, 0), 1000 * MS + 5);
    order(700000, 1, ANSWER);
    assert_int_equal(api->deadline(endpoint, 0), 999 * MS + 700000);
    fake.time_left = DTLSLAB_NO_DEADLINE;
    order(800000, 1, IGNORE);
    assert_int_equal(api->deadline(endpoint, 0), DTLSLAB_NO_DEADLINE);
    unmake();
}

static void test_earliest_deadline_counts(void **state) {
    (void)state;
    make(DTLSLAB_CLIENT);
    fake.time_left = 300 * MS;
    connect_client(0, 1);
    fake.time_left = 100 * MS;
    connect_client(0, 2);
    fake.time_left = 200 * MS;
    connect_client(0, 3);
    assert_int_equal(api->deadline(endpoint, 0), 100 * MS);
    fake.time_left = DTLSLAB_NO_DEADLINE;
    order(1, 2, CONNECT);
    assert_int_equal(api->deadline(endpoint, 1), 200 * MS);
    order(1, 3, FAIL);
    assert_int_equal(api->deadline(endpoint, 1), 300 * MS);
    unmake();
}

static void test_expiry(void **state) {
    (void)state;
    make(DTLSLAB_CLIENT);
    fake.time_left = 100 * MS;
    connect_client(0, 1);
    fake.sends_on_expiry = 1;
    fake.time_left = 200 * MS;
    assert_int_equal(api->timeout(endpoint, 99 * MS), DTLSLAB_OK);
    assert_int_equal(take_datagrams(), 0);
    assert_int_equal(api->timeout(endpoint, 100 * MS), DTLSLAB_OK);
    assert_int_equal(take_datagrams(), 1);
    next_event(DTLSLAB_EVENT_TIMEOUT);
    assert_int_equal(api->deadline(endpoint, 0), 300 * MS);
    unmake();
}

/* "Time left 0" of a stack that waits for nothing would stop the clock for ever. */
static void test_idle_timer_is_left_alone(void **state) {
    (void)state;
    make(DTLSLAB_CLIENT);
    fake.time_left = 0;
    connect_client(7, 1);
    assert_int_equal(api->deadline(endpoint, 7), 7);
    assert_int_equal(api->timeout(endpoint, 7), DTLSLAB_OK);
    assert_int_equal(api->deadline(endpoint, 7), DTLSLAB_NO_DEADLINE);
    order(8, 1, IGNORE);
    assert_int_equal(api->deadline(endpoint, 8), 8);
    assert_int_equal(api->poll_event(endpoint, &(struct dtlslab_event){0}), DTLSLAB_NOTHING);
    unmake();
}

static void test_full_queue_blocks_sending(void **state) {
    static const uint8_t data[ADAPTER_MAX_RECORD_DATA + 1];
    int32_t result = DTLSLAB_OK;
    unsigned num = 0;

    (void)state;
    make(DTLSLAB_CLIENT);
    const uint64_t session = connect_client(0, 1);
    order(0, 1, CONNECT);
    assert_int_equal(api->send(endpoint, 0, session, data, sizeof data), DTLSLAB_INVALID);
    while ((result = api->send(endpoint, 0, session, data, ADAPTER_MAX_RECORD_DATA)) == DTLSLAB_OK)
        num++;
    assert_int_equal(result, DTLSLAB_WOULD_BLOCK);
    assert_true(num > 100);
    assert_int_equal(take_datagrams(), num);
    assert_int_equal(api->send(endpoint, 0, session, data, 1), DTLSLAB_OK);
    unmake();
}

static void test_capability_list_decides(void **state) {
    static const uint16_t known = 0xc02b;
    static const uint16_t unknown = 0xc02f;
    struct dtlslab_config config = {.size = sizeof config, .cipher_suites = {&known, 1}};
    char message[DTLSLAB_MAX_TEXT];

    (void)state;
    assert_int_equal(adapter_check_config(&config, message), DTLSLAB_OK);
    config.cipher_suites.codes = &unknown;
    assert_int_equal(adapter_check_config(&config, message), DTLSLAB_UNSUPPORTED);
    assert_string_equal(message, "fake 1 has no \"suite:c02f\"");
    config = (struct dtlslab_config){.size = sizeof config, .tickets = DTLSLAB_ON};
    assert_int_equal(adapter_check_config(&config, message), DTLSLAB_UNSUPPORTED);
    config = (struct dtlslab_config){.size = sizeof config, .cookies = DTLSLAB_ON};
    assert_int_equal(adapter_check_config(&config, message), DTLSLAB_OK); /* a client's business it is not */
    config.role = DTLSLAB_SERVER;
    assert_int_equal(adapter_check_config(&config, message), DTLSLAB_UNSUPPORTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_of_a_session),
        cmocka_unit_test(test_refused_peers_leave_nothing),
        cmocka_unit_test(test_dead_session_gives_way_to_a_new_hello),
        cmocka_unit_test(test_sessions_are_bounded),
        cmocka_unit_test(test_deadline_does_not_drift),
        cmocka_unit_test(test_earliest_deadline_counts),
        cmocka_unit_test(test_expiry),
        cmocka_unit_test(test_idle_timer_is_left_alone),
        cmocka_unit_test(test_full_queue_blocks_sending),
        cmocka_unit_test(test_capability_list_decides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
