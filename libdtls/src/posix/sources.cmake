# SPDX-License-Identifier: MIT
set(DTLS_SOURCES address.c socket.c port.c uv_server.c uv_client.c)
