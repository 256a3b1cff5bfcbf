# SPDX-License-Identifier: MIT
"""`python -m dtlslab`."""

from dtlslab.cli import main

if __name__ == "__main__":
    main()
