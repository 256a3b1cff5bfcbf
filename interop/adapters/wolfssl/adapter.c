/* SPDX-License-Identifier: MIT
 *
 * wolfSSL as an endpoint: what it can do.
 *
 * Not here, because 5.5 cannot: "no-cookie", its server always asks for one;
 * "no-ems", its server uses the extension whenever a client offers it; "mtu",
 * a matter of the build.
 */
#include "wolfssl_adapter.h"

static void prepare(void) {
    wolfSSL_Init();
}

static const char *version(void) {
    return wolfSSL_lib_version();
}

static void add_capabilities(struct adapter_words *words) {
    static const char *const always[] = {"client",       "server",        "dtls1.2",    "certificate",
                                         "psk",          "verify",        "psk-hint",   "client-auth",
                                         "cookie",       "ems",           "keylog",     "initial-timeout",
                                         "alert-events", "deterministic", "session-ids"};

    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        adapter_words_add(words, "%s", always[i]);
#ifdef HAVE_SESSION_TICKET
    adapter_words_add(words, "tickets");
#endif
#ifdef HAVE_ALPN
    adapter_words_add(words, "alpn");
#endif
#ifdef HAVE_MAX_FRAGMENT
    adapter_words_add(words, "mfl");
#endif
#ifdef HAVE_ENCRYPT_THEN_MAC
    adapter_words_add(words, "etm");
    adapter_words_add(words, "no-etm");
#endif
#ifdef HAVE_KEYING_MATERIAL
    adapter_words_add(words, "exporter");
#endif
#ifdef HAVE_SNI
    adapter_words_add(words, "sni");
#endif
#ifndef NO_OLD_TLS
    adapter_words_add(words, "dtls1.0");
#endif
    wolfssl_add_codes(words);
}

static const char *const clock_objects[] = {"libwolfssl.so", NULL};

const struct adapter_stack adapter_stack = {
    .name = "wolfssl",
    .clock_objects = clock_objects,
    .timer_slack_ns = 0, /* the timer is the adapter's */
    .prepare = prepare,
    .version = version,
    .add_capabilities = add_capabilities,
    .configure = wolfssl_configure,
    .free_context = wolfssl_free_context,
    .open = wolfssl_open,
    .free_tls = wolfssl_free_tls,
    .listen = wolfssl_listen,
    .advance = wolfssl_advance,
    .expire = wolfssl_expire,
    .time_left = wolfssl_time_left,
    .send = wolfssl_send,
    .close = wolfssl_close,
    .describe = wolfssl_describe,
};
