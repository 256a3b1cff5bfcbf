/* SPDX-License-Identifier: MIT */
#include "mutate.h"

#include <string.h>

#include "drive.h"

/* libFuzzer's mutations. Weak: programs that replay have no libFuzzer. */
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t len, size_t max_len);

#define MOST_ITEMS  64
#define MOST_PLACES 512
#define MOST_AROUND 8

/* The input under mutation. */
struct input {
    uint8_t *data;
    size_t len;
    size_t max_len;
    size_t item_extra;
    uint32_t random;
};

/* Bytes whose length stands in other places, too. */
struct place {
    size_t at;
    size_t len;
    unsigned num_around;
    struct {
        size_t at;
        unsigned width;
    } around[MOST_AROUND];
};

/* Offsets of the items, and of their end. */
struct items {
    size_t at[MOST_ITEMS + 1];
    size_t num;
};

static uint32_t next_random(struct input *input) {
    input->random ^= input->random << 13;
    input->random ^= input->random >> 17;
    input->random ^= input->random << 5;
    return input->random;
}

static size_t below(struct input *input, size_t limit) {
    return next_random(input) % limit;
}

static size_t read_number(const uint8_t *bytes, unsigned width) {
    size_t value = 0;
    for (unsigned i = 0; i < width; i++)
        value = value << 8 | bytes[i];
    return value;
}

