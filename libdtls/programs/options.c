/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <stdarg.h>
#include <stdlib.h>

void fail(const struct options *options, int status, const char *format, ...) {
    va_list arguments;
    fprintf(stderr, "%s: ", options->program);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(status);
}
