/* SPDX-License-Identifier: MIT
 *
 * The record layer (RFC 6347 section 4.1): epochs, sequence numbers, replay
 * windows, protection. It stands in the session block, knows no handshake and
 * never fails because of what came from the network: a faulty record is
 * dropped and counted.
 *
 * Epochs. Both directions begin in epoch 0, which has no keys. Keys of the
 * next epoch are installed when they are known, and come into use when the
 * direction advances, at ChangeCipherSpec. An epoch left behind goes on
 * working, for retransmissions, until it is retired, which wipes its keys.
 *
 * Receiving. A datagram is walked record by record:
 *
 *     struct dtls_record_walk walk = dtls_record_walk_of(bytes, len);
 *     struct dtls_record record;
 *     for (;;) {
 *         switch (dtls_record_next(layer, &walk, &record)) {
 *         case DTLS_RECORD_OPENED: ...  plaintext, in place
 *         case DTLS_RECORD_EARLY: ...   keep it and walk it again later, or count it as dropped
 *         case DTLS_RECORD_EXHAUSTED:   the key has met too many forgeries: the connection must end
 *         case DTLS_RECORD_UNTYPED:     authenticated, but of no type: the connection must end
 *         case DTLS_RECORD_END: ...
 *
 * Sending. The plaintext stands `dtls_record_headroom` bytes into the buffer
 * and becomes a record where it stands.
 */
#ifndef DTLS_RECORD_RECORD_H
#define DTLS_RECORD_RECORD_H

#include "dtls/connection.h"
#include "dtls/crypto.h"
#include "record/format.h"
#include "record/protection.h"
#include "record/replay.h"
#include "wire/record_header.h"

/* Epochs that one direction can hold at a time, and how many of them can have keys. */
#define DTLS_RECORD_EPOCHS       2
#define DTLS_RECORD_KEYED_EPOCHS 1

/* One epoch of one direction. */
struct dtls_epoch {
    const struct dtls_protection *protection; /* NULL: the null cipher, or the entry is free */
    void *slot;                               /* of the provider, for the key; NULL: this entry takes none */
    uint64_t sequence;                        /* writing: of the next record */
    uint64_t used;                            /* writing: blocks sealed; reading: records that did not
                                                 authenticate */
    struct dtls_replay replay;                /* reading */
    uint16_t number;
    bool live;
    uint8_t fixed_iv[DTLS_MAX_FIXED_IV];
};

struct dtls_record_layer {
    const dtls_crypto *crypto;
    dtls_statistics *statistics; /* where drops are counted; the connection's */
    struct dtls_epoch read[DTLS_RECORD_EPOCHS];
    struct dtls_epoch write[DTLS_RECORD_EPOCHS];
    uint16_t read_epoch;             /* the newest in use: the next one's records are early */
    uint16_t write_epoch;            /* the newest in use */
    struct dtls_record_way read_way; /* of protected records, once it is agreed */
    struct dtls_record_way write_way;
    uint16_t read_limit;  /* the most plaintext of a protected record; 0: DTLS_MAX_PLAINTEXT */
    uint16_t write_limit; /* the same */
    uint16_t plain_limit; /* writing: the most content of any other record; 0: DTLS_MAX_PLAINTEXT */
    uint16_t version;     /* written into headers */
    bool version_fixed;   /* negotiated: records of another version are dropped */
};

/* Bytes of provider slots that a record layer needs, a multiple of 8. */
size_t dtls_record_slots_size(const dtls_crypto *crypto);

/* Makes a record layer in epoch 0. `slots` has `dtls_record_slots_size` bytes, aligned as for any type, and
 * stays in place; so do `crypto` and `statistics`. */
void dtls_record_init(struct dtls_record_layer *layer, const dtls_crypto *crypto, dtls_statistics *statistics,
                      void *slots);

/* Wipes all keys. The layer can then write in epoch 0 and nothing else. Safe twice, and on zeroed memory. */
void dtls_record_wipe(struct dtls_record_layer *layer);

/* Sets the version that headers carry. `fixed` once it is negotiated: until then, records of every DTLS
 * version are taken (RFC 5246 appendix E.1), afterwards those of `version` and, in epoch 0 only, of DTLS 1.0
 * (which hellos may carry). */
void dtls_record_set_version(struct dtls_record_layer *layer, uint16_t version, bool fixed);

/* Sets how protected records of one direction look. What `way` points to stays in place. */
void dtls_record_set_way(struct dtls_record_layer *layer, dtls_direction direction,
                         const struct dtls_record_way *way);

/* Sets the number of the next record that is written in epoch 0 (RFC 6347 section 4.2.1: after a stateless
 * HelloVerifyRequest). */
void dtls_record_set_sequence(struct dtls_record_layer *layer, uint64_t sequence);

