/* SPDX-License-Identifier: MIT
 *
 * From what the program has given a session to a configuration of libdtls.
 */
#include "netx/secure/session.h"

#define SECOND_NS UINT64_C(1000000000)

/* The least length of the longest message that is worth beginning with, bytes. */
#define LEAST_MESSAGE 512

/* Of datagrams, bytes: libdtls's least, and what everybody takes (dtls/config.h). */
#define LEAST_MTU 128
#define USUAL_MTU 1200

/* NX_SECURE_DTLS_MAXIMUM_RETRANSMIT_RETRIES repetitions, and the wait after the last. */
static uint64_t handshake_timeout_ns(void) {
    const uint64_t longest = (uint64_t)(NX_SECURE_DTLS_MAXIMUM_RETRANSMIT_TIMEOUT);
    uint64_t interval = NX_SECURE_DTLS_RETRANSMIT_TIMEOUT;
    uint64_t ticks = interval;
    for (UINT i = 0; i < NX_SECURE_DTLS_MAXIMUM_RETRANSMIT_RETRIES; i++) {
        interval <<= NX_SECURE_DTLS_RETRANSMIT_RETRY_SHIFT;
        if (interval > longest)
            interval = longest;
        ticks += interval;
    }
    return ticks * KERNEL_TICK_NS;
}

/* DTLS 1.2, unless the program has named another, or a table for peers of either version. */
static void choose_protocols(const session_policy *policy, bool is_client, const dtls_protocol **out) {
    size_t num = 0;
    if (policy->version != NX_SECURE_DTLS_VERSION_1_0)
        out[num++] = is_client ? &dtls_client_1_2 : &dtls_server_1_2;
    if (policy->version == NX_SECURE_DTLS_VERSION_1_0 ||
        (policy->version == 0 && netx_policy_is_of_any_version(policy->crypto_table)))
        out[num++] = is_client ? &dtls_client_1_0 : &dtls_server_1_0;
    out[num] = NULL;
}

static void choose_certificates(NX_SECURE_DTLS_SESSION *session, dtls_config *config) {
    const prepared_certificates *store = netx_session_of(session)->prepared;
    const NX_SECURE_DTLS_SERVER *server = session->nx_secure_dtls_server_parent;
    config->credentials = store->credentials;
    config->num_credentials = store->num_credentials;
    config->trust_anchors = store->anchors;
    if (server != NULL && netx_server_of((NX_SECURE_DTLS_SERVER *)(uintptr_t)server)->client_certificates > 0)
        config->client_auth = DTLS_CLIENT_AUTH_REQUIRE;
    /* Without anchors nobody can be believed: the answer to the question is no (verify.c). */
    if (store->anchors == NULL)
        config->verification = DTLS_VERIFY_APPLICATION;
    else if (session->nx_secure_dtls_tls_session.nx_secure_tls_session_certificate_callback != NULL)
        config->verification = DTLS_VERIFY_ANCHORS_AND_APPLICATION;
    else
        config->verification = DTLS_VERIFY_ANCHORS;
}

static void choose_lists(NX_SECURE_DTLS_SESSION *session, bool is_client, config_lists *out) {
    const session_policy *policy = netx_session_policy_of(session);
    const prepared_certificates *store = netx_session_of(session)->prepared;
    const psk_store *psks = netx_session_psks(session);
    /* A client without anchors could not believe a certificate. */
    bool certificates = is_client ? store->anchors != NULL || psks->num == 0 : store->num_credentials > 0;
    netx_policy_suites(policy->crypto_table, certificates, psks->num > 0, out->suites);
    choose_protocols(policy, is_client, out->protocols);
    memcpy(out->groups, policy->groups, sizeof out->groups);
}

/* What fits into a packet of the pool that datagrams are sent from. */
static size_t mtu_of(const NX_SECURE_DTLS_SESSION *session) {
    const NX_PACKET_POOL *pool =
        session->nx_secure_dtls_udp_socket->nx_udp_socket_ip_ptr->nx_ip_default_packet_pool;
    size_t payload = pool->nx_packet_pool_payload_size;
    size_t room = payload > NX_UDP_PACKET ? payload - NX_UDP_PACKET : 0;
    return room < USUAL_MTU ? room : USUAL_MTU;
}

