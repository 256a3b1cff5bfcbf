/* SPDX-License-Identifier: MIT
 *
 * The pair of stacks that a test program was started with, and what its tests share.
 */
#ifndef TESTS_PAIR_H
#define TESTS_PAIR_H

#include "loop.h"

/* Remembers the names of the stacks from the command line. 0 when there are not two. */
int pair_take_arguments(int argc, char **argv);

/* loop_begin with the pair: the client's stack and the server's. */
void pair_begin(struct loop *loop, const struct dtlslab_config *client, const struct dtlslab_config *server);

/* As above, for configurations that need the capability `word`. 0 when a stack of the pair is without it;
 * that one has then been seen to refuse its configuration. */
int pair_begin_if(const char *word, struct loop *loop, const struct dtlslab_config *client,
                  const struct dtlslab_config *server);

/* As pair_begin. 0 when the stack of `side` is the one of this name, which cannot be what it is to be; it has
 * then been seen to refuse. */
int pair_begin_unless(int side, const char *name, struct loop *loop, const struct dtlslab_config *client,
                      const struct dtlslab_config *server);

/* Whether the stack of a side has the capability. */
int pair_can(int side, const char *word);

/* Whether the stack of a side is the one of this name, in a version that begins so. For its known failures,
 * which stand in interop/expected and conformance/expected. */
int pair_is(int side, const char *name, const char *version);

/* As pair_begin, with the P-256 certificate configurations. */
void pair_begin_certificate(struct loop *loop);

/* Connects path 1, runs until all is quiet and fails the test unless both sides are connected. Answers the
 * client's session. */
uint64_t pair_shake_hands(struct loop *loop);

/* As above, but one side at least must have failed; answers the event of `side`, and fails the test if there
 * is none. */
const struct dtlslab_event *pair_fail_to_shake_hands(struct loop *loop, int side);

/* Sends four bytes each way and compares. */
void pair_assert_echo(struct loop *loop, uint64_t client_session);

#endif
