# SPDX-License-Identifier: MIT
# Secrets must not decide branches or addresses: seen by valgrind's memcheck, to which they are undefined memory.
find_program(VALGRIND valgrind)
find_path(VALGRIND_INCLUDE valgrind/memcheck.h)
if(DTLSLAB_SANITIZE)
  # memcheck and the sanitizers do not go together.
elseif(NOT VALGRIND OR NOT VALGRIND_INCLUDE)
  message(STATUS "valgrind is not here (Debian: valgrind): the check of secret-dependent branches is not built")
else()
  add_executable(libdtls-test-constant-time constant_time/main.c constant_time/paths.c constant_time/border.c
    connection/pair.c connection/sessions.c support/authority.c)
  dtls_warnings(libdtls-test-constant-time)
  target_include_directories(libdtls-test-constant-time PRIVATE
    "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/tests" "${VALGRIND_INCLUDE}")
  target_link_libraries(libdtls-test-constant-time PRIVATE dtls_libcrypto dtls PkgConfig::CMOCKA)
  target_link_options(libdtls-test-constant-time PRIVATE LINKER:--wrap=dtls_ct_equal LINKER:--wrap=CRYPTO_memcmp)
  set(MEMCHECK "${VALGRIND}" -q --leak-check=no --error-exitcode=9
    "--suppressions=${CMAKE_CURRENT_SOURCE_DIR}/constant_time/libcrypto.supp" $<TARGET_FILE:libdtls-test-constant-time>)
  foreach(case comparison handshakes cookies rsa rsa-handshakes cbc cbc-handshakes resumption exports siphash leak)
    add_test(NAME libdtls-constant-time-${case} COMMAND ${MEMCHECK} ${case})
    set_tests_properties(libdtls-constant-time-${case} PROPERTIES LABELS "libdtls;constant-time" TIMEOUT 120)
  endforeach()
  set_tests_properties(libdtls-constant-time-leak PROPERTIES
    PASS_REGULAR_EXPRESSION "Conditional jump or move depends on uninitialised value")
endif()
