# SPDX-License-Identifier: MIT
# Sockets and the loop, where libuv is here.
if(TARGET dtls_posix)
  dtls_test(posix-path-mtu posix/path_mtu.c LINK dtls_posix dtls_libcrypto)
  target_compile_definitions(libdtls-test-posix-path-mtu PRIVATE _GNU_SOURCE)
  target_link_options(libdtls-test-posix-path-mtu PRIVATE "LINKER:--wrap=dtls_udp_send,--wrap=dtls_udp_path_mtu")
endif()

# The same when the system refuses.
if(TARGET dtls_posix AND DTLS_HAVE_MMSG)
  dtls_test(posix-failing posix/failing.c connection/pair.c support/authority.c LINK dtls_posix dtls_libcrypto)
  target_compile_definitions(libdtls-test-posix-failing PRIVATE _GNU_SOURCE)
  foreach(name socket bind fcntl getaddrinfo recvmmsg sendmmsg calloc)
    target_link_options(libdtls-test-posix-failing PRIVATE "LINKER:--wrap=${name}")
  endforeach()
endif()
