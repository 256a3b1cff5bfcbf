/* SPDX-License-Identifier: MIT
 *
 * The two blocks of a connection: what lives as long as it does, and what lives
 * as long as its handshake; and what the files of this folder do to them.
 */
#ifndef DTLS_HANDSHAKE_CONNECTION_H
#define DTLS_HANDSHAKE_CONNECTION_H

#include "flight/flight.h"
#include "flight/path_mtu.h"
#include "flight/reassembly.h"
#include "flight/repeat.h"
#include "flight/timer.h"
#include "handshake/algorithms.h"
#include "handshake/events.h"
#include "record/record.h"

#define DTLS_RANDOM        32
#define DTLS_MASTER_SECRET 48
#define DTLS_VERIFY_DATA   12

/* What ServerKeyExchange signs with a scheme that hashes by itself: both randoms, curve_type, named_curve and
 * the public value with its length; bytes. */
#define DTLS_MAX_TO_SIGN (2 * DTLS_RANDOM + 4 + DTLS_MAX_KEY_SHARE)

/* Hashes that the schemes of a configuration may have. */
#define DTLS_MAX_HASHES 5

/* RFC 4279 section 5.3: what must be supported, bytes. */
#define DTLS_MAX_PSK          64
#define DTLS_MAX_PSK_IDENTITY 128

/* other_secret, psk, and their lengths (RFC 4279 section 2, RFC 5489 section 2), bytes. */
#define DTLS_MAX_PREMASTER (2 + DTLS_MAX_SHARED_SECRET + 2 + DTLS_MAX_PSK)

/* Records of the next epoch that are kept until its keys are in use: a Finished, whole or in fragments;
 * bytes. */
#define DTLS_EARLY_RECORDS 512

/* ChangeCipherSpec and Finished, bytes. */
#define DTLS_LAST_FLIGHT 40

/* "CLIENT_RANDOM ", the client random and the master secret in hexadecimal; bytes. */
#define DTLS_KEY_LOG_LINE (14 + 2 * DTLS_RANDOM + 1 + 2 * DTLS_MASTER_SECRET)

/* What a connection may be waiting for; the rows of a protocol say what each state takes. */
enum dtls_state {
    DTLS_STATE_START = 0,
    DTLS_STATE_WAIT_CLIENT_HELLO,
    DTLS_STATE_WAIT_SERVER_HELLO,
    DTLS_STATE_WAIT_CERTIFICATE,
    DTLS_STATE_WAIT_CERTIFICATE_STATUS,
    DTLS_STATE_WAIT_SERVER_KEY_EXCHANGE,
    DTLS_STATE_WAIT_PSK_HINT,
    DTLS_STATE_WAIT_CERTIFICATE_REQUEST,
    DTLS_STATE_WAIT_SERVER_HELLO_DONE,
    DTLS_STATE_WAIT_CLIENT_KEY_EXCHANGE,
    DTLS_STATE_WAIT_CERTIFICATE_VERIFY,
    DTLS_STATE_WAIT_CHANGE_CIPHER_SPEC,
    DTLS_STATE_WAIT_FINISHED,
    DTLS_STATE_WAIT_NEW_SESSION_TICKET,
    /* The same in an abbreviated handshake, where the server's Finished comes first. */
    DTLS_STATE_WAIT_RESUMED_NEW_SESSION_TICKET,
    DTLS_STATE_WAIT_RESUMED_CHANGE_CIPHER_SPEC,
    DTLS_STATE_WAIT_RESUMED_FINISHED,
    /* Questions to the application: messages wait. */
    DTLS_STATE_ASK_CERTIFICATE,
    DTLS_STATE_ASK_PSK,
    DTLS_STATE_ASK_SIGNATURE,
    DTLS_STATE_ASK_SESSION,
    DTLS_STATE_ASK_DECRYPTION,
    /* The handshake is over. */
    DTLS_STATE_CONNECTED,
    DTLS_STATE_CLOSED,
    DTLS_STATE_FAILED
};

/* What a state machine takes besides handshake messages, which count by their type. */
enum {
    DTLS_INPUT_START = 0x100,
    DTLS_INPUT_CHANGE_CIPHER_SPEC,
    DTLS_INPUT_CERTIFICATE_VERDICT,
    DTLS_INPUT_PSK,
    DTLS_INPUT_SIGNATURE,
    DTLS_INPUT_SESSION,
    DTLS_INPUT_DECRYPTION
};

