/* SPDX-License-Identifier: MIT
 *
 * What a server looks for in a datagram before it knows whose it is.
 */
#ifndef DTLS_HANDSHAKE_COOKIE_H
#define DTLS_HANDSHAKE_COOKIE_H

#include "dtls/cookie.h"

/* Whether the datagram's first record is a ClientHello in epoch 0, or the beginning of one as far as its
 * cookie; `*out_random` is a place in it. */
bool dtls_client_hello_peek(dtls_span datagram, dtls_span *out_random);

#endif
