# SPDX-License-Identifier: MIT
dtls_test(replay record/replay.c)
dtls_test(protection record/protection.c LINK dtls_libcrypto)
dtls_test(format-cid record/format_cid.c support/hex.c LINK dtls_libcrypto)
dtls_test(record record/record.c LINK dtls_libcrypto)
dtls_test(record-cbc record/cbc.c LINK dtls_libcrypto)
