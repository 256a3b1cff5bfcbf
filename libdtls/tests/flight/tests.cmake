# SPDX-License-Identifier: MIT
foreach(name message_header path_mtu timer repeat reassembly)
  dtls_test(flight-${name} flight/${name}.c)
endforeach()
dtls_test(flight-flight flight/flight.c LINK dtls_libcrypto)
