/* SPDX-License-Identifier: MIT
 *
 * A server and clients of the NetX Secure DTLS services (netx_world.h). The
 * input is two bytes of settings (enum setting) and a script: calls of services by the program,
 * what the network does to the datagrams between the two sides and what comes
 * from elsewhere, what the callbacks do, and time. Whatever is in it, the
 * threads come to an end, and every packet is back when all is deleted.
 */
#include "netx_world.h"
#include "null_crypto.h"

enum call {
    CALL_SLEEP,
    CALL_CONNECT,
    CALL_SEND,
    CALL_RECEIVE,
    CALL_END,
    CALL_RESET,
    CALL_CLIENT,    /* is deleted, or made */
    CALL_SOCKET,    /* unbound or bound */
    CALL_SLOT,      /* an act of a callback, outside of one */
    CALL_SLOT_WAIT, /* with a wait */
    CALL_SERVER,    /* stop, start, delete, make */
    CALL_HOOK,      /* what a callback does from now on */
    CALL_FATE,      /* of the next datagrams */
    CALL_INJECT,    /* a datagram of these bytes */
    CALL_REPEAT,    /* one that was seen, with a change, from any client */
    CALL_PACKETS,   /* taken out of the server's pool, or given back */
    CALL_SPOILT,    /* a packet is sent whose members contradict each other */
    CALL_WORKER,
    CALL_CREDENTIALS,
    CALL_ALONE, /* a client serves on its socket */
    NUM_CALLS
};

#define LONGEST_SCRIPT 4096

static const uint8_t *input;
static size_t input_len;

static struct netx_client *client_of(unsigned which) {
    return &world->clients[which % NUM_CLIENTS];
}

static NXD_ADDRESS address_of(unsigned side) {
    return (NXD_ADDRESS){.nxd_ip_version = NX_IP_VERSION_V4,
                         .nxd_ip_address.v4 = IP_ADDRESS(1, 2, 3, 4 + side)};
}

static void connect(unsigned which, unsigned wait) {
    NXD_ADDRESS address = address_of(0);
    (void)nx_secure_dtls_client_session_start(&client_of(which)->session, &client_of(which)->socket, &address,
                                              SERVER_PORT, wait);
}

static void change_socket(unsigned which) {
    NX_UDP_SOCKET *socket = &client_of(which)->socket;
    if (nx_udp_socket_unbind(socket) != NX_SUCCESS)
        (void)nx_udp_socket_bind(socket, 5000 + which % NUM_CLIENTS, NX_NO_WAIT);
}

static void wait_for_slot(NX_SECURE_DTLS_SESSION *session, unsigned which, unsigned wait) {
    if ((which & 0x80) != 0)
        (void)nx_secure_dtls_server_session_start(session, wait);
    else if ((which & 0x40) != 0)
        netx_receive(session, wait);
    else
        (void)nx_secure_dtls_session_end(session, wait);
}

static void change_server(unsigned how) {
    static void (*const changes[])(void) = {netx_delete_server, netx_make_server};
    if (how % 4 < 2)
        changes[how % 4]();
    else if (how % 4 == 2)
        (void)nx_secure_dtls_server_stop(&world->server);
    else
        (void)nx_secure_dtls_server_start(&world->server);
}

static void inject(unsigned from, const uint8_t *bytes, size_t len) {
    nx_host_datagram datagram = {.source = address_of((from & 8) != 0 ? 0 : 1),
                                 .destination = address_of((from & 8) != 0 ? 1 : 0),
                                 .source_port = (from & 8) != 0 ? SERVER_PORT : 5000 + from % 4,
                                 .destination_port = (from & 8) != 0 ? 5000 + from % 4 : SERVER_PORT,
                                 .length = (UINT)len,
                                 .data = bytes};
    (void)nx_host_deliver(&datagram);
}

static void repeat(unsigned which, unsigned from, unsigned at, unsigned change) {
    uint8_t bytes[LONGEST_KEPT];
    size_t len = world->kept[which % NUM_KEPT].len;
    memcpy(bytes, world->kept[which % NUM_KEPT].bytes, len);
    if (len > 0)
        bytes[at % len] ^= (uint8_t)change;
    inject(from, bytes, len);
}

static void take_packets(unsigned num) {
    NX_PACKET *packet;
    for (; num > 0 && nx_packet_allocate(&world->pools[0], &packet, 0, NX_NO_WAIT) == NX_SUCCESS; num--) {
        packet->nx_packet_queue_next = world->taken;
        world->taken = packet;
    }
    for (; num > 0 && world->taken != NULL; num--) {
        packet = world->taken;
        world->taken = packet->nx_packet_queue_next;
        fuzz_check(nx_packet_release(packet) == NX_SUCCESS);
    }
}

static void send_spoilt(NX_SECURE_DTLS_SESSION *session, unsigned how, unsigned by) {
    NX_PACKET *packet;
    if (nx_packet_allocate(&world->pools[1], &packet, NX_UDP_PACKET, NX_NO_WAIT) != NX_SUCCESS)
        return;
    NX_PACKET was = *packet;
    if ((how & 1) != 0)
        packet->nx_packet_length += by * 8;
    if ((how & 2) != 0)
        packet->nx_packet_append_ptr += by * 8;
    if ((how & 4) != 0)
        packet->nx_packet_prepend_ptr -= by;
    if (nx_secure_dtls_client_session_send(session, packet) == NX_SUCCESS)
        return;
    packet->nx_packet_append_ptr = was.nx_packet_append_ptr;
    packet->nx_packet_prepend_ptr = was.nx_packet_prepend_ptr;
    fuzz_check(nx_packet_release(packet) == NX_SUCCESS);
}

