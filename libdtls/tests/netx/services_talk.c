/* SPDX-License-Identifier: MIT
 *
 * What goes well: a handshake, data both ways, the end; and what one who watches sees of it.
 */
#include "services_both.h"

static void talk(void) {
    connected_pair(&server, &client);
    NX_SECURE_DTLS_SESSION *slot = first_slot(&server);
    NX_PACKET *packet = packet_with(&client.session, client_ip, "hello");
    CHECK_CODE(nx_secure_dtls_client_session_send(&client.session, packet), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK(server.num_received == 1);
    expect_data(slot, "hello");
    packet = packet_with(slot, server_ip, "welcome");
    CHECK_CODE(nx_secure_dtls_server_session_send(slot, packet), NX_SUCCESS);
    expect_data(&client.session, "welcome");
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, NX_NO_WAIT), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK(server.num_disconnected == 1);
    CHECK_CODE(nx_secure_dtls_session_end(slot, NX_NO_WAIT), NX_SUCCESS);
    finish();
}

static void data_goes_both_ways(void **state) {
    (void)state;
    netx_test_run(talk);
}

/* --- An observer of the kernel. --- */

static char seen[512]; /* a letter for the session, one for what it was */

static void note(const NX_SECURE_DTLS_SESSION *session, char what) {
    size_t len = strlen(seen);
    CHECK(len + 4 < sizeof seen);
    seen[len] = session == &client.session ? 'c' : 's';
    seen[len + 1] = what;
    seen[len + 2] = ' ';
}

static VOID note_begun(VOID *context, NX_SECURE_DTLS_SESSION *session) {
    CHECK(context == &client);
    note(session, 'b');
}

static VOID note_event(VOID *context, NX_SECURE_DTLS_SESSION *session, const dtls_event *event,
                       UINT expired) {
    (void)context;
    if (event->kind == DTLS_EVENT_CONNECTED)
        note(session, 'C');
    if (event->kind == DTLS_EVENT_PEER_CLOSED)
        note(session, 'P');
    if (event->kind == DTLS_EVENT_RETRANSMITTED && expired)
        note(session, 'R');
}

static VOID note_received(VOID *context, NX_SECURE_DTLS_SESSION *session, const UCHAR *data, size_t len) {
    (void)context;
    CHECK((len == 5 && memcmp(data, "hello", 5) == 0) || (len == 7 && memcmp(data, "welcome", 7) == 0));
    note(session, len == 5 ? 'h' : 'w');
}

static VOID note_over(VOID *context, NX_SECURE_DTLS_SESSION *session) {
    (void)context;
    CHECK(nx_host_dtls_connection(session) != NULL);
    note(session, 'o');
}

static void begin_to_observe(void) {
    static const nx_host_dtls_observer observer = {.context = &client,
                                                   .begun = note_begun,
                                                   .event = note_event,
                                                   .received = note_received,
                                                   .over = note_over};
    memset(seen, 0, sizeof seen);
    nx_host_dtls_observer_set(&observer);
}

static void talk_observed(void) {
    begin_to_observe();
    talk();
    CHECK(strcmp(seen, "cb sb sC cC sh cw sP cP co so ") == 0);
}

static void an_observer_sees_every_session_of_the_kernel(void **state) {
    (void)state;
    netx_test_run(talk_observed);
}

/* Nobody is there; one flight is repeated, then the client gives up. */
static void give_up(void) {
    begin_to_observe();
    world_make();
    client_make(&client);
    CHECK_CODE(client_connect(&client, SECONDS(2)), NX_NOT_CONNECTED);
    CHECK(strcmp(seen, "cb cR co ") == 0);
    nx_host_dtls_observer_set(NULL);
    CHECK_CODE(client_connect(&client, SECONDS(2)), NX_NOT_CONNECTED);
    CHECK(strcmp(seen, "cb cR co ") == 0);
    client_end(&client);
}

static void an_observer_sees_a_handshake_given_up(void **state) {
    (void)state;
    netx_test_run(give_up);
}

/* A program that is to be unloaded. */
static void released_when_all_is_over(void **state) {
    (void)state;
    netx_test_run(talk);
    nx_host_dtls_release();
    nx_host_dtls_release();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_goes_both_ways),
        cmocka_unit_test(an_observer_sees_every_session_of_the_kernel),
        cmocka_unit_test(an_observer_sees_a_handshake_given_up),
        cmocka_unit_test(released_when_all_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
