/* SPDX-License-Identifier: MIT
 *
 * Writes the corpora's first inputs: clean handshakes with the null provider
 * in many configurations, as each side receives them, and their parts for the
 * other targets.
 *
 *     libdtls-fuzz-seeds CORPUS_DIRECTORY
 */
#include <stdio.h>
#include <string.h>

#include "drive.h"
#include "dtls/resumption.h"
#include "dtls/server.h"
#include "dtls/transfer.h"
#include "fuzz.h"
#include "null_crypto.h"
#include "wire/record_header.h"

/* A side with its script under way, and the datagrams that wait for it. */
struct side {
    struct drive drive;
    struct dtls_writer input;
    struct dtls_writer many; /* the same, for a server of many sessions */
    struct dtls_writer inbox;
    uint8_t input_bytes[1 << 16];
    uint8_t many_bytes[1 << 16];
    uint8_t inbox_bytes[1 << 16];
};

static void queue(void *user, const uint8_t *datagram, size_t len) {
    struct side *receiver = user;
    const dtls_span span = {.data = datagram, .len = len};
    dtls_write_vector(&receiver->inbox, 2, span);
    dtls_write_vector(&receiver->input, 2, span);
    dtls_write_u16(&receiver->many, (unsigned)len);
    dtls_write_u8(&receiver->many, 1);
    dtls_write_span(&receiver->many, span);
}

static void write_file(const char *directory, const char *target, const char *name, unsigned number,
                       dtls_span bytes) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s/%s-%02u", directory, target, name, number);
    FILE *file = fopen(path, "wb");
    fuzz_check(file != NULL && fwrite(bytes.data, 1, bytes.len, file) == bytes.len);
    fclose(file);
}

/* Everything that waits for a side goes in, and what it answers to the other. False: nothing waited. */
static bool deliver(struct side *to, struct side *from) {
    static uint8_t taken[1 << 16];
    dtls_span waiting = dtls_written(&to->inbox);
    if (waiting.len == 0)
        return false;
    memcpy(taken, waiting.data, waiting.len);
    struct dtls_reader reader = dtls_reader_of(taken, waiting.len);
    to->inbox = dtls_writer_of(to->inbox_bytes, sizeof to->inbox_bytes);
    while (dtls_read_left(&reader) > 0) {
        dtls_span datagram = dtls_read_vector(&reader, 2, 1, DRIVE_DATAGRAM);
        drive_receive(&to->drive, datagram.data, datagram.len);
        drive_take_out(&to->drive, queue, from);
    }
    return true;
}

static void side_open(struct side *side, dtls_role role, uint32_t bits, dtls_span session) {
    side->input = dtls_writer_of(side->input_bytes, sizeof side->input_bytes);
    side->many = dtls_writer_of(side->many_bytes, sizeof side->many_bytes);
    side->inbox = dtls_writer_of(side->inbox_bytes, sizeof side->inbox_bytes);
    dtls_write_u32(&side->input, bits);
    dtls_write_vector(&side->input, 2, session);
    dtls_write_u32(&side->many, bits);
    dtls_write_u16(&side->many, 1); /* no cookies */
    null_crypto_reset();
    fuzz_check(drive_open(&side->drive, role, bits, session));
}

/* The records and fragments of the first datagrams, for the targets that take one. */
static void write_parts(const char *directory, const struct side *server, unsigned number) {
    dtls_span input = dtls_written(&server->input);
    struct dtls_reader reader = dtls_reader_of(input.data, input.len);
    dtls_read_u32(&reader);
    dtls_read_vector(&reader, 2, 0, 0xffff);
    static uint8_t fragments[1 << 16];
    struct dtls_writer writer = dtls_writer_of(fragments, sizeof fragments);
    for (unsigned i = 0; dtls_read_left(&reader) > 0; i++) {
        dtls_span datagram = dtls_read_vector(&reader, 2, 1, DRIVE_DATAGRAM);
        uint8_t record[DRIVE_DATAGRAM + 1] = {(uint8_t)number};
        memcpy(record + 1, datagram.data, datagram.len);
        if (i == 0)
            write_file(directory, "cookie", "hello", number, datagram);
        write_file(directory, "record", "datagram", number * 10u + i, (dtls_span){record, datagram.len + 1});
        struct dtls_record_header header;
        struct dtls_reader records = dtls_reader_of(datagram.data, datagram.len);
        dtls_record_header_read(&records, &header);
        if (header.type == DTLS_CONTENT_HANDSHAKE && header.epoch == 0)
            dtls_write_span(&writer, dtls_read_bytes(&records, header.length));
    }
    write_file(directory, "reassembly", "fragments", number, dtls_written(&writer));
}

