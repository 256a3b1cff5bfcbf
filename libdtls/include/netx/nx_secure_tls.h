/* SPDX-License-Identifier: MIT
 *
 * What NetX Secure DTLS shares with its TLS: codes, crypto tables, and the
 * inner session, whose few services a DTLS program may use.
 */
#ifndef NX_SECURE_TLS_H
#define NX_SECURE_TLS_H

#include "nx_api.h"
#include "nx_crypto.h"
#include "nx_secure_x509.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Codes. */
#define NX_SECURE_TLS_SUCCESS                           0x000
#define NX_SECURE_TLS_SESSION_UNINITIALIZED             0x101
#define NX_SECURE_TLS_UNRECOGNIZED_MESSAGE_TYPE         0x102
#define NX_SECURE_TLS_INVALID_STATE                     0x103
#define NX_SECURE_TLS_INVALID_PACKET                    0x104
#define NX_SECURE_TLS_UNKNOWN_CIPHERSUITE               0x105
#define NX_SECURE_TLS_UNSUPPORTED_CIPHER                0x106
#define NX_SECURE_TLS_HANDSHAKE_FAILURE                 0x107
#define NX_SECURE_TLS_HASH_MAC_VERIFY_FAILURE           0x108
#define NX_SECURE_TLS_TCP_SEND_FAILED                   0x109
#define NX_SECURE_TLS_INCORRECT_MESSAGE_LENGTH          0x10A
#define NX_SECURE_TLS_BAD_CIPHERSPEC                    0x10B
#define NX_SECURE_TLS_INVALID_SERVER_CERT               0x10C
#define NX_SECURE_TLS_UNSUPPORTED_PUBLIC_CIPHER         0x10D
#define NX_SECURE_TLS_NO_SUPPORTED_CIPHERS              0x10E
#define NX_SECURE_TLS_UNKNOWN_TLS_VERSION               0x10F
#define NX_SECURE_TLS_UNSUPPORTED_TLS_VERSION           0x110
#define NX_SECURE_TLS_ALLOCATE_PACKET_FAILED            0x111
#define NX_SECURE_TLS_INVALID_CERTIFICATE               0x112
#define NX_SECURE_TLS_NO_CLOSE_RESPONSE                 0x113
#define NX_SECURE_TLS_ALERT_RECEIVED                    0x114
#define NX_SECURE_TLS_FINISHED_HASH_FAILURE             0x115
#define NX_SECURE_TLS_UNKNOWN_CERT_SIG_ALGORITHM        0x116
#define NX_SECURE_TLS_CERTIFICATE_SIG_CHECK_FAILED      0x117
#define NX_SECURE_TLS_BAD_COMPRESSION_METHOD            0x118
#define NX_SECURE_TLS_CERTIFICATE_NOT_FOUND             0x119
#define NX_SECURE_TLS_INVALID_SELF_SIGNED_CERT          0x11A
#define NX_SECURE_TLS_ISSUER_CERTIFICATE_NOT_FOUND      0x11B
#define NX_SECURE_TLS_OUT_OF_ORDER_MESSAGE              0x11C
#define NX_SECURE_TLS_INVALID_REMOTE_HOST               0x11D
#define NX_SECURE_TLS_INVALID_EPOCH                     0x11E
#define NX_SECURE_TLS_REPEAT_MESSAGE_RECEIVED           0x11F
#define NX_SECURE_TLS_NEED_DTLS_SESSION                 0x120
#define NX_SECURE_TLS_NEED_TLS_SESSION                  0x121
#define NX_SECURE_TLS_SEND_ADDRESS_MISMATCH             0x122
#define NX_SECURE_TLS_NO_FREE_DTLS_SESSIONS             0x123
#define NX_SECURE_TLS_NO_MORE_PSK_SPACE                 0x125
#define NX_SECURE_TLS_NO_MATCHING_PSK                   0x126
#define NX_SECURE_TLS_CLOSE_NOTIFY_RECEIVED             0x127
#define NX_SECURE_TLS_NO_AVAILABLE_SESSIONS             0x128
#define NX_SECURE_TLS_NO_CERT_SPACE_ALLOCATED           0x129
#define NX_SECURE_TLS_PADDING_CHECK_FAILED              0x12A
#define NX_SECURE_TLS_UNSUPPORTED_CERT_SIGN_TYPE        0x12B
#define NX_SECURE_TLS_UNSUPPORTED_CERT_SIGN_ALG         0x12C
#define NX_SECURE_TLS_INSUFFICIENT_CERT_SPACE           0x12D
#define NX_SECURE_TLS_PROTOCOL_VERSION_CHANGED          0x12E
#define NX_SECURE_TLS_NO_RENEGOTIATION_ERROR            0x12F
#define NX_SECURE_TLS_UNSUPPORTED_FEATURE               0x130
#define NX_SECURE_TLS_CERTIFICATE_VERIFY_FAILURE        0x131
#define NX_SECURE_TLS_EMPTY_REMOTE_CERTIFICATE_RECEIVED 0x132
#define NX_SECURE_TLS_RENEGOTIATION_EXTENSION_ERROR     0x133
#define NX_SECURE_TLS_RENEGOTIATION_SESSION_INACTIVE    0x134
#define NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL           0x135
#define NX_SECURE_TLS_EXTENSION_NOT_FOUND               0x136
#define NX_SECURE_TLS_SNI_EXTENSION_INVALID             0x137
#define NX_SECURE_TLS_CERT_ID_INVALID                   0x138
#define NX_SECURE_TLS_CERT_ID_DUPLICATE                 0x139
#define NX_SECURE_TLS_RENEGOTIATION_FAILURE             0x13A
#define NX_SECURE_TLS_MISSING_CRYPTO_ROUTINE            0x13B
#define NX_SECURE_TLS_EMPTY_EC_GROUP                    0x13C
#define NX_SECURE_TLS_EMPTY_EC_POINT_FORMAT             0x13D
#define NX_SECURE_TLS_BAD_SERVERHELLO_KEYSHARE          0x13E
#define NX_SECURE_TLS_INSUFFICIENT_METADATA_SPACE       0x13F
#define NX_SECURE_TLS_POST_HANDSHAKE_RECEIVED           0x140
#define NX_SECURE_TLS_BAD_CLIENTHELLO_KEYSHARE          0x141
#define NX_SECURE_TLS_1_3_UNKNOWN_CIPHERSUITE           0x142
#define NX_SECURE_TLS_INVALID_SESSION_TICKET            0x143
#define NX_SECURE_TLS_MISSING_EXTENSION                 0x144
#define NX_SECURE_TLS_CERTIFICATE_REQUIRED              0x145
#define NX_SECURE_TLS_UNEXPECTED_CLIENTHELLO            0x146
#define NX_SECURE_TLS_INAPPROPRIATE_FALLBACK            0x147
#define NX_SECURE_TLS_BAD_CLIENTHELLO_PSK_EXTENSION     0x148
#define NX_SECURE_TLS_PSK_BINDER_MISMATCH               0x149
#define NX_SECURE_TLS_CRYPTO_KEYS_TOO_LARGE             0x14A
#define NX_SECURE_TLS_UNSUPPORTED_ECC_CURVE             0x14B
#define NX_SECURE_TLS_UNSUPPORTED_ECC_FORMAT            0x14C
#define NX_SECURE_TLS_UNSUPPORTED_SIGNATURE_ALGORITHM   0x14D
#define NX_SECURE_TLS_SIGNATURE_VERIFICATION_ERROR      0x14E
#define NX_SECURE_TLS_UNEXPECTED_MESSAGE                0x14F
#define NX_SECURE_TLS_AEAD_DECRYPT_FAIL                 0x150
#define NX_SECURE_TLS_RECORD_OVERFLOW                   0x151
#define NX_SECURE_TLS_HANDSHAKE_FRAGMENT_RECEIVED       0x152
#define NX_SECURE_TLS_TRANSMIT_LOCKED                   0x153
#define NX_SECURE_TLS_DOWNGRADE_DETECTED                0x154

