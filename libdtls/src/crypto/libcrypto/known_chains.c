/* SPDX-License-Identifier: MIT
 *
 * Chains that were found good, remembered for a while: the certificates byte
 * for byte, with everything that they were judged by, under one hash. Only the
 * time is judged anew. What was refused is not remembered, so nobody can fill
 * the memory but those who have a good certificate.
 */
#include <assert.h>
#include <string.h>

#include "crypto/libcrypto/internal.h"

/* A day: what is revoked is not looked at, and should not be forgotten for longer. */
#define LONGEST_LIFETIME 86400

#define ID 32

struct known_chain {
    uint8_t id[ID];
    X509_STORE *anchors; /* held, so that no others can come to have this address; NULL: a free entry */
    EVP_PKEY *key;
    int64_t from; /* calendar time: when it was found good, and when that ends */
    int64_t until;
    uint64_t used; /* by count of uses */
    dtls_key_type key_type;
};

static_assert(sizeof(struct known_chain) <= sizeof(dtls_libcrypto_known_chain), "an entry has room");

static int add(EVP_MD_CTX *hash, const void *data, size_t len) {
    const uint64_t told = len;
    return EVP_DigestUpdate(hash, &told, sizeof told) == 1 && EVP_DigestUpdate(hash, data, len) == 1;
}

/* What the verdict depends on, but for the time. */
static bool identify(const struct libcrypto_state *state, const struct libcrypto_question *question,
                     uint8_t out_id[ID]) {
    const uint64_t rest[] = {(uintptr_t)question->anchors, question->usage, question->identity->peer_role,
                             question->identity->name != NULL, question->chain_len};
    const char *name = question->identity->name != NULL ? question->identity->name : "";
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    int good = hash != NULL &&
               EVP_DigestInit_ex2(hash, libcrypto_digest(state, DTLS_HASH_SHA256), NULL) == 1 &&
               add(hash, rest, sizeof rest) == 1 && add(hash, name, strlen(name)) == 1;
    for (size_t i = 0; i < question->chain_len && good; i++)
        good = add(hash, question->chain[i].data, question->chain[i].len);
    good = good && EVP_DigestFinal_ex(hash, out_id, NULL) == 1;
    EVP_MD_CTX_free(hash);
    return good;
}

/* Without dates there is no telling when to forget. An identity comes with anchors that it is judged by. */
static bool may_be_known(const struct libcrypto_state *state, const struct libcrypto_question *question) {
    return state != NULL && state->num_known > 0 && question->identity != NULL &&
           question->identity->calendar_s != 0;
}

static struct known_chain *entry_of(struct libcrypto_state *state, size_t i) {
    return (void *)&state->known[i];
}

static struct known_chain *find(struct libcrypto_state *state, const uint8_t id[ID]) {
    for (size_t i = 0; i < state->num_known; i++) {
        struct known_chain *entry = entry_of(state, i);
        if (entry->anchors != NULL && memcmp(entry->id, id, ID) == 0)
            return entry;
    }
    return NULL;
}

/* A free entry, or the one that was used longest ago. */
static struct known_chain *oldest(struct libcrypto_state *state) {
    struct known_chain *found = entry_of(state, 0);
    for (size_t i = 0; i < state->num_known && found->anchors != NULL; i++) {
        struct known_chain *entry = entry_of(state, i);
        if (entry->anchors == NULL || entry->used < found->used)
            found = entry;
    }
    return found;
}

static void forget(struct known_chain *entry) {
    X509_STORE_free(entry->anchors);
    EVP_PKEY_free(entry->key);
    memset(entry, 0, sizeof *entry);
}

bool libcrypto_chain_known(struct libcrypto_state *state, const struct libcrypto_question *question,
                           void **out_key, dtls_key_type *out_type) {
    uint8_t id[ID];
    const int64_t now = question->identity == NULL ? 0 : question->identity->calendar_s;
    if (!may_be_known(state, question) || !identify(state, question, id) ||
        CRYPTO_THREAD_write_lock(state->known_lock) != 1)
        return false;
    struct known_chain *entry = find(state, id);
    const bool known =
        entry != NULL && now >= entry->from && now < entry->until && EVP_PKEY_up_ref(entry->key) == 1;
    if (known) {
        entry->used = ++state->known_uses;
        *out_key = entry->key;
        *out_type = entry->key_type;
    }
    CRYPTO_THREAD_unlock(state->known_lock);
    return known;
}

void libcrypto_chain_remember(struct libcrypto_state *state, const struct libcrypto_question *question,
                              int64_t until, EVP_PKEY *key, dtls_key_type type) {
    uint8_t id[ID];
    if (!may_be_known(state, question) || !identify(state, question, id) ||
        CRYPTO_THREAD_write_lock(state->known_lock) != 1)
        return;
    X509_STORE *anchors = (X509_STORE *)question->anchors;
    struct known_chain *entry = find(state, id);
    if (entry == NULL)
        entry = oldest(state);
    forget(entry);
    if (X509_STORE_up_ref(anchors) == 1) {
        entry->anchors = anchors;
        if (EVP_PKEY_up_ref(key) == 1)
            entry->key = key;
    }
    const int64_t from = question->identity->calendar_s;
    memcpy(entry->id, id, ID);
    entry->from = from;
    entry->until = until < from + state->known_lifetime_s ? until : from + state->known_lifetime_s;
    entry->used = ++state->known_uses;
    entry->key_type = type;
    if (entry->key == NULL)
        forget(entry);
    CRYPTO_THREAD_unlock(state->known_lock);
}

void libcrypto_known_chains_close(struct libcrypto_state *state) {
    for (size_t i = 0; i < state->num_known; i++)
        forget(entry_of(state, i));
    CRYPTO_THREAD_lock_free(state->known_lock);
}

dtls_error dtls_libcrypto_remember_chains(dtls_libcrypto_provider *provider,
                                          dtls_libcrypto_known_chain *entries, size_t num_entries,
                                          uint32_t lifetime_s) {
    if (provider == NULL || entries == NULL || num_entries == 0 || lifetime_s == 0 ||
        lifetime_s > LONGEST_LIFETIME)
        return DTLS_ERROR_ARGUMENT;
    struct libcrypto_state *state = (void *)provider->own;
    if (provider->crypto.state != state || state->num_known > 0)
        return DTLS_ERROR_STATE;
    state->known_lock = CRYPTO_THREAD_lock_new();
    if (state->known_lock == NULL)
        return DTLS_ERROR_CRYPTO;
    memset(entries, 0, num_entries * sizeof *entries);
    state->known = entries;
    state->num_known = num_entries;
    state->known_lifetime_s = lifetime_s;
    return DTLS_OK;
}
