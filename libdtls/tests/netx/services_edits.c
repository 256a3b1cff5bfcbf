/* SPDX-License-Identifier: MIT */
#include "services_edits.h"

#define RECORD  NX_SECURE_DTLS_RECORD_HEADER_SIZE
#define MESSAGE NX_SECURE_DTLS_HANDSHAKE_HEADER_SIZE

static UINT u16(const UCHAR *at) {
    return ((UINT)at[0] << 8) | at[1];
}

static void put_u16(UCHAR *at, UINT value) {
    at[0] = (UCHAR)(value >> 8);
    at[1] = (UCHAR)value;
}

static void add_u24(UCHAR *at, int more) {
    UINT value = (((UINT)at[0] << 16) | ((UINT)at[1] << 8) | at[2]) + (UINT)more;
    at[0] = (UCHAR)(value >> 16);
    at[1] = (UCHAR)(value >> 8);
    at[2] = (UCHAR)value;
}

static UCHAR *body_of(UCHAR *bytes, const ULONG *len, UCHAR type) {
    UCHAR *message = find_message(bytes, *len, type);
    return message == NULL ? NULL : message + MESSAGE;
}

static ULONG length_of(const UCHAR *body) {
    return ((ULONG)body[-11] << 16) | ((ULONG)body[-10] << 8) | body[-9];
}

/* Replaces `old` bytes of a message's body, with the lengths of message and record. */
static void replace(UCHAR *bytes, ULONG *len, UCHAR *body, UCHAR *at, ULONG old, const void *fresh,
                    ULONG num) {
    int more = (int)num - (int)old;
    UCHAR *record = bytes;
    while (record + RECORD + u16(record + 11) <= body)
        record += RECORD + u16(record + 11);
    memmove(at + num, at + old, (size_t)(bytes + *len - (at + old)));
    memcpy(at, fresh, num);
    put_u16(record + 11, u16(record + 11) + (UINT)more);
    add_u24(body - 11, more);
    add_u24(body - 3, more);
    *len = (ULONG)((int)*len + more);
}

/* Behind the session id; of a ClientHello behind cookie, suites and compression methods too. */
static UCHAR *extensions_of(UCHAR *hello, bool clients) {
    UCHAR *at = hello + 34;
    at += 1 + *at;
    if (!clients)
        return at + 3;
    at += 1 + *at;
    at += 2 + u16(at);
    return at + 1 + *at;
}

static UCHAR *find_extension(UCHAR *extensions, UINT type) {
    UCHAR *end = extensions + 2 + u16(extensions);
    for (UCHAR *at = extensions + 2; at < end; at += 4 + u16(at + 2)) {
        if (u16(at) == type)
            return at;
    }
    return NULL;
}

/* --- To either side. --- */

static UCHAR *any_hello(UCHAR *bytes, const ULONG *len, bool *out_clients) {
    UCHAR *hello = body_of(bytes, len, MESSAGE_CLIENT_HELLO);
    *out_clients = hello != NULL;
    return hello != NULL ? hello : body_of(bytes, len, MESSAGE_SERVER_HELLO);
}

bool edit_hello_length(UCHAR *bytes, ULONG *len) {
    bool clients;
    UCHAR *hello = any_hello(bytes, len, &clients);
    if (hello != NULL)
        hello[34] = 33;
    return true;
}

bool edit_certificate_der(UCHAR *bytes, ULONG *len) {
    UCHAR *body = body_of(bytes, len, MESSAGE_CERTIFICATE);
    if (body != NULL && length_of(body) > 6)
        body[6] ^= 1;
    return true;
}

bool edit_renegotiation_info(UCHAR *bytes, ULONG *len) {
    static const UCHAR filled[] = {0xFF, 0x01, 0, 2, 1, 0x55};
    bool clients;
    UCHAR *hello = any_hello(bytes, len, &clients);
    if (hello == NULL)
        return true;
    UCHAR *extensions = extensions_of(hello, clients);
    UCHAR *there = find_extension(extensions, 0xFF01);
    ULONG old = there == NULL ? 0 : 4 + u16(there + 2);
    put_u16(extensions, u16(extensions) + (UINT)sizeof filled - old);
    replace(bytes, len, hello, there == NULL ? extensions + 2 : there, old, filled, sizeof filled);
    return true;
}

/* --- To a client. --- */

bool edit_server_version(UCHAR *bytes, ULONG *len) {
    UCHAR *hello = body_of(bytes, len, MESSAGE_SERVER_HELLO);
    if (hello != NULL)
        put_u16(hello, NX_SECURE_DTLS_VERSION_1_0);
    return true;
}

static void set_suite(UCHAR *bytes, const ULONG *len, UINT suite) {
    UCHAR *hello = body_of(bytes, len, MESSAGE_SERVER_HELLO);
    if (hello != NULL)
        put_u16(hello + 35 + hello[34], suite);
}

bool edit_server_suite(UCHAR *bytes, ULONG *len) {
    set_suite(bytes, len, 0x1301);
    return true;
}

bool edit_server_suite_rsa(UCHAR *bytes, ULONG *len) {
    set_suite(bytes, len, 0xC02F);
    return true;
}

bool edit_server_compression(UCHAR *bytes, ULONG *len) {
    UCHAR *hello = body_of(bytes, len, MESSAGE_SERVER_HELLO);
    if (hello != NULL)
        hello[37 + hello[34]] = 1;
    return true;
}