struct dtls_input {
    uint16_t kind;               /* enum dtls_message_type or DTLS_INPUT_ */
    struct dtls_message message; /* a handshake message */
    dtls_error verdict;          /* DTLS_INPUT_CERTIFICATE_VERDICT */
    dtls_span bytes;             /* DTLS_INPUT_SIGNATURE, DTLS_INPUT_SESSION; DTLS_INPUT_PSK: the identity */
    dtls_span key;               /* DTLS_INPUT_PSK */
    const dtls_premaster *decrypted; /* DTLS_INPUT_DECRYPTION */
};

/* The next states of a row: the first, unless the handler chooses another. */
#define DTLS_ROW_NEXT 6

/* In `state`, `input` is handled so. What has no row is refused. */
struct dtls_state_row {
    uint8_t state;
    uint16_t input;
    uint8_t next[DTLS_ROW_NEXT]; /* 0 behind the last */
    bool
        hashed; /* the message enters the transcript before it is handled; otherwise the handler sees to it */
    dtls_error (*handle)(struct dtls_connection *connection, const struct dtls_input *input);
};

/* The handshake block; provider slots, reassembly buffer and flight lie behind it. */
struct dtls_handshake {
    struct dtls_flight flight;
    struct dtls_reassembly reassembly;
    struct dtls_repeat_watch watch;
    uint16_t peer_flight_seq; /* first message of the flight that is expected */
    uint64_t flight_sequence; /* client: number of the first record of its ClientHello */
    struct dtls_timer timer;
    uint64_t deadline; /* of the handshake as a whole */

    uint8_t next;   /* state that the handler has chosen */
    bool answered;  /* our flight was sent in answer to the message being handled */
    bool held;      /* the message being handled stays until a question is answered */
    bool again;     /* … and is then handled, in the state that follows */
    bool early_ccs; /* ChangeCipherSpec came before the messages in front of it */
    bool transcript_on;
    bool peer_certificate; /* the peer has shown a certificate, and must prove that it is his */
    bool peer_verified;    /* … which was found good; or the peer is known by his PSK */
    bool certificate_requested;
    bool session_hash;     /* extended master secret */
    bool encrypt_then_mac; /* of use with CBC suites only */
    bool ticket_promised;  /* the server has said that NewSessionTicket comes */
    bool status_wanted;    /* the client has asked for CertificateStatus */
    bool status_promised;  /* client: the server has said that CertificateStatus may come */

    uint16_t fragment_code;  /* max_fragment_length that the client asks for; 0: none */
    bool size_limits_agreed; /* record_size_limit */

    /* Hello extensions, by their place in `dtls_extension_at`. */
    uint32_t offered;

    /* Server: which of the configuration's lists the client offers, by place. */
    uint32_t peer_groups;
    uint32_t peer_schemes;
    uint32_t peer_curves; /* our credentials whose key's curve the client has */
    uint32_t named;       /* our credentials that are for the client's name; 0: that does not matter */
    uint8_t peer_takes;   /* types of certificate that the client takes, bits by type; 0: X.509 alone */
    bool peer_has_groups;

    uint16_t client_version; /* of the ClientHello */
    const dtls_cipher_suite *suite;
    const dtls_group *group;
    const dtls_signature_scheme *scheme; /* of our own signature */
    const dtls_credential *credential;   /* ours */
    dtls_key_type peer_key_type;
    /* NULL: X.509. */
    const struct dtls_certificate_form *own_form;
    const struct dtls_certificate_form *peer_form;
    bool peer_types_told;  /* server: the client has said what he can show, … */
    bool peer_type_agreed; /* … and that is something that we take */

    /* Client that has been promised CertificateStatus: the Certificate in front of it, and its response. */
    uint8_t *certificate;
    size_t certificate_len;
    dtls_span status;

    /* Slots of the provider. A CertificateVerify signs the transcript by the hash of its scheme, which need
     * not be the suite's. */
    void *transcript;
    void *more_transcripts[DTLS_MAX_HASHES]; /* NULL: not in use */
    uint8_t more_hashes[DTLS_MAX_HASHES];
    void *digester;
    void *key_share;
    void *public_key;

