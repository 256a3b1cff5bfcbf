# SPDX-License-Identifier: MIT
set(DTLS_SOURCES protection.c record.c replay.c)
