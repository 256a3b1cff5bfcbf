/* SPDX-License-Identifier: MIT
 *
 * From the contract's configuration to what a program gives the services.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "netx_adapter.h"

extern const NX_SECURE_TLS_CRYPTO nx_crypto_tls_ciphers_ecc;

/* DTLS 1.0 is spoken by the override, or beside 1.2 by a table that has both. */
static int32_t use_version(struct netx_settings *settings, const struct dtlslab_config *config,
                           char *message) {
    settings->table = nx_crypto_tls_ciphers_ecc;
    if (config->max_version == NX_SECURE_DTLS_VERSION_1_0) {
        settings->version = NX_SECURE_DTLS_VERSION_1_0;
        settings->table = nx_crypto_tls_ciphers_legacy;
    } else if (config->min_version == NX_SECURE_DTLS_VERSION_1_0) {
        settings->table = nx_crypto_tls_ciphers_any_version;
        if (config->cipher_suites.num > 0)
            return adapter_refuse(DTLSLAB_UNSUPPORTED, message,
                                  "a NetX table of chosen suites is for one version of DTLS");
    }
    return DTLSLAB_OK;
}

static int32_t use_algorithms(struct netx_settings *settings, const struct dtlslab_config *config,
                              char *message) {
    if (config->cipher_suites.num > NETX_MAX_SUITES || config->groups.num > NETX_MAX_GROUPS)
        return adapter_refuse(DTLSLAB_INVALID, message, "more than %d cipher suites or %d groups",
                              NETX_MAX_SUITES, NETX_MAX_GROUPS);
    for (uint32_t i = 0; i < config->cipher_suites.num; i++)
        settings->suites[i] = config->cipher_suites.codes[i];
    if (config->cipher_suites.num > 0 &&
        nx_host_crypto_table_make(&settings->table, settings->suites, config->cipher_suites.num, NX_TRUE) !=
            NX_SUCCESS) {
        return adapter_refuse(DTLSLAB_INVALID, message, "the cipher suites make no table");
    }
    for (uint32_t i = 0; i < config->groups.num; i++)
        settings->groups[i] = config->groups.codes[i];
    settings->num_groups = (USHORT)config->groups.num;
    return DTLSLAB_OK;
}

static int32_t use_psk(struct netx_settings *settings, const struct dtlslab_config *config, char *message) {
    if (config->psk_identity.len > sizeof settings->psk_identity ||
        config->psk_key.len > sizeof settings->psk_key || config->psk_hint.len > sizeof settings->psk_hint) {
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message,
                              "NetX keeps identities and hints up to %zu bytes and keys up to %zu",
                              sizeof settings->psk_identity, sizeof settings->psk_key);
    }
    settings->has_psk = config->psk_key.len > 0;
    settings->psk_identity_len = config->psk_identity.len;
    settings->psk_key_len = config->psk_key.len;
    settings->psk_hint_len = config->psk_hint.len;
    if (config->psk_identity.len > 0)
        memcpy(settings->psk_identity, config->psk_identity.data, config->psk_identity.len);
    if (config->psk_key.len > 0)
        memcpy(settings->psk_key, config->psk_key.data, config->psk_key.len);
    if (config->psk_hint.len > 0)
        memcpy(settings->psk_hint, config->psk_hint.data, config->psk_hint.len);
    return DTLSLAB_OK;
}

/* Peers are verified always, and a server that asks for a certificate demands it. */
static int32_t use_authentication(struct netx_settings *settings, const struct dtlslab_config *config,
                                  char *message) {
    const int is_server = config->role == DTLSLAB_SERVER;
    const int judges = is_server ? config->client_auth != DTLSLAB_CLIENT_AUTH_NONE
                                 : config->psk_key.len == 0 || config->server_name != NULL;

    if (is_server && config->client_auth == DTLSLAB_CLIENT_AUTH_REQUEST)
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message,
                              "a NetX server that asks for a certificate demands it");
    if (judges && config->trust_anchors.len == 0)
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message,
                              "NetX verifies every certificate: trust anchors are missing");
    settings->asks_for_certificate = judges && is_server;
    if (!is_server && config->server_name != NULL) {
        const size_t len = strlen(config->server_name);

        if (len > NX_SECURE_X509_DNS_NAME_MAX ||
            nx_secure_x509_dns_name_initialize(&settings->server_name, (const UCHAR *)config->server_name,
                                               (USHORT)len) != NX_SUCCESS) {
            return adapter_refuse(DTLSLAB_INVALID, message, "the server name is empty or too long");
        }
    }
    return DTLSLAB_OK;
}

static int32_t read_settings(struct netx_settings *settings, const struct dtlslab_config *config,
                             char *message) {
    int32_t result = use_version(settings, config, message);

    settings->mtu = config->mtu;
    if (result == DTLSLAB_OK && config->mtu != 0 && config->mtu < NETX_MIN_MTU)
        result = adapter_refuse(DTLSLAB_UNSUPPORTED, message, "packets for an MTU below %d are too small",
                                NETX_MIN_MTU);
    if (result == DTLSLAB_OK)
        result = use_algorithms(settings, config, message);
    if (result == DTLSLAB_OK)
        result = use_psk(settings, config, message);
    return result == DTLSLAB_OK ? use_authentication(settings, config, message) : result;
}

/* Powers the device on. */
static int32_t begin(struct netx_device *device, const struct dtlslab_config *config, char *message) {
    device->kernel = tx_host_kernel_create(TX_HOST_TIME_STEPPED);
    if (device->kernel == NULL)
        return adapter_refuse(DTLSLAB_FAILED, message, "there is no memory for a kernel");
    tx_host_set_calendar(device->kernel, (int64_t)config->calendar_seconds);
    tx_host_kernel_use(device->kernel);
    UINT status = netx_network_make(device);
    if (status == NX_SUCCESS && config->role == DTLSLAB_SERVER)
        status = netx_server_make(device);
    tx_host_kernel_use(NULL);
    if (status != NX_SUCCESS)
        return adapter_refuse(DTLSLAB_FAILED, message, "the device does not start: %s",
                              netx_code_name(status));
    return DTLSLAB_OK;
}

int32_t netx_configure(struct dtlslab_endpoint *endpoint, const struct dtlslab_config *config,
                       char *message) {
    struct netx_device *device = calloc(1, sizeof *device);

    if (device == NULL)
        return adapter_refuse(DTLSLAB_FAILED, message, "there is no memory for a device");
    device->endpoint = endpoint;
    device->deadline = DTLSLAB_NO_DEADLINE;
    int32_t result = read_settings(&device->settings, config, message);
    if (result == DTLSLAB_OK)
        result = netx_read_credentials(&device->credentials, config, message);
    if (result == DTLSLAB_OK)
        result = begin(device, config, message);
    if (result != DTLSLAB_OK) {
        netx_free_context(device);
        return result;
    }
    endpoint->context = device;
    return DTLSLAB_OK;
}

/* Powers the device off: its threads end where they wait, and nothing is sent. */
void netx_free_context(void *context) {
    struct netx_device *device = context;

    if (device->kernel != NULL) {
        tx_host_kernel_use(device->kernel);
        netx_server_end(device);
        netx_clients_end(device);
        tx_host_kernel_use(NULL);
        tx_host_kernel_destroy(device->kernel);
    }
    netx_clients_free(device);
    free(device->server); /* its threads have ended with the kernel */
    netx_free_credentials(&device->credentials);
    explicit_bzero(&device->settings, sizeof device->settings);
    free(device);
}
