# SPDX-License-Identifier: MIT
# The NetX Secure DTLS services.
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
set(WORLD services_world.c "${PROJECT_SOURCE_DIR}/tests/support/authority.c")

# services_test(NAME SOURCE...): a program with a server and clients of services_world.h.
function(services_test name)
  netx_test(services-${name} ${ARGN} ${WORLD})
  target_link_libraries(libdtls-test-netx-services-${name} PRIVATE OpenSSL::Crypto)
endfunction()

services_test(talk services_talk.c)
