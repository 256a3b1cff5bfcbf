/* SPDX-License-Identifier: MIT
 *
 * Trials with ping endpoints: what each fault does, and how each end is told.
 */
#include "dtlslab_trial.h"

#include <string.h>

#include "check.h"
#include "ping.h"

#define MS     UINT64_C(1000000)
#define SECOND UINT64_C(1000000000)

/* A server that believes itself connected as soon as it is asked. */
static int32_t receive(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t path,
                       const uint8_t *datagram, uint32_t len) {
    if (endpoint->received == 0) {
        endpoint->events[endpoint->num_events++ % PING_QUEUE] =
            (struct dtlslab_event){.kind = DTLSLAB_EVENT_CONNECTED, .session = path, .path = path};
    }
    return ping_api.receive(endpoint, now, path, datagram, len);
}

/* One that closes as soon as it is asked a second time. */
static int32_t receive_impatiently(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t path,
                                   const uint8_t *datagram, uint32_t len) {
    bool again = len >= 4 && memcmp(datagram, "PING", 4) == 0 && endpoint->received > 0;
    int32_t result = receive(endpoint, now, path, datagram, len);
    return again ? ping_api.close(endpoint, now, path) : result;
}

static int32_t create_deaf(const struct dtlslab_config *config, struct dtlslab_endpoint **out_endpoint,
                           char *message) {
    int32_t result = ping_api.create(config, out_endpoint, message);
    if (result == DTLSLAB_OK)
        (*out_endpoint)->answers = false;
    return result;
}

static int32_t create_none(const struct dtlslab_config *config, struct dtlslab_endpoint **out_endpoint,
                           char *message) {
    (void)config;
    (void)out_endpoint;
    (void)strcpy(message, "not today");
    return DTLSLAB_UNSUPPORTED;
}

static int32_t create_stuck(const struct dtlslab_config *config, struct dtlslab_endpoint **out_endpoint,
                            char *message) {
    int32_t result = ping_api.create(config, out_endpoint, message);
    if (result == DTLSLAB_OK)
        (*out_endpoint)->stuck = true;
    return result;
}

static int32_t receive_nothing(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t path,
                               const uint8_t *datagram, uint32_t len) {
    (void)endpoint;
    (void)now;
    (void)path;
    (void)datagram;
    (void)len;
    return DTLSLAB_FAILED;
}

static const struct dtlslab_config config = {.size = sizeof config, .seed = 1};

/* Ping endpoints with one function of either replaced. */
struct sides {
    struct dtlslab_endpoint_api server;
    struct dtlslab_endpoint_api client;
    struct dtlslab_trial_plan plan;
};

static void set_up(struct sides *sides) {
    sides->server = ping_api;
    sides->client = ping_api;
    sides->server.receive = receive;
    sides->plan = (struct dtlslab_trial_plan){
        .server = {&sides->server, &config},
        .client = {&sides->client, &config},
        .seed = 1,
        .delay_ns = 10 * MS,
        .limit_ns = 60 * SECOND,
        .rest_ns = 20 * SECOND,
        .data_len = 32,
    };
}

static struct dtlslab_trial with(uint32_t kind, uint32_t first, uint32_t second) {
    return (struct dtlslab_trial){.faults = {{kind, first}, {kind, second}},
                                  .num_faults = (first != 0 ? 1u : 0u) + (second != 0 ? 1u : 0u)};
}

static void run(const struct sides *sides, struct dtlslab_trial *trials, uint32_t num) {
    uint32_t done = 0;
    assert_int_equal(dtlslab_run_trials(&sides->plan, trials, num, 0, &done), DTLSLAB_OK);
    assert_int_equal(done, num);
}

static void each_fault_does_what_it_says(void **state) {
    (void)state;
    struct sides sides;
    set_up(&sides);
    static const struct {
        uint32_t kind;
        uint32_t first;
        uint32_t second;
        uint64_t connected_ns;
        uint32_t datagrams;
    } expected[] = {
        {DTLSLAB_FAULT_DROP, 0, 0, 20 * MS, 2},
        {DTLSLAB_FAULT_DROP, 1, 0, SECOND + 20 * MS, 3},
        {DTLSLAB_FAULT_DROP, 2, 0, SECOND + 20 * MS, 4},
        {DTLSLAB_FAULT_DROP, 1, 2, 3 * SECOND + 20 * MS, 4},
        {DTLSLAB_FAULT_DUPLICATE, 1, 0, 20 * MS, 3}, /* and is answered twice */
        {DTLSLAB_FAULT_DUPLICATE, 2, 0, 20 * MS, 2},
        {DTLSLAB_FAULT_SWAP, 1, 0, SECOND + 20 * MS, 4}, /* goes with its repetition */
        {DTLSLAB_FAULT_DROP, 9, 0, 20 * MS, 2},
    };
    enum { NUM = sizeof expected / sizeof *expected };
    struct dtlslab_trial trials[NUM];
    for (size_t i = 0; i < NUM; i++)
        trials[i] = with(expected[i].kind, expected[i].first, expected[i].second);
    run(&sides, trials, NUM);
    for (size_t i = 0; i < NUM; i++) {
        assert_int_equal(trials[i].end, DTLSLAB_TRIAL_COMPLETE);
        assert_int_equal(trials[i].connected_ns, expected[i].connected_ns);
        assert_int_equal(trials[i].datagrams, expected[i].datagrams);
    }
}

