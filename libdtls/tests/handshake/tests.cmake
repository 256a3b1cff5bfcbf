# SPDX-License-Identifier: MIT
foreach(name constant_time error events hello machine names)
  dtls_test(handshake-${name} handshake/${name}.c)
endforeach()
foreach(name certificates config config_fields cookie extension_bodies extensions key_schedule)
  dtls_test(handshake-${name} handshake/${name}.c LINK dtls_libcrypto)
endforeach()
