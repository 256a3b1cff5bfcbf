/* SPDX-License-Identifier: MIT
 *
 * What is behind the control blocks of NetX Secure DTLS: a session is a
 * libdtls connection in the program's memory, with the queues and the waiting
 * thread that NetX has around it.
 *
 * All of it belongs to the running thread (threadx/kernel.h). Calls that may
 * give the processor away (waiting, sending, releasing packets, callbacks) are
 * made only where a session is in a state that others may see; whoever comes
 * back from one looks at `generation` before touching the connection again.
 */
#ifndef NETX_SESSION_H
#define NETX_SESSION_H

#include <stddef.h>

#include "dtls/checked_config.h"
#include "dtls/cookie.h"
#include "dtls/libcrypto.h"
#include "netx/net/net.h"
#include "nx_secure_dtls_api.h"
#include "nx_secure_host.h"

#define SESSION_ID 0x44544C53u
#define SERVER_ID  0x44545352u

#define MAX_CREDENTIALS   4
#define MAX_GROUPS        8
#define POLICY_MAX_SUITES (NX_HOST_MAX_SUITES + 1)
#define MAX_PARKED                                                                                           \
    4 /* datagrams that come between connect_notify and nx_secure_dtls_server_session_start                  \
       */
#define MAX_QUEUED                                                                                           \
    64 /* records that wait for nx_secure_dtls_session_receive; more are lost like datagrams                 \
        */

#define HELLO_RANDOM_LEN 32

/* Of what libdtls is given. */
#define MEMORY_ALIGNMENT _Alignof(max_align_t)

typedef struct psk_entry {
    USHORT key_len;
    USHORT identity_len;
    USHORT hint_len;
    UCHAR key[NX_SECURE_TLS_MAX_PSK_SIZE];
    UCHAR identity[NX_SECURE_TLS_MAX_PSK_ID_SIZE];
    UCHAR hint[NX_SECURE_TLS_MAX_PSK_ID_SIZE];
} psk_entry;

typedef struct psk_store {
    psk_entry entries[NX_SECURE_TLS_MAX_PSK_KEYS];
    UINT num;
    UINT forced; /* 1 + the entry of nx_secure_tls_client_psk_set */
} psk_store;

/* What libdtls is told of a store, for all handshakes that begin before that changes. */
typedef struct prepared_certificates {
    ULONG64 edition; /* never one that was */
    UINT num_users;  /* the store, and sessions with a connection */
    UINT num_credentials;
    dtls_credential credentials[MAX_CREDENTIALS];
    dtls_span chains[MAX_CREDENTIALS][DTLS_MAX_CHAIN];
    dtls_private_key *keys[MAX_CREDENTIALS];
    dtls_trust_anchors *anchors;
    UCHAR *der;
} prepared_certificates;

/* Certificates by the ids that the program gave. */
typedef struct certificate_store {
    NX_SECURE_X509_CERT *local;
    NX_SECURE_X509_CERT *trusted;
    bool changed;                    /* since the rest was made */
    prepared_certificates *prepared; /* NULL: not yet */
} certificate_store;

/* What a session or a server is made with. */
typedef struct session_policy {
    const NX_SECURE_TLS_CRYPTO *crypto_table;
    USHORT version;                           /* 0: DTLS 1.2 */
    const dtls_group *groups[MAX_GROUPS + 1]; /* the first NULL: all */
} session_policy;

/* Who is told of events (nx_secure_host.h). */
typedef struct session_watch {
    nx_host_dtls_watch watch; /* NULL: nobody */
    VOID *context;
} session_watch;

typedef struct packet_queue {
    packet_list packets;
    UINT num;
} packet_queue;

typedef enum session_state {
    SESSION_IDLE = 0,     /* no peer */
    SESSION_STRANGER = 1, /* a server's that tells first: the client has not shown a cookie */
    SESSION_PARKED = 2,   /* a server's, between connect_notify and its start */
    SESSION_HANDSHAKE = 3,
    SESSION_ESTABLISHED = 4, /* perhaps closed: `closed` */
    SESSION_FAILED = 5       /* `ending` says why; until the reset */
} session_state;

/* What records of application data take in front of their plaintext and behind it, and the most that they
 * hold, bytes. */
typedef struct record_room {
    size_t headroom;
    size_t tailroom;
    size_t most;
} record_room;

/* What a configuration points to, its session's own: the program may change the policy during a handshake. */
typedef struct config_lists {
    const dtls_protocol *protocols[3];
    const dtls_cipher_suite *suites[POLICY_MAX_SUITES];
    const dtls_group *groups[MAX_GROUPS + 1];
} config_lists;

