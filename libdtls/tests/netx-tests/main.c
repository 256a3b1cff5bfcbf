/* SPDX-License-Identifier: MIT
 *
 * The program around one regression test of NetX Secure DTLS: it gives the test
 * a kernel whose time jumps, and leaves with what the test says of itself.
 *
 * Statuses: 0 passed, 1 failed, 2 passed with a warning, 3 not applicable, all
 * said by the test; 4 and 5 are below.
 */
#include <stdio.h>
#include <unistd.h>

#include "nx_api.h"
#include "nx_secure_dtls_api.h"
#include "tx_host.h"

enum { OUT_OF_TIME = 4, ALL_ENDED = 5 };

/* The longest test waits for ten retransmissions, which takes six minutes of its time. */
#define LIMIT_SECONDS 1000

/* The test's. */
void test_application_define(void *first_unused_memory);

/* What a test of the original calls. */
void test_control_return(UINT status);
USHORT _nx_ip_checksum_compute(NX_PACKET *packet_ptr, ULONG protocol, UINT data_length, ULONG *src_ip_addr,
                               ULONG *dest_ip_addr);

static TX_THREAD watch;

/* The threads go with the process: nobody waits for them. */
static _Noreturn void leave(int status) {
    fflush(stdout);
    _exit(status);
}

void test_control_return(UINT status) {
    leave((int)status);
}

/* Filters that change datagrams mend their checksums, which the in-process switch does not look at. */
USHORT _nx_ip_checksum_compute(NX_PACKET *packet_ptr, ULONG protocol, UINT data_length, ULONG *src_ip_addr,
                               ULONG *dest_ip_addr) {
    (void)packet_ptr;
    (void)protocol;
    (void)data_length;
    (void)src_ip_addr;
    (void)dest_ip_addr;
    return 0xFFFF;
}

/* In the place of the service for tests that are built so: on a device, making a session takes time. */
UINT session_create_in_a_tick(NX_SECURE_DTLS_SESSION *dtls_session, const NX_SECURE_TLS_CRYPTO *crypto_table,
                              VOID *metadata_buffer, ULONG metadata_size, UCHAR *packet_reassembly_buffer,
                              UINT packet_reassembly_buffer_size, UINT certs_number,
                              UCHAR *remote_certificate_buffer, ULONG remote_certificate_buffer_size) {
    tx_thread_sleep(1);
    return _nx_secure_dtls_session_create(dtls_session, crypto_table, metadata_buffer, metadata_size,
                                          packet_reassembly_buffer, packet_reassembly_buffer_size,
                                          certs_number, remote_certificate_buffer,
                                          remote_certificate_buffer_size);
}

static VOID give_up(ULONG seconds) {
    tx_thread_sleep(seconds * NX_IP_PERIODIC_RATE);
    printf("\nstill waiting after %u seconds of its time\n", (unsigned)seconds);
    leave(OUT_OF_TIME);
}

static VOID define(VOID *first_unused_memory) {
    tx_thread_create(&watch, "watch", give_up, LIMIT_SECONDS, NX_NULL, 0, TX_MAX_PRIORITIES - 1,
                     TX_MAX_PRIORITIES - 1, TX_NO_TIME_SLICE, TX_AUTO_START);
    test_application_define(first_unused_memory);
}

int main(void) {
    /* A test that crashes has said before what went wrong. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    tx_host_run(tx_host_kernel_create(TX_HOST_TIME_VIRTUAL), define);
    leave(ALL_ENDED);
}
