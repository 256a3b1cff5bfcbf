# SPDX-License-Identifier: MIT
# `cmake --install`: headers, static and shared libraries, the CMake package `dtls` (components core, libcrypto, posix and netx),
# the pkg-config modules `dtls`, `dtls-libcrypto`, `dtls-posix` and `dtls-netx`, the programs, and man pages where they were built.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# In a larger build `cmake --install BUILD --component libdtls` installs this part alone.
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME libdtls)
set(DTLS_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/dtls")

# dtls_install(COMPONENT LIBRARY MODULE): a component of the package with its pkg-config module.
function(dtls_install component library module)
  set(targets ${library})
  if(TARGET ${library}_shared)
    list(APPEND targets ${library}_shared)
    string(REGEX REPLACE "^dtls_" "" name ${library})
    set_target_properties(${library}_shared PROPERTIES EXPORT_NAME ${name}_shared)
  endif()
  install(TARGETS ${targets} EXPORT dtls-${component} ARCHIVE LIBRARY)
  install(EXPORT dtls-${component} NAMESPACE dtls:: FILE dtls-${component}-targets.cmake DESTINATION "${DTLS_PACKAGE_DIR}")
  configure_file(cmake/${module}.pc.in ${module}.pc @ONLY)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${module}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endfunction()

# Modules are found from where they stand. What a program that links an archive must name besides, one that links a
# shared library need not.
file(RELATIVE_PATH DTLS_PC_PREFIX "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
if(DTLS_SHARED)
  set(DTLS_PC_LIBCRYPTO "Requires: dtls\nRequires.private: libcrypto >= 3.0")
else()
  set(DTLS_PC_LIBCRYPTO "Requires: dtls, libcrypto >= 3.0")
endif()
dtls_install(core dtls dtls)
set(headers)
if(TARGET dtls_libcrypto)
  dtls_install(libcrypto dtls_libcrypto dtls-libcrypto)
else()
  list(APPEND headers PATTERN libcrypto.h EXCLUDE)
endif()
if(TARGET dtls_posix)
  dtls_install(posix dtls_posix dtls-posix)
else()
  list(APPEND headers PATTERN posix.h EXCLUDE PATTERN uv.h EXCLUDE)
endif()
install(DIRECTORY include/dtls TYPE INCLUDE ${headers})
if(TARGET dtls_netx)
  dtls_install(netx dtls_netx dtls-netx)
  install(DIRECTORY include/netx TYPE INCLUDE)
endif()

write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/dtls-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES cmake/dtls-config.cmake "${CMAKE_CURRENT_BINARY_DIR}/dtls-config-version.cmake"
        DESTINATION "${DTLS_PACKAGE_DIR}")

# Man pages, if `./dtlslab docs` or its like has made them and -DDTLS_MAN_DIR says where.
set(DTLS_MAN_DIR "" CACHE PATH "A folder of man pages to install, as `./dtlslab docs` makes it: out/docs/man")
function(dtls_install_man folder section)
  install(DIRECTORY "${DTLS_MAN_DIR}/${folder}" DESTINATION "${CMAKE_INSTALL_MANDIR}/${folder}${section}" COMPONENT man
          FILES_MATCHING ${ARGN})
endfunction()
if(DTLS_MAN_DIR)
  dtls_install_man("" man1 PATTERN "dtls-*.1" PATTERN "ko" EXCLUDE)
  dtls_install_man("" man3 PATTERN "dtls*.3" PATTERN "ko" EXCLUDE)
  if(TARGET dtls_netx)
    dtls_install_man("" man3 PATTERN "nx_*.3" PATTERN "ko" EXCLUDE)
    dtls_install_man("ko/" man3 PATTERN "nx_*.3")
  endif()
endif()
