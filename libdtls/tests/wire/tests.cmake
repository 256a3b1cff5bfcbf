# SPDX-License-Identifier: MIT
dtls_test(cursor wire/cursor.c)
dtls_test(record-header wire/record_header.c)
