/* SPDX-License-Identifier: MIT
 *
 * Mbed TLS as an endpoint: what it can do.
 */
#include <mbedtls/version.h>

#include "mbedtls_adapter.h"

static int sees_alerts;

static void prepare(void) {
    sees_alerts = mbedtls_adapter_watch_alerts();
}

static const char *version(void) {
    static char text[9]; /* the least that the function asks for */

    mbedtls_version_get_string(text);
    return text;
}

/* Whether the library, not only the headers, was built with it. */
static int was_built_with(const char *feature) {
    return mbedtls_version_check_feature(feature) == 0;
}

static void add_capabilities(struct adapter_words *words) {
    static const struct {
        const char *word;
        const char *feature; /* NULL: always there */
    } own[] = {
        {"client", "MBEDTLS_SSL_CLI_C"},
        {"server", "MBEDTLS_SSL_SRV_C"},
        {"dtls1.0", "MBEDTLS_SSL_PROTO_TLS1_1"},
        {"dtls1.2", "MBEDTLS_SSL_PROTO_TLS1_2"},
        {"certificate", "MBEDTLS_X509_CRT_PARSE_C"},
        {"verify", "MBEDTLS_X509_CRT_PARSE_C"},
        {"client-auth", "MBEDTLS_X509_CRT_PARSE_C"},
        {"psk", "MBEDTLS_KEY_EXCHANGE_PSK_ENABLED"},
        {"cookie", "MBEDTLS_SSL_DTLS_HELLO_VERIFY"},
        {"no-cookie", NULL},
        {"ems", "MBEDTLS_SSL_EXTENDED_MASTER_SECRET"},
        {"no-ems", NULL},
        {"tickets", "MBEDTLS_SSL_SESSION_TICKETS"},
        {"mtu", NULL},
        {"keylog", "MBEDTLS_SSL_EXPORT_KEYS"},
        {"initial-timeout", NULL},
        {"deterministic", NULL},
        {"alpn", "MBEDTLS_SSL_ALPN"},
        {"mfl", "MBEDTLS_SSL_MAX_FRAGMENT_LENGTH"},
        {"etm", "MBEDTLS_SSL_ENCRYPT_THEN_MAC"},
        {"no-etm", NULL},
        {"session-ids", "MBEDTLS_SSL_CACHE_C"},
        {"srtp", "MBEDTLS_SSL_DTLS_SRTP"},
        {"exporter", "MBEDTLS_SSL_EXPORT_KEYS"},
        {"sni", "MBEDTLS_SSL_SERVER_NAME_INDICATION"},
    };

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (own[i].feature == NULL || was_built_with(own[i].feature))
            adapter_words_add(words, "%s", own[i].word);
    }
    if (sees_alerts)
        adapter_words_add(words, "alert-events");
#if defined(MBEDTLS_SSL_DTLS_SRTP)
    adapter_words_add(words, "srtp:%04x", MBEDTLS_TLS_SRTP_AES128_CM_HMAC_SHA1_80);
    adapter_words_add(words, "srtp:%04x", MBEDTLS_TLS_SRTP_AES128_CM_HMAC_SHA1_32);
#endif
    mbedtls_adapter_add_codes(words);
}

static const char *const clock_objects[] = {"libmbedtls.so", "libmbedx509.so", "libmbedcrypto.so", NULL};

const struct adapter_stack adapter_stack = {
    .name = "mbedtls",
    .clock_objects = clock_objects,
    .timer_slack_ns = 0, /* the timer is the adapter's */
    .prepare = prepare,
    .version = version,
    .add_capabilities = add_capabilities,
    .configure = mbedtls_adapter_configure,
    .free_context = mbedtls_adapter_free_context,
    .open = mbedtls_adapter_open,
    .free_tls = mbedtls_adapter_free_tls,
    .listen = mbedtls_adapter_listen,
    .takes_new_associations = mbedtls_adapter_takes_new_associations,
    .advance = mbedtls_adapter_advance,
    .expire = mbedtls_adapter_expire,
    .time_left = mbedtls_adapter_time_left,
    .send = mbedtls_adapter_send,
    .close = mbedtls_adapter_close,
    .describe = mbedtls_adapter_describe,
};
