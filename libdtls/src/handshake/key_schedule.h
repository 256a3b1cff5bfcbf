/* SPDX-License-Identifier: MIT
 *
 * From the premaster secret to record keys and Finished (RFC 5246 sections 5,
 * 6.3, 7.4.9 and 8.1; RFC 7627 section 4).
 */
#ifndef DTLS_HANDSHAKE_KEY_SCHEDULE_H
#define DTLS_HANDSHAKE_KEY_SCHEDULE_H

#include "handshake/connection.h"

/* Makes the master secret of the premaster secret, which is wiped, and installs the keys of epoch 1 in both
 * directions. The transcript stands behind ClientKeyExchange. */
dtls_error dtls_derive_keys(struct dtls_connection *connection);

/* The same with a master secret that is there already, that of the session which is resumed. */
dtls_error dtls_expand_keys(struct dtls_connection *connection);

/* Installs the keys of epoch 1 that `secrets` make. */
dtls_error dtls_install_keys(struct dtls_connection *connection, const struct dtls_protection *protection,
                             const struct dtls_secrets *secrets);

/* The verify_data of `role`'s Finished at this point of the transcript. */
dtls_error dtls_verify_data(const struct dtls_connection *connection, dtls_role role,
                            uint8_t out[DTLS_VERIFY_DATA]);

#endif
