/* SPDX-License-Identifier: MIT
 *
 * Stores of certificates, pre-shared keys and groups.
 */
#include "services_pairs.h"

static NX_SECURE_X509_CERT first;
static NX_SECURE_X509_CERT second;
static UCHAR server_name[] = "server.test";
static UCHAR
    key[NX_SECURE_TLS_MAX_PSK_SIZE + NX_SECURE_TLS_MAX_PSK_ID_SIZE + 1]; /* long enough for each part */

/* A store with CERT_SERVER in it under id 7. */
#define STORE(owner, control, make, end, which)                                                              \
    static void make_##owner##_##which(void) {                                                               \
        world_make();                                                                                        \
        make;                                                                                                \
        CHECK_CODE(nx_secure_dtls_##owner##_##which##_certificate_add(                                       \
                       control, certificate_block(&first, CERT_SERVER, true), 7),                            \
                   NX_SUCCESS);                                                                              \
    }                                                                                                        \
    PAIR(owner##_##which##_certificate_add, NX_SUCCESS) {                                                    \
        make_##owner##_##which();                                                                            \
        certificate_block(&second, CERT_CLIENT, true);                                                       \
        CHECK_CODE(nx_secure_dtls_##owner##_##which##_certificate_add(control, &second, 8), expected);       \
        end;                                                                                                 \
    }                                                                                                        \
    PAIR(owner##_##which##_certificate_add, NX_INVALID_PARAMETERS) {                                         \
        make_##owner##_##which();                                                                            \
        certificate_block(&second, CERT_CLIENT, true);                                                       \
        CHECK_CODE(nx_secure_dtls_##owner##_##which##_certificate_add(control, &second, 0), expected);       \
        CHECK_CODE(nx_secure_dtls_##owner##_local_certificate_add(control, &first, 9), expected);            \
        CHECK_CODE(nx_secure_dtls_##owner##_trusted_certificate_add(control, &first, 9), expected);          \
        CHECK(second.nx_secure_x509_cert_identifier == 0 && first.nx_secure_x509_cert_identifier == 7);      \
        end;                                                                                                 \
    }                                                                                                        \
    PAIR(owner##_##which##_certificate_add, NX_SECURE_TLS_CERT_ID_DUPLICATE) {                               \
        make_##owner##_##which();                                                                            \
        certificate_block(&second, CERT_CLIENT, true);                                                       \
        CHECK_CODE(nx_secure_dtls_##owner##_##which##_certificate_add(control, &second, 7), expected);       \
        CHECK(second.nx_secure_x509_cert_identifier == 0);                                                   \
        end;                                                                                                 \
    }                                                                                                        \
    PAIR(owner##_##which##_certificate_remove, NX_SUCCESS) {                                                 \
        make_##owner##_##which();                                                                            \
        CHECK_CODE(nx_secure_dtls_##owner##_##which##_certificate_remove(control, NX_NULL, 0, 7), expected); \
        CHECK_CODE(nx_secure_dtls_##owner##_##which##_certificate_add(control, &first, 7), NX_SUCCESS);      \
        CHECK_CODE(nx_secure_dtls_##owner##_##which##_certificate_remove(control, server_name, 11, 0),       \
                   expected);                                                                                \
        CHECK_CODE(nx_secure_dtls_##owner##_##which##_certificate_add(control, &first, 7), NX_SUCCESS);      \
        CHECK_CODE(nx_secure_dtls_##owner##_##which##_certificate_remove(control, key, 4, 7), expected);     \
        end;                                                                                                 \
    }                                                                                                        \
    PAIR(owner##_##which##_certificate_remove, NX_SECURE_TLS_CERTIFICATE_NOT_FOUND) {                        \
        make_##owner##_##which();                                                                            \
        CHECK_CODE(nx_secure_dtls_##owner##_##which##_certificate_remove(control, NX_NULL, 0, 8), expected); \
        CHECK_CODE(nx_secure_dtls_##owner##_##which##_certificate_remove(control, server_name, 10, 0),       \
                   expected);                                                                                \
        CHECK_CODE(nx_secure_dtls_##owner##_##which##_certificate_remove(control, server_name, 11, 8),       \
                   expected);                                                                                \
        end;                                                                                                 \
    }

#define CLIENT client_make_bare(&client, &nx_crypto_tls_ciphers_ecc)
#define SERVER server_make_bare(&server, 2, &nx_crypto_tls_ciphers_ecc)
STORE(session, &client.session, CLIENT, client_end(&client), local)
STORE(session, &client.session, CLIENT, client_end(&client), trusted)
STORE(server, &server.control, SERVER, server_end(&server), local)
STORE(server, &server.control, SERVER, server_end(&server), trusted)

/* --- Pre-shared keys. --- */

#define KEYS(service, control, make, end)                                                                    \
    PAIR(service, NX_SUCCESS) {                                                                              \
        world_make();                                                                                        \
        make;                                                                                                \
        CHECK_CODE(nx_secure_dtls_##service(control, key, NX_SECURE_TLS_MAX_PSK_SIZE, key,                   \
                                            NX_SECURE_TLS_MAX_PSK_ID_SIZE, key,                              \
                                            NX_SECURE_TLS_MAX_PSK_ID_SIZE),                                  \
                   expected);                                                                                \
        CHECK_CODE(nx_secure_dtls_##service(control, key, 1, NX_NULL, 0, NX_NULL, 0), expected);             \
        end;                                                                                                 \
    }                                                                                                        \
    PAIR(service, NX_SECURE_TLS_NO_MORE_PSK_SPACE) {                                                         \
        world_make();                                                                                        \
        make;                                                                                                \
        const UINT too_long = NX_SECURE_TLS_MAX_PSK_ID_SIZE + 1;                                             \
        CHECK_CODE(nx_secure_dtls_##service(control, key, NX_SECURE_TLS_MAX_PSK_SIZE + 1, key, 1, key, 1),   \
                   expected);                                                                                \
        CHECK_CODE(nx_secure_dtls_##service(control, key, 1, key, too_long, key, 1), expected);              \
        CHECK_CODE(nx_secure_dtls_##service(control, key, 1, key, 1, key, too_long), expected);              \
        for (UINT i = 0; i < NX_SECURE_TLS_MAX_PSK_KEYS; i++)                                                \
            CHECK_CODE(nx_secure_dtls_##service(control, key, 1, key, 1, key, 1), NX_SUCCESS);               \
        CHECK_CODE(nx_secure_dtls_##service(control, key, 1, key, 1, key, 1), expected);                     \
        end;                                                                                                 \
    }
KEYS(psk_add, &client.session, CLIENT, client_end(&client))
KEYS(server_psk_add, &server.control, SERVER, server_end(&server))

/* --- Groups and versions. --- */

#define GROUPS(service, control, make, end)                                                                  \
    PAIR(service, NX_SUCCESS) {                                                                              \
        const USHORT groups[] = {0xABCD, 23, 23, 24};                                                        \
        world_make();                                                                                        \
        make;                                                                                                \
        CHECK_CODE(nx_secure_dtls_##service(control, groups, 4, nx_crypto_ecc_curves), expected);            \
        end;                                                                                                 \
    }                                                                                                        \
    PAIR(service, NX_INVALID_PARAMETERS) {                                                                   \
        const USHORT groups[] = {0xABCD, 1};                                                                 \
        world_make();                                                                                        \
        make;                                                                                                \
        CHECK_CODE(nx_secure_dtls_##service(control, groups, 2, nx_crypto_ecc_curves), expected);            \
        CHECK_CODE(nx_secure_dtls_##service(control, groups, 0, nx_crypto_ecc_curves), expected);            \
        end;                                                                                                 \
    }
GROUPS(ecc_initialize, &client.session, CLIENT, client_end(&client))
GROUPS(server_ecc_initialize, &server.control, SERVER, server_end(&server))

PAIR(client_protocol_version_override, NX_SUCCESS) {
    world_make();
    client_make_bare(&client, &nx_crypto_tls_ciphers_legacy);
    CHECK_CODE(nx_secure_dtls_client_protocol_version_override(&client.session, NX_SECURE_DTLS_VERSION_1_0),
               expected);
    CHECK_CODE(nx_secure_dtls_client_protocol_version_override(&client.session, NX_SECURE_DTLS_VERSION_1_2),
               expected);
    client_end(&client);
}

PAIR(server_protocol_version_override, NX_SUCCESS) {
    world_make();
    server_make_bare(&server, 1, &nx_crypto_tls_ciphers_legacy);
    CHECK_CODE(nx_secure_dtls_server_protocol_version_override(&server.control, NX_SECURE_DTLS_VERSION_1_0),
               expected);
    CHECK_CODE(nx_secure_dtls_server_protocol_version_override(&server.control, NX_SECURE_DTLS_VERSION_1_2),
               expected);
    server_end(&server);
}
