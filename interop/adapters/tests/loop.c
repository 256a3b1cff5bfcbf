/* SPDX-License-Identifier: MIT */
#include "loop.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct loop_datagram {
    struct loop_datagram *next;
    uint64_t arrival;
    uint64_t path;
    int to;
    uint32_t len;
    uint8_t bytes[];
};

void loop_object_path(const char *name, char *out, size_t out_cap) {
    const char *folder = strcmp(name, "skeleton") == 0 ? TEST_SKELETON_DIR : TEST_LIB_DIR;

    snprintf(out, out_cap, "%s/libdtlslab-endpoint-%s.so", folder, name);
}

const struct dtlslab_endpoint_api *loop_stack(const char *name) {
    const struct dtlslab_endpoint_api *(*get)(void) = NULL;
    char path[1024];
    char message[DTLSLAB_MAX_TEXT] = "";

    loop_object_path(name, path, sizeof path);
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (object == NULL)
        fail_msg("%s", dlerror());
    void *symbol = dlsym(object, "dtlslab_endpoint_api");
    assert_non_null(symbol);
    memcpy(&get, &symbol, sizeof symbol);
    const struct dtlslab_endpoint_api *api = get();
    assert_int_equal(api->abi, DTLSLAB_ENDPOINT_ABI);
    if (dtlslab_clock_redirect(api->clock_objects, api, message) != DTLSLAB_OK)
        fail_msg("%s", message);
    return api;
}

int loop_has(const struct dtlslab_endpoint_api *api, const char *word) {
    for (const char *const *own = api->capabilities; *own != NULL; own++) {
        if (strcmp(*own, word) == 0)
            return 1;
    }
    return 0;
}

struct dtlslab_bytes loop_credential(const char *name) {
    static struct {
        char name[64];
        uint8_t text[8192];
        uint32_t len;
    } files[16];
    size_t i = 0;

    while (files[i].name[0] != '\0' && strcmp(files[i].name, name) != 0) {
        i++;
        assert_true(i < sizeof files / sizeof files[0]);
    }
    if (files[i].len == 0) {
        char path[1024];

        snprintf(path, sizeof path, "%s/%s", TEST_CREDENTIALS_DIR, name);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        snprintf(files[i].name, sizeof files[i].name, "%s", name);
        files[i].len = (uint32_t)fread(files[i].text, 1, sizeof files[i].text, file);
        fclose(file);
    }
    return (struct dtlslab_bytes){files[i].text, files[i].len};
}

static struct dtlslab_config base(uint32_t role) {
    return (struct dtlslab_config){
        .size = sizeof(struct dtlslab_config), .role = role, .seed = 7, .calendar_seconds = LOOP_CALENDAR};
}

struct dtlslab_config loop_certificate(uint32_t role, const char *kind) {
    struct dtlslab_config config = base(role);
    char name[64];

    if (role == DTLSLAB_CLIENT) {
        config.trust_anchors = loop_credential("authority.pem");
        config.server_name = "server.dtlslab.test";
        return config;
    }
    snprintf(name, sizeof name, "server-%s.pem", kind);
    config.certificate_chain = loop_credential(name);
    snprintf(name, sizeof name, "server-%s.key.pem", kind);
    config.private_key = loop_credential(name);
    return config;
}

struct dtlslab_config loop_psk(uint32_t role) {
    static const uint8_t key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    struct dtlslab_config config = base(role);

    config.psk_identity = (struct dtlslab_bytes){(const uint8_t *)"dtlslab", 7};
    config.psk_key = (struct dtlslab_bytes){key, sizeof key};
    return config;
}

static void enter(struct loop *loop, int side) {
    loop->sides[side].virtual_time.now_ns = loop->now;
    dtlslab_clock_enter(&loop->sides[side].virtual_time);
}

static void make(struct loop *loop, int side, const char *name, const struct dtlslab_config *config) {
    struct loop_side *own = &loop->sides[side];
    char message[DTLSLAB_MAX_TEXT] = "";

    own->api = loop_stack(name);
    dtlslab_virtual_init(&own->virtual_time, config->seed, (uint64_t)side, config->calendar_seconds);
    enter(loop, side);
    const int32_t result = own->api->create(config, &own->endpoint, message);
    dtlslab_clock_leave();
    if (result != DTLSLAB_OK)
        fail_msg("%s: %s", name, message);
}

