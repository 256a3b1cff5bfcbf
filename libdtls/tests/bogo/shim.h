/* SPDX-License-Identifier: MIT
 *
 * A shim for BoGo, the protocol tests of BoringSSL: one process for one test,
 * started by the runner with flags that say what to configure and to expect.
 * How the two talk is described in ssl/test/PORTING.md of BoringSSL.
 */
#ifndef DTLS_TESTS_BOGO_SHIM_H
#define DTLS_TESTS_BOGO_SHIM_H

#include "dtls/dtls.h"
#include "dtls/libcrypto.h"

/* Exit status that tells the runner that a test does not apply. */
#define SHIM_NOT_APPLICABLE 89

/* The longest ticket that the runner makes: with a client's chain in it. */
#define SHIM_MAX_TICKET 8192

#define SHIM_MAX_CREDENTIALS 8
#define SHIM_MAX_LIST        16

/* A certificate, or a raw public key, that the shim may use. */
typedef struct shim_credential {
    const char *chain_file;
    const char *key_file;
    bool raw_public_key;
    dtls_span ocsp_response;
    uint16_t schemes[SHIM_MAX_LIST];
    size_t num_schemes;
} shim_credential;

/* What the flags say about one connection. Integers are -1 and strings NULL when not given. */
typedef struct shim_options {
    bool server;
    bool dtls;
    bool async;
    bool ipv6;
    int port;
    uint64_t shim_id;
    int resume_count;

    const char *settings; /* prefix of the files of this test */

    /* The default credential comes first, whether given or not. */
    shim_credential credentials[SHIM_MAX_CREDENTIALS];
    size_t num_credentials;

    uint16_t groups[SHIM_MAX_LIST];
    size_t num_groups;
    uint16_t verify_schemes[SHIM_MAX_LIST];
    size_t num_verify_schemes;
    uint16_t accepted_types[SHIM_MAX_LIST];
    size_t num_accepted_types;
    uint16_t available_types[SHIM_MAX_LIST];
    size_t num_available_types;
    const char *ciphers;
    bool server_preference;
    int min_version;
    int max_version;
    bool no_1_3;
    bool no_1_2;
    bool no_1_0;

    bool verify_peer;
    bool verify_fail;
    bool custom_verify; /* the verdict is the library's to turn into an alert */
    bool require_certificate;
    const char *psk;
    const char *psk_identity;
    const char *host_name;
    const char *advertise_alpn;
    const char *select_alpn;
    bool decline_alpn;
    bool reject_alpn;
    const char *srtp_profiles;
    bool ocsp_stapling;
    bool declines_stapling;
    bool refuses_status; /* the verdict on every certificate: its status is not good */
    bool no_ticket;
    bool no_server_name_ack;
    bool reverify_on_resume;

    int mtu;
    int initial_timeout_ms;
    int max_certificates;
    int resumption_delay_s;

    bool writes_first;
    bool shuts_down;
    bool check_close_notify;
    bool send_alert;
    int export_len;
    const char *export_label;
    const char *export_context;
    bool use_export_context;

    int expect_version;
    int expect_group;
    int expect_cipher;
    int expect_peer_scheme;
    int expect_credential;
    bool expects_credential;
    int expect_peer_type;
    bool expect_extended_master_secret;
    bool expect_no_peer_certificate;
    bool expect_session_miss;
    bool expect_ticket_renewal;
    bool expect_no_session;
    bool expect_session_id;
    bool expect_no_session_id;
    bool expect_no_server_name;
    const char *expect_server_name;
    const char *expect_alpn;
    const char *expect_peer_certificate_file;
    dtls_span expect_ocsp_response;
    dtls_span expect_public_key_sha256;
} shim_options;

/* Reads the flags of the first connection and of those that resume. */
void shim_read_flags(int argc, char **argv, shim_options *out_initial, shim_options *out_resume);

/* Ends the process: the test asks for something outside libdtls. `token` is a row of the table of reasons. */
_Noreturn void shim_not_applicable(const char *token, const char *detail);

/* Where the reason is left for `dtlslab bogo`: a file beside the transcript of the test. NULL: nowhere. */
void shim_leave_reasons(const char *prefix);

/* Prints the table of reasons: a token, a tab, a sentence. */
void shim_print_reasons(void);

/* Ends the process: the test failed, and standard error says why. */
_Noreturn void shim_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What comes from the runner. */
typedef enum shim_input_kind {
    SHIM_PACKET,
    SHIM_ADVANCE,        /* time passes: `number` ns */
    SHIM_EXPECT_TIMEOUT, /* the next deadline is to be `number` ns away; UINT64_MAX: none */
    SHIM_SET_MTU,        /* `number` bytes */
    SHIM_SET_TIMEOUT,    /* `number` ms */
    SHIM_CLOSED
} shim_input_kind;

typedef struct shim_input {
    shim_input_kind kind;
    uint64_t number;
    uint8_t *bytes; /* of a packet; valid until the next read */
    size_t len;
} shim_input;

/* The connection to the runner: a socket. */
int shim_connect(const shim_options *options);
shim_input shim_read(int runner);
void shim_write_packet(int runner, const uint8_t *bytes, size_t len);
void shim_close(int runner);

/* Looks at the peer's hello for signs that it would rather have spoken DTLS 1.3. */
typedef struct shim_peek {
    uint8_t body[16384];
    uint8_t there[16384];
    size_t len;
    bool done;
} shim_peek;

/* Whether the datagram completes such a hello: a ClientHello with supported_versions or an encrypted
 * one in it, or a ServerHello whose
 * random carries the mark of a server that had to settle for less (RFC 8446 section 4.1.3).
 */
bool shim_peer_prefers_1_3(shim_peek *peek, bool server, const uint8_t *datagram, size_t len);

/* A configuration with everything that it points to. */
typedef struct shim_setup shim_setup;

shim_setup *shim_configure(const shim_options *options);
const dtls_config *shim_config(const shim_setup *setup);
const dtls_private_key *shim_key_of(const shim_setup *setup, const dtls_credential *credential);
int shim_number_of(const shim_setup *setup, const dtls_credential *credential);
void shim_setup_free(shim_setup *setup);

/* What the shim saw of a connection, to be held against what is expected. */
typedef struct shim_seen {
    bool peer_certificate;
    uint8_t peer_leaf[8192];
    size_t peer_leaf_len;
    dtls_certificate_type peer_type;
    uint8_t status[8192]; /* the OCSP response */
    size_t status_len;
    bool resumes;     /* the connection is not the first */
    bool new_session; /* it has made a session, or a server has cached one */
    int credential;   /* as the runner counts: -1 the default, 0 the first of the others */
} shim_seen;

/* Sessions, kept from one connection to the next. */
const dtls_ticket_keys *shim_ticket_keys(void);
void shim_offer_session(const shim_options *options, dtls_connection *connection, dtls_time now);
void shim_answer_session(dtls_connection *connection, dtls_time now, dtls_span id);
/* Whether the connection has made a session that was not there before. */
bool shim_keep_session(const shim_options *options, const dtls_connection *connection);

/* Holds a connection whose handshake is over against the expectations; fails when they are not met. */
void shim_check(const shim_options *options, const dtls_connection *connection, const shim_seen *seen);

/* Runs one connection to its end. */
void shim_run(const shim_options *options, bool resumes);

/* Whether the flags let the version be negotiated. */
bool shim_allows(const shim_options *options, unsigned version);

#endif