/* What a side exports, and a datagram that it gets afterwards. */
static void write_connection(const char *directory, struct side *from, struct side *to, unsigned number) {
    uint8_t state[DTLS_CONNECTION_STATE_SIZE];
    uint8_t record[256];
    size_t len;
    size_t record_len;
    if (dtls_write(to->drive.connection, to->drive.now, (const uint8_t *)"data", 4, record, sizeof record,
                   &record_len) != DTLS_OK ||
        dtls_connection_export(from->drive.connection, from->drive.now, state, sizeof state, &len) != DTLS_OK)
        return;
    struct dtls_writer writer = dtls_writer_of(from->input_bytes, sizeof from->input_bytes);
    dtls_write_u32(&writer, from->drive.bits | (uint32_t)from->drive.role << 31);
    dtls_write_vector(&writer, 2, (dtls_span){state, len});
    dtls_write_vector(&writer, 2, (dtls_span){record, record_len});
    dtls_write_u16(&writer, 0);
    dtls_write_u16(&writer, DRIVE_CALL + DRIVE_MOVE);
    write_file(directory, "import", "connection", number, dtls_written(&writer));
}

/* A handshake, some data, and the end. What the client could resume is left in `session`. */
static void handshake(const char *directory, uint32_t bits, unsigned number, dtls_span *session) {
    static struct side client;
    static struct side server;
    static uint8_t state[DTLS_SESSION_STATE_SIZE];
    side_open(&server, DTLS_SERVER, bits, (dtls_span){.data = NULL});
    side_open(&client, DTLS_CLIENT, bits, *session);
    drive_take_out(&client.drive, queue, &server);
    while (deliver(&server, &client) || deliver(&client, &server))
        ;
    fuzz_check(client.drive.connected && server.drive.connected);
    fuzz_check(session->len == 0 || dtls_connection_get_info(client.drive.connection)->resumed);
    *session = (dtls_span){.data = state, .len = 0};
    (void)dtls_session_export(client.drive.connection, state, sizeof state, &session->len);
    drive_write(&client.drive, queue, &server);
    drive_write(&server.drive, queue, &client);
    while (deliver(&server, &client) || deliver(&client, &server))
        ;
    if ((bits & SETTINGS_KEEP_SECRETS) != 0) {
        write_connection(directory, number % 2 == 0 ? &client : &server, number % 2 == 0 ? &server : &client,
                         number);
    } else {
        fuzz_check(dtls_close(client.drive.connection, client.drive.now) == DTLS_OK);
        drive_take_out(&client.drive, queue, &server);
        while (deliver(&server, &client) || deliver(&client, &server))
            ;
        write_file(directory, "client", "handshake", number, dtls_written(&client.input));
        write_file(directory, "server", "handshake", number, dtls_written(&server.input));
        write_file(directory, "sessions", "handshake", number, dtls_written(&server.many));
        if (number < 8)
            write_parts(directory, &server, number);
    }
    drive_close(&client.drive);
    drive_close(&server.drive);
}

/* A client's state ends with the ticket, which has its length in two bytes in front. */
static void write_ticket(const char *directory, dtls_span session, unsigned number) {
    for (size_t at = 2; at < session.len; at++) {
        const size_t len = (size_t)session.data[at - 2] << 8 | session.data[at - 1];
        if (len >= 44 && len == session.len - at)
            write_file(directory, "ticket", "ticket", number, (dtls_span){session.data + at, len});
    }
}

/* Answers what the sessions ask, and gives the client what they send. */
static void serve(dtls_server *server, dtls_time now, struct side *client) {
    uint8_t datagram[DRIVE_DATAGRAM];
    size_t len;
    dtls_address address;
    dtls_server_event event;
    while (dtls_server_poll_event(server, &event) == DTLS_OK) {
        if (event.kind == DTLS_SERVER_EVENT_SESSION && event.event.kind >= DTLS_EVENT_LOOK_UP_PSK)
            (void)drive_answer(dtls_server_connection(server, event.session), now, DTLS_SERVER,
                               event.event.kind, (dtls_span){.data = NULL});
    }
    while (dtls_server_poll_datagram(server, now, datagram, sizeof datagram, &len, &address, NULL) == DTLS_OK)
        queue(client, datagram, len);
}

