/* SPDX-License-Identifier: MIT
 *
 * IANA code points and wolfSSL's names for them.
 */
#include <stdlib.h>
#include <string.h>

#include "wolfssl_adapter.h"

/* Longer than the names of all suites of a build together. */
#define MAX_LIST 8192

#define MAX_SUITES 256u

struct group {
    uint16_t code;
    int curve; /* the library's number; ECC_CURVE_INVALID where it is no curve of the ECC code */
    const char *name;
};

static const struct group groups[] = {
    {WOLFSSL_ECC_SECP224R1, ECC_SECP224R1, "SECP224R1"},
    {WOLFSSL_ECC_SECP256K1, ECC_SECP256K1, "SECP256K1"},
    {WOLFSSL_ECC_SECP256R1, ECC_SECP256R1, "SECP256R1"},
    {WOLFSSL_ECC_SECP384R1, ECC_SECP384R1, "SECP384R1"},
    {WOLFSSL_ECC_SECP521R1, ECC_SECP521R1, "SECP521R1"},
    {WOLFSSL_ECC_BRAINPOOLP256R1, ECC_BRAINPOOLP256R1, "BRAINPOOLP256R1"},
    {WOLFSSL_ECC_BRAINPOOLP384R1, ECC_BRAINPOOLP384R1, "BRAINPOOLP384R1"},
    {WOLFSSL_ECC_BRAINPOOLP512R1, ECC_BRAINPOOLP512R1, "BRAINPOOLP512R1"},
#ifdef HAVE_CURVE25519
    {WOLFSSL_ECC_X25519, ECC_CURVE_INVALID, "X25519"},
#endif
#ifdef HAVE_CURVE448
    {WOLFSSL_ECC_X448, ECC_CURVE_INVALID, "X448"},
#endif
};

/* No RSA-PSS: the library would offer each hash for both kinds of keys. */
static const struct {
    uint16_t code;
    const char *name;
} schemes[] = {
    {0x0201, "RSA+SHA1"},   {0x0203, "ECDSA+SHA1"},   {0x0401, "RSA+SHA256"}, {0x0403, "ECDSA+SHA256"},
    {0x0501, "RSA+SHA384"}, {0x0503, "ECDSA+SHA384"}, {0x0601, "RSA+SHA512"}, {0x0603, "ECDSA+SHA512"},
#ifdef HAVE_ED25519
    {0x0807, "ED25519"},
#endif
#ifdef HAVE_ED448
    {0x0808, "ED448"},
#endif
};

#define NUM(table) (sizeof(table) / sizeof((table)[0]))

int wolfssl_has_group(uint16_t code) {
    for (size_t i = 0; i < NUM(groups); i++) {
        if (groups[i].code == code)
            return groups[i].curve == ECC_CURVE_INVALID || wc_ecc_get_curve_idx(groups[i].curve) >= 0;
    }
    return 0;
}

uint16_t wolfssl_group_code(WOLFSSL *ssl) {
    const char *suite = wolfSSL_get_cipher_name(ssl);
    const char *name = wolfSSL_get_curve_name(ssl);

    if (suite == NULL || strstr(suite, "ECDHE") == NULL || name == NULL)
        return 0;
    for (size_t i = 0; i < NUM(groups); i++) {
        if (strcmp(groups[i].name, name) == 0)
            return groups[i].code;
    }
    return 0;
}

static const char *scheme_name(uint16_t code) {
    for (size_t i = 0; i < NUM(schemes); i++) {
        if (schemes[i].code == code)
            return schemes[i].name;
    }
    return NULL;
}

char *wolfssl_make_scheme_list(const struct dtlslab_codes *codes) {
    const size_t longest = sizeof "ECDSA+SHA256";
    char *list = calloc(codes->num, longest + 1);
    size_t len = 0;

    for (uint32_t i = 0; list != NULL && i < codes->num; i++) {
        const char *name = scheme_name(codes->codes[i]);

        if (name == NULL) {
            free(list);
            return NULL;
        }
        if (i > 0)
            list[len++] = ':';
        const size_t name_size = strlen(name) + 1;
        memcpy(list + len, name, name_size);
        len += name_size - 1;
    }
    return list;
}

int wolfssl_set_suites(WOLFSSL_CTX *ctx, const struct dtlslab_codes *codes) {
    unsigned char bytes[2 * MAX_SUITES];

    if (codes->num > MAX_SUITES)
        return 0;
    for (uint32_t i = 0; i < codes->num; i++) {
        bytes[(size_t)2 * i] = (unsigned char)(codes->codes[i] >> 8);
        bytes[(size_t)2 * i + 1] = (unsigned char)codes->codes[i];
    }
    return wolfSSL_CTX_set_cipher_list_bytes(ctx, bytes, (int)(2 * codes->num)) == WOLFSSL_SUCCESS;
}

/* Not those of TLS 1.3, stream ciphers, anonymous ones, and what has no code point at IANA: drafts and
 * wolfSSL's own. */
static int is_for_dtls(const char *name) {
    static const char *const others[] = {"TLS13", "RC4", "ADH", "OLD", "WDM"};

    for (size_t i = 0; i < NUM(others); i++) {
        if (strstr(name, others[i]) != NULL)
            return 0;
    }
    return 1;
}

static void add_suite(struct adapter_words *words, const char *name) {
    unsigned char first = 0;
    unsigned char second = 0;
    int flags = 0;

    if (wolfSSL_get_cipher_suite_from_name(name, &first, &second, &flags) == 0 &&
        (flags & WOLFSSL_CIPHER_SUITE_FLAG_NAMEALIAS) == 0 && is_for_dtls(name)) {
        adapter_words_add(words, "suite:%02x%02x", first, second);
    }
}

static void add_suites(struct adapter_words *words) {
    char list[MAX_LIST];
    char *name = list;

    if (wolfSSL_get_ciphers(list, sizeof list) != WOLFSSL_SUCCESS)
        return;
    for (char *end = strchr(name, ':'); end != NULL; end = strchr(name, ':')) {
        *end = '\0';
        add_suite(words, name);
        name = end + 1;
    }
    add_suite(words, name);
}

void wolfssl_add_codes(struct adapter_words *words) {
    add_suites(words);
    for (size_t i = 0; i < NUM(groups); i++) {
        if (wolfssl_has_group(groups[i].code))
            adapter_words_add(words, "group:%04x", groups[i].code);
    }
    for (size_t i = 0; i < NUM(schemes); i++)
        adapter_words_add(words, "scheme:%04x", schemes[i].code);
}
