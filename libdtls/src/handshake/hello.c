/* SPDX-License-Identifier: MIT
 *
 * Codecs of ClientHello, ServerHello and HelloVerifyRequest (RFC 6347 section
 * 4.2.1, RFC 5246 sections 7.4.1.2 and 7.4.1.3).
 */
#include "handshake/hello.h"

/* The first field that could not be read gives its name. */
struct fields {
    struct dtls_reader reader;
    const char *wrong;
};

static void check(struct fields *fields, const char *name) {
    if (fields->wrong == NULL && !dtls_read_ok(&fields->reader))
        fields->wrong = name;
}

/* The extensions field may be left out altogether; what is there must fill the message. */
static dtls_span read_extensions(struct fields *fields) {
    dtls_span extensions = {.data = NULL};
    if (dtls_read_ok(&fields->reader) && dtls_read_left(&fields->reader) > 0)
        extensions = dtls_read_vector(&fields->reader, 2, 0, 0xffff);
    if (fields->wrong == NULL && !dtls_read_done(&fields->reader))
        fields->wrong = "extensions";
    return extensions;
}

static void read_to_cookie(struct fields *fields, struct dtls_client_hello *out_hello) {
    out_hello->version = dtls_read_u16(&fields->reader);
    check(fields, "client_version");
    out_hello->random = dtls_read_bytes(&fields->reader, 32);
    check(fields, "random");
    out_hello->session_id = dtls_read_vector(&fields->reader, 1, 0, 32);
    check(fields, "session_id");
    out_hello->cookie = dtls_read_vector(&fields->reader, 1, 0, 255);
    check(fields, "cookie");
}

const char *dtls_client_hello_read(dtls_span body, struct dtls_client_hello *out_hello) {
    struct fields fields = {.reader = dtls_reader_of(body.data, body.len)};
    *out_hello = (struct dtls_client_hello){0};
    read_to_cookie(&fields, out_hello);
    out_hello->suites = dtls_read_vector(&fields.reader, 2, 2, 0xfffe);
    if (out_hello->suites.len % 2 != 0)
        dtls_read_fail(&fields.reader);
    check(&fields, "cipher_suites");
    out_hello->compressions = dtls_read_vector(&fields.reader, 1, 1, 255);
    check(&fields, "compression_methods");
    out_hello->extensions = read_extensions(&fields);
    return fields.wrong;
}

const char *dtls_client_hello_read_head(dtls_span body, struct dtls_client_hello *out_hello) {
    struct fields fields = {.reader = dtls_reader_of(body.data, body.len)};
    *out_hello = (struct dtls_client_hello){0};
    read_to_cookie(&fields, out_hello);
    if (fields.wrong == NULL) {
        out_hello->suites = dtls_read_vector(&fields.reader, 2, 2, 0xfffe);
        out_hello->compressions = dtls_read_vector(&fields.reader, 1, 1, 255);
    }
    return fields.wrong;
}

bool dtls_client_hello_offers(const struct dtls_client_hello *hello, unsigned code) {
    struct dtls_reader reader = dtls_reader_of(hello->suites.data, hello->suites.len);
    while (dtls_read_left(&reader) > 0) {
        if (dtls_read_u16(&reader) == code)
            return true;
    }
    return false;
}

const char *dtls_server_hello_read(dtls_span body, struct dtls_server_hello *out_hello) {
    struct fields fields = {.reader = dtls_reader_of(body.data, body.len)};
    *out_hello = (struct dtls_server_hello){0};
    out_hello->version = dtls_read_u16(&fields.reader);
    check(&fields, "server_version");
    out_hello->random = dtls_read_bytes(&fields.reader, 32);
    check(&fields, "random");
    out_hello->session_id = dtls_read_vector(&fields.reader, 1, 0, 32);
    check(&fields, "session_id");
    out_hello->suite = dtls_read_u16(&fields.reader);
    check(&fields, "cipher_suite");
    out_hello->compression = dtls_read_u8(&fields.reader);
    check(&fields, "compression_method");
    out_hello->extensions = read_extensions(&fields);
    return fields.wrong;
}

const char *dtls_hello_verify_request_read(dtls_span body, struct dtls_hello_verify_request *out_request) {
    struct fields fields = {.reader = dtls_reader_of(body.data, body.len)};
    out_request->version = dtls_read_u16(&fields.reader);
    check(&fields, "server_version");
    out_request->cookie = dtls_read_vector(&fields.reader, 1, 0, 255);
    if (fields.wrong == NULL && !dtls_read_done(&fields.reader))
        fields.wrong = "cookie";
    return fields.wrong;
}

void dtls_client_hello_write(struct dtls_writer *writer, const struct dtls_client_hello *hello) {
    dtls_write_u16(writer, hello->version);
    dtls_write_span(writer, hello->random);
    dtls_write_vector(writer, 1, hello->session_id);
    dtls_write_vector(writer, 1, hello->cookie);
    dtls_write_vector(writer, 2, hello->suites);
    dtls_write_vector(writer, 1, hello->compressions);
}

void dtls_server_hello_write(struct dtls_writer *writer, const struct dtls_server_hello *hello) {
    dtls_write_u16(writer, hello->version);
    dtls_write_span(writer, hello->random);
    dtls_write_vector(writer, 1, hello->session_id);
    dtls_write_u16(writer, hello->suite);
    dtls_write_u8(writer, hello->compression);
}

void dtls_hello_verify_request_write(struct dtls_writer *writer,
                                     const struct dtls_hello_verify_request *request) {
    dtls_write_u16(writer, request->version);
    dtls_write_vector(writer, 1, request->cookie);
}