static void write_number(uint8_t *bytes, unsigned width, size_t value) {
    for (unsigned i = 0; i < width; i++)
        bytes[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
}

/* Puts other bytes in the place of some. False: there is no room. */
static bool replace(struct input *input, size_t at, size_t len, const uint8_t *bytes, size_t new_len) {
    if (input->len - len + new_len > input->max_len)
        return false;
    memmove(input->data + at + new_len, input->data + at + len, input->len - at - len);
    memcpy(input->data + at, bytes, new_len);
    input->len = input->len - len + new_len;
    return true;
}

static size_t item_len(const struct input *input, size_t at) {
    const size_t head = read_number(input->data + at, 2);
    if (head >= DRIVE_CALL)
        return 2 + input->item_extra + (head == DRIVE_CALL + DRIVE_PATH_MTU ? 2 : 0);
    return 2 + input->item_extra + head;
}

static void find_items(const struct input *input, size_t start, struct items *out) {
    size_t at = start;
    out->num = 0;
    while (out->num < MOST_ITEMS && at + 2 + input->item_extra <= input->len &&
           at + item_len(input, at) <= input->len) {
        out->at[out->num++] = at;
        at += item_len(input, at);
    }
    out->at[out->num] = at;
}

/* A list of places that are found inside a datagram. */
struct places {
    struct place list[MOST_PLACES];
    size_t num;
};

static struct place *add_place(struct places *places, const struct place *outer, size_t at, size_t len) {
    static struct place none;
    struct place *place = places->num < MOST_PLACES ? &places->list[places->num++] : &none;
    *place = *outer;
    place->at = at;
    place->len = len;
    return place;
}

static void add_length(struct place *place, size_t at, unsigned width) {
    if (place->num_around == MOST_AROUND)
        return;
    place->around[place->num_around].at = at;
    place->around[place->num_around++].width = width;
}

/* A vector at `at`, with its length in front, within `end`. Where the next byte is; `end` if it does not fit.
 */
static size_t add_vector(const struct input *input, struct places *places, const struct place *outer,
                         size_t at, size_t end, unsigned width, struct place *out) {
    const size_t len = at + width <= end ? read_number(input->data + at, width) : end;
    if (at + width > end || len > end - at - width)
        return end;
    struct place *place = add_place(places, outer, at + width, len);
    add_length(place, at, width);
    *out = *place;
    return at + width + len;
}

/* client_version to compression_methods of a ClientHello, or their like in a ServerHello; the extensions. */
static void add_hello(const struct input *input, struct places *places, const struct place *message,
                      unsigned type) {
    const size_t end = message->at + message->len;
    struct place vector = *message;
    size_t at = message->at + 34;
    if (at > end)
        return;
    at = add_vector(input, places, message, at, end, 1, &vector);
    if (type == 1) {
        at = add_vector(input, places, message, at, end, 1, &vector);
        at = add_vector(input, places, message, at, end, 2, &vector);
        at = add_vector(input, places, message, at, end, 1, &vector);
    } else {
        at += 3;
    }
    if (at + 2 > end)
        return;
    struct place extensions = *message;
    (void)add_vector(input, places, message, at, end, 2, &extensions);
    const size_t last = extensions.at + extensions.len;
    for (at = extensions.at; at + 4 <= last;) {
        const size_t len = 4 + read_number(input->data + at + 2, 2);
        if (len > last - at)
            return;
        add_place(places, &extensions, at, len);
        at = add_vector(input, places, &extensions, at + 2, last, 2, &vector);
    }
}

/* A handshake message, whole or a fragment. */
static void add_message(const struct input *input, struct places *places, const struct place *record) {
    if (record->len < 12)
        return;
    const uint8_t *header = input->data + record->at;
    const size_t len = read_number(header + 9, 3);
    if (len > record->len - 12)
        return;
    struct place *place = add_place(places, record, record->at + 12, len);
    add_length(place, record->at + 9, 3);
    if (read_number(header + 1, 3) == len)
        add_length(place, record->at + 1, 3);
    const struct place message = *place;
    if (header[0] <= 2)
        add_hello(input, places, &message, header[0]);
    if (12 + len < record->len) {
        struct place rest = *record;
        rest.at += 12 + len;
        rest.len -= 12 + len;
        add_message(input, places, &rest);
    }
}

/* What stands between explicit nonce and tag, as far as that can be seen. */
static struct place inside(const struct input *input, const struct place *record, size_t epoch) {
    struct place place = *record;
    if (epoch == 0 || place.len < 16)
        return place;
    place.at += 8;
    place.len -= 8;
    while (place.len > 0 && input->data[place.at + place.len - 1] == 0x5a)
        place.len--;
    return place;
}

static void find_places(const struct input *input, size_t item, size_t end, struct places *out) {
    const size_t start = item + 2 + input->item_extra;
    struct place datagram = {.num_around = 0};
    out->num = 0;
    add_length(&datagram, item, 2);
    add_place(out, &datagram, start, end - start);
    for (size_t at = start; at + 13 <= end;) {
        const size_t len = read_number(input->data + at + 11, 2);
        if (len > end - at - 13)
            return;
        struct place *record = add_place(out, &datagram, at + 13, len);
        add_length(record, at + 11, 2);
        const struct place bare = inside(input, record, read_number(input->data + at + 3, 2));
        add_place(out, &bare, bare.at, bare.len);
        add_place(out, &datagram, at, 11);
        if (input->data[at] == 22)
            add_message(input, out, &bare);
        at += 13 + len;
    }
}

static void alter_place(struct input *input, const struct place *place) {
    uint8_t bytes[DRIVE_DATAGRAM];
    size_t len = place->len;
    if (len > 1400 || LLVMFuzzerMutate == NULL)
        return;
    memcpy(bytes, input->data + place->at, len);
    len = below(input, 12) == 0 ? 0 : LLVMFuzzerMutate(bytes, len, len + 64);
    const ptrdiff_t change = (ptrdiff_t)len - (ptrdiff_t)place->len;
    if (!replace(input, place->at, place->len, bytes, len))
        return;
    for (unsigned i = 0; i < place->num_around; i++) {
        uint8_t *length = input->data + place->around[i].at;
        write_number(length, place->around[i].width,
                     (size_t)((ptrdiff_t)read_number(length, place->around[i].width) + change));
    }
}

static void alter_datagram(struct input *input, const struct items *items, size_t item) {
    static struct places places;
    find_places(input, items->at[item], items->at[item + 1], &places);
    alter_place(input, &places.list[below(input, places.num)]);
}

/* An item, or another one, is put somewhere else as well; or instead. */
static void move_item(struct input *input, const struct items *items, size_t item, bool keep) {
    uint8_t bytes[DRIVE_DATAGRAM + 8];
    const size_t at = items->at[item];
    const size_t len = items->at[item + 1] - at;
    const size_t to = items->at[below(input, items->num + 1)];
    if (len > sizeof bytes)
        return;
    memcpy(bytes, input->data + at, len);
    if (!replace(input, to, 0, bytes, len) || keep)
        return;
    (void)replace(input, to <= at ? at + len : at, len, bytes, 0);
}

static void insert_call(struct input *input, const struct items *items) {
    uint8_t item[8] = {0};
    const size_t number = below(input, DRIVE_NUM_CALLS + 3);
    if (number < DRIVE_NUM_CALLS)
        write_number(item, 2, DRIVE_CALL + number);
    item[2 + input->item_extra + 1] = (uint8_t)next_random(input);
    const size_t len = 2 + input->item_extra + (number == DRIVE_PATH_MTU ? 2 : 0);
    (void)replace(input, items->at[below(input, items->num + 1)], 0, item, len);
}

/* The first message of a datagram becomes two fragments in its record, in either order. */
static void cut_message(struct input *input, const struct items *items, size_t item) {
    uint8_t fragments[DRIVE_DATAGRAM];
    const size_t at = items->at[item] + 2 + input->item_extra;
    const size_t old = items->at[item + 1] - at;
    const uint8_t *record = input->data + at;
    if (old < 27 || old > DRIVE_DATAGRAM - 24 || record[0] != 22 || read_number(record + 3, 2) != 0)
        return;
    const uint8_t *header = record + 13;
    const size_t record_len = read_number(record + 11, 2);
    const size_t offset = read_number(header + 6, 3);
    const size_t len = read_number(header + 9, 3);
    if (len < 2 || len > old - 25 || record_len < 12 + len)
        return;
    const size_t first = 1 + below(input, len - 1);
    const size_t lens[2] = {first, len - first};
    const size_t starts[2] = {0, first};
    const size_t order = below(input, 2);
    uint8_t *out = fragments;
    for (size_t i = 0; i < 2; i++) {
        const size_t part = (i + order) % 2;
        memcpy(out, header, 6);
        write_number(out + 6, 3, offset + starts[part]);
        write_number(out + 9, 3, lens[part]);
        memcpy(out + 12, header + 12 + starts[part], lens[part]);
        out += 12 + lens[part];
    }
    if (!replace(input, at + 13, 12 + len, fragments, 24 + len))
        return;
    write_number(input->data + at + 11, 2, record_len + 12);
    write_number(input->data + items->at[item], 2, old + 12);
}

static void alter_settings(struct input *input, size_t settings_len) {
    const size_t bit = below(input, 8 * settings_len);
    input->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
}

size_t mutate_script(uint8_t *data, size_t len, size_t max_len, unsigned seed, size_t settings_len,
                     bool has_state, size_t item_extra) {
    struct input input = {data, len, max_len, item_extra, seed * 2654435761U | 1U};
    struct items items;
    const size_t state = has_state ? 2 : 0;
    size_t start = settings_len + state;
    if (len < start || below(&input, 10) == 0)
        return LLVMFuzzerMutate == NULL ? len : LLVMFuzzerMutate(data, len, max_len);
    const size_t state_len = has_state ? read_number(data + settings_len, 2) : 0;
    if (state_len > 0 && state_len <= len - start && below(&input, 4) == 0) {
        struct place place = {.at = start, .len = state_len};
        add_length(&place, settings_len, 2);
        alter_place(&input, &place);
        return input.len;
    }
    start += state_len <= len - start ? state_len : 0;
    find_items(&input, start, &items);
    const size_t item = items.num == 0 ? 0 : below(&input, items.num);
    const size_t choice = items.num == 0 ? 0 : below(&input, 16);
    if (choice == 0)
        insert_call(&input, &items);
    else if (choice == 1)
        alter_settings(&input, settings_len);
    else if (choice <= 3)
        move_item(&input, &items, item, choice == 2);
    else if (choice == 4)
        (void)replace(&input, items.at[item], items.at[item + 1] - items.at[item], data, 0);
    else if (choice == 5)
        cut_message(&input, &items, item);
    else if (read_number(data + items.at[item], 2) < DRIVE_CALL)
        alter_datagram(&input, &items, item);
    return input.len;
}
