# SPDX-License-Identifier: MIT
# What the archives promise to a linker. A sanitizer adds symbols of its own, so these run in other builds.
if(NOT DTLSLAB_SANITIZE)
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
