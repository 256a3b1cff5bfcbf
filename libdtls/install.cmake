# SPDX-License-Identifier: MIT
# `cmake --install`: headers, archives, the CMake package `dtls` (targets dtls::dtls, dtls::libcrypto and, with libuv,
# dtls::posix), the pkg-config modules `dtls`, `dtls-libcrypto`, `dtls-posix`, the programs dtls-client and dtls-server.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(DTLS_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/dtls")

install(TARGETS dtls dtls_libcrypto EXPORT dtls ARCHIVE)
install(DIRECTORY include/dtls TYPE INCLUDE)
install(EXPORT dtls NAMESPACE dtls:: FILE dtls-targets.cmake DESTINATION "${DTLS_PACKAGE_DIR}")
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/dtls-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES cmake/dtls-config.cmake "${CMAKE_CURRENT_BINARY_DIR}/dtls-config-version.cmake"
        DESTINATION "${DTLS_PACKAGE_DIR}")

foreach(module dtls dtls-libcrypto)
  configure_file(cmake/${module}.pc.in ${module}.pc @ONLY)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${module}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endforeach()

# With libuv: the archive dtls::posix and the programs.
if(TARGET dtls_posix)
  install(TARGETS dtls_posix EXPORT dtls-posix ARCHIVE)
  install(EXPORT dtls-posix NAMESPACE dtls:: FILE dtls-posix-targets.cmake DESTINATION "${DTLS_PACKAGE_DIR}")
  configure_file(cmake/dtls-posix.pc.in dtls-posix.pc @ONLY)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/dtls-posix.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endif()
