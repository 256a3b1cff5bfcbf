/* SPDX-License-Identifier: MIT
 *
 * The world loop over the memory carrier: order, fates, stalls, echo, log.
 */
#include <string.h>

#include "check.h"
#include "pair.h"
#include "virtual_clock.h"

static const struct dtlslab_parameter delay_10ms[] = {{"delay", "10ms"}, {NULL, NULL}};

static char text[64 * 1024];

static void a_handshake_is_logged_in_the_order_in_which_it_happens(void **state) {
    (void)state;
    struct pair pair;
    pair_open(&pair, dtlslab_memory_carrier(), 1, 1, delay_10ms);
    pair_connect(&pair);
    assert_int_equal(pair_run(&pair, DTLSLAB_NO_DEADLINE, 0), DTLSLAB_STOP_QUIET);
    assert_int_equal(pair_log(&pair, text, sizeof text), 8);
    assert_string_equal(text, "0 sent 0 peer 1 #1 PING\n"
                              "0 deadline 0 1000000000\n"
                              "10000000 delivered 1 peer 0 #1 PING\n"
                              "10000000 sent 1 peer 0 #2 PONG\n"
                              "20000000 delivered 0 peer 1 #2 PONG\n"
                              "20000000 event 0 1\n"
                              "20000000 keylog 0 CLIENT_RANDOM 00 00\n"
                              "20000000 deadline 0 none\n");
    pair_close(&pair);
}

/* A hook that does one thing to the first `times` datagrams of node `from`. */
struct trick {
    uint32_t from;
    uint64_t times;
    struct dtlslab_fate fate;
    int32_t answer;
    uint32_t asked;
};

static int32_t play(void *user, const struct dtlslab_passing *passing, struct dtlslab_fate *out_fate) {
    struct trick *trick = user;
    trick->asked++;
    if (passing->from == trick->from && passing->nth <= trick->times)
        *out_fate = trick->fate;
    return trick->answer;
}

static void open_with_trick(struct pair *pair, struct trick *trick) {
    pair_open(pair, dtlslab_memory_carrier(), 1, 1, delay_10ms);
    dtlslab_world_set_hook(pair->world, play, trick);
    pair_connect(pair);
}

static void three_drops_delay_by_seven_seconds(void **state) {
    (void)state;
    struct pair pair;
    struct trick trick = {.from = 0, .times = 3, .fate = {.kind = DTLSLAB_DROP, .reason = "test"}};
    open_with_trick(&pair, &trick);
    assert_int_equal(pair_run(&pair, 60 * SECOND, 1u << DTLSLAB_EVENT_CONNECTED), DTLSLAB_STOP_EVENT);
    assert_int_equal(pair.stopped.node, 0);
    assert_int_equal(pair.stopped.time, 7 * SECOND + 20 * MS);
    pair_log(&pair, text, sizeof text);
    assert_int_equal(lines_with(text, "dropped"), 3);
    assert_int_equal(lines_with(text, "timeout"), 3);
    assert_non_null(strstr(text, "0 dropped 0 peer 1 #1 test\n"));
    assert_int_equal(trick.asked, 5);
    pair_close(&pair);
}

static void altered_bytes_go_out_under_an_id_of_their_own(void **state) {
    (void)state;
    struct pair pair;
    struct trick trick = {
        .from = 1,
        .times = 1,
        .fate = {.kind = DTLSLAB_CHANGE, .bytes = (const uint8_t *)"NOISE", .len = 5},
    };
    open_with_trick(&pair, &trick);
    assert_int_equal(pair_run(&pair, 60 * SECOND, 1u << DTLSLAB_EVENT_CONNECTED), DTLSLAB_STOP_EVENT);
    pair_log(&pair, text, sizeof text);
    assert_non_null(strstr(text, "10000000 sent 1 peer 0 #2 PONG\n"
                                 "10000000 changed 1 peer 0 #3 of #2 NOISE altered\n"
                                 "20000000 delivered 0 peer 1 #3 NOISE\n"));
    pair_close(&pair);
}

