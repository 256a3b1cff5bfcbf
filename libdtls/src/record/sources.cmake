# SPDX-License-Identifier: MIT
set(DTLS_SOURCES protection.c replay.c)