/* The longest message that the reassembly buffer stands for and the metadata has room for. */
static UINT fit_messages(secure_session *own, dtls_config *config) {
    size_t room = own->reassembly != NULL ? own->reassembly_len : NX_SECURE_TLS_MINIMUM_MESSAGE_BUFFER_SIZE;
    if (room < LEAST_MESSAGE + NX_SECURE_DTLS_HANDSHAKE_HEADER_SIZE)
        return NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL;
    size_t longest = room - NX_SECURE_DTLS_HANDSHAKE_HEADER_SIZE;
    config->max_message = longest;
    /* Checked once, and a second time only if the messages have to be shorter. */
    if (dtls_checked_config_make(config, &own->config, NULL) != DTLS_OK)
        return NX_SECURE_TLS_INSUFFICIENT_METADATA_SPACE;
    size_t needed = own->config.handshake_size;
    if (needed <= own->handshake_len)
        return NX_SUCCESS;
    size_t shorter = (needed - own->handshake_len) * 8 / 9 + 16;
    config->max_message = shorter < longest ? longest - shorter : 0;
    if (config->max_message < LEAST_MESSAGE)
        return NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL;
    if (dtls_checked_config_make(config, &own->config, NULL) != DTLS_OK ||
        own->config.handshake_size > own->handshake_len)
        return NX_SECURE_TLS_INSUFFICIENT_METADATA_SPACE;
    return NX_SUCCESS;
}

static UINT choose(NX_SECURE_DTLS_SESSION *session, bool is_client, bool all_groups, dtls_config *config) {
    secure_session *own = netx_session_of(session);
    const NX_SECURE_TLS_CRYPTO *table = netx_session_policy_of(session)->crypto_table;
    const psk_store *psks = netx_session_psks(session);
    const NX_SECURE_X509_DNS_NAME *name =
        session->nx_secure_dtls_tls_session.nx_secure_tls_sni_extension_server_name;
    config->crypto = netx_session_crypto();
    config->key_log = netx_session_watch_of(session)->watch != NULL;
    choose_certificates(session, config);
    config->protocols = own->lists.protocols;
    config->cipher_suites = own->lists.suites;
    config->groups = all_groups ? dtls_default_groups : own->lists.groups;
    config->signature_schemes = dtls_default_signature_schemes;
    config->extensions = dtls_default_extensions;
    config->allow_legacy = netx_policy_is_legacy(table);
    if (is_client && name != NULL)
        config->peer_name = (const char *)name->nx_secure_x509_dns_name;
    if (!is_client && psks->num > 0) {
        config->psk_identity_hint.data = psks->entries[0].hint;
        config->psk_identity_hint.len = psks->entries[0].hint_len;
    }
    config->mtu = mtu_of(session);
    config->initial_timeout_ns = NX_SECURE_DTLS_RETRANSMIT_TIMEOUT * KERNEL_TICK_NS;
    config->max_timeout_ns = (uint64_t)(NX_SECURE_DTLS_MAXIMUM_RETRANSMIT_TIMEOUT)*KERNEL_TICK_NS;
    config->handshake_timeout_ns = handshake_timeout_ns();
    return config->mtu < LEAST_MTU ? NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL : NX_SUCCESS;
}

/* Whether it was checked before, with all that it points to. A name is the program's, who may write to it. */
static bool is_known(const secure_session *own, const dtls_config *config, const config_lists *lists) {
    /* As memory, which was zeroed first: padding that differs costs another check and no more. */
    const void *made_of = &own->made_of;
    const void *made_now = config;
    return own->edition == own->prepared->edition && config->peer_name == NULL &&
           memcmp(made_of, made_now, sizeof *config) == 0 && memcmp(&own->lists, lists, sizeof *lists) == 0;
}

UINT netx_engine_configure(NX_SECURE_DTLS_SESSION *session, bool is_client) {
    secure_session *own = netx_session_of(session);
    UINT status = netx_store_prepare(netx_session_certificates(session), &own->prepared);
    if (status != NX_SUCCESS)
        return status;
    config_lists lists;
    dtls_config config;
    memset(&lists, 0, sizeof lists);
    memset(&config, 0, sizeof config);
    choose_lists(session, is_client, &lists);
    if (lists.suites[0] == NULL)
        return NX_SECURE_TLS_NO_SUPPORTED_CIPHERS;
    status = choose(session, is_client, lists.groups[0] == NULL, &config);
    if (status != NX_SUCCESS || is_known(own, &config, &lists))
        return status;
    own->lists = lists;
    own->made_of = config;
    own->edition = 0;
    status = fit_messages(own, &config);
    if (status == NX_SUCCESS)
        own->edition = own->prepared->edition;
    return status;
}
