/* SPDX-License-Identifier: MIT
 *
 * The endpoint contract: what dtlslab asks of anything that speaks DTLS.
 *
 * An endpoint takes datagrams and the time, and gives datagrams, events,
 * application data and its next deadline. It never calls out, never sleeps and
 * never reads a clock of its own accord: everything it produces is polled.
 *
 * A stack joins the laboratory by one shared object that exports one symbol,
 *
 *     const struct dtlslab_endpoint_api *dtlslab_endpoint_api(void);
 *
 * `interop/adapters/skeleton.c` is a place to start from.
 *
 * Rules that hold for every function of the table
 * -----------------------------------------------
 * - Time is monotonic nanoseconds on the carrier's clock. It never goes back.
 * - One endpoint is used by one thread at a time; different endpoints may be
 *   used by different threads at once.
 * - After any call that can change state (connect, receive, timeout, send,
 *   close) the caller polls datagrams, events, data and key-log lines until
 *   each answers DTLSLAB_NOTHING, and reads the deadline again.
 * - Pointers passed in are valid only during the call, except those in
 *   `struct dtlslab_config`, which stay valid until `create` returns. An
 *   endpoint copies what it keeps.
 * - A function answers DTLSLAB_OK, DTLSLAB_NOTHING or a negative
 *   `enum dtlslab_result`. A failed session is an event, not an error of the
 *   call that made it fail: network noise never gives a negative result.
 */
#ifndef DTLSLAB_ENDPOINT_H
#define DTLSLAB_ENDPOINT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this contract. An object with another `abi` is refused with a message that names both. */
#define DTLSLAB_ENDPOINT_ABI 1u

/* A deadline that never comes. */
#define DTLSLAB_NO_DEADLINE UINT64_MAX

/* The largest datagram an endpoint may produce or be given, in bytes of UDP payload. */
#define DTLSLAB_MAX_DATAGRAM 65535u

/* The longest key-log line, terminating NUL included. */
#define DTLSLAB_MAX_KEYLOG_LINE 512u

/* The longest text in an event or in an error message of `create`, terminating NUL included. */
#define DTLSLAB_MAX_TEXT 256u

enum dtlslab_result {
    DTLSLAB_OK = 0,
    DTLSLAB_NOTHING = 1,      /* there is nothing (more) to poll */
    DTLSLAB_UNSUPPORTED = -1, /* the stack, or this build of it, cannot do what the configuration asks */
    DTLSLAB_INVALID = -2,     /* a parameter is wrong: unknown session, broken PEM, length past a limit */
    DTLSLAB_WOULD_BLOCK = -3, /* not possible now: the handshake is not over, or the queue is full */
    DTLSLAB_NO_ROOM = -4,     /* the caller's buffer is too small; nothing was consumed */
    DTLSLAB_FAILED = -5       /* the stack failed for a reason of its own; `create` says which in words */
};

enum dtlslab_role { DTLSLAB_CLIENT = 0, DTLSLAB_SERVER = 1 };

enum dtlslab_client_auth {
    DTLSLAB_CLIENT_AUTH_NONE = 0,
    DTLSLAB_CLIENT_AUTH_REQUEST = 1,
    DTLSLAB_CLIENT_AUTH_REQUIRE = 2
};

/* Three-valued switches: zero leaves the stack's own default in place. */
enum dtlslab_switch { DTLSLAB_DEFAULT = 0, DTLSLAB_ON = 1, DTLSLAB_OFF = 2 };

struct dtlslab_bytes {
    const uint8_t *data;
    uint32_t len;
};

struct dtlslab_codes {
    const uint16_t *codes; /* IANA code points, most preferred first */
    uint32_t num;          /* 0: the stack's defaults */
};

/* What an endpoint is to be. A field of zero means "not given" or "the stack's default".
 * What the stack cannot do is refused by `create` with DTLSLAB_UNSUPPORTED and a sentence, never ignored. */
