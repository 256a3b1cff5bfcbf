/* SPDX-License-Identifier: MIT
 *
 * What the object exports: endpoints that are each a copy of the object, loaded
 * for itself. So every endpoint's program begins with its static variables as
 * they were compiled, and shares none.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "device.h"
#include "libcrypto_random.h"
#include "relocation.h"

#define EXPORTED __attribute__((visibility("default")))

/* Of a copy, what is `dtlslab_endpoint_api` of other adapters (common/api.c). */
#define PROGRAM_API "dtlslab_device_program_api"
EXPORTED const struct dtlslab_endpoint_api *dtlslab_device_program_api(void);

struct dtlslab_endpoint;

/* Behind the contract's endpoint here. */
struct copy {
    void *object;
    const struct dtlslab_endpoint_api *api;
    struct dtlslab_endpoint *endpoint;
    int is_started; /* a client's */
};

static struct copy *copy_of(struct dtlslab_endpoint *endpoint) {
    return (struct copy *)(void *)endpoint;
}

/* --- Copies. --- */

static int copy_bytes(int from, int to) {
    char bytes[65536];
    ssize_t len;

    while ((len = read(from, bytes, sizeof bytes)) > 0) {
        if (write(to, bytes, (size_t)len) != len)
            return 0;
    }
    return len == 0;
}

/* A file of another name, so that the linker takes it for another object; it is gone as soon as it is loaded.
 */
static void *load_copy(const char *path) {
    const char *parent = getenv("TMPDIR");
    char *name = NULL;
    void *object = NULL;

    if (asprintf(&name, "%s/dtlslab-device-XXXXXX.so", parent != NULL ? parent : "/tmp") < 0)
        return NULL;
    const int from = open(path, O_RDONLY | O_CLOEXEC);
    const int to = mkostemps(name, 3, O_CLOEXEC);
    if (from >= 0 && to >= 0 && copy_bytes(from, to))
        object = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (to >= 0) {
        (void)close(to);
        (void)unlink(name);
    }
    if (from >= 0)
        (void)close(from);
    free(name);
    return object;
}

/* The laboratory has redirected this object's clocks and randomness, and knows nothing of its copies. */
static void redirect_as_here(const void *address) {
    const struct dtlslab_redirection table[] = {
        {"clock_gettime", (dtlslab_function)clock_gettime},
        {"gettimeofday", (dtlslab_function)gettimeofday},
        {"time", (dtlslab_function)time},
        {"timespec_get", (dtlslab_function)timespec_get},
        {"getrandom", (dtlslab_function)getrandom},
        {"getentropy", (dtlslab_function)getentropy},
        {"syscall", (dtlslab_function)syscall},
        {"read", (dtlslab_function)read},
        {"pthread_create", (dtlslab_function)pthread_create},
    };

    (void)dtlslab_relocate(NULL, address, table, sizeof table / sizeof *table);
}

/* The copy's table; NULL: there is none, and why. */
static const struct dtlslab_endpoint_api *open_copy(struct copy *copy, char *message) {
    Dl_info own;
    union {
        void *object;
        const struct dtlslab_endpoint_api *(*function)(void);
    } entry = {NULL};

    if (dladdr((const void *)&device_settings, &own) == 0) {
        (void)adapter_refuse(DTLSLAB_FAILED, message, "this object does not know where it is");
        return NULL;
    }
    copy->object = load_copy(own.dli_fname);
    if (copy->object != NULL)
        entry.object = dlsym(copy->object, PROGRAM_API);
    if (entry.object == NULL) {
        const char *why = dlerror();
        (void)adapter_refuse(DTLSLAB_FAILED, message, "%s cannot be loaded for another endpoint: %s",
                             own.dli_fname, why != NULL ? why : "it cannot be copied");
        return NULL;
    }
    redirect_as_here(entry.object);
    return entry.function();
}

/* --- The contract. --- */

static void destroy(struct dtlslab_endpoint *endpoint) {
    struct copy *copy = copy_of(endpoint);

    if (copy->endpoint != NULL)
        copy->api->destroy(copy->endpoint);
    if (copy->object != NULL)
        (void)dlclose(copy->object);
    free(copy);
}

static void forget_credentials(struct dtlslab_config *config) {
    const struct dtlslab_bytes nothing = {NULL, 0};

    config->certificate_chain = nothing;
    config->private_key = nothing;
    config->trust_anchors = nothing;
    config->psk_identity = nothing;
    config->psk_key = nothing;
    config->psk_hint = nothing;
    config->server_name = NULL;
    config->client_auth = DTLSLAB_CLIENT_AUTH_NONE;
}

