/* SPDX-License-Identifier: MIT
 *
 * Holds a connection against what the flags expect of it.
 */
#include <string.h>

#include "bogo/shim.h"

static void expect_number(const char *what, int expected, int found) {
    if (expected != -1 && expected != found)
        shim_fail("%s is 0x%04x; expected 0x%04x", what, (unsigned)found, (unsigned)expected);
}

static void check_numbers(const shim_options *options, const dtls_connection_info *info,
                          const shim_seen *seen) {
    expect_number("version", options->expect_version, info->version);
    expect_number("group", options->expect_group, info->group);
    expect_number("suite", options->expect_cipher, info->cipher_suite);
    expect_number("the peer's scheme", options->expect_peer_scheme, info->peer_signature_scheme);
    if (options->expects_credential && options->expect_credential != seen->credential)
        shim_fail("credential %d was used; expected %d", seen->credential, options->expect_credential);
}

static void check_authentication(const shim_options *options, const dtls_connection_info *info,
                                 const shim_seen *seen) {
    if (options->expect_extended_master_secret && !info->extended_master_secret)
        shim_fail("no extended master secret was negotiated");
    if (options->expect_no_peer_certificate && seen->peer_certificate)
        shim_fail("the peer sent a certificate; expected none");
    bool expected = !info->resumed && options->psk == NULL && !options->expect_no_peer_certificate &&
                    (!options->server || options->require_certificate);
    if (expected && !seen->peer_certificate)
        shim_fail("the peer sent no certificate");
}

static bool same_bytes(const uint8_t *bytes, size_t len, dtls_span other) {
    return len == other.len && (len == 0 || memcmp(bytes, other.data, len) == 0);
}

static bool has_digest(const shim_seen *seen, dtls_span sha256) {
    uint8_t digest[DTLS_MAX_HASH];
    size_t len = 0;
    void *slot = NULL;
    dtls_libcrypto.hash_start(dtls_libcrypto.state, &slot, DTLS_HASH_SHA256);
    dtls_libcrypto.hash_update(&slot, seen->peer_leaf, seen->peer_leaf_len);
    dtls_libcrypto.hash_peek(&slot, digest, &len);
    dtls_libcrypto.hash_clear(&slot);
    return same_bytes(digest, len, sha256);
}

/* What an abbreviated handshake does not show again is not looked for. */
static void check_peer(const shim_options *options, const dtls_connection_info *info, const shim_seen *seen) {
    if (info->resumed)
        return;
    expect_number("the peer's certificate type", options->expect_peer_type, (int)seen->peer_type);
    if (options->expect_ocsp_response.len > 0 &&
        !same_bytes(seen->status, seen->status_len, options->expect_ocsp_response))
        shim_fail("the OCSP response is not the expected one");
    if (options->expect_public_key_sha256.len > 0 && !has_digest(seen, options->expect_public_key_sha256))
        shim_fail("the raw public key is not the expected one");
}

/* A server that does not answer has not kept the name. */
static void check_server_name(const shim_options *options, const dtls_connection_info *info) {
    const char *expected = options->no_server_name_ack ? NULL : options->expect_server_name;
    if (expected != NULL && !same_bytes((const uint8_t *)expected, strlen(expected), info->server_name))
        shim_fail("the server name is %.*s; expected %s", (int)info->server_name.len,
                  (const char *)info->server_name.data, expected);
    if (options->expect_no_server_name && info->server_name.len > 0)
        shim_fail("there is a server name");
}

static void check_session(const shim_options *options, const dtls_connection_info *info,
                          const shim_seen *seen) {
    bool resumed = seen->resumes && !options->expect_session_miss;
    if (info->resumed != resumed)
        shim_fail("the session was %sresumed", info->resumed ? "" : "not ");
    bool expected = !options->expect_no_session && (!info->resumed || options->expect_ticket_renewal);
    if (!options->server && seen->new_session != expected)
        shim_fail("there is %s new session", seen->new_session ? "a" : "no");
    if (options->server && options->expect_session_id && !seen->resumes && !seen->new_session)
        shim_fail("the session was not cached");
    if (options->server && options->expect_no_session_id && !seen->resumes && seen->new_session)
        shim_fail("the session was cached");
}

static void check_protocol(const shim_options *options, const dtls_connection_info *info) {
    const char *expected = options->server ? options->select_alpn : options->expect_alpn;
    dtls_span found = info->application_protocol;
    size_t len = expected != NULL ? strlen(expected) : 0;
    if (found.len != len || (len > 0 && memcmp(found.data, expected, len) != 0))
        shim_fail("the application protocol is %.*s; expected %s", (int)found.len, (const char *)found.data,
                  len > 0 ? expected : "none");
}

void shim_check(const shim_options *options, const dtls_connection *connection, const shim_seen *seen) {
    const dtls_connection_info *info = dtls_connection_get_info(connection);
    check_numbers(options, info, seen);
    check_authentication(options, info, seen);
    check_session(options, info, seen);
    check_protocol(options, info);
    check_peer(options, info, seen);
    check_server_name(options, info);
}
