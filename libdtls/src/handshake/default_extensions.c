/* SPDX-License-Identifier: MIT
 *
 * All extensions that a configuration may name.
 */
#include "handshake/algorithms.h"

const dtls_extension *const dtls_default_extensions[] = {
    &dtls_extension_server_name, &dtls_extension_extended_master_secret, &dtls_extension_renegotiation_info,
    &dtls_extension_encrypt_then_mac, NULL};
