# SPDX-License-Identifier: MIT
"""External programs under the process contract: read, started, listened to.

`docs/reference/process-contract.md` is the manual. `known` finds the contracts that come with dtlslab.
"""
