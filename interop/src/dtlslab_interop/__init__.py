# SPDX-License-Identifier: MIT
"""Stack against stack: the interop cases, their matrix, and external programs behind the process contract."""
