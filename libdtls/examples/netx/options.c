/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <arpa/inet.h>
#include <time.h>

#include "nx_host.h"

#define NUM_PACKETS 64
#define PAYLOAD     1600

example_options options = {.sessions = 1};
NX_PACKET_POOL pool;
NX_IP ip;

static UCHAR packets[NUM_PACKETS * (PAYLOAD + sizeof(NX_PACKET))];

static _Noreturn VOID fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(2);
}

VOID example_check(const char *what, UINT status) {
    if (status == NX_SUCCESS)
        return;
    fprintf(stderr, "%s: 0x%X\n", what, status);
    exit(1);
}

static VOID read_file(const char *name, example_file *out) {
    FILE *file = fopen(name, "rb");
    if (file == NULL)
        fail(name);
    out->len = (USHORT)fread(out->bytes, 1, sizeof out->bytes, file);
    fclose(file);
}

static VOID read_psk(const char *text) {
    const char *colon = strchr(text, ':');
    if (colon == NULL || (size_t)(colon - text) > sizeof options.psk_identity)
        fail("--psk wants IDENTITY:KEY, the key in hexadecimal digits");
    options.psk_identity_len = (UINT)(colon - text);
    memcpy(options.psk_identity, text, options.psk_identity_len);
    for (const char *at = colon + 1; at[0] != '\0' && at[1] != '\0'; at += 2) {
        const char digits[3] = {at[0], at[1], '\0'};
        if (options.psk_len == sizeof options.psk)
            fail("the key is longer than 64 bytes");
        options.psk[options.psk_len++] = (UCHAR)strtoul(digits, NULL, 16);
    }
}

static VOID read_address(const char *text, NXD_ADDRESS *out) {
    struct in_addr address;
    if (inet_pton(AF_INET, text, &address) != 1)
        fail("the address is not an IPv4 address");
    out->nxd_ip_version = NX_IP_VERSION_V4;
    out->nxd_ip_address.v4 = ntohl(address.s_addr);
}

static VOID read_option(const char *name, const char *value) {
    if (strcmp(name, "--psk") == 0)
        read_psk(value);
    else if (strcmp(name, "--ca") == 0)
        read_file(value, &options.authority);
    else if (strcmp(name, "--cert") == 0)
        read_file(value, &options.certificate);
    else if (strcmp(name, "--key") == 0)
        read_file(value, &options.key);
    else if (strcmp(name, "--bind") == 0)
        read_address(value, &options.own);
    else if (strcmp(name, "--name") == 0)
        options.name = value;
    else if (strcmp(name, "--sessions") == 0)
        options.sessions = (UINT)strtoul(value, NULL, 10);
    else
        fail(name);
}

VOID example_read_options(int argc, char **argv, const char *usage, UINT is_client) {
    int at = is_client ? 4 : 2;
    if (argc < at || (argc - at) % 2 != 0)
        fail(usage);
    if (is_client)
        read_address(argv[1], &options.address);
    if (is_client)
        options.text = argv[3];
    options.port = (UINT)strtoul(argv[is_client ? 2 : 1], NULL, 10);
    for (; at < argc; at += 2)
        read_option(argv[at], argv[at + 1]);
    if (options.sessions == 0 || options.port > NX_MAX_PORT)
        fail(usage);
}

VOID example_make_ip(VOID) {
    nx_system_initialize();
    nx_secure_tls_initialize();
    nx_secure_dtls_initialize();
    example_check("nx_packet_pool_create",
                  nx_packet_pool_create(&pool, (CHAR *)"packets", PAYLOAD, packets, sizeof packets));
    example_check("nx_ip_create", nx_ip_create(&ip, (CHAR *)"host", options.own.nxd_ip_address.v4, 0, &pool,
                                               nx_host_udp_driver, NX_NULL, 0, 1));
    example_check("nx_udp_enable", nx_udp_enable(&ip));
}

UINT example_read_certificate(NX_SECURE_X509_CERT *out, const example_file *certificate,
                              const example_file *key) {
    static const UINT types[] = {NX_SECURE_X509_KEY_TYPE_EC_DER, NX_SECURE_X509_KEY_TYPE_RSA_PKCS1_DER};
    UINT status = NX_PTR_ERROR;
    for (size_t i = 0; i < sizeof types / sizeof *types && status != NX_SUCCESS; i++)
        status = nx_secure_x509_certificate_initialize(
            out, certificate->bytes, certificate->len, NX_NULL, 0, key->len == 0 ? NX_NULL : key->bytes,
            key->len, key->len == 0 ? NX_SECURE_X509_KEY_TYPE_NONE : types[i]);
    return status;
}

ULONG example_calendar(VOID) {
    return (ULONG)time(NULL);
}
