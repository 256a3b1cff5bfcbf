# SPDX-License-Identifier: MIT
set(DTLS_SOURCES format_cid.c id_of.c opening.c position.c protection_aead.c protection_cbc.c record.c
                 replay.c sealing.c)
