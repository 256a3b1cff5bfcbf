# SPDX-License-Identifier: MIT
"""The key schedule and record protection of (D)TLS 1.2 over primitives of PyPI's `cryptography`.

Written from the RFCs for the tester, so that it shares no mistake with a library under test.
"""
