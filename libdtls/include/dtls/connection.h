/* SPDX-License-Identifier: MIT
 *
 * One DTLS connection, without I/O, clock or heap.
 *
 * How it is driven
 * ----------------
 * After every call that is given the time, take out what is waiting, in any
 * order, until each answers DTLS_NOTHING: datagrams (`dtls_poll_datagram`) and
 * events (`dtls_poll_event`). Then wait for a datagram or for `dtls_deadline`,
 * whichever comes first, and call `dtls_receive` or `dtls_timeout`.
 *
 * Questions
 * ---------
 * What the library needs from the application is an event whose kind begins
 * with a verb (DTLS_EVENT_LOOK_UP_PSK …). The handshake waits until the matching
 * `dtls_answer_*` is called, at once or later; retransmission goes on
 * meanwhile, so a slow answer costs nothing but time.
 *
 * Failure
 * -------
 * Noise from the network never makes a call fail. A connection that must die
 * sends its alert, gives DTLS_EVENT_FAILED, and answers DTLS_ERROR_STATE from
 * then on; `dtls_connection_get_failure` tells why. Alerts get lost. Whoever
 * wants the peer to know goes on giving what comes in to `dtls_receive`: while it
 * repeats handshake messages in plaintext, `dtls_poll_datagram` has the alert
 * again, once in a period of the first timeout (RFC 6347 section 4.2.7).
 *
 * A connection is used by one thread at a time. One that was wiped answers DTLS_ERROR_ARGUMENT or
 * DTLS_ERROR_STATE, and does nothing.
 */
#ifndef DTLS_CONNECTION_H
#define DTLS_CONNECTION_H

#include "dtls/config.h"
#include "dtls/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A connection, in memory of the caller. */
typedef struct dtls_connection dtls_connection;

/* Makes a connection in the caller's memory, which must stay in place until `dtls_connection_wipe`.
 * The blocks' contents may be anything.
 * DTLS_ERROR_CONFIG, DTLS_ERROR_NO_ROOM (see `dtls_session_size`), DTLS_ERROR_ARGUMENT (NULL, or misaligned),
 * DTLS_ERROR_CRYPTO (no randomness). */
dtls_error dtls_connection_open(const dtls_config *config, void *session_memory, size_t session_len,
                                void *handshake_memory, size_t handshake_len,
                                dtls_connection **out_connection);

/* Wipes all secrets and ends the connection without sending anything. Safe at any time, twice, and with NULL.
 */
void dtls_connection_wipe(dtls_connection *connection);

/* Gives the handshake block back, wiped, once the handshake is over or has failed; NULL before that and
 * afterwards. */
void *dtls_connection_take_handshake_memory(dtls_connection *connection);

/* Begins: a client writes its first flight. A server needs no start, but may be given the state that a
 * stateless cookie exchange left behind by `dtls_connection_start_after_cookie` (cookie.h). DTLS_ERROR_STATE:
 * already begun. */
dtls_error dtls_connection_start(dtls_connection *connection, dtls_time now);

/* A datagram in memory of the caller. */
typedef struct dtls_datagram {
    uint8_t *bytes; /* altered: records are opened in place */
    size_t len;
    uint64_t path; /* the caller's own name for the peer's address; given back by events about addresses */
} dtls_datagram;

/* Application data found in a datagram: a place inside it. */
typedef struct dtls_plaintext {
    uint8_t *data;
    size_t len;
    size_t datagram; /* index of the datagram it came in */
    uint64_t epoch;
    uint64_t sequence;
} dtls_plaintext;

/* Takes datagrams, a batch at a time. Application data is opened in place; `out_plaintexts`, of which
 * `*num_plaintexts` has the capacity and is set to the number, tells where it lies. When the capacity is used
 * up the call stops before the next record: `*out_datagrams` is the number of datagrams wholly taken, and the
 * call is repeated with the rest (records already taken are recognised as replays and skipped). A capacity of
 * 0 is of use only before the handshake is over. DTLS_OK,
 * DTLS_ERROR_ARGUMENT, DTLS_ERROR_STATE (the connection is dead). */
dtls_error dtls_receive(dtls_connection *connection, dtls_time now, dtls_datagram *datagrams,
                        size_t num_datagrams, dtls_plaintext *out_plaintexts, size_t *num_plaintexts,
                        size_t *out_datagrams);

