# SPDX-License-Identifier: MIT
set(DTLS_SOURCES
  threadx/adopt.c threadx/byte_pool.c threadx/enter.c threadx/event_flags.c threadx/message_queue.c threadx/mutex.c
  threadx/run.c threadx/schedule.c threadx/semaphore.c threadx/threads.c threadx/time.c
  net/host.c net/host_address.c net/ip.c net/packet.c net/pool.c net/switch.c net/udp.c
  secure/arrivals.c secure/certificate.c secure/checks_server.c secure/checks_session.c secure/codes.c secure/configure.c
  secure/cookies.c secure/credentials.c
  secure/data.c secure/dispatch.c secure/end.c secure/engine.c secure/name.c secure/policy.c secure/provider.c secure/psk.c
  secure/queue.c secure/server.c secure/server_options.c secure/session.c secure/start.c secure/store.c secure/verify.c
  secure/waiting.c secure/watch.c)
