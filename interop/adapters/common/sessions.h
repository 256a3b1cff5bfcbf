/* SPDX-License-Identifier: MIT
 *
 * The session table of an endpoint: by id, and by path.
 */
#ifndef ADAPTER_SESSIONS_H
#define ADAPTER_SESSIONS_H

#include "adapter.h"

/* A session with nothing in it, not yet in the table; the stack has opened it. NULL when that failed. */
struct adapter_session *adapter_session_open(struct dtlslab_endpoint *endpoint, uint64_t path);

/* Frees a session that is not in the table. NULL is allowed. */
void adapter_session_free(struct adapter_session *session);

/* Gives the session an id and enters it into the table, where it takes over its path. A dead session that was
 * there is freed. */
void adapter_session_enter(struct adapter_session *session);

/* Whether one more session can be entered; makes room by freeing the oldest dead one. */
int adapter_sessions_make_room(struct dtlslab_endpoint *endpoint);

struct adapter_session *adapter_session_by_id(const struct dtlslab_endpoint *endpoint, uint64_t id);
struct adapter_session *adapter_session_by_path(const struct dtlslab_endpoint *endpoint, uint64_t path);

/* Gives the session another path, which it takes over. */
void adapter_session_move(struct adapter_session *session, uint64_t path);

int adapter_session_is_dead(const struct adapter_session *session);

/* Calls `visit` for every session, in no particular order. */
void adapter_sessions_each(struct dtlslab_endpoint *endpoint, void (*visit)(struct adapter_session *, void *),
                           void *user);

/* Frees all sessions and the listener. */
void adapter_sessions_clear(struct dtlslab_endpoint *endpoint);

#endif
