/* SPDX-License-Identifier: MIT */
#include "services_pairs.h"

#include "netx/secure/session.h"

/* --- A provider with faults, in the place of the library's own. --- */

const char *provider_fails;

static bool fails(const char *what) {
    return provider_fails != NULL && strcmp(provider_fails, what) == 0;
}

static dtls_error random_bytes(void *state, uint8_t *out, size_t len) {
    return fails("random") ? DTLS_ERROR_CRYPTO : dtls_libcrypto.random(state, out, len);
}

static dtls_error prf(void *state, dtls_hash hash, const uint8_t *secret, size_t secret_len,
                      const char *label, const dtls_span *seed, size_t num_seed, uint8_t *out,
                      size_t out_len) {
    if (fails("prf"))
        return DTLS_ERROR_CRYPTO;
    dtls_error error =
        dtls_libcrypto.prf(state, hash, secret, secret_len, label, seed, num_seed, out, out_len);
    if (fails(label)) {
        provider_fails = NULL;
        out[0] ^= 1;
    }
    return error;
}

static dtls_error key_share_start(void *state, void *slot, unsigned group, uint8_t *out_public,
                                  size_t *out_public_len) {
    if (fails("key share"))
        return DTLS_ERROR_CRYPTO;
    return dtls_libcrypto.key_share_start(state, slot, group, out_public, out_public_len);
}

const dtls_crypto *netx_session_crypto(void) {
    static dtls_crypto provider;
    provider = dtls_libcrypto;
    provider.random = random_bytes;
    provider.prf = prf;
    provider.key_share_start = key_share_start;
    return &provider;
}

static TX_THREAD *waiting;

static VOID abort_wait(ULONG ticks) {
    tx_thread_sleep(ticks);
    tx_thread_wait_abort(waiting);
}

void abort_later(TX_THREAD *thread, ULONG ticks) {
    waiting = thread;
    netx_test_thread(NETX_TEST_PRIORITY - 2, abort_wait, ticks);
}

#define PAIR_TEST(service, code)                                                                             \
    static void service##_answers_##code(void **state) {                                                     \
        (void)state;                                                                                         \
        netx_test_run(pair_##service##__##code);                                                             \
    }
SERVICES_PAIRS(PAIR_TEST)

#define PAIR_ENTRY(service, code) cmocka_unit_test(service##_answers_##code),

int main(void) {
    const struct CMUnitTest tests[] = {SERVICES_PAIRS(PAIR_ENTRY)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
