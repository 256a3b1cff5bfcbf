/* SPDX-License-Identifier: MIT
 *
 * GnuTLS as an endpoint: what it can do, and where its time and randomness
 * come from.
 */
#include <gnutls/crypto.h>
#include <time.h>

#include "gnutls_adapter.h"
#include "relocation.h"

/* GnuTLS takes the address of `time` when it is loaded, before anything can be redirected. This one is called
 * through this object's own entry. */
static time_t read_time(time_t *out) {
    return time(out);
}

static int random_bytes(gnutls_rnd_level_t level, void *out, size_t len) {
    (void)level;
    adapter_random(out, len);
    return 0;
}

/* GnuTLS seeds its generators once per thread, and offers no way to replace them; but it calls its own
 * `gnutls_rnd` through its relocation table, as anybody would. Outside of the laboratory the bytes are the
 * system's. */
static void prepare(void) {
    static const struct dtlslab_redirection redirection = {"gnutls_rnd", (dtlslab_function)random_bytes};

    gnutls_global_init();
    gnutls_global_set_time_function(read_time);
    (void)dtlslab_relocate("libgnutls.so", NULL, &redirection, 1);
}

static const char *version(void) {
    return gnutls_check_version(NULL);
}

static void add_capabilities(struct adapter_words *words) {
    static const char *const always[] = {
        "client",        "server",      "dtls1.0",     "dtls1.2",   "certificate",  "psk",
        "psk-hint",      "client-auth", "cookie",      "no-cookie", "ems",          "no-ems",
        "tickets",       "mtu",         "keylog",      "verify",    "alert-events", "initial-timeout",
        "deterministic", "alpn",        "mfl",         "rsl",       "etm",          "no-etm",
        "srtp",          "exporter",    "session-ids", "sni",       "ocsp",         "rpk"};

    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        adapter_words_add(words, "%s", always[i]);
    gnutls_adapter_add_suites(words);
    gnutls_adapter_add_codes(words);
    adapter_words_add(words, "srtp:%04x", GNUTLS_SRTP_AES128_CM_HMAC_SHA1_80);
    adapter_words_add(words, "srtp:%04x", GNUTLS_SRTP_AES128_CM_HMAC_SHA1_32);
}

static const char *const clock_objects[] = {"libgnutls.so", NULL};

const struct adapter_stack adapter_stack = {
    .name = "gnutls",
    .clock_objects = clock_objects,
    .timer_slack_ns = 1000000, /* GnuTLS counts whole milliseconds */
    .prepare = prepare,
    .version = version,
    .add_capabilities = add_capabilities,
    .configure = gnutls_adapter_configure,
    .free_context = gnutls_adapter_free_context,
    .open = gnutls_adapter_open,
    .free_tls = gnutls_adapter_free_tls,
    .listen = gnutls_adapter_listen,
    .advance = gnutls_adapter_advance,
    .expire = gnutls_adapter_expire,
    .time_left = gnutls_adapter_time_left,
    .send = gnutls_adapter_send,
    .close = gnutls_adapter_close,
    .describe = gnutls_adapter_describe,
};
