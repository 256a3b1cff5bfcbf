/* SPDX-License-Identifier: MIT
 *
 * Certificates: reading them, and judging chains by RFC 5280 with names by
 * RFC 9525. libcrypto would read the clock; the time is set each time.
 */
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "crypto/libcrypto/internal.h"

#define MAX_CHAIN 10

/* OpenSSL's security level 2: 112 bits, no SHA-1. */
#define SECURITY_LEVEL 2

X509 *libcrypto_certificate(dtls_span der) {
    const unsigned char *at = der.data;
    if (der.data == NULL || der.len > LONG_MAX)
        return NULL;
    ERR_set_mark();
    X509 *certificate = d2i_X509(NULL, &at, (long)der.len);
    ERR_pop_to_mark();
    if (certificate != NULL && at != der.data + der.len) {
        X509_free(certificate);
        certificate = NULL;
    }
    return certificate;
}

void libcrypto_public_key_clear(void *slot) {
    struct libcrypto_slot *self = slot;
    EVP_PKEY_free(self->object);
    self->object = NULL;
}

static dtls_error error_of(int verdict) {
    switch (verdict) {
    case X509_V_OK:
        return DTLS_OK;
    case X509_V_ERR_OUT_OF_MEM:
    case X509_V_ERR_UNSPECIFIED:
        return DTLS_ERROR_CRYPTO;
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return DTLS_ERROR_CERTIFICATE_EXPIRED;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return DTLS_ERROR_CERTIFICATE_NAME;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
        return DTLS_ERROR_CERTIFICATE_UNKNOWN_AUTHORITY;
    default:
        return DTLS_ERROR_CERTIFICATE_BAD;
    }
}

/* A literal address is looked for among the iPAddress names (RFC 9525 section 6.5), never among the DNS ones.
 */
static int set_name(X509_VERIFY_PARAM *param, const char *name) {
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(name);
    if (address == NULL)
        return X509_VERIFY_PARAM_set1_host(param, name, 0) == 1;
    const int set =
        X509_VERIFY_PARAM_set1_ip(param, ASN1_STRING_get0_data(address), (size_t)ASN1_STRING_length(address));
    ASN1_OCTET_STRING_free(address);
    return set == 1;
}

static int set_identity(X509_STORE_CTX *context, const dtls_identity *identity) {
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);
    int purpose = identity->peer_role == DTLS_SERVER ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT;
    if (identity->calendar_s != 0)
        X509_VERIFY_PARAM_set_time(param, (time_t)identity->calendar_s);
    /* Trust anchors need not be self-signed (RFC 5280 section 6.1.1). */
    unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN |
                          (identity->calendar_s == 0 ? (unsigned long)X509_V_FLAG_NO_CHECK_TIME : 0);
    X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
    X509_VERIFY_PARAM_set_depth(param, MAX_CHAIN);
    if (X509_VERIFY_PARAM_set_flags(param, flags) != 1 || X509_STORE_CTX_set_purpose(context, purpose) != 1)
        return 0;
    X509_VERIFY_PARAM_set_hostflags(param, LIBCRYPTO_HOST_FLAGS);
    return identity->name == NULL || set_name(param, identity->name);
}

/* When the first of the chain's certificates ends; 0: not known. Its dates have been found good at `now`. */
static int64_t end_of(const STACK_OF(X509) * chain, int64_t now) {
    int64_t least = INT32_MAX;
    ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)now);
    for (int i = 0; from != NULL && i < sk_X509_num(chain); i++) {
        int days = 0;
        int seconds = 0;
        if (ASN1_TIME_diff(&days, &seconds, from, X509_get0_notAfter(sk_X509_value(chain, i))) != 1)
            days = seconds = 0;
        const int64_t left = (int64_t)days * 86400 + seconds;
        least = left < least ? left : least;
    }
    ASN1_TIME_free(from);
    return from == NULL ? 0 : now + least;
}

