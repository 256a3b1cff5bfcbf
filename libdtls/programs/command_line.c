/* SPDX-License-Identifier: MIT */
#include "command_line.h"

#include "authentication.h"
#include "descriptions.h"
#include "names.h"
#include "services.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define MS UINT64_C(1000000)

/* What stays text until everything is read. */
struct texts {
    struct authentication authentication;
    struct services services;
    bool no_ems;
    bool no_etm;
};

static unsigned long number(const struct options *options, const char *name, const char *text,
                            unsigned long least, unsigned long most) {
    char *end;
    errno = 0;
    const unsigned long value = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || value < least || value > most)
        fail(options, 2, "-%s: expected a number from %lu to %lu, not \"%s\"", name, least, most, text);
    return value;
}

/* HOST:PORT, [HOST]:PORT, or PORT alone. */
static void read_address(struct options *options, char *text) {
    char *colon = strrchr(text, ':');
    options->port = colon == NULL ? text : colon + 1;
    if (colon == NULL)
        return;
    *colon = '\0';
    options->host = text;
    if (*text == '[' && colon > text && colon[-1] == ']') {
        colon[-1] = '\0';
        options->host = text + 1;
    }
    if (*options->host == '\0')
        options->host = NULL;
}

static int hex_digit(char c) {
    const char *digits = "0123456789abcdef";
    const char *at = c == '\0' ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
    return at == NULL ? -1 : (int)(at - digits);
}

static void read_psk(struct options *options, const char *text) {
    const size_t len = strlen(text);
    if (len == 0 || len % 2 != 0 || len / 2 > sizeof options->psk)
        fail(options, 2, "-psk: expected 1 to %zu bytes in hexadecimal digits", sizeof options->psk);
    for (size_t i = 0; i < len / 2; i++) {
        const int high = hex_digit(text[2 * i]);
        const int low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            fail(options, 2, "-psk: \"%c%c\" are not hexadecimal digits", text[2 * i], text[2 * i + 1]);
        options->psk[i] = (uint8_t)(high << 4 | low);
    }
    options->psk_len = len / 2;
}

/* Finds the object of each name of a list; `by_name` answers NULL for one that is unknown. */
#define READ_NAMES(options, option, text, by_name, out)                                                      \
    do {                                                                                                     \
        size_t num_names = 0;                                                                                \
        for (const char *at = (text); *at != '\0'; at += *at == ':') {                                       \
            const size_t name_len = strcspn(at, ":");                                                        \
            if (num_names == MAX_NAMES)                                                                      \
                fail(options, 2, "-%s: more than %d names", option, MAX_NAMES);                              \
            (out)[num_names] = by_name(at, name_len);                                                        \
            if ((out)[num_names++] == NULL)                                                                  \
                fail(options, 2, "-%s: libdtls has no \"%.*s\"; -list shows what it has", option,            \
                     (int)name_len, at);                                                                     \
            at += name_len;                                                                                  \
        }                                                                                                    \
    } while (0)

static dtls_span span_of(const char *text) {
    return (dtls_span){.data = (const uint8_t *)text, .len = strlen(text)};
}

static void open_key_log(struct options *options, const char *name) {
    options->key_log = fopen(name, "a");
    if (options->key_log == NULL)
        fail(options, 2, "-keylogfile: %s: %s", name, strerror(errno));
    setvbuf(options->key_log, NULL, _IOLBF, 0);
    options->config.key_log = true;
}

static void take_number(struct options *options, const struct description *option, const char *text) {
    dtls_config *config = &options->config;
    const char *name = option->name;
    switch (option->code) {
    case OPTION_MTU:
        config->mtu = number(options, name, text, 128, 65507);
        break;
    case OPTION_INITIAL_TIMEOUT:
        config->initial_timeout_ns = number(options, name, text, 1, 60000) * MS;
        break;
    case OPTION_HANDSHAKE_TIMEOUT:
        config->handshake_timeout_ns = number(options, name, text, 1, 3600000) * MS;
        break;
    case OPTION_IDLE:
        options->idle_timeout_ns = number(options, name, text, 1, 1000000000) * MS;
        break;
    case OPTION_NACCEPT:
        options->sessions = number(options, name, text, 1, 1000000000);
        break;
    case OPTION_MAXFRAGLEN:
        config->max_fragment_length = (uint16_t)number(options, name, text, 512, 4096);
        break;
    case OPTION_KEYMATEXPORTLEN:
        options->export_len = number(options, name, text, 1, MAX_EXPORTED);
        break;
    case OPTION_MAX_SESSIONS:
        options->max_sessions = number(options, name, text, 1, 1000000);
        break;
    case OPTION_MAX_HANDSHAKES:
        options->max_handshakes = number(options, name, text, 1, 100000);
        break;
    case OPTION_VERIFY:
    case OPTION_REQUIRE:
        (void)number(options, name, text, 0, 100);
        config->client_auth =
            option->code == OPTION_VERIFY ? DTLS_CLIENT_AUTH_REQUEST : DTLS_CLIENT_AUTH_REQUIRE;
        break;
    default:
        break;
    }
}

