/* SPDX-License-Identifier: MIT
 *
 * There for programs that include it; see nx_secure_tls.h.
 */
#ifndef NX_SECURE_TLS_API_H
#define NX_SECURE_TLS_API_H

#include "nx_secure_tls.h"
#include "nx_secure_x509.h"

#endif