/* Installs the keys of `epoch` for DTLS_SEAL (writing) or DTLS_OPEN (reading): `mac_key` of the protection's
 * `mac_key_len`, `key` of its `key_len`, `fixed_iv` of its `fixed_iv_len` bytes. They are copied.
 * DTLS_ERROR_STATE: no room for another epoch. DTLS_ERROR_CRYPTO. */
dtls_error dtls_record_install(struct dtls_record_layer *layer, dtls_direction direction, uint16_t epoch,
                               const struct dtls_protection *protection, const uint8_t *mac_key,
                               const uint8_t *key, const uint8_t *fixed_iv);

/* The direction goes over to the next epoch, whose keys must be installed. DTLS_ERROR_STATE: they are not. */
dtls_error dtls_record_advance(struct dtls_record_layer *layer, dtls_direction direction);

/* Forgets an epoch of one direction and wipes its keys. Nothing happens if it is not there. */
void dtls_record_retire(struct dtls_record_layer *layer, dtls_direction direction, uint16_t epoch);

/* A datagram being walked. */
struct dtls_record_walk {
    uint8_t *bytes;
    size_t at;
    size_t len;
};

struct dtls_record_walk dtls_record_walk_of(uint8_t *bytes, size_t len);

/* Nothing is left to be walked. */
bool dtls_record_walk_ended(const struct dtls_record_walk *walk);

/* The type in the next header, and the bytes of the whole record; false if no whole record follows. */
bool dtls_record_peek(const struct dtls_record_layer *layer, const struct dtls_record_walk *walk,
                      uint8_t *out_type, size_t *out_len);

/* A record that was received. */
struct dtls_record {
    uint8_t *bytes; /* OPENED: the plaintext; EARLY: the record as it came, header included */
    size_t len;
    uint64_t sequence;
    uint16_t epoch;
    uint16_t version;
    uint8_t type; /* enum dtls_content_type; EARLY: as in the header */
    bool newest;  /* OPENED: authenticated, and no record with a higher number has been */
    bool has_cid; /* OPENED: the connection ID was there, and authenticated */
};

enum dtls_record_verdict {
    DTLS_RECORD_END = 0,   /* the datagram holds no more records */
    DTLS_RECORD_OPENED,    /* `*out_record` was accepted: counted, and marked in the replay window */
    DTLS_RECORD_EARLY,     /* `*out_record` belongs to the epoch that comes next; unopened and not counted */
    DTLS_RECORD_EXHAUSTED, /* a key has met as many forgeries as it may: DTLS_ERROR_SEQUENCE_EXHAUSTED */
    DTLS_RECORD_UNTYPED,   /* an authenticated DTLSInnerPlaintext of zeros only (RFC 9146 section 4, by way of
                              RFC 8446 section 5.4): DTLS_ERROR_UNEXPECTED_MESSAGE */
};

/* The next record that is not to be dropped; drops are counted in the statistics on the way. In epoch 0,
 * where nothing is authenticated, a repeated number is dropped but an old one is not, so that a forged high
 * number cannot shut the peer out. Application data in epoch 0 never gets past here. */
enum dtls_record_verdict dtls_record_next(struct dtls_record_layer *layer, struct dtls_record_walk *walk,
                                          struct dtls_record *out_record);

/* The most bytes of content that a record of `epoch` can hold. */
size_t dtls_record_max_content(const struct dtls_record_layer *layer, uint16_t epoch);

/* The most bytes that records of `epoch` add in front of and behind their plaintext. The epoch must be live.
 */
size_t dtls_record_headroom(const struct dtls_record_layer *layer, uint16_t epoch);
size_t dtls_record_tailroom(const struct dtls_record_layer *layer, uint16_t epoch);

/* The most bytes of content that a record of at most `cap` bytes can hold: with block ciphers more than what
 * headroom and tailroom leave. The epoch must be live. */
size_t dtls_record_room(const struct dtls_record_layer *layer, uint16_t epoch, size_t cap);

/* Makes a record of `*len` bytes of plaintext that stand at `bytes` + headroom, and sets `*len` to the bytes
 * of the record, which begins at `bytes`. DTLS_ERROR_ARGUMENT: over `dtls_record_max_content`.
 * DTLS_ERROR_NO_ROOM: `capacity`. DTLS_ERROR_STATE: no such epoch. DTLS_ERROR_SEQUENCE_EXHAUSTED.
 * DTLS_ERROR_CRYPTO. */
dtls_error dtls_record_seal(struct dtls_record_layer *layer, uint16_t epoch, uint8_t type, uint8_t *bytes,
                            size_t capacity, size_t *len);

/* The same for a batch of application data in the newest write epoch; `*out_sealed` is the number done. */
dtls_error dtls_record_seal_batch(struct dtls_record_layer *layer, dtls_record_buffer *records,
                                  size_t num_records, size_t *out_sealed);

#endif
