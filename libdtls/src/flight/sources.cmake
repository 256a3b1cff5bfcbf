# SPDX-License-Identifier: MIT
set(DTLS_SOURCES flight.c message_header.c path_mtu.c reassembly.c repeat.c timer.c)