static int32_t create(const struct dtlslab_config *config, struct dtlslab_endpoint **out_endpoint,
                      char *message) {
    struct copy *copy = calloc(1, sizeof *copy);
    struct dtlslab_config *own = calloc(1, config->size > sizeof *own ? config->size : sizeof *own);
    int32_t result = DTLSLAB_FAILED;

    if (copy == NULL || own == NULL) {
        (void)adapter_refuse(result, message, "there is no memory for an endpoint");
    } else {
        memcpy(own, config, config->size);
        if (device_settings.own_credentials)
            forget_credentials(own);
        copy->api = open_copy(copy, message);
        if (copy->api != NULL)
            result = copy->api->create(own, &copy->endpoint, message);
    }
    free(own);
    if (result == DTLSLAB_OK)
        *out_endpoint = (struct dtlslab_endpoint *)(void *)copy;
    else if (copy != NULL)
        destroy((struct dtlslab_endpoint *)(void *)copy);
    return result;
}

/* A program begins once; another session of it is another endpoint, or the program's own idea. */
static int32_t connect_to(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t path,
                          uint64_t *out_session) {
    struct copy *copy = copy_of(endpoint);

    if (copy->is_started)
        return DTLSLAB_UNSUPPORTED;
    copy->is_started = 1;
    return copy->api->connect(copy->endpoint, now, path, out_session);
}

static int32_t receive(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t path,
                       const uint8_t *datagram, uint32_t len) {
    return copy_of(endpoint)->api->receive(copy_of(endpoint)->endpoint, now, path, datagram, len);
}

static int32_t poll_datagram(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t *out_path,
                             uint8_t *out, uint32_t out_cap, uint32_t *out_len) {
    return copy_of(endpoint)->api->poll_datagram(copy_of(endpoint)->endpoint, now, out_path, out, out_cap,
                                                 out_len);
}

static uint64_t deadline(struct dtlslab_endpoint *endpoint, uint64_t now) {
    return copy_of(endpoint)->api->deadline(copy_of(endpoint)->endpoint, now);
}

static int32_t timeout(struct dtlslab_endpoint *endpoint, uint64_t now) {
    return copy_of(endpoint)->api->timeout(copy_of(endpoint)->endpoint, now);
}

static int32_t poll_event(struct dtlslab_endpoint *endpoint, struct dtlslab_event *out_event) {
    return copy_of(endpoint)->api->poll_event(copy_of(endpoint)->endpoint, out_event);
}

/* The program sends what it likes, when it likes. */
static int32_t send_data(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t session,
                         const uint8_t *data, uint32_t len) {
    (void)endpoint;
    (void)now;
    (void)session;
    (void)data;
    (void)len;
    return DTLSLAB_UNSUPPORTED;
}

static int32_t poll_data(struct dtlslab_endpoint *endpoint, uint64_t *out_session, uint8_t *out,
                         uint32_t out_cap, uint32_t *out_len) {
    return copy_of(endpoint)->api->poll_data(copy_of(endpoint)->endpoint, out_session, out, out_cap, out_len);
}

static int32_t close_session(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t session) {
    (void)endpoint;
    (void)now;
    (void)session;
    return DTLSLAB_UNSUPPORTED;
}

static int32_t poll_keylog(struct dtlslab_endpoint *endpoint, char *out, uint32_t out_cap) {
    return copy_of(endpoint)->api->poll_keylog(copy_of(endpoint)->endpoint, out, out_cap);
}

static int32_t session_info(struct dtlslab_endpoint *endpoint, uint64_t session,
                            struct dtlslab_session_info *out_info) {
    return copy_of(endpoint)->api->session_info(copy_of(endpoint)->endpoint, session, out_info);
}

static const char *const clock_objects[] = {"libcrypto.so", NULL};

static struct dtlslab_endpoint_api api = {
    .abi = DTLSLAB_ENDPOINT_ABI,
    .size = sizeof api,
    .clock_objects = clock_objects,
    .create = create,
    .destroy = destroy,
    .connect = connect_to,
    .receive = receive,
    .poll_datagram = poll_datagram,
    .deadline = deadline,
    .timeout = timeout,
    .poll_event = poll_event,
    .send = send_data,
    .poll_data = poll_data,
    .close = close_session,
    .poll_keylog = poll_keylog,
    .session_info = session_info,
};

static void fill_api_once(void) {
    const struct dtlslab_endpoint_api *own = dtlslab_device_program_api();

    adapter_libcrypto_random(); /* for all copies: this object stays */
    api.name = device_name;
    api.version = own->version;
    api.capabilities = own->capabilities;
}

EXPORTED const struct dtlslab_endpoint_api *dtlslab_endpoint_api(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, fill_api_once);
    return &api;
}
