# SPDX-License-Identifier: MIT
# Wrong use of every public function; libuv's, where that is here.
set(MISUSE misuse/main.c misuse/objects.c misuse/connection.c misuse/server.c connection/pair.c server/clients.c
    support/authority.c)
if(TARGET dtls_posix)
  dtls_test(misuse ${MISUSE} misuse/posix.c LINK dtls_posix dtls_libcrypto)
  target_compile_definitions(libdtls-test-misuse PRIVATE DTLS_TEST_POSIX _GNU_SOURCE)
else()
  dtls_test(misuse ${MISUSE} LINK dtls_libcrypto)
endif()
target_compile_definitions(libdtls-test-misuse PRIVATE "DTLS_TEST_HEADERS=\"${PROJECT_SOURCE_DIR}/include/dtls\"")
