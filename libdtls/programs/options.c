/* SPDX-License-Identifier: MIT */
#include "options.h"

#include "names.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define MS UINT64_C(1000000)

enum { CLIENT = 1, SERVER = 2, BOTH = 3 };

enum option_code {
    OPTION_CONNECT = 256,
    OPTION_ACCEPT,
    OPTION_4,
    OPTION_6,
    OPTION_CERT,
    OPTION_KEY,
    OPTION_CAFILE,
    OPTION_PSK,
    OPTION_PSK_IDENTITY,
    OPTION_PSK_HINT,
    OPTION_CIPHER,
    OPTION_GROUPS,
    OPTION_SIGALGS,
    OPTION_SERVERNAME,
    OPTION_VERIFY,
    OPTION_REQUIRE,
    OPTION_MTU,
    OPTION_KEYLOGFILE,
    OPTION_NO_COOKIE,
    OPTION_NO_EMS,
    OPTION_CID,
    OPTION_ECHO,
    OPTION_QUIET,
    OPTION_IGN_EOF,
    OPTION_NACCEPT,
    OPTION_MAX_SESSIONS,
    OPTION_MAX_HANDSHAKES,
    OPTION_IDLE,
    OPTION_INITIAL_TIMEOUT,
    OPTION_HANDSHAKE_TIMEOUT,
    OPTION_NOTHING,
    OPTION_LIST,
    OPTION_VERSION,
    OPTION_HELP
};

static const struct description {
    const char *name;
    const char *value; /* NULL: it has none */
    int roles;
    enum option_code code;
    const char *help; /* NULL: another name of the one above, or of no effect here */
} descriptions[] = {
    {"connect", "HOST:PORT", CLIENT, OPTION_CONNECT, "the server"},
    {"accept", "[HOST:]PORT", SERVER, OPTION_ACCEPT, "where to listen; port 0: the system chooses"},
    {"4", NULL, BOTH, OPTION_4, "IPv4 only"},
    {"6", NULL, BOTH, OPTION_6, "IPv6 only"},
    {"cert", "FILE", BOTH, OPTION_CERT, "our certificates in PEM, leaf first"},
    {"key", "FILE", BOTH, OPTION_KEY, "our private key; -cert's file if not given"},
    {"CAfile", "FILE", BOTH, OPTION_CAFILE, "trust anchors in PEM; without them the peer is not verified"},
    {"servername", "NAME", CLIENT, OPTION_SERVERNAME, "SNI, and the name that the certificate must be for"},
    {"verify_hostname", "NAME", CLIENT, OPTION_SERVERNAME, NULL},
    {"verify", "DEPTH", SERVER, OPTION_VERIFY, "ask clients for a certificate (any depth)"},
    {"Verify", "DEPTH", SERVER, OPTION_REQUIRE, "demand one"},
    {"verify_return_error", NULL, BOTH, OPTION_NOTHING, NULL},
    {"psk", "HEX", BOTH, OPTION_PSK, "pre-shared key"},
    {"psk_identity", "TEXT", BOTH, OPTION_PSK_IDENTITY, "its identity (Client_identity)"},
    {"psk_hint", "TEXT", SERVER, OPTION_PSK_HINT, "identity hint"},
    {"cipher", "NAMES", BOTH, OPTION_CIPHER, "suites, separated by colons (-list shows them)"},
    {"groups", "NAMES", BOTH, OPTION_GROUPS, "groups, likewise"},
    {"curves", "NAMES", BOTH, OPTION_GROUPS, NULL},
    {"sigalgs", "NAMES", BOTH, OPTION_SIGALGS, "signature schemes, likewise"},
    {"mtu", "BYTES", BOTH, OPTION_MTU, "largest datagram, without IP and UDP headers (1200)"},
    {"no_ems", NULL, BOTH, OPTION_NO_EMS, "no extended master secret"},
    {"cid", NULL, BOTH, OPTION_CID,
     "offer or answer connection IDs (RFC 9146) and follow the peer's address"},
    {"no_cookie", NULL, SERVER, OPTION_NO_COOKIE, "no HelloVerifyRequest"},
    {"listen", NULL, SERVER, OPTION_NOTHING, NULL},
    {"dtls", NULL, BOTH, OPTION_NOTHING, NULL},
    {"dtls1_2", NULL, BOTH, OPTION_NOTHING, NULL},
    {"timeout", NULL, BOTH, OPTION_NOTHING, NULL},
    {"initial_timeout", "MS", BOTH, OPTION_INITIAL_TIMEOUT, "first retransmission timeout (1000)"},
    {"handshake_timeout", "MS", BOTH, OPTION_HANDSHAKE_TIMEOUT, "when a handshake has failed (180000)"},
    {"keylogfile", "FILE", BOTH, OPTION_KEYLOGFILE, "append secrets, as Wireshark reads them"},
    {"echo", NULL, SERVER, OPTION_ECHO,
     "send data back; otherwise it is written to standard output, and\n"
     "standard input goes to the latest session"},
    {"naccept", "N", SERVER, OPTION_NACCEPT, "end after N sessions"},
    {"max_sessions", "N", SERVER, OPTION_MAX_SESSIONS, "sessions at a time (1024)"},
    {"max_handshakes", "N", SERVER, OPTION_MAX_HANDSHAKES, "handshakes at a time (64)"},
    {"idle", "MS", SERVER, OPTION_IDLE, "close sessions that are silent for so long"},
    {"ign_eof", NULL, CLIENT, OPTION_IGN_EOF, "go on at the end of standard input"},
    {"quiet", NULL, BOTH, OPTION_QUIET, "say nothing but errors"},
    {"list", NULL, BOTH, OPTION_LIST, "print suites, groups and signature schemes"},
    {"version", NULL, BOTH, OPTION_VERSION, "print the version"},
    {"help", NULL, BOTH, OPTION_HELP, "print this"},
};

