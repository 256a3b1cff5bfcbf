/* SPDX-License-Identifier: MIT
 *
 * Exporters (RFC 5705): both ends have the same bytes, which are the PRF's of
 * what the key log tells; and what is refused.
 */
#include "connection/pair.h"

#include "dtls/exporter.h"

static struct pair pair;

static void connect(bool keeps, const dtls_extension *const *extensions) {
    pair_init_psk(&pair);
    for (int i = 0; i < 2; i++) {
        pair.ends[i].config.keep_secrets = keeps;
        pair.ends[i].config.extensions = extensions;
    }
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
    pair_check_connected(&pair);
}

static dtls_error export_at(int end, const char *label, const dtls_span *context, uint8_t *out, size_t len) {
    return dtls_export_keying_material(pair.ends[end].connection, label, context, out, len);
}

static void both_have_the_same(void **state) {
    (void)state;
    connect(true, dtls_default_extensions);
    const dtls_span empty = {.data = NULL};
    const dtls_span context = {(const uint8_t *)"context", 7};
    const dtls_span *const contexts[] = {NULL, &empty, &context};
    uint8_t made[3][80];
    for (size_t i = 0; i < 3; i++) {
        uint8_t other[80];
        assert_int_equal(export_at(CLIENT_END, "EXPERIMENTAL test", contexts[i], made[i], 80), DTLS_OK);
        assert_int_equal(export_at(SERVER_END, "EXPERIMENTAL test", contexts[i], other, 80), DTLS_OK);
        assert_memory_equal(made[i], other, 80);
        assert_int_equal(export_at(SERVER_END, "EXPERIMENTAL other", contexts[i], other, 80), DTLS_OK);
        assert_memory_not_equal(made[i], other, 80);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(made[i], made[j], 80);
    }
    pair_free(&pair);
}

static void from_hex(const char *text, uint8_t *out, size_t len) {
    for (size_t i = 0; i < len; i++) {
        unsigned byte = 0;
        for (size_t j = 0; j < 2; j++) {
            const char c = text[2 * i + j];
            byte = byte << 4 | (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
        }
        out[i] = (uint8_t)byte;
    }
}

/* The formula of RFC 5705 section 4 written out, with the randoms seen on the wire. */
static uint8_t randoms[2][32];

static bool see_randoms(struct pair *any, int from, uint8_t *bytes, size_t *len) {
    (void)any;
    if (*len > 60 && bytes[0] == 22 && (bytes[13] == 1 || bytes[13] == 2))
        memcpy(randoms[from], bytes + 13 + 12 + 2, 32);
    return true;
}

static void known_answer(void **state) {
    (void)state;
    pair_init_psk(&pair);
    pair.hook = see_randoms;
    pair.ends[CLIENT_END].config.keep_secrets = true;
    pair_open(&pair);
    pair_run(&pair, pair.now.monotonic_ns + 10 * SECOND);
    pair_check_connected(&pair);
    uint8_t master[48];
    from_hex(pair.ends[CLIENT_END].key_log + 14 + 64 + 1, master, sizeof master);
    const dtls_span context = {(const uint8_t *)"abc", 3};
    const dtls_span seed[] = {{randoms[0], 32}, {randoms[1], 32}, {(const uint8_t *)"\0\3abc", 5}};
    uint8_t expected[64];
    uint8_t made[64];
    assert_int_equal(dtls_libcrypto.prf(dtls_libcrypto.state, DTLS_HASH_SHA256, master, 48, "EXPERIMENTAL",
                                        seed, 3, expected, 64),
                     DTLS_OK);
    assert_int_equal(export_at(CLIENT_END, "EXPERIMENTAL", &context, made, 64), DTLS_OK);
    assert_memory_equal(made, expected, 64);
    pair_free(&pair);
}

static void what_is_refused(void **state) {
    (void)state;
    static const char *const reserved[] = {"client finished", "server finished", "master secret",
                                           "extended master secret", "key expansion"};
    static const dtls_extension *const no_extensions[] = {NULL};
    uint8_t out[16];
    connect(true, dtls_default_extensions);
    const dtls_connection *client = pair.ends[CLIENT_END].connection;
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(export_at(CLIENT_END, reserved[i], NULL, out, 16), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_export_keying_material(NULL, "x", NULL, out, 16), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_export_keying_material(client, NULL, NULL, out, 16), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_export_keying_material(client, "x", NULL, NULL, 16), DTLS_ERROR_ARGUMENT);
    const dtls_span no_data = {NULL, 1};
    const dtls_span too_long = {out, DTLS_MAX_EXPORTER_CONTEXT + 1};
    assert_int_equal(export_at(CLIENT_END, "x", &no_data, out, 16), DTLS_ERROR_ARGUMENT);
    assert_int_equal(export_at(CLIENT_END, "x", &too_long, out, 16), DTLS_ERROR_ARGUMENT);
    assert_int_equal(dtls_abort(pair.ends[CLIENT_END].connection, pair.now, DTLS_ALERT_USER_CANCELED),
                     DTLS_OK);
    assert_int_equal(export_at(CLIENT_END, "x", NULL, out, 16), DTLS_ERROR_STATE);
    pair_free(&pair);

    connect(false, dtls_default_extensions);
    assert_int_equal(export_at(CLIENT_END, "x", NULL, out, 16), DTLS_ERROR_STATE);
    pair_free(&pair);

    /* RFC 7627 section 5.4. */
    connect(true, no_extensions);
    assert_int_equal(export_at(CLIENT_END, "x", NULL, out, 16), DTLS_ERROR_STATE);
    pair.ends[CLIENT_END].config.trust_legacy_master_secret = true;
    assert_int_equal(export_at(CLIENT_END, "x", NULL, out, 16), DTLS_OK);
    pair_free(&pair);

    pair_init_psk(&pair);
    pair.ends[CLIENT_END].config.keep_secrets = true;
    pair_open(&pair);
    assert_int_equal(export_at(CLIENT_END, "x", NULL, out, 16), DTLS_ERROR_STATE);
    pair_free(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_have_the_same),
        cmocka_unit_test(known_answer),
        cmocka_unit_test(what_is_refused),
    };
    return cmocka_run_group_tests(tests, credentials_make, credentials_free);
}
