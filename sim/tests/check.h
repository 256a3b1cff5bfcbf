/* SPDX-License-Identifier: MIT
 *
 * cmocka with the headers that it wants before it.
 */
#ifndef DTLSLAB_CHECK_H
#define DTLSLAB_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
