# SPDX-License-Identifier: MIT
# find_package(dtls [COMPONENTS core libcrypto posix netx]): static libraries dtls::dtls, dtls::libcrypto (the provider
# over OpenSSL's), dtls::posix (sockets, and a libuv loop) and dtls::netx (the NetX Secure DTLS services; with libcrypto);
# shared ones dtls::dtls_shared, dtls::libcrypto_shared, dtls::posix_shared and dtls::netx_shared. Without COMPONENTS: all that were installed and whose own libraries are here.
include(CMakeFindDependencyMacro)

set(_dtls_asked ${dtls_FIND_COMPONENTS})
if(NOT _dtls_asked)
  set(_dtls_asked core libcrypto posix netx)
endif()
if(netx IN_LIST _dtls_asked)
  list(APPEND _dtls_asked libcrypto)
endif()
set(_dtls_libcrypto_needs OpenSSL 3.0 COMPONENTS Crypto)
set(_dtls_posix_needs PkgConfig)
set(_dtls_netx_needs Threads)

include("${CMAKE_CURRENT_LIST_DIR}/dtls-core-targets.cmake")
set(dtls_core_FOUND TRUE)
foreach(_dtls_component libcrypto posix netx)
  set(_dtls_targets "${CMAKE_CURRENT_LIST_DIR}/dtls-${_dtls_component}-targets.cmake")
  if(NOT _dtls_component IN_LIST _dtls_asked OR NOT EXISTS "${_dtls_targets}")
    continue()
  endif()
  find_package(${_dtls_${_dtls_component}_needs} QUIET)
  if(_dtls_component STREQUAL "posix" AND PkgConfig_FOUND AND NOT TARGET PkgConfig::LIBUV)
    pkg_check_modules(LIBUV QUIET IMPORTED_TARGET GLOBAL libuv>=1.38)
  endif()
  if((_dtls_component STREQUAL "libcrypto" AND TARGET OpenSSL::Crypto) OR
     (_dtls_component STREQUAL "posix" AND TARGET PkgConfig::LIBUV) OR
     (_dtls_component STREQUAL "netx" AND TARGET Threads::Threads AND dtls_libcrypto_FOUND))
    include("${_dtls_targets}")
    set(dtls_${_dtls_component}_FOUND TRUE)
  endif()
endforeach()

foreach(_dtls_component IN LISTS dtls_FIND_COMPONENTS)
  if(NOT dtls_${_dtls_component}_FOUND AND dtls_FIND_REQUIRED_${_dtls_component})
    set(dtls_FOUND FALSE)
    set(dtls_NOT_FOUND_MESSAGE "component ${_dtls_component} was not installed, or the library that it needs is not here")
  endif()
endforeach()
