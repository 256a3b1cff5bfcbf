/* SPDX-License-Identifier: MIT
 *
 * A connection with the null provider, driven by a script: datagrams, its own
 * deadlines, and calls of its application. What the library promises is
 * checked on the way.
 *
 * A script is items one behind the other, each with two bytes in front: the
 * length of a datagram, which follows; or 0, which lets the deadline come; or
 * DRIVE_CALL with the number of a call.
 */
#ifndef DTLS_FUZZ_DRIVE_H
#define DTLS_FUZZ_DRIVE_H

#include "settings.h"
#include "wire/cursor.h"

/* The largest datagram that goes in or out, bytes. */
#define DRIVE_DATAGRAM 2048

#define DRIVE_CALL 0xff00

enum drive_call {
    DRIVE_ANSWER,  /* the question that waits */
    DRIVE_WRITE,   /* some data */
    DRIVE_PROTECT, /* a batch */
    DRIVE_CLOSE,
    DRIVE_ABORT,
    DRIVE_PATH_MTU, /* two bytes with the MTU follow */
    DRIVE_ROUND_TRIP,
    DRIVE_EXPORTERS, /* keys, and the session's state */
    DRIVE_TAKE_MEMORY,
    DRIVE_NEW_PATH, /* the next datagrams come from elsewhere */
    DRIVE_EARLY,    /* dtls_timeout, before the deadline */
    DRIVE_MOVE,     /* export, import */
    DRIVE_NUM_CALLS
};

struct drive {
    struct settings settings;
    uint32_t bits;
    dtls_role role;
    dtls_connection *connection;
    size_t session_size;
    void *session_block;
    void *handshake_block;
    dtls_time now;
    dtls_span session;        /* state that is offered, or found */
    dtls_event_kind question; /* that waits for its answer; 0: none */
    uint64_t path;
    bool connected;
    bool dead;
};

/* Where a datagram goes that the connection sends. NULL: nowhere. */
typedef void drive_send(void *user, const uint8_t *datagram, size_t len);

/* Opens a connection with the settings `bits`, and starts it if it is a client. `session` may be empty.
 * False: there is no such configuration. */
bool drive_open(struct drive *drive, dtls_role role, uint32_t bits, dtls_span session);

/* The same with a connection's state. False also if the state is refused. */
bool drive_import(struct drive *drive, dtls_role role, uint32_t bits, dtls_span state);

void drive_close(struct drive *drive);

/* Gives it one datagram, of which a copy is made. */
void drive_receive(struct drive *drive, const uint8_t *datagram, size_t len);

/* Lets its next deadline come; does nothing if there is none. */
void drive_expire(struct drive *drive);

/* Takes out events and datagrams until there are no more. */
void drive_take_out(struct drive *drive, drive_send *send, void *user);

/* Application data as one record. */
void drive_write(struct drive *drive, drive_send *send, void *user);

/* Answers `question` on `connection`. */
dtls_error drive_answer(dtls_connection *connection, dtls_time now, dtls_role role, dtls_event_kind question,
                        dtls_span session);

/* Carries out a whole script. */
void drive_run(struct drive *drive, struct dtls_reader *script);

#endif
