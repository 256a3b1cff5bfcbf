/* SPDX-License-Identifier: MIT
 *
 * A client and a server over a network in memory, in virtual time. The network
 * does to each datagram what a script says; an application at each end answers
 * questions, collects what happened and echoes nothing by itself.
 */
#ifndef DTLS_TESTS_CONNECTION_PAIR_H
#define DTLS_TESTS_CONNECTION_PAIR_H

#include "support/check.h"

#include "dtls/cookie.h"
#include "dtls/dtls.h"
#include "dtls/libcrypto.h"
#include "support/authority.h"

#define MS     UINT64_C(1000000)
#define SECOND (1000 * MS)

/* One way through the network, and how much later a delayed datagram comes: later than any that was sent at
 * the same time. */
#define ONE_WAY (10 * MS)
#define DELAYED (15 * MS)

/* Identities shared by all tests of a program; made by `credentials_make`. */
struct credentials {
    struct test_identity authority;
    struct test_identity server_ecdsa;
    struct test_identity server_rsa;
    struct test_identity client;
    dtls_trust_anchors *anchors;
    dtls_span chains[3][2]; /* server ECDSA, server RSA, client: leaf and authority */
    dtls_credential server[2];
    dtls_credential client_credential;
};

extern struct credentials credentials;
int credentials_make(void **state);
int credentials_free(void **state);

enum fate { DELIVER = 0, DROP, DUPLICATE, DELAY };

#define MAX_DATAGRAM 1500
#define MAX_FLYING   256
#define MAX_SCRIPT   64

struct flying {
    uint64_t arrival;
    uint64_t order;
    int to;
    size_t len;
    uint8_t bytes[MAX_DATAGRAM];
};

/* What an application does when it is asked. */
enum answer { ANSWER_AT_ONCE = 0, ANSWER_LATER, ANSWER_REFUSING, ANSWER_NEVER };

struct end {
    dtls_config config;
    dtls_span id; /* its connection ID */
    dtls_connection *connection;
    uint8_t *session_memory; /* with canaries around it */
    size_t session_len;
    uint8_t *handshake_memory;
    size_t handshake_len;
    enum answer answer;
    dtls_event question; /* the one that is open; kind 0: none */
    uint8_t question_bytes[256];
    dtls_certificate_type judged_type; /* of the last certificate that was put before the application, … */
    uint8_t judged_leaf[1024];
    size_t judged_leaf_len;
    uint8_t judged_status[256]; /* … and its OCSP response */
    size_t judged_status_len;
    dtls_error verdict; /* that it gets; DTLS_OK: by `answer` */
    uint64_t answer_at;
    bool connected;
    bool failed;
    bool peer_closed;
    unsigned num_retransmitted;
    unsigned num_alerts_sent;
    dtls_event last_alert_sent;
    dtls_event last_alert_received;
    unsigned num_questions;
    unsigned num_moved; /* how often the peer's path has changed, and to which */
    uint64_t moved_to;
    char key_log[256];
    uint8_t received[4096];
    size_t received_len;
    unsigned num_sent; /* datagrams */
};

enum { CLIENT_END = 0, SERVER_END = 1 };

struct pair {
    struct end ends[2]; /* by dtls_role */
    dtls_time now;
    enum fate script[MAX_SCRIPT]; /* by the number of the datagram, both directions counted together */
    unsigned num_datagrams;
    struct flying flying[MAX_FLYING];
    size_t num_flying;
    uint64_t order;
    bool cookies;
    bool server_open;
    dtls_cookie_secret secret;
    uint8_t psk[16];
    size_t psk_len;
    /* What the client offers, if anything, and what the server has in its cache. */
    uint8_t offered[DTLS_SESSION_STATE_SIZE];
    size_t offered_len;
    uint8_t cached[DTLS_SESSION_STATE_SIZE];
    size_t cached_len;
    unsigned num_looked_up;
    /* May look at or change each datagram when it is sent; false: it is lost. */
    bool (*hook)(struct pair *pair, int from, uint8_t *bytes, size_t *len);
    void *hook_state;
};

/* Configurations with certificates (`suites` may be NULL: the default ones), and with PSK. They can be
 * changed before `pair_open`. */
void pair_init_certificates(struct pair *pair);
void pair_init_psk(struct pair *pair);

/* Opens both connections, with memory of exactly the sizes told; starts the client, with the session that it
 * offers; or does both. */
void pair_open_ends(struct pair *pair);
void pair_begin(struct pair *pair);
void pair_open(struct pair *pair);
void pair_free(struct pair *pair);

/* Lets time pass until nothing is under way and both ends know how it ended, or until `until`. */
void pair_run(struct pair *pair, uint64_t until);

/* Polls everything that one end has to say, at the present time; false if that was nothing. */
bool pair_pump_end(struct pair *pair, int which);

/* Polls everything that both ends have to say, at the present time. */
void pair_pump(struct pair *pair);

/* Gives a datagram to an end at the present time. */
void pair_deliver(struct pair *pair, int to, const uint8_t *bytes, size_t len);

/* Sends data from one end, and checks that the other has got it. */
void pair_check_data(struct pair *pair);

/* Both are connected, agree on everything, and data passes both ways. */
void pair_check_connected(struct pair *pair);

/* The canaries around all memory are whole. */
void pair_check_canaries(const struct pair *pair);

#endif
