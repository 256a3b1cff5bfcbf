/* SPDX-License-Identifier: MIT
 *
 * Makes a configuration of libdtls out of the flags.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bogo/shim.h"

#define MAX_SUITES  80
#define MAX_OBJECTS 24
#define MAX_FILE    65536
#define DEFAULT_MTU 1472
#define MAX_MESSAGE 102400
#define MS          UINT64_C(1000000)
#define SECOND      UINT64_C(1000000000)

typedef struct loaded {
    dtls_private_key *key;
    uint8_t bytes[MAX_FILE];
    dtls_span chain[DTLS_MAX_CHAIN];
    int number;
} loaded;

struct shim_setup {
    dtls_config config;
    const dtls_protocol *protocols[3];
    const dtls_cipher_suite *suites[MAX_SUITES + 1];
    const dtls_group *groups[MAX_OBJECTS + 1];
    const dtls_signature_scheme *schemes[MAX_OBJECTS + 1];
    const dtls_extension *extensions[MAX_OBJECTS + 1];
    dtls_srtp srtp;
    dtls_span names[SHIM_MAX_LIST + 1];
    uint16_t srtp_profiles[2];
    dtls_certificate_type peer_types[SHIM_MAX_LIST];
    dtls_credential credentials[SHIM_MAX_CREDENTIALS];
    loaded loaded[SHIM_MAX_CREDENTIALS];
};

/* Later versions have smaller numbers. */
bool shim_allows(const shim_options *options, unsigned version) {
    if (options->min_version != -1 && version > (unsigned)options->min_version)
        return false;
    if (options->max_version != -1 && version < (unsigned)options->max_version)
        return false;
    switch (version) {
    case DTLS_VERSION_1_3:
        return !options->no_1_3;
    case DTLS_VERSION_1_2:
        return !options->no_1_2;
    default:
        return !options->no_1_0;
    }
}

static void choose_protocols(shim_setup *setup, const shim_options *options) {
    size_t num = 0;
    if (shim_allows(options, DTLS_VERSION_1_2))
        setup->protocols[num++] = options->server ? &dtls_server_1_2 : &dtls_client_1_2;
    if (shim_allows(options, DTLS_VERSION_1_0))
        setup->protocols[num++] = options->server ? &dtls_server_1_0 : &dtls_client_1_0;
    if (num == 0 && shim_allows(options, DTLS_VERSION_1_3))
        shim_not_applicable("dtls-1.3", "by its flags");
    setup->config.protocols = setup->protocols;
}

static bool has_word(const char *list, const char *word) {
    size_t len = strlen(word);
    for (const char *at = list; at != NULL; at = strchr(at, ':')) {
        at += at[0] == ':';
        if (strncmp(at, word, len) == 0 && (at[len] == ':' || at[len] == '\0'))
            return true;
    }
    return false;
}

static bool wants_suite(const shim_options *options, const dtls_cipher_suite *suite) {
    const char *name = dtls_cipher_suite_name(suite);
    if (strstr(name, "PSK_") != NULL && options->psk == NULL)
        return false;
    return options->ciphers == NULL || has_word(options->ciphers, name);
}

static bool is_listed(const shim_setup *setup, size_t num, const dtls_cipher_suite *suite) {
    for (size_t i = 0; i < num; i++) {
        if (setup->suites[i] == suite)
            return true;
    }
    return false;
}

static void choose_suites(shim_setup *setup, const shim_options *options) {
    size_t num = 0;
    for (size_t i = 0; dtls_default_cipher_suites[i] != NULL; i++) {
        if (wants_suite(options, dtls_default_cipher_suites[i]))
            setup->suites[num++] = dtls_default_cipher_suites[i];
    }
    /* Those without ephemeral keys, which have small numbers, come last. */
    for (unsigned i = 0; i <= UINT16_MAX && num < MAX_SUITES; i++) {
        const dtls_cipher_suite *suite = dtls_cipher_suite_by_code((i + 0xc000) & UINT16_MAX);
        if (suite != NULL && wants_suite(options, suite) && !is_listed(setup, num, suite))
            setup->suites[num++] = suite;
    }
    if (num == 0)
        shim_not_applicable("old-suite", options->ciphers != NULL ? options->ciphers : "");
    setup->config.cipher_suites = setup->suites;
}

