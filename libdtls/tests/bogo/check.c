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
}