static void copies_and_delays_are_told_apart(void **state) {
    (void)state;
    struct pair pair;
    struct trick trick = {
        .from = 0, .times = 1, .fate = {.kind = DTLSLAB_CHANGE, .copies = 2, .delay_ns = 5 * MS}};
    open_with_trick(&pair, &trick);
    assert_int_equal(pair_run(&pair, 60 * SECOND, 0), DTLSLAB_STOP_QUIET);
    pair_log(&pair, text, sizeof text);
    assert_non_null(strstr(text, "0 changed 0 peer 1 #1 of #1 PING delayed\n"
                                 "0 changed 0 peer 1 #2 of #1 PING duplicated\n"));
    assert_non_null(strstr(text, "15000000 delivered 1 peer 0 #1 PING\n"));
    assert_non_null(strstr(text, "15000000 delivered 1 peer 0 #2 PING\n"));
    assert_int_equal(pair.server.received, 2);
    pair_close(&pair);
}

static void a_failing_hook_ends_the_run(void **state) {
    (void)state;
    struct pair pair;
    struct trick trick = {.answer = -1};
    open_with_trick(&pair, &trick);
    assert_int_equal(pair_run(&pair, 60 * SECOND, 0), DTLSLAB_STOP_HOOK_FAILED);
    pair_close(&pair);

    struct trick unknown = {.times = 1, .fate = {.kind = 77}};
    open_with_trick(&pair, &unknown);
    assert_int_equal(pair_run(&pair, 60 * SECOND, 0), DTLSLAB_STOP_HOOK_FAILED);
    pair_close(&pair);
}

/* What a hook did with the world that it was called from. */
struct busy {
    struct dtlslab_world *world;
    uint64_t done;
    int32_t run_answer;
};

static int32_t keep_busy(void *user, const struct dtlslab_passing *passing, struct dtlslab_fate *out_fate) {
    struct busy *busy = user;
    (void)out_fate;
    if (busy->done++ == 0) {
        struct dtlslab_run_options options = {.until = SECOND};
        struct dtlslab_stopped stopped;
        busy->run_answer = dtlslab_world_run(busy->world, &options, &stopped);
        assert_int_equal(dtlslab_world_inject(busy->world, 0, 1, (const uint8_t *)"=hi", 3), DTLSLAB_OK);
        assert_int_equal(dtlslab_world_send(busy->world, 1, 1, (const uint8_t *)"ho", 2), DTLSLAB_OK);
        assert_int_equal(passing->datagram, 1);
    }
    return 0;
}

static void a_hook_may_act_but_not_run(void **state) {
    (void)state;
    struct pair pair;
    pair_open(&pair, dtlslab_memory_carrier(), 1, 1, delay_10ms);
    struct busy busy = {.world = pair.world};
    dtlslab_world_set_hook(pair.world, keep_busy, &busy);
    pair_connect(&pair);
    assert_int_equal(pair_run(&pair, SECOND / 2, 0), DTLSLAB_STOP_QUIET);
    assert_int_equal(busy.run_answer, DTLSLAB_INVALID);
    assert_int_equal(busy.done, 3); /* PING, PONG and what node 1 sent; not what was injected */
    pair_log(&pair, text, sizeof text);
    assert_non_null(strstr(text, "0 injected 0 peer 1 #2 =hi\n"));
    assert_non_null(strstr(text, "10000000 data-received 1 2 hi\n"));
    assert_non_null(strstr(text, "10000000 data-received 0 2 ho\n"));
    pair_close(&pair);
}

static void quiet_and_until_are_different_ends(void **state) {
    (void)state;
    struct pair pair;
    pair_open(&pair, dtlslab_memory_carrier(), 1, 1, delay_10ms);
    assert_int_equal(pair_run(&pair, 5 * SECOND, 0), DTLSLAB_STOP_QUIET);
    assert_int_equal(dtlslab_world_now(pair.world), 0);

    struct dtlslab_run_options options = {.until = 5 * SECOND, .pass_quiet = 1};
    assert_int_equal(dtlslab_world_run(pair.world, &options, &pair.stopped), DTLSLAB_OK);
    assert_int_equal(pair.stopped.why, DTLSLAB_STOP_UNTIL);
    assert_int_equal(pair.stopped.time, 5 * SECOND);

    /* Deadlines and arrivals at `until` itself still happen. */
    pair.server.answers = false;
    pair_connect(&pair);
    assert_int_equal(pair_run(&pair, 6 * SECOND, 0), DTLSLAB_STOP_UNTIL);
    assert_int_equal(pair.client.timeouts, 1);
    assert_int_equal(pair_run(&pair, 6 * SECOND + 10 * MS, 0), DTLSLAB_STOP_UNTIL);
    assert_int_equal(pair.server.received, 2);
    pair_close(&pair);
}

