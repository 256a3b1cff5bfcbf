/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "netx/secure/session.h"

UINT netx_psk_add(psk_store *store, const UCHAR *key, UINT key_len, const UCHAR *identity, UINT identity_len,
                  const UCHAR *hint, UINT hint_len) {
    if (store->num == NX_SECURE_TLS_MAX_PSK_KEYS || key_len > NX_SECURE_TLS_MAX_PSK_SIZE ||
        identity_len > NX_SECURE_TLS_MAX_PSK_ID_SIZE || hint_len > NX_SECURE_TLS_MAX_PSK_ID_SIZE)
        return NX_SECURE_TLS_NO_MORE_PSK_SPACE;
    psk_entry *entry = &store->entries[store->num++];
    entry->key_len = (USHORT)key_len;
    entry->identity_len = (USHORT)identity_len;
    entry->hint_len = (USHORT)hint_len;
    memcpy(entry->key, key, key_len);
    if (identity_len > 0)
        memcpy(entry->identity, identity, identity_len);
    if (hint_len > 0)
        memcpy(entry->hint, hint, hint_len);
    return NX_SUCCESS;
}

static bool is(const UCHAR *text, size_t len, dtls_span wanted) {
    return len == wanted.len && (len == 0 || memcmp(text, wanted.data, len) == 0);
}

const psk_entry *netx_psk_for_hint(const psk_store *store, dtls_span hint) {
    if (store->forced != 0)
        return &store->entries[store->forced - 1];
    for (UINT i = 0; i < store->num && hint.len > 0; i++) {
        if (is(store->entries[i].hint, store->entries[i].hint_len, hint))
            return &store->entries[i];
    }
    return store->num == 0 ? NULL : &store->entries[0];
}

const psk_entry *netx_psk_for_identity(const psk_store *store, dtls_span identity) {
    for (UINT i = 0; i < store->num; i++) {
        if (is(store->entries[i].identity, store->entries[i].identity_len, identity))
            return &store->entries[i];
    }
    return NULL;
}

UINT _nx_secure_dtls_psk_add(NX_SECURE_DTLS_SESSION *session_ptr, UCHAR *pre_shared_key, UINT psk_length,
                             UCHAR *psk_identity, UINT identity_length, UCHAR *hint, UINT hint_length) {
    NETX_SERVICE;
    return netx_psk_add(netx_session_psks(session_ptr), pre_shared_key, psk_length, psk_identity,
                        identity_length, hint, hint_length);
}

UINT _nx_secure_dtls_server_psk_add(NX_SECURE_DTLS_SERVER *server_ptr, UCHAR *pre_shared_key, UINT psk_length,
                                    UCHAR *psk_identity, UINT identity_length, UCHAR *hint,
                                    UINT hint_length) {
    NETX_SERVICE;
    return netx_psk_add(&netx_server_of(server_ptr)->psks, pre_shared_key, psk_length, psk_identity,
                        identity_length, hint, hint_length);
}

UINT _nx_secure_tls_client_psk_set(NX_SECURE_TLS_SESSION *tls_session, UCHAR *pre_shared_key, UINT psk_length,
                                   UCHAR *psk_identity, UINT identity_length, UCHAR *hint, UINT hint_length) {
    NETX_SERVICE;
    if (tls_session == NULL || tls_session->nx_secure_tls_id != SESSION_ID || pre_shared_key == NULL ||
        psk_length == 0 || (psk_identity == NULL && identity_length > 0) || (hint == NULL && hint_length > 0))
        return NX_PTR_ERROR;
    NX_SECURE_DTLS_SESSION *session =
        (NX_SECURE_DTLS_SESSION *)(void *)((UCHAR *)tls_session -
                                           offsetof(NX_SECURE_DTLS_SESSION, nx_secure_dtls_tls_session));
    psk_store *store = netx_session_psks(session);
    UINT answer =
        netx_psk_add(store, pre_shared_key, psk_length, psk_identity, identity_length, hint, hint_length);
    if (answer == NX_SUCCESS)
        store->forced = store->num;
    return answer;
}