/* Record types and the handshake messages that programs look for in datagrams. */
#define NX_SECURE_TLS_CHANGE_CIPHER_SPEC   20
#define NX_SECURE_TLS_ALERT                21
#define NX_SECURE_TLS_HANDSHAKE            22
#define NX_SECURE_TLS_APPLICATION_DATA     23
#define NX_SECURE_TLS_CLIENT_HELLO         1
#define NX_SECURE_TLS_SERVER_HELLO         2
#define NX_SECURE_TLS_HELLO_VERIFY_REQUEST 3
#define NX_SECURE_TLS_CERTIFICATE_MSG      11
#define NX_SECURE_TLS_SERVER_KEY_EXCHANGE  12
#define NX_SECURE_TLS_CERTIFICATE_REQUEST  13
#define NX_SECURE_TLS_SERVER_HELLO_DONE    14
#define NX_SECURE_TLS_CERTIFICATE_VERIFY   15
#define NX_SECURE_TLS_CLIENT_KEY_EXCHANGE  16
#define NX_SECURE_TLS_FINISHED             20

#define NX_SECURE_TLS_MINIMUM_MESSAGE_BUFFER_SIZE 4000
#define NX_SECURE_TLS_MINIMUM_CERTIFICATE_SIZE    256

/* The longest of each, bytes, and how many a session keeps. */
#define NX_SECURE_TLS_MAX_PSK_SIZE    64
#define NX_SECURE_TLS_MAX_PSK_ID_SIZE 128
#define NX_SECURE_TLS_MAX_PSK_KEYS    5

/* A crypto table: which suites a session may use. It is a name of a policy: programs pass on the address of
 * one that is defined here, or made by nx_secure_host.h, and do not look inside. */