#define NUM_DESCRIPTIONS (sizeof descriptions / sizeof *descriptions)

/* What stays text until everything is read. */
struct texts {
    const char *cert;
    const char *key;
    const char *anchors;
    bool no_ems;
};

void fail(const struct options *options, int status, const char *format, ...) {
    va_list arguments;
    fprintf(stderr, "%s: ", options->program);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(status);
}

static void print_help(const struct options *options) {
    const int role = options->role == DTLS_CLIENT ? CLIENT : SERVER;
    printf("usage: %s %s [options]\n\nOptions begin with one dash or two.\n\n", options->program,
           role == CLIENT ? "-connect HOST:PORT" : "-accept [HOST:]PORT");
    for (size_t i = 0; i < NUM_DESCRIPTIONS; i++) {
        const struct description *option = &descriptions[i];
        char left[40];
        if ((option->roles & role) == 0 || option->help == NULL)
            continue;
        snprintf(left, sizeof left, "-%s %s", option->name, option->value != NULL ? option->value : "");
        const char *end = strchr(option->help, '\n');
        const int first = end == NULL ? (int)strlen(option->help) : (int)(end - option->help);
        printf("  %-24s %.*s\n", left, first, option->help);
        if (end != NULL)
            printf("  %-24s %s\n", "", end + 1);
    }
}

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

/* A whole file in memory, to be freed. */
static uint8_t *read_file(const struct options *options, const char *option, const char *name,
                          size_t *out_len) {
    enum { MOST = 1 << 20 };
    FILE *file = fopen(name, "rb");
    if (file == NULL)
        fail(options, 2, "-%s: %s: %s", option, name, strerror(errno));
    uint8_t *bytes = malloc(MOST);
    if (bytes == NULL)
        fail(options, 1, "no memory");
    *out_len = fread(bytes, 1, MOST, file);
    const bool good = ferror(file) == 0 && *out_len < MOST;
    fclose(file);
    if (!good)
        fail(options, 2, "-%s: %s: it cannot be read, or is over a megabyte", option, name);
    return bytes;
}

static void read_credentials(struct options *options, const struct texts *texts) {
    size_t len;
    if (texts->cert != NULL) {
        uint8_t *pem = read_file(options, "cert", texts->cert, &len);
        options->credential.chain_len = DTLS_MAX_CHAIN;
        dtls_error error =
            dtls_libcrypto_chain_read(pem, len, options->chain_bytes, sizeof options->chain_bytes,
                                      options->chain, &options->credential.chain_len);
        free(pem);
        if (error != DTLS_OK)
            fail(options, 2, "-cert: %s: no certificates in PEM, or too many", texts->cert);
        const char *key = texts->key != NULL ? texts->key : texts->cert;
        pem = read_file(options, "key", key, &len);
        error =
            dtls_libcrypto_private_key_read(pem, len, &options->private_key, &options->credential.key_type);
        dtls_libcrypto.wipe(pem, len);
        free(pem);
        if (error != DTLS_OK)
            fail(options, 2, "-key: %s: not a private key without passphrase", key);
        options->credential.chain = options->chain;
        options->credential.private_key = options->private_key;
        options->config.credentials = &options->credential;
        options->config.num_credentials = 1;
    }
    if (texts->anchors != NULL) {
        uint8_t *pem = read_file(options, "CAfile", texts->anchors, &len);
        const dtls_error error = dtls_libcrypto_trust_anchors_read(pem, len, &options->anchors);
        free(pem);
        if (error != DTLS_OK)
            fail(options, 2, "-CAfile: %s: no certificates", texts->anchors);
    }
}

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
        print_help(options);
        exit(0);
    default:
        break;
    }
}

