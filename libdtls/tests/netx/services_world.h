/* SPDX-License-Identifier: MIT
 *
 * A server and clients of the NetX Secure DTLS services for a test of support.h. Without settings a server at
 * 1.2.3.4:4433 shows a P-256 certificate, and clients at 1.2.3.5 trust its root.
 */
#ifndef NETX_TESTS_SERVICES_WORLD_H
#define NETX_TESTS_SERVICES_WORLD_H

#include "nx_secure_dtls_api.h"
#include "nx_secure_host.h"
#include "support.h"

#define SERVER_ADDRESS  IP_ADDRESS(1, 2, 3, 4)
#define CLIENT_ADDRESS  IP_ADDRESS(1, 2, 3, 5)
#define SERVER_PORT     4433
#define METADATA_SIZE   9000
#define REASSEMBLY_SIZE 4000
#define SECONDS(n)      ((n)*NX_IP_PERIODIC_RATE)

/* SERVICES_TEST(name) { … }: a cmocka test whose body runs as `netx_test_run` says. */
#define SERVICES_TEST(name)                                                                                  \
    static void body_##name(void);                                                                           \
    static void name(void **state) {                                                                         \
        (void)state;                                                                                         \
        netx_test_run(body_##name);                                                                          \
    }                                                                                                        \
    static void body_##name(void)

/* Certificates, made once in a program. */
typedef enum certificate_name {
    CERT_ROOT,
    CERT_SERVER,         /* server.test, P-256, of CERT_ROOT */
    CERT_CLIENT,         /* client.test */
    CERT_EXPIRED,        /* was good until 2001 */
    CERT_STRANGE_ROOT,   /* of nobody here */
    CERT_INTERMEDIATE,   /* of CERT_ROOT */
    CERT_UNDER,          /* of CERT_INTERMEDIATE */
    CERT_RSA,            /* RSA 2048, of CERT_ROOT */
    CERT_CLIENT_PURPOSE, /* only for clients, of CERT_ROOT */
    CERT_ODD_KEY,        /* Ed448, which no signature algorithm here has */
    CERT_NAMED,          /* for server.test as RFC 9525 has it, of CERT_ROOT */
    CERT_NUM
} certificate_name;

/* Fills a block; with the private key if `with_key`. */
NX_SECURE_X509_CERT *certificate_block(NX_SECURE_X509_CERT *out, certificate_name name, bool with_key);
dtls_span certificate_der(certificate_name name);

/* What a server saw. */
typedef struct test_server {
    NX_SECURE_DTLS_SERVER control;
    NX_SECURE_DTLS_SESSION *slots; /* of the server; its own are the control block's */
    NX_SECURE_X509_CERT certificate;
    NX_SECURE_X509_CERT intermediate;
    NX_SECURE_X509_CERT trusted;
    UCHAR *metadata;
    UCHAR *reassembly;
    TX_SEMAPHORE arrived;
    NX_SECURE_DTLS_SESSION *arrivals[64];
    UINT num_arrivals; /* connect_notify */
    UINT num_taken;
    UINT num_received; /* receive_notify */
    UINT num_disconnected;
    UINT num_errors;
    UINT error;
    NX_SECURE_DTLS_SESSION *session; /* of the last callback */
    ULONG start_wait;
    UINT num_started; /* nx_secure_dtls_server_session_start has answered */
    UINT start_code;
    bool echoes; /* sends back what it receives, from receive_notify's session, in its thread */
} test_server;

typedef struct test_client {
    NX_UDP_SOCKET socket;
    NX_SECURE_DTLS_SESSION session;
    NX_SECURE_X509_CERT certificate;
    NX_SECURE_X509_CERT trusted;
    UCHAR *metadata;
    UCHAR *reassembly;
} test_client;

/* As programs declare it. */
extern const NX_SECURE_TLS_CRYPTO nx_crypto_tls_ciphers_ecc;

extern NX_IP *server_ip;
extern NX_IP *client_ip;
extern NXD_ADDRESS server_address;

/* Makes the two IP instances, once in a test. */
void world_make(void);
/* With pools of these payloads, bytes. */
void world_make_with(UINT server_payload, UINT client_payload);

/* nx_secure_dtls_server_create with so many slots, callbacks and CERT_SERVER, not started. */
void server_make_bare(test_server *server, UINT slots,
                      const NX_SECURE_TLS_CRYPTO *table); /* no certificate */
void server_make(test_server *server, UINT slots);
void server_make_small(test_server *server, ULONG reassembly_len); /* of one slot */
/* Its certificate 1; or CERT_UNDER as that, and CERT_INTERMEDIATE as its certificate 2. */
void server_show(test_server *server, certificate_name name);
void server_show_chain(test_server *server);
/* Clients must have certificates of CERT_ROOT, in chains of so many at most. */
void server_demand_certificates(test_server *server, UINT num);
/* Starts it, with a thread that starts the sessions that connect. */
void server_serve(test_server *server);
/* Only starts it. */
void server_listen(test_server *server);
void server_end(test_server *server);

/* A bound socket and a session; `client_make` trusts CERT_ROOT. */
void client_make_bare(test_client *client, const NX_SECURE_TLS_CRYPTO *table);
void client_make(test_client *client);
void client_trust(test_client *client);                       /* CERT_ROOT, as its certificate 1 */
void client_show(test_client *client, certificate_name name); /* as its certificate 2 */
UINT client_connect(test_client *client, UINT wait);
/* A packet with `text`, from the client's IP instance. */
NX_PACKET *packet_with(NX_SECURE_DTLS_SESSION *session, NX_IP *ip, const char *text);
/* Sends `text`, and lets its server see it. */
void client_say(test_client *client, const char *text);
/* Checks that the next data is `text`. */
void expect_data(NX_SECURE_DTLS_SESSION *session, const char *text);
void client_end(test_client *client);

/* World, server and client, connected. */
void connected_pair(test_server *server, test_client *client);
/* The server's slot of the first client. */
NX_SECURE_DTLS_SESSION *first_slot(test_server *server);

/* What has been agreed on. */
const dtls_connection_info *info_of(NX_SECURE_DTLS_SESSION *session);

/* --- Datagrams on their way to an IP instance. --- */

/* Sees each UDP payload; may change it. false: the datagram is dropped. */
typedef bool (*datagram_edit)(UCHAR *bytes, ULONG *len);
void edit_arrivals(NX_IP *ip, datagram_edit edit); /* NULL: no more */
bool lose_all(UCHAR *bytes, ULONG *len);           /* drops each */
extern UINT num_seen;                              /* datagrams that an edit saw */

/* The first handshake message of the type in clear records of a datagram: its header; NULL. */
UCHAR *find_message(UCHAR *bytes, ULONG len, UCHAR type);

/* Sends bytes as a datagram from a socket. */
void send_raw(NX_UDP_SOCKET *socket, NXD_ADDRESS address, UINT port, const void *bytes, ULONG len);

#endif
