/* SPDX-License-Identifier: MIT
 *
 * The board of the examples: the host, with a network inside the process and a
 * clock that jumps when all threads wait.
 */
#include <stdarg.h>

#include "setup.h"
#include "tx_host.h"

#define NUM_PACKETS 32
#define PAYLOAD     1536
#define MAX_THREADS 4

example_host example_server_host;
example_host example_client_host;

static UCHAR packets[2][NUM_PACKETS * (PAYLOAD + sizeof(NX_PACKET))];
static TX_THREAD threads[MAX_THREADS];
static VOID (*entries[MAX_THREADS])(ULONG input);
static ULONG inputs[MAX_THREADS];
static UINT num_threads;
static UINT num_ended;

static VOID make_host(example_host *host, const char *name, ULONG address, UCHAR *memory, ULONG len) {
    host->address.nxd_ip_version = NX_IP_VERSION_V4;
    host->address.nxd_ip_address.v4 = address;
    example_check("nx_packet_pool_create",
                  nx_packet_pool_create(&host->pool, (CHAR *)name, PAYLOAD, memory, len));
    example_check("nx_ip_create", nx_ip_create(&host->ip, (CHAR *)name, address, 0xFFFFFF00, &host->pool,
                                               _nx_ram_network_driver_1500, NX_NULL, 0, 1));
    example_check("nx_udp_enable", nx_udp_enable(&host->ip));
}

VOID example_hosts(void) {
    nx_system_initialize();
    nx_secure_tls_initialize();
    nx_secure_dtls_initialize();
    make_host(&example_server_host, "server's IP", IP_ADDRESS(10, 0, 0, 1), packets[0], sizeof packets[0]);
    make_host(&example_client_host, "client's IP", IP_ADDRESS(10, 0, 0, 2), packets[1], sizeof packets[1]);
}

static VOID run(ULONG i) {
    entries[i](inputs[i]);
    num_ended++;
}

VOID example_thread(const char *name, VOID (*entry)(ULONG input), ULONG input) {
    UINT i = num_threads++;
    entries[i] = entry;
    inputs[i] = input;
    example_check("tx_thread_create", tx_thread_create(&threads[i], (CHAR *)name, run, i, NX_NULL, 0, 8 + i,
                                                       8 + i, TX_NO_TIME_SLICE, TX_AUTO_START));
}

VOID example_say(const char *format, ...) {
    ULONG now = tx_time_get();
    TX_THREAD *thread = tx_thread_identify();
    va_list arguments;
    printf("%3u.%02u s  %-11s  ", now / NX_IP_PERIODIC_RATE, now % NX_IP_PERIODIC_RATE,
           thread == NX_NULL ? "" : thread->tx_thread_name);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
}

const char *example_code(UINT status) {
    static const struct {
        UINT code;
        const char *name;
    } names[] = {
        {NX_SUCCESS, "NX_SUCCESS"},
        {NX_NO_PACKET, "NX_NO_PACKET"},
        {NX_PTR_ERROR, "NX_PTR_ERROR"},
        {NX_INVALID_SOCKET, "NX_INVALID_SOCKET"},
        {NX_ALREADY_BOUND, "NX_ALREADY_BOUND"},
        {NX_PORT_UNAVAILABLE, "NX_PORT_UNAVAILABLE"},
        {NX_NOT_BOUND, "NX_NOT_BOUND"},
        {NX_NOT_CONNECTED, "NX_NOT_CONNECTED"},
        {NX_STILL_BOUND, "NX_STILL_BOUND"},
        {NX_NOT_SUCCESSFUL, "NX_NOT_SUCCESSFUL"},
        {NX_INVALID_PARAMETERS, "NX_INVALID_PARAMETERS"},
        {NX_SECURE_TLS_SESSION_UNINITIALIZED, "NX_SECURE_TLS_SESSION_UNINITIALIZED"},
        {NX_SECURE_TLS_NO_SUPPORTED_CIPHERS, "NX_SECURE_TLS_NO_SUPPORTED_CIPHERS"},
        {NX_SECURE_TLS_ALLOCATE_PACKET_FAILED, "NX_SECURE_TLS_ALLOCATE_PACKET_FAILED"},
        {NX_SECURE_TLS_ALERT_RECEIVED, "NX_SECURE_TLS_ALERT_RECEIVED"},
        {NX_SECURE_TLS_CERTIFICATE_NOT_FOUND, "NX_SECURE_TLS_CERTIFICATE_NOT_FOUND"},
        {NX_SECURE_TLS_ISSUER_CERTIFICATE_NOT_FOUND, "NX_SECURE_TLS_ISSUER_CERTIFICATE_NOT_FOUND"},
        {NX_SECURE_TLS_SEND_ADDRESS_MISMATCH, "NX_SECURE_TLS_SEND_ADDRESS_MISMATCH"},
        {NX_SECURE_TLS_NO_FREE_DTLS_SESSIONS, "NX_SECURE_TLS_NO_FREE_DTLS_SESSIONS"},
        {NX_SECURE_TLS_NO_MORE_PSK_SPACE, "NX_SECURE_TLS_NO_MORE_PSK_SPACE"},
        {NX_SECURE_TLS_NO_MATCHING_PSK, "NX_SECURE_TLS_NO_MATCHING_PSK"},
        {NX_SECURE_TLS_CLOSE_NOTIFY_RECEIVED, "NX_SECURE_TLS_CLOSE_NOTIFY_RECEIVED"},
        {NX_SECURE_TLS_EMPTY_REMOTE_CERTIFICATE_RECEIVED, "NX_SECURE_TLS_EMPTY_REMOTE_CERTIFICATE_RECEIVED"},
        {NX_SECURE_TLS_CERTIFICATE_VERIFY_FAILURE, "NX_SECURE_TLS_CERTIFICATE_VERIFY_FAILURE"},
        {NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL, "NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL"},
        {NX_SECURE_TLS_CERT_ID_DUPLICATE, "NX_SECURE_TLS_CERT_ID_DUPLICATE"},
        {NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH, "NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH"},
    };
    static char number[16];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].code == status)
            return names[i].name;
    }
    snprintf(number, sizeof number, "0x%X", status);
    return number;
}

VOID example_check(const char *service, UINT status) {
    if (status == NX_SUCCESS)
        return;
    example_say("%s: %s", service, example_code(status));
    tx_host_exit(1);
}

/* The threads have all come to their end, and every packet is back in its pool. */
int main(void) {
    tx_host_set_time(TX_HOST_TIME_VIRTUAL);
    UINT status = tx_kernel_enter();
    UINT balanced =
        example_server_host.pool.nx_packet_pool_available == example_server_host.pool.nx_packet_pool_total &&
        example_client_host.pool.nx_packet_pool_available == example_client_host.pool.nx_packet_pool_total;
    if (status == 0 && num_ended != num_threads)
        printf("%u of %u threads wait for ever\n", num_threads - num_ended, num_threads);
    if (status == 0 && !balanced)
        printf("packets are missing\n");
    return status != 0 || num_ended != num_threads || !balanced;
}