static void take_flag(struct options *options, const struct description *option, struct texts *texts) {
    switch (option->code) {
    case OPTION_4:
        options->family = AF_INET;
        break;
    case OPTION_6:
        options->family = AF_INET6;
        break;
    case OPTION_NO_COOKIE:
        options->no_cookie = true;
        break;
    case OPTION_NO_EMS:
        texts->no_ems = true;
        break;
    case OPTION_NO_ETM:
        texts->no_etm = true;
        break;
    case OPTION_NO_TICKET:
        texts->services.no_ticket = true;
        break;
    case OPTION_SERVER_RPK:
        texts->authentication.server_rpk = true;
        break;
    case OPTION_CLIENT_RPK:
        texts->authentication.client_rpk = true;
        break;
    case OPTION_STATUS:
        texts->authentication.status = true;
        break;
    case OPTION_SERVERNAME_FATAL:
        texts->authentication.server_name_fatal = true;
        break;
    case OPTION_CID:
        options->connection_ids = true;
        break;
    case OPTION_ECHO:
        options->echo = true;
        break;
    case OPTION_QUIET:
        options->quiet = true;
        break;
    case OPTION_IGN_EOF:
        options->ignore_end = true;
        break;
    case OPTION_LIST:
        names_print();
        exit(0);
    case OPTION_VERSION:
        printf("%s (libdtls) %s\n", options->program, DTLS_PROGRAM_VERSION);
        exit(0);
    case OPTION_HELP:
        descriptions_print(options->program, options->role);
        exit(0);
    default:
        break;
    }
}

/* Where an option about authentication is kept; NULL: it is about something else. */
static const char **file_of(const struct description *option, struct authentication *authentication) {
    switch (option->code) {
    case OPTION_CERT:
        return &authentication->cert;
    case OPTION_KEY:
        return &authentication->key;
    case OPTION_CERT2:
        return &authentication->cert2;
    case OPTION_KEY2:
        return &authentication->key2;
    case OPTION_CAFILE:
        return &authentication->anchors;
    case OPTION_PEER_KEY:
        return &authentication->peer_key;
    case OPTION_STATUS_FILE:
        return &authentication->status_file;
    case OPTION_SERVERNAME:
        return &authentication->server_name;
    default:
        return NULL;
    }
}

static void take(struct options *options, const struct description *option, char *value,
                 struct texts *texts) {
    if (value == NULL) {
        take_flag(options, option, texts);
        return;
    }
    const char **file = file_of(option, &texts->authentication);
    if (file != NULL) {
        *file = value;
        return;
    }
    switch (option->code) {
    case OPTION_CONNECT:
    case OPTION_ACCEPT:
        read_address(options, value);
        break;
    case OPTION_PSK:
        read_psk(options, value);
        break;
    case OPTION_PSK_IDENTITY:
        options->psk_identity = span_of(value);
        break;
    case OPTION_PSK_HINT:
        options->config.psk_identity_hint = span_of(value);
        break;
    case OPTION_CIPHER:
        READ_NAMES(options, option->name, value, suite_by_name, options->suites);
        break;
    case OPTION_GROUPS:
        READ_NAMES(options, option->name, value, group_by_name, options->groups);
        break;
    case OPTION_SIGALGS:
        READ_NAMES(options, option->name, value, scheme_by_name, options->schemes);
        break;
    case OPTION_KEYLOGFILE:
        open_key_log(options, value);
        break;
    case OPTION_ALPN:
        texts->services.protocols = value;
        break;
    case OPTION_USE_SRTP:
        texts->services.srtp_profiles = value;
        break;
    case OPTION_KEYMATEXPORT:
        options->export_label = value;
        break;
    case OPTION_SESS_IN:
        texts->services.session_in = value;
        break;
    case OPTION_SESS_OUT:
        texts->services.session_out = value;
        break;
    default:
        take_number(options, option, value);
        break;
    }
}

static bool verifies(const struct options *options) {
    return options->config.verification != DTLS_VERIFY_NOTHING;
}

