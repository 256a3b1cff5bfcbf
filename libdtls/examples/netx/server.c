/* SPDX-License-Identifier: MIT
 *
 * A complete server on the host's network: it says back what its clients say,
 * several at a time, one thread for each. It prints its port, and ends when as
 * many sessions have come to their end as the command line says.
 */
#include "options.h"
#include "tx_host.h"

extern const NX_SECURE_TLS_CRYPTO nx_crypto_tls_ciphers_ecc;

#define SESSIONS 4
#define WAIT     (10 * NX_IP_PERIODIC_RATE)
#define PATIENCE                                                                                             \
    (300 * NX_IP_PERIODIC_RATE) /* with a bad link: a flight is repeated after 1 s, 2 s, 4 s ... */

static NX_SECURE_DTLS_SERVER server;
static NX_SECURE_DTLS_SESSION sessions[SESSIONS];
static UCHAR metadata[SESSIONS * 9000];
static UCHAR reassembly[SESSIONS * 8000];
static UCHAR shown[(sizeof(NX_SECURE_X509_CERT) + 2048) * 2 * SESSIONS]; /* the clients' certificates */
static NX_SECURE_X509_CERT authority;
static NX_SECURE_X509_CERT certificate;

/* Each slot has a thread, which is told when a client has taken it. */
static TX_THREAD threads[SESSIONS];
static TX_SEMAPHORE taken[SESSIONS];
static TX_THREAD main_thread;
static TX_SEMAPHORE ended;

/* --- Callbacks, in the IP thread. --- */

static UINT connect_notify(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    (void)address;
    (void)port;
    return tx_semaphore_put(&taken[session - sessions]);
}

/* A thread waits in nx_secure_dtls_session_receive. */
static UINT receive_notify(NX_SECURE_DTLS_SESSION *session) {
    (void)session;
    return NX_SUCCESS;
}

static UINT error_notify(NX_SECURE_DTLS_SESSION *session, UINT error_code) {
    fprintf(stderr, "%s: 0x%X\n", session == NX_NULL ? "a client was refused" : "a session", error_code);
    return NX_SUCCESS;
}

/* --- One session. --- */

static UINT say_back(NX_SECURE_DTLS_SESSION *session, NX_PACKET *heard) {
    NX_PACKET *packet;
    CHAR text[2048];
    ULONG len;
    UINT status = nx_packet_data_extract_offset(heard, 0, text, sizeof text, &len);
    nx_packet_release(heard);
    if (status == NX_SUCCESS)
        status = nx_secure_dtls_packet_allocate(session, &pool, &packet, WAIT);
    if (status != NX_SUCCESS)
        return status;
    status = nx_packet_data_append(packet, text, len, &pool, WAIT);
    if (status == NX_SUCCESS)
        status = nx_secure_dtls_server_session_send(session, packet);
    if (status != NX_SUCCESS)
        nx_packet_release(packet);
    return status;
}

/* Until the client closes. One that has not said anything for five minutes is gone. */
static VOID echo(NX_SECURE_DTLS_SESSION *session) {
    NX_PACKET *packet;
    UINT status;
    while ((status = nx_secure_dtls_session_receive(session, &packet, PATIENCE)) == NX_SUCCESS) {
        if ((status = say_back(session, packet)) != NX_SUCCESS)
            break;
    }
    if (status != NX_SECURE_TLS_CLOSE_NOTIFY_RECEIVED)
        fprintf(stderr, "a session was cut: 0x%X\n", status);
    (void)nx_secure_dtls_session_end(session, NX_NO_WAIT);
}

static VOID serve(ULONG i) {
    for (;;) {
        example_check("semaphore", tx_semaphore_get(&taken[i], TX_WAIT_FOREVER));
        UINT status = nx_secure_dtls_server_session_start(&sessions[i], PATIENCE);
        if (status == NX_SUCCESS) {
            echo(&sessions[i]);
            example_check("semaphore", tx_semaphore_put(&ended));
        } else {
            fprintf(stderr, "handshake: 0x%X\n", status);
            (void)nx_secure_dtls_session_reset(&sessions[i]); /* the slot is free again */
        }
    }
}

/* --- The server. --- */

static VOID give_credentials(VOID) {
    static const example_file no_key;
    if (options.psk_len > 0)
        example_check("--psk", nx_secure_dtls_server_psk_add(&server, options.psk, options.psk_len,
                                                             options.psk_identity, options.psk_identity_len,
                                                             NX_NULL, 0));
    if (options.certificate.len > 0) {
        example_check("--cert", example_read_certificate(&certificate, &options.certificate, &options.key));
        example_check("--cert", nx_secure_dtls_server_local_certificate_add(&server, &certificate, 1));
    }
    if (options.authority.len > 0) {
        example_check("--ca", example_read_certificate(&authority, &options.authority, &no_key));
        example_check("--ca", nx_secure_dtls_server_trusted_certificate_add(&server, &authority, 2));
        example_check("--ca",
                      nx_secure_dtls_server_x509_client_verify_configure(&server, 2, shown, sizeof shown));
    }
    for (UINT i = 0; i < SESSIONS; i++)
        example_check("time", nx_secure_tls_session_time_function_set(&sessions[i].nx_secure_dtls_tls_session,
                                                                      example_calendar));
}

static VOID run(ULONG input) {
    UINT port;
    (void)input;
    example_check("server", nx_secure_dtls_server_create(
                                &server, &ip, options.port, NX_IP_PERIODIC_RATE, sessions, sizeof sessions,
                                &nx_crypto_tls_ciphers_ecc, metadata, sizeof metadata, reassembly,
                                sizeof reassembly, connect_notify, receive_notify));
    example_check("groups", nx_secure_dtls_server_ecc_initialize(&server, nx_crypto_ecc_supported_groups,
                                                                 (USHORT)nx_crypto_ecc_supported_groups_size,
                                                                 nx_crypto_ecc_curves));
    give_credentials();
    example_check("callbacks", nx_secure_dtls_server_notify_set(&server, NX_NULL, error_notify));
    example_check("port", nx_secure_dtls_server_start(&server));
    example_check("port", nx_udp_socket_port_get(&server.nx_dtls_server_udp_socket, &port));
    printf("port %u\n", port);
    fflush(stdout);
    for (UINT i = 0; i < options.sessions; i++)
        example_check("semaphore", tx_semaphore_get(&ended, TX_WAIT_FOREVER));
    example_check("server", nx_secure_dtls_server_stop(&server));
    example_check("server", nx_secure_dtls_server_delete(&server));
    tx_host_exit(0);
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_make_ip();
    example_check("semaphore", tx_semaphore_create(&ended, (CHAR *)"ended", 0));
    for (ULONG i = 0; i < SESSIONS; i++) {
        example_check("semaphore", tx_semaphore_create(&taken[i], (CHAR *)"taken", 0));
        example_check("thread", tx_thread_create(&threads[i], (CHAR *)"session", serve, i, NX_NULL, 0, 8, 8,
                                                 TX_NO_TIME_SLICE, TX_AUTO_START));
    }
    example_check("thread", tx_thread_create(&main_thread, (CHAR *)"main", run, 0, NX_NULL, 0, 7, 7,
                                             TX_NO_TIME_SLICE, TX_AUTO_START));
}

int main(int argc, char **argv) {
    example_read_options(argc, argv,
                         "netx-server PORT [--psk IDENTITY:KEY] [--cert FILE --key FILE] [--ca FILE] "
                         "[--sessions NUMBER] [--bind ADDRESS]",
                         NX_FALSE);
    return (int)tx_kernel_enter();
}
