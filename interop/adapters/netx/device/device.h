/* SPDX-License-Identifier: MIT
 *
 * An unchanged program for NetX Secure DTLS as an endpoint.
 *
 * One shared object has the program, the services and this glue, and each
 * endpoint loads a copy of it, so that each has static variables of its own.
 * In the copy the program runs on a stepped kernel of its own: `main` until it
 * enters ThreadX, then its threads whenever the laboratory tells the time.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include "adapter.h"
#include "nx_host.h"
#include "nx_secure_dtls_api.h"
#include "nx_secure_host.h"
#include "tx_host.h"

/* --- What is told of the program when it is built (made by `dtlslab netx-device`). --- */

/* Arguments of `main` that are added if the configuration has what `when` names; NULL: always. In them,
 * {psk_identity} and the like stand for what is configured. */
struct device_arguments {
    const char *when;
    const char *argument; /* NULL: the end of the table */
};

extern const char device_name[];

struct device_settings {
    const char *const *words; /* capabilities; NULL-terminated */
    const struct device_arguments *arguments;
    int own_credentials; /* what the configuration has of them is not for this program */
    UINT port;           /* of a server; 0: that of its DTLS server */
};

extern const struct device_settings device_settings;

/* --- The endpoint's parts. --- */

/* A session that the laboratory has been told of; behind adapter_session.tls. */
struct device_session {
    struct device_session *next; /* among those of the device */
    struct adapter_session *reported;
    NX_SECURE_DTLS_SESSION *session; /* NULL: not begun, or over */
    int closing;                     /* close_notify has been sent */
    struct dtlslab_session_info described;
    UCHAR hint[NX_SECURE_TLS_MAX_PSK_ID_SIZE];
    size_t hint_len;
};

/* Who is behind a path: a client's server, at the address that the program has built in, or one of a server's
 * clients, at an address that it is given. */
struct device_peer {
    uint64_t path;
    NXD_ADDRESS address;
    UINT port;
    NXD_ADDRESS own_address; /* where the program was heard from last, or is to be spoken to */
    UINT own_port;           /* 0: nothing is known */
};

/* The program's own thread of control until it enters ThreadX, and after. */
struct device_program;

struct device {
    struct dtlslab_endpoint *endpoint;
    tx_host_kernel *kernel;
    nx_host_dtls_observer observer;
    struct device_program *program;
    struct device_session *sessions;
    struct device_peer *peers; /* a client has one */
    size_t num_peers;
    uint64_t deadline;
    int ending; /* the endpoint is being destroyed: nothing is told any more */
    char **arguments;
    char *folder; /* of files for the program; NULL: none */
};

struct device *device_of(const struct dtlslab_endpoint *endpoint);

/* Lets the program run until it waits. */
void device_run(struct device *device);

/* arguments.c: fills `device->arguments`. DTLSLAB_OK, or what `create` answers. */
int32_t device_make_arguments(struct device *device, const struct dtlslab_config *config, char *message);
void device_free_arguments(struct device *device);

/* program.c */
/* Runs the program until it has entered ThreadX, or ended. DTLSLAB_OK, or DTLSLAB_FAILED and why. */
int32_t device_program_start(struct device *device, char *message);
/* Whether it has been started, and has not ended. */
int device_program_runs(const struct device *device);
/* After steps: whether it has ended just now, with `*out_status`. */
int device_program_ends(struct device *device, int *out_status);
void device_program_free(struct device *device);

/* said.c: what the program prints is told from `device_listen` on. */
void device_listen(struct device *device);
void device_say(const struct device *device, const char *text);
/* Ends what has been printed of a line, and answers the last one. */
const char *device_last_line(void);

/* network.c */
void device_network_begin(struct device *device);
/* A session begins; a client's newest is the one that is answered. */
void device_meet(struct device *device, const NX_SECURE_DTLS_SESSION *session);
/* The path of a session's peer; a client's sessions all have the one. */
uint64_t device_path_of(const struct device *device, const NX_SECURE_DTLS_SESSION *session);
void device_deliver(struct device *device, uint64_t path, const uint8_t *datagram, uint32_t len);

/* sessions.c */
void device_observe(struct device *device);
/* The session that `connect` has promised; NULL: it has begun already. */
struct device_session *device_promised(const struct device *device);
/* Ends what is left, without a word to the peers. */
void device_end_sessions(struct device *device);

#endif
