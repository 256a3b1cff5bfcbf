/* SPDX-License-Identifier: MIT
 *
 * Extensions and services of wolfSSL: what is asked for, and what came of it.
 *
 * Not here: "ocsp", whose responses its server gets from a responder by itself
 * and takes from nobody else; "srtp", "rsl", "rpk" and "cid", which this build
 * is without.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>

#include "wolfssl_adapter.h"

#define SMALLEST_FRAGMENT 512u

static const struct wolfssl_context *context_of(const struct adapter_session *session) {
    return session->endpoint->context;
}

/* The code of RFC 6066 section 4: 1 for 512 bytes, 2 for 1,024 and so on. 0: there is none. */
static unsigned char fragment_code(uint32_t len) {
    for (unsigned code = WOLFSSL_MFL_2_9; code <= WOLFSSL_MFL_2_12; code++) {
        if (len == SMALLEST_FRAGMENT << (code - 1))
            return (unsigned char)code;
    }
    return 0;
}

/* The library wants one text, with commas. */
static char *protocol_list(const struct dtlslab_config *config) {
    const uint32_t num = config->num_application_protocols;
    size_t len = 0;

    for (uint32_t i = 0; i < num; i++)
        len += config->application_protocols[i].len + 1u;
    char *list = calloc(1, len + 1);
    len = 0;
    for (uint32_t i = 0; list != NULL && i < num; i++) {
        const struct dtlslab_bytes *name = &config->application_protocols[i];

        if (memchr(name->data, ',', name->len) != NULL || memchr(name->data, 0, name->len) != NULL) {
            free(list);
            return NULL;
        }
        if (i > 0)
            list[len++] = ',';
        memcpy(list + len, name->data, name->len);
        len += name->len;
    }
    return list;
}

int32_t wolfssl_use_features(struct wolfssl_context *context, const struct dtlslab_config *config,
                             char *message) {
    const uint32_t fragment = config->max_fragment_length;

    if (config->encrypt_then_mac != DTLSLAB_DEFAULT)
        wolfSSL_CTX_AllowEncryptThenMac(context->ctx, config->encrypt_then_mac == DTLSLAB_ON);
    if (fragment != 0 &&
        (fragment_code(fragment) == 0 ||
         wolfSSL_CTX_UseMaxFragment(context->ctx, fragment_code(fragment)) != WOLFSSL_SUCCESS)) {
        return adapter_refuse(DTLSLAB_INVALID, message, "max_fragment_length cannot be %u", fragment);
    }
    if (config->num_application_protocols > 0) {
        context->protocols = protocol_list(config);
        if (context->protocols == NULL) {
            return adapter_refuse(DTLSLAB_UNSUPPORTED, message,
                                  "wolfSSL takes no application protocol with a comma or a zero in its name");
        }
    }
    context->exporter_label = config->exporter_label != NULL ? strdup(config->exporter_label) : NULL;
    return DTLSLAB_OK;
}

void wolfssl_free_features(struct wolfssl_context *context) {
    free(context->protocols);
    free(context->exporter_label);
}

int wolfssl_set_features(WOLFSSL *ssl, const struct wolfssl_context *context) {
    return context->protocols == NULL ||
           wolfSSL_UseALPN(ssl, context->protocols, (unsigned)strlen(context->protocols),
                           WOLFSSL_ALPN_FAILED_ON_MISMATCH) == WOLFSSL_SUCCESS;
}

static void describe_names(WOLFSSL *ssl, int is_server, struct dtlslab_session_info *out) {
    char *protocol = NULL;
    unsigned short protocol_len = 0;

    if (wolfSSL_ALPN_GetProtocol(ssl, &protocol, &protocol_len) == WOLFSSL_SUCCESS)
        adapter_tell_protocol(out, protocol, protocol_len);
    if (is_server) {
        void *name = NULL;
        const unsigned short name_len = wolfSSL_SNI_GetRequest(ssl, WOLFSSL_SNI_HOST_NAME, &name);

        adapter_tell_server_name(out, name, name_len);
    } else {
        const char *hint = wolfSSL_get_psk_identity_hint(ssl);

        adapter_tell_hint(out, hint, hint != NULL ? strlen(hint) : 0);
    }
}

void wolfssl_describe(const struct adapter_session *session, struct dtlslab_session_info *out) {
    WOLFSSL *ssl = ((struct wolfssl_tls *)session->tls)->ssl;
    const char *label = context_of(session)->exporter_label;

    describe_names(ssl, session->endpoint->role == DTLSLAB_SERVER, out);
    if (label != NULL && wolfSSL_export_keying_material(ssl, out->exported, sizeof out->exported, label,
                                                        strlen(label), NULL, 0, 0) == WOLFSSL_SUCCESS) {
        out->exported_len = sizeof out->exported;
    }
}
