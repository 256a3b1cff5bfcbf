/* SPDX-License-Identifier: MIT
 *
 * Application data: what a record holds, where it stands in its packet, what a datagram holds, and the last
 * of it before the end.
 */
#include "netx/secure/session.h"
#include "services_both.h"

/* AES-128-GCM: header and explicit nonce in front, tag behind. */
enum { IN_FRONT = 13 + 8, BEHIND = 16, MAX_DATA = 16384 };

static UCHAR pattern[MAX_DATA + 1];

/* From the client, with so much room in front. */
static NX_PACKET *packet_of(NX_PACKET_POOL *pool, ULONG in_front, ULONG len) {
    NX_PACKET *packet;
    CHECK_CODE(nx_packet_allocate(pool, &packet, in_front, NX_NO_WAIT), NX_SUCCESS);
    for (ULONG i = 0; i < len; i++)
        pattern[i] = (UCHAR)(i * 7 + len);
    if (len > 0)
        CHECK_CODE(nx_packet_data_append(packet, pattern, len, pool, NX_NO_WAIT), NX_SUCCESS);
    return packet;
}

static UINT send_packet(NX_PACKET *packet) {
    return nx_secure_dtls_client_session_send(&client.session, packet);
}

/* Checks that the next data is what `packet_of` made. */
static void expect_pattern(ULONG len) {
    static UCHAR got[MAX_DATA];
    NX_PACKET *packet;
    ULONG copied;
    CHECK_CODE(nx_secure_dtls_session_receive(first_slot(&server), &packet, 1), NX_SUCCESS);
    CHECK(packet->nx_packet_length == len);
    CHECK_CODE(nx_packet_data_retrieve(packet, got, &copied), NX_SUCCESS);
    for (ULONG i = 0; i < len; i++)
        CHECK(got[i] == (UCHAR)(i * 7 + len));
    nx_packet_release(packet);
}

static void expect_nothing(NX_SECURE_DTLS_SESSION *session) {
    NX_PACKET *packet;
    CHECK_CODE(nx_secure_dtls_session_receive(session, &packet, 1), NX_NO_PACKET);
}

/* --- Sizes and places. --- */

SERVICES_TEST(a_record_holds_up_to_its_most) {
    static const ULONG lengths[] = {1, 2, 1200, 4000, MAX_DATA - 1, MAX_DATA};
    world_make_with(20000, 20000);
    connected_pair(&server, &client);
    NX_PACKET_POOL *pool = client_ip->nx_ip_default_packet_pool;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        CHECK_CODE(send_packet(packet_of(pool, NX_UDP_PACKET, lengths[i])), NX_SUCCESS);
        expect_pattern(lengths[i]);
    }
    NX_PACKET *packet = packet_of(pool, NX_UDP_PACKET, MAX_DATA + 1);
    CHECK_CODE(send_packet(packet), NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL);
    CHECK(packet->nx_packet_length == MAX_DATA + 1);
    nx_packet_release(packet);
    finish();
}

/* It is sent, and a receiver is not told of it (RFC 5246 section 6.2.1 allows them). */
SERVICES_TEST(a_packet_without_data_is_an_empty_record) {
    connected_pair(&server, &client);
    NX_PACKET_POOL *pool = client_ip->nx_ip_default_packet_pool;
    ULONG sent = client_ip->nx_ip_udp_packets_sent;
    CHECK_CODE(send_packet(packet_of(pool, NX_UDP_PACKET, 0)), NX_SUCCESS);
    CHECK_CODE(send_packet(packet_of(pool, 0, 0)), NX_SUCCESS);
    expect_nothing(first_slot(&server));
    CHECK(client_ip->nx_ip_udp_packets_sent == sent + 2 && server.num_received == 0);
    CHECK_CODE(send_packet(packet_of(pool, NX_UDP_PACKET, 3)), NX_SUCCESS);
    expect_pattern(3);
    CHECK(server.num_received == 1);
    finish();
}