/* Bytes that records of this connection add: `*out_headroom` in front of the plaintext, `*out_tailroom`
 * behind it. Both 0 before keys exist; either output may be NULL. */
void dtls_record_overhead(const dtls_connection *connection, size_t *out_headroom, size_t *out_tailroom);

/* The most bytes of application data in one record: 2^14, or less as the peer has asked for (RFC 8449, RFC
 * 6066 section 4) or with a connection ID. 0 before keys exist. */
size_t dtls_max_data(const dtls_connection *connection);

/* Plaintext that becomes a record where it stands. */
typedef struct dtls_record_buffer {
    uint8_t *bytes;  /* the plaintext stands at bytes + headroom */
    size_t capacity; /* headroom + len + tailroom, at least */
    size_t len;      /* in: bytes of plaintext, at most `dtls_max_data`; out: bytes of the record */
} dtls_record_buffer;

/* Protects application data in place, a batch at a time, one record each. `*out_protected` records were done
 * when the answer is not DTLS_OK. DTLS_ERROR_STATE (handshake not over, or closed), DTLS_ERROR_NO_ROOM,
 * DTLS_ERROR_ARGUMENT (longer than `dtls_max_data`), DTLS_ERROR_SEQUENCE_EXHAUSTED. */
dtls_error dtls_protect(dtls_connection *connection, dtls_time now, dtls_record_buffer *records,
                        size_t num_records, size_t *out_protected);

/* The same with a copy: one record of `len` bytes of `data` into `out`. Errors as above. */
dtls_error dtls_write(dtls_connection *connection, dtls_time now, const uint8_t *data, size_t len,
                      uint8_t *out, size_t out_cap, size_t *out_len);

/* Writes the next datagram that the connection itself has to send (handshake, alerts) into `out`, which has
 * at least the configured MTU. `*out_path` (may be NULL) is where it goes. DTLS_NOTHING, DTLS_ERROR_NO_ROOM.
 */
dtls_error dtls_poll_datagram(dtls_connection *connection, dtls_time now, uint8_t *out, size_t out_cap,
                              size_t *out_len, uint64_t *out_path);

/* The path is known to carry datagrams of `mtu` bytes of UDP payload: the socket has refused a larger one, or
 * the transport knows. What is written from now on keeps to it; a flight on its way is repeated at once if it
 * was cut for a larger one. More than the configuration's `mtu` counts as that. Nobody having told, a flight
 * that stays without an answer is repeated in smaller datagrams: of 548 bytes after two repetitions, of 256
 * after two more (RFC 6347 section 4.1.1.1). DTLS_ERROR_ARGUMENT: NULL, or less than 128 bytes besides the
 * configuration's connection IDs and padding. DTLS_ERROR_STATE: the connection is dead. */
dtls_error dtls_set_path_mtu(dtls_connection *connection, size_t mtu);

/* The largest datagram that the connection writes by itself at present, bytes; a good size for the
 * application's, too. 0: `connection` is NULL. */
size_t dtls_path_mtu(const dtls_connection *connection);

/* The round trip takes `round_trip_ns`, as is known from an earlier connection or another protocol: the first
 * timeout is one and a half times that (RFC 9147 section 5.8.2), at least 10 ms and at most the
 * configuration's `max_timeout_ns`, from the next flight on; so a client calls this before
 * `dtls_connection_start`. DTLS_ERROR_ARGUMENT: NULL, or 0. DTLS_ERROR_STATE: the handshake is over. */
dtls_error dtls_set_round_trip(dtls_connection *connection, uint64_t round_trip_ns);

/* The monotonic time at which `dtls_timeout` is due; DTLS_NO_DEADLINE if never. */
uint64_t dtls_deadline(const dtls_connection *connection);

/* The deadline has come (called early, it does nothing): repeats a flight (RFC 6347 section 4.2.4), gives up
 * a handshake, or forgets the last flight. */
dtls_error dtls_timeout(dtls_connection *connection, dtls_time now);

