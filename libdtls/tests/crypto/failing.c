/* SPDX-License-Identifier: MIT
 *
 * The provider when libcrypto fails: at the first of the calls that an
 * operation makes, at the second, and so on. Each operation answers an error,
 * leaves its slot empty or as it was, and loses nothing (the sanitizer build
 * sees to that).
 */
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "dtls/libcrypto.h"
#include "support/authority.h"
#include "support/check.h"

static const dtls_crypto *const crypto = &dtls_libcrypto;

static bool counting;
static unsigned calls;
static unsigned failing; /* the call that fails */

static bool fails(void) {
    return counting && ++calls == failing;
}

/* The linker sends the provider's calls of `name` here, and `__real_name` to libcrypto. */
#define MAKES(type, name, parameters, arguments)                                                             \
    type __real_##name parameters;                                                                           \
    type __wrap_##name parameters;                                                                           \
    type __wrap_##name parameters {                                                                          \
        return fails() ? NULL : __real_##name arguments;                                                     \
    }
#define DOES(name, parameters, arguments)                                                                    \
    int __real_##name parameters;                                                                            \
    int __wrap_##name parameters;                                                                            \
    int __wrap_##name parameters {                                                                           \
        return fails() ? 0 : __real_##name arguments;                                                        \
    }
#include "support/libcrypto_calls.h"

/* What the operations are called with. */
static struct {
    dtls_private_key *ecdsa;
    dtls_private_key *rsa;
    dtls_private_key *ed25519;
    dtls_trust_anchors *anchors;
    dtls_span ecdsa_certificate;
    dtls_span rsa_certificate;
    dtls_span ed25519_certificate;
    char *authority_pem;
    char *key_pem;
} shared;

static const uint8_t bytes[64];

static dtls_error do_random(void) {
    uint8_t out[4];
    return crypto->random(crypto->state, out, sizeof out);
}

static dtls_error hash_with(dtls_hash hash) {
    uint64_t slot = 0;
    uint8_t out[DTLS_MAX_HASH];
    size_t len;
    dtls_error error = crypto->hash_start(crypto->state, &slot, hash);
    if (error == DTLS_OK)
        error = crypto->hash_update(&slot, bytes, 1);
    if (error == DTLS_OK)
        error = crypto->hash_peek(&slot, out, &len);
    crypto->hash_clear(&slot);
    return error;
}

static dtls_error do_hash(void) {
    return hash_with(DTLS_HASH_SHA384);
}

static dtls_error do_hash_of_1_0(void) {
    return hash_with(DTLS_HASH_MD5_SHA1);
}

static dtls_error do_hmac(void) {
    uint8_t out[DTLS_MAX_HASH];
    const dtls_span parts[] = {{bytes, 1}, {NULL, 0}, {bytes, 3}};
    return crypto->hmac(crypto->state, DTLS_HASH_SHA256, bytes, 16, parts, 3, out);
}

static dtls_error prf_with(dtls_hash hash) {
    uint8_t out[100];
    const dtls_span seed[] = {{bytes, 32}, {NULL, 0}, {bytes, 32}};
    return crypto->prf(crypto->state, hash, bytes, 48, "label", seed, 3, out, sizeof out);
}

static dtls_error do_prf(void) {
    return prf_with(DTLS_HASH_SHA256);
}

static dtls_error do_prf_of_1_0(void) {
    return prf_with(DTLS_HASH_MD5_SHA1);
}

/* Seals, and opens what was sealed. */
static dtls_error aead_with(dtls_aead aead) {
    uint64_t slots[2] = {0};
    uint8_t data[32] = {0};
    dtls_error error = crypto->aead_start(crypto->state, &slots[0], aead, DTLS_SEAL, bytes, 16);
    if (error == DTLS_OK)
        error = crypto->aead_start(crypto->state, &slots[1], aead, DTLS_OPEN, bytes, 16);
    if (error == DTLS_OK)
        error = crypto->aead_seal(&slots[0], bytes, bytes, 13, data, 8, data + 8);
    if (error == DTLS_OK)
        error = crypto->aead_open(&slots[1], bytes, bytes, 13, data, 8, data + 8);
    crypto->aead_clear(&slots[0]);
    crypto->aead_clear(&slots[1]);
    return error;
}

