/* SPDX-License-Identifier: MIT
 *
 * A configuration: what is refused of it, and a copy of what a stack keeps.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter.h"

#define MAX_PROTOCOL_NAME 255u /* RFC 7301 section 3.1 */

int32_t adapter_refuse(int32_t result, char *message, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, DTLSLAB_MAX_TEXT, format, arguments);
    va_end(arguments);
    return result;
}

static int32_t need(const char *word, char *message) {
    if (adapter_can(word))
        return DTLSLAB_OK;
    return adapter_refuse(DTLSLAB_UNSUPPORTED, message, "%s %s has no \"%s\"", adapter_stack.name,
                          adapter_stack.version(), word);
}

static int32_t need_codes(const char *kind, const struct dtlslab_codes *codes, char *message) {
    char word[32];

    for (uint32_t i = 0; i < codes->num; i++) {
        snprintf(word, sizeof word, "%s:%04x", kind, codes->codes[i]);
        if (need(word, message) != DTLSLAB_OK)
            return DTLSLAB_UNSUPPORTED;
    }
    return DTLSLAB_OK;
}

static int32_t need_version(uint16_t version, char *message) {
    static const struct {
        uint16_t version;
        const char *word;
    } words[] = {{0xfeff, "dtls1.0"}, {0xfefd, "dtls1.2"}, {0xfefc, "dtls1.3"}};

    for (size_t i = 0; version != 0 && i < sizeof words / sizeof words[0]; i++) {
        if (words[i].version == version)
            return need(words[i].word, message);
    }
    return version == 0
               ? DTLSLAB_OK
               : adapter_refuse(DTLSLAB_INVALID, message, "0x%04x is not a version of DTLS", version);
}

static int32_t check_numbers(const struct dtlslab_config *config, char *message) {
    int32_t result = need_version(config->min_version, message);

    if (config->role > DTLSLAB_SERVER)
        return adapter_refuse(DTLSLAB_INVALID, message, "the role is %u, expected 0 or 1", config->role);
    result = result == DTLSLAB_OK ? need_version(config->max_version, message) : result;
    for (uint32_t i = 0; result == DTLSLAB_OK && i < config->num_application_protocols; i++) {
        const uint32_t len = config->application_protocols[i].len;

        if (len == 0 || len > MAX_PROTOCOL_NAME) {
            result = adapter_refuse(DTLSLAB_INVALID, message, "an application protocol has 1 to %u bytes",
                                    MAX_PROTOCOL_NAME);
        }
    }
    result = result == DTLSLAB_OK ? need_codes("suite", &config->cipher_suites, message) : result;
    result = result == DTLSLAB_OK ? need_codes("srtp", &config->srtp_profiles, message) : result;
    result = result == DTLSLAB_OK ? need_codes("group", &config->groups, message) : result;
    return result == DTLSLAB_OK ? need_codes("scheme", &config->signature_schemes, message) : result;
}

int32_t adapter_check_config(const struct dtlslab_config *config, char *message) {
    const int is_server = config->role == DTLSLAB_SERVER;
    const struct {
        int asked;
        const char *word;
    } needs[] = {
        {1, is_server ? "server" : "client"},
        {config->certificate_chain.len > 0, "certificate"},
        {config->trust_anchors.len > 0, "verify"},
        {!is_server && config->server_name != NULL && config->trust_anchors.len > 0, "verify"},
        {is_server && config->client_auth != DTLSLAB_CLIENT_AUTH_NONE, "client-auth"},
        {config->psk_key.len > 0, "psk"},
        {config->psk_hint.len > 0, "psk-hint"},
        {config->mtu != 0, "mtu"},
        {is_server && config->cookies == DTLSLAB_ON, "cookie"},
        {is_server && config->cookies == DTLSLAB_OFF, "no-cookie"},
        {config->extended_master_secret == DTLSLAB_ON, "ems"},
        {config->extended_master_secret == DTLSLAB_OFF, "no-ems"},
        {config->tickets == DTLSLAB_ON, "tickets"},
        {config->connection_id == DTLSLAB_ON, "cid"},
        {config->initial_timeout_ns != 0, "initial-timeout"},
        {config->num_application_protocols != 0, "alpn"},
        {config->max_fragment_length != 0, "mfl"},
        {config->record_size_limit != 0, "rsl"},
        {config->encrypt_then_mac == DTLSLAB_ON, "etm"},
        {config->encrypt_then_mac == DTLSLAB_OFF, "no-etm"},
        {config->session_ids == DTLSLAB_ON, "session-ids"},
        {config->ocsp_stapling == DTLSLAB_ON || config->ocsp_response.len > 0, "ocsp"},
        {config->raw_public_keys == DTLSLAB_ON, "rpk"},
        {config->srtp_profiles.num > 0, "srtp"},
        {config->exporter_label != NULL, "exporter"},
    };
    int32_t result = check_numbers(config, message);

    for (size_t i = 0; result == DTLSLAB_OK && i < sizeof needs / sizeof needs[0]; i++)
        result = needs[i].asked ? need(needs[i].word, message) : DTLSLAB_OK;
    return result;
}

struct dtlslab_bytes *adapter_copy_protocols(const struct dtlslab_config *config) {
    const uint32_t num = config->num_application_protocols;
    size_t size = num * sizeof(struct dtlslab_bytes);

    for (uint32_t i = 0; i < num; i++)
        size += config->application_protocols[i].len + 1u;
    struct dtlslab_bytes *copy = num > 0 ? calloc(1, size) : NULL;
    unsigned char *text = (unsigned char *)(copy + num);
    for (uint32_t i = 0; copy != NULL && i < num; i++) {
        const struct dtlslab_bytes *name = &config->application_protocols[i];

        memcpy(text, name->data, name->len);
        copy[i] = (struct dtlslab_bytes){text, name->len};
        text += name->len + 1u;
    }
    return copy;
}
