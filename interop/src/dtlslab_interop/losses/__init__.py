# SPDX-License-Identifier: MIT
"""Losses, exhaustively: handshakes with every datagram dropped, doubled or swapped, and every two dropped."""
