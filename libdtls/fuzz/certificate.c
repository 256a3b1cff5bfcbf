/* SPDX-License-Identifier: MIT
 *
 * The provider's readers of certificates and keys: its own code around
 * libcrypto, which is not instrumented. The input is a byte that chooses, and
 * certificates with their lengths in two bytes in front, or one text.
 */
#include <string.h>

#include "dtls/config.h"
#include "dtls/libcrypto.h"
#include "fuzz.h"
#include "wire/cursor.h"

enum { ANCHORS = 1, NAME = 2, ADDRESS = 4, DATES = 8, DECRYPTS = 16, TEXT = 32 };

static void read_chain(unsigned choice, struct dtls_reader *reader) {
    dtls_span chain[DTLS_MAX_CHAIN];
    size_t num = 0;
    while (num < DTLS_MAX_CHAIN && dtls_read_left(reader) > 0)
        chain[num++] = dtls_read_vector(reader, 2, 0, 0xffff);
    if (!dtls_read_ok(reader) || num == 0)
        return;
    /* The last certificate is trusted, so that a chain can be good. */
    dtls_trust_anchors *anchors = NULL;
    if ((choice & ANCHORS) != 0 &&
        dtls_libcrypto_trust_anchors_read(chain[num - 1].data, chain[num - 1].len, &anchors) != DTLS_OK)
        fuzz_check(anchors == NULL);
    const dtls_identity identity = {
        .name = (choice & NAME) != 0 ? ((choice & ADDRESS) != 0 ? "192.0.2.1" : "server.dtlslab.test") : NULL,
        .peer_role = DTLS_SERVER,
        .calendar_s = (choice & DATES) != 0 ? 1767225600 : 0};
    uint64_t slot[8] = {0};
    fuzz_check(dtls_libcrypto.public_key_slot <= sizeof slot);
    dtls_key_type type = 0;
    const dtls_error error = dtls_libcrypto.certificates_read(
        dtls_libcrypto.state, slot, chain, num, (choice & DECRYPTS) != 0 ? DTLS_KEY_DECRYPTS : DTLS_KEY_SIGNS,
        anchors, anchors != NULL ? &identity : NULL, &type);
    if (error == DTLS_OK) {
        static const uint8_t digest[32];
        fuzz_check(type >= DTLS_KEY_ECDSA && type <= DTLS_KEY_RSA_PSS);
        for (const dtls_signature_scheme *const *s = dtls_default_signature_schemes; *s != NULL; s++)
            fuzz_check(dtls_libcrypto.verify(slot, dtls_signature_scheme_code(*s), digest, sizeof digest,
                                             chain[0].data, chain[0].len) != DTLS_OK);
    } else {
        fuzz_check(slot[0] == 0 && error < 0);
    }
    dtls_libcrypto.public_key_clear(slot);
    dtls_libcrypto_trust_anchors_free(anchors);
}

static void read_public_key(dtls_span bytes) {
    uint64_t slot[8] = {0};
    dtls_key_type type = 0;
    if (dtls_libcrypto.public_key_read(dtls_libcrypto.state, slot, bytes, &type) == DTLS_OK)
        fuzz_check(type >= DTLS_KEY_ECDSA && type <= DTLS_KEY_RSA_PSS);
    else
        fuzz_check(slot[0] == 0);
    dtls_libcrypto.public_key_clear(slot);
}

static void read_text(struct dtls_reader *reader) {
    const dtls_span text = dtls_read_rest(reader);
    read_public_key(text);
    dtls_private_key *key = NULL;
    dtls_trust_anchors *anchors = NULL;
    dtls_key_type type = 0;
    uint8_t out[2000];
    dtls_span spans[2];
    size_t num = 2;
    if (dtls_libcrypto_private_key_read(text.data, text.len, &key, &type) == DTLS_OK)
        fuzz_check(key != NULL && type >= DTLS_KEY_ECDSA && type <= DTLS_KEY_RSA_PSS);
    else
        fuzz_check(key == NULL);
    dtls_libcrypto_private_key_free(key);
    fuzz_check((dtls_libcrypto_trust_anchors_read(text.data, text.len, &anchors) == DTLS_OK) ==
               (anchors != NULL));
    dtls_libcrypto_trust_anchors_free(anchors);
    if (dtls_libcrypto_chain_read(text.data, text.len, out, sizeof out, spans, &num) == DTLS_OK) {
        fuzz_check(num > 0 && num <= 2);
        for (size_t i = 0; i < num; i++)
            fuzz_check(spans[i].data >= out && spans[i].data + spans[i].len <= out + sizeof out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    struct dtls_reader reader = dtls_reader_of(data, len);
    const unsigned choice = dtls_read_u8(&reader);
    if ((choice & TEXT) != 0)
        read_text(&reader);
    else
        read_chain(choice, &reader);
    return 0;
}