    uint8_t client_random[DTLS_RANDOM];
    uint8_t server_random[DTLS_RANDOM];
    uint8_t master_secret[DTLS_MASTER_SECRET];
    uint8_t premaster[DTLS_MAX_PREMASTER];
    size_t premaster_len;
    dtls_span to_sign; /* a digest, or the message for a scheme that hashes by itself */
    uint8_t digest[DTLS_MAX_TO_SIGN];
    uint8_t *kept; /* the transcript itself, for such a scheme */
    size_t kept_len;
    size_t kept_cap;                          /* 0 if it became too long */
    uint8_t public_value[DTLS_MAX_KEY_SHARE]; /* ours */
    size_t public_value_len;
    uint8_t psk_name[DTLS_MAX_PSK_IDENTITY]; /* client: the hint, and once it is answered the identity */
    size_t psk_name_len;
    dtls_span
        question; /* the bytes of DTLS_EVENT_LOOK_UP_PSK, DTLS_EVENT_LOOK_UP_SESSION, DTLS_EVENT_DECRYPT */
    dtls_span server_name; /* server: that the client looks for, while its ClientHello is being handled */
    struct dtls_resuming *resuming; /* NULL: the configuration names no resumption */

    uint8_t early[DTLS_EARLY_RECORDS];
    size_t early_len;
};

/* An alert that waits to be sent. */
struct dtls_pending_alert {
    uint8_t level; /* 0: none */
    uint8_t description;
};

enum { DTLS_ALERT_LEVEL_WARNING = 1, DTLS_ALERT_LEVEL_FATAL = 2 };

/* What exporters are made of. */
struct dtls_secrets {
    uint8_t master_secret[DTLS_MASTER_SECRET];
    uint8_t client_random[DTLS_RANDOM];
    uint8_t server_random[DTLS_RANDOM];
    dtls_hash hash; /* of the PRF; 0: not known yet */
};

/* The session block; the record layer's slots lie behind it. */
struct dtls_connection {
    const dtls_config *config;
    const dtls_crypto *crypto;
    const dtls_protocol *protocol;
    struct dtls_handshake *handshake; /* NULL once the handshake is over */
    void *handshake_memory;           /* NULL once it is given back */
    size_t handshake_memory_len;

    struct dtls_record_layer records;
    dtls_statistics statistics;
    dtls_connection_info info;
    dtls_failure failure;
    struct dtls_events events;

    uint8_t state; /* enum dtls_state */
    bool close_sent;
    bool close_received;
    struct dtls_pending_alert warning;
    struct dtls_pending_alert last_alert; /* fatal, or close_notify */
    const char *message;                  /* name of the input being handled, for failures */

    struct dtls_path_mtu path_mtu;

    dtls_time now;     /* of the call under way */
    uint64_t path;     /* where the peer is reached */
    uint64_t new_path; /* whence its newest record came; DTLS_EVENT_PATH_CHANGED */
    bool path_told;    /* the event waits to be polled */

    /* Connection IDs, ours and the peer's, DTLS_MAX_CID at most each; NULL: not in the configuration. */
    uint8_t *own_id;
    uint8_t *peer_id;
    uint8_t own_id_len;
    uint8_t peer_id_len;
    uint8_t *server_name; /* `max_server_name` bytes */
    bool ids_agreed;

    uint16_t next_receive_seq; /* after the handshake */

    struct dtls_flight *flight; /* the one being built or sent: the handshake's, or the last */

    /* The flight that ends the handshake, if it is ours; repeated until `forget_at`. */
    struct dtls_flight last_flight;
    struct dtls_repeat_watch last_watch;
    struct dtls_repeat_limit repeat_limit;
    uint64_t forget_at;
    uint8_t *last_flight_bytes;
    size_t last_flight_cap;

    /* NULL: the configuration wants none. */
    uint8_t *key_log; /* DTLS_KEY_LOG_LINE bytes */
    struct dtls_secrets *secrets;
    struct dtls_resumable *resumable;
    size_t session_len;
};

/* usable.c: what the version makes of suites. */

