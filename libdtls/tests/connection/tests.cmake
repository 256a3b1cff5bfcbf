# SPDX-License-Identifier: MIT
foreach(name handshake)
  dtls_test(connection-${name} connection/${name}.c connection/pair.c support/authority.c LINK dtls_libcrypto)
endforeach()
