/* SPDX-License-Identifier: MIT
 *
 * A server from the inside: what its one block of memory holds, and what its
 * files do for each other.
 *
 *   layout.c     the block: checks, sizes, places
 *   server.c     beginning, end, what is asked about sessions
 *   slots.c      the life of a slot: taken, established, over, given back
 *   routes.c     which slots have an address; how many handshakes a source has
 *   deadlines.c  the heap of connections' deadlines
 *   admission.c  a ClientHello from a newcomer: cookie, limits, room
 *   receiving.c  datagrams in
 *   polling.c    events and datagrams out, deadlines
 *   connection_ids.c  which session a connection ID names
 *
 * A slot is free, or shaking hands, or established, or over (it has ended, but
 * its last datagrams and events wait to be polled). Free slots stand in a
 * stack; those shaking hands in a list by age; those established in a list by
 * the time they were last heard of. Numbers name slots, so that links are small.
 */
#ifndef DTLS_SERVER_SERVER_H
#define DTLS_SERVER_SERVER_H

#include "dtls/checked_config.h"
#include "dtls/cookie.h"
#include "dtls/server.h"
#include "handshake/connection.h"

/* No slot. */
#define DTLS_NO_SLOT UINT32_MAX

/* The longest datagram, bytes, that is offered to an old association and to a new one from the same address
 * while that shakes hands; longer ones are the old one's. */
#define DTLS_SERVER_SCRATCH 4096

enum dtls_slot_state { DTLS_SLOT_FREE = 0, DTLS_SLOT_HANDSHAKE, DTLS_SLOT_ESTABLISHED, DTLS_SLOT_OVER };

struct dtls_slot {
    dtls_connection *connection; /* NULL: free */
    void *user;
    uint64_t deadline; /* as it stands in the heap */
    uint64_t heard_at; /* when something authentic came last; before that, when it began */
    uint64_t hello;    /* keyed hash of the random of the ClientHello that began it */
    uint64_t path;     /* the caller's */
    uint64_t new_path; /* the caller's, of the new address */

    uint32_t generation;
    uint32_t handshake;   /* the handshake block it holds; DTLS_NO_SLOT */
    uint32_t heap_place;  /* DTLS_NO_SLOT: it has no deadline */
    uint32_t next_routed; /* in the bucket of its address */
    uint32_t list_next;   /* free slots, handshakes by age, or sessions by silence */
    uint32_t list_previous;
    uint32_t next_event;    /* in the queue of those that may have events */
    uint32_t next_datagram; /* … datagrams */

    /* Addresses by the numbers that the connection knows as paths. */
    uint32_t path_number;     /* of `address` */
    uint32_t new_path_number; /* of `new_address`, whence something authentic came; 0: there is none */
    uint32_t last_path_number;

    dtls_address address;
    dtls_address new_address;
    uint8_t state; /* enum dtls_slot_state */
    uint8_t end;   /* dtls_session_end, once it is known */
    bool queued_event;
    bool queued_datagram;
    bool routed;
    bool heard;  /* something authentic came since it was established */
    bool silent; /* what its connection wants to say is not sent */
    bool moved;  /* an event about it waits */
};

/* A handshake block's owner. */
struct dtls_handshake_place {
    uint32_t slot; /* DTLS_NO_SLOT: free */
    uint32_t next_free;
    uint32_t next_of_source; /* in the bucket of its source */
    uint32_t bucket;
};

/* An answer to a stranger. */
struct dtls_server_reply {
    dtls_address address;
    uint64_t path;
    uint8_t len;
    uint8_t bytes[DTLS_COOKIE_REPLY_MAX];
};

/* Sessions by connection ID; reached only through a configuration. */
struct dtls_server_ids {
    bool (*fits)(const dtls_config *config);
    dtls_error (*assign)(struct dtls_server *server, struct dtls_slot *slot);
    struct dtls_slot *(*find)(const struct dtls_server *server, dtls_span datagram);
};

/* A list of slots, from the one that has been in it longest. */
struct dtls_slot_list {
    uint32_t first;
    uint32_t last;
};

/* Places in the block, bytes from its beginning. */
struct dtls_server_layout {
    size_t slots;
    size_t heap;
    size_t routes;
    size_t places;
    size_t sources;
    size_t replies;
    size_t scratch;
    size_t sessions;
    size_t handshakes;
    size_t size;
    size_t session_stride;
    size_t handshake_stride;
    uint32_t num_routes; /* a power of two, as is the next */
    uint32_t num_sources;
    uint32_t num_replies;
};

