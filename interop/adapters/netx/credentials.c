/* SPDX-License-Identifier: MIT
 *
 * Devices have certificates and keys in DER; the laboratory gives PEM.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "netx_adapter.h"

#define MAX_LEN 0xFFFFu /* what nx_secure_x509_certificate_initialize takes */

/* The next PEM block: its DER, for `free`, which the credentials keep. NULL: there is none, or no room. */
static const UCHAR *next_block(BIO *pem, struct netx_credentials *credentials, USHORT *out_len) {
    char *name = NULL;
    char *header = NULL;
    unsigned char *der = NULL;
    long len = 0;

    if (PEM_read_bio(pem, &name, &header, &der, &len) != 1)
        return NULL;
    const size_t max = sizeof credentials->der / sizeof *credentials->der;
    UCHAR *kept =
        len > 0 && (unsigned long)len <= MAX_LEN && credentials->num_der < max ? malloc((size_t)len) : NULL;
    if (kept != NULL) {
        memcpy(kept, der, (size_t)len);
        credentials->der[credentials->num_der++] = kept;
        *out_len = (USHORT)len;
    }
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(der, (size_t)len);
    return kept;
}

static BIO *open_pem(const struct dtlslab_bytes *text) {
    return BIO_new_mem_buf(text->data, (int)text->len);
}

/* Certificates of a PEM text into `out`, the first with `key`. How many; 0: none, or a broken one. */
static size_t read_certificates(struct netx_credentials *credentials, const struct dtlslab_bytes *text,
                                NX_SECURE_X509_CERT *out, size_t max) {
    BIO *pem = open_pem(text);
    const UCHAR *der;
    USHORT len;
    size_t num = 0;

    while (pem != NULL && num < max && (der = next_block(pem, credentials, &len)) != NULL) {
        if (nx_secure_x509_certificate_initialize(&out[num++], der, len, NULL, 0, NULL, 0,
                                                  NX_SECURE_X509_KEY_TYPE_NONE) != NX_SUCCESS) {
            num = 0;
            break;
        }
    }
    BIO_free(pem);
    return num;
}

static UINT key_type(const UCHAR *der, USHORT len) {
    const unsigned char *at = der;
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at, len);
    const int is_rsa = key != NULL && EVP_PKEY_is_a(key, "RSA") == 1;

    EVP_PKEY_free(key);
    return is_rsa ? NX_SECURE_X509_KEY_TYPE_RSA_PKCS1_DER : NX_SECURE_X509_KEY_TYPE_EC_DER;
}

/* The leaf is made once more, with its key. */
static int32_t read_key(struct netx_credentials *credentials, const struct dtlslab_bytes *text,
                        char *message) {
    BIO *pem = open_pem(text);
    USHORT len = 0;
    const UCHAR *key = pem != NULL ? next_block(pem, credentials, &len) : NULL;
    const NX_SECURE_X509_CERT leaf = credentials->chain[0];

    BIO_free(pem);
    if (key != NULL && nx_secure_x509_certificate_initialize(
                           &credentials->chain[0], leaf.nx_secure_x509_certificate_raw_data,
                           (USHORT)leaf.nx_secure_x509_certificate_raw_data_length, NULL, 0, key, len,
                           key_type(key, len)) == NX_SUCCESS) {
        return DTLSLAB_OK;
    }
    return adapter_refuse(DTLSLAB_INVALID, message,
                          "the private key cannot be used, or is not the certificate's");
}

int32_t netx_read_credentials(struct netx_credentials *credentials, const struct dtlslab_config *config,
                              char *message) {
    if (config->trust_anchors.len > 0) {
        credentials->num_anchors =
            read_certificates(credentials, &config->trust_anchors, credentials->anchors, NETX_MAX_ANCHORS);
        if (credentials->num_anchors == 0)
            return adapter_refuse(DTLSLAB_INVALID, message, "no trust anchor can be read");
    }
    if (config->certificate_chain.len == 0)
        return DTLSLAB_OK;
    credentials->chain_len =
        read_certificates(credentials, &config->certificate_chain, credentials->chain, NETX_MAX_CHAIN);
    if (credentials->chain_len == 0)
        return adapter_refuse(DTLSLAB_INVALID, message, "the certificate chain cannot be used");
    return read_key(credentials, &config->private_key, message);
}

void netx_free_credentials(struct netx_credentials *credentials) {
    for (size_t i = 0; i < credentials->num_der; i++)
        free(credentials->der[i]);
    credentials->num_der = 0;
}