/* What an event tells, or asks. */
typedef enum dtls_event_kind {
    DTLS_EVENT_CONNECTED = 1,      /* the handshake is over; `dtls_connection_info` is filled */
    DTLS_EVENT_PEER_CLOSED = 2,    /* close_notify came; ours is sent in answer */
    DTLS_EVENT_FAILED = 3,         /* the connection is dead: `dtls_connection_get_failure` */
    DTLS_EVENT_ALERT_RECEIVED = 4, /* `alert_level`, `alert` */
    DTLS_EVENT_ALERT_SENT = 5,     /* `alert_level`, `alert` */
    DTLS_EVENT_RETRANSMITTED = 6,  /* a flight was repeated, by timeout or because the peer repeated his */
    DTLS_EVENT_KEY_LOG = 7,        /* `bytes`: a line in the NSS key log format, no line end */
    DTLS_EVENT_PATH_CHANGED = 8,   /* the peer speaks from another address: `path`; see connection_id.h */

    /* Questions. */
    DTLS_EVENT_LOOK_UP_PSK = 16,        /* server: `bytes` is the identity; client: the hint (empty if
                                           there is none, or over 128 bytes).
                                           Answer: `dtls_answer_psk` */
    DTLS_EVENT_VERIFY_CERTIFICATE = 17, /* `certificate_type`, `chain`, `ocsp_response`; answer:
                                           `dtls_answer_certificate` */
    DTLS_EVENT_SIGN = 18,               /* `bytes` is the digest (by the scheme's hash; for Ed25519 the
                                           message itself) to be signed with
                                           `scheme` by `credential`'s key; answer: `dtls_answer_signature` */
    DTLS_EVENT_DECRYPT = 19,            /* server: `bytes` is the premaster secret as the client has encrypted
                                           it for `credential`'s key; answer: `dtls_answer_decryption` */
    DTLS_EVENT_LOOK_UP_SESSION = 20     /* server: `bytes` is the session id; answer: `dtls_answer_session`
                                           (resumption.h) */
} dtls_event_kind;

/* Spans in an event stay valid until the next call on the connection that is given the time. */
typedef struct dtls_event {
    dtls_event_kind kind;
    uint8_t alert_level; /* 1 warning, 2 fatal */
    uint8_t alert;       /* dtls_alert */
    uint16_t scheme;
    dtls_span bytes;
    dtls_certificate_type certificate_type;
    dtls_span chain[DTLS_MAX_CHAIN]; /* DER, leaf first; or one SubjectPublicKeyInfo */
    size_t chain_len;
    dtls_span ocsp_response; /* that the server has stapled, DER; empty: none */
    const dtls_credential *credential;
    uint64_t path;
} dtls_event;

/* Takes out the next event; DTLS_NOTHING when there is none. */
dtls_error dtls_poll_event(dtls_connection *connection, dtls_event *out_event);

/* Answers DTLS_EVENT_LOOK_UP_PSK. A client names its identity too; a server passes an empty one. A `key` of
 * length 0 means that there is none: the handshake ends with unknown_psk_identity (RFC 4279 section 2). The
 * key is copied. DTLS_ERROR_STATE: nobody asked. DTLS_ERROR_ARGUMENT: key over 64 bytes, identity over 128
 * bytes. */
dtls_error dtls_answer_psk(dtls_connection *connection, dtls_time now, dtls_span identity, dtls_span key);

/* Answers DTLS_EVENT_VERIFY_CERTIFICATE. The `verdict` is DTLS_OK, or one of DTLS_ERROR_CERTIFICATE_* or
 * DTLS_ERROR_PUBLIC_KEY_UNKNOWN, whose alert is sent.
 *
 * The event is given with DTLS_VERIFY_APPLICATION; and to a client that names dtls_extension_status_request
 * with DTLS_VERIFY_ANCHORS too, after the chain has been found good, since whether an OCSP response is good
 * enough, or may be absent, is the application's to say (RFC 6066 section 8). */
dtls_error dtls_answer_certificate(dtls_connection *connection, dtls_time now, dtls_error verdict);

/* Answers DTLS_EVENT_SIGN. An empty signature means that it could not be made; the handshake then fails. */
dtls_error dtls_answer_signature(dtls_connection *connection, dtls_time now, dtls_span signature);

/* Answers DTLS_EVENT_DECRYPT: `decrypted` is what the key made of the bytes by RSAES-PKCS1-v1_5. Whoever
 * decrypts must not let the client see whether the padding was right, not even in time: the answer has one
 * length, and holds random bytes if the padding, or the length of what was encrypted, was wrong (a decryption
 * with implicit rejection does so by itself). What does not have the client's version in front is replaced by
 * a random secret (RFC 5246 section 7.4.7.1): the handshake then ends at the client's Finished. If the key
 * cannot be used at all, call `dtls_abort`. DTLS_ERROR_ARGUMENT: NULL. */
