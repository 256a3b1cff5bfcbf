/* SPDX-License-Identifier: MIT
 *
 * Mutations of scripts (drive.h) that know what datagrams are made of: a place
 * inside a record, message, or hello extension is altered by libFuzzer, and the
 * lengths around it follow; datagrams are repeated, dropped, moved, and cut
 * into fragments; deadlines and calls are put between them.
 */
#ifndef DTLS_FUZZ_MUTATE_H
#define DTLS_FUZZ_MUTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Alters the input in place, and answers its new length. `settings_len` bytes are in front, then, if
 * `has_state`, a state with its length in two bytes, then items, each with `item_extra` bytes between its
 * length and its datagram. */
size_t mutate_script(uint8_t *data, size_t len, size_t max_len, unsigned seed, size_t settings_len,
                     bool has_state, size_t item_extra);

/* libFuzzer's own. Declared here for targets that give it to libFuzzer, and weak for programs without it. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max_len, unsigned seed);

#endif
