/* SPDX-License-Identifier: MIT
 *
 * cmocka with the headers that it wants in front of it.
 */
#ifndef DTLS_TESTS_SUPPORT_CHECK_H
#define DTLS_TESTS_SUPPORT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#endif
