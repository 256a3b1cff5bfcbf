/* SPDX-License-Identifier: MIT
 *
 * A connection with the null provider, whose configuration is one byte, driven
 * by datagrams and by its own deadlines. Its questions are answered at once.
 */
#ifndef DTLS_FUZZ_DRIVE_H
#define DTLS_FUZZ_DRIVE_H

#include "dtls/dtls.h"

/* Bits of the configuration byte. */
enum {
    DRIVE_PSK_ONLY = 1,
    DRIVE_CLIENT_AUTH = 2,
    DRIVE_ASK_VERDICT = 4,
    DRIVE_ASK_SIGNATURE = 8,
    DRIVE_SMALL_MTU = 16,
    DRIVE_REQUIRE_EMS = 32,
    DRIVE_RESUMPTION = 64 /* tickets; a server looks up sessions, too, and knows none */
};

/* The largest datagram that goes in or out, bytes. */
#define DRIVE_DATAGRAM 2048

struct drive {
    dtls_config config;
    dtls_span chain[2];
    dtls_credential credential;
    dtls_connection *connection;
    void *session_block;
    void *handshake_block;
    dtls_time now;
    bool connected;
    bool dead;
};

/* Where a datagram goes that the connection sends. NULL: nowhere. */
typedef void drive_send(void *user, const uint8_t *datagram, size_t len);

/* Opens a connection, and starts it if it is a client. */
void drive_open(struct drive *drive, dtls_role role, uint8_t configuration);
void drive_close(struct drive *drive);

/* Gives it one datagram, of which a copy is made. */
void drive_receive(struct drive *drive, const uint8_t *datagram, size_t len);

/* Lets its next deadline come; does nothing if there is none. */
void drive_expire(struct drive *drive);

/* Takes out events and datagrams until there are no more. */
void drive_take_out(struct drive *drive, drive_send *send, void *user);

#endif