SERVICES_TEST(data_may_stand_anywhere_in_a_packet_of_any_pool) {
    connected_pair(&server, &client);
    NX_PACKET_POOL *own = client_ip->nx_ip_default_packet_pool;
    NX_PACKET_POOL *foreign = netx_test_pool(2, 512);
    const ULONG payload = own->nx_packet_pool_payload_size;
    const ULONG most = payload - IN_FRONT - BEHIND;
    const struct {
        NX_PACKET_POOL *pool;
        ULONG in_front, len;
        UINT expected;
    } rows[] = {
        {own, 0, 100, NX_SUCCESS},
        {own, IN_FRONT + 3, 100, NX_SUCCESS}, /* 24 */
        {own, 20, 100, NX_SUCCESS},
        {own, payload - 100, 100, NX_SUCCESS},
        {own, payload - 100 - BEHIND, 100, NX_SUCCESS},
        {own, 0, most, NX_SUCCESS},
        {own, IN_FRONT + BEHIND - 1, most, NX_SUCCESS}, /* to its last byte */
        {own, 0, most + 1, NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL},
        {own, 0, payload, NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL},
        {foreign, NX_UDP_PACKET, 100, NX_SUCCESS},
        {foreign, 0, 512 - IN_FRONT - BEHIND, NX_SUCCESS},
        {foreign, 0, 512 - IN_FRONT - BEHIND + 1, NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL},
        {foreign, 0, 600, NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL}, /* a chain */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        NX_PACKET *packet = packet_of(rows[i].pool, rows[i].in_front, rows[i].len);
        CHECK_CODE(send_packet(packet), rows[i].expected);
        if (rows[i].expected == NX_SUCCESS)
            expect_pattern(rows[i].len);
        else
            CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    }
    finish();
}

SERVICES_TEST(the_number_of_records_that_programs_see_has_two_words) {
    connected_pair(&server, &client);
    ULONG *number = client.session.nx_secure_dtls_tls_session.nx_secure_tls_local_sequence_number;
    NX_PACKET_POOL *pool = client_ip->nx_ip_default_packet_pool;
    CHECK(number[0] == 0 && number[1] == 0);
    CHECK_CODE(send_packet(packet_of(pool, NX_UDP_PACKET, 1)), NX_SUCCESS);
    CHECK(number[0] == 1 && number[1] == 0);
    number[0] = 0xFFFFFFFFu;
    CHECK_CODE(send_packet(packet_of(pool, NX_UDP_PACKET, 1)), NX_SUCCESS);
    CHECK(number[0] == 0 && number[1] == 1);
    finish();
}

/* --- Datagrams of several records, and in several packets. --- */

/* Keeps what comes to the server until there are so many datagrams, and makes one of them. */
static UCHAR gathered[1400];
static ULONG gathered_len;
static UINT num_to_gather;

static bool gather(UCHAR *bytes, ULONG *len) {
    CHECK(gathered_len + *len <= sizeof gathered);
    memcpy(gathered + gathered_len, bytes, *len);
    gathered_len += *len;
    if (num_to_gather == 0 || --num_to_gather > 0)
        return false;
    memcpy(bytes, gathered, gathered_len);
    *len = gathered_len;
    return true;
}

static void send_gathered(const ULONG *lengths, UINT num) {
    gathered_len = 0;
    num_to_gather = num;
    edit_arrivals(server_ip, gather);
    for (UINT i = 0; i < num; i++) {
        CHECK_CODE(send_packet(packet_of(client_ip->nx_ip_default_packet_pool, NX_UDP_PACKET, lengths[i])),
                   NX_SUCCESS);
        tx_thread_sleep(1);
    }
    edit_arrivals(server_ip, NULL);
}

SERVICES_TEST(all_records_of_a_datagram_are_received) {
    static const ULONG shapes[][3] = {{1, 2, 3}, {0, 5, 6}, {7, 0, 8}, {9, 10, 0}, {0, 0, 0}};
    static const ULONG many[20] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
    connected_pair(&server, &client);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        server.num_received = 0;
        send_gathered(shapes[i], 3);
        CHECK(server.num_received == (i < 4));
        for (UINT j = 0; j < 3; j++) {
            if (shapes[i][j] > 0)
                expect_pattern(shapes[i][j]);
        }
        expect_nothing(first_slot(&server));
    }
    for (UINT num = 7; num <= 20; num++) {
        send_gathered(many, num);
        for (UINT i = 0; i < num; i++)
            expect_pattern(many[i]);
        expect_nothing(first_slot(&server));
    }
    finish();
}

static NX_PACKET *taken;
static UINT num_left;

static bool gather_and_empty(UCHAR *bytes, ULONG *len) {
    NX_PACKET_POOL *pool = server_ip->nx_ip_default_packet_pool;
    bool whole = num_to_gather == 1;
    while (whole && pool->nx_packet_pool_available > num_left) {
        NX_PACKET *packet;
        CHECK_CODE(nx_packet_allocate(pool, &packet, 0, NX_NO_WAIT), NX_SUCCESS);
        packet->nx_packet_queue_next = taken;
        taken = packet;
    }
    return gather(bytes, len);
}

