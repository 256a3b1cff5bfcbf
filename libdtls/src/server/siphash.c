/* SPDX-License-Identifier: MIT */
#include "server/siphash.h"

struct state {
    uint64_t v0, v1, v2, v3;
};

static uint64_t rotate(uint64_t value, unsigned bits) {
    return value << bits | value >> (64 - bits);
}

static uint64_t little_endian(const uint8_t *bytes, size_t len) {
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

static void rounds(struct state *s, unsigned num) {
    for (unsigned i = 0; i < num; i++) {
        s->v0 += s->v1;
        s->v2 += s->v3;
        s->v1 = rotate(s->v1, 13) ^ s->v0;
        s->v3 = rotate(s->v3, 16) ^ s->v2;
        s->v0 = rotate(s->v0, 32);
        s->v2 += s->v1;
        s->v0 += s->v3;
        s->v1 = rotate(s->v1, 17) ^ s->v2;
        s->v3 = rotate(s->v3, 21) ^ s->v0;
        s->v2 = rotate(s->v2, 32);
    }
}

static void absorb(struct state *s, uint64_t word) {
    s->v3 ^= word;
    rounds(s, 2);
    s->v0 ^= word;
}

uint64_t dtls_siphash(const uint8_t key[16], const uint8_t *data, size_t len) {
    const uint64_t k0 = little_endian(key, 8);
    const uint64_t k1 = little_endian(key + 8, 8);
    struct state s = {.v0 = k0 ^ UINT64_C(0x736f6d6570736575),
                      .v1 = k1 ^ UINT64_C(0x646f72616e646f6d),
                      .v2 = k0 ^ UINT64_C(0x6c7967656e657261),
                      .v3 = k1 ^ UINT64_C(0x7465646279746573)};
    size_t at = 0;
    for (; len - at >= 8; at += 8)
        absorb(&s, little_endian(data + at, 8));
    absorb(&s, (uint64_t)len << 56 | little_endian(data + at, len - at));
    s.v2 ^= 0xff;
    rounds(&s, 4);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