static void take(struct options *options, const struct description *option, char *value,
                 struct texts *texts) {
    if (value == NULL) {
        take_flag(options, option, texts);
        return;
    }
    switch (option->code) {
    case OPTION_CONNECT:
    case OPTION_ACCEPT:
        read_address(options, value);
        break;
    case OPTION_CERT:
        texts->cert = value;
        break;
    case OPTION_KEY:
        texts->key = value;
        break;
    case OPTION_CAFILE:
        texts->anchors = value;
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
    case OPTION_SERVERNAME:
        options->config.peer_name = value;
        break;
    case OPTION_KEYLOGFILE:
        open_key_log(options, value);
        break;
    default:
        take_number(options, option, value);
        break;
    }
}

/* Without -cipher: the suites for which there is something to know the peer by. */
static void choose_suites(struct options *options) {
    const bool certificates = options->role == DTLS_SERVER
                                  ? options->private_key != NULL
                                  : options->psk_len == 0 || options->anchors != NULL;
    size_t num = 0;
    for (size_t i = 0; dtls_default_cipher_suites[i] != NULL && num < MAX_NAMES; i++) {
        if (suite_is_psk(dtls_default_cipher_suites[i]) ? options->psk_len > 0 : certificates)
            options->suites[num++] = dtls_default_cipher_suites[i];
    }
}

static const dtls_extension *const *choose_extensions(bool no_ems, bool connection_ids) {
    static const dtls_extension *extensions[MAX_NAMES + 1];
    size_t num = 0;
    if (connection_ids)
        extensions[num++] = &dtls_extension_connection_id;
    for (size_t i = 0; dtls_default_extensions[i] != NULL && num < MAX_NAMES; i++) {
        if (!no_ems || dtls_default_extensions[i] != &dtls_extension_extended_master_secret)
            extensions[num++] = dtls_default_extensions[i];
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
    if (options->role == DTLS_SERVER && options->private_key == NULL && options->psk_len == 0)
        fail(options, 2, "a server needs -cert and -key, or -psk");
    if (config->client_auth != DTLS_CLIENT_AUTH_NONE && options->anchors == NULL)
        fail(options, 2, "-verify and -Verify need -CAfile, to verify against");
    if (options->suites[0] == NULL)
        choose_suites(options);
    config->crypto = &dtls_libcrypto;
    config->protocols = protocols[options->role];
    config->cipher_suites = options->suites;
    config->groups = options->groups[0] != NULL ? options->groups : dtls_default_groups;
    config->signature_schemes =
        options->schemes[0] != NULL ? options->schemes : dtls_default_signature_schemes;
    config->extensions = choose_extensions(texts->no_ems, options->connection_ids);
    config->path_policy = DTLS_PATH_FOLLOW;
    config->verification = options->anchors != NULL ? DTLS_VERIFY_ANCHORS : DTLS_VERIFY_NOTHING;
    config->trust_anchors = options->anchors;
    config->max_message = 16384;
    if (dtls_config_check(config, &problem) != DTLS_OK)
        fail(options, 2, "these options do not go together: %s: expected %s", problem.field,
             problem.expected);
    if (options->role == DTLS_CLIENT && options->anchors == NULL && options->psk_len == 0 && !options->quiet)
        fprintf(stderr, "%s: no -CAfile: the server is not verified\n", options->program);
}

void options_read(struct options *options, dtls_role role, int argc, char **argv) {
    struct option table[NUM_DESCRIPTIONS + 1] = {{.name = NULL}};
    const struct description *meant[NUM_DESCRIPTIONS];
    size_t num = 0;
    struct texts texts = {.cert = NULL};
    memset(options, 0, sizeof *options);
    options->role = role;
    options->program = role == DTLS_CLIENT ? "dtls-client" : "dtls-server";
    options->psk_identity = span_of("Client_identity");
    options->max_sessions = 1024;
    options->max_handshakes = 64;
    options->family = AF_UNSPEC;
    for (size_t i = 0; i < NUM_DESCRIPTIONS; i++) {
        if ((descriptions[i].roles & (role == DTLS_CLIENT ? CLIENT : SERVER)) == 0)
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
    read_credentials(options, &texts);
    complete(options, &texts);
}

void options_free(struct options *options) {
    dtls_libcrypto_private_key_free(options->private_key);
    dtls_libcrypto_trust_anchors_free(options->anchors);
    if (options->key_log != NULL)
        fclose(options->key_log);
    dtls_libcrypto.wipe(options, sizeof *options);
}