bool edit_server_extension(UCHAR *bytes, ULONG *len) {
    static const UCHAR unknown[] = {0xAB, 0xCD, 0, 0};
    UCHAR *hello = body_of(bytes, len, MESSAGE_SERVER_HELLO);
    if (hello == NULL)
        return true;
    UCHAR *extensions = extensions_of(hello, false);
    put_u16(extensions, u16(extensions) + 4);
    replace(bytes, len, hello, extensions + 2, 0, unknown, sizeof unknown);
    return true;
}

bool edit_server_group(UCHAR *bytes, ULONG *len) {
    UCHAR *body = body_of(bytes, len, MESSAGE_SERVER_KEY_EXCHANGE);
    if (body != NULL)
        put_u16(body + 1, 0xABCD);
    return true;
}

static void spoil_end(UCHAR *bytes, const ULONG *len, UCHAR type) {
    UCHAR *body = body_of(bytes, len, type);
    if (body != NULL)
        body[length_of(body) - 1] ^= 1;
}

bool edit_server_signature(UCHAR *bytes, ULONG *len) {
    spoil_end(bytes, len, MESSAGE_SERVER_KEY_EXCHANGE);
    return true;
}

bool edit_server_order(UCHAR *bytes, ULONG *len) {
    UCHAR *body = body_of(bytes, len, MESSAGE_SERVER_HELLO);
    if (body != NULL)
        body[-MESSAGE] = MESSAGE_FINISHED;
    return true;
}

/* A record with the first ten bytes of a longer message, in front of that with the message. */
static void put_fragment(UCHAR *bytes, ULONG *len, UCHAR type) {
    UCHAR *body = body_of(bytes, len, type);
    UCHAR fragment[RECORD + MESSAGE + 10] = {0};
    if (body == NULL)
        return;
    memcpy(fragment, bytes, RECORD);
    fragment[10] = (UCHAR)(fragment[10] + 40); /* a number of its own */
    put_u16(fragment + 11, MESSAGE + 10);
    memcpy(fragment + RECORD, body - MESSAGE, MESSAGE);
    add_u24(fragment + RECORD + 1, 7);
    fragment[RECORD + 11] = 10;
    fragment[RECORD + 10] = 0;
    memmove(bytes + sizeof fragment, bytes, *len);
    memcpy(bytes, fragment, sizeof fragment);
    *len += (ULONG)sizeof fragment;
}

bool edit_server_fragments(UCHAR *bytes, ULONG *len) {
    put_fragment(bytes, len, MESSAGE_SERVER_HELLO);
    return true;
}

/* --- To a server. --- */

bool edit_client_version(UCHAR *bytes, ULONG *len) {
    UCHAR *hello = body_of(bytes, len, MESSAGE_CLIENT_HELLO);
    if (hello != NULL)
        put_u16(hello, NX_SECURE_DTLS_VERSION_1_0);
    return true;
}

bool edit_client_compression(UCHAR *bytes, ULONG *len) {
    UCHAR *hello = body_of(bytes, len, MESSAGE_CLIENT_HELLO);
    if (hello != NULL)
        extensions_of(hello, true)[-1] = 1;
    return true;
}

bool edit_client_schemes(UCHAR *bytes, ULONG *len) {
    UCHAR *hello = body_of(bytes, len, MESSAGE_CLIENT_HELLO);
    UCHAR *schemes = hello == NULL ? NULL : find_extension(extensions_of(hello, true), 13);
    for (UINT i = 6; schemes != NULL && i < 4 + u16(schemes + 2); i++)
        schemes[i] = 0xEE;
    return true;
}

bool edit_client_point(UCHAR *bytes, ULONG *len) {
    spoil_end(bytes, len, MESSAGE_CLIENT_KEY_EXCHANGE);
    return true;
}

bool edit_client_key_length(UCHAR *bytes, ULONG *len) {
    UCHAR *body = body_of(bytes, len, MESSAGE_CLIENT_KEY_EXCHANGE);
    if (body != NULL)
        body[0]++;
    return true;
}

bool edit_client_signature(UCHAR *bytes, ULONG *len) {
    spoil_end(bytes, len, MESSAGE_CERTIFICATE_VERIFY);
    return true;
}

bool edit_client_order(UCHAR *bytes, ULONG *len) {
    UCHAR *body = body_of(bytes, len, MESSAGE_CLIENT_KEY_EXCHANGE);
    if (body != NULL)
        body[-MESSAGE] = MESSAGE_FINISHED;
    return true;
}

bool edit_client_fragments(UCHAR *bytes, ULONG *len) {
    put_fragment(bytes, len, MESSAGE_CLIENT_KEY_EXCHANGE);
    return true;
}

bool edit_client_certificate(UCHAR *bytes, ULONG *len) {
    static UCHAR list[1024];
    UCHAR *body = body_of(bytes, len, MESSAGE_CERTIFICATE);
    dtls_span odd = certificate_der(CERT_ODD_KEY);
    if (body == NULL)
        return true;
    memset(list, 0, 6);
    put_u16(list + 1, (UINT)odd.len + 3);
    put_u16(list + 4, (UINT)odd.len);
    memcpy(list + 6, odd.data, odd.len);
    replace(bytes, len, body, body, length_of(body), list, (ULONG)odd.len + 6);
    return true;
}
