/* SPDX-License-Identifier: MIT
 *
 * nx_secure_dtls_session_create: a client's session, in memory of the program.
 * What it computes with, what it puts messages together in and what it shows
 * of the peer's certificates stay the program's, until the session is deleted.
 */
#include "setup.h"

extern const NX_SECURE_TLS_CRYPTO nx_crypto_tls_ciphers_ecc;

/* One certificate of a server is kept for the program to look at, of up to 2,048 bytes. */
#define CERTIFICATES      1
#define CERTIFICATE_SPACE (CERTIFICATES * (sizeof(NX_SECURE_X509_CERT) + 2048))

static NX_SECURE_DTLS_SESSION session; /* of static storage, and so 0 before it is created */
static UCHAR metadata[9000];
static UCHAR reassembly[4000];
static UCHAR certificates[CERTIFICATE_SPACE];

static UINT create(ULONG metadata_size) {
    return nx_secure_dtls_session_create(&session, &nx_crypto_tls_ciphers_ecc, metadata, metadata_size,
                                         reassembly, sizeof reassembly, CERTIFICATES, certificates,
                                         sizeof certificates);
}

static VOID client(ULONG input) {
    ULONG needed;
    UINT status = nx_secure_tls_metadata_size_calculate(&nx_crypto_tls_ciphers_ecc, &needed);
    example_check("nx_secure_tls_metadata_size_calculate", status);
    example_say("9,000 bytes of metadata are %s", needed <= sizeof metadata ? "enough" : "too little");

    /* A size that was chosen too small shows at once, not in the middle of a handshake. */
    status = create(needed - 1);
    example_say("created with a byte less than needed: %s", example_code(status));

    status = create(sizeof metadata);
    if (status != NX_SUCCESS) {
        example_say("no session: %s", example_code(status));
        return;
    }
    example_say("created: %s", example_code(status));

    /* What is in use is not made again by mistake. */
    example_say("created once more: %s", example_code(create(sizeof metadata)));

    status = nx_secure_dtls_session_delete(&session);
    example_say("deleted: %s", example_code(status));
    example_say("created again: %s", example_code(create(sizeof metadata)));
    example_check("nx_secure_dtls_session_delete", nx_secure_dtls_session_delete(&session));
    (void)input;
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    example_hosts();
    example_thread("client", client, 0);
}