static dtls_error do_gcm(void) {
    return aead_with(DTLS_AEAD_AES_128_GCM);
}

static dtls_error do_ccm(void) {
    return aead_with(DTLS_AEAD_AES_128_CCM_8);
}

static dtls_error do_gcm_records(void) {
    uint64_t slots[2] = {0};
    uint8_t fragment[64] = {0};
    dtls_error error =
        crypto->aead_start(crypto->state, &slots[0], DTLS_AEAD_AES_128_GCM, DTLS_SEAL, bytes, 16);
    if (error == DTLS_OK)
        error = crypto->aead_start(crypto->state, &slots[1], DTLS_AEAD_AES_128_GCM, DTLS_OPEN, bytes, 16);
    if (error == DTLS_OK)
        error = crypto->gcm_record_seal(&slots[0], bytes, bytes, fragment, 4);
    if (error == DTLS_OK)
        error = crypto->gcm_record_open(&slots[1], bytes, bytes, fragment, 4);
    crypto->aead_clear(&slots[0]);
    crypto->aead_clear(&slots[1]);
    return error;
}

static dtls_error cbc_with(bool encrypt_then_mac) {
    const dtls_cbc cbc = {.hash = DTLS_HASH_SHA256, .key_len = 32, .encrypt_then_mac = encrypt_then_mac};
    uint64_t slots[2] = {0};
    uint8_t associated[DTLS_RECORD_ASSOCIATED] = {0};
    uint8_t record[DTLS_CBC_BLOCK + 20 + 32 + 16 + 64] = {0};
    /* Both lengths are multiples of the block: 20 + 32 of MAC + 12 of padding, or 20 + 12, and the MAC. */
    size_t len = encrypt_then_mac ? DTLS_CBC_BLOCK + 32 + 32 : DTLS_CBC_BLOCK + 64;
    dtls_error error = crypto->cbc_start(crypto->state, &slots[0], &cbc, DTLS_SEAL, bytes, bytes);
    if (error == DTLS_OK)
        error = crypto->cbc_start(crypto->state, &slots[1], &cbc, DTLS_OPEN, bytes, bytes);
    if (error == DTLS_OK)
        error = crypto->cbc_seal(&slots[0], associated, sizeof associated, record, 20);
    if (error == DTLS_OK)
        error = crypto->cbc_open(&slots[1], associated, sizeof associated, record, &len);
    if (error == DTLS_OK)
        assert_int_equal(len, 20);
    crypto->cbc_clear(&slots[0]);
    crypto->cbc_clear(&slots[1]);
    return error;
}

static dtls_error do_cbc(void) {
    return cbc_with(false);
}

static dtls_error do_encrypt_then_mac(void) {
    return cbc_with(true);
}

static dtls_error agree_with(unsigned group) {
    uint64_t slot = 0;
    uint8_t public_value[DTLS_MAX_KEY_SHARE];
    uint8_t secret[DTLS_MAX_SHARED_SECRET];
    size_t len;
    size_t secret_len;
    dtls_error error = crypto->key_share_start(crypto->state, &slot, group, public_value, &len);
    if (error == DTLS_OK)
        error = crypto->key_share_agree(&slot, public_value, len, secret, &secret_len);
    crypto->key_share_clear(&slot);
    return error;
}

static dtls_error do_x25519(void) {
    return agree_with(DTLS_GROUP_X25519);
}

static dtls_error do_p256(void) {
    return agree_with(DTLS_GROUP_P256);
}

static dtls_error judge_with(const char *name) {
    uint64_t slot = 0;
    dtls_key_type type;
    const dtls_identity identity = {.name = name, .peer_role = DTLS_SERVER, .calendar_s = TEST_NOW};
    const dtls_error error = crypto->certificates_read(crypto->state, &slot, &shared.ecdsa_certificate, 1,
                                                       DTLS_KEY_SIGNS, shared.anchors, &identity, &type);
    assert_int_equal(slot != 0, error == DTLS_OK);
    crypto->public_key_clear(&slot);
    return error;
}

