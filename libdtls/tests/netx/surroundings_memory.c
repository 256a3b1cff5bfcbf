/* SPDX-License-Identifier: MIT
 *
 * Byte pools.
 */
#include "surroundings.h"

static UINT answer;

static TX_BYTE_POOL pool;
static ULONG64 memory[64];
static VOID *piece;
static VOID *pieces[3];

static TX_BYTE_POOL *pool_of(ULONG size) {
    memset(&pool, 0, sizeof pool);
    CHECK_CODE(tx_byte_pool_create(&pool, NULL, (UCHAR *)memory + 1, size), TX_SUCCESS);
    return &pool;
}

static TX_BYTE_POOL *no_byte_pool(void) {
    CHECK_CODE(tx_byte_pool_delete(pool_of(200)), TX_SUCCESS);
    return &pool;
}

/* One that three pieces of 100 bytes fill. */
static TX_BYTE_POOL *full_pool(void) {
    pool_of(15 + 3 * (16 + 112) + 16);
    for (int i = 0; i < 3; i++)
        CHECK_CODE(tx_byte_allocate(&pool, &pieces[i], 100, TX_NO_WAIT), TX_SUCCESS);
    CHECK(pool.tx_byte_pool_available == 0);
    return &pool;
}

static void release_all(void) {
    VOID *other;
    CHECK_CODE(tx_byte_release(pieces[0]), TX_SUCCESS);
    CHECK(pool.tx_byte_pool_suspended_count == 1);                            /* it wants more */
    CHECK_CODE(tx_byte_allocate(&pool, &other, 1, TX_NO_WAIT), TX_NO_MEMORY); /* and comes first */
    CHECK_CODE(tx_byte_release(pieces[2]), TX_SUCCESS);
    CHECK(pool.tx_byte_pool_suspended_count == 1); /* and in one piece */
    CHECK_CODE(tx_byte_release(pieces[1]), TX_SUCCESS);
}

static void delete_pool(void) {
    CHECK_CODE(tx_byte_pool_delete(&pool), TX_SUCCESS);
}

ROW(tx_byte_pool_create, TX_SUCCESS) {
    CHECK_CODE(tx_byte_pool_create(no_byte_pool(), NULL, memory, 16 + 128 + 16), expected);
    CHECK(pool.tx_byte_pool_available >= 112);
}

ROW(tx_byte_pool_create, TX_POOL_ERROR) {
    CHECK_CODE(tx_byte_pool_create(TX_NULL, NULL, memory, 200), expected);
    CHECK_CODE(tx_byte_pool_create(pool_of(200), NULL, memory, 200), expected);
}

ANSWERS(tx_byte_pool_create, TX_PTR_ERROR, tx_byte_pool_create(no_byte_pool(), NULL, TX_NULL, 200))
ANSWERS(tx_byte_pool_create, TX_SIZE_ERROR, tx_byte_pool_create(no_byte_pool(), NULL, memory, 47))

ANSWERS(tx_byte_pool_delete, TX_SUCCESS, tx_byte_pool_delete(pool_of(200)))
ROW(tx_byte_pool_delete, TX_POOL_ERROR) {
    CHECK_CODE(tx_byte_pool_delete(TX_NULL), expected);
    CHECK_CODE(tx_byte_pool_delete(no_byte_pool()), expected);
}

ROW(tx_byte_allocate, TX_SUCCESS) {
    full_pool();
    for (int i = 0; i < 3; i++) {
        CHECK((uintptr_t)pieces[i] % 16 == 0);
        memset(pieces[i], i, 100);
    }
    interrupted(release_all);
    CHECK_CODE(tx_byte_allocate(&pool, &piece, 300, TX_WAIT_FOREVER), expected);
    CHECK(netx_test_ticks() == 3 && piece == pieces[0]);
    memset(piece, 9, 300);
    CHECK_CODE(tx_byte_release(piece), expected);
    CHECK(pool.tx_byte_pool_available >= 300);
}

ROW(tx_byte_allocate, TX_NO_MEMORY) {
    CHECK_CODE(tx_byte_allocate(full_pool(), &piece, 1, TX_NO_WAIT), expected);
    CHECK_CODE(tx_byte_allocate(&pool, &piece, 1, 4), expected);
    CHECK(netx_test_ticks() == 4 && piece == TX_NULL);
    CHECK_CODE(tx_byte_allocate(pool_of(200), &piece, 0xFFFFFFF8u, TX_NO_WAIT), expected);
}

ROW(tx_byte_allocate, TX_DELETED) {
    interrupted(delete_pool);
    CHECK_CODE(tx_byte_allocate(full_pool(), &piece, 1, 9), expected);
}

ROW(tx_byte_allocate, TX_WAIT_ABORTED) {
    interrupted(abort_it);
    CHECK_CODE(tx_byte_allocate(full_pool(), &piece, 1, 9), expected);
}

ROW(tx_byte_allocate, TX_POOL_ERROR) {
    CHECK_CODE(tx_byte_allocate(TX_NULL, &piece, 1, 9), expected);
    CHECK_CODE(tx_byte_allocate(no_byte_pool(), &piece, 1, 9), expected);
}

ANSWERS(tx_byte_allocate, TX_PTR_ERROR, tx_byte_allocate(pool_of(200), TX_NULL, 1, 9))
ANSWERS(tx_byte_allocate, TX_SIZE_ERROR, tx_byte_allocate(pool_of(200), &piece, 0, 9))

static void allocate_outside(void) {
    answer = tx_byte_allocate(full_pool(), &piece, 1, 9);
}

ROW(tx_byte_allocate, TX_WAIT_ERROR) {
    outside_of_threads(allocate_outside);
    CHECK_CODE(answer, expected);
}

ANSWERS(tx_byte_release, TX_SUCCESS, (full_pool(), tx_byte_release(pieces[1])))
ROW(tx_byte_release, TX_PTR_ERROR) {
    CHECK_CODE(tx_byte_release(TX_NULL), expected);
    full_pool();
    CHECK_CODE(tx_byte_release(pieces[1]), TX_SUCCESS);
    CHECK_CODE(tx_byte_release(pieces[1]), expected);
    delete_pool();
    CHECK_CODE(tx_byte_release(pieces[0]), expected);
}
