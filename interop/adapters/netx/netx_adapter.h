/* SPDX-License-Identifier: MIT
 *
 * Programs for NetX Secure DTLS as endpoints.
 *
 * Each endpoint is a device: a stepped kernel with an IP instance, on a
 * network whose other hosts are the carrier's paths. A client has a thread for
 * each session that waits for the handshake and then for data; a server has
 * its IP thread, which is told of clients, data and ends, and a thread for each
 * client, which carries out the handshake and ends the session. Threads run
 * only inside `netx_run`; the contract's calls prepare something and run them.
 */
#ifndef NETX_ADAPTER_H
#define NETX_ADAPTER_H

#include "adapter.h"
#include "nx_host.h"
#include "nx_secure_dtls_api.h"
#include "nx_secure_host.h"
#include "tx_host.h"

/* A device has one of each; these are its program's figures. */
#define NETX_PORT             4433
#define NETX_SERVER_SESSIONS  256 /* at a time; a client more is refused, as on a device */
#define NETX_METADATA         16000
#define NETX_REASSEMBLY       18000 /* the longest handshake message */
#define NETX_CERTIFICATES     4     /* of a peer's chain */
#define NETX_CERTIFICATE_SIZE 4096
#define NETX_PACKETS          256
#define NETX_DATA_PACKETS     4
#define NETX_PAYLOAD          1568  /* of a packet, bytes, unless the MTU is smaller */
#define NETX_DATA_PAYLOAD     16896 /* of those that carry application data out */
#define NETX_MIN_MTU          256
#define NETX_MAX_CHAIN        8
#define NETX_MAX_ANCHORS      8
#define NETX_MAX_SUITES       NX_HOST_MAX_SUITES
#define NETX_MAX_GROUPS       8

/* Priorities of threads. */
enum { NETX_IP_PRIORITY = 1, NETX_PROGRAM_PRIORITY = 8 };

/* Certificates and keys in DER, with the blocks that the services are given. */
struct netx_credentials {
    UCHAR *der[NETX_MAX_CHAIN + NETX_MAX_ANCHORS + 1];
    size_t num_der;
    NX_SECURE_X509_CERT chain[NETX_MAX_CHAIN]; /* leaf first, with its key */
    size_t chain_len;
    NX_SECURE_X509_CERT anchors[NETX_MAX_ANCHORS];
    size_t num_anchors;
};

/* What was asked for. */
struct netx_settings {
    USHORT version; /* 0: the services' own */
    NX_SECURE_TLS_CRYPTO table;
    USHORT suites[NETX_MAX_SUITES];
    USHORT groups[NETX_MAX_GROUPS];
    USHORT num_groups;
    uint32_t mtu;
    int asks_for_certificate;
    int has_psk;
    UCHAR psk_identity[NX_SECURE_TLS_MAX_PSK_ID_SIZE];
    UINT psk_identity_len;
    UCHAR psk_key[NX_SECURE_TLS_MAX_PSK_SIZE];
    UINT psk_key_len;
    UCHAR psk_hint[NX_SECURE_TLS_MAX_PSK_ID_SIZE];
    UINT psk_hint_len;
    NX_SECURE_X509_DNS_NAME server_name; /* client; empty: none */
};

/* A session of the program, of either role, as far as reports need it. */
struct netx_slot {
    struct dtlslab_endpoint *endpoint;
    struct adapter_session *reported; /* NULL: the laboratory has seen the end of it */
    NX_SECURE_DTLS_SESSION *session;
    int closing; /* the laboratory wants it closed */
    UCHAR hint[NX_SECURE_TLS_MAX_PSK_ID_SIZE];
    size_t hint_len;
    char why[DTLSLAB_MAX_TEXT]; /* what libdtls says of a failure */
};

/* Behind adapter_session.tls. */
struct netx_session {
    struct netx_slot *slot; /* NULL: the program is done with it */
    struct dtlslab_session_info described;
};

struct netx_device;

/* A client's session with its socket, thread and buffers. Used again once its thread has ended. */
struct netx_client {
    struct netx_slot slot;
    struct netx_client *next;
    TX_THREAD thread;
    NX_UDP_SOCKET socket;
    NX_SECURE_DTLS_SESSION session;
    NXD_ADDRESS peer;
    int running;                         /* the thread */
    struct netx_credentials credentials; /* blocks of its own over the device's DER */
    UCHAR metadata[NETX_METADATA];
    UCHAR reassembly[NETX_REASSEMBLY];
    UCHAR certificates[NETX_CERTIFICATES * NETX_CERTIFICATE_SIZE];
};