static void give_back(void) {
    while (taken != NULL) {
        NX_PACKET *packet = taken;
        taken = packet->nx_packet_queue_next;
        CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    }
}

/* The last stays in the packet that it came in; the others are lost like datagrams. */
SERVICES_TEST(records_for_which_there_is_no_packet_are_lost) {
    static const ULONG three[] = {1, 2, 3};
    connected_pair(&server, &client);
    gathered_len = 0;
    num_to_gather = 3;
    num_left = 0;
    edit_arrivals(server_ip, gather_and_empty);
    for (UINT i = 0; i < 3; i++) {
        CHECK_CODE(send_packet(packet_of(client_ip->nx_ip_default_packet_pool, NX_UDP_PACKET, three[i])),
                   NX_SUCCESS);
        tx_thread_sleep(1);
    }
    expect_pattern(3);
    expect_nothing(first_slot(&server));
    give_back();
    edit_arrivals(server_ip, NULL);
    send_gathered(three, 1);
    expect_pattern(1);
    finish();
}

SERVICES_TEST(a_chained_datagram_needs_room_in_the_reassembly_buffer_and_packets) {
    world_make_with(192, 20000);
    connected_pair(&server, &client);
    NX_PACKET_POOL *pool = client_ip->nx_ip_default_packet_pool;
    const ULONG most = REASSEMBLY_SIZE - IN_FRONT - BEHIND;
    static const ULONG lengths[] = {91, 92, 1000, 3000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        CHECK_CODE(send_packet(packet_of(pool, NX_UDP_PACKET, lengths[i])), NX_SUCCESS);
        expect_pattern(lengths[i]);
    }
    CHECK_CODE(send_packet(packet_of(pool, NX_UDP_PACKET, most)), NX_SUCCESS);
    expect_pattern(most);
    CHECK_CODE(send_packet(packet_of(pool, NX_UDP_PACKET, most + 1)), NX_SUCCESS);
    expect_nothing(first_slot(&server));
    /* One packet for the plaintext, which wants four. */
    num_to_gather = 0;
    gathered_len = 0;
    for (num_left = 0; num_left <= 1; num_left++) {
        NX_PACKET *packet;
        NX_PACKET_POOL *of_server = server_ip->nx_ip_default_packet_pool;
        const UINT for_arrival = 6;
        while (of_server->nx_packet_pool_available > for_arrival + num_left) {
            CHECK_CODE(nx_packet_allocate(of_server, &packet, 0, NX_NO_WAIT), NX_SUCCESS);
            packet->nx_packet_queue_next = taken;
            taken = packet;
        }
        CHECK_CODE(send_packet(packet_of(pool, NX_UDP_PACKET, 1000)), NX_SUCCESS);
        expect_nothing(first_slot(&server));
        CHECK(of_server->nx_packet_pool_available == for_arrival + num_left);
        give_back();
    }
    CHECK_CODE(send_packet(packet_of(pool, NX_UDP_PACKET, 1000)), NX_SUCCESS);
    expect_pattern(1000);
    finish();
}

#define MOST_QUEUED 64

SERVICES_TEST(so_many_records_wait_and_no_more) {
    world_make();
    server_ip = netx_test_ip_with(IP_ADDRESS(1, 2, 3, 9), netx_test_pool(100, 1536));
    server_address.nxd_ip_address.v4 = IP_ADDRESS(1, 2, 3, 9);
    connected_pair(&server, &client);
    for (ULONG i = 1; i <= MOST_QUEUED + 3; i++) {
        CHECK_CODE(send_packet(packet_of(client_ip->nx_ip_default_packet_pool, NX_UDP_PACKET, i)),
                   NX_SUCCESS);
        tx_thread_sleep(1);
    }
    CHECK(server.num_received == MOST_QUEUED);
    for (ULONG i = 1; i <= MOST_QUEUED; i++)
        expect_pattern(i);
    expect_nothing(first_slot(&server));
    finish();
}

/* --- The last data. --- */

static UINT receive_from(NX_SECURE_DTLS_SESSION *session) {
    NX_PACKET *packet;
    UINT code = nx_secure_dtls_session_receive(session, &packet, NX_WAIT_FOREVER);
    CHECK((code == NX_SUCCESS) == (packet != NX_NULL));
    return code;
}