struct dtlslab_config {
    uint32_t size; /* sizeof(struct dtlslab_config) as the caller knows it; fields past it are zero */
    uint32_t role; /* enum dtlslab_role */

    uint16_t min_version; /* wire versions, 0xfeff, 0xfefd, 0xfefc; 0: the stack's default */
    uint16_t max_version;
    struct dtlslab_codes cipher_suites;
    struct dtlslab_codes groups;
    struct dtlslab_codes signature_schemes;

    /* Credentials. PEM texts, not NUL-terminated. Both empty: no certificate. */
    struct dtlslab_bytes certificate_chain; /* leaf first */
    struct dtlslab_bytes private_key;       /* PKCS#8 */
    struct dtlslab_bytes trust_anchors;     /* empty: the peer's chain is not verified */
    const char *server_name;                /* client: SNI and the name checked; NULL: neither */
    uint32_t client_auth;                   /* enum dtlslab_client_auth; server */

    /* Pre-shared key. A client uses this identity; a server accepts exactly this one. */
    struct dtlslab_bytes psk_identity;
    struct dtlslab_bytes psk_key;
    struct dtlslab_bytes psk_hint; /* server; empty: none sent */

    uint32_t mtu;     /* largest datagram to send, bytes of UDP payload; 0: the stack's default */
    uint32_t cookies; /* enum dtlslab_switch; server: HelloVerifyRequest or HelloRetryRequest cookie */
    uint32_t extended_master_secret; /* enum dtlslab_switch */
    uint32_t tickets;                /* enum dtlslab_switch */
    uint32_t connection_id;          /* enum dtlslab_switch */
    struct dtlslab_bytes
        local_connection_id;     /* the CID that the peer shall put into records to us; may be empty */
    uint64_t initial_timeout_ns; /* first retransmission timeout; 0: the stack's default */

    uint64_t seed;             /* of every random byte the stack draws; the same seed gives the same datagrams
                                  wherever the capability "deterministic" is claimed */
    uint64_t calendar_seconds; /* POSIX time at carrier time 0, for certificates and tickets */

    /* Extensions and services; what is negotiated is in `struct dtlslab_session_info`. */
    const struct dtlslab_bytes *application_protocols; /* ALPN, RFC 7301; most preferred first */
    uint32_t num_application_protocols;
    uint32_t max_fragment_length; /* client: asks for it, RFC 6066 section 4; 512, 1024, 2048, 4096 */
    uint32_t record_size_limit;   /* of records to us, RFC 8449; 64 to 16384 */
    uint32_t encrypt_then_mac;    /* enum dtlslab_switch; RFC 7366 */
    uint32_t session_ids;         /* enum dtlslab_switch; resumption by session id. A client with this
                                     or `tickets` offers its last session in the next */
    uint32_t ocsp_stapling;       /* enum dtlslab_switch; client: asks for it, RFC 6066 section 8 */
    uint32_t raw_public_keys;     /* enum dtlslab_switch; ON: keys instead of certificates both ways, RFC
                                     7250. Ours is that of `private_key` */
    struct dtlslab_codes srtp_profiles;   /* RFC 5764 section 4.1.2 */
    struct dtlslab_bytes ocsp_response;   /* server: an OCSPResponse in DER, stapled when asked for */
    struct dtlslab_bytes peer_public_key; /* SubjectPublicKeyInfo in PEM, the one key that is accepted with
                                             `raw_public_keys`; empty: any */
    const char *exporter_label; /* RFC 5705: what `exported` is made with, without a context; NULL: nothing */
};

