/* SPDX-License-Identifier: MIT
 *
 * The cookie exchange with strangers, of whom nothing is kept (RFC 6347
 * section 4.2.1).
 */
#include "netx/secure/session.h"

/* Where a ClientHello whose first fragment begins a datagram has its parts, bytes (RFC 6347
 * sections 4.1, 4.2.2). */
enum {
    HELLO_EPOCH = 3,
    HELLO_TYPE = 13,
    HELLO_OFFSET = 13 + 6,
    HELLO_RANDOM = 13 + 12 + 2,
    HELLO_LEAST = HELLO_RANDOM + HELLO_RANDOM_LEN
};

/* The longest ClientHello that may come in several packets of a chain, bytes. */
#define MAX_CHAINED_HELLO 4096

/* The further fragments of one belong to the session that the first has made. */
NETX_HOT const UCHAR *netx_hello_random(const NX_PACKET *packet) {
    static const UCHAR zero[3];
    const UCHAR *bytes = packet->nx_packet_prepend_ptr;
    if (packet->nx_packet_append_ptr - bytes < HELLO_LEAST || bytes[0] != NX_SECURE_TLS_HANDSHAKE ||
        memcmp(bytes + HELLO_EPOCH, zero, 2) != 0 || bytes[HELLO_TYPE] != NX_SECURE_TLS_CLIENT_HELLO ||
        memcmp(bytes + HELLO_OFFSET, zero, 3) != 0)
        return NULL;
    return bytes + HELLO_RANDOM;
}

void netx_answer_stranger(NX_UDP_SOCKET *socket, NX_PACKET *to, const UCHAR *bytes, size_t len) {
    const net_packet *from = netx_packet_of(to);
    NX_PACKET *packet =
        netx_take_packet(socket->nx_udp_socket_ip_ptr->nx_ip_default_packet_pool, NX_UDP_PACKET);
    if (packet == NULL)
        return;
    netx_packet_of(packet)->local = from->local;
    if (netx_append(packet, bytes, (ULONG)len) != NX_SUCCESS ||
        netx_udp_send(socket, packet, &from->source, from->source_port) != NX_SUCCESS)
        netx_discard(packet);
}

bool netx_make_cookie_secret(uint8_t *out_secret) {
    const dtls_crypto *crypto = netx_session_crypto();
    return crypto->random(crypto->state, out_secret, sizeof((dtls_cookie_secret *)0)->current) == DTLS_OK;
}

/* What a cookie is of, besides the hello. */
typedef struct cookie_peer {
    NXD_ADDRESS address;
    UINT port;
} cookie_peer;

static void set_peer(cookie_peer *peer, const net_packet *from) {
    memset(peer, 0, sizeof *peer);
    peer->address.nxd_ip_version = from->source.nxd_ip_version;
    if (peer->address.nxd_ip_version == NX_IP_VERSION_V4)
        peer->address.nxd_ip_address.v4 = from->source.nxd_ip_address.v4;
    else
        peer->address = from->source;
    peer->port = from->source_port;
}

void netx_judge_hello(const dtls_cookie_secret *secret, NX_PACKET *packet, hello_verdict *out) {
    cookie_peer peer;
    set_peer(&peer, netx_packet_of(packet));
    dtls_span address = {(const uint8_t *)&peer, sizeof peer};
    UCHAR whole[MAX_CHAINED_HELLO];
    dtls_span datagram = {packet->nx_packet_prepend_ptr, packet->nx_packet_length};
    memset(out, 0, sizeof *out);
    if (netx_hello_random(packet) == NULL || (packet->nx_packet_next != NULL && datagram.len > sizeof whole))
        return;
    if (packet->nx_packet_next != NULL) {
        netx_gather(packet, whole);
        datagram.data = whole;
    }
    out->cookie = dtls_cookie_judge(netx_session_crypto(), secret, address, datagram, out->reply,
                                    &out->reply_len, &out->state);
}

bool netx_has_cookie(NX_UDP_SOCKET *socket, const dtls_cookie_secret *secret, NX_PACKET *packet,
                     dtls_cookie_state *out_state) {
    hello_verdict hello;
    netx_judge_hello(secret, packet, &hello);
    if (hello.cookie == DTLS_COOKIE_REPLY)
        netx_answer_stranger(socket, packet, hello.reply, hello.reply_len);
    *out_state = hello.state;
    return hello.cookie == DTLS_COOKIE_GOOD;
}
