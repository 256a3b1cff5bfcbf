/* SPDX-License-Identifier: MIT
 *
 * IANA code points and GnuTLS's names for them.
 */
#include "gnutls_adapter.h"

#include <stdio.h>

struct code_name {
    uint16_t code;
    gnutls_group_t group;
    const char *name; /* as in a priority string */
};

static const struct code_name groups[] = {
    {0x0013, GNUTLS_GROUP_SECP192R1, "SECP192R1"}, {0x0015, GNUTLS_GROUP_SECP224R1, "SECP224R1"},
    {0x0017, GNUTLS_GROUP_SECP256R1, "SECP256R1"}, {0x0018, GNUTLS_GROUP_SECP384R1, "SECP384R1"},
    {0x0019, GNUTLS_GROUP_SECP521R1, "SECP521R1"}, {0x001d, GNUTLS_GROUP_X25519, "X25519"},
    {0x001e, GNUTLS_GROUP_X448, "X448"},           {0x0100, GNUTLS_GROUP_FFDHE2048, "FFDHE2048"},
    {0x0101, GNUTLS_GROUP_FFDHE3072, "FFDHE3072"}, {0x0102, GNUTLS_GROUP_FFDHE4096, "FFDHE4096"},
    {0x0103, GNUTLS_GROUP_FFDHE6144, "FFDHE6144"}, {0x0104, GNUTLS_GROUP_FFDHE8192, "FFDHE8192"},
};

/* In DTLS 1.2 the ECDSA code points name a hash and no curve. */
static const struct code_name schemes[] = {
    {0x0201, 0, "RSA-SHA1"},
    {0x0203, 0, "ECDSA-SHA1"},
    {0x0401, 0, "RSA-SHA256"},
    {0x0403, 0, "ECDSA-SHA256"},
    {0x0501, 0, "RSA-SHA384"},
    {0x0503, 0, "ECDSA-SHA384"},
    {0x0601, 0, "RSA-SHA512"},
    {0x0603, 0, "ECDSA-SHA512"},
    {0x0804, 0, "RSA-PSS-RSAE-SHA256"},
    {0x0805, 0, "RSA-PSS-RSAE-SHA384"},
    {0x0806, 0, "RSA-PSS-RSAE-SHA512"},
    {0x0807, 0, "EdDSA-Ed25519"},
    {0x0808, 0, "EdDSA-Ed448"},
    {0x0809, 0, "RSA-PSS-SHA256"},
    {0x080a, 0, "RSA-PSS-SHA384"},
    {0x080b, 0, "RSA-PSS-SHA512"},
};

#define NUM(table) (sizeof(table) / sizeof((table)[0]))

static const char *find_name(const struct code_name *table, size_t num, uint16_t code) {
    for (size_t i = 0; i < num; i++) {
        if (table[i].code == code)
            return table[i].name;
    }
    return NULL;
}

const char *gnutls_adapter_group_name(uint16_t code) {
    return find_name(groups, NUM(groups), code);
}

const char *gnutls_adapter_scheme_name(uint16_t code) {
    return find_name(schemes, NUM(schemes), code);
}

uint16_t gnutls_adapter_scheme_code(int algorithm) {
    for (size_t i = 0; i < NUM(schemes); i++) {
        if (algorithm > 0 && (int)gnutls_sign_get_id(schemes[i].name) == algorithm)
            return schemes[i].code;
    }
    return 0;
}

uint16_t gnutls_adapter_group_code(gnutls_group_t group) {
    for (size_t i = 0; i < NUM(groups); i++) {
        if (groups[i].group == group)
            return groups[i].code;
    }
    return 0;
}

int gnutls_adapter_find_suite(uint16_t code, struct gnutls_adapter_suite *out_suite) {
    unsigned char id[2];

    for (size_t i = 0;
         gnutls_cipher_suite_info(i, id, &out_suite->kx, &out_suite->cipher, &out_suite->mac, NULL); i++) {
        if ((id[0] << 8 | id[1]) == code)
            return 1;
    }
    return 0;
}

uint16_t gnutls_adapter_suite_code(gnutls_session_t tls) {
    struct gnutls_adapter_suite suite;
    unsigned char id[2];

    for (size_t i = 0; gnutls_cipher_suite_info(i, id, &suite.kx, &suite.cipher, &suite.mac, NULL); i++) {
        if (suite.kx == gnutls_kx_get(tls) && suite.cipher == gnutls_cipher_get(tls) &&
            suite.mac == gnutls_mac_get(tls)) {
            return (uint16_t)(id[0] << 8 | id[1]);
        }
    }
    return 0;
}

static int is_accepted(const char *priority) {
    gnutls_priority_t priorities;

    if (gnutls_priority_init(&priorities, priority, NULL) != GNUTLS_E_SUCCESS)
        return 0;
    gnutls_priority_deinit(priorities);
    return 1;
}

static void add_accepted(struct adapter_words *words, const char *kind, const char *format,
                         const struct code_name *table, size_t num) {
    char priority[128];

    for (size_t i = 0; i < num; i++) {
        snprintf(priority, sizeof priority, "NORMAL:-%s-ALL:+%s-%s", format, format, table[i].name);
        if (is_accepted(priority))
            adapter_words_add(words, "%s:%04x", kind, table[i].code);
    }
}

void gnutls_adapter_add_codes(struct adapter_words *words) {
    add_accepted(words, "group", "GROUP", groups, NUM(groups));
    add_accepted(words, "scheme", "SIGN", schemes, NUM(schemes));
}