/* A server's session with its thread. */
struct netx_server_slot {
    struct netx_slot slot;
    TX_THREAD thread; /* begins with the first client */
    TX_SEMAPHORE work;
    struct adapter_session *next; /* the client that the thread shall serve next */
    int over;                     /* the session is to be ended */
    int has_thread;
};

struct netx_server {
    struct netx_device *device;
    NX_SECURE_DTLS_SERVER server;
    struct netx_server_slot slots[NETX_SERVER_SESSIONS];
    _Alignas(8) UCHAR sessions[NETX_SERVER_SESSIONS * sizeof(NX_SECURE_DTLS_SESSION)];
    UCHAR metadata[NETX_SERVER_SESSIONS * NETX_METADATA];
    UCHAR reassembly[NETX_SERVER_SESSIONS * NETX_REASSEMBLY];
    UCHAR certificates[NETX_SERVER_SESSIONS * NETX_CERTIFICATES * NETX_CERTIFICATE_SIZE];
};

/* The device. */
struct netx_device {
    struct dtlslab_endpoint *endpoint;
    tx_host_kernel *kernel;
    uint64_t deadline;
    NX_PACKET_POOL pool;
    NX_PACKET_POOL data_pool;
    NX_IP ip;
    struct netx_settings settings;
    struct netx_credentials credentials;
    struct netx_client *clients;
    struct netx_server *server;
    UCHAR received[ADAPTER_MAX_RECORD_DATA];
    UCHAR pool_memory[NETX_PACKETS * (NETX_PAYLOAD + sizeof(NX_PACKET))];
    UCHAR data_pool_memory[NETX_DATA_PACKETS * (NETX_DATA_PAYLOAD + sizeof(NX_PACKET))];
};

struct netx_device *netx_device_of(const struct dtlslab_endpoint *endpoint);

/* config.c */
int32_t netx_configure(struct dtlslab_endpoint *endpoint, const struct dtlslab_config *config, char *message);
void netx_free_context(void *context);

/* credentials.c: DTLSLAB_OK, or what `create` answers. */
int32_t netx_read_credentials(struct netx_credentials *credentials, const struct dtlslab_config *config,
                              char *message);
void netx_free_credentials(struct netx_credentials *credentials);

/* network.c */
/* Makes the pools and the IP instance, of the kernel in use: NX_SUCCESS or the code of what failed. */
UINT netx_network_make(struct netx_device *device);
NXD_ADDRESS netx_address_of_path(uint64_t path);
uint64_t netx_path_of_address(const NXD_ADDRESS *address);
/* Gives a datagram to the device, which sees it when it runs. */
void netx_network_deliver(struct netx_device *device, uint64_t path, const uint8_t *bytes, uint32_t len);
/* Lets the device's threads run until all wait; keeps when the next wait ends. */
void netx_run(struct netx_device *device);

/* The name of a code of the services, such as "NX_SECURE_TLS_ALERT_RECEIVED". */
const char *netx_code_name(UINT code);

/* report.c: what the program's threads tell the laboratory. */
VOID netx_watch(VOID *context, NX_SECURE_DTLS_SESSION *session, const dtls_event *event, UINT expired);
void netx_report_connected(struct netx_slot *slot);
/* Takes what has come without waiting, and answers the code that ended that: NX_NO_PACKET, or why the session
 * is over. */
UINT netx_report_data(struct netx_slot *slot);
void netx_report_packet(struct netx_slot *slot, NX_PACKET *packet);
/* The session is over: closed by the peer, or failed with a code of the named service. */
void netx_report_end(struct netx_slot *slot, const char *service, UINT code);
/* The program takes `slot` for another session from now on. */
void netx_report_detach(struct netx_slot *slot);

/* client.c */
struct netx_slot *netx_client_slot(struct netx_device *device, const NX_SECURE_DTLS_SESSION *session);
/* A session for the laboratory's `session`, ready to start. NULL: no memory. */
struct netx_client *netx_client_make(struct netx_device *device, struct adapter_session *session);
void netx_client_begin(struct netx_client *client);
void netx_client_close(struct netx_slot *slot);
/* Ends all sessions without a word to their peers; before the kernel is destroyed. */
void netx_clients_end(struct netx_device *device);
/* Frees them; afterwards. */
void netx_clients_free(struct netx_device *device);

/* server.c */
UINT netx_server_make(struct netx_device *device);
struct netx_slot *netx_server_slot_of(struct netx_device *device, const NX_SECURE_DTLS_SESSION *session);
void netx_server_close(struct netx_slot *slot);
/* As netx_clients_end. */
void netx_server_end(struct netx_device *device);

#endif