enum dtlslab_event_kind {
    DTLSLAB_EVENT_CONNECTED =
        1, /* the handshake is over; `version`, `cipher_suite`, `group`, `resumed` are set */
    DTLSLAB_EVENT_CLOSED = 2, /* the peer sent close_notify, or our own close is complete */
    DTLSLAB_EVENT_FAILED =
        3, /* the session is dead; `text` says why, `alert_*` if one was sent or received */
    DTLSLAB_EVENT_ALERT_SENT = 4, /* `alert_level`, `alert_description` */
    DTLSLAB_EVENT_ALERT_RECEIVED =
        5,                     /* `alert_level`, `alert_description`, authenticated or before encryption */
    DTLSLAB_EVENT_TIMEOUT = 6, /* a retransmission timer fired and a flight was repeated */
    DTLSLAB_EVENT_PATH_CHANGED = 7, /* the peer is now at `path` (connection IDs) */
    DTLSLAB_EVENT_SESSION_NEW = 8,  /* server: a session began with the peer at `path` */
    DTLSLAB_EVENT_SAID = 9          /* `text` is a line of what a program prints; of no session (0) */
};

struct dtlslab_event {
    uint32_t kind; /* enum dtlslab_event_kind */
    uint16_t version;
    uint16_t cipher_suite;
    uint64_t session;
    uint64_t path;
    uint16_t group;
    uint8_t alert_level;
    uint8_t alert_description;
    uint8_t resumed;
    uint8_t reserved[3];
    char text[DTLSLAB_MAX_TEXT]; /* NUL-terminated; empty when there is nothing to say */
};

/* The bytes of keying material that are exported, and the longest OCSPResponse that is told. */
#define DTLSLAB_EXPORTED_LEN      32u
#define DTLSLAB_MAX_OCSP_RESPONSE 2048u

/* What was agreed on in a session, besides what its CONNECTED event tells. Zero: there was none, or the stack
 * does not tell. */
struct dtlslab_session_info {
    uint32_t size;     /* sizeof(struct dtlslab_session_info) as the caller knows it; no more is written */
    uint32_t max_data; /* the most bytes of application data in a record to the peer, as negotiated */
    uint16_t srtp_profile;          /* RFC 5764 section 4.1.2 */
    uint16_t signature_scheme;      /* what this side has signed with */
    uint16_t peer_signature_scheme; /* what the peer has signed with */
    uint8_t extended_master_secret; /* enum dtlslab_switch */
    uint8_t encrypt_then_mac;       /* enum dtlslab_switch */
    uint8_t raw_public_key;         /* enum dtlslab_switch; the peer has shown one */
    uint8_t application_protocol_len;
    uint8_t exported_len; /* DTLSLAB_EXPORTED_LEN or 0 */
    uint8_t psk_hint_len;
    uint8_t application_protocol[255]; /* ALPN */
    uint8_t exported[DTLSLAB_EXPORTED_LEN];
    uint8_t psk_hint[255];              /* client: the server's */
    char server_name[DTLSLAB_MAX_TEXT]; /* server: the name that the client asked for */
    uint32_t ocsp_response_len;         /* client: what the server has stapled */
    uint8_t ocsp_response[DTLSLAB_MAX_OCSP_RESPONSE];
};

struct dtlslab_endpoint; /* the stack's own */

struct dtlslab_endpoint_api {
    uint32_t abi;  /* DTLSLAB_ENDPOINT_ABI */
    uint32_t size; /* sizeof(struct dtlslab_endpoint_api) as the object knows it */

    const char *name;    /* "openssl": lower case, stable, fit for a file name */
    const char *version; /* what the library says of itself at run time, e.g. "3.0.19" */