static void what_is_held_back_goes_after_the_next(void **state) {
    (void)state;
    struct pair pair;
    struct trick trick = {.from = 0, .times = 1, .fate = {.kind = DTLSLAB_HOLD}};
    open_with_trick(&pair, &trick);
    assert_int_equal(pair_run(&pair, 60 * SECOND, 1u << DTLSLAB_EVENT_CONNECTED), DTLSLAB_STOP_EVENT);
    assert_int_equal(pair.stopped.time, SECOND + 20 * MS);
    pair_log(&pair, text, sizeof text);
    assert_non_null(strstr(text, "0 changed 0 peer 1 #1 of #1 PING held back\n"));
    const char *second = strstr(text, "1010000000 delivered 1 peer 0 #2 PING\n");
    const char *first = strstr(text, "1010000000 delivered 1 peer 0 #1 PING\n");
    assert_non_null(second);
    assert_true(first > second);
    pair_close(&pair);
}

static void what_is_held_back_last_never_goes(void **state) {
    (void)state;
    struct pair pair;
    struct trick trick = {.from = 1, .times = 9, .fate = {.kind = DTLSLAB_HOLD, .reason = "kept"}};
    open_with_trick(&pair, &trick);
    assert_int_equal(pair_run(&pair, SECOND / 2, 0), DTLSLAB_STOP_UNTIL);
    pair_log(&pair, text, sizeof text);
    assert_int_equal(lines_with(text, "delivered"), 1);
    assert_non_null(strstr(text, "PONG kept\n"));
    pair_close(&pair); /* with one still held */
}

static void a_run_in_slices_goes_on_where_it_was(void **state) {
    (void)state;
    struct pair pair;
    pair_open(&pair, dtlslab_memory_carrier(), 1, 1, delay_10ms);
    pair.server.answers = false;
    pair_connect(&pair);
    struct dtlslab_run_options options = {
        .until = DTLSLAB_NO_DEADLINE, .max_datagrams = 30, .slice_ns = 1, .go_on = 0};
    uint32_t slices = 0;
    do {
        assert_int_equal(dtlslab_world_run(pair.world, &options, &pair.stopped), DTLSLAB_OK);
        options.go_on = 1;
        slices++;
    } while (pair.stopped.why == DTLSLAB_STOP_INTERRUPTED);
    assert_int_equal(pair.stopped.why, DTLSLAB_STOP_DATAGRAMS);
    assert_true(slices > 1);
    assert_int_equal(pair_log(&pair, text, sizeof text) > 0, 1);
    assert_int_equal(lines_with(text, "sent"), 31);
    pair_close(&pair);
}

static void a_deadline_that_does_not_move_is_a_stall(void **state) {
    (void)state;
    struct pair pair;
    pair_open(&pair, dtlslab_memory_carrier(), 1, 1, delay_10ms);
    pair.server.answers = false;
    pair.client.stuck = true;
    pair_connect(&pair);
    assert_int_equal(pair_run(&pair, 60 * SECOND, 0), DTLSLAB_STOP_STALLED);
    assert_int_equal(pair.stopped.node, 0);
    assert_int_equal(pair.stopped.time, SECOND);
    assert_int_equal(pair.client.timeouts, 2);
    pair_close(&pair);
}

static void a_deadline_in_the_past_means_now(void **state) {
    (void)state;
    struct pair pair;
    pair_open(&pair, dtlslab_memory_carrier(), 1, 1, delay_10ms);
    struct dtlslab_run_options options = {.until = 5 * SECOND, .pass_quiet = 1};
    assert_int_equal(dtlslab_world_run(pair.world, &options, &pair.stopped), DTLSLAB_OK);
    pair_connect(&pair);
    pair.client.deadline = 3 * SECOND;
    assert_int_equal(pair_run(&pair, 60 * SECOND, 1u << DTLSLAB_EVENT_TIMEOUT), DTLSLAB_STOP_EVENT);
    assert_int_equal(pair.stopped.time, 5 * SECOND);

    /* One that comes to now once and is then due for ever. */
    pair.client.crawls = true;
    pair.client.deadline = 3 * SECOND;
    dtlslab_world_close(pair.world, 1, 1);
    assert_int_equal(pair_run(&pair, 60 * SECOND, 1u << DTLSLAB_EVENT_CONNECTED), DTLSLAB_STOP_EVENT);
    pair_connect(&pair);
    pair.client.deadline = 3 * SECOND;
    pair.server.answers = false;
    assert_int_equal(pair_run(&pair, 60 * SECOND, 0), DTLSLAB_STOP_STALLED);
    pair_close(&pair);
}