static dtls_error do_judge(void) {
    return judge_with("server.example");
}

/* The address is looked for before the name. */
static dtls_error do_judge_address(void) {
    const dtls_error error = judge_with("192.0.2.1");
    return error == DTLS_ERROR_CERTIFICATE_NAME ? DTLS_OK : error;
}

static dtls_error sign_and_verify(const dtls_private_key *key, dtls_span certificate, unsigned scheme,
                                  size_t len) {
    uint64_t slot = 0;
    dtls_key_type type;
    uint8_t signature[DTLS_MAX_SIGNATURE];
    size_t signature_len = sizeof signature;
    dtls_error error =
        crypto->certificates_read(crypto->state, &slot, &certificate, 1, DTLS_KEY_SIGNS, NULL, NULL, &type);
    if (error == DTLS_OK)
        error = crypto->sign(crypto->state, key, scheme, bytes, len, signature, &signature_len);
    if (error == DTLS_OK)
        error = crypto->verify(&slot, scheme, bytes, len, signature, signature_len);
    crypto->public_key_clear(&slot);
    return error;
}

static dtls_error do_ecdsa(void) {
    return sign_and_verify(shared.ecdsa, shared.ecdsa_certificate, 0x0403, 32);
}

static dtls_error do_rsa_pss(void) {
    return sign_and_verify(shared.rsa, shared.rsa_certificate, 0x0804, 32);
}

static dtls_error do_ed25519(void) {
    return sign_and_verify(shared.ed25519, shared.ed25519_certificate, 0x0807, 40);
}

static dtls_error do_key_transport(void) {
    uint64_t slot = 0;
    dtls_key_type type;
    uint8_t encrypted[DTLS_MAX_ENCRYPTED];
    size_t len = sizeof encrypted;
    uint8_t premaster[DTLS_TRANSPORTED_PREMASTER] = {0xfe, 0xfd};
    dtls_error error = crypto->certificates_read(crypto->state, &slot, &shared.rsa_certificate, 1,
                                                 DTLS_KEY_DECRYPTS, NULL, NULL, &type);
    if (error == DTLS_OK)
        error = crypto->encrypt_premaster(crypto->state, &slot, premaster, encrypted, &len);
    if (error == DTLS_OK)
        error = crypto->decrypt_premaster(crypto->state, shared.rsa, 0xfefd, encrypted, len, premaster);
    crypto->public_key_clear(&slot);
    return error;
}

static dtls_error do_read_anchors(void) {
    dtls_trust_anchors *anchors = NULL;
    const char *pem = shared.authority_pem;
    const dtls_error error = dtls_libcrypto_trust_anchors_read((const uint8_t *)pem, strlen(pem), &anchors);
    assert_int_equal(anchors != NULL, error == DTLS_OK);
    dtls_libcrypto_trust_anchors_free(anchors);
    return error;
}

static dtls_error do_read_anchor_der(void) {
    dtls_trust_anchors *anchors = NULL;
    const dtls_error error =
        dtls_libcrypto_trust_anchors_read(shared.rsa_certificate.data, shared.rsa_certificate.len, &anchors);
    assert_int_equal(anchors != NULL, error == DTLS_OK);
    dtls_libcrypto_trust_anchors_free(anchors);
    return error;
}

static dtls_error do_add_anchors(void) {
    dtls_trust_anchors *anchors = NULL;
    dtls_error error = dtls_libcrypto_trust_anchors_add(&anchors, shared.rsa_certificate);
    assert_int_equal(anchors != NULL, error == DTLS_OK);
    if (error == DTLS_OK)
        error = dtls_libcrypto_trust_anchors_add(&anchors, shared.ecdsa_certificate);
    dtls_libcrypto_trust_anchors_free(anchors);
    return error;
}

