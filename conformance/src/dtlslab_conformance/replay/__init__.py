# SPDX-License-Identifier: MIT
"""Capture → replay → mutate.

A capture is read into a `Recording`; one side of it becomes a `Script`; a `Player` plays the script against
a live endpoint, making anew only what must live; mutation operators change the script, and oracles judge
what the endpoint made of it.
"""
