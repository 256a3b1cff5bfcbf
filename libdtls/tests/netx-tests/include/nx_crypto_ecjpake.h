/* SPDX-License-Identifier: MIT
 *
 * Tests of EC-JPAKE include this before they ask whether there is EC-JPAKE: there is none.
 */
#ifndef NX_CRYPTO_ECJPAKE_H
#define NX_CRYPTO_ECJPAKE_H
#endif