static void echo_sends_back_and_tries_again_what_blocked(void **state) {
    (void)state;
    struct pair pair;
    pair_open(&pair, dtlslab_memory_carrier(), 1, 1, delay_10ms);
    dtlslab_world_set_echo(pair.world, 1, 1);
    uint64_t session = pair_connect(&pair);
    pair.server.blocked = 1;
    assert_int_equal(dtlslab_world_send(pair.world, 0, session, (const uint8_t *)"one", 3), DTLSLAB_OK);
    assert_int_equal(dtlslab_world_send(pair.world, 0, session, (const uint8_t *)"two", 3), DTLSLAB_OK);
    assert_int_equal(pair_run(&pair, SECOND / 2, 0), DTLSLAB_STOP_QUIET);
    pair_log(&pair, text, sizeof text);
    const char *one = strstr(text, "data-received 0 3 one");
    const char *two = strstr(text, "data-received 0 3 two");
    assert_non_null(one);
    assert_non_null(two);
    assert_true(one < two);
    assert_int_equal(lines_with(text, "data-sent"), 4);
    pair_close(&pair);
}

static void echo_that_never_gets_through_stays_bounded(void **state) {
    (void)state;
    struct pair pair;
    pair_open(&pair, dtlslab_memory_carrier(), 1, 1, delay_10ms);
    dtlslab_world_set_echo(pair.world, 1, 1);
    dtlslab_world_set_log(pair.world, 0, 0);
    pair.server.blocked = UINT32_MAX;
    uint8_t data[1800] = {0};
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(dtlslab_world_send(pair.world, 0, 2, data, sizeof data), DTLSLAB_OK);
        assert_int_equal(pair_run(&pair, DTLSLAB_NO_DEADLINE, 0), DTLSLAB_STOP_QUIET);
        if (pair.server.data.num > 0)
            break;
    }
    assert_int_equal(pair.server.data.num, 1); /* left inside the endpoint: a MiB is kept already */
    assert_in_range(pair.server.received, 1024 * 1024 / 1900, 1024 * 1024 / 1800);
    pair.server.blocked = 0;
    assert_int_equal(dtlslab_world_send(pair.world, 1, 1, data, 1), DTLSLAB_OK);
    assert_int_equal(pair.server.data.num, 1);
    pair_close(&pair);
}

static void runs_stop_for_data_and_for_events_by_count(void **state) {
    (void)state;
    struct pair pair;
    pair_open(&pair, dtlslab_memory_carrier(), 1, 1, delay_10ms);
    uint64_t session = pair_connect(&pair);
    assert_int_equal(dtlslab_world_send(pair.world, 0, session, (const uint8_t *)"x", 1), DTLSLAB_OK);
    struct dtlslab_run_options options = {.until = DTLSLAB_NO_DEADLINE, .stop_on_data = 1};
    assert_int_equal(dtlslab_world_run(pair.world, &options, &pair.stopped), DTLSLAB_OK);
    assert_int_equal(pair.stopped.why, DTLSLAB_STOP_DATA);
    assert_int_equal(pair.stopped.node, 1);
    assert_int_equal(pair.stopped.time, 10 * MS);

    pair_close(&pair);

    pair_open(&pair, dtlslab_memory_carrier(), 1, 1, delay_10ms);
    pair.server.answers = false;
    pair_connect(&pair);
    options = (struct dtlslab_run_options){
        .until = DTLSLAB_NO_DEADLINE, .stop_events = 1u << DTLSLAB_EVENT_TIMEOUT, .stop_count = 3};
    assert_int_equal(dtlslab_world_run(pair.world, &options, &pair.stopped), DTLSLAB_OK);
    assert_int_equal(pair.stopped.why, DTLSLAB_STOP_EVENT);
    assert_int_equal(pair.stopped.time, 7 * SECOND);
    pair_close(&pair);
}

/* Turns every answer into a question, so that the two never stop. */
static int32_t keep_asking(void *user, const struct dtlslab_passing *passing, struct dtlslab_fate *out_fate) {
    (void)user;
    if (memcmp(passing->bytes, "PONG", 4) == 0)
        *out_fate = (struct dtlslab_fate){.kind = DTLSLAB_CHANGE, .bytes = (const uint8_t *)"PING", .len = 4};
    return 0;
}