/* Behind NX_SECURE_DTLS_SESSION. */
typedef struct secure_session {
    session_state state;
    ULONG64 generation; /* another after every reset, never one that was */
    bool is_client;
    bool heard;        /* something came from the peer */
    bool closed;       /* the peer has sent close_notify, or a fatal alert: `ending` */
    bool starting;     /* a thread is in nx_secure_dtls_server_session_start, … */
    bool asked;        /* a stranger's: it has been started, and goes on with the cookie */
    bool superseded;   /* the peer has begun anew in another slot */
    bool expired;      /* what is under way is due to a timer */
    uint64_t since_ns; /* kernel time from which a session that does not go on is idle */
    kernel_task start; /* … which this is */
    UINT ending;       /* the code that a service answers once what came before is taken */
    dtls_connection *connection;
    net_local local;    /* of a server's: ours, that the peer knows */
    dtls_time now;      /* the last that the connection was told */
    int64_t calendar_s; /* the program's date, of the last datagram in a handshake; 0: it has none */
    record_room room;   /* once it is established */
    prepared_certificates *prepared; /* while there is a connection */
    /* The last that was good, from what it was made, and with which edition of certificates (0: none). It is
     * checked anew only if they differ, which takes as long as some hashes. */
    dtls_checked_config config;
    config_lists lists;
    dtls_config made_of;
    ULONG64 edition;
    session_policy policy;
    psk_store psks;
    certificate_store certificates;
    UCHAR *handshake_memory; /* the program's metadata, aligned */
    ULONG handshake_len;
    UCHAR *reassembly;
    ULONG reassembly_len;
    UCHAR *remote_certificates; /* NULL: none were given */
    ULONG remote_certificates_len;
    UINT max_remote_certificates;
    dtls_cookie_state cookie;
    UCHAR client_random[HELLO_RANDOM_LEN];
    /* Of one that is neither a client's nor a slot, while it waits for a client. */
    dtls_cookie_secret cookie_secret;
    bool has_cookie_secret;
    packet_queue parked;
    packet_queue plaintext;
    session_watch watch;
    kernel_waiters waiters; /* a server's; a client waits with its socket */
    UCHAR session_memory[DTLS_SESSION_SIZE + MEMORY_ALIGNMENT];
} secure_session;

/* Behind NX_SECURE_DTLS_SERVER. */
typedef struct secure_server {
    session_policy policy;
    psk_store psks;
    certificate_store certificates;
    dtls_cookie_secret cookie_secret;
    uint64_t cookie_secret_made_ns;
    session_watch watch;
    UINT client_certificates; /* the longest chain that is taken; 0: none are asked for */
    uint64_t idle_limit_ns;   /* TX_HOST_NEVER: none */
    bool notifies_first;      /* connect_notify comes before the cookie */
    bool started;
} secure_server;

/* The crypto provider of all sessions. */
const dtls_crypto *netx_session_crypto(void);

static inline secure_session *netx_session_of(NX_SECURE_DTLS_SESSION *session) {
    return (secure_session *)(void *)session->nx_secure_dtls_host;
}

static inline secure_server *netx_server_of(NX_SECURE_DTLS_SERVER *server_ptr) {
    return (secure_server *)(void *)server_ptr->nx_dtls_server_host;
}

static inline bool netx_session_is_created(const NX_SECURE_DTLS_SESSION *session) {
    return session != NULL && session->nx_secure_dtls_tls_session.nx_secure_tls_id == SESSION_ID;
}

static inline bool netx_server_is_created(const NX_SECURE_DTLS_SERVER *server_ptr) {
    return server_ptr != NULL && server_ptr->nx_dtls_server_id == SERVER_ID;
}

/* Whether it is created, and answers clients: after a callback nothing else of it may be looked at before. */
static inline bool netx_server_is_started(NX_SECURE_DTLS_SERVER *server_ptr) {
    return netx_server_is_created(server_ptr) && netx_server_of(server_ptr)->started;
}

/* Whether one of a server's slots is still that: the program may have deleted it, and made it another's. */
static inline bool netx_is_slot_of(const NX_SECURE_DTLS_SERVER *server_ptr,
                                   const NX_SECURE_DTLS_SESSION *slot) {
    return netx_session_is_created(slot) && slot->nx_secure_dtls_server_parent == server_ptr;
}

/* The store and keys that hold for a session: its own, or its server's. */
certificate_store *netx_session_certificates(NX_SECURE_DTLS_SESSION *session);
psk_store *netx_session_psks(NX_SECURE_DTLS_SESSION *session);
session_policy *netx_session_policy_of(NX_SECURE_DTLS_SESSION *session);
session_watch *netx_session_watch_of(NX_SECURE_DTLS_SESSION *session);
/* Who is told of all sessions of the kernel in use. Never NULL. */
static inline const nx_host_dtls_observer *netx_session_observer(void) {
    static const nx_host_dtls_observer nobody;
    const nx_host_dtls_observer *observer = netx_kernel_used()->observer;
    return observer == NULL ? &nobody : observer;
}