    /* NULL-terminated list of words, each a thing that this build can do:
     * - client server dtls1.0 dtls1.2 dtls1.3
     * - certificate verify client-auth psk psk-hint
     * - cookie no-cookie ems no-ems tickets session-ids cid mtu initial-timeout
     * - alpn mfl rsl etm no-etm srtp exporter sni ocsp rpk: those extensions and services; `sni`: as server
     * it tells the name
     * - keylog alert-events deterministic
     * - own-data: the endpoint is a program that does as it likes: `send`, `close` and another `connect` are
     * DTLSLAB_UNSUPPORTED. Of what others can do without a word it then claims what it does: script (send,
     * close and begin again when told), echo (send back what comes), server-name (a client sends the name),
     * client-auth-request (a server asks for a certificate without demanding one)
     * - own-credentials: it has its own, and takes no notice of those of its configuration;
     * peer:FIELD=HEX: what the other side is to have for it (pybind/src/dtlslab/peer_settings.py)
     * - suite:XXXX group:XXXX scheme:XXXX srtp:XXXX (four hexadecimal digits, lower case)
     *
     * A case that needs a word that is not here is `unsupported`, by this list alone. */
    const char *const *capabilities;

    /* NULL-terminated list of shared objects, by a part of their file names, whose clock and random entries
     * the laboratory may redirect while it is inside this endpoint ("libssl.so", "libcrypto.so").
     * The object that holds this table is always among them. NULL: none. */
    const char *const *clock_objects;

    /* Makes an endpoint. On failure `message` (of at least DTLSLAB_MAX_TEXT bytes) says why in one sentence.
     */
    int32_t (*create)(const struct dtlslab_config *config, struct dtlslab_endpoint **out_endpoint,
                      char *message);

    /* Frees an endpoint and all its sessions. Sends nothing. */
    void (*destroy)(struct dtlslab_endpoint *endpoint);

    /* Client: begins a session with the peer at `path`. A server answers DTLSLAB_INVALID. */
    int32_t (*connect)(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t path, uint64_t *out_session);

    /* Takes one whole datagram that came from `path`. */
    int32_t (*receive)(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t path,
                       const uint8_t *datagram, uint32_t len);

    /* Takes out the next datagram to send, in order. DTLSLAB_NOTHING when there is none. */
    int32_t (*poll_datagram)(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t *out_path,
                             uint8_t *out, uint32_t out_cap, uint32_t *out_len);

    /* The earliest time at which `timeout` must be called, absolute, rounded up; DTLSLAB_NO_DEADLINE if none.
     * May be called at any time and changes nothing. A deadline in the past means "now". */
    uint64_t (*deadline)(struct dtlslab_endpoint *endpoint, uint64_t now);

    /* The deadline has come. Must move the deadline forward or clear it; an endpoint that does neither twice
     * running is `hang`. */
    int32_t (*timeout)(struct dtlslab_endpoint *endpoint, uint64_t now);

    int32_t (*poll_event)(struct dtlslab_endpoint *endpoint, struct dtlslab_event *out_event);

    /* Sends application data, one record. DTLSLAB_WOULD_BLOCK before the handshake is over. */
    int32_t (*send)(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t session, const uint8_t *data,
                    uint32_t len);

    /* Takes out the next piece of application data received, one record a call. */
    int32_t (*poll_data)(struct dtlslab_endpoint *endpoint, uint64_t *out_session, uint8_t *out,
                         uint32_t out_cap, uint32_t *out_len);

    /* Sends close_notify. The session's CLOSED event follows. */
    int32_t (*close)(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t session);

    /* Takes out the next line of the key log (NSS format), NUL-terminated, without a line end. */
    int32_t (*poll_keylog)(struct dtlslab_endpoint *endpoint, char *out, uint32_t out_cap);

    /* Tells what was agreed on in a session that has been connected; `out_info->size` is the caller's.
     * DTLSLAB_NOTHING: it has not been connected, or its memory is gone since it failed. May be NULL, and is
     * not there in a table whose `size` ends before it. */
    int32_t (*session_info)(struct dtlslab_endpoint *endpoint, uint64_t session,
                            struct dtlslab_session_info *out_info);
};

/* The one symbol. Never NULL; the table lives as long as the object is loaded. */
const struct dtlslab_endpoint_api *dtlslab_endpoint_api(void);

#ifdef __cplusplus
}
#endif

#endif
