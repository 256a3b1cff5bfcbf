/* SPDX-License-Identifier: MIT
 *
 * Priority strings: GnuTLS is told key exchanges, ciphers and MACs, and makes
 * the suites out of them.
 */
#include <stdio.h>
#include <string.h>

#include "gnutls_adapter.h"

#define MAX_PRIORITY 4096u
#define DTLS_1_0     0xfeffu
#define DTLS_1_2     0xfefdu
#define SMALL_RECORD 512u

/* Appends two words run together, unless they are there already: a second mention changes nothing but the
 * length. */
static void append(char *priority, const char *prefix, const char *name) {
    const size_t used = strlen(priority);
    char word[64];

    snprintf(word, sizeof word, "%s%s", prefix, name);
    const char *found = strstr(priority, word);
    if (found != NULL && (found[strlen(word)] == ':' || found[strlen(word)] == '\0'))
        return;
    snprintf(priority + used, MAX_PRIORITY - used, "%s", word);
}

static void append_versions(char *priority, const struct dtlslab_config *config) {
    const uint16_t lowest = config->min_version != 0 ? config->min_version : DTLS_1_0;
    const uint16_t highest = config->max_version != 0 ? config->max_version : DTLS_1_2;

    /* Versions of DTLS count downwards. */
    if (lowest >= DTLS_1_2 && highest <= DTLS_1_2)
        append(priority, ":+VERS-DTLS1.2", "");
    if (lowest >= DTLS_1_0 && highest <= DTLS_1_0)
        append(priority, ":+VERS-DTLS1.0", "");
}

static void append_suites(char *priority, const struct dtlslab_codes *codes) {
    for (uint32_t i = 0; i < codes->num; i++) {
        struct gnutls_adapter_suite suite;

        if (gnutls_adapter_find_suite(codes->codes[i], &suite)) {
            append(priority, ":+", gnutls_kx_get_name(suite.kx));
            append(priority, ":+", gnutls_cipher_get_name(suite.cipher));
            append(priority, ":+", gnutls_mac_get_name(suite.mac));
        }
    }
}

static void append_key_exchanges(char *priority, const struct dtlslab_config *config) {
    if (config->psk_key.len == 0)
        return;
    if (config->certificate_chain.len == 0 && config->trust_anchors.len == 0)
        append(priority, ":-KX-ALL", "");
    append(priority, ":+ECDHE-PSK:+DHE-PSK:+PSK", "");
}

static void write_priority(char *priority, const struct dtlslab_config *config) {
    priority[0] = '\0';
    append(priority, "NORMAL:-VERS-ALL", "");
    append_versions(priority, config);
    if (config->cipher_suites.num > 0) {
        append(priority, ":-KX-ALL:-CIPHER-ALL:-MAC-ALL", "");
        append_suites(priority, &config->cipher_suites);
    } else {
        append_key_exchanges(priority, config);
    }
    if (config->groups.num > 0)
        append(priority, ":-GROUP-ALL", "");
    for (uint32_t i = 0; i < config->groups.num; i++)
        append(priority, ":+GROUP-", gnutls_adapter_group_name(config->groups.codes[i]));
    if (config->signature_schemes.num > 0)
        append(priority, ":-SIGN-ALL", "");
    for (uint32_t i = 0; i < config->signature_schemes.num; i++)
        append(priority, ":+SIGN-", gnutls_adapter_scheme_name(config->signature_schemes.codes[i]));
    if (config->extended_master_secret == DTLSLAB_OFF)
        append(priority, ":%NO_SESSION_HASH", "");
    if (config->encrypt_then_mac == DTLSLAB_OFF)
        append(priority, ":%NO_ETM", "");
    if (config->record_size_limit != 0 && config->record_size_limit < SMALL_RECORD)
        append(priority, ":%ALLOW_SMALL_RECORDS", "");
    if (config->raw_public_keys == DTLSLAB_ON)
        append(priority, ":-CTYPE-ALL:+CTYPE-CLI-RAWPK:+CTYPE-SRV-RAWPK", "");
}

uint16_t gnutls_adapter_enabled_suite(gnutls_priority_t priorities, unsigned index) {
    unsigned char id[2];
    unsigned suite = 0;
    unsigned num = 0;

    /* The index counts the signalling values of renegotiation and fallback too, which are no suites. */
    for (unsigned i = 0;; i++) {
        const int result = gnutls_priority_get_cipher_suite_index(priorities, i, &suite);

        if (result == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
            return 0;
        if (result == GNUTLS_E_SUCCESS && num++ == index) {
            const int known = gnutls_cipher_suite_info(suite, id, NULL, NULL, NULL, NULL) != NULL;

            return (uint16_t)(known ? id[0] << 8 | id[1] : 0);
        }
    }
}

static int32_t check_suites(gnutls_priority_t priorities, const struct dtlslab_codes *codes, char *message) {
    for (uint32_t i = 0; i <= codes->num; i++) {
        const uint16_t wanted = i < codes->num ? codes->codes[i] : 0;
        const uint16_t enabled = gnutls_adapter_enabled_suite(priorities, i);

        if (codes->num > 0 && enabled != wanted) {
            return adapter_refuse(
                DTLSLAB_UNSUPPORTED, message,
                "GnuTLS makes suites of all key exchanges times all ciphers, in this order: where "
                "%04x was asked for it puts %04x",
                wanted, enabled);
        }
    }
    return DTLSLAB_OK;
}

int32_t gnutls_adapter_make_priorities(const struct dtlslab_config *config, gnutls_priority_t *out_priorities,
                                       char *message) {
    char priority[MAX_PRIORITY];
    const char *position = NULL;

    write_priority(priority, config);
    if (gnutls_priority_init(out_priorities, priority, &position) != GNUTLS_E_SUCCESS) {
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message,
                              "GnuTLS does not understand the priorities at %.100s",
                              position != NULL ? position : priority);
    }
    const int32_t result = check_suites(*out_priorities, &config->cipher_suites, message);
    if (result != DTLSLAB_OK)
        gnutls_priority_deinit(*out_priorities);
    return result;
}

/* Anonymous and SRP exchanges need credentials that the contract does not speak of. */
static int has_credentials(gnutls_kx_algorithm_t kx) {
    switch (kx) {
    case GNUTLS_KX_RSA:
    case GNUTLS_KX_DHE_RSA:
    case GNUTLS_KX_ECDHE_RSA:
    case GNUTLS_KX_ECDHE_ECDSA:
    case GNUTLS_KX_PSK:
    case GNUTLS_KX_DHE_PSK:
    case GNUTLS_KX_ECDHE_PSK:
    case GNUTLS_KX_RSA_PSK:
        return 1;
    default:
        return 0;
    }
}

void gnutls_adapter_add_suites(struct adapter_words *words) {
    struct gnutls_adapter_suite suite;
    unsigned char id[2];
    char message[DTLSLAB_MAX_TEXT];

    for (size_t i = 0; gnutls_cipher_suite_info(i, id, &suite.kx, &suite.cipher, &suite.mac, NULL); i++) {
        const uint16_t code = (uint16_t)(id[0] << 8 | id[1]);
        const struct dtlslab_config config = {.cipher_suites = {&code, 1}};
        gnutls_priority_t priorities;

        if (has_credentials(suite.kx) &&
            gnutls_adapter_make_priorities(&config, &priorities, message) == DTLSLAB_OK) {
            adapter_words_add(words, "suite:%04x", code);
            gnutls_priority_deinit(priorities);
        }
    }
}
