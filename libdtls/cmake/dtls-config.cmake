# SPDX-License-Identifier: MIT
# find_package(dtls): dtls::dtls is the core, dtls::libcrypto the provider over OpenSSL's libcrypto.
include(CMakeFindDependencyMacro)
find_dependency(OpenSSL 3.0 COMPONENTS Crypto)
include("${CMAKE_CURRENT_LIST_DIR}/dtls-targets.cmake")
