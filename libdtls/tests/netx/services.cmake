# SPDX-License-Identifier: MIT
# The NetX Secure DTLS services.
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
set(WORLD services_world.c services_both.c "${PROJECT_SOURCE_DIR}/tests/support/authority.c")

# services_test(NAME SOURCE...): a program with a server and clients of services_world.h.
function(services_test name)
  netx_test(services-${name} ${ARGN} ${WORLD})
  target_link_libraries(libdtls-test-netx-services-${name} PRIVATE OpenSSL::Crypto)
endfunction()

services_test(waits services_waits.c)
services_test(idle services_idle.c services_first_support.c)
services_test(notified services_notified.c services_first_support.c)
services_test(first services_first.c services_first_support.c)
services_test(talk services_talk.c)
services_test(memory services_memory.c)
services_test(semantics services_semantics.c services_edits.c)
services_test(pools services_pools.c)
services_test(addresses services_addresses.c)
# Over the host's sockets, which have threads of their own: also under the thread sanitizer.
add_dependencies(libdtls-netx-tests libdtls-test-netx-services-addresses)
set_tests_properties(libdtls-netx-services-addresses PROPERTIES LABELS "libdtls;netx-threads")
services_test(policies services_policies.c)
services_test(again services_again.c)
services_test(records services_records.c)
services_test(deadlines services_deadlines.c)
services_test(arguments services_arguments.c)
services_test(moments services_moments.c)
set_tests_properties(libdtls-netx-services-moments PROPERTIES TIMEOUT 240)
services_test(starts services_starts.c)
services_test(begins services_begins.c)
services_test(certificates services_certificates.c services_edits.c)
target_link_options(libdtls-test-netx-services-certificates PRIVATE -Wl,--wrap=calloc -Wl,--wrap=malloc)
services_test(processor services_processor.c)
target_link_options(libdtls-test-netx-services-processor PRIVATE "LINKER:--wrap=netx_kernel_adopt")

# One test for each code of the table: services_list.h has a line for each.
set(table "${PROJECT_SOURCE_DIR}/../docs/reference/netx/services.toml")
if(NOT EXISTS "${table}")
  return()
endif()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${table}")
file(STRINGS "${table}" lines REGEX "^(\\[[a-z0-9_]+\\]|NX_[A-Z0-9_]+ = )")
set(list "/* Made from services.toml. */\n#define SERVICES_PAIRS(ROW)")
foreach(line IN LISTS lines)
  if(line MATCHES "^\\[([a-z0-9_]+)\\]")
    set(service "${CMAKE_MATCH_1}")
  elseif(NOT line MATCHES "never = true" AND line MATCHES "^(NX_[A-Z0-9_]+) = ")
    string(APPEND list " \\\n    ROW(${service}, ${CMAKE_MATCH_1})")
  endif()
endforeach()
file(CONFIGURE OUTPUT services_list.h CONTENT "${list}\n" @ONLY)

# With error checking and without: what only the former judges is called by its own names.
set(PAIRS services_pairs.c services_pairs_arguments.c services_pairs_certificates.c services_pairs_servers.c
    services_pairs_sessions.c services_pairs_data.c services_pairs_client.c services_pairs_server.c
    services_edits.c)
foreach(form pairs pairs-unchecked)
  services_test(${form} ${PAIRS})
  target_include_directories(libdtls-test-netx-services-${form} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}")
endforeach()
target_compile_definitions(libdtls-test-netx-services-pairs-unchecked PRIVATE NX_SECURE_DISABLE_ERROR_CHECKING)