/* Makes a session of parts of the program's buffers: NX_SUCCESS, NX_INVALID_PARAMETERS. */
typedef struct session_memory {
    VOID *metadata;
    ULONG metadata_len;
    UCHAR *reassembly;
    ULONG reassembly_len;
    UCHAR *certificates;
    ULONG certificates_len;
    UINT num_certificates;
} session_memory;
UINT netx_session_make(NX_SECURE_DTLS_SESSION *session, const NX_SECURE_TLS_CRYPTO *table,
                       const session_memory *memory);
/* Bytes of metadata that a session needs. */
ULONG netx_session_metadata_size(void);
/* Whether a buffer is enough for so many certificates (NULL with 0 is). */
bool netx_session_certificate_space(const UCHAR *buffer, ULONG len, UINT num);

/* Another number with every call, in all kernels. */
ULONG64 netx_session_generation(void);

/* Forgets peer and keys, and ends the wait of whoever waits. */
void netx_session_reset(NX_SECURE_DTLS_SESSION *session);

/* The time, as libdtls takes it. Application data moves no timer: that goes with the time in `now`, which
 * costs nothing to read. */
dtls_time netx_session_now(NX_SECURE_DTLS_SESSION *session);
/* Asks the program what the date is, at a place where it may do whatever it likes; false: the session is
 * another afterwards. */
bool netx_session_read_calendar(NX_SECURE_DTLS_SESSION *session);

/* Stores (store.c). */
UINT netx_store_add(certificate_store *store, bool local, NX_SECURE_X509_CERT *certificate, UINT cert_id);
UINT netx_store_remove(certificate_store *store, bool local, const UCHAR *common_name,
                       UINT common_name_length, UINT cert_id);
dtls_span netx_certificate_der(const NX_SECURE_X509_CERT *certificate);
/* What libdtls needs of a store, to be released. NX_SUCCESS, or a code of nx_secure_x509.h;
 * NX_SECURE_TLS_INSUFFICIENT_METADATA_SPACE: no memory. */
UINT netx_store_prepare(certificate_store *store, prepared_certificates **out);
void netx_prepared_release(prepared_certificates *prepared); /* may be NULL */
void netx_store_clear(certificate_store *store);

UINT netx_psk_add(psk_store *store, const UCHAR *key, UINT key_len, const UCHAR *identity, UINT identity_len,
                  const UCHAR *hint, UINT hint_len);
/* The entry for a server's hint, or a client's identity; NULL: none. */
const psk_entry *netx_psk_for_hint(const psk_store *store, dtls_span hint);
const psk_entry *netx_psk_for_identity(const psk_store *store, dtls_span identity);

/* Crypto tables (policy.c). */
/* The suites of a session that has certificates to show or to judge, pre-shared keys, or both. */
void netx_policy_suites(const NX_SECURE_TLS_CRYPTO *table, bool certificates, bool psks,
                        const dtls_cipher_suite *out[POLICY_MAX_SUITES]);
UINT netx_policy_set_groups(session_policy *policy, const USHORT *groups, USHORT num);
bool netx_policy_is_legacy(const NX_SECURE_TLS_CRYPTO *table);
bool netx_policy_is_of_any_version(const NX_SECURE_TLS_CRYPTO *table);
UINT netx_policy_set_version(session_policy *policy, USHORT version);

/* The code that stands for why a connection died. */
UINT netx_code_of_error(dtls_error error);
UINT netx_code_of_failure(const dtls_failure *failure);

/* Queues. */
static inline void netx_queue_append(packet_queue *queue, NX_PACKET *packet) {
    netx_list_append(&queue->packets, packet);
    queue->num++;
}

static inline NX_PACKET *netx_queue_take(packet_queue *queue) {
    NX_PACKET *packet = netx_list_take(&queue->packets);
    if (packet != NULL)
        queue->num--;
    return packet;
}

void netx_queue_release(packet_queue *queue);

/* What is behind the services of the same names, for those who are in one, their arguments judged (data.c).
 */
UINT netx_session_allocate(NX_SECURE_DTLS_SESSION *session, NX_PACKET_POOL *pool, NX_PACKET **out_packet,
                           ULONG wait_option);
UINT netx_session_send(NX_SECURE_DTLS_SESSION *session, NX_PACKET *packet);
UINT netx_session_receive(NX_SECURE_DTLS_SESSION *session, NX_PACKET **out_packet, ULONG wait_option);

/* --- The connection of a session (engine.c). --- */

/* Makes `config` of what the program has given. NX_SUCCESS, or why no handshake can begin. */
UINT netx_engine_configure(NX_SECURE_DTLS_SESSION *session, bool is_client);
/* The program's verdict on the peer's chain (verify.c). */
dtls_error netx_verify_peer(NX_SECURE_DTLS_SESSION *session, const dtls_event *event);
/* Opens it in the session's memory as client or server, and starts it. NX_SUCCESS, or why not; then the
 * session is as it was. */
