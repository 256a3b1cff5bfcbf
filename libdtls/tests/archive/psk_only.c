/* SPDX-License-Identifier: MIT
 *
 * A program with one suite and no more: what the linker leaves out of it is
 * checked by absent.cmake.
 */
#include "dtls/dtls.h"
#include "dtls/libcrypto.h"

static _Alignas(max_align_t) uint8_t session_memory[DTLS_SESSION_SIZE];
static _Alignas(max_align_t) uint8_t handshake_memory[DTLS_HANDSHAKE_SIZE(512, 0)];

int main(void) {
    static const dtls_protocol *const protocols[] = {&dtls_client_1_2, NULL};
    static const dtls_cipher_suite *const suites[] = {&dtls_suite_psk_aes_128_ccm_8, NULL};
    static const dtls_config config = {
        .crypto = &dtls_libcrypto, .protocols = protocols, .cipher_suites = suites, .max_message = 512};
    const dtls_time now = {.monotonic_ns = 1};
    dtls_connection *connection;
    uint8_t bytes[1500];
    size_t len;
    if (dtls_connection_open(&config, session_memory, sizeof session_memory, handshake_memory,
                             sizeof handshake_memory, &connection) != DTLS_OK ||
        dtls_connection_start(connection, now) != DTLS_OK ||
        dtls_poll_datagram(connection, now, bytes, sizeof bytes, &len, NULL) != DTLS_OK)
        return 1;
    dtls_datagram datagram = {.bytes = bytes, .len = len};
    size_t num = 0;
    size_t taken;
    dtls_error error = dtls_receive(connection, now, &datagram, 1, NULL, &num, &taken);
    dtls_connection_wipe(connection);
    return error != DTLS_OK;
}
