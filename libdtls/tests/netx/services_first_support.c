/* SPDX-License-Identifier: MIT */
#define NX_HOST_DTLS_CONNECT_NOTIFY_FIRST
#include "services_first.h"

UINT num_verify_requests;
UCHAR hello[1536];
ULONG hello_len;

UINT first_program_starts(NX_SECURE_DTLS_SERVER *of) {
    return nx_secure_dtls_server_start(of);
}

void first_make(UINT slots) {
    num_verify_requests = 0;
    hello_len = 0;
    make_both(slots);
    CHECK_CODE(nx_host_dtls_server_connect_notify_first_set(&server.control, NX_TRUE), NX_SUCCESS);
    server_listen(&server);
}

static starter *begun;

static VOID start(ULONG input) {
    (void)input;
    starter *own = begun;
    UINT answer = nx_secure_dtls_server_session_start(own->session, own->wait);
    own->at = netx_test_ticks();
    own->answer = answer;
}

void first_start(starter *out, NX_SECURE_DTLS_SESSION *session, ULONG wait) {
    *out = (starter){.session = session, .wait = wait, .answer = STILL_WAITING};
    begun = out;
    out->thread = netx_test_thread(NETX_TEST_PRIORITY - 1, start, 0);
}

bool lose_verify_requests(UCHAR *bytes, ULONG *len) {
    return !count_verify_requests(bytes, len) ||
           find_message(bytes, *len, NX_SECURE_TLS_HELLO_VERIFY_REQUEST) == NULL;
}

bool count_verify_requests(UCHAR *bytes, ULONG *len) {
    if (find_message(bytes, *len, NX_SECURE_TLS_HELLO_VERIFY_REQUEST) != NULL)
        num_verify_requests++;
    return true;
}

static bool keep(UCHAR *bytes, ULONG *len) {
    CHECK(*len <= sizeof hello);
    memcpy(hello, bytes, *len);
    hello_len = *len;
    return false;
}

void first_catch_hello(void) {
    edit_arrivals(server_ip, keep);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    tx_thread_sleep(1);
    CHECK(hello_len > 0 && server.num_arrivals == 0);
    edit_arrivals(server_ip, NULL);
    CHECK_CODE(nx_secure_dtls_session_reset(&client.session), NX_SUCCESS);
}
