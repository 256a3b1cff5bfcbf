# SPDX-License-Identifier: MIT
set(DTLS_SOURCES siphash.c layout.c deadlines.c routes.c slots.c admission.c receiving.c polling.c server.c connection_ids.c)
