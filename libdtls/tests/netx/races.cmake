# SPDX-License-Identifier: MIT
# Many threads at once (also under the thread sanitizer: preset tsan); what the headers say, alone and in any order.
netx_test(races races.c)
netx_test(constants constants.c)

# What the thread sanitizer watches.
add_custom_target(libdtls-netx-tests)
foreach(part races threadx-threads threadx-sync threadx-kernels threadx-inside threadx-ends threadx-walk surroundings
             net-packets net-udp net-uplink net-host net-links net-failing)
  add_dependencies(libdtls-netx-tests libdtls-test-netx-${part})
  set_tests_properties(libdtls-netx-${part} PROPERTIES LABELS "libdtls;netx-threads")
endforeach()

# Each header by itself, all of them forwards and backwards, in C and in C++, with services checked and unchecked.
file(GLOB headers RELATIVE "${PROJECT_SOURCE_DIR}/include/netx" CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/netx/*.h")
set(languages c)
if(CMAKE_CXX_COMPILER)
  list(APPEND languages cpp)
endif()
list(JOIN headers "\"\n#include \"" forwards)
set(backwards_list ${headers})
list(REVERSE backwards_list)
list(JOIN backwards_list "\"\n#include \"" backwards)
set(included)
foreach(text IN LISTS headers forwards backwards)
  string(MD5 name "${text}")
  foreach(language IN LISTS languages)
    set(file "${CMAKE_CURRENT_BINARY_DIR}/headers/${name}.${language}")
    file(CONFIGURE OUTPUT "${file}" CONTENT "#include \"${text}\"\nint netx_${name}(void);\nint netx_${name}(void) {return 0;}\n" @ONLY)
    list(APPEND included "${file}")
  endforeach()
endforeach()
foreach(kind checked unchecked)
  add_library(libdtls-test-netx-headers-${kind} OBJECT ${included})
  target_include_directories(libdtls-test-netx-headers-${kind} PRIVATE "${PROJECT_SOURCE_DIR}/include/netx" "${PROJECT_SOURCE_DIR}/include")
  target_compile_options(libdtls-test-netx-headers-${kind} PRIVATE -Wall -Wextra -pedantic -Werror)
endforeach()
target_compile_definitions(libdtls-test-netx-headers-unchecked PRIVATE NX_SECURE_DISABLE_ERROR_CHECKING)