/* A client's way through the cookies of a server of many sessions, by its own settings `own`. */
static void service(const char *directory, uint32_t bits, unsigned own, unsigned number) {
    static struct side client;
    static struct side inbox; /* what is under way to the server */
    struct settings settings;
    dtls_server *server;
    const bool ids = (bits & SETTINGS_CONNECTION_ID) != 0;
    side_open(&client, DTLS_CLIENT, bits, (dtls_span){.data = NULL});
    inbox.inbox = dtls_writer_of(inbox.inbox_bytes, sizeof inbox.inbox_bytes);
    inbox.input = dtls_writer_of(inbox.input_bytes, sizeof inbox.input_bytes);
    inbox.many = dtls_writer_of(inbox.many_bytes, sizeof inbox.many_bytes);
    dtls_write_u32(&inbox.many, bits);
    dtls_write_u16(&inbox.many, own);
    fuzz_check(settings_make(&settings, DTLS_SERVER, bits));
    const dtls_server_config config = {.connection = &settings.config,
                                       .max_sessions = 4,
                                       .max_handshakes = 2,
                                       .connection_ids = ids ? &dtls_server_connection_ids : NULL};
    void *memory = malloc(dtls_server_size(&config));
    fuzz_check(memory != NULL && dtls_server_open(&config, memory, dtls_server_size(&config),
                                                  client.drive.now, &server) == DTLS_OK);
    drive_take_out(&client.drive, queue, &inbox);
    for (int turns = 0; turns < 8; turns++) {
        struct dtls_reader reader = dtls_reader_of(inbox.inbox_bytes, dtls_written(&inbox.inbox).len);
        while (dtls_read_left(&reader) > 0) {
            const dtls_span bytes = dtls_read_vector(&reader, 2, 1, DRIVE_DATAGRAM);
            dtls_server_datagram datagram = {.bytes = (uint8_t *)bytes.data,
                                             .len = bytes.len,
                                             .address = {.len = 4, .bytes = {1, 2, 1, 4}},
                                             .path = 1};
            size_t num = 0;
            size_t taken;
            (void)dtls_server_receive(server, client.drive.now, &datagram, 1, NULL, &num, &taken);
            serve(server, client.drive.now, &client);
        }
        inbox.inbox = dtls_writer_of(inbox.inbox_bytes, sizeof inbox.inbox_bytes);
        (void)deliver(&client, &inbox);
    }
    fuzz_check(client.drive.connected);
    drive_write(&client.drive, queue, &inbox);
    write_file(directory, "sessions", "cookie", number, dtls_written(&inbox.many));
    dtls_server_wipe(server);
    free(memory);
    drive_close(&client.drive);
}

int main(int argc, char **argv) {
    static const uint32_t configurations[] = {
        SETTINGS_DEFAULT_SUITES,
        SETTINGS_PSK,
        SETTINGS_CBC,
        SETTINGS_CBC | SETTINGS_BARE | SETTINGS_REQUIRE,
        SETTINGS_ECDHE_PSK | SETTINGS_HINT,
        SETTINGS_REQUIRE | SETTINGS_ASK_VERDICT | SETTINGS_ASK_KEY,
        SETTINGS_SMALL_MTU | SETTINGS_REQUIRE,
        SETTINGS_PSK_CBC,
        SETTINGS_RSA,
        SETTINGS_RSA | SETTINGS_ASK_KEY,
        SETTINGS_REQUIRE_EMS | SETTINGS_REQUEST,
        SETTINGS_PSK | SETTINGS_CONNECTION_ID | SETTINGS_PADDING,
        SETTINGS_CONNECTION_ID | SETTINGS_ALPN | SETTINGS_SRTP | SETTINGS_FRAGMENT_LENGTH,
        SETTINGS_PSK_CBC | SETTINGS_SIZE_LIMIT | SETTINGS_CONNECTION_ID,
        SETTINGS_ED25519 | SETTINGS_REQUIRE,
        SETTINGS_STATUS | SETTINGS_NAMES,
        SETTINGS_RAW_KEYS | SETTINGS_REQUIRE,
        SETTINGS_PSK | SETTINGS_KEEP_SECRETS,
        SETTINGS_PSK | SETTINGS_KEEP_SECRETS,
        SETTINGS_PSK_CBC | SETTINGS_KEEP_SECRETS | SETTINGS_CONNECTION_ID | SETTINGS_PADDING,
        SETTINGS_PSK_CBC | SETTINGS_KEEP_SECRETS | SETTINGS_CONNECTION_ID | SETTINGS_PADDING,
        SETTINGS_ALPN | SETTINGS_SIZE_LIMIT | SETTINGS_KEEP_SECRETS,
        SETTINGS_ALPN | SETTINGS_SIZE_LIMIT | SETTINGS_KEEP_SECRETS,
    };
    static const uint32_t resuming[] = {SETTINGS_RESUMPTION, SETTINGS_RESUMPTION | SETTINGS_PSK,
                                        SETTINGS_RESUMPTION | SETTINGS_CBC | SETTINGS_ALPN};
    const unsigned num = sizeof configurations / sizeof *configurations;
    if (argc != 2)
        return 2;
    for (unsigned i = 0; i < num; i++) {
        dtls_span session = {.data = NULL};
        handshake(argv[1], configurations[i], i, &session);
    }
    for (unsigned i = 0; i < sizeof resuming / sizeof *resuming; i++) {
        dtls_span session = {.data = NULL};
        handshake(argv[1], resuming[i], num + 2 * i, &session);
        write_ticket(argv[1], session, i);
        uint8_t offered[DTLS_SESSION_STATE_SIZE];
        memcpy(offered, session.data, session.len);
        session.data = offered;
        handshake(argv[1], resuming[i], num + 2 * i + 1, &session);
    }
    service(argv[1], SETTINGS_PSK, 0, 0);
    service(argv[1], SETTINGS_SMALL_MTU | SETTINGS_CONNECTION_ID | SETTINGS_FOLLOW, 64, 1);
    return 0;
}