static void choose_groups(shim_setup *setup, const shim_options *options) {
    setup->config.groups = dtls_default_groups;
    if (options->num_groups == 0)
        return;
    for (size_t i = 0; i < options->num_groups; i++) {
        setup->groups[i] = dtls_group_by_code(options->groups[i]);
        char detail[32];
        snprintf(detail, sizeof detail, "group 0x%04x", (unsigned)options->groups[i]);
        if (setup->groups[i] == NULL)
            shim_not_applicable(options->groups[i] >= 0x0200 ? "post-quantum" : "old-group", detail);
    }
    setup->config.groups = setup->groups;
}

static void use_schemes(shim_setup *setup, const uint16_t *codes, size_t num) {
    for (size_t i = 0; i < num; i++) {
        setup->schemes[i] = dtls_signature_scheme_by_code(codes[i]);
        char detail[32];
        snprintf(detail, sizeof detail, "scheme 0x%04x", (unsigned)codes[i]);
        if (setup->schemes[i] == NULL)
            shim_not_applicable("old-scheme", detail);
    }
    setup->config.signature_schemes = setup->schemes;
}

/* libdtls has one list for signing and verifying; one of both fits where the other is not put to use. */
static void choose_schemes(shim_setup *setup, const shim_options *options) {
    setup->config.signature_schemes = dtls_default_signature_schemes;
    bool verifies = !options->server || options->verify_peer || options->require_certificate;
    for (size_t i = 0; i < options->num_credentials; i++) {
        const shim_credential *credential = &options->credentials[i];
        if (credential->num_schemes == 0)
            continue;
        if (verifies || options->num_credentials > 1)
            shim_not_applicable("credential-schemes", "-signing-prefs");
        use_schemes(setup, credential->schemes, credential->num_schemes);
        return;
    }
    if (options->num_verify_schemes > 0)
        use_schemes(setup, options->verify_schemes, options->num_verify_schemes);
}

static const dtls_extension *choose_srtp(shim_setup *setup, const char *names) {
    static const struct {
        const char *name;
        uint16_t code;
    } profiles[] = {
        {"SRTP_AES128_CM_SHA1_80", DTLS_SRTP_AES128_CM_SHA1_80},
        {"SRTP_AES128_CM_SHA1_32", DTLS_SRTP_AES128_CM_SHA1_32},
    };
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++) {
        if (has_word(names, profiles[i].name))
            setup->srtp_profiles[setup->srtp.num_profiles++] = profiles[i].code;
    }
    setup->srtp.profiles = setup->srtp_profiles;
    setup->config.srtp = &setup->srtp;
    return &dtls_extension_use_srtp;
}

/* A client's list is as on the wire: each name with its length in front. */
static const dtls_extension *choose_alpn(shim_setup *setup, const shim_options *options) {
    const uint8_t *list = (const uint8_t *)options->advertise_alpn;
    const size_t len = list != NULL && !options->server ? strlen(options->advertise_alpn) : 0;
    size_t num = 0;
    for (size_t at = 0; at < len && num < SHIM_MAX_LIST; at += 1U + list[at])
        setup->names[num++] = (dtls_span){.data = list + at + 1, .len = list[at]};
    /* A server that rejects everything has a protocol that nobody asks for. */
    const char *own = options->reject_alpn ? "nobody's" : options->select_alpn;
    if (options->server)
        setup->names[num++] = (dtls_span){.data = (const uint8_t *)own, .len = strlen(own)};
    setup->config.application_protocols = setup->names;
    setup->config.num_application_protocols = num;
    return &dtls_extension_alpn;
}

