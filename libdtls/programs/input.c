/* SPDX-License-Identifier: MIT */
#include "input.h"

#include <unistd.h>

static void give(struct input *input, ssize_t len) {
    if (input->ended)
        return;
    input->ended = len <= 0;
    input->on_input(input->user, input->bytes, len > 0 ? (size_t)len : 0);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out) {
    struct input *input = handle->data;
    (void)suggested;
    *out = uv_buf_init((char *)input->bytes, (unsigned)input->most);
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buffer) {
    struct input *input = stream->data;
    (void)buffer;
    if (len == 0)
        return; /* not now */
    if (len < 0)
        (void)uv_read_stop(stream);
    give(input, len);
}

static void read_file(struct input *input);

static void on_file_read(uv_fs_t *request) {
    struct input *input = request->data;
    const ssize_t len = request->result;
    uv_fs_req_cleanup(request);
    input->reading = false;
    if (!input->open)
        return;
    give(input, len);
    if (!input->ended && !input->paused && !input->reading)
        read_file(input);
}

static void read_file(struct input *input) {
    const uv_buf_t buffer = uv_buf_init((char *)input->bytes, (unsigned)input->most);
    input->reading = true;
    input->source.file.data = input;
    if (uv_fs_read(input->loop, &input->source.file, STDIN_FILENO, &buffer, 1, -1, on_file_read) != 0) {
        input->reading = false;
        give(input, 0);
    }
}

void input_open(struct input *input, uv_loop_t *loop, void (*on_input)(void *, const uint8_t *, size_t),
                void *user) {
    int error = 0;
    input->loop = loop;
    input->on_input = on_input;
    input->user = user;
    input->most = sizeof input->bytes;
    input->paused = true;
    input->open = true;
    switch (uv_guess_handle(STDIN_FILENO)) {
    case UV_TTY:
        error = uv_tty_init(loop, &input->source.tty, STDIN_FILENO, 1);
        break;
    case UV_NAMED_PIPE:
    case UV_TCP:
        (void)uv_pipe_init(loop, &input->source.pipe, 0);
        error = uv_pipe_open(&input->source.pipe, STDIN_FILENO);
        break;
    default:
        input->is_file = true;
        break;
    }
    if (error != 0)
        input->is_file = true;
    input->source.handle.data = input;
}

void input_pause(struct input *input) {
    input->paused = true;
    if (!input->is_file && input->open)
        (void)uv_read_stop(&input->source.stream);
}

void input_resume(struct input *input) {
    if (!input->paused || input->ended || !input->open)
        return;
    input->paused = false;
    if (!input->is_file)
        (void)uv_read_start(&input->source.stream, on_room, on_read);
    else if (!input->reading)
        read_file(input);
}

void input_close(struct input *input) {
    if (input->open && !input->is_file)
        uv_close(&input->source.handle, NULL);
    input->open = false;
}
