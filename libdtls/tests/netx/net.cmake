# SPDX-License-Identifier: MIT
# Packets, IP instances and UDP sockets.
netx_test(net-packets net_packets.c)
netx_test(net-udp net_udp.c net_world.c)
netx_test(net-uplink net_uplink.c net_world.c)
netx_test(net-host net_host.c)
netx_test(net-malformed net_malformed.c net_world.c)
netx_test(net-links net_links.c net_world.c)
netx_test(net-failing net_failing.c net_world.c)
foreach(call malloc calloc mmap epoll_create1 epoll_ctl epoll_wait eventfd socket bind getsockname sendmsg recvmsg pthread_create
             pthread_cond_init pthread_cond_wait)
  target_link_options(libdtls-test-netx-net-failing PRIVATE "LINKER:--wrap=${call}")
endforeach()
netx_test(net-from net_from.c net_world.c)
foreach(call bind sendmsg recvmsg getifaddrs freeifaddrs)
  target_link_options(libdtls-test-netx-net-from PRIVATE "LINKER:--wrap=${call}")
endforeach()
