/* SPDX-License-Identifier: MIT
 *
 * The capability list, asked of the stack once.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter.h"

/* Lives as long as the object is loaded. */
static struct adapter_words capabilities;

static const char *const nothing[] = {NULL};

void adapter_words_add(struct adapter_words *words, const char *format, ...) {
    va_list arguments;
    char *word = NULL;

    va_start(arguments, format);
    const int len = vasprintf(&word, format, arguments);
    va_end(arguments);
    if (len < 0)
        return;
    const char **longer = realloc(words->words, (words->num + 2) * sizeof *longer);
    if (longer == NULL) {
        free(word);
        return;
    }
    longer[words->num++] = word;
    longer[words->num] = NULL;
    words->words = longer;
}

static void ask_stack_once(void) {
    adapter_stack.prepare();
    adapter_stack.add_capabilities(&capabilities);
}

const char *const *adapter_capabilities(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, ask_stack_once);
    return capabilities.words != NULL ? capabilities.words : nothing;
}

int adapter_can(const char *word) {
    for (const char *const *own = adapter_capabilities(); *own != NULL; own++) {
        if (strcmp(*own, word) == 0)
            return 1;
    }
    return 0;
}
