# SPDX-License-Identifier: MIT
set(DTLS_SOURCES protection_aead.c record.c replay.c)