static bool wants_alpn(const shim_options *options) {
    return options->server ? options->reject_alpn || options->select_alpn != NULL
                           : options->advertise_alpn != NULL;
}

static void choose_extensions(shim_setup *setup, const shim_options *options) {
    size_t num = 0;
    for (size_t i = 0; dtls_default_extensions[i] != NULL; i++)
        setup->extensions[num++] = dtls_default_extensions[i];
    if (options->srtp_profiles != NULL)
        setup->extensions[num++] = choose_srtp(setup, options->srtp_profiles);
    if (wants_alpn(options))
        setup->extensions[num++] = choose_alpn(setup, options);
    if (options->server ? !options->declines_stapling : options->ocsp_stapling)
        setup->extensions[num++] = &dtls_extension_status_request;
    setup->extensions[num++] = &dtls_extension_server_certificate_type;
    setup->extensions[num++] = &dtls_extension_client_certificate_type;
    setup->config.extensions = setup->extensions;
}

static size_t read_file(const char *name, uint8_t *out) {
    FILE *file = fopen(name, "rb");
    if (file == NULL)
        shim_fail("%s cannot be read", name);
    size_t len = fread(out, 1, MAX_FILE, file);
    fclose(file);
    return len;
}

/* A raw public key is that of the private key. */
static void load_public_key(loaded *memory, dtls_credential *credential, const uint8_t *pem, size_t len) {
    credential->type = DTLS_CERTIFICATE_RAW_PUBLIC_KEY;
    credential->chain_len = 1;
    memory->chain[0].data = memory->bytes;
    if (dtls_libcrypto_public_key_read(pem, len, memory->bytes, sizeof memory->bytes,
                                       &memory->chain[0].len) != DTLS_OK)
        shim_fail("a raw public key does not fit");
}

static void load_chain(loaded *memory, dtls_credential *credential, const char *file) {
    static uint8_t pem[MAX_FILE];
    const size_t len = read_file(file, pem);
    credential->chain_len = DTLS_MAX_CHAIN;
    if (dtls_libcrypto_chain_read(pem, len, memory->bytes, sizeof memory->bytes, memory->chain,
                                  &credential->chain_len) != DTLS_OK)
        shim_fail("%s does not hold a chain that fits", file);
}

static void load(shim_setup *setup, const shim_credential *given, int number) {
    static uint8_t pem[MAX_FILE];
    size_t index = setup->config.num_credentials;
    dtls_credential *credential = &setup->credentials[index];
    loaded *memory = &setup->loaded[index];
    memory->number = number;
    const size_t len = read_file(given->key_file, pem);
    if (dtls_libcrypto_private_key_read(pem, len, &memory->key, &credential->key_type) != DTLS_OK)
        shim_not_applicable("old-group", "the key of a credential");
    credential->curve = dtls_libcrypto_private_key_curve(memory->key);
    if (given->raw_public_key)
        load_public_key(memory, credential, pem, len);
    else
        load_chain(memory, credential, given->chain_file);
    credential->chain = memory->chain;
    credential->ocsp_response = given->ocsp_response;
    setup->config.num_credentials++;
}

static void choose_credentials(shim_setup *setup, const shim_options *options) {
    for (size_t i = 1; i <= options->num_credentials; i++) {
        size_t index = i % options->num_credentials; /* the default is the last resort */
        const shim_credential *given = &options->credentials[index];
        if (given->key_file == NULL && given->chain_file == NULL)
            continue;
        load(setup, given, (int)index - 1);
    }
    setup->config.credentials = setup->credentials;
}

/* A key stays with the shim, which is asked to sign, where the runner wants that or wants to know which. */
static void place_keys(shim_setup *setup, const shim_options *options) {
    if (options->async || options->expects_credential)
        return;
    for (size_t i = 0; i < setup->config.num_credentials; i++)
        setup->credentials[i].private_key = setup->loaded[i].key;
}