static dtls_error judge(X509_STORE *store, STACK_OF(X509) * chain, const dtls_identity *identity,
                        int64_t *out_until) {
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    dtls_error error = DTLS_ERROR_CRYPTO;
    if (context != NULL && X509_STORE_CTX_init(context, store, sk_X509_value(chain, 0), chain) == 1 &&
        set_identity(context, identity)) {
        int good = X509_verify_cert(context);
        int verdict = X509_STORE_CTX_get_error(context);
        error = good == 1 ? DTLS_OK : verdict == X509_V_OK ? DTLS_ERROR_CRYPTO : error_of(verdict);
        if (error == DTLS_OK && out_until != NULL)
            *out_until = end_of(X509_STORE_CTX_get0_chain(context), identity->calendar_s);
    }
    X509_STORE_CTX_free(context);
    return error;
}

static dtls_error read_chain(const dtls_span *chain, size_t chain_len, STACK_OF(X509) * out) {
    for (size_t i = 0; i < chain_len; i++) {
        X509 *certificate = libcrypto_certificate(chain[i]);
        if (certificate == NULL)
            return DTLS_ERROR_CERTIFICATE_BAD;
        if (sk_X509_push(out, certificate) == 0) {
            X509_free(certificate);
            return DTLS_ERROR_CRYPTO;
        }
    }
    return DTLS_OK;
}

/* RFC 5246 section 7.4.2: a key must be allowed to do what it is there for. */
static dtls_error take_key(struct libcrypto_slot *slot, X509 *leaf, dtls_key_usage usage,
                           dtls_key_type *out_type) {
    const uint32_t needed =
        usage == DTLS_KEY_SIGNS ? X509v3_KU_DIGITAL_SIGNATURE : X509v3_KU_KEY_ENCIPHERMENT;
    EVP_PKEY *key = X509_get0_pubkey(leaf);
    if (key == NULL || (X509_get_key_usage(leaf) & needed) == 0)
        return DTLS_ERROR_CERTIFICATE_BAD;
    if (libcrypto_key_type(key, out_type) != DTLS_OK)
        return DTLS_ERROR_CERTIFICATE_UNSUPPORTED;
    if (EVP_PKEY_up_ref(key) != 1)
        return DTLS_ERROR_CRYPTO;
    slot->object = key;
    return DTLS_OK;
}

/* The slot is filled and the chain judged as it has to be. */
static dtls_error answer(struct libcrypto_state *state, const struct libcrypto_question *question,
                         struct libcrypto_slot *slot, dtls_key_type *out_type) {
    const bool judged = question->anchors != NULL;
    int64_t until = 0;
    STACK_OF(X509) *certificates = sk_X509_new_null();
    dtls_error error = certificates == NULL
                           ? DTLS_ERROR_CRYPTO
                           : read_chain(question->chain, judged ? question->chain_len : 1, certificates);
    if (error == DTLS_OK && judged)
        error = judge((X509_STORE *)question->anchors, certificates, question->identity,
                      state != NULL && state->num_known > 0 ? &until : NULL);
    if (error == DTLS_OK)
        error = take_key(slot, sk_X509_value(certificates, 0), question->usage, out_type);
    if (error == DTLS_OK && until != 0)
        libcrypto_chain_remember(state, question, until, slot->object, *out_type);
    sk_X509_pop_free(certificates, X509_free);
    return error;
}

dtls_error libcrypto_certificates_read(void *state, void *public_key_slot, const dtls_span *chain,
                                       size_t chain_len, dtls_key_usage usage,
                                       const dtls_trust_anchors *anchors, const dtls_identity *identity,
                                       dtls_key_type *out_type) {
    const struct libcrypto_question question = {chain, chain_len, usage, anchors, identity};
    struct libcrypto_slot *slot = public_key_slot;
    libcrypto_public_key_clear(slot);
    if (chain_len == 0 || chain_len > MAX_CHAIN || (anchors == NULL) != (identity == NULL))
        return DTLS_ERROR_ARGUMENT;
    if (libcrypto_chain_known(state, &question, &slot->object, out_type))
        return DTLS_OK;
    ERR_set_mark();
    const dtls_error error = answer(state, &question, slot, out_type);
    ERR_pop_to_mark();
    return error;
}

