# SPDX-License-Identifier: MIT
dtls_test(crypto-hash crypto/hash.c support/hex.c LINK dtls_libcrypto)
dtls_test(crypto-aead crypto/aead.c support/hex.c LINK dtls_libcrypto)
dtls_test(crypto-key-share crypto/key_share.c support/hex.c LINK dtls_libcrypto)
dtls_test(crypto-signature crypto/signature.c support/hex.c support/authority.c LINK dtls_libcrypto)
dtls_test(crypto-certificate crypto/certificate.c support/authority.c LINK dtls_libcrypto)
dtls_test(crypto-memory crypto/memory.c support/authority.c LINK dtls_libcrypto)
