/* SPDX-License-Identifier: MIT
 *
 * IANA code points and OpenSSL's names for them.
 */
#include <openssl/obj_mac.h>
#include <string.h>

#include "openssl_adapter.h"

/* Longer than the names of all suites of a build together. */
#define MAX_LIST 16384u

/* Every suite of the build, those that the default security level would hide included. */
#define ALL_SUITES "ALL:COMPLEMENTOFALL:@SECLEVEL=0"

struct code_name {
    uint16_t code;
    int nid; /* groups only */
    const char *name;
};

static const struct code_name groups[] = {
    {0x0015, NID_secp224r1, "secp224r1"},
    {0x0016, NID_secp256k1, "secp256k1"},
    {0x0017, NID_X9_62_prime256v1, "P-256"},
    {0x0018, NID_secp384r1, "P-384"},
    {0x0019, NID_secp521r1, "P-521"},
    {0x001a, NID_brainpoolP256r1, "brainpoolP256r1"},
    {0x001b, NID_brainpoolP384r1, "brainpoolP384r1"},
    {0x001c, NID_brainpoolP512r1, "brainpoolP512r1"},
    {0x001d, NID_X25519, "X25519"},
    {0x001e, NID_X448, "X448"},
};

static const struct code_name schemes[] = {
    {0x0201, 0, "RSA+SHA1"},
    {0x0203, 0, "ECDSA+SHA1"},
    {0x0401, 0, "rsa_pkcs1_sha256"},
    {0x0403, 0, "ecdsa_secp256r1_sha256"},
    {0x0501, 0, "rsa_pkcs1_sha384"},
    {0x0503, 0, "ecdsa_secp384r1_sha384"},
    {0x0601, 0, "rsa_pkcs1_sha512"},
    {0x0603, 0, "ecdsa_secp521r1_sha512"},
    {0x0804, 0, "rsa_pss_rsae_sha256"},
    {0x0805, 0, "rsa_pss_rsae_sha384"},
    {0x0806, 0, "rsa_pss_rsae_sha512"},
    {0x0807, 0, "ed25519"},
    {0x0808, 0, "ed448"},
    {0x0809, 0, "rsa_pss_pss_sha256"},
    {0x080a, 0, "rsa_pss_pss_sha384"},
    {0x080b, 0, "rsa_pss_pss_sha512"},
};

#define NUM(table) (sizeof(table) / sizeof((table)[0]))

static const char *find_name(const struct code_name *table, size_t num, uint16_t code) {
    for (size_t i = 0; i < num; i++) {
        if (table[i].code == code)
            return table[i].name;
    }
    return NULL;
}

/* Appends ":name". 0 when there is no name or no room. */
static int append(char *list, const char *name) {
    const size_t used = strlen(list);

    if (name == NULL || used + strlen(name) + 2 > MAX_LIST)
        return 0;
    list[used] = ':';
    memcpy(list + used + (used > 0), name, strlen(name) + 1);
    return 1;
}

static int make_list(char *list, const struct code_name *table, size_t num,
                     const struct dtlslab_codes *codes) {
    int complete = 1;

    list[0] = '\0';
    for (uint32_t i = 0; i < codes->num; i++)
        complete &= append(list, find_name(table, num, codes->codes[i]));
    return complete;
}

int openssl_set_groups(SSL_CTX *ssl_ctx, const struct dtlslab_codes *codes) {
    char list[MAX_LIST];

    return make_list(list, groups, NUM(groups), codes) && SSL_CTX_set1_groups_list(ssl_ctx, list) == 1;
}

int openssl_set_schemes(SSL_CTX *ssl_ctx, const struct dtlslab_codes *codes) {
    char list[MAX_LIST];

    return make_list(list, schemes, NUM(schemes), codes) && SSL_CTX_set1_sigalgs_list(ssl_ctx, list) == 1;
}

static const char *suite_name(STACK_OF(SSL_CIPHER) * suites, uint16_t code) {
    for (int i = 0; i < sk_SSL_CIPHER_num(suites); i++) {
        const SSL_CIPHER *suite = sk_SSL_CIPHER_value(suites, i);

        if (SSL_CIPHER_get_protocol_id(suite) == code)
            return SSL_CIPHER_get_name(suite);
    }
    return NULL;
}

/* Suites asked for by name are wanted whatever the security level says of them. */
int openssl_set_suites(SSL_CTX *ssl_ctx, const struct dtlslab_codes *codes) {
    char list[MAX_LIST] = "";
    int complete = SSL_CTX_set_cipher_list(ssl_ctx, ALL_SUITES);

    for (uint32_t i = 0; i < codes->num && complete; i++)
        complete = append(list, suite_name(SSL_CTX_get_ciphers(ssl_ctx), codes->codes[i]));
    return complete && append(list, "@SECLEVEL=0") && SSL_CTX_set_cipher_list(ssl_ctx, list) == 1;
}

static unsigned no_psk(SSL *ssl, const char *hint, char *identity, unsigned max_identity_len,
                       unsigned char *psk, unsigned max_psk_len) {
    (void)ssl, (void)hint, (void)identity, (void)max_identity_len, (void)psk, (void)max_psk_len;
    return 0;
}

/* OpenSSL counts a suite as supported by the versions allowed and, for PSK, by there being somebody to ask
 * for one. */
void openssl_add_suites(struct adapter_words *words) {
    SSL_CTX *ssl_ctx = SSL_CTX_new(DTLS_client_method());
    SSL *ssl = NULL;

    if (ssl_ctx != NULL && SSL_CTX_set_cipher_list(ssl_ctx, ALL_SUITES) == 1) {
        SSL_CTX_set_psk_client_callback(ssl_ctx, no_psk);
        SSL_CTX_set_min_proto_version(ssl_ctx, DTLS1_VERSION);
        ssl = SSL_new(ssl_ctx);
    }
    STACK_OF(SSL_CIPHER) *suites = ssl != NULL ? SSL_get1_supported_ciphers(ssl) : NULL;
    for (int i = 0; i < sk_SSL_CIPHER_num(suites); i++)
        adapter_words_add(words, "suite:%04x", SSL_CIPHER_get_protocol_id(sk_SSL_CIPHER_value(suites, i)));
    sk_SSL_CIPHER_free(suites);
    SSL_free(ssl);
    SSL_CTX_free(ssl_ctx);
}

static void add_known(struct adapter_words *words, const char *kind, const struct code_name *table,
                      size_t num, int (*set)(SSL_CTX *, const struct dtlslab_codes *)) {
    SSL_CTX *ssl_ctx = SSL_CTX_new(DTLS_method());

    for (size_t i = 0; ssl_ctx != NULL && i < num; i++) {
        if (set(ssl_ctx, &(struct dtlslab_codes){&table[i].code, 1}))
            adapter_words_add(words, "%s:%04x", kind, table[i].code);
    }
    SSL_CTX_free(ssl_ctx);
}

void openssl_add_groups(struct adapter_words *words) {
    add_known(words, "group", groups, NUM(groups), openssl_set_groups);
}

void openssl_add_schemes(struct adapter_words *words) {
    add_known(words, "scheme", schemes, NUM(schemes), openssl_set_schemes);
}

uint16_t openssl_group_code(int nid) {
    for (size_t i = 0; i < NUM(groups); i++) {
        if (groups[i].nid == nid)
            return groups[i].code;
    }
    return 0;
}
