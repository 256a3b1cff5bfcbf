/* SPDX-License-Identifier: MIT
 *
 * The contract's calls over the program; of one copy of the object.
 */
#include <stdio.h>
#include <stdlib.h>

#include "device.h"
#include "dtls/version.h"

static const char *version(void) {
    return dtls_version_text();
}

static void add_capabilities(struct adapter_words *words) {
    static const char *const always[] = {"dtls1.2",      "ems",           "keylog",
                                         "alert-events", "deterministic", "own-data"};

    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        adapter_words_add(words, "%s", always[i]);
    for (const char *const *word = device_settings.words; *word != NULL; word++)
        adapter_words_add(words, "%s", *word);
}

struct device *device_of(const struct dtlslab_endpoint *endpoint) {
    return endpoint->context;
}

/* A promised session that the program has not begun when it ends will not come. */
static void report_end(const struct device *device, int status) {
    struct device_session *promised = device_promised(device);
    char text[DTLSLAB_MAX_TEXT];

    (void)device_last_line();
    snprintf(text, sizeof text, "the program has ended with status %d", status);
    device_say(device, text);
    for (struct device_session *own = device->sessions; own != NULL; own = own->next) {
        if (own == promised || (own->session != NULL && own->reported->state != ADAPTER_CLOSED))
            adapter_failed(own->reported, text);
    }
}

void device_run(struct device *device) {
    int status = 0;

    if (!device_program_runs(device))
        return;
    const uint64_t next = tx_host_step(device->kernel, device->endpoint->now);
    device->deadline = next == TX_HOST_NEVER ? DTLSLAB_NO_DEADLINE : next;
    if (device_program_ends(device, &status)) {
        device->deadline = DTLSLAB_NO_DEADLINE;
        report_end(device, status);
    }
}

/* --- Making one. --- */

static void free_context(void *context) {
    struct device *device = context;

    if (device->kernel != NULL) {
        tx_host_kernel_use(device->kernel);
        device_end_sessions(device);
        tx_host_kernel_use(NULL);
        tx_host_kernel_destroy(device->kernel);
    }
    nx_host_dtls_release(); /* this copy is unloaded next */
    device_program_free(device);
    device_free_arguments(device);
    free(device->peers);
    free(device);
}

static int32_t begin(struct device *device, const struct dtlslab_config *config, char *message) {
    device->kernel = tx_host_kernel_create(TX_HOST_TIME_STEPPED);
    if (device->kernel == NULL)
        return adapter_refuse(DTLSLAB_FAILED, message, "there is no memory for a kernel");
    tx_host_set_calendar(device->kernel, (int64_t)config->calendar_seconds);
    tx_host_kernel_use(device->kernel);
    device_network_begin(device);
    device_observe(device);
    tx_host_kernel_use(NULL);
    if (config->role == DTLSLAB_CLIENT)
        return DTLSLAB_OK;
    device->deadline = 0; /* its threads begin when the time is told */
    return device_program_start(device, message);
}

static int32_t configure(struct dtlslab_endpoint *endpoint, const struct dtlslab_config *config,
                         char *message) {
    struct device *device = calloc(1, sizeof *device);

    if (device == NULL)
        return adapter_refuse(DTLSLAB_FAILED, message, "there is no memory for a device");
    device->endpoint = endpoint;
    device->deadline = DTLSLAB_NO_DEADLINE;
    endpoint->context = device;
    device_listen(device);
    int32_t result = device_make_arguments(device, config, message);
    if (result == DTLSLAB_OK)
        result = begin(device, config, message);
    if (result != DTLSLAB_OK) {
        free_context(device);
        endpoint->context = NULL;
    }
    return result;
}

/* --- Sessions. --- */

static int32_t open_session(struct adapter_session *session) {
    struct device *device = device_of(session->endpoint);
    struct device_session *own = calloc(1, sizeof *own);

    if (own == NULL)
        return DTLSLAB_FAILED;
    own->reported = session;
    own->next = device->sessions;
    device->sessions = own;
    session->tls = own;
    return DTLSLAB_OK;
}

static void free_session(struct adapter_session *session) {
    struct device_session **place = &device_of(session->endpoint)->sessions;

    while (*place != session->tls)
        place = &(*place)->next;
    *place = (*place)->next;
    free(session->tls);
}

/* `connect`: the program begins, and its server is at this path. */
static void advance(struct adapter_session *session) {
    struct device *device = device_of(session->endpoint);
    char message[DTLSLAB_MAX_TEXT] = "";

    device->peers = calloc(1, sizeof *device->peers);
    if (device->peers == NULL) {
        adapter_failed(session, "there is no memory for a peer");
        return;
    }
    device->peers->path = session->path;
    device->num_peers = 1;
    if (device_program_start(device, message) == DTLSLAB_OK)
        device_run(device);
    else
        adapter_failed(session, message);
}

static uint64_t time_left(const struct adapter_session *session) {
    (void)session;
    return DTLSLAB_NO_DEADLINE; /* the device has one for all */
}

static int32_t send_nothing(struct adapter_session *session, const uint8_t *data, uint32_t len) {
    (void)session;
    (void)data;
    (void)len;
    return DTLSLAB_UNSUPPORTED;
}

static void describe(const struct adapter_session *session, struct dtlslab_session_info *out) {
    const struct device_session *own = session->tls;
    const uint32_t size = out->size;

    *out = own->described;
    out->size = size;
}

/* --- The device receives for all its sessions. --- */

static void receive(struct dtlslab_endpoint *endpoint, uint64_t path, const uint8_t *datagram, uint32_t len) {
    struct device *device = device_of(endpoint);

    device_run(device); /* the time is told, and a server's port is open */
    if (device_program_runs(device))
        device_deliver(device, path, datagram, len);
    device_run(device);
}

static uint64_t deadline(const struct dtlslab_endpoint *endpoint) {
    return device_of(endpoint)->deadline;
}

static void expire(struct dtlslab_endpoint *endpoint) {
    device_run(device_of(endpoint));
}

static const struct adapter_server *server_of(const struct dtlslab_endpoint *endpoint) {
    static const struct adapter_server device = {.receive = receive, .deadline = deadline, .expire = expire};

    (void)endpoint;
    return &device;
}

static void prepare_nothing(void) {
}

const struct adapter_stack adapter_stack = {
    .name = device_name,
    .prepare = prepare_nothing,
    .version = version,
    .add_capabilities = add_capabilities,
    .configure = configure,
    .free_context = free_context,
    .open = open_session,
    .free_tls = free_session,
    .server_of = server_of,
    .advance = advance,
    .time_left = time_left,
    .send = send_nothing,
    .describe = describe,
};
