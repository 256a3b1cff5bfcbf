# SPDX-License-Identifier: MIT
"""The packet-level tester: a DTLS 1.2 peer of its own, conformance cases over it, and the dissector of
traces.
"""