static void too_many_datagrams_end_the_run(void **state) {
    (void)state;
    struct pair pair;
    pair_open(&pair, dtlslab_memory_carrier(), 1, 1, delay_10ms);
    dtlslab_world_set_hook(pair.world, keep_asking, NULL);
    pair_connect(&pair);
    struct dtlslab_run_options options = {.until = DTLSLAB_NO_DEADLINE, .max_datagrams = 50};
    assert_int_equal(dtlslab_world_run(pair.world, &options, &pair.stopped), DTLSLAB_OK);
    assert_int_equal(pair.stopped.why, DTLSLAB_STOP_DATAGRAMS);
    assert_int_equal(pair.stopped.time, 500 * MS);
    pair_log(&pair, text, sizeof text);
    assert_int_equal(lines_with(text, "sent"), 51);
    pair_close(&pair);
}

static void an_endpoint_that_answers_a_negative_number_is_named(void **state) {
    (void)state;
    struct pair pair;
    pair_open(&pair, dtlslab_memory_carrier(), 1, 1, delay_10ms);
    pair.server.answer = DTLSLAB_FAILED;
    pair_connect(&pair);
    assert_int_equal(pair_run(&pair, SECOND, 0), DTLSLAB_STOP_ENDPOINT_FAILED);
    assert_int_equal(pair.stopped.node, 1);
    pair_close(&pair);
}

static void a_node_without_endpoint_swallows(void **state) {
    (void)state;
    const struct dtlslab_carrier_api *api = dtlslab_memory_carrier();
    struct pair pair = {.api = api};
    char message[DTLSLAB_MAX_TEXT];
    assert_int_equal(api->create(3, 1, 1, delay_10ms, 1, &pair.carrier, message), DTLSLAB_OK);
    pair.world = dtlslab_world_create(api, pair.carrier);
    assert_int_equal(dtlslab_world_inject(pair.world, 0, 2, (const uint8_t *)"x", 1), DTLSLAB_OK);
    assert_int_equal(dtlslab_world_inject(pair.world, 0, 3, (const uint8_t *)"x", 1), DTLSLAB_INVALID);
    assert_int_equal(dtlslab_world_mark(pair.world, "here"), DTLSLAB_OK);
    assert_int_equal(pair_run(&pair, SECOND, 0), DTLSLAB_STOP_QUIET);
    pair_log(&pair, text, sizeof text);
    assert_string_equal(text,
                        "0 injected 0 peer 2 #1 x\n0 marker 0 here\n10000000 delivered 2 peer 0 #1 x\n");
    uint64_t session;
    assert_int_equal(dtlslab_world_connect(pair.world, 0, 1, &session), DTLSLAB_INVALID);
    assert_int_equal(dtlslab_world_send(pair.world, 9, 1, (const uint8_t *)"x", 1), DTLSLAB_INVALID);
    pair_close(&pair);
}

static void the_log_keeps_lengths_without_bytes(void **state) {
    (void)state;
    struct pair pair;
    pair_open(&pair, dtlslab_memory_carrier(), 1, 1, delay_10ms);
    dtlslab_world_set_log(pair.world, 0, 0);
    pair_connect(&pair);
    assert_int_equal(pair_run(&pair, SECOND, 0), DTLSLAB_STOP_QUIET);
    struct dtlslab_log_entry entry;
    assert_int_equal(dtlslab_world_next_log(pair.world, &entry), DTLSLAB_OK);
    assert_int_equal(entry.kind, DTLSLAB_LOG_DATAGRAM_SENT);
    assert_null(entry.bytes);
    assert_int_equal(entry.len, 4);
    pair_close(&pair);
}

