# SPDX-License-Identifier: MIT
# What programs and peers should not do.
services_test(hostile services_hostile.c)
services_test(gone services_gone.c)
services_test(secrets services_secrets.c)