void loop_begin(struct loop *loop, const char *client, const struct dtlslab_config *client_config,
                const char *server, const struct dtlslab_config *server_config) {
    *loop = (struct loop){.delay = 10 * LOOP_MS};
    make(loop, LOOP_CLIENT, client, client_config);
    make(loop, LOOP_SERVER, server, server_config);
}

void loop_end(struct loop *loop) {
    for (int side = 0; side < 2; side++) {
        struct loop_side *own = &loop->sides[side];

        own->api->destroy(own->endpoint);
        free(own->events);
        free(own->data);
        free(own->keylog);
    }
    while (loop->first != NULL) {
        struct loop_datagram *datagram = loop->first;

        loop->first = datagram->next;
        free(datagram);
    }
}

static void *grow(void *array, size_t size) {
    void *longer = realloc(array, size);

    assert_non_null(longer);
    return longer;
}

static void mix(uint64_t *digest, const void *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        *digest = (*digest ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3u; /* FNV-1a */
    }
}

static void put_on_network(struct loop *loop, int side, uint64_t path, const uint8_t *bytes, uint32_t len) {
    struct loop_side *own = &loop->sides[side];

    own->num_sent++;
    own->largest_sent = len > own->largest_sent ? len : own->largest_sent;
    mix(&own->digest, &path, sizeof path);
    mix(&own->digest, &len, sizeof len);
    mix(&own->digest, bytes, len);
    if (loop->drop != NULL && loop->drop(loop->user, side, own->num_sent, bytes, len))
        return;
    struct loop_datagram *datagram = grow(NULL, sizeof *datagram + len);
    *datagram =
        (struct loop_datagram){.arrival = loop->now + loop->delay, .path = path, .to = !side, .len = len};
    memcpy(datagram->bytes, bytes, len);
    if (loop->first == NULL)
        loop->first = datagram;
    else
        loop->last->next = datagram;
    loop->last = datagram;
}

static void collect_datagrams(struct loop *loop, int side) {
    struct loop_side *own = &loop->sides[side];
    static uint8_t bytes[DTLSLAB_MAX_DATAGRAM];
    uint64_t path = 0;
    uint32_t len = 0;

    while (own->api->poll_datagram(own->endpoint, loop->now, &path, bytes, sizeof bytes, &len) ==
           DTLSLAB_OK) {
        put_on_network(loop, side, path, bytes, len);
    }
}

static void collect(struct loop *loop, int side) {
    struct loop_side *own = &loop->sides[side];
    struct dtlslab_event event;
    uint8_t data[20000];
    char line[DTLSLAB_MAX_KEYLOG_LINE];
    uint64_t session = 0;
    uint32_t len = 0;

    collect_datagrams(loop, side);
    while (own->api->poll_event(own->endpoint, &event) == DTLSLAB_OK) {
        own->events = grow(own->events, (own->num_events + 1) * sizeof event);
        own->events[own->num_events++] = event;
    }
    while (own->api->poll_data(own->endpoint, &session, data, sizeof data, &len) == DTLSLAB_OK) {
        own->data = grow(own->data, own->data_len + len + 1);
        memcpy(own->data + own->data_len, data, len);
        own->data_len += len;
        own->num_data++;
    }
    while (own->api->poll_keylog(own->endpoint, line, sizeof line) == DTLSLAB_OK) {
        own->keylog = grow(own->keylog, own->keylog_len + strlen(line) + 2);
        own->keylog_len += (size_t)sprintf(own->keylog + own->keylog_len, "%s\n", line);
    }
}

uint64_t loop_connect(struct loop *loop, uint64_t path) {
    struct loop_side *own = &loop->sides[LOOP_CLIENT];
    uint64_t session = 0;

    enter(loop, LOOP_CLIENT);
    const int32_t result = own->api->connect(own->endpoint, loop->now, path, &session);
    dtlslab_clock_leave();
    assert_int_equal(result, DTLSLAB_OK);
    collect(loop, LOOP_CLIENT);
    return session;
}