/* Calls `take` for each certificate of a PEM text. The number taken; -1: not PEM, broken, or `take` refused.
 */
static int each_certificate(const uint8_t *pem, size_t len, int (*take)(X509 *certificate, void *user),
                            void *user) {
    BIO *input = len > INT_MAX ? NULL : BIO_new_mem_buf(pem, (int)len);
    int number = input == NULL ? -1 : 0;
    while (number >= 0) {
        X509 *certificate = PEM_read_bio_X509(input, NULL, NULL, NULL);
        if (certificate == NULL) {
            bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
            number = ended ? number : -1;
            break;
        }
        number = take(certificate, user) ? number + 1 : -1;
        X509_free(certificate);
    }
    BIO_free(input);
    return number;
}

static int take_anchor(X509 *certificate, void *user) {
    return X509_STORE_add_cert(user, certificate);
}

dtls_error dtls_libcrypto_trust_anchors_read(const uint8_t *bytes, size_t len,
                                             dtls_trust_anchors **out_anchors) {
    if (out_anchors == NULL || bytes == NULL)
        return DTLS_ERROR_ARGUMENT;
    *out_anchors = NULL;
    X509_STORE *store = X509_STORE_new();
    if (store == NULL)
        return DTLS_ERROR_CRYPTO;
    ERR_set_mark();
    int number = each_certificate(bytes, len, take_anchor, store);
    if (number == 0) {
        X509 *certificate = libcrypto_certificate((dtls_span){.data = bytes, .len = len});
        number = certificate != NULL && take_anchor(certificate, store);
        X509_free(certificate);
    }
    ERR_pop_to_mark();
    if (number <= 0) {
        X509_STORE_free(store);
        return DTLS_ERROR_ARGUMENT;
    }
    *out_anchors = (dtls_trust_anchors *)store;
    return DTLS_OK;
}

void dtls_libcrypto_trust_anchors_free(dtls_trust_anchors *anchors) {
    X509_STORE_free((X509_STORE *)anchors);
}

/* Where the certificates of a chain go. */
struct chain_output {
    uint8_t *out;
    size_t left;
    dtls_span *spans;
    size_t spans_left;
    bool full;
};

static int take_der(X509 *certificate, void *user) {
    struct chain_output *output = user;
    int len = i2d_X509(certificate, NULL);
    if (len <= 0)
        return 0;
    if ((size_t)len > output->left || output->spans_left == 0) {
        output->full = true;
        return 0;
    }
    *output->spans++ = (dtls_span){.data = output->out, .len = (size_t)len};
    output->spans_left--;
    output->left -= (size_t)len;
    return i2d_X509(certificate, &output->out) == len;
}

dtls_error dtls_libcrypto_chain_read(const uint8_t *pem, size_t len, uint8_t *out, size_t out_cap,
                                     dtls_span *out_spans, size_t *num_spans) {
    if (pem == NULL || out == NULL || out_spans == NULL || num_spans == NULL)
        return DTLS_ERROR_ARGUMENT;
    struct chain_output output = {
        .out = out, .left = out_cap, .spans = out_spans, .spans_left = *num_spans, .full = false};
    ERR_set_mark();
    int number = each_certificate(pem, len, take_der, &output);
    ERR_pop_to_mark();
    if (output.full)
        return DTLS_ERROR_NO_ROOM;
    if (number <= 0)
        return DTLS_ERROR_ARGUMENT;
    *num_spans = (size_t)number;
    return DTLS_OK;
}
