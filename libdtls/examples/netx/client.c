/* SPDX-License-Identifier: MIT
 *
 * A complete client on the host's network: one thread, one UDP socket and one
 * session for each of the sessions that the command line asks for. Each says
 * a text and prints the answer.
 */
#include "options.h"
#include "tx_host.h"

extern const NX_SECURE_TLS_CRYPTO nx_crypto_tls_ciphers_ecc;

#define MAX_SESSIONS 8
#define WAIT         (10 * NX_IP_PERIODIC_RATE)
#define PATIENCE                                                                                             \
    (300 * NX_IP_PERIODIC_RATE) /* with a bad link: a flight is repeated after 1 s, 2 s, 4 s ... */

typedef struct client {
    TX_THREAD thread;
    NX_UDP_SOCKET socket;
    NX_SECURE_DTLS_SESSION session;
    UCHAR metadata[9000];
    UCHAR reassembly[8000];
    UCHAR shown[2 * (sizeof(NX_SECURE_X509_CERT) + 2048)]; /* the server's certificates */
    NX_SECURE_X509_CERT authority;
    NX_SECURE_X509_CERT certificate;
} client;

static client clients[MAX_SESSIONS];
static UINT num_left;
static UINT failed;

/* The server's chain is good: is it the server that was meant? */
static ULONG judge(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate) {
    (void)session;
    return nx_secure_x509_common_name_dns_check(certificate, (const UCHAR *)options.name,
                                                (UINT)strlen(options.name));
}

static VOID give_credentials(client *own) {
    NX_SECURE_DTLS_SESSION *session = &own->session;
    NX_SECURE_TLS_SESSION *inner = &session->nx_secure_dtls_tls_session;
    if (options.psk_len > 0)
        example_check("--psk",
                      nx_secure_dtls_psk_add(session, options.psk, options.psk_len, options.psk_identity,
                                             options.psk_identity_len, NX_NULL, 0));
    if (options.authority.len > 0) {
        static const example_file no_key;
        example_check("--ca", example_read_certificate(&own->authority, &options.authority, &no_key));
        example_check("--ca", nx_secure_dtls_session_trusted_certificate_add(session, &own->authority, 1));
    }
    if (options.certificate.len > 0) {
        example_check("--cert",
                      example_read_certificate(&own->certificate, &options.certificate, &options.key));
        example_check("--cert", nx_secure_dtls_session_local_certificate_add(session, &own->certificate, 1));
    }
    example_check("time", nx_secure_tls_session_time_function_set(inner, example_calendar));
    if (options.name != NULL)
        example_check("--name", nx_secure_tls_session_certificate_callback_set(inner, judge));
}

/* Says the text. What is not sent is released here. */
static UINT say(client *own) {
    NX_PACKET *packet;
    UINT status = nx_secure_dtls_packet_allocate(&own->session, &pool, &packet, WAIT);
    if (status != NX_SUCCESS)
        return status;
    status = nx_packet_data_append(packet, (VOID *)options.text, (ULONG)strlen(options.text), &pool, WAIT);
    if (status == NX_SUCCESS)
        status = nx_secure_dtls_session_send(&own->session, packet, &options.address, options.port);
    if (status != NX_SUCCESS)
        nx_packet_release(packet);
    return status;
}

/* Prints the answer. A datagram may be lost, the question's or the answer's: it is asked again. */
static UINT hear(client *own) {
    NX_PACKET *packet;
    UINT status = NX_NO_PACKET;
    for (UINT i = 0; i < 10 && status == NX_NO_PACKET; i++) {
        status = i == 0 ? NX_SUCCESS : say(own);
        if (status == NX_SUCCESS)
            status = nx_secure_dtls_session_receive(&own->session, &packet, NX_IP_PERIODIC_RATE);
    }
    if (status != NX_SUCCESS)
        return status;
    static CHAR text[2048];
    ULONG len;
    status = nx_packet_data_extract_offset(packet, 0, text, sizeof text, &len);
    if (status == NX_SUCCESS)
        printf("%.*s\n", (int)len, text);
    nx_packet_release(packet);
    return status;
}

static VOID talk(client *own) {
    UINT status = nx_secure_dtls_client_session_start(&own->session, &own->socket, &options.address,
                                                      options.port, PATIENCE);
    const char *what = "handshake";
    if (status == NX_SUCCESS) {
        what = "data";
        status = say(own);
    }
    if (status == NX_SUCCESS)
        status = hear(own);
    if (status != NX_SUCCESS) {
        fprintf(stderr, "%s: 0x%X\n", what, status);
        failed++;
    }
    /* That the peer does not answer our farewell is no fault of ours. */
    (void)nx_secure_dtls_session_end(&own->session, NX_IP_PERIODIC_RATE);
}

static VOID run(ULONG i) {
    client *own = &clients[i];
    example_check("session",
                  nx_secure_dtls_session_create(&own->session, &nx_crypto_tls_ciphers_ecc, own->metadata,
                                                sizeof own->metadata, own->reassembly, sizeof own->reassembly,
                                                2, own->shown, sizeof own->shown));
    example_check("groups", nx_secure_dtls_ecc_initialize(&own->session, nx_crypto_ecc_supported_groups,
                                                          (USHORT)nx_crypto_ecc_supported_groups_size,
                                                          nx_crypto_ecc_curves));
    give_credentials(own);
    example_check("socket", nx_udp_socket_create(&ip, &own->socket, (CHAR *)"client", NX_IP_NORMAL,
                                                 NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 8));
    example_check("port", nx_udp_socket_bind(&own->socket, NX_ANY_PORT, NX_NO_WAIT));
    talk(own);
    example_check("session", nx_secure_dtls_session_delete(&own->session));
    example_check("socket", nx_udp_socket_unbind(&own->socket));
    example_check("socket", nx_udp_socket_delete(&own->socket));
    if (--num_left == 0)
        tx_host_exit(failed > 0);
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_make_ip();
    num_left = options.sessions < MAX_SESSIONS ? options.sessions : MAX_SESSIONS;
    for (ULONG i = 0; i < num_left; i++)
        example_check("thread", tx_thread_create(&clients[i].thread, (CHAR *)"client", run, i, NX_NULL, 0, 8,
                                                 8, TX_NO_TIME_SLICE, TX_AUTO_START));
}

int main(int argc, char **argv) {
    example_read_options(argc, argv,
                         "netx-client ADDRESS PORT TEXT [--psk IDENTITY:KEY] [--ca FILE] [--name NAME] "
                         "[--cert FILE --key FILE] [--sessions NUMBER] [--bind ADDRESS]",
                         NX_TRUE);
    return (int)tx_kernel_enter();
}
