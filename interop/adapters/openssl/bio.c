/* SPDX-License-Identifier: MIT
 *
 * Datagrams between OpenSSL and the laboratory. A memory BIO would run them together.
 */
#include <openssl/bio.h>
#include <pthread.h>

#include "openssl_adapter.h"

static int bio_write(BIO *bio, const char *bytes, int len) {
    adapter_put_datagram(BIO_get_data(bio), bytes, (size_t)len);
    return len;
}

static int bio_read(BIO *bio, char *out, int out_cap) {
    const size_t len = adapter_take_datagram(BIO_get_data(bio), out, (size_t)out_cap);

    BIO_clear_retry_flags(bio);
    if (len == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    return (int)len;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer) {
    (void)bio;
    (void)number;
    (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
        return OPENSSL_ETHERNET_MTU;
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return OPENSSL_FALLBACK_MTU;
    default:
        return 0;
    }
}

static BIO_METHOD *method;

static void make_method(void) {
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "dtlslab");
    if (method != NULL) {
        BIO_meth_set_write(method, bio_write);
        BIO_meth_set_read(method, bio_read);
        BIO_meth_set_ctrl(method, bio_ctrl);
    }
}

BIO *openssl_new_bio(struct adapter_session *session) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, make_method);
    BIO *bio = method != NULL ? BIO_new(method) : NULL;
    if (bio != NULL) {
        BIO_set_data(bio, session);
        BIO_set_init(bio, 1);
    }
    return bio;
}
