/* SPDX-License-Identifier: MIT
 *
 * How large the control blocks are that a program has, beside those of NetX.
 */
#include "netx.h"
#include "nx_secure_dtls_api.h"

/* NetX Duo 6.4.2 and ThreadX 6.4.2 for Linux, x86-64, gcc 12, with NX_SECURE_ENABLE_DTLS,
 * NX_SECURE_ENABLE_PSK_CIPHERSUITES, NX_SECURE_ENABLE_CLIENT_CERTIFICATE_VERIFY and
 * NX_SECURE_ENABLE_ECC_CIPHERSUITE: sizeof, printed by a program that was compiled with their headers. */
static const struct {
    const char *name;
    size_t own;
    size_t original;
} sizes[] = {
    {"NX_SECURE_DTLS_SESSION", sizeof(NX_SECURE_DTLS_SESSION), 3016},
    {"NX_SECURE_DTLS_SERVER", sizeof(NX_SECURE_DTLS_SERVER), 280},
    {"NX_SECURE_X509_CERT", sizeof(NX_SECURE_X509_CERT), 576},
    {"NX_PACKET", sizeof(NX_PACKET), 104},
    {"NX_PACKET_POOL", sizeof(NX_PACKET_POOL), 96},
    {"NX_IP", sizeof(NX_IP), 5904},
    {"NX_UDP_SOCKET", sizeof(NX_UDP_SOCKET), 192},
    {"TX_THREAD", sizeof(TX_THREAD), 360},
    {"TX_SEMAPHORE", sizeof(TX_SEMAPHORE), 64},
    {"TX_MUTEX", sizeof(TX_MUTEX), 96},
};
enum { SIZES = sizeof sizes / sizeof *sizes };

void netx_bench_print_sizes(void) {
    ULONG metadata = 0;
    NX_SECURE_TLS_CRYPTO table = {0};
    printf("\n%-28s %10s %10s\n", "bytes of control blocks", "libdtls", "NetX 6.4.2");
    for (size_t i = 0; i < SIZES; i++)
        printf("%-28s %10zu %10zu\n", sizes[i].name, sizes[i].own, sizes[i].original);
    if (nx_secure_tls_metadata_size_calculate(&table, &metadata) == NX_SUCCESS)
        printf("%-28s %10u\n", "metadata of a session", (unsigned)metadata);
}

void netx_bench_write_sizes(FILE *out) {
    for (size_t i = 0; i < SIZES; i++)
        fprintf(out, ",\n  \"%s\": {\"libdtls\": %zu, \"netx_6_4_2\": %zu}", sizes[i].name, sizes[i].own,
                sizes[i].original);
}
