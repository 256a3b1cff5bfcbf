# SPDX-License-Identifier: MIT
"""The cases, one module for each area; `dtlslab_conformance.case.all_cases` imports them all."""