static void check_end(const struct sides *sides, struct dtlslab_trial trial, enum dtlslab_trial_end end,
                      uint32_t node) {
    run(sides, &trial, 1);
    assert_int_equal(trial.end, end);
    assert_int_equal(trial.node, node);
}

static void each_end_is_told_apart(void **state) {
    (void)state;
    struct sides sides;
    set_up(&sides);
    sides.server.create = create_deaf;
    check_end(&sides, with(0, 0, 0), DTLSLAB_TRIAL_NOT_CONNECTED, 2);
    set_up(&sides);
    sides.client.create = create_none;
    struct dtlslab_trial trial = {0};
    run(&sides, &trial, 1);
    assert_int_equal(trial.end, DTLSLAB_TRIAL_NO_SETUP);
    assert_int_equal(trial.node, 1);
    assert_string_equal(trial.text, "not today");
    set_up(&sides);
    sides.client.create = create_stuck;
    check_end(&sides, with(DTLSLAB_FAULT_DROP, 1, 0), DTLSLAB_TRIAL_STALLED, 1);
    set_up(&sides);
    sides.client.receive = receive_nothing;
    check_end(&sides, with(0, 0, 0), DTLSLAB_TRIAL_BROKEN, 1);
    set_up(&sides);
    sides.server.receive = receive_impatiently;
    check_end(&sides, with(DTLSLAB_FAULT_DROP, 2, 0), DTLSLAB_TRIAL_FAILED_LATER, 0);
    set_up(&sides);
    sides.plan.data_len = 0;
    check_end(&sides, with(0, 0, 0), DTLSLAB_TRIAL_COMPLETE, 2);
}

static void a_second_session_must_resume_the_first(void **state) {
    (void)state;
    struct sides sides;
    set_up(&sides);
    sides.server.receive = ping_api.receive;
    sides.plan.resume = 1;
    check_end(&sides, with(0, 0, 0), DTLSLAB_TRIAL_UNDISTURBED_FAILED, 2);
}

static void what_is_no_fault_is_refused(void **state) {
    (void)state;
    struct sides sides;
    set_up(&sides);
    uint32_t done;
    struct dtlslab_trial trial = with(DTLSLAB_FAULT_SWAP + 1, 1, 0);
    assert_int_equal(dtlslab_run_trials(&sides.plan, &trial, 1, 0, &done), DTLSLAB_INVALID);
    trial = (struct dtlslab_trial){.num_faults = DTLSLAB_MAX_FAULTS + 1};
    for (uint32_t i = 0; i < DTLSLAB_MAX_FAULTS; i++)
        trial.faults[i] = (struct dtlslab_fault){DTLSLAB_FAULT_DROP, i + 1};
    assert_int_equal(dtlslab_run_trials(&sides.plan, &trial, 1, 0, &done), DTLSLAB_INVALID);
    trial = with(DTLSLAB_FAULT_DROP, 1, 0);
    trial.faults[0].nth = 0;
    assert_int_equal(dtlslab_run_trials(&sides.plan, &trial, 1, 0, &done), DTLSLAB_INVALID);
    sides.plan.data_len = 100000;
    assert_int_equal(dtlslab_run_trials(&sides.plan, &trial, 0, 0, &done), DTLSLAB_INVALID);
}

static void a_slice_gives_back_what_is_done(void **state) {
    (void)state;
    struct sides sides;
    set_up(&sides);
    struct dtlslab_trial trials[3] = {0};
    uint32_t done;
    assert_int_equal(dtlslab_run_trials(&sides.plan, trials, 3, 1, &done), DTLSLAB_OK);
    assert_int_equal(done, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_does_what_it_says),
        cmocka_unit_test(each_end_is_told_apart),
        cmocka_unit_test(a_second_session_must_resume_the_first),
        cmocka_unit_test(what_is_no_fault_is_refused),
        cmocka_unit_test(a_slice_gives_back_what_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
