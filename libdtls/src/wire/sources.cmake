# SPDX-License-Identifier: MIT
set(DTLS_SOURCES cursor.c record_header.c)
