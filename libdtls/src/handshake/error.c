/* SPDX-License-Identifier: MIT
 *
 * The errors: their names, sentences and alerts (RFC 5246 section 7.2.2), one
 * row each.
 */
#include "dtls/error.h"

struct error_row {
    dtls_error error;
    dtls_alert alert;
    const char *name;
    const char *sentence;
};

#define ROW(error, alert, sentence)                                                                          \
    { error, alert, #error, sentence }

static const struct error_row rows[] = {
    ROW(DTLS_OK, DTLS_ALERT_NONE, "No error."),
    ROW(DTLS_NOTHING, DTLS_ALERT_NONE, "There is nothing to be had, or nothing happened."),
    ROW(DTLS_ERROR_ARGUMENT, DTLS_ALERT_NONE, "An argument is NULL, out of range or unknown."),
    ROW(DTLS_ERROR_NO_ROOM, DTLS_ALERT_INTERNAL_ERROR, "The memory or the buffer is too small."),
    ROW(DTLS_ERROR_STATE, DTLS_ALERT_INTERNAL_ERROR, "The connection is not in a state for this call."),
    ROW(DTLS_ERROR_CONFIG, DTLS_ALERT_NONE, "The configuration contradicts itself."),
    ROW(DTLS_ERROR_PEER_ALERT, DTLS_ALERT_NONE, "The peer ended the connection with an alert."),
    ROW(DTLS_ERROR_HANDSHAKE_TIMEOUT, DTLS_ALERT_NONE, "The handshake was not over in time."),
    ROW(DTLS_ERROR_UNEXPECTED_MESSAGE, DTLS_ALERT_UNEXPECTED_MESSAGE,
        "The peer sent a message that must not come now."),
    ROW(DTLS_ERROR_DECODE, DTLS_ALERT_DECODE_ERROR, "The peer sent a message whose lengths do not add up."),
    ROW(DTLS_ERROR_ILLEGAL_PARAMETER, DTLS_ALERT_ILLEGAL_PARAMETER,
        "The peer sent a value that is not allowed, or that was not offered."),
    ROW(DTLS_ERROR_FRAGMENTS_CONTRADICT, DTLS_ALERT_ILLEGAL_PARAMETER,
        "The peer sent fragments of one message that contradict each other."),
    ROW(DTLS_ERROR_MESSAGE_TOO_LONG, DTLS_ALERT_ILLEGAL_PARAMETER,
        "The peer sent a message longer than the configuration allows."),
    ROW(DTLS_ERROR_VERSION, DTLS_ALERT_PROTOCOL_VERSION, "There is no version in common."),
    ROW(DTLS_ERROR_NO_SHARED_SUITE, DTLS_ALERT_HANDSHAKE_FAILURE, "There is no cipher suite in common."),
    ROW(DTLS_ERROR_NO_SHARED_GROUP, DTLS_ALERT_HANDSHAKE_FAILURE, "There is no group in common."),
    ROW(DTLS_ERROR_NO_SHARED_SIGNATURE_SCHEME, DTLS_ALERT_HANDSHAKE_FAILURE,
        "There is no signature scheme in common that fits our certificates."),
    ROW(DTLS_ERROR_UNSUPPORTED_EXTENSION, DTLS_ALERT_UNSUPPORTED_EXTENSION,
        "The peer answered an extension that was not offered."),
    ROW(DTLS_ERROR_CERTIFICATE_MISSING, DTLS_ALERT_HANDSHAKE_FAILURE,
        "The peer has no certificate, and one is required."),
    ROW(DTLS_ERROR_CERTIFICATE_BAD, DTLS_ALERT_BAD_CERTIFICATE,
        "The peer's certificate does not parse, or its key is not for this use."),
    ROW(DTLS_ERROR_CERTIFICATE_UNKNOWN_AUTHORITY, DTLS_ALERT_UNKNOWN_CA,
        "The peer's certificate leads to no trusted authority."),
    ROW(DTLS_ERROR_CERTIFICATE_EXPIRED, DTLS_ALERT_CERTIFICATE_EXPIRED,
        "The peer's certificate has expired, or is not valid yet."),
    ROW(DTLS_ERROR_CERTIFICATE_NAME, DTLS_ALERT_BAD_CERTIFICATE,
        "The peer's certificate is for another name."),
    ROW(DTLS_ERROR_CERTIFICATE_REFUSED, DTLS_ALERT_CERTIFICATE_UNKNOWN,
        "The application refused the peer's certificate."),
    ROW(DTLS_ERROR_SIGNATURE, DTLS_ALERT_DECRYPT_ERROR, "The peer's signature does not verify."),
    ROW(DTLS_ERROR_KEY_SHARE, DTLS_ALERT_ILLEGAL_PARAMETER,
        "The peer's public value is not on its curve, or gives a zero secret."),
    ROW(DTLS_ERROR_PSK_UNKNOWN, DTLS_ALERT_UNKNOWN_PSK_IDENTITY, "There is no key for this PSK identity."),
    ROW(DTLS_ERROR_FINISHED, DTLS_ALERT_DECRYPT_ERROR,
        "The peer's Finished does not verify: he has another key, or somebody tampered."),
    ROW(DTLS_ERROR_SEQUENCE_EXHAUSTED, DTLS_ALERT_NONE, "A key has been used as much as it may be."),
    ROW(DTLS_ERROR_EXTENDED_MASTER_SECRET, DTLS_ALERT_HANDSHAKE_FAILURE,
        "The peer does not do extended master secret, and it is required."),
    ROW(DTLS_ERROR_RENEGOTIATION_INFO, DTLS_ALERT_HANDSHAKE_FAILURE,
        "The peer's renegotiation_info is not that of a first handshake."),
    ROW(DTLS_ERROR_CRYPTO, DTLS_ALERT_INTERNAL_ERROR, "The crypto provider failed."),
    ROW(DTLS_ERROR_CONNECTION_ID, DTLS_ALERT_HANDSHAKE_FAILURE,
        "The server asks for a connection ID longer than the configuration allows."),
    ROW(DTLS_ERROR_NO_APPLICATION_PROTOCOL, DTLS_ALERT_NO_APPLICATION_PROTOCOL,
        "There is no application protocol in common."),
    ROW(DTLS_ERROR_CERTIFICATE_UNSUPPORTED, DTLS_ALERT_UNSUPPORTED_CERTIFICATE,
        "A certificate, or its key, is not of a type that can be used here."),
    ROW(DTLS_ERROR_CERTIFICATE_REVOKED, DTLS_ALERT_CERTIFICATE_REVOKED,
        "The peer's certificate has been revoked."),
    ROW(DTLS_ERROR_CERTIFICATE_STATUS, DTLS_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE,
        "The OCSP response for the peer's certificate is not good."),
    ROW(DTLS_ERROR_PUBLIC_KEY_UNKNOWN, DTLS_ALERT_CERTIFICATE_UNKNOWN,
        "The peer's raw public key is not one of the known ones."),
    ROW(DTLS_ERROR_UNRECOGNIZED_NAME, DTLS_ALERT_UNRECOGNIZED_NAME,
        "The client looks for a name that the server does not have."),
    ROW(DTLS_ERROR_INAPPROPRIATE_FALLBACK, DTLS_ALERT_INAPPROPRIATE_FALLBACK,
        "The client has fallen back to a lower version than need be."),
    ROW(DTLS_ERROR_ABORTED, DTLS_ALERT_USER_CANCELED, "The application ended the connection."),
    ROW(DTLS_ERROR_EXPORTED, DTLS_ALERT_NONE, "The connection is carried on elsewhere."),
};

static const struct error_row *find_row(dtls_error error) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].error == error)
            return &rows[i];
    }
    return NULL;
}