static dtls_error do_read_chain(void) {
    uint8_t out[2048];
    dtls_span spans[2];
    size_t num = 2;
    const char *pem = shared.authority_pem;
    return dtls_libcrypto_chain_read((const uint8_t *)pem, strlen(pem), out, sizeof out, spans, &num);
}

static dtls_error do_read_key(void) {
    dtls_private_key *key = NULL;
    dtls_key_type type;
    const dtls_error error =
        dtls_libcrypto_private_key_read((const uint8_t *)shared.key_pem, strlen(shared.key_pem), &key, &type);
    assert_int_equal(key != NULL, error == DTLS_OK);
    dtls_libcrypto_private_key_free(key);
    return error;
}

static const struct operation {
    const char *name;
    dtls_error (*run)(void);
} operations[] = {
    {"random", do_random},
    {"hash", do_hash},
    {"hash of 1.0", do_hash_of_1_0},
    {"hmac", do_hmac},
    {"prf", do_prf},
    {"prf of 1.0", do_prf_of_1_0},
    {"gcm", do_gcm},
    {"ccm", do_ccm},
    {"gcm records", do_gcm_records},
    {"cbc", do_cbc},
    {"encrypt-then-mac", do_encrypt_then_mac},
    {"x25519", do_x25519},
    {"p256", do_p256},
    {"judge", do_judge},
    {"judge an address", do_judge_address},
    {"ecdsa", do_ecdsa},
    {"rsa-pss", do_rsa_pss},
    {"ed25519", do_ed25519},
    {"key transport", do_key_transport},
    {"read anchors", do_read_anchors},
    {"read an anchor in DER", do_read_anchor_der},
    {"add anchors", do_add_anchors},
    {"read a chain", do_read_chain},
    {"read a key", do_read_key},
};

/* False: the operation makes fewer calls. */
static bool fails_at(const struct operation *operation, unsigned call) {
    calls = 0;
    failing = call;
    counting = true;
    const dtls_error error = operation->run();
    counting = false;
    const bool failed = calls >= call;
    if (failed != (error != DTLS_OK))
        fail_msg("%s, call %u: %d", operation->name, call, error);
    return failed;
}

static void every_call_may_fail(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        assert_int_equal(operations[i].run(), DTLS_OK);
        unsigned call = 1;
        while (fails_at(&operations[i], call))
            call++;
        assert_true(call > 1);
        assert_int_equal(operations[i].run(), DTLS_OK);
    }
}

static dtls_private_key *issue(const struct test_request *request, dtls_span *out_certificate) {
    struct test_identity identity = test_issue(request);
    dtls_key_type type;
    dtls_private_key *key = test_private_key(&identity, &type);
    *out_certificate = test_certificate_der(&identity);
    test_identity_free(&identity);
    return key;
}

static int set_up(void **state) {
    (void)state;
    struct test_identity root = test_issue(&(struct test_request){.common_name = "root", .authority = true});
    struct test_request request = {.common_name = "server",
                                   .dns_name = "server.example",
                                   .key_usage = "critical,digitalSignature,keyEncipherment",
                                   .issuer = &root};
    shared.ecdsa = issue(&request, &shared.ecdsa_certificate);
    request.rsa_bits = 2048;
    shared.rsa = issue(&request, &shared.rsa_certificate);
    request.rsa_bits = 0;
    request.key_type = "ED25519";
    shared.ed25519 = issue(&request, &shared.ed25519_certificate);
    shared.anchors = test_anchors(&root);
    shared.authority_pem = test_certificate_pem(&root);
    shared.key_pem = test_key_pem(&root);
    test_identity_free(&root);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    dtls_libcrypto_private_key_free(shared.ecdsa);
    dtls_libcrypto_private_key_free(shared.rsa);
    dtls_libcrypto_private_key_free(shared.ed25519);
    dtls_libcrypto_trust_anchors_free(shared.anchors);
    free((void *)(uintptr_t)shared.ecdsa_certificate.data);
    free((void *)(uintptr_t)shared.rsa_certificate.data);
    free((void *)(uintptr_t)shared.ed25519_certificate.data);
    free(shared.authority_pem);
    free(shared.key_pem);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_call_may_fail)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