UINT netx_engine_open(NX_SECURE_DTLS_SESSION *session, bool is_client);
/* Wipes it, if there is one. */
void netx_engine_close(NX_SECURE_DTLS_SESSION *session);
/* Whether a session that keeps `kept` packets may keep another, at `most`: the last quarter of the pool is
 * for those that keep none, and for what is on its way. */
bool netx_engine_may_keep(const NX_SECURE_DTLS_SESSION *session, UINT kept, UINT most);
/* Takes a datagram, which is the engine's then: plaintext goes to the session's queue. Whether there may be
 * something to send now. The first is for who has asked for the date. */
bool netx_engine_take(NX_SECURE_DTLS_SESSION *session, NX_PACKET *packet);
static inline bool netx_engine_receive(NX_SECURE_DTLS_SESSION *session, NX_PACKET *packet) {
    if (netx_session_of(session)->state != SESSION_HANDSHAKE || netx_session_read_calendar(session))
        return netx_engine_take(session, packet);
    netx_discard(packet);
    return false;
}
/* Sends what the connection has to send. May give the processor away. */
void netx_engine_flush(NX_SECURE_DTLS_SESSION *session);
/* What is due by now. */
void netx_engine_timeout(NX_SECURE_DTLS_SESSION *session);
/* Nanoseconds of kernel time; TX_HOST_NEVER: none. */
uint64_t netx_engine_deadline(NX_SECURE_DTLS_SESSION *session);

/* Waits for the handshake to be over, or gives it up at the end of the wait, unless that is NX_NO_WAIT. */
UINT netx_session_finish_handshake(NX_SECURE_DTLS_SESSION *session, ULONG wait_option, uint64_t deadline_ns);
/* Takes in what has come, then waits until something does or `deadline_ns`: KERNEL_RESET if the session was
 * reset meanwhile; perhaps it is not there any more then. */
kernel_woken netx_session_wait(NX_SECURE_DTLS_SESSION *session, uint64_t deadline_ns);
/* A wait that is over when threads that are more urgent have done what they can: KERNEL_RESET as above. */
kernel_woken netx_session_give_way(NX_SECURE_DTLS_SESSION *session);
/* Whether the session's socket is still there, with a port. */
static inline bool netx_session_is_bound(const NX_SECURE_DTLS_SESSION *session) {
    const NX_UDP_SOCKET *socket = session->nx_secure_dtls_udp_socket;
    return netx_is_socket(socket) && socket->nx_udp_socket_port != 0;
}
/* A client's: takes in what its socket has. */
void netx_session_take_in(NX_SECURE_DTLS_SESSION *session);

/* --- Strangers (cookies.c). --- */

/* The random of a ClientHello, or its first fragment, that begins a datagram; NULL: it is none. */
const UCHAR *netx_hello_random(const NX_PACKET *packet);
/* Sends bytes to where `to` came from. */
void netx_answer_stranger(NX_UDP_SOCKET *socket, NX_PACKET *to, const UCHAR *bytes, size_t len);
/* Fills one of the two secrets; false: there are no random bytes. */
bool netx_make_cookie_secret(uint8_t *out_secret);
/* What a datagram of a stranger is worth, and the HelloVerifyRequest if one is to be sent. */
typedef struct hello_verdict {
    dtls_cookie_verdict cookie;
    dtls_cookie_state state; /* of a good cookie */
    size_t reply_len;
    uint8_t reply[DTLS_COOKIE_REPLY_MAX];
} hello_verdict;
void netx_judge_hello(const dtls_cookie_secret *secret, NX_PACKET *packet, hello_verdict *out);
/* Whether it is a hello with a good cookie; one without is answered. */
bool netx_has_cookie(NX_UDP_SOCKET *socket, const dtls_cookie_secret *secret, NX_PACKET *packet,
                     dtls_cookie_state *out_state);

/* A server's socket has received (dispatch.c). */
VOID netx_server_dispatch(NX_UDP_SOCKET *socket);
/* The peer of the session begins anew: the session is over, and the program is told. */
void netx_server_supersede(NX_SECURE_DTLS_SESSION *session);
/* Takes a datagram that is no connection's, of a client that has no session (NULL), or one that is not begun
 * or that it wants to leave (arrivals.c). */
void netx_server_greet(NX_SECURE_DTLS_SERVER *server, NX_SECURE_DTLS_SESSION *session, NX_PACKET *packet);
/* Opens the connection of a parked session, and gives it what has come. NX_SUCCESS, or why not; then the
 * session is as it was. */
UINT netx_server_begin(NX_SECURE_DTLS_SESSION *session);

#endif
