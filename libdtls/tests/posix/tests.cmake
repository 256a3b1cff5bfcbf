# SPDX-License-Identifier: MIT
# Sockets and the loop, where libuv is here.
if(TARGET dtls_posix)
  dtls_test(posix-path-mtu posix/path_mtu.c LINK dtls_posix dtls_libcrypto)
  target_compile_definitions(libdtls-test-posix-path-mtu PRIVATE _GNU_SOURCE)
  target_link_options(libdtls-test-posix-path-mtu PRIVATE "LINKER:--wrap=dtls_udp_send,--wrap=dtls_udp_path_mtu")
endif()