/* Without -cipher: the suites for which there is something to know the peer by. */
static void choose_suites(struct options *options) {
    const bool certificates = options->role == DTLS_SERVER ? options->config.num_credentials > 0
                                                           : options->psk_len == 0 || verifies(options);
    size_t num = 0;
    for (size_t i = 0; dtls_default_cipher_suites[i] != NULL && num < MAX_NAMES; i++) {
        if (suite_is_psk(dtls_default_cipher_suites[i]) ? options->psk_len > 0 : certificates)
            options->suites[num++] = dtls_default_cipher_suites[i];
    }
}

static const dtls_extension *const *choose_extensions(const struct options *options,
                                                      const struct texts *texts) {
    static const dtls_extension *extensions[MAX_NAMES + 1];
    size_t num = authentication_extensions(options, &texts->authentication, extensions);
    num += services_extensions(options, extensions + num);
    if (options->connection_ids)
        extensions[num++] = &dtls_extension_connection_id;
    for (size_t i = 0; dtls_default_extensions[i] != NULL && num < MAX_NAMES; i++) {
        const dtls_extension *extension = dtls_default_extensions[i];
        if ((!texts->no_ems || extension != &dtls_extension_extended_master_secret) &&
            (!texts->no_etm || extension != &dtls_extension_encrypt_then_mac))
            extensions[num++] = extension;
    }
    return extensions;
}

static void complete(struct options *options, const struct texts *texts) {
    static const dtls_protocol *const protocols[][2] = {{&dtls_client_1_2, NULL}, {&dtls_server_1_2, NULL}};
    dtls_config *config = &options->config;
    dtls_config_problem problem;
    if (options->port == NULL)
        fail(options, 2, "-%s is missing; -help says more",
             options->role == DTLS_CLIENT ? "connect" : "accept");
    if (options->role == DTLS_SERVER && config->num_credentials == 0 && options->psk_len == 0)
        fail(options, 2, "a server needs -cert and -key, or -psk");
    if (config->client_auth != DTLS_CLIENT_AUTH_NONE && !verifies(options))
        fail(options, 2, "-verify and -Verify need -CAfile or -peer_key, to verify against");
    if (options->suites[0] == NULL)
        choose_suites(options);
    config->crypto = &options->provider.crypto;
    config->protocols = protocols[options->role];
    config->cipher_suites = options->suites;
    config->groups = options->groups[0] != NULL ? options->groups : dtls_default_groups;
    config->signature_schemes =
        options->schemes[0] != NULL ? options->schemes : dtls_default_signature_schemes;
    config->extensions = choose_extensions(options, texts);
    config->path_policy = DTLS_PATH_FOLLOW;
    config->max_message = 16384;
    if (dtls_config_check(config, &problem) != DTLS_OK)
        fail(options, 2, "these options do not go together: %s: expected %s", problem.field,
             problem.expected);
    if (options->role == DTLS_CLIENT && !verifies(options) && options->psk_len == 0 && !options->quiet)
        fprintf(stderr, "%s: no -CAfile and no -peer_key: the server is not verified\n", options->program);
}

void options_read(struct options *options, dtls_role role, int argc, char **argv) {
    struct option table[MOST_DESCRIPTIONS + 1] = {{.name = NULL}};
    const struct description *meant[MOST_DESCRIPTIONS];
    size_t num = 0;
    struct texts texts = {.no_ems = false};
    memset(options, 0, sizeof *options);
    options->role = role;
    options->program = role == DTLS_CLIENT ? "dtls-client" : "dtls-server";
    if (dtls_libcrypto_open(&options->provider) != DTLS_OK)
        fail(options, 1, "libcrypto does not work");
    options->psk_identity = span_of("Client_identity");
    options->max_sessions = 1024;
    options->max_handshakes = 64;
    options->export_len = 20;
    options->family = AF_UNSPEC;
    for (size_t i = 0; i < num_descriptions; i++) {
        if ((descriptions[i].roles & description_role(role)) == 0)
            continue;
        meant[num] = &descriptions[i];
        table[num++] =
            (struct option){.name = descriptions[i].name,
                            .has_arg = descriptions[i].value != NULL ? required_argument : no_argument};
    }
    int index = 0;
    for (int got = getopt_long_only(argc, argv, "", table, &index); got != -1;
         got = getopt_long_only(argc, argv, "", table, &index)) {
        if (got != 0)
            exit(2); /* getopt has said what is wrong */
        take(options, meant[index], optarg, &texts);
    }
    if (optind < argc)
        fail(options, 2, "\"%s\" is no option; -help says more", argv[optind]);
    authentication_read(options, &texts.authentication);
    services_read(options, &texts.services);
    complete(options, &texts);
}

void options_free(struct options *options) {
    authentication_free(options);
    if (options->key_log != NULL)
        fclose(options->key_log);
    dtls_libcrypto_close(&options->provider);
    dtls_libcrypto.wipe(options, sizeof *options);
}
