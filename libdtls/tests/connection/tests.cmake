# SPDX-License-Identifier: MIT
# Connections in pairs: client against server over a network in memory; and against OpenSSL.
set(PAIR connection/pair.c support/authority.c)
foreach(name connection_id extensions fallback handshake loss memory path_known suites)
  dtls_test(connection-${name} connection/${name}.c ${PAIR} LINK dtls_libcrypto)
endforeach()
foreach(name ending failures hostile repetition)
  dtls_test(connection-${name} connection/${name}.c connection/edit.c ${PAIR} LINK dtls_libcrypto)
endforeach()

find_package(OpenSSL 3.0 REQUIRED COMPONENTS SSL)
dtls_test(interop-openssl interop/openssl.c ${PAIR} LINK dtls_libcrypto OpenSSL::SSL)

# Sessions that outlive a connection.
foreach(name exporter srtp transfer)
  dtls_test(connection-${name} connection/${name}.c ${PAIR} LINK dtls_libcrypto)
endforeach()
foreach(name resumption resumption_interface transfer_bytes)
  dtls_test(connection-${name} connection/${name}.c connection/sessions.c ${PAIR} LINK dtls_libcrypto)
endforeach()
dtls_test(connection-rsa connection/rsa.c ${PAIR} LINK dtls_libcrypto)
dtls_test(connection-faults connection/faults.c connection/sessions.c support/faulty.c ${PAIR} LINK dtls_libcrypto)

# Who a peer is: OCSP stapling, raw public keys, the server's name.
dtls_test(connection-status connection/status.c connection/edit.c connection/sessions.c ${PAIR} LINK dtls_libcrypto)
foreach(name raw_public_keys raw_public_keys_fields)
  dtls_test(connection-${name} connection/${name}.c connection/raw_keys.c connection/edit.c connection/sessions.c ${PAIR}
    LINK dtls_libcrypto)
endforeach()
dtls_test(connection-server_name connection/server_name.c connection/sessions.c ${PAIR} LINK dtls_libcrypto)
pkg_check_modules(GNUTLS IMPORTED_TARGET gnutls>=3.6.6)
if(GNUTLS_FOUND)
  dtls_test(interop-gnutls interop/gnutls.c ${PAIR} LINK dtls_libcrypto PkgConfig::GNUTLS)
endif()
dtls_test(connection-state_walk connection/state_walk.c connection/edit.c connection/sessions.c ${PAIR} LINK dtls_libcrypto)
dtls_test(connection-seldom connection/seldom.c connection/edit.c connection/sessions.c ${PAIR} LINK dtls_libcrypto)
