# SPDX-License-Identifier: MIT
# Many sessions behind one socket.
foreach(name many association budgets delivering interface moving)
  dtls_test(server-${name} server/${name}.c server/clients.c LINK dtls_libcrypto)
endforeach()