static void the_log_holds_more_than_a_chunk(void **state) {
    (void)state;
    struct pair pair;
    pair_open(&pair, dtlslab_memory_carrier(), 1, 1, NULL);
    static uint8_t large[DTLSLAB_MAX_DATAGRAM];
    for (uint32_t i = 0; i < 40; i++) {
        large[0] = (uint8_t)i;
        assert_int_equal(dtlslab_world_inject(pair.world, 0, 1, large, i % 2 == 0 ? sizeof large : 1),
                         DTLSLAB_OK);
    }
    struct dtlslab_log_entry entry;
    for (uint32_t i = 0; i < 40; i++) {
        assert_int_equal(dtlslab_world_next_log(pair.world, &entry), DTLSLAB_OK);
        assert_int_equal(entry.datagram, i + 1);
        assert_int_equal(entry.bytes[0], i);
        assert_int_equal(entry.len, i % 2 == 0 ? sizeof large : 1);
        if (i == 20) { /* what comes in while reading goes behind */
            assert_int_equal(dtlslab_world_mark(pair.world, "late"), DTLSLAB_OK);
        }
    }
    assert_int_equal(dtlslab_world_next_log(pair.world, &entry), DTLSLAB_OK);
    assert_string_equal(entry.text, "late");
    assert_int_equal(dtlslab_world_next_log(pair.world, &entry), DTLSLAB_NOTHING);
    assert_int_equal(dtlslab_world_next_log(pair.world, &entry), DTLSLAB_NOTHING);
    pair_close(&pair);
}

/* 2001-09-09 01:46:40 UTC */
#define CALENDAR 1000000000u

static void only_endpoints_with_clock_objects_see_virtual_time(void **state) {
    (void)state;
    struct pair pair;
    char message[DTLSLAB_MAX_TEXT] = "";
    const struct dtlslab_carrier_api *api = dtlslab_memory_carrier();
    assert_int_equal(dtlslab_clock_redirect(NULL, &ping_api, message), DTLSLAB_OK);
    const struct dtlslab_parameter delay[] = {{"delay", "3s"}};
    assert_int_equal(api->create(2, 1, 1, delay, 1, &pair.carrier, message), DTLSLAB_OK);
    pair.api = api;
    pair.world = dtlslab_world_create(api, pair.carrier);
    struct dtlslab_config config = {.size = sizeof config, .seed = 1, .calendar_seconds = CALENDAR};
    struct dtlslab_endpoint *made;
    assert_int_equal(dtlslab_world_make_endpoint(pair.world, &ping_api_virtual, &config, &made, message),
                     DTLSLAB_OK);
    assert_int_equal(dtlslab_world_place(pair.world, 1, &ping_api_virtual, made, 1, CALENDAR), DTLSLAB_OK);
    assert_int_equal(dtlslab_world_place(pair.world, 1, &ping_api, &pair.client, 1, CALENDAR),
                     DTLSLAB_INVALID);
    ping_init(&pair.client);
    assert_int_equal(dtlslab_world_place(pair.world, 0, &ping_api, &pair.client, 1, CALENDAR), DTLSLAB_OK);
    pair_connect(&pair);
    assert_int_equal(pair_run(&pair, 7 * SECOND, 1u << DTLSLAB_EVENT_CONNECTED), DTLSLAB_STOP_EVENT);
    assert_int_equal(made->seen_wall, CALENDAR + 4); /* the second PING left at 1 s and took 3 s */
    assert_true(pair.client.seen_wall > CALENDAR + 500000000u);
    pair_close(&pair);
    ping_api.destroy(made);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handshake_is_logged_in_the_order_in_which_it_happens),
        cmocka_unit_test(three_drops_delay_by_seven_seconds),
        cmocka_unit_test(altered_bytes_go_out_under_an_id_of_their_own),
        cmocka_unit_test(copies_and_delays_are_told_apart),
        cmocka_unit_test(a_failing_hook_ends_the_run),
        cmocka_unit_test(a_hook_may_act_but_not_run),
        cmocka_unit_test(quiet_and_until_are_different_ends),
        cmocka_unit_test(what_is_held_back_goes_after_the_next),
        cmocka_unit_test(what_is_held_back_last_never_goes),
        cmocka_unit_test(a_run_in_slices_goes_on_where_it_was),
        cmocka_unit_test(a_deadline_that_does_not_move_is_a_stall),
        cmocka_unit_test(a_deadline_in_the_past_means_now),
        cmocka_unit_test(echo_sends_back_and_tries_again_what_blocked),
        cmocka_unit_test(echo_that_never_gets_through_stays_bounded),
        cmocka_unit_test(runs_stop_for_data_and_for_events_by_count),
        cmocka_unit_test(too_many_datagrams_end_the_run),
        cmocka_unit_test(an_endpoint_that_answers_a_negative_number_is_named),
        cmocka_unit_test(a_node_without_endpoint_swallows),
        cmocka_unit_test(the_log_keeps_lengths_without_bytes),
        cmocka_unit_test(the_log_holds_more_than_a_chunk),
        cmocka_unit_test(only_endpoints_with_clock_objects_see_virtual_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
