/* SPDX-License-Identifier: MIT
 *
 * libdtls: DTLS without I/O, clock, globals or heap. This header brings all the
 * core's; a crypto provider's (libcrypto.h) is included apart.
 */
#ifndef DTLS_DTLS_H
#define DTLS_DTLS_H

#include "dtls/algorithms.h"
#include "dtls/checked_config.h"
#include "dtls/config.h"
#include "dtls/connection.h"
#include "dtls/connection_id.h"
#include "dtls/cookie.h"
#include "dtls/crypto.h"
#include "dtls/error.h"
#include "dtls/exporter.h"
#include "dtls/resumption.h"
#include "dtls/server.h"
#include "dtls/srtp.h"
#include "dtls/transfer.h"
#include "dtls/types.h"
#include "dtls/version.h"

#endif
