# SPDX-License-Identifier: MIT
set(DTLS_SOURCES
  all_suites.c application.c certificates.c checked_config.c client_1_2.c config.c config_check.c connection.c constant_time.c
  cookie.c default_extensions.c default_groups.c default_schemes.c default_suites.c ecdhe.c ecdhe_params.c
  ecdhe_psk.c error.c events.c
  extension_encrypt_then_mac.c extension_extended_master_secret.c extension_renegotiation_info.c
  extension_server_name.c extensions.c extensions_ecdhe.c groups.c hello.c key_schedule.c machine.c names.c
  path.c
  psk.c questions.c receiving.c schemes.c sending.c server_1_2.c steps.c suites_cbc.c suites_ecdhe.c suites_ecdhe_psk.c
  suites_psk.c transcript.c)

# Resumption, exporters, and connections on the move.
list(APPEND DTLS_SOURCES
  exporter.c extension_session_ticket.c extension_use_srtp.c resumption.c resumption_client.c resumption_server.c
  session_state.c tickets.c transfer.c)


# What the application knows of the path.
list(APPEND DTLS_SOURCES connection_ids.c path_known.c)

# What is legacy: RSA key transport, DTLS 1.0.
list(APPEND DTLS_SOURCES rsa.c schemes_1_0.c suites_rsa.c usable.c)

# Extensions that a configuration may name besides the default ones.
list(APPEND DTLS_SOURCES
  extension_alpn.c extension_connection_id.c extension_max_fragment_length.c extension_record_size_limit.c
  extension_status_request.c raw_public_keys.c)
