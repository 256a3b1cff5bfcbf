# SPDX-License-Identifier: MIT
# Packets, IP instances and UDP sockets.
foreach(part packets udp host)
  netx_test(net-${part} net_${part}.c)
endforeach()
