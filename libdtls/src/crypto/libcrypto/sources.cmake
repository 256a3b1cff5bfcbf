# SPDX-License-Identifier: MIT
set(DTLS_SOURCES aead.c cbc.c certificate.c hash.c inspect.c key_share.c known_chains.c prf.c provider.c public_key.c rsa.c signature.c)
