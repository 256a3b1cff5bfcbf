/* SPDX-License-Identifier: MIT
 *
 * Standard input in a libuv loop, whatever it is: terminal, pipe or file.
 */
#ifndef DTLS_PROGRAMS_INPUT_H
#define DTLS_PROGRAMS_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct input {
    uv_loop_t *loop;
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tty_t tty;
        uv_pipe_t pipe;
        uv_fs_t file;
    } source;
    bool is_file;
    bool reading; /* a file is being read */
    bool paused;
    bool ended;
    bool open;

    /* `len` 0: the end. */
    void (*on_input)(void *user, const uint8_t *data, size_t len);
    void *user;
    size_t most; /* bytes taken at a time; may be changed */
    uint8_t bytes[16384];
};

/* Begins; nothing is read until `input_resume`. */
void input_open(struct input *input, uv_loop_t *loop, void (*on_input)(void *, const uint8_t *, size_t),
                void *user);
void input_pause(struct input *input);
void input_resume(struct input *input);
void input_close(struct input *input);

#endif
