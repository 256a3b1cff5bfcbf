/* SPDX-License-Identifier: MIT
 *
 * What libdtls's configuration is told of a store. A store that has changed
 * makes it anew for the next handshake; those that are under way keep theirs,
 * with copies of the certificates, so that a program may do with a block that
 * it has removed what it likes.
 */
#include <stdlib.h>

#include "netx/secure/session.h"

/* The issuer of `subject` among the local certificates; NULL: none. */
static const NX_SECURE_X509_CERT *issuer_of(const certificate_store *store,
                                            const NX_SECURE_X509_CERT *subject) {
    const NX_SECURE_X509_CERT *certificate = store->local;
    for (; certificate != NULL; certificate = certificate->nx_secure_x509_next_certificate) {
        if (certificate != subject && dtls_libcrypto_certificate_issued(netx_certificate_der(certificate),
                                                                        netx_certificate_der(subject)))
            return certificate;
    }
    return NULL;
}

static size_t make_chain(const certificate_store *store, const NX_SECURE_X509_CERT *leaf, dtls_span *out) {
    size_t num = 0;
    for (const NX_SECURE_X509_CERT *at = leaf; at != NULL && num < DTLS_MAX_CHAIN;
         at = issuer_of(store, at)) {
        dtls_libcrypto_certificate_facts facts;
        dtls_span der = netx_certificate_der(at);
        /* The peer has the root, or does not trust it (RFC 5246 section 7.4.2). */
        bool root = dtls_libcrypto_certificate_read(der, &facts) == DTLS_OK && facts.self_issued;
        if (num == 0 || !root)
            out[num++] = der;
        if (root)
            break;
    }
    return num;
}

/* Lets the chains stand for copies behind each other. */
static bool copy_chains(prepared_certificates *made) {
    size_t total = 0;
    for (UINT i = 0; i < made->num_credentials; i++) {
        for (size_t j = 0; j < made->credentials[i].chain_len; j++)
            total += made->chains[i][j].len;
    }
    if (total == 0)
        return true;
    made->der = malloc(total);
    if (made->der == NULL)
        return false;
    UCHAR *at = made->der;
    for (UINT i = 0; i < made->num_credentials; i++) {
        for (size_t j = 0; j < made->credentials[i].chain_len; j++) {
            dtls_span *span = &made->chains[i][j];
            memcpy(at, span->data, span->len);
            span->data = at;
            at += span->len;
        }
    }
    return true;
}

static UINT make_credential(prepared_certificates *made, const certificate_store *store,
                            const NX_SECURE_X509_CERT *leaf) {
    UINT i = made->num_credentials;
    dtls_credential *credential = &made->credentials[i];
    if (dtls_libcrypto_private_key_read(leaf->nx_secure_x509_private_key_data,
                                        leaf->nx_secure_x509_private_key_data_length, &made->keys[i],
                                        &credential->key_type) != DTLS_OK)
        return NX_SECURE_PKCS1_INVALID_PRIVATE_KEY;
    credential->chain = made->chains[i];
    credential->chain_len = make_chain(store, leaf, made->chains[i]);
    credential->private_key = made->keys[i];
    credential->curve = dtls_libcrypto_private_key_curve(made->keys[i]);
    made->num_credentials++;
    return NX_SUCCESS;
}

static UINT fill(prepared_certificates *made, const certificate_store *store) {
    UINT status = NX_SUCCESS;
    for (const NX_SECURE_X509_CERT *at = store->local;
         at != NULL && status == NX_SUCCESS && made->num_credentials < MAX_CREDENTIALS;
         at = at->nx_secure_x509_next_certificate) {
        if (at->nx_secure_x509_private_key_type != NX_SECURE_X509_KEY_TYPE_NONE)
            status = make_credential(made, store, at);
    }
    for (const NX_SECURE_X509_CERT *at = store->trusted; at != NULL && status == NX_SUCCESS;
         at = at->nx_secure_x509_next_certificate) {
        if (dtls_libcrypto_trust_anchors_add(&made->anchors, netx_certificate_der(at)) != DTLS_OK)
            status = NX_SECURE_X509_INVALID_CERTIFICATE;
    }
    return status == NX_SUCCESS && !copy_chains(made) ? NX_SECURE_TLS_INSUFFICIENT_METADATA_SPACE : status;
}

void netx_prepared_release(prepared_certificates *prepared) {
    if (prepared == NULL || --prepared->num_users > 0)
        return;
    for (UINT i = 0; i < prepared->num_credentials; i++)
        dtls_libcrypto_private_key_free(prepared->keys[i]);
    dtls_libcrypto_trust_anchors_free(prepared->anchors);
    free(prepared->der);
    free(prepared);
}

UINT netx_store_prepare(certificate_store *store, prepared_certificates **out) {
    if (store->changed || store->prepared == NULL) {
        prepared_certificates *made = calloc(1, sizeof *made);
        if (made == NULL)
            return NX_SECURE_TLS_INSUFFICIENT_METADATA_SPACE;
        made->num_users = 1;
        made->edition = netx_session_generation();
        UINT status = fill(made, store);
        if (status != NX_SUCCESS) {
            netx_prepared_release(made);
            return status;
        }
        netx_prepared_release(store->prepared);
        store->prepared = made;
        store->changed = false;
    }
    store->prepared->num_users++;
    *out = store->prepared;
    return NX_SUCCESS;
}

void netx_store_clear(certificate_store *store) {
    netx_prepared_release(store->prepared);
    memset(store, 0, sizeof *store);
}
