# SPDX-License-Identifier: MIT
# `cmake --install`: headers, archives, the CMake package `dtls` (targets dtls::dtls and dtls::libcrypto) and the
# pkg-config modules `dtls` and `dtls-libcrypto`.
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
