/* SPDX-License-Identifier: MIT
 *
 * OpenSSL as an endpoint: what it can do.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "libcrypto_random.h"
#include "openssl_adapter.h"

static void prepare(void) {
    OPENSSL_init_ssl(0, NULL);
    adapter_libcrypto_random();
}

static const char *version(void) {
    return OpenSSL_version(OPENSSL_VERSION_STRING);
}

static void add_capabilities(struct adapter_words *words) {
    static const char *const always[] = {
        "client",        "server",      "dtls1.0", "dtls1.2",   "certificate",  "psk",
        "psk-hint",      "client-auth", "cookie",  "no-cookie", "ems",          "no-ems",
        "tickets",       "mtu",         "keylog",  "verify",    "alert-events", "initial-timeout",
        "deterministic", "alpn",        "mfl",     "etm",       "no-etm",       "session-ids",
        "srtp",          "exporter",    "sni",     "ocsp"};

    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        adapter_words_add(words, "%s", always[i]);
    openssl_add_suites(words);
    openssl_add_srtp_profiles(words);
    openssl_add_groups(words);
    openssl_add_schemes(words);
}

static const char *const clock_objects[] = {"libssl.so", "libcrypto.so", NULL};

const struct adapter_stack adapter_stack = {
    .name = "openssl",
    .clock_objects = clock_objects,
    .timer_slack_ns = 15000000, /* OpenSSL calls less than 15 ms nothing */
    .prepare = prepare,
    .version = version,
    .add_capabilities = add_capabilities,
    .configure = openssl_configure,
    .free_context = openssl_free_context,
    .open = openssl_open,
    .free_tls = openssl_free_tls,
    .listen = openssl_listen,
    .advance = openssl_advance,
    .expire = openssl_expire,
    .time_left = openssl_time_left,
    .send = openssl_send,
    .close = openssl_close,
    .describe = openssl_describe,
};
