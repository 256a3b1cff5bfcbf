# SPDX-License-Identifier: MIT
# What the archives promise to a linker. Sanitizers and counters add symbols of their own, so these run in other builds.
if(NOT DTLSLAB_SANITIZE AND NOT DTLSLAB_COVERAGE)
  function(dtls_purity_test name archive)
    add_test(NAME libdtls-${name}
      COMMAND "${CMAKE_COMMAND}" "-DARCHIVE=$<TARGET_FILE:${archive}>" "-DNM=${CMAKE_NM}" "-DOBJDUMP=${CMAKE_OBJDUMP}"
              ${ARGN} -P "${CMAKE_CURRENT_SOURCE_DIR}/archive/purity.cmake")
    set_tests_properties(libdtls-${name} PROPERTIES LABELS libdtls)
  endfunction()

  # What a C compiler may call by itself, what <string.h> has that only looks at its arguments, the stack protector.
  set(DTLS_ALLOWED "memcpy;memmove;memset;memcmp;bcmp;memchr;strlen;strcmp;strchr;strspn;__stack_chk_fail;_GLOBAL_OFFSET_TABLE_")
  string(REPLACE ";" "\\;" DTLS_ALLOWED "${DTLS_ALLOWED}")
  dtls_purity_test(core-is-pure dtls "-DALLOWED=${DTLS_ALLOWED}")
  dtls_purity_test(provider-has-no-globals dtls_libcrypto)

  add_library(libdtls-test-unclean STATIC archive/unclean.c)
  dtls_warnings(libdtls-test-unclean)
  dtls_purity_test(purity-is-checked libdtls-test-unclean "-DALLOWED=${DTLS_ALLOWED}")
  set_tests_properties(libdtls-purity-is-checked PROPERTIES
    PASS_REGULAR_EXPRESSION "bytes in .bss[^\n]*\n +needs malloc")
endif()

# What a program does not name is not linked.
add_executable(libdtls-test-psk-only archive/psk_only.c)
dtls_warnings(libdtls-test-psk-only)
target_link_libraries(libdtls-test-psk-only PRIVATE dtls_libcrypto)
target_link_options(libdtls-test-psk-only PRIVATE LINKER:--gc-sections)
add_test(NAME libdtls-psk-only COMMAND libdtls-test-psk-only)
string(JOIN "\\;" absent dtls_key_exchange_ecdhe dtls_certificates_x509 dtls_protection_aes_128_gcm dtls_protection_chacha20_poly1305
       dtls_protection_aes_128_cbc_sha dtls_key_exchange_ecdhe_psk dtls_key_exchange_rsa dtls_client_1_0
       dtls_schemes_1_0 dtls_extension_encrypt_then_mac dtls_server_1_2
       dtls_client_hello_read dtls_cookie_judge dtls_server_open dtls_group_p256 dtls_default_cipher_suites dtls_strerror dtls_session_export
       dtls_state_read dtls_ticket_open dtls_resumption_client dtls_export_keying_material)
add_test(NAME libdtls-psk-only-is-small
  COMMAND "${CMAKE_COMMAND}" "-DPROGRAM=$<TARGET_FILE:libdtls-test-psk-only>" "-DNM=${CMAKE_NM}"
          -DPRESENT=dtls_key_exchange_psk "-DABSENT=${absent}" -P "${CMAKE_CURRENT_SOURCE_DIR}/archive/absent.cmake")
set_tests_properties(libdtls-psk-only libdtls-psk-only-is-small PROPERTIES LABELS libdtls)

# The library alone, installed, and found; what its headers and its shared libraries hold.
add_test(NAME libdtls-standalone
  COMMAND "${CMAKE_COMMAND}" "-DSOURCE=${PROJECT_SOURCE_DIR}" "-DWORK=${CMAKE_CURRENT_BINARY_DIR}/standalone"
          "-DCOMPILER=${CMAKE_C_COMPILER}" "-DCXX=${CMAKE_CXX_COMPILER}" "-DNM=${CMAKE_NM}" "-DGENERATOR=${CMAKE_GENERATOR}"
          -P "${CMAKE_CURRENT_SOURCE_DIR}/archive/standalone.cmake")
set_tests_properties(libdtls-standalone PROPERTIES LABELS libdtls TIMEOUT 300)

# The code for size, on the machine that the limits are told for.
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64" AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
  add_test(NAME libdtls-size
    COMMAND "${CMAKE_COMMAND}" "-DSOURCE=${PROJECT_SOURCE_DIR}" "-DWORK=${CMAKE_CURRENT_BINARY_DIR}/size"
            "-DCOMPILER=${CMAKE_C_COMPILER}" "-DAR=${CMAKE_AR}" "-DOBJDUMP=${CMAKE_OBJDUMP}" -DMOST=65536 -DMOST_PSK=24576
            -P "${CMAKE_CURRENT_SOURCE_DIR}/archive/size.cmake")
  set_tests_properties(libdtls-size PROPERTIES LABELS libdtls TIMEOUT 120)
endif()
