# SPDX-License-Identifier: MIT
# find_package(dtls): dtls::dtls is the core, dtls::libcrypto the provider over OpenSSL's libcrypto,
# dtls::posix (where it was built, and libuv is here) sockets and an event loop.
include(CMakeFindDependencyMacro)
find_dependency(OpenSSL 3.0 COMPONENTS Crypto)
include("${CMAKE_CURRENT_LIST_DIR}/dtls-targets.cmake")
if(EXISTS "${CMAKE_CURRENT_LIST_DIR}/dtls-posix-targets.cmake")
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(LIBUV QUIET IMPORTED_TARGET libuv)
  endif()
  if(LIBUV_FOUND)
    include("${CMAKE_CURRENT_LIST_DIR}/dtls-posix-targets.cmake")
  endif()
endif()