typedef struct NX_SECURE_TLS_CRYPTO_STRUCT {
    UINT nx_secure_tls_policy; /* private, as is the rest */
    UINT nx_secure_tls_num_suites;
    const USHORT *nx_secure_tls_suites;
} NX_SECURE_TLS_CRYPTO;

/* `nx_crypto_tls_ciphers` (RSA and PSK in NetX) and `nx_crypto_tls_ciphers_ecc` (ECDHE in addition) are
 * declared by the programs that use them, since those do not agree on `const`. Here both name modern suites:
 * ECDHE with AEAD, ECDHE_PSK and PSK with AEAD. `nx_crypto_tls_ciphers_legacy` adds what devices in the field
 * need: RSA key transport, CBC, and DTLS 1.0 if the protocol version is overridden. */
extern const NX_SECURE_TLS_CRYPTO nx_crypto_tls_ciphers_legacy;

/* The same suites, for peers of which some have DTLS 1.2 and some only 1.0, as a NetX built with
 * NX_SECURE_TLS_ENABLE_TLS_1_1 has them: 1.2 is preferred, and 1.0 taken without an override. */
extern const NX_SECURE_TLS_CRYPTO nx_crypto_tls_ciphers_any_version;

/* The inner session. */
typedef struct NX_SECURE_TLS_SESSION_STRUCT {
    UINT nx_secure_tls_id;
    UINT nx_secure_tls_local_session_active;      /* our records are protected */
    UINT nx_secure_tls_remote_session_active;     /* the peer's are */
    ULONG nx_secure_tls_local_sequence_number[2]; /* of the last record sent, low word first; for reading */
    ULONG (*nx_secure_tls_session_time_function)(VOID);
    ULONG(*nx_secure_tls_session_certificate_callback)
    (struct NX_SECURE_TLS_SESSION_STRUCT *session, NX_SECURE_X509_CERT *certificate);
    NX_SECURE_X509_DNS_NAME *nx_secure_tls_sni_extension_server_name;
    ULONG64 nx_secure_tls_host[2]; /* private */
} NX_SECURE_TLS_SESSION;

/* Optional. */
VOID _nx_secure_tls_initialize(VOID);

/* How many bytes of metadata a session with this table needs. NX_SUCCESS, NX_PTR_ERROR. */
UINT _nx_secure_tls_metadata_size_calculate(const NX_SECURE_TLS_CRYPTO *cipher_table, ULONG *metadata_size);

/* A function that answers POSIX seconds: certificates' dates are then checked. Without one they are not. At
 * 0, of a clock that is not set, no certificate is valid. NX_SUCCESS, NX_PTR_ERROR. */
UINT _nx_secure_tls_session_time_function_set(NX_SECURE_TLS_SESSION *tls_session,
                                              ULONG (*time_func_ptr)(VOID));

/* A function that is shown the peer's certificate once its chain has been verified, and may refuse it with
 * any code but NX_SUCCESS, which ends the handshake. NX_SUCCESS, NX_PTR_ERROR. */
UINT _nx_secure_tls_session_certificate_callback_set(NX_SECURE_TLS_SESSION *tls_session,
                                                     ULONG (*func_ptr)(NX_SECURE_TLS_SESSION *session,
                                                                       NX_SECURE_X509_CERT *certificate));

/* A client tells the server this name (RFC 6066 section 3), from its next start on, and takes only a
 * certificate that is for it. The name stays in place as long as the session. NX_SUCCESS, NX_PTR_ERROR. */
UINT _nx_secure_tls_session_sni_extension_set(NX_SECURE_TLS_SESSION *tls_session,
                                              NX_SECURE_X509_DNS_NAME *dns_name);

/* As `nx_secure_dtls_psk_add`, and a client answers with this key whatever the server's hint.
 * NX_SUCCESS, NX_PTR_ERROR (the session is not created), NX_SECURE_TLS_NO_MORE_PSK_SPACE. */
UINT _nx_secure_tls_client_psk_set(NX_SECURE_TLS_SESSION *tls_session, UCHAR *pre_shared_key, UINT psk_length,
                                   UCHAR *psk_identity, UINT identity_length, UCHAR *hint, UINT hint_length);

#define nx_secure_tls_initialize                       _nx_secure_tls_initialize
#define nx_secure_tls_metadata_size_calculate          _nx_secure_tls_metadata_size_calculate
#define nx_secure_tls_session_time_function_set        _nx_secure_tls_session_time_function_set
#define nx_secure_tls_session_certificate_callback_set _nx_secure_tls_session_certificate_callback_set
#define nx_secure_tls_session_sni_extension_set        _nx_secure_tls_session_sni_extension_set
#define nx_secure_tls_client_psk_set                   _nx_secure_tls_client_psk_set

#ifdef __cplusplus
}
#endif

#endif