SERVICES_TEST(what_came_before_the_end_is_received_after_it) {
    connected_pair(&server, &client);
    NX_SECURE_DTLS_SESSION *slot = first_slot(&server);
    for (ULONG i = 1; i <= 3; i++)
        CHECK_CODE(send_packet(packet_of(client_ip->nx_ip_default_packet_pool, NX_UDP_PACKET, i)),
                   NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, NX_NO_WAIT), NX_SUCCESS);
    tx_thread_sleep(10);
    CHECK(server.num_disconnected == 1);
    for (ULONG i = 1; i <= 3; i++)
        expect_pattern(i);
    for (UINT i = 0; i < 3; i++)
        CHECK_CODE(receive_from(slot), NX_SECURE_TLS_CLOSE_NOTIFY_RECEIVED);
    CHECK_CODE(nx_secure_dtls_session_end(slot, NX_WAIT_FOREVER), NX_SUCCESS);
    /* The other way round: a client looks at its socket only when it is asked to. */
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    for (UINT i = 0; i < 3; i++)
        CHECK_CODE(nx_secure_dtls_server_session_send(slot, packet_with(slot, server_ip, "last")),
                   NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_end(slot, NX_NO_WAIT), NX_SUCCESS);
    tx_thread_sleep(10);
    for (UINT i = 0; i < 3; i++)
        expect_data(&client.session, "last");
    CHECK_CODE(receive_from(&client.session), NX_SECURE_TLS_CLOSE_NOTIFY_RECEIVED);
    CHECK_CODE(receive_from(&client.session), NX_SECURE_TLS_CLOSE_NOTIFY_RECEIVED);
    finish();
}

static UCHAR late[256];
static ULONG late_len;

static bool keep_first(UCHAR *bytes, ULONG *len) {
    if (late_len > 0)
        return true;
    memcpy(late, bytes, *len);
    late_len = *len;
    return false;
}

/* RFC 5246 section 7.2.1: any data received after a closure alert is ignored. */
SERVICES_TEST(what_comes_after_the_end_is_ignored) {
    connected_pair(&server, &client);
    NX_SECURE_DTLS_SESSION *slot = first_slot(&server);
    late_len = 0;
    edit_arrivals(server_ip, keep_first);
    CHECK_CODE(send_packet(packet_of(client_ip->nx_ip_default_packet_pool, NX_UDP_PACKET, 5)), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, NX_NO_WAIT), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK(server.num_disconnected == 1);
    send_raw(&client.socket, server_address, SERVER_PORT, late, late_len);
    tx_thread_sleep(1);
    CHECK(server.num_received == 0);
    CHECK_CODE(receive_from(slot), NX_SECURE_TLS_CLOSE_NOTIFY_RECEIVED);
    CHECK(server.num_disconnected == 1);
    finish();
}

SERVICES_TEST(what_comes_after_a_fatal_alert_is_ignored) {
    connected_pair(&server, &client);
    late_len = 0;
    edit_arrivals(server_ip, keep_first);
    CHECK_CODE(send_packet(packet_of(client_ip->nx_ip_default_packet_pool, NX_UDP_PACKET, 5)), NX_SUCCESS);
    dtls_abort(netx_session_of(&client.session)->connection, netx_session_now(&client.session),
               DTLS_ALERT_INTERNAL_ERROR);
    netx_engine_flush(&client.session);
    tx_thread_sleep(1);
    CHECK(server.num_disconnected == 1);
    send_raw(&client.socket, server_address, SERVER_PORT, late, late_len);
    tx_thread_sleep(1);
    CHECK(server.num_received == 0 && server.num_disconnected == 1);
    CHECK_CODE(receive_from(first_slot(&server)), NX_SECURE_TLS_ALERT_RECEIVED);
    finish();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_holds_up_to_its_most),
        cmocka_unit_test(a_packet_without_data_is_an_empty_record),
        cmocka_unit_test(data_may_stand_anywhere_in_a_packet_of_any_pool),
        cmocka_unit_test(the_number_of_records_that_programs_see_has_two_words),
        cmocka_unit_test(all_records_of_a_datagram_are_received),
        cmocka_unit_test(records_for_which_there_is_no_packet_are_lost),
        cmocka_unit_test(a_chained_datagram_needs_room_in_the_reassembly_buffer_and_packets),
        cmocka_unit_test(so_many_records_wait_and_no_more),
        cmocka_unit_test(what_came_before_the_end_is_received_after_it),
        cmocka_unit_test(what_comes_after_the_end_is_ignored),
        cmocka_unit_test(what_comes_after_a_fatal_alert_is_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
