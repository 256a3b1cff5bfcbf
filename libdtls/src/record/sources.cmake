# SPDX-License-Identifier: MIT
set(DTLS_SOURCES format_cid.c id_of.c protection_aead.c record.c replay.c)
