# SPDX-License-Identifier: MIT
dtls_test(crypto-hash crypto/hash.c support/hex.c LINK dtls_libcrypto)
dtls_test(crypto-aead crypto/aead.c support/hex.c LINK dtls_libcrypto)
dtls_test(crypto-key-share crypto/key_share.c support/hex.c LINK dtls_libcrypto)
dtls_test(crypto-signature crypto/signature.c support/hex.c support/authority.c LINK dtls_libcrypto)
dtls_test(crypto-certificate crypto/certificate.c support/authority.c LINK dtls_libcrypto)
dtls_test(crypto-public_key crypto/public_key.c support/authority.c LINK dtls_libcrypto)
dtls_test(crypto-error_queue crypto/error_queue.c support/authority.c LINK dtls_libcrypto)
dtls_test(crypto-known-chains crypto/known_chains.c support/authority.c LINK dtls_libcrypto)

# The same with a provider that has looked its algorithms up.
foreach(area hash aead key_share certificate)
  dtls_test(crypto-${area}-opened crypto/${area}.c support/hex.c support/authority.c LINK dtls_libcrypto)
  target_compile_definitions(libdtls-test-crypto-${area}-opened PRIVATE DTLS_TEST_OPENED)
endforeach()

dtls_test(crypto-memory crypto/memory.c support/authority.c LINK dtls_libcrypto)

# libcrypto's functions fail one after the other: the linker puts counting ones in front of those that the list names.
dtls_test(crypto-failing crypto/failing.c support/authority.c LINK dtls_libcrypto)
file(STRINGS "${CMAKE_CURRENT_SOURCE_DIR}/support/libcrypto_calls.h" CALLS REGEX "^(MAKES|DOES)\\(")
foreach(call IN LISTS CALLS)
  string(REGEX REPLACE "^(MAKES\\([^,]*, |DOES\\()([A-Za-z0-9_]+),.*" "\\2" name "${call}")
  target_link_options(libdtls-test-crypto-failing PRIVATE "LINKER:--wrap=${name}")
endforeach()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/support/libcrypto_calls.h")