static void change_credentials(NX_SECURE_DTLS_SESSION *session, unsigned how) {
    UCHAR key[2] = {(UCHAR)how, 2};
    if (how % 3 == 0)
        (void)nx_secure_dtls_server_psk_add(&world->server, key, 2, key, 2, key, 1);
    else if (how % 3 == 1)
        (void)nx_secure_dtls_server_local_certificate_remove(&world->server, NULL, 0, 1);
    else
        (void)nx_secure_dtls_session_trusted_certificate_remove(session, (UCHAR *)(uintptr_t) "fuzz", 4, 0);
}

/* Two numbers stand behind each call. */
static void carry_out(struct dtls_reader *script, unsigned call, unsigned one, unsigned two) {
    NX_SECURE_DTLS_SESSION *session = &client_of(one)->session;
    NX_SECURE_DTLS_SESSION *slot = netx_slot(one & 0x3f);
    dtls_span bytes;
    switch ((enum call)(call % NUM_CALLS)) {
    case CALL_SLEEP:
        tx_thread_sleep(one + (two & 0x80) * one);
        break;
    case CALL_CONNECT:
        connect(one, two);
        break;
    case CALL_SEND:
        if ((one & 0x80) != 0)
            netx_send(0, slot, two * 8);
        else
            netx_send(1, session, two * 8);
        break;
    case CALL_RECEIVE:
        netx_receive(session, two);
        break;
    case CALL_END:
        (void)nx_secure_dtls_session_end(session, two);
        break;
    case CALL_RESET:
        (void)nx_secure_dtls_session_reset(session);
        break;
    case CALL_CLIENT:
        if (two % 2 == 0)
            netx_delete_client(one % NUM_CLIENTS);
        netx_make_client(one % NUM_CLIENTS);
        break;
    case CALL_SOCKET:
        change_socket(one);
        break;
    case CALL_SLOT:
        netx_act((enum hook_act)(two % NUM_ACTS), slot);
        break;
    case CALL_SLOT_WAIT:
        wait_for_slot(slot, one, two);
        break;
    case CALL_SERVER:
        change_server(one);
        break;
    case CALL_HOOK:
        world->acts[one % NUM_HOOKS] = (enum hook_act)(two % NUM_ACTS);
        break;
    case CALL_FATE:
        world->fates[one & 1].fate = (enum fate)((one >> 1) % NUM_FATES);
        world->fates[one & 1].times = 1 + (one >> 5);
        world->fates[one & 1].argument = two;
        break;
    case CALL_INJECT:
        bytes = dtls_read_bytes(script, two < dtls_read_left(script) ? two : dtls_read_left(script));
        inject(one, bytes.data, bytes.len);
        break;
    case CALL_REPEAT:
        repeat(one & 7, one >> 3, two, (unsigned)dtls_read_u8(script));
        break;
    case CALL_PACKETS:
        take_packets(one % (2 * NUM_PACKETS));
        break;
    case CALL_SPOILT:
        send_spoilt(session, one >> 4, two);
        break;
    case CALL_WORKER:
        netx_change_worker(one % NUM_WORKERS, two);
        break;
    case CALL_CREDENTIALS:
        change_credentials(session, two);
        break;
    default:
        (void)nx_secure_dtls_session_start(session, &client_of(one)->socket, 0, two);
        break;
    }
}

static VOID run_script(ULONG unused) {
    (void)unused;
    struct dtls_reader script = dtls_reader_of(input, input_len);
    netx_world_make((unsigned)dtls_read_u16(&script));
    while (dtls_read_left(&script) >= 3) {
        unsigned call = dtls_read_u8(&script);
        unsigned one = dtls_read_u8(&script);
        unsigned two = dtls_read_u8(&script);
        carry_out(&script, call, one, two);
    }
    netx_world_end();
    tx_host_exit(0);
}

static VOID define(VOID *unused) {
    static TX_THREAD thread;
    (void)unused;
    memset(&thread, 0, sizeof thread);
    fuzz_check(tx_thread_create(&thread, NULL, run_script, 0, NULL, 0, MAIN_PRIORITY, MAIN_PRIORITY,
                                TX_NO_TIME_SLICE, TX_AUTO_START) == TX_SUCCESS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    input = data;
    input_len = len < LONGEST_SCRIPT ? len : LONGEST_SCRIPT;
    null_crypto_reset();
    tx_host_kernel *kernel = tx_host_kernel_create(TX_HOST_TIME_VIRTUAL);
    fuzz_check(kernel != NULL);
    tx_host_kernel_use(kernel);
    (void)tx_host_run(kernel, define);
    tx_host_kernel_use(NULL);
    tx_host_kernel_destroy(kernel);
    fuzz_check(world->finished); /* or all threads wait for ever */
    free(world);
    return 0;
}
