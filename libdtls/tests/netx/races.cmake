# SPDX-License-Identifier: MIT
# Many threads at once; also under the thread sanitizer (preset tsan).
netx_test(races races.c)