static void choose_times(dtls_config *config, const shim_options *options) {
    /* BoringSSL's first timeout; how often to try is the shim's to say, see connection.c. */
    config->initial_timeout_ns =
        (options->initial_timeout_ms > 0 ? (uint64_t)options->initial_timeout_ms : 400) * MS;
    config->reset_timeout = true; /* as BoringSSL does */
    config->handshake_timeout_ns = 1000000 * SECOND;
    config->mtu = options->mtu > 0 ? (size_t)options->mtu : DEFAULT_MTU;
    config->kept_transcript = options->server ? 0 : MAX_FILE;
    config->max_message = options->max_certificates > 0 ? (size_t)options->max_certificates : MAX_MESSAGE;
}

static void choose_resumption(dtls_config *config, const shim_options *options) {
    config->allow_legacy = true; /* BoringSSL has RSA key transport on unless told otherwise */
    config->resumption = options->server ? &dtls_resumption_server : &dtls_resumption_client;
    config->session_cache = options->server;
    config->max_ticket = SHIM_MAX_TICKET;
    config->ticket_keys = options->server && !options->no_ticket ? shim_ticket_keys() : NULL;
    /* BoringSSL resumes and exports without RFC 7627 too. */
    config->trust_legacy_master_secret = true;
    config->keep_secrets = true;
}

static void choose_authentication(shim_setup *setup, const shim_options *options) {
    dtls_config *config = &setup->config;
    config->verification = DTLS_VERIFY_APPLICATION;
    config->peer_name = options->host_name;
    config->max_server_name = options->server && !options->no_server_name_ack ? 255 : 0;
    for (size_t i = 0; i < options->num_accepted_types; i++)
        setup->peer_types[i] = (dtls_certificate_type)options->accepted_types[i];
    config->peer_certificate_types = setup->peer_types;
    config->num_peer_certificate_types = options->num_accepted_types;
    if (options->server && options->refuses_status)
        shim_not_applicable("staple-callback", "-fail-ocsp-callback");
    if (options->server && options->require_certificate)
        config->client_auth = DTLS_CLIENT_AUTH_REQUIRE;
    if (options->server && options->verify_peer)
        config->client_auth = DTLS_CLIENT_AUTH_REQUEST;
    if (options->server && options->psk_identity != NULL)
        config->psk_identity_hint =
            (dtls_span){.data = (const uint8_t *)options->psk_identity, .len = strlen(options->psk_identity)};
}

shim_setup *shim_configure(const shim_options *options) {
    shim_setup *setup = calloc(1, sizeof *setup);
    if (setup == NULL)
        shim_fail("no memory");
    setup->config.crypto = &dtls_libcrypto;
    choose_protocols(setup, options);
    choose_suites(setup, options);
    choose_groups(setup, options);
    choose_schemes(setup, options);
    choose_extensions(setup, options);
    choose_credentials(setup, options);
    place_keys(setup, options);
    choose_times(&setup->config, options);
    choose_authentication(setup, options);
    choose_resumption(&setup->config, options);
    dtls_config_problem problem;
    if (dtls_config_check(&setup->config, &problem) != DTLS_OK)
        shim_fail("DTLS_ERROR_CONFIG: %s: %s", problem.field, problem.expected);
    return setup;
}

const dtls_config *shim_config(const shim_setup *setup) {
    return &setup->config;
}

const dtls_private_key *shim_key_of(const shim_setup *setup, const dtls_credential *credential) {
    return setup->loaded[credential - setup->credentials].key;
}

int shim_number_of(const shim_setup *setup, const dtls_credential *credential) {
    return setup->loaded[credential - setup->credentials].number;
}

void shim_setup_free(shim_setup *setup) {
    for (size_t i = 0; i < setup->config.num_credentials; i++)
        dtls_libcrypto_private_key_free(setup->loaded[i].key);
    free(setup);
}