struct dtls_server {
    dtls_server_config config;
    dtls_checked_config connection;
    const dtls_crypto *crypto; /* NULL: wiped */
    struct dtls_server_layout layout;
    dtls_server_statistics statistics;

    dtls_time now; /* of the latest call that was told */
    dtls_cookie_secret secret;
    uint64_t secret_until;
    uint8_t hash_key[16];

    struct dtls_slot *slots;
    uint32_t *heap;
    uint32_t heap_len;
    uint32_t *routes;
    struct dtls_handshake_place *places;
    uint32_t *sources;
    struct dtls_server_reply *replies;
    uint32_t first_reply;
    uint32_t num_replies;
    uint8_t *scratch;

    uint32_t free_slot;
    uint32_t free_handshake;
    struct dtls_slot_list shaking; /* from the oldest */
    struct dtls_slot_list silent;  /* established, from the one silent longest */
    struct dtls_slot_list events;
    struct dtls_slot_list datagrams;
    uint32_t ended; /* its end was told, and it is given back at the next call; DTLS_NO_SLOT */
    bool closing;
};

/* layout.c */

struct dtls_server_layout dtls_server_layout_of(const dtls_server_config *config);

static inline uint64_t dtls_server_cookie_lifetime(const dtls_server_config *config) {
    return config->cookie_lifetime_ns != 0 ? config->cookie_lifetime_ns : UINT64_C(60000000000);
}

/* slots.c */

static inline uint32_t dtls_slot_number(const struct dtls_server *server, const struct dtls_slot *slot) {
    return (uint32_t)(slot - server->slots);
}

static inline dtls_session dtls_slot_handle(const struct dtls_server *server, const struct dtls_slot *slot) {
    return (dtls_session){.slot = dtls_slot_number(server, slot), .generation = slot->generation};
}

/* The slot of a handle; NULL if that is stale. */
struct dtls_slot *dtls_slot_of(const struct dtls_server *server, dtls_session session);

/* Takes a free slot and a free handshake block and opens a connection there. NULL: it cannot be opened. Both
 * must be there. */
struct dtls_slot *dtls_slot_take(struct dtls_server *server, const dtls_address *address, uint64_t path,
                                 uint64_t hello);

/* The slot may have events and datagrams. */
void dtls_slot_queue(struct dtls_server *server, struct dtls_slot *slot);

/* Puts the slot where its connection's state says that it belongs. To be called after whatever may have
 * changed the connection. */
void dtls_slot_settle(struct dtls_server *server, struct dtls_slot *slot);

/* Something authentic has come for an established session. */
void dtls_slot_heard(struct dtls_server *server, struct dtls_slot *slot);

/* Closes a session with close_notify (without, if `silent`) for a reason of the server's own. */
void dtls_slot_end(struct dtls_server *server, struct dtls_slot *slot, dtls_session_end end, bool silent);

/* Gives a slot back whose end was told. */
void dtls_slot_release_ended(struct dtls_server *server);

/* The slot may have events only. */
void dtls_slot_queue_event(struct dtls_server *server, struct dtls_slot *slot);

/* Take the first out of a queue. */
void dtls_slot_dequeue_event(struct dtls_server *server);
void dtls_slot_dequeue_datagram(struct dtls_server *server);

/* routes.c */

/* The slots at an address, either of which may be NULL. */
struct dtls_route {
    struct dtls_slot *established;
    struct dtls_slot *handshake;
};

bool dtls_address_equal(const dtls_address *a, const dtls_address *b);
struct dtls_route dtls_route_find(const struct dtls_server *server, const dtls_address *address);
void dtls_route_add(struct dtls_server *server, struct dtls_slot *slot);
void dtls_route_remove(struct dtls_server *server, struct dtls_slot *slot);

/* Handshakes under way from the source of `address`. */
size_t dtls_source_count(const struct dtls_server *server, const dtls_address *address);
void dtls_source_add(struct dtls_server *server, uint32_t place);
void dtls_source_remove(struct dtls_server *server, uint32_t place);

/* deadlines.c */

/* The slot's deadline is now `deadline`; DTLS_NO_DEADLINE takes it out. */
void dtls_deadline_set(struct dtls_server *server, struct dtls_slot *slot, uint64_t deadline);

/* The earliest; DTLS_NO_DEADLINE. */
uint64_t dtls_deadline_first(const struct dtls_server *server);

/* admission.c */

/* A ClientHello that does not belong to a session under way. The newcomer's slot, to be given the datagram;
 * NULL if he was answered with a cookie or dropped. */
struct dtls_slot *dtls_admit(struct dtls_server *server, const dtls_server_datagram *datagram,
                             const struct dtls_route *known, uint64_t hello);

#endif
