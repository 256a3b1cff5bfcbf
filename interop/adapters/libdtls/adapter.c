/* SPDX-License-Identifier: MIT
 *
 * libdtls as an endpoint: what it can do.
 */
#include "dtls/version.h"
#include "libcrypto_random.h"
#include "libdtls_adapter.h"

static const char *version(void) {
    return dtls_version_text();
}

static void add_capabilities(struct adapter_words *words) {
    static const uint16_t srtp_profiles[] = {DTLS_SRTP_AES128_CM_SHA1_80, DTLS_SRTP_AES128_CM_SHA1_32,
                                             DTLS_SRTP_AEAD_AES_128_GCM, DTLS_SRTP_AEAD_AES_256_GCM};
    static const char *const always[] = {"client",
                                         "server",
                                         "dtls1.0",
                                         "dtls1.2",
                                         "certificate",
                                         "psk",
                                         "psk-hint",
                                         "client-auth",
                                         "cookie",
                                         "no-cookie",
                                         "ems",
                                         "no-ems",
                                         "tickets",
                                         "mtu",
                                         "keylog",
                                         "alert-events",
                                         "initial-timeout",
                                         "deterministic",
                                         "verify",
                                         "cid",
                                         "alpn",
                                         "mfl",
                                         "rsl",
                                         "etm",
                                         "no-etm",
                                         "session-ids",
                                         "srtp",
                                         "exporter",
                                         "sni",
                                         "ocsp",
                                         "rpk"};

    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        adapter_words_add(words, "%s", always[i]);
    for (size_t i = 0; i < sizeof srtp_profiles / sizeof *srtp_profiles; i++)
        adapter_words_add(words, "srtp:%04x", srtp_profiles[i]);
    for (size_t i = 0; dtls_all_cipher_suites[i] != NULL; i++)
        adapter_words_add(words, "suite:%04x", dtls_cipher_suite_code(dtls_all_cipher_suites[i]));
    for (size_t i = 0; dtls_default_groups[i] != NULL; i++)
        adapter_words_add(words, "group:%04x", dtls_group_code(dtls_default_groups[i]));
    for (size_t i = 0; dtls_default_signature_schemes[i] != NULL; i++) {
        adapter_words_add(words, "scheme:%04x",
                          dtls_signature_scheme_code(dtls_default_signature_schemes[i]));
    }
}

static const char *const clock_objects[] = {"libcrypto.so", NULL};

const struct adapter_stack adapter_stack = {
    .name = "libdtls",
    .clock_objects = clock_objects,
    .prepare = adapter_libcrypto_random,
    .version = version,
    .add_capabilities = add_capabilities,
    .configure = libdtls_configure,
    .free_context = libdtls_free_context,
    .open = libdtls_open,
    .free_tls = libdtls_free,
    .listen = libdtls_listen,
    .takes_new_associations = libdtls_takes_new_associations,
    .is_for = libdtls_is_for,
    .server_of = libdtls_server_of,
    .advance = libdtls_advance,
    .expire = libdtls_expire,
    .time_left = libdtls_time_left,
    .send = libdtls_send,
    .close = libdtls_close,
    .describe = libdtls_describe,
};