const char *dtls_strerror(dtls_error error) {
    const struct error_row *row = find_row(error);
    return row != NULL ? row->sentence : "Unknown error.";
}

const char *dtls_error_name(dtls_error error) {
    const struct error_row *row = find_row(error);
    return row != NULL ? row->name : "unknown";
}

dtls_alert dtls_error_alert(dtls_error error) {
    const struct error_row *row = find_row(error);
    return row != NULL ? row->alert : DTLS_ALERT_INTERNAL_ERROR;
}

struct alert_row {
    dtls_alert alert;
    const char *name;
};

static const struct alert_row alerts[] = {
    {DTLS_ALERT_CLOSE_NOTIFY, "close_notify"},
    {DTLS_ALERT_UNEXPECTED_MESSAGE, "unexpected_message"},
    {DTLS_ALERT_BAD_RECORD_MAC, "bad_record_mac"},
    {DTLS_ALERT_RECORD_OVERFLOW, "record_overflow"},
    {DTLS_ALERT_HANDSHAKE_FAILURE, "handshake_failure"},
    {DTLS_ALERT_BAD_CERTIFICATE, "bad_certificate"},
    {DTLS_ALERT_UNSUPPORTED_CERTIFICATE, "unsupported_certificate"},
    {DTLS_ALERT_CERTIFICATE_REVOKED, "certificate_revoked"},
    {DTLS_ALERT_CERTIFICATE_EXPIRED, "certificate_expired"},
    {DTLS_ALERT_CERTIFICATE_UNKNOWN, "certificate_unknown"},
    {DTLS_ALERT_ILLEGAL_PARAMETER, "illegal_parameter"},
    {DTLS_ALERT_UNKNOWN_CA, "unknown_ca"},
    {DTLS_ALERT_ACCESS_DENIED, "access_denied"},
    {DTLS_ALERT_DECODE_ERROR, "decode_error"},
    {DTLS_ALERT_DECRYPT_ERROR, "decrypt_error"},
    {DTLS_ALERT_PROTOCOL_VERSION, "protocol_version"},
    {DTLS_ALERT_INSUFFICIENT_SECURITY, "insufficient_security"},
    {DTLS_ALERT_INTERNAL_ERROR, "internal_error"},
    {DTLS_ALERT_USER_CANCELED, "user_canceled"},
    {DTLS_ALERT_NO_RENEGOTIATION, "no_renegotiation"},
    {DTLS_ALERT_MISSING_EXTENSION, "missing_extension"},
    {DTLS_ALERT_UNSUPPORTED_EXTENSION, "unsupported_extension"},
    {DTLS_ALERT_INAPPROPRIATE_FALLBACK, "inappropriate_fallback"},
    {DTLS_ALERT_UNRECOGNIZED_NAME, "unrecognized_name"},
    {DTLS_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, "bad_certificate_status_response"},
    {DTLS_ALERT_UNKNOWN_PSK_IDENTITY, "unknown_psk_identity"},
    {DTLS_ALERT_CERTIFICATE_REQUIRED, "certificate_required"},
    {DTLS_ALERT_NO_APPLICATION_PROTOCOL, "no_application_protocol"},
};

const char *dtls_alert_name(unsigned description) {
    for (size_t i = 0; i < sizeof alerts / sizeof alerts[0]; i++) {
        if (alerts[i].alert == (dtls_alert)description)
            return alerts[i].name;
    }
    return "unknown";
}