dtls_error dtls_answer_decryption(dtls_connection *connection, dtls_time now,
                                  const dtls_premaster *decrypted);

/* Sends close_notify (RFC 5246 section 7.2.1); nothing can be sent afterwards. */
dtls_error dtls_close(dtls_connection *connection, dtls_time now);

/* Ends the connection with a fatal alert of the application's choice; DTLS_ALERT_NONE: without one.
 * DTLS_ERROR_ARGUMENT: NULL, close_notify, or more than a byte. DTLS_ERROR_STATE: it is dead. */
dtls_error dtls_abort(dtls_connection *connection, dtls_time now, dtls_alert alert);

/* What was negotiated. Valid from DTLS_EVENT_CONNECTED on; before that, fields not yet known are zero. */
typedef struct dtls_connection_info {
    dtls_role role;
    uint16_t version;
    uint16_t cipher_suite;
    uint16_t group;                 /* 0: none */
    uint16_t signature_scheme;      /* the server's; 0: none */
    uint16_t peer_signature_scheme; /* what the peer signed with; 0: nothing */
    bool connected;
    bool closed; /* by either side, or dead */
    bool extended_master_secret;
    uint16_t srtp_profile;   /* 0: none (srtp.h) */
    bool srtp_mki;           /* SRTP packets carry the MKI of the configuration */
    bool resumed;            /* by an abbreviated handshake */
    bool peer_authenticated; /* its certificate was verified, or it knew the PSK; now, or when the session
                                that is resumed was made */
    dtls_span application_protocol; /* one of the configuration's; empty: none was agreed on */
    dtls_span server_name; /* server: that the client looks for, if a credential lists it or `max_server_name`
                              has room; empty: none, or not kept. Valid as long as the connection, and
                              not carried on elsewhere (transfer.h) */
    bool certificate_status;                     /* the server has stapled an OCSP response */
    dtls_certificate_type certificate_type;      /* of what we have shown, … */
    dtls_certificate_type peer_certificate_type; /* … and of what the peer has */
} dtls_connection_info;

/* What was negotiated. NULL if `connection` is. */
const dtls_connection_info *dtls_connection_get_info(const dtls_connection *connection);

/* Counters, all since the connection was opened. */
typedef struct dtls_statistics {
    uint64_t datagrams_received;
    uint64_t records_received; /* accepted */
    uint64_t records_sent;
    uint64_t flights_retransmitted;
    uint64_t timeouts;
    uint64_t messages_repeated; /* old or repeated handshake messages that were skipped */
    /* Records dropped, by reason (RFC 6347 section 4.1.2.7). */
    uint64_t dropped_header; /* truncated, or a length that does not fit the datagram */
    uint64_t dropped_type;   /* unknown content type */
    uint64_t dropped_version;
    uint64_t dropped_length; /* too long, or too short for its protection */
    uint64_t dropped_epoch;  /* of an epoch that cannot be opened */
    uint64_t dropped_replay;
    uint64_t dropped_mac;        /* did not authenticate */
    uint64_t dropped_unexpected; /* plaintext where there must be none, data before its time */
    uint64_t dropped_cid;        /* another connection ID than ours, or none where one is due (RFC 9146
                                    section 3) */
} dtls_statistics;

/* The counters. NULL if `connection` is. */
const dtls_statistics *dtls_connection_get_statistics(const dtls_connection *connection);

/* Why a connection died. */
typedef struct dtls_failure {
    dtls_error error;
    dtls_alert alert;    /* sent, or for DTLS_ERROR_PEER_ALERT received; DTLS_ALERT_NONE */
    const char *state;   /* the state it was in, e.g. "wait ServerHelloDone" */
    const char *message; /* the message at fault, e.g. "ServerKeyExchange"; "" if none */
    const char *field;   /* the field at fault, e.g. "named_curve"; "" if none */
    const char *section; /* what demands it, e.g. "RFC 8422 section 5.4"; "" if none */
} dtls_failure;

/* NULL while the connection lives. */
const dtls_failure *dtls_connection_get_failure(const dtls_connection *connection);

#ifdef __cplusplus
}
#endif

#endif
