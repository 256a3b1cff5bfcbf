/* SPDX-License-Identifier: MIT
 *
 * Writes the corpora's first inputs: clean handshakes with the null provider
 * in every configuration, as each side receives them, and their single
 * datagrams for the other targets.
 *
 *     libdtls-fuzz-seeds CORPUS_DIRECTORY
 */
#include <stdio.h>
#include <string.h>

#include "drive.h"
#include "fuzz.h"
#include "null_crypto.h"
#include "wire/record_header.h"

/* A file under way, and the datagrams that wait for one side. */
struct side {
    struct drive drive;
    struct dtls_writer input;
    uint8_t input_bytes[1 << 16];
    struct dtls_writer inbox;
    uint8_t inbox_bytes[1 << 16];
};

static void queue(void *user, const uint8_t *datagram, size_t len) {
    struct side *receiver = user;
    dtls_write_vector(&receiver->inbox, 2, (dtls_span){.data = datagram, .len = len});
    dtls_write_vector(&receiver->input, 2, (dtls_span){.data = datagram, .len = len});
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

static void side_open(struct side *side, dtls_role role, uint8_t configuration) {
    side->input = dtls_writer_of(side->input_bytes, sizeof side->input_bytes);
    side->inbox = dtls_writer_of(side->inbox_bytes, sizeof side->inbox_bytes);
    dtls_write_u8(&side->input, configuration);
    null_crypto_reset();
    drive_open(&side->drive, role, configuration);
}

/* The records and fragments of the first datagrams, for the targets that take one. */
static void write_parts(const char *directory, const struct side *server, uint8_t configuration) {
    dtls_span input = dtls_written(&server->input);
    struct dtls_reader reader = dtls_reader_of(input.data, input.len);
    dtls_read_u8(&reader);
    static uint8_t fragments[1 << 16];
    struct dtls_writer writer = dtls_writer_of(fragments, sizeof fragments);
    for (unsigned i = 0; dtls_read_left(&reader) > 0; i++) {
        dtls_span datagram = dtls_read_vector(&reader, 2, 1, DRIVE_DATAGRAM);
        if (i == 0)
            write_file(directory, "cookie", "hello", configuration, datagram);
        write_file(directory, "record", "datagram", configuration * 10u + i, datagram);
        struct dtls_record_header header;
        struct dtls_reader records = dtls_reader_of(datagram.data, datagram.len);
        dtls_record_header_read(&records, &header);
        if (header.type == DTLS_CONTENT_HANDSHAKE && header.epoch == 0)
            dtls_write_span(&writer, dtls_read_bytes(&records, header.length));
    }
    write_file(directory, "reassembly", "fragments", configuration, dtls_written(&writer));
}

static void handshake(const char *directory, uint8_t configuration) {
    static struct side client;
    static struct side server;
    side_open(&server, DTLS_SERVER, configuration);
    side_open(&client, DTLS_CLIENT, configuration);
    drive_take_out(&client.drive, queue, &server);
    while (deliver(&server, &client) || deliver(&client, &server))
        ;
    fuzz_check(client.drive.connected && server.drive.connected);
    fuzz_check(dtls_close(client.drive.connection, client.drive.now) == DTLS_OK);
    drive_take_out(&client.drive, queue, &server);
    while (deliver(&server, &client) || deliver(&client, &server))
        ;
    write_file(directory, "client", "handshake", configuration, dtls_written(&client.input));
    write_file(directory, "server", "handshake", configuration, dtls_written(&server.input));
    if (configuration <= DRIVE_CLIENT_AUTH)
        write_parts(directory, &server, configuration);
    drive_close(&client.drive);
    drive_close(&server.drive);
}

/* What both sides of a handshake with tickets export, and a datagram that each gets afterwards. */
static void write_states(const char *directory, struct side *from, struct side *to) {
    uint8_t state[DTLS_CONNECTION_STATE_SIZE + DTLS_SESSION_STATE_SIZE];
    uint8_t record[64];
    size_t len;
    size_t record_len;
    const dtls_role role = dtls_protocol_role(from->drive.config.protocols[0]);
    if (dtls_session_export(from->drive.connection, state, sizeof state, &len) == DTLS_OK) {
        struct dtls_writer session = dtls_writer_of(from->input_bytes, sizeof from->input_bytes);
        dtls_write_u8(&session, role | 2u);
        dtls_write_vector(&session, 2, (dtls_span){state, len});
        write_file(directory, "import", "session", role, dtls_written(&session));
    }
    fuzz_check(dtls_connection_export(from->drive.connection, from->drive.now, state, sizeof state, &len) ==
               DTLS_OK);
    fuzz_check(dtls_write(to->drive.connection, to->drive.now, (const uint8_t *)"data", 4, record,
                          sizeof record, &record_len) == DTLS_OK);
    struct dtls_writer connection = dtls_writer_of(from->input_bytes, sizeof from->input_bytes);
    dtls_write_u8(&connection, role);
    dtls_write_vector(&connection, 2, (dtls_span){state, len});
    dtls_write_vector(&connection, 2, (dtls_span){record, record_len});
    dtls_write_u16(&connection, 0);
    write_file(directory, "import", "connection", role, dtls_written(&connection));
}

static void states(const char *directory) {
    static struct side client;
    static struct side server;
    side_open(&server, DTLS_SERVER, DRIVE_PSK_ONLY | DRIVE_RESUMPTION);
    side_open(&client, DTLS_CLIENT, DRIVE_PSK_ONLY | DRIVE_RESUMPTION);
    drive_take_out(&client.drive, queue, &server);
    while (deliver(&server, &client) || deliver(&client, &server))
        ;
    fuzz_check(client.drive.connected && server.drive.connected);
    write_states(directory, &client, &server);
    fuzz_check(dtls_connection_import(&client.drive.config, client.drive.now,
                                      (dtls_span){client.input_bytes + 3,
                                                  (size_t)client.input_bytes[1] << 8 | client.input_bytes[2]},
                                      client.drive.session_block, dtls_session_size(&client.drive.config),
                                      &client.drive.connection) == DTLS_OK);
    write_states(directory, &server, &client);
    drive_close(&client.drive);
    drive_close(&server.drive);
}

int main(int argc, char **argv) {
    static const uint8_t configurations[] = {
        0,
        DRIVE_PSK_ONLY,
        DRIVE_CLIENT_AUTH,
        DRIVE_CLIENT_AUTH | DRIVE_ASK_VERDICT | DRIVE_ASK_SIGNATURE,
        DRIVE_SMALL_MTU,
        DRIVE_CLIENT_AUTH | DRIVE_SMALL_MTU,
        DRIVE_REQUIRE_EMS,
        DRIVE_RESUMPTION,
        DRIVE_PSK_ONLY | DRIVE_RESUMPTION,
    };
    if (argc != 2)
        return 2;
    for (size_t i = 0; i < sizeof configurations; i++)
        handshake(argv[1], configurations[i]);
    states(argv[1]);
    return 0;
}