int32_t loop_send(struct loop *loop, int side, uint64_t session, const void *data, uint32_t len) {
    struct loop_side *own = &loop->sides[side];

    enter(loop, side);
    const int32_t result = own->api->send(own->endpoint, loop->now, session, data, len);
    dtlslab_clock_leave();
    collect(loop, side);
    return result;
}

void loop_close(struct loop *loop, int side, uint64_t session) {
    struct loop_side *own = &loop->sides[side];

    enter(loop, side);
    const int32_t result = own->api->close(own->endpoint, loop->now, session);
    dtlslab_clock_leave();
    assert_int_equal(result, DTLSLAB_OK);
    collect(loop, side);
}

void loop_receive(struct loop *loop, int side, uint64_t path, const uint8_t *bytes, uint32_t len) {
    struct loop_side *own = &loop->sides[side];

    enter(loop, side);
    const int32_t result = own->api->receive(own->endpoint, loop->now, path, bytes, len);
    dtlslab_clock_leave();
    assert_int_equal(result, DTLSLAB_OK);
    collect(loop, side);
}

static void expire(struct loop *loop, int side) {
    struct loop_side *own = &loop->sides[side];
    const uint64_t before = own->api->deadline(own->endpoint, loop->now);

    for (int i = 0; i < 2; i++) {
        enter(loop, side);
        assert_int_equal(own->api->timeout(own->endpoint, loop->now), DTLSLAB_OK);
        dtlslab_clock_leave();
        collect(loop, side);
        if (own->api->deadline(own->endpoint, loop->now) != before)
            return;
    }
    fail_msg("the deadline of %s stays at %llu", own->api->name, (unsigned long long)before);
}

static void deliver(struct loop *loop) {
    struct loop_datagram *datagram = loop->first;

    loop->first = datagram->next;
    loop_receive(loop, datagram->to, datagram->path, datagram->bytes, datagram->len);
    free(datagram);
}

void loop_run(struct loop *loop, uint64_t until) {
    for (;;) {
        uint64_t next = loop->first != NULL ? loop->first->arrival : DTLSLAB_NO_DEADLINE;
        int who = -1;

        for (int side = 0; side < 2; side++) {
            const struct loop_side *own = &loop->sides[side];
            const uint64_t deadline = own->api->deadline(own->endpoint, loop->now);

            if (deadline < next) {
                next = deadline;
                who = side;
            }
        }
        if (next == DTLSLAB_NO_DEADLINE || next > until) {
            loop->now = until != DTLSLAB_NO_DEADLINE ? until : loop->now;
            return;
        }
        loop->now = next > loop->now ? next : loop->now;
        if (who >= 0)
            expire(loop, who);
        else
            deliver(loop);
    }
}

size_t loop_count(const struct loop *loop, int side, uint32_t kind) {
    size_t num = 0;

    for (size_t i = 0; i < loop->sides[side].num_events; i++)
        num += loop->sides[side].events[i].kind == kind;
    return num;
}

const struct dtlslab_event *loop_event(const struct loop *loop, int side, uint32_t kind) {
    for (size_t i = loop->sides[side].num_events; i > 0; i--) {
        if (loop->sides[side].events[i - 1].kind == kind)
            return &loop->sides[side].events[i - 1];
    }
    return NULL;
}

void loop_assert_connected(const struct loop *loop, size_t num) {
    for (int side = 0; side < 2; side++) {
        const struct dtlslab_event *failed = loop_event(loop, side, DTLSLAB_EVENT_FAILED);

        if (loop_count(loop, side, DTLSLAB_EVENT_CONNECTED) != num) {
            fail_msg("%s as %s has %zu of %zu sessions connected after %.3f s; %s",
                     loop->sides[side].api->name, side == LOOP_CLIENT ? "client" : "server",
                     loop_count(loop, side, DTLSLAB_EVENT_CONNECTED), num, (double)loop->now / LOOP_SECOND,
                     failed != NULL ? failed->text : "nothing failed");
        }
    }
}