/* The suite may be used with this version; and with all that was agreed on in this connection. */
bool dtls_protocol_takes(const dtls_protocol *protocol, const dtls_cipher_suite *suite);
bool dtls_suite_usable(const struct dtls_connection *connection, const dtls_cipher_suite *suite);

/* The hash of the PRF and the transcript. */
dtls_hash dtls_connection_hash(const struct dtls_connection *connection);

/* connection.c: the life of a connection. */

/* Not NULL, and not wiped. */
static inline bool dtls_connection_exists(const struct dtls_connection *connection) {
    return connection != NULL && connection->crypto != NULL;
}

/* Makes a connection in `memory`, of the size that its configuration needs, without a handshake. */
struct dtls_session_layout;
void dtls_connection_lay_out(struct dtls_connection *connection, const dtls_config *config,
                             const struct dtls_session_layout *layout, uint8_t *memory);

/* A server that has heard nothing yet begins. */
void dtls_connection_begin(struct dtls_connection *connection);

/* The connection dies of `error`: records the failure, sends the alert, gives the events, wipes the secrets.
 * Answers `error`. `field` and `section` are static strings. */
dtls_error dtls_connection_fail(struct dtls_connection *connection, dtls_error error, const char *field,
                                const char *section);

/* Queues an alert, with its event. */
void dtls_connection_alert(struct dtls_connection *connection, uint8_t level, uint8_t description);

/* The handshake has succeeded: wipes what only it needed, and gives DTLS_EVENT_CONNECTED. */
void dtls_connection_established(struct dtls_connection *connection);

/* Wipes and ends the handshake block. */
void dtls_connection_end_handshake(struct dtls_connection *connection);

/* connection_ids.c: protected records carry the IDs that were agreed on, from the first on. */
void dtls_use_connection_ids(struct dtls_connection *connection);

/* machine.c: the tables. */

const char *dtls_state_name(unsigned state);
const char *dtls_input_name(unsigned kind);

/* The application is being asked, and messages wait for its answer. */
bool dtls_state_asks(unsigned state);

/* Gives `input` to the handler of the current state. What has no row kills the connection, except a
 * ChangeCipherSpec, which is not authenticated and has no place in the sequence: it is dropped. */
void dtls_machine_take(struct dtls_connection *connection, const struct dtls_input *input);

/* A ChangeCipherSpec has come. */
void dtls_machine_change_cipher_spec(struct dtls_connection *connection);

/* Handles everything that is whole and in sequence. */
void dtls_machine_run(struct dtls_connection *connection);

/* A handler's choice among the next states of its row. */
void dtls_machine_choose(struct dtls_connection *connection, enum dtls_state next);

/* The message being handled is not for this state: it is handled again in the next that is not a question. */
void dtls_machine_defer(struct dtls_connection *connection);

/* The row at `index` of a table, one for each next state; DTLS_NOTHING past the last. */
int dtls_rows_transition(const struct dtls_state_row *rows, size_t num_rows, size_t index,
                         dtls_transition *out_transition);

/* questions.c: hands an answer to the state machine, and goes on with the messages that have waited for it.
 * DTLS_ERROR_STATE: that is not being asked. */
dtls_error dtls_question_answer(struct dtls_connection *connection, dtls_time now, unsigned asking,
                                const struct dtls_input *input);

/* sending.c: flights. */

/* Begins a flight of ours: the last one has been answered in full. With `last`, it is the handshake's last,
 * and outlives it. */
void dtls_flight_open(struct dtls_connection *connection, bool last);

/* A writer for the next message's body, and its end, when the message enters the transcript. */
struct dtls_writer dtls_message_begin(struct dtls_connection *connection);
dtls_error dtls_message_end(struct dtls_connection *connection, const struct dtls_writer *writer,
                            enum dtls_message_type type);

/* The flight is whole and is sent. It is repeated by deadline until an answer comes, unless it is the last.
 */
void dtls_flight_send(struct dtls_connection *connection);

/* The flight is repeated: because of the deadline, or because the peer has repeated his. */
void dtls_flight_repeat(struct dtls_connection *connection);

/* receiving.c */

/* Opens the records that came before their epoch, now that its keys are in use. */
void dtls_receive_early_records(struct dtls_connection *connection);

#endif
