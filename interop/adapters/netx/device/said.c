/* SPDX-License-Identifier: MIT
 *
 * What the program prints, line by line, as events: the linker gives it the
 * functions with `__wrap_` here for those of the C library. Other streams than
 * standard output and error are the library's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"

#define NUM_STREAMS 2

/* Of the one program in this copy. */
static struct device *speaker;
static struct {
    char text[DTLSLAB_MAX_TEXT];
    size_t len;
} lines[NUM_STREAMS];
static char last[DTLSLAB_MAX_TEXT];

void device_say(const struct device *device, const char *text) {
    struct dtlslab_event event = {.kind = DTLSLAB_EVENT_SAID};

    snprintf(event.text, sizeof event.text, "%s", text);
    (void)adapter_queue_put(&device->endpoint->events, 0, &event, sizeof event);
}

static void end_line(size_t stream) {
    lines[stream].text[lines[stream].len] = '\0';
    lines[stream].len = 0;
    memcpy(last, lines[stream].text, sizeof last);
    if (speaker != NULL && !speaker->ending)
        device_say(speaker, last);
}

/* A line that is too long goes on in the next. */
static void put(size_t stream, const char *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != '\n')
            lines[stream].text[lines[stream].len++] = bytes[i];
        if (bytes[i] == '\n' || lines[stream].len == sizeof lines[stream].text - 1)
            end_line(stream);
    }
}

void device_listen(struct device *device) {
    speaker = device;
}

const char *device_last_line(void) {
    for (size_t stream = 0; stream < NUM_STREAMS; stream++) {
        if (lines[stream].len > 0)
            end_line(stream);
    }
    return last;
}

/* --- For the program. --- */

static int is_told(const FILE *stream) {
    return stream == stdout || stream == stderr;
}

static void put_to(const FILE *stream, const char *bytes, size_t len) {
    put(stream == stderr, bytes, len);
}

/* What the linker calls these is not up to us. */
/* NOLINTBEGIN(bugprone-reserved-identifier) */
int __real_vfprintf(FILE *stream, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
int __real_fputs(const char *text, FILE *stream);
int __real_fputc(int byte, FILE *stream);
size_t __real_fwrite(const void *bytes, size_t size, size_t num, FILE *stream);

static int print(FILE *stream, const char *format, va_list arguments) {
    char *text = NULL;

    if (!is_told(stream))
        return __real_vfprintf(stream, format, arguments);
    const int len = vasprintf(&text, format, arguments);
    if (len >= 0)
        put_to(stream, text, (size_t)len);
    free(len >= 0 ? text : NULL);
    return len;
}

int __wrap_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int __wrap_fprintf(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap_vprintf(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));
int __wrap_vfprintf(FILE *stream, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
int __wrap___printf_chk(int flag, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap___fprintf_chk(FILE *stream, int flag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int __wrap___vprintf_chk(int flag, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
int __wrap___vfprintf_chk(FILE *stream, int flag, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));
int __wrap_puts(const char *text);
int __wrap_fputs(const char *text, FILE *stream);
int __wrap_putchar(int byte);
int __wrap_putc(int byte, FILE *stream);
int __wrap_fputc(int byte, FILE *stream);
size_t __wrap_fwrite(const void *bytes, size_t size, size_t num, FILE *stream);
void __wrap_perror(const char *text);

int __wrap_printf(const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    const int len = print(stdout, format, arguments);
    va_end(arguments);
    return len;
}

int __wrap_fprintf(FILE *stream, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    const int len = print(stream, format, arguments);
    va_end(arguments);
    return len;
}

int __wrap_vprintf(const char *format, va_list arguments) {
    return print(stdout, format, arguments);
}

int __wrap_vfprintf(FILE *stream, const char *format, va_list arguments) {
    return print(stream, format, arguments);
}

int __wrap___printf_chk(int flag, const char *format, ...) {
    va_list arguments;

    (void)flag;
    va_start(arguments, format);
    const int len = print(stdout, format, arguments);
    va_end(arguments);
    return len;
}

int __wrap___fprintf_chk(FILE *stream, int flag, const char *format, ...) {
    va_list arguments;

    (void)flag;
    va_start(arguments, format);
    const int len = print(stream, format, arguments);
    va_end(arguments);
    return len;
}

int __wrap___vprintf_chk(int flag, const char *format, va_list arguments) {
    (void)flag;
    return print(stdout, format, arguments);
}

int __wrap___vfprintf_chk(FILE *stream, int flag, const char *format, va_list arguments) {
    (void)flag;
    return print(stream, format, arguments);
}

int __wrap_puts(const char *text) {
    put_to(stdout, text, strlen(text));
    put_to(stdout, "\n", 1);
    return 1;
}

int __wrap_fputs(const char *text, FILE *stream) {
    if (!is_told(stream))
        return __real_fputs(text, stream);
    put_to(stream, text, strlen(text));
    return 1;
}

int __wrap_fputc(int byte, FILE *stream) {
    const char one = (char)byte;

    if (!is_told(stream))
        return __real_fputc(byte, stream);
    put_to(stream, &one, 1);
    return (unsigned char)one;
}

int __wrap_putc(int byte, FILE *stream) {
    return __wrap_fputc(byte, stream);
}

int __wrap_putchar(int byte) {
    return __wrap_fputc(byte, stdout);
}

size_t __wrap_fwrite(const void *bytes, size_t size, size_t num, FILE *stream) {
    if (!is_told(stream))
        return __real_fwrite(bytes, size, num, stream);
    put_to(stream, bytes, size * num);
    return num;
}

void __wrap_perror(const char *text) {
    (void)__wrap_fprintf(stderr, "%s: %s\n", text, strerror(errno));
}
/* NOLINTEND(bugprone-reserved-identifier) */
