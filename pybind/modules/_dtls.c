/* SPDX-License-Identifier: MIT
 * The module dtlslab._dtls: libdtls itself, with its libcrypto provider. */
#include "dtls/dtls.h"
#include "dtls/libcrypto.h"
