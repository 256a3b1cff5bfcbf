/* SPDX-License-Identifier: MIT
 *
 * Opening the shared objects of endpoints and carriers. An object is opened
 * once and never closed: libraries inside it keep state, and the pointers of
 * its table must live as long as the process.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dtlslab_world.h"
#include "virtual_clock.h"

/* An object that was opened, by the name of its table's symbol and its path. */
struct loaded {
    struct loaded *next;
    const char *symbol;
    const void *table;
    char path[];
};

static struct loaded *all_loaded;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int32_t fail(char *message, const char *path, const char *what) {
    (void)snprintf(message, DTLSLAB_MAX_TEXT, "%s: %s", path, what);
    return DTLSLAB_FAILED;
}

/* What the linker has to say begins with the path as a rule; then it says enough by itself. */
static int32_t fail_by_linker(char *message, const char *path) {
    const char *error = dlerror();
    if (error == NULL)
        return fail(message, path, "cannot be opened");
    size_t len = strlen(path);
    if (strncmp(error, path, len) == 0 && error[len] == ':') {
        (void)snprintf(message, DTLSLAB_MAX_TEXT, "%s", error);
        return DTLSLAB_FAILED;
    }
    return fail(message, path, error);
}

/* Calls the function `symbol` of the object, which answers its table. */
static int32_t open_table(const char *path, const char *symbol, const void **out_table, char *message) {
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (object == NULL)
        return fail_by_linker(message, path);
    union {
        void *object;
        const void *(*function)(void);
    } entry = {dlsym(object, symbol)};
    if (entry.object == NULL) {
        char what[96];
        (void)snprintf(what, sizeof what, "does not export %s", symbol);
        return fail(message, path, what);
    }
    *out_table = entry.function();
    return *out_table != NULL ? DTLSLAB_OK : fail(message, path, "its table is NULL");
}

static int32_t check_abi(const char *path, const char *contract, uint32_t abi, uint32_t expected,
                         uint32_t size, size_t expected_size, char *message) {
    char what[160];
    if (abi != expected) {
        (void)snprintf(what, sizeof what,
                       "is built for version %u of the %s contract; this program speaks version %u", abi,
                       contract, expected);
        return fail(message, path, what);
    }
    if (size < expected_size) {
        (void)snprintf(what, sizeof what, "its table has %u bytes; the %s contract has %zu: rebuild it", size,
                       contract, expected_size);
        return fail(message, path, what);
    }
    return DTLSLAB_OK;
}

static int32_t check_endpoint(const char *path, const void *table, char *message) {
    const struct dtlslab_endpoint_api *api = table;
    /* What was added behind the first version of the table may be missing. */
    int32_t result = check_abi(path, "endpoint", api->abi, DTLSLAB_ENDPOINT_ABI, api->size,
                               offsetof(struct dtlslab_endpoint_api, session_info), message);
    if (result != DTLSLAB_OK)
        return result;
    bool complete = api->name && api->version && api->capabilities && api->create && api->destroy &&
                    api->connect && api->receive && api->poll_datagram && api->deadline && api->timeout &&
                    api->poll_event && api->send && api->poll_data && api->close && api->poll_keylog;
    if (!complete) {
        return fail(message, path,
                    "a field of its endpoint table is NULL; only clock_objects and session_info may be");
    }
    return api->clock_objects == NULL ? DTLSLAB_OK : dtlslab_clock_redirect(api->clock_objects, api, message);
}

static int32_t check_carrier(const char *path, const void *table, char *message) {
    const struct dtlslab_carrier_api *api = table;
    int32_t result =
        check_abi(path, "carrier", api->abi, DTLSLAB_CARRIER_ABI, api->size, sizeof *api, message);
    if (result != DTLSLAB_OK)
        return result;
    bool complete = api->name && api->version && api->create && api->destroy && api->now && api->path &&
                    api->send && api->run && api->num_nodes && api->peer && api->idle;
    return complete ? DTLSLAB_OK : fail(message, path, "a field of its carrier table is NULL");
}

static int32_t load_locked(const char *path, const char *symbol,
                           int32_t (*check)(const char *path, const void *table, char *message),
                           const void **out_table, char *message) {
    for (const struct loaded *loaded = all_loaded; loaded != NULL; loaded = loaded->next) {
        if (strcmp(loaded->symbol, symbol) == 0 && strcmp(loaded->path, path) == 0) {
            *out_table = loaded->table;
            return DTLSLAB_OK;
        }
    }
    int32_t result = open_table(path, symbol, out_table, message);
    if (result == DTLSLAB_OK)
        result = check(path, *out_table, message);
    if (result != DTLSLAB_OK)
        return result;
    size_t path_size = strlen(path) + 1;
    struct loaded *loaded = malloc(sizeof *loaded + path_size);
    if (loaded == NULL)
        return fail(message, path, "out of memory");
    loaded->symbol = symbol;
    loaded->table = *out_table;
    memcpy(loaded->path, path, path_size);
    loaded->next = all_loaded;
    all_loaded = loaded;
    return DTLSLAB_OK;
}

static int32_t load(const char *path, const char *symbol,
                    int32_t (*check)(const char *path, const void *table, char *message),
                    const void **out_table, char *message) {
    /* The path in full: a bare name would send the linker searching, and one object could go by two names. */
    char *full = realpath(path, NULL);
    if (full == NULL)
        return fail(message, path, "there is no such file");
    (void)pthread_mutex_lock(&lock);
    int32_t result = load_locked(full, symbol, check, out_table, message);
    (void)pthread_mutex_unlock(&lock);
    free(full);
    return result;
}

int32_t dtlslab_load_endpoint(const char *path, const struct dtlslab_endpoint_api **out_api, char *message) {
    const void *table = NULL;
    int32_t result = load(path, "dtlslab_endpoint_api", check_endpoint, &table, message);
    *out_api = result == DTLSLAB_OK ? table : NULL;
    return result;
}

int32_t dtlslab_load_carrier(const char *path, const struct dtlslab_carrier_api **out_api, char *message) {
    const void *table = NULL;
    int32_t result = load(path, "dtlslab_carrier_api", check_carrier, &table, message);
    *out_api = result == DTLSLAB_OK ? table : NULL;
    return result;
}
